//! Compiles the matmul kernels.

use dp_cpu::VectorWidth;
use dp_cpu_passes::dot::DotKernel;
use dp_dialects::context::context;
use dp_lower::LowerOptions;
use melior::ir::Module;
use melior::ir::operation::OperationRef;
use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    let folder = std::env::var("OUT_DIR")?;
    let folder = Path::new(&folder);
    let mut rows = String::new();
    for width in VectorWidth::ALL {
        for element in DotKernel::elements() {
            let kernel = DotKernel::new(element, width.bytes());
            let path = folder.join(format!("{}_{}.o", kernel.symbol(), width.bytes()));
            std::fs::write(&path, compile(&kernel, width)?)?;
            writeln!(
                rows,
                "    Kernel {{ symbol: {:?}, width: VectorWidth::{width:?}, object: include_bytes!({path:?}) }},",
                kernel.symbol()
            )?;
        }
    }
    Ok(std::fs::write(folder.join("kernels.rs"), format!("&[\n{rows}]\n"))?)
}

fn compile(kernel: &DotKernel, width: VectorWidth) -> Result<Vec<u8>, Box<dyn Error>> {
    let context = context();
    let module = Module::parse(&context, &kernel.render()).ok_or("the text of a product does not parse")?;
    // SAFETY: the module outlives the operation.
    let op = unsafe { OperationRef::from_raw(module.as_operation().to_raw()) };
    let options = LowerOptions {
        vectors: width,
        native_f16: width != VectorWidth::Bytes16,
        ..LowerOptions::new(&dp_cpu::PIPELINE)
    };
    dp_cpu::lower_written(op, &options)?;
    Ok(dp_cpu::compile_kernel(op, &kernel.symbol(), width)?)
}
