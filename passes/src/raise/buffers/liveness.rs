//! Which buffers a branch or a loop carries: those that it writes, if their contents are read afterwards or in a later
//! iteration.
//!
//! A first pass, bottom-up, summarizes each operation with regions: the buffers that it writes, those whose contents
//! on entry it may read, and those that it replaces altogether. With summaries, the contents on entry to a loop's body are
//! known in one step to be read in a later iteration. A second pass, top-down, goes backward through each block with the
//! set of live buffers.
//!
//! A store to an element neither reads the other elements nor replaces them: it makes nothing live.

use super::{Access, Buffers, Id};
use dp_dialects::ir::{Blk, Op, block_ops, operands, region_block, result};
use dp_dialects::{Diagnostic, ErrorGuaranteed, OpKind};
use melior::ir::operation::OperationLike;
use std::collections::{BTreeSet, HashMap};

/// What an operation does to the buffers around it.
#[derive(Clone, Default)]
struct Summary {
    /// The buffers whose contents before the operation it may read.
    reads: BTreeSet<Id>,
    /// The buffers whose contents it replaces in any case.
    replaces: BTreeSet<Id>,
    /// The buffers that it may write.
    writes: BTreeSet<Id>,
}

/// The buffers that each operation with regions carries, in order, by its `identity`. Operations that carry
/// none have no entry.
pub(super) type Carried = HashMap<usize, Vec<Id>>;

/// The identity of an operation, while it exists.
pub(super) fn identity(op: Op) -> usize {
    op.to_raw().ptr as usize
}

/// The analysis of a function.
pub(super) struct Liveness<'b> {
    buffers: &'b Buffers,
    summaries: HashMap<usize, Summary>,
    carried: Carried,
}

impl<'b> Liveness<'b> {
    /// What each operation of a function carries.
    ///
    /// # Errors
    /// If an operation other than a branch or a loop writes buffers from outside in its region; this was reported.
    pub(super) fn carried(function: Op, buffers: &'b Buffers) -> Result<Carried, ErrorGuaranteed> {
        let mut liveness = Liveness { buffers, summaries: HashMap::new(), carried: HashMap::new() };
        if let Some(block) = region_block(function, 0) {
            liveness.summarize(block)?;
            liveness.block(block, BTreeSet::new());
        }
        Ok(liveness.carried)
    }

    /// The buffers that an operation without regions reads, replaces or writes.
    fn effect(&self, op: Op, mut visit: impl FnMut(Effect, Id)) {
        let Some(access) = Access::of(op) else { return };
        let mut on = |index: usize, effect| {
            if let Some(id) = operands(op).get(index).and_then(|operand| self.buffers.id(*operand)) {
                visit(effect, id);
            }
        };
        match access {
            Access::Make => {
                if let Some(id) = self.buffers.id(result(op)) {
                    visit(Effect::Make, id);
                }
            }
            Access::Load | Access::Read => on(0, Effect::Read),
            Access::Store => {
                let id = operands(op).get(1).and_then(|buffer| self.buffers.id(*buffer));
                let is_scalar = id.is_some_and(|id| !self.buffers.types[id].is_tensor());
                on(1, if is_scalar { Effect::Replace } else { Effect::Write });
            }
            // Backward.
            Access::Copy => {
                on(1, Effect::Replace);
                on(0, Effect::Read);
            }
            // Extents are those at the allocation.
            Access::Free | Access::Dim => {}
        }
    }

    fn summarize(&mut self, block: Blk) -> Result<Summary, ErrorGuaranteed> {
        let mut of = Summary::default();
        for op in block_ops(block).into_iter().rev() {
            if op.region_count() > 0 {
                let inner = self.summarize_regions(op)?;
                inner.replaces.iter().for_each(|id| {
                    of.reads.remove(id);
                });
                of.reads.extend(&inner.reads);
                of.replaces.extend(&inner.replaces);
                of.writes.extend(&inner.writes);
                self.summaries.insert(identity(op), inner);
                continue;
            }
            self.effect(op, |effect, id| match effect {
                Effect::Read => {
                    of.reads.insert(id);
                }
                Effect::Write => {
                    of.writes.insert(id);
                }
                Effect::Replace => {
                    of.reads.remove(&id);
                    of.replaces.insert(id);
                    of.writes.insert(id);
                }
                // Its uses, all behind, concern nothing outside of the block.
                Effect::Make => {
                    of.reads.remove(&id);
                    of.replaces.remove(&id);
                    of.writes.remove(&id);
                }
            });
        }
        Ok(of)
    }

    fn summarize_regions(&mut self, op: Op) -> Result<Summary, ErrorGuaranteed> {
        let mut regions = Vec::new();
        for index in 0..op.region_count() {
            regions.push(region_block(op, index).map(|block| self.summarize(block)).transpose()?.unwrap_or_default());
        }
        let mut of = Summary::default();
        // Of a while loop, what its condition replaces and its body reads must pass from one to the other, as what an
        // iteration reads of the one before.
        for region in &regions {
            of.writes.extend(&region.writes);
            of.reads.extend(&region.reads);
        }
        match OpKind::of(op) {
            Some(OpKind::ScfFor) => {}
            Some(OpKind::ScfWhile) => of.replaces = std::mem::take(&mut regions[0].replaces),
            Some(OpKind::ScfIf | OpKind::ScfIndexSwitch) => {
                let (first, others) = regions.split_at_mut(1);
                of.replaces = first.iter_mut().flat_map(|region| std::mem::take(&mut region.replaces)).collect();
                of.replaces.retain(|id| others.iter().all(|region| region.replaces.contains(id)));
            }
            Some(_) | None if !of.writes.is_empty() => {
                let name = op.name();
                let name = name.as_string_ref().as_str().unwrap_or("?");
                let message = format!("a region of '{name}' stores to a buffer from outside");
                let help = match name {
                    "scf.parallel" | "scf.forall" => "run '--lift-control-flow' first",
                    _ => "store in 'scf.for', or allocate the buffer inside the region",
                };
                return Err(Diagnostic::unsupported(message).help(help).report(op.location()));
            }
            Some(_) | None => {}
        }
        Ok(of)
    }

    /// Goes backward through a block at whose end some buffers are live.
    fn block(&mut self, block: Blk, mut live: BTreeSet<Id>) {
        for op in block_ops(block).into_iter().rev() {
            if op.region_count() == 0 {
                self.effect(op, |effect, id| match effect {
                    Effect::Read => {
                        live.insert(id);
                    }
                    Effect::Write => {}
                    Effect::Replace | Effect::Make => {
                        live.remove(&id);
                    }
                });
                continue;
            }
            let Some(summary) = self.summaries.remove(&identity(op)) else { continue };
            let is_loop = matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile));
            let is_carried = |id: &Id| live.contains(id) || (is_loop && summary.reads.contains(id));
            // What is live and not written passes through.
            let carried: Vec<Id> = summary.writes.iter().copied().filter(is_carried).collect();
            summary.replaces.iter().for_each(|id| {
                live.remove(id);
            });
            live.extend(&summary.reads);
            for block in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
                self.block(block, carried.iter().copied().collect());
            }
            if !carried.is_empty() {
                self.carried.insert(identity(op), carried);
            }
        }
    }
}

/// What happens to the contents of a buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    /// They are read.
    Read,
    /// A part of them is replaced.
    Write,
    /// They are replaced.
    Replace,
    /// The buffer is made.
    Make,
}
