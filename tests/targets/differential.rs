//! A program on every target, against its interpretation.

use super::{cuda, xla};
use crate::cpu::library::{Pair, Tolerance, difference};
use dp_dialects::{Literal, ScalarType};
use dp_runtime::Array;

/// A program, interpreted and compiled by every target.
pub struct Contest {
    pair: Pair,
    xla: xla::Programs,
}

/// By how much more than machine code a target may differ from the interpreter, for numbers of a type: a factor, a least
/// tolerance in units of the last place, and whether numbers below the least normal one may be 0.
fn slack(target: &str, dtype: ScalarType) -> (f64, f64, bool) {
    match (target, dtype.real()) {
        ("xla", ScalarType::F16 | ScalarType::BF16) => (2.0, 4.0, true),
        ("xla", ScalarType::F32 | ScalarType::F64) => (4.0, 16.0, true),
        _ => (1.0, 0.0, false),
    }
}

impl Contest {
    #[track_caller]
    pub fn new(text: &str) -> Contest {
        Contest { pair: Pair::new(text), xla: xla::Programs::new(text) }
    }

    /// The targets, of which CUDA is in a process of its own.
    pub fn targets() -> &'static [&'static str] {
        if cuda::is_asked_for() { &["cuda"] } else { &["cpu", "xla"] }
    }

    /// Calls the function by a target.
    pub fn call(&self, target: &str, function: &str, arguments: &[Literal]) -> Result<Vec<Array>, String> {
        match target {
            "cpu" | "cuda" => self.pair.call(function, arguments),
            "xla" => self.xla.call(function, arguments),
            _ => Err(format!("there is no target '{target}'")),
        }
    }

    /// The first difference of each target.
    pub fn differences(&self, function: &str, arguments: &[Literal], tolerance: f64) -> Vec<String> {
        self.all_differences(function, arguments, tolerance, false)
    }

    fn all_differences(&self, function: &str, arguments: &[Literal], tolerance: f64, of_greatest: bool) -> Vec<String> {
        let expected = match self.pair.interpret(function, arguments) {
            Ok(expected) => expected,
            Err(error) => return vec![error],
        };
        let compare = |target: &str, found: Result<Vec<Array>, String>| {
            let dtype = expected.first().map_or(ScalarType::F64, |result| result.dtype);
            let (factor, least, flushes) = slack(target, dtype);
            let tolerance = Tolerance { units: (factor * tolerance).max(least), flushes, of_greatest };
            difference(target, function, arguments, &expected, found, tolerance)
        };
        let all = Self::targets().iter();
        all.filter_map(|target| compare(target, self.call(target, function, arguments))).collect()
    }

    /// Fails where any target differs.
    #[track_caller]
    pub fn check(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        let differences = self.differences(function, arguments, tolerance);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    /// The same, in units of the greatest number of each result.
    #[track_caller]
    pub fn check_whole(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        let differences = self.all_differences(function, arguments, tolerance, true);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
