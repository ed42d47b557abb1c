//! Calls of recursive functions, which cannot be inlined. For each set of active arguments, a recursive function f is
//! linearized once, into two functions:
//!
//! - `f__forward` computes what f does, keeps the residuals in a record (`ad.record`), and returns its position too;
//! - `f__tangent` recalls the residuals at a position, and maps tangents of the active arguments to those of the results.
//!
//! In forward mode, f becomes one function, `f__jvp`, which takes tangents after its arguments and returns tangents after
//! its results.
//!
//! A position is itself a residual: loops and branches keep it like any other. So the records of nested calls are found
//! through those of their callers. A call of `f__tangent` is transposed to one of `f__reverse`, whose body is
//! the transpose of that of `f__tangent`.

mod transposes;

pub use transposes::Transposes;

use crate::linearize::{Dual, Engine, Linearizer, Mode, RecursiveCalls, tangents_of};
use crate::regions::{replace_in, residuals, types};
use crate::residuals::KeepUnlessFree;
use crate::rules::RULES;
use crate::tangent::Tangent;
use crate::transpose::calls::call;
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{
    Op, Val, ValueMap, block_args, block_ops, body_ops, erase, region_block, results, signature, symbol_name,
};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic, ValueType};
use dp_passes::calls::{CallGraph, calls};
use dp_passes::symbols::{define_private, free_symbol};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use std::collections::{HashMap, HashSet};

/// The rule that the location of a call between derivatives names.
const RULE: &str = "func.call";

/// The recursive functions of a module, and the functions that their calls become.
pub struct Calls<'c> {
    module: Op<'c>,
    recursive: HashSet<&'c str>,
    /// The names of what a function becomes, for these active arguments.
    derived: HashMap<(&'c str, Vec<bool>, Mode), Vec<String>>,
    /// What has names but no bodies yet.
    pending: Vec<Pending<'c>>,
}

/// A recursive function whose derivative is called, and not yet defined.
struct Pending<'c> {
    function: Op<'c>,
    active: Vec<bool>,
    mode: Mode,
    names: Vec<String>,
}

/// The roles of the functions that a recursive function becomes.
fn roles(mode: Mode) -> &'static [&'static str] {
    match mode {
        Mode::Linear => &["forward", "tangent"],
        Mode::Forward => &["jvp"],
    }
}

impl<'c> Pending<'c> {
    /// The types of the active arguments.
    fn active_types(&self) -> impl Iterator<Item = Type<'c>> {
        let inputs = signature(self.function).unwrap_or_default().0.into_iter();
        inputs.zip(&self.active).filter(|(_, active)| **active).map(|(input, _)| input)
    }

    /// Binds the arguments of the function to their copies and tangents.
    fn bind(&self, engine: &mut dyn Engine<'c>, values: &[Val<'c>], tangents: &[Val<'c>]) {
        let mut tangents = tangents.iter();
        let arguments = region_block(self.function, 0).map(block_args).unwrap_or_default();
        for ((argument, value), active) in arguments.into_iter().zip(values).zip(&self.active) {
            let tangent = if *active { tangents.next() } else { None };
            let tangent = tangent.map_or_else(|| Tangent::inactive(*value), |tangent| Tangent::Value(*tangent));
            engine.bind(argument, Dual { primal: *value, tangent });
        }
    }
}

impl<'c> RecursiveCalls<'c> for Calls<'c> {
    fn is_recursive(&self, name: &str) -> bool {
        self.recursive.contains(name)
    }

    fn call(
        &mut self,
        mode: Mode,
        at: Op<'c>,
        function: Op<'c>,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>> {
        match mode {
            Mode::Linear => self.linear(at, function, arguments, primal, linear),
            Mode::Forward => self.forward(at, function, arguments, primal),
        }
    }
}

/// Values, with tangents for those that carry any.
fn duals<'c>(primals: &[Val<'c>], tangents: &[Val<'c>]) -> Vec<Dual<'c>> {
    let mut tangents = tangents.iter();
    let dual = |primal: &Val<'c>| {
        let tangent = tangent_type(primal.r#type()).and_then(|_| tangents.next());
        Dual { primal: *primal, tangent: tangent.map_or(Tangent::None, |tangent| Tangent::Value(*tangent)) }
    };
    primals.iter().map(dual).collect()
}

fn index(context: &melior::Context) -> Type<'_> {
    ScalarType::Index.to_type(context)
}

impl<'c> Calls<'c> {
    /// Nothing is known yet.
    pub(crate) fn of(module: Op<'c>) -> Self {
        Calls { module, recursive: HashSet::new(), derived: HashMap::new(), pending: Vec::new() }
    }

    /// Finds the recursive functions, to which each round of expansion adds.
    pub(crate) fn find_recursive(&mut self) {
        self.recursive = CallGraph::of(self.module).recursive();
    }

    /// The names of the functions for a call of a recursive function with these active arguments.
    ///
    /// # Errors
    /// If the function has tensors as arguments or results.
    fn names(&mut self, function: Op<'c>, arguments: &[Dual<'c>], mode: Mode) -> Result<Vec<String>> {
        let name = symbol_name(function).unwrap_or_default();
        let (inputs, outputs) = signature(function).unwrap_or_default();
        if inputs.iter().chain(&outputs).any(|r#type| ValueType::of(*r#type).is_none_or(|of| of.is_tensor())) {
            let message =
                format!("'@{name}' calls itself and has tensor arguments or results; it is not differentiated");
            return Err(Diagnostic::unsupported(message).help(
                "write the recursion as a loop, or keep what it computes out of the derivative with 'ad.stop_gradient'",
            ));
        }
        let active: Vec<bool> = arguments.iter().map(|argument| argument.tangent.value().is_some()).collect();
        let key = (name, active.clone(), mode);
        if let Some(known) = self.derived.get(&key) {
            return Ok(known.clone());
        }
        let taken: HashSet<&String> = self.derived.values().flatten().collect();
        let free = |role: &&str| {
            let mut free = free_symbol(self.module, format!("{name}__{role}"));
            while taken.contains(&free) {
                free = free_symbol(self.module, free + "_");
            }
            free
        };
        let names: Vec<String> = roles(mode).iter().map(free).collect();
        self.derived.insert(key, names.clone());
        self.pending.push(Pending { function, active, mode, names: names.clone() });
        Ok(names)
    }

    /// Calls the function that computes results and their tangents.
    ///
    /// # Errors
    /// As for [`Calls::linear`].
    fn forward(
        &mut self,
        at: Op<'c>,
        function: Op<'c>,
        arguments: &[Dual<'c>],
        builder: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>> {
        let names = self.names(function, arguments, Mode::Forward)?;
        let (_, outputs) = signature(function).unwrap_or_default();
        let carrying = outputs.iter().filter(|r#type| tangent_type(**r#type).is_some());
        let all: Vec<Type> = outputs.iter().chain(carrying).copied().collect();
        let mut given: Vec<Val> = arguments.iter().map(|argument| argument.primal).collect();
        given.extend(arguments.iter().filter_map(|argument| argument.tangent.value()));
        let made = call(builder.located(at.location()), &names[0], &given, &all)?;
        let (primals, tangents) = made.split_at(outputs.len());
        Ok(duals(primals, tangents))
    }

    /// Calls the forward function next to the primal operations, and the tangent function in the linear region.
    ///
    /// # Errors
    /// If an operation cannot be created, or the function has tensors as arguments or results.
    fn linear(
        &mut self,
        at: Op<'c>,
        function: Op<'c>,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>> {
        let names = self.names(function, arguments, Mode::Linear)?;
        let (_, outputs) = signature(function).unwrap_or_default();
        let context = primal.context();
        let values: Vec<Val> = arguments.iter().map(|argument| argument.primal).collect();
        let with_record: Vec<Type> = outputs.iter().copied().chain(std::iter::once(index(context))).collect();
        let primals = call(primal.located(at.location()), &names[0], &values, &with_record)?;
        let Some((record, primals)) = primals.split_last() else {
            return Err(Diagnostic::internal("internal error: a forward function without results"));
        };
        let mut given = vec![*record];
        given.extend(arguments.iter().filter_map(|argument| argument.tangent.value()));
        let carrying: Vec<Type> = outputs.into_iter().filter(|r#type| tangent_type(*r#type).is_some()).collect();
        let location = adjoint_location(context, RULE, at.location());
        let tangents = call(linear.located(location), &names[1], &given, &carrying)?;
        Ok(duals(primals, &tangents))
    }

    /// Makes the functions that calls use.
    ///
    /// # Errors
    /// If an operation in a recursive function has no derivative.
    pub(crate) fn define(&mut self, functions: &HashMap<&'c str, Op<'c>>) -> Result<(), SpannedDiagnostic<'c>> {
        while let Some(pending) = self.pending.pop() {
            match pending.mode {
                Mode::Linear => self.define_linear(functions, &pending)?,
                Mode::Forward => self.define_forward(functions, &pending)?,
            }
        }
        Ok(())
    }

    fn define_linear(
        &mut self,
        functions: &HashMap<&'c str, Op<'c>>,
        pending: &Pending<'c>,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let function = pending.function;
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        let Some(block) = region_block(function, 0) else { return Ok(()) };
        let builder = Builder::before(function).located(function.location());
        let adjoint = builder.located(adjoint_location(builder.context(), RULE, function.location()));
        let inputs = types(&block_args(block));
        let along: Vec<Type> = std::iter::once(index(builder.context())).chain(pending.active_types()).collect();
        // On failure, the linear region, which uses values of the primal region, is dropped first.
        let (forward, values, primal) = builder.region(&inputs);
        let (tangent, tangents, linear) = adjoint.region(&along);
        let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, self, Mode::Linear);
        pending.bind(&mut engine, &values, &tangents[1..]);
        let outputs = engine.block(block, primal, linear)?;
        let assemble = || -> Result<()> {
            let mut returned: Vec<Val> = outputs.iter().map(|output| output.primal).collect();
            let yielded = tangents_of(primal, linear, &outputs)?;
            let kept = residuals(primal.block(), linear.block(), &KeepUnlessFree);
            returned.extend(results(primal.op(OpKind::AdRecord, &kept, &[index(primal.context())], &[], vec![])?));
            let start = match block_ops(linear.block()).first() {
                Some(first) => Builder::before(*first).located(linear.location()),
                None => linear,
            };
            let recalled = start.op(OpKind::AdRecall, &tangents[..1], &types(&kept), &[], vec![])?;
            let mut there = ValueMap::new();
            for (value, again) in kept.iter().zip(results(recalled)) {
                there.insert(*value, again);
            }
            replace_in(linear.block(), &there);
            let yielded: Vec<Val> =
                yielded.into_iter().map(|value| there.get(value).copied().unwrap_or(value)).collect();
            linear.op(OpKind::FuncReturn, &yielded, &[], &[], vec![])?;
            primal.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
            define_private(adjoint, &pending.names[1], tangent)?;
            define_private(builder, &pending.names[0], forward).map(|_| ())
        };
        assemble().map_err(at)
    }

    fn define_forward(
        &mut self,
        functions: &HashMap<&'c str, Op<'c>>,
        pending: &Pending<'c>,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let function = pending.function;
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        let Some(block) = region_block(function, 0) else { return Ok(()) };
        let builder = Builder::before(function).located(function.location());
        let mut inputs = types(&block_args(block));
        let count = inputs.len();
        inputs.extend(pending.active_types());
        let (region, arguments, primal) = builder.region(&inputs);
        let linear = primal.located(adjoint_location(builder.context(), RULE, function.location()));
        let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, self, Mode::Forward);
        pending.bind(&mut engine, &arguments[..count], &arguments[count..]);
        let outputs = engine.block(block, primal, linear)?;
        let assemble = || -> Result<()> {
            let mut returned: Vec<Val> = outputs.iter().map(|output| output.primal).collect();
            returned.extend(tangents_of(linear, linear, &outputs)?);
            primal.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
            define_private(builder, &pending.names[0], region).map(|_| ())
        };
        assemble().map_err(at)
    }

    /// Removes the functions made here that nothing else uses any more.
    pub(crate) fn remove_unused(&mut self, transposes: &Transposes<'c>) {
        let mut made: HashSet<String> = self.derived.values().flatten().cloned().collect();
        made.extend(transposes.names());
        let mut callees: HashMap<&str, Vec<&str>> = HashMap::new();
        let mut pending = Vec::new();
        let functions: Vec<(&str, Op)> =
            body_ops(self.module).into_iter().filter_map(|op| Some((symbol_name(op)?, op))).collect();
        for (name, function) in &functions {
            let called = calls(*function).into_iter().map(|(_, callee)| callee);
            if made.contains(*name) {
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
        let unused = functions.into_iter().filter(|(name, _)| made.contains(*name) && !used.contains(name));
        unused.for_each(|(_, function)| erase(function));
    }
}
