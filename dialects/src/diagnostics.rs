//! Located errors: of what class they are, what is wrong, where, and what to do.

use crate::ir::bytes_of;
use crate::shim;
pub use dp_abi::DiagnosticCode;
use dp_abi::Help;
use melior::StringRef;
use melior::diagnostic::Diagnostic as Emitted;
use melior::ir::Location;
use mlir_sys::{MlirDiagnostic, MlirStringRef, mlirDiagnosticPrint};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::fmt;

/// What may be a mistake in a program instead.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

/// A mistake that has been reported through MLIR's diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pass failed; see its diagnostics")]
pub struct ErrorGuaranteed;

/// Advice for mistakes of the compiler's own.
pub const REPORT: &str = "please report this bug with the program that caused it";

/// A mistake in a program: of what class it is, what is wrong, and a hint at what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// Of what class it is.
    pub code: DiagnosticCode,
    /// What is wrong.
    pub message: String,
    /// What to do, where there is something to say.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic with nothing to advise, unless it is a mistake of the compiler's own, which users are asked to
    /// report.
    pub fn with_code(code: DiagnosticCode, message: impl Into<String>) -> Diagnostic {
        let help = (code == DiagnosticCode::Internal).then(|| REPORT.to_owned());
        Diagnostic { code, message: message.into(), help }
    }

    /// [`DiagnosticCode::Syntax`], with nothing to advise.
    pub fn syntax(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Syntax, message)
    }

    /// [`DiagnosticCode::Invalid`], with nothing to advise.
    pub fn invalid(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Invalid, message)
    }

    /// [`DiagnosticCode::Unsupported`], with nothing to advise.
    pub fn unsupported(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Unsupported, message)
    }

    /// [`DiagnosticCode::Request`], with nothing to advise.
    pub fn request(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Request, message)
    }

    /// [`DiagnosticCode::Io`], with nothing to advise.
    pub fn io(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Io, message)
    }

    /// [`DiagnosticCode::Limit`], with nothing to advise.
    pub fn limit(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Limit, message)
    }

    /// [`DiagnosticCode::RunTime`], with nothing to advise.
    pub fn run_time(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::RunTime, message)
    }

    /// [`DiagnosticCode::Internal`], which users are asked to report.
    pub fn internal(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Internal, message)
    }

    /// An error of a library as a diagnostic.
    pub fn of(error: &impl Help) -> Diagnostic {
        let diagnostic = Diagnostic::with_code(error.code(), error.to_string());
        Diagnostic { help: error.help().or(diagnostic.help), ..diagnostic }
    }

    /// The same diagnostic with something before its message.
    pub fn prefixed(self, prefix: impl fmt::Display) -> Diagnostic {
        Diagnostic { message: format!("{prefix}{}", self.message), ..self }
    }

    /// The same diagnostic with a hint.
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// Reports it as an error at a place, through MLIR's diagnostics.
    pub fn emit(&self, location: Location) {
        EMISSION.set(Some(Emission { code: self.code, help: self.help.clone() }));
        let help = StringRef::new(self.help.as_deref().unwrap_or_default());
        // SAFETY: the location is live and the strings outlive the call.
        unsafe { shim::dpEmitError(location.to_raw(), StringRef::new(&self.message).to_raw(), help.to_raw()) }
        EMISSION.set(None);
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

/// What MLIR's data has no place for in an error of the compiler's own.
#[derive(Clone, Debug)]
pub struct Emission {
    /// Of what class it is.
    pub code: DiagnosticCode,
    /// What to do, where there is something to say. Handlers other than the compiler's see it as a note.
    pub help: Option<String>,
}

thread_local! {
    /// The error that is being emitted by this thread.
    static EMISSION: RefCell<Option<Emission>> = const { RefCell::new(None) };
    /// Of what class the errors are that MLIR itself finds.
    static UPSTREAM: Cell<DiagnosticCode> = const { Cell::new(DiagnosticCode::Internal) };
}

/// Within a handler of diagnostics: more about the diagnostic where it is the compiler's own, by [`Diagnostic::emit`];
/// nothing where it is one of MLIR's.
pub fn emission() -> Option<Emission> {
    EMISSION.with_borrow(Clone::clone)
}

/// Of what class an error is that MLIR itself finds now: a mistake of the compiler's own, but within [`upstream_errors`].
pub fn upstream_code() -> DiagnosticCode {
    UPSTREAM.get()
}

/// Does something of which the program may be to blame for errors that MLIR itself finds: they are of this class.
pub fn upstream_errors<T>(code: DiagnosticCode, body: impl FnOnce() -> T) -> T {
    struct Restore(DiagnosticCode);
    impl Drop for Restore {
        fn drop(&mut self) {
            UPSTREAM.set(self.0);
        }
    }
    let _restore = Restore(UPSTREAM.replace(code));
    body()
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
