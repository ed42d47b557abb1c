//! The interface of targets: a target says which pipeline lowers a module for
//! it, and makes artifacts of what comes out. It never lowers by itself.

use dp_abi::Library;
use dp_dialects::ir::Op;

/// What a target can make of a lowered module.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The target's own intermediate text.
    Llvm,
    /// Assembly.
    Assembly,
    /// A relocatable object.
    Object,
    /// A shared library.
    SharedLibrary,
    /// The C header of the library.
    Header,
}

/// What a target has made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Artifact {
    /// The contents of the file to write.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Artifact::Text(text) => text.as_bytes(),
            Artifact::Bytes(bytes) => bytes,
        }
    }
}

/// A target of compilation.
pub trait Target {
    /// What lowering for the target is told.
    type Lowering;
    /// Why an artifact cannot be made.
    type Error;

    /// The name by which a user asks for it.
    fn name(&self) -> &'static str;

    /// How a module is lowered for it.
    fn pipeline(&self) -> Self::Lowering;

    /// Makes an artifact of a lowered module.
    ///
    /// # Errors
    /// Where the target's tools fail.
    fn emit(&self, module: Op, library: &Library, kind: Kind) -> Result<Artifact, Self::Error>;
}
