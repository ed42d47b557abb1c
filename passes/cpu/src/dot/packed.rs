//! The packed variant: packs blocks of A, for many rows.

use super::plan::Blocking;

/// The blocked algorithm of Goto and van de Geijn: a block of `height` rows and `block` columns of A is copied to the
/// workspace, where it stays in the L2 cache, free of conflicts and page misses due to A's strides. The direct variant,
/// which keeps a panel of B in the L1 cache, then processes it once per panel.
const PACKED: &str = r#"
// C (+)= A B with blocks of $HEIGHT x $BLOCK of A copied to %work from %start on, each row at a multiple of $PITCH.
func.func private @$SYMBOL_packed(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1,
                                  %work: memref<?x$ELEMENT>, %start: index) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %lanes = arith.constant $LANES : index
  %height = arith.constant $HEIGHT : index
  %block = arith.constant $BLOCK : index
  %pitch = arith.constant $PITCH : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
  scf.for %p = %c0 to %k step %block {
    %k_left = arith.subi %k, %p : index
    %kc = arith.minui %k_left, %block : index
    %vectors = arith.ceildivui %kc, %lanes : index
    %columns = arith.muli %vectors, %lanes : index
    %later = arith.cmpi ne, %p, %c0 : index
    %add = arith.ori %accumulate, %later : i1
    %bp = memref.subview %b[%p, 0] [%kc, %n] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
    scf.for %i = %c0 to %m step %height {
      %m_left = arith.subi %m, %i : index
      %mc = arith.minui %m_left, %height : index
      %from = memref.subview %a[%i, %p] [%mc, %kc] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
      %to = memref.reinterpret_cast %work to offset: [%start], sizes: [%mc, %columns], strides: [%pitch, 1]
        : memref<?x$ELEMENT> to !$SYMBOL_rows
      func.call @$SYMBOL_pack(%from, %to) : (!$SYMBOL_matrix, !$SYMBOL_rows) -> ()
      %ap = memref.reinterpret_cast %work to offset: [%start], sizes: [%mc, %kc], strides: [%pitch, %c1]
        : memref<?x$ELEMENT> to !$SYMBOL_matrix
      %cp = memref.subview %c[%i, 0] [%mc, %n] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
      func.call @$SYMBOL_direct(%ap, %bp, %cp, %add) : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1) -> ()
    }
  }
  return
}
"#;

/// Allocates the workspace; returns false if that fails.
const TRY: &str = r#"
// C (+)= A B on packed blocks, if a workspace can be allocated. Returns whether it could.
func.func private @$SYMBOL_try_packed(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    -> i1 attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %bytes = arith.constant $BYTES : index
  %line = arith.constant 64 : index
  // A block, and up to 64 bytes for its alignment.
  %room = arith.constant $ROOM : index
  %work = memref.alloc(%room) : memref<?x$ELEMENT>
  %address = memref.extract_aligned_pointer_as_index %work : memref<?x$ELEMENT> -> index
  %got = arith.cmpi ne, %address, %c0 : index
  scf.if %got {
    %past = arith.remui %address, %line : index
    %missing = arith.subi %line, %past : index
    %start = arith.divui %missing, %bytes : index
    func.call @$SYMBOL_packed(%a, %b, %c, %accumulate, %work, %start)
      : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1, memref<?x$ELEMENT>, index) -> ()
  }
  memref.dealloc %work : memref<?x$ELEMENT>
  return %got : i1
}
"#;

/// The functions of the packed variant.
pub(super) fn render(plan: &Blocking) -> String {
    let tile = &plan.tile;
    let pitch = tile.block + tile.lanes;
    let values = [
        ("HEIGHT", tile.height.to_string()),
        ("PITCH", pitch.to_string()),
        ("ROOM", (tile.height * pitch + 64 / plan.element.size()).to_string()),
        ("BYTES", plan.element.size().to_string()),
    ];
    let values = values.each_ref().map(|(name, value)| (*name, value.as_str()));
    plan.fill(PACKED, &values) + &plan.fill(TRY, &values)
}
