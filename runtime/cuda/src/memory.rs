//! Memory of the device, of which calls get their share without waiting where the
//! device can do so.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use cudarc::driver::sys::{
    CUdeviceptr, CUmemAllocationType, CUmemLocationType, CUmemPoolProps, CUmemoryPool, CUstream,
};

use crate::driver::{Driver, Ordered, Pools, check};
use crate::status;

/// Where memory comes from.
pub enum Memory {
    /// The driver gives and takes memory in the order of a stream, from a pool of ours if
    /// it has pools, else from the device's own.
    Ordered(&'static Ordered, Option<(CUmemoryPool, &'static Pools)>),
    /// Blocks that no call uses, by their size.
    Cache(Mutex<BTreeMap<usize, Vec<CUdeviceptr>>>),
}

/// A piece of it.
#[derive(Clone, Copy)]
pub struct Block {
    pub address: CUdeviceptr,
    /// Bytes that it has, at least those that were asked for.
    pub size: usize,
}

impl Memory {
    /// The memory of the current context.
    pub fn new(driver: &'static Driver) -> Result<Memory, i32> {
        const MEMORY_POOLS_SUPPORTED: i32 = 115;
        let (mut device, mut supported) = (0, 0);
        // SAFETY: the driver writes these. One that knows nothing of pools writes nothing.
        unsafe {
            check((driver.cuCtxGetDevice)(&mut device))?;
            (driver.cuDeviceGetAttribute)(&mut supported, MEMORY_POOLS_SUPPORTED, device);
        }
        Ok(match &driver.ordered {
            Some(ordered) if supported != 0 => {
                let pool = driver.pools.as_ref().and_then(|pools| Some((pool(pools, device)?, pools)));
                Memory::Ordered(ordered, pool)
            }
            _ => Memory::Cache(Mutex::new(BTreeMap::new())),
        })
    }

    /// Memory for what is on a stream of the current context.
    pub fn allocate(&self, driver: &Driver, bytes: usize, stream: CUstream) -> Result<Block, i32> {
        let mut address = 0;
        match self {
            Memory::Ordered(ordered, pool) => {
                // Nothing has an address too.
                let size = bytes.max(1);
                // SAFETY: the driver writes the address.
                check(unsafe {
                    match pool {
                        Some((pool, pools)) => (pools.cuMemAllocFromPoolAsync)(&mut address, size, *pool, stream),
                        None => (ordered.cuMemAllocAsync)(&mut address, size, stream),
                    }
                })?;
                Ok(Block { address, size })
            }
            Memory::Cache(blocks) => {
                let size = rounded(bytes)?;
                let mut blocks = blocks.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(address) = blocks.get_mut(&size).and_then(Vec::pop) {
                    return Ok(Block { address, size });
                }
                // SAFETY: the driver writes the address; what is in the cache nobody uses.
                unsafe {
                    let mut outcome = check((driver.cuMemAlloc)(&mut address, size));
                    if outcome == Err(status::MEMORY) {
                        for address in std::mem::take(&mut *blocks).into_values().flatten() {
                            (driver.cuMemFree)(address);
                        }
                        outcome = check((driver.cuMemAlloc)(&mut address, size));
                    }
                    outcome?;
                }
                Ok(Block { address, size })
            }
        }
    }

    /// Whether blocks are given back in the order of a stream. If not, the stream must have
    /// come to its end, or the same stream must use them next.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Memory::Ordered(..))
    }

    /// Gives a block back that was allocated for this stream.
    pub fn free(&self, block: Block, stream: CUstream) -> Result<(), i32> {
        match self {
            // SAFETY: the address came from the driver, and this is its last use.
            Memory::Ordered(ordered, _) => check(unsafe { (ordered.cuMemFreeAsync)(block.address, stream) }),
            Memory::Cache(blocks) => {
                let mut blocks = blocks.lock().unwrap_or_else(PoisonError::into_inner);
                blocks.entry(block.size).or_default().push(block.address);
                Ok(())
            }
        }
    }
}

/// A pool of our own, if it can be had: what is set on the device's own pool would hold
/// for the whole program.
fn pool(pools: &Pools, device: i32) -> Option<CUmemoryPool> {
    // SAFETY: all zero is a value of the struct, that asks for nothing.
    let mut properties: CUmemPoolProps = unsafe { std::mem::zeroed() };
    properties.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    properties.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    properties.location.id = device;
    // What calls give back stays in the pool, where the next call finds it: by default a
    // pool returns it to the device whenever a stream is waited for.
    const RELEASE_THRESHOLD: u32 = 4;
    let (mut pool, mut threshold) = (ptr::null_mut(), u64::MAX);
    // SAFETY: the driver reads the properties and the threshold, and writes the pool. A pool
    // without the threshold serves as well, if slower.
    unsafe {
        check((pools.cuMemPoolCreate)(&mut pool, &properties)).ok()?;
        (pools.cuMemPoolSetAttribute)(pool, RELEASE_THRESHOLD, ptr::from_mut(&mut threshold).cast());
    }
    Some(pool)
}

/// The size of the block for so many bytes: few sizes, so that blocks serve again.
pub fn rounded(bytes: usize) -> Result<usize, i32> {
    const SMALL: usize = 1 << 20;
    let size = match bytes {
        ..SMALL => Some(bytes.next_power_of_two().max(256)),
        _ => bytes.checked_next_multiple_of(2 * SMALL),
    };
    size.ok_or(status::MEMORY)
}
