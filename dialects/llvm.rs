//! The location of LLVM and MLIR 22, for build scripts: they are not in a default search path.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The environment variable with the directory, shared with mlir-sys, which must link the same libraries.
const VARIABLE: &str = "MLIR_SYS_220_PREFIX";

/// How to install LLVM or point to it.
const HELP: &str = "LLVM and MLIR 22 are needed (Debian: apt-get install llvm-22-dev libmlir-22-dev mlir-22-tools)
and are found by the llvm-config in PATH, or by three variables that name their folder:
    export MLIR_SYS_220_PREFIX=/usr/lib/llvm-22 LLVM_SYS_221_PREFIX=/usr/lib/llvm-22 TABLEGEN_220_PREFIX=/usr/lib/llvm-22
Commands of cargo in the source tree take them from its .cargo/config.toml.";

/// The directory of LLVM: the value of the variable, or that of the `llvm-config` in `PATH`, as in mlir-sys.
///
/// # Errors
/// If no directory with MLIR's tools is found: what is missing, and how to install it.
pub fn prefix() -> Result<PathBuf, String> {
    println!("cargo:rerun-if-env-changed={VARIABLE}");
    let (prefix, from) = match std::env::var_os(VARIABLE) {
        Some(named) => (PathBuf::from(named), format!("the folder that {VARIABLE} names")),
        None => (configured()?, "the folder of the llvm-config in PATH".into()),
    };
    for tool in ["mlir-tblgen", "llvm-tblgen", "llvm-objcopy"] {
        if !prefix.join("bin").join(tool).is_file() {
            return Err(format!("{from}, {}, has no bin/{tool}\n{HELP}", prefix.display()));
        }
    }
    Ok(prefix)
}

fn configured() -> Result<PathBuf, String> {
    let ask = |flag: &str| {
        let output = Command::new("llvm-config").arg(flag).output().ok().filter(|output| output.status.success())?;
        Some(String::from_utf8_lossy(&output.stdout).trim().to_string())
    };
    let missing = || format!("{VARIABLE} is not set, and there is no llvm-config in PATH\n{HELP}");
    let version = ask("--version").ok_or_else(missing)?;
    if !version.starts_with("22.") {
        return Err(format!("{VARIABLE} is not set, and the llvm-config in PATH is that of LLVM {version}\n{HELP}"));
    }
    Ok(Path::new(&ask("--prefix").ok_or_else(missing)?).to_path_buf())
}
