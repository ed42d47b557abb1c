//! The width of index arithmetic: registers have 32 bits, and an `index` takes two.
//!
//! Addresses are computed as `index`. Comparisons, counters and saved indices are 32 bits wide if extents are known, or
//! checked by the host, to be below [`NARROW`].

use crate::kernel::Kernel;
use dp_dialects::MlirType;
use dp_dialects::ir::{Val, result};
use dp_dialects::{Result, ScalarType};
use dp_loopnest::structured::arith;
use melior::ir::attribute::{Attribute, IntegerAttribute};

/// Numbers below this, and sums and differences of a few of them, fit into 32 bits.
pub(crate) const NARROW: i64 = 1 << 30;

/// The width of index numbers in a kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// 32 bits, one register.
    Narrow,
    /// As wide as `index`.
    Wide,
}

impl Width {
    /// Converts an `index` to this width.
    pub(crate) fn of_index<'c>(self, k: &Kernel<'c>, value: Val<'c>) -> Result<Val<'c>> {
        match self {
            Width::Wide => Ok(value),
            Width::Narrow => cast(k, "arith.index_cast", value, ScalarType::I32),
        }
    }

    /// Converts a nonnegative number of this width to `index`.
    pub(crate) fn to_index<'c>(self, k: &Kernel<'c>, value: Val<'c>) -> Result<Val<'c>> {
        match self {
            Width::Wide => Ok(value),
            Width::Narrow => cast(k, "arith.index_castui", value, ScalarType::Index),
        }
    }

    /// A constant.
    pub(crate) fn constant<'c>(self, k: &Kernel<'c>, value: i64) -> Result<Val<'c>> {
        match self {
            Width::Wide => k.index(value),
            Width::Narrow => {
                let r#type = ScalarType::I32.to_type(k.host.context());
                let attribute: Attribute = IntegerAttribute::new(r#type, value).into();
                k.b().named("arith.constant", &[], &[r#type], &[("value", attribute)], vec![]).map(result)
            }
        }
    }

    /// Adds a constant.
    pub(crate) fn add_constant<'c>(self, k: &Kernel<'c>, x: Val<'c>, y: i64) -> Result<Val<'c>> {
        if y == 0 { Ok(x) } else { k.add(x, self.constant(k, y)?) }
    }

    /// Multiplies by a constant.
    pub(crate) fn mul_constant<'c>(self, k: &Kernel<'c>, x: Val<'c>, y: i64) -> Result<Val<'c>> {
        k.mul(x, self.constant(k, y)?)
    }

    /// Quotient and remainder by a constant.
    pub(crate) fn div_rem<'c>(self, k: &Kernel<'c>, x: Val<'c>, y: i64) -> Result<(Val<'c>, Val<'c>)> {
        let y = self.constant(k, y)?;
        Ok((k.div(x, y)?, k.rem(x, y)?))
    }

    /// The quotient of positive numbers, rounded up.
    pub(crate) fn div_ceil<'c>(self, k: &Kernel<'c>, x: Val<'c>, y: Val<'c>) -> Result<Val<'c>> {
        let last = arith(&k.b(), "arith.subi", y, self.constant(k, 1)?)?;
        k.div(k.add(x, last)?, y)
    }
}

fn cast<'c>(k: &Kernel<'c>, name: &str, value: Val<'c>, to: ScalarType) -> Result<Val<'c>> {
    k.b().named(name, &[value], &[to.to_type(k.host.context())], &[], vec![]).map(result)
}
