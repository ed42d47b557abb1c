//! One part of a run, moved into a function of its own.

use super::is_constant;
use super::slots::Slots;
use crate::structured::Made;
use dp_dialects::ir::{
    Op, Val, ValueMap, context_of, defining_op, operands, region_block, result, results, set_operand,
};
use dp_dialects::{Builder, Complaint};
use melior::ir::attribute::{Attribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{RegionLike, Type, ValueLike};

/// Moves operations into a new private function that takes the workspaces and the buffers they access: what
/// other parts made is loaded where it is first used, what they read is stored
/// where it is made, and constants are made again.
pub(super) fn outline<'c>(
    module: Op<'c>,
    function: Op<'c>,
    name: &str,
    ops: &[Op<'c>],
    slots: &Slots<'c>,
    types: &[Type<'c>],
    buffers: &[Val<'c>],
) -> Made<()> {
    let context = context_of(module);
    let broken = || Complaint::new("internal error: cannot make a part of a function");
    let block = region_block(module, 0).ok_or_else(broken)?;
    let b = Builder::at_end(context, block, function.location());
    let types: Vec<Type> = types.iter().copied().chain(buffers.iter().map(|buffer| buffer.r#type())).collect();
    let (region, arguments, inner) = b.region(&types);
    let (workspaces, given) = arguments.split_at(types.len() - buffers.len());
    let body = region.first_block().ok_or_else(broken)?.to_raw();
    let own: ValueMap<()> = ops.iter().fold(ValueMap::new(), |mut own, op| {
        results(*op).into_iter().for_each(|made| _ = own.insert(made, ()));
        own
    });
    let mut here: ValueMap<Val<'c>> = ValueMap::new();
    buffers.iter().zip(given).for_each(|(buffer, given)| _ = here.insert(*buffer, *given));
    for op in ops {
        for (index, operand) in operands(*op).into_iter().enumerate() {
            if own.contains(operand) {
                continue;
            }
            let known = here.get(operand).copied();
            let value = match (known, defining_op(operand).filter(|op| is_constant(*op))) {
                (Some(value), _) => value,
                (None, Some(constant)) => result(inner.clone_op(constant, &[])),
                (None, None) => slots.load(&inner.located(op.location()), operand, workspaces)?,
            };
            here.insert(operand, value);
            set_operand(*op, index, value);
        }
        // SAFETY: the operation is live; it moves from one live block to another.
        unsafe {
            mlir_sys::mlirOperationRemoveFromParent(op.to_raw());
            mlir_sys::mlirBlockAppendOwnedOperation(body, op.to_raw());
        }
        if let Some(made) = results(*op).pop().filter(|made| slots.has(*made)) {
            slots.store(&inner.located(op.location()), made, workspaces)?;
        }
    }
    inner.named("func.return", &[], &[], &[], vec![])?;
    let parse = |text: &str| Attribute::parse(context, text).ok_or_else(broken);
    let attributes = [
        ("sym_name", StringAttribute::new(context, name).into()),
        ("function_type", TypeAttribute::new(FunctionType::new(context, &types, &[]).into()).into()),
        ("sym_visibility", StringAttribute::new(context, "private").into()),
        ("no_inline", Attribute::unit(context)),
        ("passthrough", parse("[\"noinline\"]")?),
        ("llvm.linkage", parse("#llvm.linkage<internal>")?),
    ];
    b.named("func.func", &[], &[], &attributes, vec![region]).map(|_| ())
}
