//! The page of rewrite rules, from the tables of `dp_simplify` and the floating-point models.

use super::markdown::{code, table};
use dp_dialects::{FloatModel, License};
use dp_simplify::rule::{Admission, Form, Rule, Soundness};
use dp_simplify::rules::TOPICS;

const FOREWORD: &str = "# Rewrite rules

## Floating-point models

`--fp` selects a floating-point model. Rewriting, constant folding, fusion, and the fast-math flags of LLVM and NVVM
follow this table. XLA's own simplifier differs; see [what XLA computes differently](xla.md).
";

const RULES: &str = "
Fast-math flags of generated code: none in `strict`; in `reassociate`, `contract`, and also `reassoc` where partial
results of a reduction are combined; in `fast`, `fast`. Code compiled under `reassociate` never assumes that a value is
finite.

A value is *proved finite* if it is computed from constants, integers, `tanh`, `logistic`, `sin`, `cos`, `sign`, `erf`
or indices by arithmetic that cannot overflow (`passes/terms/src/facts/range.rs`).

## Soundness classes

Every rule has a soundness class for each class of element types. Tests try to refute it.
";

const LIST: &str = "
If a rule combines constants, the result must be 0 or a normal number; otherwise digits would be lost, and the rule does
not fire. Normal-form rules (*normal*) fire wherever they match. For the others, the cheaper side is chosen.
";

pub(super) fn page() -> String {
    let count: usize = TOPICS.iter().map(|(_, rules)| rules.len()).sum();
    let mut text = format!("{FOREWORD}\n{}{RULES}\n{}{LIST}\nThere are {count} rules.\n", models(), classes());
    for (topic, rules) in TOPICS {
        let header = ["Rule", "Equation", "Soundness", "Normal"];
        text.push_str(&format!("\n## {}\n\n{}", capitalized(topic), table(&header, rules.iter().map(cells))));
    }
    text
}

/// The table of permitted transformations, one column per model.
fn models() -> String {
    let names = FloatModel::ALL.map(|model| code(model.name()));
    let header: Vec<&str> = ["License"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let row = |license: License| {
        let may = |model: FloatModel| if model.may(license) { "yes" } else { "no" };
        let cells = FloatModel::ALL.map(|model| may(model).to_owned());
        [license.summary().to_owned()].into_iter().chain(cells).collect::<Vec<_>>()
    };
    table(&header, License::ALL.into_iter().map(row))
}

/// The soundness classes, and the models that permit them.
fn classes() -> String {
    let header = ["Class", "Claim", "`strict`", "`reassociate`", "`fast`"];
    let row = |soundness: Soundness| {
        let admission = |model: FloatModel| match soundness.admission(model) {
            Admission::Always => "yes",
            Admission::Proved => "where proved finite",
            Admission::Never => "no",
        };
        let mut cells = vec![word(soundness).to_owned(), claim(soundness).to_owned()];
        cells.extend(FloatModel::ALL.map(|model| admission(model).to_owned()));
        cells
    };
    table(&header, Soundness::ALL.into_iter().map(row))
}

fn claim(soundness: Soundness) -> &'static str {
    match soundness {
        Soundness::Exact => "the same bits for all arguments (a NaN is a NaN)",
        Soundness::Rounded => {
            "the same for all arguments, NaN and infinities included, except for rounding, the sign of zero, and \
             overflow of intermediate results; for complex numbers, both sides are finite or neither is"
        }
        Soundness::Finite => "as rounded, for finite arguments",
        Soundness::Real => "equal over the real numbers",
    }
}

fn cells(rule: &Rule) -> Vec<String> {
    let text = match rule.form {
        Form::Equation(text) => code(text),
        Form::Function(..) => rule.doc.to_owned(),
    };
    let text = if rule.condition.is_some() { format!("{text}, under a condition") } else { text };
    let by_class: Vec<String> = rule
        .by_class
        .iter()
        .map(|(classes, soundness)| format!("{} on {}", word(*soundness), words(classes)))
        .collect();
    let normal = if rule.normal { "yes" } else { "" };
    vec![code(rule.name), text, by_class.join("; "), normal.into()]
}

fn word(soundness: Soundness) -> &'static str {
    match soundness {
        Soundness::Exact => "exact",
        Soundness::Rounded => "rounded",
        Soundness::Finite => "finite",
        Soundness::Real => "real",
    }
}

fn words(classes: &str) -> String {
    let word = |class| match class {
        'f' => "floats",
        'c' => "complex numbers",
        'i' => "integers",
        'b' => "booleans",
        _ => "others",
    };
    classes.chars().map(word).collect::<Vec<_>>().join(", ")
}

fn capitalized(topic: &str) -> String {
    topic[..1].to_uppercase() + &topic[1..]
}
