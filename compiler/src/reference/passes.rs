//! The passes page, from the registry.

use super::markdown::{code, table};
use dp_driver::registry::PASSES;
use dp_passes::manager::OptionDescription;

const FOREWORD: &str = "# Passes

Each pass is a flag of `dpopt`, and a name in `--pass-pipeline`. All are module passes. `dpopt --help` also lists
upstream's passes.
";

pub(super) fn page() -> String {
    let mut text = FOREWORD.to_owned();
    for pass in PASSES {
        text.push_str(&format!(
            "\n## `--{}`\n\n_{}_\n\n{}\n",
            pass.flag(),
            pass.summary(),
            wrapped(pass.description())
        ));
        if !pass.options().is_empty() {
            text.push_str(&format!("\n{}", options(&pass.options())));
        }
    }
    text
}

fn options(options: &[OptionDescription]) -> String {
    let row = |option: &OptionDescription| vec![code(option.name), option.summary.clone(), code(&option.default)];
    table(&["Option", "Description", "Default"], options.iter().map(row))
}

/// Wraps a paragraph at 120 characters.
fn wrapped(text: &str) -> String {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = &lines[lines.len() - 1];
        match line.chars().count() + 1 + word.chars().count() {
            _ if line.is_empty() => lines.last_mut().into_iter().for_each(|line| line.push_str(word)),
            length if length <= 120 => lines.last_mut().into_iter().for_each(|line| line.extend([" ", word])),
            _ => lines.push(word.to_owned()),
        }
    }
    lines.join("\n")
}
