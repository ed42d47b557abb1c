//! Compares the outcome of a function after a pass with the one before it.

use super::outcome::Outcome;
use crate::evaluation::components::{components, integers, moved, parts};
use crate::evaluation::random::Random;
use crate::evaluation::tolerance::Tolerance;
use dp_runtime::Array;

/// The relative change of arguments, in units of their last digit, that shows how results depend on rounding.
const CHANGE: f64 = 4.0;

/// The number of such changes that are tried.
const CHANGES: u32 = 4;

/// How much more a result may differ than it does by such a change: a pass changes the rounding of every operation.
const AMPLIFIED: f64 = 32.0;

/// What is known of a function for a comparison at one point.
pub struct Comparison<'a> {
    /// How closely floats must agree.
    pub tolerance: Tolerance,
    /// Whether the pass may assume that there are no NaN and no infinities.
    pub assumes_finite: bool,
    /// The arguments.
    pub arguments: &'a [Array],
    /// Evaluates the function after the pass, at arguments near these.
    pub near: &'a dyn Fn(&[Array]) -> Option<Outcome>,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// The results agree.
    Holds,
    /// The pass may change a result that is not finite.
    Inconclusive,
    /// A result differs.
    Differs(Difference),
}

/// A difference.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// Of one element, given by its indices.
    Element {
        /// The position of the result.
        result: usize,
        /// The indices; none for a scalar.
        indices: Vec<usize>,
        /// Its value before the pass.
        before: String,
        /// Its value after the pass.
        after: String,
    },
    /// Of the type of a result.
    Type {
        /// The position of the result.
        result: usize,
        /// The type before the pass.
        before: String,
        /// The type after the pass.
        after: String,
    },
    /// Of the number of results.
    Count(usize, usize),
    /// The function failed with this message after the pass only.
    Fails(String),
    /// The function failed with this message before the pass only.
    Failed(String),
    /// The function takes much longer after the pass, or does not end.
    TooLong,
}

impl Difference {
    /// The difference in words, given the names of results.
    pub fn text(&self, name: impl Fn(usize) -> String) -> String {
        match self {
            Difference::Element { result, indices, before, after } => {
                let of = name(*result);
                match indices.is_empty() {
                    true => format!("'{of}' is {before} before and {after} after"),
                    false => format!("element {indices:?} of '{of}' is {before} before and {after} after"),
                }
            }
            Difference::Type { result, before, after } => {
                format!("'{}' has type {before} before and {after} after", name(*result))
            }
            Difference::Count(before, after) => format!("it has {before} results before and {after} after"),
            Difference::Fails(message) => format!("it fails after the pass only: {message}"),
            Difference::TooLong => "it takes too many operations after the pass only".into(),
            Difference::Failed(message) => format!("it fails before the pass only: {message}"),
        }
    }
}

impl Comparison<'_> {
    /// Compares two outcomes.
    pub fn of(&self, before: &Outcome, after: &Outcome) -> Agreement {
        match (before, after) {
            (Outcome::TooLong, _) => Agreement::Inconclusive,
            (Outcome::Results(before), Outcome::Results(after)) => self.results(before, after),
            (Outcome::Fails(_), Outcome::Fails(_)) => Agreement::Holds,
            (Outcome::Results(_), Outcome::Fails(message)) => Agreement::Differs(Difference::Fails(message.clone())),
            (Outcome::Fails(message), Outcome::Results(_)) => Agreement::Differs(Difference::Failed(message.clone())),
            (Outcome::Results(_) | Outcome::Fails(_), Outcome::TooLong) => Agreement::Differs(Difference::TooLong),
        }
    }

    fn results(&self, before: &[Array], after: &[Array]) -> Agreement {
        if before.len() != after.len() {
            return Agreement::Differs(Difference::Count(before.len(), after.len()));
        }
        let largest = self.arguments.iter().map(largest).fold(0.0, f64::max);
        let (mut inconclusive, mut spread) = (false, None);
        for (result, (before, after)) in before.iter().zip(after).enumerate() {
            if before.shape() != after.shape() || before.elements().number() != after.elements().number() {
                let (before, after) = (before.mlir_type(), after.mlir_type());
                return Agreement::Differs(Difference::Type { result, before, after });
            }
            let parts = parts(before.elements().number());
            if parts == 0 {
                let (old, new) = (integers(before), integers(after));
                if let Some(at) = (0..old.len()).find(|at| old[*at] != new[*at]) {
                    return element(result, before, at, old[at], new[at]);
                }
                continue;
            }
            let (old, new) = (components(before), components(after));
            let accepted = self.accepted(before, largest);
            for at in 0..old.len() {
                if !old[at].is_finite() && self.assumes_finite {
                    inconclusive = true;
                } else if !agree(old[at], new[at], accepted) {
                    let spread = spread.get_or_insert_with(|| self.spread());
                    let change = spread.get(result).and_then(|of| of.get(at)).copied().unwrap_or_default();
                    // A result that is finite nearby and not here is not a number in the spread.
                    let is_explained = change.is_nan() || (old[at] - new[at]).abs() <= AMPLIFIED * change;
                    if !is_explained {
                        return element(result, before, at / parts, old[at], new[at]);
                    }
                    inconclusive = true;
                }
            }
        }
        if inconclusive { Agreement::Inconclusive } else { Agreement::Holds }
    }

    /// The distance up to which components of a result agree.
    fn accepted(&self, before: &Array, arguments: f64) -> f64 {
        let Tolerance { modes, epsilon, .. } = self.tolerance;
        modes * largest(before) + 1e2 * epsilon * arguments
    }

    /// How much each component of each result changes if the arguments change in their last digits.
    fn spread(&self) -> Vec<Vec<f64>> {
        let Some(Outcome::Results(center)) = (self.near)(self.arguments) else { return Vec::new() };
        let center: Vec<Vec<f64>> = center.iter().map(components).collect();
        let mut spread: Vec<Vec<f64>> = center.iter().map(|of| vec![0.0; of.len()]).collect();
        for change in 0..CHANGES {
            let mut random = Random::new("change", change);
            let moved: Option<Vec<Array>> = self
                .arguments
                .iter()
                .map(|array| {
                    let at = components(array);
                    if at.is_empty() {
                        return Some(array.clone());
                    }
                    let direction: Vec<f64> = at.iter().map(|value| value * random.weight()).collect();
                    moved(array, &direction, CHANGE * self.tolerance.epsilon).ok()
                })
                .collect();
            let Some(Outcome::Results(near)) = moved.and_then(|moved| (self.near)(&moved)) else { continue };
            for (spread, (center, near)) in spread.iter_mut().zip(center.iter().zip(&near)) {
                for (spread, (center, near)) in spread.iter_mut().zip(center.iter().zip(components(near))) {
                    let change = (center - near).abs();
                    *spread = if change.is_nan() { f64::NAN } else { spread.max(change) };
                }
            }
        }
        spread
    }
}

/// Whether two components are the same value, or within a distance.
fn agree(before: f64, after: f64, accepted: f64) -> bool {
    before == after || (before.is_nan() && after.is_nan()) || (before - after).abs() <= accepted
}

/// The largest finite magnitude in an array.
fn largest(array: &Array) -> f64 {
    components(array).iter().map(|value| value.abs()).filter(|value| value.is_finite()).fold(0.0, f64::max)
}

/// The difference of an element, given by its position.
fn element<T: ToString>(result: usize, array: &Array, at: usize, before: T, after: T) -> Agreement {
    let (mut rest, mut indices) = (at, Vec::new());
    for extent in array.shape().iter().rev() {
        indices.insert(0, rest % extent);
        rest /= extent;
    }
    let (before, after) = (before.to_string(), after.to_string());
    Agreement::Differs(Difference::Element { result, indices, before, after })
}
