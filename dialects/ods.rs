//! Dialects from ODS, for build scripts: generates their C++ classes and compiles their shim.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A build of dialects from the folders `td/` and `shim/` of the crate.
pub struct Build<'a> {
    prefix: &'a Path,
    out: PathBuf,
}

impl<'a> Build<'a> {
    /// A build with the LLVM in the directory `prefix`. Cargo runs the build script again when `td/`, `shim/` or the
    /// files `also` change.
    pub fn new(prefix: &'a Path, also: &[&str]) -> Self {
        for watched in ["td", "shim", "build.rs"].iter().chain(also) {
            println!("cargo:rerun-if-changed={watched}");
        }
        Build { prefix, out: PathBuf::from(env::var("OUT_DIR").expect("cargo sets OUT_DIR")) }
    }

    /// Runs mlir-tblgen on `td/FILE.td`.
    pub fn tblgen(&self, file: &str, arguments: &[&str], output: &str) {
        let status = Command::new(self.prefix.join("bin/mlir-tblgen"))
            .arg(format!("-I{}", self.prefix.join("include").display()))
            .args(["-Itd", &format!("td/{file}.td")])
            .args(arguments)
            .arg("-o")
            .arg(self.out.join(output))
            .status()
            .expect("mlir-tblgen runs");
        assert!(status.success(), "mlir-tblgen failed on td/{file}.td");
    }

    /// Generates `NAMEDialect.h.inc` and `NAMEDialect.cpp.inc` from `td/NAME.td`.
    pub fn dialect(&self, name: &str) {
        let of = format!("-dialect={}", name.to_lowercase());
        self.tblgen(name, &["-gen-dialect-decls", &of], &format!("{name}Dialect.h.inc"));
        self.tblgen(name, &["-gen-dialect-defs", &of], &format!("{name}Dialect.cpp.inc"));
    }

    /// Generates `NAMEOps.h.inc` and `NAMEOps.cpp.inc`.
    pub fn operations(&self, name: &str) {
        self.tblgen(name, &["-gen-op-decls"], &format!("{name}Ops.h.inc"));
        self.tblgen(name, &["-gen-op-defs"], &format!("{name}Ops.cpp.inc"));
    }

    /// Generates `NAMETypes.h.inc` and `NAMETypes.cpp.inc`.
    pub fn types(&self, name: &str) {
        let of = format!("-typedefs-dialect={}", name.to_lowercase());
        self.tblgen(name, &["-gen-typedef-decls", &of], &format!("{name}Types.h.inc"));
        self.tblgen(name, &["-gen-typedef-defs", &of], &format!("{name}Types.cpp.inc"));
    }

    /// Generates `NAMEAttrs.h.inc` and `NAMEAttrs.cpp.inc`.
    pub fn attributes(&self, name: &str) {
        let of = format!("-attrdefs-dialect={}", name.to_lowercase());
        self.tblgen(name, &["-gen-attrdef-decls", &of], &format!("{name}Attrs.h.inc"));
        self.tblgen(name, &["-gen-attrdef-defs", &of], &format!("{name}Attrs.cpp.inc"));
    }

    /// Compiles files of `shim/` to a static library.
    pub fn shim(&self, library: &str, files: &[&str]) {
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .flags(["-fno-rtti", "-fno-exceptions", "-Wno-unused-parameter", "-Wno-comment"])
            .opt_level(1)
            .debug(false)
            .include(self.prefix.join("include"))
            .include(&self.out)
            .include("shim")
            .files(files.iter().map(|file| Path::new("shim").join(file)))
            .compile(library);
    }
}
