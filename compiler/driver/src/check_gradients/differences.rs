//! Numerical derivatives: central differences with Ridders' extrapolation (Advances in Engineering Software 4, 1982).
//!
//! For a smooth function, D(h) = (f(h) - f(-h)) / 2h = f'(0) + c h² + d h⁴ + …. From D at steps that are halved each
//! time, a tableau eliminates one power after the other. The difference of neighbours in the tableau estimates its
//! error, and the entry with the least error is the result.

/// The value of a function along a line, and how large the terms are of which it is the sum.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// The value; NaN where the function has none.
    pub value: f64,
    /// The sum of the magnitudes of the terms.
    pub magnitude: f64,
}

/// Values of a function at 0 and on both sides of it.
#[derive(Clone, Debug)]
pub struct Line {
    /// At 0.
    pub center: Sample,
    /// A step h, and the values at h and -h. Each step is half of the one before.
    pub sides: Vec<(f64, Sample, Sample)>,
}

/// A numerical derivative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The derivative.
    pub value: f64,
    /// Its estimated error.
    pub error: f64,
}

impl Line {
    /// The largest magnitude of a sample.
    pub fn magnitude(&self) -> f64 {
        self.usable()
            .iter()
            .fold(self.center.magnitude, |most, (_, right, left)| most.max(right.magnitude).max(left.magnitude))
    }

    /// The derivative at 0, for a function whose values have errors of `rounding`; `None` if fewer than three steps have
    /// finite values.
    pub fn derivative(&self, rounding: f64) -> Option<Estimate> {
        let sides = self.usable();
        if sides.len() < 3 {
            return None;
        }
        let (mut best, mut before) = (Estimate { value: f64::NAN, error: f64::INFINITY }, Vec::<f64>::new());
        for (step, right, left) in sides {
            // The row of this step: D(h), then the extrapolations that use one more step each.
            let mut row = vec![central(&(*step, *right, *left))];
            let mut power = 1.0;
            for (index, neighbour) in before.iter().enumerate() {
                power *= 4.0;
                let value = (power * row[index] - neighbour) / (power - 1.0);
                let spread = (value - row[index]).abs().max((value - neighbour).abs());
                let error = spread + rounding / step;
                if error < best.error {
                    best = Estimate { value, error };
                }
                row.push(value);
            }
            before = row;
        }
        Some(best)
    }

    /// The rounding errors of values, as they show at the shortest steps, where a smooth function is nearly straight:
    /// they may be much larger than those of the result, if large terms cancel inside the function.
    pub fn scatter(&self) -> f64 {
        let sides = self.usable();
        let shortest = &sides[sides.len().saturating_sub(4)..];
        let pairs = shortest.iter().zip(shortest.iter().skip(1));
        pairs.fold(0.0, |most, (longer, shorter)| {
            (2.0 * (central(longer) - central(shorter)).abs() * shorter.0).max(most)
        })
    }

    /// How much the derivatives from the right and from the left differ, extrapolated from the two shortest steps: 0 for a
    /// smooth function, up to rounding. Large at a jump of the function, too.
    pub fn jump(&self, epsilon: f64) -> f64 {
        let sides = self.usable();
        let [.., longer, shorter] = sides else { return 0.0 };
        let of = |(step, right, left): &(f64, Sample, Sample)| {
            ((right.value - self.center.value) - (self.center.value - left.value)) / step
        };
        let rounding = 16.0 * epsilon * self.magnitude() / shorter.0;
        ((2.0 * of(shorter) - of(longer)).abs() - rounding).max(0.0)
    }

    /// The shortest steps, as far as all values are finite.
    fn usable(&self) -> &[(f64, Sample, Sample)] {
        let is_finite = |(_, right, left): &(f64, Sample, Sample)| right.value.is_finite() && left.value.is_finite();
        let bad = self.sides.iter().rposition(|side| !is_finite(side));
        &self.sides[bad.map_or(0, |bad| bad + 1)..]
    }
}

/// The central difference D(h).
pub fn central((step, right, left): &(f64, Sample, Sample)) -> f64 {
    (right.value - left.value) / (2.0 * step)
}
