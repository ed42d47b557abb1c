//! Calls of recursive functions, which cannot be inlined. For each set of active arguments, a recursive function f is
//! linearized once, into two functions:
//!
//! - `f__forward` computes what f does, keeps the residuals in a record (`ad.record`), and returns its position too;
//! - `f__tangent` recalls the residuals at a position, and maps tangents of the active arguments to those of the results.
//!
//! A position is itself a residual, so that the records of nested calls are found through those of their callers,
//! whatever loops and branches are between. A call of `f__tangent` is transposed to one of `f__reverse`, whose body is
//! the transpose of that of `f__tangent`.

use crate::linearize::{Dual, Engine, Linearizer, zero};
use crate::regions::{replace_in, residuals, types};
use crate::residuals::KeepUnlessFree;
use crate::rules::RULES;
use crate::tangent::{Tangent, tangent_type};
use crate::transpose::Transposer;
use dp_dialects::builder::adjoint_location;
use dp_dialects::ir::{
    Op, Val, ValueMap, block_args, block_ops, body_ops, erase, operands, region_block, results, signature,
    symbol_attribute, symbol_name,
};
use dp_dialects::{Builder, Diagnostic, MlirType, OpKind, Result, ScalarType, SpannedDiagnostic, ValueType};
use dp_passes::calls::{CallGraph, calls};
use dp_passes::copies::copy_block;
use dp_passes::symbols::{define_private, free_symbol};
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute, FlatSymbolRefAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

/// The rule that the location of a call between derivatives names.
const RULE: &str = "func.call";

/// The recursive functions of a module, and the functions that their calls become.
pub struct Calls<'c> {
    module: Op<'c>,
    recursive: HashSet<&'c str>,
    linearized: HashMap<(&'c str, Vec<bool>), Pair>,
    /// What has a name but no body yet.
    pending: Vec<(Op<'c>, Vec<bool>, Pair)>,
}

/// The names of the functions that a function is linearized into.
#[derive(Clone)]
struct Pair {
    forward: String,
    tangent: String,
}

/// A call of a function with results of the given types.
fn call<'c>(b: Builder<'c>, name: &str, given: &[Val<'c>], outputs: &[Type<'c>]) -> Result<Vec<Val<'c>>> {
    let callee: Attribute = FlatSymbolRefAttribute::new(b.context(), name).into();
    b.op(OpKind::FuncCall, given, outputs, &[("callee", callee)], vec![]).map(results)
}

fn index(context: &melior::Context) -> Type<'_> {
    ScalarType::Index.to_type(context)
}

impl<'c> Calls<'c> {
    /// Nothing is known yet.
    pub(crate) fn of(module: Op<'c>) -> Self {
        Calls { module, recursive: HashSet::new(), linearized: HashMap::new(), pending: Vec::new() }
    }

    /// Finds the recursive functions, to which each round of expansion adds.
    pub(crate) fn find_recursive(&mut self) {
        self.recursive = CallGraph::of(self.module).recursive();
    }

    /// Whether a function calls itself, directly or indirectly.
    pub(crate) fn is_recursive(&self, name: &str) -> bool {
        self.recursive.contains(name)
    }

    /// The functions for a call of a recursive function with these active arguments.
    fn pair(&mut self, function: Op<'c>, active: &[bool]) -> Pair {
        let name = symbol_name(function).unwrap_or_default();
        let key = (name, active.to_vec());
        if let Some(known) = self.linearized.get(&key) {
            return known.clone();
        }
        let taken: HashSet<&str> = self.linearized.values().flat_map(|x| [&x.forward[..], &x.tangent[..]]).collect();
        let free = |role: &str| {
            let mut free = free_symbol(self.module, format!("{name}__{role}"));
            while taken.contains(&free[..]) {
                free = free_symbol(self.module, free + "_");
            }
            free
        };
        let pair = Pair { forward: free("forward"), tangent: free("tangent") };
        self.linearized.insert(key, pair.clone());
        self.pending.push((function, active.to_vec(), pair.clone()));
        pair
    }

    /// Calls the forward function next to the primal operations, and the tangent function in the linear region.
    ///
    /// # Errors
    /// If an operation cannot be created, or the function has tensors as arguments or results.
    pub(crate) fn call(
        &mut self,
        at: Op<'c>,
        function: Op<'c>,
        arguments: &[Dual<'c>],
        primal: Builder<'c>,
        linear: Builder<'c>,
    ) -> Result<Vec<Dual<'c>>> {
        let (inputs, outputs) = signature(function).unwrap_or_default();
        if inputs.iter().chain(&outputs).any(|r#type| ValueType::of(*r#type).is_none_or(|of| of.is_tensor())) {
            let name = symbol_name(function).unwrap_or("?");
            let message =
                format!("'@{name}' calls itself and has tensor arguments or results; it is not differentiated");
            return Err(Diagnostic::unsupported(message).help(
                "write the recursion as a loop, or keep what it computes out of the derivative with 'ad.stop_gradient'",
            ));
        }
        let active: Vec<bool> = arguments.iter().map(|argument| argument.tangent.value().is_some()).collect();
        let pair = self.pair(function, &active);
        let context = primal.context();
        let values: Vec<Val> = arguments.iter().map(|argument| argument.primal).collect();
        let with_record: Vec<Type> = outputs.iter().copied().chain(std::iter::once(index(context))).collect();
        let primals = call(primal.located(at.location()), &pair.forward, &values, &with_record)?;
        let Some((record, primals)) = primals.split_last() else {
            return Err(Diagnostic::internal("internal error: a forward function without results"));
        };
        let mut given = vec![*record];
        given.extend(arguments.iter().filter_map(|argument| argument.tangent.value()));
        let carrying: Vec<Type> = outputs.into_iter().filter(|r#type| tangent_type(*r#type).is_some()).collect();
        let location = adjoint_location(context, RULE, at.location());
        let mut tangents = call(linear.located(location), &pair.tangent, &given, &carrying)?.into_iter();
        let dual = |primal: &Val<'c>| {
            let tangent = tangent_type(primal.r#type()).and_then(|_| tangents.next());
            Dual { primal: *primal, tangent: tangent.map_or(Tangent::None, Tangent::Value) }
        };
        Ok(primals.iter().map(dual).collect())
    }

    /// Makes the functions that calls use.
    ///
    /// # Errors
    /// If an operation in a recursive function has no derivative.
    pub(crate) fn define(&mut self, functions: &HashMap<&'c str, Op<'c>>) -> Result<(), SpannedDiagnostic<'c>> {
        while let Some((function, active, pair)) = self.pending.pop() {
            self.linearize(functions, function, &active, &pair)?;
        }
        Ok(())
    }

    fn linearize(
        &mut self,
        functions: &HashMap<&'c str, Op<'c>>,
        function: Op<'c>,
        active: &[bool],
        pair: &Pair,
    ) -> Result<(), SpannedDiagnostic<'c>> {
        let at = |diagnostic| SpannedDiagnostic::new(function.location(), diagnostic);
        let Some(block) = region_block(function, 0) else { return Ok(()) };
        let builder = Builder::before(function).located(function.location());
        let adjoint = builder.located(adjoint_location(builder.context(), RULE, function.location()));
        let inputs = types(&block_args(block));
        let carrying = inputs.iter().zip(active).filter(|(_, active)| **active).map(|(input, _)| *input);
        let along: Vec<Type> = std::iter::once(index(builder.context())).chain(carrying).collect();
        // On failure, the linear region, which uses values of the primal region, is dropped first.
        let (forward, values, primal) = builder.region(&inputs);
        let (tangent, tangents, linear) = adjoint.region(&along);
        let mut engine = Linearizer::new(functions, &KeepUnlessFree, &RULES, self);
        let mut next = tangents[1..].iter();
        for ((argument, value), active) in block_args(block).into_iter().zip(values).zip(active) {
            let tangent = if *active { next.next().copied() } else { None };
            let tangent = tangent.map_or_else(|| Tangent::inactive(value), Tangent::Value);
            engine.bind(argument, Dual { primal: value, tangent });
        }
        let outputs = engine.block(block, primal, linear)?;
        let assemble = || -> Result<()> {
            let mut returned: Vec<Val> = outputs.iter().map(|output| output.primal).collect();
            let mut yielded = Vec::new();
            for output in &outputs {
                let Some(r#type) = tangent_type(output.primal.r#type()) else { continue };
                yielded.push(match output.tangent {
                    Tangent::Value(value) => value,
                    Tangent::None | Tangent::Zero => zero(primal, linear, &r#type, output.primal)?,
                });
            }
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
            define_private(adjoint, &pair.tangent, tangent)?;
            define_private(builder, &pair.forward, forward)?;
            Ok(())
        };
        assemble().map_err(at)
    }

    /// Removes the functions made here that nothing else uses any more.
    pub(crate) fn remove_unused(&mut self, transposes: &Transposes<'c>) {
        let mut made: HashSet<String> =
            self.linearized.values().flat_map(|x| [x.forward.clone(), x.tangent.clone()]).collect();
        made.extend(transposes.made.borrow().values().cloned());
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

/// The functions that calls of linear functions are transposed to.
pub struct Transposes<'c> {
    module: Op<'c>,
    /// The name of the transpose of a function in some of its arguments.
    made: RefCell<HashMap<(String, Vec<bool>), String>>,
}

impl<'c> Transposes<'c> {
    /// No functions yet.
    pub(crate) fn of(module: Op<'c>) -> Self {
        Transposes { module, made: RefCell::default() }
    }

    /// The function that takes the arguments in which `name` is not linear, then cotangents of its results, and returns
    /// cotangents of the other arguments.
    fn of_function(&self, name: &str, linear: &[bool], location: melior::ir::Location<'c>) -> Result<String> {
        let key = (name.to_string(), linear.to_vec());
        if let Some(known) = self.made.borrow().get(&key) {
            return Ok(known.clone());
        }
        let function = body_ops(self.module).into_iter().find(|op| symbol_name(*op) == Some(name));
        let missing =
            || Diagnostic::internal("internal error: a call in a linear region of a function that is not there");
        let function = function.ok_or_else(missing)?;
        let block = region_block(function, 0).ok_or_else(missing)?;
        let transpose =
            free_symbol(self.module, format!("{}__reverse", name.strip_suffix("__tangent").unwrap_or(name)));
        let builder = Builder::before(function).located(location);
        let arguments = block_args(block);
        let of = |is_linear: bool| arguments.iter().zip(linear).filter(move |(_, x)| **x == is_linear).map(|(x, _)| *x);
        let (fixed, along): (Vec<Val>, Vec<Val>) = (of(false).collect(), of(true).collect());
        let (_, outputs) = signature(function).unwrap_or_default();
        let takes: Vec<Type> = types(&fixed).into_iter().chain(outputs.iter().copied()).collect();
        let (region, given, inner) = builder.region(&takes);
        let (residuals, cotangents) = given.split_at(fixed.len());
        let (body, tangents, linear) = inner.region(&types(&along));
        let pairs = fixed.iter().copied().zip(residuals.iter().copied());
        let pairs = pairs.chain(along.iter().copied().zip(tangents)).collect();
        let yielded = copy_block(linear, block_ops(block), pairs);
        linear.op(OpKind::AdYield, &yielded, &[], &[], vec![])?;
        let mut operands = cotangents.to_vec();
        for argument in &along {
            operands.push(inner.placeholder(&ValueType::of_value(*argument)?)?);
        }
        let context = builder.context();
        let segments = [cotangents.len() as i32, along.len() as i32];
        let attributes = [
            ("operandSegmentSizes", DenseI32ArrayAttribute::new(context, &segments).into()),
            ("transpose", Attribute::unit(context)),
        ];
        let made = results(inner.op(OpKind::AdLinear, &operands, &types(&along), &attributes, vec![body])?);
        inner.op(OpKind::FuncReturn, &made, &[], &[], vec![])?;
        define_private(builder, &transpose, region)?;
        self.made.borrow_mut().insert(key, transpose.clone());
        Ok(transpose)
    }
}

/// Transposes the call of a function that is linear in the operands that are.
///
/// # Errors
/// If an operation cannot be created.
pub(crate) fn transpose<'c>(t: &mut Transposer<'c>, op: Op<'c>, cotangents: &[Option<Val<'c>>]) -> Result<()> {
    let builder = t.at(op);
    let name = symbol_attribute(op, "callee").unwrap_or_default();
    let (mut given, mut along, mut linear) = (Vec::new(), Vec::new(), Vec::new());
    for operand in operands(op) {
        linear.push(t.is_linear(operand));
        match t.is_linear(operand) {
            true => along.push(operand),
            false => given.push(t.residual(operand)?),
        }
    }
    for (result, cotangent) in results(op).into_iter().zip(cotangents) {
        given.push(match cotangent {
            Some(cotangent) => *cotangent,
            None => t.zero_of(builder, result)?,
        });
    }
    let transpose = t.transposes().of_function(name, &linear, op.location())?;
    for (operand, share) in along.iter().zip(call(builder, &transpose, &given, &types(&along))?) {
        t.accumulate(*operand, share)?;
    }
    Ok(())
}
