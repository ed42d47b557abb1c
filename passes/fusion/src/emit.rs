//! Emission of the planned nests in place of the original ones.

use crate::group::{Member, Traffic, written_element};
use crate::nest::{Role, is_tensor};
use crate::plan::FusionPlan;
use dp_dialects::ir::{
    Op, Val, ValueMap, block_args, block_ops, context_of, erase, i64_attribute, key, operands, replace_all_uses,
    results,
};
use dp_dialects::{Builder, Diagnostic, Result};
use dp_loopnest::structured::{Indexed, generic, is_named, loop_index};
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Location};
use std::collections::HashMap;

/// Emits the nests of a plan, and puts the operations of the block into its order.
pub(crate) fn emit(plan: &FusionPlan) -> Result<()> {
    let Some(last) = plan.ops.last().copied() else { return Ok(()) };
    let mut emitter = Emitter { plan, last, renamed: ValueMap::new() };
    let mut replaced = vec![false; plan.ops.len()];
    for group in plan.order.groups() {
        if plan.nests[*group].is_none() {
            emitter.keep(plan.ops[*group]);
            continue;
        }
        let traffic = plan.traffic_of(*group);
        if emitter.is_as_before(*group, &traffic) {
            emitter.keep(plan.ops[*group]);
            continue;
        }
        let members = plan.groups[*group].members.iter().filter(|member| plan.group_of[member.nest] == *group);
        members.for_each(|member| replaced[member.nest] = true);
        if !traffic.outputs.is_empty() {
            emitter.make(plan.groups[*group].rank, &traffic)?;
        }
    }
    // Users first: an operation with uses cannot be erased.
    for place in (0..plan.ops.len()).rev().filter(|place| replaced[*place]) {
        erase(plan.ops[place]);
    }
    Ok(())
}

struct Emitter<'a, 'c> {
    plan: &'a FusionPlan<'c>,
    /// The end of the block.
    last: Op<'c>,
    /// The replacements of nest results.
    renamed: ValueMap<Val<'c>>,
}

impl<'c> Emitter<'_, 'c> {
    /// Moves an operation to the end.
    fn keep(&self, op: Op<'c>) {
        if op != self.last {
            // SAFETY: both operations are live and in one block; the order keeps definitions before uses.
            unsafe { mlir_sys::mlirOperationMoveBefore(op.to_raw(), self.last.to_raw()) }
        }
    }

    /// Whether a group is a single, unchanged nest.
    fn is_as_before(&self, group: usize, traffic: &Traffic<'c>) -> bool {
        let Some(nest) = &self.plan.nests[group] else { return true };
        let fill = is_named(nest.op, "linalg.fill");
        self.plan.groups[group].members.len() == 1
            && traffic.outputs.len() == nest.outputs.len()
            && (fill || traffic.inputs.len() == nest.inputs.len())
    }

    fn mapped(&self, value: Val<'c>) -> Val<'c> {
        self.renamed.get(value).copied().unwrap_or(value)
    }

    /// Emits the nest of a group.
    fn make(&mut self, rank: usize, traffic: &Traffic<'c>) -> Result<()> {
        let plan = self.plan;
        let mut reduced = Vec::new();
        let mut locations: Vec<Location> = Vec::new();
        for member in &traffic.members {
            let nest = nest_of(plan, member)?;
            let own = nest.reduces.iter().zip(&member.loops);
            reduced.extend(own.filter(|(reduces, _)| **reduces).map(|(_, dim)| *dim));
            if !locations.contains(&nest.op.location()) {
                locations.push(nest.op.location());
            }
        }
        let mut outputs = Vec::new();
        for (member, slot) in &traffic.outputs {
            let member = &traffic.members[*member];
            let at = member.place(&nest_of(plan, member)?.outputs[*slot].initial);
            outputs.push(Indexed { value: self.mapped(at.value), loops: at.loops });
        }
        let inputs: Vec<Indexed> = traffic
            .inputs
            .iter()
            .map(|input| Indexed { value: self.mapped(input.value), loops: input.loops.clone() })
            .collect();
        let b = Builder::before(self.last).located(together(self.last, &locations));
        let made = generic(&b, rank, &reduced, &inputs, &outputs, |b, elements| self.body(b, traffic, elements))?;
        for ((member, slot), new) in traffic.outputs.iter().zip(made) {
            let old = nest_of(plan, &traffic.members[*member])?.outputs[*slot].result;
            replace_all_uses(old, new);
            self.renamed.insert(old, new);
        }
        Ok(())
    }

    /// Emits the bodies one after the other; returns the values of the outputs.
    fn body(&self, b: &Builder<'c>, traffic: &Traffic<'c>, elements: &[Val<'c>]) -> Result<Vec<Val<'c>>> {
        let mut known: HashMap<(usize, Vec<usize>), Val<'c>> = HashMap::new();
        for (input, element) in traffic.inputs.iter().zip(elements) {
            known.insert((key(input.value), input.loops.clone()), *element);
        }
        let mut yielded = vec![None; traffic.outputs.len()];
        for (index, member) in traffic.members.iter().enumerate() {
            let nest = nest_of(self.plan, member)?;
            let stored = |slot: usize| traffic.outputs.iter().position(|output| *output == (index, slot));
            let arguments = block_args(nest.body);
            let mut local: Vec<(Val, Val)> = Vec::new();
            let element = |at: &Indexed<'c>| {
                let at = member.place(at);
                known.get(&(key(at.value), at.loops)).copied()
            };
            for (input, argument) in nest.inputs.iter().zip(&arguments) {
                let value = if is_tensor(input.value) { element(input) } else { Some(self.mapped(input.value)) };
                local.push((*argument, value.ok_or_else(missing)?));
            }
            for (slot, output) in nest.outputs.iter().enumerate().filter(|(_, output)| output.reads_initial) {
                let value = match stored(slot) {
                    Some(place) => Some(elements[traffic.inputs.len() + place]),
                    None => element(&output.initial),
                };
                local.push((arguments[nest.inputs.len() + slot], value.ok_or_else(missing)?));
            }
            let gives = copy(b, block_ops(nest.body), member, local)?;
            for (slot, (output, value)) in nest.outputs.iter().zip(gives).enumerate() {
                if let Some(place) = stored(slot) {
                    yielded[place] = Some(value);
                }
                if output.role == Role::Elementwise {
                    known.insert(written_element(member, output), value);
                }
            }
        }
        yielded.into_iter().map(|value| value.ok_or_else(missing)).collect()
    }
}

/// Clones the operations of a body with new arguments and loop indices; returns what it yields.
fn copy<'c>(
    b: &Builder<'c>,
    ops: Vec<Op<'c>>,
    member: &Member,
    mut pairs: Vec<(Val<'c>, Val<'c>)>,
) -> Result<Vec<Val<'c>>> {
    let mut local: ValueMap<Val> = ValueMap::new();
    pairs.iter().for_each(|(old, new)| {
        local.insert(*old, *new);
    });
    for op in ops {
        let replaced = |value: Val<'c>| local.get(value).copied().unwrap_or(value);
        if is_named(op, "linalg.yield") {
            return Ok(operands(op).into_iter().map(replaced).collect());
        }
        let new = if is_named(op, "linalg.index") {
            let dim = i64_attribute(op, "dim").and_then(|dim| member.loops.get(usize::try_from(dim).ok()?));
            vec![loop_index(b, *dim.ok_or_else(missing)?)?]
        } else if op.region_count() > 0 {
            // Regions may use values from outside.
            results(b.clone_op(op, &pairs))
        } else {
            results(b.clone_op(op, &operands(op).into_iter().map(|value| (value, replaced(value))).collect::<Vec<_>>()))
        };
        for (old, new) in results(op).into_iter().zip(new) {
            local.insert(old, new);
            pairs.push((old, new));
        }
    }
    Err(missing())
}

fn nest_of<'a, 'c>(plan: &'a FusionPlan<'c>, member: &Member) -> Result<&'a crate::nest::Nest<'c>> {
    plan.nests[member.nest].as_ref().ok_or_else(missing)
}

fn missing() -> Diagnostic {
    Diagnostic::internal("internal error: a fused body uses an unknown value")
}

/// The fused location of several operations.
fn together<'c>(at: Op<'c>, locations: &[Location<'c>]) -> Location<'c> {
    match locations {
        [one] => *one,
        _ => {
            let context = context_of(at);
            // SAFETY: a null attribute means no metadata.
            let none = unsafe { Attribute::from_raw(mlir_sys::mlirAttributeGetNull()) };
            Location::fused(context, locations, none)
        }
    }
}
