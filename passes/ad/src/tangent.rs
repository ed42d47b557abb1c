//! Tangents of values during linearization.

use dp_dialects::ir::Val;
use dp_dialects::types::tangent_type;
use melior::ir::ValueLike;

/// The tangent of a value. It may be absent, which is not zero; nothing is emitted for either.
#[derive(Clone, Copy, Debug)]
pub enum Tangent<'c> {
    /// The type carries no derivative.
    None,
    /// The value does not depend on the active inputs.
    Zero,
    /// A value of the linear region.
    Value(Val<'c>),
}

impl<'c> Tangent<'c> {
    /// The tangent of an inactive value.
    pub fn inactive(primal: Val<'c>) -> Tangent<'c> {
        if tangent_type(primal.r#type()).is_some() { Tangent::Zero } else { Tangent::None }
    }

    /// The tangent, if it is neither absent nor zero.
    pub fn value(self) -> Option<Val<'c>> {
        match self {
            Tangent::Value(value) => Some(value),
            Tangent::None | Tangent::Zero => None,
        }
    }
}
