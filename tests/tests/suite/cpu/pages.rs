//! How many pages calls touch for the first time: few, where the caller keeps the workspace, at any size.

use super::library::compile;
use dp_runtime::{Array, Library, Workspace};
use std::process::Command;

/// What it computes with is as large as its argument: sums that depend on one another.
const PROGRAM: &str = "
func.func @spread(%x: tensor<?xf64>) -> f64 {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %y = scalar.exp %x : tensor<?xf64>
  %s = array.reduce add %y dims [0] : tensor<?xf64>
  %t = tensor.extract %s[] : tensor<f64>
  %u = array.broadcast %t dims [] extents(%n) : f64 to tensor<?xf64>
  %d = scalar.div %y, %u : tensor<?xf64>
  %q = scalar.mul %d, %d : tensor<?xf64>
  %r = array.reduce add %q dims [0] : tensor<?xf64>
  %z = tensor.extract %r[] : tensor<f64>
  return %z : f64
}";

const CALLER: &str = include_str!("pages/caller.c");

#[test]
fn calls_after_the_first_touch_few_new_pages() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let context = dp_driver::registry::context();
    let library = compile(&context, PROGRAM, &dp_cpu::Options::default(), folder.path());
    let (source, caller) = (folder.path().join("caller.c"), folder.path().join("caller"));
    std::fs::write(&source, CALLER).expect("the folder is writable");
    let mut compiler = Command::new("cc");
    compiler.args(["-std=gnu11", "-O1", "-Wall", "-Werror", "-o"]).arg(&caller).arg(&source).arg(&library);
    let compiled = compiler.arg(format!("-Wl,-rpath,{}", folder.path().display())).output();
    let compiled = compiled.expect("there is a C compiler");
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let output = Command::new(&caller).output().expect("the program runs");
    let found = String::from_utf8_lossy(&output.stdout);
    let expected: String = ["1", "40", "200"]
        .map(|size| {
            let refused = [
                "error: the workspace is smaller than '__workspace_size' requires",
                "error: the workspace is not aligned to 64 bytes",
            ];
            format!("{size} MiB, given: few\n{size} MiB, allocated: few\n{}\n", refused.join("\n"))
        })
        .concat();
    assert!(output.status.success(), "{found}");
    let bare: String =
        found.lines().map(|line| line.find("error: ").map_or(line, |at| &line[at..]).to_string() + "\n").collect();
    assert_eq!(bare, expected);
}

#[test]
fn a_workspace_is_kept_and_grows() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let context = dp_driver::registry::context();
    let path = compile(&context, PROGRAM, &dp_cpu::Options::default(), folder.path());
    let library = Library::open(&path).expect("it is a library");
    let function = library.function("spread").expect("it has the function");
    assert!(function.abi().workspace);
    let mut workspace = Workspace::new();
    let mut size = 0;
    for count in [1000_usize, 10, 100_000, 0] {
        let x = Array::new(&[count], vec![0.5_f64; count]).expect("as many elements");
        let plain = function.call(std::slice::from_ref(&x)).expect("it computes");
        let kept = function.call_with(&mut workspace, std::slice::from_ref(&x)).expect("it computes");
        assert_eq!(plain[0].as_number::<f64>().map(f64::to_bits), kept[0].as_number::<f64>().map(f64::to_bits));
        assert!(workspace.size() >= size && workspace.size() >= 8 * count);
        size = workspace.size();
    }
}
