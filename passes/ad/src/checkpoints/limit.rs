//! The bytes that a derivative may keep (`--max-tape`).
//!
//! A derivative is linearized without regard to the limit first. If what it keeps does not fit, or has no known size,
//! it is linearized again with a plan for each loop ([`plan`](super::plan)): the loops share what straight-line code
//! leaves.

use dp_ad_engine::levels::loops_in;
use dp_ad_engine::report::sizes::Size;
use dp_dialects::ir::{
    Blk, Op, Val, ValueSet, block_args, block_ops, defining_op, erase, operands, region_block, results,
    symbol_attribute, walk,
};
use dp_dialects::marks::{CHECKPOINT, SNAPSHOT_BYTES};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, SpannedDiagnostic, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// What a derivative keeps.
#[derive(Default)]
struct Kept<'c> {
    /// The bytes that are known.
    bytes: u64,
    /// The largest value, and its size.
    largest: Option<(Val<'c>, u64)>,
    /// A value without a bound.
    open: Option<Val<'c>>,
    /// A call whose tape has no bound.
    call: Option<Op<'c>>,
    seen: ValueSet,
}

impl<'c> Kept<'c> {
    fn add(&mut self, value: Val<'c>) {
        let Some(r#type) = ValueType::of(value.r#type()).filter(ValueType::is_tensor) else { return };
        if !self.seen.insert(value) {
            return;
        }
        match r#type.count().and_then(|count| count.checked_mul(r#type.dtype.size() as u64)) {
            Some(bytes) => {
                self.bytes = self.bytes.saturating_add(bytes);
                if self.largest.is_none_or(|(_, most)| bytes > most) {
                    self.largest = Some((value, bytes));
                }
            }
            None => self.open = self.open.or(Some(value)),
        }
    }

    /// Adds what a linear region keeps: the values from outside that `made` operations compute, and what checkpoints in
    /// it compute again.
    fn of(block: Blk<'c>, made: &[Op<'c>]) -> Self {
        let mut kept = Kept::default();
        let mut outside = ValueSet::default();
        made.iter().for_each(|op| outside.extend(results(*op)));
        let mut linear = ValueSet::default();
        linear.extend(block_args(block));
        kept.block(block, &outside, &mut linear, false);
        kept
    }

    fn block(&mut self, block: Blk<'c>, outside: &ValueSet, linear: &mut ValueSet, is_again: bool) {
        for op in block_ops(block) {
            let kind = OpKind::of(op);
            if kind == Some(OpKind::FuncCall) {
                self.call = self.call.or(Some(op));
            }
            let mut touches = false;
            // A planned loop counts its initial state where the size is known only at run time.
            let is_planned = |inner: Op<'c>, value: Val<'c>| inner == op && SNAPSHOT_BYTES.is_on(op) && is_open(value);
            walk(op, &mut |inner| {
                touches = touches || operands(inner).into_iter().any(|value| linear.contains(value));
                let kept = operands(inner).into_iter().filter(|value| outside.contains(*value));
                kept.filter(|value| !is_planned(inner, *value)).for_each(|value| self.add(value));
            });
            if !touches {
                results(op).into_iter().filter(|_| is_again).for_each(|value| self.add(value));
                continue;
            }
            linear.extend(results(op));
            // What a planned loop keeps has been planned; without a plan, it is not known here.
            if SNAPSHOT_BYTES.is_on(op) {
                continue;
            }
            if CHECKPOINT.is_on(op) {
                self.open = self.open.or_else(|| results(op).first().copied());
            }
            let is_again = kind == Some(OpKind::AdCheckpoint);
            for inner in (0..op.region_count()).filter_map(|index| region_block(op, index)) {
                linear.extend(block_args(inner).into_iter().filter(|_| kind == Some(OpKind::ScfFor)));
                self.block(inner, outside, linear, is_again);
            }
        }
    }
}

/// Whether the size of a value is known only at run time.
fn is_open(value: Val) -> bool {
    ValueType::of(value.r#type()).is_some_and(|r#type| !r#type.is_static())
}

/// The error for a value outside of loops whose size is known only at run time.
fn open(value: Val) -> Diagnostic {
    let message = format!(
        "the derivative keeps a value of type {} outside of loops, {} bytes; '--max-tape' needs a number that is known when \
        the program is compiled",
        value.r#type(),
        Size::of(value, &[])
    );
    let help = "write the extents in the types of the arguments on which they depend; or compute the value in a loop, which \
        keeps as many of its states as fit when it runs";
    Diagnostic::unsupported(message).help(help)
}

/// Linearizes a request so that its derivative keeps at most `limit` bytes. The function does so with a share for each
/// loop, or without plans; `block` gives the block of its linear region.
///
/// # Errors
/// If there is no derivative, or no such bound.
pub(crate) fn within<'c, L>(
    functions: &HashMap<&'c str, Op<'c>>,
    request: Op<'c>,
    limit: Option<u64>,
    block: impl Fn(&L) -> Blk<'c>,
    mut linearize: impl FnMut(Option<u64>) -> Result<L, SpannedDiagnostic<'c>>,
) -> Result<L, SpannedDiagnostic<'c>> {
    let Some(limit) = limit else { return linearize(None) };
    let mark = Builder::before(request).index(0).map(defining_op);
    let mark = mark.map_err(|diagnostic| SpannedDiagnostic::new(request.location(), diagnostic))?;
    let made = || -> Vec<Op<'c>> {
        let after = |op: &Op<'c>| op.next_in_block();
        std::iter::successors(mark.as_ref().and_then(after), after).take_while(|op| *op != request).collect()
    };
    let measure = |linearized: &L| Kept::of(block(linearized), &made());
    let discard = |linearized: L| {
        // The region uses the operations before it.
        drop(linearized);
        made().into_iter().rev().for_each(erase);
    };
    let first = linearize(None)?;
    let kept = measure(&first);
    if let Some(call) = kept.call {
        let message =
            "this derivative keeps records, of recursive calls or of pullbacks, of which '--max-tape' finds no bound";
        let help = "write a recursion as a loop, and pull a pullback where it is made";
        let diagnostic = Diagnostic::unsupported(message).help(help);
        return Err(SpannedDiagnostic::new(call.location(), diagnostic));
    }
    if kept.open.is_none() && kept.bytes <= limit {
        return Ok(first);
    }
    discard(first);
    let callee = symbol_attribute(request, "callee").and_then(|name| functions.get(name));
    let loops = callee.map_or(0, |function| loops_in(functions, *function));
    let attempt = linearize(Some(limit / loops.max(1)))?;
    let kept = measure(&attempt);
    if let Some(value) = kept.open {
        let location = defining_op(value).map_or(request.location(), |op| op.location());
        return Err(SpannedDiagnostic::new(location, open(value)));
    }
    if kept.bytes > limit {
        let place =
            kept.largest.and_then(|(value, _)| defining_op(value)).map_or(request.location(), |op| op.location());
        let largest = kept.largest.map_or(0, |(_, bytes)| bytes);
        let message = format!(
            "the derivative keeps {} bytes outside of loops, of which this value has {largest}; '--max-tape' allows {limit}",
            kept.bytes
        );
        let help = "raise the limit, or put what computes the value into an 'ad.checkpoint'";
        return Err(SpannedDiagnostic::new(place, Diagnostic::limit(message).help(help)));
    }
    if kept.bytes == 0 {
        return Ok(attempt);
    }
    discard(attempt);
    linearize(Some((limit - kept.bytes) / loops.max(1)))
}
