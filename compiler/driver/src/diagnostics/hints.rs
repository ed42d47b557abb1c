//! Of what class the mistakes are that MLIR itself finds, and what to do about them: they come without either.

use dp_dialects::{DiagnosticCode, OpKind};
use dp_mlir::dialects;

/// What a diagnostic of MLIR's says, and the advice for it; the first row that
/// fits is taken.
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

/// Advice for a diagnostic of MLIR's, if there is some for what it says.
pub fn help(message: &str) -> Option<String> {
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

/// Of what class a diagnostic of MLIR's is, given that of others that are found at the same time. The parser knows
/// operations by their names: what it does not know breaks no rule of its grammar.
pub fn code(message: &str, upstream: DiagnosticCode) -> DiagnosticCode {
    if upstream == DiagnosticCode::Internal || !is_unknown(message) {
        return upstream;
    }
    match dialect(message) {
        Some(dialect) if !dialects::is_accepted(dialect) => DiagnosticCode::Unsupported,
        Some(_) | None => DiagnosticCode::Invalid,
    }
}

/// Whether a diagnostic says that MLIR does not know an operation or its dialect.
fn is_unknown(message: &str) -> bool {
    ["unregistered operation", "unregistered dialect", "is unknown", "Dialect `"]
        .iter()
        .any(|words| message.contains(words))
}

/// The dialect of an operation that MLIR does not know: the quoted name, or what stands before its dot.
fn dialect(message: &str) -> Option<&str> {
    message.split(['\'', '`']).find_map(|quoted| quoted.split_once('.')).map(|(dialect, _)| dialect)
}

/// Of a diagnostic about a value of another type than the one that is needed: the type that it has, and that type.
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

/// What stands in quotes and parentheses.
fn between(text: &str) -> Option<&str> {
    text.split_once("('")?.1.split_once("')").map(|(inner, _)| inner)
}

/// How a value of one type becomes one of another.
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

/// Advice for any other one.
pub const GENERAL: &str = "see the syntax of the operation in the dialect reference";

/// The operation whose name is nearest to a misspelt one, if it is near; of
/// several, one that the misspelt name continues.
fn nearest(name: &str) -> Option<OpKind> {
    let distance = |kind: &OpKind| strsim::damerau_levenshtein(name, kind.name());
    let near = OpKind::ALL.iter().copied().filter(|kind| distance(kind) <= 3);
    near.min_by_key(|kind| (distance(kind), !name.starts_with(kind.name())))
}
