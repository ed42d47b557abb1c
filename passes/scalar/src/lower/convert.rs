//! Conversions between element types.

use super::Emitter;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Number, Result, ScalarType};
use melior::ir::attribute::{IntegerAttribute, StringAttribute};
use melior::ir::r#type::IntegerType;

/// Conversion of a scalar: rounds to nearest, ties to even; floats to integers truncate and saturate, NaN gives 0;
/// integers wrap.
pub(super) fn convert<'c>(
    e: &mut Emitter<'_, 'c>,
    x: Val<'c>,
    from: ScalarType,
    to: ScalarType,
    unsigned: bool,
) -> Result<Val<'c>> {
    if from == to {
        return Ok(x);
    }
    if to.is_complex() {
        return complex(e, x, from, to, unsigned);
    }
    if to == ScalarType::I1 {
        return truth(e, x, from);
    }
    match (from.is_float(), to.is_float()) {
        (true, true) => between_floats(e, x, from, to),
        (true, false) => {
            let work = if from == ScalarType::F64 { from } else { ScalarType::F32 };
            let wide = between_floats(e, x, from, work)?;
            saturate(e, wide, work, to, unsigned)
        }
        (false, true) => from_integer(e, x, from, to, unsigned),
        (false, false) if from.bits() > to.bits() => e.op("arith.trunci", &[x], to),
        (false, false) => {
            let zeros = unsigned || from == ScalarType::I1;
            e.op(if zeros { "arith.extui" } else { "arith.extsi" }, &[x], to)
        }
    }
}

fn complex<'c>(
    e: &mut Emitter<'_, 'c>,
    x: Val<'c>,
    from: ScalarType,
    to: ScalarType,
    unsigned: bool,
) -> Result<Val<'c>> {
    let part = to.real();
    let (re, im) = if from.is_complex() {
        let re = e.op("complex.re", &[x], from.real())?;
        let im = e.op("complex.im", &[x], from.real())?;
        (convert(e, re, from.real(), part, false)?, convert(e, im, from.real(), part, false)?)
    } else {
        (convert(e, x, from, part, unsigned)?, e.literal(part, Number::Real(0.0))?)
    };
    e.op("complex.create", &[re, im], to)
}

/// Whether a scalar is not 0; true for NaN.
fn truth<'c>(e: &mut Emitter<'_, 'c>, x: Val<'c>, from: ScalarType) -> Result<Val<'c>> {
    let zero = e.literal(from, Number::of_f64(0.0, from))?;
    let (name, number) = if from.is_float() { ("arith.cmpf", 13) } else { ("arith.cmpi", 1) };
    let i64 = IntegerType::new(e.context(), 64).into();
    e.op_with(name, &[x, zero], ScalarType::I1, &[("predicate", IntegerAttribute::new(i64, number).into())])
}

/// f16 and bf16 go through f32; from f64, through f32 with rounding to odd, which makes the double rounding correct.
fn between_floats<'c>(e: &mut Emitter<'_, 'c>, x: Val<'c>, from: ScalarType, to: ScalarType) -> Result<Val<'c>> {
    match (from, to) {
        _ if from == to => Ok(x),
        (ScalarType::F32, ScalarType::F64) => e.op("arith.extf", &[x], to),
        (ScalarType::F64, ScalarType::F32) => e.op("arith.truncf", &[x], to),
        (ScalarType::F16, ScalarType::F32) => e.op("arith.extf", &[x], to),
        (ScalarType::F32, ScalarType::F16) => e.op("arith.truncf", &[x], to),
        (ScalarType::BF16, ScalarType::F32) => e.call("dp_extend_bf16", &[x], to),
        (ScalarType::F32, ScalarType::BF16) => e.call("dp_round_bf16", &[x], to),
        (ScalarType::F64, _) => {
            let odd = e.call("dp_round_to_odd", &[x], ScalarType::F32)?;
            between_floats(e, odd, ScalarType::F32, to)
        }
        (_, _) => {
            let wide = between_floats(e, x, from, ScalarType::F32)?;
            between_floats(e, wide, ScalarType::F32, to)
        }
    }
}

fn from_integer<'c>(
    e: &mut Emitter<'_, 'c>,
    x: Val<'c>,
    from: ScalarType,
    to: ScalarType,
    unsigned: bool,
) -> Result<Val<'c>> {
    let name = if unsigned || from == ScalarType::I1 { "arith.uitofp" } else { "arith.sitofp" };
    if matches!(to, ScalarType::F16 | ScalarType::BF16) {
        // Integers of up to 53 bits are exact in f64.
        let wide = e.op(name, &[x], ScalarType::F64)?;
        return between_floats(e, wide, ScalarType::F64, to);
    }
    e.op(name, &[x], to)
}

/// LLVM's saturating conversion, in which NaN gives 0.
fn saturate<'c>(
    e: &mut Emitter<'_, 'c>,
    x: Val<'c>,
    from: ScalarType,
    to: ScalarType,
    unsigned: bool,
) -> Result<Val<'c>> {
    let stem = if unsigned { "llvm.fptoui.sat" } else { "llvm.fptosi.sat" };
    let name = StringAttribute::new(e.context(), &format!("{stem}.{to}.{from}")).into();
    let none = |name: &str| -> Result<_> {
        let text = if name == "op_bundle_sizes" { "array<i32>" } else { "[]" };
        melior::ir::Attribute::parse(e.context(), text)
            .ok_or_else(|| dp_dialects::Diagnostic::internal("internal error: cannot create an empty attribute"))
    };
    let attributes = [
        ("intrin", name),
        ("op_bundle_sizes", none("op_bundle_sizes")?),
        dp_loopnest::structured::segments(e.context(), &[1, 0]),
    ];
    e.b.named("llvm.call_intrinsic", &[x], &[to.to_type(e.context())], &attributes, vec![]).map(result)
}
