//! The command `dpc`: parses the command line, reads the program, calls the driver, prints diagnostics, writes files.

pub mod conflicts;
pub mod console;
pub mod destination;
pub mod events;
pub mod internal;
pub mod options;
pub mod output;
pub mod remark;
pub mod results;
pub mod targets;
pub mod usage;

use crate::trace;
use console::Console;
use dp_dialects::{Diagnostic, Result};
use dp_driver::failure::guarded;
use dp_driver::files::header_beside;
use dp_driver::targets::TargetDriver;
use dp_driver::{Arguments, Artifact, CallRequest, DiagnosticRecord, Emit, GradientCheck, Request, Session, Source};
use events::Reporter;
use options::Options;
use output::Output;
use std::env::VarError;
use std::ffi::OsString;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// The environment variable that limits the number of optional steps.
const LIMIT: &str = "DP_PASS_LIMIT";

/// Runs `dpc` with a command line. Every user error ends in exit code 1.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let format = usage::format(&arguments);
    internal::install(format);
    trace::start(format);
    match guarded(|| read(arguments)).and_then(|outcome| outcome) {
        Ok(Some(options)) => run(&options),
        Ok(None) => ExitCode::SUCCESS,
        Err(mistake) => {
            Console::new(format, None).print(&mistake);
            ExitCode::FAILURE
        }
    }
}

/// Parses the command line; `None` if it asks for help or the version, which was printed.
fn read(arguments: Vec<OsString>) -> Result<Option<Options>, DiagnosticRecord> {
    let mut options = match Options::read(arguments) {
        Ok(options) => options,
        Err(error) if error.use_stderr() => return Err(usage::record(&error)),
        Err(error) => {
            // The reader may close the pipe early.
            let _ = write!(std::io::stdout(), "{}", error.render());
            return Ok(None);
        }
    };
    destination::resolve(&mut options).map_err(DiagnosticRecord::from)?;
    Ok(Some(options))
}

/// Runs `dpc` with resolved options.
pub fn run(options: &Options) -> ExitCode {
    match prepare(options) {
        Ok((source, target, request)) => compile(options, &source, &*target, &request),
        Err(mistake) => {
            Console::new(options.diagnostics, None).print(&mistake.into());
            ExitCode::FAILURE
        }
    }
}

/// Reads the program and makes the target and the request. Invalid requests are rejected before the program is read.
fn prepare(options: &Options) -> Result<(Source, Box<dyn TargetDriver>, Request)> {
    conflicts::check(options)?;
    let (target, request) = ((options.target.driver)(options), request(options)?);
    dp_driver::conflicts::check(&request, &*target)?;
    Ok((source(&options.input)?, target, request))
}

/// Compiles a program and writes the output.
pub fn compile(options: &Options, source: &Source, target: &dyn TargetDriver, request: &Request) -> ExitCode {
    let console = Console::new(options.diagnostics, Some(source));
    let reporter = Reporter::new(options, console);
    let session = Session::new().on_event(|event| reporter.handle(event));
    let made = session.compile(source, target, request);
    let written = |artifact: Artifact| {
        write(options, source, &artifact, reporter.file()).map_err(|error| vec![DiagnosticRecord::from(error)])
    };
    let errors = match made.and_then(written) {
        Ok(()) => return ExitCode::SUCCESS,
        Err(errors) => errors,
    };
    errors.iter().for_each(|diagnostic| console.print(diagnostic));
    ExitCode::FAILURE
}

/// Converts options to a request.
///
/// # Errors
/// If the library name or the environment's limit is invalid.
pub fn request(options: &Options) -> Result<Request> {
    let call = |function: &String| CallRequest {
        function: function.clone(),
        arguments: Arguments::Text(options.args.clone()),
    };
    let near = (!options.args.is_empty()).then(|| Arguments::Text(options.args.clone()));
    Ok(Request {
        grad: options.grad.clone(),
        jvp: options.jvp.clone(),
        vjp: options.vjp.clone(),
        check_gradients: options.check_gradients.map(|points| GradientCheck { points, near }),
        check_each: options.check_each,
        emit: options.emit,
        call: options.run.as_ref().map(call),
        count_costs: options.print_costs,
        only: None,
        level: options.level,
        max_tape: options.max_tape,
        inline: options.inline_limit,
        bounds: options.bound.clone(),
        ad_report: options.ad_report.is_some(),
        fp: options.fp,
        specialize: options.specialize.clone(),
        library_name: destination::library_of(options)?,
        print_after: options.print_after.clone(),
        stop_after: options.stop_after.clone(),
        pass_limit: pass_limit()?,
        reproducer: options.reproducer.clone(),
    })
}

/// The limit of optional steps from the environment.
fn pass_limit() -> Result<Option<usize>> {
    match std::env::var(LIMIT) {
        Ok(text) => match text.parse() {
            Ok(limit) => Ok(Some(limit)),
            Err(_) => Err(Diagnostic::request(format!("{LIMIT}={text}: not a number"))
                .help("give the number of optional steps to run")),
        },
        Err(VarError::NotPresent) => Ok(None),
        Err(error @ VarError::NotUnicode(_)) => Err(Diagnostic::request(format!("{LIMIT}: {error}"))),
    }
}

/// Reads the program; `-` is standard input.
///
/// # Errors
/// If the file cannot be read.
pub fn source(path: &Path) -> Result<Source> {
    let read = match path == Path::new("-") {
        true => {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map(|_| Source::new("<stdin>", bytes))
        }
        false => std::fs::read(path).map(|bytes| Source::new(path.to_string_lossy(), bytes)),
    };
    read.map_err(|error| {
        Diagnostic::io(format!("cannot read {}: {error}", path.display()))
            .help("give the path of an MLIR program, or `-` for standard input")
    })
}

/// Writes all output, or nothing.
fn write(options: &Options, source: &Source, artifact: &Artifact, report: Option<(Output, Vec<u8>)>) -> Result<()> {
    let mut outputs: Vec<(Output, Vec<u8>)> = report.into_iter().collect();
    if let Some(emitted) = &artifact.emitted {
        let output = destination(options, source, emitted.kind);
        let header = match (&emitted.header, &output) {
            (Some(header), Output::File(path)) => {
                let beside = header_beside(path, &header.library);
                beside.map(|beside| (Output::File(beside), header.text.clone().into_bytes()))
            }
            (Some(_), Output::Standard) | (None, _) => None,
        };
        outputs.push((output, emitted.contents.clone()));
        outputs.extend(header);
    }
    if let Some(results) = &artifact.results {
        outputs.push(match (destination::named(options), options.emit) {
            (Some(path), None) => (Output::File(path.into()), results::file(results, destination::results(path)?)?),
            // The file is for the output.
            (Some(_), Some(_)) | (None, _) => {
                (Output::Standard, results::print(results, options.format.unwrap_or_default()).into_bytes())
            }
        });
    }
    output::write_all(&outputs)
}

/// The destination of an output: the given file, else standard output for text and a file in the current directory for
/// the rest.
fn destination(options: &Options, source: &Source, kind: Emit) -> Output {
    match &options.output {
        Some(path) if path == Path::new("-") => Output::Standard,
        Some(path) => Output::File(path.clone()),
        None if kind.is_text() => Output::Standard,
        None => Output::File(destination::default_name(kind, &source.stem()).into()),
    }
}
