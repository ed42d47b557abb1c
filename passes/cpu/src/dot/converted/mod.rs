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

use super::Element;
use super::plan::Blocking;
use super::text::fill;
use super::thin;

/// The conversion of an element.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Conversion {
    /// f16 to f32.
    Half,
    /// bf16 to f32.
    Brain,
    /// i8 to i16.
    Byte,
    /// A complex number to two reals.
    Complex(Element),
}

impl Conversion {
    /// The element type of the converted matrices.
    pub fn wide(self) -> Element {
        match self {
            Conversion::Half | Conversion::Brain => Element::F32,
            Conversion::Byte => Element::I16,
            Conversion::Complex(part) => part,
        }
    }

    fn is_complex(self) -> bool {
        matches!(self, Conversion::Complex(_))
    }

    /// Rows of A, columns of B, and the extent of k in a block, which fits into the L2 cache.
    fn block(self) -> [usize; 3] {
        match self {
            Conversion::Half | Conversion::Brain | Conversion::Byte => [64, 64, 128],
            Conversion::Complex(Element::F64) => [32, 64, 32],
            Conversion::Complex(_) => [64, 64, 64],
        }
    }

    /// Text that computes `%{to}` from `%{from}`, on vectors if `shape` is `vector<Nx`, on scalars if it is empty.
    pub fn widen(self, indent: &str, to: &str, from: &str, shape: &str) -> String {
        let of = |name: &str| if shape.is_empty() { name.to_string() } else { format!("{shape}{name}>") };
        let (name, narrow, wide) = match self {
            Conversion::Half => ("arith.extf", "f16", "f32"),
            Conversion::Brain => ("arith.extf", "bf16", "f32"),
            Conversion::Byte => ("arith.extsi", "i8", "i16"),
            Conversion::Complex(_) => unreachable!("complex numbers are taken apart"),
        };
        format!("{indent}%{to} = {name} %{from} : {} to {}\n", of(narrow), of(wide))
    }

    /// The inverse conversion. Floats are rounded to nearest, ties to even; for bfloat16 with integers, since few CPUs
    /// have an instruction.
    pub fn narrow(self, indent: &str, to: &str, from: &str, shape: &str) -> String {
        let of = |name: &str| if shape.is_empty() { name.to_string() } else { format!("{shape}{name}>") };
        match self {
            Conversion::Half => format!("{indent}%{to} = arith.truncf %{from} : {} to {}\n", of("f32"), of("f16")),
            Conversion::Byte => format!("{indent}%{to} = arith.trunci %{from} : {} to {}\n", of("i16"), of("i8")),
            Conversion::Brain => {
                let number = |value: &str| if shape.is_empty() { value.to_string() } else { format!("dense<{value}>") };
                let (i32, f32) = (of("i32"), of("f32"));
                [
                    format!("%{to}_bits = arith.bitcast %{from} : {f32} to {i32}"),
                    format!("%{to}_sixteen = arith.constant {} : {i32}", number("16")),
                    format!("%{to}_one = arith.constant {} : {i32}", number("1")),
                    format!("%{to}_below = arith.constant {} : {i32}", number("32767")),
                    format!("%{to}_quiet = arith.constant {} : {i32}", number("4194304")),
                    format!("%{to}_upper = arith.shrui %{to}_bits, %{to}_sixteen : {i32}"),
                    format!("%{to}_odd = arith.andi %{to}_upper, %{to}_one : {i32}"),
                    format!("%{to}_bias = arith.addi %{to}_odd, %{to}_below : {i32}"),
                    format!("%{to}_rounded = arith.addi %{to}_bits, %{to}_bias : {i32}"),
                    format!("%{to}_isnan = arith.cmpf uno, %{from}, %{from} : {f32}"),
                    format!("%{to}_nan = arith.ori %{to}_bits, %{to}_quiet : {i32}"),
                    format!("%{to}_all = arith.select %{to}_isnan, %{to}_nan, %{to}_rounded : {}, {i32}", of("i1")),
                    format!("%{to}_kept = arith.shrui %{to}_all, %{to}_sixteen : {i32}"),
                    format!("%{to}_short = arith.trunci %{to}_kept : {i32} to {}", of("i16")),
                    format!("%{to} = arith.bitcast %{to}_short : {} to {}", of("i16"), of("bf16")),
                ]
                .map(|line| format!("{indent}{}\n", if shape.is_empty() { line.replace(": i1, ", ": ") } else { line }))
                .concat()
            }
            Conversion::Complex(_) => unreachable!("complex numbers are put together"),
        }
    }
}

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
  %a_turned = func.call @$SYMBOL_turns(%a) : (!$SYMBOL_matrix) -> i1
  %b_turned = func.call @$SYMBOL_turns(%b) : (!$SYMBOL_matrix) -> i1
  %height = arith.constant $HEIGHT : index
  %width = arith.constant $WIDTH : index
  %block = arith.constant $BLOCK : index
  %one_column = arith.cmpi eq, %n, %c1 : index
  // One column is contiguous.
  %c_pitch = arith.select %one_column, %c1, %width : index
  // An empty sum is zero: there is at least one block of k.
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
        %aw = scf.if %a_turned -> (!$INNER_matrix) {
          %t = memref.transpose %ap (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
          %vectors = arith.ceildivui %m_wide, %lanes : index
          %pitch = arith.muli %vectors, %lanes : index
          %rows = memref.reinterpret_cast %room_a to offset: [%c0], sizes: [%k_wide, %m_wide], strides: [%pitch, 1]
            : memref<$ROOMAx$WIDE> to !$INNER_rows
          func.call @$SYMBOL_lay_$LAYAT(%t, %rows) : (!$SYMBOL_matrix, !$INNER_rows) -> ()
          %w = memref.reinterpret_cast %room_a to offset: [%c0], sizes: [%m_wide, %k_wide], strides: [%c1, %pitch]
            : memref<$ROOMAx$WIDE> to !$INNER_matrix
          scf.yield %w : !$INNER_matrix
        } else {
          %vectors = arith.ceildivui %k_wide, %lanes : index
          %pitch = arith.muli %vectors, %lanes : index
          %rows = memref.reinterpret_cast %room_a to offset: [%c0], sizes: [%m_wide, %k_wide], strides: [%pitch, 1]
            : memref<$ROOMAx$WIDE> to !$INNER_rows
          func.call @$SYMBOL_lay_$LAYA(%ap, %rows) : (!$SYMBOL_matrix, !$INNER_rows) -> ()
          %w = memref.cast %rows : !$INNER_rows to !$INNER_matrix
          scf.yield %w : !$INNER_matrix
        }
        %bw = scf.if %b_turned -> (!$INNER_matrix) {
          %t = memref.transpose %bp (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
          %vectors = arith.ceildivui %k_wide, %lanes : index
          %pitch = arith.muli %vectors, %lanes : index
          %rows = memref.reinterpret_cast %room_b to offset: [%c0], sizes: [%nc, %k_wide], strides: [%pitch, 1]
            : memref<$ROOMBx$WIDE> to !$INNER_rows
          func.call @$SYMBOL_lay_$LAYBT(%t, %rows) : (!$SYMBOL_matrix, !$INNER_rows) -> ()
          %w = memref.reinterpret_cast %room_b to offset: [%c0], sizes: [%k_wide, %nc], strides: [%c1, %pitch]
            : memref<$ROOMBx$WIDE> to !$INNER_matrix
          scf.yield %w : !$INNER_matrix
        } else {
          %vectors = arith.ceildivui %nc, %lanes : index
          %pitch = arith.muli %vectors, %lanes : index
          %rows = memref.reinterpret_cast %room_b to offset: [%c0], sizes: [%k_wide, %nc], strides: [%pitch, 1]
            : memref<$ROOMBx$WIDE> to !$INNER_rows
          func.call @$SYMBOL_lay_$LAYB(%bp, %rows) : (!$SYMBOL_matrix, !$INNER_rows) -> ()
          %w = memref.cast %rows : !$INNER_rows to !$INNER_matrix
          scf.yield %w : !$INNER_matrix
        }
        func.call @$INNER(%aw, %bw, %cw, %add) : (!$INNER_matrix, !$INNER_matrix, !$INNER_rows, i1) -> ()
      }
      %cp = memref.subview %c[%i, %j] [%mc, %nc] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
      func.call @$SYMBOL_give(%cw, %cp, %accumulate) : (!$INNER_rows, !$SYMBOL_rows, i1) -> ()
    }
  }
  return
}

func.func private @$SYMBOL_turns(%x: !$SYMBOL_matrix) -> i1 attributes $PRIVATE {
  %c1 = arith.constant 1 : index
  %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %x
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %columns = arith.cmpi eq, %strides#0, %c1 : index
  %apart = arith.cmpi ne, %strides#1, %c1 : index
  %only_columns = arith.andi %columns, %apart : i1
  %one = arith.cmpi eq, %sizes#1, %c1 : index
  %turned = arith.ori %only_columns, %one : i1
  return %turned : i1
}
"#;

/// A packing loop for the rows of a block: vectors where they are contiguous, then scalars.
const LAY: &str = r#"
func.func private @$SYMBOL_lay_$KIND(%src: !$SYMBOL_matrix, %dst: !$INNER_rows) attributes $PRIVATE {
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
const GIVE: &str = r#"
func.func private @$SYMBOL_give(%src: !$INNER_rows, %dst: !$SYMBOL_rows, %accumulate: i1) attributes $PRIVATE {
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

/// The product `symbol` of `element`, through that of `inner`.
pub(super) fn render(symbol: &str, element: Element, conversion: &Conversion, inner: &Blocking) -> String {
    let [height, width, block] = conversion.block();
    let planes = if conversion.is_complex() { 2 } else { 1 };
    let lays: [&str; 4] =
        if conversion.is_complex() { ["left", "left_turned", "right", "right_turned"] } else { ["rows"; 4] };
    let values = [
        ("SYMBOL", symbol.to_string()),
        ("INNER", inner.symbol.clone()),
        ("ELEMENT", element.name().to_string()),
        ("WIDE", inner.element().to_string()),
        ("LANES", inner.tile.lanes.to_string()),
        ("PRIVATE", super::plan::PRIVATE.to_string()),
        ("HEIGHT", height.to_string()),
        ("WIDTH", width.to_string()),
        ("BLOCK", block.to_string()),
        ("OFM", planes.to_string()),
        ("OFK", planes.to_string()),
        ("ROOMA", (planes * planes * height * block).to_string()),
        ("ROOMB", (planes * width * block).to_string()),
        ("ROOMC", (planes * height * width).to_string()),
        ("LAYA", lays[0].to_string()),
        ("LAYAT", lays[1].to_string()),
        ("LAYB", lays[2].to_string()),
        ("LAYBT", lays[3].to_string()),
    ];
    let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let fill_in = |template: &str, more: &[(&str, &str)]| fill(template, &[&values, more].concat());
    let views = fill_in(if conversion.is_complex() { complex::VIEWS } else { VIEWS }, &[]);
    let thin = fill_in(thin::ATTEMPT, &[]);
    let mut text = if conversion.is_complex() {
        thin::complex::render(symbol, element.name(), inner)
    } else {
        thin::narrow::render(symbol, element, *conversion, inner)
    };
    text += &(fill_in(ENTRY, &[("THIN", &thin)]) + &fill_in(BLOCKS, &[]));
    let kinds = if conversion.is_complex() { &lays[..] } else { &lays[..1] };
    for kind in kinds {
        let (whole, single) = if conversion.is_complex() {
            complex::lay(kind, inner)
        } else {
            convert_lay(symbol, element, conversion, inner)
        };
        text += &fill_in(LAY, &[("KIND", kind), ("VIEWS", &views), ("WHOLE", &whole), ("SINGLE", &single)]);
    }
    let (whole, single) =
        if conversion.is_complex() { complex::give(inner) } else { convert_give(symbol, element, conversion, inner) };
    text + &fill_in(GIVE, &[("VIEWS", &views), ("WHOLE", &whole), ("SINGLE", &single)])
}

/// `dst[i, j] = src[i, j]` in wider types: vectors, then scalars.
fn convert_lay(symbol: &str, element: Element, conversion: &Conversion, inner: &Blocking) -> (String, String) {
    let (shape, name, vector) = (format!("vector<{}x", inner.tile.lanes), element.name(), &inner.vector);
    let rows = format!("!{}_rows", inner.symbol);
    let whole = format!("      %x = vector.load %in[%i, %j] : !{symbol}_rows, {shape}{name}>\n")
        + &conversion.widen("      ", "y", "x", &shape)
        + &format!("      vector.store %y, %dst[%i, %j] : {rows}, {vector}");
    let single = format!("      %x = memref.load %src[%i, %j] : !{symbol}_matrix\n")
        + &conversion.widen("      ", "y", "x", "")
        + &format!("      memref.store %y, %dst[%i, %j] : {rows}");
    (whole, single)
}

/// `dst[i, j] (+)= src[i, j]`, rounded.
fn convert_give(symbol: &str, element: Element, conversion: &Conversion, inner: &Blocking) -> (String, String) {
    let (shape, name, vector) = (format!("vector<{}x", inner.tile.lanes), element.name(), &inner.vector);
    let rows = format!("!{}_rows", inner.symbol);
    let total = |load: &str, shape: &str, wide: &str| {
        format!("      %z = scf.if %accumulate -> ({wide}) {{\n        {load}\n")
            + &conversion.widen("        ", "wide", "old", shape)
            + &format!(
                "        %both = {} %wide, %x : {wide}\n        scf.yield %both : {wide}\n      }} else {{\n        \
                 scf.yield %x : {wide}\n      }}\n",
                inner.add()
            )
            + &conversion.narrow("      ", "y", "z", shape)
    };
    let load = format!("%old = vector.load %dst[%i, %j] : !{symbol}_rows, {shape}{name}>");
    let whole = format!("      %x = vector.load %src[%i, %j] : {rows}, {vector}\n")
        + &total(&load, &shape, vector)
        + &format!("      vector.store %y, %dst[%i, %j] : !{symbol}_rows, {shape}{name}>");
    let load = format!("%old = memref.load %dst[%i, %j] : !{symbol}_rows");
    let single = format!("      %x = memref.load %src[%i, %j] : {rows}\n")
        + &total(&load, "", inner.element())
        + &format!("      memref.store %y, %dst[%i, %j] : !{symbol}_rows");
    (whole, single)
}
