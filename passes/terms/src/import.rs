//! From MLIR to terms: which operations are terms, and which are opaque.

use crate::dag::Dag;
use crate::graph::Graph;
use crate::origin::Origin;
use dp_dialects::attributes::Reduction;
use dp_dialects::ir::{Blk, Op, Val, ValueMap, block_args, block_ops, operands, result, results, walk};
use dp_dialects::{DType, Literal, OpKind, Parameters, ValueType};
use egg::Id;
use melior::ir::attribute::IntegerAttribute;
use melior::ir::operation::OperationLike;
use melior::ir::{BlockLike, Location, RegionLike, ValueLike};

/// A region of operations as terms: what each value is, and what must be there.
pub struct Program<'c> {
    /// The terms.
    pub dag: Dag,
    /// The term of each value that has a type of ours.
    pub values: ValueMap<Id>,
    /// The values from outside, by number.
    pub leaves: Vec<Val<'c>>,
    /// The terms of operations, one for each, in order.
    pub terms: Vec<Id>,
    /// The terms that opaque operations use.
    pub roots: Vec<Id>,
    /// The locations of operations, by origin.
    pub locations: Vec<Location<'c>>,
}

/// What an operation is to the term algebra.
pub enum Role {
    /// A term.
    Term(OpKind, Parameters, ValueType),
    /// Opaque, but its regions, of one block each, are programs themselves.
    /// `isolated`: they see nothing from outside.
    Nest {
        /// Whether the regions see no values from outside.
        isolated: bool,
    },
    /// Opaque, with all that its regions hold.
    Opaque,
}

/// What an operation is to the term algebra.
pub fn role(op: Op) -> Role {
    let Some(kind) = OpKind::of(op) else { return Role::Opaque };
    if op.region_count() > 0 && kind != OpKind::ArrayReduce || has_region(op) {
        let single =
            |region: melior::ir::RegionRef| region.first_block().is_none_or(|block| block.next_in_region().is_none());
        let known = match kind {
            OpKind::ScfIf | OpKind::AdLinear => Role::Nest { isolated: false },
            OpKind::FuncFunc | OpKind::ArrayMap | OpKind::ArrayReduce => Role::Nest { isolated: true },
            _ => Role::Opaque,
        };
        return if op.regions().all(single) { known } else { Role::Opaque };
    }
    term(op, kind).unwrap_or(Role::Opaque)
}

fn has_region(op: Op) -> bool {
    op.regions().any(|region| region.first_block().is_some())
}

/// Operations with one result that depends on nothing but operands and attributes.
fn term(op: Op, kind: OpKind) -> Option<Role> {
    use OpKind::*;
    if op.result_count() != 1 || !op.operands().all(|value| ValueType::of(value.r#type()).is_some()) {
        return None;
    }
    let r#type = ValueType::of(result(op).r#type())?;
    let parameters = match kind {
        ArithConstant if r#type == ValueType::number(DType::Index) => {
            let value = IntegerAttribute::try_from(op.attribute("value").ok()?).ok()?.value();
            Parameters::Constant(Literal::number(DType::Index, dp_dialects::Number::Integer(value)))
        }
        TensorDim | TensorExtract | TensorFromElements | TensorCast | AdStopGradient => Parameters::None,
        ArithIndexCast | ArithAddI | ArithSubI | ArithMulI | ArithDivSI | ArithRemSI | ArithMaxSI | ArithMinSI
        | ArithSelect
            if !r#type.is_tensor() =>
        {
            Parameters::None
        }
        ArrayMap | ArrayYield => return None,
        _ if matches!(kind.dialect(), "scalar" | "array") => Parameters::of(kind, op)?,
        _ => return None,
    };
    if matches!(parameters, Parameters::Reduce { kind: Reduction::Region, .. }) {
        return None;
    }
    Some(Role::Term(kind, parameters, r#type))
}

impl<'c> Program<'c> {
    /// The program of an isolated operation's only block. `dag` is empty.
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
                // An operand that was never seen (graph regions): nothing is known of the result.
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

    /// The operands of an opaque operation must be there.
    fn require(&mut self, op: Op<'c>) {
        self.roots.extend(op.operands().filter_map(|value| self.values.get(value).copied()));
    }
}
