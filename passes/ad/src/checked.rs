//! Checks that tangents have the extents of their primals, and cotangents those of their results. Dynamic extents that
//! are not proved are compared at run time, since these tensors may come from a caller.

use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, result};
use dp_dialects::types::tangent_type;
use dp_dialects::{Builder, OpKind, Result, ScalarType, ValueType};
use dp_extents::proof::Extents;
use melior::ir::ValueLike;
use melior::ir::attribute::{Attribute, IntegerAttribute, StringAttribute};
use melior::ir::r#type::IntegerType;

/// The run-time errors for a tangent or a cotangent with other extents.
pub(crate) const TANGENT: &str = "a tangent differs from its argument";
pub(crate) const COTANGENT: &str = "a cotangent differs from the result it belongs to";

/// The predicate `eq` of `arith.cmpi`.
const EQUAL: i64 = 0;

/// Asserts before `site` that each tensor in `given` has the extents of its counterpart among the `primals` that carry
/// tangents. Extents that are proved are not checked.
///
/// # Errors
/// If MLIR fails to create an operation.
pub(crate) fn check<'c>(
    builder: Builder<'c>,
    site: Op<'c>,
    given: &[Val<'c>],
    primals: &[Val<'c>],
    role: &str,
) -> Result<()> {
    let primals = primals.iter().copied().filter(|primal| tangent_type(primal.r#type()).is_some());
    let open: Vec<(Val, Val, ValueType)> = given
        .iter()
        .copied()
        .zip(primals)
        .filter(|(given, primal)| given != primal)
        .filter_map(|(given, primal)| Some((given, primal, ValueType::of(primal.r#type())?)))
        .filter(|(_, _, r#type)| !r#type.is_static())
        .collect();
    if open.is_empty() {
        return Ok(());
    }
    let mut known = Extents::at(site);
    for (given, primal, r#type) in open {
        for dim in r#type.dynamic_dimensions() {
            if !known.agrees(given, primal, dim) {
                let extent = |builder: Builder<'c>| builder.extent(primal, dim);
                require(builder, given, dim, extent, role)?;
            }
        }
    }
    Ok(())
}

/// Asserts that a tensor has an extent.
pub(crate) fn require<'c>(
    b: Builder<'c>,
    given: Val<'c>,
    dim: usize,
    extent: impl Fn(Builder<'c>) -> Result<Val<'c>>,
    role: &str,
) -> Result<()> {
    let context = b.context();
    let (x, y) = (b.extent(given, dim)?, extent(b)?);
    let predicate: Attribute = IntegerAttribute::new(IntegerType::new(context, 64).into(), EQUAL).into();
    let boolean = ScalarType::I1.to_type(context);
    let equal = result(b.op(OpKind::ArithCmpI, &[x, y], &[boolean], &[("predicate", predicate)], vec![])?);
    let message = StringAttribute::new(context, &format!("{role} in the extent of dimension {dim}")).into();
    b.op(OpKind::CfAssert, &[equal], &[], &[("msg", message)], vec![]).map(|_| ())
}
