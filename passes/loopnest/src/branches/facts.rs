//! What the selectors of the branches around an operation say about values.

use crate::names::{Name, Names};
use dp_dialects::attributes::Predicate;
use dp_dialects::ir::{Blk, Op, Val, defining_op, i64_attribute, operands, results};
use dp_dialects::{Builder, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;

/// How two numbers can be ordered: a set of the outcomes below.
type Outcomes = u8;

const LESS: Outcomes = 1;
const EQUAL: Outcomes = 2;
const GREATER: Outcomes = 4;
/// One of them is NaN, or they are complex.
const UNORDERED: Outcomes = 8;
const ALL: Outcomes = LESS | EQUAL | GREATER | UNORDERED;

/// The outcomes for which a predicate holds, and whether it reads integers as unsigned; `None` if either reading gives
/// the same.
fn holds_for(predicate: Predicate) -> (Outcomes, Option<bool>) {
    match predicate {
        Predicate::Eq => (EQUAL, None),
        Predicate::Ne => (ALL - EQUAL, None),
        Predicate::Lt => (LESS, Some(false)),
        Predicate::Le => (LESS | EQUAL, Some(false)),
        Predicate::Gt => (GREATER, Some(false)),
        Predicate::Ge => (GREATER | EQUAL, Some(false)),
        Predicate::Ult => (LESS, Some(true)),
        Predicate::Ule => (LESS | EQUAL, Some(true)),
        Predicate::Ugt => (GREATER, Some(true)),
        Predicate::Uge => (GREATER | EQUAL, Some(true)),
    }
}

/// The same outcomes for the operands in the other order.
fn mirrored(outcomes: Outcomes) -> Outcomes {
    let to = |from: Outcomes, to: Outcomes| if outcomes & from != 0 { to } else { 0 };
    outcomes & (EQUAL | UNORDERED) | to(LESS, GREATER) | to(GREATER, LESS)
}

/// Two numbers, the smaller name first, and whether they are compared as unsigned integers.
type Compared = (Name, Name, bool);

/// A comparison of two scalars.
struct Comparison {
    pair: (Name, Name),
    /// The outcomes for which it holds.
    outcomes: Outcomes,
    readings: &'static [bool],
    /// The outcomes that are possible.
    possible: Outcomes,
}

impl Comparison {
    fn of(op: Op, names: &mut Names) -> Option<Comparison> {
        let kind = OpKind::of(op).filter(|kind| matches!(kind, OpKind::ScalarCompare | OpKind::ArithCmpI))?;
        let (a, b) = (*operands(op).first()?, *operands(op).get(1)?);
        let r#type = ValueType::of(a.r#type()).filter(|r#type| !r#type.is_tensor())?;
        let predicate = match Parameters::of(kind, op) {
            Some(Parameters::Compare(predicate)) => predicate,
            // `arith.cmpi`, whose predicates are numbered as those of `scalar.compare`.
            Some(_) | None => *Predicate::ALL.get(usize::try_from(i64_attribute(op, "predicate")?).ok()?)?,
        };
        let (outcomes, unsigned) = holds_for(predicate);
        let readings: &[bool] = match unsigned {
            None => &[false, true],
            Some(false) => &[false],
            Some(true) => &[true],
        };
        let (a, b) = (names.get(a), names.get(b));
        let (pair, outcomes) = if a <= b { ((a, b), outcomes) } else { ((b, a), mirrored(outcomes)) };
        let possible = if r#type.dtype.is_differentiable() { ALL } else { ALL - UNORDERED };
        Some(Comparison { pair, outcomes, readings, possible })
    }

    fn keys(&self) -> impl Iterator<Item = Compared> + '_ {
        self.readings.iter().map(|reading| (self.pair.0, self.pair.1, *reading))
    }
}

/// A scalar whose value is known within a block.
struct Known<'c> {
    number: i64,
    dtype: ScalarType,
    block: Blk<'c>,
    /// The constant at the beginning of the block, once it is there.
    constant: Option<Val<'c>>,
}

/// A fact that is forgotten at the end of the block for which it holds.
enum Assumed {
    Number(Name),
    Order(Compared, Option<Outcomes>),
    Excluded(Name, usize),
}

/// The facts at a place of the program.
#[derive(Default)]
pub(super) struct Facts<'c> {
    known: HashMap<Name, Known<'c>>,
    orders: HashMap<Compared, Outcomes>,
    /// The numbers that a selector does not have.
    excluded: HashMap<Name, Vec<i64>>,
    /// What has been assumed, in order.
    log: Vec<Assumed>,
}

impl<'c> Facts<'c> {
    /// The current position in the log.
    pub(super) fn mark(&self) -> usize {
        self.log.len()
    }

    /// Forgets what has been assumed since a position.
    pub(super) fn forget(&mut self, mark: usize) {
        for assumed in self.log.drain(mark..).rev() {
            match assumed {
                Assumed::Number(name) => {
                    self.known.remove(&name);
                }
                Assumed::Order(of, None) => {
                    self.orders.remove(&of);
                }
                Assumed::Order(of, Some(before)) => {
                    self.orders.insert(of, before);
                }
                Assumed::Excluded(name, before) => {
                    self.excluded.entry(name).or_default().truncate(before);
                }
            }
        }
    }

    /// Assumes the value of an integer or boolean in a block, and what follows for the values that it is computed from.
    pub(super) fn assume(&mut self, value: Val<'c>, number: i64, block: Blk<'c>, names: &mut Names) {
        let mut pending = vec![(value, number)];
        while let Some((value, number)) = pending.pop() {
            let Some(r#type) = ValueType::of(value.r#type()).filter(|r#type| !r#type.is_tensor()) else { continue };
            let name = names.get(value);
            if literal(value).is_some() || self.known.contains_key(&name) {
                continue;
            }
            self.known.insert(name, Known { number, dtype: r#type.dtype, block, constant: None });
            self.log.push(Assumed::Number(name));
            let Some(op) = defining_op(value).filter(|_| r#type.dtype == ScalarType::I1) else { continue };
            let holds = number != 0;
            match OpKind::of(op) {
                Some(OpKind::ScalarNot) => pending.push((operands(op)[0], !holds as i64)),
                Some(OpKind::ScalarAnd) if holds => pending.extend(operands(op).into_iter().map(|part| (part, 1))),
                Some(OpKind::ScalarOr) if !holds => pending.extend(operands(op).into_iter().map(|part| (part, 0))),
                Some(OpKind::ScalarCompare | OpKind::ArithCmpI) => {
                    pending.extend(self.compared(op, holds, names));
                }
                Some(_) | None => {}
            }
        }
    }

    /// Assumes that a comparison holds, or does not. Returns a value that then equals a constant.
    fn compared(&mut self, op: Op<'c>, holds: bool, names: &mut Names) -> Option<(Val<'c>, i64)> {
        let comparison = Comparison::of(op, names)?;
        let outcomes = if holds { comparison.outcomes } else { comparison.possible & !comparison.outcomes };
        for key in comparison.keys() {
            let before = self.orders.get(&key).copied();
            self.orders.insert(key, before.unwrap_or(comparison.possible) & outcomes);
            self.log.push(Assumed::Order(key, before));
        }
        // Zeros of either sign are equal.
        let integer = |value: Val<'c>| literal(value).filter(|of| !of.dtype.is_differentiable());
        let (a, b) = (operands(op)[0], operands(op)[1]);
        match (integer(a), integer(b)) {
            (None, Some(number)) if outcomes == EQUAL => Some((a, number.element(0).integer())),
            (Some(number), None) if outcomes == EQUAL => Some((b, number.element(0).integer())),
            (_, _) => None,
        }
    }

    /// Assumes that a selector has none of some values.
    pub(super) fn exclude(&mut self, selector: Val<'c>, cases: &[i64], names: &mut Names) {
        let name = names.get(selector);
        let excluded = self.excluded.entry(name).or_default();
        self.log.push(Assumed::Excluded(name, excluded.len()));
        excluded.extend(cases);
    }

    /// Whether a selector is known not to have a value.
    pub(super) fn excludes(&self, selector: Val<'c>, case: i64, names: &mut Names) -> bool {
        self.excluded.get(&names.get(selector)).is_some_and(|excluded| excluded.contains(&case))
    }

    /// Whether a comparison is known to hold, or not to.
    pub(super) fn holds(&self, op: Op<'c>, names: &mut Names) -> Option<bool> {
        let comparison = Comparison::of(op, names)?;
        comparison.keys().find_map(|key| {
            let outcomes = *self.orders.get(&key)?;
            match (outcomes & comparison.outcomes, outcomes & !comparison.outcomes) {
                (0, _) => Some(false),
                (_, 0) => Some(true),
                (_, _) => None,
            }
        })
    }

    /// The constant that a value equals here.
    ///
    /// # Errors
    /// If MLIR rejects the constant.
    pub(super) fn constant(&mut self, value: Val<'c>, names: &mut Names) -> Result<Option<Val<'c>>> {
        if self.known.is_empty() {
            return Ok(None);
        }
        let Some(known) = self.known.get_mut(&names.get(value)) else { return Ok(None) };
        if known.constant.is_none() {
            let Some(first) = first_of(known.block) else { return Ok(None) };
            let b = Builder::before(first);
            known.constant = Some(number(&b, known.dtype, known.number)?);
        }
        if let Some(op) = known.constant.and_then(defining_op) {
            names.learn(op);
        }
        Ok(known.constant)
    }
}

/// The first operation of a block.
fn first_of(block: Blk<'_>) -> Option<Op<'_>> {
    // SAFETY: the operation lives as long as its block, which lives for the pass.
    block.first_operation().map(|first| unsafe { Op::from_raw(first.to_raw()) })
}

/// A constant integer or boolean.
pub(super) fn number<'c>(b: &Builder<'c>, dtype: ScalarType, number: i64) -> Result<Val<'c>> {
    match dtype {
        ScalarType::Index => b.index(number),
        dtype => b.literal(Literal::number(dtype, Number::Integer(number))),
    }
}

/// The value of a constant scalar.
pub(super) fn literal(value: Val) -> Option<Literal> {
    let is_constant = |op: &Op| matches!(OpKind::of(*op), Some(OpKind::ScalarConstant | OpKind::ArithConstant));
    let op = defining_op(value).filter(is_constant).filter(|op| results(*op).len() == 1)?;
    Literal::of(op.attribute("value").ok()?).filter(|literal| literal.shape.is_none())
}
