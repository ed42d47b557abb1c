//! The call graph of a module.

use dp_dialects::OpKind;
use dp_dialects::ir::{Op, body_ops, functions, symbol_attribute, symbol_name, walk};
use std::collections::{HashMap, HashSet};

/// The functions of a module, and what they call.
pub struct CallGraph<'c> {
    /// The functions, in the order of the module.
    names: Vec<&'c str>,
    /// The callees of each function, once for each call.
    callees: HashMap<&'c str, Vec<&'c str>>,
}

/// The calls within a function, and their callees.
pub fn calls<'c>(function: Op<'c>) -> Vec<(Op<'c>, &'c str)> {
    let mut found = Vec::new();
    walk(function, &mut |op| {
        if OpKind::of(op) == Some(OpKind::FuncCall) {
            found.extend(symbol_attribute(op, "callee").map(|callee| (op, callee)));
        }
    });
    found
}

/// The operations of a module, except inner modules, which have symbols of their own.
pub fn functions_of<'c>(module: Op<'c>) -> impl Iterator<Item = Op<'c>> {
    body_ops(module).into_iter().filter(|op| OpKind::of(*op) != Some(OpKind::BuiltinModule))
}

/// The functions of a module that contain a wanted operation, and their callers, direct or indirect. Requests for
/// derivatives of a function count as calls.
pub fn reaching<'c>(module: Op<'c>, wanted: impl Fn(Op<'c>) -> bool) -> HashSet<&'c str> {
    let mut callers: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut pending = Vec::new();
    for function in functions_of(module) {
        let Some(name) = symbol_name(function) else { continue };
        walk(function, &mut |op| {
            if wanted(op) {
                pending.push(name);
            }
            if let Some(callee) = symbol_attribute(op, "callee") {
                callers.entry(callee).or_default().push(name);
            }
        });
    }
    let mut found = HashSet::new();
    while let Some(name) = pending.pop() {
        if found.insert(name) {
            pending.extend(callers.get(name).into_iter().flatten());
        }
    }
    found
}

impl<'c> CallGraph<'c> {
    /// The call graph of a module.
    pub fn of(module: Op<'c>) -> Self {
        let callees = |function: Op<'c>| calls(function).into_iter().map(|(_, callee)| callee).collect();
        let callees: HashMap<_, Vec<_>> =
            functions(module).into_iter().map(|(name, function)| (name, callees(function))).collect();
        let names = body_ops(module).into_iter().filter_map(symbol_name).filter(|name| callees.contains_key(name));
        CallGraph { names: names.collect(), callees }
    }

    /// The number of calls of each function.
    pub fn counts(&self) -> HashMap<&'c str, usize> {
        self.callees.values().flatten().fold(HashMap::new(), |mut counts, callee| {
            *counts.entry(*callee).or_default() += 1;
            counts
        })
    }

    /// The functions in post-order: callees before callers, except within cycles.
    pub fn callees_first(&self) -> Vec<&'c str> {
        let (mut order, mut seen) = (Vec::new(), HashSet::new());
        for name in self.names.iter().copied() {
            // A function, and the number of its callees visited. Not a recursive function: call chains may be deeper
            // than the stack.
            let mut path = vec![(name, 0)];
            if !seen.insert(name) {
                continue;
            }
            while let Some((name, next)) = path.last_mut() {
                let callee = self.callees.get(name).and_then(|callees| callees.get(*next)).copied();
                *next += 1;
                match callee {
                    Some(callee) if self.callees.contains_key(callee) && seen.insert(callee) => path.push((callee, 0)),
                    Some(_) => {}
                    None => {
                        order.push(*name);
                        path.pop();
                    }
                }
            }
        }
        order
    }

    /// The functions that call themselves, directly or indirectly.
    pub fn recursive(&self) -> HashSet<&'c str> {
        let order = self.callees_first();
        let place: HashMap<&str, usize> = order.iter().enumerate().map(|(place, name)| (*name, place)).collect();
        // There is a cycle only if some call has its callee at the same or a later position.
        let is_behind = |name: &str, callee: &&str| place.get(callee).is_some_and(|at| *at >= place[name]);
        if !order.iter().any(|name| self.callees[name].iter().any(|callee| is_behind(name, callee))) {
            return HashSet::new();
        }
        order.into_iter().filter(|name| self.calls_itself(name)).collect()
    }

    /// Whether a function calls itself, directly or indirectly.
    pub fn calls_itself(&self, name: &str) -> bool {
        let mut pending: Vec<&str> = self.callees.get(name).cloned().unwrap_or_default();
        let mut seen = HashSet::new();
        while let Some(next) = pending.pop() {
            if next == name {
                return true;
            }
            if seen.insert(next) {
                pending.extend(self.callees.get(next).into_iter().flatten());
            }
        }
        false
    }
}
