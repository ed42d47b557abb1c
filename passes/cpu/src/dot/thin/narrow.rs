//! Matrix-vector products of f16, bf16 and i8, with kernels of wider types.
//!
//! Elements are converted in registers when they are read, once each, so the product is still memory-bound. A sum of
//! columns is computed on the stack and converted back when complete, so it is rounded once.

use super::super::plan::{Blocking, PRIVATE};
use super::super::promotion::Promotion;
use super::super::text::fill;
use super::{COLUMN, Parts, REAL, Stored, columns, rows};
use dp_dialects::ScalarType;

/// Blocks of the result on the stack.
const BY_COLUMNS: &str = r#"
// y (+)= sum over p of x[p] A[p, ...], where y and the rows of A are contiguous.
func.func private @$SYMBOL_by_columns(%a: !$SYMBOL_rows, %x: !$SYMBOL_matrix, %y: !$SYMBOL_row, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %false = arith.constant false
  %span = arith.constant $SPAN : index
  %k = memref.dim %a, %c0 : !$SYMBOL_rows
  %n = memref.dim %a, %c1 : !$SYMBOL_rows
  %room = memref.alloca() {alignment = 64} : memref<$SPANx$WIDE>
  %base, %offset, %size, %stride = memref.extract_strided_metadata %y
    : !$SYMBOL_row -> memref<$ELEMENT>, index, index, index
  scf.for %j = %c0 to %n step %span {
    %n_left = arith.subi %n, %j : index
    %nc = arith.minui %n_left, %span : index
    %ap = memref.subview %a[0, %j] [%k, %nc] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
    %sum = memref.reinterpret_cast %room to offset: [%c0], sizes: [%nc], strides: [1]
      : memref<$SPANx$WIDE> to !$INNER_row
    func.call @$INNER_axpy_narrow(%ap, %x, %sum, %false) : (!$SYMBOL_rows, !$SYMBOL_matrix, !$INNER_row, i1) -> ()
    %from = memref.reinterpret_cast %room to offset: [%c0], sizes: [%c1, %nc], strides: [%nc, 1]
      : memref<$SPANx$WIDE> to !$INNER_rows
    %at = arith.addi %offset, %j : index
    %to = memref.reinterpret_cast %base to offset: [%at], sizes: [%c1, %nc], strides: [%nc, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
    func.call @$SYMBOL_store(%from, %to, %accumulate) : (!$INNER_rows, !$SYMBOL_rows, i1) -> ()
  }
  return
}
"#;

/// The matrix-vector functions of the type `symbol`, whose elements are converted to the type of `inner`.
pub(in super::super) fn render(symbol: &str, element: ScalarType, promotion: Promotion, inner: &Blocking) -> String {
    let values = [
        ("SYMBOL", symbol),
        ("INNER", &inner.symbol),
        ("ELEMENT", element.name()),
        ("WIDE", inner.element.name()),
        ("PRIVATE", PRIVATE),
        ("SPAN", &columns::span(inner).to_string()),
        ("DOTS", &format!("{}_dots_narrow", inner.symbol)),
        ("AXPY", &format!("{symbol}_by_columns")),
    ];
    let stored = Stored { symbol, element, promotion: Some(promotion) };
    fill(&format!("{COLUMN}{REAL}{BY_COLUMNS}"), &values)
        + &rows::render(inner, &stored, "dots_narrow", 1)
        + &columns::render(inner, &stored, "axpy_narrow", Parts::Real)
}
