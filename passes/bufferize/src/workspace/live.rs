//! Live ranges of buffers.
//!
//! Operations are numbered in program order; an operation with regions ends after its regions. A buffer is live from
//! the first operation that accesses it or an alias to the end of the last one, both in the outermost block in which it
//! has a name. Within a loop, a buffer belongs to one iteration, since no iteration passes it on.

use dp_dialects::OpKind;
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, ancestors, block_args, block_ops, operands, result, results, users, value_block,
};
use dp_loopnest::structured::{address, is_buffer, is_named};
use melior::ir::RegionLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// The positions of the first and the last operation.
pub(crate) type Range = (usize, usize);

/// The numbering of a function's operations.
pub(crate) struct Order(HashMap<usize, Range>);

/// Operations with regions around a buffer; the first two have consecutive iterations.
const LOOPS: [&str; 2] = ["scf.for", "scf.while"];
const BRANCHES: [&str; 2] = ["scf.if", "scf.index_switch"];

/// Operations that pass a buffer to the enclosing operation.
const FORWARDERS: [&str; 2] = ["scf.yield", "scf.condition"];

/// Dialects whose operations use buffers without retaining them, except those below.
const NON_RETAINING: [&str; 6] = ["memref.", "linalg.", "scf.", "arith.", "gpu.", "func.call"];
const RETAINING: [&str; 3] = ["memref.dealloc", "memref.realloc", "memref.extract_aligned_pointer_as_index"];

fn is_one_of(op: Op, names: &[&str]) -> bool {
    names.iter().any(|name| is_named(op, name))
}

fn uses_only(op: Op) -> bool {
    let name = op.name();
    let name = name.as_string_ref().as_str().unwrap_or_default();
    NON_RETAINING.iter().any(|dialect| name.starts_with(dialect)) && !RETAINING.contains(&name)
}

fn blocks<'c>(op: Op<'c>) -> Vec<Blk<'c>> {
    let mut found = Vec::new();
    for region in op.regions() {
        found.extend(std::iter::successors(region.first_block(), |block: &Blk<'c>| block.next_in_region()));
    }
    found
}

fn holds<'c>(outer: Op<'c>, op: Op<'c>) -> bool {
    ancestors(op).any(|op| op == outer)
}

impl Order {
    /// Assigns positions to the operations of a function.
    pub(crate) fn of(function: Op) -> Self {
        fn number(op: Op, next: &mut usize, order: &mut HashMap<usize, Range>) {
            let first = *next;
            *next += 1;
            for op in blocks(op).into_iter().flat_map(block_ops) {
                number(op, next, order);
            }
            order.insert(address(op), (first, *next));
            *next += 1;
        }
        let mut order = HashMap::new();
        number(function, &mut 0, &mut order);
        Order(order)
    }

    /// The numbers of an operation and of its last nested one.
    pub(crate) fn at(&self, op: Op) -> Option<Range> {
        self.0.get(&address(op)).copied()
    }

    /// The live range of a buffer; `None` if unknown, or if it outlives its function or iteration.
    pub(crate) fn range(&self, alloc: Op) -> Option<Range> {
        let is_known = |op: &Op| is_one_of(*op, &LOOPS) || is_one_of(*op, &BRANCHES);
        let unknown = ancestors(alloc).find(|op| !is_known(op))?;
        if OpKind::of(unknown) != Some(OpKind::FuncFunc) {
            return None;
        }
        let accesses = self.accesses(result(alloc), alloc.block()?, |outer| holds(outer, alloc))?;
        accesses.or_else(|| self.at(alloc))
    }

    /// The live range of a function argument; `None` if unknown or unused.
    pub(crate) fn range_of_argument(&self, argument: Val) -> Option<Range> {
        self.accesses(argument, value_block(argument)?, |_| false)?
    }

    /// From the first to the last operation that accesses a buffer, in the outermost block in which it has a name;
    /// `None` if unknown.
    fn accesses<'c>(
        &self,
        buffer: Val<'c>,
        mut home: Blk<'c>,
        is_within: impl Fn(Op<'c>) -> bool,
    ) -> Option<Option<Range>> {
        let (mut names, mut seen, mut touching) = (vec![buffer], ValueSet::default(), Vec::new());
        while let Some(name) = names.pop() {
            if !seen.insert(name) {
                continue;
            }
            for user in users(name) {
                if !uses_only(user) {
                    return None;
                }
                // Reading extents is not an access.
                if is_named(user, "memref.dim") {
                    continue;
                }
                touching.push(user);
                // Functions return buffers of their own.
                if OpKind::of(user) == Some(OpKind::FuncCall) {
                    continue;
                }
                // The alias of the buffer: a view, or the result or argument it is passed to.
                let alias = if is_one_of(user, &FORWARDERS) {
                    let outer = ancestors(user).next()?;
                    if is_within(outer) {
                        if is_one_of(outer, &LOOPS) {
                            return None;
                        }
                        let inner = home.parent_operation()?;
                        home = if inner == outer || holds(outer, inner) { outer.block()? } else { home };
                    }
                    if is_one_of(outer, &BRANCHES) {
                        let yielded = operands(user).into_iter().zip(results(outer));
                        names.extend(yielded.filter(|(value, _)| *value == name).map(|(_, result)| result));
                        continue;
                    }
                    outer
                } else {
                    user
                };
                names.extend(results(alias).into_iter().filter(|value| is_buffer(*value)));
                names.extend(blocks(alias).into_iter().flat_map(block_args).filter(|value| is_buffer(*value)));
            }
        }
        let within = |op: Op<'c>| {
            std::iter::once(op).chain(ancestors(op)).find(|op| op.block() == Some(home)).and_then(|op| self.at(op))
        };
        let ranges = touching.into_iter().map(within).collect::<Option<Vec<Range>>>()?;
        Some(ranges.into_iter().reduce(|(from, to), (first, last)| (from.min(first), to.max(last))))
    }
}
