//! LU factorizations with partial pivoting, and exchanges of rows.

use crate::linear_algebra::{Arithmetic, matrices};
use crate::require::{malformed, require_equal};
use crate::view::gathered;
use dp_dialects::{Literal, Number, Parameters, Result, ScalarType, ValueType};

/// The pivots.
pub fn pivots(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let [x] = operands else { return Err(malformed()) };
    factor(x, None).map(|[_, pivots]| pivots)
}

/// The factors.
pub fn lu(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let [x, pivots] = operands else { return Err(malformed()) };
    factor(x, Some(pivots)).map(|[factors, _]| factors)
}

/// The size of an element, by which a pivot is chosen.
fn size(x: Number, dtype: ScalarType) -> f64 {
    match x {
        Number::Complex(x) => Number::Real(x.re.abs() + x.im.abs()).round(dtype.real()).re(),
        Number::Real(_) | Number::Integer(_) => x.re().abs(),
    }
}

/// A given pivot, clamped to the rows.
fn clamped(pivot: Number, rows: usize) -> usize {
    u64::try_from(pivot.integer()).unwrap_or(0).min(rows.saturating_sub(1) as u64) as usize
}

fn swap(elements: &mut [Number], columns: usize, i: usize, j: usize) {
    for column in 0..columns {
        elements.swap(i * columns + column, j * columns + column);
    }
}

/// The factors and the pivots, which are searched unless they are given.
fn factor(x: &Literal, given: Option<&Literal>) -> Result<[Literal; 2]> {
    let [batch @ .., rows, columns] = x.extents() else { return Err(malformed()) };
    let (m, n) = (*rows as usize, *columns as usize);
    let count = m.min(n);
    let extents: Vec<u64> = batch.iter().copied().chain([count as u64]).collect();
    if let Some(given) = given {
        for (dim, wanted) in extents.iter().enumerate() {
            let subject = || format!("the extents of dimension {dim} of the pivots and of the steps");
            require_equal(subject, given.extents()[dim], *wanted)?;
        }
    }
    let by = Arithmetic::of(x.dtype)?;
    let zero = Number::of_f64(0.0, x.dtype);
    let mut elements = gathered(x.extents(), x.iter())?;
    let mut pivots = Vec::new();
    for (number, start) in matrices(x.extents())?.0.into_iter().enumerate() {
        let matrix = &mut elements[start..start + m * n];
        for k in 0..count {
            let pivot = match given {
                Some(given) => clamped(given.element(number * count + k), m),
                None => (k + 1..m).fold(k, |best, row| {
                    let sizes = [row, best].map(|row| size(matrix[row * n + k], x.dtype));
                    if sizes[0] > sizes[1] { row } else { best }
                }),
            };
            pivots.push(Number::Integer(pivot as i64));
            swap(matrix, n, k, pivot);
            for i in k + 1..m {
                let divisor = matrix[k * n + k];
                if divisor != zero {
                    matrix[i * n + k] = by.divided(matrix[i * n + k], divisor);
                }
                let factor = matrix[i * n + k];
                for j in k + 1..n {
                    matrix[i * n + j] = by.eliminated(matrix[i * n + j], factor, matrix[k * n + j]);
                }
            }
        }
    }
    let dtype = given.map_or(ScalarType::I32, |given| given.dtype);
    Ok([Literal::tensor(x.dtype, x.extents().to_vec(), elements), Literal::tensor(dtype, extents, pivots)])
}

/// The rows, exchanged one after the other.
pub fn swap_rows(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Swaps { reverse }, [x, pivots]) = (parameters, operands) else { return Err(malformed()) };
    let [batch @ .., rows, columns] = x.extents() else { return Err(malformed()) };
    let (m, n) = (*rows as usize, *columns as usize);
    for (dim, wanted) in batch.iter().enumerate() {
        let subject = || format!("the extents of dimension {dim} of the matrices and the pivots");
        require_equal(subject, pivots.extents()[dim], *wanted)?;
    }
    let own = pivots.extents().last().map_or(0, |count| *count as usize);
    let mut elements = gathered(x.extents(), x.iter())?;
    for (number, start) in matrices(x.extents())?.0.into_iter().enumerate() {
        let matrix = &mut elements[start..start + m * n];
        for step in 0..own.min(m) {
            let k = if *reverse { own.min(m) - 1 - step } else { step };
            swap(matrix, n, k, clamped(pivots.element(number * own + k), m));
        }
    }
    Ok(Literal::tensor(x.dtype, x.extents().to_vec(), elements))
}
