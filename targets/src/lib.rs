//! The interface of targets: a target says which pipeline lowers a program for
//! it, and makes artifacts of what comes out. It never lowers by itself.

/// A target of compilation.
pub trait Target {
    /// What lowering for the target is told.
    type Lowering;
    /// What lowering leaves, and artifacts are made of: a module in LLVM's dialect and the description of its library,
    /// text, or the program as it stood.
    type Lowered<'a>;
    /// What a caller may ask for.
    type Kind;
    /// What it makes.
    type Artifact;
    /// Why an artifact cannot be made, which may be known to a place in the program.
    type Error<'a>;

    /// The name by which a user asks for it.
    const NAME: &'static str;

    /// How a program is lowered for it.
    fn pipeline(&self) -> Self::Lowering;

    /// Makes an artifact of a lowered program.
    ///
    /// # Errors
    /// Where the target's tools fail, or the program does.
    fn emit<'a>(&self, lowered: Self::Lowered<'a>, kind: Self::Kind) -> Result<Self::Artifact, Self::Error<'a>>;
}

/// What is made for a file.
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
