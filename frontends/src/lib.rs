//! The interface of front ends: a front end reads a source and gives a module of the dialects that the compiler
//! differentiates and compiles (`func`, `scf`, `cf`, `scalar`, `array`, `ad`, `arith`, `math`, `tensor`, `ub`).
//!
//! A front end only translates. The driver verifies the module and checks that it holds nothing that is not compiled.

use dp_dialects::ErrorGuaranteed;
use melior::Context;
use melior::ir::Module;
use std::fmt::Debug;
use std::path::Path;

/// A front end.
pub trait Frontend: Debug + Sync {
    /// The name of its language.
    fn name(&self) -> &'static str;

    /// Whether a source is in its language, judged by the source's name and its first bytes.
    fn recognizes(&self, source: &Source) -> bool;

    /// Translates a source. Locations name the file [`Source::name`].
    ///
    /// # Errors
    /// Where the source is not a program; the diagnostics have been emitted in the context.
    fn read<'c>(&self, context: &'c Context, source: &Source) -> Result<Module<'c>, ErrorGuaranteed>;
}

/// What a front end reads: the contents of a file, or text from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// The file, as diagnostics and line tables name it; a name in angle brackets, such as `<stdin>`, is not a file.
    pub name: String,
    /// What it holds.
    pub contents: Vec<u8>,
}

impl Source {
    /// A source of this name.
    pub fn new(name: impl Into<String>, contents: impl Into<Vec<u8>>) -> Source {
        Source { name: name.into(), contents: contents.into() }
    }

    /// Whether the name is that of a file.
    pub fn is_file(&self) -> bool {
        !self.name.starts_with('<')
    }

    /// The name of the file without its folder and suffix, which files made from the source are named after; `program`
    /// where the source is not a file.
    pub fn stem(&self) -> String {
        let stem = Path::new(&self.name).file_stem().filter(|_| self.is_file());
        stem.map_or_else(|| "program".into(), |stem| stem.to_string_lossy().into_owned())
    }
}
