//! What a module says, before anything is resolved.

use crate::types::{Space, Ty};

/// An operand as written.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand<'t> {
    /// A register, variable, label or function, and its dotted rest (`%tid.x`).
    Name(&'t str, &'t str),
    /// A variable's address with an offset.
    Sum(&'t str, i64),
    /// An integer.
    Int(u64),
    /// Bits and width of a floating-point literal.
    Float(u64, u32),
    /// `[base + offset]`; the base is a name or an integer.
    Address(Box<Operand<'t>>, i64),
    /// `{a, b}`.
    Vector(Vec<Operand<'t>>),
    /// `(a, b)`.
    List(Vec<Operand<'t>>),
    /// `p|q`.
    Pair(Box<Operand<'t>>, Box<Operand<'t>>),
    /// `!p`.
    Not(Box<Operand<'t>>),
}

/// One instruction.
#[derive(Clone, Debug)]
pub struct Statement<'t> {
    /// Its line.
    pub line: u32,
    /// `@p` or `@!p`: the predicate, and whether it is negated.
    pub guard: Option<(&'t str, bool)>,
    /// The base name, as `ld`.
    pub opcode: &'t str,
    /// The dotted words after it.
    pub modifiers: Vec<&'t str>,
    /// Its operands.
    pub operands: Vec<Operand<'t>>,
}

/// An initializer of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum Initial<'t> {
    /// An integer or the bits of a floating-point number, with that number's width (0 for integers).
    Number(u64, u32),
    /// The address of a variable, as `generic(name) + offset`.
    Address(&'t str, i64),
    /// Bits of an address: `mask(name)`, its shift and its mask of a byte.
    AddressByte(&'t str, i64, u32),
}

/// A variable or parameter.
#[derive(Clone, Debug)]
pub struct Variable<'t> {
    /// Its line.
    pub line: u32,
    /// Where it lives.
    pub space: Space,
    /// Its name.
    pub name: &'t str,
    /// The type of its elements.
    pub ty: Ty,
    /// Its size in bytes; zero where the bounds are left open.
    pub bytes: u64,
    /// Its alignment in bytes.
    pub align: u64,
    /// Whether it is declared only (`.extern`).
    pub external: bool,
    /// Its first elements; the rest is zero. None where nothing is said.
    pub initial: Option<Vec<Initial<'t>>>,
}

/// What stands in a body.
#[derive(Clone, Debug)]
pub enum Item<'t> {
    /// A label.
    Label(&'t str, u32),
    /// An instruction.
    Statement(Statement<'t>),
    /// `name: .branchtargets a, b;`.
    Targets(&'t str, Vec<&'t str>),
    /// `.reg .b32 %r<n>;`: prefix and count, or one name and no count.
    Registers(Ty, &'t str, Option<u32>),
    /// A variable of the body.
    Variable(Variable<'t>),
    /// A brace that opens.
    Open,
    /// A brace that closes.
    Close,
}

/// A kernel or function.
#[derive(Clone, Debug)]
pub struct Function<'t> {
    /// Its line.
    pub line: u32,
    /// Its name.
    pub name: &'t str,
    /// Whether it is a kernel.
    pub entry: bool,
    /// What it returns.
    pub results: Vec<Variable<'t>>,
    /// What it takes.
    pub parameters: Vec<Variable<'t>>,
    /// `.maxntid` and `.reqntid`: exact, and the three extents.
    pub threads: Option<(bool, [u32; 3])>,
    /// Its body; none where it is declared only.
    pub body: Option<Vec<Item<'t>>>,
}

/// A module.
#[derive(Clone, Debug, Default)]
pub struct Text<'t> {
    /// `.version`.
    pub version: (u32, u32),
    /// The chip of `.target`.
    pub target: &'t str,
    /// Variables outside of functions.
    pub variables: Vec<Variable<'t>>,
    /// Kernels and functions.
    pub functions: Vec<Function<'t>>,
}
