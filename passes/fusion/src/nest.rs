//! A structured operation on tensors, as a loop nest.

use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, block_args, block_ops, defining_op, is_pure, is_unused, key, operands, region_block,
    results, users, walk,
};
use dp_dialects::marks::REGROUPED;
use dp_dialects::{OpKind, ValueType};
use dp_loopnest::structured::{Indexed, is_named, map_dims};
use dp_terms::cost;
use melior::ir::ValueLike;
use melior::ir::attribute::ArrayAttribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// A loop nest around a body: `linalg.generic` or `linalg.fill`.
pub(crate) struct Nest<'c> {
    /// The operation.
    pub op: Op<'c>,
    /// The inputs; a scalar has no loops.
    pub inputs: Vec<Indexed<'c>>,
    /// The outputs with their initial tensors.
    pub outputs: Vec<Output<'c>>,
    /// Whether each loop is a reduction.
    pub reduces: Vec<bool>,
    /// The trip counts; dynamic ones are nominal.
    pub extents: Vec<u64>,
    /// The body: one argument per input, then one per output.
    pub body: Blk<'c>,
    /// The work of the body, in additions.
    pub work: u64,
    /// Whether the body uses loop indices.
    pub uses_indices: bool,
    /// Whether the body vectorizes.
    pub vectorizes: bool,
    /// Outside values that the body uses.
    pub outside: Vec<Val<'c>>,
}

/// An output of a nest.
#[derive(Clone)]
pub(crate) struct Output<'c> {
    /// The initial tensor, and the loops that index its dimensions.
    pub initial: Indexed<'c>,
    /// The result.
    pub result: Val<'c>,
    /// How it is computed.
    pub role: Role,
    /// Whether the body reads the initial value.
    pub reads_initial: bool,
}

/// How an output is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Each element is computed by one iteration.
    Elementwise,
    /// Several iterations combine in one element.
    Reduced {
        /// Whether partial results may be regrouped.
        regroups: bool,
    },
}

impl<'c> Nest<'c> {
    /// Reads an operation; `None` if it is not a plain nest without side effects. `strict` keeps the order of
    /// floating-point sums and products.
    pub(crate) fn read(op: Op<'c>, strict: bool) -> Option<Self> {
        let is_fill = is_named(op, "linalg.fill");
        if !(is_fill || is_named(op, "linalg.generic")) || op.result_count() == 0 || !is_pure(op) {
            return None;
        }
        let body = region_block(op, 0)?;
        let ops = block_ops(body);
        if ops.iter().any(|op| op.region_count() > 0 && holds_position(*op)) {
            return None;
        }
        let yields: Vec<Val> = operands(body.terminator().map(as_op)?);
        let values = operands(op);
        let mut accesses: Vec<Indexed> = Vec::new();
        for (index, value) in values.iter().enumerate() {
            let of = ValueType::of(value.r#type())?;
            let loops = if is_fill {
                (0..of.rank()).collect()
            } else {
                map_dims(array(op, "indexing_maps")?.element(index).ok()?)?
            };
            accesses.push(Indexed { value: *value, loops });
        }
        let outputs = accesses.split_off(values.len() - yields.len());
        let reduces: Vec<bool> = match array(op, "iterator_types") {
            Some(kinds) => {
                let kind = |index| kinds.element(index).map(|kind| kind.to_string().contains("reduction"));
                (0..kinds.len()).map(kind).collect::<Result<_, _>>().ok()?
            }
            None => vec![false; outputs.first()?.loops.len()],
        };
        let arguments = block_args(body);
        let outputs: Vec<Output> = outputs
            .into_iter()
            .enumerate()
            .map(|(index, initial)| {
                let held = arguments[accesses.len() + index];
                let is_elementwise = covers(&initial.loops, reduces.len());
                let role = if is_elementwise {
                    Role::Elementwise
                } else {
                    Role::Reduced { regroups: regroups(yields[index], held, strict) }
                };
                Output { initial, result: results(op)[index], role, reads_initial: !is_unused(held) }
            })
            .collect();
        let mut extents = vec![None; reduces.len()];
        for access in accesses.iter().chain(outputs.iter().map(|output| &output.initial)) {
            let of = ValueType::of(access.value.r#type())?;
            for (dim, extent) in access.loops.iter().zip(of.extents()) {
                extents[*dim] = extents[*dim].or(*extent);
            }
        }
        Some(Nest {
            op,
            inputs: accesses,
            outputs,
            reduces,
            extents: extents.into_iter().map(|extent| extent.unwrap_or(cost::NOMINAL)).collect(),
            body,
            work: work(&ops),
            uses_indices: ops.iter().any(|op| is_named(*op, "linalg.index")),
            vectorizes: ops.iter().all(|op| vectorizes(*op)),
            outside: outside(op),
        })
    }

    /// Whether each result is elementwise and computed from inputs only.
    pub(crate) fn is_elementwise(&self) -> bool {
        self.outputs.iter().all(|output| output.role == Role::Elementwise && !output.reads_initial)
    }

    /// Values used other than as inputs: initial tensors, and outside values of the body.
    pub(crate) fn used_otherwise(&self) -> impl Iterator<Item = Val<'c>> {
        self.outputs.iter().map(|output| output.initial.value).chain(self.outside.iter().copied())
    }

    /// The tensors that outputs update in place.
    pub(crate) fn updates(&self) -> impl Iterator<Item = Val<'c>> {
        let fresh = |value: Val<'c>| {
            defining_op(value).is_some_and(|op| is_named(op, "tensor.empty") || is_named(op, "linalg.fill"))
        };
        self.outputs.iter().map(|output| output.initial.value).filter(move |value| !fresh(*value))
    }
}

/// Whether an operand is indexed by all loops, each once.
pub(crate) fn covers(loops: &[usize], rank: usize) -> bool {
    loops.len() == rank && (0..rank).all(|dim| loops.contains(&dim))
}

fn as_op<'c>(op: melior::ir::operation::OperationRef<'c, '_>) -> Op<'c> {
    // SAFETY: the operation lives as long as its block, which lives for the pass.
    unsafe { melior::ir::operation::OperationRef::from_raw(op.to_raw()) }
}

fn array<'c>(op: Op<'c>, name: &str) -> Option<ArrayAttribute<'c>> {
    op.attribute(name).ok().and_then(|list| ArrayAttribute::try_from(list).ok())
}

/// Whether the partial results of an output may be regrouped.
fn regroups(yielded: Val, held: Val, strict: bool) -> bool {
    let Some(op) = defining_op(yielded).filter(|op| REGROUPED.is_on(*op)) else { return false };
    let is_apart = users(held).len() == 1 && operands(op).contains(&held);
    let is_float = ValueType::of(yielded.r#type()).is_some_and(|of| of.dtype.is_float() || of.dtype.is_complex());
    let rounds = is_float && matches!(OpKind::of(op), Some(OpKind::ScalarAdd | OpKind::ScalarMul));
    is_apart && !(strict && rounds)
}

/// The work of a body, in additions. Index arithmetic is free.
fn work(ops: &[Op]) -> u64 {
    let mut positions = ValueSet::default();
    let mut total = 0;
    for op in ops {
        let follows = op.operand_count() > 0 && operands(*op).into_iter().all(|value| positions.contains(value));
        if follows || is_named(*op, "linalg.index") {
            positions.extend(results(*op));
        } else if !is_named(*op, "linalg.yield") {
            total += OpKind::of(*op).map_or(1, |kind| kind.entry().work.per_element());
        }
    }
    total
}

/// Whether an operation of a body has a vector form.
fn vectorizes(op: Op) -> bool {
    let is_number =
        |value: Val| ValueType::of(value.r#type()).is_some_and(|of| !of.is_tensor() && !of.dtype.is_complex());
    let kind = OpKind::of(op);
    let is_known = kind.is_some_and(|kind| matches!(kind.dialect(), "scalar" | "arith"));
    (is_known || is_named(op, "linalg.yield") || is_named(op, "linalg.index"))
        && op.region_count() == 0
        && operands(op).into_iter().chain(results(op)).all(is_number)
}

/// Whether an operation, or one nested in it, uses loop indices.
fn holds_position(op: Op) -> bool {
    let mut found = false;
    walk(op, &mut |op| found |= is_named(op, "linalg.index"));
    found
}

/// The outside values that the regions of an operation use, without duplicates.
pub(crate) fn outside<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    if op.region_count() == 0 {
        return Vec::new();
    }
    let mut inside: HashSet<usize> = HashSet::new();
    let mut used: Vec<Val> = Vec::new();
    walk(op, &mut |inner| {
        inside.extend(results(inner).into_iter().map(key));
        for region in inner.regions() {
            let mut next = melior::ir::RegionLike::first_block(&region);
            while let Some(block) = next {
                inside.extend(block_args(block).into_iter().map(key));
                next = block.next_in_region();
            }
        }
        if inner != op {
            used.extend(operands(inner));
        }
    });
    let mut seen = HashSet::new();
    used.retain(|value| !inside.contains(&key(*value)) && seen.insert(key(*value)));
    used
}

/// The bytes of an element in memory.
pub(crate) fn bytes(value: Val) -> u64 {
    ValueType::of(value.r#type()).map_or(8, |of| u64::from(of.dtype.bits()).div_ceil(8))
}

/// Whether a value is a tensor.
pub(crate) fn is_tensor(value: Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|of| of.is_tensor())
}
