//! Eigenvalues and eigenvectors of real symmetric tridiagonal matrices, by the implicit QL method with Wilkinson's shift.

use crate::matrices::{Size, compare, indices, integer, number, places, slice, splat, spread, update, without};
use crate::parallel::nest;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Val, result, results};
use dp_dialects::{Builder, Literal, MlirType, Number, Parameters, Result, ScalarType, ValueType};
use melior::ir::{Type, ValueLike};

/// An eigenvalue takes one or two rounds; this many are never needed.
const ROUNDS: i64 = 60;

/// A tridiagonal matrix, and vectors that are rotated with it, as rows; the carried values of loops, in this order.
pub(super) struct Tridiagonal<'c> {
    pub diagonal: Val<'c>,
    /// The elements beside the diagonal, and 0.
    pub beside: Val<'c>,
    pub vectors: Option<Val<'c>>,
}

impl<'c> Tridiagonal<'c> {
    fn carried(&self) -> Vec<Val<'c>> {
        [self.diagonal, self.beside].into_iter().chain(self.vectors).collect()
    }

    /// The parts among the values that a loop carries, and the others.
    fn of<'v>(&self, carried: &'v [Val<'c>]) -> (Tridiagonal<'c>, &'v [Val<'c>]) {
        let count = if self.vectors.is_some() { 3 } else { 2 };
        let vectors = self.vectors.map(|_| carried[2]);
        (Tridiagonal { diagonal: carried[0], beside: carried[1], vectors }, &carried[count..])
    }

    /// The eigenvalues, in any order, in the place of the diagonal, and the rotated vectors. Elements are at most 1.
    pub(super) fn diagonalized(self, b: Builder<'c>) -> Result<Tridiagonal<'c>> {
        let n = b.extent(self.diagonal, 0)?;
        let range = [b.index(0)?, n, b.index(1)?];
        let made = nest(b, &[range], &mut Vec::new(), &self.carried(), &mut |b, at, carried| {
            self.of(carried).0.deflated(b, at[0], n)
        })?;
        Ok(self.of(&made).0)
    }

    /// Rounds until the element beside the diagonal in a row is negligible.
    fn deflated(&self, b: Builder<'c>, row: Val<'c>, n: Val<'c>) -> Result<Vec<Val<'c>>> {
        let wide = ScalarType::I64.to_type(b.context());
        let count = b.literal(Literal::number(ScalarType::I64, Number::Integer(0)))?;
        let initial: Vec<Val> = self.carried().into_iter().chain([count]).collect();
        let types: Vec<Type> = initial.iter().map(|value| value.r#type()).collect();
        let (before, arguments, inner) = b.region(&types);
        let (now, rest) = self.of(&arguments);
        let last = now.block(inner, row, n)?;
        let limit = inner.literal(Literal::number(ScalarType::I64, Number::Integer(ROUNDS)))?;
        let goes_on = [
            compare(inner, Predicate::Gt, last, integer(inner, row)?)?,
            compare(inner, Predicate::Lt, rest[0], limit)?,
        ];
        let goes_on = inner.scalar(ScalarAnd, &goes_on)?;
        let passed: Vec<Val> = arguments.iter().copied().chain([last]).collect();
        inner.op(ScfCondition, &[&[goes_on], &passed[..]].concat(), &[], &[], vec![])?;
        let passed_types: Vec<Type> = types.iter().copied().chain([wide]).collect();
        let (after, arguments, inner) = b.region(&passed_types);
        let (now, rest) = self.of(&arguments);
        let index = ScalarType::Index.to_type(b.context());
        let last = result(inner.op(ArithIndexCast, &[rest[1]], &[index], &[], vec![])?);
        let mut next = now.round(inner, row, last)?;
        let one = inner.literal(Literal::number(ScalarType::I64, Number::Integer(1)))?;
        next.push(inner.scalar(ScalarAdd, &[rest[0], one])?);
        inner.op(ScfYield, &next, &[], &[], vec![])?;
        let made = results(b.op(ScfWhile, &initial, &passed_types, &[], vec![before, after])?);
        Ok(made[..self.carried().len()].to_vec())
    }

    /// The last row of the block that starts in a row: the first one beside which an element is negligible.
    fn block(&self, b: Builder<'c>, row: Val<'c>, n: Val<'c>) -> Result<Val<'c>> {
        let dtype = ValueType::of_value(self.diagonal)?.dtype;
        let epsilon = epsilon(dtype);
        let one = b.index(1)?;
        let last = indices(b, ArithSubI, n, one)?;
        let range = [b.index(0)?, indices(b, ArithSubI, last, row)?, one];
        let made = nest(b, &[range], &mut Vec::new(), &[integer(b, last)?], &mut |b, at, carried| {
            let at = indices(b, ArithSubI, indices(b, ArithSubI, last, one)?, at[0])?;
            let size = |x, at| b.scalar(ScalarAbs, &[element(b, x, at)?]);
            let next = indices(b, ArithAddI, at, one)?;
            let scale = b.scalar(ScalarAdd, &[size(self.diagonal, at)?, size(self.diagonal, next)?])?;
            let scale = b.scalar(ScalarAdd, &[scale, number(b, epsilon, dtype)?])?;
            let least = b.scalar(ScalarMul, &[number(b, epsilon, dtype)?, scale])?;
            let negligible = compare(b, Predicate::Le, size(self.beside, at)?, least)?;
            Ok(vec![b.scalar(ScalarSelect, &[negligible, integer(b, at)?, carried[0]])?])
        })?;
        Ok(made[0])
    }

    /// One sweep of rotations, from the last row of a block to the first.
    fn round(&self, b: Builder<'c>, first: Val<'c>, last: Val<'c>) -> Result<Vec<Val<'c>>> {
        let dtype = ValueType::of_value(self.diagonal)?.dtype;
        let value = |value| number(b, value, dtype);
        let (zero, unit, two, one) = (value(0.0)?, value(1.0)?, value(2.0)?, b.index(1)?);
        let next = indices(b, ArithAddI, first, one)?;
        let (d, beside) = (element(b, self.diagonal, first)?, element(b, self.beside, first)?);
        let (sub, mul, add, div) = (
            |x, y| b.scalar(ScalarSub, &[x, y]),
            |x, y| b.scalar(ScalarMul, &[x, y]),
            |x, y| b.scalar(ScalarAdd, &[x, y]),
            |x, y| b.scalar(ScalarDiv, &[x, y]),
        );
        let g = div(sub(element(b, self.diagonal, next)?, d)?, mul(two, beside)?)?;
        let root = b.scalar(ScalarHypot, &[g, unit])?;
        let shift = div(beside, add(g, b.scalar(ScalarCopysign, &[root, g])?)?)?;
        let g = add(sub(element(b, self.diagonal, last)?, d)?, shift)?;
        let range = [b.index(0)?, indices(b, ArithSubI, last, first)?, one];
        let initial: Vec<Val> = self.carried().into_iter().chain([g, unit, unit, zero]).collect();
        let made = nest(b, &[range], &mut Vec::new(), &initial, &mut |b, at, carried| {
            let (now, rest) = self.of(carried);
            let at = indices(b, ArithSubI, indices(b, ArithSubI, last, one)?, at[0])?;
            now.rotated(b, at, [rest[0], rest[1], rest[2], rest[3]])
        })?;
        let (now, rest) = self.of(&made);
        let diagonal = stored(b, now.diagonal, sub(element(b, now.diagonal, first)?, rest[3])?, first)?;
        let beside = stored(b, stored(b, now.beside, rest[0], first)?, zero, last)?;
        Ok(Tridiagonal { diagonal, beside, vectors: now.vectors }.carried())
    }

    /// One rotation of a row and the next one.
    fn rotated(&self, b: Builder<'c>, at: Val<'c>, [g, s, c, p]: [Val<'c>; 4]) -> Result<Vec<Val<'c>>> {
        let dtype = ValueType::of_value(self.diagonal)?.dtype;
        let (sub, mul, add, div) = (
            |x, y| b.scalar(ScalarSub, &[x, y]),
            |x, y| b.scalar(ScalarMul, &[x, y]),
            |x, y| b.scalar(ScalarAdd, &[x, y]),
            |x, y| b.scalar(ScalarDiv, &[x, y]),
        );
        let next = indices(b, ArithAddI, at, b.index(1)?)?;
        let beside = element(b, self.beside, at)?;
        let (f, h) = (mul(s, beside)?, mul(c, beside)?);
        let r = b.scalar(ScalarHypot, &[f, g])?;
        let (zero, one) = (number(b, 0.0, dtype)?, number(b, 1.0, dtype)?);
        let none = compare(b, Predicate::Eq, r, zero)?;
        let divisor = b.scalar(ScalarSelect, &[none, one, r])?;
        let s = div(f, divisor)?;
        let c = b.scalar(ScalarSelect, &[none, one, div(g, divisor)?])?;
        let moved = stored(b, self.beside, r, next)?;
        let g = sub(element(b, self.diagonal, next)?, p)?;
        let twice = mul(add(c, c)?, h)?;
        let r = add(mul(sub(element(b, self.diagonal, at)?, g)?, s)?, twice)?;
        let p = mul(s, r)?;
        let diagonal = stored(b, self.diagonal, add(g, p)?, next)?;
        let g = sub(mul(c, r)?, h)?;
        let vectors = match self.vectors {
            None => None,
            Some(vectors) => Some(rotate_rows(b, vectors, [at, next], [s, c])?),
        };
        let now = Tridiagonal { diagonal, beside: moved, vectors };
        Ok(now.carried().into_iter().chain([g, s, c, p]).collect())
    }
}

/// The distance of 1 and the next number.
pub(super) fn epsilon(dtype: ScalarType) -> f64 {
    if dtype.real() == ScalarType::F32 { f64::from(f32::EPSILON) } else { f64::EPSILON }
}

/// An element of a list.
fn element<'c>(b: Builder<'c>, x: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(x)?.dtype.to_type(b.context());
    b.op(TensorExtract, &[x, at], &[r#type], &[], vec![]).map(result)
}

/// A list with another element.
fn stored<'c>(b: Builder<'c>, x: Val<'c>, element: Val<'c>, at: Val<'c>) -> Result<Val<'c>> {
    let one = ValueType::tensor(ValueType::of_value(x)?.dtype, vec![Some(1)]);
    update(b, x, b.broadcast(element, &[], &one, &[])?, &[(0, at)])
}

/// `c x - s y` and `s x + c y` in the place of two rows.
fn rotate_rows<'c>(b: Builder<'c>, matrix: Val<'c>, rows: [Val<'c>; 2], [s, c]: [Val<'c>; 2]) -> Result<Val<'c>> {
    let row = |at| slice(b, matrix, &[(0, Some(at), Size::known(b, 1)?)]);
    let (x, y) = (row(rows[0])?, row(rows[1])?);
    let times = |factor, x| b.scalar(ScalarMul, &[spread(b, factor, &[], x)?, x]);
    let upper = b.scalar(ScalarSub, &[times(c, x)?, times(s, y)?])?;
    let lower = b.scalar(ScalarAdd, &[times(s, x)?, times(c, y)?])?;
    update(b, update(b, matrix, upper, &[(0, rows[0])])?, lower, &[(0, rows[1])])
}

/// Numbers in ascending order, and rows in the order of their numbers.
pub(super) fn sorted<'c>(b: Builder<'c>, x: Val<'c>, rows: Option<Val<'c>>) -> Result<(Val<'c>, Option<Val<'c>>)> {
    let of = ValueType::of_value(x)?;
    let numbers = places(b, x, 0)?;
    let element = |dtype: ScalarType| dtype.to_type(b.context());
    let (number, place) = (element(of.dtype), element(ScalarType::I64));
    let (region, arguments, inner) = b.region(&[number, number, place, place]);
    let before = compare(inner, Predicate::Lt, arguments[0], arguments[1])?;
    inner.op(ArrayYield, &[before], &[], &[], vec![])?;
    let attributes = Parameters::Dim(0).attributes(b.context());
    let made = results(b.op(ArraySort, &[x, numbers], &[x.r#type(), numbers.r#type()], &attributes, vec![region])?);
    let rows = rows.map(|rows| b.emit(ArrayGather, &Parameters::None, &[rows, made[1]])).transpose()?;
    Ok((made[0], rows))
}

/// The matrix of a batch at some places, and its parts, as a tensor of its own.
pub(super) fn member<'c>(b: Builder<'c>, x: Val<'c>, at: &[Val<'c>]) -> Result<Val<'c>> {
    let one = Size::known(b, 1)?;
    let parts: Vec<_> = at.iter().enumerate().map(|(dim, at)| (dim, Some(*at), one)).collect();
    let dims: Vec<usize> = (0..at.len()).collect();
    if dims.is_empty() { Ok(x) } else { without(b, slice(b, x, &parts)?, &dims) }
}

/// The identity with as many rows as a list is long.
pub(super) fn identity_of<'c>(b: Builder<'c>, list: Val<'c>) -> Result<Val<'c>> {
    let of = ValueType::of_value(list)?;
    let r#type = ValueType::tensor(of.dtype, vec![of.extents()[0]; 2]);
    let zero = number(b, 0.0, of.dtype)?;
    let open: Vec<Val> = r#type.dynamic_dimensions().map(|_| b.extent(list, 0)).collect::<Result<_>>()?;
    let zeros = b.broadcast(zero, &[], &r#type, &open)?;
    let on = compare(b, Predicate::Eq, places(b, zeros, 0)?, places(b, zeros, 1)?)?;
    b.scalar(ScalarSelect, &[on, splat(b, 1.0, zeros)?, zeros])
}
