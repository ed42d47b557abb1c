//! Packing: copies a block of a matrix for row-by-row access.

use super::plan::Blocking;
use super::text::{lines, list};
use dp_loopnest::transpose::{self, Shuffle};

/// dst[i, j] = src[i, j] where src has that element, else 0.
///
/// The three cases depend on the strides of src: contiguous rows (copies vectors), contiguous columns (transposes
/// squares in registers), or neither (copies elements). dst is at least as large as src and has a whole number of
/// vectors per row; in the last two cases it may have as many columns as src instead.
const PACK: &str = r#"
// dst = src, extended by zeros to the extents of dst.
func.func private @$SYMBOL_pack(%src: !$SYMBOL_matrix, %dst: !$SYMBOL_rows) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %lanes = arith.constant $LANES : index
  %side = arith.constant $SIDE : index
  %zero = arith.constant dense<$ZERO> : $VECTOR
  %m = memref.dim %src, %c0 : !$SYMBOL_matrix
  %n = memref.dim %src, %c1 : !$SYMBOL_matrix
  %rows = memref.dim %dst, %c0 : !$SYMBOL_rows
  %columns = memref.dim %dst, %c1 : !$SYMBOL_rows
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %src
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %n_rest = arith.remui %n, %lanes : index
  %n_whole = arith.subi %n, %n_rest : index
  %contiguous = arith.cmpi eq, %strides#1, %c1 : index
  scf.if %contiguous {
    %in = memref.reinterpret_cast %base to offset: [%offset], sizes: [%m, %n], strides: [%strides#0, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
$MASK
    %tail = arith.cmpi ne, %n_rest, %c0 : index
    %vectors = arith.ceildivui %n, %lanes : index
    %n_next = arith.muli %vectors, %lanes : index
    scf.for %i = %c0 to %m step %c1 {
      scf.for %j = %c0 to %n_whole step %lanes {
        %x = vector.load %in[%i, %j] : !$SYMBOL_rows, $VECTOR
        vector.store %x, %dst[%i, %j] : !$SYMBOL_rows, $VECTOR
      }
      scf.if %tail {
        %x = vector.maskedload %in[%i, %n_whole], %mask, %zero
          : !$SYMBOL_rows, vector<$LANESxi1>, $VECTOR into $VECTOR
        vector.store %x, %dst[%i, %n_whole] : !$SYMBOL_rows, $VECTOR
      }
      scf.for %j = %n_next to %columns step %lanes {
        vector.store %zero, %dst[%i, %j] : !$SYMBOL_rows, $VECTOR
      }
    }
  } else {
    %extended = arith.cmpi ne, %columns, %n : index
    %zeros = arith.select %extended, %n_whole, %columns : index
    scf.for %i = %c0 to %m step %c1 {
      scf.for %j = %zeros to %columns step %lanes {
        vector.store %zero, %dst[%i, %j] : !$SYMBOL_rows, $VECTOR
      }
    }
    // If columns are contiguous: squares of $SIDE x $SIDE elements, which are transposed in registers.
    %in = memref.reinterpret_cast %base to offset: [%offset], sizes: [%n, %m], strides: [%strides#1, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
    %transposed = arith.cmpi eq, %strides#0, %c1 : index
    %m_odd = arith.remui %m, %side : index
    %m_squares = arith.subi %m, %m_odd : index
    %n_odd = arith.remui %n, %side : index
    %n_squares = arith.subi %n, %n_odd : index
    %mb = arith.select %transposed, %m_squares, %c0 : index
    %nb = arith.select %transposed, %n_squares, %c0 : index
    scf.for %j = %c0 to %nb step %side {
      scf.for %i = %c0 to %mb step %side {
$SQUARE
      }
    }
    // The elements outside the squares: the last columns of their rows, and the rows after them.
    scf.for %i = %c0 to %m step %c1 {
      %in_squares = arith.cmpi ult, %i, %mb : index
      %first = arith.select %in_squares, %nb, %c0 : index
      scf.for %j = %first to %n step %c1 {
        %x = memref.load %src[%i, %j] : !$SYMBOL_matrix
        memref.store %x, %dst[%i, %j] : !$SYMBOL_rows
      }
    }
  }
  scf.for %i = %m to %rows step %c1 {
    scf.for %j = %c0 to %columns step %lanes {
      vector.store %zero, %dst[%i, %j] : !$SYMBOL_rows, $VECTOR
    }
  }
  return
}
"#;

/// The packing function for a plan.
pub(super) fn render(plan: &Blocking) -> String {
    plan.fill(
        PACK,
        &[("SIDE", &plan.tile.side().to_string()), ("SQUARE", &square(plan)), ("MASK", &plan.mask("mask", "n_rest"))],
    )
}

/// Transposes the square of `%in` at (%j, %i) to `%dst` at (%i, %j), in registers.
fn square(plan: &Blocking) -> String {
    let side = plan.tile.side();
    let rows = format!("!{}_rows", plan.symbol);
    let vector = format!("vector<{side}x{}>", plan.element.name());
    let mut text = lines(side, |q| {
        let mut row = format!("        %d{q} = arith.constant {q} : index\n");
        row += &format!("        %j{q} = arith.addi %j, %d{q} : index\n");
        row += &format!("        %i{q} = arith.addi %i, %d{q} : index\n");
        row + &format!("        %s{q}_0 = vector.load %in[%j{q}, %i] : {rows}, {vector}")
    });
    let mut last = 0;
    for exchange in transpose::exchanges(side) {
        for (q, Shuffle { low, high, lanes }) in exchange.into_iter().enumerate() {
            let lanes = list(side, |lane| lanes[lane].to_string());
            text += &format!(
                "\n        %s{q}_{} = vector.shuffle %s{low}_{last}, %s{high}_{last} [{lanes}] : {vector}, {vector}",
                last + 1
            );
        }
        last += 1;
    }
    text += "\n";
    text + &lines(side, |q| format!("        vector.store %s{q}_{last}, %dst[%i{q}, %j] : {rows}, {vector}"))
}
