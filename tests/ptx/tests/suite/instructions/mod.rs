//! Instructions one by one, against plain Rust: a row each, on random and on special operands.

mod conversions;
mod floats;
mod halves;

use dp_ptx_program::alu::pick;
use dp_ptx_program::functions::Kernel;

use crate::support::Random;

/// Operands of so many bits: special values, small numbers, and random ones of all magnitudes.
pub fn operands(bits: u32, random: &mut Random) -> u64 {
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

pub fn apply(kernel: Kernel, x: [u64; 4]) -> u64 {
    match kernel {
        Kernel::One(f) => f(x[0]),
        Kernel::Two(f) => f(x[0], x[1]),
        Kernel::Three(f) => f(x[0], x[1], x[2]),
        Kernel::Four(f) => f(x[0], x[1], x[2], x[3]),
        Kernel::Carry(f, _) => f(x[0], x[1], x[2], false).0,
    }
}

/// An instruction and what it is in Rust.
pub type Row = (&'static str, fn([u64; 4]) -> u64);

/// Tries rows on many operands. NaN results agree whatever their payload, where the second function says so.
pub fn check(rows: &[Row], nan: fn(u64) -> bool) {
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

pub fn never(_: u64) -> bool {
    false
}

pub fn s(x: u64) -> i32 {
    x as i32
}

pub fn u(x: u64) -> u32 {
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
