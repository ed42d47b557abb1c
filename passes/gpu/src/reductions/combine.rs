//! Reduction operations, applied in any order: within a thread, across a warp, and through shared memory across a
//! block.

use super::combination::Combination;
use crate::contraction::accumulator;
use crate::kernel::{Kernel, WARP};
use dp_dialects::MlirType;
use dp_dialects::ir::{Op, Val, block_args, defining_op, operands, result, results, users};
use dp_dialects::marks::REGROUPED;
use dp_dialects::{Builder, Diagnostic, Number, OpKind, Result, ScalarType};
use dp_loopnest::nest::Nest;
use melior::ir::ValueLike;
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;

/// A reduction operation on an element type.
#[derive(Clone, Copy)]
pub(crate) struct Combiner<'c> {
    operation: Operation<'c>,
    /// The element type.
    pub dtype: ScalarType,
}

#[derive(Clone, Copy)]
enum Operation<'c> {
    /// An operation of the table.
    Known(OpKind),
    /// A user's region, by its last operation and its partial-result operand, with its neutral element.
    Region { last: Op<'c>, held: Val<'c>, start: Val<'c> },
}

/// The neutral element for a type.
type Neutral = fn(ScalarType) -> Number;

/// The operations with their neutral elements.
const KINDS: [(OpKind, Neutral); 9] = [
    // Not 0.0: -0.0 is neutral for both zeros, 0.0 is not.
    (OpKind::ScalarAdd, |dtype| Number::of_f64(-0.0, dtype)),
    (OpKind::ScalarMul, |dtype| Number::of_f64(1.0, dtype)),
    (OpKind::ScalarMax, least),
    (OpKind::ScalarMin, greatest),
    (OpKind::ScalarUmax, |_| Number::Integer(0)),
    (OpKind::ScalarUmin, |_| Number::Integer(-1)),
    (OpKind::ScalarAnd, |_| Number::Integer(-1)),
    (OpKind::ScalarOr, |_| Number::Integer(0)),
    (OpKind::ScalarXor, |_| Number::Integer(0)),
];

/// The minimum signed integer of a type; booleans are read as 0 or 1.
fn least_integer(dtype: ScalarType) -> i64 {
    if dtype == ScalarType::I1 { 0 } else { i64::MIN >> (64 - dtype.bits()) }
}

fn least(dtype: ScalarType) -> Number {
    if dtype.is_float() { Number::Real(f64::NEG_INFINITY) } else { Number::Integer(least_integer(dtype)) }
}

fn greatest(dtype: ScalarType) -> Number {
    if dtype.is_float() { Number::Real(f64::INFINITY) } else { Number::Integer(!least_integer(dtype)) }
}

impl<'c> Combiner<'c> {
    /// An operation of the table.
    pub(crate) fn known(kind: OpKind, dtype: ScalarType) -> Self {
        Combiner { operation: Operation::Known(kind), dtype }
    }

    /// The reduction of an output that may be reordered: one operation on the partial result and a value that does not
    /// depend on it, or a marked region. `start` is the initial value.
    pub(crate) fn of(nest: &Nest<'c>, output: usize, start: Option<Val<'c>>, strict: bool) -> Option<Self> {
        let held = block_args(nest.body)[nest.inputs + output];
        let op = defining_op(nest.body.terminator()?.operand(output).ok()?)?;
        let op = Some(op).filter(|op| op.block() == Some(nest.body))?;
        let dtype = ScalarType::of(held.r#type())?;
        let rounds = dtype.is_float() || dtype.is_complex();
        if users(results(op)[0]).len() != 1 {
            return None;
        }
        if let Some(region) = Combination::of(op, held) {
            let may = !(rounds && strict) && region.is_alone(held);
            return may.then_some(Combiner { operation: Operation::Region { last: op, held, start: start? }, dtype });
        }
        let kind = OpKind::of(op).filter(|kind| KINDS.iter().any(|(known, _)| known == kind))?;
        let combines = operands(op).iter().filter(|operand| **operand == held).count() == 1;
        // As signed numbers, booleans would be ordered differently.
        let is_plain = dtype != ScalarType::I1 || !matches!(kind, OpKind::ScalarMax | OpKind::ScalarMin);
        let may = !rounds || is_extreme(kind) || (!strict && REGROUPED.is_on(op));
        let fits = combines && users(held).len() == 1 && is_plain && may;
        fits.then_some(Combiner::known(kind, accumulator(nest).unwrap_or(dtype)))
    }

    /// The neutral element.
    pub(crate) fn neutral(self, k: &Kernel<'c>) -> Result<Val<'c>> {
        match self.operation {
            Operation::Known(kind) => {
                let of =
                    KINDS.iter().find(|(known, _)| *known == kind).map_or(Number::Integer(0), |row| row.1(self.dtype));
                k.number(self.dtype, of)
            }
            Operation::Region { start, .. } => k.capture(start),
        }
    }

    /// Combines two values.
    pub(crate) fn pair(self, b: &Builder<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        match self.operation {
            Operation::Known(kind) => {
                let value = b.scalar(kind, &[x, y])?;
                if let Some(op) = defining_op(value) {
                    REGROUPED.set(op, &());
                }
                Ok(value)
            }
            Operation::Region { last, held, .. } => {
                let region = Combination::of(last, held);
                region
                    .map(|region| region.apply(b, held, x, y))
                    .ok_or_else(|| Diagnostic::internal("internal error: no region"))
            }
        }
    }

    /// Combines the values of two threads of a warp whose indices differ in one bit; both get the result.
    pub(crate) fn exchange(self, k: &Kernel<'c>, value: Val<'c>, distance: i64) -> Result<Val<'c>> {
        let other = shuffle(&k.b(), value, self.dtype, distance)?;
        self.pair(&k.b(), value, other)
    }
}

/// Whether an operation returns one of its operands, so that nothing is rounded.
fn is_extreme(kind: OpKind) -> bool {
    matches!(kind, OpKind::ScalarMax | OpKind::ScalarMin)
}

/// The value of the thread whose index differs in one bit. Shuffles exchange 32-bit registers.
fn shuffle<'c>(b: &Builder<'c>, value: Val<'c>, dtype: ScalarType, distance: i64) -> Result<Val<'c>> {
    let context = b.context();
    let one = |name: &str, operands: &[Val<'c>], to: ScalarType| {
        b.named(name, operands, &[to.to_type(context)], &[], vec![]).map(result)
    };
    match dtype {
        ScalarType::Complex64 | ScalarType::Complex128 => {
            let re = shuffle(b, b.scalar(OpKind::ScalarReal, &[value])?, dtype.real(), distance)?;
            let im = shuffle(b, b.scalar(OpKind::ScalarImag, &[value])?, dtype.real(), distance)?;
            b.scalar(OpKind::ScalarComplex, &[re, im])
        }
        ScalarType::F64 => {
            let bits = shuffle(b, one("arith.bitcast", &[value], ScalarType::I64)?, ScalarType::I64, distance)?;
            one("arith.bitcast", &[bits], ScalarType::F64)
        }
        ScalarType::F16 | ScalarType::BF16 => {
            let bits = shuffle(b, one("arith.bitcast", &[value], ScalarType::I16)?, ScalarType::I16, distance)?;
            one("arith.bitcast", &[bits], dtype)
        }
        ScalarType::F32 => {
            let bits = shuffle(b, one("arith.bitcast", &[value], ScalarType::I32)?, ScalarType::I32, distance)?;
            one("arith.bitcast", &[bits], ScalarType::F32)
        }
        ScalarType::I1 | ScalarType::I8 | ScalarType::I16 => {
            let wide = shuffle(b, one("arith.extui", &[value], ScalarType::I32)?, ScalarType::I32, distance)?;
            one("arith.trunci", &[wide], dtype)
        }
        ScalarType::Index => {
            let wide = shuffle(b, one("arith.index_cast", &[value], ScalarType::I64)?, ScalarType::I64, distance)?;
            one("arith.index_cast", &[wide], ScalarType::Index)
        }
        ScalarType::I64 => {
            let half = integer(b, ScalarType::I64, 32)?;
            let low = shuffle(b, one("arith.trunci", &[value], ScalarType::I32)?, ScalarType::I32, distance)?;
            let high = one("arith.shrui", &[value, half], ScalarType::I64)?;
            let high = shuffle(b, one("arith.trunci", &[high], ScalarType::I32)?, ScalarType::I32, distance)?;
            let (low, high) =
                (one("arith.extui", &[low], ScalarType::I64)?, one("arith.extui", &[high], ScalarType::I64)?);
            one("arith.ori", &[low, one("arith.shli", &[high, half], ScalarType::I64)?], ScalarType::I64)
        }
        ScalarType::I32 => {
            let mode = Attribute::parse(context, "#gpu<shuffle_mode xor>")
                .ok_or_else(|| Diagnostic::internal("internal error: no shuffles"))?;
            let of = [value, integer(b, ScalarType::I32, distance)?, integer(b, ScalarType::I32, WARP)?];
            let types = [ScalarType::I32.to_type(context), ScalarType::I1.to_type(context)];
            b.named("gpu.shuffle", &of, &types, &[("mode", mode)], vec![]).map(|op| results(op)[0])
        }
    }
}

fn integer<'c>(b: &Builder<'c>, dtype: ScalarType, value: i64) -> Result<Val<'c>> {
    let r#type = dtype.to_type(b.context());
    let attribute: Attribute = IntegerAttribute::new(IntegerType::new(b.context(), dtype.bits()).into(), value).into();
    b.named("arith.constant", &[], &[r#type], &[("value", attribute)], vec![]).map(result)
}
