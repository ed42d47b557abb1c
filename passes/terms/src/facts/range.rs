//! [`Range`]: bounds of a term's values, and whether it can be NaN.
//!
//! A bound holds however the term is computed: reordered, contracted, by any library, or as an equal term of another
//! form. So each arithmetic operation widens it by `SLACK`, and a bound beyond half of the type's largest number counts
//! as infinite.

use crate::facts::{Facts, Size};
use crate::node::Node;
use dp_dialects::attributes::Reduction;
use dp_dialects::{Number, OpKind, Parameters, ScalarType, ValueType};
use egg::Id;

/// Far more than the rounding of any type, relative to the operands.
const SLACK: f64 = 1.0 / 32.0;

/// What the elements of a term of floats can be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// No element is less, NaN aside.
    pub low: f64,
    /// No element is more, NaN aside.
    pub high: f64,
    /// Whether an element may be NaN.
    pub nan: bool,
}

impl Range {
    /// Nothing is known.
    pub const ANY: Range = Range { low: f64::NEG_INFINITY, high: f64::INFINITY, nan: true };

    /// All numbers between two.
    pub const fn between(low: f64, high: f64) -> Range {
        Range { low, high, nan: false }
    }

    /// One number.
    fn exactly(value: f64) -> Range {
        if value.is_nan() { Range::ANY } else { Range::between(value, value) }
    }

    /// Whether no element is NaN or infinite.
    pub fn is_finite(self) -> bool {
        !self.nan && self.is_bounded()
    }

    /// Whether no element is less than 0; one may be NaN.
    pub fn is_nonnegative(self) -> bool {
        self.low >= 0.0
    }

    fn is_bounded(self) -> bool {
        self.low > f64::NEG_INFINITY && self.high < f64::INFINITY
    }

    fn has_zero(self) -> bool {
        self.low <= 0.0 && self.high >= 0.0
    }

    /// What either range holds.
    fn or(self, other: Range) -> Range {
        Range { low: self.low.min(other.low), high: self.high.max(other.high), nan: self.nan || other.nan }
    }

    /// What both ranges hold; they are of equal terms.
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

    /// Bounds that slack took across 0, taken back.
    fn keeping_sign(self, nonnegative: bool, nonpositive: bool) -> Range {
        let low = if nonnegative { self.low.max(0.0) } else { self.low };
        let high = if nonpositive { self.high.min(0.0) } else { self.high };
        Range { low, high, nan: self.nan }
    }

    fn mul(self, other: Range) -> Range {
        let vanishes = |a: Range, b: Range| a.has_zero() && !b.is_bounded();
        let nan = self.nan || other.nan || vanishes(self, other) || vanishes(other, self);
        // A bound of 0 is met by a number that is infinite only where the product is NaN.
        let product = |a: f64, b: f64| if a == 0.0 || b == 0.0 { 0.0 } else { a * b };
        Range { nan, ..Range::hull(self, other, product) }
    }

    fn div(self, other: Range) -> Range {
        if other.has_zero() {
            return Range::ANY;
        }
        let nan = self.nan || other.nan || !self.is_bounded() && !other.is_bounded();
        // Two infinite bounds meet in any quotient of their signs, 0 among them.
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

    /// What a function that is monotone in each operand gives, between the corners.
    fn hull(a: Range, b: Range, f: impl Fn(f64, f64) -> f64) -> Range {
        let corners = [f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)];
        let all = corners.into_iter().map(Range::exactly).fold(Range::exactly(corners[0]), Range::or);
        all.widened()
    }

    /// The range with its bounds moved apart; their signs stay.
    fn widened(self) -> Range {
        let apart = |bound: f64, outward: f64| bound + outward * bound.abs() * SLACK;
        Range { low: apart(self.low, -1.0), high: apart(self.high, 1.0), nan: self.nan }
    }

    /// What an increasing function gives, exact to rounding.
    fn through(self, f: fn(f64) -> f64) -> Range {
        Range { nan: self.nan, ..Range::hull(self, self, |a, _| f(a)) }
    }

    /// The same with other bounds where there may be NaN.
    fn or_nan(self, nan: bool) -> Range {
        Range { nan: self.nan || nan, ..self }
    }

    /// A sum of some of these; of at most `most`, where that is known.
    fn summed(self, most: Option<f64>) -> Range {
        let most = most.unwrap_or(f64::INFINITY);
        let times = |bound: f64| if bound == 0.0 { 0.0 } else { 2.0 * bound * most };
        let (low, high) = (times(self.low.min(0.0)), times(self.high.max(0.0)));
        let nan = self.nan || self.low == f64::NEG_INFINITY && self.high == f64::INFINITY;
        // A sum that overflows one way may meet an infinity of the other sign.
        Range { low, high, nan: nan || low == f64::NEG_INFINITY && high == f64::INFINITY }
    }

    /// The range as numbers of a type are: they overflow beyond the largest, and vanish below the least normal one.
    fn of_type(self, dtype: ScalarType) -> Range {
        let (least, most) = limits(dtype);
        // A bound that is NaN, from infinite ones, says nothing either.
        let low = if self.low >= -most / 2.0 { self.low } else { f64::NEG_INFINITY };
        let high = if self.high <= most / 2.0 { self.high } else { f64::INFINITY };
        let toward_zero = |bound: f64| if bound.abs() < 2.0 * least { 0.0 } else { bound };
        let low = if low > 0.0 { toward_zero(low) } else { low };
        let high = if high < 0.0 { toward_zero(high) } else { high };
        Range { low, high, nan: self.nan }
    }
}

/// The least normal number of a type of floats, and the greatest number; those of f64 for integers.
pub fn limits(dtype: ScalarType) -> (f64, f64) {
    dtype.limits().unwrap_or((f64::MIN_POSITIVE, f64::MAX))
}

/// The range of a node, from those of its children.
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
            // The square of an infinity is one: it does not meet 0.
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

/// Operations element by element, and those that move elements.
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
        ArrayBroadcast | ArrayReshape | ArrayTranspose | ArraySlice | ArrayGather | TensorExtract | TensorCast
        | AdStopGradient => of(0),
        ArrayPad | ArrayUpdateSlice => of(0).or(of(1)),
        ArrayConcatenate | TensorFromElements => (0..arity).map(of).reduce(Range::or).unwrap_or(Range::ANY),
        _ => Range::ANY,
    }
}

/// What an integer of a type can be.
fn integers(dtype: ScalarType, unsigned: bool) -> Range {
    let bits = if dtype == ScalarType::I1 { 1 } else { dtype.bits() as i32 };
    match unsigned || dtype == ScalarType::I1 {
        true => Range::between(0.0, 2.0_f64.powi(bits)),
        false => Range::between(-(2.0_f64.powi(bits - 1)), 2.0_f64.powi(bits - 1)),
    }
}

/// How many elements lie along some dimensions, where all of their extents are known.
fn count(sizes: &[Size], dims: &[usize]) -> Option<f64> {
    let known = |dim: &usize| match sizes[*dim] {
        Size::Known(extent) => Some(extent as f64),
        Size::Term(_) | Size::Of(..) => None,
    };
    dims.iter().map(known).product()
}

fn reduced(kind: Reduction, x: Range, most: Option<f64>) -> Range {
    // The extreme of nothing is an infinity.
    let none = most.is_none_or(|most| most == 0.0);
    match kind {
        Reduction::Add => x.summed(most),
        Reduction::Max if none => Range { low: f64::NEG_INFINITY, ..x },
        Reduction::Min if none => Range { high: f64::INFINITY, ..x },
        Reduction::Max | Reduction::Min => x,
        Reduction::Mul | Reduction::And | Reduction::Or | Reduction::Region => Range::ANY,
    }
}

/// Whether a known number, of a rule's making, says as much as one that is computed at run time would: it is 0 or
/// normal.
pub fn is_plain(number: Number, dtype: ScalarType) -> bool {
    let (least, most) = limits(dtype);
    let plain = |part: f64| part == 0.0 || (least..=most).contains(&part.abs());
    match number {
        Number::Real(value) => plain(value),
        Number::Complex(value) => plain(value.re) && plain(value.im),
        Number::Integer(_) => true,
    }
}
