//! The page of supported operations: each operation is tried on each element type and target.

use super::markdown::{code, table};
use super::probe::{Prober, Support};
use super::samples::{Sample, samples};
use dp_dialects::{Literal, OpKind, ScalarType};
use std::collections::BTreeMap;

const FOREWORD: &str = "# Supported operations

Each operation and element type was tried in a minimal program: with the verifier, the interpreter (`--target=interp`)
and the lowerings for CPUs (`--target=cpu`), NVIDIA GPUs (`--target=cuda`) and XLA (`--target=xla`).

- *yes*: every target supports it.
- a dash: the operation does not take the type; the last column quotes the verifier.
- a letter: a target does not support it, for the reason below.

`scalar.convert` was tried from a type to itself, `array.reduce region` and `array.scan region` with a region without
arithmetic. See also [what XLA computes differently](xla.md).
";

/// The element types of a program's values.
fn types() -> impl Iterator<Item = ScalarType> {
    ScalarType::ALL.into_iter().filter(|dtype| *dtype != ScalarType::Index)
}

/// Reasons, lettered in order of appearance.
#[derive(Default)]
struct Reasons(BTreeMap<usize, String>);

impl Reasons {
    fn letter(&mut self, reason: String) -> String {
        let known = self.0.iter().find(|(_, known)| **known == reason).map(|(number, _)| *number);
        let number = known.unwrap_or(self.0.len());
        self.0.insert(number, reason);
        letter(number)
    }
}

fn letter(number: usize) -> String {
    let last = char::from(b'a' + (number % 26) as u8);
    if number < 26 { last.into() } else { format!("{}{last}", letter(number / 26 - 1)) }
}

pub(super) fn page() -> String {
    let prober = Prober::new();
    let mut reasons = Reasons::default();
    let mut rows = Vec::new();
    for kind in OpKind::ALL.iter().copied() {
        for sample in samples(kind) {
            let name = format!("{} {}", kind.name(), sample.form);
            let cells: Vec<Cell> = types().map(|dtype| cell(&prober, &mut reasons, kind, &sample, dtype)).collect();
            let refusal = cells.iter().find_map(|cell| cell.as_ref().err().cloned()).unwrap_or_default();
            let mut row = vec![code(name.trim_end())];
            row.extend(cells.into_iter().map(|cell| cell.unwrap_or_else(|_| "–".into())));
            row.push(refusal);
            rows.push(row);
        }
    }
    let names: Vec<String> = types().map(|dtype| code(dtype.name())).collect();
    let names = names.iter().map(String::as_str);
    let header: Vec<&str> = std::iter::once("Operation").chain(names).chain(["Diagnostic"]).collect();
    let mut text = format!("{FOREWORD}\n{}", table(&header, rows));
    if !reasons.0.is_empty() {
        text.push_str("\nReasons:\n\n");
    }
    for (number, reason) in &reasons.0 {
        text.push_str(&format!("- {}: {reason}\n", letter(*number)));
    }
    text
}

/// A program that uses one operation on one element type.
#[derive(Clone, Debug)]
pub struct SmallProgram {
    /// The operation, its form and the type, usable as a file name.
    pub name: String,
    /// The program, whose function is `f`.
    pub text: String,
    /// Its arguments.
    pub arguments: Vec<Literal>,
}

/// The programs that the page tries, except those that the verifier rejects.
pub fn programs() -> Vec<SmallProgram> {
    let prober = Prober::new();
    let mut programs = Vec::new();
    for kind in OpKind::ALL.iter().copied() {
        for (sample, dtype) in samples(kind).iter().flat_map(|sample| types().map(move |dtype| (sample, dtype))) {
            let Some(text) = sample.program(kind, dtype).filter(|text| prober.parse(text).is_ok()) else { continue };
            let words = format!("{} {} {}", kind.name(), sample.form, dtype.name());
            let words = words.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
            let name = words.collect::<Vec<_>>().join("_");
            programs.push(SmallProgram { name, text, arguments: super::samples::arguments(dtype) });
        }
    }
    programs
}

/// The answers of the targets, or else the verifier's message.
type Cell = Result<String, String>;

fn cell(prober: &Prober, reasons: &mut Reasons, kind: OpKind, sample: &Sample, dtype: ScalarType) -> Cell {
    let program = sample.program(kind, dtype).ok_or("complex numbers have parts of f32 or f64")?;
    let mut module = prober.parse(&program)?;
    let interpreted = prober.interpreted(&module, dtype);
    let answers = [
        ("interp", interpreted),
        ("cpu", prober.lowered(&mut module, &dp_cpu::PIPELINE)),
        ("cuda", prober.lowered(&mut prober.parse(&program)?, &dp_cuda::PIPELINE)),
        ("xla", prober.stablehlo(&mut prober.parse(&program)?)),
    ];
    let mut refusals = Vec::new();
    for (target, support) in answers {
        if let Support::Refused(reason) = support {
            refusals.push(reasons.letter(format!("{target}: {reason}")));
        }
    }
    Ok(if refusals.is_empty() { "yes".into() } else { refusals.join(", ") })
}
