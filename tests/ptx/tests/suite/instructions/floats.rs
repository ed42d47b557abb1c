//! `f32` and `f64`: rounding in all directions, flushing, saturation.

use dp_ptx_program::alu::pick;

use super::{apply, check};
use crate::support::Random;

pub fn nan32(x: u64) -> bool {
    f32::from_bits(x as u32).is_nan()
}

pub fn nan64(x: u64) -> bool {
    f64::from_bits(x).is_nan()
}

pub fn f(x: u64) -> f32 {
    f32::from_bits(x as u32)
}

pub fn bits32(x: f32) -> u64 {
    u64::from(x.to_bits())
}

pub fn flush(x: f32) -> f32 {
    if x.is_subnormal() { 0.0 * x } else { x }
}

#[test]
fn single_precision() {
    check(
        &[
            ("add.rn.f32", |x| bits32(f(x[0]) + f(x[1]))),
            ("add.f32", |x| bits32(f(x[0]) + f(x[1]))),
            ("sub.rn.f32", |x| bits32(f(x[0]) - f(x[1]))),
            ("mul.rn.f32", |x| bits32(f(x[0]) * f(x[1]))),
            ("fma.rn.f32", |x| bits32(f(x[0]).mul_add(f(x[1]), f(x[2])))),
            ("div.rn.f32", |x| bits32(f(x[0]) / f(x[1]))),
            ("div.full.f32", |x| bits32(f(x[0]) / f(x[1]))),
            ("rcp.rn.f32", |x| bits32(1.0 / f(x[0]))),
            ("sqrt.rn.f32", |x| bits32(f(x[0]).sqrt())),
            ("add.rn.ftz.f32", |x| bits32(flush(flush(f(x[0])) + flush(f(x[1]))))),
            ("mul.ftz.f32", |x| bits32(flush(flush(f(x[0])) * flush(f(x[1]))))),
            ("fma.rn.ftz.f32", |x| bits32(flush(flush(f(x[0])).mul_add(flush(f(x[1])), flush(f(x[2])))))),
            ("add.sat.f32", |x| {
                let sum = f(x[0]) + f(x[1]);
                bits32(if sum > 0.0 { sum.min(1.0) } else { 0.0 })
            }),
            ("neg.f32", |x| x[0] ^ 0x8000_0000),
            ("neg.ftz.f32", |x| bits32(-flush(f(x[0])))),
            ("abs.f32", |x| x[0] & 0x7fff_ffff),
            ("copysign.f32", |x| bits32(f(x[1]).copysign(f(x[0])))),
            ("min.f32", |x| lesser(f(x[0]), f(x[1]))),
            ("max.f32", |x| bits32(-f32::from_bits(lesser(-f(x[0]), -f(x[1])) as u32))),
            ("min.NaN.f32", |x| if nan32(x[0]) || nan32(x[1]) { 0x7fff_ffff } else { lesser(f(x[0]), f(x[1])) }),
            ("testp.finite.f32", |x| f(x[0]).is_finite().into()),
            ("testp.subnormal.f32", |x| f(x[0]).is_subnormal().into()),
            ("testp.notanumber.f32", |x| f(x[0]).is_nan().into()),
            ("testp.normal.f32", |x| f(x[0]).is_normal().into()),
        ],
        nan32,
    );
}

/// The lesser number; -0 is less than +0, and a NaN is no number.
fn lesser(a: f32, b: f32) -> u64 {
    bits32(if a == 0.0 && b == 0.0 { if a.is_sign_negative() { a } else { b } } else { a.min(b) })
}

#[test]
fn double_precision() {
    let d = f64::from_bits;
    assert_eq!(d(1u64 << 62), 2.0);
    check(
        &[
            ("add.rn.f64", |x| (f64::from_bits(x[0]) + f64::from_bits(x[1])).to_bits()),
            ("sub.f64", |x| (f64::from_bits(x[0]) - f64::from_bits(x[1])).to_bits()),
            ("mul.rn.f64", |x| (f64::from_bits(x[0]) * f64::from_bits(x[1])).to_bits()),
            ("fma.rn.f64", |x| f64::from_bits(x[0]).mul_add(f64::from_bits(x[1]), f64::from_bits(x[2])).to_bits()),
            ("div.rn.f64", |x| (f64::from_bits(x[0]) / f64::from_bits(x[1])).to_bits()),
            ("rcp.rn.f64", |x| (1.0 / f64::from_bits(x[0])).to_bits()),
            ("sqrt.rn.f64", |x| f64::from_bits(x[0]).sqrt().to_bits()),
            ("neg.f64", |x| x[0] ^ 1 << 63),
            ("abs.f64", |x| x[0] & u64::MAX >> 1),
            ("copysign.f64", |x| f64::from_bits(x[1]).copysign(f64::from_bits(x[0])).to_bits()),
            ("testp.infinite.f64", |x| f64::from_bits(x[0]).is_infinite().into()),
            ("testp.number.f64", |x| (!f64::from_bits(x[0]).is_nan()).into()),
        ],
        nan64,
    );
}

/// Directed rounding encloses the exact value, tightly: down ≤ nearest ≤ up, neighbours where they differ, and toward
/// zero is the one of less magnitude. Where they agree the result is exact, which the inverse operation shows.
#[test]
fn directions_of_rounding() {
    let kernel = |name: &str, mode: &str, ty: &str| pick(name, &[mode, ty]).unwrap_or_else(|e| panic!("{e}")).kernel;
    let mut random = Random(11);
    for (name, exact) in [
        ("add", (|a, b, _| a + b) as fn(f64, f64, f64) -> f64),
        ("sub", |a, b, _| a - b),
        ("mul", |a, b, _| a * b),
        ("div", |a, b, _| a / b),
        ("fma", |a, b, c| a * b + c),
    ] {
        for _ in 0..3000 {
            let x: [u64; 4] =
                std::array::from_fn(|_| bits32((random.unit() * 2f64.powi((random.bits() % 40) as i32 - 20)) as f32));
            let [near, zero, down, up] = ["rn", "rz", "rm", "rp"].map(|mode| f(apply(kernel(name, mode, "f32"), x)));
            let wide = exact(f64::from(f(x[0])), f64::from(f(x[1])), f64::from(f(x[2])));
            assert!(down <= near && near <= up && f64::from(down) <= wide && wide <= f64::from(up), "{name} {x:x?}");
            assert!(up == down || up == down.next_up(), "{name} of {x:x?}: {down:e} and {up:e}");
            assert_eq!(zero, if near > 0.0 { down } else { up }, "{name} of {x:x?}");
        }
    }
    for name in ["add", "sub", "mul", "div"] {
        for _ in 0..3000 {
            let x: [u64; 4] =
                std::array::from_fn(|_| (random.unit() * 2f64.powi((random.bits() % 100) as i32 - 50)).to_bits());
            let [near, zero, down, up] =
                ["rn", "rz", "rm", "rp"].map(|mode| f64::from_bits(apply(kernel(name, mode, "f64"), x)));
            assert!(down <= near && near <= up && (up == down || up == down.next_up()), "{name} {x:x?}");
            assert_eq!(zero, if near > 0.0 { down } else { up });
        }
    }
    // Exact results are the same in all directions, and an exact zero is -0 downwards.
    let one = [1.0f64.to_bits(), (-1.0f64).to_bits(), 0, 0];
    assert_eq!(apply(kernel("add", "rm", "f64"), one), 1 << 63);
    assert_eq!(apply(kernel("add", "rp", "f64"), one), 0);
    let one = [bits32(1.0), bits32(-1.0), 0, 0];
    assert_eq!(apply(kernel("add", "rm", "f32"), one), 1 << 31);
    assert_eq!(apply(kernel("add", "rz", "f32"), [bits32(f32::MAX), bits32(f32::MAX), 0, 0]), bits32(f32::MAX));
}
