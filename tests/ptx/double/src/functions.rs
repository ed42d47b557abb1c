//! Kernels: their attributes, occupancy, launches.

use std::ffi::{c_int, c_uint, c_void};

use dp_ptx::{FaultKind, Launch};

use crate::device::{capability, most_shared};
use crate::error::{Code, INVALID_HANDLE, INVALID_VALUE, LAUNCH_FAILED, NOT_SUPPORTED, code};
use crate::report;
use crate::state::{Done, Function, State, give, in_context, told};

/// Shared memory that a kernel gets without being allowed more.
const SHARED: u32 = 48 * 1024;
/// `CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES`, and how the rest of shared memory is divided.
const DYNAMIC_SHARED: c_int = 8;
const CARVEOUT: c_int = 9;
/// Threads and blocks of a multiprocessor.
const THREADS: u32 = 2048;
const BLOCKS: u32 = 32;

fn function(s: &State, handle: usize) -> Done<&Function> {
    s.functions.get(&handle).ok_or(INVALID_HANDLE)
}

/// `cuFuncGetAttribute`
///
/// # Safety
///
/// As the driver's: here and below, pointers have room for what is given.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuFuncGetAttribute(out: *mut c_int, attribute: c_int, handle: usize) -> Code {
    in_context(|s| {
        let f = function(s, handle)?;
        let threads = f.module.function(&f.name).and_then(|f| f.threads);
        let registers: u32 = f.module.registers(&f.name).iter().map(|r| r.1 * r.0.bytes().div_ceil(4)).sum();
        let (major, minor) = capability();
        let value = match attribute {
            0 => threads.map_or(1024, |(_, t)| t.iter().product()),
            1 => f.module.shared_bytes(&f.name) as u32,
            2 => 0,
            3 => f.module.local_bytes(&f.name) as u32,
            // What `ptxas` would need is not known; it is at most this.
            4 => registers.min(255),
            5 => 10 * f.module.version.0 + f.module.version.1,
            6 => 10 * major + minor,
            7 => 0,
            8 => f.dynamic_shared.max(SHARED - (f.module.shared_bytes(&f.name) as u32).min(SHARED)),
            // No preference.
            9 => u32::MAX,
            _ => return Err(INVALID_VALUE),
        };
        // SAFETY: the caller's promise.
        unsafe { give(out, value as c_int) }
    })
}

/// `cuFuncSetAttribute`
#[unsafe(no_mangle)]
pub extern "C" fn cuFuncSetAttribute(handle: usize, attribute: c_int, value: c_int) -> Code {
    in_context(|s| {
        let statically = {
            let f = function(s, handle)?;
            f.module.shared_bytes(&f.name) as i64
        };
        match attribute {
            DYNAMIC_SHARED if value >= 0 && i64::from(value) + statically <= i64::from(most_shared()) => {
                s.functions.get_mut(&handle).ok_or(INVALID_HANDLE)?.dynamic_shared = value as u32;
                Ok(())
            }
            CARVEOUT => Ok(()),
            _ => Err(INVALID_VALUE),
        }
    })
}

/// `cuFuncSetCacheConfig`: there is no cache.
#[unsafe(no_mangle)]
pub extern "C" fn cuFuncSetCacheConfig(handle: usize, _: c_int) -> Code {
    in_context(|s| function(s, handle).map(|_| ()))
}

fn resident(f: &Function, threads: u32, shared: u64) -> u32 {
    let shared = shared + f.module.shared_bytes(&f.name);
    let by_shared = if shared == 0 { u64::from(BLOCKS) } else { u64::from(most_shared() + 1024) / (shared + 1024) };
    (THREADS / threads.max(1).next_multiple_of(32)).min(BLOCKS).min(by_shared as u32)
}

/// `cuOccupancyMaxActiveBlocksPerMultiprocessor`: by threads and shared memory; registers are not known.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessor(
    out: *mut c_int,
    handle: usize,
    threads: c_int,
    shared: usize,
) -> Code {
    in_context(|s| {
        if !(1..=1024).contains(&threads) {
            return Err(INVALID_VALUE);
        }
        let blocks = resident(function(s, handle)?, threads as u32, shared as u64);
        // SAFETY: the caller's promise.
        unsafe { give(out, blocks as c_int) }
    })
}

/// `cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(
    out: *mut c_int,
    handle: usize,
    threads: c_int,
    shared: usize,
    _: c_uint,
) -> Code {
    // SAFETY: the caller's promise.
    unsafe { cuOccupancyMaxActiveBlocksPerMultiprocessor(out, handle, threads, shared) }
}

/// What `cuLaunchKernelEx` is told.
#[repr(C)]
#[allow(missing_docs)]
pub struct Config {
    pub grid: [c_uint; 3],
    pub block: [c_uint; 3],
    pub shared: c_uint,
    pub stream: usize,
    pub attributes: *const c_void,
    pub count: c_uint,
}

/// `cuLaunchKernel`
///
/// # Safety
///
/// As the driver's: there is a pointer for each parameter, and it points to a value of the parameter's size.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernel(
    handle: usize,
    grid_x: c_uint,
    grid_y: c_uint,
    grid_z: c_uint,
    block_x: c_uint,
    block_y: c_uint,
    block_z: c_uint,
    shared: c_uint,
    stream: usize,
    params: *const *const c_void,
    extra: *const *const c_void,
) -> Code {
    let (grid, block) = ([grid_x, grid_y, grid_z], [block_x, block_y, block_z]);
    // SAFETY: the caller's promise.
    in_context(|s| unsafe { launch(s, handle, grid, block, shared, stream, params, extra) })
}

/// `cuLaunchKernelEx`: attributes of launches are not known.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuLaunchKernelEx(
    config: *const Config,
    handle: usize,
    params: *const *const c_void,
    extra: *const *const c_void,
) -> Code {
    in_context(|s| {
        if config.is_null() {
            return Err(INVALID_VALUE);
        }
        // SAFETY: the caller's promise.
        let c = unsafe { &*config };
        if c.count > 0 {
            return Err(NOT_SUPPORTED);
        }
        // SAFETY: the caller's promise.
        unsafe { launch(s, handle, c.grid, c.block, c.shared, c.stream, params, extra) }
    })
}

#[allow(clippy::too_many_arguments)]
unsafe fn launch(
    s: &mut State,
    handle: usize,
    grid: [u32; 3],
    block: [u32; 3],
    shared: u32,
    stream: usize,
    params: *const *const c_void,
    extra: *const *const c_void,
) -> Done {
    s.stream(stream)?;
    let f = function(s, handle)?.clone();
    if !extra.is_null() {
        return Err(NOT_SUPPORTED);
    }
    let statically = f.module.shared_bytes(&f.name) as u32;
    if shared > f.dynamic_shared && shared + statically > SHARED {
        report::complain(&format!(
            "kernel '{}': {shared} bytes of dynamic shared memory beside {statically}; above {SHARED} in all, \
             cuFuncSetAttribute must allow them",
            f.name
        ));
        return Err(INVALID_VALUE);
    }
    let declared = &f.module.function(&f.name).ok_or(INVALID_HANDLE)?.parameters;
    if params.is_null() && !declared.is_empty() {
        return Err(INVALID_VALUE);
    }
    let mut values: Vec<&[u8]> = Vec::new();
    for (n, parameter) in declared.iter().enumerate() {
        // SAFETY: the caller says that there is a pointer for each parameter, to a value of its size.
        unsafe {
            let value = params.add(n).read();
            if value.is_null() {
                return Err(INVALID_VALUE);
            }
            values.push(std::slice::from_raw_parts(value.cast(), parameter.bytes as usize));
        }
    }
    let seed = told("DP_CUDA_DOUBLE_SEED").unwrap_or(0);
    let what = Launch::new(&f.name, grid, block, &values).shared(shared).seed(seed.wrapping_add(s.launches));
    s.launches += 1;
    if told("DP_CUDA_DOUBLE_FAIL").is_some_and(|launch| s.launches > launch) {
        s.broken = Some(LAUNCH_FAILED);
        return Err(LAUNCH_FAILED);
    }
    match what.run(&f.module, &mut s.memory) {
        Ok(counts) => {
            report::count(&format!(
                "{{\"kernel\":\"{}\",\"grid\":{grid:?},\"block\":{block:?},\"shared\":{shared},\"counts\":{}}}",
                f.name,
                counts.to_json()
            ));
            Ok(())
        }
        Err(fault) => {
            report::complain(&format!("fault: {fault}"));
            let code = code(&fault.kind);
            // A launch that did not begin leaves the context as it was.
            if !matches!(fault.kind, FaultKind::BadLaunch(_)) {
                s.broken = Some(code);
            }
            Err(code)
        }
    }
}
