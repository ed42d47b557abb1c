//! [`Range`]: bounds of a term's values, and whether it can be NaN.
//!
//! A bound must hold for every way to compute the term: reassociated, contracted to fma, with any library's functions,
//! or as another term of the same e-class. So each arithmetic operation widens the bounds by `SLACK`, and a bound
//! beyond half of the type's largest finite value counts as infinite.

use crate::facts::{Facts, Size};
use crate::node::Node;
use dp_dialects::attributes::Reduction;
use dp_dialects::{Number, OpKind, Parameters, ScalarType, ValueType};
use egg::Id;

/// A relative error far above the rounding error of any type.
const SLACK: f64 = 1.0 / 32.0;

/// Bounds of the elements of a floating-point term.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// No element is less, except NaN.
    pub low: f64,
    /// No element is greater, except NaN.
    pub high: f64,
    /// Whether an element may be NaN.
    pub nan: bool,
}

impl Range {
    /// All values.
    pub const ANY: Range = Range { low: f64::NEG_INFINITY, high: f64::INFINITY, nan: true };

    /// All values from `low` to `high`, without NaN.
    pub const fn between(low: f64, high: f64) -> Range {
        Range { low, high, nan: false }
    }

    /// A single value.
    fn exactly(value: f64) -> Range {
        if value.is_nan() { Range::ANY } else { Range::between(value, value) }
    }

    /// Whether no element is NaN or infinite.
    pub fn is_finite(self) -> bool {
        !self.nan && self.is_bounded()
    }

    /// Whether no element is less than 0. Elements may be NaN.
    pub fn is_nonnegative(self) -> bool {
        self.low >= 0.0
    }

    fn is_bounded(self) -> bool {
        self.low > f64::NEG_INFINITY && self.high < f64::INFINITY
    }

    fn has_zero(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }

    /// The smallest range that contains both.
    fn or(self, other: Range) -> Range {
        Range { low: self.low.min(other.low), high: self.high.max(other.high), nan: self.nan || other.nan }
    }

    /// The intersection of the ranges of two equal terms.
    pub fn and(self, other: Range) -> Range {
        let both = Range { low: self.low.max(other.low), high: self.high.min(other.high), nan: self.nan && other.nan };
        if both.low <= both.high { both } else { self }
    }

    fn neg(self) -> Range {
        Range { low: -self.high, high: -self.low, nan: self.nan }
    }

    fn abs(self) -> Range {
        let low = if self.has_zero() { 0.0 } else { self.low.abs().min(self.high.abs()) };
        Range { low, high: self.low.abs().max(self.high.abs()), nan: self.nan }
    }

    fn add(self, other: Range) -> Range {
        let opposed = |a: Range, b: Range| a.high == f64::INFINITY && b.low == f64::NEG_INFINITY;
        let nan = self.nan || other.nan || opposed(self, other) || opposed(other, self);
        let slack = |a: f64, b: f64| (a.abs() + b.abs()) * SLACK;
        Range {
            low: self.low + other.low - slack(self.low, other.low),
            high: self.high + other.high + slack(self.high, other.high),
            nan,
        }
        .keeping_sign(self.low >= 0.0 && other.low >= 0.0, self.high <= 0.0 && other.high <= 0.0)
    }

    /// Undoes widening across 0.
    fn keeping_sign(self, nonnegative: bool, nonpositive: bool) -> Range {
        let low = if nonnegative { self.low.max(0.0) } else { self.low };
        let high = if nonpositive { self.high.min(0.0) } else { self.high };
        Range { low, high, nan: self.nan }
    }

    fn mul(self, other: Range) -> Range {
        let vanishes = |a: Range, b: Range| a.has_zero() && !b.is_bounded();
        let nan = self.nan || other.nan || vanishes(self, other) || vanishes(other, self);
        // 0 times infinity is NaN, which `nan` covers; the bound is 0.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        Range { nan, ..Range::hull(self, other, product) }
    }

    fn div(self, other: Range) -> Range {
        if other.has_zero() {
            return Range::ANY;
        }
        let nan = self.nan || other.nan || !self.is_bounded() && !other.is_bounded();
        // The quotient of two unbounded operands can be anything of its sign, down to 0.
        let quotient = |a: f64, b: f64| match (a.is_infinite(), b.is_infinite()) {
            (true, true) => a.signum() * b.signum() * f64::INFINITY,
            _ => a / b,
        };
        let mut hull = Range::hull(self, other, quotient);
        if !other.is_bounded() {
            hull = hull.or(Range::exactly(0.0));
        }
        Range { nan, ..hull }
    }

    /// The range of a function that is monotone in each operand, from its values at the corners.
    fn hull(a: Range, b: Range, f: impl Fn(f64, f64) -> f64) -> Range {
        let corners = [f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)];
        let all = corners.into_iter().map(Range::exactly).fold(Range::exactly(corners[0]), Range::or);
        all.widened()
    }

    /// The range with its bounds moved apart by `SLACK`, without a change of sign.
    fn widened(self) -> Range {
        let apart = |bound: f64, outward: f64| bound + outward * bound.abs() * SLACK;
        Range { low: apart(self.low, -1.0), high: apart(self.high, 1.0), nan: self.nan }
    }

    /// The range of an increasing function of this range.
    fn through(self, f: fn(f64) -> f64) -> Range {
        Range { nan: self.nan, ..Range::hull(self, self, |a, _| f(a)) }
    }

    /// The same bounds, with NaN if `nan`.
    fn or_nan(self, nan: bool) -> Range {
        Range { nan: self.nan || nan, ..self }
    }

    /// The range of a sum of at most `most` elements, or of any number of them.
    fn summed(self, most: Option<f64>) -> Range {
        let most = most.unwrap_or(f64::INFINITY);
        let times = |bound: f64| if bound == 0.0 { 0.0 } else { 2.0 * bound * most };
        let (low, high) = (times(self.low.min(0.0)), times(self.high.max(0.0)));
        let nan = self.nan || self.low == f64::NEG_INFINITY && self.high == f64::INFINITY;
        // A partial sum that overflows may be added to an infinity of the other sign.
        Range { low, high, nan: nan || low == f64::NEG_INFINITY && high == f64::INFINITY }
    }

    /// The range after rounding to a type: values beyond the largest finite value overflow, and values below the
    /// smallest normal one may be flushed to 0.
    fn of_type(self, dtype: ScalarType) -> Range {
        let (least, most) = limits(dtype);
        // The comparisons are false for a NaN bound, which makes it infinite.
        let low = if self.low >= -most / 2.0 { self.low } else { f64::NEG_INFINITY };
        let high = if self.high <= most / 2.0 { self.high } else { f64::INFINITY };
        let toward_zero = |bound: f64| if bound.abs() < 2.0 * least { 0.0 } else { bound };
        let low = if low > 0.0 { toward_zero(low) } else { low };
        let high = if high < 0.0 { toward_zero(high) } else { high };
        Range { low, high, nan: self.nan }
    }
}

/// The smallest positive normal and the largest finite value of a floating-point type; those of f64 for integers.
pub fn limits(dtype: ScalarType) -> (f64, f64) {
    dtype.limits().unwrap_or((f64::MIN_POSITIVE, f64::MAX))
}

/// The range of a node, from those of its children. `dtype` returns the element type of a term.
pub fn range<'a>(
    node: &Node,
    r#type: &ValueType,
    parameters: &Parameters,
    dtype: impl Fn(Id) -> ScalarType,
    child: &impl Fn(Id) -> &'a Facts,
) -> Range {
    if !r#type.dtype.is_float() {
        return Range::ANY;
    }
    if let Parameters::Constant(literal) = parameters {
        let all = literal.splat_value().map(|value| Range::exactly(value.re()));
        return all.unwrap_or_else(|| {
            literal.iter().map(|value| Range::exactly(value.re())).reduce(Range::or).unwrap_or(Range::ANY)
        });
    }
    let Some(kind) = node.kind() else { return Range::ANY };
    let of = |index: usize| child(node.children[index]).range;
    let found = match (kind, parameters) {
        (OpKind::ScalarConvert, Parameters::Convert { unsigned }) => {
            let from = dtype(node.children[0]);
            if from.is_float() { of(0) } else { integers(from, *unsigned) }
        }
        (OpKind::ScalarMul, _) if node.children[0] == node.children[1] => {
            let square = of(0).abs().mul(of(0).abs());
            // The operands are equal, so infinity times 0 cannot occur.
            Range { nan: of(0).nan, ..square }
        }
        (OpKind::ArrayIota, Parameters::Dim(dim)) => {
            let last = r#type.extents()[*dim].map_or(integers(ScalarType::Index, false).high, |n| n as f64);
            Range::between(0.0, last)
        }
        (OpKind::ArrayReduce, Parameters::Reduce { kind, dims }) => {
            let x = child(node.children[0]);
            reduced(*kind, x.range, count(&x.sizes, dims))
        }
        (OpKind::ArrayDot, Parameters::Dot(dims)) => {
            let terms = of(0).mul(of(1)).of_type(r#type.dtype);
            terms.summed(count(&child(node.children[0]).sizes, &dims.contract_a))
        }
        (OpKind::ArrayUpdateSlice, Parameters::Update { accumulate: true, .. }) => {
            of(0).add(of(1).or(Range::exactly(0.0)))
        }
        _ => elementwise(kind, node.children.len(), &of),
    };
    found.of_type(r#type.dtype)
}

/// The range of an elementwise operation, or of one that only moves elements.
fn elementwise(kind: OpKind, arity: usize, of: &dyn Fn(usize) -> Range) -> Range {
    use OpKind::*;
    const ONE: Range = Range::between(-1.0, 1.0);
    match kind {
        ScalarNeg => of(0).neg(),
        ScalarAbs => of(0).abs(),
        ScalarAdd => of(0).add(of(1)),
        ScalarSub => of(0).add(of(1).neg()),
        ScalarMul => of(0).mul(of(1)),
        ScalarDiv => of(0).div(of(1)),
        ScalarMax => {
            let (a, b) = (of(0), of(1));
            Range { low: a.low.max(b.low), high: a.high.max(b.high), nan: a.nan || b.nan }
        }
        ScalarMin => {
            let (a, b) = (of(0), of(1));
            Range { low: a.low.min(b.low), high: a.high.min(b.high), nan: a.nan || b.nan }
        }
        ScalarSelect => of(1).or(of(2)),
        ScalarSign | ScalarErf => ONE.or_nan(of(0).nan).widened(),
        ScalarTanh => of(0).through(f64::tanh),
        ScalarLogistic => Range::between(0.0, 1.0).or_nan(of(0).nan).widened(),
        ScalarSin | ScalarCos => ONE.or_nan(!of(0).is_finite()).widened(),
        ScalarExp => of(0).through(f64::exp),
        ScalarExpm1 => of(0).through(f64::exp_m1),
        ScalarExp2 => of(0).through(f64::exp2),
        ScalarSinh => of(0).through(f64::sinh),
        ScalarCosh => of(0).abs().through(f64::cosh),
        ScalarAsinh => of(0).through(f64::asinh),
        ScalarAtan => of(0).through(f64::atan),
        ScalarCbrt => of(0).through(f64::cbrt),
        ScalarErfc => Range::between(0.0, 2.0).or_nan(of(0).nan).widened(),
        ScalarLog2 if of(0).is_nonnegative() => of(0).through(f64::log2),
        ScalarLog10 if of(0).is_nonnegative() => of(0).through(f64::log10),
        ScalarFma => of(0).mul(of(1)).add(of(2)),
        ScalarCopysign => of(0).abs().or(of(0).abs().neg()),
        ScalarHypot => {
            let (a, b) = (of(0).abs(), of(1).abs());
            Range { low: a.low.max(b.low), ..a.add(b) }.widened()
        }
        ScalarSqrt if of(0).is_nonnegative() => of(0).through(f64::sqrt),
        ScalarLog if of(0).is_nonnegative() => of(0).through(f64::ln),
        ScalarLog1p if of(0).is_nonnegative() => of(0).through(f64::ln_1p),
        // Rounded to an integer: at most 1 away.
        ScalarFloor | ScalarCeil | ScalarRound => of(0).add(ONE),
        ArrayBroadcast | ArrayReshape | ArrayTranspose | ArraySlice | ArrayWindows | ArrayGather | TensorExtract
        | TensorCast | AdStopGradient => of(0),
        ArrayPad | ArrayUpdateSlice => of(0).or(of(1)),
        ArrayConcatenate | TensorFromElements => (0..arity).map(of).reduce(Range::or).unwrap_or(Range::ANY),
        _ => Range::ANY,
    }
}

/// The range of an integer type.
fn integers(dtype: ScalarType, unsigned: bool) -> Range {
    let bits = if dtype == ScalarType::I1 { 1 } else { dtype.bits() as i32 };
    match unsigned || dtype == ScalarType::I1 {
        true => Range::between(0.0, 2.0_f64.powi(bits)),
        false => Range::between(-(2.0_f64.powi(bits - 1)), 2.0_f64.powi(bits - 1)),
    }
}

/// The number of elements along some dimensions, if all of their extents are known.
fn count(sizes: &[Size], dims: &[usize]) -> Option<f64> {
    let known = |dim: &usize| match sizes[*dim] {
        Size::Known(extent) => Some(extent as f64),
        Size::Term(_) | Size::Of(..) => None,
    };
    dims.iter().map(known).product()
}

fn reduced(kind: Reduction, x: Range, most: Option<f64>) -> Range {
    // The maximum or minimum of no elements is an infinity.
    let none = most.is_none_or(|most| most == 0.0);
    match kind {
        Reduction::Add => x.summed(most),
        Reduction::Max if none => Range { low: f64::NEG_INFINITY, ..x },
        Reduction::Min if none => Range { high: f64::INFINITY, ..x },
        Reduction::Max | Reduction::Min => x,
        Reduction::Mul | Reduction::And | Reduction::Or | Reduction::Region => Range::ANY,
    }
}

/// Whether a constant that a rule computed is 0 or normal. A subnormal one would have lost precision at compile time.
pub fn is_plain(number: Number, dtype: ScalarType) -> bool {
    let (least, most) = limits(dtype);
    let plain = |part: f64| part == 0.0 || (least..=most).contains(&part.abs());
    match number {
        Number::Real(value) => plain(value),
        Number::Complex(value) => plain(value.re) && plain(value.im),
        Number::Integer(_) => true,
    }
}
