//! Plugins that are compiled for tests.

use std::path::{Path, PathBuf};
use std::process::Command;

use dp_runtime::pjrt::{ArrayType, Error, Plugin, Signature};

/// A file in a temporary directory, which is deleted with it.
pub struct Made {
    _folder: tempfile::TempDir,
    pub path: PathBuf,
}

/// Compiles C into a shared library.
pub fn compile(source: &str, options: &[&str]) -> Made {
    let folder = tempfile::tempdir().expect("a folder");
    let (c, path) = (folder.path().join("mock.c"), folder.path().join("mock.so"));
    std::fs::write(&c, source).expect("a file");
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-fPIC", "-O1", "-g", "-Wall", "-Wextra"]).args(options).arg("-o").arg(&path).arg(&c);
    assert!(cc.status().expect("a C compiler").success());
    Made { _folder: folder, path }
}

/// Compiles the mock plugin with these options.
pub fn mock(options: &[&str]) -> Made {
    compile(include_str!("mock.c"), options)
}

/// Opens a plugin.
pub fn open(path: &Path) -> Result<Plugin, Error> {
    // SAFETY: every library in these tests is a plugin if it has the symbol.
    unsafe { Plugin::open(path) }
}

/// The signature of every program of the mock.
pub fn signature() -> Signature {
    let vector = ArrayType::of::<f32>(&[2]);
    Signature { arguments: vec![vector.clone()], results: vec![vector] }
}
