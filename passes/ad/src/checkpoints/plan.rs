//! How many states of a loop reverse mode keeps, and how many rounds it computes again at once: as the program says, or
//! as many as fit into a number of bytes.
//!
//! A loop without inner loops divides its bytes in halves: one for snapshots, one for the tapes of a group of rounds. A
//! loop with inner loops leaves them half of its bytes, since their tapes exist while those of its own do.

use dp_ad_engine::loops::index::Index;
use dp_ad_engine::site::LinearizationSite;
use dp_dialects::diagnostics::TOO_MANY_BYTES;
use dp_dialects::ir::{Blk, Val, defining_op, replace_all_uses};
use dp_dialects::marks::{CHECKPOINT, Checkpoint};
use dp_dialects::{Builder, Diagnostic, Result, ScalarType, ValueType};
use dp_extents::carried::Before;
use melior::ir::ValueLike;
use std::collections::HashMap;

/// The plan for a loop.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Plan {
    /// The number of snapshots, and of the rounds of a group.
    Counts {
        /// The number of snapshots.
        snapshots: i64,
        /// The number of rounds that are computed again at once.
        group: i64,
    },
    /// What fits into bytes.
    Bytes {
        /// The bytes for snapshots.
        snapshots: u64,
        /// The bytes for the tapes of a group.
        tapes: u64,
        /// The bytes for each inner loop.
        inner: u64,
    },
}

impl Plan {
    /// The plan for a loop that is being linearized, if not all of its values are kept. A limit comes before what the
    /// program says.
    pub(crate) fn of(site: &LinearizationSite) -> Option<Plan> {
        if let Some(bytes) = site.engine.share() {
            let inner = site.engine.loops_in(site.op);
            let own = if inner > 0 { bytes / 2 } else { bytes };
            let inner = (bytes - own) / inner.max(1);
            return Some(Plan::Bytes { snapshots: own / 2, tapes: own - own / 2, inner });
        }
        match CHECKPOINT.of(site.op) {
            Some(Checkpoint::Snapshots { count, rounds }) => Some(Plan::Counts { snapshots: count, group: rounds }),
            Some(Checkpoint::Whole) | None => None,
        }
    }
}

impl Plan {
    /// What is kept, for the report of the derivative.
    pub(crate) fn words(self) -> String {
        match self {
            Plan::Counts { snapshots, group } => {
                format!("{snapshots} snapshots of what it carries; {group} rounds at once keep their values")
            }
            Plan::Bytes { snapshots, tapes, .. } => {
                format!(
                    "snapshots of what it carries in {snapshots} bytes; rounds at once keep their values in {tapes} bytes"
                )
            }
        }
    }
}

/// The bytes of a value, as far as they are known, and the extents by which they are multiplied.
pub(crate) struct Size<'c> {
    known: u64,
    open: Vec<Val<'c>>,
}

impl<'c> Size<'c> {
    /// The size of a value with these dynamic extents.
    ///
    /// # Errors
    /// If it is neither a scalar nor a tensor, or larger than can be counted.
    pub(crate) fn of(value: Val<'c>, extents: &[Val<'c>]) -> Result<Size<'c>> {
        let r#type = ValueType::of_value(value)?;
        let bytes = if r#type.dtype == ScalarType::Index { 8 } else { r#type.dtype.size() as u64 };
        let known = r#type.extents().iter().flatten().try_fold(bytes, |size, extent| size.checked_mul(*extent));
        let known = known.ok_or_else(|| Diagnostic::limit("a value has more bytes than can be counted"))?;
        Ok(Size { known, open: extents.to_vec() })
    }
}

/// The sum of sizes, if it is known.
fn known_sum(sizes: &[Size]) -> Option<u64> {
    sizes.iter().try_fold(0_u64, |sum, size| sum.checked_add(size.known).filter(|_| size.open.is_empty()))
}

fn too_small(needed: u64, bytes: u64) -> Diagnostic {
    let message =
        format!("one round and one state of this loop are {needed} bytes, and '--max-tape' leaves {bytes} for them");
    Diagnostic::limit(message).help("raise the limit, or let the loop carry and use smaller tensors")
}

/// How often values of these sizes fit into bytes: as a constant, or as a value.
pub(crate) enum Fits<'c> {
    /// A constant, at least 1.
    Known(u64),
    /// A value, at least 1. That the first fits is asserted.
    Value(Val<'c>),
}

/// How often values of these sizes fit into bytes, if `besides` more of them are there whose size is known only at run time.
///
/// # Errors
/// If they do not fit.
pub(crate) fn fit<'c>(b: Builder<'c>, sizes: &[Size<'c>], bytes: u64, besides: i64) -> Result<Fits<'c>> {
    if let Some(sum) = known_sum(sizes) {
        // A loop that keeps nothing is cut all the same.
        return match bytes / sum.max(1) {
            0 => Err(too_small(sum, bytes)),
            times => Ok(Fits::Known(times.min(MOST))),
        };
    }
    let index = Index(b);
    let mut sum = index.number(0)?;
    for size in sizes {
        let known = index.number(i64::try_from(size.known).unwrap_or(i64::MAX))?;
        let product = size.open.iter().try_fold(known, |product, extent| index.mul(product, *extent))?;
        sum = index.add(sum, product)?;
    }
    let one = index.number(1)?;
    let bytes = index.number(i64::try_from(bytes).unwrap_or(i64::MAX))?;
    let times = index.div(bytes, index.max(sum, one)?)?;
    let besides = index.number(besides)?;
    index.require(index.less(besides, times)?, TOO_MANY_BYTES)?;
    Ok(Fits::Value(index.max(index.sub(times, besides)?, one)?))
}

/// The most rounds of a group, and the most snapshots: numbers of rounds can still be multiplied by them.
const MOST: u64 = 1 << 30;

/// The number of rounds of a group. Within bytes, it is known only once the body is linearized.
#[derive(Clone, Copy)]
pub(crate) struct Group<'c> {
    /// The number, before and after it is known.
    pub(crate) size: Val<'c>,
    /// The number of rows of tapes: no more than the loop has rounds.
    pub(crate) rows: Val<'c>,
    /// The greatest number of rounds of the loop, if it has the mark `dp.bound` and the number itself is not known.
    pub(crate) bound: Option<u64>,
}

/// A group within bytes.
pub(crate) struct Divided<'c> {
    /// The number of rounds.
    pub(crate) size: Val<'c>,
    /// The bytes left for snapshots.
    pub(crate) snapshots: u64,
}

impl<'c> Group<'c> {
    /// A number to be decided.
    ///
    /// # Errors
    /// If it cannot be created.
    pub(crate) fn undecided(before: Builder<'c>, bound: Option<u64>) -> Result<Group<'c>> {
        Ok(Group { size: before.index(1)?, rows: before.index(1)?, bound })
    }

    /// Decides the number: the rounds of which the rows fit into bytes. `body` is the block whose values the extents of
    /// rows may be; `states` are the initial values of which snapshots are kept.
    ///
    /// # Errors
    /// If a row and a snapshot do not fit, or their extents are not known before the loop.
    pub(crate) fn decide(
        self,
        before: Builder<'c>,
        count: Val<'c>,
        body: Blk<'c>,
        kept: &[(Val<'c>, Vec<Val<'c>>)],
        states: &[Val<'c>],
        (snapshots, tapes): (u64, u64),
    ) -> Result<Divided<'c>> {
        // The first argument of the body is the number of the round. The loop preserves the extents of its state.
        let initial_of = |argument: usize| argument.checked_sub(1).and_then(|number| states.get(number)).copied();
        let mut there = Before { builder: before, block: body, arguments: &initial_of, known: HashMap::new() };
        let mut sizes = Vec::new();
        for (value, extents) in kept {
            let mut outside = Vec::new();
            for extent in extents {
                outside.push(there.index(*extent)?.ok_or_else(|| unknown(*value))?);
            }
            sizes.push(Size::of(*value, &outside)?);
        }
        let (snapshots, tapes) = match (known_sum(&sizes), known_sum(&of_state(before, states)?)) {
            (Some(row), Some(state)) => divide(snapshots + tapes, row, state)?,
            (_, _) => (snapshots, tapes),
        };
        // With a bound, tapes have rows for that many rounds, so that their extents are known where the sizes are.
        let (size, rows) = match (fit(before, &sizes, tapes, 0)?, self.bound) {
            (Fits::Known(size), Some(bound)) => (before.index(size as i64)?, before.index(size.min(bound) as i64)?),
            (Fits::Value(size), Some(bound)) => (size, Index(before).min(size, before.index(bound as i64)?)?),
            (Fits::Known(size), None) => {
                let size = before.index(size as i64)?;
                (size, Index(before).min(size, count)?)
            }
            (Fits::Value(size), None) => (size, Index(before).min(size, count)?),
        };
        for (undecided, decided) in [(self.size, size), (self.rows, rows)] {
            replace_all_uses(undecided, decided);
            defining_op(undecided).into_iter().for_each(dp_dialects::ir::erase);
        }
        Ok(Divided { size, snapshots })
    }
}

/// The sizes of a snapshot: of its position, and of the carried values.
///
/// # Errors
/// If an operation cannot be created.
pub(crate) fn of_state<'c>(b: Builder<'c>, states: &[Val<'c>]) -> Result<Vec<Size<'c>>> {
    let mut sizes = vec![Size { known: 8, open: Vec::new() }];
    for state in states {
        let is_tensor = ValueType::of_value(*state)?.is_tensor();
        sizes.push(Size::of(*state, &if is_tensor { b.extents(*state)? } else { Vec::new() })?);
    }
    Ok(sizes)
}

/// How many snapshots of carried values fit into bytes, if their size is known.
pub(crate) fn states_in(states: &[Val], bytes: u64) -> Option<u64> {
    let size = |state: &Val| {
        let r#type = ValueType::of(state.r#type())?;
        let element = if r#type.dtype == ScalarType::Index { 8 } else { r#type.dtype.size() as u64 };
        r#type.count()?.checked_mul(element)
    };
    let state = states.iter().try_fold(8_u64, |sum, state| sum.checked_add(size(state)?))?;
    Some(bytes / state)
}

/// Divides bytes between snapshots and tapes: in halves, unless one of them needs more for a single row.
fn divide(bytes: u64, row: u64, state: u64) -> Result<(u64, u64)> {
    match row.checked_add(state).filter(|needed| *needed <= bytes) {
        Some(_) => {
            let tapes = (bytes / 2).clamp(row, bytes - state);
            Ok((bytes - tapes, tapes))
        }
        None => Err(too_small(row.saturating_add(state), bytes)),
    }
}

/// The error for a value of each round whose size is not known before the loop.
fn unknown(value: Val) -> Diagnostic {
    let message = format!(
        "the derivative keeps a value of type {} from each round of this loop, whose extents are not known before the loop: \
        '--max-tape' finds no number of rounds that fit",
        value.r#type()
    );
    Diagnostic::unsupported(message).help("take its extents from arguments, or from what the loop carries")
}
