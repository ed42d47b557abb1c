//! Compiles the matmul kernels.

use dp_cpu::VectorWidth;
use dp_cpu_passes::dot::DotKernel;
use dp_dialects::context::{context, registry};
use dp_lower::LowerOptions;
use melior::ir::Module;
use melior::ir::operation::OperationRef;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let folder = std::env::var("OUT_DIR")?;
    let folder = Path::new(&folder);
    let of_width = |width: VectorWidth| DotKernel::all(width.bytes()).map(move |kernel| (kernel, width));
    let kernels: Vec<(DotKernel, VectorWidth)> = VectorWidth::ALL.into_iter().flat_map(of_width).collect();
    // The index of the next kernel; each thread takes one at a time.
    let next = AtomicUsize::new(0);
    let compile_some = || -> Result<(), String> {
        while let Some((kernel, width)) = kernels.get(next.fetch_add(1, Ordering::Relaxed)) {
            std::fs::write(object(folder, kernel, *width), compile(kernel, *width)?)
                .map_err(|error| error.to_string())?;
        }
        Ok(())
    };
    let jobs = std::env::var("NUM_JOBS").ok().and_then(|jobs| jobs.parse().ok()).unwrap_or(1);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(compile_some)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a thread panicked".to_string())?)
    })?;
    let mut rows = String::new();
    for (kernel, width) in &kernels {
        let (symbol, path) = (kernel.symbol(), object(folder, kernel, *width));
        writeln!(
            rows,
            "    Kernel {{ symbol: {symbol:?}, width: VectorWidth::{width:?}, object: include_bytes!({path:?}) }},"
        )?;
    }
    Ok(std::fs::write(folder.join("kernels.rs"), format!("&[\n{rows}]\n"))?)
}

/// The path of the object of a kernel.
fn object(folder: &Path, kernel: &DotKernel, width: VectorWidth) -> PathBuf {
    folder.join(format!("{}_{}.o", kernel.symbol(), width.bytes()))
}

fn compile(kernel: &DotKernel, width: VectorWidth) -> Result<Vec<u8>, String> {
    let context = context(&registry());
    let module = Module::parse(&context, &kernel.render()).ok_or("the text of a kernel does not parse")?;
    // SAFETY: the module outlives the operation.
    let op = unsafe { OperationRef::from_raw(module.as_operation().to_raw()) };
    let options = LowerOptions {
        vectors: width,
        native_f16: width != VectorWidth::Bytes16,
        ..LowerOptions::new(&dp_cpu::PIPELINE)
    };
    dp_cpu::lower_written(op, &options).map_err(|error| error.to_string())?;
    dp_cpu::compile_kernel(op, &kernel.symbol(), width).map_err(|error| error.to_string())
}
