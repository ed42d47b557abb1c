//! The language server: a proxy between the editor and MLIR's own server, which runs in a child process.
//!
//! Texts that would crash MLIR's parser are not passed on, but answered with a diagnostic. Hovers over our operations
//! get their documentation.

pub mod documentation;
mod documents;
mod frames;

use documents::{Action, Documents};
use dp_dialects::stack;
use dp_dialects::tools::lsp_main;
use dp_driver::registry::dialects;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::io::{self, BufReader, Write};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// The first argument of the child process.
const SERVER: &str = "--behind";

/// Runs `dp-lsp-server` with a command line.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let mut arguments: Vec<String> =
        arguments.into_iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let is_server = arguments.get(1).is_some_and(|first| first == SERVER);
    if is_server {
        arguments.remove(1);
    }
    // With options, for example `--help`, MLIR's program runs alone.
    if is_server || arguments.len() > 1 {
        return ExitCode::from(stack::run(|| lsp_main(&arguments, &dialects())) as u8);
    }
    between().unwrap_or_else(|error| {
        eprintln!("dp-lsp-server: error: {error}");
        ExitCode::FAILURE
    })
}

fn between() -> io::Result<ExitCode> {
    let mut server =
        Command::new(std::env::current_exe()?).arg(SERVER).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
    let documents = Arc::new(Mutex::new(Documents::default()));
    if let Some(to_server) = server.stdin.take() {
        let documents = Arc::clone(&documents);
        // The thread ends with the process: the editor may never write again.
        thread::spawn(move || to(to_server, &documents));
    }
    back(&mut server, &documents)?;
    let status = server.wait()?;
    Ok(status.code().map_or(ExitCode::FAILURE, |code| ExitCode::from(code as u8)))
}

fn locked(documents: &Mutex<Documents>) -> std::sync::MutexGuard<'_, Documents> {
    documents.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Forwards messages of the editor until the end of input.
fn to(mut server: impl Write, documents: &Mutex<Documents>) {
    let mut editor = BufReader::new(io::stdin());
    while let Ok(Some(body)) = frames::read(&mut editor) {
        let message = serde_json::from_slice(&body).unwrap_or(Value::Null);
        let action = locked(documents).receive(&message);
        let outcome = match action {
            Action::Forward => frames::write(&mut server, &body),
            Action::Refuse { uri, version, diagnostic } => {
                let params = json!({"uri": uri, "version": version, "diagnostics": [diagnostic]});
                let text = json!({"jsonrpc": "2.0", "method": "textDocument/publishDiagnostics", "params": params});
                frames::write(&mut io::stdout().lock(), text.to_string().as_bytes())
            }
        };
        if outcome.is_err() {
            return;
        }
    }
}

/// Forwards messages of the server until the end of its output.
fn back(server: &mut Child, documents: &Mutex<Documents>) -> io::Result<()> {
    let Some(output) = server.stdout.take() else { return Ok(()) };
    let mut output = BufReader::new(output);
    while let Some(body) = frames::read(&mut output)? {
        let Ok(message) = serde_json::from_slice(&body) else {
            frames::write(&mut io::stdout().lock(), &body)?;
            continue;
        };
        match locked(documents).answer(message) {
            // Unchanged, if nothing is to be added.
            Some(Value::Null) => frames::write(&mut io::stdout().lock(), &body)?,
            Some(changed) => frames::write(&mut io::stdout().lock(), changed.to_string().as_bytes())?,
            None => {}
        }
    }
    Ok(())
}
