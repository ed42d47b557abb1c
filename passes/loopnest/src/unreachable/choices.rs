//! Branches: which region is taken, and what this implies for other branches on the same value. MLIR merges such
//! branches and simplifies regions by their condition.

use super::facts::Source;
use super::{Search, forwarded};
use dp_dialects::ir::{Blk, Op, Val, block_ops, defining_op, i64_array, operands, region_block, results, value_index};
use dp_dialects::{Literal, Number, OpKind, ScalarType, ValueType};
use melior::ir::ValueLike;

/// The condition under which a region is taken.
#[derive(Clone, PartialEq)]
pub(super) enum Case {
    /// The selector has this value.
    Of(i64),
    /// The selector is none of these.
    Other(Vec<i64>),
}

impl Case {
    /// The cases of an operation's regions; none if it is not a branch.
    fn of(op: Op) -> Vec<Case> {
        match OpKind::of(op) {
            Some(OpKind::ScfIf) => vec![Case::Of(1), Case::Of(0)],
            Some(OpKind::ScfIndexSwitch) => {
                let numbers = i64_array(op, "cases").unwrap_or_default();
                let named: Vec<Case> = numbers.iter().map(|number| Case::Of(*number)).collect();
                std::iter::once(Case::Other(numbers)).chain(named).collect()
            }
            _ => Vec::new(),
        }
    }

    fn is(&self, number: i64) -> bool {
        match self {
            Case::Of(case) => *case == number,
            Case::Other(cases) => !cases.contains(&number),
        }
    }
}

/// What checks have shown in a case.
pub(super) struct Shown {
    source: Source,
    case: Case,
    numbers: Vec<(Source, Literal)>,
}

impl<'c> Search<'c> {
    /// A branch; its results are those of the regions that terminate normally.
    pub(super) fn branches(&mut self, op: Op<'c>) -> bool {
        let Some(choice) = operands(op).first().copied() else { return false };
        let source = self.facts.source(choice);
        let mut ends: Vec<Vec<Val>> = Vec::new();
        let mut open = Vec::new();
        for (region, case) in Case::of(op).into_iter().enumerate() {
            let block = region_block(op, region);
            let is_taken = match self.facts.integer(choice) {
                Some(number) => case.is(number),
                None => !self.excluded.iter().any(|(of, excluded)| *of == source && *excluded == case),
            };
            let is_stuck = match block {
                Some(block) if is_taken => self.region(block, choice, &case),
                Some(block) => {
                    self.cut(&block_ops(block));
                    true
                }
                None => !is_taken,
            };
            if is_stuck {
                self.excluded.push((source, case));
            } else {
                ends.extend(block.map(forwarded));
                open.push(case);
            }
        }
        for (position, value) in results(op).into_iter().enumerate() {
            let values: Vec<Val> = ends.iter().filter_map(|values| values.get(position).copied()).collect();
            match values[..] {
                [only] => self.facts.same(value, only),
                _ => self.facts.one_of(value, &values),
            }
        }
        if let [Case::Of(number)] = open[..] {
            self.facts.assume_number(choice, literal(choice, number));
        }
        open.is_empty()
    }

    /// The region of a case.
    fn region(&mut self, block: Blk<'c>, choice: Val<'c>, case: &Case) -> bool {
        let (scope, source) = (self.enter(), self.facts.source(choice));
        for shown in self.shown.iter().filter(|shown| shown.source == source && shown.case == *case) {
            for (source, number) in &shown.numbers {
                self.facts.assume_source(*source, number.clone());
            }
        }
        if let Case::Of(number) = case {
            self.facts.assume_number(choice, literal(choice, *number));
        }
        self.inside.push((source, case.clone()));
        let mark = self.facts.mark();
        let is_stuck = self.operations(block);
        let numbers = self.facts.assumed(mark);
        self.inside.pop();
        self.leave(&scope);
        if !numbers.is_empty() {
            self.shown.push(Shown { source, case: case.clone(), numbers });
        }
        is_stuck
    }

    /// What is known about a result of an earlier branch in the same case.
    pub(super) fn choose(&mut self, value: Val<'c>) {
        let mut given = value;
        while let Some(op) = defining_op(given) {
            let Some(choice) = operands(op).first().copied() else { break };
            let source = self.facts.source(choice);
            let is_certain = |case: &Case| match self.facts.integer(choice) {
                Some(number) => case.is(number),
                None => self.inside.iter().any(|(of, inside)| *of == source && inside == case),
            };
            let region = Case::of(op).iter().position(is_certain);
            let block = region.and_then(|region| region_block(op, region));
            match block.and_then(|block| forwarded(block).get(value_index(given)).copied()) {
                Some(next) => given = next,
                None => break,
            }
        }
        if given != value {
            self.facts.assume_same(value, given);
        }
    }
}

/// A constant of the same type as a value.
fn literal(like: Val, number: i64) -> Literal {
    let dtype = ValueType::of(like.r#type()).map_or(ScalarType::Index, |r#type| r#type.dtype);
    Literal::number(dtype, Number::Integer(number))
}
