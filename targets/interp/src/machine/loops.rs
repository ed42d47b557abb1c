//! Loops and `scf.index_switch`. Their regions can use values from outside. Loop-carried values are rebound in each
//! iteration.

use super::regions::body;
use crate::machine::{Frame, Machine};
use dp_dialects::ir::{Op, i64_array, is_set};
use dp_dialects::{Diagnostic, Literal, Number, SpannedDiagnostic};
use melior::ir::operation::OperationLike;

/// `scf.for`: the body for `i = lower, lower + step, …` below `upper`.
pub(crate) fn counted<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    mut operands: Vec<Literal>,
    frame: &mut Frame,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let block = body(op, 0)?;
    let is_unsigned = is_set(op, "unsignedCmp");
    let mut carried = operands.split_off(operands.len().min(3));
    let [lower, upper, step] = &operands[..] else {
        return Err(SpannedDiagnostic::new(
            op.location(),
            Diagnostic::invalid("lacks an operand").help("verify the module first"),
        ));
    };
    // In i128, the induction variable cannot overflow before it reaches the end.
    let [mut i, upper, step] = [lower, upper, step].map(|bound| count(bound, is_unsigned));
    let dtype = lower.dtype;
    if step <= 0 {
        let diagnostic = Diagnostic::run_time(format!("the step of the loop is {step}"));
        return Err(SpannedDiagnostic::new(op.location(), diagnostic.help("the step must be positive")));
    }
    while i < upper {
        let mut arguments = vec![Literal::number(dtype, Number::Integer(i as i64).round(dtype))];
        arguments.append(&mut carried);
        carried = machine.block(block, arguments, frame)?;
        i += step;
    }
    Ok(carried)
}

/// The value of a signed or unsigned integer.
fn count(value: &Literal, is_unsigned: bool) -> i128 {
    let number = i128::from(value.element(0).integer());
    if is_unsigned { number & ((1 << value.dtype.bits()) - 1) } else { number }
}

/// `scf.while`: the first region yields the condition and values, which are passed to the second region or, at the end,
/// are the results. The second region yields the next arguments of the first.
pub(crate) fn conditional<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    mut carried: Vec<Literal>,
    frame: &mut Frame,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let (before, after) = (body(op, 0)?, body(op, 1)?);
    loop {
        let mut handed = machine.block(before, carried, frame)?.into_iter();
        let goes_on = handed.next().is_some_and(|condition| !condition.element(0).is(0.0));
        let handed = handed.collect();
        if !goes_on {
            return Ok(handed);
        }
        carried = machine.block(after, handed, frame)?;
    }
}

/// `scf.index_switch`: executes the region of the matching case, or the first region, the default.
pub(crate) fn switch<'c>(
    machine: &Machine<'c, '_>,
    op: Op<'c>,
    operands: Vec<Literal>,
    frame: &mut Frame,
) -> Result<Vec<Literal>, SpannedDiagnostic<'c>> {
    let given = operands.first().map(|number| number.element(0).integer());
    let cases = i64_array(op, "cases").unwrap_or_default();
    let taken = cases.iter().position(|case| Some(*case) == given).map_or(0, |case| case + 1);
    machine.block(body(op, taken)?, Vec::new(), frame)
}
