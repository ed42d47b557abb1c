//! The product as its definition says, for elements that have no register kernel.

use super::Element;
use super::plan::PRIVATE;
use super::text::fill;

/// Three loops; the sum over k is one number.
const SIMPLE: &str = r#"
// C (+)= A B, one element of C after the other.
func.func private @$SYMBOL(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
  %zero = $ZERO : $SUM
  scf.for %i = %c0 to %m step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %start = scf.if %accumulate -> ($SUM) {
        %old = memref.load %c[%i, %j] : !$SYMBOL_rows$WIDEOLD
        scf.yield %old$WIDE : $SUM
      } else {
        scf.yield %zero : $SUM
      }
      %total = scf.for %p = %c0 to %k step %c1 iter_args(%partial = %start) -> ($SUM) {
        %x = memref.load %a[%i, %p] : !$SYMBOL_matrix$WIDEX
        %y = memref.load %b[%p, %j] : !$SYMBOL_matrix$WIDEY
        %xy = $MUL %x$WIDE, %y$WIDE : $SUM
        %next = $ADD %partial, %xy : $SUM
        scf.yield %next : $SUM
      }$NARROWTOTAL
      memref.store %total$NARROW, %c[%i, %j] : !$SYMBOL_rows
    }
  }
  return
}
"#;

/// The function `symbol`. Numbers of 16 bits are summed in f32 and rounded once; the others in their
/// own type, integers modulo a power of two.
pub(super) fn render(symbol: &str, element: Element) -> String {
    let name = element.name();
    let (sum, zero, mul, add) = match element {
        Element::F16 | Element::Bf16 => ("f32", "arith.constant 0.0", "arith.mulf", "arith.addf"),
        Element::F32 | Element::F64 => (name, "arith.constant 0.0", "arith.mulf", "arith.addf"),
        Element::I1 => (name, "arith.constant 0", "arith.andi", "arith.xori"),
        Element::I8 | Element::I16 | Element::I32 | Element::I64 => {
            (name, "arith.constant 0", "arith.muli", "arith.addi")
        }
        Element::ComplexF32 => (name, "complex.constant [0.0 : f32, 0.0 : f32]", "complex.mul", "complex.add"),
        Element::ComplexF64 => (name, "complex.constant [0.0 : f64, 0.0 : f64]", "complex.mul", "complex.add"),
    };
    let converts = sum != name;
    let widen = |x: &str| {
        if converts { format!("\n        %{x}_wide = scalar.convert %{x} : {name} to {sum}") } else { String::new() }
    };
    let narrow = if converts {
        format!("\n      %total_narrow = scalar.convert %total : {sum} to {name}")
    } else {
        String::new()
    };
    fill(
        SIMPLE,
        &[
            ("SYMBOL", symbol),
            ("PRIVATE", PRIVATE),
            ("SUM", sum),
            ("ZERO", zero),
            ("MUL", mul),
            ("ADD", add),
            ("WIDE", if converts { "_wide" } else { "" }),
            ("WIDEOLD", &widen("old")),
            ("WIDEX", &widen("x")),
            ("WIDEY", &widen("y")),
            ("NARROW", if converts { "_narrow" } else { "" }),
            ("NARROWTOTAL", &narrow),
        ],
    )
}
