//! Real numbers: rounding, zeros, NaN; and comparison, choice and conversion.

use super::*;
use dp_semantics::{Kernel, is_evaluated};

#[test]
fn every_admitted_type_has_a_kernel() {
    for kind in OpKind::ALL.iter().copied() {
        let Some(classes) = kind.classes() else { continue };
        assert!(is_evaluated(kind), "{kind:?}");
        let parameters = match kind {
            OpKind::ScalarCompare => Parameters::Compare(Predicate::Eq),
            OpKind::ScalarConvert => Parameters::Convert { unsigned: false },
            OpKind::ScalarPolygamma => Parameters::Order(1),
            OpKind::ScalarReducePrecision => Parameters::Precision { exponent: 5, mantissa: 10 },
            _ => Parameters::None,
        };
        for dtype in ScalarType::ALL.into_iter().filter(|dtype| classes.admits(*dtype)) {
            let kernel = Kernel::of(kind, &parameters, dtype, dtype).expect("a kernel");
            assert_eq!(Some(kernel.arity()), kind.arity(), "{kind:?} {dtype}");
        }
    }
}

#[test]
fn every_array_operation_without_a_region_is_evaluated() {
    let by_region = [OpKind::ArrayMap, OpKind::ArraySort, OpKind::ArrayYield];
    for kind in OpKind::ALL.iter().copied().filter(|kind| kind.dialect() == "array") {
        assert_eq!(is_evaluated(kind), !by_region.contains(&kind), "{kind:?}");
    }
}

#[test]
fn numbers_round_once_to_their_type() {
    close(real_in(ScalarType::F32, OpKind::ScalarAdd, &[1.0, 1e-8]), 1.0, 0.0);
    same(real_in(ScalarType::F32, OpKind::ScalarDiv, &[1.0, 3.0]), (1.0_f32 / 3.0) as f64);
    same(real_in(ScalarType::F16, OpKind::ScalarMul, &[256.0, 256.0]), f64::INFINITY);
    // 2049 and 257 lie halfway: to the even neighbour.
    same(real_in(ScalarType::F16, OpKind::ScalarAdd, &[2048.0, 1.0]), 2048.0);
    same(real_in(ScalarType::BF16, OpKind::ScalarAdd, &[256.0, 1.0]), 256.0);
    // A trifle more than halfway, which an f32 between would lose.
    let trifle = 2.0_f64.powi(-40);
    same(Number::Real(2049.0 + trifle).round(ScalarType::F16).re(), 2050.0);
    same(Number::Real(-257.0 - trifle).round(ScalarType::BF16).re(), -258.0);
    same(Number::Real(2047.5 - trifle).round(ScalarType::F16).re(), 2047.0);
    same(Number::Real(65519.99).round(ScalarType::F16).re(), 65504.0);
    same(Number::Real(65520.0).round(ScalarType::F16).re(), f64::INFINITY);
    same(Number::Real(-1e-300).round(ScalarType::F16).re(), -0.0);
}

#[test]
fn zeros_and_nan_keep_their_nature() {
    let nan = f64::NAN;
    for kind in [OpKind::ScalarMax, OpKind::ScalarMin] {
        assert!(real(kind, &[nan, 1.0]).is_nan() && real(kind, &[1.0, nan]).is_nan());
    }
    same(real(OpKind::ScalarMax, &[-0.0, 0.0]), 0.0);
    same(real(OpKind::ScalarMax, &[0.0, -0.0]), 0.0);
    same(real(OpKind::ScalarMin, &[0.0, -0.0]), -0.0);
    same(real(OpKind::ScalarMin, &[-3.0, 2.0]), -3.0);
    same(real(OpKind::ScalarSign, &[-0.0]), -0.0);
    same(real(OpKind::ScalarSign, &[-7.5]), -1.0);
    assert!(real(OpKind::ScalarSign, &[nan]).is_nan());
    same(real(OpKind::ScalarSqrt, &[-0.0]), -0.0);
    same(real(OpKind::ScalarRsqrt, &[-0.0]), f64::NEG_INFINITY);
    same(real(OpKind::ScalarNeg, &[0.0]), -0.0);
    for (x, y) in [(0.5, 0.0), (1.5, 2.0), (2.5, 2.0), (-0.5, -0.0), (-3.5, -4.0), (2.6, 3.0)] {
        same(real(OpKind::ScalarRound, &[x]), y);
    }
    same(real(OpKind::ScalarFloor, &[-0.5]), -1.0);
    same(real(OpKind::ScalarCeil, &[-0.5]), -0.0);
    same(real(OpKind::ScalarRem, &[-7.5, 2.0]), -1.5);
    same(real(OpKind::ScalarPow, &[f64::NAN, 0.0]), 1.0);
    same(real(OpKind::ScalarAtan2, &[1.0, -0.0]), std::f64::consts::FRAC_PI_2);
    close(real(OpKind::ScalarAtan2, &[0.0, -1.0]), std::f64::consts::PI, 0.0);
}

#[test]
fn the_logistic_function_is_stable_far_out() {
    close(real(OpKind::ScalarLogistic, &[-745.0]), 5e-324, 0.0);
    close(real(OpKind::ScalarLogistic, &[-40.0]), (-40.0_f64).exp(), EPSILON);
    close(real(OpKind::ScalarLogistic, &[800.0]), 1.0, 0.0);
    close(real(OpKind::ScalarLogistic, &[f64::NEG_INFINITY]), 0.0, 0.0);
    for x in [0.0, 0.3, 2.0, 17.0] {
        let sum = real(OpKind::ScalarLogistic, &[x]) + real(OpKind::ScalarLogistic, &[-x]);
        close(sum, 1.0, EPSILON);
    }
}

#[test]
fn elementary_functions_are_accurate_near_zero() {
    close(real(OpKind::ScalarExpm1, &[1e-20]), 1e-20, 0.0);
    close(real(OpKind::ScalarLog1p, &[1e-20]), 1e-20, 0.0);
    close(real(OpKind::ScalarTanh, &[1e-20]), 1e-20, 0.0);
    close(real(OpKind::ScalarErf, &[1e-10]), 1.1283791670955126e-10, EPSILON);
}

/// Near zeros, poles and the ends of their ranges, where a formula that is obvious loses digits.
#[test]
fn inverse_and_hyperbolic_functions_at_known_points() {
    use OpKind::*;
    let known = [
        (ScalarSinh, 1e-20, 1e-20),
        (ScalarSinh, 710.4, 1.66636428328065e308),
        (ScalarCosh, 710.4, 1.66636428328065e308),
        (ScalarCosh, 1e-9, 1.0),
        (ScalarAsin, 1e-20, 1e-20),
        (ScalarAsin, 1.0, std::f64::consts::FRAC_PI_2),
        (ScalarAcos, 1.0, 0.0),
        (ScalarAcos, 1.0 - 1e-12, 1.4141979198683932e-6),
        (ScalarAtan, f64::INFINITY, std::f64::consts::FRAC_PI_2),
        (ScalarAsinh, 1e-20, 1e-20),
        (ScalarAsinh, -1e300, -691.4686750787737),
        (ScalarAcosh, 1.0, 0.0),
        (ScalarAcosh, 1.0 + 2.0_f64.powi(-50), 4.214684851089403e-8),
        (ScalarAcosh, 1e300, 691.4686750787737),
        (ScalarAtanh, 1e-20, 1e-20),
        (ScalarAtanh, 1.0 - 2.0_f64.powi(-50), 17.675253104278605),
        (ScalarAtanh, -1.0, f64::NEG_INFINITY),
        (ScalarExp2, -1074.0, 5e-324),
        (ScalarExp2, 0.5, std::f64::consts::SQRT_2),
        (ScalarLog2, 5e-324, -1074.0),
        (ScalarLog2, 8.0, 3.0),
        (ScalarLog10, 1e22, 22.0),
        (ScalarCbrt, -27.0, -3.0),
        (ScalarCbrt, 5e-324, 1.7031839360032603e-108),
        (ScalarErfc, 26.5, 2.2109076642637343e-307),
        (ScalarErfc, 27.2, 1e-323),
        (ScalarErfc, -30.0, 2.0),
        (ScalarErfc, 0.5, 0.4795001221869535),
    ];
    for (kind, x, y) in known {
        close(real(kind, &[x]), y, 4.0 * EPSILON);
    }
    for (kind, x) in [(ScalarAsin, 1.1), (ScalarAcos, -1.1), (ScalarAcosh, 0.9), (ScalarAtanh, 1.1)] {
        assert!(real(kind, &[x]).is_nan(), "{kind:?}");
    }
    for kind in [ScalarSinh, ScalarAsin, ScalarAtan, ScalarAsinh, ScalarAtanh, ScalarCbrt] {
        same(real(kind, &[-0.0]), -0.0);
    }
    close(real(ScalarHypot, &[3e300, 4e300]), 5e300, EPSILON);
    close(real(ScalarHypot, &[3e-310, 4e-310]), 5e-310, 1e-13);
    close(real(ScalarHypot, &[f64::NEG_INFINITY, f64::NAN]), f64::INFINITY, 0.0);
}

#[test]
fn signs_are_copied_and_questions_answered() {
    use OpKind::*;
    same(real(ScalarCopysign, &[3.0, -0.0]), -3.0);
    same(real(ScalarCopysign, &[-0.0, 1.0]), 0.0);
    assert!(real(ScalarCopysign, &[f64::NAN, -1.0]).is_sign_negative());
    let asks = |kind, x| {
        let answer = scalar(kind, &Parameters::None, &[Number::Real(x)], ScalarType::F32, ScalarType::I1);
        answer.expect("is asked of floats").integer() == 1
    };
    for (x, nan, finite) in [(f64::NAN, true, false), (f64::NEG_INFINITY, false, false), (-0.0, false, true)] {
        assert_eq!((asks(ScalarIsNan, x), asks(ScalarIsFinite, x)), (nan, finite), "{x}");
    }
}

/// A product that cancels but for its rounding error, and sums that round twice where they are rounded to f64 first.
#[test]
fn fused_sums_round_once() {
    let fma = |dtype, x: [f64; 3]| real_in(dtype, OpKind::ScalarFma, &x);
    let next = 1.0 + EPSILON;
    same(fma(ScalarType::F64, [next, next, -1.0 - 2.0 * EPSILON]), EPSILON * EPSILON);
    // Products halfway between two numbers of the type, which a trifle decides.
    let halfway = [
        (ScalarType::F32, [24929.0, 673.0], [16777216.0, 16777218.0], 0, 2.0_f64.powi(-100)),
        (ScalarType::BF16, [7.0, 37.0], [258.0, 260.0], 1, 2.0_f64.powi(-100)),
        (ScalarType::F16, [3.0, 683.0], [2048.0, 2050.0], 0, 2.0_f64.powi(-24)),
    ];
    for (dtype, [a, b], neighbours, even, trifle) in halfway {
        same(fma(dtype, [a, b, 0.0]), neighbours[even]);
        same(fma(dtype, [a, b, -trifle]), neighbours[0]);
        same(fma(dtype, [a, b, trifle]), neighbours[1]);
        same(fma(dtype, [-a, b, -trifle]), -neighbours[1]);
    }
}

#[test]
fn nothing_compares_with_nan_but_as_unequal() {
    use Predicate::*;
    for predicate in [Eq, Ne, Lt, Le, Gt, Ge] {
        let holds = compare(predicate, ScalarType::F64, Number::Real(f64::NAN), Number::Real(f64::NAN));
        assert_eq!(holds, predicate == Ne);
    }
    assert!(compare(Eq, ScalarType::F64, Number::Real(0.0), Number::Real(-0.0)));
    assert!(compare(Lt, ScalarType::I8, Number::Integer(-1), Number::Integer(1)));
    assert!(compare(Ugt, ScalarType::I8, Number::Integer(-1), Number::Integer(1)));
    assert!(compare(Ule, ScalarType::I64, Number::Integer(5), Number::Integer(i64::MIN)));
    assert!(compare(Eq, ScalarType::Complex128, z(1.0, 2.0), z(1.0, 2.0)));
    assert!(compare(Ne, ScalarType::Complex128, z(1.0, 2.0), z(1.0, -2.0)));
    assert!(compare(Ne, ScalarType::Complex128, z(1.0, f64::NAN), z(1.0, f64::NAN)));
    let choose = |p| {
        let x = [Number::Integer(p), Number::Real(1.0), Number::Real(f64::NAN)];
        scalar(OpKind::ScalarSelect, &Parameters::None, &x, ScalarType::F64, ScalarType::F64).expect("chooses").re()
    };
    assert!(choose(1) == 1.0 && choose(0).is_nan());
}

#[test]
fn conversions_saturate_wrap_and_round() {
    use ScalarType::*;
    let of = |x| Number::Real(x);
    let to_integer = |to, unsigned, x| convert(F64, to, unsigned, of(x)).integer();
    assert_eq!(to_integer(I8, false, -1.9), -1);
    assert_eq!(to_integer(I8, false, 300.0), 127);
    assert_eq!(to_integer(I8, false, -300.0), -128);
    assert_eq!(to_integer(I8, true, 200.0), 200 - 256);
    assert_eq!(to_integer(I8, true, 300.0), -1);
    assert_eq!(to_integer(I8, true, -3.0), 0);
    assert_eq!(to_integer(I64, false, 1e300), i64::MAX);
    assert_eq!(to_integer(I64, true, 1.8e19), 1.8e19 as u64 as i64);
    assert_eq!(to_integer(I32, false, f64::NAN), 0);
    assert_eq!(to_integer(I1, false, f64::NAN), 1);
    assert_eq!(to_integer(I1, false, -0.0), 0);
    assert_eq!(to_integer(I1, false, 0.25), 1);

    let int = |from, to, unsigned, x| convert(from, to, unsigned, Number::Integer(x));
    assert_eq!(int(I32, I8, false, 300).integer(), 44);
    assert_eq!(int(I8, I32, false, -1).integer(), -1);
    assert_eq!(int(I8, I32, true, -1).integer(), 255);
    assert_eq!(int(I32, I1, false, 2).integer(), 1);
    assert_eq!(int(I1, F32, false, 1).re(), 1.0);
    assert_eq!(int(I64, F64, true, -1).re(), u64::MAX as f64);
    assert_eq!(int(I64, F32, false, i64::MIN).re(), -(2.0_f64.powi(63)));
    assert_eq!(int(I32, Complex64, false, -7).complex().re, -7.0);
    // Just above the middle of two neighbours of the narrower type: an f64
    // between would round it to the middle.
    let above = (1 << 62) + (1 << 38) + 1;
    assert_eq!(int(I64, F32, false, above).re(), above as f32 as f64);
    assert_eq!(int(I64, F32, false, -above).re(), -above as f32 as f64);
    assert_eq!(int(I64, BF16, false, (1 << 62) + (1 << 54) + 1).re(), 2.0_f64.powi(62) + 2.0_f64.powi(55));
    assert_eq!(int(I64, F64, false, (1 << 53) + 1).re(), 2.0_f64.powi(53));
    assert_eq!(int(I64, Complex128, false, (1 << 62) + (1 << 9) + 1).complex().re, ((1_i64 << 62) + (1 << 10)) as f64);

    assert_eq!(convert(Complex128, Complex64, false, z(0.1, 1e300)).complex().im, f64::INFINITY);
    let refused =
        scalar(OpKind::ScalarConvert, &Parameters::Convert { unsigned: false }, &[z(1.0, 0.0)], Complex128, F64);
    assert!(refused.is_err_and(|diagnostic| diagnostic.help.is_some()));
}

#[test]
fn casts_keep_the_bits() {
    use ScalarType::*;
    let cast = |from, to, x| scalar(OpKind::ScalarBitcast, &Parameters::None, &[x], from, to).expect("casts");
    assert_eq!(cast(F32, I32, Number::Real(1.0)).integer(), 0x3f80_0000);
    assert_eq!(cast(F64, I64, Number::Real(-0.0)).integer(), i64::MIN);
    assert_eq!(cast(F16, I16, Number::Real(-2.0)).integer(), 0xc000_u16 as i16 as i64);
    assert_eq!(cast(BF16, I16, Number::Real(1.5)).integer(), 0x3fc0);
    assert_eq!(cast(F16, BF16, Number::Real(1.0)).re(), cast(I16, BF16, Number::Integer(0x3c00)).re());
    same(cast(I32, F32, Number::Integer(-0x80_0000)).re(), f64::NEG_INFINITY);
    assert!(cast(I64, F64, Number::Integer(-1)).re().is_nan());
}

#[test]
fn fewer_digits_are_rounded_to() {
    let reduced = |dtype, exponent, mantissa, x| {
        let parameters = Parameters::Precision { exponent, mantissa };
        scalar(OpKind::ScalarReducePrecision, &parameters, &[Number::Real(x)], dtype, dtype).expect("rounds").re()
    };
    use ScalarType::*;
    let halves =
        [(2049.0, 2048.0), (2051.0, 2052.0), (65519.0, 65504.0), (65520.0, f64::INFINITY), (-1e9, -f64::INFINITY)];
    for (x, y) in halves {
        same(reduced(F32, 5, 10, x), y);
    }
    // Below the normal numbers there is only 0.
    same(reduced(F32, 5, 10, f64::powi(2.0, -14)), f64::powi(2.0, -14));
    same(reduced(F32, 5, 10, -f64::powi(2.0, -15)), -0.0);
    // The type's own subnormal numbers stay where the exponent does.
    same(reduced(F32, 8, 7, f64::powi(2.0, -149)), 0.0);
    same(reduced(F32, 8, 22, 3.0 * f64::powi(2.0, -149)), f64::powi(2.0, -147));
    same(reduced(F64, 11, 52, 0.1), 0.1);
    same(reduced(F64, 8, 23, 0.1), 0.1_f32 as f64);
    same(reduced(F64, 8, 0, 1.6), 2.0);
    same(reduced(F64, 8, 0, -0.0), -0.0);
    assert!(reduced(F16, 2, 1, f64::NAN).is_nan());
}
