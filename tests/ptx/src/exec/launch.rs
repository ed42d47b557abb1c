//! A launch: what is asked for, and the loop over blocks.

use std::collections::VecDeque;

use super::Random;
use super::block::Block;
use crate::counts::Counts;
use crate::fault::{Fault, FaultKind, Triple};
use crate::memory::Memory;
use crate::shadow::BLOCKS;
use dp_ptx_program::Space;
use dp_ptx_program::address;
use dp_ptx_program::module::{Function, Module};
use dp_ptx_program::op::{Fill, Special};

/// The most shared memory that a block may have, of any chip that is known: 227 KiB, that of sm_90.
const MOST_SHARED: u64 = 227 * 1024;
/// Where shared memory begins, so that null is no address in it.
pub(super) const SHARED_BASE: u64 = 1024;

/// What is launched.
#[derive(Clone, Debug)]
pub struct Launch<'a> {
    /// The kernel's name.
    pub kernel: &'a str,
    /// How many blocks.
    pub grid: Triple,
    /// How many threads a block.
    pub block: Triple,
    /// Bytes of dynamic shared memory.
    pub shared_bytes: u32,
    /// The bytes of each parameter.
    pub params: Vec<&'a [u8]>,
    /// What decides who runs when.
    pub seed: u64,
    /// How many blocks run in turns.
    pub resident: usize,
    /// More instructions than that are an endless loop.
    pub limit: u64,
}

impl<'a> Launch<'a> {
    /// A launch with no dynamic shared memory, seed 0, two blocks in turns and a limit of 10¹¹ instructions.
    pub fn new(kernel: &'a str, grid: Triple, block: Triple, params: &[&'a [u8]]) -> Launch<'a> {
        let limit = 100_000_000_000;
        Launch { kernel, grid, block, shared_bytes: 0, params: params.to_vec(), seed: 0, resident: 2, limit }
    }

    /// With so much dynamic shared memory.
    pub fn shared(self, shared_bytes: u32) -> Launch<'a> {
        Launch { shared_bytes, ..self }
    }

    /// With that seed.
    pub fn seed(self, seed: u64) -> Launch<'a> {
        Launch { seed, ..self }
    }

    /// Executes a kernel of a module. The first fault ends it; memory stays as it is then.
    pub fn run(&self, module: &Module, memory: &mut Memory) -> Result<Counts, Fault> {
        let refuse = |message: String| Fault {
            kernel: self.kernel.to_string(),
            line: 0,
            thread: [0; 3],
            block: [0; 3],
            kind: FaultKind::BadLaunch(message),
        };
        let kernel = module
            .functions
            .iter()
            .position(|f| f.entry && f.name == self.kernel)
            .ok_or_else(|| refuse("the module has no such kernel".into()))?;
        check(&module.functions[kernel], self).map_err(refuse)?;
        let addresses = memory.load(module).map_err(|e| refuse(e.to_string()))?;
        let (shared, addresses) = shared_layout(module, self, addresses).map_err(refuse)?;
        let templates = module.functions.iter().map(|f| template(f, &addresses)).collect();
        memory.forget_races();
        let mut machine = Machine {
            module,
            memory,
            launch: self,
            templates,
            shared,
            counts: Counts::default(),
            left: self.limit,
            random: Random::new(self.seed),
        };
        let done = machine.blocks(kernel);
        let counts = std::mem::take(&mut machine.counts);
        memory.forget_races();
        done.map(|()| counts)
    }
}

/// What fills the slots behind a function's registers in one launch.
#[derive(Debug, Default)]
pub(super) struct Template {
    pub bits: Vec<u64>,
    /// Which of them are special registers.
    pub specials: Vec<(u32, Special)>,
    /// Which of them are addresses in the frame's local memory.
    pub locals: Vec<(u32, u64)>,
}

/// What all threads of a launch share.
pub(super) struct Machine<'a> {
    pub module: &'a Module,
    pub memory: &'a mut Memory,
    pub launch: &'a Launch<'a>,
    pub templates: Vec<Template>,
    pub shared: SharedLayout,
    pub counts: Counts,
    /// Instructions that may still be executed.
    pub left: u64,
    pub random: Random,
}

/// Where the variables of shared memory lie.
#[derive(Debug, Default)]
pub(super) struct SharedLayout {
    pub bytes: u64,
    /// Address and size.
    pub variables: Vec<(u64, u64)>,
    pub total: u32,
}

/// Places the variables of shared memory that the kernel may use, with gaps between them; dynamic ones last.
fn shared_layout(
    module: &Module,
    launch: &Launch,
    mut addresses: Vec<u64>,
) -> Result<(SharedLayout, Vec<u64>), String> {
    let mut used: Vec<u32> = module.closure(launch.kernel).iter().flat_map(|f| f.shared.iter().copied()).collect();
    used.sort_unstable();
    used.dedup();
    let (mut at, mut layout, mut total) = (SHARED_BASE, SharedLayout::default(), u64::from(launch.shared_bytes));
    let dynamic = |n: &u32| module.variables[*n as usize].bytes == 0;
    for n in used.iter().filter(|n| !dynamic(n)) {
        let variable = &module.variables[*n as usize];
        at = at.next_multiple_of(variable.align.max(1));
        addresses[*n as usize] = at;
        layout.variables.push((at, variable.bytes));
        at += variable.bytes + address::GAP;
        total += variable.bytes;
    }
    let align = used.iter().filter(|n| dynamic(n)).map(|n| module.variables[*n as usize].align).max().unwrap_or(1);
    at = at.next_multiple_of(align.max(16));
    for n in used.iter().filter(|n| dynamic(n)) {
        addresses[*n as usize] = at;
    }
    layout.variables.push((at, u64::from(launch.shared_bytes)));
    layout.bytes = at + u64::from(launch.shared_bytes);
    layout.total = total as u32;
    if total > MOST_SHARED {
        return Err(format!("{total} bytes of shared memory, where a block has {MOST_SHARED} at most"));
    }
    if let Some(missing) = module.variables.iter().position(|v| v.external && v.space != Space::Shared) {
        return Err(format!("variable '{}' is declared only", module.variables[missing].name));
    }
    Ok((layout, addresses))
}

fn check(kernel: &Function, launch: &Launch) -> Result<(), String> {
    let product = |t: Triple| t.iter().map(|n| u64::from(*n)).product::<u64>();
    let (blocks, threads) = (product(launch.grid), product(launch.block));
    if blocks == 0 || threads == 0 {
        return Err(format!("a grid of {:?} blocks of {:?} threads", launch.grid, launch.block));
    }
    if threads > 1024 || launch.block[2] > 64 {
        return Err(format!("{:?} threads in a block, where 1024 is the most", launch.block));
    }
    if launch.grid[1] > 65535 || launch.grid[2] > 65535 || blocks > BLOCKS {
        return Err(format!("{:?} blocks, where 65535 is the most but for the first extent", launch.grid));
    }
    if let Some((exact, extents)) = kernel.threads {
        let most = product(extents);
        if if exact { launch.block != extents } else { threads > most } {
            return Err(format!("blocks of {:?} threads, where the kernel is made for {extents:?}", launch.block));
        }
    }
    if kernel.parameters.len() != launch.params.len() {
        return Err(format!("{} parameters, where {} are expected", launch.params.len(), kernel.parameters.len()));
    }
    for (parameter, bytes) in kernel.parameters.iter().zip(&launch.params) {
        if parameter.bytes as usize != bytes.len() {
            let (name, wanted) = (&parameter.name, parameter.bytes);
            return Err(format!("{} bytes for parameter '{name}' of {wanted} bytes", bytes.len()));
        }
    }
    Ok(())
}

fn template(function: &Function, addresses: &[u64]) -> Template {
    let mut out = Template::default();
    for (n, fill) in function.fills.iter().enumerate() {
        let slot = function.registers + n as u32;
        out.bits.push(match *fill {
            Fill::Bits(bits) => bits,
            Fill::Variable(n, offset) => addresses[n as usize].wrapping_add_signed(offset),
            Fill::Function(n) => address::of_function(n),
            Fill::Local(offset) => {
                out.locals.push((slot, offset));
                0
            }
            Fill::Special(special) => {
                out.specials.push((slot, special));
                0
            }
        });
    }
    out
}

impl Machine<'_> {
    /// Runs all blocks, in a seeded order: the next one begins when one of the resident ones ends.
    fn blocks(&mut self, kernel: usize) -> Result<(), Fault> {
        let [x, y, z] = self.launch.grid;
        let mut order: Vec<u32> = (0..x * y * z).collect();
        for n in (1..order.len()).rev() {
            order.swap(n, self.random.below(n as u64 + 1) as usize);
        }
        let mut waiting: VecDeque<u32> = order.into();
        let mut resident: Vec<Block> = Vec::new();
        while !waiting.is_empty() || !resident.is_empty() {
            while resident.len() < self.launch.resident.max(1) {
                let Some(number) = waiting.pop_front() else { break };
                resident.push(Block::new(self, kernel, number));
            }
            let n = self.random.below(resident.len() as u64) as usize;
            let turns = 1 + self.random.below(64);
            for _ in 0..turns {
                if resident[n].turn(self)? {
                    resident.swap_remove(n).end(self);
                    break;
                }
            }
        }
        Ok(())
    }
}
