//! Precompiled functions, built with the compiler.

use crate::Error;
use crate::code::{object, optimize, translate};
use crate::machine::{Level, Vectors, machine_with};
use crate::passes::ALL;
use dp_dialects::ir::Op;
use dp_passes::manager::VectorWidth;
use inkwell::GlobalVisibility;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};

/// Machine code of one function, for all CPUs with vectors of one width.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// The function, hidden in the library that it is linked into.
    pub symbol: &'static str,
    /// The vectors that it computes with.
    pub width: VectorWidth,
    /// The relocatable object.
    pub object: &'static [u8],
}

/// What a CPU must have beside the first one of 64 bits.
fn features(width: VectorWidth) -> &'static str {
    match width {
        VectorWidth::Bytes16 => "",
        VectorWidth::Bytes32 => "+avx2,+fma,+f16c",
        // Integers of 8 and 16 bits are a matter of BW, products of those of 64 bits one of DQ.
        VectorWidth::Bytes64 => "+avx512f,+avx512bw,+avx512dq,+avx512vl,+avx2,+fma,+f16c",
    }
}

impl Kernel {
    /// Whether it is what a CPU with such vectors is to run.
    pub fn serves(&self, vectors: Vectors) -> bool {
        self.width == vectors.width
            && match vectors.width {
                VectorWidth::Bytes16 => true,
                VectorWidth::Bytes32 => vectors.fused && vectors.native_f16,
                VectorWidth::Bytes64 => vectors.fused && vectors.native_f16 && vectors.all_integers,
            }
    }
}

/// The object of a [`Kernel`], from a module in LLVM's dialect.
///
/// # Errors
/// Where LLVM fails.
pub fn compile(module: Op, symbol: &str, width: VectorWidth) -> Result<Vec<u8>, Error> {
    let machine = machine_with("x86-64", features(width), Level::O3)?;
    let context = Context::create();
    let translated = translate(module, &context, &machine, width)?;
    hide(&translated, symbol);
    optimize(&translated, &machine, ALL)?;
    object(&translated, &machine)
}

/// Nothing is seen from outside but the function, and that not from outside of its library.
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
