//! The target `cuda`, executed without a device: the tests of the target `cpu` once more, in a process of their own
//! whose driver is a double that finds races, bad accesses and memory that was never written; and what PTX must and
//! must not hold.

use super::failures;
use crate::programs::Program;
use dp_abi::Library;
use dp_compiler::reference::programs;
use dp_cuda::{Artifact, Chip, Cuda, Kind, Options, Target};
use dp_dialects::ir::Op;
use dp_driver::pipelines;
use dp_lower::{LowerOptions, Lowered, Stage};
use dp_passes::manager::Halt;
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationRef};
use std::collections::HashSet;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The variable that has the tests of the target `cpu` compile for this one.
const ASKED: &str = "DP_TESTS_ON_CUDA";

/// Whether this process is one whose driver is the double.
pub fn is_asked_for() -> bool {
    std::env::var_os(ASKED).is_some()
}

/// Whether each call is made twice: the double gives each launch a schedule of its own.
pub fn calls_twice() -> bool {
    std::env::var_os(ASKED).is_some_and(|how| how == "twice")
}

fn options(chip: Chip, host: &dp_cpu::Options) -> Options {
    Options { chip, host: dp_cpu::Options { kernels: &[], ..host.clone() } }
}

/// Compiles a parsed program to `libmodel.so` in a folder.
#[track_caller]
pub fn compile(
    module: Op,
    host: &dp_cpu::Options,
    folder: &Path,
    lower: impl FnOnce(Op, &LowerOptions) -> Result<Lowered, Halt>,
) -> PathBuf {
    let cuda = Cuda { options: options(Chip::default(), host) };
    let library = lower(module, &cuda.pipeline()).expect("is lowered").library;
    keep(&cuda, module, &library);
    let artifact = cuda.emit((module, &library), Kind::SharedLibrary).unwrap_or_else(|error| panic!("{error}"));
    let path = folder.join("libmodel.so");
    std::fs::write(&path, artifact.bytes()).expect("the folder is writable");
    path
}

/// Keeps kernels for NVIDIA's assembler, in the folder that DP_PTX_DUMP names: assemble.py does the rest.
fn keep(cuda: &Cuda, module: Op, library: &Library) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if let Some(folder) = std::env::var_os("DP_PTX_DUMP").map(PathBuf::from) {
        let name =
            format!("{}-{}-{}.ptx", cuda.options.chip, std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let ptx = cuda.emit((module, library), Kind::Ptx).unwrap_or_else(|error| panic!("{error}"));
        std::fs::write(folder.join(name), ptx.bytes()).expect("the folder of DP_PTX_DUMP is writable");
    }
}

/// The tests that are for all targets, and those of the target `cpu` that say nothing of CPUs.
const TESTS: [&str; 17] = [
    "targets::scalars",
    "targets::arrays",
    "targets::complex",
    "targets::operations",
    "targets::products",
    "targets::random",
    "targets::regions",
    "targets::digits",
    "targets::empty",
    "targets::extents",
    "targets::failures",
    "targets::loops",
    "targets::names",
    "targets::sums",
    "cpu::loops",
    "cpu::fusion",
    "cpu::random",
];

/// This program again, whose tests compile for this target and run on the driver that it finds.
fn again() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this is a program"));
    command.env(ASKED, "1");
    command
}

/// Fails unless all that was asked for has run and nothing has failed; `names` are those of tests or of their modules.
#[track_caller]
fn have_run(names: &[&str], outcome: &Output, message: &str) {
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success(), "{message}:\n{said}\n{}", String::from_utf8_lossy(&outcome.stderr));
    let ran: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... ok")).collect();
    for name in names {
        let is_of = |test: &&str| test.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"));
        assert!(ran.iter().any(is_of), "{message}: no test of {name} has run:\n{said}");
    }
}

/// Those that are run once more for another chip, of which threads work together.
const TESTS_OF_EACH_CHIP: [&str; 5] =
    ["targets::digits", "targets::loops", "targets::regions", "targets::sums", "cpu::loops"];

/// Runs tests over the double, from one seed of its schedules on.
fn over_the_double(tests: &[&str], seed: &str, chip: &str) {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let report = folder.path().join("report");
    dp_cuda_double::arrange(&folder.path().join("driver")).expect("the double is built");
    let outcome = again()
        .args(tests)
        .args(["--test-threads", "2"])
        .env(ASKED, "twice")
        .env("LD_LIBRARY_PATH", folder.path().join("driver"))
        .env("DP_CUDA_DOUBLE_SM", chip)
        .env("DP_CUDA_DOUBLE_SEED", seed)
        .env("DP_CUDA_DOUBLE_REPORT", &report)
        .output()
        .expect("this program runs again");
    have_run(tests, &outcome, &format!("seed {seed}"));
    let report = std::fs::read_to_string(&report).unwrap_or_default();
    assert!(report.is_empty(), "seed {seed}: the double complains:\n{report}");
}

#[test]
fn as_the_interpreter_has_it() {
    over_the_double(&TESTS, "1", "80");
}

#[test]
fn on_another_chip() {
    over_the_double(&TESTS_OF_EACH_CHIP, "20260", "90");
}

/// Runs them on this machine's device: `./x gpu`.
#[test]
#[ignore = "needs an NVIDIA GPU and its driver"]
fn on_a_device() {
    let mut child = again().args(TESTS).stdout(Stdio::piped()).spawn().expect("this program runs again");
    let mut stdout = Vec::new();
    // Lines are passed on as they come: this takes minutes.
    for line in BufReader::new(child.stdout.take().expect("it is piped")).split(b'\n') {
        let line = line.expect("a pipe can be read");
        println!("{}", String::from_utf8_lossy(&line));
        stdout.extend(line);
        stdout.push(b'\n');
    }
    let status = child.wait().expect("a child can be waited for");
    have_run(&TESTS, &Output { status, stdout, stderr: Vec::new() }, "on this machine's device");
}

/// A call ends where the device fails, at whichever launch.
#[test]
fn where_the_device_fails() {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    dp_cuda_double::arrange(folder.path()).expect("the double is built");
    let test = "targets::failures::loops_end_where_the_device_does";
    for launch in 0..2 {
        let mut child = again()
            .args(["--exact", test])
            .env("LD_LIBRARY_PATH", folder.path())
            .env(failures::FAIL, launch.to_string())
            // One test says less than a pipe holds.
            .stdout(Stdio::piped())
            .spawn()
            .expect("this program runs again");
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            match child.try_wait().expect("a child can be waited for") {
                Some(_) => break,
                None if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
                None => {
                    child.kill().expect("a child can be stopped");
                    panic!("the call has no end where launch {launch} fails");
                }
            }
        }
        let outcome = child.wait_with_output().expect("a child can be waited for");
        have_run(&[test], &outcome, &format!("where launch {launch} fails"));
    }
}

/// Where a launch fails, and where there is no driver at all.
#[test]
fn what_fails_leaks_nothing() {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    dp_cuda_double::arrange(&folder.path().join("driver")).expect("the double is built");
    for drivers in ["driver", "nothing"] {
        let outcome = again()
            .args(["--exact", "targets::failures::what_fails_leaks_nothing"])
            .env("LD_LIBRARY_PATH", folder.path().join(drivers))
            .env(failures::FAIL, "0")
            .output()
            .expect("this program runs again");
        let said = String::from_utf8_lossy(&outcome.stdout);
        assert!(said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&outcome.stderr));
    }
}

/// Loops of many rounds, on a device that has memory for few of them.
#[test]
fn where_memory_is_little() {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    dp_cuda_double::arrange(folder.path()).expect("the double is built");
    let test = "targets::failures::long_loops_take_little_memory";
    let outcome = again()
        .args(["--exact", test])
        .env("LD_LIBRARY_PATH", folder.path())
        .env(failures::MEMORY, (20 * 4096 * 4).to_string())
        .output()
        .expect("this program runs again");
    have_run(&[test], &outcome, "where memory is little");
}

/// The variable that names the devices which a process may see; where it is empty, it sees none.
const VISIBLE: &str = "CUDA_VISIBLE_DEVICES";

/// Without a driver, and with one that sees no device, whatever this machine has.
#[test]
fn without_a_device() {
    if is_asked_for() {
        return;
    }
    if std::env::var_os(VISIBLE).is_some_and(|devices| devices.is_empty()) {
        return a_call_is_a_status();
    }
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    dp_cuda_double::arrange(folder.path()).expect("the double is built");
    let test = "targets::cuda::without_a_device";
    let mut child = Command::new(std::env::current_exe().expect("this is a program"));
    child.args(["--exact", test]).env(VISIBLE, "");
    have_run(&[test], &child.output().expect("this program runs again"), "with the driver of this machine, if any");
    let outcome = child.arg("--nocapture").env("LD_LIBRARY_PATH", folder.path()).output();
    let outcome = outcome.expect("this program runs again");
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success() && said.contains("no CUDA device"), "over the double:\n{said}");
}

/// Where no device is seen a call is a status with a text, which is printed.
fn a_call_is_a_status() {
    let folder = tempfile::tempdir().expect("there is a folder for temporary files");
    let context = dp_driver::registry::context();
    let text = "func.func @f(%x: tensor<?xf32>) -> tensor<?xf32> {
        %y = scalar.exp %x : tensor<?xf32>
        return %y : tensor<?xf32>
    }";
    let module = Module::parse(&context, text).expect("parses");
    let lower = |module: Op, options: &LowerOptions| pipelines::lower(module, options, Stage::Llvm, &mut ());
    let path = compile(reference(&module), &dp_cpu::Options::default(), folder.path(), lower);
    let library = dp_runtime::Library::open(&path).unwrap_or_else(|error| panic!("{error}"));
    let argument = dp_dialects::Literal::splat(dp_dialects::ScalarType::F32, vec![3], dp_dialects::Number::Real(1.0));
    let argument = dp_driver::conversion::array(&argument).expect("a well-formed argument");
    let error = library.function("f").expect("there is one").call(&[argument]).err().map(|error| error.to_string());
    let error = error.unwrap_or_default();
    println!("{error}");
    assert!(error.contains("no CUDA driver") || error.contains("no CUDA device"), "{error}");
}

fn reference<'c>(module: &Module<'c>) -> Op<'c> {
    // SAFETY: callers keep the module while they use the reference.
    unsafe { OperationRef::from_raw(OperationLike::to_raw(&module.as_operation())) }
}

/// The PTX of a program.
#[track_caller]
fn ptx(text: &str, chip: Chip) -> String {
    let context = dp_driver::registry::context();
    let module = Module::parse(&context, text).unwrap_or_else(|| panic!("does not parse:\n{text}"));
    let cuda = Cuda { options: options(chip, &dp_cpu::Options::default()) };
    let lowered = pipelines::lower(reference(&module), &cuda.pipeline(), Stage::Llvm, &mut ());
    let library = lowered.unwrap_or_else(|_| panic!("is not lowered:\n{text}")).library;
    match cuda.emit((reference(&module), &library), Kind::Ptx) {
        Ok(Artifact::Text(ptx)) => ptx,
        Ok(Artifact::Bytes(_)) => panic!("PTX is text"),
        Err(error) => panic!("{error}\n{text}"),
    }
}

/// Elementwise kernels move 16 bytes at once, whatever the extents.
#[test]
fn elementwise_kernels_are_four_wide() {
    let text = "func.func @f(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> tensor<?x?xf32> {
        %a = scalar.mul %x, %y : tensor<?x?xf32>
        %b = scalar.tanh %a : tensor<?x?xf32>
        return %b : tensor<?x?xf32>
    }";
    for chip in Chip::ALL {
        let ptx = ptx(text, chip);
        let module = dp_ptx::Module::parse(&ptx).unwrap_or_else(|error| panic!("{error}"));
        let kernels: Vec<String> = kernels(&ptx);
        assert!(kernels.len() <= 2, "neighbours are one kernel, beside a copy: {kernels:?}");
        assert_eq!(module.wide_global_loads("f__0").len(), 2, "{chip}:\n{ptx}");
        assert_eq!(module.wide_global_stores("f__0").len(), 1, "{chip}:\n{ptx}");
    }
}

/// The names of kernels.
fn kernels(ptx: &str) -> Vec<String> {
    let name = |line: &str| line.strip_prefix(".visible .entry ")?.split('(').next().map(str::to_string);
    ptx.lines().filter_map(name).collect()
}

/// Kernels have names that PTX reads, each its own.
#[test]
fn names_of_kernels() {
    let text = ptx(&super::names::program(), Chip::Sm80);
    let kernels = kernels(&text);
    let is_identifier = |name: &str| {
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    assert!(kernels.len() > 9 && kernels.iter().all(|name| is_identifier(name)), "{kernels:?}");
    let distinct: HashSet<&String> = kernels.iter().collect();
    assert_eq!(distinct.len(), kernels.len(), "{kernels:?}");
}

/// Programs on tensors, on a type of each kind.
fn is_looked_at(name: &str) -> bool {
    name.starts_with("array_") && ["_f32", "_f64", "_i32", "_i1"].iter().any(|dtype| name.ends_with(dtype))
}

/// No kernel of the smallest programs has local memory or calls what is not there, and those of f32 compute nothing in
/// f64. The same program gives the same bytes.
#[test]
fn what_kernels_do_not_hold() {
    let mut seen = HashSet::new();
    for program in programs().into_iter().filter(|program| is_looked_at(&program.name)) {
        let text = ptx(&program.text, Chip::Sm80);
        let kernels = kernels(&text);
        if kernels.is_empty() {
            continue;
        }
        seen.extend(program.name.rsplit('_').next().map(str::to_string));
        let module = dp_ptx::Module::parse(&text).unwrap_or_else(|error| panic!("{}: {error}", program.name));
        for kernel in &kernels {
            assert_eq!(module.local_bytes(kernel), 0, "{}: {kernel} has local memory", program.name);
        }
        if program.name.ends_with("_f32") && !program.name.contains("complex") {
            assert!(!text.contains(".f64"), "{} computes in f64:\n{text}", program.name);
        }
    }
    assert_eq!(seen, ["f32", "f64", "i32", "i1"].map(str::to_string).into(), "types whose kernels were looked at");
    let model = crate::classifier::MODEL;
    assert_eq!(ptx(model, Chip::Sm90), ptx(model, Chip::Sm90), "the same program gives the same bytes");
}

/// A network of two layers whose extents are all unknown, its loss and its gradient: what its nine products have in
/// common is there once, and loops of products are not written out.
#[test]
fn kernels_are_shared() {
    let program = Program::new("two-layers", include_str!("two-layers.mlir"), &["ad", "simplify"]);
    let text = ptx(&program.text(), Chip::Sm80);
    let kernels = kernels(&text);
    // Each operand of a product is stored along rows or along columns, in three pairs here. The large tiles of both take
    // 2 · 8 · (128 + 4) numbers of shared memory each, the small ones 2 · 16 · (64 + 4).
    for bytes in [8448, 8704] {
        let is_of = |name: &&String| text.contains(&format!("{name}_$_1[{bytes}]"));
        assert_eq!(kernels.iter().filter(is_of).count(), 3, "{kernels:?}");
    }
    assert!(kernels.len() <= 22, "{kernels:?}");
    assert!(text.len() <= 400_000, "{} bytes", text.len());
}
