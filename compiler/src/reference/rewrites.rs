//! The page of rewrite rules: `dp_simplify`'s tables, and the models that admit them.

use super::markdown::{code, table};
use dp_dialects::{FloatModel, License};
use dp_simplify::rule::{Admission, Form, Rule, Soundness};
use dp_simplify::rules::TOPICS;

const FOREWORD: &str = "# Rewrite rules

## What each floating-point model may do

`--fp` chooses a model. Rewriting, folding of constants, fusion, and the flags of LLVM and NVVM ask the same table. XLA
has laws of its own beside them; see [support](support.md).
";

const RULES: &str = "
Flags of generated code: none in `strict`; `contract` in `reassociate`, and `reassoc` besides where partial results of
a reduction are combined; `fast` in `fast`. So no code of `reassociate` takes a number to be neither NaN nor infinite.

A number is *proved finite* from constants, integers, `tanh`, `logistic`, `sin`, `cos`, `sign`, `erf`, indices and what
is computed of those without possible overflow (`passes/terms/src/range.rs`).

## How true a rule is

Every rule has a soundness class for each class of numbers, which a test tries to refute.
";

const LIST: &str = "
A constant that a rule makes of others is 0 or a normal number; else the rule does not fire, as it would lose digits.
Rules of the normal form (*normal*) are applied wherever they fit; between the two sides of the others, the cheaper is
chosen.
";

pub(super) fn page() -> String {
    let count: usize = TOPICS.iter().map(|(_, rules)| rules.len()).sum();
    let mut text = format!("{FOREWORD}\n{}{RULES}\n{}{LIST}\nThere are {count} rules.\n", models(), classes());
    for (topic, rules) in TOPICS {
        let header = ["Rule", "What it says", "How true", "Normal"];
        text.push_str(&format!("\n## {}\n\n{}", capitalized(topic), table(&header, rules.iter().map(cells))));
    }
    text
}

/// The table of licenses, a column a model.
fn models() -> String {
    let names = FloatModel::ALL.map(|model| code(model.name()));
    let header: Vec<&str> = ["May it"].into_iter().chain(names.iter().map(String::as_str)).collect();
    let row = |license: License| {
        let may = |model: FloatModel| if model.may(license) { "yes" } else { "no" };
        let cells = FloatModel::ALL.map(|model| may(model).to_owned());
        [license.summary().to_owned()].into_iter().chain(cells).collect::<Vec<_>>()
    };
    table(&header, License::ALL.into_iter().map(row))
}

/// The soundness classes, and when each model admits them.
fn classes() -> String {
    let header = ["Class", "What it claims", "`strict`", "`reassociate`", "`fast`"];
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
        Soundness::Exact => "the same bits on all arguments (a NaN is a NaN)",
        Soundness::Rounded => {
            "the same on all arguments, NaN and infinities included, but for rounding, the sign of zero, and overflow \
             on the way; of a complex number, whether it is finite"
        }
        Soundness::Finite => "the same on finite numbers, the sign of zero aside",
        Soundness::Real => "the same over the real numbers",
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
