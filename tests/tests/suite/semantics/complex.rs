//! Complex numbers: known values, identities, branches, range.

use super::*;

/// Each function at `0.3 + 0.4i`, `-0.7 + 1.2i`, `2 - 3i`, `(1 + 2i) 10^-9` and `-3 + 0.5i`.
#[test]
fn complex_functions_at_known_points() {
    let points = [z(0.3, 0.4), z(-0.7, 1.2), z(2.0, -3.0), z(1e-9, 2e-9), z(-3.0, 0.5)];
    let known: [(OpKind, [(f64, f64); 5]); 12] = [
        (
            OpKind::ScalarExp,
            [
                (1.2433022950695025, 0.5256597791969788),
                (0.17994153558797196, 0.46283691265050275),
                (-7.315110094901103, -1.0427436562359045),
                (1.000000001, 2.000000002e-09),
                (0.04369226300728118, 0.02386919206778745),
            ],
        ),
        (
            OpKind::ScalarExpm1,
            [
                (0.24330229506950257, 0.5256597791969788),
                (-0.820058464412028, 0.46283691265050275),
                (-8.315110094901103, -1.0427436562359045),
                (9.999999985e-10, 2.000000002e-09),
                (-0.9563077369927189, 0.02386919206778745),
            ],
        ),
        (
            OpKind::ScalarLog,
            [
                (-std::f64::consts::LN_2, 0.9272952180016123),
                (0.32876000145839707, 2.0988707752212563),
                (1.2824746787307684, -0.982793723247329),
                (-19.918546880729362, 1.1071487177940904),
                (1.112311775762167, 2.976443976175166),
            ],
        ),
        (
            OpKind::ScalarLog1p,
            [
                (0.30759281954511675, 0.2984989315861793),
                (0.21263386770217202, 1.3258176636680323),
                (1.4451858789480823, -std::f64::consts::FRAC_PI_4),
                (1.0000000015e-09, 1.9999999980000002e-09),
                (0.7234594914681627, 2.896613990462929),
            ],
        ),
        (
            OpKind::ScalarSqrt,
            [
                (0.6324555320336759, 0.31622776601683794),
                (0.5870453129635652, 1.0220676100300263),
                (1.6741492280355401, -0.8959774761298381),
                (4.022479320953552e-05, 2.486028939392892e-05),
                (0.14384238796180673, 1.738013415533538),
            ],
        ),
        (
            OpKind::ScalarRsqrt,
            [
                (1.2649110640673518, -0.6324555320336759),
                (0.42256446267437103, -0.7357003640296874),
                (0.464325452650815, 0.24849944091130338),
                (17989.07439947867, -11117.859405028423),
                (0.047295085825010685, -0.5714552908736776),
            ],
        ),
        (
            OpKind::ScalarSin,
            [
                (0.3194787307415647, 0.39240668483263885),
                (-1.166456341965758, 1.1544997246948547),
                (9.15449914691143, 4.168906959966565),
                (1e-09, 2e-09),
                (-0.15913058529844, -0.5158804424525267),
            ],
        ),
        (
            OpKind::ScalarCos,
            [
                (1.032787884202841, -0.12138561220787393),
                (1.384865764531211, 0.9724217033583001),
                (-4.189625690968807, 9.109227893755337),
                (1.0, -2e-18),
                (-1.116341244526152, 0.0735369737112366),
            ],
        ),
        (
            OpKind::ScalarTan,
            [
                (0.261073681841663, 0.41063347084255636),
                (-0.17207341976303492, 0.9544807059989405),
                (-0.0037640256415042484, -1.0032386273536098),
                (1e-09, 2e-09),
                (0.11162105077158345, 0.4694699934258854),
            ],
        ),
        (
            OpKind::ScalarTanh,
            [
                (0.33825474326547145, 0.3811320742724429),
                (-1.3472197399061192, 0.4778641038326366),
                (0.9653858790221331, 0.009884375038322494),
                (1e-09, 2e-09),
                (-0.997316365283202, 0.0041604265928938304),
            ],
        ),
        (
            OpKind::ScalarLogistic,
            [
                (0.5774309320633588, 0.09901811424847044),
                (0.2655112358731352, 0.2881062338360375),
                (1.1541476496139678, -0.02545268116361431),
                (0.50000000025, 5e-10),
                (0.04236404336934299, 0.02190108846258359),
            ],
        ),
        (
            OpKind::ScalarSign,
            [
                (0.6, 0.8),
                (-0.5038710255240861, 0.8637789008984335),
                (0.5547001962252291, -0.8320502943378437),
                (0.4472135954999579, 0.8944271909999159),
                (-0.9863939238321437, 0.1643989873053573),
            ],
        ),
    ];
    for (kind, values) in known {
        for (point, value) in points.iter().zip(values) {
            close_complex(complex(kind, &[*point]), value);
        }
    }
    let power = complex(OpKind::ScalarPow, &[z(0.3, 0.4), z(1.5, -0.5)]);
    close_complex(power, (-0.09328004841193882, 0.554307428920488));
    close_complex(complex(OpKind::ScalarPow, &[z(-2.0, 1.0), z(2.0, 0.0)]), (3.0, -4.0));
}

#[test]
fn complex_identities_hold() {
    for (re, im) in [(0.3, -0.2), (-1.5, 2.5), (4.0, 1.0), (-0.1, -3.0)] {
        let x = z(re, im);
        let through = |outer, inner| complex(outer, &[z(complex(inner, &[x]).0, complex(inner, &[x]).1)]);
        close_complex(through(OpKind::ScalarExp, OpKind::ScalarLog), (re, im));
        let (p, q) = complex(OpKind::ScalarSqrt, &[x]);
        close_complex(complex(OpKind::ScalarMul, &[z(p, q), z(p, q)]), (re, im));
        let ((a, b), (c, d)) = (complex(OpKind::ScalarSin, &[x]), complex(OpKind::ScalarCos, &[x]));
        close_complex(complex(OpKind::ScalarDiv, &[z(a, b), z(c, d)]), complex(OpKind::ScalarTan, &[x]));
        let quotient = complex(OpKind::ScalarDiv, &[x, z(3.0, -4.0)]);
        close_complex(complex(OpKind::ScalarMul, &[z(quotient.0, quotient.1), z(3.0, -4.0)]), (re, im));
    }
}

#[test]
fn principal_branches_are_cut_along_the_negative_numbers() {
    let pi = std::f64::consts::PI;
    close_complex(complex(OpKind::ScalarLog, &[z(-1.0, 0.0)]), (0.0, pi));
    close_complex(complex(OpKind::ScalarLog, &[z(-1.0, -0.0)]), (0.0, -pi));
    close_complex(complex(OpKind::ScalarSqrt, &[z(-4.0, 0.0)]), (0.0, 2.0));
    close_complex(complex(OpKind::ScalarSqrt, &[z(-4.0, -0.0)]), (0.0, -2.0));
    assert_eq!(complex(OpKind::ScalarSqrt, &[z(-0.0, 0.0)]), (0.0, 0.0));
    assert_eq!(complex(OpKind::ScalarSign, &[z(0.0, 0.0)]), (0.0, 0.0));
}

#[test]
fn complex_functions_overflow_only_where_their_results_do() {
    for x in [25.0, 400.0, 1e300, f64::INFINITY] {
        let (re, im) = complex(OpKind::ScalarTanh, &[z(x, 1.0)]);
        assert!(re == 1.0 && im.abs() < 1e-20, "tanh of {x}: {re} {im}");
        assert_eq!(complex(OpKind::ScalarTanh, &[z(-x, 1.0)]).0, -1.0);
        assert_eq!(complex(OpKind::ScalarTan, &[z(1.0, -x)]).1, -1.0);
        close_complex(complex(OpKind::ScalarLogistic, &[z(2.0 * x, 1.0)]), (1.0, 0.0));
    }
    let huge = 1e308;
    close_complex(complex(OpKind::ScalarDiv, &[z(huge, huge), z(huge, huge)]), (1.0, 0.0));
    close_complex(complex(OpKind::ScalarDiv, &[z(1e-308, 0.0), z(1e-308, 1e-308)]), (0.5, -0.5));
    close_complex(complex(OpKind::ScalarSign, &[z(huge, huge)]), (0.5_f64.sqrt(), 0.5_f64.sqrt()));
    let (re, im) = complex(OpKind::ScalarSqrt, &[z(-huge, huge)]);
    close(re * re - im * im, -huge, 1e-14);
    close(2.0 * re * im, huge, 1e-14);
    // e^710 is beyond f64, e^710 cos y is not.
    let (re, _) = complex(OpKind::ScalarExp, &[z(710.0, 1.5)]);
    close(re, (700.0_f64).exp() * 1.5_f64.cos() * 10.0_f64.exp(), 1e-13);
    assert!(complex(OpKind::ScalarSin, &[z(1.5, 710.5)]).1.is_finite());
    assert_eq!(complex(OpKind::ScalarDiv, &[z(1.0, 0.0), z(0.0, 0.0)]).0, f64::INFINITY);
    assert_eq!(complex(OpKind::ScalarDiv, &[z(1.0, 1.0), z(f64::INFINITY, 0.0)]).0, 0.0);
}

/// A part of a quotient vanishes or overflows where it does so itself alone, and infinite numbers have the signs of `a b*`.
#[test]
fn quotients_of_extreme_numbers() {
    let (inf, least) = (f64::INFINITY, 5e-324);
    let power = |k| 2.0_f64.powi(k);
    let known = [
        ((inf, 1e308), (1.0, -1e308), (inf, inf)),
        ((inf, f64::MAX), (1.0, -f64::MAX), (inf, inf)),
        ((inf, 1.0), (least, 1e308), (inf, -inf)),
        ((inf, inf), (3.0, 1.0), (inf, inf)),
        ((inf, f64::NAN), (3.0, 1.0), (inf, -inf)),
        ((least, 0.0), (1.0, least), (least, -0.0)),
        ((least, least), (least, least), (1.0, 0.0)),
        ((power(1023), 0.0), (least, 2.0), (power(-53), -power(1022))),
        ((power(1023), power(1023)), (power(1023), -power(1023)), (0.0, 1.0)),
        ((1.0, 2.0), (inf, 3.0), (0.0, 0.0)),
        ((1.0, -2.0), (3.0, -inf), (0.0, 0.0)),
    ];
    for (a, b, quotient) in known {
        let found = complex(OpKind::ScalarDiv, &[z(a.0, a.1), z(b.0, b.1)]);
        let bits = |(re, im): (f64, f64)| (re.to_bits(), im.to_bits());
        assert_eq!(bits(found), bits(quotient), "{a:?} / {b:?} is {found:?}");
    }
}

#[test]
fn complex_functions_are_accurate_near_zero_and_the_unit_circle() {
    close_complex(complex(OpKind::ScalarLog, &[z(1.0, 1e-10)]), (5e-21, 1e-10));
    let (re, _) = complex(OpKind::ScalarLog, &[z(1.0 + EPSILON, 0.0)]);
    close(re, EPSILON, EPSILON);
    close_complex(complex(OpKind::ScalarLog1p, &[z(1e-200, -1e-200)]), (1e-200, -1e-200));
    close_complex(complex(OpKind::ScalarExpm1, &[z(1e-200, -1e-200)]), (1e-200, -1e-200));
}

#[test]
fn parts_of_complex_numbers() {
    let part = |kind| {
        scalar(kind, &Parameters::None, &[z(3.0, -4.0)], ScalarType::Complex128, ScalarType::F64).expect("defined").re()
    };
    assert_eq!(part(OpKind::ScalarAbs), 5.0);
    assert_eq!((part(OpKind::ScalarReal), part(OpKind::ScalarImag)), (3.0, -4.0));
    assert_eq!(complex(OpKind::ScalarConj, &[z(3.0, -4.0)]), (3.0, 4.0));
    let rounded = scalar(
        OpKind::ScalarDiv,
        &Parameters::None,
        &[z(1.0, 2.0), z(3.0, 0.0)],
        ScalarType::Complex64,
        ScalarType::Complex64,
    );
    assert_eq!(rounded.expect("defined").complex().im, (2.0_f32 / 3.0) as f64);
}

/// On a cut the sign of a zero says on which side the number is, as in C.
#[test]
fn inverse_functions_are_cut_as_those_of_c() {
    use OpKind::*;
    use std::f64::consts::{FRAC_PI_2, PI};
    // arcosh 2 and artanh 1/2.
    const A: f64 = 1.3169578969248166;
    const T: f64 = 0.5493061443340549;
    let known = [
        (ScalarAsin, (2.0, 0.0), (FRAC_PI_2, A)),
        (ScalarAsin, (2.0, -0.0), (FRAC_PI_2, -A)),
        (ScalarAsin, (-2.0, 0.0), (-FRAC_PI_2, A)),
        (ScalarAcos, (2.0, 0.0), (0.0, -A)),
        (ScalarAcos, (-2.0, -0.0), (PI, A)),
        (ScalarAcosh, (-2.0, 0.0), (A, PI)),
        (ScalarAcosh, (-2.0, -0.0), (A, -PI)),
        (ScalarAsinh, (0.0, 2.0), (A, FRAC_PI_2)),
        (ScalarAsinh, (-0.0, 2.0), (-A, FRAC_PI_2)),
        (ScalarAtanh, (2.0, 0.0), (T, FRAC_PI_2)),
        (ScalarAtanh, (2.0, -0.0), (T, -FRAC_PI_2)),
        (ScalarAtan, (0.0, 2.0), (FRAC_PI_2, T)),
        (ScalarAtan, (-0.0, 2.0), (-FRAC_PI_2, T)),
    ];
    for (kind, (re, im), expected) in known {
        close_complex(complex(kind, &[z(re, im)]), expected);
    }
}

/// Infinite numbers have angles; NaN stays.
#[test]
fn inverse_functions_at_infinity_and_nan() {
    use OpKind::*;
    use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};
    let inf = f64::INFINITY;
    let at = |kind, re, im| complex(kind, &[z(re, im)]);
    assert_eq!(at(ScalarAsin, inf, -inf), (FRAC_PI_4, -inf));
    assert_eq!(at(ScalarAcos, -inf, 1.0), (PI, -inf));
    assert_eq!(at(ScalarAcosh, -inf, 1.0), (inf, PI));
    assert_eq!(at(ScalarAtanh, inf, -1.0), (0.0, -FRAC_PI_2));
    assert_eq!(at(ScalarAtanh, 1.0, 0.0), (inf, 0.0));
    assert_eq!(at(ScalarExp2, -inf, f64::NAN), (0.0, 0.0));
    for kind in [ScalarAsin, ScalarAcos, ScalarAcosh, ScalarAsinh, ScalarSqrt, ScalarRsqrt, ScalarSign] {
        for (re, im) in [at(kind, f64::NAN, 0.0), at(kind, 0.0, f64::NAN)] {
            assert!(re.is_nan() && im.is_nan(), "{kind:?}");
        }
    }
}
