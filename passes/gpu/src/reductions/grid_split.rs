//! Reductions split over the grid: each part stores a partial result, and a second kernel combines them.

use super::block::Block;
use super::combine::Combiner;
use super::sources::Partials;
use super::walk::{Sums, Walk};
use crate::indexing::extent;
use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Builder, Result, ScalarType};
use dp_loopnest::checks::{Order, compare};
use dp_loopnest::structured::{Index, segments};
use melior::ir::r#type::MemRefType;
use melior::ir::{Type, ValueLike};

/// The parts of a reduction over the grid.
pub(crate) struct GridSplit<'c> {
    /// The number of parts.
    pub parts: Val<'c>,
    /// Memory for the partial results of each combiner.
    pub partial: Vec<Val<'c>>,
}

/// Operation partial results are combined.
pub(crate) struct Gather<'a, 'c> {
    /// The block, with results along x.
    pub block: Block<'c>,
    pub combiners: &'a [Combiner<'c>],
    /// The number of accumulators per thread and combiner.
    pub accumulators: i64,
    /// The number of results.
    pub results: Index<'c>,
    /// The distance between parts of one result in memory.
    pub part_stride: Index<'c>,
}

impl<'c> GridSplit<'c> {
    /// Combines partial results. `place` maps the number of a result to its location, and `finish` stores it. Launches
    /// nothing if there is only one part.
    pub(crate) fn gather(
        &self,
        k: Kernel<'c>,
        Gather { block, combiners, accumulators, results, part_stride }: Gather<'_, 'c>,
        place: impl FnOnce(&Kernel<'c>, Val<'c>) -> Result<Val<'c>>,
        finish: impl FnOnce(&Kernel<'c>, Val<'c>, &[Val<'c>]) -> Result<()>,
    ) -> Result<()> {
        let host = k.host;
        let at = block.place(&k)?;
        let zero = k.index(0)?;
        let in_bounds = k.less(at.number, extent(&k, results)?)?;
        let parts = k.capture(self.parts)?;
        let end = k.b().named("arith.select", &[in_bounds, parts, zero], &[zero.r#type()], &[], vec![]).map(result)?;
        let partial = self.partial.iter().map(|partial| k.capture(*partial)).collect::<Result<Vec<_>>>()?;
        let source = Partials { combiners, partial, results: extent(&k, part_stride)?, number: place(&k, at.number)? };
        let walk = Walk { begin: zero, lane: at.lane, stride: at.stride, end };
        let sums = Sums { combiners, accumulators, row: None }.of(&k, &source, walk)?;
        let (sums, leads) = block.reduce(&k, combiners, sums)?;
        k.when(k.both(in_bounds, leads)?, || finish(&k, at.number, &sums))?;
        let one = host.index(1)?;
        let is_whole = compare(&host, Order::Eq, self.parts, one)?;
        let (none, all) = (host.index(0)?, block.count(&host, results)?.value(&host)?);
        let blocks = host.named("arith.select", &[is_whole, none, all], &[one.r#type()], &[], vec![]).map(result)?;
        k.launch([blocks, one, one], [block.across.value(&host)?, block.down.value(&host)?, one])
    }
}

/// Device memory for this many elements.
pub(crate) fn memory<'c>(host: &Builder<'c>, dtype: ScalarType, count: Index<'c>) -> Result<Val<'c>> {
    let (known, count): (i64, Vec<Val>) = match count {
        Index::Known(count) => (count, vec![]),
        Index::Value(count) => (DYNAMIC, vec![count]),
    };
    let r#type: Type = MemRefType::new(dtype.to_type(host.context()), &[known], None, None).into();
    let sizes = segments(host.context(), &[count.len(), 0]);
    host.named("memref.alloc", &count, &[r#type], &[sizes], vec![]).map(result)
}
