//! Comparisons and conversions.

use dp_ptx_program::alu::convert::Conversion;
use dp_ptx_program::alu::{Modifiers, compare, convert};
use half::{bf16, f16};

use super::floats::{bits32, f, flush, nan32, nan64};
use super::halves::{b, brain_bits, h, half_bits};
use super::{never, operands, s};
use crate::support::Random;

#[test]
fn comparisons() {
    type Case = (&'static str, u32, fn(u64, u64) -> bool);
    let cases: &[Case] = &[
        ("lt.s32", 32, |a, b| s(a) < s(b)),
        ("ge.u32", 32, |a, b| a >= b),
        ("hi.u16", 16, |a, b| a > b),
        ("eq.b64", 64, |a, b| a == b),
        ("ne.s64", 64, |a, b| a != b),
        ("le.s16", 16, |a, b| a as i16 <= b as i16),
        ("lt.f32", 32, |a, b| f(a) < f(b)),
        ("ltu.f32", 32, |a, b| f(a) < f(b) || nan32(a) || nan32(b)),
        ("ne.f32", 32, |a, b| f(a) < f(b) || f(a) > f(b)),
        ("neu.f32", 32, |a, b| f(a) != f(b)),
        ("equ.f64", 64, |a, b| f64::from_bits(a) == f64::from_bits(b) || nan64(a) || nan64(b)),
        ("num.f64", 64, |a, b| !nan64(a) && !nan64(b)),
        ("nan.f32", 32, |a, b| nan32(a) || nan32(b)),
        ("gt.f16", 16, |a, b| h(a) > h(b)),
        ("geu.bf16", 16, |x, y| b(x) >= b(y) || b(x).is_nan() || b(y).is_nan()),
        ("eq.ftz.f32", 32, |a, b| flush(f(a)) == flush(f(b))),
    ];
    for (name, width, want) in cases {
        let words: Vec<&str> = name.split('.').collect();
        let (compare, _) = compare::pick(&mut Modifiers::new(&words)).expect(name);
        let mut random = Random(17);
        for _ in 0..3000 {
            let (x, y) = (operands(*width, &mut random), operands(*width, &mut random));
            assert_eq!(compare(x, y), want(x, y), "{name} of {x:#x} and {y:#x}");
        }
    }
}

fn conversion(words: &str) -> Conversion {
    convert::pick(&mut Modifiers::new(&words.split('.').collect::<Vec<_>>())).unwrap_or_else(|e| panic!("{words}: {e}"))
}

#[test]
fn conversions() {
    type Case = (&'static str, fn(u64) -> u64, fn(u64) -> bool);
    let cases: &[Case] = &[
        ("u64.u32", |x| x, never),
        ("s64.s32", |x| s(x) as i64 as u64, never),
        ("u32.u64", |x| x & 0xffff_ffff, never),
        ("u16.s8", |x| u64::from(x as i8 as u16), never),
        ("s32.u8", |x| x & 0xff, never),
        ("sat.u8.s32", |x| s(x).clamp(0, 255) as u64, never),
        ("sat.s16.s64", |x| (x as i64).clamp(-32768, 32767) as u16 as u64, never),
        ("rn.f32.s32", |x| bits32(s(x) as f32), never),
        ("rn.f32.u64", |x| bits32(x as f32), never),
        ("rn.f64.u64", |x| (x as f64).to_bits(), never),
        ("rn.f64.s32", |x| f64::from(s(x)).to_bits(), never),
        ("rn.f16.s32", |x| half_bits(f64::from(s(x))), never),
        ("rzi.s32.f32", |x| f(x) as i32 as u32 as u64, never),
        ("rzi.u32.f32", |x| u64::from(f(x) as u32), never),
        ("rzi.s64.f32", |x| if nan32(x) { 1 << 63 } else { f(x) as i64 as u64 }, never),
        ("rni.s32.f32", |x| f(x).round_ties_even() as i32 as u32 as u64, never),
        ("rmi.s32.f64", |x| if nan64(x) { 1 << 31 } else { u64::from(f64::from_bits(x).floor() as i32 as u32) }, never),
        ("rpi.u64.f64", |x| if nan64(x) { 1 << 63 } else { f64::from_bits(x).ceil() as u64 }, never),
        ("rni.f32.f32", |x| bits32(f(x).round_ties_even()), nan32),
        ("rmi.f64.f64", |x| f64::from_bits(x).floor().to_bits(), nan64),
        ("rzi.f32.f32", |x| bits32(f(x).trunc()), nan32),
        ("f64.f32", |x| f64::from(f(x)).to_bits(), nan64),
        ("f32.f16", |x| bits32(h(x) as f32), nan32),
        ("f32.bf16", |x| bits32(b(x) as f32), nan32),
        ("rn.f32.f64", |x| bits32(f64::from_bits(x) as f32), nan32),
        ("rn.f16.f32", |x| u64::from(f16::from_f32(f(x)).to_bits()), |x| h(x).is_nan()),
        ("rn.bf16.f32", |x| u64::from(bf16::from_f32(f(x)).to_bits()), |x| b(x).is_nan()),
        ("sat.f32.f32", |x| bits32(if f(x) > 0.0 { f(x).min(1.0) } else { 0.0 }), never),
        ("ftz.f64.f32", |x| f64::from(flush(f(x))).to_bits(), nan64),
    ];
    for (words, want, nan) in cases {
        let c = conversion(words);
        let mut random = Random(19);
        for _ in 0..3000 {
            let x = operands(c.from.bits(), &mut random);
            let (got, want) = (c.apply(x, x), want(x));
            assert!(got == want || nan(got) && nan(want), "cvt.{words} of {x:#x}: {got:#x}, not {want:#x}");
            if let Some(quick) = c.integers() {
                assert_eq!(quick(x), got, "cvt.{words} of {x:#x}");
            }
        }
    }
    // Directions of narrowing enclose.
    let mut random = Random(23);
    for _ in 0..3000 {
        let x = random.unit() * 2f64.powi((random.bits() % 280) as i32 - 140);
        let [down, up, zero, near] =
            ["rm", "rp", "rz", "rn"].map(|m| f(conversion(&format!("{m}.f32.f64")).apply(x.to_bits(), 0)));
        assert!(f64::from(down) <= x && x <= f64::from(up) && (up == down || up == down.next_up()), "{x:e}");
        assert_eq!((zero, near), (if x > 0.0 { down } else { up }, x as f32));
    }
    let pair = conversion("rn.bf16x2.f32");
    assert_eq!(pair.apply(bits32(1.5), bits32(-2.0)), brain_bits(1.5) << 16 | brain_bits(-2.0));
    let pair = conversion("rn.relu.f16x2.f32");
    assert_eq!(pair.apply(bits32(1.5), bits32(-2.0)), half_bits(1.5) << 16);
    // tf32 keeps 10 bits of the significand, and rounds ties away from zero.
    let tf32 = conversion("rna.tf32.f32");
    assert_eq!(tf32.apply(0x3f80_1000, 0), 0x3f80_2000);
    assert_eq!(tf32.apply(0x3f80_0fff, 0), 0x3f80_0000);
}
