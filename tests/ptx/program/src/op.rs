//! Instructions in decoded form: operations on slots of a frame.

use crate::alu::convert::Conversion;
use crate::class::Class;
use crate::functions::{Compare, F1, F2, F3, F4, FCarry, Kernel};
use crate::mma::Shape;
use crate::types::{Space, Ty};

/// A slot of a frame.
pub type Slot = u32;

/// An instruction: when it acts, what it does, where it stands.
#[derive(Clone, Debug)]
pub struct Instruction {
    /// What it does.
    pub op: Op,
    /// The predicate that must hold, and whether its negation must.
    pub guard: Option<(Slot, bool)>,
    /// The line of PTX.
    pub line: u32,
    /// How it is counted.
    pub class: Class,
    /// Whether it reads or writes a register that may be undefined when read.
    pub tracked: bool,
}

/// How `setp` and `set` join a comparison with a predicate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    /// `and`
    And,
    /// `or`
    Or,
    /// `xor`
    Xor,
}

/// What an instruction does.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub enum Op {
    Copy {
        d: Slot,
        a: Slot,
    },
    Select {
        d: Slot,
        a: Slot,
        b: Slot,
        p: Slot,
    },
    One {
        f: F1,
        d: Slot,
        a: Slot,
    },
    Two {
        f: F2,
        d: Slot,
        a: Slot,
        b: Slot,
    },
    Three {
        f: F3,
        d: Slot,
        a: Slot,
        b: Slot,
        c: Slot,
    },
    Four {
        f: F4,
        d: Slot,
        abcd: [Slot; 4],
    },
    /// `d` from `a`, `b`, `c` and the carry; and the carry, if it keeps it.
    Carry {
        f: FCarry,
        d: Slot,
        abc: [Slot; 3],
        keeps: bool,
    },
    /// `d = compare(a, b) ? yes : 0`
    Set {
        compare: Compare,
        yes: u64,
        d: Slot,
        a: Slot,
        b: Slot,
    },
    Convert {
        c: Box<Conversion>,
        d: Slot,
        a: Slot,
        b: Slot,
    },
    /// `d = compare(a, b) join c`, `q = !compare(a, b) join c`.
    SetPredicate(Box<SetPredicate>),
    /// `d` from the parts, the least significant first.
    Pack {
        d: Slot,
        parts: Box<[Slot]>,
        bits: u32,
    },
    /// Parts from `a`, the least significant first; none where nobody asks.
    Unpack {
        a: Slot,
        parts: Box<[Option<Slot>]>,
        bits: u32,
    },
    Load(Box<Access>),
    Store(Box<Access>),
    Atomic(Box<Atomic>),
    Branch {
        to: u32,
    },
    BranchIndexed {
        index: Slot,
        targets: Box<[u32]>,
    },
    Call(Box<Call>),
    Return,
    Exit,
    Trap,
    /// An address of a space to a generic one.
    ToGeneric {
        d: Slot,
        a: Slot,
        space: Space,
    },
    FromGeneric {
        d: Slot,
        a: Slot,
        space: Space,
    },
    IsSpace {
        d: Slot,
        a: Slot,
        space: Space,
    },
    Barrier(Box<Barrier>),
    Warp(Box<Warp>),
    ActiveMask {
        d: Slot,
    },
    Clock {
        d: Slot,
    },
    CopyAsync(Box<CopyAsync>),
    /// `cp.async.commit_group`.
    CommitGroup,
    /// Waits until at most so many groups are pending; all of them and what is not committed where none is said.
    WaitGroup {
        pending: Option<u32>,
    },
    /// Fences, prefetches: nothing to do where memory is sequentially consistent.
    Nothing,
}

/// `setp` with all that it may say.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub struct SetPredicate {
    pub compare: Compare,
    /// Of packed halves `q` is what holds of the upper ones; else it is the contrary of `d`.
    pub packed: bool,
    pub d: Option<Slot>,
    pub q: Option<Slot>,
    pub a: Slot,
    pub b: Slot,
    /// How and with what the result is joined: a predicate, perhaps negated.
    pub join: Option<(Join, Slot, bool)>,
}

/// A load or a store.
#[derive(Clone, Debug)]
pub struct Access {
    /// The space that the instruction names.
    pub space: Space,
    /// The type of one element.
    pub ty: Ty,
    /// Bytes of one element.
    pub size: u32,
    /// Bytes of all elements.
    pub bytes: u32,
    /// Registers, one an element; none where a loaded element is not asked for.
    pub registers: Box<[Option<Slot>]>,
    /// Bits of the registers that are loaded into, for sign extension.
    pub width: u32,
    /// Where the address lies.
    pub base: Slot,
    /// What is added to it.
    pub offset: i64,
    /// Whether it takes part in ordering (`relaxed`, `acquire`, `release`, `volatile`): such accesses never race with
    /// each other.
    pub strong: bool,
    /// Whether it reads through the read-only cache (`nc`).
    pub read_only: bool,
    /// The number of this access among those of the module.
    pub site: u32,
}

/// `atom` or `red`.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub struct Atomic {
    pub space: Space,
    pub ty: Ty,
    /// The new value from the old one, the operand and, for `cas`, the second one.
    pub kernel: Kernel,
    pub d: Option<Slot>,
    pub base: Slot,
    pub offset: i64,
    pub b: Slot,
    pub c: Slot,
    pub site: u32,
}

/// Whom a call calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Callee {
    /// A function of the module.
    Function(u32),
    /// A function that is declared only: the number of its name in [`names`](crate::Module::names).
    Missing(u32),
    /// A function's address.
    Address(Slot),
}

/// A call: parameters are offsets and sizes in the caller's parameter area.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub struct Call {
    pub callee: Callee,
    pub arguments: Box<[(u32, u32)]>,
    pub results: Box<[(u32, u32)]>,
}

/// What `bar.red` reduces by.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Vote {
    Popc,
    And,
    Or,
}

/// A barrier of the block.
#[derive(Clone, Debug)]
pub struct Barrier {
    /// Its number.
    pub id: Slot,
    /// How many threads it says that take part; all where it says nothing.
    pub threads: Option<Slot>,
    /// Whether all threads of a warp must stand at the same instruction.
    pub aligned: bool,
    /// A reduction over the threads' predicates: what, from which predicate (perhaps negated), to where.
    pub reduction: Option<(Vote, Slot, bool, Slot)>,
}

/// A synchronous operation of the lanes of a warp.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub struct Warp {
    pub kind: WarpKind,
    /// The lanes that take part.
    pub mask: Slot,
    pub d: Box<[Option<Slot>]>,
    pub inputs: Box<[Slot]>,
}

/// The operation of the lanes.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub enum WarpKind {
    /// `bar.warp.sync`.
    Sync,
    /// `d | p` from `a`, `b`, `c`.
    Shuffle(Shuffle),
    /// From a predicate; whether it is negated.
    Vote(VoteMode, bool),
    /// From a value: which lanes hold the same.
    MatchAny,
    MatchAll,
    /// `redux.sync`: an associative function.
    Reduce(F2),
    /// `ldmatrix`: how many matrices, and whether they are transposed.
    LoadMatrix {
        matrices: u32,
        transposed: bool,
        space: Space,
        offset: i64,
    },
    /// `mma.sync`.
    Multiply(Shape),
}

/// How a shuffle finds the lane it reads.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shuffle {
    Up,
    Down,
    Butterfly,
    Index,
}

/// What a vote gives.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VoteMode {
    All,
    Any,
    Uniform,
    Ballot,
}

/// `cp.async`: from global to shared memory.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub struct CopyAsync {
    pub to: Slot,
    pub to_offset: i64,
    pub from: Slot,
    pub from_offset: i64,
    pub bytes: u32,
    /// How many bytes are read; the rest is zero.
    pub source_bytes: Option<Slot>,
    pub site: u32,
}

/// A special register.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Special {
    Tid(usize),
    Ntid(usize),
    Ctaid(usize),
    Nctaid(usize),
    LaneId,
    WarpId,
    Warps,
    LaneMask(LaneMask),
    DynamicShared,
    TotalShared,
    Constant(u32),
}

/// Which lanes, compared with one's own.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LaneMask {
    Equal,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
}

/// What fills a slot behind the registers when a frame is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fill {
    /// Bits.
    Bits(u64),
    /// A variable's address in its own space, and an offset.
    Variable(u32, i64),
    /// An address in the frame's local memory.
    Local(u64),
    /// A function's address.
    Function(u32),
    /// A special register.
    Special(Special),
}
