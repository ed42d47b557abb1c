//! The dialect pages: the output of `mlir-tblgen` without C++ details.

use super::{Page, ReferenceError};
use dp_dialects::LLVM;
use std::process::Command;

/// Each dialect, the file in `dialects/td` that defines it, and its page.
const DIALECTS: [(&str, &str, &str); 3] =
    [("scalar", "Scalar.td", "scalar.md"), ("array", "Array.td", "array.md"), ("ad", "Ad.td", "ad.md")];

const TD: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../dialects/td");

pub(super) fn pages() -> Result<Vec<Page>, ReferenceError> {
    DIALECTS.iter().map(|(dialect, file, name)| Ok(Page { name, text: readable(&describe(dialect, file)?) })).collect()
}

fn describe(dialect: &str, file: &str) -> Result<String, ReferenceError> {
    let tool = format!("{LLVM}/bin/mlir-tblgen");
    let failed = |why: String| ReferenceError::Tool { tool: tool.clone(), why };
    let output = Command::new(&tool)
        .args(["-gen-dialect-doc", &format!("-dialect={dialect}"), &format!("-I{LLVM}/include")])
        .args([&format!("-I{TD}"), &format!("{TD}/{file}")])
        .output()
        .map_err(|error| failed(error.to_string()))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Removes what only C++ programmers need: class names in headings, and interfaces and effects, which are the same for
/// all.
fn readable(text: &str) -> String {
    let left_out = ["<!--", "[TOC]", "Effects: ", "Interfaces: "];
    let mut lines = Vec::new();
    for line in text.lines().filter(|line| !left_out.iter().any(|start| line.starts_with(start))) {
        let heading = line.starts_with('#').then(|| line.find(" (::")).flatten();
        lines.push(heading.map_or(line, |end| &line[..end]));
    }
    lines.join("\n").replace("tensor of numbers of number values", "tensor of numbers")
}
