//! The report of a derivative: what it keeps, for which operations, and in how many bytes; what it computes again; and which
//! choices rules make where a function is not differentiable.
//!
//! A loop in a loop keeps its values on a tape, which the outer loop keeps for each of its iterations. This is one residual:
//! it is known by the value that holds it, and each construct around multiplies its size.

pub mod notices;
pub mod sizes;

use dp_dialects::builder::adjoint_rule;
use dp_dialects::diagnostics::{Figure, Figures};
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

    fn of_value(&self, value: Val) -> Vec<String> {
        self.0.get(value).cloned().unwrap_or_default()
    }
}

/// The uses of a residual, in words.
fn words_of(uses: &[String]) -> String {
    if uses.is_empty() {
        return "what is computed again".into();
    }
    let named = uses[..uses.len().min(MOST_USES)].join(", ");
    match uses.len().saturating_sub(MOST_USES) {
        0 => format!("the derivative of {named}"),
        others => format!("the derivative of {named} and {others} more"),
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
    /// Its type.
    r#type: String,
    /// The name of the construct that keeps it, if one does, and its place.
    construct: Option<(String, String)>,
    /// How many snapshots of it are kept, if it is the state of a loop.
    snapshots: Option<Size>,
    /// The rules that use it, and where; none if what is computed again does.
    uses: Vec<String>,
    size: Size,
}

impl Residual<'_> {
    fn line(&self) -> String {
        let Residual { location, r#type, construct, snapshots, uses, size } = self;
        let inside = construct.as_ref().map_or_else(String::new, |(name, place)| match snapshots {
            Some(count) => format!(" in snapshots of '{name}' at {place}, of which there are {count}"),
            None => format!(" in '{name}' at {place}"),
        });
        let by = adjoint_rule(*location).map_or_else(String::new, |rule| format!(", computed by the rule of '{rule}'"));
        let bytes = if *size == Size::number(1) { "1 byte".into() } else { format!("{size} bytes") };
        format!("kept: {type}{inside}{by}, {bytes}, used by {}", words_of(uses))
    }

    fn figures(&self) -> Figures {
        let mut figures = vec![about(), text("kind", "kept"), text("type", &self.r#type)];
        if let Some((name, place)) = &self.construct {
            figures.extend([text("construct", name), text("construct_at", place)]);
        }
        figures.extend(self.snapshots.as_ref().map(|count| text("snapshots", count)));
        figures.extend(adjoint_rule(self.location).map(|rule| text("rule", rule)));
        figures.extend([text("bytes", &self.size), ("used_by", Figure::Texts(self.uses.clone()))]);
        figures
    }
}

/// What the figures of a report are about.
fn about() -> (&'static str, Figure) {
    text("about", "ad-report")
}

/// A figure that is a text.
pub fn text(name: &'static str, text: impl ToString) -> (&'static str, Figure) {
    (name, Figure::Text(text.to_string()))
}

/// A line of a report: its place, and what it says, in words and as figures.
pub struct Line<'c> {
    /// The place.
    pub location: Location<'c>,
    /// The words.
    pub words: String,
    /// The same as figures.
    pub figures: Figures,
}

/// What a derivative keeps, computes again and chooses.
#[derive(Default)]
pub struct Report<'c> {
    residuals: Vec<Residual<'c>>,
    /// The residual that a value holds.
    holders: ValueMap<usize>,
    notes: Vec<Line<'c>>,
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
        self.holders.insert(holder, self.residuals.len());
        self.residuals.push(Residual {
            location: value_location(value),
            r#type: value.r#type().to_string(),
            construct: Some((name.into(), place_of(construct.location()))),
            snapshots: None,
            uses: uses.of_value(value),
            size: Size::of(value, extents).times(times),
        });
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
            let additions = entry.work.per_element();
            let cost = counted(additions.into(), "addition");
            let operation = text("operation", kind.name());
            let (words, figures) = match op.region_count() {
                0 => (
                    format!("computed again: '{}', at the cost of {cost} per element", kind.name()),
                    vec![operation, ("additions_per_element", Figure::Number(additions))],
                ),
                _ => (format!("computed again: '{}', as a whole", kind.name()), vec![operation]),
            };
            self.note(op.location(), "computed again", words, figures);
        }
    }

    /// Adds a note, unless it is known. `kind` is what it says, for programs that read reports.
    pub fn note(&mut self, location: Location<'c>, kind: &'static str, words: String, figures: Figures) {
        if self.known.insert((place_of(location), words.clone())) {
            let figures = [about(), text("kind", kind)].into_iter().chain(figures).collect();
            self.notes.push(Line { location, words, figures });
        }
    }

    /// Notes that reverse mode keeps so many snapshots of a loop's state: of the number of a round, and of these values.
    pub fn snapshots(&mut self, construct: Op<'c>, states: &[Val<'c>], count: &Size) {
        let name = construct.name();
        let name = name.as_string_ref().as_str().unwrap_or("?");
        let (location, place) = (construct.location(), place_of(construct.location()));
        let residual = |r#type: String, size: Size| Residual {
            location,
            r#type,
            construct: Some((name.into(), place.clone())),
            snapshots: Some(count.clone()),
            uses: Vec::new(),
            size: size.times(count),
        };
        self.residuals.push(residual("index".into(), Size::number(8)));
        self.residuals.extend(states.iter().map(|state| residual(state.r#type().to_string(), Size::of(*state, &[]))));
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
            self.residuals.push(Residual {
                location: value_location(value),
                r#type: value.r#type().to_string(),
                construct: None,
                snapshots: None,
                uses: uses.of_value(value),
                size: Size::of(value, &[]),
            });
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

    /// The report, as lines. The title is that of the derivative, in words and as figures.
    pub fn lines(self, location: Location<'c>, (title, figures): (String, Figures)) -> Vec<Line<'c>> {
        let (count, total) = (self.residuals.len(), self.total());
        let words = format!("{title} keeps {}, {total} bytes", counted(count as u128, "value"));
        let mut all = vec![about(), text("kind", "derivative")];
        all.extend(figures);
        all.extend([("values", Figure::Number(count as u64)), text("bytes", total)]);
        let mut lines = vec![Line { location, words, figures: all }];
        let residual = |of: Residual<'c>| Line { location: of.location, words: of.line(), figures: of.figures() };
        lines.extend(self.residuals.into_iter().map(residual));
        lines.extend(self.notes);
        lines
    }
}
