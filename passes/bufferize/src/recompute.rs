//! `recompute-operands`: a tensor that costs little is computed again for contractions that use it late.
//!
//! Between its early uses in the value of a program and its late ones in the gradient, a tensor such as the output of an
//! activation function takes memory, although what it is computed from is there anyway. A contraction takes much longer
//! than the computation of its operand, so this costs little time.

use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ancestors, block_args, block_ops, defining_op, operands, region_block, result, results,
    set_operands, users, walk,
};
use dp_dialects::{Builder, OpKind, ValueType};
use dp_loopnest::structured::{CONTRACTION, is_named};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::ArrayAttribute;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// `recompute-operands`.
pub static RECOMPUTE_OPERANDS: Pass = Pass {
    flag: "recompute-operands",
    summary: "compute cheap operands of late contractions again",
    description: "Takes functions on tensors, right before bufferization. If a `linalg.generic` computes a tensor by few \
        simple operations per element, and the tensor is used early and again after several contractions, by one of \
        these, the late uses get a copy of the operation, so that the tensor takes no memory in between. Its large \
        operands must be used later anyway.",
    body: run,
};

/// The bytes of a tensor that is worth it.
const LEAST: u64 = 32 << 10;

/// The contractions between early and late uses, without these.
const BETWEEN: usize = 2;

/// How many times smaller an operand must be to be kept longer.
const SMALLER: u64 = 16;

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut blocks = Vec::new();
    walk(module, &mut |op| {
        let holds =
            matches!(OpKind::of(op), Some(OpKind::FuncFunc | OpKind::ScfFor | OpKind::ScfWhile | OpKind::ScfIf));
        let count = if holds { op.region_count() } else { 0 };
        blocks.extend((0..count).filter_map(|index| region_block(op, index)));
    });
    for block in blocks {
        let order = Order::of(block);
        for op in block_ops(block) {
            if let Some(late) = late_users(op, &order) {
                recompute(op, &late);
            }
        }
    }
    Ok(())
}

/// The operations of a block, and until where the tensors that it sees are used.
struct Order {
    places: HashMap<usize, usize>,
    /// The number of contractions before each place.
    contractions: Vec<usize>,
    /// The last use of each tensor and its views, by its root.
    last: ValueMap<usize>,
}

fn address(op: Op) -> usize {
    op.to_raw().ptr as usize
}

fn is_contraction(op: Op) -> bool {
    is_named(op, "linalg.contract") || op.has_attribute(CONTRACTION)
}

/// Operations whose result is a part of their first operand, or has its elements.
const VIEWS: [&str; 4] = ["tensor.cast", "tensor.extract_slice", "tensor.expand_shape", "tensor.collapse_shape"];

/// The tensor that holds the elements of a value.
fn root(mut value: Val) -> Val {
    while let Some(op) = defining_op(value).filter(|op| VIEWS.iter().any(|name| is_named(*op, name))) {
        value = operands(op)[0];
    }
    value
}

impl Order {
    fn of(block: Blk) -> Order {
        let ops = block_ops(block);
        let places: HashMap<usize, usize> = ops.iter().enumerate().map(|(place, op)| (address(*op), place)).collect();
        let (mut contractions, mut count) = (Vec::new(), 0);
        for op in &ops {
            contractions.push(count);
            count += usize::from(is_contraction(*op));
        }
        let mut last = ValueMap::new();
        for (place, op) in ops.iter().enumerate() {
            walk(*op, &mut |inner| {
                for value in operands(inner) {
                    last.insert(root(value), place);
                }
            });
        }
        Order { places, contractions, last }
    }

    /// The place of an operation, or of the operation of the block that holds it.
    fn place(&self, op: Op) -> Option<usize> {
        std::iter::once(op).chain(ancestors(op)).find_map(|op| self.places.get(&address(op)).copied())
    }
}

fn bytes(value: Val) -> Option<u64> {
    let r#type = ValueType::of_value(value).ok()?;
    r#type.count()?.checked_mul(r#type.dtype.size() as u64)
}

/// The late users of an operation's result, in order, if it should be computed again for them.
fn late_users<'c>(op: Op<'c>, order: &Order) -> Option<Vec<Op<'c>>> {
    if !is_cheap(op) {
        return None;
    }
    let size = bytes(result(op)).filter(|bytes| *bytes >= LEAST)?;
    let mut uses: Vec<(usize, Op)> =
        users(result(op)).into_iter().map(|user| Some((order.place(user)?, user))).collect::<Option<_>>()?;
    uses.sort_by_key(|(place, _)| *place);
    let between = |at: usize| {
        let (before, after) = (&uses[at], &uses[at + 1]);
        let here = usize::from(is_contraction(before.1));
        order.contractions[after.0].saturating_sub(order.contractions[before.0] + here)
    };
    let at = (0..uses.len().checked_sub(1)?).max_by_key(|at| (between(*at), std::cmp::Reverse(*at)))?;
    let late = &uses[at + 1..];
    let first = late.first()?.0;
    // In this block itself, since the copy stands before the first one.
    let is_here = |(_, user): &(usize, Op)| order.places.contains_key(&address(*user));
    if between(at) < BETWEEN || !late.iter().all(is_here) || !late.iter().any(|(_, user)| is_contraction(*user)) {
        return None;
    }
    let values = operands(op);
    let is_there = |value: &Val| {
        let of = root(*value);
        let is_small = bytes(*value).is_some_and(|bytes| bytes.saturating_mul(SMALLER) <= size);
        // What is not computed here, such as an argument, is always there.
        let is_given = defining_op(of).is_none_or(|op| is_named(op, "bufferization.to_tensor"));
        is_small || is_given || order.last.get(of).is_some_and(|last| *last >= first)
    };
    let inputs = &values[..values.len() - 1];
    inputs.iter().all(is_there).then(|| late.iter().map(|(_, user)| *user).collect())
}

/// Whether an operation computes each element of its only result once, by few simple operations.
fn is_cheap(op: Op) -> bool {
    if !is_named(op, "linalg.generic") || results(op).len() != 1 || op.has_attribute(CONTRACTION) {
        return false;
    }
    let kinds = op.attribute("iterator_types").ok().and_then(|list| ArrayAttribute::try_from(list).ok());
    let is_parallel = kinds.is_some_and(|kinds| {
        (0..kinds.len()).all(|index| kinds.element(index).is_ok_and(|kind| kind.to_string().contains("parallel")))
    });
    let into = operands(op).last().copied().and_then(defining_op);
    let (Some(body), Some(into)) = (region_block(op, 0), into) else { return false };
    let is_simple = |op: &Op| {
        use OpKind::*;
        let simple = [
            ScalarConstant,
            ScalarAdd,
            ScalarSub,
            ScalarMul,
            ScalarDiv,
            ScalarNeg,
            ScalarMax,
            ScalarMin,
            ScalarSelect,
            ScalarCompare,
            ScalarConvert,
            ScalarFma,
        ];
        match OpKind::of(*op) {
            Some(kind) => simple.contains(&kind),
            None => is_named(*op, "linalg.yield"),
        }
    };
    let reads_old = block_args(body).last().is_some_and(|old| !users(*old).is_empty());
    is_parallel && is_named(into, "tensor.empty") && !reads_old && block_ops(body).iter().all(is_simple)
}

/// Computes the result again before the first of some users, for all of them.
fn recompute<'c>(op: Op<'c>, late: &[Op<'c>]) {
    let Some(into) = operands(op).last().copied().and_then(defining_op) else { return };
    let b = Builder::before(late[0]);
    let empty = b.clone_op(into, &[]);
    let again = b.clone_op(op, &[(result(into), result(empty))]);
    for user in late {
        let replaced = |value: Val<'c>| if value == result(op) { result(again) } else { value };
        let values: Vec<Val> = operands(*user).into_iter().map(replaced).collect();
        set_operands(*user, &values);
    }
}
