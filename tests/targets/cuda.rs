//! Tests of the target `cuda` without a device: runs the tests of the target `cpu` again in a child process, with a
//! mock driver that detects races, invalid accesses and uninitialized memory, and checks the PTX.

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

/// If this variable is set, the tests of the target `cpu` compile for `cuda`.
const ASKED: &str = "DP_TESTS_ON_CUDA";

/// Whether this is a child process that compiles for `cuda`.
pub fn is_asked_for() -> bool {
    std::env::var_os(ASKED).is_some()
}

/// Whether each call is made twice: the mock driver schedules each launch differently.
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
    std::fs::write(&path, artifact.bytes()).expect("the directory is writable");
    path
}

/// Writes kernels to the directory DP_PTX_DUMP, for NVIDIA's assembler; see assemble.py.
fn keep(cuda: &Cuda, module: Op, library: &Library) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    if let Some(folder) = std::env::var_os("DP_PTX_DUMP").map(PathBuf::from) {
        let name =
            format!("{}-{}-{}.ptx", cuda.options.chip, std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let ptx = cuda.emit((module, library), Kind::Ptx).unwrap_or_else(|error| panic!("{error}"));
        // A program may need no kernels.
        if String::from_utf8_lossy(ptx.bytes()).contains(".entry") {
            std::fs::write(folder.join(name), ptx.bytes()).expect("the folder of DP_PTX_DUMP is writable");
        }
    }
}

/// The tests to run again: those for all targets, and those of the target `cpu` that do not depend on CPUs.
const TESTS: [&str; 21] = [
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
    "targets::fourier",
    "targets::loops",
    "targets::matrices",
    "targets::names",
    "targets::scans",
    "targets::sums",
    "cpu::loops",
    "cpu::fusion",
    "cpu::random",
    "derivatives::vjp::of_tensors",
];

/// This test executable, with tests that compile for `cuda` and run on the driver that is found.
fn again() -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this is a program"));
    command.env(ASKED, "1");
    command
}

/// Fails unless all requested tests have run and passed. `names` are tests or modules of tests.
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

/// The tests that are repeated for another chip: those whose kernels use threads that cooperate.
const TESTS_OF_EACH_CHIP: [&str; 5] =
    ["targets::digits", "targets::loops", "targets::regions", "targets::sums", "cpu::loops"];

/// Runs tests with the mock driver, with the given first seed of its schedules.
fn with_mock_driver(tests: &[&str], seed: &str, chip: &str) {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    let report = folder.path().join("report");
    dp_cuda_double::arrange(&folder.path().join("driver")).expect("the mock driver builds");
    let outcome = again()
        .args(tests)
        .args(["--test-threads", "2"])
        .env(ASKED, "twice")
        .env("LD_LIBRARY_PATH", folder.path().join("driver"))
        .env("DP_CUDA_DOUBLE_SM", chip)
        .env("DP_CUDA_DOUBLE_SEED", seed)
        .env("DP_CUDA_DOUBLE_REPORT", &report)
        .output()
        .expect("the test executable runs");
    have_run(tests, &outcome, &format!("seed {seed}"));
    let report = std::fs::read_to_string(&report).unwrap_or_default();
    assert!(report.is_empty(), "seed {seed}: the mock driver reports:\n{report}");
}

#[test]
fn tests_pass_with_the_mock_driver() {
    with_mock_driver(&TESTS, "1", "80");
}

#[test]
fn tests_pass_on_another_chip() {
    with_mock_driver(&TESTS_OF_EACH_CHIP, "20260", "90");
}

/// Runs the tests on this machine's device: `./x gpu`.
#[test]
#[ignore = "needs an NVIDIA GPU and its driver"]
fn on_a_device() {
    let mut child = again().args(TESTS).stdout(Stdio::piped()).spawn().expect("the test executable runs");
    let mut stdout = Vec::new();
    // Prints lines as they arrive, since the tests take minutes.
    for line in BufReader::new(child.stdout.take().expect("it is piped")).split(b'\n') {
        let line = line.expect("a pipe can be read");
        println!("{}", String::from_utf8_lossy(&line));
        stdout.extend(line);
        stdout.push(b'\n');
    }
    let status = child.wait().expect("a child can be waited for");
    have_run(&TESTS, &Output { status, stdout, stderr: Vec::new() }, "on this machine's device");
}

/// A call returns if the device fails, at any launch.
#[test]
fn calls_return_when_the_device_fails() {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    dp_cuda_double::arrange(folder.path()).expect("the mock driver builds");
    let test = "targets::failures::loops_end_when_the_device_fails";
    for launch in 0..2 {
        let mut child = again()
            .args(["--exact", test])
            .env("LD_LIBRARY_PATH", folder.path())
            .env(failures::FAIL, launch.to_string())
            // The output of one test fits in the pipe.
            .stdout(Stdio::piped())
            .spawn()
            .expect("the test executable runs");
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            match child.try_wait().expect("a child can be waited for") {
                Some(_) => break,
                None if Instant::now() < end => std::thread::sleep(Duration::from_millis(20)),
                None => {
                    child.kill().expect("a child can be stopped");
                    panic!("the call does not return when launch {launch} fails");
                }
            }
        }
        let outcome = child.wait_with_output().expect("a child can be waited for");
        have_run(&[test], &outcome, &format!("when launch {launch} fails"));
    }
}

/// Calls with a failing launch, and without a driver.
#[test]
fn failing_calls_leak_nothing() {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    dp_cuda_double::arrange(&folder.path().join("driver")).expect("the mock driver builds");
    for drivers in ["driver", "nothing"] {
        let outcome = again()
            .args(["--exact", "targets::failures::failing_calls_leak_nothing"])
            .env("LD_LIBRARY_PATH", folder.path().join(drivers))
            .env(failures::FAIL, "0")
            .output()
            .expect("the test executable runs");
        let said = String::from_utf8_lossy(&outcome.stdout);
        assert!(said.contains("1 passed"), "{said}\n{}", String::from_utf8_lossy(&outcome.stderr));
    }
}

/// Loops of many iterations, on a device with memory for few of them.
#[test]
fn loops_fit_in_little_memory() {
    if is_asked_for() {
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    dp_cuda_double::arrange(folder.path()).expect("the mock driver builds");
    let test = "targets::failures::long_loops_take_little_memory";
    let outcome = again()
        .args(["--exact", test])
        .env("LD_LIBRARY_PATH", folder.path())
        .env(failures::MEMORY, (20 * 4096 * 4).to_string())
        .output()
        .expect("the test executable runs");
    have_run(&[test], &outcome, "with little memory");
}

/// The variable that lists the devices visible to a process. If it is empty, none is.
const VISIBLE: &str = "CUDA_VISIBLE_DEVICES";

/// Without a driver, and with a driver without visible devices, regardless of this machine's devices.
#[test]
fn without_a_device() {
    if is_asked_for() {
        return;
    }
    if std::env::var_os(VISIBLE).is_some_and(|devices| devices.is_empty()) {
        return a_call_is_a_status();
    }
    let folder = tempfile::tempdir().expect("a temporary directory");
    dp_cuda_double::arrange(folder.path()).expect("the mock driver builds");
    let test = "targets::cuda::without_a_device";
    let mut child = Command::new(std::env::current_exe().expect("this is a program"));
    child.args(["--exact", test]).env(VISIBLE, "");
    have_run(&[test], &child.output().expect("the test executable runs"), "with the driver of this machine, if any");
    let outcome = child.arg("--nocapture").env("LD_LIBRARY_PATH", folder.path()).output();
    let outcome = outcome.expect("the test executable runs");
    let said = String::from_utf8_lossy(&outcome.stdout);
    assert!(outcome.status.success() && said.contains("no CUDA device"), "with the mock driver:\n{said}");
}

/// Without a visible device, a call returns a status with a message, which is printed.
fn a_call_is_a_status() {
    let folder = tempfile::tempdir().expect("a temporary directory");
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

/// Elementwise kernels access 16 bytes at once, for all extents.
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
        assert!(kernels.len() <= 2, "adjacent operations share a kernel, besides a copy: {kernels:?}");
        assert_eq!(module.wide_global_loads("f__0").len(), 2, "{chip}:\n{ptx}");
        assert_eq!(module.wide_global_stores("f__0").len(), 1, "{chip}:\n{ptx}");
    }
}

/// The names of kernels.
fn kernels(ptx: &str) -> Vec<String> {
    let name = |line: &str| line.strip_prefix(".visible .entry ")?.split('(').next().map(str::to_string);
    ptx.lines().filter_map(name).collect()
}

/// The names of kernels are valid in PTX and unique.
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

/// Whether the PTX of a program is checked: programs on tensors, for one element type of each kind.
fn is_checked(name: &str) -> bool {
    name.starts_with("array_") && ["_f32", "_f64", "_i32", "_i1"].iter().any(|dtype| name.ends_with(dtype))
}

/// No kernel of the smallest programs uses local memory or calls an undefined function, and kernels on f32 do not
/// compute in f64. The output is deterministic.
#[test]
fn kernels_use_no_local_memory_and_no_f64() {
    let mut seen = HashSet::new();
    for program in programs().into_iter().filter(|program| is_checked(&program.name)) {
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
    assert_eq!(seen, ["f32", "f64", "i32", "i1"].map(str::to_string).into(), "types whose kernels were checked");
    let model = crate::classifier::MODEL;
    assert_eq!(ptx(model, Chip::Sm90), ptx(model, Chip::Sm90), "the same program gives the same bytes");
}

/// A network of two layers with dynamic extents, with its loss and its gradient: its nine matmuls share kernels, and
/// the loops of matmuls are not unrolled.
#[test]
fn kernels_are_shared() {
    let program = Program::new("two-layers", include_str!("two-layers.mlir"), &["ad", "simplify"]);
    let text = ptx(&program.text(), Chip::Sm80);
    let kernels = kernels(&text);
    // Each operand of a matmul is row-major or column-major; three combinations occur here. Each operand takes 2 · 8 ·
    // (128 + 4) elements of shared memory with large tiles, 2 · 16 · (64 + 4) with small ones.
    for bytes in [8448, 8704] {
        let is_of = |name: &&String| text.contains(&format!("{name}_$_1[{bytes}]"));
        assert_eq!(kernels.iter().filter(is_of).count(), 3, "{kernels:?}");
    }
    assert!(kernels.len() <= 22, "{kernels:?}");
    assert!(text.len() <= 400_000, "{} bytes", text.len());
}
