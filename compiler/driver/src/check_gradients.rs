//! `--check-gradients` compares each derivative that the requests add with differences of its function, and gradients
//! and pullbacks with forward mode, before anything is made.
//!
//! A derivative is compared along random directions, one argument at a time: for a direction v, the gradient gives g ·
//! v, forward mode gives J v, and the pullback of a random cotangent w of one result gives (Jᵀ w) · v, beside w · J v.
//! Differences of the function along v give the same number, by the interpreter and
//! independently of all derivative rules and of everything that the target does. Points are random, but the same in
//! every run. At a nondifferentiable point, and where differences do not converge, the comparison is inconclusive.
//!
//! The target evaluates the derivatives where it can call functions on this machine, otherwise the interpreter does.

mod compare;
mod differences;
mod evaluate;
mod locate;
mod points;

pub use evaluate::Compile;

use super::derivatives::{self, Added, Derivative};
use super::diagnostics::{DiagnosticRecord, Severity};
use super::evaluation::domain::Domain;
use super::evaluation::random::Random;
use super::evaluation::tolerance::Tolerance;
use super::events::{Event, Events};
use super::failure::{self, Failure};
use super::pipelines::{DIFFERENTIATE, Settings};
use super::program::Program;
use super::request::{DerivativeRequest, GradientCheck, Request};
use super::targets::TargetDriver;
use compare::{Agreement, Comparison, Expected, Ray};
use dp_dialects::diagnostics::position;
use dp_dialects::ir::{Op, argument_name, functions, result_name};
use dp_dialects::{Diagnostic, DiagnosticCode};
use dp_passes::manager;
use dp_runtime::{Array, values};
use evaluate::{Evaluate, Interpreter, with_target};
use melior::ir::operation::OperationLike;
use points::Points;
use std::collections::{BTreeMap, BTreeSet};

/// Longer texts of points are not shown.
const SHOWN: usize = 1000;

/// Checks the derivatives that requests have added to a program, which is not changed. `compile` compiles its source.
///
/// # Errors
/// If a derivative differs, or a function cannot be evaluated. The list is empty if the error was reported.
pub fn check(
    program: &Program,
    added: &[Added],
    request: &Request,
    target: &dyn TargetDriver,
    events: &Events,
    compile: &Compile,
) -> Result<(), Vec<DiagnosticRecord>> {
    let Some(check) = &request.check_gradients else { return Ok(()) };
    let more = forward(program, added);
    let copy = program.copy();
    let of = |failure: Failure| -> Vec<DiagnosticRecord> { failure::record(&failure).into_iter().collect() };
    let forward = derivatives::add_all(&copy, &[], &more, &[]).map_err(of)?;
    let points = Points { program: &copy, added, fixed: &request.specialize, near: check.near.as_ref() };
    // The values may be those of another function, which --run calls.
    if request.call.is_none() {
        points.check_given().map_err(|error| vec![error.into()])?;
    }
    let settings = Settings {
        fp: request.fp,
        level: request.level,
        max_tape: request.max_tape,
        inline: request.inline,
        bounds: request.bounds.clone(),
        ad_report: false,
        extents: Vec::new(),
        fixed: false,
    };
    manager::run(DIFFERENTIATE, copy.module(), &settings, &mut ()).map_err(|halt| of(halt.into()))?;
    let with_forward = Request { jvp: request.jvp.iter().chain(&more).cloned().collect(), ..request.clone() };
    let evaluator = target.evaluator().map(|target| with_target(target, &with_forward, compile)).transpose()?;
    let reference = Interpreter(&copy);
    let checker = Checker {
        check,
        points,
        settings: &settings,
        forward: added.iter().chain(&forward).filter(|added| added.derivative == Derivative::Jvp).collect(),
        derivatives: evaluator.as_deref().unwrap_or(&reference),
        reference: &reference,
    };
    let reports = added.iter().map(|added| checker.check(added)).collect::<Result<Vec<_>, _>>()?;
    let reports: Vec<Report> = reports.into_iter().flatten().collect();
    let errors: Vec<DiagnosticRecord> = reports.iter().filter_map(|report| report.error.clone()).collect();
    if !errors.is_empty() {
        return Err(errors);
    }
    let warnings = reports.iter().filter(|report| report.inconclusive == check.points.get());
    for report in warnings {
        events.send(&Event::Diagnostic(&report.warning));
    }
    let inconclusive = reports.iter().map(|report| report.inconclusive as usize).sum();
    let (points, comparisons) = (check.points.get(), reports.len() * check.points.get() as usize);
    let evaluator = checker.derivatives.name();
    events.send(&Event::GradientCheck { derivatives: added.len(), points, comparisons, inconclusive, evaluator });
    Ok(())
}

/// The requests for forward mode of the functions of which only gradients or pullbacks were requested. A function of that
/// name may exist; then there is none.
fn forward(program: &Program, added: &[Added]) -> Vec<DerivativeRequest> {
    let functions = functions(program.module());
    let mut wrt: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for added in added.iter().filter(|added| !functions.contains_key(Derivative::Jvp.of(&added.of).as_str())) {
        wrt.entry(&added.of).or_default().extend(&added.wrt);
    }
    let request = |(of, wrt): (&str, BTreeSet<usize>)| DerivativeRequest {
        function: of.to_owned(),
        wrt: Some(wrt.into_iter().collect()),
    };
    wrt.into_iter().map(request).collect()
}

/// Checks derivatives.
struct Checker<'a, 'c> {
    check: &'a GradientCheck,
    points: Points<'a, 'c>,
    /// The settings of passes.
    settings: &'a Settings,
    /// All functions that compute forward mode.
    forward: Vec<&'a Added>,
    /// Evaluates derivatives.
    derivatives: &'a dyn Evaluate,
    /// Evaluates functions for differences.
    reference: &'a Interpreter<'a, 'c>,
}

/// What was found for one argument of a derivative.
struct Report {
    /// The first difference.
    error: Option<DiagnosticRecord>,
    /// The number of inconclusive points.
    inconclusive: u32,
    /// For the case that every point is inconclusive.
    warning: DiagnosticRecord,
}

impl Checker<'_, '_> {
    /// Checks a derivative with respect to each of its arguments.
    fn check(&self, added: &Added) -> Result<Vec<Report>, Vec<DiagnosticRecord>> {
        let one = |error: Diagnostic| vec![error.into()];
        let program = self.reference.0;
        let function = program.function("--check-gradients", &added.of).map_err(one)?;
        let domains = self.points.domains(&added.of).map_err(|error| vec![at(function, error)])?;
        let tolerance = Tolerance::of_function(program.module(), function);
        let warning = |index: &usize| {
            let name = argument_name(function, *index);
            let message = format!("{}: no point can be compared for '{name}'", added.name);
            let help = format!(
                "choose points near which '{}' is differentiable, with 'dp.range' on its arguments or with --args",
                added.of
            );
            let warning = at(function, Diagnostic::run_time(message).help(help));
            DiagnosticRecord { severity: Severity::Warning, ..warning }
        };
        let report = |index| Report { error: None, inconclusive: 0, warning: warning(index) };
        let mut reports: Vec<Report> = added.wrt.iter().map(report).collect();
        for point in 1..=self.check.points.get() {
            let mut random = Random::new(&added.name, point);
            let drawn = domains.iter().map(|domain| domain.draw(&mut random));
            let arguments = drawn.collect::<Result<Vec<Array>, _>>().map_err(|error| vec![at(function, error)])?;
            let value = self.reference.call(&added.of, &arguments).map_err(advise)?;
            let gradients = match added.derivative {
                Derivative::Grad => Some(self.derivatives.call(&added.name, &arguments)?),
                Derivative::Jvp | Derivative::Vjp => None,
            };
            for (place, report) in reports.iter_mut().enumerate() {
                let index = added.wrt[place];
                let is_forward = |forward: &&&Added| forward.of == added.of && forward.wrt.contains(&index);
                let forward = self.forward.iter().find(is_forward).copied();
                let comparison =
                    Comparison { added, forward, derivatives: self.derivatives, reference: self.reference, tolerance };
                let direction = domains[index].direction(&arguments[index], &mut random);
                let gradients = gradients.as_deref();
                let ray = Ray { at: &arguments, value: &value, gradients, place, direction: &direction };
                match comparison.along(&ray, &mut random)? {
                    Agreement::Holds => {}
                    Agreement::Inconclusive => report.inconclusive += 1,
                    Agreement::Differs { result, derivative, expected } => {
                        let of = result_name(function, result);
                        let by = domains[index].name.as_str();
                        let epsilon = tolerance.epsilon;
                        let found = Difference { added, result, of: &of, by, derivative, expected, point, epsilon };
                        report.error.get_or_insert_with(|| self.differs(function, &found, &domains, &ray));
                    }
                }
            }
        }
        Ok(reports)
    }

    /// The error for a derivative that differs.
    fn differs(&self, function: Op, found: &Difference, domains: &[Domain], ray: &Ray) -> DiagnosticRecord {
        let Difference { added, of, by, derivative, expected, point, .. } = found;
        let expected = match expected {
            Expected::Differences(estimate) => format!("differences give {} ± {:.0e}", estimate.value, estimate.error),
            Expected::Forward(value) => format!("forward mode gives {value}"),
        };
        let message = format!(
            "{}: the derivative of '{of}' along a direction of '{by}' is {derivative}, but {expected} (point {point} of {})",
            added.name, self.check.points
        );
        let help = "differences do not see 'ad.stop_gradient'; if the function is nondifferentiable near this point, choose \
            others with 'dp.range' on its arguments or with --args; otherwise please report this bug with the program";
        let mut error = at(function, Diagnostic::run_time(message).help(help));
        let names = domains.iter().map(|domain| domain.name.as_str());
        let text = values::text(names.zip(ray.at)).trim_end().replace('\n', ", ");
        if text.len() <= SHOWN {
            let (severity, position, message) = (Severity::Note, error.position.clone(), format!("at {text}"));
            error.notes.push(DiagnosticRecord {
                severity,
                code: None,
                message,
                help: None,
                position,
                notes: vec![],
                data: None,
            });
        }
        error.notes.push(self.located(function, found, ray));
        error
    }

    /// The note that tells which operation contributes most to a difference.
    fn located(&self, function: Op, found: &Difference, ray: &Ray) -> DiagnosticRecord {
        let place = locate::Place {
            function: &found.added.of,
            at: ray.at,
            argument: found.added.wrt[ray.place],
            direction: ray.direction,
            result: found.result,
            epsilon: found.epsilon,
        };
        let (location, message) = match locate::worst(self.reference.0, self.settings, &place) {
            Some(locate::WrongDerivative { op, derivative, expected }) => {
                let name = op.name();
                let name = name.as_string_ref().as_str().unwrap_or("?");
                let [derivative, expected] = [derivative, expected].map(|size| match size {
                    0.0 => "0".to_owned(),
                    size if (1e-3..1e6).contains(&size) => format!("{size:.6}"),
                    size => format!("{size:.6e}"),
                });
                let message = format!(
                    "the derivative of '{name}' contributes most to the difference: its size is {derivative} here, but \
                    differences of this operation give {expected}"
                );
                (op.location(), message)
            }
            None => {
                let message = "the derivative of each operation is right by itself in the interpreter: what differs is \
                    how control flow, reverse mode or the target combines them";
                (function.location(), message.to_owned())
            }
        };
        let (severity, position) = (Severity::Note, position(location));
        DiagnosticRecord { severity, code: None, message, help: None, position, notes: vec![], data: None }
    }
}

/// A derivative that differs.
struct Difference<'a> {
    added: &'a Added,
    /// The position of the result that is differentiated.
    result: usize,
    /// The name of the result that is differentiated.
    of: &'a str,
    /// The name of the argument.
    by: &'a str,
    derivative: f64,
    expected: Expected,
    point: u32,
    /// The rounding error of the function's type.
    epsilon: f64,
}

/// A diagnostic at a function.
fn at(function: Op, diagnostic: Diagnostic) -> DiagnosticRecord {
    DiagnosticRecord { position: position(function.location()), ..diagnostic.into() }
}

/// The help for a function that fails at a point.
fn advise(errors: Vec<DiagnosticRecord>) -> Vec<DiagnosticRecord> {
    let help = || Some("give arguments that the function accepts with --args".to_owned());
    let advised = |error: DiagnosticRecord| match error.code {
        Some(DiagnosticCode::RunTime | DiagnosticCode::Invalid) => DiagnosticRecord { help: help(), ..error },
        Some(_) | None => error,
    };
    errors.into_iter().map(advised).collect()
}
