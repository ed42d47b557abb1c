//! The table of derivatives: one row per operation, one file per topic.

mod arithmetic;
mod contraction;
mod dispatch;
mod elementary;
mod evaluator;
mod fold;
mod fourier;
mod gather_scatter;
mod linear_algebra;
mod orthogonal;
mod product;
mod scan;
mod shape;
mod sort;
mod structure;
mod windows;

use crate::regions::RegionHandler;
use dp_ad_engine::site::LinearizationSite;
use dp_ad_engine::tangent::Tangent;
use dp_ad_engine::transpose::Transposer;
use dp_dialects::ir::{Op, Val};
use dp_dialects::ops::Table;
use dp_dialects::{OpKind, Result};
use dp_linearity::Linearity;
use std::sync::LazyLock;

pub use dispatch::RULES;

/// The tangents of an operation's results, in order.
pub type Tangents<'c> = Result<Vec<Tangent<'c>>>;

/// How tangents flow through an operation.
pub enum Derivative {
    /// The results carry no derivative, or it is zero, with the reason.
    Inactive(&'static str),
    /// An expression that is linear in the tangents. Operands and the result `y` are named as in ODS; the tangent of
    /// operand `a` is `da`.
    Tangent {
        /// The tangent over the reals.
        real: &'static str,
        /// The tangent over the complex numbers; empty if the operation does not take them.
        complex: &'static str,
        /// The operands' names, in order.
        names: &'static [&'static str],
    },
    /// The operation is linear in all its differentiable operands at once: the
    /// tangent is the operation itself, applied to tangents.
    Linear,
    /// The operation is linear in each of its two operands: the sum of the
    /// operation on (tangent, primal) and on (primal, tangent).
    Bilinear,
    /// By a function, if shapes are needed, with a description of the tangent.
    Special(for<'c> fn(&mut LinearizationSite<'c, '_>) -> Tangents<'c>, &'static str),
    /// By the handler of a construct with regions.
    Region(&'static dyn RegionHandler),
    /// Not supported, with the reason: a located error.
    Unsupported(&'static str),
}

/// Transposes an operation of a linear region: given the nonzero cotangents of its results, accumulates the cotangents
/// of its linear operands.
pub type Transpose = for<'c> fn(&mut Transposer<'c>, Op<'c>, Val<'c>) -> Result<()>;

/// Makes operations, in front of an operation, that compute the same and have derivatives of their own, and returns the
/// results. `None` if the operation's own rule applies.
pub type Expansion = for<'c> fn(Op<'c>) -> Result<Option<Vec<Val<'c>>>>;

/// The derivative of one operation.
pub struct DerivativeRule {
    /// The operation.
    pub kind: OpKind,
    /// How tangents flow through it.
    pub derivative: Derivative,
    /// The operations that are differentiated instead, if there are any.
    pub expansion: Option<Expansion>,
    /// How it is transposed, if it is linear in some of its operands.
    pub transpose: Option<Transpose>,
    /// The degree of its results in tangents, if it can be linear.
    pub linearity: Option<Linearity>,
    /// The convention at nondifferentiable points, if there are any.
    pub nondifferentiable: Option<&'static str>,
}

impl DerivativeRule {
    const fn new(kind: OpKind, derivative: Derivative) -> DerivativeRule {
        DerivativeRule { kind, derivative, expansion: None, transpose: None, linearity: None, nondifferentiable: None }
    }

    const fn inactive(kind: OpKind, reason: &'static str) -> DerivativeRule {
        DerivativeRule::new(kind, Derivative::Inactive(reason))
    }

    const fn unary(kind: OpKind, real: &'static str, complex: &'static str) -> DerivativeRule {
        DerivativeRule::new(kind, Derivative::Tangent { real, complex, names: &["x"] })
    }

    const fn binary(kind: OpKind, real: &'static str, complex: &'static str) -> DerivativeRule {
        DerivativeRule::new(kind, Derivative::Tangent { real, complex, names: &["a", "b"] })
    }

    const fn ternary(kind: OpKind, real: &'static str, complex: &'static str) -> DerivativeRule {
        DerivativeRule::new(kind, Derivative::Tangent { real, complex, names: &["a", "b", "c"] })
    }

    const fn linear(kind: OpKind, transpose: Transpose) -> DerivativeRule {
        DerivativeRule::new(kind, Derivative::Linear).transposed(Linearity::Sum, transpose)
    }

    const fn transposed(self, linearity: Linearity, transpose: Transpose) -> DerivativeRule {
        DerivativeRule { transpose: Some(transpose), linearity: Some(linearity), ..self }
    }

    const fn expanded(self, expansion: Expansion) -> DerivativeRule {
        DerivativeRule { expansion: Some(expansion), ..self }
    }

    const fn having(self, linearity: Linearity) -> DerivativeRule {
        DerivativeRule { linearity: Some(linearity), ..self }
    }

    const fn nondifferentiable(self, choice: &'static str) -> DerivativeRule {
        DerivativeRule { nondifferentiable: Some(choice), ..self }
    }
}

/// The topics, each a table.
static TOPICS: [&[DerivativeRule]; 12] = [
    arithmetic::ROWS,
    elementary::ROWS,
    shape::ROWS,
    windows::ROWS,
    contraction::ROWS,
    scan::ROWS,
    sort::ROWS,
    gather_scatter::ROWS,
    linear_algebra::ROWS,
    orthogonal::ROWS,
    fourier::ROWS,
    structure::ROWS,
];

/// All rows.
pub fn rows() -> impl Iterator<Item = &'static DerivativeRule> {
    TOPICS.iter().flat_map(|topic| topic.iter())
}

/// The row of an operation; `None` for one that computes nothing itself.
pub fn row(kind: OpKind) -> Option<&'static DerivativeRule> {
    static TABLE: LazyLock<Table<&DerivativeRule>> = LazyLock::new(|| {
        Table::new("derivatives", |kind| !kind.entry().is_structure, rows().map(|row| (row.kind, row)))
    });
    TABLE.get(kind).copied()
}
