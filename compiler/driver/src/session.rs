//! Compilation: read the source, add derivatives, run the pipeline, emit or call.

use super::admission;
use super::artifact::Artifact;
use super::call::Call;
use super::check_gradients;
use super::conflicts;
use super::costs;
use super::derivatives::{self, Added};
use super::diagnostics::{DiagnosticRecord, Severity, collect};
use super::events::{Event, Events, Handler};
use super::failure::{Failure, guarded, record};
use super::interface::Interface;
use super::job::Job;
use super::names;
use super::phases::Phases;
use super::pipelines::{self, DIFFERENTIATE, SIMPLIFY, SPECIALIZE, Settings};
use super::program::{self, Program};
use super::registry;
use super::request::{Emit, Request};
use super::targets::TargetDriver;
use dp_dialects::diagnostics::upstream_errors;
use dp_dialects::ir::{Op, functions, symbol_name};
use dp_dialects::marks::MAIN;
use dp_dialects::{Diagnostic, DiagnosticCode, ErrorGuaranteed, Result, stack};
use dp_frontends::{Frontend, Source};
use dp_mlir::Mlir;
use dp_passes::calls::InlineLimit;
use dp_passes::specialize;
use dp_passes::symbols::public_functions;
use dp_stablehlo::StableHlo;
use melior::Context;
use melior::ir::operation::OperationLike;
use std::cell::RefCell;

/// The front ends, in the order in which they are tried.
pub static FRONTENDS: &[&dyn Frontend] = &[&StableHlo, &Mlir];

/// The common part of compilations: front ends and the event handler.
pub struct Session<'h> {
    frontends: Vec<&'static dyn Frontend>,
    handler: Box<Handler<'h>>,
}

impl Default for Session<'_> {
    fn default() -> Self {
        Session::new()
    }
}

impl<'h> Session<'h> {
    /// A session with the built-in [front ends](FRONTENDS) and no event handler.
    pub fn new() -> Session<'h> {
        Session { frontends: FRONTENDS.to_vec(), handler: Box::new(|_| Ok(())) }
    }

    /// Sets the event handler. An error from it stops the compilation at the next step and is among its diagnostics.
    pub fn on_event(self, handler: impl Fn(&Event) -> Result<()> + Send + Sync + 'h) -> Session<'h> {
        Session { handler: Box::new(handler), ..self }
    }

    /// Adds a front end, which is tried before the others.
    pub fn with_frontend(mut self, frontend: &'static dyn Frontend) -> Session<'h> {
        self.frontends.insert(0, frontend);
        self
    }

    /// Compiles a program. Each call has its own context and stack; any number of threads may call at the same time.
    ///
    /// # Errors
    /// All errors, in the order in which they were found. A panic in the compiler is one of them.
    pub fn compile(
        &self,
        source: &Source,
        target: &dyn TargetDriver,
        request: &Request,
    ) -> Result<Artifact, Vec<DiagnosticRecord>> {
        self.guarded(|events, errors| self.compile_program(source, target, request, events, errors))
    }

    /// Reads a program and adds the derivatives of a request: what [`compile`](Session::compile) would compile, before it
    /// runs passes.
    ///
    /// # Errors
    /// If the program is invalid, or a derivative does not fit it.
    pub fn interface(&self, source: &Source, request: &Request) -> Result<Interface, Vec<DiagnosticRecord>> {
        self.guarded(|events, errors| {
            let context = context(events, errors);
            let opened = self.open(&context, source, request, Phases::new(request, events))?;
            Ok(Interface::of(&opened.program, opened.main)?)
        })
    }

    /// Runs a compilation on a stack of its own, and collects its errors. A panic is one of them.
    fn guarded<T: Send>(
        &self,
        body: impl Fn(&Events, &RefCell<Vec<DiagnosticRecord>>) -> Result<T, Failure> + Sync,
    ) -> Result<T, Vec<DiagnosticRecord>> {
        stack::run(|| {
            let (errors, events) = (RefCell::new(Vec::new()), Events::new(&*self.handler));
            let outcome = guarded(|| body(&events, &errors));
            let mut errors = errors.take();
            let made = match outcome {
                Ok(Ok(made)) => Some(made),
                Ok(Err(failure)) => {
                    errors.extend(record(&failure));
                    None
                }
                Err(internal) => {
                    errors.push(internal);
                    None
                }
            };
            match made {
                Some(made) if errors.is_empty() => return Ok(made),
                None if errors.is_empty() => {
                    errors.push(Diagnostic::internal("internal error: a step failed and reported nothing").into());
                }
                Some(_) | None => {}
            }
            Err(errors)
        })
    }

    /// Reads a program, checks it and adds derivatives.
    fn open<'c, 'e>(
        &self,
        context: &'c Context,
        source: &Source,
        request: &Request,
        mut phases: Phases<'e>,
    ) -> Result<Opened<'c, 'e>, Failure> {
        let module = phases.time("parse", || self.frontend(source)?.read(context, source).map_err(Failure::from))?;
        let program = Program::new(context, module, source);
        // Front ends are not trusted; a host may have brought its own.
        if !upstream_errors(DiagnosticCode::Invalid, || program.module().verify()) {
            return Err(ErrorGuaranteed.into());
        }
        names::check(program.module()).map_err(|located| located.report())?;
        admission::check(&program)?;
        let known = functions(program.module());
        let main = main_of(program.module()).map(str::to_owned);
        let request = match &main {
            Some(function) => request.with_main(function, |name| known.contains_key(name)),
            None => request.clone(),
        };
        let added = derivatives::add_all(&program, &request.grad, &request.jvp, &request.vjp)?;
        Ok(Opened { program, main, request, added, phases })
    }

    fn compile_program(
        &self,
        source: &Source,
        target: &dyn TargetDriver,
        request: &Request,
        events: &Events,
        errors: &RefCell<Vec<DiagnosticRecord>>,
    ) -> Result<Artifact, Failure> {
        conflicts::check(request, target)?;
        let context = context(events, errors);
        let phases = Phases::new(request, events);
        let Opened { program, request, added, mut phases, .. } = self.open(&context, source, request, phases)?;
        let request = &request;
        if let Some(only) = &request.only {
            program.function("the function to compile", only)?;
        }
        let call = request.call.as_ref().map(|call| Call::new(&program, call)).transpose()?;
        if let Some(call) = &call {
            events.send(&Event::Call { function: call.name(), results: call.results() });
            events.check()?;
            call.check_extents(&request.specialize)?;
        }
        if request.check_gradients.is_some() {
            let quiet = Session { frontends: self.frontends.clone(), handler: Box::new(|_| Ok(())) };
            let compile = |target: &dyn TargetDriver, request: &Request| quiet.compile(source, target, request);
            let check = || check_gradients::check(&program, &added, request, target, events, &compile);
            phases.time("check-gradients", check).map_err(|found| {
                errors.borrow_mut().extend(found);
                ErrorGuaranteed
            })?;
            events.check()?;
        }
        let settings = settings(request, target, call.as_ref());
        if let Some(call) = call.as_ref().filter(|_| request.count_costs) {
            phases.time("count-costs", || costs::count(&program, &added, call, &settings, events))?;
            events.check()?;
        }
        let emit = match (&call, &request.stop_after) {
            // As far as the target goes.
            (None, Some(_)) => target.default_emit(),
            (None, None) => request.emit.or_else(|| target.default_emit()),
            (Some(_), _) => request.emit,
        };
        // Whether the request needs more than a form of the program.
        let needs_target = call.is_some() || emit > Some(Emit::Simplified);
        let mut job = Job { request, program: &program, phases, emit, call, artifact: Artifact::default() };
        match make(&mut job, target, &settings, needs_target) {
            // The output is the current program.
            Err(Failure::Stopped) => job.emit_stopped(),
            outcome => outcome?,
        }
        if !job.phases.has_run(SPECIALIZE) {
            specialize::check_names(program.module(), &request.specialize).map_err(|located| located.report())?;
        }
        job.phases.end_check();
        events.check()?;
        Ok(job.artifact)
    }

    /// The front end for a source.
    fn frontend(&self, source: &Source) -> Result<&'static dyn Frontend> {
        self.frontends.iter().copied().find(|frontend| frontend.recognizes(source)).ok_or_else(|| {
            let names: Vec<&str> = self.frontends.iter().map(|frontend| frontend.name()).collect();
            let diagnostic = Diagnostic::request(format!("{}: unknown source language", source.name));
            diagnostic.help(format!("supported languages: {}", names.join(", ")))
        })
    }
}

/// A program that was read, with its derivatives.
struct Opened<'c, 'e> {
    program: Program<'c>,
    main: Option<String>,
    /// The request, with the names of functions in the place of `main`.
    request: Request,
    added: Vec<Added>,
    phases: Phases<'e>,
}

/// A context that sends diagnostics to the client, and keeps errors.
fn context(events: &Events, errors: &RefCell<Vec<DiagnosticRecord>>) -> Context {
    let context = registry::context();
    collect::attach(&context, |record| match record.severity {
        Severity::Error => errors.borrow_mut().push(record),
        Severity::Warning | Severity::Note | Severity::Remark => events.send(&Event::Diagnostic(&record)),
    });
    context
}

/// The function that `main` stands for, if none is called so: the one that a front end marks, or the only public one.
fn main_of<'c>(module: Op<'c>) -> Option<&'c str> {
    let public = public_functions(module);
    let marked = public.iter().find(|function| MAIN.is_on(**function));
    match (marked, &public[..]) {
        (Some(function), _) | (None, [function]) => symbol_name(*function),
        (None, _) => None,
    }
}

/// Runs the pipelines and makes the output; `needs_target` tells whether the request needs more than a form of the
/// program.
fn make(job: &mut Job, target: &dyn TargetDriver, settings: &Settings, needs_target: bool) -> Result<(), Failure> {
    let program = job.program;
    // The target may take an earlier form than the output.
    for (form, steps) in [(Emit::Mlir, DIFFERENTIATE), (Emit::Simplified, SIMPLIFY)] {
        job.phases.run(steps, program, settings)?;
        job.phases.time("verify", || pipelines::verified(program.module()))?;
        job.emit_program(form);
        if needs_target && target.takes() == form {
            target.make(job)?;
        }
        if job.emit <= Some(form) && (!needs_target || target.takes() <= form) {
            break;
        }
        if let (Some(call), None) = (&job.call, job.emit) {
            program::keep_only(program, call.function());
        }
        if let (Some(only), Emit::Mlir) = (&job.request.only, form) {
            program::keep_only(program, program.function("the function to compile", only)?);
        }
    }
    Ok(job.phases.check()?)
}

/// The settings of passes. If the target needs static shapes and none are given, a call fixes the extents of its
/// arguments.
fn settings(request: &Request, target: &dyn TargetDriver, call: Option<&Call>) -> Settings {
    let mut fixed = request.specialize.clone();
    if let Some(call) = call {
        let more = target.extents(call).into_iter();
        let more = more.filter(|new| !fixed.iter().any(|old| old.name == new.name));
        fixed.extend(more.collect::<Vec<_>>());
    }
    Settings {
        fp: request.fp,
        level: request.level,
        max_tape: request.max_tape,
        // A function that is called has one type, and keeps what is not planned.
        inline: if target.has_calls() && fixed.is_empty() { request.inline } else { InlineLimit(None) },
        bounds: request.bounds.clone(),
        ad_report: request.ad_report,
        extents: fixed,
        fixed: target.takes_fixed_extents(),
    }
}
