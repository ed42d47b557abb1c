//! Programs that speak to a driver through cudarc, with the double in its place.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

struct Run {
    folder: tempfile::TempDir,
    output: Output,
}

fn example() -> PathBuf {
    let executable = std::env::current_exe().expect("an executable");
    executable.ancestors().nth(2).expect("a folder").join("examples/host")
}

/// Runs the program with the double in place of the driver.
fn host(what: &str, environment: &[(&str, &str)]) -> Run {
    let folder = tempfile::tempdir().expect("a folder");
    dp_cuda_double::arrange(&folder.path().join("lib")).expect("the library");
    let output = Command::new(example())
        .arg(what)
        .env("LD_LIBRARY_PATH", folder.path().join("lib"))
        .env("DP_CUDA_DOUBLE_REPORT", folder.path().join("report"))
        .env("DP_CUDA_DOUBLE_COUNTS", folder.path().join("counts"))
        .envs(environment.iter().copied())
        .output()
        .expect("the program");
    Run { folder, output }
}

impl Run {
    fn out(&self) -> String {
        String::from_utf8_lossy(&self.output.stdout).into_owned()
    }

    fn file(&self, name: &str) -> String {
        read(&self.folder.path().join(name))
    }

    fn succeeded(&self) -> &Run {
        assert!(self.output.status.success(), "{:?}", self.output);
        self
    }
}

fn read(file: &Path) -> String {
    std::fs::read_to_string(file).unwrap_or_default()
}

#[test]
fn a_host_program_runs_unchanged() {
    for seed in ["1", "2", "3"] {
        let run = host("clean", &[("DP_CUDA_DOUBLE_SEED", seed)]);
        assert_eq!(run.succeeded().out(), "dpc's double of a GPU, compute capability 9.0\nsum 9000\n");
        assert_eq!((run.file("report"), run.output.stderr.as_slice()), (String::new(), &[][..]));
        let lines: Vec<serde_json::Value> =
            run.file("counts").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!((&lines[0]["kernel"], &lines[1]["kernel"]), (&"axpy4".into(), &"sum".into()));
        assert_eq!(lines[1]["grid"], serde_json::json!([3, 1, 1]));
        assert_eq!(lines[1]["block"], serde_json::json!([256, 1, 1]));
        assert_eq!(lines[0]["counts"]["global"]["wide"], 750);
        assert_eq!(lines[1]["counts"]["barriers"], 3);
    }
}

#[test]
fn the_chip_is_chosen_by_the_environment() {
    let run = host("clean", &[("DP_CUDA_DOUBLE_SM", "80")]);
    assert!(run.succeeded().out().contains("capability 8.0"));
    let old = host("clean", &[("DP_CUDA_DOUBLE_SM", "75")]);
    assert!(!old.output.status.success());
    assert!(old.file("report").contains("a module for sm_80, on a device that is sm_75"), "{}", old.file("report"));
}

#[test]
fn faults_are_errors_that_stay_and_are_reported() {
    for (what, code, text) in [
        ("fault", "CUDA_ERROR_LAUNCH_FAILED", "fault: kernel 'neighbour', line "),
        ("bounds", "CUDA_ERROR_ILLEGAL_ADDRESS", "is out of bounds"),
    ] {
        let run = host(what, &[]);
        assert_eq!(run.succeeded().out(), format!("launch: {code}\nthen: {code}\n"));
        assert!(run.file("report").contains(text), "{}", run.file("report"));
        assert!(String::from_utf8_lossy(&run.output.stderr).contains(text));
        assert!(!run.file("report").contains("leak"), "{}", run.file("report"));
        assert_eq!(run.file("counts"), "");
    }
}

#[test]
fn leaks_are_reported() {
    let run = host("leak", &[]);
    assert!(run.succeeded().file("report").contains("leak: 123 bytes at 0xd"), "{}", run.file("report"));
}

#[test]
fn what_cannot_be_loaded_or_launched_is_refused() {
    let run = host("refused", &[]);
    let names = ["INVALID_PTX", "INVALID_PTX", "INVALID_PTX", "NOT_FOUND", "INVALID_VALUE"];
    let want: String = names.iter().map(|name| format!("CUDA_ERROR_{name}\n")).collect();
    assert_eq!(run.succeeded().out(), want);
    assert!(run.file("report").contains("module: line 4: unknown instruction 'bogus'"), "{}", run.file("report"));
}
