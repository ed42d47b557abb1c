//! Derivatives of random programs: tangents against differences, cotangents against tangents, both once more for
//! second derivatives, and machine code against the interpreter. Where a program is not smooth, or its numbers are
//! large, differences say nothing, and it is passed over.

use super::constructs::{constructs, has_control_flow};
use super::generate::{self, Settings, Style};
use super::oracle::{Failures, differentiated_within, run_steps_within};
use super::program::Program;
use crate::cpu::library::{Pair, reference};
use crate::derivatives::{along, carries, difference_by, jvp, pairing, size, vjp};
use crate::refutation::generate::EXTENTS;
use crate::refutation::numbers::Random;
use dp_dialects::{FloatModel, Literal, Number, OpKind, ScalarType};
use dp_driver::conversion;
use dp_driver::pipelines::SIMPLIFY;
use dp_passes::calls::InlineLimit;
use dp_simplify::Soundness;
use melior::Context;
use melior::ir::Module;
use num_complex::Complex64;

/// Numbers beyond which differences are too rough.
const LARGE: f64 = 1e3;

/// The step of differences.
const STEP: f64 = 1e-3;

/// The programs of a seed.
pub fn programs(seed: u64) -> Vec<Program> {
    let mut random = Random::new(seed);
    let one = |_| {
        let settings = settings(&mut random, Style::Any);
        generate::program(&mut random, settings)
    };
    (0..super::BATCH).map(one).collect()
}

/// The programs of a seed that are made of control flow. All of them have derivatives.
pub fn control_flow(seed: u64) -> Vec<Program> {
    differentiable(seed, Style::Control, |program| has_control_flow(&constructs(program)))
}

/// The programs of a seed that call functions more than once. All of them have derivatives.
pub fn calls(seed: u64) -> Vec<Program> {
    differentiable(seed, Style::Calls, |_| true)
}

fn differentiable(seed: u64, style: Style, is_wanted: impl Fn(&Program) -> bool) -> Vec<Program> {
    let mut random = Random::new(seed);
    let mut programs = Vec::new();
    while programs.len() < super::BATCH {
        let settings = settings(&mut random, style);
        let program = generate::program(&mut random, settings);
        if has_derivative(&program) && is_wanted(&program) {
            programs.push(program);
        }
    }
    programs
}

fn settings(random: &mut Random, style: Style) -> Settings {
    Settings {
        dtypes: random.choose(&[
            &[ScalarType::F64][..],
            &[ScalarType::F64],
            &[ScalarType::F64, ScalarType::Complex128, ScalarType::I32],
        ]),
        extents: EXTENTS,
        rank: 3,
        soundness: Soundness::Real,
        // What stops gradients is not what differences see, and nothing says which sign a NaN has.
        admits: |kind, _| !matches!(kind, OpKind::AdStopGradient | OpKind::ScalarCopysign),
        differentiated: true,
        style,
    }
}

/// A program with its derivatives: the types of its arguments, and which of them carry any.
struct Case {
    name: String,
    wrt: Vec<usize>,
    text: String,
}

/// The arguments by which a program is differentiated: all that can be, or one of them where control flow is asked for.
pub fn wrt(program: &Program, with_one: bool) -> Vec<usize> {
    let arguments = &program.main().body.arguments;
    let all: Vec<usize> =
        (0..arguments.len()).filter(|place| program.values[arguments[*place]].is_differentiable()).collect();
    match program.values.len() {
        count if with_one && count.is_multiple_of(3) && all.len() > 1 => vec![all[count / 3 % all.len()]],
        _ => all,
    }
}

/// Whether a program has an argument and a result with a derivative, of as many digits as differences need.
fn has_derivative(program: &Program) -> bool {
    let value = |id: &usize| &program.values[*id];
    let shown = || program.main().body.arguments.iter().chain(program.main().results());
    let is_wide = |id: &usize| !value(id).is_differentiable() || value(id).r#type.dtype.real() == ScalarType::F64;
    program.main().body.arguments.iter().any(|id| value(id).is_differentiable())
        && program.main().results().iter().any(|id| value(id).is_differentiable())
        && shown().all(is_wide)
}

fn case(context: &Context, index: usize, program: &Program, orders: Orders) -> Case {
    let name = format!("f{index}");
    let types =
        |ids: &[usize]| -> Vec<String> { ids.iter().map(|id| program.values[*id].r#type.to_string()).collect() };
    let (arguments, results) = (types(&program.main().body.arguments), types(program.main().results()));
    let wrt = wrt(program, orders == Orders::First);
    let mut text = program.text(context, &name);
    if !has_derivative(program) {
        return Case { name, wrt: Vec::new(), text };
    }
    let (forward, reverse) = (jvp(&name, &arguments, &results, &wrt), vjp(&name, &arguments, &results, &wrt));
    text += &[&*forward.text, &*reverse.text].concat();
    if orders == Orders::Second {
        text += &jvp(&reverse.name, &reverse.arguments, &reverse.results, &wrt).text;
    }
    Case { name, wrt, text }
}

/// Which derivatives are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Orders {
    /// First ones, of programs made of control flow; of some programs by one argument of several.
    First,
    /// First and second ones, by all arguments.
    Second,
}

/// What is wrong with the derivatives of some programs.
pub fn check(context: &Context, programs: &[Program]) -> Result<Failures, String> {
    let wrong = |(index, compared): Comparison| Some((index, compared?.err()?));
    Ok(compare(context, programs, Orders::Second, InlineLimit::default())?.into_iter().filter_map(wrong).collect())
}

/// A program's number, and whether its derivatives are right, where that can be said.
pub type Comparison = (usize, Option<Result<(), String>>);

/// Compares the derivatives of each program that has them.
pub fn compare(
    context: &Context,
    programs: &[Program],
    orders: Orders,
    inline: InlineLimit,
) -> Result<Vec<Comparison>, String> {
    let case = |(index, program)| case(context, index, program, orders);
    let cases: Vec<Case> = programs.iter().enumerate().map(case).collect();
    let text: String = cases.iter().map(|case| case.text.as_str()).collect();
    let written = differentiated_within(inline, context, &text)?;
    let simplified = differentiated_within(inline, context, &text)?;
    run_steps_within(inline, SIMPLIFY, &simplified, FloatModel::Reassociate)?;
    let pair = Pair::new(&simplified.as_operation().to_string());
    let differentiable = cases.iter().zip(programs).enumerate().filter(|(_, (case, _))| !case.wrt.is_empty());
    let compared = |(index, (case, program)): (usize, (&Case, &Program))| {
        let trial = Trial { case, module: &written, pair: &pair, at: &program.given, seed: index as u64, orders };
        (index, trial.run())
    };
    Ok(differentiable.map(compared).collect())
}

/// Most programs have derivatives, of which most are compared.
#[test]
fn derivatives_are_compared() {
    let context = dp_driver::registry::context();
    let programs = programs(1);
    let comparisons =
        compare(&context, &programs, Orders::Second, InlineLimit::default()).expect("the programs are compiled");
    let compared = comparisons.iter().filter(|(_, outcome)| outcome.is_some()).count();
    assert!(
        2 * compared >= programs.len(),
        "{compared} of {} are compared, {} with derivatives",
        programs.len(),
        comparisons.len()
    );
}

/// One program at one point.
struct Trial<'t> {
    case: &'t Case,
    module: &'t Module<'t>,
    pair: &'t Pair,
    at: &'t [Literal],
    seed: u64,
    orders: Orders,
}

pub fn random_like(random: &mut Random, values: &[Literal]) -> Vec<Literal> {
    let mut part = || random.below(2001) as f64 / 1000.0 - 1.0;
    let mut one = |value: &Literal| {
        let mut number = || match value.dtype.is_complex() {
            true => Number::Complex(Complex64::new(part(), part())),
            false => Number::Real(part()),
        };
        match &value.shape {
            None => Literal::number(value.dtype, number()),
            Some(shape) => Literal::tensor(value.dtype, shape.clone(), (0..value.len()).map(|_| number()).collect()),
        }
    };
    values.iter().map(&mut one).collect()
}

impl Trial<'_> {
    fn call(&self, suffix: &str, parts: &[&[Literal]]) -> Option<Vec<Literal>> {
        let name = format!("{}{suffix}", self.case.name);
        dp_interp::run(reference(self.module), &name, parts.concat()).ok()
    }

    /// The arguments, those that carry derivatives replaced.
    fn with(&self, values: &[Literal]) -> Vec<Literal> {
        let mut arguments = self.at.to_vec();
        self.case.wrt.iter().zip(values).for_each(|(index, value)| arguments[*index] = value.clone());
        arguments
    }

    /// Whether all is small enough to say something.
    fn is_tame(values: &[Literal]) -> bool {
        values.iter().flat_map(Literal::iter).all(|number| number.complex().norm() <= LARGE)
    }

    /// What is wrong; `None` where nothing can be said.
    fn run(&self) -> Option<Result<(), String>> {
        let mut random = Random::new(self.seed + 1);
        let point: Vec<Literal> = self.case.wrt.iter().map(|index| self.at[*index].clone()).collect();
        let (t, s) = (random_like(&mut random, &point), random_like(&mut random, &point));
        let outputs = self.call("", &[self.at])?;
        let carrying: Vec<Literal> = outputs.iter().filter(|value| carries(value)).cloned().collect();
        let c = random_like(&mut random, &carrying);
        let forward = self.call("_jvp", &[self.at, &t])?;
        let gradients = self.call("_vjp", &[self.at, &c])?;
        let (primal, tangents) = forward.split_at(outputs.len());
        let finite =
            |values: &[Literal]| values.iter().flat_map(Literal::iter).all(|number| number.complex().is_finite());
        let same = |(a, b): (&Literal, &Literal)| a.extents() == b.extents() && a.iter().eq(b.iter());
        if !primal.iter().zip(&outputs).all(same) && finite(&outputs) {
            return Some(Err(format!("the primal results of a jvp: {primal:?}, not {outputs:?}")));
        }
        if gradients.iter().zip(&point).any(|(gradient, argument)| gradient.shape != argument.shape) {
            return Some(Err("the extents of a gradient".into()));
        }
        if !Trial::is_tame(&outputs.iter().filter(|value| carries(value)).cloned().collect::<Vec<_>>())
            || !Trial::is_tame(tangents)
            || !Trial::is_tame(&gradients)
        {
            return None;
        }
        let (a, b) = (pairing(&c, tangents), pairing(&gradients, &t));
        let most = 1e-9 * (1.0 + size(&c) * size(tangents) + size(&gradients) * size(&t));
        if (a - b).abs() > most {
            return Some(Err(format!("vjp against jvp: {b} is not {a}")));
        }
        let jvp = Call { suffix: "_jvp", parts: [self.at, &t], expected: &forward };
        let vjp = Call { suffix: "_vjp", parts: [self.at, &c], expected: &gradients };
        if let Err(error) = self.machine_code(&[jvp, vjp]) {
            return Some(Err(error));
        }
        let values = |x: &[Literal]| self.call("", &[&self.with(x)]).unwrap_or_default();
        let first = against_differences("jvp", &values, &point, &t, tangents);
        if self.orders == Orders::First || matches!(first, Some(Err(_))) {
            return first;
        }
        let second = self.call("_vjp_jvp", &[self.at, &c, &s])?;
        let values = |x: &[Literal]| self.call("_vjp", &[&self.with(x), &c]).unwrap_or_default();
        against_differences("jvp of vjp", &values, &point, &s, &second[gradients.len()..])
    }

    /// The compiled derivatives against those that the interpreter gives.
    fn machine_code(&self, calls: &[Call]) -> Result<(), String> {
        for Call { suffix, parts, expected } in calls {
            let arrays = self.pair.call(&format!("{}{suffix}", self.case.name), &parts.concat())?;
            for (place, (array, expected)) in arrays.iter().zip(*expected).enumerate().filter(|(_, (_, x))| carries(x))
            {
                let found = conversion::literal(array, expected.shape.is_some());
                let most = 1e-8 * (1.0 + size(std::slice::from_ref(expected)));
                let error = size(&along(std::slice::from_ref(&found), std::slice::from_ref(expected), -1.0));
                // NaN is no distance at all.
                if found.shape != expected.shape || error > most || error.is_nan() {
                    return Err(format!("compiled {suffix}: result {place} is {found:?}, not {expected:?}"));
                }
            }
        }
        Ok(())
    }
}

/// A call of a derivative: what its name ends in, the two parts of its arguments, and its results.
struct Call<'a> {
    suffix: &'a str,
    parts: [&'a [Literal]; 2],
    expected: &'a [Literal],
}

/// A derivative against differences of two steps; `None` where those disagree, or a nondifferentiable point is near.
fn against_differences(
    subject: &str,
    f: &dyn Fn(&[Literal]) -> Vec<Literal>,
    at: &[Literal],
    direction: &[Literal],
    found: &[Literal],
) -> Option<Result<(), String>> {
    let here: Vec<Literal> = f(at).into_iter().filter(carries).collect();
    let beside = |h: f64| -> Vec<Literal> { f(&along(at, direction, h)).into_iter().filter(carries).collect() };
    let (ahead, behind) = (beside(STEP), beside(-STEP));
    if ahead.len() != here.len() || behind.len() != here.len() {
        return None;
    }
    let bend = size(&along(&along(&ahead, &behind, 1.0), &here, -2.0));
    // Not twice the step: a staircase that is steep enough looks like a line at whole multiples.
    let (coarse, fine) = (difference_by(2.37 * STEP, f, at, direction), difference_by(STEP, f, at, direction));
    let change = size(&along(&coarse, &fine, -1.0));
    let scale = 1.0 + size(&fine) + size(&here);
    // NaN is not below anything: such a point says nothing.
    let is_smooth = bend < 100.0 * STEP * STEP * scale && change < 1e-6 * scale && Trial::is_tame(found);
    if !is_smooth {
        return None;
    }
    let error = size(&along(found, &fine, -1.0));
    let right = error <= 1e-4 * scale;
    Some(if right { Ok(()) } else { Err(format!("{subject} against differences: {found:?} is not {fine:?}")) })
}
