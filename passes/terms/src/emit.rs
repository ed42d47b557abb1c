//! Emission of terms to MLIR, in place: an operation whose term did not change keeps its position, a new term is
//! emitted before its first use, and dead operations are removed.

use crate::dag::Dag;
use crate::graph::Graph;
use crate::import::{Program, Role, role};
use crate::node::{Node, NodeKind};
use dp_dialects::ir::{Blk, Op, Val, block_ops, erase, operands, result, set_operand, walk};
use dp_dialects::{Builder, Diagnostic, OpKind, Parameters, Result, ScalarType};
use egg::Id;
use melior::ir::RegionLike;
use melior::ir::operation::OperationLike;
use std::collections::{HashMap, HashSet};

/// Maps terms to their replacements. Terms without an entry stay.
pub type Replacement = HashMap<Id, Id>;

/// Rewrites the block that a program was imported from, so that opaque operations use the replacements of their
/// operands.
///
/// # Errors
/// If MLIR rejects an operation.
pub fn emit<'c>(program: &Program<'c>, block: Blk<'c>, replacement: &Replacement) -> Result<()> {
    let wanted = program.roots.iter().map(|id| resolve(replacement, *id));
    let live = program.dag.reachable(wanted).into_iter().collect();
    let scopes = vec![Scope::new(true)];
    let mut emitter = Emitter { program, replacement, live, scopes, dead: Vec::new(), origin: 0, next_origin: 0 };
    emitter.block(block)?;
    // Users first: an operation with uses cannot be erased.
    for op in emitter.dead.into_iter().rev() {
        erase(op);
    }
    Ok(())
}

fn resolve(replacement: &Replacement, id: Id) -> Id {
    replacement.get(&id).copied().unwrap_or(id)
}

/// The values of terms that a block has defined so far.
struct Scope<'c> {
    made: HashMap<Id, Val<'c>>,
    isolated: bool,
}

impl Scope<'_> {
    fn new(isolated: bool) -> Self {
        Scope { made: HashMap::new(), isolated }
    }
}

struct Emitter<'a, 'c> {
    program: &'a Program<'c>,
    replacement: &'a Replacement,
    live: HashSet<Id>,
    scopes: Vec<Scope<'c>>,
    dead: Vec<Op<'c>>,
    /// The index of the current operation, in the order of the import.
    origin: u32,
    /// The index of the next operation.
    next_origin: u32,
}

impl<'c> Emitter<'_, 'c> {
    fn dag(&self) -> &Dag {
        &self.program.dag
    }

    fn term(&self, value: Val<'c>) -> Option<Id> {
        self.program.values.get(value).map(|id| resolve(self.replacement, *id))
    }

    /// The value of a term, if one is visible here.
    fn available(&self, id: Id) -> Option<Val<'c>> {
        if let NodeKind::Value(number) = self.dag().node(id).head {
            return Some(self.program.leaves[number as usize]);
        }
        for scope in self.scopes.iter().rev() {
            if let Some(value) = scope.made.get(&id) {
                return Some(*value);
            }
            if scope.isolated {
                break;
            }
        }
        None
    }

    fn provide(&mut self, id: Id, value: Val<'c>) {
        self.scopes.last_mut().expect("a block is open").made.insert(id, value);
    }

    fn block(&mut self, block: Blk<'c>) -> Result<()> {
        for op in block_ops(block) {
            self.origin = self.next_origin;
            self.next_origin += 1;
            match role(op) {
                Role::Term(kind, parameters, _) => match self.term(result(op)) {
                    Some(id) if self.provided_by_term(op) => self.term_op(op, id, kind, &parameters)?,
                    _ => self.refresh(op)?,
                },
                Role::Nest { isolated } => {
                    self.refresh(op)?;
                    for region in op.regions().collect::<Vec<_>>() {
                        if let Some(block) = region.first_block() {
                            self.scopes.push(Scope::new(isolated));
                            self.block(block)?;
                            self.scopes.pop();
                        }
                    }
                }
                Role::Opaque => {
                    let mut inner = Vec::new();
                    walk(op, &mut |op| inner.push(op));
                    for user in inner {
                        self.refresh_before(user, op)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether an operation was imported as a term, not as a leaf.
    fn provided_by_term(&self, op: Op<'c>) -> bool {
        operands(op).into_iter().all(|value| self.program.values.contains(value))
    }

    fn term_op(&mut self, op: Op<'c>, id: Id, kind: OpKind, parameters: &Parameters) -> Result<()> {
        if !self.live.contains(&id) || self.available(id).is_some() {
            self.dead.push(op);
            return Ok(());
        }
        if self.is_top(op, self.dag().node(id), kind, parameters) {
            self.refresh(op)?;
            self.provide(id, result(op));
            return Ok(());
        }
        self.materialize(id, op)?;
        self.dead.push(op);
        Ok(())
    }

    /// Whether an operation, with replaced operands, is the given node.
    fn is_top(&self, op: Op<'c>, node: &Node, kind: OpKind, parameters: &Parameters) -> bool {
        if node.head != NodeKind::Op(kind) || self.dag().interner().parameters.get(node.parameters) != parameters {
            return false;
        }
        let children: Option<Vec<Id>> = operands(op).into_iter().map(|value| self.term(value)).collect();
        let Some(mut children) = children else { return false };
        if kind.is_commutative() {
            children.sort_unstable();
        }
        children[..] == *node.children
    }

    fn refresh(&mut self, op: Op<'c>) -> Result<()> {
        self.refresh_before(op, op)
    }

    /// Replaces the operands of an operation; new operations are inserted before `place`.
    fn refresh_before(&mut self, op: Op<'c>, place: Op<'c>) -> Result<()> {
        for (index, value) in operands(op).into_iter().enumerate() {
            let Some(id) = self.term(value) else { continue };
            let replaced = self.materialize(id, place)?;
            if replaced != value {
                set_operand(op, index, replaced);
            }
        }
        Ok(())
    }

    /// The value of a term. Missing operations are inserted before `place`, operands first.
    fn materialize(&mut self, id: Id, place: Op<'c>) -> Result<Val<'c>> {
        let mut pending = vec![id];
        while let Some(id) = pending.last().copied() {
            if self.available(id).is_some() {
                pending.pop();
                continue;
            }
            let node = self.dag().node(id);
            let missing = node.children.iter().rev().filter(|child| self.available(**child).is_none());
            let before = pending.len();
            pending.extend(missing.copied().collect::<Vec<_>>());
            if pending.len() > before {
                continue;
            }
            pending.pop();
            let value = self.build(id, place)?;
            self.provide(id, value);
        }
        self.available(id).ok_or_else(|| Diagnostic::internal("internal error: a term has no value"))
    }

    /// Emits a node whose children have values. If it is used before the operation that it comes from, it takes the
    /// location of the first user.
    fn build(&self, id: Id, place: Op<'c>) -> Result<Val<'c>> {
        let dag = self.dag();
        let node = dag.node(id);
        let origin = dag.origin_of(id).min(self.origin);
        let location = self.program.locations.get(origin as usize).copied();
        let builder = Builder::before(place);
        let builder = builder.located(location.unwrap_or_else(|| place.location()));
        let children: Option<Vec<Val>> = node.children.iter().map(|child| self.available(*child)).collect();
        let (Some(children), Some(kind)) = (children, node.kind()) else {
            return Err(Diagnostic::internal("internal error: a term is made before its operands"));
        };
        let r#type = dag.interner().types.get(node.r#type);
        match dag.interner().parameters.get(node.parameters) {
            Parameters::Constant(literal) if literal.dtype == ScalarType::Index => {
                builder.index(literal.element(0).integer())
            }
            Parameters::Constant(literal) => builder.literal(literal.clone()),
            parameters if matches!(kind.dialect(), "scalar" | "array") => {
                builder.emit_typed(kind, parameters, &children, r#type)
            }
            _ => builder.op(kind, &children, &[r#type.to_type(builder.context())], &[], Vec::new()).map(result),
        }
    }
}
