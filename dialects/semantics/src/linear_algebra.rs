//! Factorizations of matrices, and the solution of triangular systems. Each step is rounded to the element type, and
//! sums are taken in the order of the eliminated rows.

use crate::elementwise::Kernel;
use crate::require::{malformed, require_equal};
use crate::view::{View, gathered, zero};
use dp_dialects::parameters::SolveForm;
use dp_dialects::{Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};

/// The arithmetic of an element type.
pub(crate) struct Arithmetic {
    dtype: ScalarType,
    sub: Kernel,
    mul: Kernel,
    div: Kernel,
}

impl Arithmetic {
    pub(crate) fn of(dtype: ScalarType) -> Result<Arithmetic> {
        let kernel = |kind| Kernel::of(kind, &Parameters::None, dtype, dtype);
        let (sub, mul) = (kernel(OpKind::ScalarSub)?, kernel(OpKind::ScalarMul)?);
        Ok(Arithmetic { dtype, sub, mul, div: kernel(OpKind::ScalarDiv)? })
    }

    /// `x / y`.
    pub(crate) fn divided(&self, x: Number, y: Number) -> Number {
        self.div.apply(&[x, y])
    }

    /// `y - a b`.
    pub(crate) fn eliminated(&self, y: Number, a: Number, b: Number) -> Number {
        self.sub.apply(&[y, self.mul.apply(&[a, b])])
    }

    fn conjugate(&self, x: Number) -> Number {
        if self.dtype.is_complex() { Number::Complex(x.complex().conj()) } else { x }
    }

    /// A number divided by a real one.
    fn scaled(&self, x: Number, divisor: f64) -> Number {
        match x {
            Number::Complex(x) => Number::Complex(num_complex::Complex::new(x.re / divisor, x.im / divisor)),
            Number::Real(x) => Number::Real(x / divisor),
            Number::Integer(_) => x,
        }
        .round(self.dtype)
    }
}

/// The matrices of a batch: where each starts, and a view of one.
pub(crate) fn matrices(extents: &[u64]) -> Result<(Vec<usize>, View)> {
    let batch = extents.len().checked_sub(2).ok_or_else(malformed)?;
    let whole = View::whole(extents);
    let leading: Vec<usize> = (0..batch).collect();
    let starts = gathered(&extents[..batch], whole.pick(&leading).positions())?;
    Ok((starts, whole.pick(&[batch, batch + 1])))
}

pub(crate) fn require_square(x: &Literal) -> Result<usize> {
    let [.., rows, columns] = x.extents()[..] else { return Err(malformed()) };
    require_equal(|| "the extents of a square matrix".into(), rows, columns)?;
    Ok(rows as usize)
}

/// The lower triangular factor, computed row by row of its adjoint; NaN if a pivot is not positive.
pub fn cholesky(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let [x, ..] = operands else { return Err(malformed()) };
    let n = require_square(x)?;
    let by = Arithmetic::of(x.dtype)?;
    let mut elements = gathered(x.extents(), x.iter())?;
    let (starts, _) = matrices(x.extents())?;
    for start in starts {
        let matrix = &mut elements[start..start + n * n];
        // The adjoint of the factor, above the diagonal.
        let mut upper = vec![zero(x.dtype); n * n];
        for i in 0..n {
            for j in i..n {
                upper[i * n + j] = by.conjugate(matrix[j * n + i]);
            }
        }
        let mut is_definite = true;
        for k in 0..n {
            let pivot = upper[k * n + k].complex().re;
            is_definite &= pivot > 0.0;
            let root = Number::Real(pivot.sqrt()).round(x.dtype.real()).re();
            upper[k * n + k] = Number::of_f64(root, x.dtype);
            for j in k + 1..n {
                upper[k * n + j] = by.scaled(upper[k * n + j], root);
            }
            for i in k + 1..n {
                let factor = by.conjugate(upper[k * n + i]);
                for j in i..n {
                    upper[i * n + j] = by.eliminated(upper[i * n + j], factor, upper[k * n + j]);
                }
            }
        }
        for i in 0..n {
            for j in 0..n {
                matrix[i * n + j] = match (j <= i, is_definite) {
                    (true, true) => by.conjugate(upper[j * n + i]),
                    (true, false) => nan(x.dtype),
                    (false, _) => zero(x.dtype),
                };
            }
        }
    }
    Ok(Literal::tensor(x.dtype, x.extents().to_vec(), elements))
}

fn nan(dtype: ScalarType) -> Number {
    match dtype.is_complex() {
        true => Number::Complex(num_complex::Complex::new(f64::NAN, f64::NAN)),
        false => Number::Real(f64::NAN),
    }
}

/// The solution of triangular systems, by substitution.
pub fn triangular_solve(parameters: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    let (Parameters::Solve(form), [a, b]) = (parameters, operands) else { return Err(malformed()) };
    let n = require_square(a)?;
    let own = b.extents().len() - if form.right { 2 } else { 1 };
    for dim in (0..b.extents().len()).filter(|dim| *dim != own) {
        let subject = || format!("the extents of dimension {dim} of the matrices and the right sides");
        require_equal(subject, a.extents()[dim], b.extents()[dim])?;
    }
    let by = Arithmetic::of(b.dtype)?;
    let mut elements = gathered(b.extents(), b.iter())?;
    let ((of_a, view_a), (of_b, view_b)) = (matrices(a.extents())?, matrices(b.extents())?);
    // With the matrix to the right, the transposed system is solved.
    let [(_, row), (_, column)] = view_b.dims[..] else { return Err(malformed()) };
    let (count, step, place) = match form.right {
        true => (view_b.dims[0].0, row, column),
        false => (view_b.dims[1].0, column, row),
    };
    let SolveForm { upper, unit, transposed, conjugated, right } = *form;
    let is_transposed = transposed != right;
    let is_lower = upper == is_transposed;
    let [(_, row), (_, column)] = view_a.dims[..] else { return Err(malformed()) };
    for (start_a, start_b) in of_a.into_iter().zip(of_b) {
        let factor = |i: usize, j: usize| {
            let (i, j) = if is_transposed { (j, i) } else { (i, j) };
            let element = a.element(start_a + i * row + j * column);
            if conjugated { by.conjugate(element) } else { element }
        };
        for at in 0..n {
            let k = if is_lower { at } else { n - 1 - at };
            let rest = if is_lower { k + 1..n } else { 0..k };
            for side in 0..count {
                let at = |i: usize| start_b + side * step + i * place;
                if !unit {
                    elements[at(k)] = by.div.apply(&[elements[at(k)], factor(k, k)]);
                }
                for i in rest.clone() {
                    elements[at(i)] = by.eliminated(elements[at(i)], factor(i, k), elements[at(k)]);
                }
            }
        }
    }
    Ok(Literal::tensor(b.dtype, b.extents().to_vec(), elements))
}
