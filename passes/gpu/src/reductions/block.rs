//! Block reduction: *in rows*, the threads of a row of the block share a result; otherwise those of a column.

use super::block_reduce::{self, THREADS};
use super::combine::Combiner;
use crate::indexing::{extent, quotient};
use crate::kernel::Kernel;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Result};
use dp_loopnest::structured::Index;

/// The layout of a block's threads.
#[derive(Clone, Copy)]
pub(crate) struct Block<'c> {
    pub in_rows: bool,
    pub across: Index<'c>,
    pub down: Index<'c>,
}

/// The position of a thread.
pub(crate) struct Place<'c> {
    /// The result.
    pub number: Val<'c>,
    /// The thread's index among those of the result.
    pub lane: Val<'c>,
    /// The number of threads per result.
    pub stride: Val<'c>,
}

impl<'c> Block<'c> {
    /// A block with this many threads along x.
    pub(crate) fn wide(host: &Builder<'c>, in_rows: bool, across: Index<'c>) -> Result<Self> {
        Ok(Block { in_rows, across, down: quotient(host, "arith.divui", Index::Known(THREADS), across)? })
    }

    /// The position of the current thread.
    pub(crate) fn place(&self, k: &Kernel<'c>) -> Result<Place<'c>> {
        let (tx, ty, group) = (k.thread_id("x")?, k.thread_id("y")?, k.block_id("x")?);
        let (across, down) = (extent(k, self.across)?, extent(k, self.down)?);
        Ok(if self.in_rows {
            Place { number: k.add(k.mul(group, down)?, ty)?, lane: tx, stride: across }
        } else {
            Place { number: k.add(k.mul(group, across)?, tx)?, lane: ty, stride: down }
        })
    }

    /// Combines the values of a result's threads.
    pub(crate) fn reduce(
        &self,
        k: &Kernel<'c>,
        combiners: &[Combiner<'c>],
        sums: Vec<Val<'c>>,
    ) -> Result<block_reduce::Reduced<'c>> {
        let (tx, ty) = (k.thread_id("x")?, k.thread_id("y")?);
        if self.in_rows {
            block_reduce::rows(k, combiners, sums, self.across, tx)
        } else {
            block_reduce::columns(k, combiners, sums, self.across, (tx, ty))
        }
    }

    /// The number of blocks for this many results.
    pub(crate) fn count(&self, host: &Builder<'c>, results: Index<'c>) -> Result<Index<'c>> {
        quotient(host, "arith.ceildivui", results, if self.in_rows { self.down } else { self.across })
    }
}
