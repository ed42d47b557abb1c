//! Runs the tools under test, in child processes with limits on memory and time.

use crate::random::Random;
use std::io::{Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Limits of a tool: address space in KiB, and CPU time in seconds.
const LIMITS: &str = "ulimit -v 8000000; ulimit -S -t 30; ulimit -c 0; exec \"$@\"";

/// The signal at the CPU time limit.
const SIGXCPU: i32 = 24;

/// The wall-clock time after which a tool counts as hanging. It is much longer than the CPU time limit, since machines
/// may be busy.
const PATIENCE: Duration = Duration::from_secs(240);

/// A command to run on a program from standard input.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// `dpc` or `dpopt`.
    pub tool: &'static str,
    /// Its arguments, including the input.
    pub arguments: Vec<String>,
    /// Whether the output of a successful run is MLIR text.
    pub writes_mlir: bool,
}

impl Invocation {
    fn has(&self, argument: &str) -> bool {
        self.arguments.iter().any(|own| own == argument)
    }

    /// A command that tells whether a hang is due to a program that does not terminate, and whether the command
    /// executes the program: interpretation instead of execution of machine code, or only the steps before
    /// interpretation. `None` if the invocation does not execute the program.
    fn without_execution(&self) -> Option<(Vec<String>, bool)> {
        let at = self.arguments.iter().position(|own| own == "--run")?;
        let mut arguments = self.arguments.clone();
        if self.has("--target=interp") {
            arguments.splice(at..at + 3, ["--emit=simplified".to_string()]);
            return Some((arguments, true));
        }
        arguments.push("--target=interp".into());
        Some((arguments, false))
    }
}

/// The tools under test.
#[derive(Clone, Debug)]
pub struct Tools {
    /// Their directory.
    pub folder: PathBuf,
    /// The flags of our passes.
    pub passes: Vec<String>,
}

struct Ended {
    code: Option<i32>,
    output: Vec<u8>,
    errors: String,
    hung: bool,
    /// Whether it reached the CPU time limit.
    exhausted: bool,
}

impl Tools {
    /// A random invocation for a program. One that is not in our dialects is translated instead of given to a pass.
    pub fn invocation(&self, program: &str, is_foreign: bool, random: &mut Random) -> Invocation {
        let functions = functions(program);
        let (name, inputs) = match functions.is_empty() {
            true => ("f".to_string(), Vec::new()),
            false => random.pick(&functions).clone(),
        };
        let dpc = |arguments: &[&str], writes_mlir| Invocation {
            tool: "dpc",
            arguments: std::iter::once("-").chain(arguments.iter().copied()).map(str::to_owned).collect(),
            writes_mlir,
        };
        let mut values = || inputs.iter().map(|r#type| value(r#type, random)).collect::<Vec<_>>().join(",");
        let arguments = format!("--args={}", values());
        match random.below(16) {
            0 => dpc(&["--emit=simplified"], true),
            1 => dpc(&["--emit=linalg"], true),
            2 => dpc(&["--emit=llvm"], false),
            3 => dpc(&["--emit=obj", "-o", "/dev/null"], false),
            4 => dpc(&["--target=xla", "--emit=stablehlo"], false),
            5 => dpc(&["--target=cuda", "--emit=ptx"], false),
            6 => dpc(&["--grad", &name, "--emit=simplified"], true),
            7 => dpc(&["--grad", &name, "--emit=llvm"], false),
            8 => dpc(&["--jvp", &name, "--emit=linalg"], true),
            9 => dpc(&["--target=interp", "--run", &name, &arguments], false),
            10 => dpc(&["--run", &name, &arguments], false),
            11 => dpc(&["--grad", &name, "--target=interp", "--run", &format!("{name}_grad"), &arguments], false),
            _ if is_foreign => {
                Invocation { tool: "dpopt", arguments: vec!["--import-stablehlo".into()], writes_mlir: true }
            }
            _ => {
                let pass = format!("--{}", random.pick(&self.passes));
                Invocation { tool: "dpopt", arguments: vec![pass], writes_mlir: true }
            }
        }
    }

    /// A program in generic form; unchanged if it does not parse.
    pub fn generic(&self, program: &str) -> String {
        let ended = self.run("dpopt", &["--mlir-print-op-generic".into()], program.as_bytes());
        match ended.code {
            Some(0) => String::from_utf8_lossy(&ended.output).into_owned(),
            _ => program.to_string(),
        }
    }

    /// Runs an invocation. Returns a description of the failure, if it fails; its first line identifies the kind of
    /// failure.
    pub fn failure(&self, invocation: &Invocation, program: &str) -> Option<String> {
        let ended = self.run(invocation.tool, &invocation.arguments, program.as_bytes());
        // The program itself may not terminate, or recurse infinitely.
        let overflowed = ended.errors.contains("has overflowed its stack");
        if (ended.exhausted || ended.hung || overflowed)
            && let Some((arguments, succeeds)) = invocation.without_execution()
            && (self.run(invocation.tool, &arguments, program.as_bytes()).code == Some(0)) == succeeds
        {
            return None;
        }
        let panic = ended.errors.lines().find(|line| line.contains("panicked at"));
        let internal = ended.errors.lines().find(|line| line.contains("internal error"));
        let kind = if ended.hung {
            "hangs".to_string()
        } else if let Some(line) = panic.or(internal) {
            let place = line.split("panicked at").last().unwrap_or(line);
            format!("panics: {}", place.trim().trim_start_matches("<stdin>"))
        } else if ended.code.is_none_or(|code| code != 0 && code != 1) && !is_usage(&ended) {
            format!("ends with {:?}", ended.code)
        } else if ended.code != Some(0) && !is_located(&ended.errors, program) {
            format!("fails without a location: {}", ended.errors.lines().next().unwrap_or("silently"))
        } else if ended.code == Some(0) && invocation.writes_mlir {
            let again = self.run("dpopt", &["-o".into(), "/dev/null".into()], &ended.output);
            match again.code {
                Some(0) => return None,
                _ => {
                    let error = again.errors.lines().next().unwrap_or("silently").to_string();
                    format!("output does not parse: {}", error.split("error:").last().unwrap_or_default())
                }
            }
        } else {
            return None;
        };
        Some(format!("{} {}: {kind}\n{}", invocation.tool, invocation.arguments.join(" "), ended.errors))
    }

    fn run(&self, tool: &str, arguments: &[String], input: &[u8]) -> Ended {
        let mut child = Command::new("sh")
            .args(["-c", LIMITS, "sh"])
            .arg(self.folder.join(tool))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sh is there");
        let mut pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        std::thread::scope(|scope| {
            // Writing fails if the tool exits without reading its input.
            scope.spawn(|| pipes.0.take().map(|mut pipe| pipe.write_all(input)));
            let output = scope.spawn(|| read(pipes.1.as_mut()));
            let errors = scope.spawn(|| read(pipes.2.as_mut()));
            let start = Instant::now();
            let mut runs = || child.try_wait().expect("the child is ours").is_none();
            while runs() && start.elapsed() < PATIENCE {
                std::thread::sleep(Duration::from_millis(2));
            }
            let hung = runs();
            if hung {
                child.kill().expect("the child is ours");
            }
            let status = child.wait().expect("the child is ours");
            Ended {
                code: status.code(),
                output: output.join().unwrap_or_default(),
                errors: String::from_utf8_lossy(&errors.join().unwrap_or_default()).into_owned(),
                hung,
                exhausted: status.signal() == Some(SIGXCPU),
            }
        })
    }
}

fn read(pipe: Option<&mut impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.read_to_end(&mut bytes);
    }
    bytes
}

/// Whether the tool rejected its command line.
fn is_usage(ended: &Ended) -> bool {
    ended.code == Some(2) && ended.errors.contains("error: ")
}

/// Whether an error has a location in the program, or concerns the command line.
fn is_located(errors: &str, program: &str) -> bool {
    errors.lines().any(|line| {
        let Some((place, _)) = line.split_once(": error: ") else { return false };
        let numbers = place.rsplit(':').take(2).all(|part| part.parse::<u32>().is_ok_and(|number| number > 0));
        // A program can contain explicit locations such as `loc("f")`.
        let own = place.starts_with("<unknown>") && line.contains(": error: loc(");
        // A mutant of one may say line 0, which is no line.
        let own = own || program.contains(&format!("\"{place}\":0:"));
        numbers || own || line.starts_with("dpc: error: ") || place == "<stdin>"
    })
}

/// The functions of a program and the types of their arguments, found in the text.
fn functions(program: &str) -> Vec<(String, Vec<String>)> {
    let generic = program.match_indices("sym_name = \"").filter_map(|(at, mark)| {
        let name = program[at + mark.len()..].split('"').next()?;
        // The types are in the attribute `function_type`, before the name.
        let types = program[..at].rsplit_once("function_type = (")?.1.split(") ->").next()?;
        Some((name.to_string(), types.split(", ").filter(|r#type| !r#type.is_empty()).map(str::to_owned).collect()))
    });
    let heads = program.match_indices("func.func ").filter_map(|(at, _)| {
        let rest = program[at..].split_once('@')?.1;
        let (name, rest) = rest.split_once('(')?;
        let inputs = rest.split_once(')')?.0;
        let types = inputs.split('%').skip(1).filter_map(|input| {
            let r#type = input.split_once(':')?.1.split('{').next()?;
            Some(r#type.trim().trim_end_matches(',').to_string())
        });
        Some((name.trim().to_string(), types.collect()))
    });
    generic.chain(heads).filter(|(name, _)| !name.is_empty() && !name.contains(char::is_whitespace)).collect()
}

/// A random value of a type, in the syntax of `--args`.
fn value(r#type: &str, random: &mut Random) -> String {
    let inner = r#type.trim_start_matches("tensor<").trim_end_matches('>');
    let mut extents: Vec<&str> = inner.split('x').collect();
    let element = extents.pop().unwrap_or_default();
    let numbers: &[&str] = match element.starts_with('i') {
        true => &["0", "1", "2", "-1", "3"],
        false => &["0.0", "1.0", "-2.5", "0.5", "nan", "inf", "1e30"],
    };
    let number = *random.pick(numbers);
    if !r#type.starts_with("tensor") {
        return number.to_string();
    }
    extents.iter().rev().fold(number.to_string(), |value, extent| {
        let extent = extent.parse::<usize>().unwrap_or(2).min(64);
        format!("[{}]", vec![value; extent].join(","))
    })
}
