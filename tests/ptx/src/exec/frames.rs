//! Threads and their frames.

use std::collections::VecDeque;

use super::Executed;
use super::launch::Machine;
use crate::fault::FaultKind;
use crate::shadow::Bits;
use dp_ptx_program::address::function_at;
use dp_ptx_program::module::Parameter;
use dp_ptx_program::op::{Call, Callee, CopyAsync, LaneMask, Op, Special};

/// The most frames of a thread, and bytes of its local memory.
const DEEPEST: usize = 4096;
const MOST_LOCAL: usize = 512 * 1024;

/// What a thread is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// At a barrier of that number.
    Barrier(u32),
    /// At an operation of these lanes of its warp.
    Lanes(u32),
    Ended,
}

/// Where a call goes back to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    /// The call.
    pub pc: usize,
    pub base: usize,
    pub function: usize,
    pub param_base: usize,
    pub local_base: usize,
}

/// A copy that has begun: `cp.async`.
#[derive(Clone, Debug)]
pub(super) struct Pending {
    pub copy: CopyAsync,
    pub to: u64,
    pub from: u64,
    pub source_bytes: u32,
}

/// A thread.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub number: u32,
    pub tid: [u32; 3],
    pub pc: usize,
    pub slots: Vec<u64>,
    /// Which slots were written; kept up for those that are watched.
    pub defined: Vec<bool>,
    pub function: usize,
    pub base: usize,
    pub frames: Vec<Frame>,
    pub params: Vec<u8>,
    pub params_written: Vec<bool>,
    pub param_base: usize,
    pub local: Vec<u8>,
    pub local_written: Bits,
    pub local_valid: Bits,
    pub local_base: usize,
    pub carry: bool,
    pub state: State,
    pub clock: u32,
    /// Copies that are not committed, and groups that are.
    pub copies: Vec<Pending>,
    pub groups: VecDeque<Vec<Pending>>,
}

impl Thread {
    pub fn new(number: u32, tid: [u32; 3]) -> Thread {
        Thread {
            number,
            tid,
            pc: 0,
            slots: Vec::new(),
            defined: Vec::new(),
            function: 0,
            base: 0,
            frames: Vec::new(),
            params: Vec::new(),
            params_written: Vec::new(),
            param_base: 0,
            local: Vec::new(),
            local_written: Bits::new(0),
            local_valid: Bits::new(0),
            local_base: 0,
            carry: false,
            state: State::Running,
            clock: 1,
            copies: Vec::new(),
            groups: VecDeque::new(),
        }
    }

    /// Makes the frame of a function on top of the others.
    pub fn enter(&mut self, m: &Machine, function: usize, block: [u32; 3]) {
        let (f, template) = (&m.module.functions[function], &m.templates[function]);
        self.function = function;
        self.pc = f.code.start;
        self.base = self.slots.len();
        self.slots.resize(self.base + f.registers as usize, 0);
        self.slots.extend_from_slice(&template.bits);
        // Registers that nobody watches count as defined.
        self.defined.resize(self.slots.len(), true);
        for slot in &f.watched {
            self.defined[self.base + *slot as usize] = false;
        }
        self.param_base = self.params.len();
        self.params.resize(self.param_base + f.parameter_bytes as usize, 0);
        self.params_written.resize(self.params.len(), false);
        self.local_base = self.local.len();
        if f.local_bytes > 0 {
            let end = self.local_base + f.local_bytes as usize;
            self.local.resize(end, 0);
            for bits in [&mut self.local_written, &mut self.local_valid] {
                bits.grow(end as u64);
                bits.put(self.local_base as u64..end as u64, false);
            }
            for (start, end) in &f.local_variables {
                let base = self.local_base as u64;
                self.local_valid.put(base + start..base + end, true);
            }
        }
        for (slot, offset) in &template.locals {
            self.slots[self.base + *slot as usize] = self.local_base as u64 + offset;
        }
        for (slot, special) in &template.specials {
            self.slots[self.base + *slot as usize] = u64::from(self.special(m, *special, block));
        }
    }

    fn special(&self, m: &Machine, special: Special, block: [u32; 3]) -> u32 {
        let lane = self.number % 32;
        match special {
            Special::Tid(n) => self.tid[n],
            Special::Ntid(n) => m.launch.block[n],
            Special::Ctaid(n) => block[n],
            Special::Nctaid(n) => m.launch.grid[n],
            Special::LaneId => lane,
            Special::WarpId => self.number / 32,
            Special::Warps => m.launch.block.iter().product::<u32>().div_ceil(32),
            Special::LaneMask(LaneMask::Equal) => 1 << lane,
            Special::LaneMask(LaneMask::Less) => (1 << lane) - 1,
            Special::LaneMask(LaneMask::LessEqual) => u32::MAX >> (31 - lane),
            Special::LaneMask(LaneMask::Greater) => !(u32::MAX >> (31 - lane)),
            Special::LaneMask(LaneMask::GreaterEqual) => !((1 << lane) - 1),
            Special::DynamicShared => m.launch.shared_bytes,
            Special::TotalShared => m.shared.total,
            Special::Constant(n) => n,
        }
    }

    /// Enters a function that is called: arguments are copied from the caller's parameter area to the callee's.
    pub fn call(&mut self, m: &Machine, call: &Call, block: [u32; 3]) -> Executed<()> {
        let callee = match call.callee {
            Callee::Function(n) => n as usize,
            Callee::Missing(n) => return Err(Box::new(FaultKind::Undefined(m.module.names[n as usize].clone()))),
            Callee::Address(slot) => {
                let address = self.slots[self.base + slot as usize];
                let n = function_at(address).filter(|n| (*n as usize) < m.module.functions.len());
                n.ok_or_else(|| FaultKind::BadCall(format!("{address:#x} is no function")))? as usize
            }
        };
        let f = &m.module.functions[callee];
        let fits = |given: &[(u32, u32)], wanted: &[Parameter]| {
            given.len() == wanted.len() && given.iter().zip(wanted).all(|(g, w)| g.1 == w.bytes)
        };
        // A caller may leave results alone.
        let results_fit = call.results.is_empty() || fits(&call.results, &f.results);
        if f.entry || !fits(&call.arguments, &f.parameters) || !results_fit {
            return Err(Box::new(FaultKind::BadCall(format!("'{}' takes other parameters, or is a kernel", f.name))));
        }
        if self.frames.len() >= DEEPEST || self.local.len() > MOST_LOCAL {
            return Err(Box::new(FaultKind::BadCall(format!("the stack overflows in '{}'", f.name))));
        }
        let caller = Frame {
            pc: self.pc,
            base: self.base,
            function: self.function,
            param_base: self.param_base,
            local_base: self.local_base,
        };
        self.frames.push(caller);
        self.enter(m, callee, block);
        for ((from, bytes), to) in call.arguments.iter().zip(&f.parameters) {
            self.copy_parameter(caller.param_base + *from as usize, self.param_base + to.offset as usize, *bytes);
        }
        Ok(())
    }

    /// Leaves a function; false where it was the kernel.
    pub fn leave(&mut self, m: &Machine) -> bool {
        let Some(caller) = self.frames.pop() else { return false };
        let f = &m.module.functions[self.function];
        if let Op::Call(call) = &m.module.code[caller.pc].op {
            for ((to, bytes), from) in call.results.iter().zip(&f.results) {
                self.copy_parameter(self.param_base + from.offset as usize, caller.param_base + *to as usize, *bytes);
            }
        }
        self.slots.truncate(self.base);
        self.defined.truncate(self.base);
        self.params.truncate(self.param_base);
        self.params_written.truncate(self.param_base);
        self.local_valid.put(self.local_base as u64..self.local.len() as u64, false);
        self.local.truncate(self.local_base);
        self.base = caller.base;
        self.function = caller.function;
        self.param_base = caller.param_base;
        self.local_base = caller.local_base;
        self.pc = caller.pc + 1;
        true
    }

    fn copy_parameter(&mut self, from: usize, to: usize, bytes: u32) {
        let bytes = bytes as usize;
        self.params.copy_within(from..from + bytes, to);
        self.params_written.copy_within(from..from + bytes, to);
    }
}
