//! The choice of the loop to vectorize.

use super::widen::Functions;
use dp_dialects::ir::{Op, block_args, block_ops, defining_op, operands, results, users};
use dp_loopnest::nest::{Access, Layout, Nest};
use dp_loopnest::structured::Index;
use melior::ir::Type;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// The CPU's vectors.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    /// Their bytes.
    pub bytes: usize,
}

impl Machine {
    /// Whether loads and stores under a mask cost what plain ones do: with AVX-512.
    pub(super) fn masks(self) -> bool {
        self.bytes >= 64
    }
}

/// With what the lanes of a partial reduction begin.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// What the output holds, in every lane: for operations that are idempotent.
    Output,
    /// The operation's identity.
    Number(&'static str),
}

/// An operation that may combine partial results in any order.
pub(super) struct Combiner {
    /// On numbers.
    pub name: &'static str,
    /// Across the lanes of a vector.
    pub kind: &'static str,
    /// The lanes' first values.
    pub start: Start,
}

const COMBINERS: &[Combiner] = &[
    // Not 0.0, to which -0.0 may be added without change, but not the other way.
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
    /// A vector at each step.
    Row,
    /// Once, after all steps; the operation combines what the lanes hold.
    Reduced(Op<'c>, &'static Combiner),
}

/// A nest's loop of vectors.
pub(super) struct VectorPlan<'c> {
    /// The loop that is innermost and walked by vectors.
    pub dim: usize,
    /// Elements in a vector.
    pub lanes: usize,
    /// How each output is written.
    pub outputs: Vec<Output<'c>>,
    /// Vectors that are under way at once in a reduction, so that each need not wait for the last.
    pub interleaved: usize,
}

/// How many vectors of partial results a reduction has whose body is short: additions take four
/// cycles, and two can begin in each.
const INTERLEAVED: usize = 4;

/// The longest body, in operations, of a reduction that is interleaved: longer ones keep the
/// CPU busy as they are.
const SHORT: usize = 8;

/// The last loop that vectors can run along, with what that takes.
pub(super) fn plan<'c>(nest: &Nest<'c>, machine: Machine, functions: &mut Functions<'c>) -> Option<VectorPlan<'c>> {
    if !block_ops(nest.body).into_iter().all(|op| functions.op_widens(op)) {
        return None;
    }
    let is_short = functions.weight(nest.body) <= SHORT;
    (0..nest.reduces.len()).rev().find_map(|dim| along(nest, machine, dim, is_short))
}

fn along<'c>(nest: &Nest<'c>, machine: Machine, dim: usize, is_short: bool) -> Option<VectorPlan<'c>> {
    if !nest.accesses.iter().all(|access| suits(access, dim)) {
        return None;
    }
    let outputs = (0..nest.outputs().len()).map(|index| output(nest, index, dim)).collect::<Option<Vec<_>>>()?;
    let moving = nest.accesses.iter().filter(|access| access.position(dim).is_some());
    let held = nest.outputs().iter().filter(|access| access.position(dim).is_none());
    let widest = moving.chain(held).filter_map(|access| bytes(access.element)).max()?;
    let extent = if let Index::Known(extent) = nest.extents[dim] { Some(extent as usize) } else { None };
    let mut lanes = machine.bytes / widest;
    if let (Some(extent), false) = (extent, machine.masks()) {
        // Where there are no masks, short rows have shorter vectors.
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
    let apart = combines && once(users(held)) && once(users(results(op)[0]));
    (apart && is_regrouped(op)).then_some(Output::Reduced(op, combiner))
}

/// Whether an operation may be applied in another order: sums and products of floats where that is
/// said, all else always.
fn is_regrouped(op: Op) -> bool {
    let name = op.name();
    let rounds = matches!(name.as_string_ref().as_str(), Ok("arith.addf" | "arith.mulf"));
    let said = || {
        op.attribute("fastmath").is_ok_and(|flags| {
            let flags = flags.to_string();
            flags.contains("reassoc") || flags.contains("fast>")
        })
    };
    !rounds || said()
}

/// Whether an operand is one element for all steps of a loop, or neighbours in memory.
fn suits(access: &Access, dim: usize) -> bool {
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

/// The bytes of an element in memory; `None` for complex numbers, of which there are no vectors.
pub(super) fn bytes(element: Type) -> Option<usize> {
    ["i1", "i8", "i16", "i32", "i64", "f16", "bf16", "f32", "f64"]
        .into_iter()
        .zip([1, 1, 2, 4, 8, 2, 2, 4, 8])
        .find(|(name, _)| element.to_string() == *name)
        .map(|(_, bytes)| bytes)
}
