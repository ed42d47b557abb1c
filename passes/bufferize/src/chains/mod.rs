//! `place-chains`: turns long chains of insertions into writes to one buffer, and many reads of one tensor into reads
//! of its buffer.

mod reads;
mod slices;

use dp_dialects::ir::{
    Blk, Op, Val, block_ops, defining_op, erase, operands, replace_all_uses, result, results, users, value_block, walk,
};
use dp_dialects::{Builder, Diagnostic, Result, ValueType};
use dp_loopnest::structured::{address, buffer_type, extents, is_named, segments};
use dp_passes::{ErrorGuaranteed, Pass, pass_options};
use melior::ir::attribute::Attribute;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{RegionLike, ValueLike};
use slices::{Slice, are_disjoint, is_link};
use std::collections::{HashMap, HashSet};

/// `place-chains`.
pub static PLACE_CHAINS: Pass<ChainOptions> = Pass {
    flag: "place-chains",
    summary: "write long chains of insertions to one buffer",
    description: "Takes functions on tensors, right before bufferization. A long chain of insertions into a tensor, in which \
        operations in between read only the slice that is replaced next, becomes writes in the same order to one \
        buffer, or to the memory of a result. Bufferization would also do this in place, but needs time cubic in \
        the length of the chain. Many reads of a tensor that is never overwritten become reads of its buffer, and \
        each of many loops that read an argument refers to its buffer directly. If the slices are known to be \
        disjoint, what is inserted may be computed in place.",
    body: run,
};

pass_options! {
    /// Options of `place-chains`.
    pub struct ChainOptions {
        "links" => links: usize = 16, "the least number of insertions of a long chain";
    }
}

/// A chain of insertions, each into the result of the previous one.
struct Chain<'c> {
    links: Vec<Op<'c>>,
    /// For each link, the reads of the tensor that it inserts into.
    reads: Vec<Vec<Op<'c>>>,
}

fn run<'c>(module: Op<'c>, options: &ChainOptions) -> Result<(), ErrorGuaranteed> {
    dp_dialects::ir::context_of(module).get_or_load_dialect("bufferization");
    let links = options.links;
    let mut blocks: Vec<Blk> = Vec::new();
    walk(module, &mut |op| {
        for region in op.regions() {
            blocks.extend(std::iter::successors(region.first_block(), |block| block.next_in_region()));
        }
    });
    reads::look_up_all(&blocks, links)?;
    for block in blocks {
        for chain in chains(block, links) {
            let at = chain.links[0];
            place(block, &chain).map_err(|diagnostic| diagnostic.report(at.location()))?;
        }
    }
    Ok(())
}

/// The destination of a link.
fn destination<'c>(link: Op<'c>) -> Val<'c> {
    operands(link)[1]
}

/// The long chains of a block; no link belongs to two.
fn chains<'c>(block: Blk<'c>, least: usize) -> Vec<Chain<'c>> {
    let ops = block_ops(block);
    let order: HashMap<usize, usize> = ops.iter().enumerate().map(|(index, op)| (address(*op), index)).collect();
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for op in ops.iter().copied().filter(|op| is_link(*op)) {
        if seen.contains(&address(op)) {
            continue;
        }
        let mut chain = Chain { links: vec![op], reads: vec![Vec::new()] };
        let mut last = op;
        while let Some((next, reads)) = next(last, &order) {
            chain.links.push(next);
            chain.reads.push(reads);
            last = next;
        }
        seen.extend(chain.links.iter().map(|link| address(*link)));
        if chain.links.len() >= least {
            found.push(chain);
        }
    }
    found
}

/// The next link, and the reads in between.
fn next<'c>(link: Op<'c>, order: &HashMap<usize, usize>) -> Option<(Op<'c>, Vec<Op<'c>>)> {
    let value = result(link);
    let (mut next, mut reads) = (None, Vec::new());
    for user in users(value) {
        if is_link(user) && destination(user) == value && operands(user)[0] != value {
            if next.replace(user).is_some() {
                return None;
            }
        } else {
            reads.push(user);
        }
    }
    let next = next.filter(|next| order.contains_key(&address(*next)))?;
    let end = order[&address(next)];
    let is_before = |op: Op| order.get(&address(op)).is_some_and(|at| *at < end);
    // A read is used only before the next write, or is written by it.
    let is_used_up = |read: &Op<'c>| {
        let is_read = is_named(*read, "tensor.extract") || is_named(*read, "tensor.dim");
        let box_of = |op: Op<'c>| {
            users(result(op)).into_iter().all(|user| {
                is_named(user, "linalg.generic")
                    && is_before(user)
                    && results(user).into_iter().all(|made| users(made).into_iter().all(|user| user == next))
            })
        };
        is_before(*read) && (is_read || is_named(*read, "tensor.extract_slice") && box_of(*read))
    };
    if !reads.iter().all(is_used_up) {
        return None;
    }
    reads.sort_by_key(|read| order[&address(*read)]);
    Some((next, reads))
}

/// The result buffer that the end of a chain is stored to, and the store.
fn stored<'c>(end: Val<'c>) -> Option<(Val<'c>, Op<'c>)> {
    let [store] = users(end)[..] else { return None };
    let [_, to] = operands(store)[..] else { return None };
    let is_result = is_named(store, "bufferization.materialize_in_destination")
        && defining_op(to).is_none()
        && value_block(to) == store.block();
    is_result.then_some((to, store))
}

fn place<'c>(block: Blk<'c>, chain: &Chain<'c>) -> Result<()> {
    let (first, last) = (chain.links[0], chain.links[chain.links.len() - 1]);
    let end = result(last);
    let whole = ValueType::of_value(end)?;
    let base = destination(first);
    let slices: Vec<Option<Slice>> = chain.links.iter().map(|link| Slice::of(*link)).collect();
    let is_empty = defining_op(base).is_some_and(|op| is_named(op, "tensor.empty"));
    // If nothing else writes to it, it may already contain the inserted tensors when they are computed.
    let at_once = is_empty && whole.is_static() && chain.reads.iter().all(Vec::is_empty) && are_disjoint(&slices);
    let anchor = if at_once { earliest(block, chain) } else { first };
    let b = Builder::before(anchor).located(first.location());
    let context = b.context();
    let unit = Attribute::unit(context);
    let result_memory = stored(end);
    let buffer = match result_memory {
        Some((memory, _)) => memory,
        None => allocate(&b, &whole, base)?,
    };
    let (restricted, writable) = (("restrict", unit), ("writable", unit));
    let write = |b: &Builder<'c>, value: Val<'c>, to: Val<'c>| {
        let attributes: &[(&str, Attribute)] = if at_once { &[restricted, writable] } else { &[writable] };
        b.named("bufferization.materialize_in_destination", &[value, to], &[], attributes, vec![]).map(|_| ())
    };
    if !is_empty {
        write(&b, base, buffer)?;
    }
    for ((link, of), reads) in chain.links.iter().zip(&slices).zip(&chain.reads) {
        let value = operands(*link)[0];
        let here = Builder::before(*link);
        let mut view = None;
        if let Some(of) = of.as_ref().filter(|of| of.is_known()) {
            view = Some(of.view(&b.located(link.location()), buffer, &whole, &ValueType::of_value(value)?)?);
        }
        for read in reads {
            let at = Builder::before(*read);
            let replaced = if is_named(*read, "tensor.extract") {
                let operands: Vec<Val> = std::iter::once(buffer).chain(operands(*read).split_off(1)).collect();
                at.named("memref.load", &operands, &[result(*read).r#type()], &[], vec![])?
            } else if is_named(*read, "tensor.dim") {
                at.named("memref.dim", &[buffer, operands(*read)[1]], &[result(*read).r#type()], &[], vec![])?
            } else {
                let inner = Slice::of(*read)
                    .ok_or_else(|| Diagnostic::internal("internal error: a slice without attributes"))?;
                let like = ValueType::of_value(result(*read))?;
                let is_same = of.as_ref().is_some_and(|of| of.is_same(&inner))
                    && ValueType::of_value(value).is_ok_and(|of| of == like);
                let seen = match view.filter(|_| is_same) {
                    Some(view) => view,
                    None => inner.view(&at, buffer, &whole, &like)?,
                };
                if is_same {
                    view = Some(seen);
                }
                let r#type = result(*read).r#type();
                at.named("bufferization.to_tensor", &[seen], &[r#type], &[restricted, writable], vec![])?
            };
            replace_all_uses(result(*read), result(replaced));
        }
        match (of, view) {
            (Some(_), Some(view)) => write(&here, value, view)?,
            (Some(of), None) => write(&here, value, of.view(&here, buffer, &whole, &ValueType::of_value(value)?)?)?,
            (None, _) => {
                let operands: Vec<Val> = [value, buffer].into_iter().chain(operands(*link).split_off(2)).collect();
                here.named("memref.store", &operands, &[], &[], vec![])?;
            }
        }
    }
    match result_memory {
        Some((_, store)) => erase(store),
        None => {
            let after = last
                .next_in_block()
                .ok_or_else(|| Diagnostic::internal("internal error: a block without a terminator"))?;
            let b = Builder::before(after).located(last.location());
            let whole =
                b.named("bufferization.to_tensor", &[buffer], &[end.r#type()], &[restricted, writable], vec![])?;
            replace_all_uses(end, result(whole));
        }
    }
    for (link, reads) in chain.links.iter().zip(&chain.reads).rev() {
        erase(*link);
        reads.iter().for_each(|read| erase(*read));
    }
    Ok(())
}

/// A buffer for the tensor with the extents of the base.
fn allocate<'c>(b: &Builder<'c>, whole: &ValueType, base: Val<'c>) -> Result<Val<'c>> {
    let extents = extents(b, base)?;
    let r#type = buffer_type(b.context(), whole);
    let attributes = [segments(b.context(), &[extents.len(), 0])];
    b.named("memref.alloc", &extents, &[r#type], &attributes, vec![]).map(result)
}

/// The first operation that defines an inserted tensor or its destination.
fn earliest<'c>(block: Blk<'c>, chain: &Chain<'c>) -> Op<'c> {
    let mut makers = HashSet::new();
    for link in &chain.links {
        let Some(maker) = defining_op(operands(*link)[0]) else { continue };
        makers.insert(address(maker));
        makers.extend(
            operands(maker).into_iter().filter_map(defining_op).filter(|op| is_named(*op, "tensor.empty")).map(address),
        );
    }
    block_ops(block).into_iter().find(|op| makers.contains(&address(*op))).unwrap_or(chain.links[0])
}
