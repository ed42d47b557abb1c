//! Operations with new regions: a choice, as another operation chooses, and a linear map.

use dp_dialects::ir::{Op, Val};
use dp_dialects::{Builder, Diagnostic, OpKind, Result};
use melior::ir::attribute::{Attribute, DenseI32ArrayAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::{Region, Type, ValueLike};

/// An operation that chooses as another does, with other results and regions.
pub fn choose<'c>(
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

/// `ad.linear`: a region taken at primal values, applied to tangents, or transposed to cotangents.
pub fn linear_map<'c>(
    builder: Builder<'c>,
    region: Region<'c>,
    inputs: &[Val<'c>],
    primals: &[Val<'c>],
    outputs: &[Type<'c>],
    transpose: bool,
) -> Result<Op<'c>> {
    let segments = [inputs.len() as i32, primals.len() as i32];
    let segments: Attribute = DenseI32ArrayAttribute::new(builder.context(), &segments).into();
    let mut attributes = vec![("operandSegmentSizes", segments)];
    if transpose {
        attributes.push(("transpose", Attribute::unit(builder.context())));
    }
    builder.op(OpKind::AdLinear, &[inputs, primals].concat(), outputs, &attributes, vec![region])
}

/// The types of values.
pub fn types<'c>(values: &[Val<'c>]) -> Vec<Type<'c>> {
    values.iter().map(|value| value.r#type()).collect()
}
