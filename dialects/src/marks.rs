//! Marks: the discardable attributes `dp.NAME`. Passes use them to communicate, and programs use them to describe
//! parameters. A table defines and verifies them.

use crate::ir::Op;
use crate::ir::attributes::{context_of, i64_array_of, remove_attribute, set_attribute, text};
use crate::{Diagnostic, MlirType, OpKind, Result, ScalarType};
use melior::Context;
use melior::ir::Type;
use melior::ir::attribute::{
    ArrayAttribute, Attribute, AttributeLike, DenseI64ArrayAttribute, FloatAttribute, IntegerAttribute, StringAttribute,
};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::IntegerType;
use std::marker::PhantomData;

/// What a mark may be attached to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// On a module.
    Module,
    /// On a function, of `func`, `gpu` or `llvm`.
    Function,
    /// On any other operation.
    Operation,
    /// On a function, or on an operation in one.
    Code,
    /// On a loop, `scf.for` or `scf.while`.
    Loop,
    /// On an argument or a result of a function.
    Parameter,
    /// On an argument of a function.
    Argument,
}

/// What carries an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// An operation.
    Operation,
    /// An argument of a function.
    Argument,
    /// A result of a function.
    Result,
}

impl Subject {
    /// Whether an attribute of this place may stand on it; `op` is the operation or the function.
    fn is_at(self, place: Place, op: Op) -> bool {
        match self {
            Subject::Operation => match place {
                Place::Code => place_of(op) != Place::Module,
                Place::Loop => matches!(OpKind::of(op), Some(OpKind::ScfFor | OpKind::ScfWhile)),
                Place::Module | Place::Function | Place::Operation | Place::Parameter | Place::Argument => {
                    place == place_of(op)
                }
            },
            Subject::Argument => matches!(place, Place::Argument | Place::Parameter),
            Subject::Result => place == Place::Parameter,
        }
    }
}

/// The value type of a mark.
pub trait MarkValue: Sized {
    /// A description, for diagnostics.
    const DESCRIPTION: &'static str;
    /// Reads the value of an attribute; `None` if it has another kind.
    fn read(attribute: Attribute) -> Option<Self>;
    /// Whether an attribute has the right kind.
    fn fits(attribute: Attribute) -> bool {
        Self::read(attribute).is_some()
    }
    /// The value as an attribute.
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c>;
}

/// A flag: only its presence matters.
impl MarkValue for () {
    const DESCRIPTION: &'static str = "a unit attribute";
    fn read(attribute: Attribute) -> Option<()> {
        // SAFETY: the attribute is live.
        unsafe { mlir_sys::mlirAttributeIsAUnit(attribute.to_raw()) }.then_some(())
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        Attribute::unit(context)
    }
}

impl MarkValue for String {
    const DESCRIPTION: &'static str = "a string";
    fn read(attribute: Attribute) -> Option<String> {
        text(attribute).map(str::to_owned)
    }
    /// Accepts strings that are not UTF-8: the check of names reports them.
    fn fits(attribute: Attribute) -> bool {
        attribute.is_string()
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        StringAttribute::new(context, self).into()
    }
}

impl MarkValue for Vec<String> {
    const DESCRIPTION: &'static str = "a list of strings";
    fn read(attribute: Attribute) -> Option<Vec<String>> {
        let list = ArrayAttribute::try_from(attribute).ok()?;
        (0..list.len()).map(|index| String::read(list.element(index).ok()?)).collect()
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        let texts: Vec<Attribute> = self.iter().map(|text| text.write(context)).collect();
        ArrayAttribute::new(context, &texts).into()
    }
}

impl MarkValue for i64 {
    const DESCRIPTION: &'static str = "an integer";
    fn read(attribute: Attribute) -> Option<i64> {
        Some(IntegerAttribute::try_from(attribute).ok()?.value())
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        IntegerAttribute::new(Type::parse(context, "i64").unwrap_or_else(|| Type::index(context)), *self).into()
    }
}

impl MarkValue for Vec<i64> {
    const DESCRIPTION: &'static str = "a list of integers";
    fn read(attribute: Attribute) -> Option<Vec<i64>> {
        i64_array_of(attribute)
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        DenseI64ArrayAttribute::new(context, self).into()
    }
}

/// The values that an argument takes: `[low, high]`, two finite f64, of which the first is not the greater one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Range {
    /// The least value.
    pub low: f64,
    /// The greatest value.
    pub high: f64,
}

impl MarkValue for Range {
    const DESCRIPTION: &'static str = "a list of two finite f64, the lower one first";
    fn read(attribute: Attribute) -> Option<Range> {
        let list = ArrayAttribute::try_from(attribute).ok().filter(|list| list.len() == 2)?;
        let bound = |index| {
            let bound = FloatAttribute::try_from(list.element(index).ok()?).ok()?;
            (ScalarType::of(bound.r#type()) == Some(ScalarType::F64))
                .then(|| bound.value())
                .filter(|bound| bound.is_finite())
        };
        let range = Range { low: bound(0)?, high: bound(1)? };
        (range.low <= range.high).then_some(range)
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        let bound = |bound| FloatAttribute::new(context, Type::float64(context), bound).into();
        ArrayAttribute::new(context, &[bound(self.low), bound(self.high)]).into()
    }
}

/// What reverse mode keeps of a function or a loop that it computes again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checkpoint {
    /// Nothing: a unit attribute.
    Whole,
    /// States of a loop: their number, and the number of rounds that are computed again at once.
    Snapshots {
        /// The number of states, at least 1.
        count: i64,
        /// The number of rounds, at least 1.
        rounds: i64,
    },
}

impl MarkValue for Checkpoint {
    const DESCRIPTION: &'static str = "a unit attribute, a positive number of states, or a list of a number of states and \
        a number of rounds, both positive";
    fn read(attribute: Attribute) -> Option<Checkpoint> {
        if <() as MarkValue>::read(attribute).is_some() {
            return Some(Checkpoint::Whole);
        }
        let (count, rounds) = match i64_array_of(attribute) {
            Some(list) => (*list.first()?, *list.get(1).filter(|_| list.len() == 2)?),
            None => (IntegerAttribute::try_from(attribute).ok()?.value(), 1),
        };
        (count > 0 && rounds > 0).then_some(Checkpoint::Snapshots { count, rounds })
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        match self {
            Checkpoint::Whole => Attribute::unit(context),
            Checkpoint::Snapshots { count, rounds } => DenseI64ArrayAttribute::new(context, &[*count, *rounds]).into(),
        }
    }
}

/// The greatest number of rounds of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rounds(pub i64);

impl MarkValue for Rounds {
    const DESCRIPTION: &'static str = "a positive number of rounds";
    fn read(attribute: Attribute) -> Option<Rounds> {
        let rounds = IntegerAttribute::try_from(attribute).ok()?;
        // Of type `index`, or an integer of at most 64 bits.
        let is_wide = IntegerType::try_from(rounds.r#type()).is_ok_and(|of| of.width() > i64::BITS);
        Some(rounds.value()).filter(|rounds| !is_wide && *rounds > 0).map(Rounds)
    }
    fn write<'c>(&self, context: &'c Context) -> Attribute<'c> {
        self.0.write(context)
    }
}

/// An attribute `dp.NAME`.
pub struct Mark<T> {
    /// The attribute's name.
    pub name: &'static str,
    held: PhantomData<fn() -> T>,
}

impl<T: MarkValue> Mark<T> {
    const fn new(name: &'static str) -> Mark<T> {
        Mark { name, held: PhantomData }
    }

    /// The value of the mark on an operation, if it has the mark.
    pub fn of(&self, op: Op) -> Option<T> {
        T::read(op.attribute(self.name).ok()?)
    }

    /// Whether an operation has the mark.
    pub fn is_on(&self, op: Op) -> bool {
        op.has_attribute(self.name)
    }

    /// Sets the mark on an operation.
    pub fn set(&self, op: Op, held: &T) {
        set_attribute(op, self.name, held.write(context_of(op)));
    }

    /// Removes the mark from an operation.
    pub fn remove(&self, op: Op) {
        remove_attribute(op, self.name);
    }

    /// The mark as a named attribute, for an operation to be created.
    pub fn attribute<'c>(&self, context: &'c Context, held: &T) -> (&'static str, Attribute<'c>) {
        (self.name, held.write(context))
    }
}

/// The definition of a mark.
pub struct Definition {
    /// The attribute's name.
    pub name: &'static str,
    /// What it may be attached to.
    pub place: Place,
    /// A description of its value.
    pub holds: &'static str,
    /// Its meaning.
    pub summary: &'static str,
    fits: fn(Attribute) -> bool,
}

/// Defines marks and the table of their definitions.
macro_rules! marks {
    ($($(#[doc = $summary:literal])* $mark:ident: $held:ty, $place:ident, $name:literal;)*) => {
        $($(#[doc = $summary])* pub static $mark: Mark<$held> = Mark::new($name);)*

        /// All marks.
        pub static ALL: &[Definition] = &[$(Definition {
            name: $name,
            place: Place::$place,
            holds: <$held as MarkValue>::DESCRIPTION,
            summary: concat!($($summary),*),
            fits: <$held as MarkValue>::fits,
        }),*];
    };
}

marks! {
    /// The name of an argument or a result in the C interface.
    NAME: String, Parameter, "dp.name";
    /// The least and the greatest value of an argument, of its elements, or of the parts of complex ones, for
    /// `--check-gradients` and `--check-each`.
    RANGE: Range, Argument, "dp.range";
    /// Reverse mode computes the function or the loop again instead of keeping its values; see `ad.checkpoint`.
    CHECKPOINT: Checkpoint, Code, "dp.checkpoint";
    /// The loop has at most so many rounds, of which reverse mode keeps values in tensors of static extents; more
    /// rounds are a run-time error of the derivative. See `--bound`.
    BOUND: Rounds, Loop, "dp.bound";
    /// How an argument or a result is spread over devices; see `array.shard`.
    SHARDING: String, Parameter, "dp.sharding";
    /// The meshes of devices that shardings name, each as its name and its axes: `mesh <["data"=2, "model"=2]>`.
    MESHES: Vec<String>, Module, "dp.meshes";
    /// The description of the module's library, as JSON.
    ABI: String, Module, "dp.abi";
    /// The messages of the status codes 1, 2, ….
    MESSAGES: Vec<String>, Module, "dp.messages";
    /// The workspace size of each function, in bytes: its name, and a constant or a formula.
    MEMORY: Vec<String>, Module, "dp.memory";
    /// The names of the kernels, by index.
    KERNELS: Vec<String>, Module, "dp.kernels";
    /// The description of the program's own library, if the module's functions have additional parameters.
    LIBRARY: String, Module, "dp.library";
    /// The function that requests may call `main`, which has another name in C; see `import-stablehlo`.
    MAIN: (), Function, "dp.main";
    /// The last two arguments are the caller's workspace and its size.
    WORKSPACE: (), Function, "dp.workspace";
    /// The function computes results and applies their pullback to its last arguments, one cotangent for each result that
    /// carries a derivative: the number of results, and the positions of the arguments to which the other results
    /// belong. Libraries contain it as two functions (`--vjp`).
    PULLBACK: Vec<i64>, Function, "dp.pullback";
    /// The number of last results that are residuals of a pullback.
    KEPT: Vec<i64>, Function, "dp.kept";
    /// The function applies a pullback: the number of its first arguments of which only the extents matter, the number
    /// of residuals after them, and for each result the argument that has its extents, or -1.
    PULLS: Vec<i64>, Function, "dp.pulls";
    /// The function of a pullback gives its tape to the handle, or has it from there: the name of the residual, which is
    /// the last one.
    TAPE: String, Function, "dp.tape";
    /// The function is an entry point that calls the GPU runtime.
    ENTRY: (), Function, "dp.device";
    /// The parameters of a kernel that do not alias any other.
    APART: Vec<i64>, Function, "dp.apart";
    /// The results that are scalars in the program and tensors of rank 0 here.
    NUMBERS: Vec<i64>, Function, "dp.numbers";
    /// The function is a derivative: the function that it was made for, what it is to that, and the sets of arguments
    /// that it is a derivative by.
    DERIVATIVE: Vec<String>, Function, "dp.derivative";
    /// The arguments in which the function is linear, together.
    LINEAR_IN: Vec<i64>, Function, "dp.linear_in";
    /// The loop of a linear region carries values that depend on no tangent, of which its transpose keeps so many
    /// bytes.
    SNAPSHOT_BYTES: i64, Operation, "dp.snapshot_bytes";
    /// The number 1 in a group of rounds that is computed again: the number of groups, where several are.
    SPAN: (), Operation, "dp.span";
    /// The loop keeps the extents of the tensors that it carries.
    KEEPS_EXTENTS: (), Operation, "dp.keeps_extents";
    /// The loop may change the extents of a tensor that it carries.
    CHANGES_EXTENTS: (), Operation, "dp.changes_extents";
    /// The operation gives a tensor that a linear loop carries, or returns, the extents that it has.
    SHOWS_EXTENTS: (), Operation, "dp.shows_extents";
    /// The operation allocates the table of the memory that its function holds.
    HELD: (), Operation, "dp.held";
    /// The value is never used, such as a residual of the branch that was not taken. Its extents are arbitrary and
    /// agree with all others.
    PLACEHOLDER: (), Operation, "dp.placeholder";
    /// The operation combines partial results of a reduction, in any order.
    REGROUPED: (), Operation, "dp.regrouped";
    /// The position of an operation in the region of a reduction: its index, the number of operations, and the roles of
    /// its operands.
    COMBINES: Vec<i64>, Operation, "dp.combines";
    /// The loop is a matrix multiplication whose order of summation is free.
    CONTRACTION: (), Operation, "dp.contraction";
}

/// The marks that are valid in input programs: those of parameters, and marks that remain after simplification, since
/// simplified programs can be compiled again.
pub const OF_PROGRAMS: &[&str] = &[
    NAME.name,
    RANGE.name,
    CHECKPOINT.name,
    BOUND.name,
    SHARDING.name,
    MESHES.name,
    MAIN.name,
    PLACEHOLDER.name,
    REGROUPED.name,
    PULLBACK.name,
];

fn place_of(op: Op) -> Place {
    let name = op.name();
    match name.as_string_ref().as_str() {
        Ok(name) if name == OpKind::BuiltinModule.name() => Place::Module,
        Ok("func.func" | "gpu.func" | "llvm.func") => Place::Function,
        Ok(_) | Err(_) => Place::Operation,
    }
}

/// Verifies a mark on an operation or on one of its parameters.
///
/// # Errors
/// If there is no such mark, or if it is attached to the wrong kind of operation or has a value of the wrong kind.
pub(crate) fn verify(op: Op, subject: Subject, name: &str, attribute: Attribute) -> Result<()> {
    let Some(row) = ALL.iter().find(|row| row.name == name) else {
        return Err(Diagnostic::invalid(format!("has an unknown attribute '{name}'")).help(
            "attributes 'dp.…' are reserved for the compiler; programs may set 'dp.name' on arguments and results, \
             'dp.range' on arguments, 'dp.sharding' on both, 'dp.meshes' on modules, 'dp.checkpoint' on functions and loops, \
             and 'dp.bound' on loops",
        ));
    };
    if !subject.is_at(row.place, op) {
        let stands = match row.place {
            Place::Module => "a module",
            Place::Function => "a function",
            Place::Operation => "an operation in a function",
            Place::Code => "a function or an operation in one",
            Place::Loop => "a loop, 'scf.for' or 'scf.while'",
            Place::Parameter => "an argument or a result of a function",
            Place::Argument => "an argument of a function",
        };
        return Err(Diagnostic::invalid(format!("has the attribute '{name}', which is only allowed on {stands}")));
    }
    if !(row.fits)(attribute) {
        return Err(Diagnostic::invalid(format!("has an attribute '{name}' that is not {}", row.holds)));
    }
    Ok(())
}
