//! Integers: wrapping, division, powers, shifts.

use super::*;

#[test]
fn integers_wrap_at_their_width() {
    use OpKind::*;
    assert_eq!(integer(ScalarType::I8, ScalarAdd, &[127, 1]), -128);
    assert_eq!(integer(ScalarType::I8, ScalarMul, &[16, 16]), 0);
    assert_eq!(integer(ScalarType::I64, ScalarSub, &[i64::MIN, 1]), i64::MAX);
    assert_eq!(integer(ScalarType::I16, ScalarNeg, &[-32768]), -32768);
    assert_eq!(integer(ScalarType::I32, ScalarAbs, &[i32::MIN as i64]), i32::MIN as i64);
    assert_eq!(integer(ScalarType::I64, ScalarAbs, &[i64::MIN]), i64::MIN);
    assert_eq!(integer(ScalarType::I8, ScalarSign, &[-5]), -1);
    assert_eq!(integer(ScalarType::I1, ScalarNot, &[0]), 1);
    assert_eq!(integer(ScalarType::I1, ScalarXor, &[1, 1]), 0);
    assert_eq!(integer(ScalarType::I8, ScalarNot, &[5]), -6);
}

#[test]
fn bits_are_counted_in_the_width() {
    use OpKind::*;
    for dtype in [ScalarType::I8, ScalarType::I16, ScalarType::I32, ScalarType::I64] {
        let bits = i64::from(dtype.bits());
        for (x, ones, zeros) in [(0, 0, bits), (1, 1, bits - 1), (-1, bits, 0), (6, 2, bits - 3), (-2, bits - 1, 0)] {
            assert_eq!(integer(dtype, ScalarPopcnt, &[x]), ones, "{dtype} {x}");
            assert_eq!(integer(dtype, ScalarCountLeadingZeros, &[x]), zeros, "{dtype} {x}");
        }
    }
}

#[test]
fn integer_division_never_traps() {
    use OpKind::*;
    for dtype in [ScalarType::I8, ScalarType::I16, ScalarType::I32, ScalarType::I64] {
        let least = i64::MIN >> (64 - dtype.bits());
        assert_eq!(integer(dtype, ScalarDiv, &[7, 0]), -1);
        assert_eq!(integer(dtype, ScalarUdiv, &[7, 0]), -1);
        assert_eq!(integer(dtype, ScalarRem, &[-7, 0]), -7);
        assert_eq!(integer(dtype, ScalarUrem, &[-7, 0]), -7);
        assert_eq!(integer(dtype, ScalarDiv, &[least, -1]), least);
        assert_eq!(integer(dtype, ScalarRem, &[least, -1]), 0);
        assert_eq!(integer(dtype, ScalarDiv, &[-7, 2]), -3);
        assert_eq!(integer(dtype, ScalarRem, &[-7, 2]), -1);
        assert_eq!(integer(dtype, ScalarUdiv, &[-1, 2]), !least);
        assert_eq!(integer(dtype, ScalarUdiv, &[-1, 1]), -1);
    }
    assert_eq!(integer(ScalarType::I8, ScalarUrem, &[-1, 10]), 5);
}

#[test]
fn integer_powers_and_order() {
    use OpKind::*;
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[-3, 3]), -27);
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[0, 0]), 1);
    assert_eq!(integer(ScalarType::I8, ScalarPow, &[3, 6]), 729 - 768);
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[2, -1]), 0);
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[0, -1]), 0);
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[1, -5]), 1);
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[-1, -5]), -1);
    assert_eq!(integer(ScalarType::I32, ScalarPow, &[-1, -4]), 1);
    assert_eq!(integer(ScalarType::I64, ScalarPow, &[-1, i64::MAX]), -1);
    assert_eq!(integer(ScalarType::I8, ScalarMax, &[-1, 3]), 3);
    assert_eq!(integer(ScalarType::I8, ScalarUmax, &[-1, 3]), -1);
    assert_eq!(integer(ScalarType::I8, ScalarUmin, &[-1, 3]), 3);
}

#[test]
fn shifts_by_the_width_or_more() {
    use OpKind::*;
    for dtype in [ScalarType::I8, ScalarType::I16, ScalarType::I32, ScalarType::I64] {
        let width = dtype.bits() as i64;
        for by in [width, width + 1, -1] {
            assert_eq!(integer(dtype, ScalarShl, &[-5, by]), 0, "{dtype} by {by}");
            assert_eq!(integer(dtype, ScalarUshr, &[-5, by]), 0);
            assert_eq!(integer(dtype, ScalarShr, &[-5, by]), -1);
            assert_eq!(integer(dtype, ScalarShr, &[5, by]), 0);
        }
        assert_eq!(integer(dtype, ScalarShl, &[1, width - 1]), i64::MIN >> (64 - width));
        assert_eq!(integer(dtype, ScalarUshr, &[-1, width - 1]), 1);
        assert_eq!(integer(dtype, ScalarShr, &[-8, 2]), -2);
        assert_eq!(integer(dtype, ScalarUshr, &[-1, 1]), i64::MAX >> (64 - width));
    }
}
