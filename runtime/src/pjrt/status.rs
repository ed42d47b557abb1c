//! Statuses: a program that may fail returns one after its results.

use super::Error;
use crate::Array;

/// The messages of the statuses 1, 2, …, from the comments `// status N: …` of a program.
pub(super) fn messages(stablehlo: &str) -> Vec<String> {
    let mut messages = Vec::new();
    for line in stablehlo.lines() {
        let Some((number, message)) =
            line.trim_start().strip_prefix("// status ").and_then(|rest| rest.split_once(": "))
        else {
            continue;
        };
        if number.parse() == Ok(messages.len() + 1) {
            messages.push(message.to_owned());
        }
    }
    messages
}

/// Checks the status of a run.
pub(super) fn check(status: &Array, messages: &[String]) -> Result<(), Error> {
    match status.as_slice::<i32>() {
        Some([0]) => Ok(()),
        Some([status]) => {
            let known = usize::try_from(*status - 1).ok().and_then(|index| messages.get(index));
            let message = known.cloned().unwrap_or_else(|| format!("the program returned the status {status}"));
            Err(Error::Status { status: *status, message })
        }
        Some(_) | None => {
            Err(Error::Answer { action: "cannot run the program", answer: "a status that is not a number".into() })
        }
    }
}
