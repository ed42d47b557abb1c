//! Instructions one by one, against plain Rust: a row each, on random and on special operands.

use dp_ptx::alu::convert::Conversion;
use dp_ptx::alu::{Kernel, Modifiers, compare, convert, pick};
use half::{bf16, f16};

use crate::support::{Random, to_bf16, to_f16};

/// Operands of so many bits: special values, small numbers, and random ones of all magnitudes.
fn operands(bits: u32, random: &mut Random) -> u64 {
    const SPECIAL: &[u64] = &[
        0,
        1,
        2,
        u64::MAX,
        0x8000_0000_8000_8000,
        0x7fff_ffff,
        0x8000_0000,
        0x7f80_0000,
        0xff80_0000,
        0x7fc0_0001,
        0x0000_0001,
        0x007f_ffff,
        0x0080_0000,
        0x3f80_0000,
        0xbf80_0000,
        0x7f7f_ffff,
        0x7ff0_0000_0000_0000,
        0xfff0_0000_0000_0000,
        0x7ff8_0000_0000_0000,
        0x3ff0_0000_0000_0000,
        0x8000_0000_0000_0000,
        0x000f_ffff_ffff_ffff,
        0x7c00,
        0xfc00,
        0x7e00,
        0x3c00,
        0x0400,
        0x03ff,
        0x7f80,
        0x3f80,
    ];
    let value = match random.bits() % 4 {
        0 => SPECIAL[(random.bits() % SPECIAL.len() as u64) as usize],
        1 => random.bits() % 70,
        2 => (random.bits() as i64 >> (random.bits() % 64)) as u64,
        _ => random.bits(),
    };
    value & u64::MAX >> (64 - bits)
}

fn apply(kernel: Kernel, x: [u64; 4]) -> u64 {
    match kernel {
        Kernel::One(f) => f(x[0]),
        Kernel::Two(f) => f(x[0], x[1]),
        Kernel::Three(f) => f(x[0], x[1], x[2]),
        Kernel::Four(f) => f(x[0], x[1], x[2], x[3]),
        Kernel::Carry(f, _) => f(x[0], x[1], x[2], false).0,
    }
}

/// An instruction and what it is in Rust.
type Row = (&'static str, fn([u64; 4]) -> u64);

/// Tries rows on many operands. NaN results agree whatever their payload, where the second function says so.
fn check(rows: &[Row], nan: fn(u64) -> bool) {
    for (name, want) in rows {
        let mut words = name.split('.');
        let opcode = words.next().unwrap_or_default();
        let picked = pick(opcode, &words.collect::<Vec<_>>()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut random = Random(name.len() as u64);
        for _ in 0..3000 {
            let x: [u64; 4] = std::array::from_fn(|n| operands(picked.operands[n].bits(), &mut random));
            let (got, want) = (apply(picked.kernel, x), want(x));
            assert!(got == want || nan(got) && nan(want), "{name} of {x:#x?}: {got:#x}, not {want:#x}");
            assert_eq!(got & !(u64::MAX >> (64 - picked.result.bits())), 0, "{name} of {x:#x?}: {got:#x}");
        }
    }
}

fn never(_: u64) -> bool {
    false
}

fn s(x: u64) -> i32 {
    x as i32
}

fn u(x: u64) -> u32 {
    x as u32
}

#[test]
fn integer_arithmetic() {
    check(
        &[
            ("add.s32", |x| u64::from(u(x[0]).wrapping_add(u(x[1])))),
            ("add.u64", |x| x[0].wrapping_add(x[1])),
            ("add.s16", |x| u64::from((x[0] as u16).wrapping_add(x[1] as u16))),
            ("add.sat.s32", |x| u64::from(s(x[0]).saturating_add(s(x[1])) as u32)),
            ("sub.s32", |x| u64::from(u(x[0]).wrapping_sub(u(x[1])))),
            ("sub.sat.s32", |x| u64::from(s(x[0]).saturating_sub(s(x[1])) as u32)),
            ("mul.lo.s32", |x| u64::from(u(x[0]).wrapping_mul(u(x[1])))),
            ("mul.lo.s64", |x| x[0].wrapping_mul(x[1])),
            ("mul.hi.s32", |x| u64::from(((i64::from(s(x[0])) * i64::from(s(x[1]))) >> 32) as u32)),
            ("mul.hi.u32", |x| (x[0] * x[1]) >> 32),
            ("mul.hi.u64", |x| ((u128::from(x[0]) * u128::from(x[1])) >> 64) as u64),
            ("mul.hi.s64", |x| ((i128::from(x[0] as i64) * i128::from(x[1] as i64)) >> 64) as u64),
            ("mul.wide.s32", |x| (i64::from(s(x[0])) * i64::from(s(x[1]))) as u64),
            ("mul.wide.u32", |x| x[0] * x[1]),
            ("mul.wide.s16", |x| u64::from((i32::from(x[0] as i16) * i32::from(x[1] as i16)) as u32)),
            ("mul.wide.u16", |x| x[0] * x[1]),
            ("mad.lo.s32", |x| u64::from(u(x[0]).wrapping_mul(u(x[1])).wrapping_add(u(x[2])))),
            ("mad.wide.s32", |x| ((i64::from(s(x[0])) * i64::from(s(x[1]))) as u64).wrapping_add(x[2])),
            ("mad.hi.u32", |x| u64::from((((x[0] * x[1]) >> 32) as u32).wrapping_add(u(x[2])))),
            ("mul24.lo.s32", |x| u64::from((s(x[0]) << 8 >> 8).wrapping_mul(s(x[1]) << 8 >> 8) as u32)),
            ("mul24.lo.u32", |x| u64::from(((x[0] << 40 >> 40) * (x[1] << 40 >> 40)) as u32)),
            ("div.s32", |x| {
                u64::from(s(x[0]).checked_div(s(x[1])).unwrap_or(if x[1] == 0 { -1 } else { i32::MIN }) as u32)
            }),
            ("div.u64", |x| x[0].checked_div(x[1]).unwrap_or(u64::MAX)),
            ("rem.s64", |x| if x[1] == 0 { x[0] } else { (x[0] as i64).wrapping_rem(x[1] as i64) as u64 }),
            ("rem.u16", |x| if x[1] == 0 { x[0] } else { x[0] % x[1] }),
            ("abs.s32", |x| u64::from(s(x[0]).wrapping_abs() as u32)),
            ("neg.s64", |x| x[0].wrapping_neg()),
            ("min.s32", |x| u64::from(s(x[0]).min(s(x[1])) as u32)),
            ("max.u32", |x| x[0].max(x[1])),
            ("max.s16", |x| u64::from((x[0] as i16).max(x[1] as i16) as u16)),
            ("min.s64", |x| (x[0] as i64).min(x[1] as i64) as u64),
            ("sad.u32", |x| u64::from(u(x[0]).abs_diff(u(x[1])).wrapping_add(u(x[2])))),
            ("add.cc.u32", |x| u64::from(u(x[0]).wrapping_add(u(x[1])))),
            ("dp4a.u32.s32", |x| {
                let byte = |x: u64, n: usize| x.to_le_bytes()[n];
                let dot: i32 = (0..4).map(|n| i32::from(byte(x[0], n)) * i32::from(byte(x[1], n) as i8)).sum();
                u64::from(dot.wrapping_add(s(x[2])) as u32)
            }),
        ],
        never,
    );
}

#[test]
fn carries_run_through() {
    let carry = |name: &str, words: &[&str]| match pick(name, words).expect("an instruction").kernel {
        Kernel::Carry(f, _) => f,
        other => panic!("{other:?}"),
    };
    let mut random = Random(4);
    for _ in 0..2000 {
        let [a, b] = [random.bits(), operands(64, &mut random)];
        let (low, high) = (|x: u64| x & 0xffff_ffff, |x: u64| x >> 32);
        let chain = |first: &str, second: &str| {
            let (l, c) = carry(first, &["cc", "u32"])(low(a), low(b), 0, true);
            carry(second, &["u32"])(high(a), high(b), 0, c).0 << 32 | l
        };
        assert_eq!(chain("add", "addc"), a.wrapping_add(b));
        assert_eq!(chain("sub", "subc"), a.wrapping_sub(b));
        // 64 × 64 → 128 bits would go on; here the lower 64, with the cross terms in the second word.
        let (l, c) = carry("mad", &["lo", "cc", "u32"])(low(a), low(b), 5, true);
        let (h, _) = carry("madc", &["hi", "u32"])(low(a), low(b), 0, c);
        assert_eq!(h << 32 | l, (low(a) * low(b)).wrapping_add(5));
        let (l, c) = carry("add", &["cc", "u64"])(a, b, 0, true);
        let (h, _) = carry("addc", &["u64"])(b, a, 0, c);
        let sum = (u128::from(b) << 64 | u128::from(a)).wrapping_add(u128::from(a) << 64 | u128::from(b));
        assert_eq!((l, h), (sum as u64, (sum >> 64) as u64));
    }
}

#[test]
fn bits() {
    check(
        &[
            ("and.b32", |x| x[0] & x[1]),
            ("or.b64", |x| x[0] | x[1]),
            ("xor.pred", |x| x[0] ^ x[1]),
            ("not.b16", |x| u64::from(!(x[0] as u16))),
            ("not.pred", |x| 1 - x[0]),
            ("cnot.b32", |x| u64::from(x[0] == 0)),
            ("shl.b32", |x| if x[1] > 31 { 0 } else { u64::from(u(x[0]) << x[1]) }),
            ("shl.b64", |x| if x[1] > 63 { 0 } else { x[0] << x[1] }),
            ("shr.u32", |x| if x[1] > 31 { 0 } else { x[0] >> x[1] }),
            ("shr.s32", |x| u64::from((s(x[0]) >> x[1].min(31)) as u32)),
            ("shr.s64", |x| ((x[0] as i64) >> x[1].min(63)) as u64),
            ("shr.s16", |x| u64::from(((x[0] as i16) >> x[1].min(15)) as u16)),
            ("shf.l.wrap.b32", |x| ((x[1] << 32 | x[0]) << (x[2] % 32)) >> 32),
            ("shf.r.wrap.b32", |x| u64::from(((x[1] << 32 | x[0]) >> (x[2] % 32)) as u32)),
            ("shf.r.clamp.b32", |x| u64::from(((x[1] << 32 | x[0]) >> x[2].min(32)) as u32)),
            ("shf.l.clamp.b32", |x| if x[2] >= 32 { x[0] } else { ((x[1] << 32 | x[0]) << x[2]) >> 32 }),
            ("popc.b32", |x| u64::from(x[0].count_ones())),
            ("popc.b64", |x| u64::from(x[0].count_ones())),
            ("clz.b32", |x| u64::from(u(x[0]).leading_zeros())),
            ("clz.b64", |x| u64::from(x[0].leading_zeros())),
            ("brev.b32", |x| u64::from(u(x[0]).reverse_bits())),
            ("bfind.u32", |x| u64::from(u(x[0]).checked_ilog2().unwrap_or(u32::MAX))),
            ("bfind.s32", |x| {
                u64::from((if s(x[0]) < 0 { !u(x[0]) } else { u(x[0]) }).checked_ilog2().unwrap_or(u32::MAX))
            }),
            ("bfind.shiftamt.u64", |x| if x[0] == 0 { 0xffff_ffff } else { u64::from(x[0].leading_zeros()) }),
            // Bit by bit, as the manual has it.
            ("bfe.u32", |x| field(x, 32, false)),
            ("bfe.s32", |x| field(x, 32, true)),
            ("bfe.u64", |x| field(x, 64, false)),
            ("bfe.s64", |x| field(x, 64, true)),
            ("bfi.b32", |x| inserted(x, 32)),
            ("bfi.b64", |x| inserted(x, 64)),
            ("lop3.b32", |x| {
                (0..32).fold(0, |sum, n| {
                    let bit = |k: usize| x[k] >> n & 1;
                    sum | (x[3] >> (bit(0) << 2 | bit(1) << 1 | bit(2)) & 1) << n
                })
            }),
            ("prmt.b32", |x| {
                let bytes = (x[1] << 32 | x[0]).to_le_bytes();
                (0..4).fold(0, |sum, n| {
                    let selector = (x[2] >> (4 * n) & 15) as usize;
                    let byte = bytes[selector & 7];
                    let byte = if selector & 8 == 0 { byte } else { ((byte as i8) >> 7) as u8 };
                    sum | u64::from(byte) << (8 * n)
                })
            }),
            ("prmt.b32.f4e", |x| u64::from(((x[1] << 32 | x[0]) >> (8 * (x[2] & 3))) as u32)),
        ],
        never,
    );
}

fn field(x: [u64; 4], width: u64, signed: bool) -> u64 {
    let (at, length) = (x[1] & 0xff, x[2] & 0xff);
    let last = width - 1;
    let bit = |n: u64| if n > last { 0 } else { x[0] >> n & 1 };
    let sign = if !signed || length == 0 { 0 } else { bit((at + length - 1).min(last)) };
    (0..width).fold(0, |sum, n| sum | (if n < length && at + n <= last { bit(at + n) } else { sign }) << n)
}

fn inserted(x: [u64; 4], width: u64) -> u64 {
    let (at, length) = (x[2] & 0xff, x[3] & 0xff);
    (0..length)
        .filter(|n| at + n < width && *n < width)
        .fold(x[1], |sum, n| sum & !(1 << (at + n)) | (x[0] >> n & 1) << (at + n))
}

#[test]
fn finding_set_bits() {
    let Kernel::Three(fns) = pick("fns", &["b32"]).expect("fns").kernel else { panic!("fns takes three") };
    assert_eq!(fns(0b1011_0100, 0, 1), 2);
    assert_eq!(fns(0b1011_0100, 0, 3), 5);
    assert_eq!(fns(0b1011_0100, 7, u64::from(-2i32 as u32)), 5);
    assert_eq!(fns(0b1011_0100, 2, 0), 2);
    assert_eq!(fns(0b1011_0100, 3, 0), 0xffff_ffff);
    assert_eq!(fns(0b1011_0100, 0, 5), 0xffff_ffff);
}

fn nan32(x: u64) -> bool {
    f32::from_bits(x as u32).is_nan()
}

fn nan64(x: u64) -> bool {
    f64::from_bits(x).is_nan()
}

fn f(x: u64) -> f32 {
    f32::from_bits(x as u32)
}

fn bits32(x: f32) -> u64 {
    u64::from(x.to_bits())
}

fn flush(x: f32) -> f32 {
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

fn h(x: u64) -> f64 {
    f16::from_bits(x as u16).to_f64()
}

fn b(x: u64) -> f64 {
    bf16::from_bits(x as u16).to_f64()
}

fn half_bits(x: f64) -> u64 {
    u64::from(to_f16(x).to_bits())
}

fn brain_bits(x: f64) -> u64 {
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
        ("ltu.f32", 32, |a, b| !(f(a) >= f(b))),
        ("ne.f32", 32, |a, b| f(a) < f(b) || f(a) > f(b)),
        ("neu.f32", 32, |a, b| f(a) != f(b)),
        ("equ.f64", 64, |a, b| f64::from_bits(a) == f64::from_bits(b) || nan64(a) || nan64(b)),
        ("num.f64", 64, |a, b| !nan64(a) && !nan64(b)),
        ("nan.f32", 32, |a, b| nan32(a) || nan32(b)),
        ("gt.f16", 16, |a, b| h(a) > h(b)),
        ("geu.bf16", 16, |x, y| !(b(x) < b(y))),
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
