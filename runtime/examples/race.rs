//! Compares the run time of StableHLO programs with the same signature:
//!
//! ```text
//! race PLUGIN ROUNDS CALLS --arguments FILE.npy... --results FILE.npy... --programs FILE.mlir...
//! ```
//!
//! Each program is run once, and its results are compared with the given ones, from which their types are also taken.
//! Then every round takes one sample of each program: the mean time of CALLS consecutive calls, in seconds. The order
//! alternates from round to round, so that no program always follows the same one. Arguments and results stay on the
//! device. The output is one line of JSON, with a list for each program: the largest difference of its results, and its
//! samples.
//!
//! `bench/run xla` uses it.

use std::error::Error;
use std::iter::zip;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use dp_runtime::pjrt::{ArrayType, Buffer, Client, Executable, Plugin, Signature};
use dp_runtime::{Array, npy};

const USAGE: &str =
    "usage: race PLUGIN ROUNDS CALLS --arguments FILE.npy... --results FILE.npy... --programs FILE.mlir...";

fn main() -> ExitCode {
    match race() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("race: {error}");
            ExitCode::FAILURE
        }
    }
}

/// The parsed command line.
struct Command {
    plugin: PathBuf,
    rounds: usize,
    calls: u32,
    arguments: Vec<PathBuf>,
    results: Vec<PathBuf>,
    programs: Vec<PathBuf>,
}

impl Command {
    fn parse(words: &[String]) -> Option<Command> {
        let (first, mut rest) = words.split_at_checked(3)?;
        let mut list = |flag: &str| {
            let (_, after) = rest.split_first().filter(|(word, _)| *word == flag)?;
            let end = after.iter().position(|word| word.starts_with("--")).unwrap_or(after.len());
            let (files, others) = after.split_at(end);
            rest = others;
            Some(files.iter().map(PathBuf::from).collect::<Vec<_>>())
        };
        let command = Command {
            plugin: PathBuf::from(&first[0]),
            rounds: first[1].parse().ok()?,
            calls: first[2].parse().ok().filter(|calls| *calls > 0)?,
            arguments: list("--arguments")?,
            results: list("--results")?,
            programs: list("--programs")?,
        };
        rest.is_empty().then_some(command)
    }
}

/// A program, its arguments and its samples so far.
struct Runner<'a> {
    program: Executable,
    arguments: &'a [Buffer],
    samples: Vec<f64>,
}

impl Runner<'_> {
    fn sample(&mut self, calls: u32) -> Result<(), Box<dyn Error>> {
        let start = Instant::now();
        for _ in 0..calls {
            self.program.run_on_device(self.arguments)?;
        }
        self.samples.push(start.elapsed().as_secs_f64() / f64::from(calls));
        Ok(())
    }
}

fn race() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let command = Command::parse(&words).ok_or(USAGE)?;
    let (arguments, expected) = (load(&command.arguments)?, load(&command.results)?);
    let types = |arrays: &[Array]| arrays.iter().map(ArrayType::from).collect();
    let signature = Signature { arguments: types(&arguments), results: types(&expected) };

    // SAFETY: the user passes the file as a plugin.
    let client = unsafe { Plugin::open(&command.plugin) }?.client()?;
    let buffers: Vec<Buffer> = arguments.iter().map(|array| client.upload(array)).collect::<Result<_, _>>()?;
    let mut runners: Vec<Runner> = Vec::new();
    let mut differences: Vec<f64> = Vec::new();
    for path in &command.programs {
        let program = compile(&client, path, &signature)?;
        let results = program.run_on_device(&buffers)?;
        differences.push(difference(&results, &expected).map_err(|error| format!("{}: {error}", path.display()))?);
        runners.push(Runner { program, arguments: &buffers, samples: Vec::new() });
    }

    // The first round warms up caches; its samples are dropped.
    for round in 0..=command.rounds {
        let count = runners.len();
        for turn in 0..count {
            let next = if round % 2 == 0 { turn } else { count - 1 - turn };
            runners[next].sample(command.calls)?;
        }
        if round == 0 {
            runners.iter_mut().for_each(|runner| runner.samples.clear());
        }
    }
    let samples: Vec<Vec<f64>> = runners.into_iter().map(|runner| runner.samples).collect();
    println!("{{\"difference\": {differences:?}, \"seconds\": {samples:?}}}");
    Ok(())
}

fn load(files: &[PathBuf]) -> Result<Vec<Array>, npy::NpyError> {
    files.iter().map(npy::read).collect()
}

fn compile(client: &Client, path: &Path, signature: &Signature) -> Result<Executable, Box<dyn Error>> {
    let fail = |error: &dyn Error| format!("{}: {error}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| fail(&error))?;
    Ok(client.compile(&text, signature.clone()).map_err(|error| fail(&error))?)
}

/// The largest difference from the expected results, relative to the largest element of the result.
fn difference(results: &[Buffer], expected: &[Array]) -> Result<f64, Box<dyn Error>> {
    let mut greatest = 0.0_f64;
    for (index, (buffer, expected)) in zip(results, expected).enumerate() {
        let result = buffer.download()?;
        let (Some(result), Some(expected)) = (result.as_slice::<f32>(), expected.as_slice::<f32>()) else {
            return Err(format!("result {index} has type {}; only f32 is compared", result.mlir_type()).into());
        };
        let size = expected.iter().fold(0.0, |size: f64, item| size.max(f64::from(item.abs())));
        for (result, expected) in zip(result, expected) {
            let apart = (f64::from(*result) - f64::from(*expected)).abs();
            let part = if apart == 0.0 { 0.0 } else { apart / size };
            if !part.is_finite() {
                return Err(format!("result {index} has an element {result}, where {expected} is expected").into());
            }
            greatest = greatest.max(part);
        }
    }
    Ok(greatest)
}
