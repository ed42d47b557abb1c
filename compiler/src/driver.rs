//! What `dpc` does: read, add derivatives, run the pipeline, write or execute.

pub mod crossing;
pub mod cuda;
pub mod derivatives;
pub mod execute;
pub mod hints;
pub mod native;
pub mod options;
pub mod output;
pub mod phases;
pub mod program;
pub mod report;

use crate::pipelines::{DIFFERENTIATE, SIMPLIFY, Settings};
use clap::Parser;
use cuda::Device;
use derivatives::Derivative;
use dp_cpu::Kind;
use dp_dialects::Complaint;
use dp_lower::Stage;
use dp_runtime::Array;
use execute::Call;
use native::Native;
use options::{Emit, Options, Target};
use output::Output;
use phases::Phases;
use program::Program;
use report::Failure;
use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

/// The program `dpc`, given its command line. Every mistake of the user ends in
/// exit code 1.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let options = match Options::try_parse_from(arguments) {
        Ok(options) => options,
        Err(error) if error.use_stderr() => {
            eprint!("dpc: {}", error.render());
            return ExitCode::FAILURE;
        }
        // --help and --version.
        Err(error) => {
            print!("{}", error.render());
            return ExitCode::SUCCESS;
        }
    };
    let failure = match catch_unwind(AssertUnwindSafe(|| compile(&options))) {
        Ok(Ok(())) => return ExitCode::SUCCESS,
        Ok(Err(failure)) => failure,
        Err(_) => {
            Complaint::new("internal error in the compiler").hint("please report the program that caused it").into()
        }
    };
    report::report(&failure);
    ExitCode::FAILURE
}

fn compile(options: &Options) -> Result<(), Failure> {
    check(options)?;
    let context = crate::registry::context();
    report::attach(&context);
    let named = options.output.as_deref().filter(|path| *path != Path::new("-"));
    let mut phases = Phases::new(options.verbose, options.save_temps.then(|| named.unwrap_or(&options.input)));

    let program = phases.time("parse", || Program::read(&context, &options.input))?;
    for (derivative, requests) in [(Derivative::Grad, &options.grad), (Derivative::Jvp, &options.jvp)] {
        for request in requests {
            derivatives::add(&program, derivative, request)?;
        }
    }
    let call = options.run.as_ref().map(|name| Call::read(&program, name, &options.args)).transpose()?;
    let settings = Settings { fp: options.fp.name().into(), level: options.level };
    phases.run(DIFFERENTIATE, &program, &settings)?;

    let emit = emitted(options);
    if emit == Some(Emit::Mlir) {
        destination(options, &program, Emit::Mlir).write(program.text().as_bytes())?;
    }
    if let (Some(call), Target::Interp) = (&call, options.target) {
        // The program as it stands: the interpreter is what other targets are held against.
        show(&phases.time("run", || call.interpret(&program))?, options)?;
    }
    let compiled = call.filter(|_| options.target != Target::Interp);
    if emit.is_none_or(|emit| emit == Emit::Mlir) && compiled.is_none() {
        return Ok(());
    }
    if let (Some(call), None) = (&compiled, emit) {
        program::keep_only(&program, call.function());
    }
    phases.run(SIMPLIFY, &program, &settings)?;
    if emit == Some(Emit::Simplified) {
        destination(options, &program, Emit::Simplified).write(program.text().as_bytes())?;
    }
    if emit.is_none_or(|emit| emit <= Emit::Simplified) && compiled.is_none() {
        return Ok(());
    }
    if options.target == Target::Cuda {
        return compile_for_device(&mut phases, &program, options, compiled.as_ref());
    }
    compile_natively(&mut phases, &program, options, compiled.as_ref())
}

/// From a simplified program to kernels and the library around them.
fn compile_for_device<'c>(
    phases: &mut Phases,
    program: &Program<'c>,
    options: &Options,
    call: Option<&Call<'c>>,
) -> Result<(), Failure> {
    let device = Device::new(options, program)?;
    let emit = emitted(options);
    if emit == Some(Emit::Linalg) {
        device.lower(phases, program, Stage::Linalg)?;
        return Ok(destination(options, program, Emit::Linalg).write(program.text().as_bytes())?);
    }
    let lowered = device.lower(phases, program, Stage::Llvm)?;
    let library = &lowered.library;
    if let Some(call) = call {
        show(&device.call(phases, program.module(), &lowered, call)?, options)?;
    }
    match emit {
        Some(Emit::Ptx) => {
            let ptx = device.ptx(phases, program.module())?;
            destination(options, program, Emit::Ptx).write(ptx.as_bytes())?;
        }
        Some(Emit::Header) => {
            destination(options, program, Emit::Header).write(device.header(library).as_bytes())?;
        }
        Some(Emit::So) => {
            let bytes = device.library(phases, program.module(), library)?;
            match destination(options, program, Emit::So) {
                Output::File(path) => {
                    let beside = path.with_file_name(format!("{}.h", library.name()));
                    output::write_files(&[(&beside, device.header(library).as_bytes()), (&path, &bytes)])?;
                }
                other => other.write(&bytes)?,
            }
        }
        _ => {}
    }
    Ok(())
}

/// From a simplified program to machine code: written, called, or both.
fn compile_natively<'c>(
    phases: &mut Phases,
    program: &Program<'c>,
    options: &Options,
    call: Option<&Call<'c>>,
) -> Result<(), Failure> {
    let native = Native::new(options, program)?;
    let emit = emitted(options);
    if emit == Some(Emit::Linalg) {
        native.lower(phases, program, Stage::Linalg)?;
        return Ok(destination(options, program, Emit::Linalg).write(program.text().as_bytes())?);
    }
    let lowered = native.lower(phases, program, Stage::Llvm)?;
    if let Some((emit, kind)) = emit.and_then(|emit| Some((emit, native::kind(emit)?))) {
        let artifact = native.emit(phases, program.module(), &lowered.library, kind)?;
        let destination = destination(options, program, emit);
        match (emit, &destination) {
            (Emit::So, Output::File(path)) => {
                let header = native.emit(phases, program.module(), &lowered.library, Kind::Header)?;
                let beside = path.with_file_name(format!("{}.h", lowered.library.name()));
                output::write_files(&[(&beside, header.bytes()), (path, artifact.bytes())])?;
            }
            _ => destination.write(artifact.bytes())?,
        }
    }
    match call {
        Some(call) => show(&native.call(phases, program.module(), &lowered, call)?, options),
        None => Ok(()),
    }
}

/// What is made.
fn emitted(options: &Options) -> Option<Emit> {
    options.emit.or(options.run.is_none().then_some(Emit::So))
}

/// Where it goes: to the file that is named; text else to standard output, and
/// the rest to a file in the current folder.
fn destination(options: &Options, program: &Program, emit: Emit) -> Output {
    match &options.output {
        Some(path) if path == Path::new("-") => Output::Standard,
        Some(path) => Output::File(path.clone()),
        None if emit.is_text() => Output::Standard,
        None if emit == Emit::Obj => Output::File(format!("{}.o", program.stem()).into()),
        None => Output::File(format!("lib{}.so", program.stem()).into()),
    }
}

fn show(results: &[Array], options: &Options) -> Result<(), Failure> {
    Ok(Output::Standard.write(execute::print(results, options.format).as_bytes())?)
}

/// Options that do not go together.
fn check(options: &Options) -> Result<(), Complaint> {
    if options.target == Target::Interp && emitted(options).is_some_and(|emit| emit > Emit::Simplified) {
        return Err(Complaint::new("--target=interp: the interpreter makes no files")
            .hint("call a function with --run, or look at the program with --emit=mlir or --emit=simplified"));
    }
    let on_device = options.target == Target::Cuda;
    if on_device && matches!(options.emit, Some(Emit::Llvm | Emit::Asm | Emit::Obj)) {
        return Err(Complaint::new("--target=cuda: there is no such artifact of kernels and host together")
            .hint("take --emit=ptx, --emit=so or --emit=header"));
    }
    if !on_device && options.emit == Some(Emit::Ptx) {
        return Err(Complaint::new("--emit=ptx: only kernels are PTX").hint("take --target=cuda"));
    }
    if on_device && options.run.is_some() && options.emit.is_some_and(|emit| emit > Emit::Mlir) {
        return Err(
            Complaint::new("--target=cuda: a program that is called leaves no file").hint("leave out --run, or --emit")
        );
    }
    if options.run.is_some() && options.emit == Some(Emit::Linalg) {
        return Err(Complaint::new("--emit=linalg: the program is not lowered further, so it cannot be called")
            .hint("leave out --run, or emit something else"));
    }
    if options.run.is_none() && !options.args.is_empty() {
        return Err(Complaint::new("--args: there is no call to pass values to").hint("name a function with --run"));
    }
    Ok(())
}
