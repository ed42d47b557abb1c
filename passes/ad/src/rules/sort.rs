//! Sorts. Beside the operands the places of their elements are sorted, and the tangents are taken from these places; the
//! transpose adds to them.

use super::{Derivative, DerivativeRule, Tangents};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val, block_args, block_ops, defining_op, erase, region_block, result, results};
use dp_dialects::{Builder, Diagnostic, MlirType, Parameters, Result, ScalarType, ValueType};
use dp_passes::copies::copy_block;
use melior::ir::operation::OperationLike;
use melior::ir::{Type, ValueLike};

pub(super) static ROWS: &[DerivativeRule] =
    &[DerivativeRule::new(ArraySort, Derivative::Special(sort, "the tangents, in the order of the elements"))
        .nondifferentiable("at a tie, elements keep their order, and tangents with them")];

fn sort<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let inactive = |site: &LinearizationSite<'c, '_>| site.results.iter().map(|y| Tangent::inactive(*y)).collect();
    if site.tangents.iter().all(|tangent| tangent.value().is_none()) {
        return Ok(inactive(site));
    }
    let shape = Shape::of(site.primal, site.operands[0])?;
    let places = shape.places(site.primal)?;
    let copy = site.results.first().and_then(|y| defining_op(*y));
    let primal = site.primal.located(site.op.location());
    let made = with_places(primal, site.op, &site.operands, places)?;
    let (places, results) = made.split_last().ok_or_else(|| Diagnostic::invalid("needs an operand"))?;
    site.results = results.to_vec();
    if let Some(copy) = copy {
        erase(copy);
    }
    let mut tangents: Vec<Tangent> = inactive(site);
    for (index, tangent) in site.tangents.iter().enumerate() {
        if let Some(dx) = tangent.value() {
            let flat = shape.flat(site.linear, dx)?;
            tangents[index] = Tangent::Value(site.linear.emit(ArrayGather, &Parameters::None, &[flat, *places])?);
        }
    }
    Ok(tangents)
}

/// The shape of the operands, and the number of their elements where it is not static.
struct Shape<'c> {
    of: ValueType,
    /// The dynamic extents.
    extents: Vec<Val<'c>>,
    /// The number of elements.
    count: Option<u64>,
    /// The same, as a value, if it is not static.
    total: Vec<Val<'c>>,
}

impl<'c> Shape<'c> {
    fn of(b: Builder<'c>, x: Val<'c>) -> Result<Shape<'c>> {
        let of = ValueType::of_value(x)?;
        let count = of.count();
        let mut total = Vec::new();
        if count.is_none() {
            let mut product = b.index(1)?;
            for dim in 0..of.rank() {
                let extent = b.extent(x, dim)?;
                let index = ScalarType::Index.to_type(b.context());
                product = b.op(ArithMulI, &[product, extent], &[index], &[], vec![]).map(result)?;
            }
            total.push(product);
        }
        Ok(Shape { extents: b.extents(x)?, count, total, of })
    }

    /// The type of all elements in one row.
    fn row(&self, dtype: ScalarType) -> ValueType {
        ValueType::tensor(dtype, vec![self.count])
    }

    /// All elements in one row.
    fn flat(&self, b: Builder<'c>, x: Val<'c>) -> Result<Val<'c>> {
        if self.of.rank() == 1 {
            return Ok(x);
        }
        let operands = [&[x], &self.total[..]].concat();
        b.emit_typed(ArrayReshape, &Parameters::None, &operands, &self.row(ValueType::of_value(x)?.dtype))
    }

    /// The number of each element, in row-major order.
    fn places(&self, b: Builder<'c>) -> Result<Val<'c>> {
        let is_small = self.count.is_some_and(|count| count <= i32::MAX as u64);
        let dtype = if is_small { ScalarType::I32 } else { ScalarType::I64 };
        let (row, total) = match self.of.rank() {
            1 => (self.of.with_dtype(dtype), &self.extents),
            _ => (self.row(dtype), &self.total),
        };
        let numbers = b.emit_typed(ArrayIota, &Parameters::Dim(0), total, &row)?;
        if self.of.rank() == 1 {
            return Ok(numbers);
        }
        let operands = [&[numbers], &self.extents[..]].concat();
        b.emit_typed(ArrayReshape, &Parameters::None, &operands, &self.of.with_dtype(dtype))
    }
}

/// The sort with one more operand, which does not matter to the order.
fn with_places<'c>(b: Builder<'c>, op: Op<'c>, operands: &[Val<'c>], places: Val<'c>) -> Result<Vec<Val<'c>>> {
    let malformed = || Diagnostic::invalid("has a missing or malformed attribute");
    let body = region_block(op, 0).ok_or_else(malformed)?;
    let parameters = Parameters::of(ArraySort, op).ok_or_else(malformed)?;
    let all: Vec<Val> = operands.iter().copied().chain([places]).collect();
    let mut elements: Vec<Type> = Vec::new();
    for x in &all {
        let element = ValueType::of_value(*x)?.dtype.to_type(b.context());
        elements.extend([element, element]);
    }
    let (region, arguments, inner) = b.region(&elements);
    let yielded = copy_block(inner, block_ops(body), block_args(body).into_iter().zip(arguments).collect());
    inner.op(ArrayYield, &yielded, &[], &[], vec![])?;
    let types: Vec<Type> = all.iter().map(|x| x.r#type()).collect();
    b.op(ArraySort, &all, &types, &parameters.attributes(b.context()), vec![region]).map(results)
}
