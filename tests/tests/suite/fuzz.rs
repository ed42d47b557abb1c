//! Random programs over all operations, from seeds: what the compiler makes of them against what they mean.
//! `DP_FUZZ_PROGRAMS` is how many are tried by each test, `DP_FUZZ_MINUTES` how long others are tried than those of the
//! test, from `DP_FUZZ_SEED` on.

mod chains;
mod constructs;
mod control;
mod elements;
mod generate;
pub mod gradients;
mod matrices;
mod noise;
pub mod oracle;
mod program;
mod pullbacks;
mod regions;
mod requests;
mod shrink;
mod terms;
mod views;

use crate::refutation::generate::EXTENTS;
use crate::refutation::numbers::Random;
use constructs::Count;
use dp_dialects::{FloatModel, OpKind, ScalarType};
use dp_passes::calls::InlineLimit;
use dp_simplify::Soundness;
use generate::{Settings, Style};
use gradients::Orders;
use melior::Context;
use oracle::{Check, Equality, compare, compare_on_xla, failures, is_bitwise};
use program::Program;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::time::{Duration, Instant};

/// How many programs are compiled to one library.
const BATCH: usize = 16;

/// Types that programs have together.
const TYPES: [&[ScalarType]; 6] = [
    &[ScalarType::F64],
    &[ScalarType::F32, ScalarType::I32],
    &[ScalarType::F16, ScalarType::BF16, ScalarType::F32],
    &[ScalarType::Complex64, ScalarType::Complex128, ScalarType::F32, ScalarType::F64],
    &[ScalarType::I8, ScalarType::I16, ScalarType::I32, ScalarType::I64],
    &[
        ScalarType::F64,
        ScalarType::F32,
        ScalarType::F16,
        ScalarType::BF16,
        ScalarType::Complex128,
        ScalarType::I1,
        ScalarType::I8,
        ScalarType::I64,
    ],
];

/// Extents that fill no vector, or more than one.
const LARGE: &[u64] = &[1, 4, 5, 9, 17];

/// The programs of a seed.
fn programs(seed: u64, equality: Equality) -> Vec<Program> {
    let mut random = Random::new(seed);
    let one = |_| {
        let (extents, rank) = if random.once_in(4) { (LARGE, 2) } else { (EXTENTS, 4) };
        let by_class = match equality {
            Equality::Bits => [Soundness::Exact, Soundness::Rounded],
            Equality::Rounding => [Soundness::Rounded, Soundness::Real],
        };
        let settings = Settings {
            dtypes: random.choose(&TYPES),
            extents,
            rank,
            soundness: random.choose(&by_class),
            admits: if equality == Equality::Bits { is_bitwise } else { |_, _| true },
            differentiated: false,
            style: Style::Any,
        };
        generate::program(&mut random, settings)
    };
    (0..BATCH).map(one).collect()
}

/// Tries the programs of a seed; those that fail, made small.
fn attempt(seed: u64, programs: &[Program], check: Check) -> Vec<String> {
    let report = |(index, error): (usize, String)| {
        // What differs, numbers aside: a smaller program is to fail alike.
        let kind = |error: &str| error.split(|c: char| c.is_ascii_digit()).next().unwrap_or_default().to_string();
        let alone = |program: &Program| failures(std::slice::from_ref(program), check).into_iter().next();
        let small = shrink::shrink(&programs[index], &|program| {
            alone(program).is_some_and(|(_, again)| kind(&again) == kind(&error))
        });
        let error = alone(&small).map_or(error, |(_, error)| error);
        let context = dp_driver::registry::context();
        let text = small.text(&context, "f");
        let shown = melior::ir::Module::parse(&context, &text);
        let shown = shown.map_or(text, |module| module.as_operation().to_string());
        format!("seed {seed}, program {index}: {error}\n{shown}with {:?}\n", small.given)
    };
    failures(programs, check).into_iter().map(report).collect()
}

fn from_environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Tries seeds: as many as the test has, or as time allows.
fn explore(name: &str, seeds: u64, programs: &dyn Fn(u64) -> Vec<Program>, check: Check) {
    let first = from_environment("DP_FUZZ_SEED").unwrap_or(1);
    let seeds = from_environment("DP_FUZZ_PROGRAMS").map_or(seeds, |programs| programs.div_ceil(BATCH as u64));
    let minutes = from_environment("DP_FUZZ_MINUTES").map(|minutes| Duration::from_secs(60 * minutes));
    let start = Instant::now();
    let (mut tried, mut failed) = (0, Vec::new());
    for seed in first.. {
        if minutes.map_or(tried >= seeds, |minutes| start.elapsed() > minutes) {
            break;
        }
        tried += 1;
        if minutes.is_some() {
            // What ends the process is known by its seed.
            eprintln!("{name}: seed {seed}");
        }
        for failure in attempt(seed, &programs(seed), check) {
            eprintln!("{name}: {failure}");
            failed.push(failure);
        }
    }
    eprintln!("{name}: {} programs, {} failures", tried * BATCH as u64, failed.len());
    assert!(failed.is_empty(), "{} programs fail:\n{}", failed.len(), failed.join("\n"));
}

#[test]
fn strict_programs_keep_every_bit() {
    explore("strict", 6, &|seed| programs(seed, Equality::Bits), &|context, programs| {
        compare(context, programs, FloatModel::Strict, Equality::Bits)
    });
}

#[test]
fn programs_keep_their_values() {
    explore("reassociate", 6, &|seed| programs(seed, Equality::Rounding), &|context, programs| {
        compare(context, programs, FloatModel::Reassociate, Equality::Rounding)
    });
}

#[test]
fn programs_on_xla() {
    if !crate::targets::cuda::is_asked_for() {
        explore("xla", 2, &|seed| programs(seed, Equality::Rounding), &compare_on_xla);
    }
}

#[test]
fn derivatives_are_right() {
    explore("derivatives", 6, &gradients::programs, &gradients::check);
}

/// How many programs made of control flow are differentiated. Reverse mode is compared with forward mode, machine code
/// with the interpreter, and forward mode with differences where these converge.
const CONTROL_FLOW: u64 = 2000;

#[test]
fn derivatives_of_control_flow_are_right() {
    let count = RefCell::new(Count::default());
    let (differentiated, compared) = (Cell::new(0), Cell::new(0));
    let programs = |seed| {
        let programs = gradients::control_flow(seed);
        for program in &programs {
            let mut found = constructs::constructs(program);
            let [one, all] = [true, false].map(|with_one| gradients::wrt(program, with_one));
            if one.len() < all.len() {
                found.insert("one active argument of several");
            }
            count.borrow_mut().add(&found);
        }
        programs
    };
    let check = |context: &Context, programs: &[Program]| {
        let comparisons = gradients::compare(context, programs, Orders::First, InlineLimit::default())?;
        if programs.len() == BATCH {
            differentiated.set(differentiated.get() + comparisons.len());
            compared.set(compared.get() + comparisons.iter().filter(|(_, outcome)| outcome.is_some()).count());
        }
        Ok(comparisons.into_iter().filter_map(|(index, compared)| Some((index, compared?.err()?))).collect())
    };
    explore("control flow", CONTROL_FLOW / BATCH as u64, &programs, &check);
    let (count, differentiated, compared) = (count.into_inner(), differentiated.get(), compared.get());
    eprintln!(
        "{differentiated} programs are differentiated, {compared} compared with differences; so many have\n{}",
        count.text()
    );
    assert_eq!(count.fewer_than(differentiated / 200), [""; 0], "hardly generated any more");
    assert!(2 * compared >= differentiated, "{compared} of {differentiated} are compared with differences");
}

#[test]
fn pullbacks_are_right() {
    explore("pullbacks", 6, &gradients::programs, &|context, programs| {
        pullbacks::check(context, programs, InlineLimit::default())
    });
}

/// All functions that are called twice stay calls.
const KEPT: InlineLimit = InlineLimit(Some(0));

#[test]
fn derivatives_of_kept_calls_are_right() {
    let (differentiated, compared) = (Cell::new(0), Cell::new(0));
    let check = |context: &Context, programs: &[Program]| {
        let comparisons = gradients::compare(context, programs, Orders::First, KEPT)?;
        if programs.len() == BATCH {
            differentiated.set(differentiated.get() + comparisons.len());
            compared.set(compared.get() + comparisons.iter().filter(|(_, outcome)| outcome.is_some()).count());
        }
        Ok(comparisons.into_iter().filter_map(|(index, compared)| Some((index, compared?.err()?))).collect())
    };
    explore("kept calls", 12, &gradients::calls, &check);
    let (differentiated, compared) = (differentiated.get(), compared.get());
    assert!(3 * compared >= differentiated, "{compared} of {differentiated} are compared with differences");
}

#[test]
fn second_derivatives_of_kept_calls_are_right() {
    explore("kept calls twice", 3, &gradients::calls, &|context, programs| {
        let comparisons = gradients::compare(context, programs, Orders::Second, KEPT)?;
        Ok(comparisons.into_iter().filter_map(|(index, compared)| Some((index, compared?.err()?))).collect())
    });
}

#[test]
fn pullbacks_of_kept_calls_are_right() {
    explore("pullbacks of kept calls", 6, &gradients::calls, &|context, programs| {
        pullbacks::check(context, programs, KEPT)
    });
}

/// Whether derivatives in a type have few digits.
fn is_narrow(dtype: ScalarType) -> bool {
    !matches!(dtype, ScalarType::F64 | ScalarType::Complex128)
}

/// Every operation comes up, one that has just been added too; but for assertions, which a program fails by.
#[test]
fn every_operation_is_generated() {
    // No check, which may fail; no records and barriers, which are not for programs; no checkpoints, which are gone after
    // differentiation; and no shardings, which are for several devices.
    let records = [OpKind::AdRecord, OpKind::AdRecall, OpKind::AdReserve, OpKind::AdRelease];
    let others =
        [&records[..], &[OpKind::CfAssert, OpKind::AdCheckpoint, OpKind::AdBarrier, OpKind::ArrayShard]].concat();
    let mut missing: HashSet<OpKind> = OpKind::ALL.iter().copied().filter(|kind| !others.contains(kind)).collect();
    for seed in 1..400 {
        if missing.is_empty() {
            break;
        }
        for program in programs(seed, Equality::Rounding) {
            program.kinds().iter().for_each(|kind| {
                missing.remove(kind);
            });
        }
    }
    assert!(missing.is_empty(), "never generated: {missing:?}");
}
