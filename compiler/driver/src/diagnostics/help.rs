//! Codes and help for MLIR's own diagnostics, which have neither.

use dp_dialects::{DiagnosticCode, OpKind};
use dp_mlir::dialects;

/// A fragment of an MLIR message, and help for it. The first matching row is used.
const HINTS: &[(&str, &str)] = &[
    ("use of undeclared SSA value name", "define the value with `=` before its first use"),
    ("does not dominate this use", "use a value after its definition and inside the region that defines it"),
    ("redefinition of", "each name can be defined once per module or region"),
    ("requires the same type for all operands", "convert with 'scalar.convert' or 'array.broadcast'"),
    ("op operand #", "see the operands of the operation in the dialect reference"),
    ("op result #", "see the results of the operation in the dialect reference"),
    ("failed to verify", "see the operation in the dialect reference; there are no implicit conversions or broadcasts"),
    ("does not reference a valid function", "the callee must be a 'func.func' in this module"),
    ("incorrect number of operands", "pass one value for each argument of the function"),
    ("operand type mismatch", "pass values of the function's argument types"),
    ("result type mismatch", "use the function's result types"),
];

/// Help for an MLIR diagnostic, if its message is known.
pub fn for_message(message: &str) -> Option<String> {
    if is_unknown(message) {
        let nearest = message.split('\'').nth(if message.starts_with("Dialect `") { 2 } else { 1 }).and_then(nearest);
        return Some(match (dialect(message), nearest) {
            (Some(dialect), _) if !dialects::is_accepted(dialect) => dialects::advice(dialect),
            (_, Some(kind)) => format!("did you mean '{}'?", kind.name()),
            (dialect, None) => dialects::advice(dialect.unwrap_or_default()),
        });
    }
    if let Some((is, should_be)) = mismatch(message) {
        return Some(convert(is, should_be));
    }
    let row = HINTS.iter().find(|(words, _)| message.contains(words));
    row.map(|(_, help)| (*help).to_owned())
}

/// The code of an MLIR diagnostic; `upstream` is the code of others found in the same phase. An unknown operation is
/// found by the parser but is not a syntax error.
pub fn code(message: &str, upstream: DiagnosticCode) -> DiagnosticCode {
    if upstream == DiagnosticCode::Internal || !is_unknown(message) {
        return upstream;
    }
    match dialect(message) {
        Some(dialect) if !dialects::is_accepted(dialect) => DiagnosticCode::Unsupported,
        Some(_) | None => DiagnosticCode::Invalid,
    }
}

/// Whether a message reports an unknown operation or dialect.
fn is_unknown(message: &str) -> bool {
    ["unregistered operation", "unregistered dialect", "is unknown", "Dialect `"]
        .iter()
        .any(|words| message.contains(words))
}

/// The dialect of an unknown operation, from the quoted name.
fn dialect(message: &str) -> Option<&str> {
    message.split(['\'', '`']).find_map(|quoted| quoted.split_once('.')).map(|(dialect, _)| dialect)
}

/// For a type mismatch: the actual and the expected type.
fn mismatch(message: &str) -> Option<(&str, &str)> {
    if message.contains("expects different type than prior uses") {
        let quoted: Vec<&str> = message.split('\'').skip(1).step_by(2).collect();
        return match quoted[..] {
            [_, should_be, is] => Some((is, should_be)),
            _ => None,
        };
    }
    let (is, should_be) = message.split_once("doesn't match function result type")?;
    Some((between(is)?, between(should_be)?))
}

/// The text in parentheses and quotes.
fn between(text: &str) -> Option<&str> {
    text.split_once("('")?.1.split_once("')").map(|(inner, _)| inner)
}

/// How to convert a value from one type to another.
fn convert(is: &str, should_be: &str) -> String {
    let elements = |r#type: &str| -> Option<String> {
        let inner = r#type.strip_prefix("tensor<")?.strip_suffix('>')?;
        Some(
            inner.rsplit_once('x').filter(|(extents, _)| !extents.contains('<')).map_or(inner, |(_, of)| of).to_owned(),
        )
    };
    match (elements(is), elements(should_be)) {
        (None, Some(of)) if of == is => {
            format!("there is no implicit broadcasting; use 'array.broadcast' to get {should_be}")
        }
        (Some(of), None) if of == should_be => "use 'tensor.extract' to read an element of a tensor".into(),
        (Some(_), Some(_)) | (None, None) if elements(is) != elements(should_be) => {
            "the element types differ; use 'scalar.convert'".into()
        }
        (Some(_), Some(_)) => "the shapes differ; use 'array.broadcast', 'array.reshape' or 'tensor.cast'".into(),
        (_, _) => "use the type of the value".into(),
    }
}

/// Help for all other messages.
pub const GENERAL: &str = "see the syntax of the operation in the dialect reference";

/// The operation with the most similar name, if it is similar enough. Among several, one that starts with the misspelt
/// name is preferred.
fn nearest(name: &str) -> Option<OpKind> {
    let distance = |kind: &OpKind| strsim::damerau_levenshtein(name, kind.name());
    let near = OpKind::ALL.iter().copied().filter(|kind| distance(kind) <= 3);
    near.min_by_key(|kind| (distance(kind), !name.starts_with(kind.name())))
}
