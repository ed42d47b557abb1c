//! A structured operation on tensors, read as a nest of loops.

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

/// A nest of loops around a body: `linalg.generic` or `linalg.fill`.
pub(crate) struct Nest<'c> {
    /// The operation.
    pub op: Op<'c>,
    /// What it reads; a number, which is no tensor, has no loops.
    pub inputs: Vec<Indexed<'c>>,
    /// What it computes, with the tensors that it starts from.
    pub outputs: Vec<Output<'c>>,
    /// Whether each loop reduces.
    pub reduces: Vec<bool>,
    /// The trip counts; what types do not say counts as nominal.
    pub extents: Vec<u64>,
    /// The body: an argument for each input, then for each output.
    pub body: Blk<'c>,
    /// What the body does, in additions.
    pub work: u64,
    /// Whether the body asks where it is.
    pub asks_position: bool,
    /// Whether the body has a form on vectors.
    pub widens: bool,
    /// Values that the body uses from outside.
    pub outside: Vec<Val<'c>>,
}

/// A result of a nest.
#[derive(Clone)]
pub(crate) struct Output<'c> {
    /// The tensor that it starts from, and which loops index its dimensions.
    pub initial: Indexed<'c>,
    /// The result.
    pub result: Val<'c>,
    /// How it comes about.
    pub role: Role,
    /// Whether the body reads what the output held before.
    pub reads_initial: bool,
}

/// How an output comes about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Every element is computed by one step of the loops, and no other step touches it.
    Elementwise,
    /// Several steps combine in one element; whether they may do so in any order.
    Reduced {
        /// Whether partial results may be regrouped.
        regroups: bool,
    },
}

impl<'c> Nest<'c> {
    /// Reads an operation; `None` for what is not a plain nest without effects. `strict` is whether
    /// sums and products of floats keep their order.
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
            asks_position: ops.iter().any(|op| is_named(*op, "linalg.index")),
            widens: ops.iter().all(|op| widens(*op)),
            outside: outside(op),
        })
    }

    /// Whether each of its results has all its elements computed by one step each, from its inputs.
    pub(crate) fn is_elementwise(&self) -> bool {
        self.outputs.iter().all(|output| output.role == Role::Elementwise && !output.reads_initial)
    }

    /// Values that it uses other than as inputs: what outputs start from, and what the body uses.
    pub(crate) fn used_otherwise(&self) -> impl Iterator<Item = Val<'c>> {
        self.outputs.iter().map(|output| output.initial.value).chain(self.outside.iter().copied())
    }

    /// The tensors that outputs go on from: their elements matter, and are written in place.
    pub(crate) fn updates(&self) -> impl Iterator<Item = Val<'c>> {
        let fresh = |value: Val<'c>| {
            defining_op(value).is_some_and(|op| is_named(op, "tensor.empty") || is_named(op, "linalg.fill"))
        };
        self.outputs.iter().map(|output| output.initial.value).filter(move |value| !fresh(*value))
    }
}

/// Whether an operand's dimensions are all of the loops, each once.
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

/// Whether the partial results that an output combines may be regrouped.
fn regroups(yielded: Val, held: Val, strict: bool) -> bool {
    let Some(op) = defining_op(yielded).filter(|op| REGROUPED.is_on(*op)) else { return false };
    let is_apart = users(held).len() == 1 && operands(op).contains(&held);
    let is_float = ValueType::of(yielded.r#type()).is_some_and(|of| of.dtype.is_float() || of.dtype.is_complex());
    let rounds = is_float && matches!(OpKind::of(op), Some(OpKind::ScalarAdd | OpKind::ScalarMul));
    is_apart && !(strict && rounds)
}

/// What a body costs, in additions. Arithmetic on positions alone comes with the loops.
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

/// Whether an operation of a body is one on numbers of which there are vectors.
fn widens(op: Op) -> bool {
    let is_number =
        |value: Val| ValueType::of(value.r#type()).is_some_and(|of| !of.is_tensor() && !of.dtype.is_complex());
    let kind = OpKind::of(op);
    let is_known = kind.is_some_and(|kind| matches!(kind.dialect(), "scalar" | "arith"));
    (is_known || is_named(op, "linalg.yield") || is_named(op, "linalg.index"))
        && op.region_count() == 0
        && operands(op).into_iter().chain(results(op)).all(is_number)
}

/// Whether an operation asks where it is, or one within.
fn holds_position(op: Op) -> bool {
    let mut found = false;
    walk(op, &mut |op| found |= is_named(op, "linalg.index"));
    found
}

/// The values from outside that the regions of an operation use, each once.
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
