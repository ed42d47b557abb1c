//! Device memory for calls, allocated without synchronization if the device supports it.

use std::collections::BTreeMap;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use cudarc::driver::sys::{
    CUdeviceptr, CUmemAllocationType, CUmemLocationType, CUmemPoolProps, CUmemoryPool, CUstream,
};

use crate::driver::{Driver, Ordered, Pools, check};
use crate::status;

/// A source of device memory.
pub enum Memory {
    /// Stream-ordered allocation, from our own pool if the driver has pools, else from the device's default pool.
    Ordered(&'static Ordered, Option<(CUmemoryPool, &'static Pools)>),
    /// Unused blocks by size.
    Cache(Mutex<BTreeMap<usize, Vec<CUdeviceptr>>>),
}

/// A block of device memory.
#[derive(Clone, Copy)]
pub struct Block {
    pub address: CUdeviceptr,
    /// The size in bytes, at least the requested size.
    pub size: usize,
}

impl Memory {
    /// The memory of the current context.
    pub fn new(driver: &'static Driver) -> Result<Memory, i32> {
        const MEMORY_POOLS_SUPPORTED: i32 = 115;
        let (mut device, mut supported) = (0, 0);
        // SAFETY: the driver writes these; one without pools writes nothing.
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

    /// Allocates memory for use on a stream of the current context.
    pub fn allocate(&self, driver: &Driver, bytes: usize, stream: CUstream) -> Result<Block, i32> {
        let mut address = 0;
        match self {
            Memory::Ordered(ordered, pool) => {
                // Empty allocations have an address too.
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
                // SAFETY: the driver writes the address; nobody uses the blocks in the cache.
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

    /// Whether blocks are freed in stream order. Otherwise, before a block is freed, the stream must be idle, or the
    /// next use must be on the same stream.
    pub fn is_ordered(&self) -> bool {
        matches!(self, Memory::Ordered(..))
    }

    /// Frees a block that was allocated for this stream.
    pub fn free(&self, block: Block, stream: CUstream) -> Result<(), i32> {
        match self {
            // SAFETY: the address came from the driver and is not used afterwards.
            Memory::Ordered(ordered, _) => check(unsafe { (ordered.cuMemFreeAsync)(block.address, stream) }),
            Memory::Cache(blocks) => {
                let mut blocks = blocks.lock().unwrap_or_else(PoisonError::into_inner);
                blocks.entry(block.size).or_default().push(block.address);
                Ok(())
            }
        }
    }
}

/// Creates our own pool, if possible: settings of the device's default pool would affect the whole process.
fn pool(pools: &Pools, device: i32) -> Option<CUmemoryPool> {
    // SAFETY: all zeros is a valid value of the struct.
    let mut properties: CUmemPoolProps = unsafe { std::mem::zeroed() };
    properties.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    properties.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    properties.location.id = device;
    // Freed memory stays in the pool for the next call. By default, a pool releases it at every synchronization.
    const RELEASE_THRESHOLD: u32 = 4;
    let (mut pool, mut threshold) = (ptr::null_mut(), u64::MAX);
    // SAFETY: the driver reads the properties and the threshold, and writes the pool. A pool without the threshold
    // works too, but slower.
    unsafe {
        check((pools.cuMemPoolCreate)(&mut pool, &properties)).ok()?;
        (pools.cuMemPoolSetAttribute)(pool, RELEASE_THRESHOLD, ptr::from_mut(&mut threshold).cast());
    }
    Some(pool)
}

/// Rounds a size up to one of few sizes, so that blocks can be reused.
pub fn rounded(bytes: usize) -> Result<usize, i32> {
    const SMALL: usize = 1 << 20;
    let size = match bytes {
        ..SMALL => Some(bytes.next_power_of_two().max(256)),
        _ => bytes.checked_next_multiple_of(2 * SMALL),
    };
    size.ok_or(status::MEMORY)
}
