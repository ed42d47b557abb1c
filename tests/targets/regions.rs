//! `region` reductions of few and of many elements, which GPUs split among threads and blocks.

use super::arrays::tensor;
use super::differential::Contest;
use dp_dialects::{Literal, Number, ScalarType};

#[test]
fn few_and_many_elements() {
    let differential = Contest::new(
        r#"
func.func @products(%x: tensor<?x3xi64>, %one: i64) -> (tensor<3xi64>, tensor<?xi64>, tensor<i64>) {
  %odd = scalar.or %x, %x : tensor<?x3xi64>
  %y = array.reduce region %odd dims [0] init(%one : i64) : tensor<?x3xi64> {
  ^bb0(%a: i64, %b: i64):
    %r = scalar.mul %a, %b : i64
    array.yield %r : i64
  }
  %z = array.reduce region %x dims [1] init(%one : i64) : tensor<?x3xi64> {
  ^bb0(%a: i64, %b: i64):
    %r = scalar.mul %b, %a : i64
    array.yield %r : i64
  }
  %w = array.reduce region %x dims [0, 1] init(%one : i64) : tensor<?x3xi64> {
  ^bb0(%a: i64, %b: i64):
    %r = scalar.mul %a, %b : i64
    array.yield %r : i64
  }
  return %y, %z, %w : tensor<3xi64>, tensor<?xi64>, tensor<i64>
}
func.func @log_of_sum(%x: tensor<?xf64>, %least: f64) -> tensor<f64> {
  %s = scalar.sin %x : tensor<?xf64>
  %y = array.reduce region %s dims [0] init(%least : f64) : tensor<?xf64> {
  ^bb0(%a: f64, %b: f64):
    %hi = scalar.max %a, %b : f64
    %d = scalar.sub %a, %b : f64
    %m = scalar.abs %d : f64
    %n = scalar.neg %m : f64
    %e = scalar.exp %n : f64
    %l = scalar.log1p %e : f64
    %r = scalar.add %hi, %l : f64
    array.yield %r : f64
  }
  return %y : tensor<f64>
}
func.func @minus_minus(%x: tensor<?xi32>, %zero: i32) -> tensor<i32> {
  %c = scalar.neg %x : tensor<?xi32>
  %y = array.reduce region %c dims [0] init(%zero : i32) : tensor<?xi32> {
  ^bb0(%a: i32, %b: i32):
    %n = scalar.neg %b : i32
    %r = scalar.sub %a, %n : i32
    array.yield %r : i32
  }
  return %y : tensor<i32>
}
func.func @turns(%x: tensor<?xcomplex<f64>>, %one: complex<f64>) -> tensor<complex<f64>> {
  %y = array.reduce region %x dims [0] init(%one : complex<f64>) : tensor<?xcomplex<f64>> {
  ^bb0(%a: complex<f64>, %b: complex<f64>):
    %r = scalar.mul %a, %b : complex<f64>
    array.yield %r : complex<f64>
  }
  return %y : tensor<complex<f64>>
}
func.func @either(%x: tensor<?xi1>, %no: i1) -> tensor<i1> {
  %y = array.reduce region %x dims [0] init(%no : i1) : tensor<?xi1> {
  ^bb0(%a: i1, %b: i1):
    %r = scalar.xor %a, %b : i1
    array.yield %r : i1
  }
  return %y : tensor<i1>
}
"#,
    );
    let number = |dtype, value: f64| Literal::number(dtype, Number::of_f64(value, dtype));
    let one = |dtype| number(dtype, 1.0);
    for n in [0, 1, 7, 300, 5000] {
        let odd = (0..3 * n as i64).map(|i| Number::Integer(2 * (i % 1000) + 3)).collect();
        differential.check("products", &[Literal::tensor(ScalarType::I64, vec![n, 3], odd), one(ScalarType::I64)], 0.0);
        differential.check("log_of_sum", &[tensor(ScalarType::F64, &[n]), number(ScalarType::F64, -1e300)], 64.0);
        differential.check("minus_minus", &[tensor(ScalarType::I32, &[n]), number(ScalarType::I32, 0.0)], 0.0);
        let turn = |i: u64| Number::Complex(num_complex::Complex64::from_polar(1.0, (i % 7) as f64));
        let turns = Literal::tensor(ScalarType::Complex128, vec![n], (0..n).map(turn).collect());
        differential.check("turns", &[turns, one(ScalarType::Complex128)], 4096.0);
        differential.check("either", &[tensor(ScalarType::I1, &[n]), number(ScalarType::I1, 0.0)], 0.0);
    }
}

/// Many reductions of one tensor, of the widest type and of others: more than fit in the shared memory of a thread
/// block at once.
#[test]
fn many_reductions_at_once() {
    let of = |index: usize, dtype: &str| {
        format!(
            "  %c{index} = array.broadcast %k{index} dims [] extents(%n) : {dtype} to tensor<?x8x{dtype}>
  %p{index} = scalar.mul %x, %c{index} : tensor<?x8x{dtype}>
  %y{index} = array.reduce add %p{index} dims [0] : tensor<?x8x{dtype}>\n"
        )
    };
    let list = |text: &dyn Fn(usize) -> String, count| (0..count).map(text).collect::<Vec<_>>().join(", ");
    let function = |name: &str, dtype: &str, count: usize| {
        let arguments = list(&|index| format!("%k{index}: {dtype}"), count);
        let results = list(&|_| format!("tensor<8x{dtype}>"), count);
        format!(
            "func.func @{name}(%x: tensor<?x8x{dtype}>, {arguments}) -> ({results}) {{
  %zero = arith.constant 0 : index
  %n = tensor.dim %x, %zero : tensor<?x8x{dtype}>
{}  return {} : {results}\n}}\n",
            (0..count).map(|index| of(index, dtype)).collect::<String>(),
            list(&|index| format!("%y{index}"), count),
        )
    };
    let differential =
        Contest::new(&format!("{}{}", function("turned", "complex<f64>", 13), function("scaled", "f64", 30)));
    for n in [1, 40, 3000] {
        for (name, dtype, count) in [("turned", ScalarType::Complex128, 13), ("scaled", ScalarType::F64, 30)] {
            let factors = (0..count).map(|index| Literal::number(dtype, Number::of_f64(f64::from(index) - 4.5, dtype)));
            let arguments: Vec<Literal> = std::iter::once(tensor(dtype, &[n, 8])).chain(factors).collect();
            differential.check_whole(name, &arguments, 64.0);
        }
    }
}
