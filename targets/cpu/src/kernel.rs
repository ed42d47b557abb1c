//! Functions that many programs call, compiled once, when the compiler is built.

use crate::Error;
use crate::code::{object, optimize, translate};
use crate::machine::{Level, Vectors, machine_with};
use crate::passes::ALL;
use dp_dialects::ir::Op;
use inkwell::GlobalVisibility;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};

/// Machine code of one function, for all processors with vectors of one width.
#[derive(Clone, Copy, Debug)]
pub struct Kernel {
    /// The function, hidden in the library that it is linked into.
    pub symbol: &'static str,
    /// The bytes of the vectors that it computes with.
    pub vector_bytes: usize,
    /// The relocatable object.
    pub object: &'static [u8],
}

/// What a processor must have beside the first one of 64 bits, for each width of vectors.
const FEATURES: [(usize, &str); 3] = [
    (16, ""),
    (32, "+avx2,+fma,+f16c"),
    // Of 64 bytes, integers of 8 and 16 bits are a matter of BW, products of those of 64 bits one of DQ.
    (64, "+avx512f,+avx512bw,+avx512dq,+avx512vl,+avx2,+fma,+f16c"),
];

impl Kernel {
    /// Whether it is what a processor with such vectors is to run.
    pub fn serves(&self, vectors: Vectors) -> bool {
        self.vector_bytes == vectors.bytes
            && match vectors.bytes {
                16 => true,
                32 => vectors.fused && vectors.native_f16,
                _ => vectors.fused && vectors.native_f16 && vectors.all_integers,
            }
    }
}

/// The object of a [`Kernel`], from a module in LLVM's dialect.
///
/// # Errors
/// Where LLVM fails.
pub fn compile(module: Op, symbol: &str, vector_bytes: usize) -> Result<Vec<u8>, Error> {
    let features = FEATURES.into_iter().find(|(bytes, _)| *bytes == vector_bytes).map_or("", |(_, features)| features);
    let machine = machine_with("x86-64", features, Level::O3)?;
    let context = Context::create();
    let translated = translate(module, &context, &machine, vector_bytes)?;
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
