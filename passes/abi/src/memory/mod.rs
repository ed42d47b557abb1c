//! `lower-entries`: makes public functions read and write the caller's memory.

mod private;

use crate::model;
use dp_abi::{Extent, Function, Library, ResultExtent};
use dp_dialects::ir::{
    Blk, Op, Val, block_args, defining_op, erase, operands, region_block, replace_all_uses, result, walk,
};
use dp_dialects::marks::{ABI, PULLS};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use dp_loopnest::checks::{Order, compare, require};
use dp_loopnest::structured::{self, set_attribute};
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::attribute::{Attribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Type, TypeLike, ValueLike};

/// `lower-entries`.
pub static LOWER_ENTRIES: Pass<EntriesOptions> = Pass {
    flag: "lower-entries",
    summary: "make public functions use memory of the caller",
    description: "Takes functions on tensors with one block, after calls are inlined. Tensor arguments of public functions \
        become read-only buffers. A tensor result whose extents are static or those of arguments becomes a buffer \
        argument to fill; other tensor results are returned in memory that the function allocates, and scalars as \
        they are. Private functions, whose calls are not inlined, take tensors as read-only buffers and return tensors in \
        memory that they allocate. A call of a public function with tensors is an error. Extents of what loops carry \
        are read before loops that `mark-kept-extents` marked. Asserts that extents of arguments are not negative. \
        The module attribute `dp.abi` describes the library.",
    body: run,
};

pass_options! {
    /// Options of `lower-entries`.
    pub struct EntriesOptions {
        "library" => library: String = "model".into(), "the name of the library";
    }
}

fn run<'c>(module: Op<'c>, options: &EntriesOptions) -> Result<(), ErrorGuaranteed> {
    // The one dialect that our passes create and that has no handle for registration.
    dp_dialects::ir::context_of(module).get_or_load_dialect("bufferization");
    private::refuse_calls_of_public(module)?;
    let functions = public_functions(module);
    let mut described = Vec::new();
    for function in &functions {
        let made = body(*function).and_then(|block| {
            let model = model::describe(*function)?;
            append_extents(*function, block).map(|()| model)
        });
        described.push(reported(*function, made)?);
    }
    // What a loop returns has the extents of what it starts from, if it keeps them.
    dp_extents::kept::read_before_loops(module).map_err(|diagnostic| diagnostic.report(module.location()))?;
    // Straight-line scalar programs have no extents, and may be long.
    let mut has_extents = false;
    walk(module, &mut |op| has_extents |= OpKind::of(op) == Some(OpKind::TensorDim));
    if has_extents {
        let passes = "resolve-ranked-shaped-type-result-dims,func.func(scf-for-loop-canonicalization)";
        dp_passes::upstream::run(module, passes)?;
    }
    dp_passes::upstream::run(module, "canonicalize,cse")?;
    private::lower(module)?;
    for (function, model) in functions.iter().zip(&mut described) {
        reported(*function, body(*function).and_then(|block| to_memory(*function, block, model)))?;
        model::add_tape(*function, model);
    }
    let library = Library::new(&options.library, described).map_err(|error| Diagnostic::of(&error));
    let library = library.map_err(|diagnostic| {
        let location = functions.iter().find(|function| {
            dp_dialects::ir::symbol_name(**function)
                .is_some_and(|name| diagnostic.message.contains(&format!("`{name}`")))
        });
        let help = match location {
            Some(_) => "rename the function, or make it private",
            None => "set 'dp.name' on an argument or result to rename it",
        };
        let location = location.or(functions.first()).map_or(module.location(), |function| function.location());
        diagnostic.help(help).report(location)
    })?;
    ABI.set(module, &library.description());
    Ok(())
}

fn reported<T>(at: Op, made: Result<T>) -> Result<T, ErrorGuaranteed> {
    made.map_err(|diagnostic| diagnostic.report(at.location()))
}

pub(crate) fn body(function: Op<'_>) -> Result<Blk<'_>> {
    region_block(function, 0).filter(|block| block.next_in_region().is_none()).ok_or_else(|| {
        Diagnostic::unsupported("unstructured control flow is not supported here").help("run 'lift-cf-to-scf' first")
    })
}

pub(crate) fn terminator(block: Blk<'_>) -> Result<Op<'_>> {
    let last = block.terminator().filter(|last| OpKind::of(*last) == Some(OpKind::FuncReturn));
    // SAFETY: the operation lives as long as its block, which lives for the pass.
    last.map(|last| unsafe { melior::ir::operation::OperationRef::from_raw(last.to_raw()) })
        .ok_or_else(|| Diagnostic::internal("internal error: a function without 'func.return'"))
}

/// Replaces the return and the function's result types.
pub(crate) fn set_results<'c>(function: Op<'c>, block: Blk<'c>, values: &[Val<'c>]) -> Result<()> {
    let last = terminator(block)?;
    let b = Builder::before(last);
    b.named("func.return", values, &[], &[], vec![])?;
    erase(last);
    retype(function, block, values);
    Ok(())
}

/// Sets the function's type from its block arguments and the given results.
pub(crate) fn retype<'c>(function: Op<'c>, block: Blk<'c>, results: &[Val<'c>]) {
    let context = dp_dialects::ir::context_of(function);
    let inputs: Vec<Type> = block_args(block).into_iter().map(|value| value.r#type()).collect();
    let outputs: Vec<Type> = results.iter().map(|value| value.r#type()).collect();
    let r#type = FunctionType::new(context, &inputs, &outputs);
    set_attribute(function, "function_type", TypeAttribute::new(r#type.into()).into());
    // SAFETY: the operation is live; removing a missing attribute does nothing.
    unsafe {
        for name in ["arg_attrs", "res_attrs"] {
            mlir_sys::mlirOperationRemoveAttributeByName(function.to_raw(), melior::StringRef::new(name).to_raw());
        }
    }
}

/// Returns each dynamic extent of the results too, so that simplification shows what it is.
fn append_extents<'c>(function: Op<'c>, block: Blk<'c>) -> Result<()> {
    let last = terminator(block)?;
    let b = Builder::before(last);
    let mut values = operands(last);
    for value in values.clone() {
        if ValueType::of(value.r#type()).is_some_and(|r#type| r#type.is_tensor()) {
            values.extend(structured::extents(&b, value)?);
        }
    }
    set_results(function, block, &values)
}

/// The argument and dimension of which a value is the extent.
fn origin<'c>(value: Val<'c>, arguments: &[Val<'c>]) -> Option<(usize, usize)> {
    let dim = defining_op(value).filter(|op| OpKind::of(*op) == Some(OpKind::TensorDim))?;
    let [x, position] = operands(dim)[..] else { return None };
    let argument = arguments.iter().position(|argument| *argument == x)?;
    let position = dp_dialects::ir::i64_attribute(defining_op(position)?, "value")?;
    Some((argument, usize::try_from(position).ok()?))
}

/// For each result of a function that applies a pullback: the argument that has its extents.
fn shapes(function: Op) -> Vec<Option<usize>> {
    let marks = PULLS.of(function).unwrap_or_default();
    marks.into_iter().skip(2).map(|place| usize::try_from(place).ok()).collect()
}

/// Requires that a cotangent has an extent of its argument: the caller has memory for as much.
fn same_extent<'c>(b: &Builder<'c>, extent: Val<'c>, argument: Val<'c>, dimension: usize) -> Result<()> {
    if origin(extent, &[argument]) == Some((0, dimension)) {
        return Ok(());
    }
    let condition = compare(b, Order::Eq, extent, b.extent(argument, dimension)?)?;
    require(b, condition, "a cotangent does not have the extents of its argument")
}

fn to_memory<'c>(function: Op<'c>, block: Blk<'c>, model: &mut Function) -> Result<()> {
    let context = dp_dialects::ir::context_of(function);
    let last = terminator(block)?;
    let values = operands(last);
    let (results, mut extents) = (&values[..model.results.len()], values[model.results.len()..].iter().peekable());
    let arguments = block_args(block);
    let b = Builder::before(last).located(function.location());
    let (visible, shapes) = (model.passed_results().len(), shapes(function));
    for (index, result) in model.results.iter_mut().enumerate() {
        for (dimension, extent) in result.shape.iter_mut().flatten().enumerate() {
            let Some(value) = extents.next_if(|_| *extent == ResultExtent::Computed) else { continue };
            if let Some(argument) = shapes.get(index).copied().flatten() {
                *extent = ResultExtent::OfArgument { argument, dimension };
                same_extent(&b, *value, arguments[argument], dimension)?;
            } else if let Some((argument, dimension)) = origin(*value, &arguments).filter(|_| index < visible) {
                *extent = ResultExtent::OfArgument { argument, dimension };
            }
        }
    }
    let mut returned = Vec::new();
    let restricted = [("restrict", Attribute::unit(context)), ("writable", Attribute::unit(context))];
    for (value, model) in results.iter().zip(&model.results) {
        let Some(r#type) = ValueType::of(value.r#type()).filter(ValueType::is_tensor) else {
            returned.push(*value);
            continue;
        };
        let buffer = if model.is_allocated() {
            let buffer = allocate(&b, *value, &r#type)?;
            returned.push(buffer);
            buffer
        } else {
            block.add_argument(structured::buffer_type(context, &r#type), function.location())
        };
        b.named("bufferization.materialize_in_destination", &[*value, buffer], &[], &restricted, vec![])?;
    }
    set_results(function, block, &returned)?;
    read_arguments(function, block, model, &arguments)?;
    retype(function, block, &returned);
    Ok(())
}

/// Allocates a buffer for a tensor.
pub(crate) fn allocate<'c>(b: &Builder<'c>, value: Val<'c>, r#type: &ValueType) -> Result<Val<'c>> {
    let extents = structured::extents(b, value)?;
    let attributes = [structured::segments(b.context(), &[extents.len(), 0])];
    let r#type = structured::buffer_type(b.context(), r#type);
    b.named("memref.alloc", &extents, &[r#type], &attributes, vec![]).map(result)
}

/// Makes a tensor argument of a function a buffer. Returns the tensor in it.
pub(crate) fn read_argument<'c>(b: &Builder<'c>, argument: Val<'c>, r#type: &ValueType) -> Result<Val<'c>> {
    let none = vec![b.index(0)?; r#type.dynamic_dimensions().count()];
    let placeholder = b.named("tensor.empty", &none, &[argument.r#type()], &[], vec![]).map(result)?;
    replace_all_uses(argument, placeholder);
    let buffer = structured::buffer_type(b.context(), r#type);
    // SAFETY: the argument has no uses; its block and type are live.
    unsafe { mlir_sys::mlirValueSetType(argument.to_raw(), buffer.to_raw()) };
    let restricted = [("restrict", Attribute::unit(b.context()))];
    let tensor = [r#type.to_type(b.context())];
    let tensor = b.named("bufferization.to_tensor", &[argument], &tensor, &restricted, vec![]).map(result)?;
    replace_all_uses(placeholder, tensor);
    if let Some(op) = defining_op(placeholder) {
        erase(op);
    }
    Ok(tensor)
}

/// Replaces each tensor argument by a buffer.
fn read_arguments<'c>(function: Op<'c>, block: Blk<'c>, model: &Function, arguments: &[Val<'c>]) -> Result<()> {
    let Some(first) = block.first_operation() else { return Ok(()) };
    let b = Builder::before(first).located(function.location());
    for (argument, of) in arguments.iter().zip(&model.arguments) {
        let Some(r#type) = ValueType::of(argument.r#type()).filter(ValueType::is_tensor) else { continue };
        let tensor = read_argument(&b, *argument, &r#type)?;
        for (dimension, extent) in of.shape.iter().flatten().enumerate() {
            if *extent == Extent::Dynamic {
                let extent = b.extent(tensor, dimension)?;
                let condition = compare(&b, Order::Sge, extent, b.index(0)?)?;
                require(&b, condition, &format!("the extent of dimension {dimension} of '{}' is negative", of.name))?;
            }
        }
    }
    Ok(())
}
