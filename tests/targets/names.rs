//! Private functions can have any names.

use crate::cpu::library::Pair;
use dp_dialects::{Literal, Number, ScalarType};

/// Names that are invalid in C or as kernel names, names that would give the same kernel name, and names that lowering
/// derives from public functions.
const NAMES: [&str; 9] = ["my fn", "a@b", "a.b", "a_b", "0", "step.one", "f__run", "f__device", "g__inner"];

/// A recursive function, which is not inlined, with a kernel that depends on `factor`, so that functions do not share
/// kernels.
fn recursive(name: &str, is_public: bool, factor: usize) -> String {
    let visibility = if is_public { "" } else { "private " };
    format!(
        "func.func {visibility}@\"{name}\"(%n: i64, %x: i64) -> i64 {{
  %zero = scalar.constant 0 : i64
  %one = scalar.constant 1 : i64
  %done = scalar.compare le %n, %zero : i64
  %r = scf.if %done -> i64 {{
    scf.yield %x : i64
  }} else {{
    %m = scalar.sub %n, %one : i64
    %c = scalar.constant {factor} : i64
    %y = scalar.mul %x, %c : i64
    %t = tensor.from_elements %x, %y, %c : tensor<3xi64>
    %cs = array.broadcast %c dims [] : i64 to tensor<3xi64>
    %s = scalar.mul %t, %cs : tensor<3xi64>
    %u = array.reduce add %s dims [0] : tensor<3xi64>
    %v = tensor.extract %u[] : tensor<i64>
    %w = func.call @\"{name}\"(%m, %v) : (i64, i64) -> i64
    scf.yield %w : i64
  }}
  return %r : i64
}}
"
    )
}

/// A program with functions of all these names.
pub fn program() -> String {
    let functions = NAMES.iter().enumerate().map(|(index, name)| recursive(name, false, index + 2));
    let calls = NAMES
        .iter()
        .enumerate()
        .map(|(index, name)| format!("  %y{} = call @\"{name}\"(%n, %y{index}) : (i64, i64) -> i64\n", index + 1));
    format!(
        "{}{}func.func @f(%n: i64, %y0: i64) -> i64 {{\n{}  return %y{} : i64\n}}\n",
        functions.collect::<String>(),
        recursive("g", true, 1),
        calls.collect::<String>(),
        NAMES.len()
    )
}

#[test]
fn names_of_private_functions() {
    let pair = Pair::new(&program());
    let arguments = [2, 3].map(|value| Literal::number(ScalarType::I64, Number::Integer(value)));
    pair.check("f", &arguments, 0.0);
    pair.check("g", &arguments, 0.0);
}
