//! `lower-interface`: gives public functions flat C parameters.

use crate::attributes::described;
use crate::descriptors::{AbiBuilder, c_dtype, pointer};
use crate::memory::retype;
use dp_abi::{Extent, Function, Parameter, Passing, ResultExtent, Role};
use dp_dialects::MlirType;
use dp_dialects::ir::{
    Blk, Op, Val, block_args, context_of, erase, erase_argument, operands, region_block, replace_all_uses, symbol_name,
};
use dp_dialects::marks::{ABI, WORKSPACE};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ScalarType};
use dp_loopnest::structured::set_attribute;
use dp_passes::symbols::public_functions;
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::{ArrayAttribute, Attribute, StringAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, Value, ValueLike};

/// `lower-interface`.
pub static LOWER_INTERFACE: Pass = Pass {
    flag: "lower-interface",
    summary: "give public functions C parameters",
    description: "Takes the output of `lower-entries` after its loops are lowered. Leaves public functions with the \
        parameters of the library description (scalars, pointers and extents), which return status 0. Pointers to \
        results are marked noalias.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut library = described(module)?;
    for function in public_functions(module) {
        let name = symbol_name(function).unwrap_or_default().to_string();
        let Some(model) = library.function(&name).cloned().or_else(|| library.device_entry(&name)) else { continue };
        flatten(function, &model).map_err(|diagnostic| diagnostic.report(function.location()))?;
        if WORKSPACE.is_on(function) {
            library.note_workspace(&name);
        }
        // The function's own name becomes a wrapper that passes no workspace, or what a handle holds.
        let symbol = match (model.pullback, WORKSPACE.is_on(function)) {
            (Some(_), _) => model.unpacked_symbol(),
            (None, true) => model.with_workspace_symbol(),
            (None, false) => continue,
        };
        let symbol = StringAttribute::new(context_of(function), &symbol);
        set_attribute(function, "sym_name", symbol.into());
    }
    ABI.set(module, &library.description());
    Ok(())
}

fn parameter_type<'c>(context: &'c melior::Context, parameter: &Parameter) -> Type<'c> {
    match parameter.passing {
        Passing::Value => c_dtype(parameter.component).to_type(context),
        Passing::In | Passing::Out | Passing::Allocated | Passing::Handle | Passing::NewHandle => pointer(context),
    }
}

fn flatten<'c>(function: Op<'c>, model: &Function) -> Result<()> {
    let context = context_of(function);
    let Some(block) = region_block(function, 0) else { return Ok(()) };
    let old = block_args(block);
    let parameters = model.all_parameters();
    let mut new: Vec<(Role, Val)> = Vec::new();
    for parameter in &parameters {
        let value = block.add_argument(parameter_type(context, parameter), function.location());
        new.push((parameter.role, value));
    }
    let Some(first) = block.first_operation() else { return Ok(()) };
    let abi = AbiBuilder { b: Builder::before(first).located(function.location()) };
    let find = |role: Role| {
        let found = new.iter().find(|(other, _)| *other == role).map(|(_, value)| *value);
        found.ok_or_else(|| Diagnostic::internal("internal error: the description does not fit the function"))
    };
    let extent = |argument: usize, dimension: usize| -> Result<(Val<'c>, Option<u64>)> {
        match model.arguments[argument].shape.as_ref().map(|shape| shape[dimension]) {
            Some(Extent::Static(known)) => Ok((abi.constant(known as i64)?, Some(known))),
            Some(Extent::Dynamic) | None => {
                find(Role::ArgumentExtent { argument, dimension }).map(|value| (value, None))
            }
        }
    };
    let mut replaced = old.iter();
    let mut next = || replaced.next().copied().ok_or_else(|| Diagnostic::internal("internal error: too few arguments"));
    for (index, argument) in model.arguments.iter().enumerate() {
        let value = find(Role::Argument(index))?;
        let value = match &argument.shape {
            None => abi.number(value, argument.number)?,
            Some(shape) => {
                let extents = (0..shape.len()).map(|dimension| extent(index, dimension)).collect::<Result<Vec<_>>>()?;
                abi.row_major(value, argument.number, &extents)?
            }
        };
        replace_all_uses(next()?, value);
    }
    for (index, returned) in model.results.iter().enumerate() {
        let Some(shape) = returned.shape.as_ref().filter(|_| !returned.is_allocated()) else { continue };
        let mut extents = Vec::new();
        for extent_of in shape {
            extents.push(match extent_of {
                ResultExtent::Static(known) => (abi.constant(*known as i64)?, Some(*known)),
                ResultExtent::OfArgument { argument, dimension } => (extent(*argument, *dimension)?.0, None),
                ResultExtent::Computed => continue,
            });
        }
        let buffer = abi.row_major(find(Role::Result(index))?, returned.number, &extents)?;
        replace_all_uses(next()?, buffer);
    }
    store_results(block, model, &find)?;
    if WORKSPACE.is_on(function) {
        for _ in 0..2 {
            let value = next()?;
            replace_all_uses(value, block.add_argument(value.r#type(), function.location()));
        }
    }
    for index in (0..old.len()).rev() {
        erase_argument(block, index);
    }
    let status = block.terminator().and_then(|last| last.operand(0).ok());
    // SAFETY: the status lives as long as its block.
    let status: Option<Val<'c>> = status.map(|value| unsafe { Value::from_raw(value.to_raw()) });
    retype(function, block, &status.into_iter().collect::<Vec<_>>());
    annotate(function, &parameters)
}

/// Stores the function's results and returns 0.
fn store_results<'c>(block: Blk<'c>, model: &Function, find: &impl Fn(Role) -> Result<Val<'c>>) -> Result<()> {
    let Some(last) = dp_dialects::ir::block_ops(block).pop().filter(|op| OpKind::of(*op) == Some(OpKind::FuncReturn))
    else {
        return Err(Diagnostic::internal("internal error: a function without 'func.return'"));
    };
    let abi = AbiBuilder { b: Builder::before(last) };
    let mut values = operands(last).into_iter();
    for (index, returned) in model.results.iter().enumerate() {
        let to = find(Role::Result(index))?;
        match &returned.shape {
            None => {
                let value = values.next().ok_or_else(|| Diagnostic::internal("internal error: too few results"))?;
                abi.write(value, returned.number, to)?;
            }
            Some(shape) if returned.is_allocated() => {
                let buffer = values.next().ok_or_else(|| Diagnostic::internal("internal error: too few results"))?;
                let computed = shape.iter().enumerate().filter(|(_, extent)| **extent == ResultExtent::Computed);
                let dims: Vec<usize> = computed.map(|(dim, _)| dim).collect();
                let (address, extents) = abi.address_and_extents(buffer, shape.len(), &dims)?;
                abi.store(address, to)?;
                for (dimension, extent) in dims.into_iter().zip(extents) {
                    abi.store(extent, find(Role::ResultExtent { result: index, dimension })?)?;
                }
            }
            Some(_) => {}
        }
    }
    let i32 = ScalarType::I32.to_type(abi.b.context());
    let zero = melior::ir::attribute::IntegerAttribute::new(i32, 0).into();
    let status = abi.one("llvm.mlir.constant", &[], i32, &[("value", zero)])?;
    abi.b.named("func.return", &[status], &[], &[], vec![])?;
    erase(last);
    Ok(())
}

/// The pointer attributes for LLVM.
fn annotate<'c>(function: Op<'c>, parameters: &[Parameter]) -> Result<()> {
    let context = context_of(function);
    let parse = |text: &str| {
        Attribute::parse(context, text)
            .ok_or_else(|| Diagnostic::internal("internal error: cannot make argument attributes"))
    };
    let attributes = parameters.iter().map(|parameter| match parameter.passing {
        Passing::Value => parse("{}"),
        Passing::In | Passing::Handle => parse("{llvm.noalias, llvm.readonly, llvm.nocapture}"),
        Passing::Out | Passing::Allocated | Passing::NewHandle => parse("{llvm.noalias, llvm.nocapture}"),
    });
    let mut attributes = attributes.collect::<Result<Vec<_>>>()?;
    if WORKSPACE.is_on(function) {
        attributes.extend([parse("{llvm.noalias}")?, parse("{}")?]);
    }
    set_attribute(function, "arg_attrs", ArrayAttribute::new(context, &attributes).into());
    Ok(())
}
