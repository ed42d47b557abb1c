//! Sequential host loops as one kernel, such as `array.scatter`.
//!
//! Every thread runs all iterations in order. The elements of the window that an iteration updates are distributed over
//! threads, each at a fixed position of every window. So an index can occur several times: sums are in program order,
//! and the host need not know the indices.

use crate::fills::{is_unaliased, root};
use crate::indexing::{extent, known, position, product};
use crate::kernel::{Kernel, Kernels, ceil_div, is_constant};
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, ancestors, block_args, block_ops, defining_op, erase, i64_array, is_pure, is_set, operands,
    region_block, results, walk,
};
use dp_dialects::types::DYNAMIC;
use dp_dialects::{Diagnostic, OpKind, Result};
use dp_loopnest::nest::Nest;
use dp_loopnest::normalize::UNSIGNED;
use dp_loopnest::structured::{Index, is_buffer, is_named};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;

/// Threads per block.
const THREADS: i64 = 128;

/// Makes kernels of the outermost loops of this form.
pub(crate) fn all<'c>(kernels: &Kernels<'c>, function: Op<'c>) -> Result<()> {
    let mut pending: Vec<Blk> = region_block(function, 0).into_iter().collect();
    while let Some(block) = pending.pop() {
        for op in block_ops(block) {
            let plan = if is_named(op, "scf.for") { KernelPlan::of(op)? } else { None };
            match plan {
                Some(plan) => {
                    plan.emit(kernels, op)?;
                    erase(op);
                }
                None if !is_named(op, "linalg.generic") => {
                    pending.extend((0..op.region_count()).filter_map(|index| region_block(op, index)));
                }
                None => {}
            }
        }
    }
    Ok(())
}

/// The distribution over threads.
struct KernelPlan<'c> {
    /// The extents of the window.
    window: Vec<Index<'c>>,
}

/// The contents of a loop.
#[derive(Default)]
struct Found<'c> {
    nests: Vec<Nest<'c>>,
    loads: Vec<Op<'c>>,
    stores: Vec<Op<'c>>,
}

/// Operations that only compute addresses.
const VIEWS: [&str; 5] =
    ["memref.subview", "memref.dim", "memref.cast", "memref.collapse_shape", "memref.expand_shape"];

impl<'c> Found<'c> {
    /// Checks a block; returns whether everything in it can be part of a kernel.
    fn check(&mut self, block: Blk<'c>) -> Result<bool> {
        for op in block_ops(block) {
            let fits = if is_named(op, "scf.for") || is_named(op, "scf.if") {
                let blocks = (0..op.region_count()).filter_map(|index| region_block(op, index));
                op.result_count() == 0
                    && !is_set(op, UNSIGNED)
                    && blocks
                        .map(|block| self.check(block))
                        .collect::<Result<Vec<bool>>>()?
                        .into_iter()
                        .all(|fits| fits)
            } else if is_named(op, "memref.load") {
                self.loads.push(op);
                true
            } else if is_named(op, "memref.store") {
                self.stores.push(op);
                true
            } else if is_named(op, "linalg.generic") || is_named(op, "linalg.fill") {
                let nest = Nest::read(op)?;
                let fits = nest.as_ref().is_some_and(|nest| !nest.reduces.iter().any(|reduces| *reduces));
                self.nests.extend(nest);
                fits
            } else {
                is_named(op, "scf.yield")
                    || VIEWS.iter().any(|name| is_named(op, name))
                    || is_constant(op)
                    || (is_number(op) && op.region_count() == 0)
            };
            if !fits {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether an operation is scalar.
fn is_number(op: Op) -> bool {
    let is_ours = OpKind::of(op).is_some_and(|kind| kind.dialect() == "scalar");
    (is_ours || op.name().as_string_ref().as_str().is_ok_and(|name| name.starts_with("arith."))) && is_pure(op)
}

impl<'c> KernelPlan<'c> {
    fn of(op: Op<'c>) -> Result<Option<Self>> {
        let mut found = Found::default();
        let fits = op.result_count() == 0 && !is_set(op, UNSIGNED);
        let Some(block) = region_block(op, 0).filter(|_| fits) else { return Ok(None) };
        if !found.check(block)? || (found.nests.is_empty() && found.loads.is_empty() && found.stores.is_empty()) {
            return Ok(None);
        }
        let window: Vec<Index> = found.nests.first().map(|nest| nest.extents.clone()).unwrap_or_default();
        let is_one = window.iter().all(|extent| known(*extent) == Some(1));
        let same = |nest: &Nest| {
            nest.extents.len() == window.len() && nest.extents.iter().zip(&window).all(|(x, y)| is_same(*x, *y))
        };
        let outside = window.iter().all(|extent| match extent {
            Index::Known(_) => true,
            Index::Value(value) => !is_within(*value, op),
        });
        if !found.nests.iter().all(same) || !outside {
            return Ok(None);
        }
        let plan = KernelPlan { window };
        Ok(Some(plan).filter(|_| is_one || is_conflict_free(&found)))
    }

    fn emit(&self, kernels: &Kernels<'c>, op: Op<'c>) -> Result<()> {
        let k = kernels.begin(op)?;
        let host = k.host;
        let total = product(&host, self.window.iter().copied())?;
        let thread = k.add(k.mul(k.block_id("x")?, k.index(THREADS)?)?, k.thread_id("x")?)?;
        let in_bounds = k.less(thread, extent(&k, total)?)?;
        k.when(in_bounds, || {
            let at = position(&k, thread, &self.window)?;
            emit_op(&k, op, &at)
        })?;
        let blocks = ceil_div(&host, total.value(&host)?, THREADS)?;
        k.launch_over(blocks, THREADS)
    }
}

/// Whether two extents are the same.
fn is_same(x: Index, y: Index) -> bool {
    match (x, y) {
        (Index::Known(x), Index::Known(y)) => x == y,
        (Index::Value(x), Index::Value(y)) => x == y || is_same_dim(x, y),
        (Index::Known(_), Index::Value(_)) | (Index::Value(_), Index::Known(_)) => false,
    }
}

/// Whether two values are the same extent of one buffer.
fn is_same_dim(x: Val, y: Val) -> bool {
    let (Some(x), Some(y)) = (defining_op(x), defining_op(y)) else { return false };
    is_named(x, "memref.dim") && is_named(y, "memref.dim") && operands(x) == operands(y)
}

/// Whether a value is defined inside an operation.
fn is_within(value: Val, op: Op) -> bool {
    let block = dp_dialects::ir::value_block(value);
    block
        .and_then(|block| block.parent_operation())
        .is_some_and(|of| of == op || ancestors(of).any(|outer| outer == op))
}

/// Whether threads at fixed window positions never conflict: buffers that are written are accessed only through windows
/// along the same dimensions, starting at 0.
fn is_conflict_free(found: &Found) -> bool {
    if !found.stores.is_empty() {
        return false;
    }
    let mut written = ValueSet::default();
    written.extend(found.nests.iter().flat_map(|nest| nest.outputs().iter().map(|access| root(access.at.value))));
    let accesses_written = |op: &Op| {
        let mut values = Vec::new();
        walk(*op, &mut |inner| values.extend(operands(inner)));
        values.into_iter().any(|value| is_buffer(value) && written.contains(root(value)))
    };
    let outside_windows = found.loads.iter().any(accesses_written)
        || found.nests.iter().any(|nest| block_ops(nest.body).iter().any(accesses_written));
    let mut along: Vec<(Val, Vec<usize>)> = Vec::new();
    let in_windows =
        found.nests.iter().flat_map(|nest| &nest.accesses).filter(|access| access.is_buffer).all(|access| {
            let of = root(access.at.value);
            if !written.contains(of) {
                return true;
            }
            let is_identity = access.at.loops.iter().copied().eq(0..access.at.loops.len());
            let Some(dims) = window_dims(access.at.value).filter(|_| is_identity && is_unaliased(of)) else {
                return false;
            };
            match along.iter().find(|(other, _)| *other == of) {
                Some((_, known)) => *known == dims,
                None => {
                    along.push((of, dims));
                    true
                }
            }
        });
    in_windows && !outside_windows
}

/// The dimensions of a buffer that a view spans from 0; in all others it has one position.
fn window_dims(view: Val) -> Option<Vec<usize>> {
    let Some(op) = defining_op(view).filter(|op| !is_named(*op, "memref.alloc")) else {
        return Some((0..dp_loopnest::nest::extents_of(melior::ir::ValueLike::r#type(&view)).len()).collect());
    };
    if !is_named(op, "memref.subview") || defining_op(operands(op)[0]).is_some_and(|of| !is_named(of, "memref.alloc")) {
        return None;
    }
    let (offsets, sizes, strides) =
        (i64_array(op, "static_offsets")?, i64_array(op, "static_sizes")?, i64_array(op, "static_strides")?);
    let mut dims = Vec::new();
    for (dim, ((offset, size), stride)) in offsets.into_iter().zip(sizes).zip(strides).enumerate() {
        match (size, offset, stride) {
            (1, _, _) => {}
            (_, 0, 1) => dims.push(dim),
            _ => return None,
        }
        debug_assert!(size == DYNAMIC || size >= 0);
    }
    Some(dims)
}

/// Emits an operation of the loop at a thread's window position.
fn emit_op<'c>(k: &Kernel<'c>, op: Op<'c>, at: &[Val<'c>]) -> Result<()> {
    let missing = || Diagnostic::internal("internal error: an operation without a body");
    if is_named(op, "scf.for") {
        let range = operands(op);
        let range = [k.capture(range[0])?, k.capture(range[1])?, k.capture(range[2])?];
        let block = region_block(op, 0).ok_or_else(missing)?;
        k.repeat(range, &[], |index, _| {
            k.bind(block_args(block)[0], index);
            emit_block(k, block, at).map(|()| vec![])
        })?;
    } else if is_named(op, "scf.if") {
        let condition = k.capture(operands(op)[0])?;
        let run = |index: usize| match region_block(op, index) {
            Some(block) => emit_block(k, block, at).map(|()| vec![]),
            None => Ok(vec![]),
        };
        k.choose(condition, &[], || run(0), || run(1))?;
    } else if let Some(nest) = Nest::read(op)? {
        let value = |access: &dp_loopnest::nest::Access<'c>| k.capture(access.at.value);
        let mut elements = Vec::new();
        let place = |loops: &[usize]| loops.iter().map(|dim| at[*dim]).collect::<Vec<Val>>();
        for access in &nest.accesses {
            let value = value(access)?;
            elements.push(if access.is_buffer { k.load(value, &place(&access.at.loops))? } else { value });
        }
        let values = k.body(nest.body, &elements, at)?;
        for (access, made) in nest.outputs().iter().zip(values) {
            k.store(made, value(access)?, &place(&access.at.loops))?;
        }
    } else if !is_named(op, "scf.yield") {
        let copy = k.clone(op, &mut Vec::new())?;
        results(op).into_iter().zip(results(copy)).for_each(|(old, new)| k.bind(old, new));
    }
    Ok(())
}

fn emit_block<'c>(k: &Kernel<'c>, block: Blk<'c>, at: &[Val<'c>]) -> Result<()> {
    block_ops(block).into_iter().try_for_each(|op| emit_op(k, op, at))
}
