//! Complex matrix-vector products, with real kernels.
//!
//! A row times a vector is two real sums, `Σ (Re a)(Re x) + (Im a)(-Im x)` and `Σ (Re a)(Im x) + (Im a)(Re x)`: dot
//! products of the row in memory with two rearrangements of the vector. A column times a scalar is `a (Re x) + (-Im a,
//! Re a)(Im x)`; parts are swapped once, in the sum.

use super::super::plan::{Blocking, PRIVATE};
use super::super::text::fill;
use super::{COLUMN, Parts, Stored, columns, rows};

/// The number of complex elements of x that are rearranged at a time, on the stack.
const PACKED: &str = "512";

/// The number of their components.
const PACKED_WIDE: &str = "1024";

/// The rest for complex numbers: chooses the variant, and calls it on views of the components.
const COMPLEX: &str = r#"
  %c2 = arith.constant 2 : index
  %by_axpy = arith.andi %columns_contiguous, %c_contiguous : i1
  %done = arith.ori %rows_contiguous, %by_axpy : i1
  %a_parts = builtin.unrealized_conversion_cast %a_base : memref<$ELEMENT> to memref<$WIDE>
  %b_parts = builtin.unrealized_conversion_cast %b_base : memref<$ELEMENT> to memref<$WIDE>
  %c_parts = builtin.unrealized_conversion_cast %c_base : memref<$ELEMENT> to memref<$WIDE>
  %a_at = arith.muli %a_offset, %c2 : index
  %b_at = arith.muli %b_offset, %c2 : index
  %c_at = arith.muli %c_offset, %c2 : index
  %a_down = arith.muli %a_strides#0, %c2 : index
  %a_along = arith.muli %a_strides#1, %c2 : index
  %b_down = arith.muli %b_strides#0, %c2 : index
  %c_down = arith.muli %c_strides#0, %c2 : index
  %m_twice = arith.muli %m, %c2 : index
  %k_twice = arith.muli %k, %c2 : index
  %xs = memref.reinterpret_cast %b_parts to offset: [%b_at], sizes: [%k, %c2], strides: [%b_down, %c1]
    : memref<$WIDE> to !$INNER_matrix
  scf.if %rows_contiguous {
    %rows = memref.reinterpret_cast %a_parts to offset: [%a_at], sizes: [%m, %k_twice], strides: [%a_down, 1]
      : memref<$WIDE> to !$INNER_rows
    %into = memref.reinterpret_cast %c_parts to offset: [%c_at], sizes: [%m, %c2], strides: [%c_down, %c1]
      : memref<$WIDE> to !$INNER_matrix
    func.call @$SYMBOL_by_rows(%rows, %xs, %into, %accumulate)
      : (!$INNER_rows, !$INNER_matrix, !$INNER_matrix, i1) -> ()
  } else {
    scf.if %by_axpy {
      %columns = memref.reinterpret_cast %a_parts to offset: [%a_at], sizes: [%k, %m_twice], strides: [%a_along, 1]
        : memref<$WIDE> to !$INNER_rows
      %y = memref.reinterpret_cast %c_parts to offset: [%c_at], sizes: [%m_twice], strides: [1]
        : memref<$WIDE> to !$INNER_row
      func.call @$INNER_axpy_pairs(%columns, %xs, %y, %accumulate)
        : (!$INNER_rows, !$INNER_matrix, !$INNER_row, i1) -> ()
    }
  }
  return %done : i1
}

// c (+)= A x on components: x is rearranged into two rows. Their dot products with a row of A are the real and the
// imaginary part of an element of c.
func.func private @$SYMBOL_by_rows(%a: !$INNER_rows, %x: !$INNER_matrix, %c: !$INNER_matrix, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %packed = arith.constant $PACKED : index
  %pitch = arith.constant $PACKEDWIDE : index
  %m = memref.dim %a, %c0 : !$INNER_rows
  %k = memref.dim %x, %c0 : !$INNER_matrix
  %room = memref.alloca() {alignment = 64} : memref<2x$PACKEDWIDEx$WIDE>
  // At least one block of k, because an empty sum must store zeros.
  %k_end = arith.maxui %k, %c1 : index
  scf.for %p = %c0 to %k_end step %packed {
    %k_left = arith.subi %k, %p : index
    %kc = arith.minui %k_left, %packed : index
    %kc_twice = arith.muli %kc, %c2 : index
    %at = arith.muli %p, %c2 : index
    scf.for %q = %c0 to %kc step %c1 {
      %pq = arith.addi %p, %q : index
      %even = arith.muli %q, %c2 : index
      %odd = arith.addi %even, %c1 : index
      %re = memref.load %x[%pq, %c0] : !$INNER_matrix
      %im = memref.load %x[%pq, %c1] : !$INNER_matrix
      %minus = arith.negf %im : $WIDE
      memref.store %re, %room[%c0, %even] : memref<2x$PACKEDWIDEx$WIDE>
      memref.store %minus, %room[%c0, %odd] : memref<2x$PACKEDWIDEx$WIDE>
      memref.store %im, %room[%c1, %even] : memref<2x$PACKEDWIDEx$WIDE>
      memref.store %re, %room[%c1, %odd] : memref<2x$PACKEDWIDEx$WIDE>
    }
    %xp = memref.reinterpret_cast %room to offset: [%c0], sizes: [%c2, %kc_twice], strides: [%pitch, 1]
      : memref<2x$PACKEDWIDEx$WIDE> to !$INNER_rows
    %ap = memref.subview %a[0, %at] [%m, %kc_twice] [1, 1] : !$INNER_rows to !$INNER_rows
    %later = arith.cmpi ne, %p, %c0 : index
    %add = arith.ori %accumulate, %later : i1
    func.call @$INNER_pairs(%ap, %xp, %c, %add) : (!$INNER_rows, !$INNER_rows, !$INNER_matrix, i1) -> ()
  }
  return
}
"#;

/// The matrix-vector functions of complex numbers `symbol`, whose components have the type of `inner`.
pub(in super::super) fn render(symbol: &str, element: &str, inner: &Blocking) -> String {
    let values = [
        ("SYMBOL", symbol),
        ("INNER", &inner.symbol),
        ("ELEMENT", element),
        ("WIDE", inner.element.name()),
        ("PRIVATE", PRIVATE),
        ("PACKED", PACKED),
        ("PACKEDWIDE", PACKED_WIDE),
    ];
    fill(&format!("{COLUMN}{COMPLEX}"), &values)
        + &rows::render(inner, &Stored::own(inner), "pairs", 2)
        + &columns::render(inner, &Stored::own(inner), "axpy_pairs", Parts::Complex)
}
