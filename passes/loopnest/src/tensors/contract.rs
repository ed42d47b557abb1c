//! `array.dot`, as `linalg.contract`, which is still recognizable on buffers.

use super::{LoweringSite, windows};
use crate::checks::require_equal;
use crate::structured::{CONTRACTION, Indexed, empty, extent, extents, fill, generic};
use crate::structured::{is_named, iterator, projection, segments};
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, defining_op, result};
use dp_dialects::parameters::WindowForm;
use dp_dialects::{Builder, Diagnostic, License, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::attribute::ArrayAttribute;
use melior::ir::{Attribute, ValueLike};

/// `y[b…, i…, j…] = Σ_k a[b, i, k] b[b, j, k]`. The loops are the batch dimensions, the free ones of `a` and of `b`,
/// then the contracting ones. Without contracting dimensions, it is an elementwise product, which can be fused. f16 and
/// bf16 are converted to f32 first unless a matmul accumulates and rounds the result, that is, if the order of sums is
/// fixed or the contracting loops may not form a single loop.
pub(super) fn dot<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Dot(dims) = &site.parameters else { return site.malformed() };
    let (x, y) = (site.operands[0], site.operands[1]);
    let (of_x, of_y) = (&site.types[0], &site.types[1]);
    let pairs = || dims.batch_a.iter().zip(&dims.batch_b).chain(dims.contract_a.iter().zip(&dims.contract_b));
    for (i, j) in pairs() {
        if of_x.extents()[*i].is_none() || of_y.extents()[*j].is_none() {
            let message =
                format!("dimension {i} of the first operand of 'array.dot' and {j} of the second differ in extent");
            require_equal(b, extent(b, x, *i)?, extent(b, y, *j)?, &message)?;
        }
    }
    let (free_x, free_y) = (dims.free_a(of_x.rank()), dims.free_b(of_y.rank()));
    let (batch, contract) = (dims.batch_a.len(), dims.contract_a.len());
    let kept = batch + free_x.len() + free_y.len();
    let mut loops_x = vec![0; of_x.rank()];
    let mut loops_y = vec![0; of_y.rank()];
    let mut kept_extents = Vec::new();
    for index in 0..batch {
        (loops_x[dims.batch_a[index]], loops_y[dims.batch_b[index]]) = (index, index);
        kept_extents.push((x, dims.batch_a[index]));
    }
    for (index, dim) in free_x.iter().enumerate() {
        loops_x[*dim] = batch + index;
        kept_extents.push((x, *dim));
    }
    for (index, dim) in free_y.iter().enumerate() {
        loops_y[*dim] = batch + free_x.len() + index;
        kept_extents.push((y, *dim));
    }
    for index in 0..contract {
        (loops_x[dims.contract_a[index]], loops_y[dims.contract_b[index]]) = (kept + index, kept + index);
    }
    let dynamic = site.result.dynamic_dimensions().map(|dim| extent(b, kept_extents[dim].0, kept_extents[dim].1));
    let dynamic = dynamic.collect::<Result<Vec<_>>>()?;
    let dtype = site.result.dtype;
    if contract == 0 {
        let inputs = [Indexed { value: x, loops: loops_x }, Indexed { value: y, loops: loops_y }];
        let out = Indexed::identity(empty(b, &site.result, &dynamic)?, kept);
        let made = generic(b, kept, &[], &inputs, &[out], |b, elements| {
            b.scalar(OpKind::ScalarMul, &elements[..2]).map(|product| vec![product])
        })?;
        return Ok(made[0]);
    }
    let joined = [(x, &dims.contract_a), (y, &dims.contract_b)].iter().all(|(of, dims)| are_one_loop(*of, dims));
    let regroups = site.model.may(License::Reorder) && site.model.may(License::Contract);
    let work = if joined && regroups { dtype } else { dtype.accumulator() };
    // Windows of one operand are read where they are.
    let place = |of: Val<'c>| {
        let found = windows::windowed(of).filter(|_| site.unstored && regroups);
        found.filter(|(from, form)| ValueType::of_value(*from).is_ok_and(|from| windows::are_long(&from, form)))
    };
    let (of_x, of_y) = (place(x), place(y));
    let of_y = of_y.filter(|_| of_x.is_none());
    let source = |found: &Option<(Val<'c>, WindowForm)>, whole| found.as_ref().map_or(whole, |(from, _)| *from);
    let (x, y) = (converted(b, source(&of_x, x), work)?, converted(b, source(&of_y, y), work)?);
    let r#type = site.result.with_dtype(work);
    let zero = b.literal(Literal::number(work, Number::of_f64(0.0, work)))?;
    let out = fill(b, zero, empty(b, &r#type, &dynamic)?)?;

    let rank = kept + contract;
    let context = b.context();
    let map = |found: &Option<(Val<'c>, WindowForm)>, loops: &[usize]| match found {
        None => Ok(projection(context, rank, loops)),
        Some((_, form)) => parsed(b, &windows::map(rank, loops, form)),
    };
    let whole = projection(context, rank, &(0..kept).collect::<Vec<_>>());
    let maps = [map(&of_x, &loops_x)?, map(&of_y, &loops_y)?, whole];
    let name = match of_x.is_some() || of_y.is_some() {
        false => Form::Contract,
        true => Form::Generic((0..rank).map(|index| iterator(context, index >= kept)).collect::<Result<Vec<_>>>()?),
    };
    converted(b, summed(b, [x, y, out], maps, name, work)?, dtype)
}

/// The operands of a matrix multiplication, each with the loops over its dimensions: 0 and 1 over the rows and columns of
/// the result, and 2 over what is summed.
pub(super) struct Factors<'c> {
    pub(super) left: (Val<'c>, [usize; 2]),
    pub(super) right: (Val<'c>, [usize; 2]),
}

/// A matrix plus a product of matrices.
pub(super) fn contraction<'c>(
    b: &Builder<'c>,
    factors: &Factors<'c>,
    sum: Val<'c>,
    dtype: ScalarType,
) -> Result<Val<'c>> {
    let ((left, of_left), (right, of_right)) = (factors.left, factors.right);
    let maps = [of_left, of_right, [0, 1]].map(|loops| projection(b.context(), 3, &loops));
    summed(b, [left, right, sum], maps, Form::Contract, dtype)
}

/// How a sum of products is written.
enum Form<'c> {
    /// `linalg.contract`, whose maps are projections.
    Contract,
    /// `linalg.generic`, with these kinds of loops: a map that adds loops reads a window.
    Generic(Vec<Attribute<'c>>),
}

/// The third operand plus the sum of the products of the others, which are indexed by these maps.
fn summed<'c>(
    b: &Builder<'c>,
    operands: [Val<'c>; 3],
    maps: [Attribute<'c>; 3],
    form: Form<'c>,
    work: ScalarType,
) -> Result<Val<'c>> {
    let context = b.context();
    let element = work.to_type(context);
    let (region, elements, inner) = b.region(&[element, element, element]);
    // The operations only select the kind of product; the types are wide enough.
    let (multiply, add) = match work {
        dtype if dtype.is_complex() => ("complex.mul", "complex.add"),
        dtype if dtype.is_float() => ("arith.mulf", "arith.addf"),
        _ => ("arith.muli", "arith.addi"),
    };
    let product = inner.named(multiply, &elements[..2], &[element], &[], vec![]).map(result)?;
    let sum = inner.named(add, &[elements[2], product], &[element], &[], vec![]).map(result)?;
    inner.named("linalg.yield", &[sum], &[], &[], vec![])?;
    let mut attributes =
        vec![("indexing_maps", ArrayAttribute::new(context, &maps).into()), segments(context, &[2, 1])];
    let name = match form {
        Form::Contract => "linalg.contract",
        Form::Generic(kinds) => {
            attributes.push(("iterator_types", ArrayAttribute::new(context, &kinds).into()));
            attributes.push((CONTRACTION, Attribute::unit(context)));
            "linalg.generic"
        }
    };
    b.named(name, &operands, &[operands[2].r#type()], &attributes, vec![region]).map(result)
}

fn parsed<'c>(b: &Builder<'c>, text: &str) -> Result<Attribute<'c>> {
    Attribute::parse(b.context(), text)
        .ok_or_else(|| Diagnostic::internal("internal error: cannot create an indexing map"))
}

/// Whether these dimensions of an operand form a single loop: there is only one, or they are contiguous.
fn are_one_loop(operand: Val, dims: &[usize]) -> bool {
    let is_part = || defining_op(operand).is_some_and(|op| is_named(op, "tensor.extract_slice"));
    dims.len() == 1 || dims.windows(2).all(|pair| pair[0] + 1 == pair[1]) && !is_part()
}

/// A tensor converted to another element type, if it differs.
fn converted<'c>(b: &Builder<'c>, x: Val<'c>, to: ScalarType) -> Result<Val<'c>> {
    let of = ValueType::of_value(x)?;
    if of.dtype == to {
        return Ok(x);
    }
    let into = empty(b, &of.with_dtype(to), &extents(b, x)?)?;
    let [input, output] = [x, into].map(|value| Indexed::identity(value, of.rank()));
    let made = generic(b, of.rank(), &[], &[input], &[output], |b, elements| {
        let parameters = Parameters::Convert { unsigned: false };
        let number = b.emit_typed(OpKind::ScalarConvert, &parameters, &elements[..1], &ValueType::number(to));
        number.map(|number| vec![number])
    })?;
    Ok(made[0])
}
