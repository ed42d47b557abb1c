//! `f16`, `bf16`, pairs of them, and approximate functions.

use dp_ptx_program::alu::pick;
use half::{bf16, f16};

use super::floats::{bits32, f, flush, nan32};
use super::{apply, check, operands};
use crate::support::{Random, to_bf16, to_f16};

pub fn h(x: u64) -> f64 {
    f16::from_bits(x as u16).to_f64()
}

pub fn b(x: u64) -> f64 {
    bf16::from_bits(x as u16).to_f64()
}

pub fn half_bits(x: f64) -> u64 {
    u64::from(to_f16(x).to_bits())
}

pub fn brain_bits(x: f64) -> u64 {
    u64::from(to_bf16(x).to_bits())
}

#[test]
fn half_precisions() {
    check(
        &[
            ("add.rn.f16", |x| half_bits(h(x[0]) + h(x[1]))),
            ("add.f16", |x| half_bits(h(x[0]) + h(x[1]))),
            ("sub.rn.f16", |x| half_bits(h(x[0]) - h(x[1]))),
            ("mul.rn.f16", |x| half_bits(h(x[0]) * h(x[1]))),
            ("fma.rn.f16", |x| half_bits(fused(h(x[0]), h(x[1]), h(x[2])))),
            ("neg.f16", |x| x[0] ^ 0x8000),
            ("abs.f16", |x| x[0] & 0x7fff),
        ],
        |x| h(x).is_nan(),
    );
    check(
        &[
            ("add.rn.bf16", |x| brain_bits(fused(b(x[0]), 1.0, b(x[1])))),
            ("mul.rn.bf16", |x| brain_bits(b(x[0]) * b(x[1]))),
            ("fma.rn.bf16", |x| brain_bits(fused(b(x[0]), b(x[1]), b(x[2])))),
            ("neg.bf16", |x| x[0] ^ 0x8000),
        ],
        |x| b(x).is_nan(),
    );
    // Pairs are two.
    for (pair, one) in [("f16x2", "f16"), ("bf16x2", "bf16")] {
        for name in ["add", "mul", "fma"] {
            let (two, one) = (pick(name, &["rn", pair]).unwrap().kernel, pick(name, &["rn", one]).unwrap().kernel);
            let mut random = Random(13);
            for _ in 0..1000 {
                let x: [u64; 4] = std::array::from_fn(|_| operands(32, &mut random));
                let lane = |n: u32| apply(one, x.map(|x| x >> (16 * n) & 0xffff)) << (16 * n);
                assert_eq!(apply(two, x), lane(0) | lane(1));
            }
        }
    }
}

/// `a b + c` where the product is exact, rounded to odd so that it may be rounded once more.
fn fused(a: f64, b: f64, c: f64) -> f64 {
    let (p, s) = (a * b, a * b + c);
    let back = s - p;
    let lost = (p - (s - back)) + (c - back);
    if lost == 0.0 || lost.is_nan() || s.to_bits() & 1 == 1 {
        s
    } else if lost > 0.0 {
        s.next_up()
    } else {
        s.next_down()
    }
}

#[test]
fn approximate_functions() {
    check(
        &[
            ("ex2.approx.f32", |x| bits32(libm::exp2(f64::from(f(x[0]))) as f32)),
            ("lg2.approx.f32", |x| bits32(libm::log2(f64::from(f(x[0]))) as f32)),
            ("sin.approx.f32", |x| bits32(libm::sin(f64::from(f(x[0]))) as f32)),
            ("cos.approx.f32", |x| bits32(libm::cos(f64::from(f(x[0]))) as f32)),
            ("tanh.approx.f32", |x| bits32(libm::tanh(f64::from(f(x[0]))) as f32)),
            ("rsqrt.approx.f32", |x| bits32((1.0 / f64::from(f(x[0])).sqrt()) as f32)),
            ("rcp.approx.f32", |x| bits32(1.0 / f(x[0]))),
            ("sqrt.approx.f32", |x| bits32(f(x[0]).sqrt())),
            ("div.approx.f32", |x| bits32(f(x[0]) / f(x[1]))),
            ("ex2.approx.ftz.f32", |x| bits32(flush(libm::exp2(f64::from(flush(f(x[0])))) as f32))),
        ],
        nan32,
    );
    check(
        &[
            ("ex2.approx.f16", |x| half_bits(libm::exp2(h(x[0])))),
            ("tanh.approx.f16", |x| half_bits(libm::tanh(h(x[0])))),
        ],
        |x| h(x).is_nan(),
    );
    check(&[("tanh.approx.bf16", |x| brain_bits(libm::tanh(b(x[0]))))], |x| b(x).is_nan());
}
