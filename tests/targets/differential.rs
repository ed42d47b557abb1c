//! Differential testing: runs a program on every target and compares with the interpreter.

use super::{cuda, xla};
use crate::cpu::library::{Pair, Tolerance, difference};
use dp_dialects::{Literal, ScalarType};
use dp_runtime::Array;

/// A program, parsed and compiled for every target.
pub struct Contest {
    pair: Pair,
    xla: xla::Programs,
}

/// How much more than `cpu` a target may differ from the interpreter, by element type: a factor, a minimum tolerance in
/// ulps, and whether subnormal numbers may be 0.
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

    /// The targets. CUDA is tested in a separate process.
    pub fn targets() -> &'static [&'static str] {
        if cuda::is_asked_for() { &["cuda"] } else { &["cpu", "xla"] }
    }

    /// Calls a function on a target.
    pub fn call(&self, target: &str, function: &str, arguments: &[Literal]) -> Result<Vec<Array>, String> {
        match target {
            "cpu" | "cuda" => self.pair.call(function, arguments),
            "xla" => self.xla.call(function, arguments),
            _ => Err(format!("unknown target '{target}'")),
        }
    }

    /// The first difference on each target.
    pub fn differences(&self, function: &str, arguments: &[Literal], tolerance: f64) -> Vec<String> {
        self.all_differences(function, arguments, tolerance, false)
    }

    /// The same, with a tolerance relative to the largest element of each result.
    pub fn differences_of_greatest(&self, function: &str, arguments: &[Literal], tolerance: f64) -> Vec<String> {
        self.all_differences(function, arguments, tolerance, true)
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

    /// Fails if any target differs.
    #[track_caller]
    pub fn check(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        let differences = self.differences(function, arguments, tolerance);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }

    /// The same, with a tolerance relative to the largest element of each result.
    #[track_caller]
    pub fn check_whole(&self, function: &str, arguments: &[Literal], tolerance: f64) {
        let differences = self.differences_of_greatest(function, arguments, tolerance);
        assert!(differences.is_empty(), "{}", differences.join("\n"));
    }
}
