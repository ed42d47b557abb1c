//! Files that are not plugins, and plugins that are not supported.

use crate::mock::{compile, mock, open};
use dp_runtime::Help;
use dp_runtime::pjrt::Error;

fn refused(path: &std::path::Path) -> String {
    both(&open(path).expect_err("no plugin"))
}

/// The message and the help of an error.
fn both(error: &Error) -> String {
    error.help().map_or_else(|| error.to_string(), |help| format!("{error}; {help}"))
}

#[test]
fn a_path_without_a_file() {
    let message = refused("no/such/plugin.so".as_ref());
    assert!(message.starts_with("cannot load no/such/plugin.so: "), "{message}");
    assert!(message.contains("No such file"), "{message}");
}

#[test]
fn a_file_that_is_not_a_library() {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), "module {}").expect("a file");
    assert!(refused(file.path()).starts_with("cannot load "));
}

#[test]
fn a_library_that_is_not_a_plugin() {
    let library = compile("int GetPjrtApis(void) { return 0; }", &[]);
    let message = refused(&library.path);
    assert!(message.ends_with("has no function `GetPjrtApi`, or it returns nothing; give the path of a PJRT plugin"));
    let empty = compile("void *GetPjrtApi(void) { return 0; }", &[]);
    assert!(refused(&empty.path).contains("or it returns nothing"));
}

#[test]
fn versions_that_are_too_old_or_too_new() {
    for (options, version) in
        [(["-DMINOR=80"], "0.80"), (["-DMINOR=118"], "0.118"), (["-DMAJOR=1"], "1.115"), (["-DMINOR=-1"], "0.-1")]
    {
        let message = refused(&mock(&options).path);
        let expected = format!("has version {version} of the PJRT API; supported are 0.81 to 0.117");
        assert!(message.ends_with(&expected), "{message}");
    }
    for minor in ["-DMINOR=81", "-DMINOR=117"] {
        assert!(open(&mock(&[minor]).path).is_ok());
    }
}

#[test]
fn a_table_that_is_too_short() {
    assert!(refused(&mock(&["-DFUNCTIONS=96"]).path).contains("PJRT plugin"));
    assert!(open(&mock(&["-DFUNCTIONS=97"]).path).is_ok());
}

#[test]
fn a_missing_function() {
    let library = mock(&["-DNO_MEMORY"]);
    let plugin = open(&library.path).expect("a plugin");
    let program = plugin.topology("any").and_then(|topology| topology.compile_ahead("")).expect("a program");
    let message = both(&program.memory().expect_err("no such function"));
    assert_eq!(
        message,
        "the plugin has no function `PJRT_Executable_GetCompiledMemoryStats`; use another version of it"
    );
}
