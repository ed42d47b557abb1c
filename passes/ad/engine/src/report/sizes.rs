//! Sizes as formulas, in trip counts and in extents of arguments.

use dp_dialects::diagnostics::place;
use dp_dialects::ir::{
    Op, Val, argument_name, constant_integer, defining_op, operands, region_block, value_block, value_index,
    value_location,
};
use dp_dialects::marks::PLACEHOLDER;
use dp_dialects::ops::Source;
use dp_dialects::{OpKind, ScalarType, ValueType};
use dp_extents::loops::Loop;
use dp_extents::proof::Extents;
use dp_extents::proof::callees::{Given, result_extent};
use dp_extents::source;
use melior::ir::block::BlockLike;
use melior::ir::operation::OperationLike;
use melior::ir::{Location, ValueLike};
use std::fmt;

/// A product of a number and of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Size {
    pub(super) known: u128,
    pub(super) names: Vec<String>,
}

impl Size {
    /// A number of bytes or of times.
    pub fn number(number: u64) -> Size {
        Size { known: u128::from(number), names: Vec::new() }
    }

    /// A number that is known at run time, by a name.
    pub fn name(name: String) -> Size {
        Size { known: 1, names: vec![name] }
    }

    /// The bytes of a value. `extents` are its dynamic extents, if they are known as values.
    pub fn of(value: Val, extents: &[Val]) -> Size {
        let Some(r#type) = ValueType::of(value.r#type()) else { return Size::name(shown(value)) };
        let bytes = if r#type.dtype == ScalarType::Index { 8 } else { r#type.dtype.size() as u64 };
        let mut given = extents.iter();
        let extents = r#type.extents().iter().enumerate().map(|(dim, extent)| match extent {
            Some(extent) => Size::number(*extent),
            None => given.next().map_or_else(|| dim_of(value, dim), |extent| number_of(*extent)),
        });
        extents.fold(Size::number(bytes), |size, extent| size.times(&extent))
    }

    /// The elements of a tensor.
    pub fn elements(tensor: Val) -> Size {
        let r#type = ValueType::of(tensor.r#type());
        let extents = r#type.iter().flat_map(|of| of.extents().iter().enumerate());
        let extents = extents.map(|(dim, extent)| extent.map_or_else(|| dim_of(tensor, dim), Size::number));
        extents.fold(Size::number(1), |size, extent| size.times(&extent))
    }

    /// The product of two sizes.
    pub fn times(&self, other: &Size) -> Size {
        let names = self.names.iter().chain(&other.names).cloned().collect();
        Size { known: self.known.saturating_mul(other.known), names }
    }

    /// The names in an order that does not depend on how the product was made.
    pub(super) fn sorted_names(&self) -> Vec<String> {
        let mut names = self.names.clone();
        names.sort();
        names
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = (self.known != 1 || self.names.is_empty()).then(|| self.known.to_string());
        let factors: Vec<String> = number.into_iter().chain(self.names.iter().cloned()).collect();
        f.write_str(&factors.join(" * "))
    }
}

/// The place of a location in the program.
pub fn place_of(location: Location) -> String {
    place(location).unwrap_or_else(|| "?".into())
}

/// An index: a constant, or where it comes from.
pub fn number_of(value: Val) -> Size {
    if let Some(number) = constant_integer(value) {
        return Size::number(u64::try_from(number).unwrap_or(0));
    }
    let Some(op) = defining_op(value) else { return Size::name(argument(value).unwrap_or_else(|| shown(value))) };
    match (OpKind::of(op), &operands(op)[..]) {
        (Some(OpKind::TensorDim), [tensor, dim]) => match constant_integer(*dim).map(usize::try_from) {
            Some(Ok(dim)) => dim_of(*tensor, dim),
            Some(Err(_)) | None => Size::name(shown(value)),
        },
        // An extent is not negative.
        (Some(OpKind::ArithMaxSI), [number, least]) if constant_integer(*least) == Some(0) => number_of(*number),
        (Some(OpKind::ArithMulI), [a, b]) => number_of(*a).times(&number_of(*b)),
        (Some(_) | None, _) => Size::name(shown(value)),
    }
}

/// An extent of a tensor: that of an argument from which it follows, if there is one.
fn dim_of(tensor: Val, dim: usize) -> Size {
    let named = |tensor: String| Size::name(format!("dim({tensor}, {dim})"));
    if let Some(extent) = ValueType::of(tensor.r#type()).and_then(|of| of.extents().get(dim).copied().flatten()) {
        return Size::number(extent);
    }
    let unknown = || named(shown(tensor));
    let (Some(op), Some(r#type)) = (defining_op(tensor), ValueType::of(tensor.r#type())) else {
        return argument(tensor).map_or_else(unknown, named);
    };
    let (Some(kind), all) = (OpKind::of(op), operands(op)) else { return unknown() };
    match source(kind, op, &r#type, dim) {
        Source::Operand(operand, dim) => dim_of(all[operand], dim),
        Source::Both(dim, _) => dim_of(all[0], dim),
        Source::Agreed => {
            all.iter().find(|value| dp_extents::is_tensor(value)).map_or_else(unknown, |x| dim_of(*x, dim))
        }
        Source::Index(operand) => number_of(all[operand]),
        Source::Carried => carried_dim(op, value_index(tensor), dim).unwrap_or_else(unknown),
        Source::Yielded => yielded_dim(op, value_index(tensor), dim).unwrap_or_else(unknown),
        Source::Own => called_dim(op, value_index(tensor), dim).unwrap_or_else(unknown),
        Source::Sum => unknown(),
    }
}

/// An extent of a result of a call, if it is one of the operands.
fn called_dim(op: Op, number: usize, dim: usize) -> Option<Size> {
    let extent = result_extent(op, number, dim)?;
    match (extent.constant, &extent.terms[..]) {
        (0, [(Given::Extent(operand, dim), 1)]) => Some(dim_of(op.operand(*operand).ok()?, *dim)),
        (0, [(Given::Index(operand), 1)]) => Some(number_of(op.operand(*operand).ok()?)),
        _ => None,
    }
}

/// An extent of a loop's result, if the loop preserves it.
fn carried_dim(op: Op, number: usize, dim: usize) -> Option<Size> {
    let looped = Loop::of(op)?;
    let initial = looped.initial_of(number)?;
    Extents::at(op).changing(&looped).is_none().then(|| dim_of(initial, dim))
}

/// An extent of what all regions of an operation yield, if they agree on it.
fn yielded_dim(op: Op, number: usize, dim: usize) -> Option<Size> {
    let blocks = (0..op.region_count()).filter_map(|region| region_block(op, region));
    let yielded = blocks.filter_map(|block| block.terminator()?.operand(number).ok());
    let is_used = |value: &Val| !defining_op(*value).is_some_and(|op| PLACEHOLDER.is_on(op));
    let yielded = yielded.filter(is_used);
    let sizes: Vec<Size> = yielded.map(|value| dim_of(value, dim)).collect();
    let (first, rest) = sizes.split_first()?;
    rest.iter().all(|size| size == first).then(|| first.clone())
}

/// The name of an argument of a function.
fn argument(value: Val) -> Option<String> {
    let block = if defining_op(value).is_some() { None } else { value_block(value) };
    let function = block?.parent_operation().filter(|op| OpKind::of(*op) == Some(OpKind::FuncFunc))?;
    Some(argument_name(function, value_index(value)))
}

/// A value by the place where it is computed.
fn shown(value: Val) -> String {
    format!("value({})", place_of(value_location(value)))
}
