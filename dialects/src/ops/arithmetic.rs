//! Elementwise arithmetic: the element types that each operation supports. ODS traits check shapes.

use super::{Checked, Entry, Extents, ResultType, Role, Work, first, invalid, read};
use crate::attributes::Predicate;
use crate::parameters::Parameters;
use crate::{Diagnostic, OpKind, OpKind::*, Result, ScalarType, ValueType};

pub(super) const ENTRIES: &[Entry] = &[
    binary(ScalarAdd, "fci").commutative(),
    binary(ScalarSub, "fci"),
    binary(ScalarMul, "fci").commutative(),
    binary(ScalarDiv, "fci").work(Work::Elements(4)),
    binary(ScalarRem, "fi").work(Work::Elements(4)),
    binary(ScalarUdiv, "i").work(Work::Elements(4)),
    binary(ScalarUrem, "i").work(Work::Elements(4)),
    binary(ScalarPow, "fci").work(Work::Elements(40)),
    binary(ScalarAtan2, "f").work(Work::Elements(16)),
    binary(ScalarHypot, "f").work(Work::Elements(12)).commutative(),
    binary(ScalarCopysign, "f"),
    ternary(ScalarFma, "f"),
    binary(ScalarMax, "fi").commutative(),
    binary(ScalarMin, "fi").commutative(),
    binary(ScalarUmax, "i").commutative(),
    binary(ScalarUmin, "i").commutative(),
    unary(ScalarNeg, "fci"),
    unary(ScalarAbs, "fci").inferred(part),
    unary(ScalarSign, "fci"),
    unary(ScalarFloor, "f"),
    unary(ScalarCeil, "f"),
    unary(ScalarRound, "f"),
    unary(ScalarIsNan, "f").inferred(boolean),
    unary(ScalarIsFinite, "f").inferred(boolean),
    unary(ScalarExp, "fc").work(Work::Elements(12)),
    unary(ScalarExp2, "fc").work(Work::Elements(12)),
    unary(ScalarExpm1, "fc").work(Work::Elements(12)),
    unary(ScalarLog, "fc").work(Work::Elements(12)),
    unary(ScalarLog2, "fc").work(Work::Elements(12)),
    unary(ScalarLog10, "fc").work(Work::Elements(12)),
    unary(ScalarLog1p, "fc").work(Work::Elements(12)),
    unary(ScalarSqrt, "fc").work(Work::Elements(4)),
    unary(ScalarRsqrt, "fc").work(Work::Elements(4)),
    unary(ScalarCbrt, "f").work(Work::Elements(20)),
    unary(ScalarSin, "fc").work(Work::Elements(16)),
    unary(ScalarCos, "fc").work(Work::Elements(16)),
    unary(ScalarTan, "fc").work(Work::Elements(16)),
    unary(ScalarAsin, "fc").work(Work::Elements(20)),
    unary(ScalarAcos, "fc").work(Work::Elements(20)),
    unary(ScalarAtan, "fc").work(Work::Elements(20)),
    unary(ScalarSinh, "fc").work(Work::Elements(20)),
    unary(ScalarCosh, "fc").work(Work::Elements(20)),
    unary(ScalarTanh, "fc").work(Work::Elements(16)),
    unary(ScalarAsinh, "fc").work(Work::Elements(20)),
    unary(ScalarAcosh, "fc").work(Work::Elements(20)),
    unary(ScalarAtanh, "fc").work(Work::Elements(20)),
    unary(ScalarLogistic, "fc").work(Work::Elements(12)),
    unary(ScalarErf, "f").work(Work::Elements(16)),
    unary(ScalarErfc, "f").work(Work::Elements(20)),
    unary(ScalarErfInv, "f").work(Work::Elements(32)),
    unary(ScalarLgamma, "f").work(Work::Elements(40)),
    unary(ScalarDigamma, "f").work(Work::Elements(40)),
    reading(unary(ScalarPolygamma, "f"), read::order).work(Work::Elements(40)),
    binary(ScalarComplex, "f").inferred(complex),
    unary(ScalarReal, "c").inferred(part),
    unary(ScalarImag, "c").inferred(part),
    unary(ScalarConj, "c"),
    binary(ScalarAnd, "ib").commutative(),
    binary(ScalarOr, "ib").commutative(),
    binary(ScalarXor, "ib").commutative(),
    unary(ScalarNot, "ib"),
    binary(ScalarShl, "i"),
    binary(ScalarShr, "i"),
    binary(ScalarUshr, "i"),
    unary(ScalarPopcnt, "i"),
    unary(ScalarCountLeadingZeros, "i"),
    reading(binary(ScalarCompare, "fcib"), read::compare).inferred(boolean),
    ternary(ScalarSelect, "b").inferred(choice).checked(select),
    written(reading(unary(ScalarConvert, "fcib"), read::convert)).checked(convert),
    written(unary(ScalarBitcast, "fi")).checked(bitcast),
    reading(unary(ScalarReducePrecision, "f"), read::precision).work(Work::Elements(4)),
];

/// The operands of an elementwise operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arithmetic {
    /// The number of operands.
    pub arity: usize,
    /// The element types of its first operand.
    pub classes: Classes,
}

const fn elementwise(kind: OpKind, arity: usize, classes: &str) -> Entry {
    let arithmetic = Arithmetic { arity, classes: Classes::parse(classes) };
    let entry = Entry::term(kind, read::nothing).inferred(first).extents(Extents::Agreed).work(Work::Elements(1));
    Entry { arithmetic: Some(arithmetic), is_elementwise: true, role: Role::Term, ..entry }
}

const fn unary(kind: OpKind, classes: &str) -> Entry {
    elementwise(kind, 1, classes)
}

const fn binary(kind: OpKind, classes: &str) -> Entry {
    elementwise(kind, 2, classes)
}

const fn ternary(kind: OpKind, classes: &str) -> Entry {
    elementwise(kind, 3, classes)
}

const fn reading(entry: Entry, read: fn(read::Lookup) -> Option<Parameters>) -> Entry {
    Entry { attributes: super::Attributes::Read(read), ..entry }
}

const fn written(entry: Entry) -> Entry {
    Entry { result: ResultType::Written, ..entry }
}

/// Classes of element types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classes {
    /// Real floating-point numbers.
    pub float: bool,
    /// Complex numbers.
    pub complex: bool,
    /// Integers of 8 to 64 bits.
    pub integer: bool,
    /// Booleans.
    pub boolean: bool,
}

impl Classes {
    const fn parse(letters: &str) -> Classes {
        let mut classes = Classes { float: false, complex: false, integer: false, boolean: false };
        let bytes = letters.as_bytes();
        let mut index = 0;
        while index < bytes.len() {
            match bytes[index] {
                b'f' => classes.float = true,
                b'c' => classes.complex = true,
                b'i' => classes.integer = true,
                b'b' => classes.boolean = true,
                _ => panic!("a class is one of f, c, i, b"),
            }
            index += 1;
        }
        classes
    }

    /// Whether the type belongs to one of the classes.
    pub const fn admits(self, dtype: ScalarType) -> bool {
        (self.float && dtype.is_float())
            || (self.complex && dtype.is_complex())
            || (self.integer && dtype.is_integer())
            || (self.boolean && matches!(dtype, ScalarType::I1))
    }

    /// The classes in words, for a diagnostic.
    pub fn describe(self) -> String {
        let words = [
            (self.float, "floats"),
            (self.complex, "complex numbers"),
            (self.integer, "integers"),
            (self.boolean, "booleans"),
        ];
        words.iter().filter(|(admitted, _)| *admitted).map(|(_, word)| *word).collect::<Vec<_>>().join(", ")
    }
}

impl Predicate {
    /// The element types that the predicate supports.
    pub const fn classes(self) -> Classes {
        Classes::parse(match self {
            Predicate::Eq | Predicate::Ne => "fcib",
            Predicate::Ult | Predicate::Ule | Predicate::Ugt | Predicate::Uge => "i",
            Predicate::Lt | Predicate::Le | Predicate::Gt | Predicate::Ge => "fi",
        })
    }
}

impl Arithmetic {
    /// Checks the element type of the first operand.
    pub(super) fn verify(self, parameters: &Parameters, operands: &[ValueType]) -> Result<()> {
        let Some(x) = operands.first() else { return invalid("needs an operand") };
        let classes = match parameters {
            Parameters::Compare(predicate) => predicate.classes(),
            _ => self.classes,
        };
        if classes.admits(x.dtype) {
            return Ok(());
        }
        let diagnostic = Diagnostic::invalid(format!("does not take {}", x.dtype));
        Err(diagnostic.help(format!("it takes {}", classes.describe())))
    }
}

/// The result of `real`, `imag` and `abs`: the shape of the first operand with its real component type.
fn part(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    first(operands, parameters).map(|x| x.with_dtype(x.dtype.real()))
}

fn boolean(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    first(operands, parameters).map(|x| x.with_dtype(ScalarType::I1))
}

fn complex(operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    let x = first(operands, parameters)?;
    match x.dtype.complex() {
        Some(dtype) => Ok(x.with_dtype(dtype)),
        None => invalid(format!("does not support components of type {}", x.dtype)),
    }
}

fn choice(operands: &[ValueType], _: &Parameters) -> Result<ValueType> {
    operands.get(1).cloned().ok_or_else(|| Diagnostic::invalid("needs three operands"))
}

fn select(site: &Checked) -> Result<()> {
    let [predicate, a, _] = site.operands else { return invalid("requires a predicate and two values") };
    if predicate.dtype == ScalarType::I1 && predicate.shape == a.shape {
        return Ok(());
    }
    let wanted = a.with_dtype(ScalarType::I1);
    let diagnostic = Diagnostic::invalid(format!("requires a predicate of type {wanted}, not {predicate}"));
    Err(diagnostic.help("expand a scalar predicate with 'array.broadcast'"))
}

fn convert(site: &Checked) -> Result<()> {
    let ([x], [result]) = (site.operands, site.results) else { return invalid("requires one operand and one result") };
    if x.shape != result.shape {
        return invalid("requires operand and result of the same shape");
    }
    if x.dtype.is_complex() && !result.dtype.is_complex() {
        let diagnostic = Diagnostic::invalid("does not convert complex numbers to real numbers");
        return Err(diagnostic.help("use 'scalar.real', 'scalar.imag' or 'scalar.abs' first"));
    }
    Ok(())
}

fn bitcast(site: &Checked) -> Result<()> {
    let ([x], [result]) = (site.operands, site.results) else { return invalid("requires one operand and one result") };
    if x.shape != result.shape {
        return invalid("requires operand and result of the same shape");
    }
    if !(result.dtype.is_float() || result.dtype.is_integer()) || x.dtype.bits() != result.dtype.bits() {
        let diagnostic = Diagnostic::invalid(format!("does not make {} of {}", result.dtype, x.dtype));
        return Err(diagnostic.help("both are floats or integers of one width"));
    }
    Ok(())
}
