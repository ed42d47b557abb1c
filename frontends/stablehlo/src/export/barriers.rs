//! Barriers against XLA's simplifier, which applies laws of the real numbers to floats.
//!
//! XLA rewrites `(a / b) / c` to `a / (b c)`, even if the product overflows; `(x c) d` with constants to `x (c d)`;
//! `log (pow (x, y))` to `y log x`, even if `x` is negative; and it combines constants of nested sums. An
//! `optimization_barrier` prevents this. Barriers are emitted where results would differ by more than rounding, and
//! under the strict model before every operation on the result of another.

use super::emitter::Emitter;
use super::text::Term;
use dp_dialects::FloatModel;

/// How XLA's simplifier treats an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    /// Sums and differences.
    Additive,
    /// Products and quotients.
    Multiplicative,
    /// Functions that are inverses of one another, or can be expressed by one another.
    Elementary,
    /// Operations that it does not change.
    Other,
}

fn family(name: &str) -> Family {
    match name {
        "add" | "subtract" => Family::Additive,
        "multiply" | "divide" => Family::Multiplicative,
        "exponential" | "log" | "power" | "sqrt" | "rsqrt" => Family::Elementary,
        _ => Family::Other,
    }
}

/// The operand of a reduction or a dot product, behind a barrier under the strict model: XLA merges nested sums, which
/// may then overflow elsewhere.
pub(super) fn apart(e: &mut Emitter, x: &Term) -> Term {
    match e.fp == FloatModel::Strict && x.r#type.dtype().is_differentiable() {
        true => e.w.same("optimization_barrier", &[x]),
        false => x.clone(),
    }
}

/// The operands of a floating-point operation, behind barriers where XLA must not see their definitions.
pub(super) fn guarded(e: &mut Emitter, name: &str, operands: &[&Term]) -> Vec<Term> {
    let is_float = |x: &Term| x.r#type.dtype().is_differentiable();
    if !operands.iter().all(|x| is_float(x)) || e.fp == FloatModel::Fast {
        return operands.iter().map(|x| (*x).clone()).collect();
    }
    let uniform: Vec<bool> = operands.iter().map(|x| e.w.maker(x).is_some_and(|maker| maker.is_uniform)).collect();
    let mut guarded = Vec::new();
    for (index, x) in operands.iter().enumerate() {
        let others_uniform = uniform.iter().enumerate().any(|(other, uniform)| other != index && *uniform);
        let hidden = match e.w.maker(x) {
            None => false,
            // XLA turns division by a constant into multiplication by its reciprocal, which is rounded or infinite.
            Some(maker) if maker.is_uniform => {
                name == "divide" && index == 1 && (e.fp == FloatModel::Strict || !maker.has_inverse)
            }
            Some(maker) => {
                let both = others_uniform && maker.has_uniform;
                let quotient = name == "divide" && maker.name == "divide";
                match (family(name), family(maker.name)) {
                    (_, Family::Other) if maker.name == "optimization_barrier" => false,
                    _ if e.fp == FloatModel::Strict => true,
                    (Family::Additive, Family::Additive) => both,
                    (Family::Multiplicative, Family::Multiplicative) => both || quotient,
                    (Family::Elementary, Family::Elementary) => name == "log",
                    _ => false,
                }
            }
        };
        guarded.push(if hidden { e.w.same("optimization_barrier", &[x]) } else { (*x).clone() });
    }
    guarded
}
