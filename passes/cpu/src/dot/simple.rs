//! Naive matrix multiplication, for booleans (integers modulo 2).

use super::plan::PRIVATE;
use super::text::fill;

/// Three nested loops; the sum over k is a scalar.
const SIMPLE: &str = r#"
// C (+)= A B, one element of C after the other.
func.func private @$SYMBOL(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
  %zero = arith.constant false
  scf.for %i = %c0 to %m step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %start = scf.if %accumulate -> (i1) {
        %old = memref.load %c[%i, %j] : !$SYMBOL_rows
        scf.yield %old : i1
      } else {
        scf.yield %zero : i1
      }
      %total = scf.for %p = %c0 to %k step %c1 iter_args(%partial = %start) -> (i1) {
        %x = memref.load %a[%i, %p] : !$SYMBOL_matrix
        %y = memref.load %b[%p, %j] : !$SYMBOL_matrix
        %xy = arith.andi %x, %y : i1
        %next = arith.xori %partial, %xy : i1
        scf.yield %next : i1
      }
      memref.store %total, %c[%i, %j] : !$SYMBOL_rows
    }
  }
  return
}
"#;

/// The function `symbol`.
pub(super) fn render(symbol: &str) -> String {
    fill(SIMPLE, &[("SYMBOL", symbol), ("PRIVATE", PRIVATE)])
}
