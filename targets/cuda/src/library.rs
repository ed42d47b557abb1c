//! Shared libraries: host code, the PTX of the kernels, and the runtime.

use crate::ptx::ptx;
use crate::{Error, Options};
use dp_abi::{Library, Packed};
use dp_cpu::Beside;
use dp_dialects::ir::Op;

/// The host runtime, as an archive, which is built with the compiler.
static RUNTIME: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/libdp_cuda_host.a"));

/// The contents of `libNAME.so`, from a lowered module, which is consumed.
///
/// # Errors
/// If LLVM or the linker fails.
pub(crate) fn shared_library(module: Op, library: &Library, options: &Options) -> Result<Vec<u8>, Error> {
    let text = ptx(module, options.chip)?;
    dp_gpu_passes::host::image::embed(module, &text).map_err(|diagnostic| Error::Llvm(diagnostic.to_string()))?;
    let exported: Vec<String> = library.functions().iter().filter_map(|function| function.device_symbol()).collect();
    let beside = Beside { exported: &exported, prefix: Some("dp_cuda_"), inputs: &[RUNTIME] };
    Ok(dp_cpu::shared_library(module, library, &options.host, beside)?)
}

/// The C header of the library.
pub(crate) fn header(library: &Library, options: &Options) -> String {
    let packed = if options.host.packed { Packed::Declared } else { Packed::Hidden };
    library.device_header(packed)
}
