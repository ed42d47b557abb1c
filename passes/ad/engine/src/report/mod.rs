//! The report of a derivative: what it keeps, for which operations, and in how many bytes; what it computes again; and which
//! choices rules make where a function is not differentiable.
//!
//! A loop in a loop keeps its values on a tape, which the outer loop keeps for each of its iterations. This is one residual:
//! it is known by the value that holds it, and each construct around multiplies its size.

pub mod notices;
pub mod sizes;

use dp_dialects::builder::adjoint_rule;
use dp_dialects::ir::{
    Blk, Op, Val, ValueMap, ValueSet, block_args, block_ops, defining_op, operands, region_block, results,
    value_location, walk,
};
use dp_dialects::{OpKind, ScalarType, ValueType};
use melior::ir::operation::OperationLike;
use melior::ir::{Location, ValueLike};
use sizes::{Size, place_of};
use std::collections::{BTreeMap, BTreeSet};

/// The most uses of a residual that are named.
const MOST_USES: usize = 3;

/// What a residual is used by, in words: the rules that use it, and where.
pub struct Uses(ValueMap<Vec<String>>);

impl Uses {
    /// The uses of values in a linear block.
    pub fn of<'c>(values: &[Val<'c>], linear: Blk<'c>) -> Uses {
        let mut uses = ValueMap::new();
        values.iter().for_each(|value| drop(uses.insert(*value, Vec::new())));
        for top in block_ops(linear) {
            walk(top, &mut |op| {
                for operand in operands(op) {
                    let Some(known) = uses.get_mut(operand) else { continue };
                    let rule = adjoint_rule(op.location()).unwrap_or_else(|| "a linear map".into());
                    let words = format!("'{rule}' at {}", place_of(op.location()));
                    if !known.contains(&words) {
                        known.push(words);
                    }
                }
            });
        }
        Uses(uses)
    }

    fn words(&self, value: Val) -> String {
        let known = self.0.get(value).map(Vec::as_slice).unwrap_or_default();
        if known.is_empty() {
            return "what is computed again".into();
        }
        let named = known[..known.len().min(MOST_USES)].join(", ");
        match known.len().saturating_sub(MOST_USES) {
            0 => format!("the derivative of {named}"),
            others => format!("the derivative of {named} and {others} more"),
        }
    }
}

/// A number of things.
fn counted(number: u128, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A value that is kept.
struct Residual<'c> {
    location: Location<'c>,
    /// Its type, and of what it is one.
    what: String,
    uses: String,
    size: Size,
}

/// What a derivative keeps, computes again and chooses.
#[derive(Default)]
pub struct Report<'c> {
    residuals: Vec<Residual<'c>>,
    /// The residual that a value holds.
    holders: ValueMap<usize>,
    notes: Vec<(Location<'c>, String)>,
    /// The notes and their places, to tell each once.
    known: BTreeSet<(String, String)>,
}

impl<'c> Report<'c> {
    /// Notes that a construct keeps a value with these dynamic extents, `times` times, in another one that outlives it.
    pub fn keep(
        &mut self,
        (value, holder): (Val<'c>, Val<'c>),
        extents: &[Val<'c>],
        uses: &Uses,
        (times, construct): (&Size, Op<'c>),
    ) {
        if let Some(held) = self.holders.get(value).copied() {
            self.residuals[held].size = self.residuals[held].size.times(times);
            self.holders.insert(holder, held);
            return;
        }
        let name = construct.name();
        let name = name.as_string_ref().as_str().unwrap_or("?");
        let what = format!("{} in '{name}' at {}", value.r#type(), place_of(construct.location()));
        self.holders.insert(holder, self.residuals.len());
        let size = Size::of(value, extents).times(times);
        self.residuals.push(Residual { location: value_location(value), what, uses: uses.words(value), size });
    }

    /// The same for several values and what holds them, with uses in a linear block.
    pub fn keep_all(
        &mut self,
        held: impl Iterator<Item = (Val<'c>, Val<'c>)>,
        linear: Blk<'c>,
        times: &Size,
        construct: Op<'c>,
    ) {
        let held: Vec<(Val, Val)> = held.collect();
        let uses = Uses::of(&held.iter().map(|(value, _)| *value).collect::<Vec<_>>(), linear);
        held.into_iter().for_each(|pair| self.keep(pair, &[], &uses, (times, construct)));
    }

    /// Notes that an operation is computed again instead of keeping its result.
    pub fn again(&mut self, op: Op<'c>) {
        let Some(kind) = OpKind::of(op) else { return };
        let is_index = |value: &Val| ValueType::of(value.r#type()).is_some_and(|of| of.dtype == ScalarType::Index);
        let entry = kind.entry();
        if !entry.is_free && !results(op).iter().all(is_index) {
            let cost = counted(entry.work.per_element().into(), "addition");
            let words = match op.region_count() {
                0 => format!("computed again: '{}', at the cost of {cost} per element", kind.name()),
                _ => format!("computed again: '{}', as a whole", kind.name()),
            };
            self.note(op.location(), words);
        }
    }

    /// Adds a note, unless it is known.
    pub fn note(&mut self, location: Location<'c>, words: String) {
        if self.known.insert((place_of(location), words.clone())) {
            self.notes.push((location, words));
        }
    }

    /// Adds the values outside of a function's linear block that it uses, but for the given ones, which are there anyway.
    pub fn finish(&mut self, linear: Blk<'c>, given: &[Val<'c>]) {
        let (mut inside, mut outside) = (ValueSet::default(), Vec::new());
        inside.extend(block_args(linear).into_iter().chain(given.iter().copied()));
        for top in block_ops(linear) {
            walk(top, &mut |op| {
                outside.extend(operands(op).into_iter().filter(|value| inside.insert(*value)));
                inside.extend(results(op));
                (0..op.region_count())
                    .filter_map(|index| region_block(op, index))
                    .for_each(|block| inside.extend(block_args(block)));
            });
        }
        let is_free = |value: &Val<'c>| {
            let kind = defining_op(*value).and_then(OpKind::of);
            kind.is_some_and(|kind| kind.entry().is_free || kind.dialect() == "arith")
                || ValueType::of(value.r#type()) == Some(ValueType::number(ScalarType::Index))
        };
        outside.retain(|value| !is_free(value) && !self.holders.contains(*value));
        let uses = Uses::of(&outside, linear);
        for value in outside {
            let size = Size::of(value, &[]);
            let what = value.r#type().to_string();
            self.residuals.push(Residual { location: value_location(value), what, uses: uses.words(value), size });
        }
    }

    /// The bytes of all that is kept, as a sum.
    fn total(&self) -> String {
        let mut sums: BTreeMap<Vec<String>, u128> = BTreeMap::new();
        for residual in &self.residuals {
            let sum = sums.entry(residual.size.sorted_names()).or_default();
            *sum = sum.saturating_add(residual.size.known);
        }
        let terms: Vec<String> = sums.into_iter().map(|(names, known)| Size { known, names }.to_string()).collect();
        if terms.is_empty() { "0".into() } else { terms.join(" + ") }
    }

    /// The report, as remarks at places.
    pub fn lines(self, location: Location<'c>, title: &str) -> Vec<(Location<'c>, String)> {
        let count = counted(self.residuals.len() as u128, "value");
        let mut lines = vec![(location, format!("{title} keeps {count}, {} bytes", self.total()))];
        for residual in self.residuals {
            let Residual { location, what, uses, size } = residual;
            let by =
                adjoint_rule(location).map_or_else(String::new, |rule| format!(", computed by the rule of '{rule}'"));
            let bytes = if size == Size::number(1) { "1 byte".into() } else { format!("{size} bytes") };
            lines.push((location, format!("kept: {what}{by}, {bytes}, used by {uses}")));
        }
        lines.extend(self.notes);
        lines
    }
}
