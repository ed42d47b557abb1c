//! The test of the tester: each planted mistake is found, under every seed, and the clean version passes.

use dp_ptx::{Fault, FaultKind, Space, Touch};

use crate::support::{Device, PLANTED, Param, module};

const SEEDS: std::ops::Range<u64> = 0..12;

/// Launches a kernel on `x`, of so many numbers.
fn launch(kernel: &str, grid: u32, block: u32, x: &[f32], more: &[&dyn Param], seed: u64) -> Result<Vec<f32>, Fault> {
    let mut d = Device::default();
    let px = d.put(x);
    let mut params: Vec<&dyn Param> = vec![&px];
    params.extend(more);
    d.run(&module(PLANTED), kernel, grid, block, &params, seed)?;
    Ok(d.get(px, x.len()))
}

fn numbers(n: usize) -> Vec<f32> {
    (0..n).map(|i| i as f32 + 1.0).collect()
}

/// Under all seeds, the fault is of that kind.
fn found(launch: impl Fn(u64) -> Result<Vec<f32>, Fault>, kind: impl Fn(&FaultKind) -> bool) -> Vec<Fault> {
    SEEDS
        .map(|seed| {
            let fault = launch(seed).expect_err("a fault");
            assert!(kind(&fault.kind), "{fault}");
            assert!(fault.line > 0);
            fault
        })
        .collect()
}

fn clean(launch: impl Fn(u64) -> Result<Vec<f32>, Fault>, want: &[f32]) {
    SEEDS.for_each(|seed| assert_eq!(launch(seed).unwrap_or_else(|f| panic!("{f}")), want));
}

fn race(space: Space) -> impl Fn(&FaultKind) -> bool {
    move |kind| matches!(kind, FaultKind::Race { space: s, .. } if *s == space)
}

/// A missing barrier shows as a race, or as a read of what nobody has written yet.
fn too_early(kind: &FaultKind) -> bool {
    race(Space::Shared)(kind) || matches!(kind, FaultKind::Uninitialized { space: Space::Shared, .. })
}

#[test]
fn a_missing_barrier() {
    let x = numbers(256);
    let want: Vec<f32> = x.chunks(128).flat_map(|b| b.iter().rev().copied()).collect();
    clean(|seed| launch("reverse_clean", 2, 128, &x, &[], seed), &want);
    let faults = found(|seed| launch("reverse_no_barrier", 2, 128, &x, &[], seed), too_early);
    let text = faults[0].to_string();
    assert!(text.starts_with("kernel 'reverse_no_barrier', line ") && text.contains("of block ["), "{text}");
}

#[test]
fn a_barrier_that_a_loop_lacks() {
    let x = numbers(64);
    let mut want = x.clone();
    for _ in 0..3 {
        want = (0..64).map(|i| want[i] + want[(i + 1) % 64]).collect();
    }
    clean(|seed| launch("rounds_clean", 1, 64, &x, &[&3i32], seed), &want);
    found(|seed| launch("rounds_one_barrier", 1, 64, &x, &[&3i32], seed), race(Space::Shared));
}

#[test]
fn a_race_in_shared_memory() {
    let x = numbers(64);
    clean(|seed| launch("one_word_clean", 1, 64, &x, &[], seed), &[1.0; 64]);
    for fault in found(|seed| launch("one_word", 1, 64, &x, &[], seed), race(Space::Shared)) {
        let FaultKind::Race { touch, other, .. } = fault.kind else { unreachable!() };
        assert_eq!((touch, other), (Touch::Write, Touch::Write));
    }
}

#[test]
fn warps_are_ordered_by_their_barrier_and_by_nothing_else() {
    let x = numbers(64);
    let want: Vec<f32> = (0..64).map(|i| x[i ^ 1]).collect();
    clean(|seed| launch("warp_clean", 1, 64, &x, &[], seed), &want);
    found(|seed| launch("warp_shuffle_only", 1, 64, &x, &[], seed), race(Space::Shared));
    found(|seed| launch("warp_too_far", 1, 64, &x, &[], seed), too_early);
}

#[test]
fn a_race_between_blocks() {
    let x = numbers(256);
    let run = |kernel: &str, seed| {
        let mut d = Device::default();
        let (px, out) = (d.put(&x), d.put(&[0.0f32]));
        d.run(&module(PLANTED), kernel, 4, 64, &[&px, &out], seed)?;
        Ok(d.get(out, 1))
    };
    clean(|seed| run("total_clean", seed), &[1.0 + 65.0 + 129.0 + 193.0]);
    for fault in found(|seed| run("total", seed), race(Space::Global)) {
        let FaultKind::Race { other_block, .. } = fault.kind else { unreachable!() };
        assert_ne!(other_block, fault.block[0]);
    }
}

#[test]
fn a_race_in_global_memory_within_a_block() {
    let x = numbers(64);
    let want: Vec<f32> = (0..64).map(|i| x[(i + 1) % 64]).collect();
    clean(|seed| launch("neighbour_clean", 1, 64, &x, &[], seed), &want);
    found(|seed| launch("neighbour", 1, 64, &x, &[], seed), race(Space::Global));
}

#[test]
fn bytes_of_one_word_are_told_apart() {
    let run = |kernel: &str, seed| {
        let mut d = Device::default();
        let x: Vec<u8> = (0..128).collect();
        let px = d.put(&x);
        d.run(&module(PLANTED), kernel, 2, 64, &[&px], seed)?;
        Ok(d.get::<u8>(px, 128).into_iter().map(f32::from).collect())
    };
    clean(|seed| run("bytes_clean", seed), &numbers(128));
    found(|seed| run("bytes", seed), race(Space::Global));
}

#[test]
fn reads_and_writes_out_of_bounds() {
    let x = numbers(100);
    let copy = |kernel: &str, seed| {
        let mut d = Device::default();
        let (px, py) = (d.put(&x), d.room::<f32>(100));
        d.run(&module(PLANTED), kernel, 2, 64, &[&px, &py, &100i32], seed)?;
        Ok(d.get(py, 100))
    };
    clean(|seed| copy("copy", seed), &x);
    for fault in found(|seed| copy("copy_past_end", seed), |k| matches!(k, FaultKind::OutOfBounds { .. })) {
        assert_eq!((fault.thread, fault.block), ([36, 0, 0], [1, 0, 0]));
        let FaultKind::OutOfBounds { touch, space, bytes, near, .. } = fault.kind else { unreachable!() };
        assert_eq!((touch, space, bytes), (Touch::Read, Space::Global, 4));
        assert_eq!(near, "byte 400 of an allocation of 400 bytes");
    }
    let shared = |shift: i32| move |seed| launch("shared_past_end", 1, 64, &numbers(64), &[&shift], seed);
    clean(shared(64), &numbers(64));
    let past = |k: &FaultKind| matches!(k, FaultKind::OutOfBounds { space: Space::Shared, touch: Touch::Write, .. });
    found(shared(65), past);
    found(shared(-1), past);
}

#[test]
fn memory_that_was_freed() {
    let mut d = Device::default();
    let (px, py) = (d.put(&numbers(64)), d.room::<f32>(64));
    d.memory.free(px).unwrap();
    assert!(d.memory.free(px).is_err());
    let fault = d.run(&module(PLANTED), "copy", 1, 64, &[&px, &py, &64i32], 0).unwrap_err();
    assert!(fault.to_string().contains("of an allocation of 256 bytes that was freed"), "{fault}");
}

#[test]
fn a_misaligned_vector() {
    let x = numbers(260);
    let copy = |shift: i32| {
        let x = x.clone();
        move |seed| {
            let mut d = Device::default();
            let (px, py) = (d.put(&x), d.room::<f32>(256));
            d.run(&module(PLANTED), "copy4", 1, 64, &[&px, &py, &shift], seed)?;
            Ok(d.get(py, 256))
        }
    };
    clean(copy(4), &x[4..]);
    let misaligned = |k: &FaultKind| matches!(k, FaultKind::Misaligned { bytes: 16, space: Space::Global, .. });
    found(copy(1), misaligned);
}

#[test]
fn reads_of_what_nobody_has_written() {
    let shared = |n: i32| move |seed| launch("shared_unwritten", 1, 64, &numbers(64), &[&n], seed);
    clean(shared(64), &numbers(64));
    found(shared(63), |k| matches!(k, FaultKind::Uninitialized { space: Space::Shared, bytes: 4, .. }));

    let local = |n: i32| {
        move |seed| {
            let mut d = Device::default();
            let (px, py) = (d.put(&[5i32, 1, 2, 3, 4, 55, 6, 7]), d.room::<i32>(1));
            d.run(&module(PLANTED), "local_unwritten", 1, 1, &[&px, &py, &n], seed)?;
            Ok(vec![d.get::<i32>(py, 1)[0] as f32])
        }
    };
    clean(local(8), &[55.0]);
    found(local(5), |k| matches!(k, FaultKind::Uninitialized { space: Space::Local, .. }));

    let global = |seed| {
        let mut d = Device::default();
        let (px, py) = (d.room::<f32>(64), d.room::<f32>(64));
        d.memory.write(px, &[0; 255]).unwrap();
        d.run(&module(PLANTED), "copy", 1, 64, &[&px, &py, &64i32], seed)?;
        Ok(Vec::new())
    };
    for fault in found(global, |k| matches!(k, FaultKind::Uninitialized { space: Space::Global, .. })) {
        assert_eq!(fault.thread, [63, 0, 0]);
    }
}

#[test]
fn registers_that_were_never_written() {
    let text = |guard: &str| {
        format!(
            ".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 p) {{
             .reg .pred %p<2>; .reg .b32 %r<5>; .reg .b64 %rd<2>;
             ld.param.u64 %rd0, [p];
             mov.u32 %r0, %tid.x;
             setp.lt.u32 %p0, %r0, 4;
             {guard} mov.b32 %r1, 7;
             // Copies of undefined values do no harm.
             mov.b32 %r2, %r1;
             selp.b32 %r3, %r2, %r0, %p0;
             add.s32 %r4, %r3, %r2;
             setp.eq.u32 %p1, %r0, 0;
             @%p1 st.global.b32 [%rd0], %r4;
             ret; }}"
        )
    };
    let run = |guard: &str, threads| {
        let mut d = Device::default();
        let p = d.room::<i32>(1);
        d.run(&module(&text(guard)), "k", 1, threads, &[&p], 0).map(|_| d.get::<i32>(p, 1)[0])
    };
    assert_eq!(run("", 32), Ok(14));
    assert_eq!(run("@%p0", 4), Ok(14));
    let fault = run("@%p0", 5).unwrap_err();
    assert_eq!(fault.thread, [4, 0, 0]);
    assert_eq!((fault.kind, fault.line), (FaultKind::UninitializedRegister { register: 4 }, 13));
}

#[test]
fn barriers_that_some_do_not_reach() {
    let x = numbers(64);
    let run = |n: i32| {
        let x = x.clone();
        move |seed| launch("early_return", 1, 64, &x, &[&n], seed)
    };
    let want: Vec<f32> = (0..64).map(|i| x[i ^ 1]).collect();
    clean(run(64), &want);
    for fault in found(run(40), |k| matches!(k, FaultKind::DivergentBarrier { .. })) {
        let text = fault.to_string();
        assert!(text.contains("this thread waits at barrier 0, but thread [40, 0, 0] has ended at line"), "{text}");
    }
    found(
        |seed| launch("two_barriers", 1, 64, &x, &[&32i32], seed),
        |k| matches!(k, FaultKind::DivergentBarrier { .. }),
    );
}

#[test]
fn shuffles_that_lack_a_lane() {
    let run = |kernel: &'static str, n: i32| {
        move |seed| {
            let mut d = Device::default();
            let px = d.put(&(0..64).collect::<Vec<i32>>());
            d.run(&module(PLANTED), kernel, 1, 64, &[&px, &n], seed)?;
            Ok(d.get::<i32>(px, 64).into_iter().map(|v| v as f32).collect())
        }
    };
    let pairs: Vec<f32> = (0..64).map(|i| (i + (i ^ 1)) as f32).collect();
    clean(run("half_shuffle", 64), &pairs);
    // A whole warp may stay away.
    let half: Vec<f32> = (0..64).map(|i| if i < 32 { pairs[i] } else { i as f32 }).collect();
    clean(run("half_shuffle", 32), &half);
    for fault in found(run("half_shuffle", 20), |k| matches!(k, FaultKind::MissingLane { lane: 20, .. })) {
        assert!(fault.to_string().contains("it has ended at line"), "{fault}");
    }
    // Lanes 4 to 7 read lanes 8 to 11, which take no part: what they get is undefined.
    found(run("foreign_shuffle", 4), |k| matches!(k, FaultKind::MissingLane { lane: 8..12, mask: 255, .. }));
}

#[test]
fn endless_loops_end() {
    let mut d = Device::default();
    let p = d.put(&[0i32]);
    let address = p.param();
    let launch = dp_ptx::Launch { limit: 100_000, ..dp_ptx::Launch::new("endless", [1; 3], [32, 1, 1], &[&address]) };
    let fault = launch.run(&module(PLANTED), &mut d.memory).unwrap_err();
    assert_eq!(fault.kind, FaultKind::Endless(100_000));
}

#[test]
fn constants_and_parameters_are_not_written() {
    let text = ".version 8.0\n.target sm_80\n.address_size 64
        .const .align 4 .b32 c = 5;
        .visible .entry k(.param .u64 p) {
          .reg .b64 %rd<3>; .reg .b32 %r<2>;
          mov.u64 %rd0, c;
          cvta.const.u64 %rd1, %rd0;
          ld.b32 %r0, [%rd1];
          st.b32 [%rd1], %r0;
          ret; }
        .visible .entry trap() { trap; }";
    let mut d = Device::default();
    let fault = d.run(&module(text), "k", 1, 1, &[&0u64], 0).unwrap_err();
    assert_eq!((fault.line, fault.to_string().contains("constant 'c'")), (10, true));
    assert_eq!(d.run(&module(text), "trap", 1, 1, &[], 0).unwrap_err().kind, FaultKind::Trap);
}

#[test]
fn allocations_have_their_limits() {
    let mut memory = dp_ptx::Memory::with_capacity(1000);
    let a = memory.alloc(600).unwrap();
    assert_eq!(a % 256, 0);
    assert!(memory.alloc(600).is_err() && memory.alloc(0).is_err());
    assert!(memory.write(a + 599, &[1, 2]).is_err() && memory.write(a - 1, &[1]).is_err());
    memory.write(a, &[1, 2, 3]).unwrap();
    memory.copy(a + 300, a, 4).unwrap();
    assert_eq!((memory.is_written(a + 300, 3), memory.is_written(a + 300, 4)), (Ok(true), Ok(false)));
    assert_eq!(memory.live().collect::<Vec<_>>(), [(a, 600)]);
    memory.free(a).unwrap();
    assert!(memory.read(a, &mut [0]).is_err() && memory.live().next().is_none());
    assert_eq!(memory.alloc(1000).map(|b| b != a), Ok(true));
}
