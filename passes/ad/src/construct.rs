//! Operations made from others: a block applied to arguments, and a choice between new regions.

use dp_dialects::ir::{Op, Val, ValueMap, operands, results, walk};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type};

/// Copies the operations of a block, its arguments replaced, and answers what
/// its terminator yields.
pub(crate) fn apply<'c>(builder: Builder<'c>, ops: Vec<Op<'c>>, arguments: Vec<(Val<'c>, Val<'c>)>) -> Vec<Val<'c>> {
    let mut copies = ValueMap::new();
    for (argument, value) in arguments {
        copies.insert(argument, value);
    }
    let Some((terminator, body)) = ops.split_last() else { return Vec::new() };
    for op in body {
        let mut replaced = Vec::new();
        walk(*op, &mut |inner| {
            replaced.extend(operands(inner).into_iter().filter_map(|x| Some((x, *copies.get(x)?))));
        });
        let copy = builder.clone_op(*op, &replaced);
        for (result, copy) in results(*op).into_iter().zip(results(copy)) {
            copies.insert(result, copy);
        }
    }
    terminator.operands().map(|x| copies.get(x).copied().unwrap_or(x)).collect()
}

/// An operation that chooses as another does, with other results and regions.
pub(crate) fn choose<'c>(
    builder: Builder<'c>,
    like: Op<'c>,
    choice: Val<'c>,
    outputs: &[Type<'c>],
    regions: Vec<Region<'c>>,
) -> Result<Op<'c>> {
    let kind =
        OpKind::of(like).ok_or_else(|| Diagnostic::internal("internal error: branches of an unknown operation"))?;
    let cases = like.attribute("cases").ok().map(|cases| ("cases", cases));
    builder.op(kind, &[choice], outputs, cases.as_slice(), regions)
}
