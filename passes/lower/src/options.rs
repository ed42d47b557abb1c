//! What a user may choose.

use dp_dialects::FloatModel;

/// What runs the loops.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Road {
    /// The processor.
    #[default]
    Cpu,
    /// A device of NVIDIA's; the processor tells it what to do.
    Cuda,
}

/// What the lowering is told.
#[derive(Clone, Debug)]
pub struct LowerOptions {
    /// The name of the library.
    pub library_name: String,
    /// The floating-point model.
    pub fp: FloatModel,
    /// The widest useful vectors of the processor, in bytes: 16, 32 or 64.
    pub vector_bytes: usize,
    /// Whether the processor has instructions that convert f16.
    pub native_f16: bool,
    /// What runs the loops.
    pub road: Road,
    /// Symbols of matrix products that are linked in later, so that the module only declares them.
    pub linked: Vec<&'static str>,
}

impl Default for LowerOptions {
    fn default() -> Self {
        LowerOptions {
            library_name: "model".into(),
            fp: FloatModel::Reassociate,
            vector_bytes: 32,
            native_f16: false,
            road: Road::Cpu,
            linked: Vec::new(),
        }
    }
}
