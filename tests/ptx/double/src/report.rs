//! What is told to the tester: faults and leaks to standard error and a file, counts to another file.

use std::fs::OpenOptions;
use std::io::Write;

fn append(variable: &str, line: &str) {
    let Some(file) = std::env::var_os(variable).filter(|file| !file.is_empty()) else { return };
    let written = OpenOptions::new().create(true).append(true).open(&file).and_then(|mut f| writeln!(f, "{line}"));
    if let Err(e) = written {
        eprintln!("cuda double: {variable}={}: {e}", file.display());
    }
}

/// Something went wrong.
pub(crate) fn complain(line: &str) {
    eprintln!("cuda double: {line}");
    append("DP_CUDA_DOUBLE_REPORT", line);
}

/// Something that a driver lets pass; the file only.
pub(crate) fn warn(line: &str) {
    append("DP_CUDA_DOUBLE_REPORT", line);
}

/// A launch is done.
pub(crate) fn count(line: &str) {
    append("DP_CUDA_DOUBLE_COUNTS", line);
}
