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

/// An operation on two extents.
#[derive(Clone, Copy)]
pub(super) enum Arithmetic {
    Add,
    Sub,
    Mul,
    /// Rounded toward zero.
    Div,
    Max,
}

/// Where an integer of the source comes from.
enum Origin<'c> {
    /// It is this one.
    Found(Amount<'c>),
    /// It is an element of another value of the source.
    Element(Val<'c>, u64),
    /// It is computed.
    Other,
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
        let (mut list, mut place) = (list, place);
        // Chains of conversions may be deeper than the stack.
        loop {
            match self.origin(list, place)? {
                Origin::Found(amount) => return Ok(amount),
                Origin::Element(other, at) => (list, place) = (other, at),
                Origin::Other => break,
            }
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

    /// Where an element of a list of the source comes from, by the operation that puts the list together.
    fn origin(&self, list: Val<'c>, place: u64) -> Translated<'c, Origin<'c>> {
        if let Some(extent) = self.import.extents.get(list) {
            return Ok(Origin::Found((*extent).into()));
        }
        let Some(op) = defining_op(list) else { return Ok(Origin::Other) };
        let all = operands(op);
        let found = |extent: Extent<'c>| Origin::Found(extent.into());
        Ok(match (name_of(op).as_str(), all.first().copied()) {
            ("stablehlo.constant" | "arith.constant", _) => {
                let literal = op.attribute("value").ok().and_then(Literal::of);
                let literal = literal.filter(|literal| place < literal.len() as u64 && is_integer(list));
                let number = literal.map(|literal| literal.element(place as usize).integer());
                number.map_or(Origin::Other, |number| Origin::Found(Amount::Constant(number)))
            }
            ("stablehlo.convert" | "arith.index_cast", Some(x)) if is_integer(x) && is_integer(list) => {
                Origin::Element(x, place)
            }
            ("stablehlo.reshape", Some(x)) if count(x) == count(list) => Origin::Element(x, place),
            ("stablehlo.broadcast_in_dim", Some(x)) if count(x) == Some(1) => Origin::Element(x, 0),
            ("tensor.dim", Some(_)) => found(self.dimension_at(op)?),
            ("shape.shape_of", Some(x)) => found(self.extent(self.import.value(x)?, place as usize)?),
            ("tensor.from_elements", _) => {
                all.get(place as usize).map_or(Origin::Other, |element| Origin::Element(*element, 0))
            }
            ("tensor.cast" | "shape.to_extent_tensor" | "shape.from_extent_tensor", Some(x)) => {
                Origin::Element(x, place)
            }
            ("stablehlo.concatenate", _) if i64_attribute(op, "dimension") == Some(0) => {
                let mut rest = place;
                for part in all {
                    match count(part) {
                        Some(own) if rest < own => return Ok(Origin::Element(part, rest)),
                        Some(own) => rest -= own,
                        None => return Ok(Origin::Other),
                    }
                }
                Origin::Other
            }
            _ => Origin::Other,
        })
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

    /// The extent that an operation converts to another type of integers that hold it; `None` if it converts others.
    pub(super) fn converted_extent(&self) -> Translated<'c, Option<Extent<'c>>> {
        let extent = self.import.extents.get(self.source(0)?).copied();
        Ok(extent.filter(|_| is_integer(result(self.op))))
    }

    /// The translation of an integer of the source that is an extent.
    pub(super) fn extent_as_integer(&mut self, extent: Extent<'c>) -> Translated<'c, Vec<Val<'c>>> {
        self.import.extents.insert(result(self.op), extent);
        Ok(vec![self.integer_of(&extent, self.result(0)?.dtype)?])
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

    /// What an operation gives for two extents.
    pub(super) fn combined(&self, how: Arithmetic, a: &Extent<'c>, b: &Extent<'c>) -> Translated<'c, Extent<'c>> {
        use Arithmetic::{Add, Div, Max, Mul, Sub};
        if let (Some(a), Some(b)) = (a.known(), b.known()) {
            let number = match how {
                Add => a.checked_add(b),
                Sub => a.checked_sub(b),
                Mul => a.checked_mul(b),
                Div => a.checked_div(b),
                Max => Some(a.max(b)),
            };
            let number = number.filter(|number| i64::try_from(*number).is_ok());
            let number = number.ok_or_else(|| Diagnostic::invalid("an extent is negative or too large"))?;
            return Ok(Extent::Known(number));
        }
        match (how, a, b) {
            (Add | Sub, a, Extent::Known(0)) | (Mul | Div, a, Extent::Known(1)) => return Ok(*a),
            (Add, Extent::Known(0), b) | (Mul, Extent::Known(1), b) => return Ok(*b),
            (Add | Sub | Mul | Div | Max, _, _) => {}
        }
        let kind = match how {
            Add => OpKind::ArithAddI,
            Sub => OpKind::ArithSubI,
            Mul => OpKind::ArithMulI,
            Div => OpKind::ArithDivSI,
            Max => OpKind::ArithMaxSI,
        };
        let index = ScalarType::Index.to_type(self.import.context);
        let operands = [self.index_of(a)?, self.index_of(b)?];
        Ok(Extent::Value(self.builder.op(kind, &operands, &[index], &[], vec![]).map(result)?))
    }

    /// The number of elements of some extents.
    pub(super) fn count_of(&self, extents: &[Extent<'c>]) -> Translated<'c, Extent<'c>> {
        if let Some(known) = all_known(extents) {
            return super::site::count(&known).map(Extent::Known);
        }
        let product = |all: Translated<'c, Extent<'c>>, one: &Extent<'c>| self.combined(Arithmetic::Mul, &all?, one);
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

/// Whether a value of the source has integers that hold extents.
fn is_integer(value: Val) -> bool {
    let is_wide = |dtype: ScalarType| matches!(dtype, ScalarType::I32 | ScalarType::I64 | ScalarType::Index);
    super::types::of(value.r#type()).is_ok_and(|of| is_wide(of.dtype))
}
