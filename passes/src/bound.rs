//! `bound-loops`: says how many rounds loops have at most.
//!
//! Reverse mode keeps values of each round of a loop. A target without memory that grows needs to know of how many
//! rounds when it compiles. The user says so with `--bound`, or the mark `dp.bound` in the program; or it follows
//! from the loop, as for one to the minimum of a value and a constant.

use crate::manager::OptionValue;
use crate::{Pass, pass_options};
use dp_dialects::attributes::Predicate;
use dp_dialects::diagnostics::position;
use dp_dialects::ir::{
    Op, Val, block_args, block_ops, constant_integer, defining_op, i64_attribute, operands, region_block, value_block,
    value_index, walk,
};
use dp_dialects::marks::{BOUND, Rounds};
use dp_dialects::{Diagnostic, Literal, OpKind, Parameters, Result, SpannedDiagnostic, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::fmt;
use std::str::FromStr;

/// `bound-loops`.
pub static BOUND_LOOPS: Pass<BoundOptions> = Pass {
    flag: "bound-loops",
    summary: "say how many rounds loops have at most",
    description: "Marks the loops at the given places of the source with `dp.bound`. With `infer`, also the loops \
        whose bound follows from what they compare: an `scf.for` to the minimum of a value and a constant, and an \
        `scf.while` that counts to a constant. A mark of the program is not inferred again. A place without a loop is an error.",
    body: |module, options| run(module, options).map_err(|located| located.report()),
};

pass_options! {
    /// Options of `bound-loops`.
    pub struct BoundOptions {
        "bounds" => bounds: Vec<LoopBound> = Vec::new(), "places of loops, and their greatest numbers of rounds";
        "infer" => infer: bool = false, "whether to mark loops whose bound follows from what they compare";
    }
}

/// A place in the source, and the greatest number of rounds of the loops there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoopBound {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; `None` for all loops on the line.
    pub column: Option<u32>,
    /// The number of rounds, at least 1.
    pub rounds: i64,
}

impl FromStr for LoopBound {
    type Err = Diagnostic;

    fn from_str(text: &str) -> Result<LoopBound> {
        let malformed =
            |message: String| Diagnostic::request(message).help("write for example 7=100, for the loop on line 7");
        let (place, rounds) =
            text.split_once('=').ok_or_else(|| malformed(format!("`{text}` is not of the form LOOP=N")))?;
        // A sign would be accepted as part of a number.
        let digits = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit());
        let number = |word: &str| word.parse::<u32>().ok().filter(|number| *number > 0 && digits(word));
        let (line, column) = match place.split_once(':') {
            Some((line, column)) => (number(line), number(column).map(Some)),
            None => (number(place), Some(None)),
        };
        let (Some(line), Some(column)) = (line, column) else {
            return Err(malformed(format!("`{place}` is not the place of a loop, LINE or LINE:COLUMN")));
        };
        if !digits(rounds) || rounds.bytes().all(|byte| byte == b'0') {
            return Err(malformed("the bound of a loop must be a positive number".into()));
        }
        let rounds = rounds.parse().map_err(|_| {
            let message = format!("the bound of a loop is too large: {rounds}");
            Diagnostic::request(message).help(format!("give a bound of at most {}", i64::MAX))
        })?;
        Ok(LoopBound { line, column, rounds })
    }
}

impl LoopBound {
    fn place(&self) -> String {
        self.column.map_or_else(|| self.line.to_string(), |column| format!("{}:{column}", self.line))
    }

    fn names(&self, op: Op) -> bool {
        position(op.location())
            .is_some_and(|at| at.line == self.line && self.column.is_none_or(|column| at.column == column))
    }
}

impl fmt::Display for LoopBound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.place(), self.rounds)
    }
}

impl OptionValue for LoopBound {
    fn values() -> String {
        "LINE=N or LINE:COLUMN=N".into()
    }

    fn parse(text: &str) -> Result<Self, Option<Diagnostic>> {
        text.parse().map_err(Some)
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

fn run<'c>(module: Op<'c>, options: &BoundOptions) -> Result<(), SpannedDiagnostic<'c>> {
    let mut loops = Vec::new();
    walk(module, &mut |op| loops.extend(is_loop(op).then_some(op)));
    let refused = |message: String, help: String| {
        SpannedDiagnostic::new(module.location(), Diagnostic::request(message).help(help))
    };
    let mut given: Vec<(Op, &LoopBound)> = Vec::new();
    for bound in &options.bounds {
        let named: Vec<Op> = loops.iter().copied().filter(|op| bound.names(*op)).collect();
        if named.is_empty() {
            return Err(refused(format!("--bound {bound}: there is no loop at {}", bound.place()), places(&loops)));
        }
        for op in named {
            if let Some((_, other)) = given.iter().find(|(known, _)| *known == op) {
                let message = format!("--bound {bound}: the loop already has the bound {other}");
                return Err(refused(message, "give each loop one bound".into()));
            }
            given.push((op, bound));
            BOUND.set(op, &Rounds(bound.rounds));
        }
    }
    for op in loops.into_iter().filter(|op| options.infer && !BOUND.is_on(*op)) {
        if let Some(rounds) = greatest_rounds(op).filter(|rounds| *rounds > 0) {
            BOUND.set(op, &Rounds(rounds));
        }
    }
    Ok(())
}

/// Help: where there are loops.
fn places(loops: &[Op]) -> String {
    let places = loops.iter().filter_map(|op| position(op.location())).filter(|at| at.line > 0);
    let mut places: Vec<(u32, u32)> = places.map(|at| (at.line, at.column)).collect();
    places.sort_unstable();
    places.dedup();
    let places: Vec<String> = places.iter().map(|(line, column)| format!("{line}:{column}")).collect();
    match places.is_empty() {
        true => "the program has no loops with places in the source; set 'dp.bound = N' on the loop".into(),
        false => format!("LOOP is LINE or LINE:COLUMN; there are loops at {}", places.join(", ")),
    }
}

fn is_loop(op: Op) -> bool {
    matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile))
}

/// The greatest number of rounds that follows from what a loop compares, unless the number itself is known.
fn greatest_rounds(op: Op) -> Option<i64> {
    match OpKind::of(op) {
        Some(OpKind::ScfFor) => {
            let [lower, upper, step, ..] = operands(op)[..] else { return None };
            let is_known = [lower, upper, step].into_iter().all(|bound| constant_integer(bound).is_some());
            (!is_known && !dp_dialects::ir::is_set(op, "unsignedCmp"))
                .then(|| greatest_count(lower, upper, step))
                .flatten()
        }
        Some(OpKind::ScfWhile) => counts_to(op),
        Some(_) | None => None,
    }
}

/// The greatest number of rounds of a loop with these signed bounds, if it follows from constants.
pub fn greatest_count(lower: Val, upper: Val, step: Val) -> Option<i64> {
    let step = constant_integer(step).filter(|step| *step > 0)?;
    rounds(constant_integer(lower)?, greatest(upper)?, step)
}

/// The number of steps from `lower` up to `upper`, exclusive.
fn rounds(lower: i64, upper: i64, step: i64) -> Option<i64> {
    let distance = (i128::from(upper) - i128::from(lower)).max(0);
    i64::try_from((distance + i128::from(step) - 1) / i128::from(step)).ok()
}

/// A number that an integer does not exceed, if it follows from constants.
pub fn greatest(value: Val) -> Option<i64> {
    if let Some(constant) = integer(value) {
        return Some(constant);
    }
    let op = defining_op(value)?;
    let all = operands(op);
    match OpKind::of(op)? {
        OpKind::ArithMinSI | OpKind::ScalarMin => match (greatest(all[0]), greatest(all[1])) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        },
        OpKind::ArithMaxSI | OpKind::ScalarMax => Some(greatest(all[0])?.max(greatest(all[1])?)),
        OpKind::ArithIndexCast => greatest(all[0]),
        OpKind::TensorDim => {
            let extents = ValueType::of(all[0].r#type())?;
            let dim = usize::try_from(constant_integer(all[1])?).ok()?;
            i64::try_from(extents.extents().get(dim).copied().flatten()?).ok()
        }
        _ => None,
    }
}

/// The value of an integer constant of any dialect.
fn integer(value: Val) -> Option<i64> {
    let op = defining_op(value)?;
    let literal = match OpKind::of(op)? {
        OpKind::ArithConstant | OpKind::ScalarConstant => op.attribute("value").ok().and_then(Literal::of)?,
        _ => return None,
    };
    (literal.shape.is_none() && !literal.dtype.is_differentiable()).then(|| literal.element(0).integer())
}

/// The greatest number of rounds of an `scf.while` that continues only while a carried number is below a constant: it
/// starts at a constant, and each round adds a positive constant.
fn counts_to(op: Op) -> Option<i64> {
    let (before, after) = (region_block(op, 0)?, region_block(op, 1)?);
    let condition = block_ops(before).last().copied()?;
    let passed = operands(condition);
    all_of(*passed.first()?)
        .into_iter()
        .filter_map(|(counter, end)| {
            let number = block_args(before).iter().position(|argument| *argument == counter)?;
            let next = *operands(*block_ops(after).last()?).get(number)?;
            let add = defining_op(next)
                .filter(|add| matches!(OpKind::of(*add), Some(OpKind::ArithAddI | OpKind::ScalarAdd)))?;
            // The body receives the counter from the part before the condition.
            let is_counter = |value: Val| {
                value == counter
                    || (value_block(value) == Some(after)
                        && defining_op(value).is_none()
                        && passed.get(value_index(value) + 1) == Some(&counter))
            };
            let all = operands(add);
            let (_, step) = [(all[0], all[1]), (all[1], all[0])].into_iter().find(|(x, _)| is_counter(*x))?;
            let (start, step) = (integer(*operands(op).get(number)?)?, integer(step).filter(|step| *step > 0)?);
            rounds(start, end, step)
        })
        .min()
}

/// The comparisons `x < c` that hold where a boolean is true, as (x, c).
fn all_of<'c>(condition: Val<'c>) -> Vec<(Val<'c>, i64)> {
    let Some(op) = defining_op(condition) else { return Vec::new() };
    let all = operands(op);
    let below = |x, constant: Option<i64>, more: i64| -> Vec<(Val<'c>, i64)> {
        constant.and_then(|constant| constant.checked_add(more)).map(|end| (x, end)).into_iter().collect()
    };
    if OpKind::of(op) == Some(OpKind::ScalarAnd) {
        return all.into_iter().flat_map(all_of).collect();
    }
    // A short-circuit: `if p then q else false`.
    if OpKind::of(op) == Some(OpKind::ScfIf) {
        let yielded = |region| {
            let last = region_block(op, region).and_then(|block| block_ops(block).last().copied())?;
            operands(last).get(value_index(condition)).copied()
        };
        return match (yielded(0), yielded(1)) {
            (Some(inner), Some(other)) if integer(other) == Some(0) => [all_of(all[0]), all_of(inner)].concat(),
            _ => Vec::new(),
        };
    }
    let predicate = match OpKind::of(op) {
        Some(kind @ OpKind::ScalarCompare) => match Parameters::of(kind, op) {
            Some(Parameters::Compare(predicate)) => Some(predicate),
            _ => None,
        },
        Some(OpKind::ArithCmpI) => match i64_attribute(op, "predicate") {
            Some(2) => Some(Predicate::Lt),
            Some(3) => Some(Predicate::Le),
            Some(4) => Some(Predicate::Gt),
            Some(5) => Some(Predicate::Ge),
            _ => None,
        },
        _ => None,
    };
    match predicate {
        Some(Predicate::Lt) => below(all[0], integer(all[1]), 0),
        Some(Predicate::Le) => below(all[0], integer(all[1]), 1),
        Some(Predicate::Gt) => below(all[1], integer(all[0]), 0),
        Some(Predicate::Ge) => below(all[1], integer(all[0]), 1),
        _ => Vec::new(),
    }
}
