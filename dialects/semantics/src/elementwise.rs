//! Elementwise operations: scalar kernels, and their extension to tensors.

use crate::function::Function;
use crate::require::{malformed, require_same_extents};
use crate::{bits, complex, convert, integer, real, special, view};
use dp_dialects::{Diagnostic, Elements, Literal, Number, OpKind, Parameters, Result, ScalarType, ValueType};
use num_complex::Complex64;

/// What an elementwise operation does to one element: found once, applied to many.
pub struct Kernel {
    arity: usize,
    function: Function,
    result: ScalarType,
}

impl Kernel {
    /// The kernel of an operation whose value operands are of one type (the predicate of `scalar.select` aside) and
    /// whose result is of another.
    ///
    /// # Errors
    /// A diagnostic where the operation is not elementwise, or is not defined on the type.
    pub fn of(kind: OpKind, parameters: &Parameters, operand: ScalarType, result: ScalarType) -> Result<Kernel> {
        let (arity, function): (usize, Function) = match (kind, parameters) {
            (OpKind::ScalarConstant, Parameters::Constant(literal)) => {
                let value = literal.element(0);
                (0, Box::new(move |_| value))
            }
            (OpKind::ScalarSelect, _) => (3, Box::new(|x| if x[0].is(0.0) { x[2] } else { x[1] })),
            (OpKind::ScalarComplex, _) => (2, Box::new(|x| Number::Complex(Complex64::new(x[0].re(), x[1].re())))),
            (OpKind::ScalarPolygamma, Parameters::Order(n)) => {
                let n = u64::try_from(*n).map_err(|_| malformed())?;
                (1, Box::new(move |x| Number::Real(special::polygamma(n, x[0].re()))))
            }
            (OpKind::ScalarReducePrecision, Parameters::Precision { exponent, mantissa }) => {
                let (exponent, mantissa) = (*exponent, *mantissa);
                (1, Box::new(move |x| Number::Real(bits::reduced(x[0].re(), operand, exponent, mantissa))))
            }
            (OpKind::ScalarBitcast, _) => (1, Box::new(move |x| bits::cast(x[0], operand, result))),
            (OpKind::ScalarCompare, Parameters::Compare(predicate)) => (2, convert::compare(*predicate, operand)),
            (OpKind::ScalarConvert, Parameters::Convert { unsigned }) => {
                (1, convert::convert(operand, result, *unsigned)?)
            }
            _ => of_class(kind, operand)
                .ok_or_else(|| Diagnostic::invalid(format!("'{}' does not support {operand}", kind.name())))?,
        };
        Ok(Kernel { arity, function, result })
    }

    /// How many operands the operation takes.
    pub fn arity(&self) -> usize {
        self.arity
    }

    /// The result, rounded to its type. There are [`Kernel::arity`] operands.
    pub fn apply(&self, operands: &[Number]) -> Number {
        (self.function)(operands).round(self.result)
    }

    fn require_arity(&self, operands: usize) -> Result<()> {
        if operands == self.arity { Ok(()) } else { Err(malformed()) }
    }
}

/// The function of an operation that has no attributes, by the operands' class.
fn of_class(kind: OpKind, dtype: ScalarType) -> Option<(usize, Function)> {
    if dtype.is_float() {
        real::function(kind, dtype)
    } else if dtype.is_complex() {
        complex::function(kind, dtype)
    } else {
        integer::function(kind, dtype.bits())
    }
}

/// Whether the operation is elementwise, and every type that it admits has a kernel.
pub fn is_elementwise(kind: OpKind) -> bool {
    let special = [
        OpKind::ScalarSelect,
        OpKind::ScalarComplex,
        OpKind::ScalarPolygamma,
        OpKind::ScalarCompare,
        OpKind::ScalarConvert,
        OpKind::ScalarBitcast,
        OpKind::ScalarReducePrecision,
    ];
    let has_row = |classes: dp_dialects::ops::Classes| {
        ScalarType::ALL.into_iter().filter(|dtype| classes.admits(*dtype)).all(|dtype| of_class(kind, dtype).is_some())
    };
    special.contains(&kind) || kind.classes().is_some_and(has_row)
}

/// What an operation on numbers computes: `operand_dtype` is the type of its value operands (of the choices, for
/// `scalar.select`).
///
/// # Errors
/// A diagnostic where the operation is not elementwise, or is not defined on the type.
pub fn scalar(
    kind: OpKind,
    parameters: &Parameters,
    operands: &[Number],
    operand_dtype: ScalarType,
    result_dtype: ScalarType,
) -> Result<Number> {
    let kernel = Kernel::of(kind, parameters, operand_dtype, result_dtype)?;
    kernel.require_arity(operands.len())?;
    Ok(kernel.apply(operands))
}

/// An elementwise operation on numbers or on tensors of one shape.
pub fn elementwise(kind: OpKind, parameters: &Parameters, operands: &[Literal], result: &ValueType) -> Result<Literal> {
    let Some(last) = operands.last() else { return Err(malformed()) };
    let kernel = Kernel::of(kind, parameters, last.dtype, result.dtype)?;
    kernel.require_arity(operands.len())?;
    require_same_extents(operands)?;
    let mut arguments = Vec::with_capacity(operands.len());
    let mut at = |position| {
        arguments.clear();
        arguments.extend(operands.iter().map(|x| x.element(position)));
        kernel.apply(&arguments)
    };
    let elements = if operands.iter().all(|x| matches!(x.elements, Elements::Splat(_))) {
        Elements::Splat(at(0))
    } else {
        let mut elements = view::room(last.extents())?;
        elements.extend((0..last.len()).map(at));
        Elements::Each(elements)
    };
    Ok(Literal { dtype: result.dtype, shape: last.shape.clone(), elements })
}

/// Applies a program on numbers to each element of tensors of one shape, in row-major order, as `array.map` does.
/// `results` are the types of the numbers that it gives.
///
/// # Errors
/// A diagnostic where the tensors differ in extents, and what `f` complains of.
pub fn map_elements(
    xs: &[Literal],
    results: &[ScalarType],
    mut f: impl FnMut(&[Number]) -> Result<Vec<Number>>,
) -> Result<Vec<Literal>> {
    let Some(first) = xs.first() else { return Err(malformed()) };
    require_same_extents(xs)?;
    let mut columns = results.iter().map(|_| view::room(first.extents())).collect::<Result<Vec<Vec<Number>>, _>>()?;
    let mut arguments = Vec::with_capacity(xs.len());
    for position in 0..first.len() {
        arguments.clear();
        arguments.extend(xs.iter().map(|x| x.element(position)));
        let values = f(&arguments)?;
        if values.len() != results.len() {
            return Err(malformed());
        }
        for ((column, value), dtype) in columns.iter_mut().zip(values).zip(results) {
            column.push(value.round(*dtype));
        }
    }
    let literal =
        |(column, dtype): (Vec<Number>, &ScalarType)| Literal::tensor(*dtype, first.extents().to_vec(), column);
    Ok(columns.into_iter().zip(results).map(literal).collect())
}
