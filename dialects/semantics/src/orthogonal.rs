//! QR factorizations by Householder reflections, and eigenvalues and singular values by Jacobi rotations. Each matrix is
//! computed in complex f64, for each type, and rounded once.

use crate::linear_algebra::{matrices, require_square};
use crate::require::malformed;
use crate::view::gathered;
use dp_dialects::{Literal, Number, Parameters, Result, ScalarType, ValueType};
use num_complex::Complex64;

/// Sweeps of rotations converge quadratically; this many are never needed.
const SWEEPS: usize = 60;

/// The columns of a matrix.
type Columns = Vec<Vec<Complex64>>;

const ZERO: Complex64 = Complex64::new(0.0, 0.0);
const ONE: Complex64 = Complex64::new(1.0, 0.0);
const NAN: Complex64 = Complex64::new(f64::NAN, f64::NAN);

/// The packed factors.
pub fn qr(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    each(operands, |m, n| vec![m, n], |x| reflected(x).0)
}

/// The factors of the reflections.
pub fn qr_taus(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    each(operands, |m, n| vec![m.min(n)], |x| vec![reflected(x).1])
}

/// The eigenvalues, from the least on.
pub fn eigh_values(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    operands.first().map(require_square).transpose()?;
    each(operands, |n, _| vec![n], |x| vec![eigen(x).0]).map(|values| real(&values))
}

/// The eigenvectors.
pub fn eigh_vectors(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    operands.first().map(require_square).transpose()?;
    each(operands, |m, n| vec![m, n], |x| eigen(x).1)
}

/// The singular values, from the greatest on.
pub fn svd_values(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    each(operands, |m, n| vec![m.min(n)], |x| vec![Singular::of(x).values]).map(|values| real(&values))
}

/// The left singular vectors.
pub fn svd_left(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    each(operands, |m, n| vec![m, m.min(n)], |x| Singular::of(x).left)
}

/// The adjoint right singular vectors.
pub fn svd_right(_: &Parameters, operands: &[Literal], _: &ValueType) -> Result<Literal> {
    each(
        operands,
        |m, n| vec![m.min(n), n],
        |x| {
            let n = x.len();
            adjoint(&Singular::of(x).right, n)
        },
    )
}

/// What a function makes of each matrix of a batch, whose extents follow from those of the matrix.
fn each(operands: &[Literal], shape: fn(u64, u64) -> Vec<u64>, of: impl Fn(Columns) -> Columns) -> Result<Literal> {
    let [x] = operands else { return Err(malformed()) };
    let [batch @ .., rows, columns] = x.extents() else { return Err(malformed()) };
    let (m, n) = (*rows as usize, *columns as usize);
    let elements = gathered(x.extents(), x.iter())?;
    let shape = shape(*rows, *columns);
    let mut made = Vec::new();
    for start in matrices(x.extents())?.0 {
        let column = |j: usize| (0..m).map(|i| elements[start + i * n + j].complex()).collect();
        let columns = of((0..n).map(column).collect());
        let places = (0..shape[0] as usize).flat_map(|i| columns.iter().map(move |column| column[i]));
        made.extend(places.map(|element| rounded(element, x.dtype)));
    }
    Ok(Literal::tensor(x.dtype, batch.iter().copied().chain(shape).collect(), made))
}

fn rounded(x: Complex64, dtype: ScalarType) -> Number {
    if dtype.is_complex() { Number::Complex(x).round(dtype) } else { Number::Real(x.re).round(dtype) }
}

/// The real parts.
fn real(x: &Literal) -> Literal {
    let dtype = x.dtype.real();
    let parts = x.iter().map(|x| Number::Real(x.complex().re).round(dtype)).collect();
    Literal::tensor(dtype, x.extents().to_vec(), parts)
}

/// The columns of the adjoint of a matrix of so many rows.
fn adjoint(x: &Columns, rows: usize) -> Columns {
    (0..rows).map(|i| x.iter().map(|column| column[i].conj()).collect()).collect()
}

/// `xᴴ y`.
fn dot(x: &[Complex64], y: &[Complex64]) -> Complex64 {
    x.iter().zip(y).map(|(x, y)| x.conj() * y).sum()
}

/// The length of a vector.
fn norm(x: &[Complex64]) -> f64 {
    let most = x.iter().map(|x| x.re.abs().max(x.im.abs())).fold(0.0, f64::max);
    if most == 0.0 || !most.is_finite() {
        return x.iter().map(|x| x.re.abs() + x.im.abs()).sum();
    }
    most * x.iter().map(|x| (x / most).norm_sqr()).sum::<f64>().sqrt()
}

/// The packed factors, and the factors of the reflections.
fn reflected(mut x: Columns) -> (Columns, Vec<Complex64>) {
    let (n, m) = (x.len(), x.first().map_or(0, Vec::len));
    let mut taus = Vec::new();
    for k in 0..m.min(n) {
        let (alpha, tail) = (x[k][k], norm(&x[k][k + 1..]));
        if tail == 0.0 && alpha.im == 0.0 {
            taus.push(ZERO);
            continue;
        }
        let whole = alpha.re.hypot(alpha.im).hypot(tail);
        let beta = if alpha.re < 0.0 { whole } else { -whole };
        let tau = (beta - alpha) / beta;
        let mut reflector = vec![ONE];
        reflector.extend(x[k][k + 1..].iter().map(|element| element / (alpha - beta)));
        for column in &mut x[k + 1..] {
            let along = tau.conj() * dot(&reflector, &column[k..]);
            column[k..].iter_mut().zip(&reflector).for_each(|(element, v)| *element -= v * along);
        }
        x[k][k + 1..].copy_from_slice(&reflector[1..]);
        x[k][k] = beta.into();
        taus.push(tau);
    }
    (x, taus)
}

/// A rotation of two vectors, `p - s̄ q` and `s p + q`, both times the cosine.
struct Rotation {
    cosine: f64,
    sine: Complex64,
}

impl Rotation {
    /// The rotation that diagonalizes the Hermitian matrix with this diagonal and upper element.
    fn of([p, q]: [f64; 2], upper: Complex64) -> Rotation {
        let size = upper.norm();
        let theta = (q - p) / (2.0 * size);
        let tangent = 1.0f64.copysign(theta) / (theta.abs() + theta.hypot(1.0));
        let cosine = 1.0 / tangent.hypot(1.0);
        Rotation { cosine, sine: tangent * cosine * (upper / size) }
    }

    fn apply(&self, p: Complex64, q: Complex64) -> [Complex64; 2] {
        [self.cosine * p - self.sine.conj() * q, self.sine * p + self.cosine * q]
    }

    fn columns(&self, x: &mut Columns, [p, q]: [usize; 2]) {
        for i in 0..x[p].len() {
            [x[p][i], x[q][i]] = self.apply(x[p][i], x[q][i]);
        }
    }
}

fn identity(n: usize) -> Columns {
    (0..n).map(|j| (0..n).map(|i| if i == j { ONE } else { ZERO }).collect()).collect()
}

/// Eigenvalues and eigenvectors.
fn eigen(mut x: Columns) -> (Vec<Complex64>, Columns) {
    let n = x.len();
    let read = x.clone();
    for (j, column) in x.iter_mut().enumerate() {
        column[j].im = 0.0;
        column[..j].iter_mut().zip(&read).for_each(|(upper, lower)| *upper = lower[j].conj());
    }
    if !x.iter().flatten().all(|x| x.is_finite()) {
        return (vec![NAN; n], vec![vec![NAN; n]; n]);
    }
    // Elements as small as this say nothing of the eigenvalues.
    let least = f64::EPSILON / 16.0 * x.iter().map(|column| norm(column)).fold(0.0, f64::max);
    let mut vectors = identity(n);
    for _ in 0..SWEEPS {
        let mut is_done = true;
        for p in 0..n {
            for q in p + 1..n {
                let upper = x[q][p];
                if upper.norm() <= least {
                    continue;
                }
                is_done = false;
                let rotation = Rotation::of([x[p][p].re, x[q][q].re], upper);
                rotation.columns(&mut x, [p, q]);
                for column in &mut x {
                    let [p_new, q_new] = rotation.apply(column[p].conj(), column[q].conj());
                    (column[p], column[q]) = (p_new.conj(), q_new.conj());
                }
                (x[p][q], x[q][p]) = (ZERO, ZERO);
                rotation.columns(&mut vectors, [p, q]);
            }
        }
        if is_done {
            break;
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|p, q| x[*p][*p].re.total_cmp(&x[*q][*q].re));
    let values = order.iter().map(|j| x[*j][*j].re.into()).collect();
    (values, order.iter().map(|j| std::mem::take(&mut vectors[*j])).collect())
}

/// Singular values and vectors, as columns.
struct Singular {
    left: Columns,
    values: Vec<Complex64>,
    right: Columns,
}

impl Singular {
    fn of(x: Columns) -> Singular {
        let (n, m) = (x.len(), x.first().map_or(0, Vec::len));
        match m < n {
            false => Singular::of_tall(x, m),
            true => {
                let Singular { left, values, right } = Singular::of_tall(adjoint(&x, m), n);
                Singular { left: right, values, right: left }
            }
        }
    }

    /// By rotations of columns until they are orthogonal.
    fn of_tall(mut x: Columns, m: usize) -> Singular {
        let n = x.len();
        if !x.iter().flatten().all(|x| x.is_finite()) {
            return Singular { left: vec![vec![NAN; m]; n], values: vec![NAN; n], right: vec![vec![NAN; n]; n] };
        }
        // Squares of elements neither overflow nor vanish.
        let most = x.iter().map(|column| norm(column)).fold(0.0, f64::max);
        let scale = if most > 0.0 { most } else { 1.0 };
        x.iter_mut().flatten().for_each(|x| *x /= scale);
        let mut right = identity(n);
        for _ in 0..SWEEPS {
            let mut is_done = true;
            for p in 0..n {
                for q in p + 1..n {
                    let (of_p, of_q) = (dot(&x[p], &x[p]).re, dot(&x[q], &x[q]).re);
                    let upper = dot(&x[p], &x[q]);
                    if upper.norm() <= f64::EPSILON * (of_p * of_q).sqrt() || upper.norm() < 1e-290 {
                        continue;
                    }
                    is_done = false;
                    let rotation = Rotation::of([of_p, of_q], upper);
                    rotation.columns(&mut x, [p, q]);
                    rotation.columns(&mut right, [p, q]);
                }
            }
            if is_done {
                break;
            }
        }
        let sizes: Vec<f64> = x.iter().map(|column| norm(column)).collect();
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_by(|p, q| sizes[*q].total_cmp(&sizes[*p]));
        let mut left: Columns = Vec::new();
        for j in &order {
            let is_small = sizes[*j] < f64::EPSILON * f64::EPSILON;
            let column = match is_small {
                true => completion(&left, m),
                false => x[*j].iter().map(|element| element / sizes[*j]).collect(),
            };
            left.push(column);
        }
        let values = order.iter().map(|j| (sizes[*j] * scale).into()).collect();
        Singular { left, values, right: order.iter().map(|j| std::mem::take(&mut right[*j])).collect() }
    }
}

/// A vector orthogonal to orthonormal ones: what they leave of the unit vector of which they leave most.
fn completion(of: &Columns, m: usize) -> Vec<Complex64> {
    let rest = |i: usize| {
        let mut unit = vec![ZERO; m];
        unit[i] = ONE;
        for _ in 0..2 {
            for vector in of {
                let along = dot(vector, &unit);
                unit.iter_mut().zip(vector).for_each(|(element, v)| *element -= v * along);
            }
        }
        unit
    };
    let best = (0..m).map(rest).max_by(|x, y| norm(x).total_cmp(&norm(y))).unwrap_or_default();
    let size = norm(&best);
    best.into_iter().map(|element| element / size).collect()
}
