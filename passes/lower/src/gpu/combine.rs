//! Operations that reduce, which may be applied in any order: among what one thread has, across the threads of a
//! warp, and through memory that the threads of a block share.

use super::kernel::{Kernel, WARP};
use crate::structured::{Made, REGROUPED, set_attribute};
use crate::vectors::nest::Nest;
use dp_dialects::ir::{Op, Val, block_args, defining_op, operands, result, results, users};
use dp_dialects::{Builder, DType, Number, OpKind};
use melior::ir::ValueLike;
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;

/// An operation that reduces, on numbers of a type.
#[derive(Clone, Copy)]
pub(super) struct Combiner {
    /// The operation.
    pub kind: OpKind,
    /// The type of the numbers.
    pub dtype: DType,
}

/// The number of a type that changes nothing.
type Neutral = fn(DType) -> Number;

/// The operations, each with the number that changes nothing.
const KINDS: [(OpKind, Neutral); 9] = [
    // Not 0.0, to which -0.0 may be added without change, but not the other way.
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

/// The least signed integer of a type; a boolean is read as 0 or 1.
fn least_integer(dtype: DType) -> i64 {
    if dtype == DType::I1 { 0 } else { i64::MIN >> (64 - dtype.bits()) }
}

fn least(dtype: DType) -> Number {
    if dtype.is_float() { Number::Real(f64::NEG_INFINITY) } else { Number::Integer(least_integer(dtype)) }
}

fn greatest(dtype: DType) -> Number {
    if dtype.is_float() { Number::Real(f64::INFINITY) } else { Number::Integer(!least_integer(dtype)) }
}

impl Combiner {
    /// How an output of a nest is reduced, where that may be done in any order: by one operation on what it holds
    /// and on what does not depend on that.
    pub(super) fn of(nest: &Nest, output: usize, strict: bool) -> Option<Self> {
        let held = block_args(nest.body)[nest.inputs + output];
        let op = defining_op(nest.body.terminator()?.operand(output).ok()?)?;
        let op = Some(op).filter(|op| op.block() == Some(nest.body))?;
        let kind = OpKind::of(op).filter(|kind| KINDS.iter().any(|(known, _)| known == kind))?;
        let dtype = DType::of(held.r#type())?;
        let combines = operands(op).iter().filter(|operand| **operand == held).count() == 1;
        let once = |users: Vec<Op>| users.len() == 1;
        // Booleans are ordered otherwise as numbers than as signed ones.
        let is_plain = dtype != DType::I1 || !matches!(kind, OpKind::ScalarMax | OpKind::ScalarMin);
        let rounds = (dtype.is_float() || dtype.is_complex()) && !is_extreme(kind);
        let may = !rounds || (!strict && op.attribute(REGROUPED).is_ok());
        let fits = combines && once(users(held)) && once(users(results(op)[0])) && is_plain && may;
        fits.then_some(Combiner { kind, dtype })
    }

    /// The number that changes nothing.
    pub(super) fn neutral<'c>(self, k: &Kernel<'c>) -> Made<Val<'c>> {
        let neutral =
            KINDS.iter().find(|(kind, _)| *kind == self.kind).map_or(Number::Integer(0), |(_, of)| of(self.dtype));
        k.number(self.dtype, neutral)
    }

    /// Two numbers as one.
    pub(super) fn pair<'c>(self, b: &Builder<'c>, x: Val<'c>, y: Val<'c>) -> Made<Val<'c>> {
        let value = b.scalar(self.kind, &[x, y])?;
        if let Some(op) = defining_op(value) {
            set_attribute(op, REGROUPED, Attribute::unit(b.context()));
        }
        Ok(value)
    }

    /// What two threads of a warp have whose places differ in one bit, as one number in both.
    pub(super) fn exchange<'c>(self, k: &Kernel<'c>, value: Val<'c>, distance: i64) -> Made<Val<'c>> {
        let other = shuffle(&k.b(), value, self.dtype, distance)?;
        self.pair(&k.b(), value, other)
    }
}

/// Whether an operation gives one of its operands, so that nothing is rounded.
fn is_extreme(kind: OpKind) -> bool {
    matches!(kind, OpKind::ScalarMax | OpKind::ScalarMin)
}

/// The number of the thread whose place differs in one bit. Registers that are exchanged have 32 bits.
fn shuffle<'c>(b: &Builder<'c>, value: Val<'c>, dtype: DType, distance: i64) -> Made<Val<'c>> {
    let context = b.context();
    let one = |name: &str, operands: &[Val<'c>], to: DType| {
        b.named(name, operands, &[to.to_type(context)], &[], vec![]).map(result)
    };
    match dtype {
        DType::C64 | DType::C128 => {
            let re = shuffle(b, b.scalar(OpKind::ScalarReal, &[value])?, dtype.real(), distance)?;
            let im = shuffle(b, b.scalar(OpKind::ScalarImag, &[value])?, dtype.real(), distance)?;
            b.scalar(OpKind::ScalarComplex, &[re, im])
        }
        DType::F64 => {
            let bits = shuffle(b, one("arith.bitcast", &[value], DType::I64)?, DType::I64, distance)?;
            one("arith.bitcast", &[bits], DType::F64)
        }
        DType::F16 | DType::BF16 => {
            let bits = shuffle(b, one("arith.bitcast", &[value], DType::I16)?, DType::I16, distance)?;
            one("arith.bitcast", &[bits], dtype)
        }
        DType::F32 => {
            let bits = shuffle(b, one("arith.bitcast", &[value], DType::I32)?, DType::I32, distance)?;
            one("arith.bitcast", &[bits], DType::F32)
        }
        DType::I1 | DType::I8 | DType::I16 => {
            let wide = shuffle(b, one("arith.extui", &[value], DType::I32)?, DType::I32, distance)?;
            one("arith.trunci", &[wide], dtype)
        }
        DType::Index => {
            let wide = shuffle(b, one("arith.index_cast", &[value], DType::I64)?, DType::I64, distance)?;
            one("arith.index_cast", &[wide], DType::Index)
        }
        DType::I64 => {
            let half = integer(b, DType::I64, 32)?;
            let low = shuffle(b, one("arith.trunci", &[value], DType::I32)?, DType::I32, distance)?;
            let high = one("arith.shrui", &[value, half], DType::I64)?;
            let high = shuffle(b, one("arith.trunci", &[high], DType::I32)?, DType::I32, distance)?;
            let (low, high) = (one("arith.extui", &[low], DType::I64)?, one("arith.extui", &[high], DType::I64)?);
            one("arith.ori", &[low, one("arith.shli", &[high, half], DType::I64)?], DType::I64)
        }
        DType::I32 => {
            let mode = Attribute::parse(context, "#gpu<shuffle_mode xor>")
                .ok_or_else(|| dp_dialects::Complaint::new("internal error: no shuffles"))?;
            let of = [value, integer(b, DType::I32, distance)?, integer(b, DType::I32, WARP)?];
            let types = [DType::I32.to_type(context), DType::I1.to_type(context)];
            b.named("gpu.shuffle", &of, &types, &[("mode", mode)], vec![]).map(|op| results(op)[0])
        }
    }
}

fn integer<'c>(b: &Builder<'c>, dtype: DType, value: i64) -> Made<Val<'c>> {
    let r#type = dtype.to_type(b.context());
    let attribute: Attribute = IntegerAttribute::new(IntegerType::new(b.context(), dtype.bits()).into(), value).into();
    b.named("arith.constant", &[], &[r#type], &[("value", attribute)], vec![]).map(result)
}
