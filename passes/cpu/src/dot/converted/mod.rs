//! Matrix multiplication for types without a register kernel, by conversion to a type that has one.
//!
//! Blocks of A and B are converted on the stack and multiplied; the block of C is converted back after the whole sum
//! over k. f16 and bf16 use f32, so C is rounded once; i8 uses i16, whose low bytes are the sum modulo 2^8. Complex
//! numbers are pairs of reals, and the product is one of real matrices,
//!
//! ```text
//! [Re C]   [ar0 -ai0 ar1 -ai1 …]   [br0]
//! [Im C] = [ai0  ar0 ai1  ar1 …] · [bi0]
//!                                  [br1]
//!                                  [ …
//! ```
//!
//! whose sums run over k in the same order, so nothing else overflows.

mod complex;

use super::plan::Blocking;
use super::promotion::Promotion;
use super::text::fill;
use super::thin;
use dp_dialects::ScalarType;

/// By blocks, except for matrix-vector products.
const ENTRY: &str = r#"
func.func private @$SYMBOL(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
$THIN
  scf.if %done_thin {
  } else {
    func.call @$SYMBOL_blocks(%a, %b, %c, %accumulate) : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1) -> ()
  }
  return
}
"#;

/// The loops over blocks. An operand whose columns are contiguous is converted as its transpose, so that vectors run
/// along memory; a matrix of one column too, so that it is contiguous afterwards.
const BLOCKS: &str = r#"
func.func private @$SYMBOL_blocks(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %of_m = arith.constant $OFM : index
  %of_k = arith.constant $OFK : index
  %lanes = arith.constant $LANES : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
  %room_a = memref.alloca() {alignment = 64} : memref<$ROOMAx$WIDE>
  %room_b = memref.alloca() {alignment = 64} : memref<$ROOMBx$WIDE>
  %room_c = memref.alloca() {alignment = 64} : memref<$ROOMCx$WIDE>
  %a_transposed = func.call @$SYMBOL_is_transposed(%a) : (!$SYMBOL_matrix) -> i1
  %b_transposed = func.call @$SYMBOL_is_transposed(%b) : (!$SYMBOL_matrix) -> i1
  %height = arith.constant $HEIGHT : index
  %width = arith.constant $WIDTH : index
  %block = arith.constant $BLOCK : index
  %one_column = arith.cmpi eq, %n, %c1 : index
  // A single column is contiguous.
  %c_pitch = arith.select %one_column, %c1, %width : index
  // At least one block of k, because an empty sum must store zeros.
  %k_end = arith.maxui %k, %c1 : index
  scf.for %i = %c0 to %m step %height {
    %m_left = arith.subi %m, %i : index
    %mc = arith.minui %m_left, %height : index
    %m_wide = arith.muli %mc, %of_m : index
    scf.for %j = %c0 to %n step %width {
      %n_left = arith.subi %n, %j : index
      %nc = arith.minui %n_left, %width : index
      %cw = memref.reinterpret_cast %room_c to offset: [%c0], sizes: [%m_wide, %nc], strides: [%c_pitch, 1]
        : memref<$ROOMCx$WIDE> to !$INNER_rows
      scf.for %p = %c0 to %k_end step %block {
        %k_left = arith.subi %k, %p : index
        %kc = arith.minui %k_left, %block : index
        %k_wide = arith.muli %kc, %of_k : index
        %add = arith.cmpi ne, %p, %c0 : index
        %ap = memref.subview %a[%i, %p] [%mc, %kc] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
        %bp = memref.subview %b[%p, %j] [%kc, %nc] [1, 1] : !$SYMBOL_matrix to !$SYMBOL_matrix
$CONVERTA
$CONVERTB
        func.call @$INNER(%aw, %bw, %cw, %add) : (!$INNER_matrix, !$INNER_matrix, !$INNER_rows, i1) -> ()
      }
      %cp = memref.subview %c[%i, %j] [%mc, %nc] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
      func.call @$SYMBOL_store(%cw, %cp, %accumulate) : (!$INNER_rows, !$SYMBOL_rows, i1) -> ()
    }
  }
  return
}

func.func private @$SYMBOL_is_transposed(%x: !$SYMBOL_matrix) -> i1 attributes $PRIVATE {
  %c1 = arith.constant 1 : index
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %x
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %columns = arith.cmpi eq, %strides#0, %c1 : index
  %apart = arith.cmpi ne, %strides#1, %c1 : index
  %only_columns = arith.andi %columns, %apart : i1
  %one = arith.cmpi eq, %sizes#1, %c1 : index
  %transposed = arith.ori %only_columns, %one : i1
  return %transposed : i1
}
"#;

/// Converts a block of an operand, which has `ROWS` rows and `COLUMNS` columns afterwards.
const OPERAND: &str = r#"
        %$OPERANDw = scf.if %$OPERAND_transposed -> (!$INNER_matrix) {
          %t = memref.transpose %$OPERANDp (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
          %vectors = arith.ceildivui %$ROWS, %lanes : index
          %pitch = arith.muli %vectors, %lanes : index
          %rows = memref.reinterpret_cast %room_$OPERAND to offset: [%c0], sizes: [%$COLUMNS, %$ROWS], strides: [%pitch, 1]
            : memref<$ROOMx$WIDE> to !$INNER_rows
          func.call @$SYMBOL_pack_$TRANSPOSED(%t, %rows) : (!$SYMBOL_matrix, !$INNER_rows) -> ()
          %w = memref.reinterpret_cast %room_$OPERAND to offset: [%c0], sizes: [%$ROWS, %$COLUMNS], strides: [%c1, %pitch]
            : memref<$ROOMx$WIDE> to !$INNER_matrix
          scf.yield %w : !$INNER_matrix
        } else {
          %vectors = arith.ceildivui %$COLUMNS, %lanes : index
          %pitch = arith.muli %vectors, %lanes : index
          %rows = memref.reinterpret_cast %room_$OPERAND to offset: [%c0], sizes: [%$ROWS, %$COLUMNS], strides: [%pitch, 1]
            : memref<$ROOMx$WIDE> to !$INNER_rows
          func.call @$SYMBOL_pack_$DIRECT(%$OPERANDp, %rows) : (!$SYMBOL_matrix, !$INNER_rows) -> ()
          %w = memref.cast %rows : !$INNER_rows to !$INNER_matrix
          scf.yield %w : !$INNER_matrix
        }"#;

/// A packing loop for the rows of a block: vectors where they are contiguous, then scalars.
const PACK: &str = r#"
func.func private @$SYMBOL_pack_$KIND(%src: !$SYMBOL_matrix, %dst: !$INNER_rows) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %lanes = arith.constant $LANES : index
  %m = memref.dim %src, %c0 : !$SYMBOL_matrix
  %n = memref.dim %src, %c1 : !$SYMBOL_matrix
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %src
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
$VIEWS
  %contiguous = arith.cmpi eq, %strides#1, %c1 : index
  %n_rest = arith.remui %n, %lanes : index
  %n_whole = arith.subi %n, %n_rest : index
  %n_vectors = arith.select %contiguous, %n_whole, %c0 : index
  scf.for %i = %c0 to %m step %c1 {
    %i2 = arith.muli %i, %c2 : index
    %i21 = arith.addi %i2, %c1 : index
    %below = arith.addi %i, %m : index
    scf.for %j = %c0 to %n_vectors step %lanes {
      %j2 = arith.muli %j, %c2 : index
      %j2l = arith.addi %j2, %lanes : index
      %right = arith.addi %j, %n : index
$WHOLE
    }
    scf.for %j = %n_vectors to %n step %c1 {
      %j2 = arith.muli %j, %c2 : index
      %j21 = arith.addi %j2, %c1 : index
      %right = arith.addi %j, %n : index
$SINGLE
    }
  }
  return
}
"#;

/// A view of the rows of the source.
const VIEWS: &str = r#"
  %in = memref.reinterpret_cast %base to offset: [%offset], sizes: [%m, %n], strides: [%strides#0, 1]
    : memref<$ELEMENT> to !$SYMBOL_rows"#;

/// Converts the block of C back.
const STORE: &str = r#"
func.func private @$SYMBOL_store(%src: !$INNER_rows, %dst: !$SYMBOL_rows, %accumulate: i1) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %lanes = arith.constant $LANES : index
  %m = memref.dim %dst, %c0 : !$SYMBOL_rows
  %n = memref.dim %dst, %c1 : !$SYMBOL_rows
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %dst
    : !$SYMBOL_rows -> memref<$ELEMENT>, index, index, index, index, index
$VIEWS
  %n_rest = arith.remui %n, %lanes : index
  %n_whole = arith.subi %n, %n_rest : index
  scf.for %i = %c0 to %m step %c1 {
    %below = arith.addi %i, %m : index
    scf.for %j = %c0 to %n_whole step %lanes {
      %j2 = arith.muli %j, %c2 : index
      %j2l = arith.addi %j2, %lanes : index
$WHOLE
    }
    scf.for %j = %n_whole to %n step %c1 {
      %j2 = arith.muli %j, %c2 : index
      %j21 = arith.addi %j2, %c1 : index
$SINGLE
    }
  }
  return
}
"#;

/// How a block is packed.
#[derive(Clone, Copy, Debug)]
enum Packing {
    /// Row by row, in the wide type.
    Promoted(Promotion),
    /// As a block of complex numbers.
    Complex(complex::Packing),
}

impl Packing {
    /// The name in symbols.
    fn name(self) -> &'static str {
        match self {
            Packing::Promoted(_) => "rows",
            Packing::Complex(packing) => packing.name(),
        }
    }
}

/// The product `symbol` of `element`, through that of `inner`. Without a promotion, elements are complex numbers.
pub(super) fn render(symbol: &str, element: ScalarType, promotion: Option<Promotion>, inner: &Blocking) -> String {
    let [height, width, block] = block(promotion, inner);
    let planes = if promotion.is_some() { 1 } else { 2 };
    let (room_a, room_b) = (planes * planes * height * block, planes * width * block);
    let values = [
        ("SYMBOL", symbol.to_string()),
        ("INNER", inner.symbol.clone()),
        ("ELEMENT", element.name().to_string()),
        ("WIDE", inner.element.name().to_string()),
        ("LANES", inner.tile.lanes.to_string()),
        ("PRIVATE", super::plan::PRIVATE.to_string()),
        ("HEIGHT", height.to_string()),
        ("WIDTH", width.to_string()),
        ("BLOCK", block.to_string()),
        ("OFM", planes.to_string()),
        ("OFK", planes.to_string()),
        ("ROOMA", room_a.to_string()),
        ("ROOMB", room_b.to_string()),
        ("ROOMC", (planes * height * width).to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fill_in = |template: &str, more: &[(&str, &str)]| fill(template, &[&values, more].concat());
    // For A and its transpose, then for B and its transpose.
    let packings = match promotion {
        Some(promotion) => [Packing::Promoted(promotion); 4],
        None => complex::Packing::ALL.map(Packing::Complex),
    };
    let convert = |operand: &str, [rows, columns]: [&str; 2], room: usize, [direct, transposed]: [Packing; 2]| {
        let room = room.to_string();
        let values = [("OPERAND", operand), ("ROWS", rows), ("COLUMNS", columns), ("ROOM", &room)];
        fill_in(
            OPERAND.trim_start_matches('\n'),
            &[&values[..], &[("DIRECT", direct.name()), ("TRANSPOSED", transposed.name())]].concat(),
        )
    };
    let a = convert("a", ["m_wide", "k_wide"], room_a, [packings[0], packings[1]]);
    let b = convert("b", ["k_wide", "nc"], room_b, [packings[2], packings[3]]);
    let thin_text = fill_in(thin::ATTEMPT, &[]);
    let mut text = match promotion {
        Some(promotion) => thin::narrow::render(symbol, element, promotion, inner),
        None => thin::complex::render(symbol, element.name(), inner),
    };
    text += &fill_in(ENTRY, &[("THIN", &thin_text)]);
    text += &fill_in(BLOCKS, &[("CONVERTA", &a), ("CONVERTB", &b)]);
    let views = fill_in(if promotion.is_some() { VIEWS } else { complex::VIEWS }, &[]);
    for packing in if promotion.is_some() { &packings[..1] } else { &packings[..] } {
        let (whole, single) = match packing {
            Packing::Promoted(promotion) => promoted_pack(symbol, *promotion, inner),
            Packing::Complex(packing) => complex::pack(*packing, inner),
        };
        text += &fill_in(PACK, &[("KIND", packing.name()), ("VIEWS", &views), ("WHOLE", &whole), ("SINGLE", &single)]);
    }
    let (whole, single) = match promotion {
        Some(promotion) => promoted_store(symbol, promotion, inner),
        None => complex::store(inner),
    };
    text + &fill_in(STORE, &[("VIEWS", &views), ("WHOLE", &whole), ("SINGLE", &single)])
}

/// Rows of A, columns of B, and the extent of k in a block, which fits into the L2 cache.
fn block(promotion: Option<Promotion>, inner: &Blocking) -> [usize; 3] {
    match promotion {
        Some(_) => [64, 64, 128],
        None if inner.element == ScalarType::F64 => [32, 64, 32],
        None => [64, 64, 64],
    }
}

/// `dst[i, j] = src[i, j]` in wider types: vectors, then scalars.
fn promoted_pack(symbol: &str, promotion: Promotion, inner: &Blocking) -> (String, String) {
    let (shape, name, vector) =
        (format!("vector<{}x", inner.tile.lanes), promotion.narrow_type().name(), &inner.vector);
    let rows = format!("!{}_rows", inner.symbol);
    let whole = format!("      %x = vector.load %in[%i, %j] : !{symbol}_rows, {shape}{name}>\n")
        + &promotion.widen("      ", "y", "x", &shape)
        + &format!("      vector.store %y, %dst[%i, %j] : {rows}, {vector}");
    let single = format!("      %x = memref.load %src[%i, %j] : !{symbol}_matrix\n")
        + &promotion.widen("      ", "y", "x", "")
        + &format!("      memref.store %y, %dst[%i, %j] : {rows}");
    (whole, single)
}

/// `dst[i, j] (+)= src[i, j]`, rounded.
fn promoted_store(symbol: &str, promotion: Promotion, inner: &Blocking) -> (String, String) {
    let (shape, name, vector) =
        (format!("vector<{}x", inner.tile.lanes), promotion.narrow_type().name(), &inner.vector);
    let rows = format!("!{}_rows", inner.symbol);
    let total = |load: &str, shape: &str, wide: &str| {
        format!("      %z = scf.if %accumulate -> ({wide}) {{\n        {load}\n")
            + &promotion.widen("        ", "wide", "old", shape)
            + &format!(
                "        %both = {} %wide, %x : {wide}\n        scf.yield %both : {wide}\n      }} else {{\n        \
                 scf.yield %x : {wide}\n      }}\n",
                inner.add()
            )
            + &promotion.narrow("      ", "y", "z", shape)
    };
    let load = format!("%old = vector.load %dst[%i, %j] : !{symbol}_rows, {shape}{name}>");
    let whole = format!("      %x = vector.load %src[%i, %j] : {rows}, {vector}\n")
        + &total(&load, &shape, vector)
        + &format!("      vector.store %y, %dst[%i, %j] : !{symbol}_rows, {shape}{name}>");
    let load = format!("%old = memref.load %dst[%i, %j] : !{symbol}_rows");
    let single = format!("      %x = memref.load %src[%i, %j] : {rows}\n")
        + &total(&load, "", inner.element.name())
        + &format!("      memref.store %y, %dst[%i, %j] : !{symbol}_rows");
    (whole, single)
}
