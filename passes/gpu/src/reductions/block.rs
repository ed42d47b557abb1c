//! Block reduction: *in rows*, the threads of a row of the block share a result; otherwise those of a column.

use super::combine::Combiner;
use super::converge::{self, THREADS};
use crate::indexing::{extent, quotient};
use crate::kernel::Kernel;
use dp_dialects::ir::Val;
use dp_dialects::{Builder, Result};
use dp_loopnest::structured::Index;

/// How the threads of a block lie.
#[derive(Clone, Copy)]
pub(crate) struct Block<'c> {
    pub in_rows: bool,
    pub across: Index<'c>,
    pub down: Index<'c>,
}

/// Where a thread is.
pub(crate) struct Place<'c> {
    /// Which result.
    pub number: Val<'c>,
    /// Which of its threads.
    pub lane: Val<'c>,
    /// How many of them there are.
    pub stride: Val<'c>,
}

impl<'c> Block<'c> {
    /// A block of which so many threads lie side by side.
    pub(crate) fn wide(host: &Builder<'c>, in_rows: bool, across: Index<'c>) -> Result<Self> {
        Ok(Block { in_rows, across, down: quotient(host, "arith.divui", Index::Known(THREADS), across)? })
    }

    /// Where a thread of the kernel is.
    pub(crate) fn place(&self, k: &Kernel<'c>) -> Result<Place<'c>> {
        let (tx, ty, group) = (k.thread("x")?, k.thread("y")?, k.group("x")?);
        let (across, down) = (extent(k, self.across)?, extent(k, self.down)?);
        Ok(if self.in_rows {
            Place { number: k.add(k.mul(group, down)?, ty)?, lane: tx, stride: across }
        } else {
            Place { number: k.add(k.mul(group, across)?, tx)?, lane: ty, stride: down }
        })
    }

    /// Combines what the threads of a result have.
    pub(crate) fn meet(
        &self,
        k: &Kernel<'c>,
        combiners: &[Combiner<'c>],
        sums: Vec<Val<'c>>,
    ) -> Result<converge::Met<'c>> {
        let (tx, ty) = (k.thread("x")?, k.thread("y")?);
        if self.in_rows {
            converge::rows(k, combiners, sums, self.across, tx)
        } else {
            converge::columns(k, combiners, sums, self.across, (tx, ty))
        }
    }

    /// How many blocks so many results take.
    pub(crate) fn count(&self, host: &Builder<'c>, results: Index<'c>) -> Result<Index<'c>> {
        quotient(host, "arith.ceildivui", results, if self.in_rows { self.down } else { self.across })
    }
}
