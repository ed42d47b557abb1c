//! The decoded form of a module: what is executed.
//!
//! A function has a *frame* of 64-bit slots: its registers, then its constants, special registers and addresses, which
//! are filled in when the frame is made. So every operand is a slot, and an instruction is an operation on slots. A slot
//! holds a value's bits, with zeros above the register's width.

use crate::op::{Fill, Instruction, Slot};
use crate::types::{Space, Ty};

/// A parameter, or a result, of a function.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parameter {
    pub name: String,
    pub offset: u32,
    pub bytes: u32,
}

/// A kernel or function that has a body.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Whether it is a kernel.
    pub entry: bool,
    /// Its line.
    pub line: u32,
    /// Where its code begins, and how long it is.
    pub code: std::ops::Range<usize>,
    /// How many slots are registers.
    pub registers: u32,
    /// How many registers it declares of each type.
    pub declared: Vec<(Ty, u32)>,
    /// What fills the slots behind them.
    pub fills: Vec<Fill>,
    /// What it takes.
    pub parameters: Vec<Parameter>,
    /// What it returns.
    pub results: Vec<Parameter>,
    /// Bytes of its parameter area: its own, and those of the calls it makes.
    pub parameter_bytes: u32,
    /// Bytes of local memory, with gaps between variables.
    pub local_bytes: u64,
    /// Which bytes of it belong to variables.
    pub local_variables: Vec<(u64, u64)>,
    /// The registers that may be read before they are written.
    pub watched: Vec<Slot>,
    /// `.maxntid` and `.reqntid`: exact, and the extents.
    pub threads: Option<(bool, [u32; 3])>,
    /// The variables of shared memory that it names.
    pub shared: Vec<u32>,
    /// The functions that it names.
    pub calls: Vec<u32>,
}

impl Function {
    /// Bytes of its own results and parameters.
    pub fn own_bytes(&self) -> usize {
        self.parameters.last().or(self.results.last()).map_or(0, |p| (p.offset + p.bytes) as usize)
    }
}

/// A variable of the module; those of shared memory inside of functions are among them.
#[derive(Clone, Debug)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Where it lives.
    pub space: Space,
    /// Its size; zero for dynamic shared memory.
    pub bytes: u64,
    /// Its alignment.
    pub align: u64,
    /// Whether it is declared only.
    pub external: bool,
    /// What it holds at first; none where that is undefined.
    pub initial: Option<Vec<u8>>,
    /// Addresses within it: where, how many bytes, of which variable, the offset and a shift to the right.
    pub addresses: Vec<Relocation>,
}

/// An address that an initializer names.
#[allow(missing_docs)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relocation {
    pub at: usize,
    pub bytes: usize,
    pub name: String,
    pub offset: i64,
    pub shift: u32,
}

/// A module, ready to be launched.
#[derive(Clone, Debug)]
pub struct Module {
    /// What tells it from other modules.
    pub id: u64,
    /// `.version`.
    pub version: (u32, u32),
    /// The chip, as `sm_80`.
    pub target: String,
    /// Its variables.
    pub variables: Vec<Variable>,
    /// Its kernels and functions.
    pub functions: Vec<Function>,
    /// Names of functions that are declared only.
    pub names: Vec<String>,
    /// The code of all functions.
    pub code: Vec<Instruction>,
    /// How many accesses of memory there are.
    pub sites: u32,
}

impl Module {
    /// The function of that name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|f| f.name == name)
    }

    /// The names of its kernels.
    pub fn kernels(&self) -> impl Iterator<Item = &str> {
        self.functions.iter().filter(|f| f.entry).map(|f| f.name.as_str())
    }
}
