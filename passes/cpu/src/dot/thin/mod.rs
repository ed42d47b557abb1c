//! Matrix-vector products, which are memory-bound: each element of the matrix is read once, in memory order.
//!
//! With contiguous rows, each element of the result is a dot product (`dots`). With contiguous columns, the result is a
//! sum of scaled columns (`axpy`). Vector-matrix products are the same on transposes.
//!
//! Complex numbers are pairs of reals, in memory and in the kernels ([`complex`]). f16, bf16 and i8 are converted when
//! read ([`narrow`]).

mod columns;
pub(super) mod complex;
pub(super) mod narrow;
mod rows;

use super::plan::Blocking;
use super::promotion::Promotion;
use super::text::fill;
use dp_dialects::ScalarType;

/// Tries the thin variants; `%done_thin` tells whether one was used.
pub(super) const ATTEMPT: &str = r#"
  %one_column = arith.cmpi eq, %n, %c1 : index
  %one_row = arith.cmpi eq, %m, %c1 : index
  %thin = arith.ori %one_column, %one_row : i1
  %done_thin = scf.if %thin -> (i1) {
    // If C is a row, the product of the transposes, C^T = B^T A^T.
    %at = memref.transpose %a (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
    %bt = memref.transpose %b (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
    %cm = memref.cast %c : !$SYMBOL_rows to !$SYMBOL_matrix
    %ct = memref.transpose %cm (i, j) -> (j, i) : !$SYMBOL_matrix to !$SYMBOL_matrix
    %left = arith.select %one_column, %a, %bt : !$SYMBOL_matrix
    %right = arith.select %one_column, %b, %at : !$SYMBOL_matrix
    %into = arith.select %one_column, %cm, %ct : !$SYMBOL_matrix
    %is_done = func.call @$SYMBOL_column(%left, %right, %into, %accumulate)
      : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_matrix, i1) -> i1
    scf.yield %is_done : i1
  } else {
    %no = arith.constant false
    scf.yield %no : i1
  }"#;

/// The beginning of the function for one column: which operands are contiguous.
const COLUMN: &str = r#"
// C (+)= A B where B is one column, if operands are contiguous in a way that a variant needs. Returns whether they are.
func.func private @$SYMBOL_column(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_matrix, %accumulate: i1) -> i1
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %a_base, %a_offset, %a_sizes:2, %a_strides:2 = memref.extract_strided_metadata %a
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %b_base, %b_offset, %b_sizes:2, %b_strides:2 = memref.extract_strided_metadata %b
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %c_base, %c_offset, %c_sizes:2, %c_strides:2 = memref.extract_strided_metadata %c
    : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
  %b_contiguous = arith.cmpi eq, %b_strides#0, %c1 : index
  %c_contiguous = arith.cmpi eq, %c_strides#0, %c1 : index
  %rows_contiguous = arith.cmpi eq, %a_strides#1, %c1 : index
  %columns_contiguous = arith.cmpi eq, %a_strides#0, %c1 : index"#;

/// The rest for real numbers: chooses and calls the variant.
const REAL: &str = r#"
  %by_dots = arith.andi %rows_contiguous, %b_contiguous : i1
  %by_axpy = arith.andi %columns_contiguous, %c_contiguous : i1
  %done = arith.ori %by_dots, %by_axpy : i1
  scf.if %by_dots {
    %rows = memref.reinterpret_cast %a_base to offset: [%a_offset], sizes: [%m, %k], strides: [%a_strides#0, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
    %x = memref.reinterpret_cast %b_base to offset: [%b_offset], sizes: [%c1, %k], strides: [%k, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
    func.call @$DOTS(%rows, %x, %c, %accumulate) : (!$SYMBOL_rows, !$SYMBOL_rows, !$SYMBOL_matrix, i1) -> ()
  } else {
    scf.if %by_axpy {
      %columns = memref.reinterpret_cast %a_base to offset: [%a_offset], sizes: [%k, %m], strides: [%a_strides#1, 1]
        : memref<$ELEMENT> to !$SYMBOL_rows
      %y = memref.reinterpret_cast %c_base to offset: [%c_offset], sizes: [%m], strides: [1]
        : memref<$ELEMENT> to !$SYMBOL_row
      func.call @$AXPY(%columns, %b, %y, %accumulate) : (!$SYMBOL_rows, !$SYMBOL_matrix, !$SYMBOL_row, i1) -> ()
    }
  }
  return %done : i1
}
"#;

/// Whether fewer rows of `%a` are read at a time: `%few`. If rows are a multiple of a page apart, they share the sets
/// of the L1 cache, which has too few ways for eight of them. Four rows are faster by a twelfth, but not if the matrix
/// comes from memory.
const FEW: &str = r#"
  %a_base, %a_offset, %a_sizes:2, %a_strides:2 = memref.extract_strided_metadata %a
    : !$STORED_rows -> memref<$STOREDELEMENT>, index, index, index, index, index
  %page = arith.constant $PAGE : index
  %cached = arith.constant $CACHED : index
  %past = arith.remui %a_strides#0, %page : index
  %is_same_place = arith.cmpi eq, %past, %c0 : index
  %numbers = arith.muli %a_sizes#0, %a_strides#0 : index
  %is_cached = arith.cmpi ule, %numbers, %cached : index
  %few = arith.andi %is_same_place, %is_cached : i1"#;

/// The size of a page in bytes.
const PAGE: usize = 4096;

/// The size in bytes up to which a matrix may stay in a cache between uses.
const CACHED: usize = 4 << 20;

/// The matrix-vector functions.
pub(super) fn render(plan: &Blocking) -> String {
    let (dots, axpy) = (format!("{}_dots", plan.symbol), format!("{}_axpy", plan.symbol));
    let stored = Stored::own(plan);
    plan.fill(&format!("{COLUMN}{REAL}"), &[("DOTS", &dots), ("AXPY", &axpy)])
        + &rows::render(plan, &stored, "dots", 1)
        + &columns::render(plan, &stored, "axpy", Parts::Real)
}

/// How the elements of the matrix and the vector are stored.
struct Stored<'a> {
    /// The product with their types.
    symbol: &'a str,
    element: ScalarType,
    /// The promotion to the plan's element type, if it differs.
    promotion: Option<Promotion>,
}

impl<'a> Stored<'a> {
    /// Stored in the plan's element type.
    fn own(plan: &'a Blocking) -> Self {
        Stored { symbol: &plan.symbol, element: plan.element, promotion: None }
    }

    /// Fills in a template of a loop over stored elements, with `values` and the common values.
    fn fill(&self, plan: &Blocking, template: &str, values: &[(&str, &str)]) -> String {
        let bytes = self.element.size();
        let (page, cached) = ((PAGE / bytes).to_string(), (CACHED / bytes).to_string());
        let own = [
            ("STORED", self.symbol),
            ("STOREDELEMENT", self.element.name()),
            ("PAGE", &page),
            ("CACHED", &cached),
            ("NONE", &self.zero(plan)),
        ];
        let few = fill(FEW, &own);
        plan.fill(template, &[&own[..], &[("FEW", &few)], values].concat())
    }

    /// The vector type.
    fn vector(&self, plan: &Blocking) -> String {
        format!("vector<{}x{}>", plan.tile.lanes, self.element.name())
    }

    /// Text that defines `%none`, a zero vector.
    fn zero(&self, plan: &Blocking) -> String {
        let zero = if self.element.is_float() { "0.0" } else { "0" };
        format!("  %none = arith.constant dense<{zero}> : {}", self.vector(plan))
    }

    /// Text that loads the vector at a position of `%{of}` as `%{to}`, optionally under `%mask`.
    fn load(&self, plan: &Blocking, to: &str, of: &str, place: &str, masked: bool) -> String {
        let (from, symbol, vector) = (self.source(to), self.symbol, self.vector(plan));
        let shape = format!("vector<{}x", plan.tile.lanes);
        let load = if masked {
            format!(
                "vector.maskedload %{of}[{place}], %mask, %none : !{symbol}_rows, {shape}i1>, {vector} into {vector}"
            )
        } else {
            format!("vector.load %{of}[{place}] : !{symbol}_rows, {vector}")
        };
        format!("    %{from} = {load}\n") + &self.widen("    ", to, &shape)
    }

    /// Text that loads the scalar at a position of `%{of}` as `%{to}`.
    fn load_number(&self, to: &str, of: &str, place: &str) -> String {
        format!("  %{} = memref.load %{of}[{place}] : !{}_matrix\n", self.source(to), self.symbol)
            + &self.widen("  ", to, "")
    }

    /// Text that stores the scalar `%{value}` of the plan's type at a position of `%c`, or adds it.
    fn store_number(&self, plan: &Blocking, value: &str, place: &str, is_added: bool) -> String {
        let (matrix, element) = (format!("!{}_matrix", self.symbol), plan.element.name());
        let (mut text, mut sum) = (String::new(), value.to_string());
        if is_added {
            let old = format!("{value}_old");
            sum = format!("{value}_new");
            text += &format!("    %{} = memref.load %c[{place}] : {matrix}\n", self.source(&old));
            text += &self.widen("    ", &old, "");
            text += &format!("    %{sum} = {} %{old}, %{value} : {element}\n", plan.add());
        }
        let result = match self.promotion {
            Some(promotion) => {
                let result = format!("{sum}_narrow");
                text += &promotion.narrow("    ", &result, &sum, "");
                result
            }
            None => sum,
        };
        text + &format!("    memref.store %{result}, %c[{place}] : {matrix}")
    }

    /// The name of `%{to}` before its conversion.
    fn source(&self, to: &str) -> String {
        if self.promotion.is_some() { format!("{to}_stored") } else { to.into() }
    }

    fn widen(&self, indent: &str, to: &str, shape: &str) -> String {
        self.promotion.map_or_else(String::new, |promotion| promotion.widen(indent, to, &self.source(to), shape))
    }
}

/// The components of a stored element.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Parts {
    Real = 1,
    Complex = 2,
}

/// A multiply-add of vectors: text that defines `%result`.
fn step(plan: &Blocking, indent: &str, result: &str, x: &str, y: &str, z: &str) -> String {
    let (mul, add, flags, vector) = (plan.mul(), plan.add(), plan.flags(), &plan.vector);
    format!(
        "{indent}%{result}_product = {mul} %{x}, %{y}{flags} : {vector}\n\
         {indent}%{result} = {add} %{result}_product, %{z}{flags} : {vector}"
    )
}
