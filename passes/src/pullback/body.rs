//! The operations of a function that computes results and applies their pullback, and which of them each half needs.

use crate::flow::{Network, UNCUT};
use dp_dialects::ir::{
    Op, Val, ValueMap, block_args, block_ops, is_pure, is_unused, operands, region_block, results, value_block, walk,
};
use dp_dialects::{Diagnostic, OpKind, Result, ValueType};
use melior::ir::ValueLike;
use std::collections::BTreeSet;

/// Programs with more operations keep all that crosses: the time of a minimum cut is not linear.
const LARGEST: usize = 20_000;

/// What a dynamic extent counts as in the size of a residual.
const OPEN_EXTENT: u64 = 1024;

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// An argument.
    Argument(usize),
    /// A result of an operation: the index of the operation, and that of the result.
    Result(usize, usize),
}

/// The body of a function: arguments, then cotangents; results, then cotangents of arguments.
pub(super) struct Body<'c> {
    pub(super) arguments: Vec<Val<'c>>,
    /// The number of arguments before the cotangents.
    primal: usize,
    /// Without the terminator.
    pub(super) ops: Vec<Op<'c>>,
    pub(super) terminator: Op<'c>,
    /// What each operation uses, in its regions too.
    uses: Vec<BTreeSet<Source>>,
    results: Vec<Source>,
    cotangents: Vec<Source>,
    /// Whether an operation depends on a cotangent.
    depends: Vec<bool>,
}

/// What each half computes, by the index of the operation, and what it keeps.
pub(super) struct Halves {
    pub(super) vjp: Vec<bool>,
    pub(super) pull: Vec<bool>,
    pub(super) kept: Vec<Source>,
}

/// Whether an operation reads only the extent of a tensor.
pub(super) fn is_extent(op: Op) -> bool {
    OpKind::of(op) == Some(OpKind::TensorDim)
}

/// Whether an operation is computed again instead of keeping its result.
fn is_free(op: Op) -> bool {
    OpKind::of(op).is_some_and(|kind| kind.entry().is_free) && is_pure(op)
}

impl<'c> Body<'c> {
    /// Reads a function with this many results and primal arguments. `shapes` are the arguments whose extents the
    /// pullback knows in any case.
    pub(super) fn of(function: Op<'c>, results_count: usize, primal: usize, shapes: &[usize]) -> Result<Self> {
        let block = region_block(function, 0).ok_or_else(|| Diagnostic::internal("internal error: no body"))?;
        let arguments = block_args(block);
        let mut ops = block_ops(block);
        let terminator = ops.pop().filter(|op| OpKind::of(*op) == Some(OpKind::FuncReturn));
        let terminator = terminator.ok_or_else(|| {
            Diagnostic::unsupported("unstructured control flow is not supported here")
                .help("run 'lift-cf-to-scf' first")
        })?;
        let mut sources = ValueMap::new();
        for (index, argument) in arguments.iter().enumerate() {
            sources.insert(*argument, Source::Argument(index));
        }
        for (index, op) in ops.iter().enumerate() {
            for (place, value) in results(*op).into_iter().enumerate() {
                sources.insert(value, Source::Result(index, place));
            }
        }
        let is_shape = |value: &Val| shapes.iter().any(|shape| arguments[*shape] == *value);
        let uses: Vec<BTreeSet<Source>> = (ops.iter())
            .map(|op| {
                let mut used = BTreeSet::new();
                walk(*op, &mut |inner| {
                    let of = operands(inner).into_iter();
                    let of = of.filter(|value| !(is_extent(inner) && is_shape(value)));
                    let of = of.filter(|value| value_block(*value) == Some(block));
                    used.extend(of.filter_map(|value| sources.get(value).copied()));
                });
                used
            })
            .collect();
        let returned: Vec<Source> =
            operands(terminator).into_iter().filter_map(|value| sources.get(value).copied()).collect();
        let (results, cotangents) = returned.split_at(results_count);
        let mut body = Body {
            arguments,
            primal,
            terminator,
            results: results.to_vec(),
            cotangents: cotangents.to_vec(),
            depends: Vec::new(),
            ops,
            uses,
        };
        for index in 0..body.ops.len() {
            let depends = body.uses[index].iter().any(|source| body.is_cotangent(*source));
            body.depends.push(depends);
        }
        if body.results.iter().any(|source| body.is_cotangent(*source)) {
            return Err(Diagnostic::unsupported(
                "a result is computed together with a cotangent, so that a pullback cannot be separated",
            ));
        }
        Ok(body)
    }

    /// Whether a value is a cotangent, or depends on one.
    fn is_cotangent(&self, source: Source) -> bool {
        match source {
            Source::Argument(index) => index >= self.primal,
            Source::Result(op, _) => self.depends[op],
        }
    }

    /// The value of a source.
    pub(super) fn value(&self, source: Source) -> Val<'c> {
        match source {
            Source::Argument(index) => self.arguments[index],
            Source::Result(op, place) => results(self.ops[op])[place],
        }
    }

    /// Divides the operations.
    pub(super) fn halves(&self) -> Halves {
        let in_pull = if self.ops.len() > LARGEST { self.without_cut() } else { self.cut() };
        let count = self.ops.len();
        let mut pull = vec![false; count];
        let mut kept = BTreeSet::new();
        let effects = (0..count).filter(|op| self.depends[*op] && !is_pure(self.ops[*op]));
        let mut pending: Vec<Source> = self.cotangents.clone();
        for op in effects {
            pull[op] = true;
            pending.extend(&self.uses[op]);
        }
        while let Some(source) = pending.pop() {
            match source {
                Source::Argument(index) if index >= self.primal => {}
                Source::Result(op, _) if in_pull[op] => {
                    if !std::mem::replace(&mut pull[op], true) {
                        pending.extend(&self.uses[op]);
                    }
                }
                Source::Argument(_) | Source::Result(..) => {
                    kept.insert(source);
                }
            }
        }
        let mut vjp = vec![false; count];
        let mut pending: Vec<Source> = self.results.iter().chain(&kept).copied().collect();
        for op in (0..count).filter(|op| !in_pull[*op] && !is_pure(self.ops[*op])) {
            vjp[op] = true;
            pending.extend(&self.uses[op]);
        }
        while let Some(source) = pending.pop() {
            if let Source::Result(op, _) = source
                && !std::mem::replace(&mut vjp[op], true)
            {
                pending.extend(&self.uses[op]);
            }
        }
        Halves { vjp, pull, kept: kept.into_iter().collect() }
    }

    /// The operations of the pullback if it keeps every value that it uses, except for constants and what follows from
    /// them and from known extents.
    fn without_cut(&self) -> Vec<bool> {
        let mut in_pull: Vec<bool> = Vec::new();
        for (index, op) in self.ops.iter().enumerate() {
            let is_known = |source: &Source| matches!(source, Source::Result(op, _) if in_pull[*op]);
            in_pull.push(self.depends[index] || is_free(*op) && self.uses[index].iter().all(is_known));
        }
        in_pull
    }

    /// The operations of the pullback, by a minimum cut between what the results need and what depends on cotangents. A
    /// node on the source's side is computed by `f_vjp`, and what crosses is kept: the capacity of a value is its size.
    /// Of two cuts of the same size, the one in which the pullback computes less. An operation that `f_vjp` needs is
    /// computed a second time only if it is free; then it has two nodes, one for each half.
    fn cut(&self) -> Vec<bool> {
        let (source, sink, first) = (0, 1, 2);
        let mut network = Network::new(first + self.ops.len());
        // For `f_vjp`.
        let needed: Vec<usize> =
            (0..self.ops.len()).map(|op| if is_free(self.ops[op]) { network.node() } else { first + op }).collect();
        let mut values = std::collections::BTreeMap::new();
        let used = self.uses.iter().flatten().chain(&self.cotangents).copied().collect::<BTreeSet<Source>>();
        for value in used {
            let from = match value {
                Source::Argument(index) if index >= self.primal => continue,
                Source::Argument(_) => source,
                Source::Result(op, _) => first + op,
            };
            let node = network.node();
            network.edge(from, node, size(self.value(value)));
            values.insert(value, node);
        }
        for (op, uses) in self.uses.iter().enumerate() {
            for value in uses {
                if let Some(node) = values.get(value) {
                    network.edge(*node, first + op, UNCUT);
                }
                if let (Source::Result(by, _), false) = (value, self.depends[op]) {
                    network.edge(needed[op], needed[*by], UNCUT);
                }
            }
            if self.depends[op] {
                network.edge(first + op, sink, UNCUT);
                continue;
            }
            if needed[op] != first + op {
                network.edge(first + op, needed[op], UNCUT);
            }
            let is_effect = !is_pure(self.ops[op]) && results(self.ops[op]).into_iter().all(is_unused);
            if is_effect {
                network.edge(source, first + op, UNCUT);
            }
        }
        for value in &self.results {
            if let Source::Result(op, _) = value {
                network.edge(source, needed[*op], UNCUT);
            }
        }
        for value in &self.cotangents {
            if let Some(node) = values.get(value) {
                network.edge(*node, sink, UNCUT);
            }
        }
        let in_pull = network.sink_side(source, sink);
        // What reaches neither side, such as a constant, can be in the pullback.
        (0..self.ops.len()).map(|op| in_pull[first + op]).collect()
    }
}

/// The size of a value in bytes; a value that cannot be kept has the largest one.
fn size(value: Val) -> u64 {
    let largest = UNCUT >> 20;
    let Some(of) = ValueType::of(value.r#type()) else { return largest };
    let extents = of.shape.iter().flatten().map(|extent| extent.unwrap_or(OPEN_EXTENT));
    let elements = extents.fold(1, u64::saturating_mul);
    // An empty tensor has its extents.
    elements.saturating_mul(of.dtype.size() as u64).clamp(1, largest - 1)
}
