//! The interface of front ends. A front end reads a source and returns a module in the dialects that the compiler
//! accepts (`func`, `scf`, `cf`, `scalar`, `array`, `ad`, `arith`, `math`, `tensor`, `ub`).
//!
//! A front end only translates. The driver verifies the module and rejects unsupported operations.

use dp_dialects::{ErrorGuaranteed, context, source};
use melior::Context;
use melior::ir::{Location, Module};
use std::fmt::Debug;
use std::path::Path;

/// A front end.
pub trait Frontend: Debug + Sync {
    /// The name of its language.
    fn name(&self) -> &'static str;

    /// Whether a source is in this language, by its name and its first bytes.
    fn recognizes(&self, source: &Source) -> bool;

    /// Translates a source. Locations name the file [`Source::name`].
    ///
    /// # Errors
    /// If the source is invalid; diagnostics have been emitted in the context.
    fn read<'c>(&self, context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed>;
}

/// Parses MLIR text of any registered dialect.
///
/// # Errors
/// If the text is invalid; diagnostics have been emitted in the context.
pub fn parse<'c>(context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed> {
    let at = |line: usize, column: usize| Location::new(context, &source.name, line, column);
    source::check(&source.contents).map_err(|refusal| refusal.diagnostic.report(at(refusal.line, refusal.column)))?;
    context::parse(context, &String::from_utf8_lossy(&source.contents), &source.name).ok_or(ErrorGuaranteed)
}

/// The input of a front end: the contents of a file, or text from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file name in diagnostics and line tables. A name in angle brackets, such as `<stdin>`, is not a file.
    pub name: String,
    /// The contents.
    pub contents: Vec<u8>,
}

impl Source {
    /// Makes a source.
    pub fn new(name: impl Into<String>, contents: impl Into<Vec<u8>>) -> Source {
        Source { name: name.into(), contents: contents.into() }
    }

    /// Whether the name is the name of a file.
    pub fn is_file(&self) -> bool {
        !self.name.starts_with('<')
    }

    /// The file name without directory and suffix, which is the default name of output files; `program` if the source
    /// is not a file.
    pub fn stem(&self) -> String {
        let stem = Path::new(&self.name).file_stem().filter(|_| self.is_file());
        stem.map_or_else(|| "program".into(), |stem| stem.to_string_lossy().into_owned())
    }
}
