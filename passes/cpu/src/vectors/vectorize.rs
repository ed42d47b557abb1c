//! Vectorization of scalar operations.

use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, body_ops, context_of, i64_attribute, operands, region_block, result,
    results, signature, symbol_attribute, symbol_name,
};
use dp_dialects::{Builder, Diagnostic, Result};
use dp_loopnest::structured::set_attribute;
use melior::Context;
use melior::ir::attribute::{ArrayAttribute, Attribute, FlatSymbolRefAttribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{AttributeLike, Type, TypeLike, ValueLike};
use std::collections::{BTreeMap, HashMap};

/// Operations that also work on vectors. Integer divisions do not: CPUs have no vector form, and masked lanes might
/// divide by zero.
const LANEWISE: &[&str] = &[
    "arith.addf",
    "arith.subf",
    "arith.mulf",
    "arith.divf",
    "arith.negf",
    "arith.maximumf",
    "arith.minimumf",
    "arith.maxnumf",
    "arith.minnumf",
    "arith.cmpf",
    "arith.extf",
    "arith.truncf",
    "arith.sitofp",
    "arith.uitofp",
    "arith.fptosi",
    "arith.fptoui",
    "arith.addi",
    "arith.subi",
    "arith.muli",
    "arith.maxsi",
    "arith.minsi",
    "arith.maxui",
    "arith.minui",
    "arith.andi",
    "arith.ori",
    "arith.xori",
    "arith.shli",
    "arith.shrsi",
    "arith.shrui",
    "arith.cmpi",
    "arith.extsi",
    "arith.extui",
    "arith.trunci",
    "arith.index_cast",
    "arith.index_castui",
    "arith.bitcast",
    "arith.select",
    "math.absf",
    "math.ceil",
    "math.copysign",
    "math.floor",
    "math.fma",
    "math.roundeven",
    "math.sqrt",
    "math.trunc",
];

/// The size of the largest function whose calls are inlined, in operations.
const LONG: usize = 16;

/// The functions of a module, and which of them can be vectorized.
pub(super) struct Functions<'c> {
    module: Op<'c>,
    known: HashMap<&'c str, Op<'c>>,
    vectorizable: HashMap<&'c str, bool>,
    /// The vector versions, with their numbers of calls.
    wide: BTreeMap<String, (Op<'c>, usize)>,
}

impl<'c> Functions<'c> {
    pub(super) fn new(module: Op<'c>) -> Self {
        let known = body_ops(module).into_iter().filter_map(|op| Some((symbol_name(op)?, op))).collect();
        Functions { module, known, vectorizable: HashMap::new(), wide: BTreeMap::new() }
    }

    /// Whether an operation can be vectorized.
    pub(super) fn is_vectorizable(&mut self, op: Op<'c>) -> bool {
        let name = op.name();
        let has_form = match name.as_string_ref().as_str().unwrap_or_default() {
            "func.call" => symbol_attribute(op, "callee").is_some_and(|callee| self.is_function_vectorizable(callee)),
            "arith.constant" | "linalg.index" | "linalg.yield" | "func.return" => true,
            name => LANEWISE.contains(&name),
        };
        has_form && operands(op).into_iter().chain(results(op)).all(|value| is_number(value.r#type()))
    }

    /// The number of operations in a body, including callees.
    pub(super) fn weight(&self, body: Blk<'c>) -> usize {
        let callee = |op: Op<'c>| region_block(*self.known.get(symbol_attribute(op, "callee")?)?, 0);
        block_ops(body).into_iter().map(|op| callee(op).map_or(1, |body| self.weight(body))).sum()
    }

    fn is_function_vectorizable(&mut self, name: &'c str) -> bool {
        if let Some(known) = self.vectorizable.get(name) {
            return *known;
        }
        // Recursive functions cannot be vectorized.
        self.vectorizable.insert(name, false);
        let body = self.known.get(name).and_then(|function| region_block(*function, 0));
        let vectorizable = body.is_some_and(|body| {
            body.next_in_region().is_none() && block_ops(body).into_iter().all(|op| self.is_vectorizable(op))
        });
        self.vectorizable.insert(name, vectorizable);
        vectorizable
    }

    /// The name of a function's vector version, which is added to the module if it is new.
    pub(super) fn vectorize(&mut self, name: &'c str, lanes: usize) -> Result<String> {
        let symbol = format!("{name}_x{lanes}");
        if let Some((_, calls)) = self.wide.get_mut(&symbol) {
            *calls += 1;
            return Ok(symbol);
        }
        let missing = || Diagnostic::internal(format!("internal error: no function '{name}' to vectorize"));
        let function = *self.known.get(name).ok_or_else(missing)?;
        let context = context_of(function);
        let module_body = region_block(self.module, 0).ok_or_else(missing)?;
        let wide = Builder::at_end(context, module_body, function.location()).clone_op(function, &[]);
        self.wide.insert(symbol.clone(), (wide, 1));
        let (inputs, outputs) = signature(function).ok_or_else(missing)?;
        let vectorized =
            |types: &[Type<'c>]| -> Vec<Type<'c>> { types.iter().map(|r#type| vector(*r#type, lanes)).collect() };
        let r#type = FunctionType::new(context, &vectorized(&inputs), &vectorized(&outputs));
        set_attribute(wide, "function_type", TypeAttribute::new(r#type.into()).into());
        set_attribute(wide, "sym_name", StringAttribute::new(context, &symbol).into());
        let body = region_block(wide, 0).ok_or_else(missing)?;
        self.vectorize_in_place(body, lanes)?;
        Ok(symbol)
    }

    /// Prevents inlining of long functions with several calls: a call per vector is cheap compared with their work, and
    /// repeated code is not.
    pub(super) fn prevent_inlining(&self) {
        for (function, calls) in self.wide.values() {
            if *calls > 1 && body_ops(*function).len() > LONG {
                let apart = StringAttribute::new(context_of(*function), "noinline").into();
                let apart = ArrayAttribute::new(context_of(*function), &[apart]).into();
                set_attribute(*function, "passthrough", apart);
            }
        }
    }

    fn vectorize_in_place(&mut self, body: Blk<'c>, lanes: usize) -> Result<()> {
        block_args(body).into_iter().for_each(|value| retype(value, lanes));
        for op in block_ops(body) {
            if let Some(callee) = symbol_attribute(op, "callee") {
                let callee = self.vectorize(callee, lanes)?;
                set_attribute(op, "callee", FlatSymbolRefAttribute::new(context_of(op), &callee).into());
            }
            if let Some(value) = constant(op) {
                let r#type = vector(results(op)[0].r#type(), lanes);
                set_attribute(op, "value", splat(r#type, value));
            }
            results(op).into_iter().for_each(|value| retype(value, lanes));
        }
        Ok(())
    }
}

/// The value of a scalar constant.
fn constant<'c>(op: Op<'c>) -> Option<Attribute<'c>> {
    if op.name().as_string_ref().as_str() == Ok("arith.constant") { op.attribute("value").ok() } else { None }
}

/// A splat attribute.
fn splat<'c>(r#type: Type<'c>, value: Attribute<'c>) -> Attribute<'c> {
    // SAFETY: the type is a vector type of the attribute's element type.
    unsafe { Attribute::from_raw(mlir_sys::mlirDenseElementsAttrSplatGet(r#type.to_raw(), value.to_raw())) }
}

fn retype(value: Val, lanes: usize) {
    // SAFETY: value and type are live.
    unsafe { mlir_sys::mlirValueSetType(value.to_raw(), vector(value.r#type(), lanes).to_raw()) }
}

/// Whether a type is a scalar type with vectors.
pub(super) fn is_number(r#type: Type) -> bool {
    r#type.is_integer() || r#type.is_index() || is_float(r#type)
}

fn is_float(r#type: Type) -> bool {
    // SAFETY: the type is live.
    unsafe { mlir_sys::mlirTypeIsAFloat(r#type.to_raw()) }
}

/// A vector type.
pub(super) fn vector<'c>(of: Type<'c>, lanes: usize) -> Type<'c> {
    let shape = [lanes as i64];
    // SAFETY: the element type is scalar, and the shape has one extent.
    unsafe { Type::from_raw(mlir_sys::mlirVectorTypeGet(1, shape.as_ptr(), of.to_raw())) }
}

/// The number of lanes.
pub(super) fn lanes_of(value: Val) -> usize {
    // SAFETY: the type is a vector type with one extent.
    unsafe { mlir_sys::mlirShapedTypeGetDimSize(value.r#type().to_raw(), 0) as usize }
}

/// Whether a value is a vector.
fn is_vector_value(value: Val) -> bool {
    // SAFETY: the type is live.
    unsafe { mlir_sys::mlirTypeIsAVector(value.r#type().to_raw()) }
}

/// Broadcasts a scalar; returns a vector unchanged.
pub(super) fn broadcast<'c>(b: &Builder<'c>, value: Val<'c>, lanes: usize) -> Result<Val<'c>> {
    if is_vector_value(value) {
        return Ok(value);
    }
    let r#type = vector(value.r#type(), lanes);
    match dp_dialects::ir::defining_op(value).and_then(constant) {
        Some(number) => splat_constant(b, r#type, number),
        None => b.named("vector.broadcast", &[value], &[r#type], &[], vec![]).map(dp_dialects::ir::result),
    }
}

/// A splat constant.
pub(super) fn splat_constant<'c>(b: &Builder<'c>, r#type: Type<'c>, number: Attribute<'c>) -> Result<Val<'c>> {
    b.named("arith.constant", &[], &[r#type], &[("value", splat(r#type, number))], vec![]).map(dp_dialects::ir::result)
}

/// The lane numbers from 0, as integers of a type.
pub(super) fn lane_numbers<'c>(b: &Builder<'c>, of: Type<'c>, lanes: usize) -> Result<Val<'c>> {
    let r#type = vector(of, lanes);
    let numbers: Vec<String> = (0..lanes).map(|lane| lane.to_string()).collect();
    let text = format!("dense<[{}]> : {type}", numbers.join(", "));
    let value = Attribute::parse(b.context(), &text)
        .ok_or_else(|| Diagnostic::internal(format!("internal error: no lanes of type '{type}'")))?;
    b.named("arith.constant", &[], &[r#type], &[("value", value)], vec![]).map(dp_dialects::ir::result)
}

/// Clones an operation with replaced operands: on vectors if one of them is a vector.
pub(super) fn copy<'c>(
    b: &Builder<'c>,
    functions: &mut Functions<'c>,
    op: Op<'c>,
    replaced: &dyn Fn(Val<'c>) -> Val<'c>,
    lanes: usize,
) -> Result<Vec<Val<'c>>> {
    let old = operands(op);
    let mut new: Vec<Val> = old.iter().map(|value| replaced(*value)).collect();
    let wide = new.iter().any(|value| is_vector_value(*value));
    if wide {
        new = new.into_iter().map(|value| broadcast(b, value, lanes)).collect::<Result<_>>()?;
    }
    let copy = b.clone_op(op, &old.into_iter().zip(new).collect::<Vec<_>>());
    if wide {
        if let Some(callee) = symbol_attribute(op, "callee") {
            let callee = functions.vectorize(callee, lanes)?;
            set_attribute(copy, "callee", FlatSymbolRefAttribute::new(b.context(), &callee).into());
        }
        results(copy).into_iter().for_each(|value| retype(value, lanes));
    }
    Ok(results(copy))
}

/// Where the body of a nest is evaluated.
pub(super) struct Place<'a, 'c> {
    /// The indices of the loops; 0 if missing.
    pub(super) at: &'a [Option<Val<'c>>],
    /// The vectorized loop.
    pub(super) along: usize,
    /// The number of lanes; 1 for scalars.
    pub(super) lanes: usize,
}

/// Evaluates the body of a nest; `values` has its arguments. Returns what it yields.
pub(super) fn copy_body<'c>(
    b: &Builder<'c>,
    functions: &mut Functions<'c>,
    body: Blk<'c>,
    values: &mut ValueMap<Val<'c>>,
    place: &Place<'_, 'c>,
) -> Result<Vec<Val<'c>>> {
    for op in block_ops(body) {
        let replaced = |value: Val<'c>| values.get(value).copied().unwrap_or(value);
        let name = op.name();
        let new = match name.as_string_ref().as_str() {
            Ok("linalg.yield") => return Ok(operands(op).into_iter().map(replaced).collect()),
            Ok("linalg.index") => vec![position(b, op, place)?],
            _ => copy(b, functions, op, &replaced, place.lanes)?,
        };
        for (old, new) in results(op).into_iter().zip(new) {
            values.insert(old, new);
        }
    }
    Err(Diagnostic::internal("internal error: a body without 'linalg.yield'"))
}

/// The index of a loop; for the vectorized loop, of each lane.
fn position<'c>(b: &Builder<'c>, op: Op<'c>, place: &Place<'_, 'c>) -> Result<Val<'c>> {
    let dim = i64_attribute(op, "dim").unwrap_or_default() as usize;
    let first = place.at[dim].map_or_else(|| b.index(0), Ok)?;
    if dim != place.along || place.lanes == 1 {
        return Ok(first);
    }
    let r#type = vector(first.r#type(), place.lanes);
    let lane = lane_numbers(b, first.r#type(), place.lanes)?;
    let first = broadcast(b, first, place.lanes)?;
    b.named("arith.addi", &[first, lane], &[r#type], &[], vec![]).map(result)
}

/// The attribute of a number of a type.
pub(super) fn number<'c>(context: &'c Context, r#type: Type<'c>, text: &str) -> Result<Attribute<'c>> {
    Attribute::parse(context, &format!("{text} : {type}"))
        .ok_or_else(|| Diagnostic::internal(format!("internal error: '{text}' is not of type '{type}'")))
}
