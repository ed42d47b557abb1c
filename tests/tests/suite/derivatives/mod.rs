//! Derivatives of every row of the table, executed: tangents against finite
//! differences, cotangents against tangents, and both once more for second
//! derivatives.

/// Makes a test of each topic, which checks the cases that the function of that name adds, and lists the topics of the
/// file, so that completeness is asked of the cases that tests check.
macro_rules! topics {
    ($($topic:ident),+ $(,)?) => {
        /// The topics of this file.
        pub const TOPICS: &[super::Topic] = &[$($topic),+];

        mod checked {
            $(#[test]
            fn $topic() {
                super::super::cases(super::$topic).iter().for_each(super::super::check);
            })+
        }
    };
}
use topics;

mod algorithms;
mod buffer_algorithms;
mod buffers;
mod case;
pub mod checkpoints;
mod choices;
mod completeness;
pub mod control;
mod decompositions;
mod elementwise;
mod extents;
pub mod iterations;
mod kept_calls;
mod known;
pub mod loops;
mod nests;
mod products;
mod pullbacks;
mod recursion;
mod reductions;
mod scans;
mod shapes;
mod sorts;
mod special;
mod tensors;
mod upstream;
mod vjp;
mod whiles;
mod written;

use crate::cpu::library::Pair;
use crate::programs::{Program, run};
use case::Request;
pub use case::{Argument, Case, Random, Topic, cases};
pub use completeness::TOPICS;
use dp_dialects::{Literal, Number};
use dp_driver::conversion;
use dp_passes::calls::InlineLimit;

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

/// One derivative of a function: the text of a function that asks for it.
pub struct Derived {
    /// Its name.
    pub name: String,
    /// The types of its arguments.
    pub arguments: Vec<String>,
    /// The types of its results.
    pub results: Vec<String>,
    /// The function.
    pub text: String,
}

fn is_float(r#type: &str) -> bool {
    let element = r#type.trim_start_matches("tensor<").trim_end_matches('>');
    element.ends_with("f64") || element.ends_with("f32") || element.contains("complex")
}

/// `name_jvp`: the results, then tangents of those that carry any, given
/// tangents of the arguments of `wrt`.
pub fn jvp(name: &str, arguments: &[String], results: &[String], wrt: &[usize]) -> Derived {
    let mut inputs = arguments.to_vec();
    inputs.extend(wrt.iter().map(|index| arguments[*index].clone()));
    let mut outputs = results.to_vec();
    outputs.extend(results.iter().filter(|r#type| is_float(r#type)).cloned());
    let parameters = list(inputs.iter().enumerate().map(|(i, r#type)| format!("%x{i}: {type}")));
    let passed = list((0..inputs.len()).map(|i| format!("%x{i}")));
    let (from, to) = (list(inputs.clone()), list(outputs.clone()));
    let returned = list((0..outputs.len()).map(|i| format!("%r#{i}")));
    let text = format!(
        "func.func @{name}_jvp({parameters}) -> ({to}) {{\n  %r:{} = ad.jvp @{name}({passed}) wrt {wrt:?} : ({from}) -> ({to})\n  return {returned} : {to}\n}}\n",
        outputs.len()
    );
    Derived { name: format!("{name}_jvp"), arguments: inputs, results: outputs, text }
}

/// `name_vjp`: cotangents of the arguments of `wrt`, given those of the results.
pub fn vjp(name: &str, arguments: &[String], results: &[String], wrt: &[usize]) -> Derived {
    let cotangents: Vec<String> = results.iter().filter(|r#type| is_float(r#type)).cloned().collect();
    let gradients: Vec<String> = wrt.iter().map(|index| arguments[*index].clone()).collect();
    let inputs = [arguments, &cotangents[..]].concat();
    let parameters = list(inputs.iter().enumerate().map(|(i, r#type)| format!("%x{i}: {type}")));
    let passed = list((0..arguments.len()).map(|i| format!("%x{i}")));
    let seeds = list((arguments.len()..inputs.len()).map(|i| format!("%x{i}")));
    let pullback = format!("!ad.pullback<({}) -> ({})>", list(cotangents), list(gradients.clone()));
    let outputs = list(results.iter().cloned().chain([pullback.clone()]));
    let (to, from) = (list(gradients.clone()), list(arguments.to_vec()));
    let returned = match gradients.len() {
        1 => "%g".to_string(),
        count => list((0..count).map(|i| format!("%g#{i}"))),
    };
    let (count, last) = (results.len() + 1, results.len());
    let many = if gradients.len() == 1 { String::new() } else { format!(":{}", gradients.len()) };
    let text = format!(
        "func.func @{name}_vjp({parameters}) -> ({to}) {{\n  %r:{count} = ad.vjp @{name}({passed}) wrt {wrt:?} : ({from}) -> ({outputs})\n  %g{many} = ad.pull %r#{last}({seeds}) : {pullback}\n  return {returned} : {to}\n}}\n"
    );
    Derived { name: format!("{name}_vjp"), arguments: inputs, results: gradients, text }
}

/// `name_vjp` as `--vjp` asks for it: the results, then cotangents of the arguments of `wrt`.
pub fn pullback(name: &str, arguments: &[String], results: &[String], wrt: &[usize]) -> Derived {
    let cotangents: Vec<String> = results.iter().filter(|r#type| is_float(r#type)).cloned().collect();
    let gradients: Vec<String> = wrt.iter().map(|index| arguments[*index].clone()).collect();
    let inputs = [arguments, &cotangents[..]].concat();
    let outputs = [results, &gradients[..]].concat();
    let parameters = list(inputs.iter().enumerate().map(|(i, r#type)| format!("%x{i}: {type}")));
    let passed = list((0..arguments.len()).map(|i| format!("%x{i}")));
    let seeds = list((arguments.len()..inputs.len()).map(|i| format!("%x{i}")));
    let map = format!("!ad.pullback<({}) -> ({})>", list(cotangents), list(gradients.clone()));
    let given = list(results.iter().cloned().chain([map.clone()]));
    let (from, to, last, count) = (list(arguments.to_vec()), list(outputs.clone()), results.len(), gradients.len());
    let each = |value: &str, count: usize| match count {
        1 => vec![format!("%{value}")],
        count => (0..count).map(|i| format!("%{value}#{i}")).collect(),
    };
    let returned = [(0..last).map(|i| format!("%r#{i}")).collect::<Vec<_>>(), each("g", count)].concat();
    let many = if count == 1 { String::new() } else { format!(":{count}") };
    let mark = list([last].iter().chain(wrt).map(ToString::to_string));
    let text = format!(
        "func.func @{name}_vjp({parameters}) -> ({to}) attributes {{dp.pullback = array<i64: {mark}>}} {{\n  %r:{} = ad.vjp @{name}({passed}) wrt {wrt:?} : ({from}) -> ({given})\n  %g{many} = ad.pull %r#{last}({seeds}) : {map}\n  return {} : {to}\n}}\n",
        last + 1,
        list(returned)
    );
    Derived { name: format!("{name}_vjp"), arguments: inputs, results: outputs, text }
}

/// Σ Re(a b), the pairing of cotangents and tangents.
pub fn pairing(a: &[Literal], b: &[Literal]) -> f64 {
    let pairs = a.iter().zip(b).flat_map(|(a, b)| a.iter().zip(b.iter()));
    pairs.map(|(a, b)| (a.complex() * b.complex()).re).sum()
}

pub fn size(a: &[Literal]) -> f64 {
    a.iter().flat_map(|a| a.iter()).map(|x| x.complex().norm_sqr()).sum::<f64>().sqrt()
}

/// a + s b, for arguments that carry derivatives.
pub fn along(a: &[Literal], b: &[Literal], s: f64) -> Vec<Literal> {
    let combine = |(a, b): (&Literal, &Literal)| {
        let sum = |(x, y): (Number, Number)| match x {
            Number::Complex(x) => Number::Complex(x + y.complex() * s),
            x => Number::Real(x.re() + s * y.re()),
        };
        let elements: Vec<Number> = a.iter().zip(b.iter()).map(sum).collect();
        match &a.shape {
            None => Literal::number(a.dtype, elements[0]),
            Some(shape) => Literal::tensor(a.dtype, shape.clone(), elements),
        }
    };
    a.iter().zip(b).map(combine).collect()
}

pub fn carries(literal: &Literal) -> bool {
    literal.dtype.is_differentiable()
}

/// The derivative of a function along a direction, by central differences,
/// extrapolated (Richardson): the error is O(h⁴).
fn difference(f: &dyn Fn(&[Literal]) -> Vec<Literal>, at: &[Literal], direction: &[Literal]) -> Vec<Literal> {
    difference_by(2e-3, f, at, direction)
}

/// The same, with steps of the caller's.
pub fn difference_by(
    h: f64,
    f: &dyn Fn(&[Literal]) -> Vec<Literal>,
    at: &[Literal],
    direction: &[Literal],
) -> Vec<Literal> {
    let central = |h: f64| -> Vec<Literal> {
        let ahead: Vec<Literal> = f(&along(at, direction, h)).into_iter().filter(carries).collect();
        let behind: Vec<Literal> = f(&along(at, direction, -h)).into_iter().filter(carries).collect();
        scale(&along(&ahead, &behind, -1.0), 0.5 / h)
    };
    let (coarse, fine) = (central(h), central(h / 2.0));
    scale(&along(&scale(&fine, 4.0), &coarse, -1.0), 1.0 / 3.0)
}

fn scale(a: &[Literal], s: f64) -> Vec<Literal> {
    along(a, a, s - 1.0)
}

#[track_caller]
fn close(subject: &str, a: &[Literal], b: &[Literal], tolerance: f64) {
    assert_eq!(a.len(), b.len(), "{subject}: number of values");
    for (a, b) in a.iter().zip(b) {
        assert_eq!(a.shape, b.shape, "{subject}: shapes");
    }
    let error = size(&along(a, b, -1.0));
    let bound = tolerance * (1.0 + size(a).max(size(b)));
    assert!(bound.is_finite() && error <= bound, "{subject}: {a:?}\nagainst {b:?}: differ by {error:e}");
}

#[track_caller]
fn equal(subject: &str, a: f64, b: f64, tolerance: f64) {
    let bound = tolerance * (1.0 + a.abs().max(b.abs()));
    assert!(bound.is_finite() && (a - b).abs() <= bound, "{subject}: {a} against {b}");
}

/// A number as a tensor of rank 0: what comes out of a library.
fn as_tensor(value: &Literal) -> Literal {
    Literal { shape: Some(value.extents().to_vec()), ..value.clone() }
}

/// Random values of the shapes and types of others.
fn like(values: &[Literal], random: &mut Random) -> Vec<Literal> {
    let one = |value: &Literal| {
        let (dtype, shape, range) = (value.dtype, value.shape.clone(), (-1.0, 1.0));
        Argument { r#type: String::new(), shape, dtype, range, zeros: Vec::new() }.draw(random)
    };
    values.iter().map(one).collect()
}

/// The passes before derivatives.
const PREPARED: [&str; 4] = ["lower-function-values", "lift-control-flow", "raise-buffers", "raise-to-scalar"];

/// Checks the first and second derivatives of a case at a random point, with respect to all arguments that carry
/// derivatives.
fn check(case: &Case) {
    check_within(case, InlineLimit::default());
}

/// The same, with a limit of inlining.
fn check_within(case: &Case, inline: InlineLimit) {
    let ad = format!("ad none false {inline}");
    let linearize = format!("ad-linearize none false {inline}");
    let Request { wrt, primal, jvp: jvp_f, vjp: vjp_f, .. } = case.request();
    let jvp_jvp = jvp(&jvp_f.name, &jvp_f.arguments, &jvp_f.results, &wrt);
    let jvp_vjp = jvp(&vjp_f.name, &vjp_f.arguments, &vjp_f.results, &wrt);
    let vjp_vjp = vjp(&vjp_f.name, &vjp_f.arguments, &vjp_f.results, &wrt);
    let vjp_jvp = vjp(&jvp_f.name, &jvp_f.arguments, &jvp_f.results, &wrt);
    let derived = [&jvp_f, &vjp_f, &jvp_jvp, &vjp_jvp, &jvp_vjp, &vjp_vjp];
    let text = primal + &derived.iter().map(|derived| derived.text.as_str()).collect::<String>();
    let program = Program::new(&case.name, &text, &[&PREPARED[..], &[&ad]].concat());
    // The linear regions are such ones for a program that writes them out, where they say nothing of where they are
    // from.
    let written = Program::new(&case.name, &text, &[&PREPARED[..], &[&linearize]].concat());
    let written = Program::new(&case.name, &written.text(), &["ad-transpose", &linearize]);
    Program::new(&case.name, &written.text(), &[&ad]);

    let mut random = case.random();
    let at: Vec<Literal> = case.arguments.iter().map(|argument| argument.draw(&mut random)).collect();
    let chosen = |values: &[Literal]| -> Vec<Literal> { wrt.iter().map(|index| values[*index].clone()).collect() };
    let call = |name: &str, parts: &[&[Literal]]| run(&program, name, parts.concat());
    // Replaces the arguments of `wrt`.
    let with = |values: &[Literal]| {
        let mut arguments = at.clone();
        wrt.iter().zip(values).for_each(|(index, value)| arguments[*index] = value.clone());
        arguments
    };
    let point = chosen(&at);
    let [t, s, u] = [(); 3].map(|()| like(&point, &mut random));
    let outputs = call("f", &[&at]);
    let carrying: Vec<Literal> = outputs.iter().filter(|output| carries(output)).cloned().collect();
    let c = like(&carrying, &mut random);

    let values = call("f_jvp", &[&at, &t]);
    let (primal, tangents) = values.split_at(outputs.len());
    assert_eq!(primal, outputs, "{}: the primal results of a jvp", case.name);
    let expected = difference(&|x| call("f", &[&with(x)]), &point, &t);
    close(&format!("{}: jvp against differences", case.name), tangents, &expected, 1e-7);

    let gradients = call("f_vjp", &[&at, &c]);
    for (gradient, argument) in gradients.iter().zip(&point) {
        assert_eq!(gradient.shape, argument.shape, "{}: the shape of a gradient", case.name);
    }
    equal(&format!("{}: vjp against jvp", case.name), pairing(&c, tangents), pairing(&gradients, &t), 1e-11);

    let second = call("f_jvp_jvp", &[&at, &t, &s]);
    let expected = difference(&|x| call("f_jvp", &[&with(x), &t]), &point, &s);
    let tangents = &second[second.len() - expected.len()..];
    close(&format!("{}: jvp of jvp against differences", case.name), tangents, &expected, 1e-6);
    let both: Vec<Literal> = values.iter().filter(|value| carries(value)).cloned().collect();
    let of_both = like(&both, &mut random);
    let back = call("f_jvp_vjp", &[&at, &t, &of_both]);
    let (along, against) = (pairing(&of_both, tangents), pairing(&back, &s));
    equal(&format!("{}: vjp of jvp against jvp of jvp", case.name), along, against, 1e-10);

    let second = call("f_vjp_jvp", &[&at, &c, &s]);
    let expected = difference(&|x| call("f_vjp", &[&with(x), &c]), &point, &s);
    let turned = second[second.len() - expected.len()..].to_vec();
    close(&format!("{}: jvp of vjp against differences", case.name), &turned, &expected, 1e-6);

    // Simplification, and machine code where the case asks for it, change none of them.
    let simplified = Program::new(&case.name, &program.text(), &["simplify"]);
    let compiled = case
        .is_compiled
        .then(|| Pair::with(&simplified.text(), &dp_cpu::Options { inline, ..dp_cpu::Options::default() }));
    let calls: Vec<(&str, Vec<&[Literal]>)> = vec![
        ("f_jvp", vec![&at, &t]),
        ("f_vjp", vec![&at, &c]),
        ("f_jvp_jvp", vec![&at, &t, &s]),
        ("f_jvp_vjp", vec![&at, &t, &of_both]),
        ("f_vjp_jvp", vec![&at, &c, &s]),
        ("f_vjp_vjp", vec![&at, &c, &u]),
    ];
    for (name, parts) in calls {
        let expected: Vec<Literal> = call(name, &parts).into_iter().filter(carries).collect();
        let found = run(&simplified, name, parts.concat()).into_iter().filter(carries).collect::<Vec<_>>();
        close(&format!("{}: @{name} simplified", case.name), &found, &expected, 1e-12);
        if let Some(compiled) = &compiled {
            let found = compiled.call(name, &parts.concat()).unwrap_or_else(|error| panic!("{}: {error}", case.name));
            let found: Vec<Literal> =
                found.iter().map(|array| conversion::literal(array, true)).filter(carries).collect();
            let flat: Vec<Literal> = expected.iter().map(as_tensor).collect();
            close(&format!("{}: @{name} compiled", case.name), &found, &flat, 1e-12);
        }
    }

    let back = call("f_vjp_vjp", &[&at, &c, &u]);
    let (along, against) = (pairing(&u, &turned), pairing(&back, &s));
    equal(&format!("{}: vjp of vjp against jvp of vjp", case.name), along, against, 1e-10);
}
