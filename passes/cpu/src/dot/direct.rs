//! The direct variant: reads A in place, and B where possible.

use super::plan::Blocking;
use super::tile;

/// Splits k into blocks, so that a packed panel fits on the stack, and columns into panels.
const DIRECT: &str = r#"
// C (+)= A B without packing A.
func.func private @$SYMBOL_direct(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %lanes = arith.constant $LANES : index
  %width = arith.constant $WIDTH : index
  %block = arith.constant $BLOCK : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %c, %c1 : !$SYMBOL_rows
  %n_rest = arith.remui %n, %width : index
  %n_wide = arith.subi %n, %n_rest : index
  %panel = memref.alloca() {alignment = 64} : !$SYMBOL_panel
  // At least one block of k, because an empty sum must store zeros.
  %k_end = arith.maxui %k, %c1 : index
  scf.for %p = %c0 to %k_end step %block {
    %k_left = arith.subi %k, %p : index
    %kc = arith.minui %k_left, %block : index
    %later = arith.cmpi ne, %p, %c0 : index
    %add = arith.ori %accumulate, %later : i1
    %ap = memref.subview %a[0, %p] [%m, %kc] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
    scf.for %j = %c0 to %n_wide step %width {
      %bp = memref.subview %b[%p, %j] [%kc, %width] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
      %cp = memref.subview %c[0, %j] [%m, %width] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
      func.call @$SYMBOL_wide(%ap, %bp, %cp, %add, %panel)
        : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1, !$SYMBOL_panel) -> ()
    }
    scf.for %j = %n_wide to %n step %lanes {
      %n_left = arith.subi %n, %j : index
      %nc = arith.minui %n_left, %lanes : index
      %bp = memref.subview %b[%p, %j] [%kc, %nc] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
      %cp = memref.subview %c[0, %j] [%m, %nc] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
      func.call @$SYMBOL_narrow(%ap, %bp, %cp, %add, %panel)
        : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1, !$SYMBOL_panel) -> ()
    }
  }
  return
}
"#;

/// One panel of columns. Uses its rows of B in place; or packs them if they are not contiguous, end within a vector, or
/// are used for so many rows of A that packing costs little. Then processes the rows of A and C in tiles of `rows`
/// rows, then of half as many, and so on down to 1.
const PANEL: &str = r#"
// C (+)= A B for one panel of at most $SPAN columns. %room is memory for a packed copy of it.
func.func private @$SYMBOL_$PANEL(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1,
                                  %room: !$SYMBOL_panel) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %span = arith.constant $SPAN : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %columns = memref.dim %c, %c1 : !$SYMBOL_rows
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %b
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %contiguous = arith.cmpi eq, %strides#1, %c1 : index
  %whole = arith.cmpi eq, %columns, %span : index
  %many = arith.constant $MANY : index
  %few = arith.cmpi ult, %m, %many : index
  %possible = arith.andi %contiguous, %whole : i1
  %in_place = arith.andi %possible, %few : i1
  %bp = scf.if %in_place -> (!$SYMBOL_rows) {
    %rows = memref.reinterpret_cast %base to offset: [%offset], sizes: [%k, %span], strides: [%strides#0, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
    scf.yield %rows : !$SYMBOL_rows
  } else {
    %rows = memref.reinterpret_cast %room to offset: [%c0], sizes: [%k, %span], strides: [%span, 1]
      : !$SYMBOL_panel to !$SYMBOL_rows
    func.call @$SYMBOL_pack(%b, %rows) : (!$SYMBOL_matrix, !$SYMBOL_rows) -> ()
    scf.yield %rows : !$SYMBOL_rows
  }
$TILES
  return
}
"#;

/// From this number of rows of A, a panel of B is always packed.
const MANY_ROWS: &str = "256";

/// The tiles of one height, from the row `BEGIN`, where those of twice the height end.
const TILES: &str = r#"
  %height_$ROWS = arith.constant $ROWS : index
  %rest_$ROWS = arith.remui %m, %height_$ROWS : index
  %end_$ROWS = arith.subi %m, %rest_$ROWS : index
  scf.for %i = $BEGIN to %end_$ROWS step %height_$ROWS {
    %ar = memref.subview %a[%i, 0] [%height_$ROWS, %k] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
    %cr = memref.subview %c[%i, 0] [%height_$ROWS, %columns] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
    func.call @$SYMBOL_$NAME(%ar, %bp, %cr, %accumulate)
      : (!$SYMBOL_matrix, !$SYMBOL_rows, !$SYMBOL_rows, i1) -> ()
  }"#;

/// The functions of the direct variant.
pub(super) fn render(plan: &Blocking) -> String {
    panel(plan, "wide", plan.tile.vectors, false) + &panel(plan, "narrow", 1, true) + &plan.fill(DIRECT, &[])
}

/// The panel function `name` of `vectors` vectors, and its kernels.
fn panel(plan: &Blocking, name: &str, vectors: usize, masked: bool) -> String {
    let mut kernels = String::new();
    let mut tiles = String::new();
    let mut begin = "%c0".to_string();
    let mut rows = plan.tile.rows;
    while rows > 0 {
        let kernel = format!("{name}_{rows}");
        kernels += &tile::render(plan, &kernel, rows, vectors, masked);
        tiles += &plan.fill(TILES, &[("ROWS", &rows.to_string()), ("BEGIN", &begin), ("NAME", &kernel)]);
        begin = format!("%end_{rows}");
        rows /= 2;
    }
    let span = (vectors * plan.tile.lanes).to_string();
    kernels + &plan.fill(PANEL, &[("PANEL", name), ("SPAN", &span), ("MANY", MANY_ROWS), ("TILES", &tiles)])
}
