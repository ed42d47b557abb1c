//! The plan of a loop body: which residuals are saved for each round, and which are computed again from others.
//!
//! Let R be the residuals. A needed value is either saved, at the cost of a store and a load of each element, or computed
//! again, at the cost of its operation; then the operands of the operation are needed too. What costs nothing (the round's
//! number, values from outside) ends the chain. The cheapest choice for all values at once is a least cut: with a node for
//! each value (needed on the source's side) and one for each operation (executed again on the source's side), there are
//! edges
//!
//! - from the source to each residual, unbounded;
//! - from a value to its operation, with the cost of saving the value;
//! - from an operation to the sink, with the cost of executing it;
//! - from an operation to each operand, unbounded.
//!
//! So a saved value that frees others of being saved is found, which a choice for one value at a time does not see.

use dp_dialects::ir::{Op, Val, ValueMap, defining_op, is_pure, operands};
use dp_dialects::{OpKind, ScalarType, ValueType};
use dp_passes::flow::{Network, UNCUT};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// The additions for each element that cost no more than to save it and to load it again.
const SAVE: u64 = 4;

/// The same for integers and booleans. These are rarely the only ones that a tape is made for, and shifts, masks and
/// comparisons of an iteration number come in chains.
const SAVE_INTEGER: u64 = 16;

/// The additions that cost no more than to read an element of a tensor again.
const READ: u64 = 1;

/// The extent that is assumed for one that is not known.
const OPEN: u64 = 256;

/// The largest cost.
const MOST: u64 = 1 << 40;

/// The node of what is needed.
const SOURCE: usize = 0;

/// The node of what costs something.
const SINK: usize = 1;

/// The longest chain of operations that is executed again.
const DEPTH: usize = 16;

/// What is known about the values of a loop body.
pub(super) trait Body<'c> {
    /// Whether a value is available in the linear loop at no cost.
    fn is_free(&self, value: Val<'c>) -> bool;
    /// Whether an operation reads elements of a tensor that the linear loop can read too.
    fn is_read(&self, op: Op<'c>) -> bool;
}

/// The operations that are executed again.
#[derive(Default)]
pub(super) struct Plan(HashSet<usize>);

impl Plan {
    /// The cheapest plan for these residuals.
    pub(super) fn of<'c>(residuals: &[Val<'c>], body: &dyn Body<'c>) -> Plan {
        let mut planner = Planner {
            body,
            graph: Network::new(2),
            values: ValueMap::new(),
            operations: HashMap::new(),
            pending: Vec::new(),
        };
        for residual in residuals.iter().filter(|residual| !body.is_free(**residual)) {
            let node = planner.value(*residual, 0);
            planner.graph.edge(SOURCE, node, UNCUT);
        }
        while let Some((value, node, depth)) = planner.pending.pop() {
            planner.expand(value, node, depth);
        }
        let is_saved = planner.graph.sink_side(SOURCE, SINK);
        Plan(planner.operations.into_iter().filter(|(_, node)| !is_saved[*node]).map(|(op, _)| op).collect())
    }

    /// Whether an operation is executed again.
    pub(super) fn repeats(&self, op: Op) -> bool {
        self.0.contains(&address(op))
    }
}

fn address(op: Op) -> usize {
    op.to_raw().ptr as usize
}

struct Planner<'a, 'c> {
    body: &'a dyn Body<'c>,
    graph: Network,
    values: ValueMap<usize>,
    operations: HashMap<usize, usize>,
    /// Values whose edges are not there yet, with the length of the chain that leads to them.
    pending: Vec<(Val<'c>, usize, usize)>,
}

impl<'c> Planner<'_, 'c> {
    /// The node of a value.
    fn value(&mut self, value: Val<'c>, depth: usize) -> usize {
        if let Some(known) = self.values.get(value) {
            return *known;
        }
        let node = self.graph.node();
        self.values.insert(value, node);
        self.pending.push((value, node, depth));
        node
    }

    fn expand(&mut self, value: Val<'c>, node: usize, depth: usize) {
        let save = ValueType::of(value.r#type()).map_or(UNCUT, |r#type| saving(&r#type));
        let repeated = defining_op(value).filter(|_| depth < DEPTH).and_then(|op| Some((op, self.cost(op)?)));
        let Some((op, cost)) = repeated else { return self.graph.edge(node, SINK, save) };
        if let Some(known) = self.operations.get(&address(op)).copied() {
            return self.graph.edge(node, known, save);
        }
        let executed = self.graph.node();
        self.operations.insert(address(op), executed);
        self.graph.edge(node, executed, save);
        self.graph.edge(executed, SINK, cost);
        for operand in operands(op) {
            if !self.body.is_free(operand) {
                let operand = self.value(operand, depth + 1);
                self.graph.edge(executed, operand, UNCUT);
            }
        }
    }

    /// The cost of executing an operation again; `None` if it is not.
    fn cost(&self, op: Op<'c>) -> Option<u64> {
        let kind = OpKind::of(op)?;
        let elements = op.results().filter_map(|result| ValueType::of(result.r#type())).map(|of| elements(&of)).max();
        let elements = elements.unwrap_or(1);
        if self.body.is_read(op) {
            return Some(READ.saturating_mul(elements).min(MOST));
        }
        let entry = kind.entry();
        let is_arithmetic = entry.arithmetic.is_some() || entry.is_free || kind.dialect() == "arith";
        if !is_arithmetic || !is_pure(op) || op.region_count() > 0 {
            return None;
        }
        let is_nothing = op.operand_count() == 0 || is_index_arithmetic(op);
        let cost = if is_nothing { 0 } else { entry.work.per_element() };
        Some(cost.saturating_mul(elements).min(MOST))
    }
}

/// Whether all operands and results are indices.
pub(super) fn is_index_arithmetic(op: Op) -> bool {
    let is_index = |r#type| ValueType::of(r#type) == Some(ValueType::number(ScalarType::Index));
    op.operands().all(|operand| is_index(operand.r#type())) && op.results().all(|result| is_index(result.r#type()))
}

fn elements(r#type: &ValueType) -> u64 {
    r#type.extents().iter().fold(1, |count, extent| count.saturating_mul(extent.unwrap_or(OPEN)))
}

fn saving(r#type: &ValueType) -> u64 {
    let each = if r#type.dtype.is_differentiable() { SAVE } else { SAVE_INTEGER };
    each.saturating_mul(elements(r#type)).min(MOST)
}
