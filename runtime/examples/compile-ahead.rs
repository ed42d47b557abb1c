//! Compiles StableHLO ahead of time for devices that need not be present, and prints the program's memory use and cost:
//!
//! ```text
//! compile-ahead PLUGIN TOPOLOGY PROGRAM.mlir [OUTPUT]
//! ```
//!
//! For a TPU, the plugin is `libtpu.so`, the topology is for example `v5e:1x1`, and the variables in
//! `dp_runtime::pjrt::TPU_ENVIRONMENT` must be set, as `./x tpu` does.

use std::error::Error;
use std::process::ExitCode;

use dp_runtime::pjrt::Plugin;

fn main() -> ExitCode {
    match compile() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn compile() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [plugin, topology, program, output @ ..] = &arguments[..] else {
        return Err("usage: compile-ahead PLUGIN TOPOLOGY PROGRAM.mlir [OUTPUT]".into());
    };
    // SAFETY: the user passes the file as a plugin.
    let plugin = unsafe { Plugin::open(plugin) }?;
    let (major, minor) = plugin.version();
    let topology = plugin.topology(topology)?;
    println!("PJRT {major}.{minor}, platform {}", topology.platform());
    let program = topology.compile_ahead(&std::fs::read_to_string(program)?)?;
    let bytes = program.serialize()?;
    println!("{} bytes\n{:#?}", bytes.len(), program.memory()?);
    for (name, figure) in program.cost()? {
        println!("{name}: {figure}");
    }
    if let [output] = output {
        std::fs::write(output, bytes)?;
    }
    Ok(())
}
