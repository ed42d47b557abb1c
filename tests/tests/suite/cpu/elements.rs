//! Loops whose rounds access a few neighboring elements of a tensor that they carry: their elements become numbers, and what
//! the loop overwrites is not initialized.

use super::library::Pair;
use crate::derivatives::Random;
use crate::programs::Program;
use dp_dialects::{Literal, Number, ScalarType};

const FUNCTIONS: usize = 120;

/// Element types, each with three constants: zero, and two others.
const TYPES: [(ScalarType, [&str; 3]); 4] = [
    (ScalarType::F64, ["0.0", "0.5", "2.0"]),
    (ScalarType::F32, ["0.0", "0.5", "2.0"]),
    (ScalarType::I32, ["0", "1", "2"]),
    (
        ScalarType::Complex128,
        ["#complex.number<:f64 0.0, 0.0>", "#complex.number<:f64 0.5, 1.0>", "#complex.number<:f64 2.0, -1.0>"],
    ),
];

/// A function of `x`, of any length, and an end of the loop less than that: a loop from 3, upward or downward, with random
/// accesses at most 3 elements apart. It may have no rounds.
fn function(number: usize, random: &mut Random) -> String {
    let mut below = |count: usize| ((random.unit() * count as f64) as usize).min(count - 1);
    let t = "tensor<?xf64>";
    let grows = below(2) == 0;
    let initial = ["%x", "%zeros", "%twos", "%first"][below(4)];
    let width = below(4) as i64;
    let mut lines = String::new();
    let (mut tensor, mut sum) = ("%t".to_string(), "%s".to_string());
    for k in 0..1 + below(5) {
        let at = below(width as usize + 1) as i64;
        lines += &format!("    %d{k} = arith.constant {at} : index\n");
        lines += &match grows {
            true => format!("    %p{k} = arith.subi %i, %d{k} : index\n"),
            false => format!("    %q{k} = arith.subi %n, %i : index\n    %p{k} = arith.addi %q{k}, %d{k} : index\n"),
        };
        match below(4) {
            0 => {
                lines += &format!("    %e{k} = tensor.extract {tensor}[%p{k}] : {t}\n");
                lines += &format!("    %s{k} = scalar.add {sum}, %e{k} : f64\n");
                sum = format!("%s{k}");
            }
            1 => {
                lines +=
                    &format!("    %r{k} = array.slice {tensor} starts [%p{k}] strides [1] : {t} to tensor<1xf64>\n");
                lines += &format!("    %m{k} = array.reduce add %r{k} dims [0] : tensor<1xf64>\n");
                lines += &format!("    %e{k} = tensor.extract %m{k}[] : tensor<f64>\n");
                lines += &format!("    %s{k} = scalar.sub {sum}, %e{k} : f64\n");
                sum = format!("%s{k}");
            }
            kind => {
                let accumulate = if kind == 2 { "accumulate " } else { "" };
                lines += &format!("    %v{k} = scalar.add {sum}, %xi : f64\n");
                lines += &format!("    %r{k} = array.broadcast %v{k} dims [] : f64 to tensor<1xf64>\n");
                lines += &format!(
                    "    %t{k} = array.update_slice {accumulate}{tensor}, %r{k} starts [%p{k}] : {t}, tensor<1xf64>\n"
                );
                tensor = format!("%t{k}");
            }
        }
    }
    let (dtype, constants) = TYPES[number % TYPES.len()];
    let text = format!(
        "func.func @g{number}(%x: {t}, %less: index) -> ({t}, f64) {{
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %zero = scalar.constant ZERO : f64
  %half = scalar.constant HALF : f64
  %two = scalar.constant TWO : f64
  %n = tensor.dim %x, %c0 : {t}
  %zeros = array.broadcast %zero dims [] extents(%n) : f64 to {t}
  %twos = array.broadcast %two dims [] extents(%n) : f64 to {t}
  %one = array.broadcast %half dims [] : f64 to tensor<1xf64>
  %first = array.update_slice %x, %one starts [0] : {t}, tensor<1xf64>
  %end = arith.subi %n, %less : index
  %y:2 = scf.for %i = %c3 to {end} step %c1 iter_args(%t = {initial}, %s = %two) -> ({t}, f64) {{
    %xi = tensor.extract %x[%i] : {t}
{lines}    scf.yield {tensor}, {sum} : {t}, f64
  }}
  return %y#0, %y#1 : {t}, f64
}}
",
        end = ["%n", "%end"][below(2)],
    );
    let text = text.replace("  %c3 =", "  %c1 = arith.constant 1 : index\n  %c3 =").replace("f64", dtype.name());
    ["ZERO", "HALF", "TWO"].iter().zip(constants).fold(text, |text, (name, value)| text.replace(name, value))
}

#[test]
fn elements_of_carried_tensors() {
    let mut random = Random(11);
    let functions: Vec<String> = (0..FUNCTIONS).map(|number| function(number, &mut random)).collect();
    let text = functions.concat();
    let original = Program::new("elements", &text, &[]);
    let promoted = Program::new("elements", &text, &["promote-elements"]);
    let before = text.matches("accumulate").count();
    let after = promoted.text().matches("accumulate").count();
    assert!(after < before * 3 / 4, "few windows are found: {before} updates add before, {after} after");
    let pair = Pair::new(&promoted.text());
    for (number, function) in functions.iter().enumerate() {
        let name = format!("g{number}");
        for (n, less) in [(1, 0), (2, 0), (3, 1), (4, 0), (5, 2), (6, 1), (9, 0), (9, 3)] {
            let dtype = TYPES[number % TYPES.len()].0;
            let x = (0..n).map(|i| Number::of_f64(1.25 + f64::from(i) * 1.5, dtype)).collect();
            let x = Literal::tensor(dtype, vec![n as u64], x);
            let arguments = [x, Literal::number(ScalarType::Index, Number::Integer(less))];
            // What is out of bounds is so in all of them.
            let expected = dp_interp::run(original.operation(), &name, arguments.to_vec()).ok();
            let found = dp_interp::run(promoted.operation(), &name, arguments.to_vec()).ok();
            assert_eq!(expected, found, "@{name} for {n} elements:\n{function}");
            match expected {
                Some(_) => pair.check(&name, &arguments, 0.0),
                None => assert!(pair.call(&name, &arguments).is_err(), "@{name} for {n} elements"),
            }
        }
    }
}

#[test]
fn rows_of_carried_tensors() {
    // From an argument or a fill, upward or downward, where only some rows are overwritten: the others are as they were.
    let row = |initial: &str, name: &str, end: &str, position: &str, before: &str| {
        format!(
            "func.func @{name}(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {{
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %two = scalar.constant 2.0 : f32
  %n = tensor.dim %x, %c0 : tensor<?x3xf32>
  %fill = array.broadcast %two dims [] extents(%n) : f32 to tensor<?x3xf32>
  %c2 = arith.constant 2 : index
  %fewer = arith.subi %n, %c2 : index
  %last = arith.subi %n, %c1 : index
  %y = scf.for %i = %c1 to {end} step %c1 iter_args(%t = {initial}) -> tensor<?x3xf32> {{
    %k = arith.subi %last, %i : index
    %above = arith.addi %k, %c1 : index
    %below = arith.subi %i, %c1 : index
    %p = array.slice %t starts [{before}, 0] strides [1, 1] : tensor<?x3xf32> to tensor<1x3xf32>
    %q = array.slice %x starts [{position}, 0] strides [1, 1] : tensor<?x3xf32> to tensor<1x3xf32>
    %r = scalar.add %p, %q : tensor<1x3xf32>
    %u = array.update_slice %t, %r starts [{position}, 0] : tensor<?x3xf32>, tensor<1x3xf32>
    scf.yield %u : tensor<?x3xf32>
  }}
  return %y : tensor<?x3xf32>
}}
"
        )
    };
    let text = [
        row("%x", "argument_up", "%n", "%i", "%below"),
        row("%x", "argument_up_fewer", "%fewer", "%i", "%below"),
        row("%fill", "fill_up", "%n", "%i", "%below"),
        row("%fill", "fill_up_fewer", "%fewer", "%i", "%below"),
        row("%x", "argument_down", "%n", "%k", "%above"),
        row("%x", "argument_down_fewer", "%fewer", "%k", "%above"),
        row("%fill", "fill_down", "%n", "%k", "%above"),
        row("%fill", "fill_down_fewer", "%fewer", "%k", "%above"),
        // Each round reads what another overwrites before or after it.
        row("%x", "argument_ahead", "%n", "%i", "%above"),
        row("%fill", "fill_ahead", "%fewer", "%k", "%below"),
    ]
    .concat();
    let pair = Pair::new(&text);
    for name in text.split("func.func @").skip(1).filter_map(|function| function.split('(').next()) {
        for n in 0..7 {
            let x = (0..3 * n).map(|i| Number::Real(f64::from(i) * 0.5 + 1.0)).collect();
            let x = Literal::tensor(ScalarType::F32, vec![n as u64, 3], x);
            pair.check(name, &[x], 0.0);
        }
    }
}
