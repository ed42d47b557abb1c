//! Readers of attributes as [`Parameters`].

use crate::attributes::{FftKind, Predicate, Reduction};
use crate::ir::i64_array_of;
use crate::parameters::{DotDims, FftForm, Parameters, ScanForm, SolveForm, Start, WindowForm};
use crate::types::DYNAMIC;
use crate::types::MlirType;
use crate::{Literal, ScalarType};
use melior::ir::attribute::{Attribute, IntegerAttribute};

/// Looks up an attribute by name.
pub type Lookup<'a, 'c> = &'a dyn Fn(&str) -> Option<Attribute<'c>>;

fn integer(get: Lookup, name: &str) -> Option<i64> {
    IntegerAttribute::try_from(get(name)?).ok().map(|value| value.value())
}

fn dims(get: Lookup, name: &str) -> Option<Vec<usize>> {
    i64_array_of(get(name)?)?.into_iter().map(|dim| usize::try_from(dim).ok()).collect()
}

fn starts(get: Lookup) -> Option<Vec<Start>> {
    let start = |start| if start == DYNAMIC { Start::Operand } else { Start::At(start) };
    Some(i64_array_of(get("starts")?)?.into_iter().map(start).collect())
}

/// The enumeration case of an integer attribute.
fn case<T: Copy>(get: Lookup, name: &str, all: &[T]) -> Option<T> {
    all.get(usize::try_from(integer(get, name)?).ok()?).copied()
}

pub(super) fn nothing(_: Lookup) -> Option<Parameters> {
    Some(Parameters::None)
}

pub(super) fn constant(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Constant(Literal::of(get("value")?)?))
}

/// `arith.constant` of an `index`. (`raise-to-scalar` raises the others.)
pub(super) fn index(get: Lookup) -> Option<Parameters> {
    let value = IntegerAttribute::try_from(get("value")?).ok()?;
    let is_index = ScalarType::of(melior::ir::AttributeLike::r#type(&value))? == ScalarType::Index;
    is_index.then(|| constant(get)).flatten()
}

pub(super) fn compare(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Compare(case(get, "predicate", Predicate::ALL)?))
}

pub(super) fn convert(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Convert { unsigned: get("is_unsigned").is_some() })
}

pub(super) fn order(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Order(integer(get, "n")?))
}

pub(super) fn precision(get: Lookup) -> Option<Parameters> {
    let bits = |name| u32::try_from(integer(get, name)?).ok();
    Some(Parameters::Precision { exponent: bits("exponent")?, mantissa: bits("mantissa")? })
}

pub(super) fn dim(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Dim(usize::try_from(integer(get, "dim")?).ok()?))
}

pub(super) fn broadcast(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Broadcast(dims(get, "dims")?))
}

pub(super) fn permutation(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Permutation(dims(get, "permutation")?))
}

pub(super) fn slice(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Slice { starts: starts(get)?, strides: dims(get, "strides")? })
}

pub(super) fn update(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Update { starts: starts(get)?, accumulate: get("accumulate").is_some() })
}

pub(super) fn pad(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Pad { low: dims(get, "low")?, high: dims(get, "high")?, interior: dims(get, "interior")? })
}

pub(super) fn windows(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Windows(WindowForm {
        dim: usize::try_from(integer(get, "dim")?).ok()?,
        sizes: dims(get, "sizes")?,
        strides: dims(get, "strides")?,
        dilations: dims(get, "dilations")?,
    }))
}

pub(super) fn reduce(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Reduce { kind: case(get, "kind", Reduction::ALL)?, dims: dims(get, "dims")? })
}

pub(super) fn scan(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Scan(ScanForm {
        kind: case(get, "kind", Reduction::ALL)?,
        dim: usize::try_from(integer(get, "dim")?).ok()?,
        exclusive: get("exclusive").is_some(),
        reverse: get("reverse").is_some(),
    }))
}

pub(super) fn dot(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Dot(DotDims {
        batch_a: dims(get, "batch_a").unwrap_or_default(),
        batch_b: dims(get, "batch_b").unwrap_or_default(),
        contract_a: dims(get, "contract_a")?,
        contract_b: dims(get, "contract_b")?,
    }))
}

pub(super) fn solve(get: Lookup) -> Option<Parameters> {
    let is_set = |name| get(name).is_some();
    Some(Parameters::Solve(SolveForm {
        right: is_set("right"),
        upper: is_set("upper"),
        unit: is_set("unit"),
        transposed: is_set("transposed"),
        conjugated: is_set("conjugated"),
    }))
}

pub(super) fn swaps(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Swaps { reverse: get("reverse").is_some() })
}

pub(super) fn fft(get: Lookup) -> Option<Parameters> {
    Some(Parameters::Fft(FftForm {
        kind: case(get, "kind", FftKind::ALL)?,
        dim: usize::try_from(integer(get, "dim")?).ok()?,
        length: u64::try_from(integer(get, "length")?).ok()?,
    }))
}
