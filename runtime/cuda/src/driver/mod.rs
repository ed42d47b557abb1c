//! The functions of the driver.
//!
//! cudarc provides the path of the driver library and its types. Functions are looked up here, because cudarc panics if
//! one is missing, and represents results as a Rust enum, which does not have the errors of newer drivers.

pub mod status;

use std::ffi::{c_char, c_int, c_uint, c_void};
use std::sync::OnceLock;

use cudarc::driver::sys::{self, CUcontext, CUdeviceptr, CUfunction, CUmemoryPool, CUmodule, CUstream};

macro_rules! functions {
    ($(#[$doc:meta])* $table:ident: $($name:ident = $symbol:literal, ($($type:ty),*);)*) => {
        $(#[$doc])*
        #[allow(non_snake_case)]
        pub struct $table { $(pub $name: unsafe extern "C" fn($($type),*) -> c_uint,)* }

        impl $table {
            /// Looks up all functions.
            ///
            /// # Safety
            /// The addresses belong to functions of a CUDA driver.
            unsafe fn find(address: &dyn Fn(&str) -> Option<*mut c_void>) -> Option<$table> {
                // SAFETY: the functions of the driver have these types.
                unsafe {
                    Some($table {
                        $($name: std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($type),*) -> c_uint>(
                            address($symbol)?
                        ),)*
                    })
                }
            }
        }
    };
}
functions! {
    /// Functions of every driver.
    Functions:
    cuInit = "cuInit", (c_uint);
    cuGetErrorString = "cuGetErrorString", (c_uint, *mut *const c_char);
    cuDeviceGetCount = "cuDeviceGetCount", (*mut c_int);
    cuDeviceGet = "cuDeviceGet", (*mut c_int, c_int);
    cuDeviceGetAttribute = "cuDeviceGetAttribute", (*mut c_int, c_int, c_int);
    cuDevicePrimaryCtxRetain = "cuDevicePrimaryCtxRetain", (*mut CUcontext, c_int);
    cuCtxGetCurrent = "cuCtxGetCurrent", (*mut CUcontext);
    cuCtxSetCurrent = "cuCtxSetCurrent", (CUcontext);
    cuCtxGetDevice = "cuCtxGetDevice", (*mut c_int);
    cuStreamCreate = "cuStreamCreate", (*mut CUstream, c_uint);
    cuStreamSynchronize = "cuStreamSynchronize", (CUstream);
    cuMemAlloc = "cuMemAlloc_v2", (*mut CUdeviceptr, usize);
    cuMemFree = "cuMemFree_v2", (CUdeviceptr);
    cuMemcpyHtoDAsync = "cuMemcpyHtoDAsync_v2", (CUdeviceptr, *const c_void, usize, CUstream);
    cuMemcpyDtoHAsync = "cuMemcpyDtoHAsync_v2", (*mut c_void, CUdeviceptr, usize, CUstream);
    cuMemcpyDtoDAsync = "cuMemcpyDtoDAsync_v2", (CUdeviceptr, CUdeviceptr, usize, CUstream);
    cuModuleLoadDataEx = "cuModuleLoadDataEx", (*mut CUmodule, *const c_void, c_uint, *mut c_uint, *mut *mut c_void);
    cuModuleUnload = "cuModuleUnload", (CUmodule);
    cuModuleGetFunction = "cuModuleGetFunction", (*mut CUfunction, CUmodule, *const c_char);
    cuLaunchKernel = "cuLaunchKernel", (
        CUfunction, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, c_uint, CUstream, *mut *mut c_void, *mut *mut c_void
    );
}
functions! {
    /// The context of a stream.
    Streams:
    cuStreamGetCtx = "cuStreamGetCtx", (CUstream, *mut CUcontext);
}
functions! {
    /// Stream-ordered memory.
    Ordered:
    cuMemAllocAsync = "cuMemAllocAsync", (*mut CUdeviceptr, usize, CUstream);
    cuMemFreeAsync = "cuMemFreeAsync", (CUdeviceptr, CUstream);
}
functions! {
    /// Memory pools other than the device's default.
    Pools:
    cuMemPoolCreate = "cuMemPoolCreate", (*mut CUmemoryPool, *const sys::CUmemPoolProps);
    cuMemPoolSetAttribute = "cuMemPoolSetAttribute", (CUmemoryPool, c_uint, *mut c_void);
    cuMemAllocFromPoolAsync = "cuMemAllocFromPoolAsync", (*mut CUdeviceptr, usize, CUmemoryPool, CUstream);
}

/// An initialized driver.
pub struct Driver {
    functions: Functions,
    /// The following are missing in old drivers and some mocks.
    pub streams: Option<Streams>,
    pub ordered: Option<Ordered>,
    pub pools: Option<Pools>,
}

impl std::ops::Deref for Driver {
    type Target = Functions;

    fn deref(&self) -> &Functions {
        &self.functions
    }
}

/// The driver of this machine, or the status if there is none. It is loaded once.
pub fn get() -> Result<&'static Driver, i32> {
    static DRIVER: OnceLock<Result<Driver, i32>> = OnceLock::new();
    DRIVER.get_or_init(find).as_ref().map_err(|status| *status)
}

fn find() -> Result<Driver, i32> {
    // SAFETY: a file called libcuda.so is a CUDA driver. Its presence is checked first, since cudarc panics otherwise.
    unsafe {
        if !sys::is_culib_present() {
            return Err(status::NO_DRIVER);
        }
        let library = sys::culib();
        let address = |symbol: &str| {
            let address = library.get::<*mut c_void>(symbol.as_bytes()).ok().map(|address| *address);
            address.filter(|address| !address.is_null())
        };
        let functions = Functions::find(&address).ok_or(status::OLD_DRIVER)?;
        let (streams, ordered, pools) = (Streams::find(&address), Ordered::find(&address), Pools::find(&address));
        check((functions.cuInit)(0))?;
        Ok(Driver { functions, streams, ordered, pools })
    }
}

/// Converts a driver result to a status.
pub fn check(result: c_uint) -> Result<(), i32> {
    match result {
        0 => Ok(()),
        error => Err(status::of(error)),
    }
}
