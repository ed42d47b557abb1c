//! What can be wrong with a launch.

use dp_ptx_program::Space;

/// A position in a grid or a block.
pub type Triple = [u32; 3];

/// What stopped a launch, and where.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("kernel '{kernel}', line {line}, thread {thread:?} of block {block:?}: {kind}")]
pub struct Fault {
    /// The kernel.
    pub kernel: String,
    /// The line of PTX; 0 where the launch did not begin.
    pub line: u32,
    /// The thread.
    pub thread: Triple,
    /// The block.
    pub block: Triple,
    /// What happened.
    pub kind: FaultKind,
}

/// How an access touches memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touch {
    /// It reads.
    Read,
    /// It writes.
    Write,
    /// It does both, atomically.
    Atomic,
}

impl std::fmt::Display for Touch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Touch::Read => "read",
            Touch::Write => "write",
            Touch::Atomic => "atomic operation",
        })
    }
}

/// Kinds of faults.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum FaultKind {
    /// An access that no variable and no allocation holds.
    #[error("{touch} of {bytes} bytes at {address:#x} of {space} memory is out of bounds: {near}")]
    OutOfBounds {
        /// How.
        touch: Touch,
        /// Where.
        space: Space,
        /// The address in that space.
        address: u64,
        /// How much.
        bytes: u32,
        /// What lies near it.
        near: String,
    },
    /// An access whose address is no multiple of its size.
    #[error("{touch} of {bytes} bytes at {address:#x} of {space} memory is misaligned")]
    Misaligned {
        /// How.
        touch: Touch,
        /// Where.
        space: Space,
        /// The address in that space.
        address: u64,
        /// How much.
        bytes: u32,
    },
    /// A read of what was never written.
    #[error("read of {bytes} bytes at {address:#x} of {space} memory that nobody has written")]
    Uninitialized {
        /// Where.
        space: Space,
        /// The address in that space.
        address: u64,
        /// How much.
        bytes: u32,
    },
    /// A read of a register that was never written.
    #[error("register {register} is read before it is written")]
    UninitializedRegister {
        /// Its number among the function's registers.
        register: u32,
    },
    /// Accesses of the same bytes that nothing orders.
    #[error(
        "race in {space} memory at {address:#x}: this {touch}, and a {other} by thread {other_thread} of block \
         {other_block} (numbers in order of launch), with no barrier between them"
    )]
    Race {
        /// Where.
        space: Space,
        /// The address in that space.
        address: u64,
        /// What this thread does.
        touch: Touch,
        /// What the other did.
        other: Touch,
        /// The other thread's number in its block.
        other_thread: u32,
        /// The other block's number in the grid.
        other_block: u32,
    },
    /// A barrier that not all threads reach.
    #[error("divergent barrier: this thread waits at {waits}, but {other}")]
    DivergentBarrier {
        /// At what.
        waits: String,
        /// What another thread does.
        other: String,
    },
    /// A shuffle, vote or other operation of the lanes of a warp where one is missing.
    #[error("missing lane {lane} in an operation of lanes {mask:#010x}: {why}")]
    MissingLane {
        /// Which.
        lane: u32,
        /// The lanes that should take part.
        mask: u32,
        /// Why it is missing.
        why: String,
    },
    /// A write where nothing may be written.
    #[error("write to {what}")]
    ReadOnly {
        /// What it is.
        what: String,
    },
    /// `trap`.
    #[error("trap")]
    Trap,
    /// A call of a function that no text defines.
    #[error("call of '{0}', which is declared only")]
    Undefined(String),
    /// An indirect call to where no function is, or with other parameters than it takes.
    #[error("bad call: {0}")]
    BadCall(String),
    /// More instructions than the launch allows.
    #[error("more than {0} instructions: an endless loop?")]
    Endless(u64),
    /// Something that the interpreter does not do.
    #[error("not supported: {0}")]
    Unsupported(String),
    /// A launch that cannot begin.
    #[error("bad launch: {0}")]
    BadLaunch(String),
}
