//! The language server, spoken to as an editor does: messages of JSON-RPC with a
//! `Content-Length` over its standard input and output.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// The server's executable, which lies beside the folder of this one.
fn executable() -> PathBuf {
    let this = std::env::current_exe().expect("this process has an executable");
    let folder = this.ancestors().nth(2).expect("tests lie in target/PROFILE/deps");
    let path = folder.join("dp-lsp-server");
    assert!(path.exists(), "{} is missing: run `cargo build --bins` first", path.display());
    path
}

/// A server and the pipes to it. It ends with the test.
struct Server {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself, in which case there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    fn start() -> Server {
        let mut process = Command::new(executable())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let input = process.stdin.take().expect("its input is a pipe");
        let output = BufReader::new(process.stdout.take().expect("its output is a pipe"));
        Server { process, input, output }
    }

    fn send(&mut self, message: Value) {
        let text = message.to_string();
        write!(self.input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("the server reads");
        self.input.flush().expect("the server reads");
    }

    fn notify(&mut self, method: &str, params: Value) {
        self.send(json!({"jsonrpc": "2.0", "method": method, "params": params}));
    }

    fn request(&mut self, id: u64, method: &str, params: Value) -> Value {
        self.send(json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        self.wait(|message| message["id"] == id)["result"].clone()
    }

    fn receive(&mut self) -> Value {
        let mut length = None;
        loop {
            let mut line = String::new();
            let count = self.output.read_line(&mut line).expect("the server writes text");
            assert!(count > 0, "the server has ended");
            if line.trim().is_empty() {
                break;
            }
            length = length.or(line.strip_prefix("Content-Length:").and_then(|length| length.trim().parse().ok()));
        }
        let mut text = vec![0; length.expect("a message says its length")];
        self.output.read_exact(&mut text).expect("the message is whole");
        serde_json::from_slice(&text).expect("the message is JSON")
    }

    /// The first message to come that satisfies a test.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let message = self.receive();
            if wanted(&message) {
                return message;
            }
        }
    }

    fn initialize(&mut self) {
        let answer = self.request(0, "initialize", json!({"processId": null, "rootUri": null, "capabilities": {}}));
        assert_eq!(answer["capabilities"]["hoverProvider"], true, "{answer}");
        self.notify("initialized", json!({}));
    }

    fn open(&mut self, text: &str) {
        let document = json!({"uri": URI, "languageId": "mlir", "version": 1, "text": text});
        self.notify("textDocument/didOpen", json!({"textDocument": document}));
    }

    /// What the server says of the open document.
    fn diagnostics(&mut self) -> Vec<Value> {
        let message = self.wait(|message| message["method"] == "textDocument/publishDiagnostics");
        assert_eq!(message["params"]["uri"], URI);
        message["params"]["diagnostics"].as_array().expect("diagnostics are a list").clone()
    }
}

const URI: &str = "file:///model.mlir";

#[test]
fn a_mistake_is_reported_at_its_place_and_goes_with_its_correction() {
    let mut server = Server::start();
    server.initialize();

    let wrong = "func.func @f(%x: tensor<2x3xf32>) -> tensor<2x3xf32> {\n  \
                 %y = array.transpose %x permutation [0, 0] : tensor<2x3xf32>\n  \
                 return %y : tensor<2x3xf32>\n}\n";
    server.open(wrong);
    let diagnostics = server.diagnostics();
    let [diagnostic] = &diagnostics[..] else { panic!("one mistake gave {diagnostics:?}") };
    assert_eq!(diagnostic["range"]["start"]["line"], 1, "{diagnostic}");
    assert_eq!(diagnostic["severity"], 1, "{diagnostic}");
    assert!(diagnostic["message"].as_str().is_some_and(|message| message.contains("permutation")), "{diagnostic}");

    let right = wrong.replace("[0, 0]", "[0, 1]");
    let document = json!({"uri": URI, "version": 2});
    server.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": right}]}));
    assert_eq!(server.diagnostics(), Vec::<Value>::new());
}

#[test]
fn hovering_tells_of_an_operation_of_ours() {
    let mut server = Server::start();
    server.initialize();
    server.open("func.func @f(%x: f64) -> f64 {\n  %y = scalar.sin %x : f64\n  return %y : f64\n}\n");
    assert_eq!(server.diagnostics(), Vec::<Value>::new());

    let place = json!({"textDocument": {"uri": URI}, "position": {"line": 1, "character": 9}});
    let hover = server.request(1, "textDocument/hover", place);
    assert!(hover["contents"]["value"].as_str().is_some_and(|text| text.contains("scalar.sin")), "{hover}");

    assert_eq!(server.request(2, "shutdown", json!(null)), Value::Null);
    server.notify("exit", json!({}));
    assert!(server.process.wait().expect("the server ends").success());
}

/// The documentation is that of the reference.
#[test]
fn hovering_shows_an_operations_documentation() {
    let mut server = Server::start();
    server.initialize();
    server.open("// 𝛼\nfunc.func @f(%x: f64) -> f64 {\n  %y = scalar.sin %x : f64\n  return %y : f64\n}\n");
    assert_eq!(server.diagnostics(), Vec::<Value>::new());
    let mut hover = |id, line, character| {
        let place = json!({"textDocument": {"uri": URI}, "position": {"line": line, "character": character}});
        let hover = server.request(id, "textDocument/hover", place);
        hover["contents"]["value"].as_str().unwrap_or_default().to_owned()
    };
    for (id, character) in [(1, 7), (2, 9), (3, 16)] {
        let shown = hover(id, 2, character);
        assert!(shown.contains("_Sine_") && shown.contains("operation ::= `scalar.sin`"), "at {character}: {shown}");
    }
    // A value has no documentation, and neither has an operation of upstream's.
    assert!(!hover(4, 2, 2).contains("operation ::="));
    assert!(!hover(5, 3, 4).contains("operation ::="));
}

/// Each operation of ours has something to show.
#[test]
fn every_operation_is_documented() {
    for kind in dp_dialects::OpKind::ALL.iter().filter(|kind| kind.is_ours()) {
        assert!(dp_compiler::lsp::documentation::of(kind.name()).is_some(), "{}", kind.name());
    }
}

/// A text that MLIR's parser does not survive has a diagnostic, and the server lives on.
#[test]
fn what_the_parser_does_not_survive_is_a_diagnostic() {
    let mut server = Server::start();
    server.initialize();
    let wrong = "func.func @f() {\n  %c = complex.constant #complex.number<:i1 1, 0> : complex<i1>\n  return\n}\n";
    server.open(wrong);
    let diagnostics = server.diagnostics();
    let [diagnostic] = &diagnostics[..] else { panic!("one mistake gave {diagnostics:?}") };
    assert_eq!(diagnostic["range"]["start"], json!({"line": 1, "character": 41}), "{diagnostic}");
    assert_eq!(diagnostic["code"], "syntax", "{diagnostic}");
    assert!(diagnostic["message"].as_str().is_some_and(|message| message.contains("complex number")), "{diagnostic}");

    let document = json!({"uri": URI, "version": 2});
    let right = "func.func @f() {\n  return\n}\n";
    server.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": right}]}));
    assert_eq!(server.diagnostics(), Vec::<Value>::new());
    // And back, in a document that the server knows.
    let document = json!({"uri": URI, "version": 3});
    server.notify("textDocument/didChange", json!({"textDocument": document, "contentChanges": [{"text": wrong}]}));
    assert_eq!(server.diagnostics().len(), 1);
    assert_eq!(server.request(2, "shutdown", json!(null)), Value::Null);
    server.notify("exit", json!({}));
    assert!(server.process.wait().expect("the server ends").success());
}

/// What is no message ends the server in order, or is passed over: no signal.
#[test]
fn garbage_does_not_crash_it() {
    let message = |text: &str| format!("Content-Length: {}\r\n\r\n{text}", text.len()).into_bytes();
    let garbage: [Vec<u8>; 8] = [
        Vec::new(),
        b"\xff\xfe\x00".to_vec(),
        b"Content-Length: 99999999999999999999\r\n\r\n{}".to_vec(),
        b"Content-Length: -1\r\n\r\n{}".to_vec(),
        b"Content-Length: 4\r\n\r\n\xff\xff\xff\xff".to_vec(),
        message("[]"),
        message(r#"{"jsonrpc":"2.0","id":1,"method":"initialize"}"#),
        message(r#"{"jsonrpc":"2.0","method":"textDocument/didOpen","params":{"x":[1,2,null]}}"#),
    ];
    for bytes in garbage {
        let mut process = Command::new(executable())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        // The end of its input, as the pipe is dropped, ends the server.
        process.stdin.take().map(|mut input| input.write_all(&bytes));
        let status = process.wait().expect("the server ends");
        assert!(status.code().is_some(), "{:?} ends it with {status}", String::from_utf8_lossy(&bytes));
    }
}
