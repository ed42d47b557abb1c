//! The table of derivatives: a row for each operation, a topic a file.

mod arithmetic;
mod contraction;
mod elementary;
mod gather_scatter;
mod product;
mod shape;
mod structure;

use crate::linearize::LinearizationSite;
use crate::regions::RegionHandler;
use crate::tangent::Tangent;
use crate::transpose::Transposer;
use dp_dialects::ir::{Op, Val};
use dp_dialects::ops::Table;
use dp_dialects::{OpKind, Result};
use std::sync::LazyLock;

/// The tangents of an operation's results, in order.
pub type Tangents<'c> = Result<Vec<Tangent<'c>>>;

/// How tangents flow through an operation.
pub enum Derivative {
    /// The results carry no derivative, or theirs is zero; and why.
    Inactive(&'static str),
    /// An expression, linear in the tangents. Operands and the result are named
    /// as in ODS; the tangent of operand `a` is `da`. One text serves real
    /// numbers, one complex ones, where the operation takes them.
    Tangent {
        /// The tangent over the reals.
        real: &'static str,
        /// The tangent over the complex numbers; empty where there are none.
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
    /// By a function, where the expression needs shapes; and what it gives, in words.
    Special(for<'c> fn(&mut LinearizationSite<'c, '_>) -> Tangents<'c>, &'static str),
    /// By the handler of a construct with regions.
    Region(&'static dyn RegionHandler),
    /// Not differentiated yet, and why: a located error.
    Unsupported(&'static str),
}

/// How an operation of a linear region is transposed: given the cotangents of
/// its results (those that are not zero), accumulates cotangents of its linear
/// operands.
pub type Transpose = for<'c> fn(&mut Transposer<'c>, Op<'c>, Val<'c>) -> Result<()>;

/// What degree in tangents an operation's results have, where some of its operands are linear in tangents.
pub enum Linearity {
    /// That of a sum, a choice or a copy of the operands that carry derivatives: linear in all of them at once.
    Sum,
    /// The same, where a condition holds of the operation.
    SumWhere(fn(Op) -> bool),
    /// That of the product of two operands.
    Product,
    /// That of the product of two operands, to which a third one is added.
    ProductAndSum,
    /// That of the first operand divided by the second.
    Quotient,
    /// None: the operation asks for extents alone.
    Extents,
}

/// What differentiation knows of one operation.
pub struct DerivativeRule {
    /// The operation.
    pub kind: OpKind,
    /// How tangents flow through it.
    pub derivative: Derivative,
    /// How it is transposed, where it is linear in some of its operands.
    pub transpose: Option<Transpose>,
    /// Whether results are linear in tangents, where the operation may be.
    pub linearity: Option<Linearity>,
    /// The choice where the derivative does not exist, if there are such points.
    pub nondifferentiable: Option<&'static str>,
}

impl DerivativeRule {
    const fn new(kind: OpKind, derivative: Derivative) -> DerivativeRule {
        DerivativeRule { kind, derivative, transpose: None, linearity: None, nondifferentiable: None }
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

    const fn having(self, linearity: Linearity) -> DerivativeRule {
        DerivativeRule { linearity: Some(linearity), ..self }
    }

    const fn nondifferentiable(self, choice: &'static str) -> DerivativeRule {
        DerivativeRule { nondifferentiable: Some(choice), ..self }
    }
}

/// The topics, each a table.
static TOPICS: [&[DerivativeRule]; 6] =
    [arithmetic::ROWS, elementary::ROWS, shape::ROWS, contraction::ROWS, gather_scatter::ROWS, structure::ROWS];

/// All rows.
pub fn rows() -> impl Iterator<Item = &'static DerivativeRule> {
    TOPICS.iter().flat_map(|topic| topic.iter())
}

/// The row of an operation; `None` for one that computes nothing by itself.
pub fn row(kind: OpKind) -> Option<&'static DerivativeRule> {
    static TABLE: LazyLock<Table<&DerivativeRule>> = LazyLock::new(|| {
        Table::new("derivatives", |kind| !kind.entry().is_structure, rows().map(|row| (row.kind, row)))
    });
    TABLE.get(kind).copied()
}
