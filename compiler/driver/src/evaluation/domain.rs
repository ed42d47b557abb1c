//! Where the arguments of functions lie.

use super::components::{array, components, parts};
use super::random::Random;
use crate::program;
use dp_abi::{Argument, Extent};
use dp_dialects::ir::{Op, argument_range};
use dp_dialects::marks::{RANGE, Range};
use dp_dialects::{Diagnostic, Result, ScalarType};
use dp_passes::specialize::Fixed;
use dp_runtime::{Array, Elements};

/// Where the values of one argument lie.
#[derive(Clone, Debug)]
pub struct Domain {
    /// The name of the argument.
    pub name: String,
    dtype: ScalarType,
    shape: Vec<usize>,
    /// The values near which others are drawn. Integers and booleans keep them.
    near: Option<Array>,
    range: Option<Range>,
}

/// Dynamic extents that nothing else determines.
const EXTENT: usize = 3;

/// Floats that nothing else determines are drawn from here: positive, and of a size at which most functions are defined
/// and not flat.
const USUAL: Range = Range { low: 0.5, high: 1.5 };

/// Integers that nothing else determines are this or the next: a number of iterations, and a position in [`EXTENT`].
const SMALLEST: f64 = 1.0;

/// The part of a range that is left free on both sides, for the steps of differences.
const MARGIN: f64 = 0.25;

/// How far a value is drawn from the given one, relative to it.
const NEAR: f64 = 0.1;

/// Where the arguments of a function lie, given fixed extents and values near which they lie.
///
/// # Errors
/// If an argument is neither a scalar nor a tensor.
pub fn of_function(function: Op, fixed: &[Fixed], near: Option<Vec<Array>>) -> Result<Vec<Domain>> {
    let mut near = near.map(Vec::into_iter);
    let domain = |(index, argument): (usize, Argument)| {
        let fixed = fixed.iter().find(|fixed| fixed.name == argument.name);
        let mut near = near.as_mut().and_then(Iterator::next);
        let rank = argument.shape.as_ref().map_or(0, Vec::len);
        if let (ScalarType::Index, 0, Some([value])) = (argument.number, rank, fixed.map(|fixed| &*fixed.extents)) {
            near = Array::from_elements(&[], Elements::Index(vec![*value as i64])).ok();
        }
        let fixed = fixed.filter(|fixed| fixed.extents.len() == rank);
        let extent = |(dimension, extent): (usize, &Extent)| match extent {
            Extent::Static(extent) => *extent as usize,
            Extent::Dynamic => fixed.map_or(EXTENT, |fixed| fixed.extents[dimension] as usize),
        };
        let shape = match &near {
            Some(near) => near.shape().to_vec(),
            None => argument.shape.iter().flatten().enumerate().map(extent).collect(),
        };
        Domain { name: argument.name, dtype: argument.number, shape, near, range: argument_range(function, index) }
    };
    Ok(program::arguments(function)?.into_iter().enumerate().map(domain).collect())
}

impl Domain {
    /// The same types and extents, with any values.
    pub fn anywhere(self) -> Domain {
        Domain { near: None, range: None, ..self }
    }

    /// The same domain for an argument of another name.
    pub fn named(self, name: String) -> Domain {
        Domain { name, ..self }
    }

    /// The extents of the argument.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Draws a value.
    ///
    /// # Errors
    /// If the range of an integer contains none.
    pub fn draw(&self, random: &mut Random) -> Result<Array> {
        self.draw_from(random, USUAL)
    }

    /// Draws a value; floats that nothing else determines are from `usual`.
    ///
    /// # Errors
    /// If the range of an integer contains none.
    pub fn draw_from(&self, random: &mut Random, usual: Range) -> Result<Array> {
        let parts = parts(self.dtype);
        let count: usize = self.shape.iter().product();
        if parts == 0 {
            return match &self.near {
                Some(near) => Ok(near.clone()),
                None => {
                    let drawn: Vec<f64> = (0..count).map(|_| self.integer(random)).collect::<Result<_>>()?;
                    array(self.dtype, &self.shape, &drawn)
                }
            };
        }
        let range = self.range.unwrap_or(usual);
        let margin = MARGIN * (range.high - range.low);
        let (low, high) = (range.low + margin, range.high - margin);
        let drawn: Vec<f64> = match &self.near {
            None => (0..count * parts).map(|_| low + (high - low) * random.unit()).collect(),
            Some(near) => {
                let centers = components(near);
                let mean = centers.iter().map(|value| value.abs()).sum::<f64>() / centers.len().max(1) as f64;
                let draw = |center: &f64| {
                    let size = [center.abs(), mean, 1.0].into_iter().find(|size| *size > 0.0).unwrap_or(1.0);
                    let value = center + NEAR * size * (2.0 * random.unit() - 1.0);
                    if self.range.is_some() { value.clamp(low, high.max(low)) } else { value }
                };
                centers.iter().map(draw).collect()
            }
        };
        array(self.dtype, &self.shape, &drawn)
    }

    fn integer(&self, random: &mut Random) -> Result<f64> {
        if self.dtype == ScalarType::I1 {
            return Ok(random.below(2) as f64);
        }
        let Some(range) = self.range else { return Ok(SMALLEST + random.below(2) as f64) };
        let (low, high) = (range.low.ceil(), range.high.floor());
        if low > high {
            let message = format!("'{}' of '{}' contains no integer", RANGE.name, self.name);
            return Err(Diagnostic::invalid(message).help("give a range with an integer, such as [1.0, 4.0]"));
        }
        Ok(low + random.below(((high - low) as u64).saturating_add(1)) as f64)
    }

    /// Draws a direction at a point, one component for each of the point's. A step of 1/4 along it changes each number by
    /// a quarter of its size at most, and stays in the range.
    pub fn direction(&self, at: &Array, random: &mut Random) -> Vec<f64> {
        let at = components(at);
        let largest = at.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
        let width = self.range.map(|range| range.high - range.low).filter(|width| *width > 0.0);
        let size = |value: &f64| {
            let size = value.abs().max(width.unwrap_or(largest) / 8.0);
            let size = size.min(width.unwrap_or(f64::INFINITY));
            // A power of two, so that a step is exact in short formats.
            if size > 0.0 { size.log2().floor().exp2() } else { 1.0 }
        };
        at.iter().map(|value| size(value) * random.weight()).collect()
    }
}
