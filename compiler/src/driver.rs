//! What `dpc` does: read, add derivatives, run the pipeline, write or execute.

pub mod admission;
pub mod conflicts;
pub mod console;
pub mod crossing;
pub mod cuda;
pub mod derivatives;
pub mod destination;
pub mod events;
pub mod execute;
pub mod internal;
pub mod interp;
pub mod job;
pub mod library;
pub mod names;
pub mod native;
pub mod options;
pub mod output;
pub mod phases;
pub mod program;
pub mod report;
pub mod targets;
pub mod usage;
pub mod xla;

use crate::diagnostics::DiagnosticRecord;
use crate::pipelines::{self, DIFFERENTIATE, SIMPLIFY, SPECIALIZE, Settings};
use crate::trace;
use console::Console;
use dp_dialects::stack;
use dp_passes::specialize;
use execute::Call;
use job::Job;
use options::{Emit, Options};
use phases::Phases;
use program::Program;
use report::Failure;
use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

/// The program `dpc`, given its command line. Every mistake of the user ends in
/// exit code 1.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let format = usage::format(&arguments);
    internal::install(format);
    trace::start(format);
    match internal::guarded(|| read(arguments)).and_then(|outcome| outcome) {
        Ok(Some(options)) => run(&options),
        Ok(None) => ExitCode::SUCCESS,
        Err(mistake) => {
            Console::new(format).print(&mistake);
            ExitCode::FAILURE
        }
    }
}

/// The options of a command line; none where it asks for help or the version, which has been printed.
fn read(arguments: Vec<OsString>) -> Result<Option<Options>, DiagnosticRecord> {
    let mut options = match Options::read(arguments) {
        Ok(options) => options,
        Err(error) if error.use_stderr() => return Err(usage::record(&error)),
        Err(error) => {
            // A reader that has seen enough may close the pipe.
            let _ = write!(std::io::stdout(), "{}", error.render());
            return Ok(None);
        }
    };
    destination::resolve(&mut options)?;
    Ok(Some(options))
}

/// Does what options ask for; what they leave open about the output is decided already.
pub fn run(options: &Options) -> ExitCode {
    stack::run(|| {
        let console = Console::new(options.diagnostics);
        let diagnostic = match internal::guarded(|| compile(options, &console)) {
            Ok(Ok(())) => return ExitCode::SUCCESS,
            Ok(Err(failure)) => report::record(&failure),
            Err(internal) => Some(internal),
        };
        diagnostic.iter().for_each(|diagnostic| console.print(diagnostic));
        ExitCode::FAILURE
    })
}

fn compile(options: &Options, console: &Console) -> Result<(), Failure> {
    conflicts::check(options)?;
    let context = crate::registry::context();
    console.attach(&context);
    let mut phases = Phases::new(options, console)?;

    let program = phases.time("parse", || Program::read(&context, &options.input, console))?;
    admission::check(&program)?;
    derivatives::add_all(&program, &options.grad, &options.jvp)?;
    let call = options.run.as_ref().map(|name| Call::read(&program, name, &options.args)).transpose()?;
    destination::check_results(options, call.as_ref())?;
    call.as_ref().map_or(Ok(()), |call| call.check_extents(&options.specialize))?;
    let settings = settings(options, call.as_ref());
    let emit = match (&call, &options.stop_after) {
        // As far as the target goes, if need be.
        (None, Some(_)) => options.target.default_emit(options),
        (Some(_), _) => options.emit,
        (None, None) => options.emit.or_else(|| options.target.default_emit(options)),
    };
    // Whether anything is asked for that is no form of the program itself.
    let asked = call.is_some() || emit > Some(Emit::Simplified);
    let mut job = Job { options, program: &program, phases, emit, call, outputs: Vec::new() };
    match make(&mut job, &settings, asked) {
        // The program as it stands is what was asked for.
        Err(Failure::Stopped) => job.write_stopped(),
        outcome => outcome?,
    }
    if !job.phases.has_run(SPECIALIZE) {
        specialize::check_names(program.module(), &options.specialize).map_err(|located| located.report())?;
    }
    Ok(output::write_all(&job.outputs)?)
}

/// Takes the program through its forms, to what is made; `asked` says whether that is more than a form of it.
fn make(job: &mut Job, settings: &Settings, asked: bool) -> Result<(), Failure> {
    let (program, options) = (job.program, job.options);
    // The target may take an earlier form than the one that is written.
    for (form, steps) in [(Emit::Mlir, DIFFERENTIATE), (Emit::Simplified, SIMPLIFY)] {
        job.phases.run(steps, program, settings)?;
        job.phases.time("verify", || pipelines::verified(program.module()))?;
        job.write_program(form);
        if asked && options.target.takes() == form {
            options.target.make(job)?;
        }
        if job.emit <= Some(form) && (!asked || options.target.takes() <= form) {
            break;
        }
        if let (Some(call), None) = (&job.call, job.emit) {
            program::keep_only(program, call.function());
        }
    }
    Ok(job.phases.check()?)
}

/// What passes need to know. A call fixes the extents that its target needs, where none are given.
fn settings(options: &Options, call: Option<&Call>) -> Settings {
    let mut fixed = options.specialize.clone();
    if let Some(call) = call {
        let more = options.target.extents(call).into_iter();
        let more = more.filter(|new| !fixed.iter().any(|old| old.name == new.name));
        fixed.extend(more.collect::<Vec<_>>());
    }
    Settings { fp: options.fp, level: options.level, extents: fixed, fixed: options.target.takes_fixed_extents() }
}
