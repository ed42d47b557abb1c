//! What to do about mistakes that MLIR itself finds, which come without advice.

use dp_dialects::OpKind;

/// What a diagnostic of MLIR's says, and the advice for it; the first row that
/// fits is taken.
const HINTS: &[(&str, &str)] = &[
    ("use of undeclared SSA value name", "a value is defined, by that name and with `=`, before it is used"),
    (
        "expects different type than prior uses",
        "the type written here is not that of the value; 'scalar.convert' converts numbers",
    ),
    ("does not dominate this use", "a value is used after its definition, and within the region that defines it"),
    ("redefinition of", "every name is given once in a module or region"),
    ("requires the same type for all operands", "convert with 'scalar.convert', or repeat with 'array.broadcast'"),
    ("op operand #", "the dialects' reference says what each operation takes"),
    ("op result #", "the dialects' reference says what each operation gives"),
    (
        "failed to verify",
        "the dialects' reference says what each operation takes; nothing converts or broadcasts by itself",
    ),
    ("does not reference a valid function", "the callee is a 'func.func' of this module"),
    ("incorrect number of operands", "pass one value for each argument of the function"),
    ("operand type mismatch", "pass values of the types that the function takes"),
    ("result type mismatch", "write the types that the function gives"),
];

/// Advice for a diagnostic of MLIR's, if there is some for what it says.
pub fn hint(message: &str) -> Option<String> {
    let unknown = ["unregistered operation", "unregistered dialect", "is unknown", "Dialect `"]
        .iter()
        .any(|words| message.contains(words));
    if unknown {
        let nearest = message.split('\'').nth(if message.starts_with("Dialect `") { 2 } else { 1 }).and_then(nearest);
        return Some(match nearest {
            Some(kind) => format!("did you mean '{}'?", kind.name()),
            None => "programs are made of the dialects func, scf, scalar, array, ad, arith, math and tensor".into(),
        });
    }
    let row = HINTS.iter().find(|(words, _)| message.contains(words));
    row.map(|(_, hint)| (*hint).to_owned())
}

/// Advice for any other one.
pub const GENERAL: &str = "the dialects' reference shows how each operation is written";

/// The operation whose name is nearest to a misspelt one, if it is near; of
/// several, one that the misspelt name continues.
fn nearest(name: &str) -> Option<OpKind> {
    let distance = |kind: &OpKind| strsim::damerau_levenshtein(name, kind.name());
    let near = OpKind::ALL.iter().copied().filter(|kind| distance(kind) <= 3);
    near.min_by_key(|kind| (distance(kind), !name.starts_with(kind.name())))
}
