//! `array.scan`: a loop along the dimension, which carries the accumulator and the result, and updates both in place.
//!
//! On CPUs, loops over the dimensions before it are around it, and each iteration combines a row: the elements at all
//! indices of the dimensions behind it. The row is a nest, which is vectorized, or a number, which is in a register. On
//! GPUs, a row spans all other dimensions, so that there is a thread for each element of it; the loop is sequential in
//! each thread. So a vector is scanned by one thread.

use super::LoweringSite;
use super::regions::{convert, inline};
use crate::structured::{Index, Indexed, Region, arith, counted_loop, empty, extents, fill, generic};
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, defining_op, region_block, result};
use dp_dialects::marks::KEEPS_EXTENTS;
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Builder, Diagnostic, Literal, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;

/// What the loops of a scan need.
struct Scan<'s, 'c> {
    site: &'s LoweringSite<'c>,
    form: ScanForm,
    /// The type of the accumulator's elements.
    work: ScalarType,
    /// The initial value.
    start: Val<'c>,
    /// The extents of the operand.
    extents: Vec<Index<'c>>,
}

pub(super) fn scan<'c>(site: &LoweringSite<'c>) -> Result<Val<'c>> {
    let b = &site.b;
    let Parameters::Scan(form) = site.parameters else { return site.malformed() };
    let (x, of) = (site.operands[0], &site.types[0]);
    let work = form.kind.accumulator(of.dtype);
    let start = match (site.operands.get(1), form.kind.identity(work)) {
        (Some(start), _) => *start,
        (None, Some(identity)) => b.literal(Literal::number(work, identity))?,
        (None, None) => return site.malformed(),
    };
    let y = empty(b, &site.result, &extents(b, x)?)?;
    if of.extents().contains(&Some(0)) {
        return Ok(y);
    }
    let extents = (0..of.rank()).map(|dim| Index::extent(b, x, of, dim)).collect::<Result<_>>()?;
    Scan { site, form, work, start, extents }.lanes(b, &mut Vec::new(), y)
}

impl<'c> Scan<'_, 'c> {
    /// The loops over the dimensions before the scanned one, of which `outer` are around the insertion point.
    fn lanes(&self, b: &Builder<'c>, outer: &mut Vec<Val<'c>>, y: Val<'c>) -> Result<Val<'c>> {
        if self.site.windows || outer.len() == self.form.dim {
            // On a GPU, the host would read each number.
            let is_number = !self.site.windows && outer.len() + 1 == self.extents.len();
            return if is_number { self.numbers(b, outer, y) } else { self.rows(b, outer, y) };
        }
        let count = self.extents[outer.len()].value(b)?;
        let made = counted_loop(b, count, &[y], |b, index, carried| {
            outer.push(index);
            let next = self.lanes(b, outer, carried[0]);
            outer.pop();
            next.map(|next| vec![next])
        })?;
        self.mark(made[0]);
        Ok(made[0])
    }

    /// Marks a loop, given a result, if its tensors have dynamic extents: it keeps them.
    fn mark(&self, made: Val<'c>) {
        let is_open = self.extents.iter().any(|extent| matches!(extent, Index::Value(_)));
        if let Some(op) = defining_op(made).filter(|_| is_open) {
            KEEPS_EXTENTS.set(op, &());
        }
    }

    /// A loop that carries the accumulator as a number.
    fn numbers(&self, b: &Builder<'c>, outer: &[Val<'c>], y: Val<'c>) -> Result<Val<'c>> {
        self.along(b, self.start, y, |b, at, total, y| {
            let dtype = self.site.types[0].dtype;
            let place = [outer, &[at]].concat();
            let operands = [&[self.site.operands[0]], &place[..]].concat();
            let element = b.named("tensor.extract", &operands, &[dtype.to_type(b.context())], &[], vec![]);
            let [element, total] = self.combined(b, total, result(element?))?;
            let operands = [&[element, y], &place[..]].concat();
            let stored = b.named("tensor.insert", &operands, &[y.r#type()], &[], vec![])?;
            Ok([total, result(stored)])
        })
    }

    /// A loop that carries the accumulator as a tensor.
    fn rows(&self, b: &Builder<'c>, outer: &[Val<'c>], y: Val<'c>) -> Result<Val<'c>> {
        let (x, of) = (self.site.operands[0], &self.site.types[0]);
        let inner: Vec<usize> = (outer.len()..of.rank()).filter(|dim| *dim != self.form.dim).collect();
        let row = ValueType::tensor(of.dtype, inner.iter().map(|dim| of.extents()[*dim]).collect());
        let open = |dim: &&usize| of.extents()[**dim].is_none();
        let open = inner.iter().filter(open).map(|dim| self.extents[*dim].value(b)).collect::<Result<Vec<_>>>()?;
        let total = fill(b, self.start, empty(b, &row.with_dtype(self.work), &open)?)?;
        let rank = inner.len();
        self.along(b, total, y, |b, at, total, y| {
            let offset = |dim: usize| match outer.get(dim) {
                Some(at) => Index::Value(*at),
                None if dim == self.form.dim => Index::Value(at),
                None => Index::Known(0),
            };
            let size = |dim: usize| if inner.contains(&dim) { self.extents[dim] } else { Index::Known(1) };
            let region = Region {
                offsets: (0..of.rank()).map(offset).collect(),
                sizes: (0..of.rank()).map(size).collect(),
                strides: vec![1; of.rank()],
            };
            let (element, place) = (region.extract(b, x, &row)?, region.extract(b, y, &row)?);
            let outputs = [Indexed::identity(place, rank), Indexed::identity(total, rank)];
            let made = generic(b, rank, &[], &[Indexed::identity(element, rank)], &outputs, |b, elements| {
                self.combined(b, elements[2], elements[0]).map(Vec::from)
            })?;
            Ok([made[1], region.insert(b, made[0], y)?])
        })
    }

    /// The loop along the dimension. The body takes a position, the accumulator and the result; it returns the next
    /// accumulator and result.
    fn along(
        &self,
        b: &Builder<'c>,
        total: Val<'c>,
        y: Val<'c>,
        body: impl FnOnce(&Builder<'c>, Val<'c>, Val<'c>, Val<'c>) -> Result<[Val<'c>; 2]>,
    ) -> Result<Val<'c>> {
        let count = self.extents[self.form.dim].value(b)?;
        let last = if self.form.reverse { Some(arith(b, "arith.subi", count, b.index(1)?)?) } else { None };
        let made = counted_loop(b, count, &[total, y], |b, index, carried| {
            let at = match last {
                Some(last) => arith(b, "arith.subi", last, index)?,
                None => index,
            };
            body(b, at, carried[0], carried[1]).map(Vec::from)
        })?;
        self.mark(made[1]);
        Ok(made[1])
    }

    /// The element of the result and the next accumulator.
    fn combined(&self, b: &Builder<'c>, total: Val<'c>, element: Val<'c>) -> Result<[Val<'c>; 2]> {
        let dtype = self.site.types[0].dtype;
        let pair = [total, convert(b, element, dtype, self.work)?];
        let next = match self.form.kind.combiner() {
            Some(combiner) => b.scalar(combiner, &pair)?,
            None => {
                let block = region_block(self.site.op, 0)
                    .ok_or_else(|| Diagnostic::internal("internal error: 'array.scan' without a region"))?;
                inline(b, block, &pair)?[0]
            }
        };
        let element = if self.form.exclusive { total } else { next };
        Ok([convert(b, element, self.work, dtype)?, next])
    }
}
