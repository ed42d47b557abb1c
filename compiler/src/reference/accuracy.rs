//! The page of accuracy: the bounds by which `tests/math` measures.

use super::markdown::{code, table};

const BOUNDS: &str = include_str!("../../../tests/math/functions.inc");

const FOREWORD: &str = "# Accuracy of elementary functions

On CPUs, elementary and special functions are computed by expansions of the compiler's own
(`passes/scalar/src/math`), which vectorize and need no library. These are the bounds of their errors, in units in the
last place of the exact result, against which `tests/math/run` measures them. With a scale, errors at arguments below
0, where terms of that size cancel, count in units of the scale where the result is smaller. In f16 and bf16, functions
are computed in f32 and rounded. The interpreter computes in f64 and rounds once.

Derivatives are formulas in these functions, and as accurate as what is computed on the way: that of `erf` and `erfc` at
`x` takes `exp(-(x * x))`, which the rounding of the square puts off by `x^2` units in the last place at most.
";

const COMPLEX_BOUNDS: &str = include_str!("../../../tests/math/complex.inc");

const COMPLEX_FOREWORD: &str = "## Complex numbers

The bounds of each part of a result, in units in its own last place, on every target but XLA, where some functions are
XLA's own: there up to 12 units, and numbers below the least normal one may be 0. Functions of complex numbers of f32 are
computed in f64 and rounded. Nothing overflows or vanishes but a part that does so itself, and near 0, near the unit
circle (`log`) and beside the axes no digits are lost. Where a part is marked, it is near 0 as a difference of greater
numbers, and the bound grows by the factor by which rounding the operands moves it. Products are `(p + iq)(r + is) =
(pr - qs) + i(ps + qr)` as it stands, each step rounded to the type of the parts.

Branches are cut along the negative real numbers, as in C: the sign of a zero says on which side of the cut a number
is. A modulus is infinite where a part is, even beside NaN, and so is a logarithm's real part; the root of a number
with an infinite imaginary part has an infinite real part; `e^z` is 0 at `-inf + iy` and infinite at `inf + iy` for
every `y`, `tanh` is ±1 there. A divisor that is real, imaginary or 0 divides each part of the dividend: by 0 a part is
infinite or NaN. Other quotients are C's (annex G): infinite for an infinite number over a finite one, 0 for a finite
one over an infinite one; their signs are those of `a b*`, in which an infinite part counts as ±1 and any other part
beside it as ±0. Under `--fp=strict`, quotients have the interpreter's bits. `rsqrt` and negative powers of 0 have an infinite real part and NaN beside it. Elsewhere an infinite
or undefined part of an operand makes NaN of parts that depend on it.
";

const SUMS: &str = "## Sums

With `u` half a unit in the last place of 1 (2^-24 in f32, 2^-53 in f64), a sum of `n` numbers on the CPU is within
`(256 + 32) u` of the sum of their magnitudes, whatever `n` is, where the numbers lie beside one another in memory, also
where they are computed in the same loop: lanes of vectors add up at most 256 numbers, and what rounding takes from sums of
such blocks is kept. A sum of rows, as of columns of a matrix, takes one row after the other: within `n u`. So does a sum
whose loop has no form on vectors, and one of complex numbers. Under `--fp=strict` every sum is taken in order, within `n u`,
to the same bits as the interpreter's. A product of `n` numbers is within `n u` of itself.

Sums and products of f16 and bf16, those of `array.dot` too, are computed in f32 and rounded once, on every target. The
interpreter rounds each step of other dots to their type, in order, and so does `--fp=strict`.
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

/// Name, arity, two bounds, the parts whose bounds grow.
fn complex_cells(row: &str) -> Option<Vec<String>> {
    let fields: Vec<&str> = row.split(',').map(str::trim).collect();
    let [name, _, single, double, grows] = fields[..] else { return None };
    let grows = if grows == "no" { "" } else { grows };
    Some(vec![code(name), single.into(), double.into(), grows.into()])
}

/// Name, arity, four ends of intervals, two bounds, a scale.
fn cells(row: &str) -> Option<Vec<String>> {
    let fields: Vec<&str> = row.split(',').map(str::trim).collect();
    let [name, _, _, _, _, _, single, double, scale] = fields[..] else { return None };
    let scale = if scale == "0" { "" } else { scale };
    Some(vec![code(name), single.into(), double.into(), scale.into()])
}
