//! Extents, known when a program is read or computed when it runs, and operations on tensors that have them.
//!
//! The dynamic forms of StableHLO give the extents of their results as elements of a tensor. JAX puts that tensor
//! together from numbers, so an element is looked up where it was a number. An extent is an `index`: it is not rounded to
//! the 32 bits to which JAX converts it.

use super::site::{Site, constant};
use super::{Translated, name_of};
use dp_dialects::ir::{Op, Val, defining_op, i64_attribute, operands, result};
use dp_dialects::parameters::Start;
use dp_dialects::{Diagnostic, Literal, MlirType, OpKind, Parameters, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;

/// An extent, or another number of elements.
#[derive(Clone, Copy)]
pub(super) enum Extent<'c> {
    /// Known when the program is read.
    Known(u64),
    /// An `index` that the program computes.
    Value(Val<'c>),
}

impl<'c> Extent<'c> {
    /// The number, if it is known.
    pub(super) fn known(&self) -> Option<u64> {
        match self {
            Extent::Known(number) => Some(*number),
            Extent::Value(_) => None,
        }
    }

    /// Whether two extents are known to be the same.
    pub(super) fn is(&self, other: &Extent<'c>) -> bool {
        match (self, other) {
            (Extent::Known(a), Extent::Known(b)) => a == b,
            (Extent::Value(a), Extent::Value(b)) => a == b,
            (Extent::Known(_), Extent::Value(_)) | (Extent::Value(_), Extent::Known(_)) => false,
        }
    }
}

/// An integer that may be negative, such as an amount of padding.
#[derive(Clone, Copy)]
pub(super) enum Amount<'c> {
    /// Known when the program is read.
    Constant(i64),
    /// An `index` that the program computes.
    Value(Val<'c>),
}

impl<'c> Amount<'c> {
    /// The number, if it is known.
    pub(super) fn constant(&self) -> Option<i64> {
        match self {
            Amount::Constant(number) => Some(*number),
            Amount::Value(_) => None,
        }
    }

    /// As an extent.
    fn extent(&self) -> Translated<'c, Extent<'c>> {
        match self {
            Amount::Constant(number) => {
                let number = u64::try_from(*number);
                Ok(Extent::Known(number.map_err(|_| Diagnostic::invalid("an extent or a position is negative"))?))
            }
            Amount::Value(value) => Ok(Extent::Value(*value)),
        }
    }
}

impl<'c> From<Extent<'c>> for Amount<'c> {
    fn from(extent: Extent<'c>) -> Self {
        match extent {
            Extent::Known(number) => Amount::Constant(i64::try_from(number).unwrap_or(i64::MAX)),
            Extent::Value(value) => Amount::Value(value),
        }
    }
}

/// Known extents.
pub(super) fn known<'c>(extents: &[u64]) -> Vec<Extent<'c>> {
    extents.iter().copied().map(Extent::Known).collect()
}

/// The extents, if all are known.
pub(super) fn all_known(extents: &[Extent]) -> Option<Vec<u64>> {
    extents.iter().map(Extent::known).collect()
}

impl From<Extent<'_>> for Option<u64> {
    fn from(extent: Extent) -> Self {
        extent.known()
    }
}

/// The type of a tensor of these extents; a number if there are none.
pub(super) fn shaped<E: Copy + Into<Option<u64>>>(dtype: ScalarType, extents: &[E]) -> ValueType {
    match extents {
        [] => ValueType::number(dtype),
        _ => ValueType::tensor(dtype, extents.iter().map(|extent| (*extent).into()).collect()),
    }
}

/// The extents that are computed, in order: the operands of operations that make such a tensor.
fn computed<'c>(extents: &[Extent<'c>]) -> Vec<Val<'c>> {
    let value = |extent: &Extent<'c>| match extent {
        Extent::Known(_) => None,
        Extent::Value(value) => Some(*value),
    };
    extents.iter().filter_map(value).collect()
}

impl<'c> Site<'_, 'c> {
    /// The extents of a value; none for a number.
    pub(super) fn extents(&self, value: Val<'c>) -> Translated<'c, Vec<Extent<'c>>> {
        (0..self.type_of(value)?.rank()).map(|dim| self.extent(value, dim)).collect()
    }

    /// The extents of a result: those of its type, and others from an operand that lists all.
    pub(super) fn given_extents(&self, to: &ValueType, operand: usize) -> Translated<'c, Vec<Extent<'c>>> {
        let list = self.source(operand)?;
        let elements = self.elements(list)?;
        if elements.len() != to.rank() {
            let message = format!("operand {operand} lists {} extents, but the result is {to}", elements.len());
            return Err(Diagnostic::invalid(message).into());
        }
        let extent = |(declared, element): (&Option<u64>, &Extent<'c>)| match (declared, element.known()) {
            (Some(declared), Some(given)) if *declared != given => {
                Err(Diagnostic::invalid(format!("an extent is {given}, but the result is {to}")).into())
            }
            (Some(declared), _) => Ok(Extent::Known(*declared)),
            (None, _) => Ok(*element),
        };
        to.extents().iter().zip(&elements).map(extent).collect()
    }

    /// The elements of a list of extents of the source.
    pub(super) fn elements(&self, list: Val<'c>) -> Translated<'c, Vec<Extent<'c>>> {
        self.integers(list)?.iter().map(Amount::extent).collect()
    }

    /// The elements of a list of integers of the source.
    pub(super) fn integers(&self, list: Val<'c>) -> Translated<'c, Vec<Amount<'c>>> {
        match count(list) {
            Some(count) if count <= MOST => (0..count).map(|place| self.element(list, place)).collect(),
            Some(_) | None => {
                let message = format!("{} is not a list of known length, or too long", list.r#type());
                Err(Diagnostic::invalid(message).into())
            }
        }
    }

    /// An element of a number or tensor of integers of the source, by its place in row-major order.
    fn element(&self, list: Val<'c>, place: u64) -> Translated<'c, Amount<'c>> {
        if let Some(found) = self.traced(list, place)? {
            return Ok(found);
        }
        let value = self.import.value(list)?;
        let is_unsigned = super::types::is_unsigned(list.r#type());
        let number = match self.type_of(value)?.is_tensor() {
            true => {
                let flat = self.reshaped(value, &[self.count_of(&self.extents(value)?)?])?;
                self.reshaped(self.slice(flat, &[place], &[1], &[1])?, &[])?
            }
            false => value,
        };
        match constant(number) {
            Some(number) => Ok(Amount::Constant(number)),
            None => Ok(Amount::Value(self.index(number, is_unsigned)?)),
        }
    }

    /// An element of a list of the source, by the operations that put it together; `None` if these say nothing.
    fn traced(&self, list: Val<'c>, place: u64) -> Translated<'c, Option<Amount<'c>>> {
        let Some(op) = defining_op(list) else { return Ok(None) };
        let first = operands(op).first().copied();
        match (name_of(op).as_str(), first) {
            ("stablehlo.constant" | "arith.constant", _) => {
                let literal = op.attribute("value").ok().and_then(Literal::of);
                let literal = literal.filter(|literal| place < literal.len() as u64 && is_integer(list));
                Ok(literal.map(|literal| Amount::Constant(literal.element(place as usize).integer())))
            }
            ("stablehlo.convert" | "arith.index_cast", Some(x)) if is_integer(x) => self.element(x, place).map(Some),
            ("stablehlo.reshape", Some(x)) if count(x) == count(list) => self.element(x, place).map(Some),
            ("stablehlo.broadcast_in_dim", Some(x)) if count(x) == Some(1) => self.element(x, 0).map(Some),
            ("stablehlo.get_dimension_size", Some(_)) => self.dimension_of(op).map(|extent| Some(extent.into())),
            ("tensor.dim", Some(_)) => self.dimension_at(op).map(|extent| Some(extent.into())),
            ("shape.shape_of", Some(x)) => {
                self.extent(self.import.value(x)?, place as usize).map(|extent| Some(extent.into()))
            }
            ("tensor.from_elements", _) => match operands(op).get(place as usize) {
                Some(element) => self.element(*element, 0).map(Some),
                None => Ok(None),
            },
            ("tensor.cast" | "shape.to_extent_tensor" | "shape.from_extent_tensor", Some(x)) => {
                self.element(x, place).map(Some)
            }
            ("stablehlo.concatenate", _) if i64_attribute(op, "dimension") == Some(0) => {
                let mut before = 0;
                for part in operands(op) {
                    let Some(own) = count(part) else { return Ok(None) };
                    if place < before + own {
                        return self.element(part, place - before).map(Some);
                    }
                    before += own;
                }
                Ok(None)
            }
            _ => Ok(None),
        }
    }

    /// The extent that `get_dimension_size` returns.
    pub(super) fn dimension_of(&self, op: Op<'c>) -> Translated<'c, Extent<'c>> {
        let x = operands(op).first().copied().ok_or_else(|| Diagnostic::invalid("has no operand"))?;
        let dim = i64_attribute(op, "dimension").and_then(|dim| usize::try_from(dim).ok());
        let x = self.import.value(x)?;
        let dim = dim.ok_or_else(|| Diagnostic::invalid("has no 'dimension'"))?;
        self.extent(x, dim)
    }

    /// The extent of a value along a dimension.
    fn extent(&self, value: Val<'c>, dim: usize) -> Translated<'c, Extent<'c>> {
        match self.type_of(value)?.extents().get(dim) {
            Some(Some(known)) => Ok(Extent::Known(*known)),
            Some(None) => Ok(Extent::Value(self.builder.extent(value, dim)?)),
            None => Err(Diagnostic::invalid(format!("{dim} is not a dimension of the operand")).into()),
        }
    }

    /// The extent that `tensor.dim` returns.
    pub(super) fn dimension_at(&self, op: Op<'c>) -> Translated<'c, Extent<'c>> {
        let invalid = || Diagnostic::invalid("takes a tensor and a constant dimension of it");
        let [x, dim] = operands(op)[..] else { return Err(invalid().into()) };
        let dim = self.integers(dim)?.first().and_then(|dim| usize::try_from(dim.constant()?).ok());
        self.extent(self.import.value(x)?, dim.ok_or_else(invalid)?)
    }

    /// The extent that an operation converts to another type of integers; `None` if it is another one.
    pub(super) fn converted_extent(&self, op: Op<'c>) -> Translated<'c, Option<Extent<'c>>> {
        let mut value = result(op);
        while let Some(from) = defining_op(value).filter(|_| is_integer(value)) {
            match name_of(from).as_str() {
                "stablehlo.convert" => value = operands(from)[0],
                "stablehlo.get_dimension_size" => return self.dimension_of(from).map(Some),
                _ => break,
            }
        }
        Ok(None)
    }

    /// An extent as an `index`.
    pub(super) fn index_of(&self, extent: &Extent<'c>) -> Translated<'c, Val<'c>> {
        match extent {
            Extent::Known(number) => Ok(self.builder.index(i64::try_from(*number).unwrap_or(i64::MAX))?),
            Extent::Value(value) => Ok(*value),
        }
    }

    /// An extent as an integer.
    pub(super) fn integer_of(&self, extent: &Extent<'c>, dtype: ScalarType) -> Translated<'c, Val<'c>> {
        match extent {
            Extent::Known(number) => {
                let number = dp_dialects::Number::Integer(i64::try_from(*number).unwrap_or(i64::MAX));
                Ok(self.builder.literal(Literal::number(dtype, number.round(dtype)))?)
            }
            Extent::Value(value) => {
                let to = dtype.to_type(self.import.context);
                Ok(self.builder.op(OpKind::ArithIndexCast, &[*value], &[to], &[], vec![]).map(result)?)
            }
        }
    }

    /// The sum, difference, product, maximum or quotient of two extents, rounded toward zero.
    pub(super) fn combined(&self, kind: OpKind, a: &Extent<'c>, b: &Extent<'c>) -> Translated<'c, Extent<'c>> {
        if let (Some(a), Some(b)) = (a.known(), b.known()) {
            let number = match kind {
                OpKind::ArithAddI => a.checked_add(b),
                OpKind::ArithSubI => a.checked_sub(b),
                OpKind::ArithMulI => a.checked_mul(b),
                OpKind::ArithDivSI => a.checked_div(b),
                OpKind::ArithMaxSI => Some(a.max(b)),
                _ => None,
            };
            let number = number.filter(|number| i64::try_from(*number).is_ok());
            let number = number.ok_or_else(|| Diagnostic::invalid("an extent is negative or too large"))?;
            return Ok(Extent::Known(number));
        }
        let neutral = if matches!(kind, OpKind::ArithMulI | OpKind::ArithDivSI) { 1 } else { 0 };
        match (a, b) {
            (a, Extent::Known(number)) if *number == neutral && kind != OpKind::ArithMaxSI => Ok(*a),
            (Extent::Known(number), b)
                if *number == neutral && matches!(kind, OpKind::ArithAddI | OpKind::ArithMulI) =>
            {
                Ok(*b)
            }
            _ => {
                let index = ScalarType::Index.to_type(self.import.context);
                let operands = [self.index_of(a)?, self.index_of(b)?];
                Ok(Extent::Value(self.builder.op(kind, &operands, &[index], &[], vec![]).map(result)?))
            }
        }
    }

    /// The number of elements of some extents.
    pub(super) fn count_of(&self, extents: &[Extent<'c>]) -> Translated<'c, Extent<'c>> {
        if let Some(known) = all_known(extents) {
            return super::site::count(&known).map(Extent::Known);
        }
        let product = |all: Translated<'c, Extent<'c>>, one: &Extent<'c>| self.combined(OpKind::ArithMulI, &all?, one);
        extents.iter().fold(Ok(Extent::Known(1)), product)
    }

    /// An operation whose result has these extents. The computed ones are its last operands.
    pub(super) fn shaped_by(
        &self,
        kind: OpKind,
        parameters: &Parameters,
        operands: &[Val<'c>],
        dtype: ScalarType,
        extents: &[Extent<'c>],
    ) -> Translated<'c, Val<'c>> {
        let operands = [operands, &computed(extents)].concat();
        self.emit_typed(kind, parameters, &operands, &shaped(dtype, extents))
    }

    /// A value with other extents and as many elements; a number if there are no extents.
    pub(super) fn reshaped(&self, value: Val<'c>, to: &[Extent<'c>]) -> Translated<'c, Val<'c>> {
        let from = self.type_of(value)?;
        if all_known(to).is_some() && from.is_static() {
            return self.reshape(value, &shaped(from.dtype, to));
        }
        if to.is_empty() {
            return self.reshape(value, &ValueType::number(from.dtype));
        }
        self.shaped_by(OpKind::ArrayReshape, &Parameters::None, &[self.tensor(value)?], from.dtype, to)
    }

    /// A value whose dimensions become some dimensions, in order, of a tensor of these extents.
    pub(super) fn repeated(&self, value: Val<'c>, along: &[usize], to: &[Extent<'c>]) -> Translated<'c, Val<'c>> {
        let own = self.type_of(value)?;
        let r#type = shaped(own.dtype, to);
        if own == r#type && own.is_static() {
            return Ok(value);
        }
        Ok(self.builder.broadcast(value, along, &r#type, &computed(to))?)
    }

    /// Places along a dimension.
    pub(super) fn places(&self, dim: usize, dtype: ScalarType, extents: &[Extent<'c>]) -> Translated<'c, Val<'c>> {
        self.shaped_by(OpKind::ArrayIota, &Parameters::Dim(dim), &[], dtype, extents)
    }

    /// A slice, which starts at constant places or at values.
    pub(super) fn sliced(
        &self,
        value: Val<'c>,
        starts: &[Extent<'c>],
        strides: &[usize],
        extents: &[Extent<'c>],
    ) -> Translated<'c, Val<'c>> {
        let own = self.extents(value)?;
        let whole = starts.iter().all(|start| start.known() == Some(0));
        if whole
            && own.len() == extents.len()
            && own.iter().zip(extents).all(|(own, part)| own.known().is_some() && own.is(part))
        {
            return Ok(value);
        }
        let at = |start: &Extent<'c>| match start {
            Extent::Known(at) => Start::At(i64::try_from(*at).unwrap_or(i64::MAX)),
            Extent::Value(_) => Start::Operand,
        };
        let slice = Parameters::Slice { starts: starts.iter().map(at).collect(), strides: strides.to_vec() };
        let operands: Vec<Val> = std::iter::once(value).chain(computed(starts)).collect();
        self.shaped_by(OpKind::ArraySlice, &slice, &operands, self.type_of(value)?.dtype, extents)
    }
}

/// The most extents in a list.
const MOST: u64 = 4096;

/// The number of elements of a value of the source.
fn count(value: Val) -> Option<u64> {
    super::types::count(value.r#type())
}

/// Whether a value of the source has integers.
fn is_integer(value: Val) -> bool {
    super::types::of(value.r#type())
        .is_ok_and(|of| !of.dtype.is_float() && !of.dtype.is_complex() && of.dtype != ScalarType::I1)
}
