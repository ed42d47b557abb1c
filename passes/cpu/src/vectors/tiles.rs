//! Nests whose operands are contiguous along different loops, such as transposes, in square tiles.
//!
//! A tile is loaded with one vector per row and transposed in registers, so that all operands are vectors along the
//! rows of the output. A few adjacent tiles are processed together, so that whole cache lines are read, and written
//! lines are complete before they leave the cache.

use super::memory::{load, load_row, store, store_row};
use super::plan::{Machine, bytes};
use super::spans::{index_op, whole};
use super::vectorize::copy_body;
use super::vectorize::{Functions, Place, broadcast, is_number};
use dp_dialects::ir::{Val, ValueMap, block_args, block_ops, is_unused};
use dp_dialects::{Builder, Result};
use dp_loopnest::nest::{Access, Layout, Nest};
use dp_loopnest::structured::{Index, stepped_loop};
use dp_loopnest::transpose;
use melior::ir::r#type::IntegerType;

/// The longest body, in operations, that is unrolled for each row of a square.
const SHORT: usize = 24;

/// The number of squares processed together.
const ADJACENT: i64 = 4;

/// The two loops of the squares.
pub(super) struct Tiles {
    /// The loop along contiguous elements of outputs.
    along: usize,
    /// The loop along contiguous elements of transposed inputs.
    across: usize,
    /// The side of a square, a power of two.
    side: usize,
}

/// The tiling of a nest with two such loops whose body may be reordered.
pub(super) fn plan<'c>(nest: &Nest<'c>, machine: Machine, functions: &mut Functions<'c>) -> Option<Tiles> {
    let ops = block_ops(nest.body);
    if nest.reduces.contains(&true) || ops.len() > SHORT || !ops.into_iter().all(|op| functions.is_vectorizable(op)) {
        return None;
    }
    let along = *nest.outputs().first()?.at.loops.last()?;
    if !nest.outputs().iter().all(|access| access.position(along).is_some() && runs_along(access, along)) {
        return None;
    }
    let mut across = None;
    for access in &nest.accesses[..nest.inputs] {
        if !access.is_buffer || access.position(along).is_none() || runs_along(access, along) {
            continue;
        }
        let last = *access.at.loops.last()?;
        let is_boolean = access.element == IntegerType::new(super::context_of(nest.op), 1).into();
        if !runs_along(access, last) || *across.get_or_insert(last) != last || is_boolean || !is_number(access.element)
        {
            return None;
        }
    }
    let across = across?;
    let widest = nest.accesses.iter().filter(|access| access.is_buffer).map(|access| bytes(access.element));
    let widest = widest.collect::<Option<Vec<_>>>()?.into_iter().max()?;
    let side = (machine.bytes / widest).min(if widest >= 4 { 8 } else { 16 });
    let is_short = |dim: usize| matches!(nest.extents[dim], Index::Known(extent) if extent < side as i64);
    (side > 1 && !is_short(along) && !is_short(across)).then_some(Tiles { along, across, side })
}

/// Whether a buffer is contiguous along a loop that indexes nothing else of it.
fn runs_along(access: &Access, dim: usize) -> bool {
    access.position(dim).is_some_and(|position| position + 1 == access.at.loops.len())
        && access.at.loops.iter().enumerate().all(|(at, of)| !access.at.loops[..at].contains(of))
        && access.layout() >= Layout::Rows
}

/// Emits the loops of a nest before it.
pub(super) fn emit<'c>(nest: &Nest<'c>, tiles: &Tiles, functions: &mut Functions<'c>) -> Result<()> {
    let mut emitter = Emitter { nest, tiles, functions };
    emitter.outer(&Builder::before(nest.op), 0, &mut vec![None; nest.reduces.len()])
}

struct Emitter<'a, 'c> {
    nest: &'a Nest<'c>,
    tiles: &'a Tiles,
    functions: &'a mut Functions<'c>,
}

type At<'c> = Vec<Option<Val<'c>>>;

impl<'c> Emitter<'_, 'c> {
    /// The loops around the two, from number `dim`.
    fn outer(&mut self, b: &Builder<'c>, dim: usize, at: &mut At<'c>) -> Result<()> {
        if dim == at.len() {
            return self.squares(b, at);
        }
        if dim == self.tiles.along || dim == self.tiles.across {
            return self.outer(b, dim + 1, at);
        }
        let range = [b.index(0)?, self.nest.extents[dim].value(b)?, b.index(1)?];
        stepped_loop(b, range, &[], |b, index, _| {
            at[dim] = Some(index);
            self.outer(b, dim + 1, at).map(|()| Vec::new())
        })
        .map(|_| ())
    }

    /// The squares, then the remaining columns and rows.
    fn squares(&mut self, b: &Builder<'c>, at: &At<'c>) -> Result<()> {
        let side = self.tiles.side as i64;
        let (zero, one, step) = (b.index(0)?, b.index(1)?, b.index(side)?);
        let chunk = b.index(ADJACENT * side)?;
        let along = self.nest.extents[self.tiles.along].value(b)?;
        let across = self.nest.extents[self.tiles.across].value(b)?;
        let (along_whole, across_whole) = (whole(b, along, side)?, whole(b, across, side)?);
        stepped_loop(b, [zero, across_whole, chunk], &[], |b, first, _| {
            let end = index_op(b, "arith.addi", first, chunk)?;
            let end = index_op(b, "arith.minui", end, across_whole)?;
            stepped_loop(b, [zero, along_whole, step], &[], |b, column, _| {
                stepped_loop(b, [first, end, step], &[], |b, row, _| {
                    self.square(b, at, column, row).map(|()| Vec::new())
                })
            })
        })?;
        for (rows, columns) in [([zero, across_whole], [along_whole, along]), ([across_whole, across], [zero, along])] {
            stepped_loop(b, [rows[0], rows[1], one], &[], |b, row, _| {
                stepped_loop(b, [columns[0], columns[1], one], &[], |b, column, _| {
                    let here = self.at(at, column, row);
                    self.step(b, &here, 1, &|_| None).map(|()| Vec::new())
                })
            })?;
        }
        Ok(())
    }

    fn at(&self, at: &At<'c>, column: Val<'c>, row: Val<'c>) -> At<'c> {
        let mut here = at.clone();
        (here[self.tiles.along], here[self.tiles.across]) = (Some(column), Some(row));
        here
    }

    /// One square, by rows of the output.
    fn square(&mut self, b: &Builder<'c>, at: &At<'c>, column: Val<'c>, row: Val<'c>) -> Result<()> {
        let side = self.tiles.side;
        let mut transposed: Vec<Option<Vec<Val<'c>>>> = Vec::new();
        for access in &self.nest.accesses[..self.nest.inputs] {
            let is_transposed = access.is_buffer
                && access.position(self.tiles.along).is_some()
                && !runs_along(access, self.tiles.along);
            transposed.push(if is_transposed {
                let mut vectors = Vec::new();
                for lane in 0..side {
                    let column = index_op(b, "arith.addi", column, b.index(lane as i64)?)?;
                    vectors.push(load_row(b, access, &self.at(at, column, row), side, None)?);
                }
                Some(transpose::transposed(b, vectors)?)
            } else {
                None
            });
        }
        for lane in 0..side {
            let row = index_op(b, "arith.addi", row, b.index(lane as i64)?)?;
            let here = self.at(at, column, row);
            self.step(b, &here, side, &|input| transposed.get(input)?.as_ref().map(|vectors| vectors[lane]))?;
        }
        Ok(())
    }

    /// One iteration of the body, on vectors or scalars; `transposed` has the transposed inputs.
    fn step(
        &mut self,
        b: &Builder<'c>,
        at: &At<'c>,
        lanes: usize,
        transposed: &dyn Fn(usize) -> Option<Val<'c>>,
    ) -> Result<()> {
        let mut values: ValueMap<Val<'c>> = ValueMap::new();
        for (index, (access, argument)) in self.nest.accesses.iter().zip(block_args(self.nest.body)).enumerate() {
            let value = if let Some(value) = transposed(index) {
                value
            } else if !access.is_buffer {
                access.at.value
            } else if is_unused(argument) {
                continue;
            } else if lanes > 1 && access.position(self.tiles.along).is_some() {
                load_row(b, access, at, lanes, None)?
            } else {
                load(b, access, at)?
            };
            values.insert(argument, value);
        }
        let place = Place { at, along: self.tiles.along, lanes };
        let yielded = copy_body(b, self.functions, self.nest.body, &mut values, &place)?;
        for (access, value) in self.nest.outputs().iter().zip(yielded) {
            if lanes > 1 {
                store_row(b, access, at, broadcast(b, value, lanes)?, None)?;
            } else {
                store(b, access, at, value)?;
            }
        }
        Ok(())
    }
}
