//! The state of a call of a library function.

use std::ffi::c_void;
use std::ptr;

use cudarc::driver::sys::{CUdeviceptr, CUstream};

use crate::context::{Context, Current};
use crate::driver::check;
use crate::kernels::Kernels;
use crate::memory::{Block, rounded};
use crate::{Image, status};

/// The resources of a call. They are released when the call ends, or when its thread exits.
pub struct Call {
    /// The first error, after which steps do nothing; 0 if there is none.
    pub error: i32,
    /// The resources; `None` if the call failed to begin.
    running: Option<Running>,
}

pub struct Running {
    /// Dropped last: the context must be current while the other fields are released.
    context: &'static Context,
    kernels: &'static Kernels,
    stream: CUstream,
    /// Whether the stream belongs to the caller, who waits for it.
    on_device: bool,
    /// Whether work may be pending on the stream.
    pending: bool,
    blocks: Vec<Block>,
    /// Blocks that the call can reuse, if memory is not stream-ordered.
    spare: Vec<Block>,
    current: Option<Current>,
}

impl Call {
    /// Begins a call. If that fails, the result is a failed call.
    ///
    /// # Safety
    /// The image belongs to a library; the stream is a CUDA stream.
    pub unsafe fn begin(image: *mut Image, stream: CUstream, on_device: bool) -> Call {
        // SAFETY: guaranteed by the caller.
        match unsafe { Running::begin(image, stream, on_device) } {
            Ok(running) => Call { error: 0, running: Some(running) },
            Err(error) => Call::failed(error),
        }
    }

    /// A call that could not begin.
    pub fn failed(error: i32) -> Call {
        Call { error, running: None }
    }

    /// Runs a step, unless an earlier one failed. A skipped step returns zero.
    pub fn step<T: Default>(&mut self, step: impl FnOnce(&mut Running) -> Result<T, i32>) -> T {
        if self.error != 0 {
            return T::default();
        }
        match self.running.as_mut().ok_or(status::INTERNAL).and_then(step) {
            Ok(value) => value,
            Err(error) => {
                self.error = error;
                T::default()
            }
        }
    }

    /// Ends the call: releases its resources and returns its first error.
    pub fn end(&mut self) -> i32 {
        if let Some(mut running) = self.running.take() {
            let outcome = running.end();
            self.error = if self.error == 0 { outcome.err().unwrap_or(0) } else { self.error };
        }
        self.error
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.end();
    }
}

impl Running {
    unsafe fn begin(image: *mut Image, stream: CUstream, on_device: bool) -> Result<Running, i32> {
        // SAFETY: guaranteed by the caller.
        let context = unsafe { Context::of(on_device.then_some(stream)) }?;
        let current = Some(Current::new(context.driver, context.raw)?);
        // SAFETY: as above; the context is current.
        let kernels = unsafe { Kernels::of(image, context) }?;
        let stream = if on_device { stream } else { context.take_stream()? };
        let (blocks, spare) = (Vec::new(), Vec::new());
        Ok(Running { context, kernels, stream, on_device, pending: false, blocks, spare, current })
    }

    pub fn allocate(&mut self, bytes: i64) -> Result<*mut c_void, i32> {
        let bytes = length(bytes)?;
        let memory = &self.context.memory;
        let spare = match memory.is_ordered() {
            true => None,
            false => {
                let size = rounded(bytes)?;
                self.spare.iter().position(|block| block.size == size)
            }
        };
        let block = match spare {
            Some(index) => self.spare.swap_remove(index),
            None => memory.allocate(self.context.driver, bytes, self.stream)?,
        };
        self.blocks.push(block);
        Ok(ptr::with_exposed_provenance_mut(block.address as usize))
    }

    pub fn free(&mut self, device: *mut c_void) -> Result<(), i32> {
        if device.is_null() {
            return Ok(());
        }
        // The most recent allocation is usually freed first.
        let index = self.blocks.iter().rposition(|block| block.address == address(device)).ok_or(status::INTERNAL)?;
        let block = self.blocks.swap_remove(index);
        match self.context.memory.is_ordered() {
            true => self.context.memory.free(block, self.stream),
            false => {
                self.spare.push(block);
                Ok(())
            }
        }
    }

    /// Copies from the host to the device.
    ///
    /// # Safety
    /// Both ranges are valid. The host memory stays valid until the call or a download has finished.
    pub unsafe fn upload(&mut self, device: *mut c_void, host: *const c_void, bytes: i64) -> Result<(), i32> {
        let bytes = length(bytes)?;
        if bytes == 0 {
            return Ok(());
        }
        self.pending = true;
        // SAFETY: guaranteed by the caller.
        check(unsafe { (self.context.driver.cuMemcpyHtoDAsync)(address(device), host, bytes, self.stream) })
    }

    /// Copies from the device to the host.
    ///
    /// # Safety
    /// As for [`Running::upload`].
    pub unsafe fn download(&mut self, host: *mut c_void, device: *const c_void, bytes: i64) -> Result<(), i32> {
        let bytes = length(bytes)?;
        if bytes == 0 {
            return Ok(());
        }
        self.pending = true;
        // SAFETY: guaranteed by the caller.
        check(unsafe { (self.context.driver.cuMemcpyDtoHAsync)(host, address(device), bytes, self.stream) })?;
        self.wait()
    }

    /// Copies within device memory.
    ///
    /// # Safety
    /// Both ranges are valid.
    pub unsafe fn copy(&mut self, to: *mut c_void, from: *const c_void, bytes: i64) -> Result<(), i32> {
        let bytes = length(bytes)?;
        if bytes == 0 {
            return Ok(());
        }
        self.pending = true;
        // SAFETY: guaranteed by the caller.
        check(unsafe { (self.context.driver.cuMemcpyDtoDAsync)(address(to), address(from), bytes, self.stream) })
    }

    /// Launches a kernel.
    ///
    /// # Safety
    /// The parameters are the kernel's.
    pub unsafe fn launch(
        &mut self,
        kernel: i32,
        grid: [i64; 3],
        block: [i64; 3],
        parameters: *mut *mut c_void,
    ) -> Result<(), i32> {
        let kernel = self.kernels.get(kernel)?;
        if grid.contains(&0) {
            return Ok(());
        }
        let count = |extent: i64| u32::try_from(extent).map_err(|_| status::GRID);
        let [gx, gy, gz] = [count(grid[0])?, count(grid[1])?, count(grid[2])?];
        let [bx, by, bz] = [count(block[0])?, count(block[1])?, count(block[2])?];
        self.pending = true;
        // SAFETY: guaranteed by the caller.
        check(unsafe {
            (self.context.driver.cuLaunchKernel)(
                kernel,
                gx,
                gy,
                gz,
                bx,
                by,
                bz,
                0,
                self.stream,
                parameters,
                ptr::null_mut(),
            )
        })
    }

    fn wait(&mut self) -> Result<(), i32> {
        // SAFETY: the stream belongs to the call.
        check(unsafe { (self.context.driver.cuStreamSynchronize)(self.stream) })?;
        self.pending = false;
        Ok(())
    }

    fn end(&mut self) -> Result<(), i32> {
        let memory = &self.context.memory;
        let held = !self.blocks.is_empty() || !self.spare.is_empty();
        // If memory is not stream-ordered, the stream must be idle before another call may use a block.
        let mut outcome = match memory.is_ordered() || !held || !self.pending {
            true => Ok(()),
            false => self.wait(),
        };
        for block in self.blocks.drain(..).chain(self.spare.drain(..)) {
            outcome = outcome.and(memory.free(block, self.stream));
        }
        if !self.on_device {
            if self.pending {
                outcome = outcome.and(self.wait());
            }
            self.context.give_back_stream(self.stream);
        }
        self.current = None;
        outcome
    }
}

fn address(device: *const c_void) -> CUdeviceptr {
    device.addr() as CUdeviceptr
}

fn length(bytes: i64) -> Result<usize, i32> {
    usize::try_from(bytes).map_err(|_| status::MEMORY)
}
