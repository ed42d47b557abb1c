//! One part of a run, moved into a function of its own.

use super::kinds::is_repeated;
use super::run::{Part, made};
use super::slots::Slots;
use dp_dialects::ir::{
    Op, Val, ValueMap, ValueSet, context_of, defining_op, operands, region_block, results, set_operand, walk,
};
use dp_dialects::{Builder, Complaint};
use dp_loopnest::structured::Made;
use melior::ir::attribute::{Attribute, StringAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{RegionLike, Type, ValueLike};

/// Moves operations into a new private function that takes the workspaces and what else is given: what
/// other parts made is loaded where it is first used, what they read is stored
/// where it is made, constants and views are made again.
pub(super) fn outline<'c>(
    module: Op<'c>,
    function: Op<'c>,
    name: &str,
    part: &Part<'c>,
    slots: &Slots<'c>,
    types: &[Type<'c>],
) -> Made<()> {
    let context = context_of(module);
    let broken = || Complaint::new("internal error: cannot make a part of a function");
    let block = region_block(module, 0).ok_or_else(broken)?;
    let b = Builder::at_end(context, block, function.location());
    let given = part.given();
    let types: Vec<Type> = types.iter().copied().chain(given.iter().map(|value| value.r#type())).collect();
    let (region, arguments, inner) = b.region(&types);
    let (workspaces, arguments) = arguments.split_at(types.len() - given.len());
    let body = region.first_block().ok_or_else(broken)?.to_raw();
    let own = made(&part.ops);
    let mut here = Here { b: inner, slots, workspaces, own: &own, known: ValueMap::new() };
    given.iter().zip(arguments).for_each(|(value, argument)| _ = here.known.insert(*value, *argument));
    for op in &part.ops {
        let mut nested = Vec::new();
        walk(*op, &mut |op| nested.push(op));
        for op in nested {
            for (index, operand) in operands(op).into_iter().enumerate() {
                let here = here.get(operand, op)?;
                if here != operand {
                    set_operand(op, index, here);
                }
            }
        }
        // SAFETY: the operation is live; it moves from one live block to another.
        unsafe {
            mlir_sys::mlirOperationRemoveFromParent(op.to_raw());
            mlir_sys::mlirBlockAppendOwnedOperation(body, op.to_raw());
        }
        for made in results(*op).into_iter().filter(|made| slots.has(*made)) {
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

/// What a part has of the values from outside.
struct Here<'a, 'c> {
    b: Builder<'c>,
    slots: &'a Slots<'c>,
    workspaces: &'a [Val<'c>],
    /// What the part makes itself, on which views may depend.
    own: &'a ValueSet,
    known: ValueMap<Val<'c>>,
}

impl<'c> Here<'_, 'c> {
    /// The value that stands for one from outside, for an operation that comes next.
    fn get(&mut self, value: Val<'c>, reader: Op<'c>) -> Made<Val<'c>> {
        if self.own.contains(value) {
            return Ok(value);
        }
        if let Some(known) = self.known.get(value) {
            return Ok(*known);
        }
        let Some(repeated) = defining_op(value).filter(|op| is_repeated(*op)) else {
            let loaded = self.slots.load(&self.b.located(reader.location()), value, self.workspaces)?;
            self.known.insert(value, loaded);
            return Ok(loaded);
        };
        let of = operands(repeated).into_iter().map(|of| self.get(of, reader)).collect::<Made<Vec<Val>>>()?;
        let copy = self.b.clone_op(repeated, &[]);
        of.into_iter().enumerate().for_each(|(index, of)| set_operand(copy, index, of));
        results(repeated).into_iter().zip(results(copy)).for_each(|(old, new)| _ = self.known.insert(old, new));
        self.known.get(value).copied().ok_or_else(|| Complaint::new("internal error: a view without a result"))
    }
}
