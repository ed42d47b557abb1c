//! Special functions: known values, recurrences, reflection, derivatives.

use super::*;

const EULER: f64 = 0.5772156649015329;

#[test]
fn erf_and_lgamma_at_known_points() {
    for (x, y) in [(0.5, 0.5204998778130465), (1.0, 0.8427007929497149), (-3.0, -0.9999779095030014), (6.0, 1.0)] {
        close(real(OpKind::ScalarErf, &[x]), y, 2.0 * EPSILON);
    }
    for (x, y) in [(0.5, 0.5723649429247001), (10.0, 12.801827480081469), (100.5, 361.4355404677776)] {
        close(real(OpKind::ScalarLgamma, &[x]), y, 2.0 * EPSILON);
    }
    close(real(OpKind::ScalarLgamma, &[-1.5]), 0.860047015376481, 2.0 * EPSILON);
    close(real(OpKind::ScalarLgamma, &[-2.0]), f64::INFINITY, 0.0);
    close(real(OpKind::ScalarLgamma, &[1.0]), 0.0, 0.0);
}

#[test]
fn the_inverse_of_erf_at_known_points() {
    let known = [
        (0.5, 0.4769362762044699),
        (-0.9, -1.1630871536766742),
        (1e-10, 8.86226925452758e-11),
        (0.999999, 3.458910737275499),
        (1.0 - 1.1102230246251565e-16, 5.863584748755168),
    ];
    for (x, y) in known {
        close(real(OpKind::ScalarErfInv, &[x]), y, 8.0 * EPSILON);
    }
    for i in -99..100 {
        let x = f64::from(i) / 100.0;
        close(real(OpKind::ScalarErf, &[real(OpKind::ScalarErfInv, &[x])]), x, 8.0 * EPSILON);
    }
    close(real(OpKind::ScalarErfInv, &[1.0]), f64::INFINITY, 0.0);
    close(real(OpKind::ScalarErfInv, &[-1.0]), f64::NEG_INFINITY, 0.0);
    assert!(real(OpKind::ScalarErfInv, &[1.5]).is_nan() && real(OpKind::ScalarErfInv, &[f64::NAN]).is_nan());
    assert!(real(OpKind::ScalarErfInv, &[-0.0]).is_sign_negative());
}

#[test]
fn digamma_at_known_points() {
    let known = [
        (1e-300, -9.999999999999999e299),
        (1e-8, -100000000.57721564),
        (0.5, -EULER - 2.0 * std::f64::consts::LN_2),
        (1.0, -EULER),
        (1.25, -0.22745353337626542),
        (1.46163, -2.0756283887224574e-06),
        (1.461632144968362, -3.072790566546293e-16),
        (1.4616321449683622, -9.241265521729427e-17),
        (2.0, 1.0 - EULER),
        (3.7, 1.1671535393615113),
        (123.456, 4.811829323828985),
        (1e300, 690.7755278982137),
        (-1e-8, 99999999.42278431),
        (-0.25, 2.9141391202135276),
        (-1.5, 0.7031566406452432),
        (-10.1, 12.030052248548309),
        (-1000.25, 10.050097693066705),
    ];
    for (x, y) in known {
        close(real(OpKind::ScalarDigamma, &[x]), y, 4.0 * EPSILON);
    }
    for pole in [0.0, -0.0, -1.0, -2.0, -1e300, f64::NEG_INFINITY, f64::NAN] {
        assert!(real(OpKind::ScalarDigamma, &[pole]).is_nan(), "{pole}");
    }
    close(real(OpKind::ScalarDigamma, &[f64::INFINITY]), f64::INFINITY, 0.0);
}

#[test]
fn polygamma_at_known_points() {
    let pi = std::f64::consts::PI;
    let known = [
        (0, 1.0, -EULER),
        (1, 1.0, pi * pi / 6.0),
        (1, 0.5, pi * pi / 2.0),
        (2, 1.0, -2.0 * 1.2020569031595942),
        (3, 1.0, pi.powi(4) / 15.0),
        (1, 0.01, 10001.621213528313),
        (1, 15.0, 0.0689382278476838),
        (1, 1e6, 1.0000005000001667e-06),
        (1, -0.25, 18.541879647671607),
        (1, -20.4, 10.86372849226865),
        (2, 2.5, -0.2362040516417274),
        (2, -3.75, -124.07972713378925),
        (3, 300.0, 7.444526748513953e-08),
        (8, 2.5, -11.146030731869933),
        (20, 15.0, -6.646012211762035e-07),
        (20, -3.75, -1.0700016187896298e31),
        (10, -20.5, -2.1531748492994133e-8),
        (10, -170.5, -1.6972032761518942e-17),
        (2, -20.5, -0.002266289919637797),
    ];
    for (n, x, y) in known {
        close(polygamma(n, x), y, 16.0 * EPSILON);
    }
    // Intermediate powers and factorials would leave the range of f64.
    close(polygamma(100, 300.0), -2.1295392226500303e-92, 100.0 * EPSILON);
    close(polygamma(100, 0.5), -2.366100660490897e188, 100.0 * EPSILON);
    close(polygamma(100, 0.01), f64::NEG_INFINITY, 0.0);
    close(polygamma(i64::MAX, 2.5), f64::INFINITY, 0.0);
    // Nor does n! / x^(n+1) vanish before the sum that it is a factor of has grown.
    close(polygamma(1, 1e200), 1e-200, 4.0 * EPSILON);
    close(polygamma(2, 1e150), -1e-300, 4.0 * EPSILON);
    close(polygamma(3, 1e100), 2e-300, 4.0 * EPSILON);
    close(polygamma(1, f64::MAX), f64::MAX.recip(), 4.0 * EPSILON);
    close(polygamma(1, 1e-150), 1e300, 4.0 * EPSILON);
    for pole in [0.0, -1.0, -5.0] {
        close(polygamma(1, pole), f64::INFINITY, 0.0);
        close(polygamma(2, pole), f64::NAN, 0.0);
    }
    close(polygamma(1, f64::INFINITY), 0.0, 0.0);
}

#[test]
fn recurrence_and_reflection_hold() {
    let pi = std::f64::consts::PI;
    for x in [0.3, 0.9, 1.7, 4.2, 9.99, 33.3] {
        let step = real(OpKind::ScalarDigamma, &[x]) + 1.0 / x;
        close(real(OpKind::ScalarDigamma, &[x + 1.0]), step, 1e-14);
        for n in 1..6 {
            let factorial: f64 = (1..=n).map(f64::from).product();
            let term = (-1.0_f64).powi(n) * factorial * x.powi(-n - 1);
            close(polygamma(n as i64, x + 1.0), polygamma(n as i64, x) + term, 1e-10);
        }
    }
    for x in [0.2_f64, 0.7, 1.3, 5.6] {
        let cotangent = 1.0 / (pi * x).tan();
        close(real(OpKind::ScalarDigamma, &[1.0 - x]) - real(OpKind::ScalarDigamma, &[x]), pi * cotangent, 1e-13);
        close(polygamma(1, 1.0 - x) + polygamma(1, x), pi * pi * (1.0 + cotangent * cotangent), 1e-13);
    }
}

#[test]
fn each_special_function_is_the_derivative_of_the_last() {
    let h = 1e-4;
    for x in [0.7, 1.9, 6.5, -0.4, -2.6] {
        let slope =
            |f: &dyn Fn(f64) -> f64| (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h);
        close(slope(&|x| real(OpKind::ScalarLgamma, &[x])), real(OpKind::ScalarDigamma, &[x]), 1e-9);
        for n in 0..5 {
            close(slope(&|x| polygamma(n, x)), polygamma(n + 1, x), 1e-8);
        }
    }
}
