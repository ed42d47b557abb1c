//! Arithmetic on indices.

use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, MlirType, OpKind, Result, ScalarType};
use melior::ir::attribute::{Attribute, IntegerAttribute, StringAttribute};
use melior::ir::r#type::IntegerType;

/// The number of the predicate `slt` of `arith.cmpi`.
const SIGNED_LESS: i64 = 2;

/// Arithmetic by a builder.
#[derive(Clone, Copy)]
pub(super) struct Index<'c>(pub(super) Builder<'c>);

impl<'c> Index<'c> {
    pub(super) fn op(self, kind: OpKind, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        let index = ScalarType::Index.to_type(self.0.context());
        self.0.op(kind, &[a, b], &[index], &[], vec![]).map(result)
    }

    pub(super) fn add(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithAddI, a, b)
    }

    pub(super) fn sub(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithSubI, a, b)
    }

    pub(super) fn mul(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithMulI, a, b)
    }

    pub(super) fn div(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithDivSI, a, b)
    }

    pub(super) fn min(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithMinSI, a, b)
    }

    pub(super) fn max(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithMaxSI, a, b)
    }

    /// Whether an index is less than another.
    pub(super) fn less(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        let context = self.0.context();
        let predicate: Attribute = IntegerAttribute::new(IntegerType::new(context, 64).into(), SIGNED_LESS).into();
        let boolean = ScalarType::I1.to_type(context);
        self.0.op(OpKind::ArithCmpI, &[a, b], &[boolean], &[("predicate", predicate)], vec![]).map(result)
    }

    /// Asserts a condition.
    pub(super) fn require(self, condition: Val<'c>, message: &str) -> Result<()> {
        let message = StringAttribute::new(self.0.context(), message).into();
        self.0.op(OpKind::CfAssert, &[condition], &[], &[("msg", message)], vec![]).map(|_| ())
    }

    pub(super) fn number(self, number: i64) -> Result<Val<'c>> {
        self.0.index(number)
    }
}
