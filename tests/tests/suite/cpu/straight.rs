//! Long programs, which are cut, and their gradients.

use super::library::Pair;
use dp_dialects::ir::Op;
use dp_dialects::{Literal, Number, ScalarType};
use melior::ir::Module;
use melior::ir::operation::{OperationLike, OperationRef};
use std::fmt::Write as _;

const INPUTS: usize = 10;
const OPERATIONS: usize = 3000;

/// Random bits, the same ones each time (a linear congruence of Knuth's).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

/// The program, its derivative written out.
fn differentiated(text: &str) -> String {
    let context = dp_driver::registry::context();
    let module = Module::parse(&context, text).expect("the program parses");
    // SAFETY: the module outlives the reference.
    let op: Op = unsafe { OperationRef::from_raw(OperationLike::to_raw(&module.as_operation())) };
    dp_ad::AD.run(op, &dp_ad::AdOptions::default()).expect("the program is differentiated");
    module.as_operation().to_string()
}

/// A program of many operations on numbers: each takes the value before, so that
/// none is dead, and a value that came not long before, an argument or a
/// constant; it stays within [-1, 1] where they do.
fn program() -> String {
    let mut random = Random(1);
    let names: Vec<String> = (0..INPUTS).map(|index| format!("%x{index}")).collect();
    let parameters: Vec<String> = names.iter().map(|name| format!("{name}: f64")).collect();
    let mut text = format!("func.func @f({}) -> f64 {{\n  %half = scalar.constant 0.5 : f64\n", parameters.join(", "));
    for index in 0..OPERATIONS {
        let mut value = || match random.below(20) {
            0 => "%half".to_string(),
            1 => names[random.below(INPUTS)].clone(),
            _ if index < INPUTS => names[random.below(INPUTS)].clone(),
            _ => format!("%v{}", index - 1 - random.below(index.min(60))),
        };
        let b = value();
        let a = if index == 0 { names[0].clone() } else { format!("%v{}", index - 1) };
        let made = match index % 5 {
            0 => format!("scalar.sin {a}"),
            1 => format!("scalar.mul {a}, {b}"),
            2 => format!("scalar.tanh {a}"),
            3 => format!("scalar.cos {a}"),
            _ => format!("scalar.min {a}, {b}"),
        };
        let _ = writeln!(text, "  %v{index} = {made} : f64");
    }
    let _ = writeln!(text, "  return %v{} : f64\n}}", OPERATIONS - 1);
    let results = ["f64"; INPUTS].join(", ");
    let positions: Vec<String> = (0..INPUTS).map(|index| index.to_string()).collect();
    let names = names.join(", ");
    let inputs = ["f64"; INPUTS].join(", ");
    let _ = write!(
        text,
        "func.func @g({}) -> ({results}) {{\n  %y, %g:{INPUTS} = ad.grad @f({names}) wrt [{}] : ({inputs}) -> (f64, {results})\n",
        parameters.join(", "),
        positions.join(", ")
    );
    let returned: Vec<String> = (0..INPUTS).map(|index| format!("%g#{index}")).collect();
    text + &format!("  return {} : {results}\n}}\n", returned.join(", "))
}

#[test]
fn a_long_program_and_its_gradient() {
    let arguments: Vec<Literal> =
        (0..INPUTS).map(|index| Literal::number(ScalarType::F64, Number::Real((index as f64 - 4.3) / 7.0))).collect();
    let pair = Pair::new(&differentiated(&program()));
    pair.check("f", &arguments, 1e4);
    pair.check("g", &arguments, 1e6);
}

/// A program of many loops over tensors, boxes of a vector, elements of it and branches, each of which takes the number
/// that the one before gives.
fn mixed(steps: usize) -> String {
    let mut text = format!("func.func @f(%t: tensor<{}xf64>, %x0: f64) -> f64 {{\n", 8 * steps);
    let row = "tensor<8xf64>";
    for step in 0..steps {
        let next = step + 1;
        let _ = write!(
            text,
            "  %w{step} = array.slice %t starts [{start}] strides [1] : tensor<{whole}xf64> to {row}
  %b{step} = array.broadcast %x{step} dims [] : f64 to {row}
  %m{step} = scalar.mul %w{step}, %b{step} : {row}
  %r{step} = array.reduce add %m{step} dims [0] : {row}
  %n{step} = tensor.extract %r{step}[] : tensor<f64>
  %i{step} = arith.constant {start} : index
  %e{step} = tensor.extract %t[%i{step}] : tensor<{whole}xf64>
  %p{step} = scalar.compare gt %n{step}, %e{step} : f64
  %x{next} = scf.if %p{step} -> f64 {{
    %s = scalar.sin %n{step} : f64
    %u = scalar.add %s, %x{step} : f64
    scf.yield %u : f64
  }} else {{
    %s = scalar.cos %n{step} : f64
    scf.yield %s : f64
  }}
",
            start = 8 * step,
            whole = 8 * steps,
        );
    }
    let _ = write!(
        text,
        "  return %x{steps} : f64\n}}\nfunc.func @g(%t: tensor<{whole}xf64>, %x: f64) -> tensor<{whole}xf64> {{
  %y, %g = ad.grad @f(%t, %x) wrt [0] : (tensor<{whole}xf64>, f64) -> (f64, tensor<{whole}xf64>)
  return %g : tensor<{whole}xf64>\n}}\n",
        whole = 8 * steps,
    );
    text
}

#[test]
fn many_loops_and_branches_and_their_gradients() {
    const STEPS: usize = 120;
    let numbers = (0..8 * STEPS).map(|index| Number::Real(((index * 37 % 101) as f64 - 50.0) / 100.0)).collect();
    let vector = Literal::tensor(ScalarType::F64, vec![8 * STEPS as u64], numbers);
    let arguments = [vector, Literal::number(ScalarType::F64, Number::Real(0.7))];
    let pair = Pair::new(&differentiated(&mixed(STEPS)));
    pair.check("f", &arguments, 1e4);
    pair.check("g", &arguments, 1e6);
}
