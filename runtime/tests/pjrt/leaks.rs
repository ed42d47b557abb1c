//! All objects of a plugin are destroyed, even after errors.

use std::process::Command;

use dp_runtime::Array;
use dp_runtime::pjrt::{Code, Error, Figure, Plugin};

use crate::mock::{mock, open, signature};

fn vector(first: f32) -> Array {
    Array::new(&[2], vec![first, 2.0]).expect("an array")
}

/// Compiles and runs a program, and queries its statistics.
fn run(plugin: &Plugin, text: &str) -> Result<Vec<Array>, Error> {
    let program = plugin.client()?.compile(text, signature())?;
    program.memory()?;
    program.cost()?;
    program.run(&[vector(1.0)])
}

fn compile_ahead(plugin: &Plugin, topology: &str, text: &str) -> Result<Vec<u8>, Error> {
    let program = plugin.topology(topology)?.compile_ahead(text)?;
    program.memory()?;
    program.cost()?;
    program.serialize()
}

fn failure<T: std::fmt::Debug>(outcome: Result<T, Error>, step: &str) {
    match outcome {
        Err(Error::Plugin { code: Code::InvalidArgument, message, .. }) => {
            assert_eq!(message, format!("the mock fails at {step}"));
        }
        other => panic!("{other:?} at {step}"),
    }
}

/// A single test, since the mock's counters are global.
#[test]
fn all_objects_are_destroyed() {
    let library = mock(&[]);
    let plugin = open(&library.path).expect("a plugin");
    // The second opening would fail if it initialized the plugin again.
    let plugin = open(&library.path).unwrap_or(plugin);

    assert_eq!(run(&plugin, "twice").expect("results")[0].as_slice::<f32>(), Some(&[2.0, 4.0][..]));
    let steps =
        ["compile", "look", "count", "types", "memory", "cost", "execute", "complete", "buffer", "download", "arrive"];
    for step in steps {
        failure(run(&plugin, &format!("fail:{step};")), step);
    }
    for wrong in ["types", "extents", "buffer"] {
        let error = run(&plugin, &format!("wrong:{wrong};")).expect_err(wrong);
        assert!(matches!(error, Error::Signature { .. } | Error::Answer { .. }), "{error}");
    }
    for step in ["topology", "platform"] {
        failure(compile_ahead(&plugin, &format!("fail:{step};"), ""), step);
    }
    for step in ["compile", "memory", "cost", "serialize"] {
        failure(compile_ahead(&plugin, "", &format!("fail:{step};")), step);
    }
    assert_eq!(compile_ahead(&plugin, "", "as bytes").expect("bytes"), b"as bytes");

    figures(&plugin);
    buffers_outlive(&plugin);
    uploads_fail(&plugin);

    // SAFETY: functions of the mock, with these types.
    unsafe {
        let library = libloading::Library::new(&library.path).expect("the mock");
        let live = library.get::<unsafe extern "C" fn() -> i64>(b"mock_live").expect("a function");
        let made = library.get::<unsafe extern "C" fn(i32) -> i64>(b"mock_made").expect("a function");
        assert_eq!(live(), 0, "an object of the mock was not destroyed");
        // Objects of all eight kinds were created.
        assert!((0..8).all(|kind| made(kind) > 0));
    }
}

fn figures(plugin: &Plugin) {
    let program = plugin.client().and_then(|client| client.compile("", signature())).expect("a program");
    let memory = program.memory().expect("figures");
    assert_eq!((memory.code, memory.temporary, memory.host_code, memory.host_temporary), (10, 14, 15, 19));
    assert_eq!(memory.peak, Some(20));
    let figure = |name: &str, figure| (name.to_string(), figure);
    assert_eq!(
        program.cost().expect("figures"),
        [
            figure("flops", Figure::Float(2.0)),
            figure("steps", Figure::Integer(-7)),
            figure("chip", Figure::Text("mock".into())),
            figure("fast", Figure::Boolean(true)),
            figure("list", Figure::Integers(vec![3, -4])),
        ]
    );
}

fn buffers_outlive(plugin: &Plugin) {
    let client = plugin.client().expect("a client");
    let program = client.compile("", signature()).expect("a program");
    let first = client.upload(&vector(1.0)).expect("a buffer");
    drop(client);
    let second = program.run_on_device(&[&first]).expect("buffers").remove(0);
    drop((program, first));
    // The mock aborts if an object is used after it was destroyed.
    assert_eq!(second.download().expect("an array").as_slice::<f32>(), Some(&[2.0, 4.0][..]));
}

fn uploads_fail(plugin: &Plugin) {
    let client = plugin.client().expect("a client");
    failure(client.upload(&vector(-1.0)), "upload");
    let error = client.upload(&Array::number(1.0_f32)).expect_err("a number").to_string();
    assert_eq!(error, "cannot copy an array to the device: the mock takes tensor<2xf32> only");
    let program = client.compile("", signature()).expect("a program");
    let other = plugin.client().expect("a client");
    let elsewhere = other.upload(&vector(1.0)).expect("a buffer");
    let error = program.run_on_device(&[elsewhere]).expect_err("another client");
    assert!(matches!(error, Error::OtherClient { index: 0 }), "{error}");
}

#[test]
fn a_client_without_devices() {
    // In a child process, since the mock reads the environment.
    let library = mock(&[]);
    for (how, expected) in
        [("none", "the plugin's client has no device in this process"), ("fail:client;", "the mock fails at client")]
    {
        let output = Command::new(std::env::current_exe().expect("this test"))
            .args(["--exact", "leaks::child_makes_a_client", "--ignored", "--nocapture"])
            .env("MOCK_CLIENT", how)
            .env("MOCK_PATH", &library.path)
            .output()
            .expect("this test");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains(expected), "{text}");
    }
}

/// The child process of the test above.
#[test]
#[ignore = "needs the environment that another test sets"]
fn child_makes_a_client() {
    let path = std::env::var("MOCK_PATH").expect("a path");
    let plugin = open(path.as_ref()).expect("a plugin");
    println!("{}", plugin.client().expect_err("no client"));
}

/// Checks memory accesses, in addition to the mock's counters.
#[test]
fn valgrind_finds_nothing() {
    let output = Command::new("valgrind")
        .args(["--quiet", "--leak-check=full", "--errors-for-leak-kinds=definite,indirect", "--error-exitcode=99"])
        .arg(std::env::current_exe().expect("this test"))
        .args(["--exact", "leaks::all_objects_are_destroyed", "--test-threads=1"])
        .output()
        .expect("valgrind runs; on Debian, apt-get install valgrind");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}{text}", String::from_utf8_lossy(&output.stdout));
}
