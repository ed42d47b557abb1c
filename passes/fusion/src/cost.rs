//! The cost of a loop nest. Fusion compares the memory traffic it saves with the cost of bodies that no longer
//! vectorize.
//!
//! The unit is one scalar addition; dynamic extents have a nominal value. A cost has three parts:
//!
//! - the work of each body, per iteration of its loops; a body that does not depend on the inner loops is computed
//!   outside them;
//! - if bodies vectorize, a vector is one step, and the remainder of a row takes one vector per bit of its length;
//! - the bytes of each operand, once.

use crate::group::{Traffic, written_element};
use crate::nest::{Nest, Role, bytes};
use dp_loopnest::structured::Indexed;

/// The bytes moved in the time of one addition, which takes an eighth of a 32-byte vector operation for f32. Measured
/// on the gradient of `examples/digits`: recomputing an exponential costs more than storing and loading it; moving one
/// from long vectors to rows of ten costs less.
const BYTES: f64 = 4.0;

/// The overhead of a nest, in additions.
const NEST: f64 = 64.0;

/// The maximum work, in additions, that is recomputed in several consumers.
pub(crate) const MAX_REPEATED_WORK: u64 = 8;

/// The maximum number of bodies in a nest, so that evaluating one takes bounded time.
pub(crate) const MAX_MEMBERS: usize = 64;

/// The maximum number of operands of a nest: more memory streams slow each other down.
pub(crate) const MAX_OPERANDS: usize = 16;

/// CPU parameters of the cost model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// The vector width in bytes.
    pub vector_bytes: u64,
}

impl Machine {
    /// The number of vectors in a row of elements.
    fn steps(self, row: u64, lanes: u64) -> u64 {
        let rest = row % lanes;
        // With masks, the remainder is one vector.
        let last = if self.vector_bytes >= 64 { rest.min(1) } else { u64::from(rest.count_ones()) };
        row / lanes + last
    }
}

/// The cost of a group with the given memory traffic.
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
    for member in &traffic.members {
        let Some(nest) = &nests[member.nest] else { continue };
        let inner = order.iter().rposition(|dim| member.loops.contains(dim)).map_or(0, |last| last + 1);
        let times: f64 = order[..inner].iter().map(|dim| shape.extents[*dim] as f64).product();
        let on_vectors = along.is_some_and(|dim| member.loops.contains(&dim));
        total += nest.work as f64 * times * if on_vectors { row.unwrap_or(1.0) } else { 1.0 };
    }
    for access in &shape.accesses {
        let elements: f64 = access.at.loops.iter().map(|dim| shape.extents[*dim] as f64).product();
        let moves = if access.reduces.is_some() { 2.0 } else { 1.0 };
        total += elements * moves * access.bytes as f64 / BYTES;
    }
    total
}

/// An operand, for vectorization.
struct Access<'c> {
    at: Indexed<'c>,
    bytes: u64,
    /// For a reduction: whether it may be regrouped.
    reduces: Option<bool>,
}

/// The loops of a group and their operands.
struct Shape<'c> {
    extents: Vec<u64>,
    reduces: Vec<bool>,
    accesses: Vec<Access<'c>>,
    uses_indices: bool,
    vectorizes: bool,
}

impl<'c> Shape<'c> {
    fn of(traffic: &Traffic<'c>, nests: &[Option<Nest<'c>>], rank: usize) -> Self {
        let mut shape = Shape {
            extents: vec![1; rank],
            reduces: vec![false; rank],
            accesses: Vec::new(),
            uses_indices: false,
            vectorizes: true,
        };
        for member in &traffic.members {
            let Some(nest) = &nests[member.nest] else { continue };
            for (dim, to) in member.loops.iter().enumerate() {
                shape.extents[*to] = nest.extents[dim];
                shape.reduces[*to] |= nest.reduces[dim];
            }
            shape.uses_indices |= nest.uses_indices;
            shape.vectorizes &= nest.vectorizes;
        }
        for input in &traffic.inputs {
            shape.accesses.push(Access { at: input.clone(), bytes: bytes(input.value), reduces: None });
        }
        for (member, slot) in &traffic.outputs {
            let member = &traffic.members[*member];
            let Some(nest) = &nests[member.nest] else { continue };
            let output = &nest.outputs[*slot];
            let reduces = match output.role {
                Role::Elementwise => None,
                Role::Reduced { regroups } => Some(regroups),
            };
            let at = Indexed { value: output.result, loops: written_element(member, output).1 };
            shape.accesses.push(Access { bytes: bytes(output.result), at, reduces });
        }
        shape
    }

    /// The loop to vectorize: the last one along which every operand is uniform or contiguous, and along which
    /// reductions may be regrouped.
    fn along(&self) -> Option<usize> {
        let suits = |access: &Access, dim: usize| match access.at.loops.iter().position(|of| *of == dim) {
            None => access.reduces != Some(false),
            Some(position) => position + 1 == access.at.loops.len(),
        };
        let dims = (0..self.extents.len()).rev();
        dims.into_iter().find(|dim| self.vectorizes && self.accesses.iter().all(|access| suits(access, *dim)))
    }

    /// The length of contiguous rows along a loop, including outer loops that continue them in memory.
    fn row(&self, dim: usize) -> u64 {
        let mut row = self.extents[dim];
        let mut inner = dim;
        while inner > 0 && !self.uses_indices && self.reduces[inner - 1] == self.reduces[inner] {
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
