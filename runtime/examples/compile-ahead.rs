//! Compiles StableHLO for a machine that is not there, and tells what it takes:
//!
//! ```text
//! compile-ahead PLUGIN TOPOLOGY PROGRAM.mlir [OUTPUT]
//! ```
//!
//! For a TPU the plugin is `libtpu.so`, the topology `v5e:1x1` for one, and the variables
//! of `dp_runtime::pjrt::TPU_ENVIRONMENT` must be set: `./x tpu` does so.

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
    // SAFETY: the user says that this is a plugin.
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
