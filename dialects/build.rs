//! Generates the C++ classes of the dialects and the Rust table of their operations from ODS, and compiles the shim.

mod llvm;
mod ods;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

/// The dialects that define operations.
const DIALECTS: [&str; 3] = ["Scalar", "Array", "Ad"];

fn main() -> ExitCode {
    match llvm::prefix() {
        Ok(prefix) => {
            build(&prefix);
            ExitCode::SUCCESS
        }
        Err(missing) => {
            eprintln!("dp-dialects: {missing}");
            ExitCode::FAILURE
        }
    }
}

fn build(prefix: &Path) {
    // The compiler looks for LLVM's tools here at run time.
    println!("cargo:rustc-env=DP_LLVM={}", prefix.display());
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR"));
    let ods = ods::Build::new(prefix, &["llvm.rs", "ods.rs"]);
    for dialect in DIALECTS {
        ods.dialect(dialect);
        ods.operations(dialect);
        ods.tblgen(dialect, &["-gen-enum-decls"], &format!("{dialect}Enums.h.inc"));
        ods.tblgen(dialect, &["-gen-enum-defs"], &format!("{dialect}Enums.cpp.inc"));
    }
    ods.dialect("Dp");
    ods.types("Ad");
    ods.attributes("Ad");
    write_kinds(prefix, &out);
    ods.shim("dp_dialects_shim", &["Dialects.cpp", "Tools.cpp"]);
    // After the shim in link order, since the shim refers to them.
    println!("cargo:rustc-link-lib=static=MLIROptLib");
    println!("cargo:rustc-link-lib=static=MLIRLspServerLib");
}

/// Writes a call of the macro `kinds!` for `kind.rs`: a variant and a name for each operation, in ODS order.
fn write_kinds(prefix: &Path, out: &Path) {
    let mut rows = String::new();
    for dialect in DIALECTS {
        let output = Command::new(prefix.join("bin/llvm-tblgen"))
            .arg("--dump-json")
            .arg(format!("-I{}", prefix.join("include").display()))
            .args(["-Itd", &format!("td/{dialect}.td")])
            .output()
            .expect("llvm-tblgen runs");
        assert!(output.status.success(), "llvm-tblgen failed on td/{dialect}.td");
        let records: serde_json::Value = serde_json::from_slice(&output.stdout).expect("llvm-tblgen writes JSON");
        let names = records["!instanceof"]["DP_Op"].as_array().expect("td/Common.td defines DP_Op");
        for name in names.iter().filter_map(|name| name.as_str()) {
            let mnemonic = records[name]["opName"].as_str().expect("an operation has a name");
            let lower = dialect.to_lowercase();
            let camel: String = mnemonic.split('_').map(capital).collect();
            rows.push_str(&format!("    {dialect}{camel} => \"{lower}.{mnemonic}\",\n"));
        }
    }
    fs::write(out.join("kinds.rs"), format!("kinds! {{\n{rows}}}\n")).expect("OUT_DIR is writable");
}

fn capital(word: &str) -> String {
    word[..1].to_uppercase() + &word[1..]
}
