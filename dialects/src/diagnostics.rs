//! Located errors with a code, a message and a help.

use crate::ir::bytes_of;
use crate::shim;
pub use dp_abi::DiagnosticCode;
use dp_abi::Help;
use melior::StringRef;
use melior::diagnostic::Diagnostic as Emitted;
use melior::ir::Location;
use mlir_sys::{
    MlirDiagnostic, MlirDiagnosticSeverity, MlirDiagnosticSeverity_MlirDiagnosticError,
    MlirDiagnosticSeverity_MlirDiagnosticRemark, MlirDiagnosticSeverity_MlirDiagnosticWarning, MlirStringRef,
    mlirDiagnosticPrint,
};
use std::cell::{Cell, RefCell};
use std::ffi::c_void;
use std::fmt;

/// A result whose error is a diagnostic by default.
pub type Result<T, E = Diagnostic> = std::result::Result<T, E>;

/// Proof that an error was reported through MLIR's diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the pass failed; see its diagnostics")]
pub struct ErrorGuaranteed;

/// Help for internal errors.
pub const REPORT: &str = "please report this bug with the program that caused it";

/// The message of a loop with more rounds than `dp.bound` says, before the bound.
pub const TOO_MANY_ROUNDS: &str = "this loop has more rounds than its bound";

/// Help for a check that fails at run time, unless there is a better one.
pub const VALUES: &str = "check the values and the shapes of the arguments";

/// The message of a derivative that keeps more than its limit.
pub const TOO_MANY_BYTES: &str = "a derivative keeps more bytes than '--max-tape' allows";

/// Help for checks that fail at run time, by what their messages contain.
const OF_CHECKS: [(&str, &str); 2] = [
    (TOO_MANY_ROUNDS, "raise the bound of the loop, by --bound or 'dp.bound', or pass values that need fewer rounds"),
    (TOO_MANY_BYTES, "raise the limit, or pass values that need fewer rounds or smaller tensors"),
];

/// Help for a check that fails at run time, by its message.
pub fn help_of_check(message: &str) -> &'static str {
    OF_CHECKS.iter().find(|(part, _)| message.contains(part)).map_or(VALUES, |(_, help)| help)
}

/// An error: its code, message and help.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Diagnostic {
    /// The code.
    pub code: DiagnosticCode,
    /// The problem.
    pub message: String,
    /// How to fix it, if there is advice.
    pub help: Option<String>,
}

impl Diagnostic {
    /// A diagnostic without help, except that internal errors ask for a report.
    pub fn with_code(code: DiagnosticCode, message: impl Into<String>) -> Diagnostic {
        let help = (code == DiagnosticCode::Internal).then(|| REPORT.to_owned());
        Diagnostic { code, message: message.into(), help }
    }

    /// [`DiagnosticCode::Syntax`], without help.
    pub fn syntax(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Syntax, message)
    }

    /// [`DiagnosticCode::Invalid`], without help.
    pub fn invalid(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Invalid, message)
    }

    /// [`DiagnosticCode::Unsupported`], without help.
    pub fn unsupported(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Unsupported, message)
    }

    /// [`DiagnosticCode::Request`], without help.
    pub fn request(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Request, message)
    }

    /// [`DiagnosticCode::Io`], without help.
    pub fn io(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Io, message)
    }

    /// [`DiagnosticCode::Limit`], without help.
    pub fn limit(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Limit, message)
    }

    /// [`DiagnosticCode::RunTime`], without help.
    pub fn run_time(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::RunTime, message)
    }

    /// [`DiagnosticCode::Internal`], with a request to report it.
    pub fn internal(message: impl Into<String>) -> Diagnostic {
        Diagnostic::with_code(DiagnosticCode::Internal, message)
    }

    /// Converts an error of a library.
    pub fn of(error: &impl Help) -> Diagnostic {
        let diagnostic = Diagnostic::with_code(error.code(), error.to_string());
        Diagnostic { help: error.help().or(diagnostic.help), ..diagnostic }
    }

    /// Adds a prefix to the message.
    pub fn prefixed(self, prefix: impl fmt::Display) -> Diagnostic {
        Diagnostic { message: format!("{prefix}{}", self.message), ..self }
    }

    /// Sets the help.
    pub fn help(self, help: impl Into<String>) -> Diagnostic {
        Diagnostic { help: Some(help.into()), ..self }
    }

    /// Emits an error at a location, through MLIR's diagnostics.
    pub fn emit(&self, location: Location) {
        self.emit_as(location, MlirDiagnosticSeverity_MlirDiagnosticError);
    }

    /// Emits a warning at a location, through MLIR's diagnostics.
    pub fn warn(&self, location: Location) {
        self.emit_as(location, MlirDiagnosticSeverity_MlirDiagnosticWarning);
    }

    fn emit_as(&self, location: Location, severity: MlirDiagnosticSeverity) {
        EMISSION.set(Some(Emission { code: self.code, help: self.help.clone() }));
        emit(location, severity, &self.message, self.help.as_deref().unwrap_or_default());
        EMISSION.set(None);
    }

    /// Emits the error and returns the proof, for a pass that fails.
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

/// A diagnostic with a location.
#[derive(Clone, Debug)]
pub struct SpannedDiagnostic<'c> {
    /// The diagnostic.
    pub diagnostic: Diagnostic,
    /// The location.
    pub location: Location<'c>,
}

impl<'c> SpannedDiagnostic<'c> {
    /// A diagnostic at a location.
    pub fn new(location: Location<'c>, diagnostic: Diagnostic) -> Self {
        SpannedDiagnostic { diagnostic, location }
    }

    /// Emits an error through MLIR's diagnostics.
    pub fn emit(&self) {
        self.diagnostic.emit(self.location);
    }

    /// Emits the error and returns the proof, for a pass that fails.
    pub fn report(&self) -> ErrorGuaranteed {
        self.diagnostic.report(self.location)
    }
}

/// A figure of a remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Figure {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
    /// Several texts.
    Texts(Vec<String>),
}

/// The figures of a remark, by name. The first is `about`: the kind of the remark.
pub type Figures = Vec<(&'static str, Figure)>;

/// Emits a remark at a location, through MLIR's diagnostics, with the same as figures.
pub fn remark(location: Location, message: &str, figures: Figures) {
    FIGURES.set(Some(figures));
    emit(location, MlirDiagnosticSeverity_MlirDiagnosticRemark, message, "");
    FIGURES.set(None);
}

fn emit(location: Location, severity: MlirDiagnosticSeverity, message: &str, note: &str) {
    let (message, note) = (StringRef::new(message), StringRef::new(note));
    // SAFETY: the location is live and the strings outlive the call.
    unsafe { shim::dpEmit(location.to_raw(), severity, message.to_raw(), note.to_raw()) }
}

/// The parts of our diagnostics that MLIR's diagnostics cannot represent.
#[derive(Clone, Debug)]
pub struct Emission {
    /// The code.
    pub code: DiagnosticCode,
    /// The help, if any. Handlers other than the compiler's see it as a note.
    pub help: Option<String>,
}

thread_local! {
    /// The error that this thread is emitting.
    static EMISSION: RefCell<Option<Emission>> = const { RefCell::new(None) };
    /// The figures of the remark that this thread is emitting.
    static FIGURES: RefCell<Option<Figures>> = const { RefCell::new(None) };
    /// The code of errors that MLIR itself emits.
    static UPSTREAM: Cell<DiagnosticCode> = const { Cell::new(DiagnosticCode::Internal) };
}

/// For use in a diagnostic handler: further parts of a diagnostic from [`Diagnostic::emit`]; `None` for MLIR's own.
pub fn emission() -> Option<Emission> {
    EMISSION.with_borrow(Clone::clone)
}

/// For use in a diagnostic handler: the figures of a remark from [`remark`].
pub fn figures() -> Option<Figures> {
    FIGURES.with_borrow(Clone::clone)
}

/// The code of errors that MLIR itself emits on this thread: internal, except inside [`upstream_errors`].
pub fn upstream_code() -> DiagnosticCode {
    UPSTREAM.get()
}

/// Runs code during which errors that MLIR emits have the given code, since the program may be at fault.
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

/// The message of a diagnostic. (melior's accessor panics if it is not UTF-8.)
pub fn message(diagnostic: &Emitted) -> String {
    unsafe extern "C" fn collect(part: MlirStringRef, into: *mut c_void) {
        // SAFETY: the string is live, and `into` is the buffer below.
        unsafe { (*into.cast::<Vec<u8>>()).extend_from_slice(bytes_of(part)) }
    }
    let mut bytes: Vec<u8> = Vec::new();
    // SAFETY: the diagnostic is live and a thin handle; the buffer outlives the call.
    unsafe {
        let raw = *std::ptr::from_ref(diagnostic).cast::<MlirDiagnostic>();
        mlirDiagnosticPrint(raw, Some(collect), std::ptr::from_mut(&mut bytes).cast());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A position in a file, with lines and columns counted from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// The file name, as given to the parser.
    pub file: String,
    /// The line; 0 for operations without source text, such as the top-level module.
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

/// The first file position in a location, as `file:line:column`; only the file name for operations without source text,
/// such as the top-level module.
///
/// It becomes part of strings in libraries, so control characters in file names are escaped.
pub fn place(location: Location) -> Option<String> {
    let mut position = position(location)?;
    if position.file.contains(char::is_control) {
        let shown = |c: char| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() };
        position.file = position.file.chars().map(shown).collect();
    }
    Some(position.to_string())
}

/// The first file position in a location.
pub fn position(location: Location) -> Option<Position> {
    use mlir_sys::*;
    let raw = location.to_raw();
    // SAFETY: the location is live and of the requested kind; its parts live as long as its context.
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
