//! The page of rewrite rules: `dp_simplify`'s tables.

use super::markdown::{code, table};
use dp_simplify::rule::{Form, Fp, Rule, Truth};
use dp_simplify::rules::TOPICS;

const FOREWORD: &str = "# Rewrite rules

What `--simplify` knows to be equal. A rule is *exact* where both sides have the same bits on all arguments (a NaN is
a NaN), *finite* where they are the same on finite numbers, the sign of zero aside, and *real* where they are the same
over the real numbers. By `--fp`: `strict` admits exact rules, `default` finite ones too, `fast` all; a rule that is
admitted otherwise says so. Rules of the normal form (*normal*) are applied wherever they fit; between the two sides of
the others, the cheaper is chosen.
";

pub(super) fn page() -> String {
    let count: usize = TOPICS.iter().map(|(_, rules)| rules.len()).sum();
    let mut text = format!("{FOREWORD}\nThere are {count} rules.\n");
    for (topic, rules) in TOPICS {
        let header = ["Rule", "What it says", "How true", "Admitted", "Normal"];
        text.push_str(&format!("\n## {}\n\n{}", capitalized(topic), table(&header, rules.iter().map(cells))));
    }
    text
}

fn cells(rule: &Rule) -> Vec<String> {
    let what = match rule.form {
        Form::Equation(text) => code(text),
        Form::Function(..) => rule.doc.to_owned(),
    };
    let what = if rule.condition.is_some() { format!("{what}, under a condition") } else { what };
    let truths: Vec<String> =
        rule.truths.iter().map(|(classes, truth)| format!("{} on {}", word(*truth), words(classes))).collect();
    let admitted = rule.from.map_or("", |from| match from {
        Fp::Strict => "always",
        Fp::Default => "from `default` on",
        Fp::Fast => "in `fast`",
    });
    let normal = if rule.normal { "yes" } else { "" };
    vec![code(rule.name), what, truths.join("; "), admitted.into(), normal.into()]
}

fn word(truth: Truth) -> &'static str {
    match truth {
        Truth::Exact => "exact",
        Truth::Finite => "finite",
        Truth::Real => "real",
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
