//! Scans. A cumulative sum is linear: its transpose is the same sum in the other direction. The others become a loop along
//! the dimension, whose derivatives exist: it carries the result and the accumulator, a tensor with extent 1 along the
//! dimension. It is not a number even if there are no other dimensions: a number read at a position that is not constant
//! needs a check that XLA does not have, and a copy to the host on GPUs.

use super::fold::{combine, slice};
use super::{Derivative, DerivativeRule, Linearity, Tangents};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Op, Val, operands, region_block, result};
use dp_dialects::parameters::{ScanForm, Start};
use dp_dialects::{Builder, Diagnostic, Literal, MlirType, Number, Parameters, Result, ScalarType, ValueType};
use dp_passes::parallel::nest;

pub(super) static ROWS: &[DerivativeRule] = &[DerivativeRule::new(ArrayScan, Derivative::Special(scan, SCANS))
    .expanded(expand)
    .transposed(Linearity::SumWhere(is_sum), sum)
    .nondifferentiable("at a tie for max or min, the mean of what the scan has and of the element")];

const SCANS: &str =
    "add: the same scan of `dx`; and, or: none; mul, max, min, region: that of a loop along the dimension";

fn form(op: Op) -> Result<ScanForm> {
    match Parameters::of(ArrayScan, op) {
        Some(Parameters::Scan(form)) => Ok(form),
        _ => Err(Diagnostic::invalid("has a missing or malformed attribute")),
    }
}

fn is_sum(op: Op) -> bool {
    form(op).is_ok_and(|form| form.kind == Reduction::Add)
}

/// The tangents of a sum. Bitwise operations carry none.
fn scan<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let form = form(site.op)?;
    match (form.kind, site.tangents[0].value()) {
        (Reduction::Add, Some(dx)) => {
            site.linear.emit(ArrayScan, &Parameters::Scan(form), &[dx]).map(|dy| vec![Tangent::Value(dy)])
        }
        (Reduction::And | Reduction::Or, _) | (_, None) => Ok(vec![site.inactive()]),
        (Reduction::Mul | Reduction::Max | Reduction::Min | Reduction::Region, Some(_)) => {
            Err(Diagnostic::internal("internal error: this scan is differentiated as a loop"))
        }
    }
}

/// `y_i = Σ_{j ≤ i} x_j` transposes to `xbar_j = Σ_{i ≥ j} ybar_i`; without the element itself, alike.
fn sum<'c>(t: &mut Transposer<'c>, op: Op<'c>, ct: Val<'c>) -> Result<()> {
    let form = form(op)?;
    if form.kind != Reduction::Add {
        return Err(Diagnostic::internal("internal error: only sums are linear"));
    }
    let back = Parameters::Scan(ScanForm { reverse: !form.reverse, ..form });
    let back = t.at(op).emit(ArrayScan, &back, &[ct])?;
    t.accumulate(operands(op)[0], back)
}

/// Makes the loop, in front of a scan that is not a sum, and returns the result.
fn expand<'c>(op: Op<'c>) -> Result<Option<Vec<Val<'c>>>> {
    let form = form(op)?;
    let x = operands(op)[0];
    let r#type = ValueType::of_value(x)?;
    let is_loop = match form.kind {
        Reduction::Add | Reduction::And | Reduction::Or => false,
        Reduction::Mul | Reduction::Max | Reduction::Min | Reduction::Region => r#type.dtype.is_differentiable(),
    };
    if !is_loop {
        return Ok(None);
    }
    if r#type.extents()[form.dim] == Some(0) {
        // The scan of no elements has none.
        return Ok(Some(vec![x]));
    }
    let b = Builder::before(op);
    let work = form.kind.accumulator(r#type.dtype);
    let start = match (operands(op).get(1), form.kind.identity(work)) {
        (Some(start), _) => *start,
        (None, Some(identity)) => b.literal(Literal::number(work, identity))?,
        (None, None) => return Err(Diagnostic::invalid("needs an initial value")),
    };
    let dynamic = r#type.dynamic_dimensions().filter(|dim| *dim != form.dim);
    let lane = Lane { op, form, x, work, extents: dynamic.map(|dim| b.extent(x, dim)).collect::<Result<_>>()? };
    let start = lane.repeated(b, start)?;
    // Overwritten everywhere.
    let y = b.splat(Number::of_f64(0.0, r#type.dtype), &r#type, x)?;
    let (count, one) = (b.extent(x, form.dim)?, b.index(1)?);
    let last = index(b, ArithSubI, count, one)?;
    let made = nest(b, &[[b.index(0)?, count, one]], &mut Vec::new(), &[start, y], &mut |inner, at, carried| {
        let at = if form.reverse { index(inner, ArithSubI, last, at[0])? } else { at[0] };
        let total = lane.combined(inner, carried[0], at)?;
        let element = if form.exclusive { carried[0] } else { total };
        Ok(vec![total, lane.stored(inner, element, carried[1], at)?])
    })?;
    Ok(Some(vec![made[1]]))
}

fn index<'c>(b: Builder<'c>, kind: dp_dialects::OpKind, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    b.op(kind, &[x, y], &[ScalarType::Index.to_type(b.context())], &[], vec![]).map(result)
}

/// The elements at one position along the dimension of a scan.
struct Lane<'c> {
    op: Op<'c>,
    form: ScanForm,
    x: Val<'c>,
    /// The type of the accumulator's elements.
    work: ScalarType,
    /// The extents of the other dynamic dimensions.
    extents: Vec<Val<'c>>,
}

impl<'c> Lane<'c> {
    /// An accumulator filled with a number.
    fn repeated(&self, b: Builder<'c>, number: Val<'c>) -> Result<Val<'c>> {
        let mut shape = ValueType::of_value(self.x)?.extents().to_vec();
        shape[self.form.dim] = Some(1);
        b.broadcast(number, &[], &ValueType::tensor(self.work, shape), &self.extents)
    }

    /// The accumulator combined with the elements at a position.
    fn combined(&self, b: Builder<'c>, total: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
        let element = slice(b, self.x, &[self.form.dim], &[at], &self.extents)?;
        let element = convert(b, element, self.work)?;
        match (self.form.kind.combiner(), region_block(self.op, 0)) {
            (Some(combiner), _) => b.scalar(combiner, &[total, element]),
            (None, Some(_)) => combine(b, self.op, [total, element]),
            (None, None) => Err(Diagnostic::invalid("needs a region")),
        }
    }

    /// Stores elements at a position of the result.
    fn stored(&self, b: Builder<'c>, element: Val<'c>, y: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
        let whole = ValueType::of_value(self.x)?;
        let element = convert(b, element, whole.dtype)?;
        let start = |dim| if dim == self.form.dim { Start::Operand } else { Start::At(0) };
        let starts = (0..whole.rank()).map(start).collect();
        b.emit(ArrayUpdateSlice, &Parameters::Update { starts, accumulate: false }, &[y, element, at])
    }
}

/// A number or tensor with elements of another type.
fn convert<'c>(b: Builder<'c>, x: Val<'c>, to: ScalarType) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?;
    if r#type.dtype == to {
        return Ok(x);
    }
    b.emit_typed(ScalarConvert, &Parameters::Convert { unsigned: false }, &[x], &r#type.with_dtype(to))
}
