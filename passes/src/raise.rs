//! `raise-to-scalar`: raises upstream's `arith` and `math` to `scalar`, so that differentiation, simplification and
//! lowering see one operation for each function. Arithmetic on `index` stays, except for operations that later passes
//! do not support; these are expressed by supported ones.
//!
//! Operations of `tensor` that make, cut, join or reshape tensors become `array` operations.
//!
//! [`TABLE`] has one row per operation. Fast-math flags are dropped; they only grant permissions. Results that are
//! undefined or poison in `arith` get the value that `scalar` defines.

pub mod buffers;
pub(crate) mod checks;
mod compose;
mod tensors;

use crate::{ErrorGuaranteed, Pass};
use dp_dialects::ir::{Op, Val, erase, operands, replace_all_uses, result, walk};
use dp_dialects::{Builder, Diagnostic, Literal, OpKind, Parameters, Result, ScalarType, ValueType};
use melior::ir::ValueLike;
use melior::ir::operation::OperationLike;
use std::collections::HashMap;
use std::sync::LazyLock;

/// The pass.
pub static RAISE_TO_SCALAR: Pass = Pass {
    flag: "raise-to-scalar",
    summary: "raise arith and math to scalar",
    description: "Replaces each operation of `arith` and `math` on scalars and tensors by its row in the raising \
        table, and their constants by `scalar.constant` and `array.constant`. Operations of `tensor` that make, cut, join \
        or reshape tensors become `array` operations; starts of slices are clamped. Positions of insertions are \
        asserted to be within bounds, sizes of inserted slices to be those of the source, and divisors of integers not to \
        be 0, except in tensors and in regions of `array`. Arithmetic on `index` and on types outside our dialects \
        stays. An operation without a counterpart is an error with a reason.",
    body: |module, _| raise(module),
};

/// How an upstream operation is raised.
pub enum Raise {
    /// One `scalar` operation on the same operands.
    Same(OpKind),
    /// The same, with an assertion that a divisor that is an integer is not 0.
    Quotient(OpKind),
    /// `scalar.convert`.
    Convert {
        /// Whether integer operands and results are unsigned.
        unsigned: bool,
    },
    /// A constant.
    Constant,
    /// Poison, which becomes an arbitrary constant.
    Poison,
    /// Several operations, also if the operands or the result are indices.
    Index(Compose),
    /// Several operations, if the last operand is a boolean; otherwise the operation stays.
    OfBoolean(Compose),
    /// Several `scalar` operations.
    Compose(Compose),
    /// An error with this help text.
    Refuse(&'static str),
}

/// Builds the replacement of an operation.
pub type Compose = for<'c> fn(&RaiseSite<'c>) -> Result<Val<'c>>;

/// An operation to be raised, and a builder in front of it.
pub struct RaiseSite<'c> {
    op: Op<'c>,
    builder: Builder<'c>,
    operands: Vec<Val<'c>>,
    operand: ValueType,
    result: ValueType,
}

/// How each operation of `arith` and `math` is raised. Operations without a row stay: they concern indices, vectors or
/// the bits of floats.
pub const TABLE: &[(&str, Raise)] = {
    use OpKind::*;
    use Raise::*;
    &[
        ("arith.constant", Constant),
        ("ub.poison", Poison),
        ("tensor.insert", Index(tensors::insert)),
        ("tensor.extract_slice", Index(tensors::extract_slice)),
        ("tensor.insert_slice", Index(tensors::insert_slice)),
        ("tensor.empty", Index(tensors::empty)),
        ("tensor.splat", Index(tensors::splat)),
        ("tensor.concat", Index(tensors::concatenate)),
        ("tensor.expand_shape", Index(tensors::expand_shape)),
        ("tensor.collapse_shape", Index(tensors::collapse_shape)),
        ("arith.index_cast", OfBoolean(compose::index_of_boolean)),
        ("arith.index_castui", Index(compose::unsigned_index)),
        ("arith.addf", Same(ScalarAdd)),
        ("arith.subf", Same(ScalarSub)),
        ("arith.mulf", Same(ScalarMul)),
        ("arith.divf", Same(ScalarDiv)),
        ("arith.remf", Same(ScalarRem)),
        ("arith.negf", Same(ScalarNeg)),
        ("arith.maximumf", Same(ScalarMax)),
        ("arith.minimumf", Same(ScalarMin)),
        ("arith.maxnumf", Compose(compose::max_of_numbers)),
        ("arith.minnumf", Compose(compose::min_of_numbers)),
        ("arith.cmpf", Compose(compose::compare_floats)),
        ("arith.addi", Same(ScalarAdd)),
        ("arith.subi", Same(ScalarSub)),
        ("arith.muli", Same(ScalarMul)),
        ("arith.divsi", Quotient(ScalarDiv)),
        ("arith.divui", Quotient(ScalarUdiv)),
        ("arith.remsi", Quotient(ScalarRem)),
        ("arith.remui", Quotient(ScalarUrem)),
        ("arith.maxsi", Same(ScalarMax)),
        ("arith.minsi", Same(ScalarMin)),
        ("arith.maxui", Same(ScalarUmax)),
        ("arith.minui", Same(ScalarUmin)),
        ("arith.andi", Same(ScalarAnd)),
        ("arith.ori", Same(ScalarOr)),
        ("arith.xori", Same(ScalarXor)),
        ("arith.shli", Same(ScalarShl)),
        ("arith.shrsi", Same(ScalarShr)),
        ("arith.shrui", Same(ScalarUshr)),
        ("arith.cmpi", Compose(compose::compare_integers)),
        ("arith.select", Compose(compose::select)),
        ("arith.extf", Convert { unsigned: false }),
        ("arith.truncf", Convert { unsigned: false }),
        ("arith.sitofp", Compose(compose::from_signed)),
        ("arith.uitofp", Convert { unsigned: true }),
        ("arith.fptosi", Convert { unsigned: false }),
        ("arith.fptoui", Convert { unsigned: true }),
        ("arith.extsi", Compose(compose::from_signed)),
        ("arith.extui", Convert { unsigned: true }),
        ("arith.trunci", Compose(compose::truncate_integer)),
        ("arith.bitcast", Compose(compose::bitcast)),
        ("math.absf", Same(ScalarAbs)),
        ("math.absi", Same(ScalarAbs)),
        ("math.exp", Same(ScalarExp)),
        ("math.exp2", Same(ScalarExp2)),
        ("math.expm1", Same(ScalarExpm1)),
        ("math.log", Same(ScalarLog)),
        ("math.log2", Same(ScalarLog2)),
        ("math.log10", Same(ScalarLog10)),
        ("math.log1p", Same(ScalarLog1p)),
        ("math.sqrt", Same(ScalarSqrt)),
        ("math.rsqrt", Same(ScalarRsqrt)),
        ("math.powf", Same(ScalarPow)),
        ("math.ipowi", Same(ScalarPow)),
        ("math.fpowi", Compose(compose::power_of_integer)),
        ("math.sin", Same(ScalarSin)),
        ("math.cos", Same(ScalarCos)),
        ("math.tan", Same(ScalarTan)),
        ("math.asin", Same(ScalarAsin)),
        ("math.acos", Same(ScalarAcos)),
        ("math.atan", Same(ScalarAtan)),
        ("math.atan2", Same(ScalarAtan2)),
        ("math.tanh", Same(ScalarTanh)),
        ("math.erf", Same(ScalarErf)),
        ("math.floor", Same(ScalarFloor)),
        ("math.ceil", Same(ScalarCeil)),
        ("math.trunc", Compose(compose::trunc)),
        ("math.roundeven", Same(ScalarRound)),
        ("math.isnan", Same(ScalarIsNan)),
        ("math.fma", Same(ScalarFma)),
        ("math.round", Compose(compose::round)),
        ("math.erfc", Same(ScalarErfc)),
        ("math.copysign", Same(ScalarCopysign)),
        ("math.cbrt", Same(ScalarCbrt)),
        ("math.sinh", Same(ScalarSinh)),
        ("math.cosh", Same(ScalarCosh)),
        ("math.asinh", Same(ScalarAsinh)),
        ("math.acosh", Same(ScalarAcosh)),
        ("math.atanh", Same(ScalarAtanh)),
        ("math.sincos", Refuse("use 'math.sin' and 'math.cos', or 'scalar.sin' and 'scalar.cos'")),
        ("math.clampf", Compose(compose::clamp)),
        ("math.isfinite", Same(ScalarIsFinite)),
        ("math.isinf", Compose(compose::is_inf)),
        ("math.isnormal", Compose(compose::is_normal)),
        ("math.ctlz", Same(ScalarCountLeadingZeros)),
        ("math.cttz", Compose(compose::trailing_zeros)),
        ("math.ctpop", Same(ScalarPopcnt)),
    ]
};

/// Integer arithmetic on `i1`, as boolean operations: addition is modulo 2, and signed comparison reads true as -1.
const ON_BOOLEANS: &[(OpKind, OpKind)] = &[
    (OpKind::ScalarAdd, OpKind::ScalarXor),
    (OpKind::ScalarSub, OpKind::ScalarXor),
    (OpKind::ScalarMul, OpKind::ScalarAnd),
    (OpKind::ScalarMax, OpKind::ScalarAnd),
    (OpKind::ScalarMin, OpKind::ScalarOr),
    (OpKind::ScalarUmax, OpKind::ScalarOr),
    (OpKind::ScalarUmin, OpKind::ScalarAnd),
];

static ROWS: LazyLock<HashMap<&str, &Raise>> = LazyLock::new(|| TABLE.iter().map(|(name, row)| (*name, row)).collect());

/// Whether an operation of this name is raised, or rejected with a help text. `with_indices`: whether it has operands
/// or results of type `index`.
pub fn is_known(name: &str, with_indices: bool) -> bool {
    match ROWS.get(name) {
        Some(Raise::Poison | Raise::Index(_) | Raise::OfBoolean(_)) => true,
        Some(
            Raise::Same(_)
            | Raise::Quotient(_)
            | Raise::Convert { .. }
            | Raise::Constant
            | Raise::Compose(_)
            | Raise::Refuse(_),
        ) => !with_indices,
        None => false,
    }
}

/// Raises the operations of a module.
///
/// # Errors
/// If an operation has no counterpart; this was reported.
pub fn raise(module: Op) -> Result<(), ErrorGuaranteed> {
    let (mut found, mut outcome) = (Vec::new(), Ok(()));
    walk(module, &mut |op| {
        if OpKind::of(op) == Some(OpKind::ScfFor) && operands(op).first().is_some_and(is_boolean) {
            let diagnostic =
                Diagnostic::unsupported("'scf.for' has bounds of type i1, for which no signed step is positive");
            outcome = Err(diagnostic.help("extend the bounds, as by 'arith.extui' to i32").report(op.location()));
        }
        let row = op.name().as_string_ref().as_str().ok().and_then(|name| ROWS.get(name));
        found.extend(row.map(|row| (op, *row)));
    });
    for (op, row) in found {
        let Some(site) = RaiseSite::of(op, row) else { continue };
        match site.raise(row) {
            Ok(Some(value)) => {
                replace_all_uses(result(op), value);
                erase(op);
            }
            Ok(None) => {}
            Err(diagnostic) => {
                outcome = Err(diagnostic.report(op.location()));
            }
        }
    }
    outcome
}

fn is_boolean(value: &Val) -> bool {
    ValueType::of(value.r#type()) == Some(ValueType::number(ScalarType::I1))
}

impl<'c> RaiseSite<'c> {
    /// The site of an operation that its row applies to. `None` for other element types, and for indices unless the row
    /// covers them.
    fn of(op: Op<'c>, row: &Raise) -> Option<Self> {
        let operands = operands(op);
        let result = ValueType::of(dp_dialects::ir::results(op).first()?.r#type())?;
        let operand = match operands.last() {
            Some(operand) => ValueType::of(operand.r#type())?,
            None => result.clone(),
        };
        let numeric = operand.dtype != ScalarType::Index && result.dtype != ScalarType::Index;
        let takes = match row {
            Raise::Poison | Raise::Index(_) => true,
            Raise::OfBoolean(_) => operand.dtype == ScalarType::I1,
            Raise::Same(_)
            | Raise::Quotient(_)
            | Raise::Convert { .. }
            | Raise::Constant
            | Raise::Compose(_)
            | Raise::Refuse(_) => numeric,
        };
        takes.then(|| RaiseSite { op, builder: Builder::before(op), operands, operand, result })
    }

    fn raise(&self, row: &Raise) -> Result<Option<Val<'c>>> {
        match row {
            Raise::Quotient(kind) => {
                checks::divisor(self)?;
                self.raise(&Raise::Same(*kind))
            }
            Raise::Same(kind) => {
                let kind = if self.operand.dtype == ScalarType::I1 { on_booleans(*kind) } else { *kind };
                if !kind.classes().is_some_and(|classes| classes.admits(self.operand.dtype)) {
                    return Err(self.refusal(&format!("'{}' does not support {}", kind.name(), self.operand.dtype)));
                }
                self.builder.scalar(kind, &self.operands).map(Some)
            }
            Raise::Convert { unsigned } => self.convert(self.operands[0], &self.result, *unsigned).map(Some),
            Raise::Constant => {
                let literal = self.op.attribute("value").ok().and_then(Literal::of);
                literal.map(|literal| self.builder.literal(literal)).transpose()
            }
            Raise::Poison => self.builder.placeholder(&self.result).map(Some),
            Raise::Compose(compose) | Raise::Index(compose) | Raise::OfBoolean(compose) => compose(self).map(Some),
            Raise::Refuse(help) => Err(self.refusal(help)),
        }
    }

    fn name(&self) -> String {
        self.op.name().as_string_ref().as_str().unwrap_or("?").to_string()
    }

    fn refusal(&self, help: &str) -> Diagnostic {
        let name = self.name();
        Diagnostic::unsupported(format!("'{name}' has no counterpart in 'scalar'")).help(help)
    }

    /// `scalar.convert` to a type.
    fn convert(&self, x: Val<'c>, r#type: &ValueType, unsigned: bool) -> Result<Val<'c>> {
        self.builder.emit_typed(OpKind::ScalarConvert, &Parameters::Convert { unsigned }, &[x], r#type)
    }
}

fn on_booleans(kind: OpKind) -> OpKind {
    ON_BOOLEANS.iter().find(|(integers, _)| *integers == kind).map_or(kind, |(_, booleans)| *booleans)
}
