//! `array.fft`: discrete Fourier transforms.
//!
//! The complex numbers of all lines are in two real tensors. Real lines of even length are complex lines of half the length,
//! with their elements at even places as real parts. An inverse transform exchanges real and imaginary parts before and
//! after. A length with a prime factor that is not small is transformed by longer lines ([`chirp`]). CPUs transform
//! several lines at once in vectors ([`lines`]), GPUs all elements in a sequence of nests ([`nests`]).

mod butterflies;
mod chirp;
mod columns;
mod lanes;
mod lines;
mod matrix;
mod nests;
mod roots;

use super::LoweringSite;
use super::sort::{read, select};
use crate::checks::{Order, compare};
use crate::structured::{Index, Indexed, arith, empty, extents, generic, loop_index};
use butterflies::radices;
use dp_dialects::attributes::FftKind;
use dp_dialects::ir::Val;
use dp_dialects::parameters::FftForm;
use dp_dialects::{Builder, Diagnostic, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use lines::{Lines, Numbers};
use roots::{Roots, product};

/// Complex numbers.
#[derive(Clone)]
struct Planes<'c> {
    /// The real parts.
    re: Val<'c>,
    /// The imaginary parts.
    im: Val<'c>,
    /// The type of either.
    of: ValueType,
    /// The dimension of the lines.
    dim: usize,
}

impl<'c> Planes<'c> {
    /// The length of the lines.
    fn length(&self) -> u64 {
        self.of.extents()[self.dim].unwrap_or(1)
    }

    /// With real and imaginary parts exchanged.
    fn exchanged(self) -> Planes<'c> {
        Planes { re: self.im, im: self.re, ..self }
    }

    /// Numbers in lines of another length, by a function of the place in the line and of a number of these in the same
    /// line.
    fn lines(&self, b: &Builder<'c>, length: u64, body: &Element<'_, 'c>) -> Result<Planes<'c>> {
        let mut shape = self.of.extents().to_vec();
        shape[self.dim] = Some(length);
        let of = ValueType::tensor(self.of.dtype, shape);
        let open = extents(b, self.re)?;
        let made = nest(b, &[&of, &of], &open, self.dim, |b, place, at| {
            let element = |b: &Builder<'c>, k: Val<'c>| {
                let element = read(b, &[self.re, self.im], &at(b, k)?)?;
                Ok([element[0], element[1]])
            };
            body(b, place, &element).map(|parts| parts.to_vec())
        })?;
        Ok(Planes { re: made[0], im: made[1], of, dim: self.dim })
    }
}

/// The parts of a number of a new line, from its place and an old line.
type Element<'e, 'c> = dyn Fn(&Builder<'c>, Val<'c>, &Line<'_, 'c>) -> Result<[Val<'c>; 2]> + 'e;

/// The parts of the number at a place in a line.
type Line<'l, 'c> = dyn Fn(&Builder<'c>, Val<'c>) -> Result<[Val<'c>; 2]> + 'l;

/// The indices of the element at a place in a line.
type Places<'l, 'c> = dyn Fn(&Builder<'c>, Val<'c>) -> Result<Vec<Val<'c>>> + 'l;

/// A nest over all elements of new tensors. The body takes the place in the line.
fn nest<'c>(
    b: &Builder<'c>,
    of: &[&ValueType],
    open: &[Val<'c>],
    dim: usize,
    body: impl FnOnce(&Builder<'c>, Val<'c>, &Places<'_, 'c>) -> Result<Vec<Val<'c>>>,
) -> Result<Vec<Val<'c>>> {
    let rank = of[0].rank();
    let outputs = of.iter().map(|of| Ok(Indexed::identity(empty(b, of, open)?, rank)));
    let outputs = outputs.collect::<Result<Vec<_>>>()?;
    generic(b, rank, &[], &[], &outputs, |b, _| {
        let at = |b: &Builder<'c>, place| {
            (0..rank).map(|other| if other == dim { Ok(place) } else { loop_index(b, other) }).collect()
        };
        body(b, loop_index(b, dim)?, &at)
    })
}

pub(super) fn fft<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let Parameters::Fft(form) = site.parameters else { return site.malformed() };
    let (b, x, n) = (&site.b, site.operands[0], form.length);
    if site.result.extents().contains(&Some(0)) {
        return empty(b, &site.result, &extents(b, x)?);
    }
    let is_even = n.is_multiple_of(2);
    match form.kind {
        FftKind::Fft | FftKind::Ifft => {
            let scale = if form.kind == FftKind::Ifft { 1.0 / n as f64 } else { 1.0 };
            if let Some(radices) = in_vectors(site, n) {
                let y = empty(b, &site.result, &extents(b, x)?)?;
                let (from, to) = (Numbers::Complex(x), Numbers::Complex(y));
                let exchanged = form.kind == FftKind::Ifft;
                return only(&lines(site, form, n, Lines { exchanged, scale, ..Lines::new(from, to) }, &radices)?);
            }
            let planes = split(site, form, false)?;
            match form.kind {
                FftKind::Ifft => joined(site, &transformed(site, &planes.exchanged())?.exchanged(), scale),
                _ => joined(site, &transformed(site, &planes)?, scale),
            }
        }
        FftKind::Rfft if is_even => {
            let Some(radices) = in_vectors(site, n / 2) else {
                return spectrum(site, form, &transformed(site, &paired(site, form)?)?);
            };
            let of = plane(site, form, n / 2);
            let memory = || empty(b, &of, &extents(b, x)?);
            let to = Numbers::Planes(memory()?, memory()?);
            let made = lines(site, form, n / 2, Lines::new(Numbers::Pairs(x), to), &radices)?;
            spectrum(site, form, &Planes { re: made[0], im: made[1], of, dim: form.dim })
        }
        FftKind::Rfft => joined(site, &transformed(site, &split(site, form, false)?)?, 1.0),
        FftKind::Irfft if is_even => {
            let planes = unpaired(site, form)?;
            let scale = 1.0 / n as f64;
            if let Some(radices) = in_vectors(site, n / 2) {
                let y = empty(b, &site.result, &extents(b, x)?)?;
                let from = Numbers::Planes(planes.re, planes.im);
                let inverse = Lines { exchanged: true, scale, ..Lines::new(from, Numbers::Pairs(y)) };
                return only(&lines(site, form, n / 2, inverse, &radices)?);
            }
            let planes = transformed(site, &planes.exchanged())?.exchanged();
            let made = nest(b, &[&site.result], &extents(b, x)?, form.dim, |b, place, at| {
                let half = arith(b, "arith.shrui", place, b.index(1)?)?;
                let is_odd = compare(b, Order::Eq, arith(b, "arith.andi", place, b.index(1)?)?, b.index(1)?)?;
                let parts = read(b, &[planes.re, planes.im], &at(b, half)?)?;
                let part = select(b, is_odd, parts[1], parts[0])?;
                Ok(vec![times(b, part, scale)?])
            })?;
            only(&made)
        }
        FftKind::Irfft => {
            let planes = transformed(site, &split(site, form, true)?.exchanged())?.exchanged();
            let rank = site.result.rank();
            let out = Indexed::identity(empty(b, &site.result, &extents(b, x)?)?, rank);
            let made = generic(b, rank, &[], &[Indexed::identity(planes.re, rank)], &[out], |b, elements| {
                Ok(vec![times(b, elements[0], 1.0 / n as f64)?])
            })?;
            only(&made)
        }
    }
}

/// The only result of a nest.
fn only<'c>(made: &[Val<'c>]) -> Result<Val<'c>> {
    made.first().copied().ok_or_else(|| Diagnostic::internal("internal error: a nest without results"))
}

/// The radices of lines that are transformed in vectors: on CPUs, if they have more than one element.
fn in_vectors(site: &LoweringSite, length: u64) -> Option<Vec<u64>> {
    radices(length).filter(|_| !site.windows && length > 1)
}

/// Transforms lines of the operand's other dimensions.
fn lines<'c>(
    site: &LoweringSite<'c>,
    form: FftForm,
    length: u64,
    lines: Lines<'c>,
    radices: &[u64],
) -> Result<Vec<Val<'c>>> {
    let (b, x, of) = (&site.b, site.operands[0], &site.types[0]);
    let extent = |dim| if dim == form.dim { Ok(Index::Known(length as i64)) } else { Index::extent(b, x, of, dim) };
    let extents = (0..of.rank()).map(extent).collect::<Result<_>>()?;
    lines::lines(site, &Lines { extents, dim: form.dim, ..lines }, of.dtype.real(), radices)
}

/// Transforms the lines, without a factor.
fn transformed<'c>(site: &LoweringSite<'c>, x: &Planes<'c>) -> Result<Planes<'c>> {
    match (x.length(), radices(x.length())) {
        (1, _) => Ok(x.clone()),
        (_, None) => chirp::chirp(site, x),
        (_, Some(radices)) if site.windows => nests::nests(site, x, &radices),
        (_, Some(radices)) => {
            let b = &site.b;
            let memory = || empty(b, &x.of, &extents(b, x.re)?);
            let (from, to) = (Numbers::Planes(x.re, x.im), Numbers::Planes(memory()?, memory()?));
            let extents = (0..x.of.rank()).map(|dim| Index::extent(b, x.re, &x.of, dim)).collect::<Result<_>>()?;
            let lines = Lines { extents, dim: x.dim, ..Lines::new(from, to) };
            let made = lines::lines(site, &lines, x.of.dtype, &radices)?;
            Ok(Planes { re: made[0], im: made[1], ..x.clone() })
        }
    }
}

fn number<'c>(b: &Builder<'c>, dtype: ScalarType, value: f64) -> Result<Val<'c>> {
    b.literal(Literal::number(dtype, Number::Real(value).round(dtype)))
}

/// A number times a constant.
fn times<'c>(b: &Builder<'c>, x: Val<'c>, by: f64) -> Result<Val<'c>> {
    let by = number(b, ValueType::of_value(x)?.dtype, by)?;
    b.scalar(OpKind::ScalarMul, &[x, by])
}

/// The parts of an element of the operand, which may be real.
fn parts<'c>(b: &Builder<'c>, x: Val<'c>) -> Result<[Val<'c>; 2]> {
    let dtype = ValueType::of_value(x)?.dtype;
    match dtype.is_complex() {
        true => Ok([b.scalar(OpKind::ScalarReal, &[x])?, b.scalar(OpKind::ScalarImag, &[x])?]),
        false => Ok([x, number(b, dtype, 0.0)?]),
    }
}

/// The type of the real or imaginary parts of lines.
fn plane(site: &LoweringSite, form: FftForm, length: u64) -> ValueType {
    let mut shape = site.types[0].extents().to_vec();
    shape[form.dim] = Some(length);
    ValueType::tensor(site.types[0].dtype.real(), shape)
}

/// The parts of the operand; of whole lines, if only their first halves are given.
fn split<'c>(site: &LoweringSite<'c>, form: FftForm, completed: bool) -> Result<Planes<'c>> {
    let (b, x, n) = (&site.b, site.operands[0], form.length);
    let of = plane(site, form, n);
    let open = extents(b, x)?;
    let made = if completed {
        nest(b, &[&of, &of], &open, form.dim, |b, place, at| {
            let mirror = arith(b, "arith.subi", b.index(n as i64)?, place)?;
            let is_given = compare(b, Order::Sle, place, mirror)?;
            let from = select(b, is_given, place, mirror)?;
            let [re, im] = parts(b, read(b, &[x], &at(b, from)?)?[0])?;
            let negative = b.scalar(OpKind::ScalarNeg, &[im])?;
            let im = select(b, is_given, im, negative)?;
            let is_first = compare(b, Order::Eq, place, b.index(0)?)?;
            Ok(vec![re, select(b, is_first, number(b, of.dtype, 0.0)?, im)?])
        })?
    } else {
        let rank = of.rank();
        let memory = || Ok(Indexed::identity(empty(b, &of, &open)?, rank));
        generic(b, rank, &[], &[Indexed::identity(x, rank)], &[memory()?, memory()?], |b, elements| {
            parts(b, elements[0]).map(|parts| parts.to_vec())
        })?
    };
    Ok(Planes { re: made[0], im: made[1], of, dim: form.dim })
}

/// Complex numbers times a factor as the elements of the result, or as many as it has.
fn joined<'c>(site: &LoweringSite<'c>, planes: &Planes<'c>, scale: f64) -> Result<Val<'c>> {
    let number = |b: &Builder<'c>, parts: &[Val<'c>]| {
        let part = |x| if scale == 1.0 { Ok(x) } else { times(b, x, scale) };
        b.scalar(OpKind::ScalarComplex, &[part(parts[0])?, part(parts[1])?]).map(|number| vec![number])
    };
    let (b, open) = (&site.b, extents(&site.b, planes.re)?);
    if site.result.extents() == planes.of.extents() {
        let rank = site.result.rank();
        let inputs = [planes.re, planes.im].map(|x| Indexed::identity(x, rank));
        let out = Indexed::identity(empty(b, &site.result, &open)?, rank);
        return only(&generic(b, rank, &[], &inputs, &[out], number)?);
    }
    only(&nest(b, &[&site.result], &open, planes.dim, |b, place, at| {
        number(b, &read(b, &[planes.re, planes.im], &at(b, place)?)?)
    })?)
}

/// Real lines of even length as complex ones of half the length.
fn paired<'c>(site: &LoweringSite<'c>, form: FftForm) -> Result<Planes<'c>> {
    let (b, x) = (&site.b, site.operands[0]);
    let of = plane(site, form, form.length / 2);
    let made = nest(b, &[&of, &of], &extents(b, x)?, form.dim, |b, place, at| {
        let even = arith(b, "arith.addi", place, place)?;
        let odd = arith(b, "arith.addi", even, b.index(1)?)?;
        Ok(vec![read(b, &[x], &at(b, even)?)?[0], read(b, &[x], &at(b, odd)?)?[0]])
    })?;
    Ok(Planes { re: made[0], im: made[1], of, dim: form.dim })
}

/// Half of the spectrum of real lines of even length, from the transform `z` of the paired lines of length `h`: `e_k + w^k
/// o_k`, where `2 e_k = z_k + conj(z_{h-k})` and `2i o_k = z_k - conj(z_{h-k})`.
fn spectrum<'c>(site: &LoweringSite<'c>, form: FftForm, planes: &Planes<'c>) -> Result<Val<'c>> {
    let (b, half) = (&site.b, form.length / 2);
    let roots = Roots::new(b, planes.of.dtype, form.length, half + 1)?;
    let made = nest(b, &[&site.result], &extents(b, planes.re)?, form.dim, |b, place, at| {
        let (zero, last) = (b.index(0)?, b.index(half as i64)?);
        let at_end = |k| -> Result<Val<'c>> { select(b, compare(b, Order::Eq, k, last)?, zero, k) };
        let mirror = at_end(arith(b, "arith.subi", last, place)?)?;
        let z = read(b, &[planes.re, planes.im], &at(b, at_end(place)?)?)?;
        let mirrored = read(b, &[planes.re, planes.im], &at(b, mirror)?)?;
        let op = |kind, x, y| b.scalar(kind, &[x, y]);
        let even = [op(OpKind::ScalarAdd, z[0], mirrored[0])?, op(OpKind::ScalarSub, z[1], mirrored[1])?];
        let odd = [op(OpKind::ScalarAdd, z[1], mirrored[1])?, op(OpKind::ScalarSub, mirrored[0], z[0])?];
        let odd = product(b, odd, roots.at(b, place)?)?;
        let sum = |part: usize| times(b, op(OpKind::ScalarAdd, even[part], odd[part])?, 0.5);
        Ok(vec![b.scalar(OpKind::ScalarComplex, &[sum(0)?, sum(1)?])?])
    })?;
    Ok(made[0])
}

/// The transform of the paired lines from half of the spectrum `x` of real lines of even length, times 2: `(x_k +
/// conj(x_{h-k})) + i w^-k (x_k - conj(x_{h-k}))`. What is not read of the first and of the last element is imaginary.
fn unpaired<'c>(site: &LoweringSite<'c>, form: FftForm) -> Result<Planes<'c>> {
    let (b, x, half) = (&site.b, site.operands[0], form.length / 2);
    let of = plane(site, form, half);
    let roots = Roots::new(b, of.dtype, form.length, half)?;
    let made = nest(b, &[&of, &of], &extents(b, x)?, form.dim, |b, place, at| {
        let mirror = arith(b, "arith.subi", b.index(half as i64)?, place)?;
        let is_first = compare(b, Order::Eq, place, b.index(0)?)?;
        let zero = number(b, of.dtype, 0.0)?;
        let read_at = |k| -> Result<[Val<'c>; 2]> {
            let [re, im] = parts(b, read(b, &[x], &at(b, k)?)?[0])?;
            Ok([re, select(b, is_first, zero, im)?])
        };
        let (x, mirrored) = (read_at(place)?, read_at(mirror)?);
        let op = |kind, x, y| b.scalar(kind, &[x, y]);
        let sum = [op(OpKind::ScalarAdd, x[0], mirrored[0])?, op(OpKind::ScalarSub, x[1], mirrored[1])?];
        let difference = [op(OpKind::ScalarSub, x[0], mirrored[0])?, op(OpKind::ScalarAdd, x[1], mirrored[1])?];
        let [re, im] = roots.at(b, place)?;
        let back = [re, b.scalar(OpKind::ScalarNeg, &[im])?];
        let turned = product(b, difference, back)?;
        Ok(vec![op(OpKind::ScalarSub, sum[0], turned[1])?, op(OpKind::ScalarAdd, sum[1], turned[0])?])
    })?;
    Ok(Planes { re: made[0], im: made[1], of, dim: form.dim })
}
