//! Takes in the library of elementary functions.

use std::error::Error;
use std::path::Path;

/// Where Debian's package libclc-22 puts it.
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
    Ok(std::fs::write(Path::new(&folder).join("clc.bc"), bytes)?)
}
