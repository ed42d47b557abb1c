//! The dialects that programs may use, and help for others.

/// The accepted dialects.
const DIALECTS: &[&str] = &[
    "builtin",
    "func",
    "scf",
    "cf",
    "scalar",
    "array",
    "ad",
    "arith",
    "math",
    "tensor",
    "memref",
    "bufferization",
    "ub",
];

/// Other known dialects, with help.
const ELSEWHERE: &[(&str, &str)] = &[
    ("stablehlo", "translate it first, with --import-stablehlo; files of StableHLO are translated when they are read"),
    ("chlo", "translate it first, with --import-stablehlo; files of StableHLO are translated when they are read"),
    ("vhlo", STABLEHLO),
    ("mhlo", STABLEHLO),
    ("tosa", "use operations of 'scalar' and 'array' on whole tensors"),
    ("linalg", "use operations of 'scalar' and 'array', such as 'array.dot' and 'array.map'"),
    ("complex", "use operations of 'scalar', which take complex numbers too"),
    ("index", "use operations of 'arith', which take index too"),
    ("affine", "use 'scf.for' for loops, and 'tensor.extract' and 'array.update_slice' for elements"),
    ("vector", "use operations of 'scalar' and 'array' on whole tensors; the compiler vectorizes them"),
];

/// Help for serialized StableHLO.
pub const STABLEHLO: &str = "write it as text: in Python, `print(jax.export.deserialize(data).mlir_module())` for the \
    bytes of `jax.export`, or `jax.jit(f).lower(x).as_text()`";

/// Help for an operation of a dialect that is not accepted.
pub fn advice(dialect: &str) -> String {
    match ELSEWHERE.iter().find(|(name, _)| *name == dialect) {
        Some((_, advice)) => (*advice).to_owned(),
        None => {
            let names: Vec<&str> = DIALECTS.iter().copied().filter(|name| *name != "builtin").collect();
            format!("programs may use the dialects {}", names.join(", "))
        }
    }
}

/// Whether programs may contain operations of a dialect.
pub fn is_accepted(dialect: &str) -> bool {
    DIALECTS.contains(&dialect)
}
