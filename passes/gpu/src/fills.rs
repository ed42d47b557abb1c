//! Fills that become the initial value of a reduction.

use dp_dialects::OpKind;
use dp_dialects::ir::{Op, Val, block_ops, defining_op, operands, value_block, walk};
use dp_loopnest::structured::{address, is_buffer, is_named, map_dims};
use melior::ir::attribute::ArrayAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// Fills that other operations perform.
#[derive(Default)]
pub(crate) struct Fills<'c> {
    folded: HashSet<usize>,
    starts: HashMap<usize, Vec<(usize, Val<'c>)>>,
}

/// Operations whose result aliases their first operand.
pub(crate) const VIEWS: [&str; 5] =
    ["memref.subview", "memref.collapse_shape", "memref.expand_shape", "memref.cast", "memref.reinterpret_cast"];

/// The buffer behind a view.
pub(crate) fn root(mut value: Val<'_>) -> Val<'_> {
    while let Some(op) = defining_op(value).filter(|op| VIEWS.iter().any(|name| is_named(*op, name))) {
        value = operands(op)[0];
    }
    value
}

/// Whether a buffer aliases no other: an allocation or a function argument.
pub(crate) fn is_unaliased(root: Val) -> bool {
    match defining_op(root) {
        Some(op) => is_named(op, "memref.alloc"),
        None => value_block(root)
            .and_then(|block| block.parent_operation())
            .is_some_and(|parent| OpKind::of(parent) == Some(OpKind::FuncFunc)),
    }
}

impl<'c> Fills<'c> {
    /// Whether another operation performs a fill.
    pub(crate) fn is_folded(&self, op: Op) -> bool {
        self.folded.contains(&address(op))
    }

    /// The initial scalars of an operation's outputs, if known.
    pub(crate) fn starts(&self, of: usize, outputs: usize) -> Vec<Option<Val<'c>>> {
        let mut starts = vec![None; outputs];
        for (output, start) in self.starts.get(&of).into_iter().flatten() {
            starts[*output] = Some(*start);
        }
        starts
    }

    /// Finds the fills of the operands of an operation.
    pub(crate) fn fold(&mut self, op: Op<'c>) {
        if is_named(op, "linalg.fill") {
            return;
        }
        let all = operands(op);
        let inputs = match dp_dialects::ir::region_block(op, 0).and_then(|body| body.terminator()) {
            Some(last) => all.len() - last.operand_count(),
            None => return,
        };
        for (output, buffer) in all[inputs..].iter().enumerate() {
            let of = root(*buffer);
            let alone = all.iter().filter(|other| is_buffer(**other) && root(**other) == of).count() == 1;
            if !alone || !is_unaliased(of) || is_partial(op, inputs + output) || loads_from(op, of) {
                continue;
            }
            if let Some((fill, start)) = filled(op, *buffer, of) {
                self.folded.insert(address(fill));
                self.starts.entry(address(op)).or_default().push((output, start));
            }
        }
    }
}

/// Whether a body loads from a buffer directly.
fn loads_from(op: Op, of: Val) -> bool {
    let mut found = false;
    walk(op, &mut |inner| {
        found =
            found || (inner != op && operands(inner).into_iter().any(|value| is_buffer(value) && root(value) == of));
    });
    found
}

/// Whether an output is indexed by some, but not all, reduction loops: its intermediate values are observable.
fn is_partial(op: Op, operand: usize) -> bool {
    let Ok(kinds) = op.attribute("iterator_types").and_then(ArrayAttribute::try_from) else { return false };
    let maps = op.attribute("indexing_maps").and_then(ArrayAttribute::try_from);
    let Some(loops) = maps.ok().and_then(|maps| maps.element(operand).ok()).and_then(map_dims) else { return true };
    let reduces = |dim: &usize| kinds.element(*dim).is_ok_and(|kind| kind.to_string().contains("reduction"));
    let moving = loops.iter().filter(|dim| reduces(dim)).count();
    moving > 0 && moving < (0..kinds.len()).filter(reduces).count()
}

/// The latest fill of a buffer that was not accessed since, and its scalar.
fn filled<'c>(op: Op<'c>, buffer: Val<'c>, of: Val<'c>) -> Option<(Op<'c>, Val<'c>)> {
    let before = block_ops(op.block()?).into_iter().take_while(|other| *other != op);
    for other in before.collect::<Vec<_>>().into_iter().rev() {
        if is_named(other, "linalg.fill") && operands(other).get(1) == Some(&buffer) {
            return Some((other, operands(other)[0]));
        }
        if may_access(other, of) {
            return None;
        }
    }
    None
}

/// Whether an operation may access a buffer.
fn may_access(op: Op, of: Val) -> bool {
    if VIEWS.iter().any(|name| is_named(op, name)) || is_named(op, "memref.dim") {
        return false;
    }
    let mut found = false;
    walk(op, &mut |inner| {
        let is_call = OpKind::of(inner) == Some(OpKind::FuncCall);
        let of_it = |value: &Val| is_buffer(*value) && (root(*value) == of || !is_unaliased(root(*value)));
        found = found || is_call || operands(inner).iter().any(of_it);
    });
    found
}
