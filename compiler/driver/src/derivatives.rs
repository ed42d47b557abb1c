//! `--grad`, `--jvp` and `--vjp` add functions that request derivatives.
//!
//! `--grad f` adds `f_grad`, which takes the arguments of `f` and returns `ad.grad @f(…)`. `--jvp f` adds `f_jvp`,
//! which also takes tangents and returns `ad.jvp @f(…)`. Passes expand these requests. The gradient of a function that
//! `--jvp` added is the gradient of the directional derivative: reverse over forward mode.
//!
//! `--vjp f` adds `f_vjp`, which takes the arguments of `f` and cotangents of its results, and returns the results and the
//! cotangents that `ad.pull` gives. Libraries have it as `f_vjp`, `f_pull` and `f_drop`: the mark `dp.pullback` asks
//! `split-pullback` for them. Until there it is one program, in which residuals are values like all others.
//!
//! Tangents and gradients of `x` are named `d_x`. If such a name is taken, as in a derivative of a derivative, all of
//! them are named `d2_x`, or else `d3_x`, and so on: `f_jvp_jvp` takes `x`, `d_x`, `d2_x` and `d2_d_x`.

use super::failure::Failure;
use super::program::{Program, hide};
use super::request::DerivativeRequest;
use dp_abi::{DROP, PULL, VJP};
use dp_ad::calls::ALONE;
use dp_dialects::builder::pullback_type;
use dp_dialects::ir::{
    Op, Val, argument_name, argument_range, dictionary, functions, region_block, result_name, results, sharding,
    signature, symbol_name,
};
use dp_dialects::marks::{NAME, PULLBACK, RANGE, Range, SHARDING};
use dp_dialects::{Builder, Diagnostic, OpKind, Result, ValueType};
use melior::Context;
use melior::ir::attribute::{
    ArrayAttribute, DenseI64ArrayAttribute, FlatSymbolRefAttribute, StringAttribute, TypeAttribute,
};
use melior::ir::operation::OperationLike;
use melior::ir::r#type::FunctionType;
use melior::ir::{Attribute, Type, ValueLike};
use std::collections::{HashMap, HashSet};

/// Kind of derivative.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Derivative {
    /// The value and its gradients.
    Grad,
    /// The results and their directional derivatives.
    Jvp,
    /// The results and, given cotangents of them, cotangents of the arguments.
    Vjp,
}

impl Derivative {
    fn option(self) -> &'static str {
        match self {
            Derivative::Grad => "--grad",
            Derivative::Jvp => "--jvp",
            Derivative::Vjp => "--vjp",
        }
    }

    fn suffix(self) -> &'static str {
        match self {
            Derivative::Grad => "_grad",
            Derivative::Jvp => "_jvp",
            Derivative::Vjp => VJP,
        }
    }

    /// The name of the derivative of a function.
    pub fn of(self, function: &str) -> String {
        format!("{function}{}", self.suffix())
    }

    /// The names of the functions that libraries have for the derivative of a function.
    fn entries(self, function: &str) -> Vec<String> {
        match self {
            Derivative::Grad | Derivative::Jvp => vec![self.of(function)],
            Derivative::Vjp => [VJP, PULL, DROP].iter().map(|suffix| format!("{function}{suffix}")).collect(),
        }
    }
}

/// A function that a request has added.
#[derive(Clone, Debug)]
pub struct Added {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub derivative: Derivative,
    /// The function that it is the derivative of.
    pub of: String,
    /// The positions of that function's arguments, with respect to which it differentiates.
    pub wrt: Vec<usize>,
    /// For a gradient: the position of that function's result of which it is the gradient.
    pub objective: usize,
}

/// Adds the functions of all requests, and lists them. A request on a function that another request adds is processed after that one,
/// in any order.
///
/// # Errors
/// If a request does not fit the program or names a function that does not exist.
pub fn add_all(
    program: &Program,
    grad: &[DerivativeRequest],
    jvp: &[DerivativeRequest],
    vjp: &[DerivativeRequest],
) -> Result<Vec<Added>, Failure> {
    let of = |derivative| move |request| (derivative, request);
    let forward = jvp.iter().map(of(Derivative::Jvp));
    let mut requests: Vec<(Derivative, &DerivativeRequest)> =
        grad.iter().map(of(Derivative::Grad)).chain(forward).chain(vjp.iter().map(of(Derivative::Vjp))).collect();
    let makers: HashMap<String, &str> =
        requests.iter().map(|(derivative, request)| (derivative.of(&request.function), &*request.function)).collect();
    // The number of requests that must be processed before this one. Each adds a suffix to the name, so the recursion
    // ends.
    let depth = |request: &DerivativeRequest| {
        std::iter::successors(makers.get(&request.function), |function| makers.get(**function)).count()
    };
    requests.sort_by_cached_key(|(_, request)| depth(request));
    let is_jvp =
        |name: &str| requests.iter().any(|(of, request)| *of == Derivative::Jvp && of.of(&request.function) == name);
    requests.iter().map(|(derivative, request)| add(program, *derivative, request, is_jvp(&request.function))).collect()
}

/// Adds the function of a request; `is_jvp` tells whether `--jvp` added the function to differentiate.
///
/// # Errors
/// If the request does not fit the program, reported at the function, or if the function does not exist.
fn add(program: &Program, derivative: Derivative, request: &DerivativeRequest, is_jvp: bool) -> Result<Added, Failure> {
    let asked = format!("{} {request}", derivative.option());
    let function =
        program.function(&asked, &request.function).map_err(|diagnostic| match maker(program, &request.function) {
            Some(maker) => diagnostic.help(format!("add {maker}")),
            None => diagnostic,
        })?;
    let name = derivative.of(&request.function);
    let added = differentiated(program, function, derivative, is_jvp).and_then(|(function, objective)| {
        let wrt = check(function, derivative, request)?;
        let taken = functions(program.module());
        let entries = derivative.entries(&request.function);
        if let Some(name) = entries.iter().find(|name| taken.contains_key(name.as_str())) {
            return Err(Diagnostic::request(format!("the name '{name}' is already taken")).help("rename one of them"));
        }
        build(program, function, derivative, &name, &wrt)?;
        Ok(Added { name, derivative, of: request.function.clone(), wrt, objective })
    });
    added.map_err(|diagnostic| diagnostic.prefixed(format_args!("{asked}: ")).report(function.location()).into())
}

/// The option that would add a missing function: the derivative of an existing one.
fn maker(program: &Program, name: &str) -> Option<String> {
    let functions = functions(program.module());
    if functions.contains_key(name) {
        return None;
    }
    [Derivative::Grad, Derivative::Jvp, Derivative::Vjp].into_iter().find_map(|derivative| {
        let of = name.strip_suffix(derivative.suffix())?;
        functions.contains_key(of).then(|| format!("{} {of}", derivative.option()))
    })
}

/// The function to differentiate, and the position of its first result among those of the given function. For a gradient
/// of a function that `--jvp` added, which returns the primal result and the derivative, it is a new private function
/// that returns the derivative alone.
fn differentiated<'c>(
    program: &Program<'c>,
    function: Op<'c>,
    derivative: Derivative,
    is_jvp: bool,
) -> Result<(Op<'c>, usize)> {
    let (inputs, outputs) = types(function)?;
    let (Derivative::Grad, true, [_, output]) = (derivative, is_jvp, &outputs[..]) else { return Ok((function, 0)) };
    let name = format!("{}{ALONE}", symbol_name(function).unwrap_or_default());
    if let Some(made) = functions(program.module()).get(name.as_str()) {
        return Ok((*made, 1));
    }
    let gives = vec![given(function, (1, output))];
    let made = declare(program, function, &name, taken(function, &inputs), gives, |inner, arguments| {
        let callee = FlatSymbolRefAttribute::new(program.context(), symbol_name(function).unwrap_or_default());
        let call = inner.op(OpKind::FuncCall, arguments, &outputs, &[("callee", callee.into())], vec![])?;
        Ok(vec![results(call)[1]])
    })?;
    hide(made);
    Ok((made, 1))
}

fn is_differentiable(r#type: &Type) -> bool {
    ValueType::of(*r#type).is_some_and(|r#type| r#type.dtype.is_differentiable())
}

fn types<'c>(function: Op<'c>) -> Result<(Vec<Type<'c>>, Vec<Type<'c>>)> {
    signature(function).ok_or_else(|| Diagnostic::internal("the function has no signature"))
}

/// The positions of the arguments to differentiate with respect to, which must exist and be differentiable.
fn check(function: Op, derivative: Derivative, request: &DerivativeRequest) -> Result<Vec<usize>> {
    let (inputs, outputs) = types(function)?;
    let carriers: Vec<usize> = (0..inputs.len()).filter(|index| is_differentiable(&inputs[*index])).collect();
    let positions = || carriers.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    let advice = || match carriers.is_empty() {
        true => "only floats, complex numbers and tensors of them are differentiable".into(),
        false => format!("the differentiable arguments are wrt={}", positions()),
    };
    let wrt = request.wrt.clone().unwrap_or_else(|| carriers.clone());
    if wrt.is_empty() {
        return Err(Diagnostic::request("no argument is differentiable").help(advice()));
    }
    for (place, index) in wrt.iter().enumerate() {
        let Some(r#type) = inputs.get(*index) else {
            let message =
                format!("argument {index} does not exist: the function has {} arguments, counted from 0", inputs.len());
            return Err(Diagnostic::request(message).help(advice()));
        };
        if !is_differentiable(r#type) {
            let name = argument_name(function, *index);
            let message = format!("argument {index}, '{name}', has type {type}, which is not differentiable");
            return Err(Diagnostic::request(message).help(advice()));
        }
        if wrt[..place].contains(index) {
            return Err(
                Diagnostic::request(format!("argument {index} is listed twice")).help("list each argument once")
            );
        }
    }
    let is_number = |output: &Type| ValueType::of(*output).is_some_and(|y| y.dtype.is_float() && y.rank() == 0);
    if derivative == Derivative::Grad && !matches!(&outputs[..], [output] if is_number(output)) {
        let given = outputs.iter().map(Type::to_string).collect::<Vec<_>>().join(", ");
        let message = format!("a gradient requires one real scalar result, but the function returns ({given})");
        return Err(Diagnostic::request(message).help("use --vjp or --jvp, or write 'ad.vjp' in the program"));
    }
    if derivative == Derivative::Vjp && !outputs.iter().any(|output| is_differentiable(output)) {
        return Err(Diagnostic::request("no result is differentiable").help("return floats or complex numbers"));
    }
    Ok(wrt)
}

fn build<'c>(program: &Program<'c>, function: Op<'c>, derivative: Derivative, name: &str, wrt: &[usize]) -> Result<()> {
    let context = program.context();
    let (inputs, outputs) = types(function)?;
    let carriers: Vec<usize> = (0..outputs.len()).filter(|index| is_differentiable(&outputs[*index])).collect();

    let mut takes = taken(function, &inputs);
    let mut gives: Vec<Parameter> = outputs.iter().enumerate().map(|result| given(function, result)).collect();
    let of_arguments: Vec<Parameter> = wrt.iter().map(|index| takes[*index].clone()).collect();
    let of_results: Vec<Parameter> = match derivative {
        Derivative::Grad => Vec::new(),
        Derivative::Jvp | Derivative::Vjp => carriers.iter().map(|index| gives[*index].clone()).collect(),
    };
    let names: HashSet<&String> = takes.iter().chain(&gives).map(|parameter| &parameter.name).collect();
    let prefix = prefix(&names, || of_arguments.iter().chain(&of_results).map(|of| of.name.as_str()));
    let derived = |of: Vec<Parameter<'c>>| {
        let prefix = prefix.clone();
        of.into_iter().map(move |of| Parameter { name: format!("{prefix}{}", of.name), range: None, ..of })
    };
    let (of_arguments, of_results) = (derived(of_arguments), derived(of_results));
    match derivative {
        Derivative::Grad => gives.extend(of_arguments),
        Derivative::Jvp => {
            takes.extend(of_arguments);
            gives.extend(of_results);
        }
        Derivative::Vjp => {
            takes.extend(of_results);
            gives.extend(of_arguments);
        }
    }

    let of: Vec<Type> = gives.iter().map(|parameter| parameter.r#type).collect();
    let wrt: Vec<i64> = wrt.iter().map(|index| *index as i64).collect();
    let made = declare(program, function, name, takes, gives, |inner, arguments| {
        let callee = symbol_name(function).unwrap_or_default();
        let attributes = [
            ("callee", FlatSymbolRefAttribute::new(context, callee).into()),
            ("wrt", DenseI64ArrayAttribute::new(context, &wrt).into()),
        ];
        match derivative {
            Derivative::Grad => inner.op(OpKind::AdGrad, arguments, &of, &attributes, vec![]).map(results),
            Derivative::Jvp => inner.op(OpKind::AdJvp, arguments, &of, &attributes, vec![]).map(results),
            Derivative::Vjp => {
                let (arguments, cotangents) = arguments.split_at(inputs.len());
                let of_results: Vec<Type> = cotangents.iter().map(|value| value.r#type()).collect();
                let (types, of_arguments) = of.split_at(outputs.len());
                let pullback = pullback_type(context, &of_results, of_arguments);
                let types: Vec<Type> = types.iter().copied().chain([pullback]).collect();
                let mut values = results(inner.op(OpKind::AdVjp, arguments, &types, &attributes, vec![])?);
                let back = values.pop();
                let given: Vec<Val> = back.into_iter().chain(cotangents.iter().copied()).collect();
                values.extend(results(inner.op(OpKind::AdPull, &given, of_arguments, &[], vec![])?));
                Ok(values)
            }
        }
    })?;
    if derivative == Derivative::Vjp {
        let marked: Vec<i64> = std::iter::once(outputs.len() as i64).chain(wrt.iter().copied()).collect();
        PULLBACK.set(made, &marked);
    }
    Ok(())
}

/// An argument or a result of a function to declare.
#[derive(Clone, Debug)]
struct Parameter<'c> {
    r#type: Type<'c>,
    name: String,
    range: Option<Range>,
    /// How it is spread over devices. A tangent or cotangent is spread as its value.
    sharding: Option<String>,
}

/// The arguments of a function, whose types are given.
fn taken<'c>(function: Op<'c>, inputs: &[Type<'c>]) -> Vec<Parameter<'c>> {
    let argument = |(index, input): (usize, &Type<'c>)| Parameter {
        r#type: *input,
        name: argument_name(function, index),
        range: argument_range(function, index),
        sharding: sharding(function, "arg_attrs", index).map(str::to_owned),
    };
    inputs.iter().enumerate().map(argument).collect()
}

/// A result of a function, by its position and its type.
fn given<'c>(function: Op<'c>, (index, output): (usize, &Type<'c>)) -> Parameter<'c> {
    Parameter {
        r#type: *output,
        name: result_name(function, index),
        range: None,
        sharding: sharding(function, "res_attrs", index).map(str::to_owned),
    }
}

/// Declares a function at the end of the program, with the location of another one; `body` builds the returned values.
fn declare<'c>(
    program: &Program<'c>,
    at: Op<'c>,
    name: &str,
    takes: Vec<Parameter<'c>>,
    gives: Vec<Parameter<'c>>,
    body: impl FnOnce(&Builder<'c>, &[Val<'c>]) -> Result<Vec<Val<'c>>>,
) -> Result<Op<'c>> {
    let context = program.context();
    let Some(block) = region_block(program.module(), 0) else {
        return Err(Diagnostic::internal("the module has no body"));
    };
    let builder = Builder::at_end(context, block, at.location());
    let (argument_attributes, result_attributes) = (attributes(context, &takes), attributes(context, &gives));
    let types = |of: Vec<Parameter<'c>>| of.into_iter().map(|parameter| parameter.r#type).collect::<Vec<Type>>();
    let (takes, gives) = (types(takes), types(gives));
    let (region, arguments, inner) = builder.region(&takes);
    let returned = body(&inner, &arguments)?;
    inner.op(OpKind::FuncReturn, &returned, &[], &[], vec![])?;
    let r#type: Type = FunctionType::new(context, &takes, &gives).into();
    builder.op(
        OpKind::FuncFunc,
        &[],
        &[],
        &[
            ("sym_name", StringAttribute::new(context, name).into()),
            ("function_type", TypeAttribute::new(r#type).into()),
            ("arg_attrs", argument_attributes),
            ("res_attrs", result_attributes),
        ],
        vec![region],
    )
}

/// The prefix for names of derivatives: the first of `d_`, `d2_`, `d3_`, … that makes no name that is already taken.
fn prefix<'a, I: Iterator<Item = &'a str>>(taken: &HashSet<&String>, of: impl Fn() -> I) -> String {
    let prefixes = std::iter::once("d_".to_string()).chain((2..).map(|level| format!("d{level}_")));
    let is_free = |prefix: &String| !of().any(|name| taken.contains(&format!("{prefix}{name}")));
    // The set of taken names is finite.
    prefixes.into_iter().find(is_free).unwrap_or_default()
}

/// One dictionary per parameter, with its name, its range and its sharding.
fn attributes<'c>(context: &'c Context, of: &[Parameter<'c>]) -> Attribute<'c> {
    let dictionaries: Vec<Attribute> = of.iter().map(|parameter| parameter_dictionary(context, parameter)).collect();
    ArrayAttribute::new(context, &dictionaries).into()
}

fn parameter_dictionary<'c>(context: &'c Context, of: &Parameter<'c>) -> Attribute<'c> {
    let range = of.range.as_ref().map(|range| RANGE.attribute(context, range));
    let sharding = of.sharding.as_ref().map(|sharding| SHARDING.attribute(context, sharding));
    dictionary(context, [NAME.attribute(context, &of.name)].into_iter().chain(range).chain(sharding).collect())
}
