//! Arithmetic on indices.

use dp_dialects::ir::{Val, result};
use dp_dialects::{Builder, MlirType, OpKind, Result, ScalarType};
use melior::ir::attribute::{Attribute, IntegerAttribute, StringAttribute};
use melior::ir::r#type::IntegerType;

/// Numbers of predicates of `arith.cmpi`.
const SIGNED_LESS: i64 = 2;
const SIGNED_AT_MOST: i64 = 3;

/// Arithmetic by a builder. Each method fails if MLIR rejects the operation.
#[derive(Clone, Copy)]
pub struct Index<'c>(pub Builder<'c>);

impl<'c> Index<'c> {
    /// An operation on two indices.
    pub fn op(self, kind: OpKind, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        let index = ScalarType::Index.to_type(self.0.context());
        self.0.op(kind, &[a, b], &[index], &[], vec![]).map(result)
    }

    /// a + b.
    pub fn add(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithAddI, a, b)
    }

    /// a - b.
    pub fn sub(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithSubI, a, b)
    }

    /// a · b.
    pub fn mul(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithMulI, a, b)
    }

    /// The quotient, rounded toward zero.
    pub fn div(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithDivSI, a, b)
    }

    /// The minimum, of signed numbers.
    pub fn min(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithMinSI, a, b)
    }

    /// The maximum, of signed numbers.
    pub fn max(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.op(OpKind::ArithMaxSI, a, b)
    }

    /// Whether an index is less than another, as signed numbers.
    pub fn less(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.compare(SIGNED_LESS, a, b)
    }

    /// Whether an index is at most another, as signed numbers.
    pub fn at_most(self, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        self.compare(SIGNED_AT_MOST, a, b)
    }

    fn compare(self, predicate: i64, a: Val<'c>, b: Val<'c>) -> Result<Val<'c>> {
        let context = self.0.context();
        let predicate: Attribute = IntegerAttribute::new(IntegerType::new(context, 64).into(), predicate).into();
        let boolean = ScalarType::I1.to_type(context);
        self.0.op(OpKind::ArithCmpI, &[a, b], &[boolean], &[("predicate", predicate)], vec![]).map(result)
    }

    /// Asserts a condition.
    pub fn require(self, condition: Val<'c>, message: &str) -> Result<()> {
        let message = StringAttribute::new(self.0.context(), message).into();
        self.0.op(OpKind::CfAssert, &[condition], &[], &[("msg", message)], vec![]).map(|_| ())
    }

    /// A constant.
    pub fn number(self, number: i64) -> Result<Val<'c>> {
        self.0.index(number)
    }
}
