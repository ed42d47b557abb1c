//! Calls that stay calls in derivatives: of functions that call themselves, and of functions that are large and called often
//! ([`CallGraph::kept`]). For each set of active arguments, such a function f is linearized once, into two functions:
//!
//! - `f__forward` computes what f does, keeps the residuals in a record (`ad.record`), and returns its position too;
//! - `f__tangent` recalls the residuals at a position, and maps tangents of the active arguments to those of the results.
//!   It takes the arguments of f too, which are therefore not in the record, and the dynamic extents of the results.
//!
//! In forward mode, f becomes one function, `f__jvp`, which takes tangents after its arguments and returns tangents after
//! its results.
//!
//! A position is itself a residual: loops and branches keep it like any other. So the records of nested calls are found
//! through those of their callers, and the number of calls in a recursion need not be known. It is one value: were the
//! residuals results, each call would be followed by as many values as the function has operations. A call of `f__tangent`
//! is transposed to one of `f__reverse`, whose body is the transpose of that of `f__tangent`.
//!
//! Derivatives of these functions are calls again (`rules`): that of `f__tangent` is a call of what `f__jvp` becomes, and
//! that of `f__reverse` one of `f__hvp`, which applies the second derivative of f.

mod define;
mod derived;
mod kept;
mod rules;
mod transposes;

pub use derived::ALONE;
pub(crate) use derived::Registry;
pub use transposes::Transposes;

use dp_ad_engine::report::notices;
use dp_dialects::SpannedDiagnostic;
use dp_dialects::ir::{Op, body_ops, erase, functions, is_unused, results, symbol_name};
use dp_dialects::marks::{DERIVATIVE, LINEAR_IN};
use dp_passes::calls::{CallGraph, InlineLimit, calls};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The functions of a module whose calls stay, and the functions that their calls become.
pub struct Calls<'c> {
    module: Op<'c>,
    limit: InlineLimit,
    /// The functions that call themselves.
    recursive: HashSet<&'c str>,
    /// These, and the others whose calls stay.
    kept: HashSet<&'c str>,
    registry: Rc<Registry<'c>>,
    /// The arguments that the user was warned of.
    warned: HashSet<(&'c str, usize)>,
    /// Whether to report what is kept.
    pub(crate) has_report: bool,
}

impl<'c> Calls<'c> {
    /// The calls of a module, in which derivatives may have been found before. The limit decides which stay calls.
    pub(crate) fn of(module: Op<'c>, registry: &Rc<Registry<'c>>, limit: InlineLimit) -> Self {
        Calls {
            module,
            limit,
            recursive: HashSet::new(),
            kept: HashSet::new(),
            registry: Rc::clone(registry),
            warned: HashSet::new(),
            has_report: false,
        }
    }

    /// Warns once of arguments of a function of which its gradients do not depend.
    pub(crate) fn warn(&mut self, functions: &HashMap<&'c str, Op<'c>>, name: &'c str, arguments: &[usize]) {
        let new: Vec<usize> = arguments.iter().copied().filter(|index| self.warned.insert((name, *index))).collect();
        if let (Some(function), false) = (functions.get(name), new.is_empty()) {
            notices::warn(*function, &new);
        }
    }

    /// What a function is called in a report.
    pub(crate) fn called(&self, name: &str) -> notices::Called {
        self.registry.called(name)
    }

    /// Finds the functions whose calls stay, to which each round of expansion adds.
    pub(crate) fn find_kept(&mut self) {
        let graph = CallGraph::of(self.module);
        self.recursive = graph.recursive();
        self.kept.extend(graph.kept(self.limit));
    }

    /// Whether the name is that of a function that calls itself.
    fn is_recursive(&self, name: &str) -> bool {
        self.recursive.contains(name)
    }

    /// Makes the functions that calls use, except those that wait for functions that ask for derivatives (`unsettled`).
    /// Returns their number.
    ///
    /// # Errors
    /// If an operation in a function that is called has no derivative.
    pub(crate) fn define(&mut self, unsettled: &HashSet<&str>) -> Result<usize, SpannedDiagnostic<'c>> {
        let mut count = 0;
        while let Some(derived) = self.registry.next_pending(unsettled) {
            self.define_one(&functions(self.module), &derived)?;
            count += 1;
        }
        Ok(count)
    }

    /// Removes the calls made here whose results nothing uses, and then the functions made here that nothing calls. No
    /// derivative is found after that, so the marks of the functions go too.
    pub(crate) fn remove_unused(&mut self, transposes: &Transposes<'c>) {
        let derived: HashSet<String> = self.registry.all().into_iter().chain(transposes.names()).collect();
        for function in body_ops(self.module) {
            for (call, callee) in calls(function).into_iter().rev() {
                if derived.contains(callee) && results(call).into_iter().all(is_unused) {
                    erase(call);
                }
            }
        }
        let mut callees: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut pending = Vec::new();
        let functions: Vec<(&str, Op)> =
            body_ops(self.module).into_iter().filter_map(|op| Some((symbol_name(op)?, op))).collect();
        for (name, function) in &functions {
            let called = calls(*function).into_iter().map(|(_, callee)| callee);
            if derived.contains(*name) {
                callees.insert(name, called.collect());
            } else {
                pending.extend(called);
            }
        }
        let mut used = HashSet::new();
        while let Some(name) = pending.pop() {
            if used.insert(name) {
                pending.extend(callees.get(name).into_iter().flatten());
            }
        }
        let unused = functions.into_iter().filter(|(name, _)| derived.contains(*name) && !used.contains(name));
        unused.for_each(|(_, function)| erase(function));
        for function in body_ops(self.module) {
            DERIVATIVE.remove(function);
            LINEAR_IN.remove(function);
        }
    }
}
