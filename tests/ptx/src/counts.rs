//! What a launch did, in numbers.

use dp_ptx_program::Class;

/// Accesses of one space.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Loads, a thread's each.
    pub loads: u64,
    /// Stores.
    pub stores: u64,
    /// Atomic operations.
    pub atomics: u64,
    /// Bytes loaded.
    pub bytes_loaded: u64,
    /// Bytes stored.
    pub bytes_stored: u64,
    /// Loads and stores of 16 bytes each.
    pub wide: u64,
}

/// What a launch did. Instructions are counted for each thread, also where their predicate is false.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Instructions of each [`Class`].
    pub classes: [u64; Class::ALL.len()],
    /// Global memory and constants in it.
    pub global: Traffic,
    /// Shared memory.
    pub shared: Traffic,
    /// Local memory: spilled registers and arrays of a thread.
    pub local: Traffic,
    /// Accesses of global memory as warps make them: what the lanes of a warp do at one instruction, each for the n-th
    /// time, counts as one.
    pub requests: u64,
    /// Sectors of 32 bytes that those touch. A warp that loads 4 consecutive bytes a lane touches 4.
    pub sectors: u64,
    /// Threads that ran.
    pub threads: u64,
    /// Barriers that blocks passed.
    pub barriers: u64,
}

impl Counts {
    /// All instructions.
    pub fn instructions(&self) -> u64 {
        self.classes.iter().sum()
    }

    /// The instructions of one class.
    pub fn of(&self, class: Class) -> u64 {
        self.classes[class as usize]
    }

    /// The counts as one JSON object.
    pub fn to_json(&self) -> String {
        let classes: Vec<String> = Class::ALL.iter().map(|c| format!("\"{}\":{}", c.name(), self.of(*c))).collect();
        let traffic = |t: &Traffic| {
            format!(
                "{{\"loads\":{},\"stores\":{},\"atomics\":{},\"bytes_loaded\":{},\"bytes_stored\":{},\"wide\":{}}}",
                t.loads, t.stores, t.atomics, t.bytes_loaded, t.bytes_stored, t.wide
            )
        };
        format!(
            "{{\"instructions\":{},\"classes\":{{{}}},\"global\":{},\"shared\":{},\"local\":{},\"requests\":{},\
             \"sectors\":{},\"threads\":{},\"barriers\":{}}}",
            self.instructions(),
            classes.join(","),
            traffic(&self.global),
            traffic(&self.shared),
            traffic(&self.local),
            self.requests,
            self.sectors,
            self.threads,
            self.barriers
        )
    }
}
