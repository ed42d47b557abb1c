//! What the compiler knows of each operation: one entry an operation, a topic a file. Syntax and documentation are
//! ODS's; how an operation is evaluated, differentiated and lowered is said by [`Table`]s of the crates that do it.

mod contraction;
mod derivatives;
mod extents;
mod gather_scatter;
mod movement;
mod numbers;
mod read;
mod regions;
mod table;
mod upstream;

pub use extents::{Extents, Source};
pub use numbers::{Classes, Numbers};
pub(crate) use read::Lookup;
pub use table::Table;

use crate::ir::Op;
use crate::{Diagnostic, OpKind, Parameters, Result, ValueType};

pub(crate) use derivatives::request;

/// What is known of one operation.
#[derive(Clone, Copy)]
pub struct Entry {
    /// The operation.
    pub kind: OpKind,
    /// What its attributes say.
    pub attributes: Attributes,
    /// The numbers that it computes with, element by element; `None` where it is not elementwise arithmetic.
    pub numbers: Option<Numbers>,
    /// The type of its result.
    pub result: ResultType,
    /// Where the extents of its results come from.
    pub extents: Extents,
    /// What must hold of it beyond ODS and the type of its result.
    pub check: Check,
    /// What it is to the term algebra where it has no region.
    pub role: Role,
    /// What its regions are to the term algebra.
    pub regions: Regions,
    /// What it costs.
    pub work: Work,
    /// Whether its operands may be exchanged, to the bit.
    pub is_commutative: bool,
    /// Whether it works element by element on operands of one shape.
    pub is_elementwise: bool,
    /// Whether it structures programs or asks for derivatives, and computes nothing by itself.
    pub is_structure: bool,
    /// Whether it is computed again, rather than kept, where its operands are there: it reads no tensor.
    pub is_free: bool,
}

/// What an operation's attributes say.
#[derive(Clone, Copy)]
pub enum Attributes {
    /// They are [`Parameters`], which say all that the operation computes by; `None` where one is missing or malformed.
    Read(fn(Lookup) -> Option<Parameters>),
    /// They are not described: two operations that differ in them are different operations.
    Opaque,
}

/// The type of an operation's result, from its operands and parameters.
pub type Infer = fn(&[ValueType], &Parameters) -> Result<ValueType>;

/// Where the type of an operation's result comes from.
#[derive(Clone, Copy)]
pub enum ResultType {
    /// It follows.
    Inferred(Infer),
    /// The program writes it.
    Written,
}

/// An operation of `scalar` or `array` that is being verified.
pub(crate) struct Checked<'a, 'c> {
    pub op: Op<'c>,
    pub parameters: &'a Parameters,
    pub operands: &'a [ValueType],
    pub results: &'a [ValueType],
}

/// What must hold of an operation.
#[derive(Clone, Copy)]
pub enum Check {
    /// Nothing more.
    Nothing,
    /// Of its parameters, and the types of its operands and results.
    Values(CheckValues),
    /// Of the operation, whose operands and results may be no numbers.
    Operation(for<'c> fn(Op<'c>) -> Result<()>),
}

/// See [`Check::Values`].
#[derive(Clone, Copy)]
pub struct CheckValues(pub(crate) for<'a, 'c> fn(&Checked<'a, 'c>) -> Result<()>);

/// What an operation without regions is to the term algebra.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A term: its one result depends on nothing but operands and parameters.
    Term,
    /// A term where its result is a number, opaque where it is a tensor.
    TermOfNumbers,
    /// Opaque.
    Opaque,
}

/// What an operation's regions, where it has any, are to the term algebra; the operation is opaque then.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Regions {
    /// Opaque.
    Opaque,
    /// Programs that see values from outside.
    Seeing,
    /// Programs that see nothing from outside.
    Isolated,
}

/// What an operation costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Nothing: it is known.
    Nothing,
    /// One addition: nothing is read or stored. Whoever reads the result computes where to read.
    View,
    /// So many additions for each element of the result, which is stored, and whose operands are read.
    Elements(u64),
    /// Its operands are read, and its result is stored.
    Move,
    /// One addition for each element of the first operand.
    Reduction,
    /// A multiplication and an addition for each element of the result and each position of the contracted dimensions.
    Product,
    /// What the result holds is read and stored.
    Box,
    /// The elements of an operand, by number, are read, combined with as many, and stored.
    Update(usize),
}

impl Work {
    /// The additions for each element of the result.
    pub const fn per_element(self) -> u64 {
        match self {
            Work::Elements(additions) => additions,
            Work::Nothing | Work::View | Work::Move | Work::Reduction | Work::Product | Work::Box | Work::Update(_) => {
                1
            }
        }
    }
}

impl Entry {
    /// An operation without parameters, which is opaque and whose result's type is written.
    const fn of(kind: OpKind) -> Entry {
        Entry {
            kind,
            attributes: Attributes::Opaque,
            numbers: None,
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

    /// An operation that computes nothing by itself.
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

/// The topics.
const TOPICS: [&[Entry]; 7] = [
    numbers::ENTRIES,
    movement::ENTRIES,
    contraction::ENTRIES,
    gather_scatter::ENTRIES,
    regions::ENTRIES,
    derivatives::ENTRIES,
    upstream::ENTRIES,
];

/// The entries, in the order of [`OpKind::ALL`].
static ENTRIES: [Entry; OpKind::ALL.len()] = assemble();

/// Every operation has one entry: what lacks one, or has two, does not compile.
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
    /// What is known of the operation.
    pub fn entry(self) -> &'static Entry {
        &ENTRIES[self as usize]
    }

    /// Whether the operands may be exchanged, to the bit.
    pub fn is_commutative(self) -> bool {
        self.entry().is_commutative
    }

    /// Whether the operation works element by element on operands of one shape.
    pub fn is_elementwise(self) -> bool {
        self.entry().is_elementwise
    }

    /// The classes of numbers that elementwise arithmetic takes; `None` for another operation.
    pub fn classes(self) -> Option<Classes> {
        self.entry().numbers.map(|numbers| numbers.classes)
    }

    /// How many operands elementwise arithmetic takes; `None` for another operation.
    pub fn arity(self) -> Option<usize> {
        self.entry().numbers.map(|numbers| numbers.arity)
    }
}

/// The result type of an operation that [`ResultType::Inferred`] describes.
///
/// # Errors
/// A diagnostic where operands and parameters do not fit together, or where the type does not follow from them.
pub fn infer(kind: OpKind, operands: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    match kind.entry().result {
        ResultType::Inferred(infer) => infer(operands, parameters),
        ResultType::Written => {
            complain(format!("the result type of '{}' does not follow from its operands", kind.name()))
        }
    }
}

/// Checks one operation of ours.
///
/// # Errors
/// What is wrong with it.
pub fn verify(op: Op) -> Result<()> {
    let Some(entry) = OpKind::of(op).map(OpKind::entry) else { return Ok(()) };
    if let Check::Operation(check) = entry.check {
        return check(op);
    }
    let Some(parameters) = Parameters::of(entry.kind, op) else {
        return complain("has a missing or malformed attribute");
    };
    let types = |values: Vec<crate::ir::Val>| -> Option<Vec<ValueType>> {
        values.into_iter().map(|value| ValueType::of(melior::ir::ValueLike::r#type(&value))).collect()
    };
    let (Some(operands), Some(results)) = (types(crate::ir::operands(op)), types(crate::ir::results(op))) else {
        return complain("takes and gives numbers and tensors of numbers");
    };
    if let Some(r#type) = operands.iter().chain(&results).find(|r#type| r#type.rank() > crate::types::MAX_RANK) {
        let message = format!("has a tensor of rank {}; the largest is {}", r#type.rank(), crate::types::MAX_RANK);
        return Err(Diagnostic::limit(message).help("merge dimensions that are always used together"));
    }
    if let Some(numbers) = entry.numbers {
        numbers.verify(&parameters, &operands)?;
    }
    if let Check::Values(CheckValues(check)) = entry.check {
        check(&Checked { op, parameters: &parameters, operands: &operands, results: &results })?;
    }
    if let (ResultType::Inferred(infer), Some(result)) = (entry.result, results.first()) {
        let expected = infer(&operands, &parameters)?;
        if expected != *result {
            return complain(format!("gives {expected}, not {result}"));
        }
    }
    match results.first() {
        Some(result) => extents::verify_given(entry, &parameters, &operands, result),
        None => Ok(()),
    }
}

fn complain<T>(message: impl Into<String>) -> Result<T> {
    Err(Diagnostic::invalid(message))
}

/// The type of the first operand.
fn first(operands: &[ValueType], _: &Parameters) -> Result<ValueType> {
    operands.first().cloned().ok_or_else(|| Diagnostic::invalid("needs an operand"))
}

/// What stands in the operation already.
fn literal(_: &[ValueType], parameters: &Parameters) -> Result<ValueType> {
    match parameters {
        Parameters::Constant(literal) => Ok(literal.value_type()),
        _ => complain("holds no constant"),
    }
}
