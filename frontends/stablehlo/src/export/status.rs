//! Run-time errors. StableHLO has none, so a function that can fail returns a status after its results: 0, or the
//! number of the message of the first check that failed. The other results then mean nothing.
//!
//! The status is a value like any other: branches and loops with a check inside pass it on. Messages stand in comments
//! before the functions, `// status 1: …`, where hosts and readers find them.

use super::elementwise::{compare_as, select};
use super::emitter::Emitter;
use super::regions::reduced;
use super::text::{Tensor, Term};
use dp_dialects::ir::{Op, ancestors, operands, string_attribute, walk};
use dp_dialects::{Diagnostic, Number, OpKind, ScalarType, SpannedDiagnostic, ValueType};
use dp_loopnest::bounds::is_within;
use dp_loopnest::checks::message;
use dp_loopnest::normalize::known;
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// The messages of a module, without duplicates.
#[derive(Default)]
pub(super) struct Messages(Vec<String>);

impl Messages {
    /// The number of a message, from 1.
    fn number(&mut self, text: String) -> i64 {
        let known = self.0.iter().position(|known| *known == text);
        let position = known.unwrap_or_else(|| {
            self.0.push(text);
            self.0.len() - 1
        });
        position as i64 + 1
    }

    /// The comments that list them.
    pub(super) fn comments(&self) -> impl Iterator<Item = String> {
        // A message of the program may have several lines.
        let line = |text: &str| text.replace(char::is_control, " ");
        self.0.iter().enumerate().map(move |(position, text)| format!("// status {}: {}", position + 1, line(text)))
    }
}

/// The type of a status.
pub(super) fn r#type() -> Tensor {
    Tensor::new(ScalarType::I32, Vec::new())
}

/// The status of a function that has not failed yet.
pub(super) fn success(e: &mut Emitter) -> Term {
    e.splat(ScalarType::I32, Number::Integer(0), &[])
}

/// Whether an operation contains a check.
pub(super) fn may_fail(op: Op) -> bool {
    let mut found = false;
    walk(op, &mut |inner| found = found || is_check(inner));
    found
}

/// The status, where an operation may change it.
pub(super) fn changed_by(e: &Emitter, op: Op) -> Option<Term> {
    e.status.clone().filter(|_| may_fail(op))
}

fn is_check(op: Op) -> bool {
    match OpKind::of(op) {
        Some(OpKind::CfAssert) => true,
        Some(OpKind::TensorExtract) => unproved(op).next().is_some(),
        Some(OpKind::ArithDivSI | OpKind::ArithRemSI) => may_be(op, 1, 0) || may_be(op, 1, -1),
        Some(OpKind::ScfFor) => may_stand(op),
        Some(_) | None => false,
    }
}

/// The dimensions of a `tensor.extract` whose index is not known to be in bounds.
pub(super) fn unproved<'c>(op: Op<'c>) -> impl Iterator<Item = (usize, u64)> + 'c {
    let all = operands(op);
    let extents: Vec<u64> = ValueType::of(all[0].r#type())
        .map(|of| of.extents().iter().map(|extent| extent.unwrap_or(0)).collect())
        .unwrap_or_default();
    let open = move |(dim, extent): &(usize, u64)| !is_within(op, all[dim + 1], *extent);
    extents.into_iter().enumerate().filter(open)
}

/// Whether an operand, an index, is this number, or is not known.
pub(super) fn may_be(op: Op, operand: usize, number: i64) -> bool {
    operands(op).get(operand).and_then(|value| known(*value)).is_none_or(|known| known == number)
}

/// Whether the step of a loop is to be checked: it is not known to be positive. In the body of a tensor operation it is
/// not checked: there, a loop whose step is not positive ends after one iteration, on all targets.
pub(super) fn may_stand(op: Op) -> bool {
    let is_element = ancestors(op).any(|op| OpKind::of(op).is_some_and(|kind| kind.dialect() == "array"));
    !is_element && operands(op).get(2).and_then(|step| known(*step)).is_none_or(|step| step <= 0)
}

/// `cf.assert`.
pub(super) fn assert<'c>(e: &mut Emitter<'c>, op: Op<'c>, terms: &[Term]) -> Result<Vec<Term>, SpannedDiagnostic<'c>> {
    let text = string_attribute(op, "msg").unwrap_or("assertion failed");
    match terms {
        [holds] => require(e, op, holds, text).map(|()| Vec::new()),
        _ => Err(super::emitter::unsupported(op)),
    }
}

/// Emits a check: unless the condition holds in each active lane, the status becomes that of the message, if it is
/// still 0.
pub(super) fn require<'c>(
    e: &mut Emitter<'c>,
    op: Op<'c>,
    holds: &Term,
    text: &str,
) -> Result<(), SpannedDiagnostic<'c>> {
    let Some(status) = e.status.clone() else {
        let diagnostic =
            Diagnostic::unsupported(format!("cannot check on the target xla, in a reduction or a scan: {text}"));
        return Err(SpannedDiagnostic::new(op.location(), diagnostic.help("write it as a loop")));
    };
    let mut holds = match &e.here.clone() {
        Some(here) => {
            let elsewhere = e.w.same("not", &[here]);
            e.w.same("or", &[&elsewhere, holds])
        }
        None => holds.clone(),
    };
    let dims: Vec<usize> = (0..holds.r#type.shape.len()).collect();
    if !dims.is_empty() {
        let yes = e.splat(ScalarType::I1, Number::Integer(1), &[]);
        holds = reduced(e, &holds, &yes, "and", &dims, holds.r#type.number());
    }
    let number = e.messages.number(message(op.location(), text));
    let (zero, number) = (success(e), e.splat(ScalarType::I32, Number::Integer(number), &[]));
    let failed = compare_as(e, "NE", &status, &zero);
    let keeps = e.w.same("or", &[&failed, &holds]);
    e.status = Some(select(e, &keeps, &status, &number));
    Ok(())
}
