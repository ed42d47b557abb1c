//! The interface of targets: a target says which pipeline lowers a module for
//! it, and makes artifacts of what comes out. It never lowers by itself.

use dp_abi::Library;

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
    /// What lowering makes for the target: a module in LLVM's dialect, or text.
    type Lowered<'a>;
    /// What it can make.
    type Kind;
    /// Why an artifact cannot be made.
    type Error;

    /// The name by which a user asks for it.
    fn name(&self) -> &'static str;

    /// How a module is lowered for it.
    fn pipeline(&self) -> Self::Lowering;

    /// Makes an artifact of a lowered program.
    ///
    /// # Errors
    /// Where the target's tools fail.
    fn emit(&self, lowered: Self::Lowered<'_>, library: &Library, kind: Self::Kind) -> Result<Artifact, Self::Error>;
}
