//! What `dpc` does: read, add derivatives, run the pipeline, write or execute.

pub mod admission;
pub mod console;
pub mod crossing;
pub mod cuda;
pub mod derivatives;
pub mod destination;
pub mod execute;
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
pub mod xla;

use crate::pipelines::{self, DIFFERENTIATE, SIMPLIFY, Settings};
use console::Console;
use dp_dialects::{Diagnostic, Result, stack};
use execute::Call;
use job::Job;
use options::{Emit, Options};
use phases::Phases;
use program::Program;
use report::Failure;
use std::ffi::OsString;
use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use targets::TARGETS;

/// The program `dpc`, given its command line. Every mistake of the user ends in
/// exit code 1.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut options = match Options::read(arguments) {
        Ok(options) => options,
        Err(error) if error.use_stderr() => {
            eprint!("dpc: {}", error.render());
            return ExitCode::FAILURE;
        }
        // --help and --version. A reader that has seen enough may close the pipe.
        Err(error) => {
            let _ = write!(std::io::stdout(), "{}", error.render());
            return ExitCode::SUCCESS;
        }
    };
    if let Err(diagnostic) = destination::resolve(&mut options) {
        let console = Console::new(options.diagnostics);
        report::record(&diagnostic.into()).iter().for_each(|record| console.print(record));
        return ExitCode::FAILURE;
    }
    run(&options)
}

/// Does what options ask for; what they leave open about the output is decided already.
pub fn run(options: &Options) -> ExitCode {
    stack::run(|| {
        let console = Console::new(options.diagnostics);
        let failure = match catch_unwind(AssertUnwindSafe(|| compile(options, &console))) {
            Ok(Ok(())) => return ExitCode::SUCCESS,
            Ok(Err(failure)) => failure,
            Err(_) => Diagnostic::new("internal error in the compiler").help(report::REPORT).into(),
        };
        report::record(&failure).iter().for_each(|record| console.print(record));
        ExitCode::FAILURE
    })
}

fn compile(options: &Options, console: &Console) -> Result<(), Failure> {
    check(options)?;
    let context = crate::registry::context();
    console.attach(&context);
    let mut phases = Phases::new(options)?;

    let program = phases.time("parse", || Program::read(&context, &options.input, console))?;
    admission::check(&program)?;
    derivatives::add_all(&program, &options.grad, &options.jvp)?;
    let call = options.run.as_ref().map(|name| Call::read(&program, name, &options.args)).transpose()?;
    destination::check_results(options, call.as_ref())?;
    let settings = settings(options, call.as_ref());
    let emit = match (&call, &options.stop_after) {
        // As far as the target goes, if need be.
        (None, Some(_)) => options.target.default_emit(options),
        (Some(_), _) => options.emit,
        (None, None) => options.emit.or_else(|| options.target.default_emit(options)),
    };
    // Whether anything is asked for that is no form of the program itself.
    let asked = call.is_some() || emit > Some(Emit::Simplified);
    let mut job = Job { options, program: &program, phases, emit, call };
    match make(&mut job, &settings, asked) {
        // The program as it stands is what was asked for.
        Err(Failure::Stopped) => Ok(job.write(Emit::Mlir, job.program.text().as_bytes())?),
        outcome => outcome,
    }
}

/// Takes the program through its forms, to what is made; `asked` says whether that is more than a form of it.
fn make(job: &mut Job, settings: &Settings, asked: bool) -> Result<(), Failure> {
    let (program, options) = (job.program, job.options);
    // The target may take an earlier form than the one that is written.
    for (form, steps) in [(Emit::Mlir, DIFFERENTIATE), (Emit::Simplified, SIMPLIFY)] {
        job.phases.run(steps, program, settings)?;
        job.phases.time("verify", || pipelines::verified(program.module()))?;
        job.write_program(form)?;
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

/// Options that do not go together.
fn check(options: &Options) -> Result<()> {
    let target = options.target;
    if let Some(emit) = options.emit.filter(|emit| !target.emits().contains(emit)) {
        let words = target.emits().iter().map(|emit| emit.name());
        let message = format!("--emit={}: the target {} does not make it", emit.name(), target.name());
        return Err(Diagnostic::new(message).help(format!("it makes {}", words.collect::<Vec<_>>().join(", "))));
    }
    let own = target.own_options(options);
    for other in TARGETS {
        if let Some(option) = other.own_options(options).into_iter().find(|option| !own.contains(option)) {
            let message = format!("{option}: the target {} does not take it", target.name());
            return Err(Diagnostic::new(message).help(format!("add --target={}, or leave it out", other.name())));
        }
    }
    target.check(options)?;
    if options.run.is_some() && options.emit == Some(Emit::Linalg) {
        return Err(Diagnostic::new("--emit=linalg: the program is not lowered further, so it cannot be called")
            .help("leave out --run, or emit something else"));
    }
    if let (Some(step), Some(emit)) = (&options.stop_after, options.emit)
        && !matches!(emit, Emit::Mlir | Emit::Simplified)
    {
        let message = format!("--stop-after={step}: the program is written as MLIR, and not as {}", emit.name());
        return Err(Diagnostic::new(message).help("give a file that ends in .mlir, or leave out --emit"));
    }
    if options.run.is_none() && !options.args.is_empty() {
        return Err(Diagnostic::new("--args: there is no call to pass values to").help("name a function with --run"));
    }
    Ok(())
}
