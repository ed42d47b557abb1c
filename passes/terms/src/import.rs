//! Import from MLIR: builds the term graph of a block. Operations with one result, without regions and effects, become
//! terms; the rest are opaque, and their results are leaves.

use crate::dag::Dag;
use crate::graph::Graph;
use crate::origin::Origin;
use dp_dialects::ir::{Blk, Op, Val, ValueMap, block_args, block_ops, operands, result, results, walk};
use dp_dialects::ops::{self, Entry, Regions};
use dp_dialects::{OpKind, Parameters, ValueType};
use egg::Id;
use melior::ir::operation::OperationLike;
use melior::ir::{BlockLike, Location, RegionLike, ValueLike};

/// A block as terms.
pub struct Program<'c> {
    /// The terms.
    pub dag: Dag,
    /// The term of each value with a scalar or tensor type.
    pub values: ValueMap<Id>,
    /// The value of each leaf, by index.
    pub leaves: Vec<Val<'c>>,
    /// The term of each operation that is a term, in program order.
    pub terms: Vec<Id>,
    /// The operands of opaque operations.
    pub roots: Vec<Id>,
    /// The locations of operations, by origin.
    pub locations: Vec<Location<'c>>,
}

/// The role of an operation in the term algebra.
pub enum Role {
    /// A term.
    Term(OpKind, Parameters, ValueType),
    /// Opaque, but the operations in its regions, which have one block each, are imported.
    Nest {
        /// Whether the regions cannot use values from outside.
        isolated: bool,
    },
    /// Opaque, including all operations in its regions.
    Opaque,
}

/// The role of an operation in the term algebra.
pub fn role(op: Op) -> Role {
    let Some(entry) = OpKind::of(op).map(OpKind::entry) else { return Role::Opaque };
    if !op.regions().any(|region| region.first_block().is_some()) {
        return term(op, entry).unwrap_or(Role::Opaque);
    }
    let single =
        |region: melior::ir::RegionRef| region.first_block().is_none_or(|block| block.next_in_region().is_none());
    match entry.regions {
        Regions::Capturing if op.regions().all(single) => Role::Nest { isolated: false },
        Regions::Isolated if op.regions().all(single) => Role::Nest { isolated: true },
        Regions::Capturing | Regions::Isolated | Regions::Opaque => Role::Opaque,
    }
}

/// The term of an operation with one result that depends on operands and attributes alone.
fn term(op: Op, entry: &Entry) -> Option<Role> {
    if op.result_count() != 1 || !op.operands().all(|value| ValueType::of(value.r#type()).is_some()) {
        return None;
    }
    let r#type = ValueType::of(result(op).r#type())?;
    let is_term = match entry.role {
        ops::Role::Term => true,
        ops::Role::TermIfScalar => !r#type.is_tensor(),
        ops::Role::Opaque => false,
    };
    let parameters = is_term.then(|| Parameters::of(entry.kind, op)).flatten()?;
    Some(Role::Term(entry.kind, parameters, r#type))
}

impl<'c> Program<'c> {
    /// Imports the only block of an isolated operation. `dag` must be empty.
    pub fn import(block: Blk<'c>, dag: Dag) -> Program<'c> {
        let mut program = Program {
            dag,
            values: ValueMap::new(),
            leaves: Vec::new(),
            terms: Vec::new(),
            roots: Vec::new(),
            locations: Vec::new(),
        };
        program.block(block);
        program
    }

    fn leaf(&mut self, value: Val<'c>) {
        let Some(r#type) = ValueType::of(value.r#type()) else { return };
        let id = self.dag.value(self.leaves.len() as u32, &r#type);
        self.leaves.push(value);
        self.values.insert(value, id);
    }

    fn block(&mut self, block: Blk<'c>) {
        for argument in block_args(block) {
            self.leaf(argument);
        }
        for op in block_ops(block) {
            self.dag.origin = Origin::of(self.locations.len() as u32);
            self.locations.push(op.location());
            self.op(op);
        }
    }

    fn op(&mut self, op: Op<'c>) {
        match role(op) {
            Role::Term(kind, parameters, r#type) => {
                let children: Option<Vec<Id>> =
                    operands(op).into_iter().map(|value| self.values.get(value).copied()).collect();
                if let Some(children) = children {
                    let graph: &mut dyn Graph = &mut self.dag;
                    let id = graph.typed(kind, &parameters, children, &r#type);
                    self.values.insert(result(op), id);
                    self.terms.push(id);
                    return;
                }
                // An operand that is defined later (graph regions): the result is a leaf.
                self.require(op);
            }
            Role::Nest { .. } => {
                self.require(op);
                for region in op.regions().collect::<Vec<_>>() {
                    if let Some(block) = region.first_block() {
                        self.block(block);
                    }
                }
            }
            Role::Opaque => walk(op, &mut |inner| self.require(inner)),
        }
        for value in results(op) {
            self.leaf(value);
        }
    }

    /// Adds the operands of an opaque operation to the roots.
    fn require(&mut self, op: Op<'c>) {
        self.roots.extend(op.operands().filter_map(|value| self.values.get(value).copied()));
    }
}
