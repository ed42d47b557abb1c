//! How far results may differ: a program is run again with an error of rounding in each number that is rounded, and
//! with zeros of the other sign. What then is much the same must be the same on every target.

use super::program::{Id, Operation, Value, Writer};
use crate::refutation::numbers::Random;
use dp_dialects::attributes::Reduction;
use dp_dialects::parameters::ScanForm;
use dp_dialects::{Literal, Number, OpKind, Parameters, ScalarType};
use num_complex::Complex64;
use std::cell::RefCell;
use std::rc::Rc;

/// Errors of rounding, and where they are.
#[derive(Clone)]
pub struct Noise {
    random: Rc<RefCell<Random>>,
    /// What zeros become, and the sign of NaN; `None` where they are kept.
    zero: Option<f64>,
}

/// The distance of neighbours of 1.
pub fn epsilon(dtype: ScalarType) -> f64 {
    match dtype.real() {
        ScalarType::F16 => f64::powi(2.0, -10),
        ScalarType::BF16 => f64::powi(2.0, -7),
        ScalarType::F32 => f64::from(f32::EPSILON),
        _ => f64::EPSILON,
    }
}

/// Whether an operation gives a number that its operands hold, or one that they determine to the bit.
fn is_exact(operation: &Operation) -> bool {
    use OpKind::*;
    match operation.kind {
        ScalarNeg | ScalarAbs | ScalarSign | ScalarFloor | ScalarCeil | ScalarRound | ScalarMax | ScalarMin
        | ScalarCopysign | ScalarBitcast | ScalarSelect | ScalarConj | ScalarReal | ScalarImag | ScalarComplex
        | ScalarConstant => true,
        ArrayReduce | ArrayScan => match operation.parameters {
            Parameters::Reduce { kind, .. } | Parameters::Scan(ScanForm { kind, .. }) => {
                matches!(kind, Reduction::Max | Reduction::Min | Reduction::And | Reduction::Or)
            }
            _ => false,
        },
        ArrayUpdateSlice => !adds(operation),
        ArrayDot | ArrayScatter | ArrayCholesky | ArrayTriangularSolve | ArrayLu | ArrayFft | ArrayQr | ArrayQrTaus
        | ArrayEighValues | ArrayEighVectors | ArraySvdValues | ArraySvdLeft | ArraySvdRight => false,
        kind => kind.dialect() != "scalar" && kind.dialect() != "ad",
    }
}

/// Whether an operation adds elements up, so that rounding is relative to the elements and not to the sum.
fn adds(operation: &Operation) -> bool {
    match operation.parameters {
        Parameters::Update { accumulate, .. } => accumulate,
        Parameters::Reduce { .. } | Parameters::Scan(_) => !is_exact(operation),
        _ => matches!(
            operation.kind,
            OpKind::ArrayDot
                | OpKind::ArrayScatter
                | OpKind::ArrayCholesky
                | OpKind::ArrayTriangularSolve
                | OpKind::ArrayLuPivots
                | OpKind::ArrayQr
                | OpKind::ArrayQrTaus
                | OpKind::ArrayEighValues
                | OpKind::ArrayEighVectors
                | OpKind::ArraySvdValues
                | OpKind::ArraySvdLeft
                | OpKind::ArraySvdRight
                | OpKind::ArrayLu
                | OpKind::ArrayFft
                | OpKind::ScalarAdd
                | OpKind::ScalarSub
        ),
    }
}

impl Noise {
    /// The noise of a seed; `zero` is the sign that zeros have.
    pub fn new(seed: u64, zero: f64) -> Noise {
        Noise { random: Rc::new(RefCell::new(Random::new(seed))), zero: Some(zero) }
    }

    /// That of what is linear, or is differentiated: zeros stay, as another number in their place has another derivative.
    pub fn linear(self) -> Noise {
        Noise { zero: None, ..self }
    }

    fn takes(value: &Value) -> bool {
        value.is_differentiable()
    }

    /// Whether an operand is disturbed on the way in.
    pub fn enters(&self, operation: &Operation, value: &Value) -> bool {
        Noise::takes(value) && (adds(operation) || operation.kind == OpKind::ScalarFma)
    }

    /// Whether a result is disturbed.
    pub fn leaves(&self, operation: &Operation, value: &Value) -> bool {
        Noise::takes(value) && !is_exact(operation)
    }

    /// A factor near to 1.
    fn factor(&self, dtype: ScalarType) -> Number {
        let mut random = self.random.borrow_mut();
        let size = random.below(7) as f64 - 3.0;
        let factor = 1.0 + size * epsilon(dtype);
        Number::Real(factor).round(dtype.real())
    }

    /// Writes operations that make a disturbed number or tensor of one; its name.
    pub fn disturb(&self, writer: &mut Writer, name: &str, id: Id) -> String {
        let value = &writer.program.values[id];
        let dtype = value.r#type.dtype;
        let real = dtype.real();
        let Some(_) = &value.r#type.shape else {
            let factor = Literal::number(real, self.factor(dtype)).to_attribute(writer.context).to_string();
            let by = writer.fresh();
            writer.line(&format!("{by} = \"scalar.constant\"() <{{value = {factor}}}> : () -> {real}"));
            return self.scaled(writer, name, &by, dtype);
        };
        let count = value.extents.iter().product::<u64>();
        let factors = (0..count).map(|_| self.factor(dtype)).collect();
        let literal = Literal::tensor(real, value.extents.clone(), factors);
        let (r#type, fixed) = (value.r#type.clone(), literal.value_type());
        let factors = literal.to_attribute(writer.context).to_string();
        let by = writer.fresh();
        writer.line(&format!("{by} = \"array.constant\"() <{{value = {factors}}}> : () -> {fixed}"));
        let wide = r#type.with_dtype(real);
        let cast = writer.fresh();
        writer.line(&format!("{cast} = tensor.cast {by} : {fixed} to {wide}"));
        let (x, c, y) = (writer.fresh(), writer.fresh(), writer.fresh());
        writer.line(&format!("{y} = array.map({name}, {cast}) : ({type}, {wide}) -> {type} {{"));
        writer.line(&format!("^bb0({x}: {dtype}, {c}: {real}):"));
        let scaled = self.scaled(writer, &x, &c, dtype);
        writer.line(&format!("array.yield {scaled} : {dtype}"));
        writer.line("}");
        y
    }

    /// A number times a real one.
    fn scaled(&self, writer: &mut Writer, x: &str, by: &str, dtype: ScalarType) -> String {
        if !dtype.is_complex() {
            let y = writer.fresh();
            writer.line(&format!("{y} = scalar.mul {x}, {by} : {dtype}"));
            return self.signed(writer, y, dtype);
        }
        let part = |writer: &mut Writer, of: &str| {
            let (part, y) = (writer.fresh(), writer.fresh());
            writer.line(&format!("{part} = scalar.{of} {x} : {dtype}"));
            writer.line(&format!("{y} = scalar.mul {part}, {by} : {}", dtype.real()));
            self.signed(writer, y, dtype.real())
        };
        let (re, im) = (part(writer, "real"), part(writer, "imag"));
        let y = writer.fresh();
        writer.line(&format!("{y} = scalar.complex {re}, {im} : {}", dtype.real()));
        y
    }

    /// A number whose zeros have a sign, and NaN too, whose sign nothing determines.
    fn signed(&self, writer: &mut Writer, x: String, dtype: ScalarType) -> String {
        let Some(zero) = self.zero else { return x };
        let nan = if zero.is_sign_negative() { -f64::NAN } else { f64::NAN };
        let constant = |writer: &mut Writer, value: f64| {
            let name = writer.fresh();
            let value = Literal::number(dtype, Number::Real(value)).to_attribute(writer.context).to_string();
            writer.line(&format!("{name} = \"scalar.constant\"() <{{value = {value}}}> : () -> {dtype}"));
            name
        };
        let (z, n) = (constant(writer, zero), constant(writer, nan));
        let (p, q, y, signed) = (writer.fresh(), writer.fresh(), writer.fresh(), writer.fresh());
        writer.line(&format!("{p} = scalar.compare eq {x}, {z} : {dtype}"));
        writer.line(&format!("{y} = scalar.select {p}, {z}, {x} : i1, {dtype}"));
        writer.line(&format!("{q} = scalar.is_nan {x} : {dtype}"));
        writer.line(&format!("{signed} = scalar.select {q}, {n}, {y} : i1, {dtype}"));
        signed
    }

    /// Gives a disturbed value the name of the value.
    pub fn rename(&self, writer: &mut Writer, disturbed: &str, id: Id) {
        let r#type = writer.program.values[id].r#type.clone();
        match r#type.is_tensor() {
            true => writer.line(&format!("%v{id} = tensor.cast {disturbed} : {type} to {type}")),
            false => {
                writer.line(&format!("%v{id} = scalar.convert {disturbed} : {type} to {type}"));
            }
        }
    }
}

/// The distance of two numbers, and whether they are of different kinds: NaN, infinite, finite.
pub fn distance(a: Number, b: Number) -> Option<f64> {
    let (Complex64 { re: ar, im: ai }, Complex64 { re: br, im: bi }) = (a.complex(), b.complex());
    let part = |a: f64, b: f64| match (a.is_finite(), b.is_finite()) {
        (true, true) => Some((a - b).abs()),
        (false, false) if a == b || a.is_nan() && b.is_nan() => Some(0.0),
        _ => None,
    };
    match (a, b) {
        (Number::Integer(a), Number::Integer(b)) => (a == b).then_some(0.0),
        _ => Some(part(ar, br)?.max(part(ai, bi)?)),
    }
}
