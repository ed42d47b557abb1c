//! Conversions between f16 or bf16 and f32 in 32-bit integer arithmetic, for scalars and vectors.

use super::Half;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, Diagnostic, Result};
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::r#type::IntegerType;
use melior::ir::{Type, ValueLike};

/// Predicates of `llvm.icmp`.
const LESS: i64 = 6;
const MORE: i64 = 8;

/// Builds operations on scalars or on vectors of one length.
pub(super) struct Bits<'c> {
    b: Builder<'c>,
    /// `vector<8x` and `>`, or empty.
    affixes: (String, &'static str),
}

impl<'c> Bits<'c> {
    /// For values with as many elements as a type.
    pub(super) fn of(b: Builder<'c>, r#type: Type<'c>) -> Result<Self> {
        let text = r#type.to_string();
        let affixes = match text.rsplit_once('x') {
            Some((length, _)) if text.starts_with("vector<") => (format!("{length}x"), ">"),
            _ => (String::new(), ""),
        };
        Ok(Bits { b, affixes })
    }

    fn r#type(&self, element: &str) -> Result<Type<'c>> {
        let text = format!("{}{element}{}", self.affixes.0, self.affixes.1);
        Type::parse(self.b.context(), &text)
            .ok_or_else(|| Diagnostic::internal(format!("internal error: no type {text}")))
    }

    fn op(&self, name: &str, operands: &[Val<'c>], element: &str) -> Result<Val<'c>> {
        self.b.named(name, operands, &[self.r#type(element)?], &[], vec![]).map(result)
    }

    fn constant(&self, value: u32) -> Result<Val<'c>> {
        let r#type = self.r#type("i32")?;
        let text = if self.affixes.1.is_empty() {
            format!("{} : i32", value as i32)
        } else {
            format!("dense<{}> : {type}", value as i32)
        };
        let value = Attribute::parse(self.b.context(), &text);
        let value = value.ok_or_else(|| Diagnostic::internal(format!("internal error: no constant {text}")))?;
        self.b.named("llvm.mlir.constant", &[], &[r#type], &[("value", value)], vec![]).map(result)
    }

    /// An integer operation with a constant operand.
    fn with(&self, name: &str, x: Val<'c>, value: u32) -> Result<Val<'c>> {
        self.op(name, &[x, self.constant(value)?], "i32")
    }

    fn compare(&self, predicate: i64, x: Val<'c>, value: u32) -> Result<Val<'c>> {
        let i64 = IntegerType::new(self.b.context(), 64).into();
        let predicate = [("predicate", IntegerAttribute::new(i64, predicate).into())];
        let operands = [x, self.constant(value)?];
        self.b.named("llvm.icmp", &operands, &[self.r#type("i1")?], &predicate, vec![]).map(result)
    }

    fn select(&self, p: Val<'c>, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op("llvm.select", &[p, a, b], "i32")
    }

    fn as_float(&self, x: Val<'c>) -> Result<Val<'c>> {
        self.op("llvm.bitcast", &[x], "f32")
    }

    /// Extends f16 or bf16 to f32, exactly.
    pub(super) fn extend(&self, half: Half, x: Val<'c>) -> Result<Val<'c>> {
        let narrow = self.op("llvm.bitcast", &[x], "i16")?;
        let bits = self.op("llvm.zext", &[narrow], "i32")?;
        match half {
            // A bf16 is the upper half of an f32.
            Half::Bf16 => self.as_float(self.with("llvm.shl", bits, 16)?),
            Half::F16 => {
                let sign = self.with("llvm.shl", self.with("llvm.and", bits, 0x8000)?, 16)?;
                let size = self.with("llvm.and", bits, 0x7fff)?;
                let moved = self.with("llvm.shl", size, 13)?;
                // The exponent bias differs by 112; infinities and NaN have the highest exponent in both types.
                let normal = self.with("llvm.add", moved, 112 << 23)?;
                let special = self.with("llvm.add", moved, 224 << 23)?;
                // A subnormal number is a multiple of 2^-24.
                let count = self.op("llvm.uitofp", &[size], "f32")?;
                let unit = self.as_float(self.constant(0x3380_0000)?)?;
                let small = self.op("llvm.fmul", &[count, unit], "f32")?;
                let small = self.op("llvm.bitcast", &[small], "i32")?;
                let finite = self.select(self.compare(LESS, size, 0x400)?, small, normal)?;
                let all = self.select(self.compare(LESS, size, 0x7c00)?, finite, special)?;
                self.as_float(self.op("llvm.or", &[all, sign], "i32")?)
            }
        }
    }

    /// Rounds an f32 to nearest, ties to even; NaN stays NaN. Adding the dropped bits' mask without its highest bit,
    /// plus the last kept bit, carries exactly if rounding goes up.
    pub(super) fn round(&self, half: Half, x: Val<'c>, to: Type<'c>) -> Result<Val<'c>> {
        if !x.r#type().to_string().contains("f32") {
            return Err(Diagnostic::internal(format!("internal error: cannot round a {} to 16 bits", x.r#type())));
        }
        let bits = self.op("llvm.bitcast", &[x], "i32")?;
        let size = self.with("llvm.and", bits, 0x7fff_ffff)?;
        let is_nan = self.compare(MORE, size, 0x7f80_0000)?;
        let carried = |of: Val<'c>, going: u32| {
            let last = self.with("llvm.and", self.with("llvm.lshr", of, going)?, 1)?;
            let bias = self.with("llvm.add", last, (1 << (going - 1)) - 1)?;
            self.with("llvm.lshr", self.op("llvm.add", &[of, bias], "i32")?, going)
        };
        let all = match half {
            Half::Bf16 => {
                let quiet = self.with("llvm.or", self.with("llvm.lshr", bits, 16)?, 0x40)?;
                self.select(is_nan, quiet, carried(bits, 16)?)?
            }
            Half::F16 => {
                let sign = self.with("llvm.and", self.with("llvm.lshr", bits, 16)?, 0x8000)?;
                let digits = self.with("llvm.and", self.with("llvm.lshr", size, 13)?, 0x3ff)?;
                let quiet = self.with("llvm.or", digits, 0x7e00)?;
                let normal = self.with("llvm.sub", carried(size, 13)?, 112 << 10)?;
                let large = self.compare(MORE, normal, 0x7c00)?;
                let normal = self.select(large, self.constant(0x7c00)?, normal)?;
                // Near 0.5, the last bit of an f32 has the weight of the last bit of a subnormal f16, so adding 0.5
                // rounds correctly.
                let half = self.as_float(self.constant(0x3f00_0000)?)?;
                let sum = self.op("llvm.fadd", &[self.as_float(size)?, half], "f32")?;
                let small = self.with("llvm.sub", self.op("llvm.bitcast", &[sum], "i32")?, 0x3f00_0000)?;
                let finite = self.select(self.compare(LESS, size, 0x3880_0000)?, small, normal)?;
                self.op("llvm.or", &[self.select(is_nan, quiet, finite)?, sign], "i32")?
            }
        };
        let narrow = self.op("llvm.trunc", &[all], "i16")?;
        self.b.named("llvm.bitcast", &[narrow], &[to], &[], vec![]).map(result)
    }
}
