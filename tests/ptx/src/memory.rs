//! The device's memory: allocations that are known by address and size.
//!
//! Addresses are no addresses of the host: bits 56 and up say `0x0d`, which no process can map on a machine of 48 or 57
//! bits, so that a host that follows a device pointer faults. Each allocation has 64 GiB of addresses of its own, which
//! are never used again: whatever leaves an allocation meets nothing, and a pointer that was freed stays dead.

use std::collections::HashMap;

use crate::shadow::{Bits, Races};
use dp_ptx_program::Module;
use dp_ptx_program::Space;
use dp_ptx_program::address;

/// Where global memory begins.
pub const GLOBAL_BASE: u64 = 0x0d00_0000_0000_0000;
/// Bits of addresses that one allocation has to itself.
const SLOT_BITS: u32 = 36;
/// Where an allocation begins in them: a multiple of 256, as the driver promises, and of no more.
const MARGIN: u64 = 0x100_0100;

/// What is wrong with a request of the host.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MemoryError {
    /// Nothing is allocated there, or not that much.
    #[error("{bytes} bytes at {address:#x}: {near}; only what was allocated can be read and written")]
    OutOfBounds {
        /// The address.
        address: u64,
        /// How much.
        bytes: u64,
        /// What lies near it.
        near: String,
    },
    /// The address is no allocation's beginning.
    #[error("{0:#x} is not what an allocation returned; free each allocation once")]
    NotAllocated(u64),
    /// The device is full.
    #[error("{bytes} bytes do not fit into what is left of the device's memory, {left} bytes")]
    Full {
        /// How much was asked for.
        bytes: u64,
        /// How much is left.
        left: u64,
    },
    /// An allocation of nothing.
    #[error("an allocation of zero bytes; allocate one byte at least")]
    Empty,
}

/// An allocation, or what was one.
#[derive(Clone, Debug)]
pub(crate) struct Allocation {
    pub bytes: u64,
    pub data: Vec<u8>,
    pub written: Bits,
    pub races: Option<Races>,
    /// Constants.
    pub read_only: bool,
    /// A variable's name.
    pub name: Option<String>,
    pub freed: bool,
}

/// The memory of a device.
#[derive(Clone, Debug)]
pub struct Memory {
    allocations: Vec<Allocation>,
    modules: HashMap<u64, Vec<u64>>,
    capacity: u64,
    used: u64,
}

impl Default for Memory {
    fn default() -> Memory {
        Memory::new()
    }
}

impl Memory {
    /// A device of 8 GiB; the host's memory is taken as it is used.
    pub fn new() -> Memory {
        Memory::with_capacity(8 << 30)
    }

    /// A device of so many bytes.
    pub fn with_capacity(capacity: u64) -> Memory {
        Memory { allocations: Vec::new(), modules: HashMap::new(), capacity, used: 0 }
    }

    /// How much the device has.
    pub fn capacity(&self) -> u64 {
        self.capacity
    }

    /// How much is allocated.
    pub fn used(&self) -> u64 {
        self.used
    }

    /// Allocates memory that nobody has written. The address is a multiple of 256.
    pub fn alloc(&mut self, bytes: u64) -> Result<u64, MemoryError> {
        if bytes == 0 {
            return Err(MemoryError::Empty);
        }
        let left = self.capacity - self.used;
        if bytes > left || bytes > 1 << (SLOT_BITS - 1) || self.allocations.len() >= 1 << (56 - SLOT_BITS) {
            return Err(MemoryError::Full { bytes, left });
        }
        self.used += bytes;
        self.allocations.push(Allocation {
            bytes,
            data: vec![0; bytes as usize],
            written: Bits::new(bytes),
            races: None,
            read_only: false,
            name: None,
            freed: false,
        });
        Ok(self.address(self.allocations.len() - 1))
    }

    fn address(&self, slot: usize) -> u64 {
        GLOBAL_BASE + ((slot as u64) << SLOT_BITS) + MARGIN
    }

    /// Frees what [`Memory::alloc`] returned.
    pub fn free(&mut self, address: u64) -> Result<(), MemoryError> {
        match self.find(address) {
            Some((slot, 0)) if !self.allocations[slot].freed && self.allocations[slot].name.is_none() => {
                let allocation = &mut self.allocations[slot];
                self.used -= allocation.bytes;
                allocation.freed = true;
                (allocation.data, allocation.written, allocation.races) = (Vec::new(), Bits::default(), None);
                Ok(())
            }
            _ => Err(MemoryError::NotAllocated(address)),
        }
    }

    /// What is allocated and not freed: address and size; variables of modules aside.
    pub fn live(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        let live = |a: &Allocation| !a.freed && a.name.is_none();
        self.allocations.iter().enumerate().filter(move |(_, a)| live(a)).map(|(n, a)| (self.address(n), a.bytes))
    }

    /// The allocation whose addresses an address is among, and the distance from its beginning.
    fn find(&self, address: u64) -> Option<(usize, i64)> {
        let slot = (address.checked_sub(GLOBAL_BASE)? >> SLOT_BITS) as usize;
        (slot < self.allocations.len()).then(|| (slot, address.wrapping_sub(self.address(slot)) as i64))
    }

    /// The allocation that holds all of a range, and where it begins there.
    pub(crate) fn locate(&mut self, address: u64, bytes: u64) -> Option<(&mut Allocation, u64)> {
        let (slot, offset) = self.find(address)?;
        let allocation = &mut self.allocations[slot];
        let fits = offset >= 0 && !allocation.freed && offset as u64 + bytes <= allocation.bytes;
        fits.then_some((allocation, offset as u64))
    }

    /// What lies near an address that is out of bounds.
    pub(crate) fn near(&self, address: u64) -> String {
        let Some((slot, offset)) = self.find(address) else { return "no allocation is near".into() };
        let a = &self.allocations[slot];
        let what = match &a.name {
            Some(name) => format!("variable '{name}' of {} bytes", a.bytes),
            None => format!("an allocation of {} bytes", a.bytes),
        };
        if a.freed {
            format!("byte {offset} of {what} that was freed")
        } else if offset < 0 {
            format!("{} bytes before {what}", -offset)
        } else {
            format!("byte {offset} of {what}")
        }
    }

    fn range(&mut self, address: u64, bytes: u64) -> Result<(&mut Allocation, u64), MemoryError> {
        if self.locate(address, bytes).is_none() {
            return Err(MemoryError::OutOfBounds { address, bytes, near: self.near(address) });
        }
        self.locate(address, bytes).ok_or(MemoryError::NotAllocated(address))
    }

    /// Writes bytes.
    pub fn write(&mut self, address: u64, bytes: &[u8]) -> Result<(), MemoryError> {
        if bytes.is_empty() {
            return Ok(());
        }
        let (allocation, at) = self.range(address, bytes.len() as u64)?;
        allocation.data[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        allocation.written.put(at..at + bytes.len() as u64, true);
        Ok(())
    }

    /// Reads bytes, also those that nobody has written: see [`Memory::is_written`].
    pub fn read(&mut self, address: u64, into: &mut [u8]) -> Result<(), MemoryError> {
        if into.is_empty() {
            return Ok(());
        }
        let (allocation, at) = self.range(address, into.len() as u64)?;
        into.copy_from_slice(&allocation.data[at as usize..at as usize + into.len()]);
        Ok(())
    }

    /// Whether all bytes of a range were written.
    pub fn is_written(&mut self, address: u64, bytes: u64) -> Result<bool, MemoryError> {
        if bytes == 0 {
            return Ok(true);
        }
        let (allocation, at) = self.range(address, bytes)?;
        Ok((at..at + bytes).all(|n| allocation.written.get(n)))
    }

    /// Copies within the device; what was not written stays so.
    pub fn copy(&mut self, to: u64, from: u64, bytes: u64) -> Result<(), MemoryError> {
        if bytes == 0 {
            return Ok(());
        }
        let (source, at) = self.range(from, bytes)?;
        let data = source.data[at as usize..(at + bytes) as usize].to_vec();
        let written: Vec<bool> = (at..at + bytes).map(|n| source.written.get(n)).collect();
        let (target, at) = self.range(to, bytes)?;
        target.data[at as usize..(at + bytes) as usize].copy_from_slice(&data);
        for (n, written) in (at..).zip(written) {
            target.written.put(n..n + 1, written);
        }
        Ok(())
    }

    /// Allocates and fills the variables of a module, once; gives their addresses, zero for those of other spaces.
    pub fn load(&mut self, module: &Module) -> Result<Vec<u64>, MemoryError> {
        if let Some(addresses) = self.modules.get(&module.id) {
            return Ok(addresses.clone());
        }
        let mut addresses = Vec::new();
        for variable in &module.variables {
            let device = matches!(variable.space, Space::Global | Space::Const) && !variable.external;
            if !device {
                addresses.push(0);
                continue;
            }
            let address = self.alloc(variable.bytes.max(1))?;
            if let Some(bytes) = &variable.initial {
                self.write(address, bytes)?;
            }
            addresses.push(address);
        }
        let named = |name: &str| module.variables.iter().position(|v| v.name == name).map(|n| addresses[n]);
        for (variable, address) in module.variables.iter().zip(&addresses) {
            for relocation in &variable.addresses {
                let function = || module.functions.iter().position(|f| f.name == relocation.name);
                let target = named(&relocation.name)
                    .or_else(|| function().map(|n| address::of_function(n as u32)))
                    .ok_or(MemoryError::NotAllocated(0))?;
                let bits = target.wrapping_add_signed(relocation.offset) >> relocation.shift;
                self.write(address + relocation.at as u64, &bits.to_le_bytes()[..relocation.bytes])?;
            }
        }
        for (variable, address) in module.variables.iter().zip(&addresses) {
            if let Some((slot, 0)) = self.find(*address) {
                self.allocations[slot].name = Some(variable.name.clone());
                self.allocations[slot].read_only = variable.space == Space::Const;
            }
        }
        self.modules.insert(module.id, addresses.clone());
        Ok(addresses)
    }

    /// Frees the variables of a module.
    pub fn unload(&mut self, module: &Module) {
        for address in self.modules.remove(&module.id).unwrap_or_default() {
            if let Some((slot, 0)) = self.find(address) {
                self.allocations[slot].name = None;
                _ = self.free(address);
            }
        }
    }

    /// Forgets who touched what: a launch is over.
    pub(crate) fn forget_races(&mut self) {
        self.allocations.iter_mut().for_each(|a| a.races = None);
    }
}
