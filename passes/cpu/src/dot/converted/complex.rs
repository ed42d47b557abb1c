//! Packing and unpacking of complex numbers.

use super::super::plan::Blocking;
use super::super::text::{lines, list};

/// Views of complex numbers as reals: their rows, and the matrices of real and imaginary parts.
pub(super) const VIEWS: &str = r#"
  %numbers = builtin.unrealized_conversion_cast %base : memref<$ELEMENT> to memref<$WIDE>
  %real_at = arith.muli %offset, %c2 : index
  %imaginary_at = arith.addi %real_at, %c1 : index
  %down = arith.muli %strides#0, %c2 : index
  %along = arith.muli %strides#1, %c2 : index
  %twice = arith.muli %n, %c2 : index
  %in = memref.reinterpret_cast %numbers to offset: [%real_at], sizes: [%m, %twice], strides: [%down, 1]
    : memref<$WIDE> to !$INNER_rows
  %reals = memref.reinterpret_cast %numbers to offset: [%real_at], sizes: [%m, %n], strides: [%down, %along]
    : memref<$WIDE> to !$INNER_matrix
  %imaginaries = memref.reinterpret_cast %numbers to offset: [%imaginary_at], sizes: [%m, %n], strides: [%down, %along]
    : memref<$WIDE> to !$INNER_matrix"#;

/// Which operand is packed, and whether its transpose is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Packing {
    Left,
    LeftTransposed,
    Right,
    RightTransposed,
}

impl Packing {
    /// All packings.
    pub(super) const ALL: [Packing; 4] =
        [Packing::Left, Packing::LeftTransposed, Packing::Right, Packing::RightTransposed];

    /// The name in symbols.
    pub(super) fn name(self) -> &'static str {
        match self {
            Packing::Left => "left",
            Packing::LeftTransposed => "left_transposed",
            Packing::Right => "right",
            Packing::RightTransposed => "right_transposed",
        }
    }
}

/// The packing loop for complex numbers.
pub(super) fn pack(packing: Packing, inner: &Blocking) -> (String, String) {
    let (lanes, vector, rows) = (inner.tile.lanes, &inner.vector, format!("!{}_rows", inner.symbol));
    let shuffle = |to: &str, x: &str, y: &str, lane: &dyn Fn(usize) -> usize| {
        let lanes = list(lanes, |at| lane(at).to_string());
        format!("      %{to} = vector.shuffle %{x}, %{y} [{lanes}] : {vector}, {vector}\n")
    };
    let store_vector =
        |value: &str, i: &str, j: &str| format!("      vector.store %{value}, %dst[%{i}, %{j}] : {rows}, {vector}\n");
    let loads = format!(
        "      %v0 = vector.load %in[%i, %j2] : {rows}, {vector}\n      \
         %v1 = vector.load %in[%i, %j2l] : {rows}, {vector}\n"
    );
    let planes = || {
        shuffle("re", "v0", "v1", &|lane| 2 * lane)
            + &shuffle("im", "v0", "v1", &|lane| 2 * lane + 1)
            + &format!("      %minus = arith.negf %im : {vector}\n")
    };
    let element = inner.element.name();
    let single = |stores: [(&str, &str, &str); 4], count: usize| {
        let matrix = format!("!{}_matrix", inner.symbol);
        format!(
            "      %re = memref.load %reals[%i, %j] : {matrix}\n      \
             %im = memref.load %imaginaries[%i, %j] : {matrix}\n      \
             %minus = arith.negf %im : {element}\n"
        ) + &lines(count, |at| {
            let (value, i, j) = stores[at];
            format!("      memref.store %{value}, %dst[%{i}, %{j}] : {rows}")
        })
    };
    match packing {
        Packing::Left => {
            let signs = list(lanes, |lane| if lane % 2 == 0 { "1.0" } else { "-1.0" }.to_string());
            let mut whole = loads + &format!("      %signs = arith.constant dense<[{signs}]> : {vector}\n");
            for (v, at) in [("v0", "j2"), ("v1", "j2l")] {
                whole += &format!("      %{v}_conjugate = arith.mulf %{v}, %signs : {vector}\n");
                whole += &shuffle(&format!("{v}_swapped"), v, v, &|lane| lane ^ 1);
                whole += &store_vector(&format!("{v}_conjugate"), "i", at);
                whole += &store_vector(&format!("{v}_swapped"), "below", at);
            }
            let stores = [("re", "i", "j2"), ("minus", "i", "j21"), ("im", "below", "j2"), ("re", "below", "j21")];
            (whole, single(stores, 4))
        }
        Packing::LeftTransposed => {
            let stores = [("re", "i2", "j"), ("im", "i2", "right"), ("minus", "i21", "j"), ("re", "i21", "right")];
            (loads + &planes() + &stores.map(|(value, i, j)| store_vector(value, i, j)).concat(), single(stores, 4))
        }
        Packing::Right => {
            let stores = [("re", "i2", "j"), ("im", "i21", "j")];
            let whole = loads + &planes() + &stores.map(|(value, i, j)| store_vector(value, i, j)).concat();
            (whole, single([stores[0], stores[1], stores[0], stores[1]], 2))
        }
        Packing::RightTransposed => {
            let stores = [("re", "i", "j2"), ("im", "i", "j21")];
            let whole = loads + &store_vector("v0", "i", "j2") + &store_vector("v1", "i", "j2l");
            (whole, single([stores[0], stores[1], stores[0], stores[1]], 2))
        }
    }
}

/// Combines real and imaginary parts.
pub(super) fn store(inner: &Blocking) -> (String, String) {
    let (lanes, vector, rows) = (inner.tile.lanes, &inner.vector, format!("!{}_rows", inner.symbol));
    let (element, matrix) = (inner.element.name(), format!("!{}_matrix", inner.symbol));
    let half = |upper: usize| list(lanes, |lane| (lane % 2 * lanes + upper * lanes / 2 + lane / 2).to_string());
    let mut whole = format!(
        "      %re = vector.load %src[%i, %j] : {rows}, {vector}\n      \
         %im = vector.load %src[%below, %j] : {rows}, {vector}\n"
    );
    for (upper, at) in [(0, "j2"), (1, "j2l")] {
        whole += &format!(
            "      %x{upper} = vector.shuffle %re, %im [{}] : {vector}, {vector}\n      \
             %y{upper} = scf.if %accumulate -> ({vector}) {{\n        \
             %old = vector.load %in[%i, %{at}] : {rows}, {vector}\n        \
             %both = arith.addf %old, %x{upper} : {vector}\n        \
             scf.yield %both : {vector}\n      }} else {{\n        \
             scf.yield %x{upper} : {vector}\n      }}\n      \
             vector.store %y{upper}, %in[%i, %{at}] : {rows}, {vector}\n",
            half(upper)
        );
    }
    let single = [("re", "i", "reals"), ("im", "below", "imaginaries")].map(|(name, row, view)| {
        format!(
            "      %{name} = memref.load %src[%{row}, %j] : {rows}\n      \
             %{name}_new = scf.if %accumulate -> ({element}) {{\n        \
             %old = memref.load %{view}[%i, %j] : {matrix}\n        \
             %both = arith.addf %old, %{name} : {element}\n        \
             scf.yield %both : {element}\n      }} else {{\n        \
             scf.yield %{name} : {element}\n      }}\n      \
             memref.store %{name}_new, %{view}[%i, %j] : {matrix}\n"
        )
    });
    (whole, single.concat())
}
