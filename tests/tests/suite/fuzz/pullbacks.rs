//! Pullbacks of random programs: the two functions of a library against the interpretation of the program that is
//! divided into them.

use super::oracle::{Failures, differentiated_within, run_steps_within};
use super::program::Program;
use crate::cpu::library::{Pair, reference};
use crate::derivatives::{along, carries, pullback, size};
use crate::fuzz::gradients::random_like;
use crate::refutation::numbers::Random;
use dp_dialects::{FloatModel, Literal};
use dp_driver::conversion;
use dp_driver::pipelines::SIMPLIFY;
use dp_passes::calls::InlineLimit;
use melior::Context;

/// What is wrong with the pullbacks of some programs.
pub fn check(context: &Context, programs: &[Program], inline: InlineLimit) -> Result<Failures, String> {
    let mut text = String::new();
    let mut with_pullback = Vec::new();
    for (index, program) in programs.iter().enumerate() {
        let name = format!("f{index}");
        text += &program.text(context, &name);
        let (arguments, results) = (&program.main().body.arguments, program.main().results());
        let is_differentiable = |id: &usize| program.values[*id].is_differentiable();
        let wrt: Vec<usize> = (0..arguments.len()).filter(|place| is_differentiable(&arguments[*place])).collect();
        if wrt.is_empty() || !results.iter().any(is_differentiable) {
            continue;
        }
        let types =
            |ids: &[usize]| ids.iter().map(|id| program.values[*id].r#type.to_string()).collect::<Vec<String>>();
        text += &pullback(&name, &types(arguments), &types(results), &wrt).text;
        with_pullback.push(index);
    }
    let written = differentiated_within(inline, context, &text)?;
    let simplified = differentiated_within(inline, context, &text)?;
    run_steps_within(inline, SIMPLIFY, &simplified, FloatModel::Reassociate)?;
    let pair = Pair::new(&simplified.as_operation().to_string());
    let mut failures = Failures::new();
    for index in with_pullback {
        let (name, at) = (format!("f{index}"), &programs[index].given);
        let interpret = |name: &str, arguments: Vec<Literal>| dp_interp::run(reference(&written), name, arguments).ok();
        let Some(outputs) = interpret(&name, at.clone()) else { continue };
        let carrying: Vec<Literal> = outputs.into_iter().filter(carries).collect();
        let c = random_like(&mut Random::new(index as u64 + 1), &carrying);
        let Some(expected) = interpret(&format!("{name}_vjp"), [&at[..], &c].concat()) else { continue };
        if let Err(error) = compare(&pair, &name, at, &c, &expected) {
            failures.push((index, error));
        }
    }
    Ok(failures)
}

fn compare(pair: &Pair, name: &str, at: &[Literal], c: &[Literal], expected: &[Literal]) -> Result<(), String> {
    let arrays = pair.pull(name, at, c)?;
    if arrays.len() != expected.len() {
        return Err(format!("{} values, not {}", arrays.len(), expected.len()));
    }
    for (place, (array, expected)) in arrays.iter().zip(expected).enumerate() {
        let found = conversion::literal(array, expected.shape.is_some());
        if found.shape != expected.shape {
            return Err(format!("result {place} has extents {:?}, not {:?}", found.shape, expected.shape));
        }
        let is_tame = expected.iter().all(|number| number.complex().norm() <= 1e3);
        if !carries(expected) || !is_tame || crate::fuzz::is_narrow(expected.dtype) {
            continue;
        }
        let error = size(&along(std::slice::from_ref(&found), std::slice::from_ref(expected), -1.0));
        // NaN is no distance at all.
        if error > 1e-8 * (1.0 + size(std::slice::from_ref(expected))) || error.is_nan() {
            return Err(format!("result {place} is {found:?}, not {expected:?}"));
        }
    }
    Ok(())
}
