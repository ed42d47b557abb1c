//! What goes wrong at run time ends a call, with a status.

use crate::cpu::library::Pair;
use dp_dialects::{DType, Literal, Number};

/// The variable that has the double of a device fail at a launch.
pub const FAIL: &str = "DP_CUDA_DOUBLE_FAIL";

/// A loop that goes on as long as numbers in memory are small: what a device gives that has failed is zero, again and
/// again.
#[test]
fn loops_end_where_the_device_does() {
    let pair = Pair::new(
        "func.func @f(%x: tensor<4xi64>) -> i64 {
  %zero = arith.constant 0 : index
  %once = arith.constant 1 : index
  %last = arith.constant 3 : index
  %many = arith.constant 10 : index
  %squares = scalar.mul %x, %x : tensor<4xi64>
  %n = scf.while (%k = %zero) : (index) -> index {
    %i = arith.minsi %k, %last : index
    %v = tensor.extract %squares[%i] : tensor<4xi64>
    %j = arith.index_cast %v : i64 to index
    %c = arith.cmpi slt, %j, %many : index
    scf.condition(%c) %k : index
  } do {
  ^bb0(%k: index):
    %next = arith.addi %k, %once : index
    scf.yield %next : index
  }
  %y = arith.index_cast %n : index to i64
  return %y : i64
}
",
    );
    let start = [Literal::tensor(DType::I64, vec![4], [1, 2, 3, 4].map(Number::Integer).to_vec())];
    if std::env::var_os(FAIL).is_none() {
        return pair.check("f", &start, 0.0);
    }
    let error = pair.call("f", &start).err().unwrap_or_default();
    assert!(error.contains("CUDA_ERROR_LAUNCH_FAILED") || error.contains("launch failure"), "{error}");
}
