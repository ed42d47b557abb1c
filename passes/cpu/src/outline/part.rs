//! An outlined function: prepared first, then filled with the operations of a part of a run.

use super::inside;
use super::kinds::is_repeated;
use super::run::{Part, defined};
use super::slots::Slots;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, context_of, defining_op, erase, operands, results, set_operand, walk,
};
use dp_dialects::{Builder, Diagnostic, Result};
use melior::ir::attribute::{Attribute, StringAttribute, TypeAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Block, Type, ValueLike};

/// An outlined function without its operations, which placeholders represent.
pub(super) struct Outline<'c> {
    function: Op<'c>,
    /// The operations and their placeholders.
    moves: Vec<(Op<'c>, Op<'c>)>,
    /// Operands to replace inside the function.
    operands: Vec<(Op<'c>, usize, Val<'c>)>,
}

impl<'c> Outline<'c> {
    /// A detached private function with workspaces of these types and the other inputs as arguments. Values of other
    /// parts are loaded before their first use, values for other parts are stored after their definition, and constants
    /// and views are cloned.
    pub(super) fn new(
        holder: &Block<'c>,
        function: Op<'c>,
        name: &str,
        part: &Part<'c>,
        slots: &Slots<'c>,
        types: &[Type<'c>],
    ) -> Result<Self> {
        let context = context_of(function);
        let broken = || Diagnostic::internal("internal error: cannot make a part of a function");
        let b = Builder::at_end(context, inside(holder), function.location());
        let given = part.arguments();
        let types: Vec<Type> = types.iter().copied().chain(given.iter().map(|value| value.r#type())).collect();
        let (region, arguments, inner) = b.region(&types);
        let (workspaces, arguments) = arguments.split_at(types.len() - given.len());
        let own = defined(&part.ops);
        let mut here = PartValues { b: inner, slots, workspaces, own: &own, known: ValueMap::new() };
        given.iter().zip(arguments).for_each(|(value, argument)| _ = here.known.insert(*value, *argument));
        let (mut moves, mut replaced) = (Vec::new(), Vec::new());
        for op in &part.ops {
            let mut nested = Vec::new();
            walk(*op, &mut |op| nested.push(op));
            for op in nested {
                for (index, operand) in operands(op).into_iter().enumerate() {
                    let here = here.get(operand, op)?;
                    if here != operand {
                        replaced.push((op, index, here));
                    }
                }
            }
            let place = defining_op(inner.index(0)?).ok_or_else(broken)?;
            moves.push((*op, place));
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
        let function = b.named("func.func", &[], &[], &attributes, vec![region])?;
        Ok(Outline { function, moves, operands: replaced })
    }

    /// Moves the operations into the function, and the function to the end of a module.
    pub(super) fn fill(self, module: Blk<'c>) {
        self.operands.into_iter().for_each(|(op, index, value)| set_operand(op, index, value));
        for (op, place) in self.moves {
            super::move_before(op, place);
            erase(place);
        }
        // SAFETY: the function and the module are live; the function moves from a block that outlives this call.
        unsafe {
            mlir_sys::mlirOperationRemoveFromParent(self.function.to_raw());
            mlir_sys::mlirBlockAppendOwnedOperation(module.to_raw(), self.function.to_raw());
        }
    }
}

/// The outside values that are available in a part.
struct PartValues<'a, 'c> {
    b: Builder<'c>,
    slots: &'a Slots<'c>,
    workspaces: &'a [Val<'c>],
    /// Values defined in the part, which views may use.
    own: &'a ValueSet,
    known: ValueMap<Val<'c>>,
}

impl<'c> PartValues<'_, 'c> {
    /// The replacement of an outside value, for the next operation.
    fn get(&mut self, value: Val<'c>, reader: Op<'c>) -> Result<Val<'c>> {
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
        let of = operands(repeated).into_iter().map(|of| self.get(of, reader)).collect::<Result<Vec<Val>>>()?;
        let copy = self.b.clone_op(repeated, &[]);
        of.into_iter().enumerate().for_each(|(index, of)| set_operand(copy, index, of));
        results(repeated).into_iter().zip(results(copy)).for_each(|(old, new)| _ = self.known.insert(old, new));
        self.known.get(value).copied().ok_or_else(|| Diagnostic::internal("internal error: a view without a result"))
    }
}
