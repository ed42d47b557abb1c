//! QR factors, eigenvalues and eigenvectors, singular values and vectors.

use super::linear_algebra::lower_half;
use super::{Derivative, DerivativeRule, Tangents};
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_dialects::OpKind::*;
use dp_dialects::attributes::{Predicate, Reduction};
use dp_dialects::ir::Val;
use dp_dialects::parameters::SolveForm;
use dp_dialects::{Builder, Diagnostic, OpKind, Parameters, Result, ValueType};
use dp_passes::matrices::{
    Reflections, Size, Triangle, adjoint, compare, conjugate, identity, of_columns, padded, product, promoted, rank,
    real, reduce, reflectors, scale_rows, slice, solve, splat, spread, weights,
};

pub(super) static ROWS: &[DerivativeRule] = &[
    DerivativeRule::new(ArrayQr, Derivative::Special(qr, QR)).nondifferentiable(RANK),
    DerivativeRule::new(ArrayQrTaus, Derivative::Special(qr_taus, TAUS)).nondifferentiable(RANK),
    DerivativeRule::new(ArrayEighValues, Derivative::Special(eigh_values, VALUES)),
    DerivativeRule::new(ArrayEighVectors, Derivative::Special(eigh_vectors, VECTORS)).nondifferentiable(EQUAL),
    DerivativeRule::new(ArraySvdValues, Derivative::Special(svd_values, SINGULAR)),
    DerivativeRule::new(ArraySvdLeft, Derivative::Special(svd_left, LEFT)).nondifferentiable(EQUAL_SINGULAR),
    DerivativeRule::new(ArraySvdRight, Derivative::Special(svd_right, RIGHT)).nondifferentiable(EQUAL_SINGULAR),
];

const QR: &str = "above the diagonal `dr = qᴴ dx - ω r`, where ω is the skew-Hermitian matrix with the lower triangle of `qᴴ dx r⁻¹`; \
    below it the change of the reflections, which are LU factors of `q - 1`";

const TAUS: &str = "the taus times the diagonal of `v⁻¹ dv`, as the reflections change with `array.qr`";

const VALUES: &str =
    "the real diagonal of `vᴴ dx v`, where dx is the Hermitian matrix with the lower triangle of the tangent";

const VECTORS: &str =
    "`v (f ∘ vᴴ dx v)` with `f_ij = 1 / (w_j - w_i)`, and 0 on the diagonal: a vector does not turn into itself";

const SINGULAR: &str = "the real diagonal of `uᴴ dx vᴴ`, where v has the adjoint right vectors";

const LEFT: &str = "`u (f ∘ (z s + s zᴴ)) + (1 - u uᴴ) dx vᴴ s⁻¹` with `z = uᴴ dx vᴴ` and `f_ij = 1 / (s_j² - s_i²)`; with complex \
    numbers also the skew diagonal of z, halved and over s";

const RIGHT: &str =
    "the adjoint of the tangent of the right vectors, as of the left ones of the adjoint matrix, without the diagonal";

const RANK: &str = "the columns are taken to be independent, and not to be reduced before they are reflected";

const EQUAL: &str = "vectors of one eigenvalue do not turn into one another";

const EQUAL_SINGULAR: &str =
    "vectors of one singular value do not turn into one another, and vectors of 0 do not change";

/// Zeros of the results, where the operand has no tangent; otherwise its tangent.
fn tangent<'c>(site: &LinearizationSite<'c, '_>) -> std::result::Result<Val<'c>, Vec<Tangent<'c>>> {
    site.tangents[0].value().ok_or_else(|| vec![site.inactive()])
}

fn select<'c>(b: Builder<'c>, condition: Val<'c>, yes: Val<'c>, no: Val<'c>) -> Result<Val<'c>> {
    b.scalar(ScalarSelect, &[condition, yes, no])
}

/// How the factors change.
struct QrTangent<'c> {
    /// The rows of `r`.
    upper: Val<'c>,
    /// The vectors of the reflections.
    vectors: Val<'c>,
    taus: Val<'c>,
    /// The rows and columns of the matrices, and how many reflections there are.
    extents: [u64; 3],
}

/// With `q` the first columns of the product of the reflections, `q - 1 = -v (t vᴴ)` for the first rows of vᴴ is a
/// factorization into a lower and an upper triangular matrix. So the vectors and the taus change as LU factors do.
fn qr_tangent<'c>(
    site: &LinearizationSite<'c, '_>,
    dx: Val<'c>,
    packed: Val<'c>,
    taus: Val<'c>,
) -> Result<QrTangent<'c>> {
    let (b, linear) = (site.primal, site.linear);
    let of = ValueType::of_value(packed)?;
    let (rows, columns) = (of.rank() - 2, of.rank() - 1);
    let (Some(m), Some(n)) = (of.extents()[rows], of.extents()[columns]) else {
        let message = format!("'{}' has no derivative where the extents of the matrices are dynamic", site.kind.name());
        return Err(Diagnostic::unsupported(message)
            .help("make the extents of the matrices static, by their types or by --specialize"));
    };
    let k = m.min(n);
    let first = |b: Builder<'c>, x: Val<'c>, dims: &[usize]| -> Result<Val<'c>> {
        let parts = dims.iter().map(|dim| Ok((*dim, None, Size::known(b, k)?))).collect::<Result<Vec<_>>>()?;
        slice(b, x, &parts)
    };
    let vectors = reflectors(b, first(b, packed, &[columns])?, None)?;
    let top = first(b, vectors, &[rows])?;
    let factor = Reflections::of(b, vectors, taus)?.factor(b, adjoint(b, top)?)?;
    let made = product(b, vectors, factor, [columns, rows])?;
    let q = b.scalar(ScalarSub, &[identity(b, made)?, made])?;
    let of_rows = first(b, packed, &[rows])?;
    let r = b.scalar(ScalarMul, &[of_rows, weights(b, of_rows, Triangle::Upper, 1.0)?])?;

    let to_right = SolveForm { right: true, upper: true, ..SolveForm::default() };
    let along = solve(linear, to_right, first(b, of_rows, &[columns])?, first(linear, dx, &[columns])?)?;
    let inner = product(linear, conjugate(b, q)?, along, [rows, rows])?;
    let lower = linear.scalar(ScalarMul, &[inner, weights(b, factor, Triangle::Lower, 0.0)?])?;
    let mut turn = linear.scalar(ScalarSub, &[lower, adjoint(linear, lower)?])?;
    if of.dtype.is_complex() {
        turn = linear.scalar(ScalarAdd, &[turn, skew_diagonal(site, inner, factor)?])?;
    }
    // What is left of `qᴴ dx r⁻¹` is upper triangular.
    let left = linear.scalar(ScalarSub, &[inner, turn])?;
    // The vectors of a square q span everything: `dx r⁻¹ = q qᴴ dx r⁻¹`.
    let dq = match m == k {
        true => product(linear, q, turn, [columns, rows])?,
        false => linear.scalar(ScalarSub, &[along, product(linear, q, left, [columns, rows])?])?,
    };
    let upper = match n == k {
        true => product(linear, left, r, [columns, rows])?,
        false => {
            let whole = product(linear, conjugate(b, q)?, dx, [rows, rows])?;
            linear.scalar(ScalarSub, &[whole, product(linear, turn, r, [columns, rows])?])?
        }
    };

    // The last columns of a factor are 0 where the reflection is none; nothing depends on them.
    let none = compare(b, Predicate::Eq, taus, splat(b, 0.0, taus)?)?;
    let none = select(b, none, splat(b, 1.0, taus)?, splat(b, 0.0, taus)?)?;
    let factor = b.scalar(ScalarAdd, &[factor, scale_rows(b, identity(b, factor)?, none)?])?;
    let change = linear.scalar(ScalarNeg, &[solve(linear, to_right, factor, dq)?])?;
    let to_left = SolveForm { unit: true, ..SolveForm::default() };
    let within = solve(linear, to_left, top, first(linear, change, &[rows])?)?;
    let within = linear.scalar(ScalarMul, &[within, weights(b, factor, Triangle::Upper, 1.0)?])?;
    let of_vectors = linear.scalar(ScalarSub, &[change, product(linear, vectors, within, [columns, rows])?])?;
    let diagonal = linear.scalar(ScalarMul, &[within, identity(b, factor)?])?;
    let of_taus = linear.scalar(ScalarMul, &[reduce(linear, Reduction::Add, diagonal, columns)?, taus])?;
    Ok(QrTangent { upper, vectors: of_vectors, taus: of_taus, extents: [m, n, k] })
}

/// The diagonal of `(x - x̄) / 2`, in the shape of other matrices.
fn skew_diagonal<'c>(site: &LinearizationSite<'c, '_>, x: Val<'c>, like: Val<'c>) -> Result<Val<'c>> {
    let (b, linear) = (site.primal, site.linear);
    let half = b.scalar(ScalarMul, &[identity(b, like)?, splat(b, 0.5, like)?])?;
    linear.scalar(ScalarMul, &[linear.scalar(ScalarSub, &[x, conjugate(linear, x)?])?, half])
}

fn qr<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    let (packed, b, linear) = (site.results[0], site.primal, site.linear);
    let taus = b.emit(ArrayQrTaus, &Parameters::None, &[site.operands[0]])?;
    let QrTangent { upper, vectors, extents: [m, n, k], .. } = qr_tangent(site, dx, packed, taus)?;
    let rank = rank(packed)?;
    let upper = padded(linear, upper, rank - 2, m - k)?;
    let vectors = padded(linear, vectors, rank - 1, n - k)?;
    let upper = linear.scalar(ScalarMul, &[upper, weights(b, packed, Triangle::Upper, 1.0)?])?;
    let vectors = linear.scalar(ScalarMul, &[vectors, weights(b, packed, Triangle::Lower, 0.0)?])?;
    Ok(vec![Tangent::Value(linear.scalar(ScalarAdd, &[upper, vectors])?)])
}

fn qr_taus<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    let packed = site.primal.emit(ArrayQr, &Parameters::None, &[site.operands[0]])?;
    Ok(vec![Tangent::Value(qr_tangent(site, dx, packed, site.results[0])?.taus)])
}

/// The real diagonal of `xᴴ y`.
fn diagonal<'c>(site: &LinearizationSite<'c, '_>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
    let products = site.linear.scalar(ScalarMul, &[conjugate(site.primal, x)?, y])?;
    real(site.linear, reduce(site.linear, Reduction::Add, products, rank(x)? - 2)?)
}

fn eigh_values<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    let vectors = site.primal.emit(ArrayEighVectors, &Parameters::None, &[site.operands[0]])?;
    let last = rank(vectors)? - 1;
    // With dx = l + lᴴ, the diagonal is twice that of `vᴴ l v`, whose transpose is one product.
    let moved = product(site.linear, lower_half(site, dx, vectors)?, vectors, [last, last - 1])?;
    let half = diagonal(site, vectors, moved)?;
    Ok(vec![Tangent::Value(site.linear.scalar(ScalarAdd, &[half, half])?)])
}

/// `1 / (x_j - x_i)` for each pair of numbers of a list, or the same of their squares, in the shape and type of matrices; 0
/// where numbers are equal.
fn reciprocal_differences<'c>(b: Builder<'c>, x: Val<'c>, squared: bool, like: Val<'c>) -> Result<Val<'c>> {
    let r#type = ValueType::of_value(like)?;
    let dims: Vec<usize> = (0..r#type.rank() - 1).collect();
    let (of_row, of_column) = (spread(b, x, &dims, like)?, spread(b, x, &of_columns(like)?, like)?);
    let mut difference = b.scalar(ScalarSub, &[of_column, of_row])?;
    if squared {
        difference = b.scalar(ScalarMul, &[difference, b.scalar(ScalarAdd, &[of_column, of_row])?])?;
    }
    let (zero, one) = (splat(b, 0.0, difference)?, splat(b, 1.0, difference)?);
    let none = compare(b, Predicate::Eq, difference, zero)?;
    let reciprocal = b.scalar(ScalarDiv, &[one, select(b, none, one, difference)?])?;
    promoted(b, select(b, none, zero, reciprocal)?, r#type.dtype)
}

fn eigh_vectors<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    let (vectors, b, linear) = (site.results[0], site.primal, site.linear);
    let values = b.emit(ArrayEighValues, &Parameters::None, &[site.operands[0]])?;
    let last = rank(vectors)? - 1;
    let inner = product(linear, lower_half(site, dx, vectors)?, vectors, [last, last - 1])?;
    let inner = product(linear, conjugate(b, vectors)?, inner, [last - 1, last - 1])?;
    let inner = linear.scalar(ScalarAdd, &[inner, adjoint(linear, inner)?])?;
    let turn = linear.scalar(ScalarMul, &[inner, reciprocal_differences(b, values, false, vectors)?])?;
    Ok(vec![Tangent::Value(product(linear, vectors, turn, [last, last - 1])?)])
}

/// The decomposition of the operand, of which one part is the result of the operation.
struct Decomposition<'c> {
    left: Val<'c>,
    values: Val<'c>,
    right: Val<'c>,
}

impl<'c> Decomposition<'c> {
    fn of(site: &LinearizationSite<'c, '_>) -> Result<Decomposition<'c>> {
        let part = |kind: OpKind| match site.kind == kind {
            true => Ok(site.results[0]),
            false => site.primal.emit(kind, &Parameters::None, &site.operands[..1]),
        };
        Ok(Decomposition { left: part(ArraySvdLeft)?, values: part(ArraySvdValues)?, right: part(ArraySvdRight)? })
    }

    /// The decomposition of the adjoint.
    fn adjoint(&self, b: Builder<'c>) -> Result<Decomposition<'c>> {
        Ok(Decomposition { left: adjoint(b, self.right)?, values: self.values, right: adjoint(b, self.left)? })
    }

    /// The tangent of the left vectors. Of a pair of complex vectors, only their common factor is free: one of them follows
    /// the other.
    fn left(&self, site: &LinearizationSite<'c, '_>, dx: Val<'c>, follows: bool) -> Result<Val<'c>> {
        let (b, linear, Decomposition { left, values, right }) = (site.primal, site.linear, self);
        let of = ValueType::of_value(*left)?;
        let (rows, columns) = (of.rank() - 2, of.rank() - 1);
        let moved = product(linear, dx, conjugate(b, *right)?, [columns, columns])?;
        let inner = product(linear, conjugate(b, *left)?, moved, [rows, rows])?;
        // A primal value of this shape, for its extents.
        let like = product(b, conjugate(b, *left)?, *left, [rows, rows])?;
        let sizes = promoted(b, *values, of.dtype)?;
        let scaled = scale_columns_by(site, inner, sizes, like)?;
        let both = linear.scalar(ScalarAdd, &[scaled, adjoint(linear, scaled)?])?;
        let mut turn = linear.scalar(ScalarMul, &[both, reciprocal_differences(b, *values, true, like)?])?;
        let zero = splat(b, 0.0, *values)?;
        let none = compare(b, Predicate::Eq, *values, zero)?;
        let one = splat(b, 1.0, *values)?;
        let reciprocal = select(b, none, zero, b.scalar(ScalarDiv, &[one, select(b, none, one, *values)?])?)?;
        let reciprocal = promoted(b, reciprocal, of.dtype)?;
        if follows && of.dtype.is_complex() {
            let diagonal = scale_columns_by(site, skew_diagonal(site, inner, like)?, reciprocal, like)?;
            turn = linear.scalar(ScalarAdd, &[turn, diagonal])?;
        }
        let within = product(linear, *left, turn, [columns, rows])?;
        // The vectors of a square matrix span everything.
        if of.extents()[rows].is_some() && of.extents()[rows] == of.extents()[columns] {
            return Ok(within);
        }
        let spanned = product(linear, *left, inner, [columns, rows])?;
        let outside = linear.scalar(ScalarSub, &[moved, spanned])?;
        linear.scalar(ScalarAdd, &[within, scale_columns_by(site, outside, reciprocal, *left)?])
    }
}

/// Tangents of matrices in the shape of others, whose columns are multiplied by numbers.
fn scale_columns_by<'c>(site: &LinearizationSite<'c, '_>, x: Val<'c>, by: Val<'c>, like: Val<'c>) -> Result<Val<'c>> {
    let by = spread(site.primal, by, &of_columns(like)?, like)?;
    site.linear.scalar(ScalarMul, &[x, by])
}

fn svd_values<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    let Decomposition { left, right, .. } = Decomposition::of(site)?;
    let last = rank(left)? - 1;
    let moved = product(site.linear, dx, conjugate(site.primal, right)?, [last, last])?;
    Ok(vec![Tangent::Value(diagonal(site, left, moved)?)])
}

fn svd_left<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    Ok(vec![Tangent::Value(Decomposition::of(site)?.left(site, dx, true)?)])
}

fn svd_right<'c>(site: &mut LinearizationSite<'c, '_>) -> Tangents<'c> {
    let dx = match tangent(site) {
        Ok(dx) => dx,
        Err(none) => return Ok(none),
    };
    let turned = Decomposition::of(site)?.adjoint(site.primal)?;
    let made = turned.left(site, adjoint(site.linear, dx)?, false)?;
    Ok(vec![Tangent::Value(adjoint(site.linear, made)?)])
}
