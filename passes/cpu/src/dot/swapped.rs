//! The swapped variant: a transposed A times few columns of B, as the transpose of Bᵀ Aᵀ.

use super::plan::Blocking;

/// With few columns, vectors along them are partly empty, but vectors along A's contiguous columns are full. So Cᵀ = Bᵀ
/// Aᵀ is computed in a temporary, in blocks of C's rows, and transposed into C.
const SWAPPED: &str = r#"
// C = A B by C^T = B^T A^T, for at most $WIDTH columns.
func.func private @$SYMBOL_swapped(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %block = arith.constant $BLOCK : index
  %false = arith.constant false
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
  %temporary = memref.alloca() {alignment = 64} : !$SYMBOL_panel
  %bt = memref.transpose %b (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
  scf.for %i = %c0 to %m step %block {
    %m_left = arith.subi %m, %i : index
    %mc = arith.minui %m_left, %block : index
    %ap = memref.subview %a[%i, 0] [%mc, %k] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
    %at = memref.transpose %ap (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
    %ct = memref.reinterpret_cast %temporary to offset: [%c0], sizes: [%n, %mc], strides: [%block, 1]
      : !$SYMBOL_panel to !$SYMBOL_rows
    func.call @$SYMBOL_direct(%bt, %at, %ct, %false) : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1) -> ()
    %transposed = memref.reinterpret_cast %temporary to offset: [%c0], sizes: [%mc, %n], strides: [%c1, %block]
      : !$SYMBOL_panel to !$SYMBOL_matrix
    %cp = memref.subview %c[%i, 0] [%mc, %n] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
    func.call @$SYMBOL_pack(%transposed, %cp) : (!$SYMBOL_matrix, !$SYMBOL_rows) -> ()
  }
  return
}
"#;

/// The functions of the swapped variant.
pub(super) fn render(plan: &Blocking) -> String {
    plan.fill(SWAPPED, &[])
}
