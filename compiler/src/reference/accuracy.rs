//! The accuracy page: the error bounds of `tests/math`.

use super::markdown::{code, table};

const BOUNDS: &str = include_str!("../../../tests/math/functions.inc");

const FOREWORD: &str = "# Accuracy of elementary functions

On CPUs, elementary and special functions are our own expansions (`passes/scalar/src/math`), which vectorize and need no
library. The table gives their error bounds in ulp of the exact result; `tests/math/run` measures them. If a scale is
given, terms of that size cancel at arguments below 0, and errors there are in ulp of the scale if the result is smaller.
f16 and bf16 are computed in f32 and rounded. The interpreter computes in f64 and rounds once.

Derivatives are formulas in these functions, with their intermediate errors: the derivative of `erf` and `erfc` at `x`
uses `exp(-(x * x))`, in which the rounding of the square causes an error of at most `x^2` ulp.
";

const COMPLEX_BOUNDS: &str = include_str!("../../../tests/math/complex.inc");

const COMPLEX_FOREWORD: &str = "## Complex numbers

The table gives error bounds in ulp of each part of the result, for every target except XLA. XLA uses some functions of
its own: there the bound is 12 ulp, and subnormal numbers may be 0. Functions of complex<f32> are computed in f64 and
rounded. A part overflows or underflows only if its exact value does, and no digits are lost near 0, near the unit circle
(`log`) and near the axes. A marked part may be a small difference of larger numbers; its bound grows by the factor by
which rounding the operands changes it. Products are computed as `(p + iq)(r + is) = (pr - qs) + i(ps + qr)`, each step
rounded to the type of the parts.

Branch cuts are along the negative real axis, as in C: the sign of a zero selects the side of the cut. A modulus is
infinite if a part is, even if the other part is NaN, and so is the real part of a logarithm. The square root of a number
with an infinite imaginary part has an infinite real part. `e^z` is 0 at `-inf + iy` and infinite at `inf + iy` for every
`y`, and `tanh` is ±1 there. A divisor that is real, imaginary or 0 divides each part of the dividend; division by 0
gives infinite or NaN parts. Other quotients follow C (annex G): infinite over finite is infinite, and finite over
infinite is 0, with the signs of `a b*`, in which an infinite part counts as ±1 and the other part as ±0. Under
`--fp=strict`, quotients have the interpreter's bits. `rsqrt` and negative powers of 0 have an infinite real part and a
NaN imaginary part. In all other cases, an infinite or NaN part of an operand makes the parts that depend on it NaN.
";

const SUMS: &str = "## Sums

Let `u` be half an ulp of 1 (2^-24 in f32, 2^-53 in f64). On the CPU, the error of a sum of `n` contiguous numbers is at
most `(256 + 32) u` times the sum of their magnitudes, for any `n`, also if the numbers are computed in the same loop:
vector lanes add at most 256 numbers, and the sums of these blocks are compensated. Sums along a strided dimension, such
as sums of the columns of a matrix, add one row after the other: the bound is `n u`. The same holds for sums in loops that
do not vectorize and for complex sums. Under `--fp=strict`, every sum is computed in order, within `n u`, with the same
bits as in the interpreter. The relative error of a product of `n` numbers is at most `n u`.

Sums and products of f16 and bf16, including `array.dot`, are computed in f32 and rounded once, on every target. For other
types, the interpreter and `--fp=strict` round each step of a dot to its type, in order.
";

pub(super) fn page() -> String {
    let rows = |bounds: &'static str| bounds.lines().filter_map(|line| line.strip_prefix("ROW(")?.strip_suffix(')'));
    let reals = table(&["Function", "f32", "f64", "Scale below 0"], rows(BOUNDS).filter_map(cells));
    let complex = table(
        &["Function", "complex<f32>", "complex<f64>", "Marked parts"],
        rows(COMPLEX_BOUNDS).filter_map(complex_cells),
    );
    format!("{FOREWORD}\n{reals}\n{COMPLEX_FOREWORD}\n{complex}\n{SUMS}")
}

/// Name, arity, two bounds, the components whose bounds grow.
fn complex_cells(row: &str) -> Option<Vec<String>> {
    let fields: Vec<&str> = row.split(',').map(str::trim).collect();
    let [name, _, single, double, grows] = fields[..] else { return None };
    let grows = if grows == "no" { "" } else { grows };
    Some(vec![code(name), single.into(), double.into(), grows.into()])
}

/// Name, arity, four interval ends, two bounds, a scale.
fn cells(row: &str) -> Option<Vec<String>> {
    let fields: Vec<&str> = row.split(',').map(str::trim).collect();
    let [name, _, _, _, _, _, single, double, scale] = fields[..] else { return None };
    let scale = if scale == "0" { "" } else { scale };
    Some(vec![code(name), single.into(), double.into(), scale.into()])
}
