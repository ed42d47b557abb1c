//! The choice of the loop to vectorize.

use super::vectorize::Functions;
use dp_dialects::ir::{Op, block_args, block_ops, defining_op, operands, results, users};
use dp_loopnest::nest::{Access, Layout, Nest};
use dp_loopnest::structured::Index;
use melior::ir::Type;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The vectors of the CPU.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    /// The vector width in bytes.
    pub bytes: usize,
}

impl Machine {
    /// Whether masked accesses are as fast as unmasked ones (AVX-512).
    pub(super) fn masks(self) -> bool {
        self.bytes >= 64
    }
}

/// The initial value of the lanes of a partial reduction.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// The value of the output, for idempotent operations.
    Output,
    /// The identity of the operation.
    Number(&'static str),
}

/// An operation whose partial results may be combined in any order.
pub(super) struct Combiner {
    /// The scalar operation.
    pub name: &'static str,
    /// The reduction across lanes.
    pub kind: &'static str,
    /// The initial value of the lanes.
    pub start: Start,
}

const COMBINERS: &[Combiner] = &[
    // Not 0.0: -0.0 is neutral for both zeros, 0.0 is not.
    Combiner { name: "arith.addf", kind: "add", start: Start::Number("-0.0") },
    Combiner { name: "arith.mulf", kind: "mul", start: Start::Number("1.0") },
    Combiner { name: "arith.maximumf", kind: "maximumf", start: Start::Output },
    Combiner { name: "arith.minimumf", kind: "minimumf", start: Start::Output },
    Combiner { name: "arith.addi", kind: "add", start: Start::Number("0") },
    Combiner { name: "arith.muli", kind: "mul", start: Start::Number("1") },
    Combiner { name: "arith.maxsi", kind: "maxsi", start: Start::Output },
    Combiner { name: "arith.minsi", kind: "minsi", start: Start::Output },
    Combiner { name: "arith.maxui", kind: "maxui", start: Start::Output },
    Combiner { name: "arith.minui", kind: "minui", start: Start::Output },
    Combiner { name: "arith.andi", kind: "and", start: Start::Output },
    Combiner { name: "arith.ori", kind: "or", start: Start::Output },
    Combiner { name: "arith.xori", kind: "xor", start: Start::Number("0") },
];

/// How an output is written.
#[derive(Clone, Copy)]
pub(super) enum Output<'c> {
    /// One vector per step.
    Row,
    /// Once, after all steps; the operation combines the lanes.
    Reduced(Op<'c>, &'static Combiner),
}

/// The vectorization of a nest.
pub(super) struct VectorPlan<'c> {
    /// The loop that becomes innermost and is vectorized.
    pub dim: usize,
    /// Lanes per vector.
    pub lanes: usize,
    /// How each output is written.
    pub outputs: Vec<Output<'c>>,
    /// The number of accumulators of a reduction, so that steps do not wait for each other.
    pub interleaved: usize,
}

/// The number of accumulators for short bodies: additions take four cycles, and two can start per cycle.
const INTERLEAVED: usize = 4;

/// The longest body of a reduction with several accumulators, in operations: longer ones keep the CPU busy.
const SHORT: usize = 8;

/// The last loop that can be vectorized, with its plan.
pub(super) fn plan<'c>(nest: &Nest<'c>, machine: Machine, functions: &mut Functions<'c>) -> Option<VectorPlan<'c>> {
    if !block_ops(nest.body).into_iter().all(|op| functions.is_vectorizable(op)) {
        return None;
    }
    let is_short = functions.weight(nest.body) <= SHORT;
    (0..nest.reduces.len()).rev().find_map(|dim| along(nest, machine, dim, is_short))
}

fn along<'c>(nest: &Nest<'c>, machine: Machine, dim: usize, is_short: bool) -> Option<VectorPlan<'c>> {
    if !nest.accesses.iter().all(|access| is_uniform_or_contiguous(access, dim)) {
        return None;
    }
    let outputs = (0..nest.outputs().len()).map(|index| output(nest, index, dim)).collect::<Option<Vec<_>>>()?;
    let moving = nest.accesses.iter().filter(|access| access.position(dim).is_some());
    let held = nest.outputs().iter().filter(|access| access.position(dim).is_none());
    let widest = moving.chain(held).filter_map(|access| bytes(access.element)).max()?;
    let extent = if let Index::Known(extent) = nest.extents[dim] { Some(extent as usize) } else { None };
    let mut lanes = machine.bytes / widest;
    if let (Some(extent), false) = (extent, machine.masks()) {
        // Without masks, short rows use shorter vectors.
        while lanes > extent {
            lanes /= 2;
        }
    }
    if lanes < 2 || extent.is_some_and(|extent| extent < 2) {
        return None;
    }
    let reduces = outputs.iter().any(|output| matches!(output, Output::Reduced(..)));
    let is_long = extent.is_none_or(|extent| extent >= 2 * INTERLEAVED * lanes);
    let interleaved = if reduces && is_long && is_short { INTERLEAVED } else { 1 };
    Some(VectorPlan { dim, lanes, outputs, interleaved })
}

fn output<'c>(nest: &Nest<'c>, index: usize, dim: usize) -> Option<Output<'c>> {
    if nest.outputs()[index].position(dim).is_some() {
        return Some(Output::Row);
    }
    let held = block_args(nest.body)[nest.inputs + index];
    let last = nest.body.terminator()?;
    let value = last.operand(index).ok()?;
    let op = defining_op(value).filter(|op| op.block() == Some(nest.body))?;
    let name = op.name();
    let combiner = COMBINERS.iter().find(|row| name.as_string_ref().as_str() == Ok(row.name))?;
    let (of, once) = (operands(op), |users: Vec<Op>| users.len() == 1);
    let combines = of.iter().filter(|operand| **operand == held).count() == 1;
    let is_separate = combines && once(users(held)) && once(users(results(op)[0]));
    (is_separate && is_regrouped(op)).then_some(Output::Reduced(op, combiner))
}

/// Whether an operation may be reordered: floating-point sums and products only if permitted.
fn is_regrouped(op: Op) -> bool {
    let name = op.name();
    let rounds = matches!(name.as_string_ref().as_str(), Ok("arith.addf" | "arith.mulf"));
    let is_allowed = || {
        op.attribute("fastmath").is_ok_and(|flags| {
            let flags = flags.to_string();
            flags.contains("reassoc") || flags.contains("fast>")
        })
    };
    !rounds || is_allowed()
}

/// Whether an operand is uniform or contiguous along a loop.
fn is_uniform_or_contiguous(access: &Access, dim: usize) -> bool {
    match access.position(dim) {
        None => true,
        Some(position) => {
            position + 1 == access.at.loops.len()
                && access.at.loops.iter().filter(|of| **of == dim).count() == 1
                && access.layout() >= Layout::Rows
                && bytes(access.element).is_some()
        }
    }
}

/// The size of an element in bytes; `None` for complex numbers, which have no vectors.
pub(super) fn bytes(element: Type) -> Option<usize> {
    ["i1", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"]
        .into_iter()
        .zip([1, 1, 2, 4, 8, 2, 2, 4, 8])
        .find(|(name, _)| element.to_string() == *name)
        .map(|(_, bytes)| bytes)
}
