//! Every operation on tensors, in every form and with every type that the verifier admits: the programs of
//! docs/reference/support.md, executed on every target with arguments in which neighboring elements differ.

use super::arrays::tensor;
use super::differential::Contest;
use super::matrices::dominant;
use dp_compiler::reference::{SmallProgram, programs};
use dp_dialects::{Literal, Number, ScalarType};

/// Arguments for a program, instead of its own, which are all 1.
fn arguments(program: &SmallProgram) -> Vec<Literal> {
    let mut numbers = 1..;
    let mut argument = |of: &Literal| match (&of.shape, of.dtype) {
        // Row indices, including the last of two rows.
        (Some(shape), ScalarType::I32) if shape.len() == 1 => {
            let rows = (0..of.len()).map(|position| Number::Integer((position as i64 + 1) % 2));
            Literal::tensor(of.dtype, shape.clone(), rows.collect())
        }
        (Some(shape), dtype) if program.name.starts_with("array_cholesky") => dominant(dtype, shape),
        (Some(shape), dtype) => tensor(dtype, shape),
        (None, dtype) => Literal::number(dtype, Number::of_f64(f64::from(numbers.next().unwrap_or(1)), dtype)),
    };
    program.arguments.iter().map(&mut argument).collect()
}

#[test]
fn on_tensors_of_every_type() {
    let programs: Vec<SmallProgram> = programs().into_iter().filter(|p| p.name.starts_with("array_")).collect();
    assert!(programs.len() > 200, "there are {} programs only", programs.len());
    let text: String =
        programs.iter().map(|program| program.text.replace("@f(", &format!("@{}(", program.name))).collect();
    let differential = Contest::new(&text);
    let differences: Vec<String> = programs
        .iter()
        .flat_map(|program| {
            let is = |names: &[&str]| names.iter().any(|name| program.name.contains(name));
            // Vectors are determined but for factors of modulus 1; orthogonal.rs compares what they make.
            if is(&["eigh_vectors", "svd_left", "svd_right"]) {
                return Vec::new();
            }
            let arguments = arguments(program);
            if is(&["cholesky", "triangular_solve", "lu_", "qr_", "eigh_values", "svd_values"]) {
                return differential.differences_of_greatest(&program.name, &arguments, 64.0);
            }
            // Sums and products may be reordered; other operations only move elements.
            let computes = is(&["reduce", "scan", "dot", "accumulate", "scatter"]);
            differential.differences(&program.name, &arguments, if computes { 4.0 } else { 0.0 })
        })
        .collect();
    assert!(differences.is_empty(), "{} of {}:\n{}", differences.len(), programs.len(), differences.join("\n"));
}
