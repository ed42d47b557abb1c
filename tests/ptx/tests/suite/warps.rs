//! What lanes and blocks do together: shuffles, votes, reductions, products of matrices, barriers that count, and
//! copies that run beside.

use dp_ptx::FaultKind;
use half::{bf16, f16};

use crate::support::{Device, Param, Random, module};

const HEAD: &str = ".version 8.0\n.target sm_80\n.address_size 64\n";

/// A kernel of one warp, or more, that stores `%r9` of each thread; `%r0` is the thread's number, `%r1` its value.
fn per_thread(body: &str, values: &[u32]) -> Result<Vec<u32>, dp_ptx::Fault> {
    let text = format!(
        "{HEAD}.visible .entry k(.param .u64 x, .param .u64 y) {{
         .reg .pred %p<4>; .reg .b32 %r<20>; .reg .b64 %rd<5>;
         ld.param.b64 %rd0, [x]; ld.param.b64 %rd1, [y];
         mov.u32 %r0, %tid.x; mul.wide.u32 %rd2, %r0, 4;
         add.s64 %rd0, %rd0, %rd2; add.s64 %rd1, %rd1, %rd2;
         ld.global.b32 %r1, [%rd0];
         {body}
         st.global.b32 [%rd1], %r9; ret; }}"
    );
    let mut out = None;
    for seed in 0..5 {
        let mut d = Device::default();
        let (px, py) = (d.put(values), d.room::<u32>(values.len()));
        d.run(&module(&text), "k", 1, values.len() as u32, &[&px, &py], seed)?;
        let y = d.get::<u32>(py, values.len());
        assert!(out.is_none() || out.as_ref() == Some(&y), "the schedule shows");
        out = Some(y);
    }
    Ok(out.unwrap_or_default())
}

fn squares() -> Vec<u32> {
    (0..64).map(|i| i * i).collect()
}

#[test]
fn shuffles() {
    let x = squares();
    let of = |f: fn(usize) -> usize| (0..64).map(|i| x[i / 32 * 32 + f(i % 32)]).collect::<Vec<u32>>();
    let run = |how: &str| per_thread(&format!("shfl.sync.{how}, -1;"), &x).unwrap();
    assert_eq!(run("bfly.b32 %r9, %r1, 5, 31"), of(|i| i ^ 5));
    assert_eq!(run("idx.b32 %r9, %r1, 7, 31"), of(|_| 7));
    assert_eq!(run("up.b32 %r9, %r1, 3, 0"), of(|i| if i < 3 { i } else { i - 3 }));
    assert_eq!(run("down.b32 %r9, %r1, 3, 31"), of(|i| if i + 3 > 31 { i } else { i + 3 }));
    // Segments of 8: the segment mask in bits 8 to 12, the last lane of a segment in the low ones.
    assert_eq!(run("down.b32 %r9, %r1, 3, 0x1807"), of(|i| if i % 8 + 3 > 7 { i } else { i + 3 }));
    assert_eq!(run("up.b32 %r9, %r1, 3, 0x1800"), of(|i| if i % 8 < 3 { i } else { i - 3 }));
    assert_eq!(run("idx.b32 %r9, %r1, 9, 0x1807"), of(|i| i / 8 * 8 + 1));
    // The predicate says whether the lane that is read lies inside.
    let inside = per_thread("shfl.sync.down.b32 %r2|%p1, %r1, 3, 31, -1; selp.b32 %r9, 1, 0, %p1;", &x).unwrap();
    assert_eq!(inside, (0..64).map(|i| u32::from(i % 32 + 3 <= 31)).collect::<Vec<_>>());
}

#[test]
fn votes_and_reductions() {
    let x = squares();
    let first = |f: fn(u32) -> bool| x[..32].iter().enumerate().fold(0, |sum, (i, v)| sum | u32::from(f(*v)) << i);
    let run = |body: &str| per_thread(&format!("setp.gt.u32 %p1, %r1, 100; {body}"), &x).unwrap();
    assert_eq!(run("vote.sync.ballot.b32 %r9, %p1, -1;")[..32], [first(|v| v > 100); 32]);
    assert_eq!(run("vote.sync.ballot.b32 %r9, !%p1, -1;")[5], !first(|v| v > 100));
    for (how, want) in [("all", [0, 1]), ("any", [1, 1]), ("uni", [0, 1])] {
        let got = run(&format!("vote.sync.{how}.pred %p2, %p1, -1; selp.b32 %r9, 1, 0, %p2;"));
        assert_eq!([got[3], got[40]], want, "{how}");
    }
    let sum: u32 = x[32..].iter().sum();
    assert_eq!(run("redux.sync.add.u32 %r9, %r1, -1;")[33], sum);
    assert_eq!(run("redux.sync.max.s32 %r9, %r1, -1;")[..32], [31 * 31; 32]);
    assert_eq!(run("and.b32 %r2, %r1, 3; match.any.sync.b32 %r9, %r2, -1;")[0], 0x5555_5555);
    assert_eq!(run("match.all.sync.b32 %r2|%p2, %r1, -1; selp.b32 %r9, 1, 0, %p2;")[0], 0);
    assert_eq!(run("activemask.b32 %r9;")[33], 2);
    assert_eq!(run("mov.u32 %r9, %lanemask_lt;")[34], 3);
    assert_eq!(run("mov.u32 %r9, %lanemask_ge;")[63], 1 << 31);
    // Lanes of a part of a warp.
    let part = run("mov.b32 %r9, 7; setp.lt.u32 %p2, %r0, 4; @%p2 redux.sync.add.u32 %r9, %r1, 15;");
    assert_eq!((part[3], part[4]), (1 + 4 + 9, 7));
    let missing = per_thread("mov.b32 %r9, 7; redux.sync.add.u32 %r9, %r1, 15;", &x).unwrap_err();
    assert!(matches!(missing.kind, FaultKind::MissingLane { mask: 15, .. }), "{missing}");
}

#[test]
fn barriers_that_reduce() {
    let run = |body: &str| per_thread(&format!("setp.gt.u32 %p1, %r1, 100; {body}"), &squares()).unwrap();
    assert_eq!(run("barrier.cta.red.popc.aligned.u32 %r9, 0, %p1;"), [53; 64]);
    assert_eq!(run("bar.red.and.pred %p2, 1, %p1; selp.b32 %r9, 1, 0, %p2;"), [0; 64]);
    assert_eq!(run("bar.red.or.pred %p2, 1, %p1; selp.b32 %r9, 1, 0, %p2;"), [1; 64]);
    let half = per_thread("mov.b32 %r9, 1; bar.sync 1, 32;", &squares()).unwrap_err();
    assert!(matches!(half.kind, FaultKind::Unsupported(_)), "{half}");
}

#[test]
fn atomic_operations() {
    let run = |operation: &str, first: u32| {
        let text = format!(
            "{HEAD}.visible .entry k(.param .u64 x) {{ .reg .b32 %r<4>; .reg .b64 %rd<2>;
             ld.param.b64 %rd0, [x]; mov.u32 %r0, %tid.x; {operation} ret; }}"
        );
        let mut d = Device::default();
        let p = d.put(&[first]);
        d.run(&module(&text), "k", 2, 64, &[&p], 1).unwrap();
        d.get::<u32>(p, 1)[0]
    };
    assert_eq!(run("red.global.add.u32 [%rd0], %r0;", 5), 5 + 2 * 63 * 32);
    assert_eq!(run("atom.global.max.u32 %r1, [%rd0], %r0;", 5), 63);
    assert_eq!(run("atom.relaxed.gpu.global.or.b32 %r1, [%rd0], %r0;", 64), 127);
    assert_eq!(run("red.min.s32 [%rd0], %r0;", 5), 0);
    assert_eq!(run("atom.global.inc.u32 %r1, [%rd0], 9;", 0), 128 % 10);
    assert_eq!(run("atom.global.dec.u32 %r1, [%rd0], 9;", 0), 10 - 128 % 10);
    assert!(run("atom.global.exch.b32 %r1, [%rd0], %r0;", 99) < 64);
    // A lock-free maximum, by compare and swap.
    let swap = ".reg .pred %q; again: ld.relaxed.gpu.global.b32 %r1, [%rd0]; max.u32 %r2, %r1, %r0;
        atom.global.cas.b32 %r3, [%rd0], %r1, %r2; setp.ne.u32 %q, %r3, %r1; @%q bra again;";
    assert_eq!(run(swap, 7), 63);
}

/// Copies run until they are waited for: a kernel that does not wait reads what is not there yet.
#[test]
fn copies_that_run_beside() {
    let text = |wait: &str| {
        format!(
            "{HEAD}.shared .align 16 .b8 tile[1024];
             .visible .entry k(.param .u64 x, .param .u64 y) {{
             .reg .b32 %r<9>; .reg .b64 %rd<9>;
             ld.param.b64 %rd0, [x]; ld.param.b64 %rd1, [y];
             mov.u32 %r0, %tid.x; mul.wide.u32 %rd2, %r0, 16;
             add.s64 %rd0, %rd0, %rd2; add.s64 %rd1, %rd1, %rd2;
             mov.u64 %rd3, tile; add.s64 %rd3, %rd3, %rd2;
             cp.async.cg.shared.global [%rd3], [%rd0], 16;
             cp.async.commit_group;
             {wait}
             bar.sync 0;
             mov.u64 %rd4, tile; sub.s64 %rd5, %rd3, %rd4; xor.b64 %rd5, %rd5, 16; add.s64 %rd4, %rd4, %rd5;
             ld.shared.v4.b32 {{%r1, %r2, %r3, %r4}}, [%rd4];
             st.global.v4.b32 [%rd1], {{%r1, %r2, %r3, %r4}};
             ret; }}"
        )
    };
    let x: Vec<u32> = (0..256).collect();
    let run = |wait: &str| {
        let mut d = Device::default();
        let (px, py) = (d.put(&x), d.room::<u32>(256));
        d.run(&module(&text(wait)), "k", 1, 64, &[&px, &py], 3).map(|_| d.get::<u32>(py, 256))
    };
    let want: Vec<u32> = (0..256).map(|i| i ^ 4).collect();
    assert_eq!(run("cp.async.wait_group 0;"), Ok(want.clone()));
    assert_eq!(run("cp.async.wait_all;"), Ok(want));
    for lazy in ["", "cp.async.wait_group 1;"] {
        let fault = run(lazy).unwrap_err();
        assert!(matches!(fault.kind, FaultKind::Uninitialized { .. } | FaultKind::Race { .. }), "{fault}");
    }
}

/// `D = A B + C` through `ldmatrix` and `mma`, against the sum in plain Rust.
#[test]
fn products_of_matrices() {
    let mut random = Random(31);
    let a: Vec<f16> = (0..16 * 16).map(|_| f16::from_f32((4.0 * random.unit()) as f32)).collect();
    let b: Vec<f16> = (0..16 * 8).map(|_| f16::from_f32((4.0 * random.unit()) as f32)).collect();
    let text = format!(
        "{HEAD}.shared .align 16 .b8 tile_a[512]; .shared .align 16 .b8 tile_b[256];
         .visible .entry k(.param .u64 a, .param .u64 b, .param .u64 d) {{
         .reg .b32 %r<30>; .reg .b64 %rd<12>;
         ld.param.b64 %rd0, [a]; ld.param.b64 %rd1, [b]; ld.param.b64 %rd2, [d];
         mov.u32 %r0, %tid.x;
         mul.wide.u32 %rd3, %r0, 16; mul.wide.u32 %rd4, %r0, 8;
         add.s64 %rd0, %rd0, %rd3; add.s64 %rd1, %rd1, %rd4;
         ld.global.v4.b32 {{%r1, %r2, %r3, %r4}}, [%rd0];
         ld.global.v2.b32 {{%r5, %r6}}, [%rd1];
         mov.u64 %rd5, tile_a; mov.u64 %rd6, tile_b;
         add.s64 %rd7, %rd5, %rd3; add.s64 %rd8, %rd6, %rd4;
         st.shared.v4.b32 [%rd7], {{%r1, %r2, %r3, %r4}};
         st.shared.v2.b32 [%rd8], {{%r5, %r6}};
         bar.warp.sync -1;
         // Lane l gives row l mod 16, and columns from 8 (l div 16).
         and.b32 %r7, %r0, 15; mul.lo.s32 %r7, %r7, 32; shr.u32 %r8, %r0, 4; mad.lo.s32 %r7, %r8, 16, %r7;
         cvt.u64.u32 %rd9, %r7; add.s64 %rd9, %rd5, %rd9;
         ldmatrix.sync.aligned.m8n8.x4.shared.b16 {{%r10, %r11, %r12, %r13}}, [%rd9];
         and.b32 %r7, %r0, 15; mul.lo.s32 %r7, %r7, 16;
         cvt.u64.u32 %rd10, %r7; add.s64 %rd10, %rd6, %rd10;
         ldmatrix.sync.aligned.m8n8.x2.trans.shared.b16 {{%r14, %r15}}, [%rd10];
         mov.b32 %r16, 0f3F800000; mov.b32 %r17, %r16; mov.b32 %r18, %r16; mov.b32 %r19, %r16;
         mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32
           {{%r20, %r21, %r22, %r23}}, {{%r10, %r11, %r12, %r13}}, {{%r14, %r15}}, {{%r16, %r17, %r18, %r19}};
         // Lane l holds columns 2 (l mod 4) and the next one, of rows l div 4 and 8 more.
         shr.u32 %r24, %r0, 2; and.b32 %r25, %r0, 3; mul.lo.s32 %r24, %r24, 32; mad.lo.s32 %r24, %r25, 8, %r24;
         cvt.u64.u32 %rd11, %r24; add.s64 %rd11, %rd2, %rd11;
         st.global.v2.b32 [%rd11], {{%r20, %r21}};
         st.global.v2.b32 [%rd11+256], {{%r22, %r23}};
         ret; }}"
    );
    for seed in 0..4 {
        let mut d = Device::default();
        let (pa, pb, pd) = (d.put(&a), d.put(&b), d.room::<f32>(128));
        d.run(&module(&text), "k", 1, 32, &[&pa, &pb, &pd], seed).unwrap_or_else(|f| panic!("{f}"));
        let want: Vec<f32> = (0..128)
            .map(|i| (0..16).fold(1.0, |sum, k| sum + a[i / 8 * 16 + k].to_f64() * b[k * 8 + i % 8].to_f64()) as f32)
            .collect();
        assert_eq!(d.get::<f32>(pd, 128), want);
    }
}

/// The other shapes, each element placed by the manual's formulas.
#[test]
fn shapes_of_products() {
    type Place = fn(usize, usize) -> (usize, usize);
    struct Shape {
        name: &'static str,
        k: usize,
        registers: (usize, usize),
        packed: usize,
        a: Place,
        b: Place,
        encode: fn(f64) -> u32,
    }
    let shapes = [
        Shape {
            name: "m16n8k8.row.col.f32.bf16.bf16.f32",
            k: 8,
            registers: (2, 1),
            packed: 2,
            a: |l, i| (l / 4 + if i < 2 { 0 } else { 8 }, l % 4 * 2 + (i & 1)),
            b: |l, i| (l % 4 * 2 + i, l / 4),
            encode: |x| u32::from(bf16::from_f64(x).to_bits()),
        },
        Shape {
            name: "m16n8k16.row.col.f32.bf16.bf16.f32",
            k: 16,
            registers: (4, 2),
            packed: 2,
            a: |l, i| {
                (
                    l / 4 + if matches!(i, 0 | 1 | 4 | 5) { 0 } else { 8 },
                    l % 4 * 2 + (i & 1) + if i < 4 { 0 } else { 8 },
                )
            },
            b: |l, i| (l % 4 * 2 + (i & 1) + if i < 2 { 0 } else { 8 }, l / 4),
            encode: |x| u32::from(bf16::from_f64(x).to_bits()),
        },
        Shape {
            name: "m16n8k8.row.col.f32.tf32.tf32.f32",
            k: 8,
            registers: (4, 2),
            packed: 1,
            a: |l, i| (l / 4 + if i % 2 == 0 { 0 } else { 8 }, l % 4 + if i < 2 { 0 } else { 4 }),
            b: |l, i| (l % 4 + 4 * i, l / 4),
            encode: |x| (x as f32).to_bits(),
        },
        Shape {
            name: "m16n8k4.row.col.f32.tf32.tf32.f32",
            k: 4,
            registers: (2, 1),
            packed: 1,
            a: |l, i| (l / 4 + 8 * i, l % 4),
            b: |l, _| (l % 4, l / 4),
            encode: |x| (x as f32).to_bits(),
        },
    ];
    for shape in shapes {
        // Small integers: exact in every format.
        let (a, b) = (
            |r: usize, c: usize| ((r * 7 + c * 3) % 11) as f64 - 5.0,
            |r: usize, c: usize| ((r * 5 + c) % 9) as f64 - 4.0,
        );
        let (na, nb) = shape.registers;
        let list = |first: usize, n: usize| (first..first + n).map(|i| format!("%r{i}")).collect::<Vec<_>>().join(", ");
        let loads: String = (0..na + nb).map(|i| format!("ld.global.b32 %r{}, [%rd0+{}];\n", i + 1, 4 * i)).collect();
        let text = format!(
            "{HEAD}.visible .entry k(.param .u64 x, .param .u64 y) {{ .reg .b32 %r<20>; .reg .b64 %rd<4>;
             ld.param.b64 %rd0, [x]; ld.param.b64 %rd1, [y]; mov.u32 %r0, %tid.x;
             mul.wide.u32 %rd2, %r0, {}; add.s64 %rd0, %rd0, %rd2; mul.wide.u32 %rd3, %r0, 16; add.s64 %rd1, %rd1, %rd3;
             {loads} mov.b32 %r15, 0f00000000;
             mma.sync.aligned.{} {{%r10, %r11, %r12, %r13}}, {{{}}}, {{{}}}, {{%r15, %r15, %r15, %r15}};
             st.global.v4.b32 [%rd1], {{%r10, %r11, %r12, %r13}}; ret; }}",
            4 * (na + nb),
            shape.name,
            list(1, na),
            list(1 + na, nb)
        );
        let mut words = Vec::new();
        for lane in 0..32 {
            let mut fragment = |n: usize, place: Place, value: &dyn Fn(usize, usize) -> f64| {
                for register in 0..n {
                    words.push((0..shape.packed).fold(0, |sum, half| {
                        let (row, column) = place(lane, register * shape.packed + half);
                        sum | (shape.encode)(value(row, column)) << (16 * half)
                    }));
                }
            };
            fragment(na, shape.a, &a);
            fragment(nb, shape.b, &b);
        }
        let mut d = Device::default();
        let (px, py) = (d.put(&words), d.room::<f32>(128));
        d.run(&module(&text), "k", 1, 32, &[&px, &py], 0).unwrap_or_else(|f| panic!("{f}"));
        for (n, got) in d.get::<f32>(py, 128).into_iter().enumerate() {
            let (lane, i) = (n / 4, n % 4);
            let (row, column) = (lane / 4 + 8 * (i / 2), lane % 4 * 2 + i % 2);
            let want: f64 = (0..shape.k).map(|k| a(row, k) * b(k, column)).sum();
            assert_eq!(f64::from(got), want, "{} at {row}, {column}", shape.name);
        }
    }
}

#[test]
fn dynamic_shared_memory() {
    let text = format!(
        "{HEAD}.extern .shared .align 16 .b8 room[];
         .visible .entry k(.param .u64 y, .param .u32 at) {{ .reg .b32 %r<4>; .reg .b64 %rd<4>;
         ld.param.b64 %rd0, [y]; ld.param.u32 %r0, [at];
         mov.u64 %rd1, room; cvt.u64.u32 %rd2, %r0; add.s64 %rd1, %rd1, %rd2;
         cvta.shared.u64 %rd1, %rd1;
         st.b32 [%rd1], %r0; ld.b32 %r1, [%rd1];
         mov.u32 %r2, %dynamic_smem_size; add.s32 %r1, %r1, %r2;
         st.global.b32 [%rd0], %r1; ret; }}"
    );
    let run = |at: u32| {
        let mut d = Device::default();
        let y = d.room::<u32>(1);
        let (y_bytes, at_bytes) = (y.param(), at.param());
        let launch = dp_ptx::Launch::new("k", [1; 3], [1; 3], &[&y_bytes, &at_bytes]).shared(256);
        launch.run(&module(&text), &mut d.memory).map(|_| d.get::<u32>(y, 1)[0])
    };
    assert_eq!(run(252), Ok(508));
    assert!(matches!(run(256).unwrap_err().kind, FaultKind::OutOfBounds { .. }));
}
