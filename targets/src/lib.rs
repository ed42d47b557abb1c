//! The interface of targets. A target defines the pipeline that lowers a program for it, and makes artifacts from the
//! lowered program. It does not lower anything itself.

/// A compilation target.
pub trait Target {
    /// The options of its lowering.
    type Lowering;
    /// The lowered program: a module in the LLVM dialect with the description of its library, text, or the unchanged
    /// program.
    type Lowered<'a>;
    /// The kinds of artifacts.
    type Kind;
    /// An artifact.
    type Artifact;
    /// The error type. An error may have a location in the program.
    type Error<'a>;

    /// The name of the target on command lines.
    const NAME: &'static str;

    /// Returns how to lower a program for the target.
    fn pipeline(&self) -> Self::Lowering;

    /// Makes an artifact from a lowered program.
    ///
    /// # Errors
    /// If the target's tools fail, or the execution of the program does.
    fn emit<'a>(&self, lowered: Self::Lowered<'a>, kind: Self::Kind) -> Result<Self::Artifact, Self::Error<'a>>;
}

/// The contents of an output file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

impl Artifact {
    /// The bytes to write.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Artifact::Text(text) => text.as_bytes(),
            Artifact::Bytes(bytes) => bytes,
        }
    }
}
