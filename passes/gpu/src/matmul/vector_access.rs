//! Whether rows of an operand can be loaded or stored as vectors.

use super::tiles::LANES;
use crate::indexing::{bytes, dtype, is_aligned, is_multiple};
use crate::kernel::Kernel;
use dp_dialects::Result;
use dp_dialects::ir::Val;
use dp_loopnest::nest::{Access, Layout, Nest};
use dp_loopnest::structured::Index;

/// Whether vectors may be loaded or stored.
#[derive(Clone, Copy)]
pub(crate) enum VectorAccess<'c> {
    Never,
    Always,
    /// Depends on a condition of the kernel.
    If(Val<'c>),
}

impl<'c> VectorAccess<'c> {
    /// For an operand: its rows run along the last loop of a group and are aligned.
    pub(crate) fn of(k: &Kernel<'c>, nest: &Nest<'c>, access: &Access<'c>, dims: &[usize]) -> Result<Self> {
        let Some(last) = access.at.loops.last() else { return Ok(VectorAccess::Never) };
        let is_dense = access.layout() == Layout::Dense && is_aligned(access.at.value);
        let dtype = dtype(access)?;
        if dims.last() != Some(last) || !is_dense || dtype.is_complex() || bytes(dtype) > 4 {
            return Ok(VectorAccess::Never);
        }
        Ok(match nest.extents[*last] {
            Index::Known(extent) if extent % LANES == 0 => VectorAccess::Always,
            Index::Known(_) => VectorAccess::Never,
            Index::Value(extent) => VectorAccess::If(is_multiple(k, k.capture(extent)?, LANES)?),
        })
    }

    /// The conjunction.
    pub(crate) fn and(self, k: &Kernel<'c>, other: Self) -> Result<Self> {
        Ok(match (self, other) {
            (VectorAccess::If(x), VectorAccess::If(y)) => VectorAccess::If(k.both(x, y)?),
            (VectorAccess::If(x), _) | (_, VectorAccess::If(x)) => VectorAccess::If(x),
            (VectorAccess::Always, _) | (_, VectorAccess::Always) => VectorAccess::Always,
            (VectorAccess::Never, VectorAccess::Never) => VectorAccess::Never,
        })
    }

    /// Emits one variant or both with a branch.
    pub(crate) fn choose(
        self,
        k: &Kernel<'c>,
        types: &[melior::ir::Type<'c>],
        vectors: impl FnOnce() -> Result<Vec<Val<'c>>>,
        single: impl FnOnce() -> Result<Vec<Val<'c>>>,
    ) -> Result<Vec<Val<'c>>> {
        match self {
            VectorAccess::Never => single(),
            VectorAccess::Always => vectors(),
            VectorAccess::If(fits) => k.choose(fits, types, vectors, single),
        }
    }
}
