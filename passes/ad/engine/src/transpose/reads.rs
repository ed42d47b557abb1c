//! Reads of one tensor at constant positions. Their cotangents are collected until the tensor's own is needed, and then
//! become one operation, since later passes take superlinear time for a chain of as many updates.

use super::Transposer;
use dp_dialects::OpKind::*;
use dp_dialects::ir::{Op, Val};
use dp_dialects::parameters::Start;
use dp_dialects::{Builder, Literal, Number, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use std::collections::BTreeMap;

/// Elements read one by one become a scatter where they are at least this many, and fewer than [`DENSE`] says.
const SCATTERED: usize = 16;

/// Elements read one by one are written out in full where they are at least one in so many of the tensor's.
const DENSE: u64 = 4;

/// The cotangent of one read.
#[derive(Clone, Debug)]
pub struct Read<'c> {
    /// Where the box begins, within the tensor.
    start: Vec<u64>,
    /// The extents of the box; `None` for a number.
    shape: Option<Vec<u64>>,
    /// A number or a tensor.
    cotangent: Val<'c>,
}

impl<'c> Read<'c> {
    fn extent(&self, dim: usize) -> u64 {
        self.shape.as_ref().map_or(1, |shape| shape[dim])
    }

    /// The cotangent as a tensor.
    fn tensor(&self, b: Builder<'c>, dtype: ScalarType) -> Result<Val<'c>> {
        match self.shape {
            Some(_) => Ok(self.cotangent),
            None => b.broadcast(self.cotangent, &[], &ValueType::tensor(dtype, vec![Some(1); self.start.len()]), &[]),
        }
    }
}

/// The extents of a tensor that has all of them in its type, and a rank.
fn known_shape(value: Val) -> Option<(ScalarType, Vec<u64>)> {
    let r#type = ValueType::of(value.r#type())?;
    let shape: Vec<u64> = r#type.extents().iter().copied().collect::<Option<_>>()?;
    (!shape.is_empty()).then_some((r#type.dtype, shape))
}

impl<'c> Transposer<'c> {
    /// Notes the cotangent of a read, at a place within the tensor `x`, by `op`; whether it is at such a place.
    pub fn read_at(&mut self, op: Op<'c>, x: Val<'c>, start: &[Option<i64>], cotangent: Val<'c>) -> bool {
        let Some((_, whole)) = known_shape(x) else { return false };
        let Some(r#type) = ValueType::of(cotangent.r#type()) else { return false };
        let shape = r#type.is_tensor().then(|| r#type.extents().iter().copied().collect::<Option<Vec<u64>>>());
        let Some(shape) = shape.map_or(Some(None), |known| known.map(Some)) else { return false };
        let start: Option<Vec<u64>> = start.iter().map(|at| at.and_then(|at| u64::try_from(at).ok())).collect();
        let Some(start) = start.filter(|start| start.len() == whole.len()) else { return false };
        let read = Read { start, shape, cotangent };
        if (0..whole.len()).any(|dim| read.start[dim].saturating_add(read.extent(dim)) > whole[dim]) {
            return false;
        }
        self.note_read(op, x, read);
        true
    }

    /// Adds the cotangents of a tensor's reads to what has been accumulated for it.
    ///
    /// # Errors
    /// If an operation cannot be created.
    pub(crate) fn gather_reads(&mut self, x: Val<'c>) -> Result<()> {
        let Some((op, reads)) = self.take_reads(x) else { return Ok(()) };
        let b = self.at(op);
        let Some((dtype, whole)) = known_shape(x) else { return Ok(()) };
        let reads = merge(b, reads)?;
        if let [read] = &reads[..] {
            return self.put(b, x, dtype, &whole, read);
        }
        if let Some(total) = elements(b, dtype, &whole, &reads)? {
            return self.accumulate(x, total);
        }
        if let Some(total) = self.scattered(b, x, dtype, &whole, &reads)? {
            self.set_slot(x, total);
            return Ok(());
        }
        if let Some(total) = concatenated(b, dtype, &whole, &reads)? {
            return self.accumulate(x, total);
        }
        reads.iter().try_for_each(|read| self.put(b, x, dtype, &whole, read))
    }

    /// One read: added in place, or surrounded by zeros where nothing has been accumulated.
    fn put(&mut self, b: Builder<'c>, x: Val<'c>, dtype: ScalarType, whole: &[u64], read: &Read<'c>) -> Result<()> {
        let cotangent = read.tensor(b, dtype)?;
        let Some(slot) = self.accumulated(x)? else {
            let high = (0..whole.len()).map(|dim| (whole[dim] - read.start[dim] - read.extent(dim)) as usize).collect();
            let low = read.start.iter().map(|start| *start as usize).collect();
            let margins = Parameters::Pad { low, high, interior: vec![0; whole.len()] };
            let zero = b.literal(Literal::number(dtype, Number::of_f64(0.0, dtype)))?;
            let back = b.emit_typed(ArrayPad, &margins, &[cotangent, zero], &ValueType::of_value(x)?)?;
            return self.accumulate(x, back);
        };
        let starts = read.start.iter().map(|start| Start::At(*start as i64)).collect();
        let update = Parameters::Update { starts, accumulate: true };
        let added = b.emit(ArrayUpdateSlice, &update, &[slot, cotangent])?;
        self.set_slot(x, added);
        Ok(())
    }

    /// Many single elements, here and there: rows of a flat tensor by number.
    fn scattered(
        &mut self,
        b: Builder<'c>,
        x: Val<'c>,
        dtype: ScalarType,
        whole: &[u64],
        reads: &[Read<'c>],
    ) -> Result<Option<Val<'c>>> {
        if reads.len() < SCATTERED || reads.iter().any(|read| read.shape.is_some()) {
            return Ok(None);
        }
        let positions =
            reads.iter().map(|read| Number::of_f64(flat(&read.start, whole) as f64, ScalarType::I64)).collect();
        let count = reads.len() as u64;
        let indices = b.literal(Literal::tensor(ScalarType::I64, vec![count], positions))?;
        let numbers: Vec<Val> = reads.iter().map(|read| read.cotangent).collect();
        let updates = from_elements(b, dtype, vec![count], &numbers)?;
        let line = ValueType::tensor(dtype, vec![Some(whole.iter().product())]);
        let slot = self.slot(b, x)?;
        let reshape = |value: Val<'c>, to: &ValueType| b.emit_typed(ArrayReshape, &Parameters::None, &[value], to);
        if whole.len() == 1 {
            return b.emit(ArrayScatter, &Parameters::None, &[slot, indices, updates]).map(Some);
        }
        let added = b.emit(ArrayScatter, &Parameters::None, &[reshape(slot, &line)?, indices, updates])?;
        reshape(added, &ValueType::of_value(x)?).map(Some)
    }
}

/// The row-major position of an element.
fn flat(position: &[u64], shape: &[u64]) -> u64 {
    position.iter().zip(shape).fold(0, |flat, (at, extent)| flat * extent + at)
}

fn from_elements<'c>(b: Builder<'c>, dtype: ScalarType, shape: Vec<u64>, numbers: &[Val<'c>]) -> Result<Val<'c>> {
    let r#type = ValueType::tensor(dtype, shape.into_iter().map(Some).collect());
    b.op(TensorFromElements, numbers, &[r#type.to_type(b.context())], &[], vec![]).map(dp_dialects::ir::result)
}

/// Reads of one box become one, their cotangents added in order; in the order of places.
fn merge<'c>(b: Builder<'c>, reads: Vec<Read<'c>>) -> Result<Vec<Read<'c>>> {
    let mut places: BTreeMap<(Vec<u64>, Option<Vec<u64>>), Val<'c>> = BTreeMap::new();
    for Read { start, shape, cotangent } in reads {
        let place = (start, shape);
        let sum = match places.get(&place) {
            Some(before) => b.scalar(ScalarAdd, &[*before, cotangent])?,
            None => cotangent,
        };
        places.insert(place, sum);
    }
    let read = |((start, shape), cotangent)| Read { start, shape, cotangent };
    Ok(places.into_iter().map(read).collect())
}

/// Single elements that are many of a tensor's: all of it, element by element.
fn elements<'c>(b: Builder<'c>, dtype: ScalarType, whole: &[u64], reads: &[Read<'c>]) -> Result<Option<Val<'c>>> {
    let count: u64 = whole.iter().product();
    if reads.iter().any(|read| read.shape.is_some()) || (reads.len() as u64).saturating_mul(DENSE) < count {
        return Ok(None);
    }
    let zero = b.literal(Literal::number(dtype, Number::of_f64(0.0, dtype)))?;
    let mut numbers = vec![zero; count as usize];
    for read in reads {
        numbers[flat(&read.start, whole) as usize] = read.cotangent;
    }
    from_elements(b, dtype, whole.to_vec(), &numbers).map(Some)
}

/// Boxes that follow one another along one dimension and are whole in all others, with zeros between them.
fn concatenated<'c>(b: Builder<'c>, dtype: ScalarType, whole: &[u64], reads: &[Read<'c>]) -> Result<Option<Val<'c>>> {
    let is_part = |dim: &usize| reads.iter().any(|read| read.extent(*dim) != whole[*dim]);
    let parts: Vec<usize> = (0..whole.len()).filter(is_part).collect();
    let [along] = parts[..] else { return Ok(None) };
    let zeros = |count: u64| {
        let mut shape = whole.to_vec();
        shape[along] = count;
        b.literal(Literal::splat(dtype, shape, Number::of_f64(0.0, dtype)))
    };
    // In the order of places, which is that along this dimension.
    let overlaps = |pair: &[Read]| pair[0].start[along] + pair[0].extent(along) > pair[1].start[along];
    if reads.windows(2).any(overlaps) {
        return Ok(None);
    }
    let (mut end, mut pieces) = (0, Vec::new());
    for read in reads.iter().filter(|read| read.extent(along) > 0) {
        if read.start[along] > end {
            pieces.push(zeros(read.start[along] - end)?);
        }
        pieces.push(read.tensor(b, dtype)?);
        end = read.start[along] + read.extent(along);
    }
    if end < whole[along] {
        pieces.push(zeros(whole[along] - end)?);
    }
    b.emit(ArrayConcatenate, &Parameters::Dim(along), &pieces).map(Some)
}
