//! Compares one derivative with differences, at one point and with respect to one argument.

use super::differences::{Estimate, Line, Sample, central};
use super::evaluate::{Evaluate, Outcome};
use crate::derivatives::{Added, Derivative};
use crate::diagnostics::DiagnosticRecord;
use crate::evaluation::components::{Product, array, components, moved, parts, product};
use crate::evaluation::random::Random;
use crate::evaluation::tolerance::Tolerance;
use dp_dialects::{Diagnostic, Result, ScalarType};
use dp_runtime::Array;

/// The jump of a derivative, relative to the value of the function, up to which the function looks smooth at long steps.
const CLEAR: f64 = 1e-2;

/// How well differences must agree with one another, relative to their distance from a derivative that differs.
const FAR: f64 = 0.1;

/// The change of a function between two points, relative to its size, at which a difference shows its slope even if it
/// oscillates.
const NEAR: f64 = 1e-3;

/// A derivative below this many rounding errors of the value may be 0.
const ZERO: f64 = 64.0;

/// One derivative, and how its parts are evaluated.
pub struct Comparison<'a> {
    /// The derivative.
    pub added: &'a Added,
    /// The function that `--jvp` adds for the same function, if it takes a tangent for the argument.
    pub forward: Option<&'a Added>,
    /// Evaluates the derivative.
    pub derivatives: &'a dyn Evaluate,
    /// Evaluates the function for the differences.
    pub reference: &'a dyn Evaluate,
    /// How closely they must agree.
    pub tolerance: Tolerance,
}

/// What a comparison found.
#[derive(Clone, Debug, PartialEq)]
pub enum Agreement {
    /// They agree.
    Holds,
    /// The point is nondifferentiable, or the differences do not converge.
    Inconclusive,
    /// The derivative is wrong.
    Differs {
        /// The result of the function.
        result: usize,
        /// The derivative along the direction.
        derivative: f64,
        /// What it should be, with its error if differences give it.
        expected: Expected,
    },
}

/// What a derivative is compared with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Expected {
    /// Differences of the function.
    Differences(Estimate),
    /// Forward mode.
    Forward(f64),
}

/// A point and a direction of one of its arguments.
pub struct Ray<'a> {
    /// The arguments of the function.
    pub at: &'a [Array],
    /// The results of the function.
    pub value: &'a [Array],
    /// The results of the derivative, if it is a gradient.
    pub gradients: Option<&'a [Array]>,
    /// The position of the argument among those to which the derivative refers.
    pub place: usize,
    /// The direction, by component of the argument.
    pub direction: &'a [f64],
}

impl Comparison<'_> {
    /// Compares along a direction.
    ///
    /// # Errors
    /// If the derivative cannot be evaluated.
    pub fn along(&self, ray: &Ray, random: &mut Random) -> Result<Agreement, Vec<DiagnosticRecord>> {
        // Each result is compared on its own: the error of a small one would not show in a sum with a large one.
        let weights: Vec<Vec<f64>> = ray.value.iter().map(|result| self.weights(result, random)).collect();
        let derivatives: Vec<(usize, Product)> = match (self.added.derivative, ray.gradients) {
            (Derivative::Jvp, _) => self.tangents(self.added, ray, &weights)?,
            (Derivative::Vjp, _) => self.cotangents(ray, &weights)?,
            (Derivative::Grad, gradients) => {
                let gradient = gradients.and_then(|results| results.get(1 + ray.place)).ok_or_else(malformed)?;
                if components(gradient).len() != ray.direction.len() {
                    return Err(malformed());
                }
                vec![(self.added.objective, product(gradient, ray.direction))]
            }
        };
        let forward = self.forward.filter(|_| self.added.derivative != Derivative::Jvp);
        let expected = forward.map(|forward| self.tangents(forward, ray, &weights)).transpose()?;
        for (result, derivative) in derivatives.iter().filter(|_| expected.is_some()) {
            let of = |(index, product): &(usize, Product)| (index == result).then_some(*product);
            let expected = expected.iter().flatten().find_map(of).ok_or_else(malformed)?;
            let value = product(&ray.value[*result], &weights[*result]);
            if !self.modes_agree(*derivative, expected, value) {
                let (derivative, expected) = (derivative.value, Expected::Forward(expected.value));
                return Ok(Agreement::Differs { result: *result, derivative, expected });
            }
        }
        Ok(self.assess(ray, &weights, &derivatives))
    }

    /// The weights of the components of a result, whose sum is differentiated.
    fn weights(&self, result: &Array, random: &mut Random) -> Vec<f64> {
        let count = components(result).len();
        match self.added.derivative {
            // The objective is one number.
            Derivative::Grad => vec![1.0; count],
            Derivative::Jvp | Derivative::Vjp => (0..count).map(|_| random.weight()).collect(),
        }
    }

    /// The derivative of each differentiable result in forward mode.
    fn tangents(
        &self,
        forward: &Added,
        ray: &Ray,
        weights: &[Vec<f64>],
    ) -> Result<Vec<(usize, Product)>, Vec<DiagnosticRecord>> {
        let mut arguments = ray.at.to_vec();
        let argument = self.added.wrt[ray.place];
        for index in &forward.wrt {
            let zero = moved(&ray.at[*index], &components(&ray.at[*index]), -1.0);
            let tangent = match *index == argument {
                true => zero.and_then(|zero| moved(&zero, ray.direction, 1.0)),
                false => zero,
            };
            arguments.push(tangent.map_err(|error| vec![error.into()])?);
        }
        let results = self.derivatives.call(&forward.name, &arguments)?;
        let carriers = (0..ray.value.len()).filter(|index| parts(ray.value[*index].elements().number()) > 0);
        let tangents = results.get(ray.value.len()..).ok_or_else(malformed)?;
        Ok(carriers.zip(tangents).map(|(index, tangent)| (index, product(tangent, &weights[index]))).collect())
    }

    /// The derivative of each differentiable result by the pullback, which is applied to one cotangent at a time.
    fn cotangents(&self, ray: &Ray, weights: &[Vec<f64>]) -> Result<Vec<(usize, Product)>, Vec<DiagnosticRecord>> {
        let number = |index: usize| ray.value[index].elements().number();
        let carriers: Vec<usize> = (0..ray.value.len()).filter(|index| parts(number(*index)) > 0).collect();
        let mut derivatives = Vec::new();
        for result in &carriers {
            let mut arguments = ray.at.to_vec();
            for other in &carriers {
                let given = if other == result { conjugate(number(*other), &weights[*other]) } else { Vec::new() };
                let zeros = weights[*other].len() - given.len();
                let given: Vec<f64> = given.into_iter().chain(std::iter::repeat_n(0.0, zeros)).collect();
                let cotangent = array(number(*other), ray.value[*other].shape(), &given);
                arguments.push(cotangent.map_err(|error| vec![error.into()])?);
            }
            let results = self.derivatives.call(&self.added.name, &arguments)?;
            let pulled = results.get(ray.value.len() + ray.place).ok_or_else(malformed)?;
            if components(pulled).len() != ray.direction.len() {
                return Err(malformed());
            }
            derivatives.push((*result, product(pulled, &conjugate(pulled.elements().number(), ray.direction))));
        }
        Ok(derivatives)
    }

    /// Whether reverse and forward mode agree; `value` is that of the function.
    fn modes_agree(&self, reverse: Product, forward: Product, value: Product) -> bool {
        let Tolerance { modes, epsilon, .. } = self.tolerance;
        if !reverse.value.is_finite() || !forward.value.is_finite() {
            // Differences decide.
            return true;
        }
        let tolerance = modes * reverse.magnitude.max(forward.magnitude) + 1e3 * epsilon * value.magnitude;
        (reverse.value - forward.value).abs() <= tolerance
    }

    /// Compares derivatives with differences.
    fn assess(&self, ray: &Ray, weights: &[Vec<f64>], derivatives: &[(usize, Product)]) -> Agreement {
        let steps = self.tolerance.steps;
        let center = samples(ray.value, weights);
        if derivatives.iter().any(|(result, _)| !center[*result].value.is_finite()) {
            return Agreement::Inconclusive;
        }
        let mut lines: Vec<Line> = center.into_iter().map(|center| Line { center, sides: Vec::new() }).collect();
        let agree = |lines: &[Line]| {
            derivatives.iter().all(|(result, product)| {
                let line = &lines[*result];
                matches!(self.compare(line, *product), Some(Ok(_)))
                    && line.jump(self.tolerance.epsilon) <= CLEAR * line.magnitude()
            })
        };
        // The first steps are enough for smooth functions.
        for step in 0..steps {
            self.extend(&mut lines, ray, weights, 0.25 * (-f64::from(step)).exp2());
            if step >= 3 && agree(&lines) {
                return Agreement::Holds;
            }
        }
        let mut inconclusive = false;
        for (result, product) in derivatives {
            let line = &lines[*result];
            match self.compare(line, *product) {
                // At |x| and 0, for example, differences give a derivative that does not exist.
                Some(Ok(estimate)) => {
                    inconclusive |= line.jump(self.tolerance.epsilon) > self.accepted(line, *product, estimate);
                }
                None => inconclusive = true,
                Some(Err(_)) => match self.confirm(ray, weights, line, *result, *product) {
                    Some(estimate) => {
                        let (derivative, expected) = (product.value, Expected::Differences(estimate));
                        return Agreement::Differs { result: *result, derivative, expected };
                    }
                    None => inconclusive = true,
                },
            }
        }
        if inconclusive { Agreement::Inconclusive } else { Agreement::Holds }
    }

    /// What the derivative of a result should be, if it differs from the given one beyond doubt: by much more than the
    /// values scatter, at a point without a jump, and the same by other steps. An estimate of an error can be too small
    /// by coincidence.
    fn confirm(
        &self,
        ray: &Ray,
        weights: &[Vec<f64>],
        line: &Line,
        result: usize,
        derivative: Product,
    ) -> Option<Estimate> {
        let mut others: Vec<Line> = weights.iter().map(|_| Line { center: line.center, sides: Vec::new() }).collect();
        for step in 0..self.tolerance.steps {
            self.extend(&mut others, ray, weights, 0.1875 * (-f64::from(step)).exp2());
        }
        let rounding = self.rounding(line).max(line.scatter());
        let (estimate, other) = (line.derivative(rounding)?, others[result].derivative(rounding)?);
        // It may be too large for the type, and rightly infinite.
        if derivative.value.is_infinite() && estimate.value.abs() > self.tolerance.greatest / 8.0 {
            return None;
        }
        let gap = (derivative.value - estimate.value).abs();
        // A derivative that is not a number is infinitely far from what it should be.
        let (gap, jump) = match gap.is_finite() {
            true => (gap, FAR * gap),
            false => (f64::INFINITY, self.accepted(line, derivative, estimate)),
        };
        let is_resolved = 10.0 * estimate.error < gap;
        let is_smooth = line.jump(self.tolerance.epsilon) <= jump;
        let is_same = (other.value - estimate.value).abs() <= FAR * gap;
        let differs = is_resolved && is_smooth && is_same;
        (differs && !self.is_seen_closer(ray, weights, line, result, derivative.value)).then_some(estimate)
    }

    /// Whether the function oscillates within the shortest step of a line, and has the given derivative between points that
    /// are closer than that. The differences of the line then say nothing.
    fn is_seen_closer(&self, ray: &Ray, weights: &[Vec<f64>], line: &Line, result: usize, derivative: f64) -> bool {
        let step = NEAR * line.magnitude() / derivative.abs();
        if !line.sides.last().is_some_and(|(shortest, ..)| step < *shortest) {
            return false;
        }
        let mut closer: Vec<Line> = weights.iter().map(|_| Line { center: line.center, sides: Vec::new() }).collect();
        self.extend(&mut closer, ray, weights, step);
        closer[result].sides.iter().all(|side| (central(side) - derivative).abs() <= FAR * derivative.abs())
    }

    /// Compares one derivative with differences, and returns what these give: as an error if it differs; `None` if they do
    /// not converge.
    fn compare(&self, line: &Line, derivative: Product) -> Option<Result<Estimate, Estimate>> {
        let estimate = line.derivative(self.rounding(line))?;
        if estimate.error > self.accepted(line, derivative, estimate) {
            return None;
        }
        let Tolerance { relative, epsilon, .. } = self.tolerance;
        let size = size(derivative, estimate);
        let gap = (derivative.value - estimate.value).abs();
        if gap.is_nan() || gap > (relative * size).max(10.0 * estimate.error) {
            return Some(Err(estimate));
        }
        // A derivative that is small beside the value must be known to half of the digits, or be a rounding error of 0.
        let is_known = estimate.error <= relative.sqrt() * size || size <= ZERO * epsilon * line.magnitude();
        (is_known || derivative.magnitude == 0.0).then_some(Ok(estimate))
    }

    /// The least rounding error of the values on a line.
    fn rounding(&self, line: &Line) -> f64 {
        self.tolerance.epsilon * line.magnitude()
    }

    /// The error up to which an estimate is accepted.
    fn accepted(&self, line: &Line, derivative: Product, estimate: Estimate) -> f64 {
        let Tolerance { relative, of_value, .. } = self.tolerance;
        (relative * size(derivative, estimate)).max(of_value * line.magnitude())
    }

    /// Adds a step to each line.
    fn extend(&self, lines: &mut [Line], ray: &Ray, weights: &[Vec<f64>], step: f64) {
        let right = self.values(ray, weights, step);
        let left = self.values(ray, weights, -step);
        for ((line, right), left) in lines.iter_mut().zip(right).zip(left) {
            line.sides.push((step, right, left));
        }
    }

    /// The values of the results at a step.
    fn values(&self, ray: &Ray, weights: &[Vec<f64>], step: f64) -> Vec<Sample> {
        let argument = self.added.wrt[ray.place];
        let outcome: Outcome =
            moved(&ray.at[argument], ray.direction, step).map_err(|error| vec![error.into()]).and_then(|moved| {
                let mut at = ray.at.to_vec();
                at[argument] = moved;
                self.reference.call(&self.added.of, &at)
            });
        match outcome {
            Ok(results) if results.len() == weights.len() => samples(&results, weights),
            // The function ends here.
            Ok(_) | Err(_) => vec![Sample { value: f64::NAN, magnitude: 0.0 }; weights.len()],
        }
    }
}

/// The components of the conjugate. A pullback keeps the pairing Re(z w), and a product is Re(conj(z) w).
fn conjugate(dtype: ScalarType, components: &[f64]) -> Vec<f64> {
    let sign = |index: usize| if dtype.is_complex() && index % 2 == 1 { -1.0 } else { 1.0 };
    components.iter().enumerate().map(|(index, component)| sign(index) * component).collect()
}

/// How large a derivative is, before its terms cancel.
fn size(derivative: Product, estimate: Estimate) -> f64 {
    let magnitude = if derivative.magnitude.is_finite() { derivative.magnitude } else { 0.0 };
    magnitude.max(estimate.value.abs())
}

fn samples(results: &[Array], weights: &[Vec<f64>]) -> Vec<Sample> {
    let sample = |(result, weights): (&Array, &Vec<f64>)| {
        let Product { value, magnitude } = product(result, weights);
        // The shape of a result that depends on values may change.
        let is_same = components(result).len() == weights.len();
        Sample { value: if is_same { value } else { f64::NAN }, magnitude }
    };
    results.iter().zip(weights).map(sample).collect()
}

fn malformed() -> Vec<DiagnosticRecord> {
    vec![Diagnostic::internal("internal error: a derivative does not have the results of its kind").into()]
}
