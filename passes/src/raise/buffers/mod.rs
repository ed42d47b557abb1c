//! `raise-buffers`: private buffers of `memref` become tensors, so that later passes see values only.
//!
//! The contents of a buffer are an SSA value: a tensor, or the element itself for rank 0. A store gives a new value, a
//! load reads the current one. This is the promotion of memory to registers on whole tensors:
//!
//! 1. `check` rejects uses through which a buffer escapes, and types that have no tensor.
//! 2. `liveness` finds, for each branch and loop, the buffers that it writes and whose contents are read afterwards,
//!    or in a later iteration.
//! 3. `rewrite` goes once through the program with the current value of each buffer. Branches and loops get one more
//!    result for each of those buffers.
//!
//! All three are linear in the size of the program and its result.

mod check;
mod liveness;
mod rewrite;

pub use check::check;

use crate::{ErrorGuaranteed, Pass};
use dp_dialects::Diagnostic;
use dp_dialects::ir::{Op, Val, ValueMap, body_ops, has_several_blocks, result, walk};
use dp_dialects::{OpKind, ValueType};
use liveness::Liveness;
use melior::ir::operation::OperationLike;
use rewrite::Rewriter;

/// The pass.
pub static RAISE_BUFFERS: Pass = Pass {
    flag: "raise-buffers",
    summary: "raise private buffers of memref to tensors",
    description: "Takes functions with one block in every region. Buffers that `memref.alloc`, `memref.alloca` or \
        `bufferization.to_buffer` make become tensors, and buffers of rank 0 become scalars; branches and loops carry \
        those that they write. A buffer is initially zero. `memref.copy` of a buffer with dynamic extents is an update of the \
        whole, so that the target keeps its extents. A buffer that is passed, returned, selected or carried, \
        views of buffers, and layouts other than the default are errors. Leaves no operation of `memref`.",
    body: |module, _| raise(module),
};

/// The number of a buffer within its function.
type Id = usize;

/// The buffers of a function.
#[derive(Default)]
struct Buffers {
    ids: ValueMap<Id>,
    /// The type of the contents of each buffer: a scalar for rank 0.
    types: Vec<ValueType>,
}

impl Buffers {
    /// The buffers that operations of a function make, which were checked.
    fn of(function: Op) -> Buffers {
        let mut buffers = Buffers::default();
        walk(function, &mut |op| {
            if Access::of(op) == Some(Access::Make)
                && let Some(contents) = check::contents(result(op))
            {
                buffers.ids.insert(result(op), buffers.types.len());
                buffers.types.push(contents);
            }
        });
        buffers
    }

    /// The number of the buffer that a value is; the program was checked, so it is one.
    fn id(&self, value: Val) -> Option<Id> {
        self.ids.get(value).copied()
    }
}

/// What an operation does with buffers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Access {
    /// Makes a buffer, its result.
    Make,
    /// Ends the life of operand 0.
    Free,
    /// Reads an element of operand 0.
    Load,
    /// Writes operand 0 to an element of operand 1.
    Store,
    /// The extent of operand 0 in the dimension that operand 1 gives.
    Dim,
    /// Copies operand 0 to operand 1.
    Copy,
    /// Operand 0 as a tensor.
    Read,
}

/// The accepted operations.
const ACCESSES: &[(&str, Access)] = &[
    ("memref.alloc", Access::Make),
    ("memref.alloca", Access::Make),
    ("memref.dealloc", Access::Free),
    ("memref.load", Access::Load),
    ("memref.store", Access::Store),
    ("memref.dim", Access::Dim),
    ("memref.copy", Access::Copy),
    ("bufferization.to_buffer", Access::Make),
    ("bufferization.to_tensor", Access::Read),
];

/// Whether an operation is one on buffers that is accepted.
pub fn is_access(op: Op) -> bool {
    Access::of(op).is_some()
}

impl Access {
    fn of(op: Op) -> Option<Access> {
        let name = op.name();
        let name = name.as_string_ref().as_str().ok()?;
        ACCESSES.iter().find(|(accepted, _)| *accepted == name).map(|(_, access)| *access)
    }
}

fn raise(module: Op) -> Result<(), ErrorGuaranteed> {
    let (mut outcome, mut with_buffers) = (Ok(()), false);
    walk(module, &mut |op| {
        with_buffers |= Access::of(op).is_some();
        // Poison comes from lifting: a loop that passes on a buffer, which is rejected, starts with it.
        if op.name().as_string_ref().as_str() == Ok("ub.poison") {
            return;
        }
        if let Err(diagnostic) = check(op) {
            outcome = Err(diagnostic.report(op.location()));
        }
    });
    outcome?;
    if !with_buffers {
        return Ok(());
    }
    for function in body_ops(module).into_iter().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc)) {
        raise_function(function)?;
    }
    Ok(())
}

fn raise_function(function: Op) -> Result<(), ErrorGuaranteed> {
    let buffers = Buffers::of(function);
    if buffers.types.is_empty() {
        return Ok(());
    }
    let mut branches = None;
    walk(function, &mut |op| branches = branches.or(has_several_blocks(op).then_some(op)));
    if let Some(op) = branches {
        let diagnostic = Diagnostic::unsupported("buffers are not raised across branches between blocks");
        return Err(diagnostic.help("run '--lift-control-flow' first").report(op.location()));
    }
    let carried = Liveness::carried(function, &buffers)?;
    Rewriter::new(&buffers, carried).function(function)
}
