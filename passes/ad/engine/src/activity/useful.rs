//! Which values matter to the results of a function that are differentiated, by a search backward from these results.
//!
//! The search goes through loops (what is carried matters if the result or the next iteration needs it), branches, maps and
//! calls. For a call, it uses which arguments of the callee reach a result of it, found once for each result. So each
//! carried value, and each result of a construct or of a call, is a field of its own.
//!
//! Each value is visited once, so the time is linear in the functions that are called, each taken once for each set of
//! results that matters.

use super::Flow;
use dp_dialects::OpKind;
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, ancestors, block_args, block_ops, defining_op, has_several_blocks, operands, region_block,
    symbol_attribute, value_block, value_index, walk,
};
use dp_dialects::types::tangent_type;
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// The most results of a function that are told apart in its callers.
const MOST_RESULTS: usize = 16;

/// The functions that the analyses go through.
pub struct Program<'c, 'a> {
    /// The functions of the module, by name.
    pub functions: &'a HashMap<&'c str, Op<'c>>,
    /// The flow through an operation; `None` for an operation without a rule.
    pub flow: &'a dyn Fn(OpKind) -> Option<Flow>,
    /// Whether calls of a function are differentiated without looking into it.
    pub is_opaque: &'a dyn Fn(&str) -> bool,
}

impl<'c> Program<'c, '_> {
    /// The function that a call inlines, and its body. `None` if all of its arguments are taken to matter.
    fn callee(&self, call: Op<'c>) -> Option<(&'c str, Blk<'c>)> {
        let name = symbol_attribute(call, "callee").filter(|name| !(self.is_opaque)(name))?;
        Some((name, self.body(name)?))
    }

    fn body(&self, name: &str) -> Option<Blk<'c>> {
        let function = self.functions.get(name).filter(|function| !has_several_blocks(**function))?;
        region_block(*function, 0)
    }

    /// Whether what flows into an operation always matters. Calls of functions with a body are not among these.
    fn always_matters(&self, op: Op<'c>) -> bool {
        match OpKind::of(op) {
            Some(OpKind::FuncCall) => self.callee(op).is_none(),
            Some(kind) => matches!((self.flow)(kind), None | Some(Flow::Unknown)),
            None => true,
        }
    }
}

/// What always matters in a function.
#[derive(Debug, Default)]
struct Fixed<'c> {
    /// The operands of these operations.
    values: Vec<Val<'c>>,
    /// The operations, and those around them.
    operations: HashSet<usize>,
    /// The arguments that the operands depend on.
    arguments: Vec<bool>,
}

/// The values of a function that matter.
#[derive(Debug)]
pub struct Useful<'c> {
    values: ValueSet,
    fixed: Rc<Fixed<'c>>,
}

impl<'c> Useful<'c> {
    /// Whether the tangent of a value is needed.
    pub fn value(&self, value: Val<'c>) -> bool {
        self.values.contains(value)
    }

    /// Whether the tangent of a result of an operation is needed, or of something in it.
    pub fn operation(&self, op: Op<'c>) -> bool {
        op.results().any(|result| self.value(result.into())) || self.fixed.operations.contains(&address(op))
    }

    /// Whether the tangent of what the terminator of a block yields at a position is needed there.
    pub fn yielded(&self, block: Blk<'c>, number: usize) -> bool {
        let Some(parent) = block.parent_operation() else { return true };
        let argument = |region, number: usize| argument(parent, region, number).is_none_or(|value| self.value(value));
        let result = |number| parent.result(number).map_or(true, |result| self.value(result.into()));
        match OpKind::of(parent) {
            Some(OpKind::FuncFunc) => true,
            Some(OpKind::ScfFor) => argument(0, number + 1),
            Some(OpKind::ScfWhile) if is_first(parent, block) => match number.checked_sub(1) {
                Some(number) => result(number) || argument(1, number),
                None => true,
            },
            Some(OpKind::ScfWhile) => argument(0, number),
            Some(_) | None => result(number),
        }
    }
}

/// What has been found, by what was asked.
type Found<K, T> = RefCell<HashMap<K, T>>;

/// What is known about functions, found when it is needed.
#[derive(Debug, Default)]
pub struct Summaries<'c> {
    fixed: Found<&'c str, Option<Rc<Fixed<'c>>>>,
    /// By functions and their results.
    reaching: Found<(&'c str, usize), Option<Rc<[bool]>>>,
    /// By functions and which of their results matter.
    useful: Found<(&'c str, Vec<bool>), Rc<Useful<'c>>>,
}

impl<'c> Summaries<'c> {
    /// The values of a function that matter to the results in `wanted`; `None` for a function without one block.
    pub fn useful(&self, program: &Program<'c, '_>, name: &'c str, wanted: &[bool]) -> Option<Rc<Useful<'c>>> {
        let found = (name, wanted.to_vec());
        if let Some(known) = self.useful.borrow().get(&found) {
            return Some(Rc::clone(known));
        }
        let body = program.body(name)?;
        let fixed = self.fixed(program, name, body)?;
        let mut search = Search::new(self, program);
        fixed.values.iter().for_each(|value| search.mark(*value));
        let yielded = body.terminator().map(operands).unwrap_or_default().into_iter().zip(wanted);
        yielded.filter(|(_, wanted)| **wanted).for_each(|(value, _)| search.mark(value));
        let useful = Rc::new(Useful { values: search.finish(), fixed });
        self.useful.borrow_mut().insert(found, Rc::clone(&useful));
        Some(useful)
    }

    /// The arguments of a call that a result of it depends on; `None` for all.
    pub fn reaching(&self, program: &Program<'c, '_>, call: Op<'c>, result: usize) -> Option<Rc<[bool]>> {
        let (name, body) = program.callee(call)?;
        let yielded = body.terminator().map(operands)?;
        let is_together = yielded.len() > MOST_RESULTS;
        let found = (name, if is_together { usize::MAX } else { result });
        if let Some(known) = self.reaching.borrow().get(&found) {
            return known.clone();
        }
        // If the function calls itself while it is searched, all of its arguments are taken.
        self.reaching.borrow_mut().insert(found, None);
        let mut search = Search::new(self, program);
        let from = yielded.into_iter().enumerate().filter(|(number, _)| is_together || *number == result);
        from.for_each(|(_, value)| search.mark(value));
        let values = search.finish();
        let reaching: Rc<[bool]> = block_args(body).into_iter().map(|argument| values.contains(argument)).collect();
        self.reaching.borrow_mut().insert(found, Some(Rc::clone(&reaching)));
        Some(reaching)
    }

    /// What always matters in a function; `None` while it is being found.
    fn fixed(&self, program: &Program<'c, '_>, name: &'c str, body: Blk<'c>) -> Option<Rc<Fixed<'c>>> {
        if let Some(known) = self.fixed.borrow().get(name) {
            return known.clone();
        }
        self.fixed.borrow_mut().insert(name, None);
        let mut fixed = Fixed::default();
        self.collect(program, body, &mut fixed);
        let mut search = Search::new(self, program);
        fixed.values.iter().for_each(|value| search.mark(*value));
        let values = search.finish();
        fixed.arguments = block_args(body).into_iter().map(|argument| values.contains(argument)).collect();
        let fixed = Rc::new(fixed);
        self.fixed.borrow_mut().insert(name, Some(Rc::clone(&fixed)));
        Some(fixed)
    }

    /// Collects the operations of a block whose operands always matter.
    fn collect(&self, program: &Program<'c, '_>, block: Blk<'c>, into: &mut Fixed<'c>) {
        let ops = block_ops(block);
        let Some((_, body)) = ops.split_last() else { return };
        for op in body {
            let mut needs = |values: Vec<Val<'c>>| {
                into.values.extend(values);
                into.operations.extend(std::iter::once(*op).chain(ancestors(*op)).map(address));
            };
            let called = if OpKind::of(*op) == Some(OpKind::FuncCall) { program.callee(*op) } else { None };
            if let Some((name, body)) = called {
                match self.fixed(program, name, body) {
                    Some(callee) if callee.operations.is_empty() => {}
                    Some(callee) => {
                        let of_callee = operands(*op).into_iter().zip(&callee.arguments);
                        needs(of_callee.filter(|(_, reaches)| **reaches).map(|(value, _)| value).collect());
                    }
                    None => needs(operands(*op)),
                }
            } else if program.always_matters(*op) {
                needs(used(*op));
            } else {
                (0..op.region_count())
                    .filter_map(|index| region_block(*op, index))
                    .for_each(|inner| self.collect(program, inner, into));
            }
        }
    }
}

/// A search backward.
struct Search<'s, 'c, 'a> {
    summaries: &'s Summaries<'c>,
    program: &'s Program<'c, 'a>,
    values: ValueSet,
    pending: Vec<Val<'c>>,
}

impl<'s, 'c, 'a> Search<'s, 'c, 'a> {
    fn new(summaries: &'s Summaries<'c>, program: &'s Program<'c, 'a>) -> Self {
        Search { summaries, program, values: ValueSet::default(), pending: Vec::new() }
    }

    /// Marks a value, if its type carries a derivative.
    fn mark(&mut self, value: Val<'c>) {
        if tangent_type(value.r#type()).is_some() && self.values.insert(value) {
            self.pending.push(value);
        }
    }

    fn mark_all(&mut self, values: impl IntoIterator<Item = Val<'c>>) {
        values.into_iter().for_each(|value| self.mark(value));
    }

    /// Marks all that the marked values depend on.
    fn finish(mut self) -> ValueSet {
        while let Some(value) = self.pending.pop() {
            match defining_op(value) {
                Some(op) => self.result(op, value_index(value)),
                None => self.argument(value),
            }
        }
        self.values
    }

    fn result(&mut self, op: Op<'c>, number: usize) {
        let Some(kind) = OpKind::of(op) else { return self.mark_all(used(op)) };
        match (kind, (self.program.flow)(kind)) {
            // What is carried into the last iteration, or out of it.
            (OpKind::ScfFor, _) => self.mark_all(argument(op, 0, number + 1)),
            (OpKind::ScfWhile, _) => self.mark_all(yielded(op, 0, number + 1)),
            (OpKind::FuncCall, _) => match self.summaries.reaching(self.program, op, number) {
                Some(reaching) => {
                    let arguments = operands(op).into_iter().zip(reaching.iter());
                    self.mark_all(arguments.filter(|(_, reaches)| **reaches).map(|(value, _)| value));
                }
                None => self.mark_all(used(op)),
            },
            (_, Some(Flow::Stops)) => {}
            (_, Some(Flow::Regions)) => {
                (0..op.region_count()).for_each(|region| self.mark_all(yielded(op, region, number)));
            }
            (_, Some(Flow::Through | Flow::Unknown) | None) => self.mark_all(used(op)),
        }
    }

    /// An argument of a function's body, a loop, or a map.
    fn argument(&mut self, value: Val<'c>) {
        let Some(block) = value_block(value) else { return };
        let (Some(op), number) = (block.parent_operation(), value_index(value)) else { return };
        let kind = OpKind::of(op);
        match kind {
            Some(OpKind::FuncFunc) => {}
            Some(OpKind::ScfFor) => {
                self.mark_all(op.operand(number + 2).ok());
                self.mark_all(number.checked_sub(1).and_then(|number| yielded(op, 0, number)));
            }
            Some(OpKind::ScfWhile) if is_first(op, block) => {
                self.mark_all(op.operand(number).ok());
                self.mark_all(yielded(op, 1, number));
            }
            Some(OpKind::ScfWhile) => self.mark_all(yielded(op, 0, number + 1)),
            Some(_) | None => match kind.and_then(self.program.flow) {
                Some(Flow::Regions) => self.mark_all(op.operand(number).ok()),
                Some(Flow::Stops | Flow::Through | Flow::Unknown) | None => self.mark_all(operands(op)),
            },
        }
    }
}

fn address(op: Op) -> usize {
    op.to_raw().ptr as usize
}

/// The operands of an operation and of those in it.
fn used<'c>(op: Op<'c>) -> Vec<Val<'c>> {
    let mut used = Vec::new();
    walk(op, &mut |inner| used.extend(inner.operands()));
    used
}

/// Whether a block is that of an operation's first region.
fn is_first<'c>(op: Op<'c>, block: Blk<'c>) -> bool {
    region_block(op, 0).is_some_and(|first| first.to_raw().ptr == block.to_raw().ptr)
}

/// An argument of a region's block.
fn argument<'c>(op: Op<'c>, region: usize, number: usize) -> Option<Val<'c>> {
    region_block(op, region)?.argument(number).ok().map(Into::into)
}

/// What the terminator of a region's block yields at a position.
fn yielded<'c>(op: Op<'c>, region: usize, number: usize) -> Option<Val<'c>> {
    region_block(op, region)?.terminator()?.operand(number).ok()
}
