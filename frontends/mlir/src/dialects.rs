//! The dialects that programs are written in, and what to do about others.

/// The dialects in which programs are written.
const DIALECTS: &[&str] = &["builtin", "func", "scf", "cf", "scalar", "array", "ad", "arith", "math", "tensor", "ub"];

/// Dialects that programs come in, and what to do about them.
const ELSEWHERE: &[(&str, &str)] = &[
    ("stablehlo", STABLEHLO),
    ("chlo", STABLEHLO),
    ("vhlo", STABLEHLO),
    ("mhlo", STABLEHLO),
    ("tosa", "write it with operations of 'scalar' and 'array', on whole tensors"),
    ("linalg", "write it with operations of 'scalar' and 'array', such as 'array.dot' and 'array.map'"),
    ("complex", "operations of 'scalar' take complex numbers too"),
    ("index", "operations of 'arith' take indices too"),
    ("memref", "programs compute with values: 'array.update_slice' gives a changed tensor"),
    ("affine", "write loops with 'scf.for' and elements with 'tensor.extract' and 'array.update_slice'"),
    ("vector", "operations of 'scalar' and 'array' take whole tensors, and are vectorized"),
];

/// What to do about StableHLO.
pub const STABLEHLO: &str =
    "StableHLO is written (--target=xla) and not read; write it with operations of 'scalar' and 'array'";

/// What to do about an operation of a dialect in which no program is written.
pub fn advice(dialect: &str) -> String {
    match ELSEWHERE.iter().find(|(name, _)| *name == dialect) {
        Some((_, advice)) => (*advice).to_owned(),
        None => {
            let names: Vec<&str> = DIALECTS.iter().copied().filter(|name| *name != "builtin").collect();
            format!("programs are written in the dialects {}", names.join(", "))
        }
    }
}

/// Whether a program may hold operations of a dialect.
pub fn is_accepted(dialect: &str) -> bool {
    DIALECTS.contains(&dialect)
}
