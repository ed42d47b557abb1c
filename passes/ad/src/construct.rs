//! A choice between new regions, as another operation chooses.

use dp_dialects::ir::{Op, Val};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type};

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
