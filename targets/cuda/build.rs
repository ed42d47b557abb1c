//! Embeds libclc, the library of elementary functions, and the host runtime.

#[path = "../../dialects/llvm.rs"]
mod llvm;

use std::error::Error;
use std::path::Path;
use std::process::Command;

/// The path in Debian's package libclc-22.
const CLC: &str = "/usr/lib/clc/nvptx64--.bc";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed=DP_CLC");
    let from = std::env::var("DP_CLC").unwrap_or_else(|_| CLC.into());
    println!("cargo:rerun-if-changed={from}");
    let folder = std::env::var("OUT_DIR")?;
    let bytes = std::fs::read(&from).map_err(|error| {
        format!("cannot read {from}: {error}; install libclc (Debian: apt-get install libclc-22), or name the file in DP_CLC")
    })?;
    std::fs::write(Path::new(&folder).join("clc.bc"), bytes)?;
    runtime(Path::new(&folder))
}

/// Compiles the runtime in release mode, regardless of the profile of this build: it becomes part of users' libraries.
fn runtime(folder: &Path) -> Result<(), Box<dyn Error>> {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../runtime/cuda");
    for source in ["src", "Cargo.toml"] {
        println!("cargo:rerun-if-changed={}", manifest.join(source).display());
    }
    // A separate target directory, since that of this build is locked.
    let target = folder.join("runtime");
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["rustc", "--profile", "embedded", "--lib", "--crate-type", "staticlib", "--manifest-path"]);
    cargo.arg(manifest.join("Cargo.toml")).arg("--target-dir").arg(&target);
    // These settings of this build must not apply to the nested build.
    for name in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "RUSTC_WRAPPER", "RUSTC_WORKSPACE_WRAPPER"] {
        cargo.env_remove(name);
    }
    cargo.env_remove("CARGO_TARGET_DIR").env_remove("CARGO_BUILD_TARGET");
    let outcome = cargo.output()?;
    if !outcome.status.success() {
        return Err(format!("the CUDA runtime does not build: {}", String::from_utf8_lossy(&outcome.stderr)).into());
    }
    // Sections for debuggers and link-time optimization are most of the file.
    let archive = folder.join("libdp_cuda_host.a");
    let mut strip = Command::new(llvm::prefix()?.join("bin/llvm-objcopy"));
    strip.args(["--strip-debug", "--remove-section=.llvmbc", "--remove-section=.llvmcmd"]);
    strip.arg(target.join("embedded/libdp_cuda_host.a")).arg(&archive);
    let outcome = strip.output()?;
    if !outcome.status.success() {
        return Err(format!("llvm-objcopy fails: {}", String::from_utf8_lossy(&outcome.stderr)).into());
    }
    Ok(())
}
