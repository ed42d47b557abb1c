//! `share-kernels`: merges identical kernels.
//!
//! A kernel uses host values only through parameters. So a function and its derivative, or the layers of a network,
//! have kernels that differ only in name. The first is used for all.

use crate::host::launches::launched;
use crate::kernel::{MODULE, SHARED, reference};
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, block_args, block_ops, body_ops, context_of, erase, key, operands, results,
    symbol_attribute, symbol_name, walk,
};
use dp_loopnest::structured::{address, is_named, set_attribute};
use dp_passes::{ErrorGuaranteed, NoOptions, Pass};
use melior::ir::attribute::{IntegerAttribute, TypeAttribute};
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::r#type::MemRefType;
use melior::ir::{AttributeLike, RegionLike, TypeLike, ValueLike};
use std::collections::{HashMap, HashSet};

/// `share-kernels`.
pub static SHARE_KERNELS: Pass = Pass {
    flag: "share-kernels",
    summary: "merge identical kernels",
    description: "Takes kernels and their launches, as `map-kernels` leaves them. Of kernels that differ only in names, with \
        the same parameters, operations, types, constants and shared memory, keeps the first, which all of them \
        launch.",
    body: run,
};

fn run<'c>(module: Op<'c>, _: &NoOptions) -> Result<(), ErrorGuaranteed> {
    let mut first: HashMap<Vec<usize>, &str> = HashMap::new();
    let mut replaced: HashMap<&str, &str> = HashMap::new();
    for kernels in body_ops(module).into_iter().filter(|op| symbol_name(*op) == Some(MODULE)) {
        let symbols: HashMap<&str, Op> =
            body_ops(kernels).into_iter().filter_map(|op| Some((symbol_name(op)?, op))).collect();
        for kernel in body_ops(kernels).into_iter().filter(|op| is_named(*op, "gpu.func")) {
            let Some(name) = symbol_name(kernel) else { continue };
            let same = *first.entry(Form::of(kernel, &symbols)).or_insert(name);
            if same != name {
                replaced.insert(name, same);
            }
        }
        drop_kernels(kernels, &symbols, &replaced);
    }
    if replaced.is_empty() {
        return Ok(());
    }
    let context = context_of(module);
    let mut launches = Vec::new();
    walk(module, &mut |op| launches.extend(is_named(op, "gpu.launch_func").then_some(op)));
    for launch in launches {
        let name = launched(launch).filter(|name| launch.attribute("kernel") == Ok(reference(context, name)));
        if let Some(name) = name.and_then(|name| replaced.get(name)) {
            set_attribute(launch, "kernel", reference(context, name));
        }
    }
    Ok(())
}

/// Erases kernels, and shared memory that only they use.
fn drop_kernels(kernels: Op, symbols: &HashMap<&str, Op>, replaced: &HashMap<&str, &str>) {
    let (mut dropped, mut kept) = (HashSet::new(), HashSet::new());
    for op in body_ops(kernels) {
        let goes = symbol_name(op).is_some_and(|name| replaced.contains_key(name));
        let memory = if goes { &mut dropped } else { &mut kept };
        walk(op, &mut |inner| memory.extend(memory_of(inner)));
        if goes {
            erase(op);
        }
    }
    dropped.difference(&kept).filter_map(|name| symbols.get(name)).for_each(|global| erase(*global));
}

/// The memory that an operation refers to.
fn memory_of<'c>(op: Op<'c>) -> Option<&'c str> {
    is_named(op, "memref.get_global").then(|| symbol_attribute(op, "name"))?
}

/// Whether it is shared memory, of which each kernel has its own.
fn is_shared(global: Op) -> bool {
    let of = global.attribute("type").and_then(TypeAttribute::try_from);
    let space = of.and_then(|of| MemRefType::try_from(of.value())).ok().and_then(|of| of.memory_space());
    space.and_then(|space| IntegerAttribute::try_from(space).ok()).is_some_and(|space| space.value() == SHARED)
}

/// The structure of a kernel without names and locations: equal for equivalent kernels. Types, attributes and
/// identifiers are compared by address, since they are unique in a context; values by number. Every list is followed by
/// its length.
struct Form<'a, 'c> {
    parts: Vec<usize>,
    values: ValueMap<usize>,
    defined: usize,
    /// Shared memory, in order of use.
    memory: Vec<&'c str>,
    symbols: &'a HashMap<&'c str, Op<'c>>,
}

impl<'a, 'c> Form<'a, 'c> {
    fn of(kernel: Op<'c>, symbols: &'a HashMap<&'c str, Op<'c>>) -> Vec<usize> {
        let mut form = Form { parts: vec![], values: ValueMap::new(), defined: 0, memory: vec![], symbols };
        form.op(kernel);
        form.parts
    }

    fn op(&mut self, op: Op<'c>) {
        self.parts.push(op.name().to_raw().ptr as usize);
        let global = memory_of(op).and_then(|name| Some((name, *self.symbols.get(name)?)));
        match global.filter(|(_, global)| is_shared(*global)) {
            None => self.attributes(op, "sym_name"),
            Some((name, global)) => {
                self.attributes(op, "name");
                let number = self.memory.iter().position(|known| *known == name).unwrap_or_else(|| {
                    self.memory.push(name);
                    self.memory.len() - 1
                });
                self.parts.push(number);
                self.attributes(global, "sym_name");
            }
        }
        let of = operands(op);
        self.parts.push(of.len());
        // Kernels use no outside values; one would equal no other.
        self.parts.extend(of.into_iter().map(|value| self.values.get(value).copied().unwrap_or_else(|| key(value))));
        self.define(&results(op));
        // There are no branches between blocks yet; one would equal no other.
        self.parts.push(if op.successor_count() == 0 { 0 } else { address(op) });
        self.parts.push(op.region_count());
        for region in op.regions().collect::<Vec<_>>() {
            let blocks: Vec<Blk> =
                std::iter::successors(region.first_block(), |block| block.next_in_region()).collect();
            self.parts.push(blocks.len());
            for block in blocks {
                self.define(&block_args(block));
                let ops = block_ops(block);
                self.parts.push(ops.len());
                ops.into_iter().for_each(|op| self.op(op));
            }
        }
    }

    /// All attributes except one.
    fn attributes(&mut self, op: Op<'c>, hidden: &str) {
        let all = op.attributes().filter(|(name, _)| name.as_string_ref().as_str() != Ok(hidden));
        let all: Vec<usize> =
            all.flat_map(|(name, attribute)| [name.to_raw().ptr as usize, attribute.to_raw().ptr as usize]).collect();
        self.parts.push(all.len());
        self.parts.extend(all);
    }

    fn define(&mut self, values: &[Val<'c>]) {
        self.parts.push(values.len());
        for value in values {
            self.values.insert(*value, self.defined);
            self.defined += 1;
            self.parts.push(value.r#type().to_raw().ptr as usize);
        }
    }
}
