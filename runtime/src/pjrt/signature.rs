//! Signatures of programs.

use std::fmt;

use dp_abi::{Extent, ResultExtent, ScalarType};
use thiserror::Error;

use crate::array::count;
use crate::{Array, Element};

/// The type and the extents of an array; a scalar has no extents.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayType {
    /// The type of the elements.
    pub number: ScalarType,
    /// The extents, outermost first.
    pub shape: Vec<usize>,
}

/// The types of a program's arguments and results. All extents are static.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// The arguments, in order.
    pub arguments: Vec<ArrayType>,
    /// The results, in order.
    pub results: Vec<ArrayType>,
}

/// A function has a dynamic extent.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{name}` of `{function}` has a dynamic extent, but XLA requires static shapes")]
pub struct SignatureError {
    /// The function.
    pub function: String,
    /// The argument or result.
    pub name: String,
}

impl ArrayType {
    /// The type of arrays of these elements.
    pub fn of<T: Element>(shape: &[usize]) -> ArrayType {
        ArrayType { number: T::NUMBER, shape: shape.into() }
    }

    /// The size of the elements in bytes; `None` on overflow.
    pub fn bytes(&self) -> Option<usize> {
        count(&self.shape)?.checked_mul(self.number.size())
    }

    /// Whether two types are the same on a device, where extents are 64-bit integers.
    pub(super) fn agrees(&self, other: &ArrayType) -> bool {
        let device = |number| if number == ScalarType::Index { ScalarType::I64 } else { number };
        device(self.number) == device(other.number) && self.shape == other.shape
    }
}

impl From<&Array> for ArrayType {
    fn from(array: &Array) -> ArrayType {
        ArrayType { number: array.elements().number(), shape: array.shape().into() }
    }
}

impl fmt::Display for ArrayType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tensor<")?;
        self.shape.iter().try_for_each(|extent| write!(f, "{extent}x"))?;
        write!(f, "{}>", self.number)
    }
}

impl TryFrom<&dp_abi::Function> for Signature {
    type Error = SignatureError;

    /// The signature of a function with static shapes.
    fn try_from(function: &dp_abi::Function) -> Result<Signature, SignatureError> {
        let types = |name: &str, number, shape: Vec<Option<u64>>| {
            let extents: Option<Vec<usize>> = shape.into_iter().map(|extent| usize::try_from(extent?).ok()).collect();
            let error = || SignatureError { function: function.name.clone(), name: name.into() };
            Ok(ArrayType { number, shape: extents.ok_or_else(error)? })
        };
        let arguments = function.arguments.iter().map(|argument| {
            let extent = |extent: &Extent| Option::<u64>::from(*extent);
            types(&argument.name, argument.number, argument.shape.iter().flatten().map(extent).collect())
        });
        let results = function.results.iter().map(|result| {
            let extent = |extent: &ResultExtent| Option::<u64>::from(*extent);
            types(&result.name, result.number, result.shape.iter().flatten().map(extent).collect())
        });
        Ok(Signature { arguments: arguments.collect::<Result<_, _>>()?, results: results.collect::<Result<_, _>>()? })
    }
}
