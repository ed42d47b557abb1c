//! The static library linked into a shared library, as the compiler does: its exported symbols, its dependencies, and
//! its interface as C sees it.

use std::ffi::{CStr, c_char, c_int};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use dp_cuda_host::status;
use libloading::Library;

/// A directory with libmodel.so, and a mock driver under the name of the driver.
fn made() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().expect("a folder");
        let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "-q", "-p", "dp-cuda-host", "--profile", "embedded"]);
        run(cargo.current_dir(env!("CARGO_MANIFEST_DIR")).arg("--target-dir").arg(target()));
        // The command in the documentation of the crate.
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O2", "-o"]).arg(folder.path().join("libmodel.so"));
        cc.arg(tests.join("linked/model.c")).arg(target().join("embedded/libdp_cuda_host.a"));
        run(cc.args(["-Wl,--gc-sections", "-Wl,--exclude-libs,ALL", "-Wl,-s", "-Wl,-z,defs", "-lgcc_s", "-lc", "-lm"]));
        let mut cc = Command::new("cc");
        cc.args(["-shared", "-fPIC", "-O1", "-Wl,-soname,libcuda.so.1", "-o"]).arg(folder.path().join("libcuda.so.1"));
        run(cc.arg(tests.join("mock/driver.c")));
        folder
    });
    folder.path()
}

/// The target directory, relative to target/PROFILE/deps/THIS.
fn target() -> PathBuf {
    let this = std::env::current_exe().expect("this test");
    this.ancestors().nth(3).expect("target/PROFILE/deps").into()
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn it_exports_no_runtime_symbols_and_has_few_dependencies() {
    let model = made().join("libmodel.so");
    let symbols = run(Command::new("nm").args(["-D", "--defined-only", "--format=just-symbols"]).arg(&model));
    assert_eq!(symbols.split_whitespace().collect::<Vec<_>>(), ["model_message", "saxpy", "saxpy_on_device"]);
    let dynamic = run(Command::new("readelf").arg("-d").arg(&model));
    for line in dynamic.lines().filter(|line| line.contains("(NEEDED)")) {
        let needed = line.split(['[', ']']).nth(1).expect("a name");
        let known = ["libgcc_s.so.1", "libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"];
        assert!(known.contains(&needed), "it depends on {needed}");
    }
    let size = std::fs::metadata(&model).expect("a file").len();
    assert!(size < 500_000, "it has {size} bytes");
}

/// Calls the library's function with host pointers. Returns the status, the result and the message of the status.
fn saxpy() -> (c_int, [f32; 3], String) {
    let mut z = [7.0; 3];
    // SAFETY: the functions that model.c defines.
    unsafe {
        let model = Library::new(made().join("libmodel.so")).expect("a library");
        type Saxpy = unsafe extern "C" fn(i64, f32, *const f32, *const f32, *mut f32) -> c_int;
        let saxpy = model.get::<Saxpy>(b"saxpy").expect("a function");
        let message = model.get::<unsafe extern "C" fn(c_int) -> *const c_char>(b"model_message").expect("a function");
        let status = saxpy(3, 2.0, [1.0, 2.0, 3.0].as_ptr(), [10.0; 3].as_ptr(), z.as_mut_ptr());
        (status, z, CStr::from_ptr(message(status)).to_string_lossy().into_owned())
    }
}

#[test]
fn without_a_driver_the_status_is_no_driver() {
    let (status, z, message) = saxpy();
    // This test needs a machine without a driver. SAFETY: the initializers of a driver are safe to run.
    if unsafe { Library::new("libcuda.so.1").or_else(|_| Library::new("libcuda.so")) }.is_ok() {
        assert_ne!(status, status::NO_DRIVER);
        return;
    }
    assert_eq!((status, z), (status::NO_DRIVER, [0.0; 3]));
    assert_eq!(message, "no CUDA driver\nhelp: install NVIDIA's driver, whose library is libcuda.so.1");
}

/// The program that calls libmodel.so and checks its results. It also runs on a real device.
fn check() -> &'static Path {
    static CHECK: OnceLock<PathBuf> = OnceLock::new();
    CHECK.get_or_init(|| {
        let program = made().join("check");
        let mut cc = Command::new("cc");
        cc.args(["-O2", "-Wall", "-Wextra", "-o"]).arg(&program);
        cc.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/linked/check.c")).arg("-L").arg(made());
        run(cc.args(["-lmodel", "-ldl", "-lpthread", "-Wl,-rpath,$ORIGIN"]));
        program
    })
}

#[test]
fn with_a_driver_it_computes() {
    let text = run(Command::new(check()).env("LD_LIBRARY_PATH", made()));
    assert!(text.ends_with("all is right\n"), "{text}");
}

/// Runs the PTX of the kernel in an interpreter that detects faults.
#[test]
fn its_kernels_run_in_the_ptx_interpreter() {
    let folder = tempfile::tempdir().expect("a folder");
    let report = folder.path().join("report");
    dp_cuda_double::arrange(folder.path()).expect("the mock driver");
    for chip in ["80", "90"] {
        let mut command = Command::new(check());
        command.arg("small").env("LD_LIBRARY_PATH", folder.path());
        let text = run(command.env("DP_CUDA_DOUBLE_REPORT", &report).env("DP_CUDA_DOUBLE_SM", chip));
        assert!(text.ends_with("all is right\n"), "{text}");
    }
    // No faults, warnings or leaks.
    assert_eq!(std::fs::read_to_string(&report).unwrap_or_default(), "");
}
