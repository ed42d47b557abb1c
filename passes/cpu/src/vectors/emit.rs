//! Emission of a nest with a vectorized innermost loop.

use super::blocks;
use super::memory::{load, load_row, store, store_row};
use super::plan::{Machine, Output, Start, VectorPlan};
use super::spans::{Span, index_op, spans};
use super::vectorize::copy_body;
use super::vectorize::{Functions, Place, broadcast, copy, lane_numbers, number, splat_constant, vector};
use dp_dialects::ir::{Op, Val, ValueMap, block_args, is_unused, operands, result};
use dp_dialects::{Builder, Result};
use dp_loopnest::nest::Nest;
use dp_loopnest::structured::stepped_loop;
use melior::ir::ValueLike;
use melior::ir::attribute::{Attribute, IntegerAttribute};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;

/// Emits the loops of a nest before it.
pub(super) fn emit<'c>(
    nest: &Nest<'c>,
    plan: &VectorPlan<'c>,
    machine: Machine,
    functions: &mut Functions<'c>,
) -> Result<()> {
    let mut emitter = Emitter { nest, plan, machine, functions };
    emitter.outer(&Builder::before(nest.op), 0, &mut vec![None; nest.reduces.len()])
}

pub(super) struct Emitter<'a, 'c> {
    nest: &'a Nest<'c>,
    pub(super) plan: &'a VectorPlan<'c>,
    machine: Machine,
    functions: &'a mut Functions<'c>,
}

/// A step: the index of the innermost loop, and what is computed there.
struct Step<'c> {
    at: Val<'c>,
    /// The number of lanes; 1 for a scalar.
    lanes: usize,
    mask: Option<Val<'c>>,
}

impl Step<'_> {
    fn is_vector(&self) -> bool {
        self.lanes > 1
    }
}

impl<'c> Emitter<'_, 'c> {
    /// The outer loops, from number `dim`.
    fn outer(&mut self, b: &Builder<'c>, dim: usize, at: &mut Vec<Option<Val<'c>>>) -> Result<()> {
        if dim == at.len() {
            return self.inner(b, at);
        }
        if dim == self.plan.dim {
            return self.outer(b, dim + 1, at);
        }
        let range = [b.index(0)?, self.nest.extents[dim].value(b)?, b.index(1)?];
        stepped_loop(b, range, &[], |b, index, _| {
            at[dim] = Some(index);
            self.outer(b, dim + 1, at).map(|()| Vec::new())
        })
        .map(|_| ())
    }

    /// The innermost loop: shared values, spans, and the combination of lanes.
    fn inner(&mut self, b: &Builder<'c>, at: &[Option<Val<'c>>]) -> Result<()> {
        let mut shared = ValueMap::new();
        let arguments = block_args(self.nest.body);
        for (access, argument) in self.nest.accesses[..self.nest.inputs].iter().zip(&arguments) {
            if !access.is_buffer {
                shared.insert(*argument, access.at.value);
            } else if access.position(self.plan.dim).is_none() {
                shared.insert(*argument, load(b, access, at)?);
            }
        }
        let spans = spans(b, self.nest.extents[self.plan.dim], self.plan, self.machine)?;
        // Spans with the same number of lanes share partial results.
        let whole = self.plan.lanes;
        for group in spans.chunk_by(|one, next| one.lanes.width(whole) == next.lanes.width(whole)) {
            let lanes = group[0].lanes.width(whole);
            if lanes > 1 {
                let mut held = self.start(b, at, lanes)?;
                for span in group {
                    let in_blocks = span.is_long && blocks::are_sums(&self.plan.outputs);
                    held = match in_blocks {
                        true => self.in_blocks(b, span, &shared, at, &held)?,
                        false => self.in_sequence(b, span, &shared, at, &held)?,
                    };
                }
                self.finish(b, at, held)?;
                continue;
            }
            for span in group {
                stepped_loop(b, [span.from, span.to, b.index(1)?], &[], |b, index, _| {
                    let step = Step { at: index, lanes, mask: None };
                    self.step(b, &step, &shared, at, &[]).map(|_| Vec::new())
                })?;
            }
        }
        Ok(())
    }

    /// The initial partial results of all lanes.
    pub(super) fn start(&self, b: &Builder<'c>, at: &[Option<Val<'c>>], lanes: usize) -> Result<Vec<Val<'c>>> {
        let mut held = Vec::new();
        for (access, output) in self.nest.outputs().iter().zip(&self.plan.outputs) {
            if let Output::Reduced(_, combiner) = output {
                held.push(match combiner.start {
                    Start::Output => broadcast(b, load(b, access, at)?, lanes)?,
                    Start::Number(text) => {
                        splat_constant(b, vector(access.element, lanes), number(b.context(), access.element, text)?)?
                    }
                });
            }
        }
        Ok(held)
    }

    /// Combines two partial results.
    pub(super) fn combined(
        &mut self,
        b: &Builder<'c>,
        op: Op<'c>,
        pair: [Val<'c>; 2],
        lanes: usize,
    ) -> Result<Val<'c>> {
        let first = operands(op)[0];
        let replaced = |value: Val<'c>| if value == first { pair[0] } else { pair[1] };
        copy(b, self.functions, op, &replaced, lanes).map(|made| made[0])
    }

    /// A span of vectors, one after the other; returns the partial results.
    pub(super) fn in_sequence(
        &mut self,
        b: &Builder<'c>,
        span: &Span<'c>,
        shared: &ValueMap<Val<'c>>,
        at: &[Option<Val<'c>>],
        held: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let (count, masked) = span.lanes.vectors();
        let lanes = span.lanes.width(self.plan.lanes);
        // Additional accumulators start like the first, which requires an identity.
        let width = held.len();
        let carried = held.repeat(count);
        let body = |this: &mut Self, b: &Builder<'c>, index: Val<'c>, held: &[Val<'c>]| -> Result<Vec<Val<'c>>> {
            let mut next = Vec::new();
            for vector in 0..count {
                let at_vector = match vector {
                    0 => index,
                    _ => index_op(b, "arith.addi", index, b.index((vector * lanes) as i64)?)?,
                };
                let mask = if masked { Some(this.mask(b, index, span.to)?) } else { None };
                let step = Step { at: at_vector, lanes, mask };
                next.extend(this.step(b, &step, shared, at, &held[vector * width..(vector + 1) * width])?);
            }
            Ok(next)
        };
        let partial = if span.once {
            body(self, b, span.from, &carried)?
        } else {
            let step = b.index((count * lanes) as i64)?;
            stepped_loop(b, [span.from, span.to, step], &carried, |b, index, held| body(self, b, index, held))?
        };
        let mut total = partial[..width].to_vec();
        for vector in 1..count {
            for (slot, (op, _)) in self.reduced().into_iter().enumerate() {
                total[slot] = self.combined(b, op, [total[slot], partial[vector * width + slot]], lanes)?;
            }
        }
        Ok(total)
    }

    /// The lanes of a step before the end.
    fn mask(&self, b: &Builder<'c>, index: Val<'c>, to: Val<'c>) -> Result<Val<'c>> {
        // Lane numbers are compared in 32 bits, although the count may have more.
        let i32 = IntegerType::new(b.context(), 32).into();
        let left = index_op(b, "arith.subi", to, index)?;
        let left = index_op(b, "arith.minui", left, b.index(self.plan.lanes as i64)?)?;
        let left = b.named("arith.index_cast", &[left], &[i32], &[], vec![]).map(result)?;
        const LESS: i64 = 2;
        let predicate = IntegerAttribute::new(IntegerType::new(b.context(), 64).into(), LESS).into();
        let r#type = vector(IntegerType::new(b.context(), 1).into(), self.plan.lanes);
        let of = [lane_numbers(b, i32, self.plan.lanes)?, broadcast(b, left, self.plan.lanes)?];
        b.named("arith.cmpi", &of, &[r#type], &[("predicate", predicate)], vec![]).map(result)
    }

    /// The reducing operations along the innermost loop, in the order of outputs.
    pub(super) fn reduced(&self) -> Vec<(Op<'c>, &'static str)> {
        let reduced = self.plan.outputs.iter().filter_map(|output| match output {
            Output::Reduced(op, combiner) => Some((*op, combiner.kind)),
            Output::Row => None,
        });
        reduced.collect()
    }

    /// One iteration of the body: loads, computes, stores; returns the partial results.
    fn step(
        &mut self,
        b: &Builder<'c>,
        step: &Step<'c>,
        shared: &ValueMap<Val<'c>>,
        at: &[Option<Val<'c>>],
        held: &[Val<'c>],
    ) -> Result<Vec<Val<'c>>> {
        let mut here = at.to_vec();
        here[self.plan.dim] = Some(step.at);
        let mut values: ValueMap<Val<'c>> = ValueMap::new();
        let mut held = held.iter();
        let arguments = block_args(self.nest.body);
        for (index, (access, argument)) in self.nest.accesses.iter().zip(&arguments).enumerate() {
            let output = index.checked_sub(self.nest.inputs).map(|index| self.plan.outputs[index]);
            let value = match (output, shared.get(*argument)) {
                (None, Some(value)) => *value,
                (Some(Output::Reduced(..)), _) if step.is_vector() => *held.next().unwrap_or(argument),
                (Some(Output::Row), _) if is_unused(*argument) => continue,
                (Some(Output::Reduced(..) | Output::Row), _) | (None, None) if step.is_vector() => {
                    load_row(b, access, &here, step.lanes, step.mask)?
                }
                (Some(Output::Reduced(..) | Output::Row), _) | (None, None) => load(b, access, &here)?,
            };
            values.insert(*argument, value);
        }
        let place = Place { at: &here, along: self.plan.dim, lanes: step.lanes };
        let yielded = copy_body(b, self.functions, self.nest.body, &mut values, &place)?;
        let mut next = Vec::new();
        for (index, output) in self.plan.outputs.iter().enumerate() {
            let (access, value) = (&self.nest.outputs()[index], yielded[index]);
            match output {
                _ if !step.is_vector() => store(b, access, &here, value)?,
                Output::Row => store_row(b, access, &here, broadcast(b, value, step.lanes)?, step.mask)?,
                Output::Reduced(..) => {
                    let before = values.get(arguments[self.nest.inputs + index]).copied().unwrap_or(value);
                    next.push(match step.mask {
                        Some(mask) => b
                            .named("arith.select", &[mask, value, before], &[value.r#type()], &[], vec![])
                            .map(result)?,
                        None => value,
                    });
                }
            }
        }
        Ok(next)
    }

    /// Combines the lanes with the previous values of the outputs, and stores the result.
    fn finish(&mut self, b: &Builder<'c>, at: &[Option<Val<'c>>], held: Vec<Val<'c>>) -> Result<()> {
        let kinds: Vec<_> =
            self.reduced().into_iter().map(|(op, kind)| (op.attribute("fastmath").ok(), kind)).collect();
        let outputs = self.nest.outputs().iter().zip(&self.plan.outputs);
        let reduced = outputs.filter(|(_, output)| matches!(output, Output::Reduced(..)));
        for (((access, _), (flags, kind)), held) in reduced.zip(kinds).zip(held) {
            let before = load(b, access, at)?;
            let kind = Attribute::parse(b.context(), &format!("#vector.kind<{kind}>"));
            let kind =
                kind.ok_or_else(|| dp_dialects::Diagnostic::internal("internal error: an unknown kind of reduction"))?;
            let mut attributes = vec![("kind", kind)];
            attributes.extend(flags.map(|flags| ("fastmath", flags)));
            let total =
                b.named("vector.reduction", &[held, before], &[access.element], &attributes, vec![]).map(result)?;
            store(b, access, at, total)?;
        }
        Ok(())
    }
}
