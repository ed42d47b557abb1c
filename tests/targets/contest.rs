//! A program on every target, against its interpretation.

use super::xla;
use crate::cpu::library::{Pair, Tolerance, difference};
use dp_compiler::driver::crossing;
use dp_dialects::{DType, Literal};
use dp_runtime::Array;
use melior::Context;

/// A program, interpreted and compiled by every target.
pub struct Contest {
    text: String,
    context: Context,
    pair: Pair,
}

/// By how much more than machine code a target may differ from the interpreter, for numbers of a type: a factor, a least
/// tolerance in units of the last place, and whether numbers below the least normal one may be 0.
fn slack(target: &str, dtype: DType) -> (f64, f64, bool) {
    match (target, dtype.real()) {
        ("xla", DType::F16 | DType::BF16) => (2.0, 4.0, true),
        ("xla", DType::F32 | DType::F64) => (4.0, 16.0, true),
        _ => (1.0, 0.0, false),
    }
}

impl Contest {
    #[track_caller]
    pub fn new(text: &str) -> Contest {
        let context = dp_compiler::registry::context();
        Contest { text: text.into(), context, pair: Pair::new(text) }
    }

    /// Calls the function by machine code.
    pub fn call(&self, function: &str, arguments: &[Literal]) -> Result<Vec<Array>, String> {
        self.pair.call(function, arguments)
    }

    /// The first difference of each target.
    pub fn differences(&self, function: &str, arguments: &[Literal], tolerance: f64) -> Vec<String> {
        let expected = match self.pair.interpret(function, arguments) {
            Ok(expected) => expected,
            Err(error) => return vec![error],
        };
        let arrays: Vec<Array> =
            arguments.iter().map(|argument| crossing::array(argument).expect("a well-formed argument")).collect();
        let compare = |target: &str, found: Result<Vec<Array>, String>| {
            let dtype = expected.first().map_or(DType::F64, |result| result.dtype);
            let (factor, least, flushes) = slack(target, dtype);
            let tolerance = Tolerance { units: (factor * tolerance).max(least), flushes };
            difference(target, function, arguments, &expected, found, tolerance)
        };
        let found = [
            ("cpu", self.pair.call(function, arguments)),
            ("xla", xla::call(&self.context, &self.text, function, &arrays, arguments)),
        ];
        found.into_iter().filter_map(|(target, found)| compare(target, found)).collect()
    }

    /// Fails where any target differs.
    #[track_caller]
    pub fn check(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        let differences = self.differences(function, arguments, tolerance);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
