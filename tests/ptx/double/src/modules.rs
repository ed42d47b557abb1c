//! Modules: PTX text, and its kernels and variables by name.

use std::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::sync::Arc;

use dp_ptx::Module;

use crate::device::capability;
use crate::error::{
    Code, FILE_NOT_FOUND, INVALID_HANDLE, INVALID_PTX, INVALID_VALUE, NO_BINARY_FOR_GPU, NOT_FOUND, OUT_OF_MEMORY,
    UNSUPPORTED_PTX_VERSION,
};
use crate::report;
use crate::state::{Done, Function, State, give, in_context, initialized};

/// The newest PTX that the driver which is doubled reads.
const NEWEST: (u32, u32) = (8, 8);
/// The most bytes of shared memory that a kernel may name, on every chip: more is to be asked for at the launch.
const MOST_STATIC: u64 = 48 * 1024;
/// How a binary and a container of binaries begin.
const BINARIES: &[&[u8]] = &[b"\x7fELF", &[0x50, 0xed, 0x55, 0xba]];
/// `CU_JIT_ERROR_LOG_BUFFER` and its size.
const LOG: (c_int, c_int) = (5, 6);

/// Why a text is no module for this device.
fn load(text: &str) -> Result<Module, (Code, String)> {
    let module = Module::parse(text).map_err(|e| (INVALID_PTX, e.to_string()))?;
    if module.version > NEWEST {
        return Err((UNSUPPORTED_PTX_VERSION, format!("PTX {:?}, where {NEWEST:?} is the newest", module.version)));
    }
    let (major, minor) = capability();
    let chip = module.target.trim_start_matches("sm_");
    let (own, number) = (10 * major + minor, chip.trim_end_matches(['a', 'f']).parse::<u32>().unwrap_or(u32::MAX));
    let fits = if chip.ends_with('a') { own == number } else { own >= number };
    if !fits {
        return Err((INVALID_PTX, format!("a module for {}, on a device that is sm_{own}", module.target)));
    }
    if let Some(name) = module.unresolved().first() {
        return Err((INVALID_PTX, format!("unresolved external '{name}'")));
    }
    let shared = module.kernels().map(|kernel| (kernel, module.shared_bytes(kernel)));
    if let Some((kernel, bytes)) = { shared }.find(|(_, bytes)| *bytes > MOST_STATIC) {
        let why = format!("'{kernel}' uses too much shared data: {bytes} bytes, where {MOST_STATIC} is the most");
        return Err((INVALID_PTX, why));
    }
    Ok(module)
}

fn enter(s: &mut State, out: *mut usize, text: &[u8]) -> Result<(), (Code, String)> {
    if BINARIES.iter().any(|magic| text.starts_with(magic)) {
        return Err((NO_BINARY_FOR_GPU, "a binary, where the double executes PTX text only".into()));
    }
    let text = std::str::from_utf8(text).map_err(|e| (INVALID_PTX, e.to_string()))?;
    let module = load(text)?;
    s.memory.load(&module).map_err(|e| (OUT_OF_MEMORY, e.to_string()))?;
    let handle = s.handle();
    // SAFETY: whoever calls has room for a handle.
    unsafe { give(out, handle) }.map_err(|code| (code, "no room for a handle".into()))?;
    s.modules.insert(handle, Arc::new(module));
    Ok(())
}

fn told(result: Result<(), (Code, String)>) -> Done {
    result.map_err(|(code, why)| {
        report::complain(&format!("module: {why}"));
        code
    })
}

/// The text of an image: up to its first zero, unless it is a binary.
///
/// # Safety
///
/// The image is text that ends in a zero, or a binary.
unsafe fn image<'a>(image: *const c_void) -> Done<&'a [u8]> {
    if image.is_null() {
        return Err(INVALID_VALUE);
    }
    // SAFETY: the caller's promise; the beginnings of binaries hold no zero in their first four bytes.
    Ok(unsafe { CStr::from_ptr(image.cast()) }.to_bytes())
}

/// `cuModuleLoadData`
///
/// # Safety
///
/// As the driver's: here and below, images and names end in a zero.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadData(out: *mut usize, data: *const c_void) -> Code {
    // SAFETY: the caller's promise.
    in_context(|s| told(enter(s, out, unsafe { image(data)? })))
}

/// `cuModuleLoadDataEx`: of the options, the log of errors is heard.
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoadDataEx(
    out: *mut usize,
    data: *const c_void,
    count: c_uint,
    options: *const c_int,
    values: *const *mut c_void,
) -> Code {
    in_context(|s| {
        // SAFETY: the caller's promise.
        let result = enter(s, out, unsafe { image(data)? });
        if let (Err((_, why)), false, false) = (&result, options.is_null(), values.is_null()) {
            // SAFETY: there are `count` options with a value each; the buffer has as many bytes as its size says.
            unsafe {
                let all = || (0..count as usize).map(|n| (options.add(n).read(), values.add(n).read()));
                let find = |option| all().find(|(o, _)| *o == option).map(|(_, value)| value);
                if let (Some(buffer), Some(size)) = (find(LOG.0), find(LOG.1))
                    && size as usize > 0
                {
                    let length = why.len().min(size as usize - 1);
                    std::ptr::copy_nonoverlapping(why.as_ptr(), buffer.cast(), length);
                    buffer.cast::<u8>().add(length).write(0);
                }
            }
        }
        told(result)
    })
}

/// `cuModuleLoad`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleLoad(out: *mut usize, file: *const c_char) -> Code {
    in_context(|s| {
        // SAFETY: the caller's promise.
        let name = unsafe { image(file.cast())? };
        let path = std::path::PathBuf::from(String::from_utf8_lossy(name).into_owned());
        let text = std::fs::read(path).map_err(|_| FILE_NOT_FOUND)?;
        told(enter(s, out, &text))
    })
}

/// `cuModuleUnload`
#[unsafe(no_mangle)]
pub extern "C" fn cuModuleUnload(module: usize) -> Code {
    initialized(|s| {
        let module = s.modules.remove(&module).ok_or(INVALID_HANDLE)?;
        s.memory.unload(&module);
        s.functions.retain(|_, f| f.module.id != module.id);
        Ok(())
    })
}

/// `cuModuleGetFunction`
///
/// # Safety
///
/// As the driver's.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetFunction(out: *mut usize, module: usize, name: *const c_char) -> Code {
    in_context(|s| {
        let module = s.modules.get(&module).cloned().ok_or(INVALID_HANDLE)?;
        // SAFETY: the caller's promise.
        let name = String::from_utf8_lossy(unsafe { image(name.cast())? }).into_owned();
        if !module.kernels().any(|kernel| kernel == name) {
            return Err(NOT_FOUND);
        }
        let known = s.functions.iter().find(|(_, f)| f.module.id == module.id && f.name == name).map(|(h, _)| *h);
        let handle = known.unwrap_or_else(|| s.handle());
        s.functions.entry(handle).or_insert(Function { module, name, dynamic_shared: 0 });
        // SAFETY: the caller's promise.
        unsafe { give(out, handle) }
    })
}

/// `cuModuleGetGlobal_v2`
///
/// # Safety
///
/// As the driver's; either pointer may be null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuModuleGetGlobal_v2(
    address: *mut u64,
    bytes: *mut usize,
    module: usize,
    name: *const c_char,
) -> Code {
    in_context(|s| {
        let module = s.modules.get(&module).cloned().ok_or(INVALID_HANDLE)?;
        // SAFETY: the caller's promise.
        let name = String::from_utf8_lossy(unsafe { image(name.cast())? }).into_owned();
        let addresses = s.memory.load(&module).map_err(|_| OUT_OF_MEMORY)?;
        let found = module.variables.iter().zip(addresses).find(|(v, at)| v.name == name && *at != 0);
        let (variable, at) = found.ok_or(NOT_FOUND)?;
        // SAFETY: the caller's promise.
        unsafe {
            if !address.is_null() {
                give(address, at)?;
            }
            if !bytes.is_null() {
                give(bytes, variable.bytes as usize)?;
            }
        }
        Ok(())
    })
}
