//! A mutation fuzzer: runs mutants of all programs in the repository through `dpc` and every pass of `dpopt`. Any input
//! must give a result or a located error: no signal, no panic, no hang, no output that does not parse.
//!
//!     dp-fuzz TOOLS [--seed N] [--count N] [--minutes N] [--jobs N] [--programs FOLDER]
//!
//! With `--programs`, the mutants are of the programs in a folder, such as those that JAX writes.
//!
//! Mutant `i` of a seed is the same on every machine. Failures are written to `target/fuzz` as minimized programs, with
//! the command in the first line.

mod generic;
mod minimize;
mod mutate;
mod random;
mod tools;

use random::Random;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tools::Tools;

struct Options {
    tools: PathBuf,
    seed: u64,
    count: u64,
    minutes: Option<u64>,
    jobs: usize,
    /// The folder of the programs, if it is not the repository.
    programs: Option<PathBuf>,
}

const USAGE: &str = "usage: dp-fuzz TOOLS [--seed N] [--count N] [--minutes N] [--jobs N] [--programs FOLDER]";

fn options() -> Result<Options, String> {
    let mut words = std::env::args().skip(1);
    let tools = words.next().ok_or(USAGE)?;
    let jobs = std::thread::available_parallelism().map_or(1, usize::from);
    let mut options = Options { tools: tools.into(), seed: 1, count: 5000, minutes: None, jobs, programs: None };
    while let Some(word) = words.next() {
        if word == "--programs" {
            options.programs = Some(words.next().ok_or(USAGE)?.into());
            continue;
        }
        let value = words.next().and_then(|value| value.parse::<u64>().ok()).ok_or(format!("{word} takes a number"))?;
        match word.as_str() {
            "--seed" => options.seed = value,
            "--count" => options.count = value,
            "--minutes" => options.minutes = Some(value),
            "--jobs" => options.jobs = (value as usize).max(1),
            _ => return Err(format!("unknown option {word}")),
        }
    }
    Ok(options)
}

/// The length of the longest programs.
const LONGEST: usize = 20_000;

/// The programs in a directory, recursively, sorted by path. Files with several programs are split.
fn programs(folder: &Path, into: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        if path.is_dir() && name != "target" && !name.starts_with('.') {
            programs(&path, into);
        } else if name.ends_with(".mlir") {
            let text = std::fs::read(&path).unwrap_or_default();
            let text = String::from_utf8_lossy(&text);
            let code = |part: &str| -> String {
                part.lines()
                    .filter(|line| !line.trim_start().starts_with("//"))
                    .map(|line| format!("{line}\n"))
                    .collect()
            };
            // A long list of functions is as many programs.
            let functions = |part: String| -> Vec<String> {
                match part.len() < LONGEST {
                    true => vec![part],
                    false => part.split("\n\n").map(|function| format!("{function}\n")).collect(),
                }
            };
            let parts = text.split("// -----").map(code).flat_map(functions);
            into.extend(parts.filter(|part| part.len() < LONGEST && !part.trim().is_empty()));
        }
    }
}

/// The flags of our passes, from the reference.
fn passes() -> Vec<String> {
    let text = std::fs::read_to_string("docs/reference/passes.md").unwrap_or_default();
    text.lines().filter_map(|line| Some(line.strip_prefix("## `--")?.trim_end_matches('`').to_string())).collect()
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("dp-fuzz: {error}");
            return ExitCode::FAILURE;
        }
    };
    let mut corpus = Vec::new();
    programs(options.programs.as_deref().unwrap_or(Path::new(".")), &mut corpus);
    let tools = Tools { folder: options.tools.clone(), passes: passes() };
    if corpus.is_empty() || tools.passes.is_empty() || !options.tools.join("dpc").exists() {
        eprintln!("dp-fuzz: run this in the root of the repository, after building the tools");
        return ExitCode::FAILURE;
    }
    let end = options.minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
    let (next, tried) = (AtomicU64::new(0), AtomicU64::new(0));
    let found: Mutex<BTreeMap<String, String>> = Mutex::new(BTreeMap::new());
    std::thread::scope(|scope| {
        for _ in 0..options.jobs {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if end.map_or(number >= options.count, |end| Instant::now() > end) {
                        return;
                    }
                    let seed = options.seed.wrapping_shl(32) ^ number;
                    attempt(&tools, &corpus, options.programs.is_some(), seed, &found);
                    tried.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    let found = found.into_inner().unwrap_or_default();
    println!("{} mutants of {} programs, {} failures", tried.into_inner(), corpus.len(), found.len());
    if found.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs one mutant. A failure of a new kind is minimized and written.
fn attempt(tools: &Tools, corpus: &[String], is_foreign: bool, seed: u64, found: &Mutex<BTreeMap<String, String>>) {
    let mut random = Random::new(seed);
    let program: &String = random.pick(corpus);
    let program = match random.below(3) {
        _ if is_foreign => mutate::foreign(program, corpus, &mut random),
        0 => generic::mutant(&tools.generic(program), &mut random),
        _ => mutate::mutant(program, corpus, &mut random),
    };
    let invocation = tools.invocation(&program, is_foreign, &mut random);
    let Some(failure) = tools.failure(&invocation, &program) else { return };
    // The kind of a failure is its message without numbers and names.
    let kind = |failure: &str| -> String {
        let line = failure.lines().next().unwrap_or_default();
        let message = line.split_once(": ").map_or(line, |(_, message)| message);
        message.chars().filter(|c| !c.is_ascii_digit()).collect()
    };
    let key = kind(&failure);
    let new = found.lock().map(|mut found| found.insert(key.clone(), failure.clone()).is_none());
    if !new.unwrap_or(false) {
        return;
    }
    let small = minimize::minimize(&program, |smaller| {
        tools.failure(&invocation, smaller).is_some_and(|failure| kind(&failure) == key)
    });
    let folder = Path::new("target/fuzz");
    let path = folder.join(format!("{seed:016x}.mlir"));
    let text = format!("// {}\n{small}", failure.lines().next().unwrap_or_default());
    match std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, &text)) {
        Ok(()) => println!("{}:\n{failure}\n{small}", path.display()),
        Err(error) => println!("{}: {error}\n{failure}\n{program}", path.display()),
    }
}
