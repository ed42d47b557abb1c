//! The open documents and pending requests, from the messages of editor and server.

use super::documentation;
use dp_dialects::source::{self, Refusal};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

/// The open documents, and hover requests that are not answered yet.
#[derive(Default)]
pub struct Documents {
    texts: HashMap<String, String>,
    /// Documents whose text was not passed to the server.
    refused: HashSet<String>,
    /// The operation of each hover request, by the request's id as text.
    asked: HashMap<String, String>,
}

/// How a message of the editor is handled.
pub enum Action {
    /// Forward it to the server.
    Forward,
    /// Answer with a diagnostic instead: its text would crash MLIR's parser.
    Refuse {
        /// The document.
        uri: String,
        /// Its version.
        version: Value,
        /// The diagnostic in the protocol's form.
        diagnostic: Value,
    },
}

impl Documents {
    /// Processes a message of the editor.
    pub fn receive(&mut self, message: &Value) -> Action {
        let params = &message["params"];
        let document = &params["textDocument"];
        let uri = document["uri"].as_str().unwrap_or_default();
        match message["method"].as_str() {
            Some("textDocument/didOpen") => self.check(uri, document, &document["text"]),
            // The server asks for full documents.
            Some("textDocument/didChange") => self.check(uri, document, &params["contentChanges"][0]["text"]),
            Some("textDocument/didClose") => {
                self.texts.remove(uri);
                self.refused.remove(uri);
                Action::Forward
            }
            Some("textDocument/hover") => {
                if let Some(operation) = self.texts.get(uri).and_then(|text| word(text, &params["position"])) {
                    self.asked.insert(message["id"].to_string(), operation.to_owned());
                }
                Action::Forward
            }
            _ => Action::Forward,
        }
    }

    fn check(&mut self, uri: &str, document: &Value, text: &Value) -> Action {
        let Some(text) = text.as_str() else { return Action::Forward };
        self.texts.insert(uri.to_owned(), text.to_owned());
        match source::check(text.as_bytes()) {
            Ok(()) => {
                self.refused.remove(uri);
                Action::Forward
            }
            Err(refusal) => {
                self.refused.insert(uri.to_owned());
                let diagnostic = diagnostic(text, &refusal);
                Action::Refuse { uri: uri.to_owned(), version: document["version"].clone(), diagnostic }
            }
        }
    }

    /// Processes a message of the server: null to forward it unchanged, `None` to drop it because it is about an outdated
    /// text.
    pub fn answer(&mut self, mut message: Value) -> Option<Value> {
        if message["method"] == "textDocument/publishDiagnostics" {
            let uri = message["params"]["uri"].as_str().unwrap_or_default();
            return (!self.refused.contains(uri)).then_some(Value::Null);
        }
        let asked = message["method"].is_null().then(|| self.asked.remove(&message["id"].to_string())).flatten();
        let Some(documentation) = asked.and_then(|operation| documentation::of(&operation)) else {
            return Some(Value::Null);
        };
        let shown = message["result"]["contents"]["value"].as_str().map(|shown| format!("{shown}\n***\n"));
        let text = format!("{}{documentation}", shown.unwrap_or_default());
        match message.get_mut("result") {
            Some(Value::Object(result)) => {
                result.insert("contents".into(), json!({"kind": "markdown", "value": text}));
            }
            Some(Value::Null) => message["result"] = json!({"contents": {"kind": "markdown", "value": text}}),
            Some(_) | None => return Some(Value::Null),
        }
        Some(message)
    }
}

/// A refusal in the protocol's form: lines count from 0, columns in UTF-16 units.
fn diagnostic(text: &str, refusal: &Refusal) -> Value {
    let line = refusal.line.saturating_sub(1);
    let before = text.split('\n').nth(line).and_then(|line| line.get(..refusal.column.saturating_sub(1)));
    let start = before.map_or(0, |before| before.encode_utf16().count());
    let place = |character: usize| json!({"line": line, "character": character});
    let help = refusal.diagnostic.help.as_ref().map_or_else(String::new, |help| format!("\n{help}"));
    json!({
        "range": {"start": place(start), "end": place(start + 1)},
        "severity": 1,
        "code": refusal.diagnostic.code.name(),
        "source": "mlir",
        "message": format!("{}{help}", refusal.diagnostic.message),
    })
}

/// The word at a position: letters, digits, underscores and dots.
fn word<'t>(text: &'t str, position: &Value) -> Option<&'t str> {
    let line = text.split('\n').nth(usize::try_from(position["line"].as_u64()?).ok()?)?;
    let wanted = usize::try_from(position["character"].as_u64()?).ok()?;
    let mut units = 0;
    let offset = line.char_indices().find_map(|(offset, character)| {
        units += character.len_utf16();
        (units > wanted).then_some(offset)
    })?;
    let is_part = |character: char| character.is_ascii_alphanumeric() || character == '_' || character == '.';
    let start = line[..offset]
        .rfind(|character| !is_part(character))
        .map_or(0, |before| before + line[before..].chars().next().map_or(1, char::len_utf8));
    let end = line[offset..].find(|character| !is_part(character)).map_or(line.len(), |after| offset + after);
    (start < end).then(|| &line[start..end])
}
