//! `docs/cookbook.md`, run from top to bottom in an empty folder: what the page shows is what happens.
//!
//! A fenced block says what it is after its language: `file=NAME` is written to that file, `from=PATH` stands word for
//! word in that file of the repository, and the lines of a `console` block are commands, after `$ `, and what they
//! print. A block that is none of these is a mistake.

use crate::markdown::{self, Block};
use std::fs;
use std::path::Path;
use std::process::Command;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

#[test]
fn the_cookbook_runs() {
    let page = fs::read_to_string(Path::new(ROOT).join("docs/cookbook.md")).expect("the page is there");
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let blocks = markdown::blocks(&page);
    for block in &blocks {
        run(block, folder.path());
    }
    assert!(blocks.iter().filter(|block| block.language() == "console").count() >= 10, "the page has been cut short");
}

fn run(block: &Block, folder: &Path) {
    if block.language() == "console" {
        return console(block, folder);
    }
    let (file, from) = (block.option("file"), block.option("from"));
    assert!(file.or(from).is_some(), "cookbook.md:{}: nothing runs this block: give it file= or from=", block.line);
    if let Some(from) = from {
        let text = fs::read_to_string(Path::new(ROOT).join(from)).expect("the block names a file of the repository");
        assert!(text.contains(&block.text), "cookbook.md:{}: this is not part of {from}", block.line);
    }
    if let Some(file) = file {
        fs::write(folder.join(file), &block.text).expect("the folder is writable");
    }
}

/// Runs each command of a block and compares what it prints.
fn console(block: &Block, folder: &Path) {
    let mut commands: Vec<(&str, String)> = Vec::new();
    for line in block.text.lines() {
        match (line.strip_prefix("$ "), commands.last_mut()) {
            (Some(command), _) => commands.push((command, String::new())),
            (None, Some((_, expected))) => *expected += &format!("{line}\n"),
            (None, None) => panic!("cookbook.md:{}: a console block begins with `$ `", block.line),
        }
    }
    for (command, expected) in commands {
        let found = shell(command, folder);
        assert!(same(&expected, &found), "cookbook.md:{}: `{command}` prints\n{found}and not\n{expected}", block.line);
    }
}

/// What a command prints, with this build's tools and examples first in the path.
fn shell(command: &str, folder: &Path) -> String {
    let this = std::env::current_exe().expect("this process has an executable");
    let tools = this.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    assert!(tools.join("dpc").exists(), "dpc is not in {}: run `cargo build --bins` first", tools.display());
    let path = std::env::var_os("PATH").unwrap_or_default();
    let path = [tools.to_path_buf(), tools.join("examples")].into_iter().chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; {command}")])
        .current_dir(folder)
        .env("PATH", std::env::join_paths(path).expect("paths of this machine"))
        .output()
        .expect("there is a shell");
    let found = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "`{command}` fails:\n{found}");
    found
}

/// Whether two texts are the same but for the last digits of numbers.
fn same(expected: &str, found: &str) -> bool {
    let (expected, found) = (tokens(expected), tokens(found));
    expected.len() == found.len() && expected.iter().zip(&found).all(|(expected, found)| near(expected, found))
}

fn near(expected: &str, found: &str) -> bool {
    match (expected.parse::<f64>(), found.parse::<f64>()) {
        (Ok(expected), Ok(found)) => (expected - found).abs() <= 1e-9 * expected.abs().max(1.0) || expected == found,
        _ => expected == found,
    }
}

/// The text in pieces: numbers, and what stands between them.
fn tokens(text: &str) -> Vec<&str> {
    let in_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| in_number(c) != in_number(first)).unwrap_or(rest.len());
        tokens.push(&rest[..end]);
        rest = &rest[end..];
    }
    tokens
}

#[test]
fn texts_differ_in_last_digits_only() {
    assert!(same("x = [1.5, -2e-3]\n", "x = [1.5000000000001, -0.002]\n"));
    assert!(same("a = 1\n", "a = 1\n") && same("", ""));
    for other in ["x = [1.6, 2]\n", "y = [1.5, 2]\n", "x = [1.5, 2]", "x = [1.5]\n", "x = [1.5, nan]\n", ""] {
        assert!(!same("x = [1.5, 2]\n", other), "{other}");
    }
}
