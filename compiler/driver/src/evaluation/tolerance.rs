//! How closely results must agree, and a derivative with differences, by the type of the numbers in a function.

use dp_dialects::ir::{Op, block_args, functions, region_block, results, symbol_attribute, walk};
use dp_dialects::{ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::HashSet;

/// The tolerances for functions that compute in one type.
#[derive(Clone, Copy, Debug)]
pub struct Tolerance {
    /// The distance from 1 to the next number.
    pub epsilon: f64,
    /// Of a derivative from differences, relative to the derivative.
    pub relative: f64,
    /// The error of differences that is accepted, relative to the value of the function: rounding errors of the value,
    /// divided by the step, are not relative to a small derivative.
    pub of_value: f64,
    /// Between forward and reverse mode, relative to the derivative, and between two forms of a program, relative to the
    /// result. Both round each operation, in different orders.
    pub modes: f64,
    /// The greatest number.
    pub greatest: f64,
    /// The number of steps of the differences. Each is half of the one before; shorter ones are lost in rounding.
    pub steps: u32,
}

impl Tolerance {
    /// The tolerances for a type; for complex numbers, those for their parts.
    pub fn of(dtype: ScalarType) -> Tolerance {
        // Types without limits are not differentiable.
        let greatest = dtype.limits().map_or(f64::MAX, |(_, greatest)| greatest);
        match dtype.real() {
            // Extrapolated differences have errors of about 1e-10 where the function is smooth on the scale of its
            // argument; 1e-6 leaves room for those that are not, and finds every wrong rule.
            ScalarType::F64 => {
                Tolerance { greatest, epsilon: f64::EPSILON, relative: 1e-6, of_value: 1e-10, modes: 1e-10, steps: 12 }
            }
            // A rounding error of 6e-8 of the value, divided by a step of 1/4 to 1/64, and amplified by the condition
            // of the function.
            ScalarType::F32 => Tolerance {
                greatest,
                epsilon: f32::EPSILON.into(),
                relative: 1e-2,
                of_value: 1e-4,
                modes: 1e-3,
                steps: 7,
            },
            // Four digits: the longest step gives two of a derivative.
            ScalarType::F16 => {
                Tolerance { greatest, epsilon: 1.0 / 1024.0, relative: 5e-2, of_value: 3e-2, modes: 3e-2, steps: 4 }
            }
            // Three digits: the longest step gives one of a derivative.
            ScalarType::BF16 => {
                Tolerance { greatest, epsilon: 1.0 / 128.0, relative: 0.2, of_value: 0.2, modes: 0.2, steps: 4 }
            }
            ScalarType::Complex64 => Tolerance::of(ScalarType::F32),
            ScalarType::Complex128 => Tolerance::of(ScalarType::F64),
            // Not differentiable: these values are exact, and do not widen a tolerance.
            ScalarType::I1
            | ScalarType::I8
            | ScalarType::I16
            | ScalarType::I32
            | ScalarType::I64
            | ScalarType::Index => Tolerance::of(ScalarType::F64),
        }
    }

    /// The tolerances for a function: those for the shortest type in it and in the functions that it calls.
    pub fn of_function(module: Op, function: Op) -> Tolerance {
        let functions = functions(module);
        let (mut pending, mut seen) = (vec![function], HashSet::new());
        let mut widest = Tolerance::of(ScalarType::F64);
        while let Some(function) = pending.pop() {
            walk(function, &mut |op| {
                let arguments = (0..op.region_count()).filter_map(|index| region_block(op, index)).flat_map(block_args);
                for value in results(op).into_iter().chain(arguments) {
                    let Some(r#type) = ValueType::of(value.r#type()) else { continue };
                    if r#type.dtype.is_differentiable() {
                        let tolerance = Tolerance::of(r#type.dtype);
                        widest = if tolerance.epsilon > widest.epsilon { tolerance } else { widest };
                    }
                }
                if let Some(callee) = symbol_attribute(op, "callee").filter(|callee| seen.insert(*callee)) {
                    pending.extend(functions.get(callee));
                }
            });
        }
        widest
    }
}
