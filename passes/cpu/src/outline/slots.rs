//! Slots for scalars that are passed between parts.

use dp_dialects::ir::{Val, ValueMap, result};
use dp_dialects::{Builder, Diagnostic, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use std::collections::{BTreeMap, BTreeSet};

/// A scalar that crosses parts, with the last part that uses it.
struct Crossing {
    dtype: ScalarType,
    until: usize,
    slot: usize,
}

/// The slots of all crossing scalars; one workspace per type.
#[derive(Default)]
pub(super) struct Slots<'c> {
    crossings: ValueMap<Crossing>,
    /// The scalars in order of definition, by part.
    made: BTreeMap<usize, Vec<Val<'c>>>,
    sizes: BTreeMap<ScalarType, usize>,
}

impl<'c> Slots<'c> {
    /// Records that a scalar defined in one part is used in another.
    pub(super) fn crosses(&mut self, value: Val<'c>, from: usize, until: usize) -> Result<()> {
        if let Some(crossing) = self.crossings.get_mut(value) {
            crossing.until = crossing.until.max(until);
            return Ok(());
        }
        let dtype = ValueType::of_value(value)?.dtype;
        self.crossings.insert(value, Crossing { dtype, until, slot: 0 });
        self.made.entry(from).or_default().push(value);
        Ok(())
    }

    /// Assigns slots. A slot is free again in the part after its last use, so that within a part no store precedes a
    /// load of the same slot.
    pub(super) fn assign(&mut self, after: usize) {
        let mut free: BTreeMap<ScalarType, BTreeSet<usize>> = BTreeMap::new();
        let mut ending: BTreeMap<usize, Vec<(ScalarType, usize)>> = BTreeMap::new();
        for part in 0..=after {
            for (dtype, slot) in part.checked_sub(1).and_then(|done| ending.remove(&done)).unwrap_or_default() {
                free.entry(dtype).or_default().insert(slot);
            }
            for value in self.made.get(&part).into_iter().flatten() {
                let Some(crossing) = self.crossings.get_mut(*value) else { continue };
                crossing.slot = free.entry(crossing.dtype).or_default().pop_first().unwrap_or_else(|| {
                    let size = self.sizes.entry(crossing.dtype).or_default();
                    *size += 1;
                    *size - 1
                });
                ending.entry(crossing.until).or_default().push((crossing.dtype, crossing.slot));
            }
        }
    }

    /// The workspaces: element type and length.
    pub(super) fn pools(&self) -> impl Iterator<Item = (ScalarType, usize)> + '_ {
        self.sizes.iter().map(|(dtype, size)| (*dtype, *size))
    }

    /// The total size in bytes.
    pub(super) fn bytes(&self) -> usize {
        self.pools().map(|(dtype, count)| count * dtype.bits().div_ceil(8) as usize).sum()
    }

    /// The scalars that a part defines for others.
    pub(super) fn defined_in(&self, part: usize) -> &[Val<'c>] {
        self.made.get(&part).map(Vec::as_slice).unwrap_or_default()
    }

    /// The last part that uses a scalar; 0 if it does not cross.
    pub(super) fn last_reader(&self, value: Val<'c>) -> usize {
        self.crossings.get(value).map_or(0, |crossing| crossing.until)
    }

    /// Whether a scalar crosses.
    pub(super) fn has(&self, value: Val<'c>) -> bool {
        self.crossings.contains(value)
    }

    /// The workspace and the index of a scalar's slot.
    fn place(&self, b: &Builder<'c>, value: Val<'c>, workspaces: &[Val<'c>]) -> Result<[Val<'c>; 2]> {
        let unknown = || Diagnostic::internal("internal error: a number that crosses has no slot");
        let crossing = self.crossings.get(value).ok_or_else(unknown)?;
        let pool = self.sizes.keys().position(|dtype| *dtype == crossing.dtype).ok_or_else(unknown)?;
        Ok([workspaces[pool], b.index(crossing.slot as i64)?])
    }

    /// Loads a scalar from its slot.
    pub(super) fn load(&self, b: &Builder<'c>, value: Val<'c>, workspaces: &[Val<'c>]) -> Result<Val<'c>> {
        let place = self.place(b, value, workspaces)?;
        b.named("memref.load", &place, &[value.r#type()], &[], vec![]).map(result)
    }

    /// Stores a scalar to its slot.
    pub(super) fn store(&self, b: &Builder<'c>, value: Val<'c>, workspaces: &[Val<'c>]) -> Result<()> {
        let [workspace, index] = self.place(b, value, workspaces)?;
        b.named("memref.store", &[value, workspace, index], &[], &[], vec![]).map(|_| ())
    }
}
