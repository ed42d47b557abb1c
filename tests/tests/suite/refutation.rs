//! Every rewrite rule, tried on random terms and on special and random
//! numbers, as its truth demands: both sides are evaluated and compared. A rule
//! that matched a few times only has not been tested, and fails.

mod engine;
pub mod generate;
pub mod numbers;
mod programs;
mod tensors;
pub mod value;

use dp_dialects::{Literal, OpKind, ScalarType};
use dp_simplify::pattern::Equation;
use dp_simplify::rule::{Form, Roots};
use dp_simplify::ruleset::Compiled;
use dp_simplify::{FloatModel, Rule, Soundness, rules};
use dp_terms::Graph;
use dp_terms::Id;
use generate::{Trial, Want};
use numbers::{Random, agree, is_finite};
use std::collections::{BTreeMap, HashMap, HashSet};
use value::{value, values};

/// How often a rule must have held, of each class of numbers.
const MATCHES: usize = 24;

/// How often it is tried to make it match.
const TRIALS: usize = 40_000;

/// The types on which rules of a class of numbers are tried: what holds of real numbers only holds of few digits badly.
fn types(letter: char, soundness: Soundness) -> &'static [ScalarType] {
    match letter {
        'f' if soundness == Soundness::Real => &[ScalarType::F64, ScalarType::F32],
        'f' => &[ScalarType::F64, ScalarType::F32, ScalarType::F16, ScalarType::BF16],
        'c' => &[ScalarType::Complex128, ScalarType::Complex64],
        'i' => &[ScalarType::I32, ScalarType::I8],
        _ => &[ScalarType::I1],
    }
}

/// Applies a rule at a term and compares what it makes with the term; how many
/// of the results say something.
fn check(rule: &Rule, compiled: &Compiled, trial: &mut Trial, left: &Instance, soundness: Soundness) -> usize {
    let (left, speaks_of) = (left.left, &left.speaks_of);
    let node = trial.dag.node(left).clone();
    let mut said = 0;
    for right in compiled.apply(&mut trial.dag, &node, FloatModel::Fast) {
        assert_eq!(trial.dag.facts(right).r#type, node.r#type, "rule '{}' changes the type", rule.name);
        let Some(mut parts) = values(&trial.dag, left, &trial.outside) else { continue };
        if !in_domain(&parts, left, speaks_of, soundness) {
            continue;
        }
        let expected = parts.remove(&left).expect("a term is made of itself");
        let shown = || format!("{:#?}\nwith {:?}", describe(trial, left), trial.outside);
        let found = value(&trial.dag, right, &trial.outside);
        let found =
            found.unwrap_or_else(|| panic!("rule '{}': the right side is undefined for {}", rule.name, shown()));
        let zero = || parts.values().any(|value| value.iter().any(|number| number.is(0.0)));
        match agree(&expected, &found, soundness, &zero) {
            Some(true) => said += 1,
            Some(false) => panic!(
                "rule '{}' ({soundness:?}) is refuted: {expected:?} is not {found:?}\nleft: {}\nright: {:#?}",
                rule.name,
                shown(),
                describe(trial, right)
            ),
            None => {}
        }
    }
    said
}

/// Whether a rule claims anything of a term: where it speaks of finite numbers, those are finite; where it speaks of
/// real ones, so is all that the term is made of.
fn in_domain(parts: &HashMap<Id, Literal>, left: Id, speaks_of: &[Id], soundness: Soundness) -> bool {
    match soundness {
        Soundness::Exact | Soundness::Rounded => true,
        Soundness::Finite => speaks_of.iter().all(|id| is_finite(&parts[id])),
        Soundness::Real => parts.iter().all(|(id, value)| *id == left || is_finite(value)),
    }
}

/// An instance of a rule's left side, and the terms of which the rule speaks.
struct Instance {
    left: Id,
    speaks_of: Vec<Id>,
}

/// A term in words.
fn describe(trial: &Trial, id: Id) -> Vec<String> {
    let line = |id: Id| {
        let node = trial.dag.node(id);
        let (store, head) = (trial.dag.interner(), node.head);
        let (parameters, r#type) = (store.parameters.get(node.parameters), store.types.get(node.r#type));
        format!("{id} = {head:?} {:?} {parameters:?} : {type}", node.children)
    };
    trial.dag.reachable([id]).into_iter().map(line).collect()
}

/// An instance of an equation's left side on some type.
fn instance(equation: &Equation, trial: &mut Trial, random: &mut Random, dtype: ScalarType) -> Option<Instance> {
    let mut want = trial.want(dtype);
    if random.once_in(2) {
        want.dims = None;
    }
    let mut bound = Vec::new();
    for predicate in equation.predicates() {
        let want = Want { dtype: if *predicate { ScalarType::I1 } else { dtype }, dims: want.dims.clone() };
        // A variable is a value from outside, a number, or a number repeated.
        let splat = random.once_in(2);
        let made = if splat { trial.operation(OpKind::ArrayBroadcast, &want, 0) } else { None };
        bound.push(made.unwrap_or_else(|| trial.leaf(&want)));
    }
    let left = equation.left(&mut trial.dag, &bound, dtype)?;
    Some(Instance { left, speaks_of: bound })
}

/// A term at whose top a rule may apply.
fn root(rule: &Rule, trial: &mut Trial, random: &mut Random, dtype: ScalarType) -> Option<Id> {
    let Form::Function(roots, _) = rule.form else { return None };
    let kind = match roots {
        Roots::Of(roots) => random.choose(roots),
        Roots::Elementwise => {
            let fits =
                |kind: &OpKind| kind.is_elementwise() && kind.classes().is_none_or(|classes| classes.admits(dtype));
            let elementwise: Vec<OpKind> = OpKind::ALL.iter().copied().filter(fits).collect();
            random.choose(&elementwise)
        }
    };
    if kind.dialect() == "arith" && kind != OpKind::ArithIndexCast {
        return Some(trial.index_operation(kind));
    }
    let mut want = trial.want(dtype);
    if random.once_in(6) || matches!(kind, OpKind::TensorExtract | OpKind::ArithIndexCast) {
        want.dims = None;
    }
    if kind == OpKind::TensorDim || kind == OpKind::ArithIndexCast && random.once_in(2) {
        want = Want::number(ScalarType::Index);
    }
    if kind == OpKind::TensorFromElements {
        want.dims.iter_mut().flatten().for_each(|dim| *dim = (1, true));
    }
    if kind == OpKind::ScalarAdd && dtype != ScalarType::I1 && random.once_in(3) {
        return trial.sum_of_boxes(&want, 1);
    }
    trial.operation(kind, &want, 2)
}

fn refute(rule: &'static Rule) {
    let compiled = Compiled::of(rule).unwrap_or_else(|error| panic!("rule '{}': {error}", rule.name));
    let equation = match rule.form {
        Form::Equation(text) => Equation::parse(text).ok(),
        Form::Function(..) => None,
    };
    for (letters, soundness) in rule.by_class {
        let of_letter = |letter| types(letter, *soundness).iter().map(move |dtype| (letter, *dtype));
        let dtypes: Vec<(char, ScalarType)> = letters.chars().flat_map(of_letter).collect();
        let mut held: BTreeMap<char, usize> = letters.chars().map(|letter| (letter, 0)).collect();
        let mut random = Random::new(7);
        let mut choices = Random::new(11);
        for number in 0..TRIALS {
            if held.iter().all(|(letter, held)| *held >= MATCHES * types(*letter, *soundness).len()) {
                break;
            }
            let (letter, dtype) = dtypes[number % dtypes.len()];
            // Equations over the reals may fail at isolated points, such as 0.
            let generic = equation.is_some() && *soundness == Soundness::Real;
            let mut trial = Trial::new(&mut random, *soundness, generic);
            let left = match &equation {
                Some(equation) => instance(equation, &mut trial, &mut choices, dtype),
                None => root(rule, &mut trial, &mut choices, dtype)
                    .map(|left| Instance { left, speaks_of: trial.dag.node(left).children.to_vec() }),
            };
            let Some(left) = left else { continue };
            let mut graph_dtype = trial.dag.interner().types.get(trial.dag.node(left.left).r#type).dtype;
            // Index arithmetic is of no class of its own.
            if graph_dtype == ScalarType::Index {
                graph_dtype = dtype;
            }
            if equation.is_none() && graph_dtype != dtype {
                continue;
            }
            *held.entry(letter).or_default() += check(rule, &compiled, &mut trial, &left, *soundness);
        }
        for (letter, held) in held {
            assert!(held >= MATCHES, "rule '{}' held {held} times on {letter}, which is too seldom", rule.name);
        }
    }
}

#[test]
fn names_are_unique() {
    let mut seen = HashSet::new();
    for rule in rules::all() {
        assert!(seen.insert(rule.name), "two rules are named '{}'", rule.name);
        assert!(!rule.doc.is_empty() && !rule.by_class.is_empty(), "rule '{}' says too little", rule.name);
    }
}

/// A wrong rule is caught: the test of the test.
#[test]
#[should_panic(expected = "is refuted")]
fn a_wrong_rule_is_refuted() {
    static WRONG: Rule = Rule::equation("wrong", "x - (a + b) => x - a + b", &[("f", Soundness::Real)]);
    refute(&WRONG);
}

/// A rule that is true of numbers but not to the bit is no exact rule.
#[test]
#[should_panic(expected = "is refuted")]
fn zero_has_a_sign() {
    static INEXACT: Rule = Rule::equation("inexact", "-(a - b) => b - a", &[("f", Soundness::Exact)]);
    refute(&INEXACT);
}

/// A rule that cannot match has not been tested.
#[test]
#[should_panic(expected = "held 0 times")]
fn a_rule_without_instances_fails() {
    static IDLE: Rule = Rule::equation("idle", "x + x => x + x", &[("f", Soundness::Exact)]).when(|_, _| false);
    refute(&IDLE);
}

macro_rules! topics {
    ($($name:ident => $topic:literal,)*) => {
        $(#[test]
        fn $name() {
            let (_, rules) = rules::TOPICS.iter().find(|(topic, _)| *topic == $topic).expect("the topic exists");
            rules.iter().for_each(refute);
        })*

        #[test]
        fn every_topic_is_tried() {
            let tried = [$($topic),*];
            assert!(rules::TOPICS.iter().all(|(topic, _)| tried.contains(topic)));
        }
    };
}

topics! {
    constants => "constants",
    arithmetic => "arithmetic",
    powers => "powers",
    exponentials => "exponentials and logarithms",
    trigonometric => "trigonometric functions",
    floats => "floating-point numbers",
    choice => "comparison and choice",
    conversion => "conversion",
    complex => "complex numbers",
    indices => "extents and indices",
    broadcast => "broadcast",
    transpose => "transpose",
    reshape => "reshape",
    slices => "slice, pad and concatenate",
    reduce => "reduce",
    scans => "scan",
    dot => "dot",
    accumulation => "accumulation",
}
