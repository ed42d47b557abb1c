//! Generates the C++ classes of the dialects `stablehlo`, `chlo` and `sdy` from ODS, and compiles the shim.

#[path = "../../dialects/llvm.rs"]
mod llvm;
#[path = "../../dialects/ods.rs"]
mod ods;

use std::process::ExitCode;

fn main() -> ExitCode {
    let prefix = match llvm::prefix() {
        Ok(prefix) => prefix,
        Err(missing) => {
            eprintln!("dp-stablehlo: {missing}");
            return ExitCode::FAILURE;
        }
    };
    let ods = ods::Build::new(&prefix, &["../../dialects/llvm.rs", "../../dialects/ods.rs"]);
    for dialect in ["Stablehlo", "Chlo", "Sdy"] {
        ods.dialect(dialect);
        ods.operations(dialect);
        ods.attributes(dialect);
    }
    ods.types("Stablehlo");
    ods.shim(
        "dp_stablehlo_shim",
        &["Assembly.cpp", "Attributes.cpp", "Dialects.cpp", "Chlo.cpp", "Fields.cpp", "Regions.cpp", "Sdy.cpp"],
    );
    ExitCode::SUCCESS
}
