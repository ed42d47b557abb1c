//! Precompiled functions, which are compiled when the compiler is built.

use crate::Error;
use crate::code::{object, optimize, translate};
use crate::machine::{Level, Vectors, machine_with};
use crate::passes::ALL;
use dp_dialects::ir::Op;
use dp_passes::manager::VectorWidth;
use inkwell::GlobalVisibility;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};

/// The machine code of a function, for all CPUs with the same vector width.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// The symbol of the function, which has hidden visibility.
    pub symbol: &'static str,
    /// The vector width.
    pub width: VectorWidth,
    /// The relocatable object.
    pub object: &'static [u8],
}

/// The required CPU features besides baseline x86-64.
fn features(width: VectorWidth) -> &'static str {
    match width {
        VectorWidth::Bytes16 => "",
        VectorWidth::Bytes32 => "+avx2,+fma,+f16c",
        // BW has operations on integers of 8 and 16 bits, DQ multiplication of 64-bit integers.
        VectorWidth::Bytes64 => "+avx512f,+avx512bw,+avx512dq,+avx512vl,+avx2,+fma,+f16c",
    }
}

impl Kernel {
    /// Whether the kernel is the one for a CPU with these vectors.
    pub fn serves(&self, vectors: Vectors) -> bool {
        self.width == vectors.width
            && match vectors.width {
                VectorWidth::Bytes16 => true,
                VectorWidth::Bytes32 => vectors.fused && vectors.native_f16,
                VectorWidth::Bytes64 => vectors.fused && vectors.native_f16 && vectors.all_integers,
            }
    }
}

/// Compiles a module in the LLVM dialect to the object of a [`Kernel`].
///
/// # Errors
/// If LLVM fails.
pub fn compile(module: Op, symbol: &str, width: VectorWidth) -> Result<Vec<u8>, Error> {
    let machine = machine_with("x86-64", features(width), Level::O3)?;
    let context = Context::create();
    let translated = translate(module, &context, &machine, width)?;
    hide(&translated, symbol);
    optimize(&translated, &machine, ALL)?;
    object(&translated, &machine)
}

/// Gives the function hidden visibility, and all others internal linkage.
fn hide(module: &Module, symbol: &str) {
    for function in module.get_functions().filter(|function| function.count_basic_blocks() > 0) {
        if function.get_name().to_bytes() == symbol.as_bytes() {
            function.set_linkage(Linkage::External);
            function.as_global_value().set_visibility(GlobalVisibility::Hidden);
        } else {
            function.set_linkage(Linkage::Internal);
        }
    }
}
