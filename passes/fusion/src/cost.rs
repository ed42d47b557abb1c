//! The cost of a loop nest. Fusion compares the memory traffic it saves with the cost of bodies that no longer
//! vectorize.
//!
//! The unit is one scalar addition; dynamic extents have a nominal value. A cost has three parts:
//!
//! - the work of each body, per iteration of its loops; a body that does not depend on the inner loops is computed
//!   outside them;
//! - if bodies vectorize, a vector is one step, and the remainder of a row takes one vector per bit of its length;
//! - the bytes of each operand, once.

use crate::group::{Traffic, given};
use crate::nest::{Nest, Role, bytes};
use dp_loopnest::structured::Indexed;

/// The bytes that are moved in the time of one addition, which on vectors of 32 bytes is an eighth for
/// f32. Measured on the gradient of `examples/digits`: to compute an exponential once more costs more
/// than to store and read it, to take it out of long vectors into rows of ten costs less.
const BYTES: f64 = 4.0;

/// What a nest costs besides, in additions: its loops begin and end.
const NEST: f64 = 64.0;

/// The most work, in additions, that several readers do again each for itself.
pub(crate) const AGAIN: u64 = 8;

/// The most bodies in a nest, so that weighing one takes bounded time.
pub(crate) const PIECES: usize = 64;

/// The most operands of a nest: more than these streams do not go along together.
pub(crate) const OPERANDS: usize = 16;

/// The CPU, as far as it matters here.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// The bytes of a vector.
    pub vector_bytes: u64,
}

impl Machine {
    /// Vectors that a row of elements takes.
    fn steps(self, row: u64, lanes: u64) -> u64 {
        let rest = row % lanes;
        // Under masks, what is left is one vector.
        let last = if self.vector_bytes >= 64 { rest.min(1) } else { u64::from(rest.count_ones()) };
        row / lanes + last
    }
}

/// The cost of a unit, given what it reads and leaves.
pub(crate) fn cost(traffic: &Traffic, nests: &[Option<Nest>], rank: usize, machine: Machine) -> f64 {
    let shape = Shape::of(traffic, nests, rank);
    let along = shape.along();
    let row = along.map(|dim| {
        let widest = shape.accesses.iter().filter(|access| access.at.loops.contains(&dim)).map(|access| access.bytes);
        let lanes = (machine.vector_bytes / widest.max().unwrap_or(8)).max(1);
        let row = shape.row(dim);
        machine.steps(row, lanes) as f64 / row.max(1) as f64
    });
    let mut order: Vec<usize> = (0..rank).filter(|dim| along != Some(*dim)).collect();
    order.extend(along);
    let mut total = NEST;
    for piece in &traffic.pieces {
        let Some(nest) = &nests[piece.nest] else { continue };
        let inner = order.iter().rposition(|dim| piece.loops.contains(dim)).map_or(0, |last| last + 1);
        let times: f64 = order[..inner].iter().map(|dim| shape.extents[*dim] as f64).product();
        let on_vectors = along.is_some_and(|dim| piece.loops.contains(&dim));
        total += nest.work as f64 * times * if on_vectors { row.unwrap_or(1.0) } else { 1.0 };
    }
    for access in &shape.accesses {
        let elements: f64 = access.at.loops.iter().map(|dim| shape.extents[*dim] as f64).product();
        let moves = if access.reduces.is_some() { 2.0 } else { 1.0 };
        total += elements * moves * access.bytes as f64 / BYTES;
    }
    total
}

/// An operand, as vectors see it.
struct Access<'c> {
    at: Indexed<'c>,
    bytes: u64,
    /// For what is reduced: whether it may be regrouped.
    reduces: Option<bool>,
}

/// The loops of a unit and what they touch.
struct Shape<'c> {
    extents: Vec<u64>,
    reduces: Vec<bool>,
    accesses: Vec<Access<'c>>,
    asks_position: bool,
    widens: bool,
}

impl<'c> Shape<'c> {
    fn of(traffic: &Traffic<'c>, nests: &[Option<Nest<'c>>], rank: usize) -> Self {
        let mut shape = Shape {
            extents: vec![1; rank],
            reduces: vec![false; rank],
            accesses: Vec::new(),
            asks_position: false,
            widens: true,
        };
        for piece in &traffic.pieces {
            let Some(nest) = &nests[piece.nest] else { continue };
            for (dim, to) in piece.loops.iter().enumerate() {
                shape.extents[*to] = nest.extents[dim];
                shape.reduces[*to] |= nest.reduces[dim];
            }
            shape.asks_position |= nest.asks_position;
            shape.widens &= nest.widens;
        }
        for input in &traffic.inputs {
            shape.accesses.push(Access { at: input.clone(), bytes: bytes(input.value), reduces: None });
        }
        for (piece, slot) in &traffic.outputs {
            let piece = &traffic.pieces[*piece];
            let Some(nest) = &nests[piece.nest] else { continue };
            let output = &nest.outputs[*slot];
            let reduces = match output.role {
                Role::Elementwise => None,
                Role::Reduced { regroups } => Some(regroups),
            };
            let at = Indexed { value: output.result, loops: given(piece, output).1 };
            shape.accesses.push(Access { bytes: bytes(output.result), at, reduces });
        }
        shape
    }

    /// The loop that vectors run along: the last along which every operand is one element or a row of
    /// neighbours, and along which sums may be regrouped.
    fn along(&self) -> Option<usize> {
        let suits = |access: &Access, dim: usize| match access.at.loops.iter().position(|of| *of == dim) {
            None => access.reduces != Some(false),
            Some(position) => position + 1 == access.at.loops.len(),
        };
        let dims = (0..self.extents.len()).rev();
        dims.into_iter().find(|dim| self.widens && self.accesses.iter().all(|access| suits(access, *dim)))
    }

    /// How long rows along a loop are, when the loops around it are one with it where memory has no gaps.
    fn row(&self, dim: usize) -> u64 {
        let mut row = self.extents[dim];
        let mut inner = dim;
        while inner > 0 && !self.asks_position && self.reduces[inner - 1] == self.reduces[inner] {
            let merges = |access: &Access| {
                let at = |dim: usize| access.at.loops.iter().position(|of| *of == dim);
                match (at(inner - 1), at(inner)) {
                    (None, None) => true,
                    (Some(outer), Some(inner)) => inner == outer + 1,
                    _ => false,
                }
            };
            if !self.accesses.iter().all(merges) {
                break;
            }
            inner -= 1;
            row = row.saturating_mul(self.extents[inner]);
        }
        row
    }
}
