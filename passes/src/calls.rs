//! The call graph of a module.

use crate::manager::OptionValue;
use dp_dialects::ir::{
    Op, ancestors, body_ops, functions, has_several_blocks, is_declaration, string_attribute, symbol_attribute,
    symbol_name, walk,
};
use dp_dialects::{Diagnostic, OpKind};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::str::FromStr;

/// The number of operations that inlining the calls of one function may add. `None` inlines all calls that are not
/// recursive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlineLimit(pub Option<usize>);

impl Default for InlineLimit {
    fn default() -> Self {
        InlineLimit(Some(1024))
    }
}

impl fmt::Display for InlineLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(limit) => limit.fmt(f),
            None => f.write_str("none"),
        }
    }
}

impl FromStr for InlineLimit {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<Self, Diagnostic> {
        if text == "none" {
            return Ok(InlineLimit(None));
        }
        let malformed = |_| Diagnostic::request(format!("'{text}' is not a number of operations"));
        let number = text.parse().map_err(malformed);
        number.map(|number| InlineLimit(Some(number))).map_err(|error| error.help("give a number, or none"))
    }
}

impl OptionValue for InlineLimit {
    fn values() -> String {
        "a number of operations, or none".into()
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        text.parse().map_err(Some)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

/// A function with at most this many operations is always inlined, unless the limit is smaller.
const SMALL: usize = 32;

/// The most functions that an operation is copied into along a chain of large public functions, each called once.
const COPIES: usize = 8;

/// The functions of a module, and what they call.
pub struct CallGraph<'c> {
    /// The functions, in the order of the module.
    names: Vec<&'c str>,
    /// The callees of each function, once for each call.
    callees: HashMap<&'c str, Vec<&'c str>>,
    /// The number of operations of each function that can be inlined.
    sizes: HashMap<&'c str, usize>,
    /// The callees of calls in regions of operations on arrays, which compute an element each.
    of_elements: Vec<&'c str>,
    /// The functions that are there after all their calls are inlined.
    public: HashSet<&'c str>,
}

/// Whether an operation is within one on arrays.
fn is_of_elements(op: Op) -> bool {
    ancestors(op).any(|around| OpKind::of(around).is_some_and(|kind| kind.dialect() == "array"))
}

/// The number of operations of a function.
fn size(function: Op) -> usize {
    let mut count = 0;
    walk(function, &mut |_| count += 1);
    count
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
        let can_be_inlined = |function: &Op<'c>| !is_declaration(*function) && !has_several_blocks(*function);
        let sizes = functions(module).into_iter().filter(|(_, function)| can_be_inlined(function));
        let sizes = sizes.map(|(name, function)| (name, size(function))).collect();
        let of_elements = functions(module).into_values().flat_map(calls).filter(|(call, _)| is_of_elements(*call));
        let of_elements = of_elements.map(|(_, callee)| callee).collect();
        let is_public = |function: &Op<'c>| string_attribute(*function, "sym_visibility") != Some("private");
        let public = functions(module).into_iter().filter(|(_, function)| is_public(function));
        let public = public.map(|(name, _)| name).collect();
        CallGraph { names: names.collect(), callees, sizes, of_elements, public }
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

    /// The functions whose calls are not inlined: those that call themselves, and those of which inlining adds more
    /// operations than the limit. The size of a function counts what is inlined into it. A public function that is called
    /// once is there twice after inlining: once `COPIES` such functions are inlined into one another, it is kept if it is
    /// larger than the limit. So inlining leaves at most a number of operations that is linear in those of the module:
    /// for each call `SMALL`, and for each function `COPIES` bodies and the limit. What computes elements is always
    /// inlined, so that loops over elements are vectorized.
    pub fn kept(&self, limit: InlineLimit) -> HashSet<&'c str> {
        let mut kept = self.recursive();
        let InlineLimit(Some(limit)) = limit else { return kept };
        let (counts, of_elements) = (self.counts(), self.called_from(&self.of_elements));
        // The size of each function after inlining, and how many public functions are inlined into one another in it.
        let mut inlined: HashMap<&str, (usize, usize)> = HashMap::new();
        for name in self.callees_first() {
            let Some(own) = self.sizes.get(name) else { continue };
            let callees = self.callees[name].iter().filter(|callee| !kept.contains(*callee));
            let (size, depth) = callees.filter_map(|callee| Some((callee, inlined.get(callee)?))).fold(
                (*own, 0),
                |(sum, most), (callee, (size, depth))| {
                    (sum.saturating_add(*size), most.max(depth + usize::from(self.public.contains(callee))))
                },
            );
            inlined.insert(name, (size, depth));
            let count = counts.get(name).copied().unwrap_or_default();
            let is_copied = count == 1 && self.public.contains(name) && depth >= COPIES;
            let copies = if is_copied { 1 } else { count.saturating_sub(1) };
            if size > SMALL.min(limit) && size.saturating_mul(copies) > limit && !of_elements.contains(name) {
                kept.insert(name);
            }
        }
        kept
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
        self.callees.get(name).is_some_and(|callees| self.called_from(callees).contains(name))
    }

    /// Some functions, and those that they call, directly or indirectly.
    fn called_from(&self, names: &[&'c str]) -> HashSet<&'c str> {
        let mut pending = names.to_vec();
        let mut seen = HashSet::new();
        while let Some(next) = pending.pop() {
            if seen.insert(next) {
                pending.extend(self.callees.get(next).into_iter().flatten());
            }
        }
        seen
    }
}
