//! The image that the library passes to the runtime: the PTX and the names of the kernels.

use dp_dialects::Result;
use dp_dialects::ir::{Op, body_ops, context_of, erase, symbol_name};
use dp_dialects::marks::KERNELS;
use dp_passes::text::{self, quoted};
use melior::ir::operation::OperationLike;
use std::fmt::Write as _;

/// The symbol, hidden in the library.
pub(crate) const IMAGE: &str = "dp_cuda_image_of_library";

/// Replaces the kernels in a lowered module by their PTX.
///
/// # Errors
/// If MLIR rejects the result.
pub fn embed<'c>(module: Op<'c>, ptx: &str) -> Result<()> {
    for op in body_ops(module) {
        if op.name().as_string_ref().as_str() == Ok("gpu.module") || symbol_name(op) == Some(IMAGE) {
            erase(op);
        }
    }
    let names = KERNELS.of(module).unwrap_or_default();
    let text = text::parse(context_of(module), &render(ptx, &names), "the library's kernels")?;
    text::append(module, &text);
    Ok(())
}

fn render(ptx: &str, names: &[String]) -> String {
    let mut text = String::new();
    let mut constant = |name: &str, value: &str| {
        let value = format!("{value}\0");
        let _ = writeln!(
            text,
            "llvm.mlir.global private constant @{name}({}) : !llvm.array<{} x i8>",
            quoted(&value),
            value.len()
        );
    };
    constant("dp_cuda_ptx", ptx);
    for (index, name) in names.iter().enumerate() {
        constant(&format!("dp_cuda_kernel.{index}"), name);
    }
    let count = names.len();
    let table = format!("!llvm.array<{count} x ptr>");
    let _ = write!(
        text,
        "llvm.mlir.global private constant @dp_cuda_kernels() : {table} {{\n  %0 = llvm.mlir.poison : {table}\n"
    );
    for index in 0..count {
        let next = index + 1;
        let _ = write!(
            text,
            "  %a{index} = llvm.mlir.addressof @dp_cuda_kernel.{index} : !llvm.ptr\n  \
             %{next} = llvm.insertvalue %a{index}, %{index}[{index}] : {table}\n"
        );
    }
    let _ = write!(text, "  llvm.return %{count} : {table}\n}}\n");
    const FIELDS: [&str; 5] = ["ptx", "length", "kernels", "count", "cache"];
    let image = "!llvm.struct<(ptr, i64, ptr, i64, ptr)>";
    let _ = write!(
        text,
        "llvm.mlir.global external hidden @{IMAGE}() {{addr_space = 0 : i32}} : {image} {{\n  \
         %ptx = llvm.mlir.addressof @dp_cuda_ptx : !llvm.ptr\n  \
         %length = llvm.mlir.constant({} : i64) : i64\n  \
         %kernels = llvm.mlir.addressof @dp_cuda_kernels : !llvm.ptr\n  \
         %count = llvm.mlir.constant({count} : i64) : i64\n  \
         %cache = llvm.mlir.zero : !llvm.ptr\n  %0 = llvm.mlir.poison : {image}\n",
        ptx.len()
    );
    for (index, field) in FIELDS.iter().enumerate() {
        let _ = writeln!(text, "  %{} = llvm.insertvalue %{field}, %{index}[{index}] : {image}", index + 1);
    }
    let _ = write!(text, "  llvm.return %{} : {image}\n}}\n", FIELDS.len());
    text
}
