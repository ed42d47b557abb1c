//! Which operation makes a derivative differ.
//!
//! The function is executed at the point and beside it, along the direction of the check. Each operation then has
//! operands and their tangents, by differences. Its own derivative along these, by its rule, is compared with
//! differences of the operation alone. An operation whose derivative differs contributes its error times the
//! derivative of the result with respect to what the operation has made, which differences give as well: the function
//! is executed with all results of the operation moved by their errors. Of all operations, the one that contributes
//! most is told.

use crate::conversion;
use crate::derivatives::{self, Derivative};
use crate::pipelines::{DIFFERENTIATE, Settings};
use crate::program::Program;
use crate::request::DerivativeRequest;
use dp_dialects::ir::{Op, Val, operands, region_block, results, signature, walk};
use dp_dialects::{Literal, Number, OpKind, ValueType};
use dp_frontends::Source;
use dp_passes::manager;
use dp_runtime::Array;
use melior::ir::operation::OperationLike;
use melior::ir::{Attribute, Identifier, Module, Type, ValueLike};
use num_complex::Complex64;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;

/// A function that executes more operations is not searched.
const MOST_EXECUTED: usize = 20_000;

/// So many executions of an operation are compared.
const MOST_COMPARED: usize = 64;

/// An operation whose derivative differs.
pub struct WrongDerivative<'c> {
    /// The operation.
    pub op: Op<'c>,
    /// The size of its derivative by its rule, where it differs most.
    pub derivative: f64,
    /// The size of the differences there.
    pub expected: f64,
}

/// Where a derivative differs.
pub struct Place<'a> {
    /// The function.
    pub function: &'a str,
    /// Its arguments.
    pub at: &'a [Array],
    /// The argument that is moved.
    pub argument: usize,
    /// Along which direction, by component.
    pub direction: &'a [f64],
    /// The result that is differentiated.
    pub result: usize,
    /// The rounding error of the function's type.
    pub epsilon: f64,
}

/// The operation that contributes most to the error of a derivative; `None` if the derivative of each is right by
/// itself.
pub fn worst<'c>(program: &Program<'c>, settings: &Settings, place: &Place) -> Option<WrongDerivative<'c>> {
    let search = Search::new(program, settings, place)?;
    let mut most: Option<(f64, WrongDerivative<'c>)> = None;
    for (number, op) in search.ops.iter().enumerate() {
        let Some(Errors { errors, derivative, expected }) = search.errors(number) else { continue };
        let contribution = search.contribution(*op, &errors);
        if most.as_ref().is_none_or(|(before, _)| contribution > *before) {
            most = Some((contribution, WrongDerivative { op: *op, derivative, expected }));
        }
    }
    most.map(|(_, found)| found)
}

/// An execution of an operation: its number, and its operands.
type Execution = (usize, Vec<Literal>);

/// The parts of several values.
type Parts = Vec<Vec<f64>>;

struct Search<'a, 'c> {
    program: &'a Program<'c>,
    place: &'a Place<'a>,
    /// The operations with rules, in the order of the program.
    ops: Vec<Op<'c>>,
    /// Functions that do one operation each, and their derivatives.
    rules: Program<'c>,
    /// At the point, ahead and behind.
    runs: [Vec<Execution>; 3],
    step: f64,
}

/// The errors of the results of an operation, in each of its executions.
struct Errors {
    errors: Vec<Parts>,
    derivative: f64,
    expected: f64,
}

impl<'a, 'c> Search<'a, 'c> {
    /// `None` if the function does other operations beside the point, or too many.
    fn new(program: &'a Program<'c>, settings: &Settings, place: &'a Place<'a>) -> Option<Search<'a, 'c>> {
        let mut ops = Vec::new();
        walk(program.module(), &mut |op| ops.extend(has_rule(op).then_some(op)));
        let numbers: Rc<BTreeMap<usize, usize>> =
            Rc::new(ops.iter().enumerate().map(|(number, op)| (address(*op), number)).collect());
        let step = place.epsilon.cbrt();
        let run = |step: f64| -> Option<Vec<Execution>> {
            let seen: Rc<RefCell<Vec<Execution>>> = Rc::default();
            let (heard, numbers) = (seen.clone(), numbers.clone());
            let mut visitor = move |op: Op<'c>, operands: &[Literal], _: &mut [Literal]| {
                let mut heard = heard.borrow_mut();
                if let Some(number) = numbers.get(&address(op)).filter(|_| heard.len() <= MOST_EXECUTED) {
                    heard.push((*number, operands.to_vec()));
                }
            };
            let arguments = arguments(program, place, step)?;
            dp_interp::visit(program.module(), place.function, arguments, &mut visitor).ok()?;
            Some(seen.take())
        };
        let runs = [run(0.0)?, run(step)?, run(-step)?];
        let numbers = |run: &Vec<Execution>| run.iter().map(|(number, _)| *number).collect::<Vec<usize>>();
        if runs[0].len() > MOST_EXECUTED || runs.iter().any(|run| numbers(run) != numbers(&runs[0])) {
            return None;
        }
        let rules = rules(program, settings, &ops, &numbers(&runs[0]))?;
        Some(Search { program, place, ops, rules, runs, step })
    }

    /// The errors of the derivatives of an operation; `None` if there are none.
    fn errors(&self, number: usize) -> Option<Errors> {
        let mut found = Errors { errors: Vec::new(), derivative: 0.0, expected: 0.0 };
        let (mut worst, mut compared) = (0.0, 0);
        for ((at, ahead), behind) in self.runs[0].iter().zip(&self.runs[1]).zip(&self.runs[2]) {
            if at.0 != number {
                continue;
            }
            compared += 1;
            let tangents = slopes(&all_parts(&ahead.1), &all_parts(&behind.1), self.step);
            let wrong = (compared <= MOST_COMPARED).then(|| self.wrong(number, &at.1, &tangents)).flatten();
            let error = wrong.map(|(derivative, expected)| {
                let error = slopes(&derivative, &expected, 0.5);
                if size(&error) > worst {
                    (worst, found.derivative, found.expected) = (size(&error), size(&derivative), size(&expected));
                }
                error
            });
            found.errors.push(error.unwrap_or_default());
        }
        (worst > 0.0).then_some(found)
    }

    /// The derivative of an operation by its rule, and by differences, if these differ.
    fn wrong(&self, number: usize, at: &[Literal], tangents: &Parts) -> Option<(Parts, Parts)> {
        let (name, module) = (function(number), self.rules.module());
        let speed = size(tangents);
        if speed == 0.0 || !speed.is_finite() {
            return None;
        }
        let value = |step: f64| -> Option<Parts> {
            let moved = at.iter().zip(tangents).map(|(literal, tangent)| moved(literal, tangent, step)).collect();
            let values = dp_interp::run(module, &name, moved).ok()?;
            Some(values.iter().filter(|value| value.dtype.is_differentiable()).map(parts).collect())
        };
        let differences = |step: f64| Some(slopes(&value(step / speed)?, &value(-step / speed)?, step / speed));
        let (coarse, fine) = (differences(2.0 * self.step)?, differences(self.step)?);
        let carriers = at.iter().zip(tangents).filter(|(literal, _)| literal.dtype.is_differentiable());
        let seeds = carriers.map(|(literal, tangent)| moved(&moved(literal, &parts(literal), -1.0), tangent, 1.0));
        let inputs = at.iter().cloned().chain(seeds).collect();
        let outputs = dp_interp::run(module, &Derivative::Jvp.of(&name), inputs).ok()?;
        let derivative = all_parts(&outputs[results(self.ops[number]).len()..]);
        let scatter = size(&slopes(&coarse, &fine, 0.5));
        let gap = size(&slopes(&derivative, &fine, 0.5));
        // Where differences do not converge, the point is nondifferentiable.
        let is_wrong = gap > 10.0 * scatter && gap > self.step * (size(&derivative) + size(&fine));
        is_wrong.then_some((derivative, fine))
    }

    /// What the errors of an operation make of the result of the function.
    fn contribution(&self, op: Op<'c>, errors: &[Parts]) -> f64 {
        let greatest = errors.iter().map(size).fold(0.0, f64::max);
        let step = self.step / greatest;
        let run = |step: f64| -> Option<Parts> {
            let (target, errors, mut execution) = (address(op), errors.to_vec(), 0);
            let mut visitor = move |op: Op<'c>, _: &[Literal], results: &mut [Literal]| {
                if address(op) != target {
                    return;
                }
                let carriers = results.iter_mut().filter(|result| result.dtype.is_differentiable());
                for (result, error) in carriers.zip(errors.get(execution).into_iter().flatten()) {
                    *result = moved(result, error, step);
                }
                execution += 1;
            };
            let arguments = arguments(self.program, self.place, 0.0)?;
            let module = self.program.module();
            let values = dp_interp::visit(module, self.place.function, arguments, &mut visitor).ok()?;
            values.get(self.place.result).map(|value| vec![parts(value)])
        };
        match (run(step), run(-step)) {
            (Some(ahead), Some(behind)) => size(&slopes(&ahead, &behind, step)),
            (_, _) => 0.0,
        }
    }
}

/// Identifies an operation.
fn address(op: Op) -> usize {
    op.to_raw().ptr as usize
}

/// The name of the function of an operation.
fn function(number: usize) -> String {
    format!("operation{number}")
}

/// A program of the operations that are executed, each in a function, with their derivatives.
fn rules<'c>(program: &Program<'c>, settings: &Settings, ops: &[Op], executed: &[usize]) -> Option<Program<'c>> {
    let mut numbers = executed.to_vec();
    numbers.sort_unstable();
    numbers.dedup();
    let mut text = String::new();
    numbers.iter().for_each(|number| write_function(&mut text, &function(*number), ops[*number]));
    let module = Module::parse(program.context(), &text)?;
    let rules = Program::new(program.context(), module, &Source::new("<operations>", ""));
    let request = |number: &usize| DerivativeRequest { function: function(*number), wrt: None };
    let requests: Vec<DerivativeRequest> = numbers.iter().map(request).collect();
    derivatives::add_all(&rules, &[], &requests, &[]).ok()?;
    manager::run(DIFFERENTIATE, rules.module(), settings, &mut ()).ok()?;
    Some(rules)
}

/// Whether an operation is differentiated by a rule of its own: it has no regions.
fn has_rule(op: Op) -> bool {
    let value_type = |value: Val| ValueType::of(value.r#type());
    let carries = |value: Val| value_type(value).is_some_and(|r#type| r#type.dtype.is_differentiable());
    let is_computed =
        |kind: OpKind| !kind.entry().is_structure && matches!(kind.dialect(), "scalar" | "array" | "tensor" | "ad");
    OpKind::of(op).is_some_and(is_computed)
        && region_block(op, 0).is_none()
        && operands(op).into_iter().any(carries)
        && results(op).into_iter().any(carries)
        && operands(op).into_iter().chain(results(op)).all(|value| value_type(value).is_some())
}

/// A function of the operands of an operation that does this operation alone.
fn write_function(text: &mut String, name: &str, op: Op) {
    let types = |values: Vec<Val>| values.into_iter().map(|value| value.r#type().to_string()).collect::<Vec<_>>();
    let (from, to) = (types(operands(op)), types(results(op)));
    let each = |of: &dyn Fn(usize) -> String, count: usize| (0..count).map(of).collect::<Vec<_>>().join(", ");
    let parameters = each(&|place| format!("%a{place}: {}", from[place]), from.len());
    let passed = each(&|place| format!("%a{place}"), from.len());
    let returned = each(&|place| format!("%r#{place}"), to.len());
    let attribute = |(name, value): (Identifier, Attribute)| {
        format!("{} = {value}", name.as_string_ref().as_str().unwrap_or_default())
    };
    let attributes = op.attributes().map(attribute).collect::<Vec<_>>().join(", ");
    let regions = op.regions().map(|_| "{}").collect::<Vec<_>>().join(", ");
    let regions = if regions.is_empty() { regions } else { format!("({regions}) ") };
    let (count, from, to) = (to.len(), from.join(", "), to.join(", "));
    let kind = op.name();
    let kind = kind.as_string_ref().as_str().unwrap_or_default();
    let _ = writeln!(
        text,
        "func.func @{name}({parameters}) -> ({to}) {{
          %r:{count} = \"{kind}\"({passed}) {regions}{{{attributes}}} : ({from}) -> ({to})
          return {returned} : {to}
        }}"
    );
}

/// The arguments of the function, one of them moved.
fn arguments(program: &Program, place: &Place, step: f64) -> Option<Vec<Literal>> {
    let function = program.function("--check-gradients", place.function).ok()?;
    let (inputs, _) = signature(function)?;
    let literal = |(index, (array, input)): (usize, (&Array, Type))| {
        let literal = conversion::literal(array, ValueType::of(input).is_some_and(|r#type| r#type.is_tensor()));
        if index == place.argument { moved(&literal, place.direction, step) } else { literal }
    };
    Some(place.at.iter().zip(inputs).enumerate().map(literal).collect())
}

/// The real parts of a value; none of integers.
fn parts(literal: &Literal) -> Vec<f64> {
    let numbers = literal.iter().map(Number::complex);
    match literal.dtype {
        dtype if dtype.is_complex() => numbers.flat_map(|number| [number.re, number.im]).collect(),
        dtype if dtype.is_differentiable() => numbers.map(|number| number.re).collect(),
        _ => Vec::new(),
    }
}

fn all_parts(values: &[Literal]) -> Parts {
    values.iter().map(parts).collect()
}

/// (a - b) / 2h of each part.
fn slopes(a: &Parts, b: &Parts, step: f64) -> Parts {
    let slope = |(a, b): (&f64, &f64)| (a - b) / (2.0 * step);
    a.iter().zip(b).map(|(a, b)| a.iter().zip(b).map(slope).collect()).collect()
}

fn size(values: &Parts) -> f64 {
    values.iter().flatten().map(|value| value * value).sum::<f64>().sqrt()
}

/// A value moved along a direction, which is given by parts.
fn moved(literal: &Literal, direction: &[f64], step: f64) -> Literal {
    if !literal.dtype.is_differentiable() {
        return literal.clone();
    }
    let parts: Vec<f64> = parts(literal).iter().zip(direction).map(|(part, by)| part + step * by).collect();
    let complex = |pair: &[f64]| Number::Complex(Complex64::new(pair[0], pair[1])).round(literal.dtype);
    let numbers: Vec<Number> = match literal.dtype.is_complex() {
        true => parts.chunks_exact(2).map(complex).collect(),
        false => parts.into_iter().map(|part| Number::Real(part).round(literal.dtype)).collect(),
    };
    match &literal.shape {
        Some(shape) => Literal::tensor(literal.dtype, shape.clone(), numbers),
        None => Literal { elements: dp_dialects::Elements::Splat(numbers[0]), ..literal.clone() },
    }
}
