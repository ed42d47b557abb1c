//! The loop of one thread of a reduction. It keeps several loads in flight.
//!
//! A thread takes every `stride`th element of its part. It issues many loads before it uses the first, and adds the
//! values to separate accumulators, which are combined at the end. Contiguous elements are loaded as vectors. The
//! remainder is handled in the same way: missing elements are replaced by the last one in loads, and ignored in the
//! sum.

use super::combine::Combiner;
use crate::kernel::Kernel;
use dp_dialects::Result;
use dp_dialects::ir::{Val, result};
use dp_loopnest::structured::arith;
use melior::ir::ValueLike;

/// The values to reduce.
pub(crate) trait Source<'c> {
    /// The loads at a step.
    fn load(&self, k: &Kernel<'c>, step: Val<'c>) -> Result<Vec<Val<'c>>>;

    /// The loads at `lanes` consecutive steps.
    fn load_row(&self, k: &Kernel<'c>, step: Val<'c>, lanes: i64) -> Result<Vec<Vec<Val<'c>>>>;

    /// The partial results after a step.
    fn join(&self, k: &Kernel<'c>, step: Val<'c>, read: &[Val<'c>], sums: &[Val<'c>]) -> Result<Vec<Val<'c>>>;
}

/// The steps of a thread: every `stride`th from `begin + lane`, below `end`.
#[derive(Clone, Copy)]
pub(crate) struct Walk<'c> {
    /// The first step of the part.
    pub begin: Val<'c>,
    /// The thread's index within the part.
    pub lane: Val<'c>,
    /// The number of threads.
    pub stride: Val<'c>,
    /// The end of the part.
    pub end: Val<'c>,
}

/// Vectors along the steps.
#[derive(Clone, Copy)]
pub(crate) struct Row<'c> {
    /// The number of elements.
    pub lanes: i64,
    /// Whether vectors are aligned, if that depends on extents.
    pub fits: Option<Val<'c>>,
}

/// Operation a thread reduces.
pub(crate) struct Sums<'a, 'c> {
    pub combiners: &'a [Combiner<'c>],
    /// The number of accumulators per combiner.
    pub accumulators: i64,
    pub row: Option<Row<'c>>,
}

impl<'c> Sums<'_, 'c> {
    /// The thread's partial results.
    pub(crate) fn of(&self, k: &Kernel<'c>, source: &impl Source<'c>, walk: Walk<'c>) -> Result<Vec<Val<'c>>> {
        let neutral = self.combiners.iter().map(|combiner| combiner.neutral(k)).collect::<Result<Vec<_>>>()?;
        let first = k.add(walk.begin, walk.lane)?;
        if self.accumulators == 1 {
            return k.repeat([first, walk.end, walk.stride], &neutral, |step, sums| {
                let read = source.load(k, step)?;
                source.join(k, step, &read, sums)
            });
        }
        let mut start: Vec<Val> = (0..self.accumulators).flat_map(|_| neutral.iter().copied()).collect();
        start.push(first);
        let types: Vec<_> = start.iter().map(|value| value.r#type()).collect();
        let state = match self.row {
            None => self.single(k, source, walk, &start)?,
            Some(Row { lanes, fits: None }) => self.vectors(k, source, walk, lanes, &start)?,
            Some(Row { lanes, fits: Some(fits) }) => k.choose(
                fits,
                &types,
                || self.vectors(k, source, walk, lanes, &start),
                || self.single(k, source, walk, &start),
            )?,
        };
        let (sums, next) = (&state[..state.len() - 1], state[state.len() - 1]);
        let sums = self.rest(k, source, walk, next, sums)?;
        self.join(k, &sums)
    }

    /// The steps of one iteration: each `stride` after the previous.
    fn steps(&self, k: &Kernel<'c>, from: Val<'c>, stride: Val<'c>) -> Result<Vec<Val<'c>>> {
        (0..self.accumulators).map(|sum| k.add(from, k.mul(k.index(sum)?, stride)?)).collect()
    }

    /// Adds to one accumulator of each combiner.
    fn add(
        &self,
        k: &Kernel<'c>,
        source: &impl Source<'c>,
        (step, read): (Val<'c>, &[Val<'c>]),
        sums: &mut [Val<'c>],
        which: usize,
    ) -> Result<()> {
        let kinds = self.combiners.len();
        let own = &mut sums[which * kinds..(which + 1) * kinds];
        let next = source.join(k, step, read, own)?;
        own.copy_from_slice(&next);
        Ok(())
    }

    /// Full iterations with scalar loads; returns the accumulators and the first remaining step.
    fn single(
        &self,
        k: &Kernel<'c>,
        source: &impl Source<'c>,
        walk: Walk<'c>,
        start: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let round = k.mul(k.index(self.accumulators)?, walk.stride)?;
        let first = start[start.len() - 1];
        // The last step of an iteration is below the end.
        let end = less(k, walk.end, less(k, round, walk.stride)?)?;
        k.repeat([first, end, round], start, |from, state| {
            let steps = self.steps(k, from, walk.stride)?;
            let read = steps.iter().map(|step| source.load(k, *step)).collect::<Result<Vec<_>>>()?;
            let mut sums = state[..state.len() - 1].to_vec();
            for (which, (step, read)) in steps.iter().zip(&read).enumerate() {
                self.add(k, source, (*step, read), &mut sums, which)?;
            }
            sums.push(k.add(from, round)?);
            Ok(sums)
        })
    }

    /// Full iterations with vector loads, two elements per accumulator.
    fn vectors(
        &self,
        k: &Kernel<'c>,
        source: &impl Source<'c>,
        walk: Walk<'c>,
        lanes: i64,
        start: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let round = k.mul(k.index(2 * self.accumulators)?, walk.stride)?;
        let end = less(k, walk.end, k.add(round, k.index(-1)?)?)?;
        let offset = k.mul(walk.lane, k.index(lanes)?)?;
        k.repeat([walk.begin, end, round], start, |from, state| {
            let mut read = Vec::new();
            for vector in 0..2 * self.accumulators / lanes {
                let at = k.add(from, k.mul(k.index(vector * lanes)?, walk.stride)?)?;
                let at = k.add(at, offset)?;
                for (lane, row) in (0..).zip(source.load_row(k, at, lanes)?) {
                    read.push((k.add(at, k.index(lane)?)?, row));
                }
            }
            let mut sums = state[..state.len() - 1].to_vec();
            for (which, (step, read)) in read.iter().enumerate() {
                self.add(k, source, (*step, read), &mut sums, which % self.accumulators as usize)?;
            }
            sums.push(k.add(k.add(from, round)?, walk.lane)?);
            Ok(sums)
        })
    }

    /// The remainder.
    fn rest(
        &self,
        k: &Kernel<'c>,
        source: &impl Source<'c>,
        walk: Walk<'c>,
        next: Val<'c>,
        sums: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let round = k.mul(k.index(self.accumulators)?, walk.stride)?;
        let last = k.add(walk.end, k.index(-1)?)?;
        let kinds = self.combiners.len();
        k.repeat([next, walk.end, round], sums, |from, sums| {
            let steps = self.steps(k, from, walk.stride)?;
            let held = steps.iter().map(|step| k.min(*step, last)).collect::<Result<Vec<_>>>()?;
            let read = held.iter().map(|step| source.load(k, *step)).collect::<Result<Vec<_>>>()?;
            let mut next = sums.to_vec();
            for (which, (step, read)) in held.iter().zip(&read).enumerate() {
                self.add(k, source, (*step, read), &mut next, which)?;
                let in_bounds = k.less(steps[which], walk.end)?;
                for sum in which * kinds..(which + 1) * kinds {
                    let of = [in_bounds, next[sum], sums[sum]];
                    next[sum] = k.b().named("arith.select", &of, &[sums[sum].r#type()], &[], vec![]).map(result)?;
                }
            }
            Ok(next)
        })
    }

    /// Combines the accumulators pairwise.
    fn join(&self, k: &Kernel<'c>, sums: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let kinds = self.combiners.len();
        let mut sums = sums.to_vec();
        while sums.len() > kinds {
            let (low, high) = sums.split_at(sums.len() / 2);
            let pairs = low.iter().zip(high).zip(self.combiners.iter().cycle());
            sums = pairs.map(|((x, y), combiner)| combiner.pair(&k.b(), *x, *y)).collect::<Result<_>>()?;
        }
        Ok(sums)
    }
}

fn less<'c>(k: &Kernel<'c>, x: Val<'c>, by: Val<'c>) -> Result<Val<'c>> {
    arith(&k.b(), "arith.subi", x, by)
}
