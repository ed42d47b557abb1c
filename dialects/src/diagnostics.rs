//! Located errors: what is wrong, where, and what to do.

use crate::ir::bytes_of;
use crate::shim;
use melior::StringRef;
use melior::diagnostic::Diagnostic as Emitted;
use melior::ir::Location;
use mlir_sys::{MlirDiagnostic, MlirStringRef, mlirDiagnosticPrint};
use std::cell::RefCell;
use std::ffi::c_void;
use std::fmt;

/// What may be a mistake in a program instead.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

/// A mistake that has been reported through MLIR's diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pass failed; its diagnostics say why")]
pub struct ErrorGuaranteed;

/// A mistake in a program: what is wrong, and a hint at what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// What is wrong.
    pub message: String,
    /// What to do, where there is something to say.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic with nothing to advise.
    pub fn new(message: impl Into<String>) -> Diagnostic {
        Diagnostic { message: message.into(), help: None }
    }

    /// The same diagnostic with a hint.
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// Reports it as an error at a place, through MLIR's diagnostics.
    pub fn emit(&self, location: Location) {
        emit_error(location, &self.message, self.help.as_deref());
    }

    /// The same, as a pass ends that cannot go on.
    pub fn report(&self, location: Location) -> ErrorGuaranteed {
        self.emit(location);
        ErrorGuaranteed
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// A diagnostic and the place it is about.
#[derive(Clone, Debug)]
pub struct SpannedDiagnostic<'c> {
    /// What is wrong.
    pub diagnostic: Diagnostic,
    /// Where.
    pub location: Location<'c>,
}

impl<'c> SpannedDiagnostic<'c> {
    /// A diagnostic at a place.
    pub fn new(location: Location<'c>, diagnostic: Diagnostic) -> Self {
        SpannedDiagnostic { diagnostic, location }
    }

    /// Reports it as an error, through MLIR's diagnostics.
    pub fn emit(&self) {
        self.diagnostic.emit(self.location);
    }

    /// The same, as a pass ends that cannot go on.
    pub fn report(&self) -> ErrorGuaranteed {
        self.diagnostic.report(self.location)
    }
}

thread_local! {
    /// The help of the error that is being emitted by this thread.
    static EMISSION: RefCell<Option<Option<String>>> = const { RefCell::new(None) };
}

/// Reports an error at a place, with a note below it.
pub fn emit_error(location: Location, message: &str, help: Option<&str>) {
    EMISSION.set(Some(help.map(String::from)));
    let help = StringRef::new(help.unwrap_or_default());
    // SAFETY: the location is live and the strings outlive the call.
    unsafe { shim::dpEmitError(location.to_raw(), StringRef::new(message).to_raw(), help.to_raw()) }
    EMISSION.set(None);
}

/// Within a handler of diagnostics: what the compiler advises, where the diagnostic is its own, by [`emit_error`]; nothing
/// where it is one of MLIR's. MLIR's own data has no place for help; other handlers see it as a note.
pub fn help_of_emission() -> Option<Option<String>> {
    EMISSION.with_borrow(Clone::clone)
}

/// What a diagnostic says. (melior's own reading panics where names in it are not UTF-8.)
pub fn message(diagnostic: &Emitted) -> String {
    unsafe extern "C" fn collect(part: MlirStringRef, into: *mut c_void) {
        // SAFETY: the part is live, and `into` is the buffer below.
        unsafe { (*into.cast::<Vec<u8>>()).extend_from_slice(bytes_of(part)) }
    }
    let mut bytes: Vec<u8> = Vec::new();
    // SAFETY: the diagnostic is live, and a reference to a handle and nothing else; the buffer outlives the call.
    unsafe {
        let raw = *std::ptr::from_ref(diagnostic).cast::<MlirDiagnostic>();
        mlirDiagnosticPrint(raw, Some(collect), std::ptr::from_mut(&mut bytes).cast());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A position in a file, with lines and columns counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file, as the parser was given its name.
    pub file: String,
    /// The line; 0 for what nobody wrote, such as the module of a file.
    pub line: u32,
    /// The column; 0 with line 0.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.file),
            line => write!(f, "{}:{line}:{}", self.file, self.column),
        }
    }
}

/// The first place in a file that a location tells of, as `file:line:column`; the
/// file alone for what nobody wrote, such as the module of a file.
///
/// It becomes part of the texts that libraries hold: control characters in the name of a file are shown by their numbers.
pub fn place(location: Location) -> Option<String> {
    let mut position = position(location)?;
    if position.file.contains(char::is_control) {
        let shown = |c: char| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() };
        position.file = position.file.chars().map(shown).collect();
    }
    Some(position.to_string())
}

/// The first position in a file that a location tells of.
pub fn position(location: Location) -> Option<Position> {
    use mlir_sys::*;
    let raw = location.to_raw();
    // SAFETY: the location is live, and of the kind whose parts are asked for;
    // its parts live as long as its context.
    unsafe {
        if mlirLocationIsAFileLineColRange(raw) {
            let file = bytes_of(mlirIdentifierStr(mlirLocationFileLineColRangeGetFilename(raw)));
            return Some(Position {
                file: String::from_utf8_lossy(file).into_owned(),
                line: mlirLocationFileLineColRangeGetStartLine(raw) as u32,
                column: mlirLocationFileLineColRangeGetStartColumn(raw) as u32,
            });
        }
        if mlirLocationIsACallSite(raw) {
            return position(Location::from_raw(mlirLocationCallSiteGetCallee(raw)));
        }
        if mlirLocationIsAName(raw) {
            return position(Location::from_raw(mlirLocationNameGetChildLoc(raw)));
        }
        if mlirLocationIsAFused(raw) {
            let mut parts = vec![raw; mlirLocationFusedGetNumLocations(raw) as usize];
            mlirLocationFusedGetLocations(raw, parts.as_mut_ptr());
            return parts.into_iter().find_map(|part| position(Location::from_raw(part)));
        }
    }
    None
}
