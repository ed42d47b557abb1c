//! Facts about operations: one entry per operation, one file per topic. ODS defines syntax and documentation. How an
//! operation is evaluated, differentiated and lowered is in [`Table`]s of other crates.

mod arithmetic;
mod contraction;
mod derivatives;
mod extents;
mod fourier;
mod gather_scatter;
mod linear_algebra;
mod movement;
mod read;
mod regions;
mod table;
mod upstream;
mod windows;

pub use arithmetic::{Arithmetic, Classes};
pub use extents::{Extents, Source};
pub use fourier::fourier;
pub use linear_algebra::DECOMPOSITIONS;
pub(crate) use read::Lookup;
pub use table::Table;

use crate::ir::Op;
use crate::{Diagnostic, OpKind, Parameters, Result, ValueType};

pub(crate) use derivatives::request;

/// The facts about one operation.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The operation.
    pub kind: OpKind,
    /// How its attributes are read.
    pub attributes: Attributes,
    /// The element types that it takes; `None` unless it is elementwise arithmetic.
    pub arithmetic: Option<Arithmetic>,
    /// The type of its result.
    pub result: ResultType,
    /// Where the extents of its results come from.
    pub extents: Extents,
    /// Constraints beyond ODS and the result type.
    pub check: Check,
    /// Its role in the term algebra, if it has no region.
    pub role: Role,
    /// The role of its regions in the term algebra.
    pub regions: Regions,
    /// Its cost.
    pub work: Work,
    /// Whether it is commutative, bit for bit.
    pub is_commutative: bool,
    /// Whether it is elementwise on operands of one shape.
    pub is_elementwise: bool,
    /// Whether it only structures the program or requests derivatives.
    pub is_structure: bool,
    /// Whether to rematerialize it instead of saving its result, if its operands are available: it reads no tensor.
    pub is_free: bool,
}

/// How an operation's attributes are read.
#[derive(Clone, Copy)]
pub enum Attributes {
    /// As [`Parameters`], which represent them completely; `None` if one is missing or malformed.
    Read(fn(Lookup) -> Option<Parameters>),
    /// They are not interpreted: operations that differ in them are different.
    Opaque,
}

/// The type of an operation's result, from its operands and parameters.
pub type Infer = fn(&[ValueType], &Parameters) -> Result<ValueType>;

/// Where the type of an operation's result comes from.
#[derive(Clone, Copy)]
pub enum ResultType {
    /// It is inferred.
    Inferred(Infer),
    /// It is explicit in the program.
    Written,
}

/// An operation of `scalar` or `array` that is being verified.
pub(crate) struct Checked<'a, 'c> {
    pub op: Op<'c>,
    pub parameters: &'a Parameters,
    pub operands: &'a [ValueType],
    pub results: &'a [ValueType],
}

/// Constraints on an operation.
#[derive(Clone, Copy)]
pub enum Check {
    /// No further constraints.
    Nothing,
    /// On its parameters and the types of its operands and results.
    Values(CheckValues),
    /// On the operation itself, whose operands and results can have any type.
    Operation(for<'c> fn(Op<'c>) -> Result<()>),
}

/// See [`Check::Values`].
#[derive(Clone, Copy)]
pub struct CheckValues(pub(crate) for<'a, 'c> fn(&Checked<'a, 'c>) -> Result<()>);

/// The role of an operation without regions in the term algebra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A term: its only result depends only on operands and parameters.
    Term,
    /// A term if its result is a scalar, opaque if it is a tensor.
    TermIfScalar,
    /// Opaque.
    Opaque,
}

/// The role of an operation's regions in the term algebra. An operation with regions is itself opaque.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions {
    /// Opaque.
    Opaque,
    /// Terms; the regions can use values from outside.
    Capturing,
    /// Terms; the regions are isolated from above.
    Isolated,
}

/// The cost of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// None: it is a constant.
    Nothing,
    /// One addition, and no memory access: consumers compute the address.
    View,
    /// This many additions per element of the result. Operands are read, the result is stored.
    Elements(u64),
    /// Operands are read, the result is stored.
    Move,
    /// One addition per element of the first operand.
    Reduction,
    /// One multiplication and one addition per element of the result and of the contracted dimensions.
    Contraction,
    /// So many thirds of an addition per element of the result and row of the first operand, a matrix or a batch of
    /// matrices.
    Elimination(u64),
    /// So many thirds of an addition per element and column of the first operand, a matrix or a batch of matrices.
    Factorization(u64),
    /// Five additions per complex number and doubling of the length of the lines, half as many for real numbers.
    Fourier,
    /// As many elements as the result has are read and stored: elements outside the slice are not read.
    Slice,
    /// As many elements as the operand with this index has are read, combined and stored.
    Update(usize),
}

impl Work {
    /// The additions per element of the result.
    pub const fn per_element(self) -> u64 {
        match self {
            Work::Elements(additions) => additions,
            Work::Nothing
            | Work::View
            | Work::Move
            | Work::Reduction
            | Work::Contraction
            | Work::Elimination(_)
            | Work::Factorization(_)
            | Work::Fourier
            | Work::Slice
            | Work::Update(_) => 1,
        }
    }
}

impl Entry {
    /// An opaque operation without parameters, whose result type is explicit in the program.
    const fn of(kind: OpKind) -> Entry {
        Entry {
            kind,
            attributes: Attributes::Opaque,
            arithmetic: None,
            result: ResultType::Written,
            extents: Extents::Own,
            check: Check::Nothing,
            role: Role::Opaque,
            regions: Regions::Opaque,
            work: Work::Move,
            is_commutative: false,
            is_elementwise: false,
            is_structure: false,
            is_free: false,
        }
    }

    /// An operation that only structures the program.
    const fn structure(kind: OpKind) -> Entry {
        Entry { is_structure: true, ..Entry::of(kind) }
    }

    /// An operation that is a term.
    const fn term(kind: OpKind, read: fn(Lookup) -> Option<Parameters>) -> Entry {
        Entry { attributes: Attributes::Read(read), role: Role::Term, ..Entry::of(kind) }
    }

    const fn inferred(self, infer: Infer) -> Entry {
        Entry { result: ResultType::Inferred(infer), ..self }
    }

    const fn extents(self, extents: Extents) -> Entry {
        Entry { extents, ..self }
    }

    const fn checked(self, check: for<'a, 'c> fn(&Checked<'a, 'c>) -> Result<()>) -> Entry {
        Entry { check: Check::Values(CheckValues(check)), ..self }
    }

    const fn role(self, role: Role) -> Entry {
        Entry { role, ..self }
    }

    const fn regions(self, regions: Regions) -> Entry {
        Entry { regions, ..self }
    }

    const fn work(self, work: Work) -> Entry {
        Entry { work, ..self }
    }

    const fn commutative(self) -> Entry {
        Entry { is_commutative: true, ..self }
    }

    const fn free(self) -> Entry {
        Entry { is_free: true, ..self }
    }
}

/// The entries of each file.
const TOPICS: [&[Entry]; 9] = [
    arithmetic::ENTRIES,
    movement::ENTRIES,
    contraction::ENTRIES,
    gather_scatter::ENTRIES,
    linear_algebra::ENTRIES,
    fourier::ENTRIES,
    regions::ENTRIES,
    derivatives::ENTRIES,
    upstream::ENTRIES,
];

/// The entries, in the order of [`OpKind::ALL`].
static ENTRIES: [Entry; OpKind::ALL.len()] = assemble();

/// Every operation has one entry. A missing or duplicate entry is a compile-time error.
const fn assemble() -> [Entry; OpKind::ALL.len()] {
    let mut found = [false; OpKind::ALL.len()];
    let mut entries = [Entry::of(OpKind::ALL[0]); OpKind::ALL.len()];
    let mut topic = 0;
    while topic < TOPICS.len() {
        let mut index = 0;
        while index < TOPICS[topic].len() {
            let entry = TOPICS[topic][index];
            assert!(!found[entry.kind as usize], "an operation has two entries");
            found[entry.kind as usize] = true;
            entries[entry.kind as usize] = entry;
            index += 1;
        }
        topic += 1;
    }
    let mut index = 0;
    while index < found.len() {
        if !found[index] {
            panic!("{}", OpKind::ALL[index].name());
        }
        index += 1;
    }
    entries
}

impl OpKind {
    /// The facts about the operation.
    pub fn entry(self) -> &'static Entry {
        &ENTRIES[self as usize]
    }

    /// Whether the operation is commutative, bit for bit.
    pub fn is_commutative(self) -> bool {
        self.entry().is_commutative
    }

    /// Whether the operation is elementwise on operands of one shape.
    pub fn is_elementwise(self) -> bool {
        self.entry().is_elementwise
    }

    /// The classes of element types that elementwise arithmetic takes; `None` for other operations.
    pub fn classes(self) -> Option<Classes> {
        self.entry().arithmetic.map(|arithmetic| arithmetic.classes)
    }

    /// The number of operands of elementwise arithmetic; `None` for other operations.
    pub fn arity(self) -> Option<usize> {
        self.entry().arithmetic.map(|arithmetic| arithmetic.arity)
    }
}

/// The result type of an operation that [`ResultType::Inferred`] describes.
///
/// # Errors
/// If operands and parameters do not match, or the type does not follow from them.
pub fn infer(kind: OpKind, operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    match kind.entry().result {
        ResultType::Inferred(infer) => infer(operands, parameters),
        ResultType::Written => {
            invalid(format!("the result type of '{}' cannot be inferred from its operands", kind.name()))
        }
    }
}

/// Verifies an operation of our dialects.
///
/// # Errors
/// The constraint that it violates.
pub fn verify(op: Op) -> Result<()> {
    let Some(entry) = OpKind::of(op).map(OpKind::entry) else { return Ok(()) };
    if let Check::Operation(check) = entry.check {
        return check(op);
    }
    let Some(parameters) = Parameters::of(entry.kind, op) else {
        return invalid("has a missing or malformed attribute");
    };
    let types = |values: Vec<crate::ir::Val>| -> Option<Vec<ValueType>> {
        values.into_iter().map(|value| ValueType::of(melior::ir::ValueLike::r#type(&value))).collect()
    };
    let (Some(operands), Some(results)) = (types(crate::ir::operands(op)), types(crate::ir::results(op))) else {
        return invalid("supports only scalars and tensors");
    };
    if let Some(r#type) = operands.iter().chain(&results).find(|r#type| r#type.rank() > crate::types::MAX_RANK) {
        let message = format!("has a tensor of rank {}; the limit is {}", r#type.rank(), crate::types::MAX_RANK);
        return Err(Diagnostic::limit(message).help("merge dimensions that are used together"));
    }
    if let Some(arithmetic) = entry.arithmetic {
        arithmetic.verify(&parameters, &operands)?;
    }
    if let Check::Values(CheckValues(check)) = entry.check {
        check(&Checked { op, parameters: &parameters, operands: &operands, results: &results })?;
    }
    if let (ResultType::Inferred(infer), Some(result)) = (entry.result, results.first()) {
        let expected = infer(&operands, &parameters)?;
        if expected != *result {
            return invalid(format!("has result type {result}, expected {expected}"));
        }
    }
    match results.first() {
        Some(result) => extents::verify_given(entry, &parameters, &operands, result),
        None => Ok(()),
    }
}

fn invalid<T>(message: impl Into<String>) -> Result<T> {
    Err(Diagnostic::invalid(message))
}

/// The type of the first operand.
fn first(operands: &[ValueType], _: &Parameters) -> Result<ValueType> {
    operands.first().cloned().ok_or_else(|| Diagnostic::invalid("needs an operand"))
}

/// The type of a constant's value.
fn literal(_: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    match parameters {
        Parameters::Constant(literal) => Ok(literal.value_type()),
        _ => invalid("has an invalid constant"),
    }
}
