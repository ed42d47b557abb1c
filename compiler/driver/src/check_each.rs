//! `--check-each` interprets the public functions of a module before the first pass and after every pass, at random
//! points, and stops at the first pass that changes a value.
//!
//! A function is compared with what it computed before the pass, so that the pass at fault is the one that is named.
//! Passes may round differently: floats are compared within a tolerance of their type, or within what a change of the
//! arguments in their last digits makes of the result. Integers must be equal. NaN equals NaN, and a function that
//! failed must fail again.
//!
//! Functions that the interpreter cannot execute are not compared, and a [`Note`] says so: before derivatives are
//! expanded, and after lowering.

mod compare;
mod note;
mod outcome;
mod report;

pub use note::Note;

use super::call;
use super::diagnostics::DiagnosticRecord;
use super::evaluation::domain::{self, Domain};
use super::evaluation::random::Random;
use super::evaluation::tolerance::Tolerance;
use super::program;
use super::request::CallRequest;
use compare::{Agreement, Comparison};
use dp_dialects::Diagnostic;
use dp_dialects::ir::{Op, result_name, symbol_name};
use dp_dialects::marks::Range;
use dp_passes::manager::{Observer, StepInfo};
use dp_passes::specialize::Fixed;
use dp_passes::symbols::public_functions;
use dp_runtime::Array;
use outcome::{Outcome, evaluate};
use report::differs;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::ops::ControlFlow;
use std::str::FromStr;
use std::time::Duration;

/// The number of points if none is given.
pub const POINTS: NonZeroU32 = NonZeroU32::new(3).expect("it is positive");

/// Floats of every other point are drawn from here, unless an attribute says otherwise: they have both signs.
const SIGNED: Range = Range { low: -2.0, high: 2.0 };

/// The number of operations before a pass after which a function is given up: it may not terminate at a random point.
const LIMIT: u64 = 100_000;

/// The same after the pass, which may have more operations.
const LIMIT_AFTER: u64 = 10 * LIMIT;

/// Functions with an argument of more elements are not executed.
const LARGEST: usize = 1 << 20;

/// The points of a check.
#[derive(Clone, Debug)]
pub struct Points {
    /// The number of points for each function.
    pub count: NonZeroU32,
    /// Fixed extents of arguments.
    pub fixed: Vec<Fixed>,
    /// A call, near whose arguments the points of the function lie.
    pub near: Option<CallRequest>,
}

impl Points {
    /// Random points.
    pub fn new(count: NonZeroU32) -> Points {
        Points { count, fixed: Vec::new(), near: None }
    }
}

impl FromStr for Points {
    type Err = Diagnostic;

    /// Reads the number of points; none is the default.
    fn from_str(text: &str) -> Result<Points, Diagnostic> {
        let refused =
            |_| Diagnostic::request(format!("'{text}' is not a number of points")).help("give 1 or more points");
        let count = if text.is_empty() { Ok(POINTS) } else { text.parse().map_err(refused) };
        count.map(Points::new)
    }
}

/// A pass, as the check names it.
#[derive(Clone, Copy, Debug)]
pub struct PassName<'a> {
    /// Its name.
    pub name: &'a str,
    /// The pass with its options, in pipeline syntax.
    pub text: &'a str,
}

impl PassName<'_> {
    /// Whether it may assume that there are no NaN and no infinities.
    fn assumes_finite(self) -> bool {
        self.text.contains("fp=fast")
    }
}

/// Compares a module after each pass with the module before it.
pub struct CheckEach<'l> {
    points: Points,
    listener: Box<dyn FnMut(&Note) + 'l>,
    /// The functions before the next pass, by name; `None` before the first pass.
    functions: Option<BTreeMap<String, State>>,
    /// The difference that was found.
    found: Option<DiagnosticRecord>,
    /// Whether a difference was found, or no function can be executed any more.
    is_over: bool,
    /// The number of passes after which functions were compared.
    passes: usize,
    comparisons: usize,
    inconclusive: usize,
}

/// The state of a function.
enum State {
    /// It was executed at these points.
    Executed(Vec<Sample>),
    /// The interpreter cannot execute it.
    Unsupported,
}

/// A function at one point.
struct Sample {
    arguments: Vec<Array>,
    outcome: Outcome,
}

/// Functions that are not compared from now on, or again, by the reason.
#[derive(Default)]
struct Changes {
    stopped: BTreeMap<String, Vec<String>>,
    started: Vec<String>,
    retyped: Vec<String>,
}

impl<'l> CheckEach<'l> {
    /// A check that sends notes to a function.
    pub fn new(points: Points, listener: impl FnMut(&Note) + 'l) -> CheckEach<'l> {
        let listener = Box::new(listener);
        CheckEach {
            points,
            listener,
            functions: None,
            found: None,
            is_over: false,
            passes: 0,
            comparisons: 0,
            inconclusive: 0,
        }
    }

    /// Executes the functions of a module before the first pass; later calls do nothing.
    pub fn begin(&mut self, module: Op) {
        if self.functions.is_some() {
            return;
        }
        let (mut functions, mut changes) = (BTreeMap::new(), Changes::default());
        for (name, function) in functions_of(module) {
            let state = self.sample(module, function, &name).unwrap_or_else(|reason| {
                changes.stopped.entry(reason).or_default().push(name.clone());
                State::Unsupported
            });
            functions.insert(name, state);
        }
        self.functions = Some(functions);
        self.tell(None, changes);
    }

    /// Compares the functions of a module after a pass with those before it.
    ///
    /// # Errors
    /// If one differs. Then the check is over.
    pub fn after(&mut self, pass: PassName, module: Op) -> Result<(), DiagnosticRecord> {
        if self.is_over {
            return Ok(());
        }
        let before = self.functions.take().unwrap_or_default();
        let (mut functions, mut changes) = (BTreeMap::new(), Changes::default());
        let compared = self.comparisons;
        for (name, function) in functions_of(module) {
            let state = match before.get(&name) {
                Some(State::Executed(samples)) => match self.compare(pass, module, function, samples) {
                    Ok(state) => Ok(state),
                    Err(Stop::Differs(record)) => {
                        self.found = Some((*record).clone());
                        self.is_over = true;
                        return Err(*record);
                    }
                    Err(Stop::Unsupported(reason)) => Err(reason),
                    Err(Stop::Retyped) => {
                        changes.retyped.push(name.clone());
                        self.sample(module, function, &name)
                    }
                },
                Some(State::Unsupported) => Ok(match self.sample(module, function, &name) {
                    Ok(state) => {
                        changes.started.push(name.clone());
                        state
                    }
                    // It was reported when it began.
                    Err(_) => State::Unsupported,
                }),
                None => self.sample(module, function, &name),
            };
            let state = state.unwrap_or_else(|reason| {
                changes.stopped.entry(reason).or_default().push(name.clone());
                State::Unsupported
            });
            functions.insert(name, state);
        }
        // Programs become executable when derivatives are expanded, but not again after lowering.
        let is_executed =
            |functions: &BTreeMap<String, State>| functions.values().any(|state| matches!(state, State::Executed(_)));
        self.is_over = is_executed(&before) && !is_executed(&functions);
        self.passes += usize::from(self.comparisons > compared);
        self.functions = Some(functions);
        self.tell(Some(pass.name), changes);
        Ok(())
    }

    /// Sends the number of comparisons, if a check began and found no difference.
    pub fn end(&mut self) {
        if self.functions.is_some() && self.found.is_none() {
            let Self { passes, comparisons, inconclusive, .. } = *self;
            (self.listener)(&Note::Agrees { passes, comparisons, inconclusive, points: self.points.count.get() });
        }
    }

    /// The difference that [`Observer::after`] has found.
    pub fn difference(&self) -> Option<&DiagnosticRecord> {
        self.found.as_ref()
    }

    fn tell(&mut self, pass: Option<&str>, changes: Changes) {
        let Changes { stopped, started, retyped } = changes;
        for (reason, functions) in &stopped {
            (self.listener)(&Note::Unsupported { pass, functions, reason });
        }
        for (functions, retyped) in [(&started, false), (&retyped, true)] {
            if let (Some(pass), false) = (pass, functions.is_empty()) {
                let note = match retyped {
                    true => Note::Retyped { pass, functions },
                    false => Note::Supported { pass, functions },
                };
                (self.listener)(&note);
            }
        }
    }

    /// Executes a function at each point.
    ///
    /// # Errors
    /// The reason why the interpreter cannot execute it.
    fn sample(&self, module: Op, function: Op, name: &str) -> Result<State, String> {
        let takes = program::arguments(function).map_err(|error| error.message)?;
        let near = self.points.near.as_ref().filter(|near| near.function == name);
        let near = near.and_then(|near| call::values(name, &near.arguments, &takes).ok());
        let domains = domain::of_function(function, &self.points.fixed, near).map_err(|error| error.message)?;
        let elements = |shape: &[usize]| shape.iter().try_fold(1_usize, |count, extent| count.checked_mul(*extent));
        if let Some(large) = domains.iter().find(|domain| elements(domain.shape()).is_none_or(|count| count > LARGEST))
        {
            return Err(format!("argument '{}' has more than {LARGEST} elements", large.name));
        }
        let mut samples = Vec::new();
        for point in 1..=self.points.count.get() {
            let mut random = Random::new(name, point);
            let draw = |domain: &Domain| match point % 2 {
                1 => domain.draw(&mut random),
                _ => domain.draw_from(&mut random, SIGNED),
            };
            let arguments = domains.iter().map(draw).collect::<Result<Vec<_>, Diagnostic>>();
            let arguments = arguments.map_err(|error| error.message)?;
            let outcome = evaluate(LIMIT, module, function, &arguments)?;
            samples.push(Sample { arguments, outcome });
        }
        Ok(State::Executed(samples))
    }

    /// Compares a function with what it computed before a pass.
    fn compare(&mut self, pass: PassName, module: Op, function: Op, before: &[Sample]) -> Result<State, Stop> {
        let takes = program::arguments(function).map_err(|error| Stop::Unsupported(error.message))?;
        let fits = |sample: &Sample| {
            takes.len() == sample.arguments.len()
                && sample.arguments.iter().zip(&takes).all(|(array, to)| array.fits(to))
        };
        if !before.iter().all(fits) {
            return Err(Stop::Retyped);
        }
        let tolerance = Tolerance::of_function(module, function);
        let mut samples = Vec::new();
        for (index, sample) in before.iter().enumerate() {
            if sample.outcome == Outcome::TooLong {
                self.comparisons += 1;
                self.inconclusive += 1;
                samples.push(Sample { arguments: sample.arguments.clone(), outcome: Outcome::TooLong });
                continue;
            }
            let outcome = evaluate(LIMIT_AFTER, module, function, &sample.arguments).map_err(Stop::Unsupported)?;
            let near = |arguments: &[Array]| evaluate(LIMIT_AFTER, module, function, arguments).ok();
            let assumes_finite = pass.assumes_finite();
            let comparison = Comparison { tolerance, assumes_finite, arguments: &sample.arguments, near: &near };
            self.comparisons += 1;
            match comparison.of(&sample.outcome, &outcome) {
                Agreement::Holds => {}
                Agreement::Inconclusive => self.inconclusive += 1,
                Agreement::Differs(difference) => {
                    let what = difference.text(|index| result_name(function, index));
                    let point = (index + 1, before.len());
                    return Err(Stop::Differs(Box::new(differs(
                        pass.name,
                        function,
                        &what,
                        point,
                        &sample.arguments,
                        [&sample.outcome, &outcome],
                    ))));
                }
            }
            samples.push(Sample { arguments: sample.arguments.clone(), outcome });
        }
        Ok(State::Executed(samples))
    }
}

/// Why the comparison of a function ends.
enum Stop {
    /// The pass changes a value.
    Differs(Box<DiagnosticRecord>),
    /// The interpreter cannot execute the function after the pass.
    Unsupported(String),
    /// The function takes other arguments after the pass.
    Retyped,
}

impl Observer for CheckEach<'_> {
    fn before(&mut self, _: &StepInfo, module: Op) -> bool {
        self.begin(module);
        true
    }

    fn after(&mut self, step: &StepInfo, module: Op, _: Duration) -> ControlFlow<()> {
        let pass = PassName { name: step.flag.unwrap_or(step.name), text: &(step.text)() };
        match CheckEach::after(self, pass, module) {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    }
}

/// The public functions of a module and their names, in order.
fn functions_of<'c>(module: Op<'c>) -> Vec<(String, Op<'c>)> {
    let named = |function| Some((symbol_name(function)?.to_owned(), function));
    public_functions(module).into_iter().filter_map(named).collect()
}
