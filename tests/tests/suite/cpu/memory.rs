//! How much compiled functions allocate, what they say where there is no
//! memory, and that an error leaks none.

use super::library::compile;
use crate::classifier::{MODEL, asking};
use crate::programs::Program;
use std::process::Command;

/// Functions that allocate, each in another way.
const PROGRAMS: &str = include_str!("memory/programs.mlir");

/// Calls them with an allocator that counts, and fails when it is told to.
const CALLER: &str = include_str!("memory/caller.c");

/// For each function, how often it allocates, and what it says.
const EXPECTED: &str = "\
gradient: 1, success
too large: 0, error: out of memory
powers: 7, success
stopped: 1, error: dimension 0 of the first operand of 'array.dot' and 0 of the second differ in extent
thrice: 1, success
growing: 1, error: 'tensor.extract' is out of bounds in dimension 0
sized: 5, success
beyond: 4, error: 'tensor.extract' is out of bounds in dimension 0
huge: 0, error: out of memory
descent: 5, success
aside: 2, error: 'tensor.extract' is out of bounds in dimension 0
pulled: 11, success
misfit: 9, error: a cotangent differs from the result it belongs to in the extent of dimension 0
negative: 1, error: an extent is negative
walked: 85, success
sloped: 9, success
loop: 4, success
loops: 4, success
loop pulled: 5, success
shrunk: 6, success
";

/// The caller lets the first, second, … allocation of each function fail: each
/// time the function says so, and gives back the others.
#[test]
fn what_functions_allocate_and_give_back() {
    let program = Program::new("memory", &format!("{MODEL}{}{PROGRAMS}", asking("loss_grad")), &["ad"]);
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let context = dp_driver::registry::context();
    let library = compile(&context, &program.text(), &dp_cpu::Options::default(), folder.path());
    let (source, caller) = (folder.path().join("caller.c"), folder.path().join("caller"));
    std::fs::write(&source, CALLER).expect("the folder is writable");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=gnu11", "-Wall", "-Werror", "-o"]).arg(&caller).arg(&source).arg(&library);
    let compiled = compiler.arg(format!("-Wl,-rpath,{}", folder.path().display())).output();
    let compiled = compiled.expect("there is a C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let output = Command::new(&caller).output().expect("the program runs");
    let found = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{found}");
    assert_eq!(found, EXPECTED);
}
