//! What `dpc` prints and saves during a compilation.

use super::console::Console;
use super::destination::{self, spare};
use super::options::Options;
use super::output::{self, Output};
use super::remark::Remark;
use dp_dialects::Result;
use dp_driver::check_each::Note;
use dp_driver::diagnostics::Severity;
use dp_driver::diagnostics::render::render_all;
use dp_driver::files::refused;
use dp_driver::{Cost, DiagnosticRecord, Event};
use dp_passes::manager;
use dp_runtime::pjrt::{Collective, Figure};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Handles the events of one compilation.
pub struct Reporter<'o> {
    options: &'o Options,
    console: Console<'o>,
    /// The number of snapshots so far.
    snapshots: AtomicUsize,
    /// The remarks for the file of `--ad-report`.
    report: Mutex<Vec<DiagnosticRecord>>,
}

impl<'o> Reporter<'o> {
    /// Prints to a console, as the options say.
    pub fn new(options: &'o Options, console: Console<'o>) -> Reporter<'o> {
        Reporter { options, console, snapshots: AtomicUsize::new(0), report: Mutex::default() }
    }

    /// Prints or saves an event, if the options ask for it.
    ///
    /// # Errors
    /// If a snapshot cannot be written, or the file of `-o` cannot hold the results.
    pub fn handle(&self, event: &Event) -> Result<()> {
        match event {
            Event::Diagnostic(diagnostic) if self.is_for_file(diagnostic) => {
                let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
                report.push((*diagnostic).clone());
            }
            Event::Diagnostic(diagnostic) => self.console.print(diagnostic),
            Event::Pass(event) => self.print_pass(event),
            Event::Call { function, results } => destination::check_results(self.options, function, results.len())?,
            Event::Snapshot { name, text } => self.keep(name, *text)?,
            Event::Phase { name, elapsed } => {
                let milliseconds = elapsed.as_secs_f64() * 1e3;
                let data = json!({ "about": "phase", "phase": name, "milliseconds": milliseconds });
                self.tell(name, &format!("{milliseconds:9.3} ms"), data);
            }
            Event::Step { name, pass, elapsed, operations } if self.options.verbose => {
                let (milliseconds, count) = (elapsed.as_secs_f64() * 1e3, operations());
                let data = json!({
                    "about": "step", "step": name, "pass": pass, "milliseconds": milliseconds, "operations": count,
                });
                self.tell(name, &format!("{milliseconds:9.3} ms, {count} operations"), data);
            }
            Event::Step { .. } => {}
            Event::GradientCheck { derivatives, points, comparisons, inconclusive, evaluator } => {
                let data = json!({
                    "about": "gradients", "derivatives": derivatives, "points": points, "comparisons": comparisons,
                    "inconclusive": inconclusive, "evaluator": evaluator,
                });
                let line = format!(
                    "gradients  {} of {comparisons} comparisons agree, {inconclusive} could not be compared \
                    (derivatives: {derivatives}, points of each: {points}, evaluated by {evaluator})",
                    comparisons - inconclusive
                );
                self.console.remark(&Remark::new(line, data));
            }
            Event::Counted { function, cost, primal } => self.print_costs(function, *cost, *primal),
            Event::CheckEach(note) => {
                let remark = Remark::new(format!("check-each: {note}"), check_each(note));
                self.console.remark(&remark);
            }
            Event::Linker { path } => {
                let path = path.display().to_string();
                self.tell("linker", &path, json!({ "about": "linker", "path": path }));
            }
            Event::Workspace { function, bytes } if self.options.print_memory => {
                let data = json!({ "about": "workspace", "function": function, "bytes": bytes });
                self.console.remark(&Remark::new(format!("{function}: workspace {bytes} bytes"), data).prefix(""));
            }
            Event::Workspace { .. } => {}
            Event::Collectives(collectives) if self.options.print_costs => self.print_collectives(collectives),
            Event::Collectives(_) => {}
            // To standard error, since the executable may go to standard output.
            Event::Memory { of, bytes } => {
                let data = json!({ "about": "memory", "of": of, "bytes": bytes });
                self.console.remark(&Remark::new(format!("memory     {of:<24} {bytes:>12} bytes"), data));
            }
            Event::Cost { of, figure } => {
                let data = json!({ "about": "cost", "of": of, "figure": value(figure) });
                self.console.remark(&Remark::new(format!("cost       {of:<24} {figure:>12}"), data));
            }
        }
        Ok(())
    }

    /// Prints what a call costs, and how much more that is than the cost of the function that it differentiates.
    fn print_costs(&self, function: &str, cost: Cost, primal: Option<(&str, Cost)>) {
        let print = |function: &str, Cost { operations, bytes }: Cost| {
            let data = json!({ "about": "costs", "function": function, "operations": operations, "bytes": bytes });
            let line = format!("costs      {function:<24} {operations:>14} operations {bytes:>14} bytes");
            self.console.remark(&Remark::new(line, data));
        };
        print(function, cost);
        let Some((of, primal)) = primal else { return };
        print(of, primal);
        let ratio = |a: u64, b: u64| (b > 0).then(|| a as f64 / b as f64);
        let ratios = [ratio(cost.operations, primal.operations), ratio(cost.bytes, primal.bytes)];
        let data = json!({ "about": "cost ratios", "function": function, "of": of, "operations": ratios[0], "bytes": ratios[1] });
        let [operations, bytes] = ratios.map(|ratio| ratio.map_or_else(|| "-".into(), |ratio| format!("{ratio:.2}")));
        let line =
            format!("costs      {:<24} {operations:>14} operations {bytes:>14} bytes", format!("{function} / {of}"));
        self.console.remark(&Remark::new(line, data));
    }

    /// Prints the collective operations of a compiled program: each kind, how often it is there, and the elements that each
    /// device gets by it.
    fn print_collectives(&self, collectives: &[Collective]) {
        let mut kinds: BTreeMap<&str, (usize, u64)> = BTreeMap::new();
        for Collective { name, elements } in collectives {
            let (count, total) = kinds.entry(name).or_default();
            *count += 1;
            *total = total.saturating_add(*elements);
        }
        let print = |name: &str, count: usize, elements: u64| {
            let data = json!({ "about": "collectives", "name": name, "count": count, "elements": elements });
            let line = format!("collective {name:<24} {count:>14} operations {elements:>14} elements");
            self.console.remark(&Remark::new(line, data));
        };
        if kinds.is_empty() {
            print("none", 0, 0);
        }
        kinds.into_iter().for_each(|(name, (count, elements))| print(name, count, elements));
    }

    /// Whether a diagnostic is a line of the file of `--ad-report`.
    fn is_for_file(&self, diagnostic: &DiagnosticRecord) -> bool {
        diagnostic.severity == Severity::Remark && matches!(self.options.ad_report, Some(Some(_)))
    }

    /// The file of `--ad-report`, and its contents.
    pub fn file(&self) -> Option<(Output, Vec<u8>)> {
        let path = self.options.ad_report.clone().flatten()?;
        let report = std::mem::take(&mut *self.report.lock().unwrap_or_else(PoisonError::into_inner));
        let lines = render_all(&report, self.options.diagnostics);
        let output = if path == Path::new("-") { Output::Standard } else { Output::File(path) };
        Some((output, lines.into_bytes()))
    }

    /// Prints a property or the result of a phase with `-v`; `data` is the same as JSON.
    fn tell(&self, name: &str, value: &str, data: Value) {
        if self.options.verbose {
            self.console.remark(&Remark::new(format!("{name:<10} {value}"), data));
        }
    }

    /// Saves the program after a phase next to the output, with `--save-temps`.
    fn keep(&self, name: &str, text: &dyn Fn() -> String) -> Result<()> {
        if !self.options.save_temps {
            return Ok(());
        }
        let input = &self.options.input;
        let beside = destination::named(self.options).unwrap_or(input);
        let beside = if beside == Path::new("-") { PathBuf::from("program") } else { beside.into() };
        let number = self.snapshots.fetch_add(1, Ordering::Relaxed) + 1;
        let path = beside.with_extension(format!("{number:02}-{}.mlir", name.replace(' ', "-")));
        spare(input, &path, "--save-temps")?;
        output::write_all(&[(Output::File(path), text().into_bytes())])
    }

    /// Prints an event of the pipeline controls.
    fn print_pass(&self, event: &manager::Event) {
        match event {
            manager::Event::Counted { step, number, runs } => {
                let verb = if *runs { "runs" } else { "is skipped" };
                let data = json!({ "about": "limit", "step": step, "number": number, "runs": runs });
                let remark = Remark::new(format!("optional step {number}: {step} {verb}"), data);
                self.console.remark(&remark.prefix(""));
            }
            manager::Event::Printed { step, pipeline, module } => {
                let data = json!({ "about": "program", "step": step, "pipeline": pipeline, "text": module });
                // As a comment, so that the output can be parsed again.
                let remark = Remark::new(format!("----- after {step} ({pipeline}) -----"), data);
                self.console.remark(&remark.prefix("// ").body(module.as_str()));
            }
            manager::Event::Kept { step, path, outcome: Ok(()) } => {
                let path = path.display().to_string();
                let data = json!({ "about": "reproducer", "step": step, "path": path });
                let line = format!("the program before step '{step}' is in {path}");
                self.console.remark(&Remark::new(line, data).prefix(""));
            }
            manager::Event::Kept { path, outcome: Err(error), .. } => self.console.print(&refused(path, error).into()),
        }
    }
}

/// A note of `--check-each` as JSON.
fn check_each(note: &Note) -> Value {
    match note {
        Note::Unsupported { pass, functions, reason } => json!({
            "about": "check-each", "kind": "unsupported", "pass": pass, "functions": functions, "reason": reason,
        }),
        Note::Supported { pass, functions } => {
            json!({ "about": "check-each", "kind": "supported", "pass": pass, "functions": functions })
        }
        Note::Retyped { pass, functions } => {
            json!({ "about": "check-each", "kind": "retyped", "pass": pass, "functions": functions })
        }
        Note::Agrees { passes, comparisons, inconclusive, points } => json!({
            "about": "check-each", "kind": "agrees", "passes": passes, "comparisons": comparisons,
            "inconclusive": inconclusive, "points": points,
        }),
    }
}

/// A figure as JSON.
fn value(figure: &Figure) -> Value {
    match figure {
        Figure::Text(text) => json!(text),
        Figure::Integer(integer) => json!(integer),
        Figure::Integers(integers) => json!(integers),
        Figure::Float(number) => json!(number),
        Figure::Boolean(is) => json!(is),
    }
}
