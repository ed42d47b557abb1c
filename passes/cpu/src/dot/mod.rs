//! Matrix multiplication as MLIR text, for a vector width.
//!
//! `C = A B` or `C += A B` is one function on memrefs of dynamic extents. A and B have arbitrary strides, so a
//! transposed operand is a view; C has contiguous rows. [`DotKernel::render`] writes the function and its helpers in
//! upstream dialects (`func`, `scf`, `arith`, `memref`, `vector`, and `complex` for complex numbers). They are added to
//! the module and lowered with it.
//!
//! f32, f64 and integers use one register kernel (`tile.rs`), unless one operand is a vector. The variants are:
//!
//! - thin (`thin/`): one column or one row, memory-bound; also for complex numbers, f16, bf16 and i8.
//! - direct (`direct.rs`): A is read in place; B in place or from a panel packed on the stack.
//! - swapped (`swapped.rs`): `Cᵀ = Bᵀ Aᵀ`, for few columns and an A whose columns are contiguous.
//! - packed (`packed.rs`): direct on blocks of A copied to a workspace, for so many rows that they would not stay in
//!   the L2 cache between uses. If the workspace cannot be allocated, direct is used.
//!
//! Otherwise, f16, bf16, i8 and complex numbers are converted, block by block, to types with a register kernel
//! (`converted/`).
//!
//! Only the packed variant allocates, once; all use less than 160 KiB of stack. Everything runs on the caller's thread,
//! in an order determined by extents and strides, so results are deterministic.

mod converted;
mod direct;
mod pack;
mod packed;
mod plan;
mod promotion;
mod simple;
mod swapped;
mod text;
mod thin;
mod tile;

use dp_dialects::ScalarType;
use plan::Blocking;
use promotion::Promotion;

/// How matrices of an element type are multiplied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    /// By the register kernel.
    Register,
    /// By the register kernel of a wider type.
    Promoted(Promotion),
    /// As real matrices, by the register kernel of the parts.
    Complex,
    /// By three nested loops: booleans, which are integers modulo 2. Their sum is exclusive or, their product is and.
    Naive,
}

/// The name of an element type in symbols, and its algorithm; `None` for `index`, which has no kernel.
fn algorithm(element: ScalarType) -> Option<(&'static str, Algorithm)> {
    match element {
        ScalarType::F16 => Some(("f16", Algorithm::Promoted(Promotion::F16))),
        ScalarType::BF16 => Some(("bf16", Algorithm::Promoted(Promotion::BF16))),
        ScalarType::F32 => Some(("f32", Algorithm::Register)),
        ScalarType::F64 => Some(("f64", Algorithm::Register)),
        ScalarType::Complex64 => Some(("c32", Algorithm::Complex)),
        ScalarType::Complex128 => Some(("c64", Algorithm::Complex)),
        ScalarType::I1 => Some(("i1", Algorithm::Naive)),
        ScalarType::I8 => Some(("i8", Algorithm::Promoted(Promotion::I8))),
        ScalarType::I16 => Some(("i16", Algorithm::Register)),
        ScalarType::I32 => Some(("i32", Algorithm::Register)),
        ScalarType::I64 => Some(("i64", Algorithm::Register)),
        ScalarType::Index => None,
    }
}

/// Matrix multiplication for an element type and a vector width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DotKernel {
    element: ScalarType,
    name: &'static str,
    algorithm: Algorithm,
    /// The vector width in bytes.
    vector_bytes: usize,
    packing: bool,
}

/// The least number of rows for packing. With fewer, a block of columns of A stays in the L2 cache unpacked.
const PACKED_ROWS: usize = 448;

/// The least number of columns for packing. With fewer, packing A costs more than it saves.
const PACKED_COLUMNS: usize = 96;

/// The least extent of k for packing, which does not support empty sums.
const PACKED_DEPTH: usize = 16;

/// Type aliases: a matrix with any strides, and one with contiguous rows.
const TYPES: &str = r#"
!$SYMBOL_matrix = memref<?x?x$ELEMENT, strided<[?, ?], offset: ?>>
!$SYMBOL_rows = memref<?x?x$ELEMENT, strided<[?, 1], offset: ?>>
!$SYMBOL_row = memref<?x$ELEMENT, strided<[1], offset: ?>>
"#;

/// Chooses the variant.
///
/// Between direct and swapped, compares the number of vector multiply-adds, plus one step per transposed element: `m
/// ⌈n/L⌉ k` against `n ⌈m/L⌉ k + m n`.
const ENTRY: &str = r#"
!$SYMBOL_panel = memref<$BLOCKx$WIDTHx$ELEMENT>
// C = A B, or C += A B with %accumulate. C overlaps neither A nor B.
func.func private @$SYMBOL(%a: !$SYMBOL_matrix, %b: !$SYMBOL_matrix, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %lanes = arith.constant $LANES : index
  %width = arith.constant $WIDTH : index
  %m = memref.dim %a, %c0 : !$SYMBOL_matrix
  %k = memref.dim %a, %c1 : !$SYMBOL_matrix
  %n = memref.dim %b, %c1 : !$SYMBOL_matrix
$THIN
$TRY
  scf.if %done {
  } else {
    %base, %offset, %sizes:2, %strides:2 = memref.extract_strided_metadata %a
      : !$SYMBOL_matrix -> memref<$ELEMENT>, index, index, index, index, index
    %columns_contiguous = arith.cmpi eq, %strides#0, %c1 : index
    %few_columns = arith.cmpi ule, %n, %width : index
    %m_vectors = arith.ceildivui %m, %lanes : index
    %n_vectors = arith.ceildivui %n, %lanes : index
    %direct_rows = arith.muli %m, %n_vectors : index
    %swapped_rows = arith.muli %n, %m_vectors : index
    %direct_steps = arith.muli %direct_rows, %k : index
    %swapped_steps = arith.muli %swapped_rows, %k : index
    %turning = arith.muli %m, %n : index
    %swapped_cost = arith.addi %swapped_steps, %turning : index
    %cheaper = arith.cmpi ult, %swapped_cost, %direct_steps : index
    %false = arith.constant false
    %store = arith.cmpi eq, %accumulate, %false : i1
    %possible = arith.andi %columns_contiguous, %few_columns : i1
    %good = arith.andi %possible, %cheaper : i1
    %swap = arith.andi %good, %store : i1
    scf.if %swap {
      func.call @$SYMBOL_swapped(%a, %b, %c) : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows) -> ()
    } else {
      func.call @$SYMBOL_direct(%a, %b, %c, %accumulate)
        : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1) -> ()
    }
  }
  return
}
"#;

/// The packed variant, for many rows and columns.
const TRY: &str = r#"
  %m_least = arith.constant $MLEAST : index
  %n_least = arith.constant $NLEAST : index
  %k_least = arith.constant $KLEAST : index
  %many_rows = arith.cmpi uge, %m, %m_least : index
  %many_columns = arith.cmpi uge, %n, %n_least : index
  %long = arith.cmpi uge, %k, %k_least : index
  %many = arith.andi %many_rows, %many_columns : i1
  %worth = arith.andi %many, %long : i1
  %packed_done = scf.if %worth -> (i1) {
    %packed = func.call @$SYMBOL_try_packed(%a, %b, %c, %accumulate)
      : (!$SYMBOL_matrix, !$SYMBOL_matrix, !$SYMBOL_rows, i1) -> i1
    scf.yield %packed : i1
  } else {
    %no = arith.constant false
    scf.yield %no : i1
  }
  %done = arith.ori %done_thin, %packed_done : i1"#;

impl DotKernel {
    /// The kernel for vectors of `vector_bytes` bytes: 64 with AVX-512, 32 with AVX2, otherwise 16. There is none for
    /// `index`.
    pub fn new(element: ScalarType, vector_bytes: usize) -> Option<Self> {
        let (name, algorithm) = algorithm(element)?;
        Some(DotKernel { element, name, algorithm, vector_bytes, packing: true })
    }

    /// The kernels of all element types.
    pub fn all(vector_bytes: usize) -> impl Iterator<Item = Self> {
        ScalarType::ALL.into_iter().filter_map(move |element| DotKernel::new(element, vector_bytes))
    }

    /// The same kernel without the packed variant, which is shorter; for modules in which [`packs`](Self::packs) is
    /// false for every product.
    pub fn without_packing(self) -> Self {
        DotKernel { packing: false, ..self }
    }

    /// Whether a product with these numbers of rows and columns, if known, may use the packed variant.
    pub fn packs(rows: Option<usize>, columns: Option<usize>) -> bool {
        rows.is_none_or(|m| m >= PACKED_ROWS) && columns.is_none_or(|n| n >= PACKED_COLUMNS)
    }

    /// The function to call: `(A, B, C, accumulate: i1) -> ()`, where A and B are of
    /// [`matrix_type`](Self::matrix_type) and C is of [`rows_type`](Self::rows_type). C may overlap
    /// neither A nor B.
    pub fn symbol(&self) -> String {
        format!("dp_dot_{}", self.name)
    }

    /// The type of A and B: a matrix with any strides.
    pub fn matrix_type(&self) -> String {
        format!("memref<?x?x{}, strided<[?, ?], offset: ?>>", self.element.name())
    }

    /// The type of C: a matrix whose rows are contiguous.
    pub fn rows_type(&self) -> String {
        format!("memref<?x?x{}, strided<[?, 1], offset: ?>>", self.element.name())
    }

    /// The text of a module that declares the function, which is linked later.
    pub fn declaration(&self) -> String {
        let (any, rows) = (self.matrix_type(), self.rows_type());
        format!("func.func private @{}({any}, {any}, {rows}, i1)", self.symbol())
    }

    /// The text of a module with the function and its helpers, all private and named after [`symbol`](Self::symbol).
    pub fn render(&self) -> String {
        let symbol = self.symbol();
        let types =
            |symbol: &str, element: ScalarType| text::fill(TYPES, &[("SYMBOL", symbol), ("ELEMENT", element.name())]);
        let converted = |wide: ScalarType, promotion: Option<Promotion>| {
            let inner = self.blocking(format!("{symbol}_{}", wide.name()), wide);
            types(&inner.symbol, wide)
                + &blocked(&inner, false)
                + &converted::render(&symbol, self.element, promotion, &inner)
        };
        let own = types(&symbol, self.element);
        own + &match self.algorithm {
            Algorithm::Register => blocked(&self.blocking(symbol, self.element), self.packing),
            Algorithm::Naive => simple::render(&symbol),
            Algorithm::Promoted(promotion) => converted(promotion.wide_type(), Some(promotion)),
            Algorithm::Complex => converted(self.element.real(), None),
        }
    }

    fn blocking(&self, symbol: String, element: ScalarType) -> Blocking {
        Blocking::new(symbol, element, self.vector_bytes)
    }
}

/// The product of a plan, by the register kernel.
fn blocked(plan: &Blocking, packing: bool) -> String {
    let [m, n, k] = [PACKED_ROWS, PACKED_COLUMNS, PACKED_DEPTH].map(|least| least.to_string());
    let choice = if packing {
        plan.fill(TRY, &[("MLEAST", &m), ("NLEAST", &n), ("KLEAST", &k)])
    } else {
        "  %no = arith.constant false\n  %done = arith.ori %done_thin, %no : i1".into()
    };
    let entry = plan.fill(ENTRY, &[("TRY", &choice), ("THIN", &plan.fill(thin::ATTEMPT, &[]))]);
    let packed = if packing { packed::render(plan) } else { String::new() };
    let ways = [thin::render, pack::render, direct::render, swapped::render].map(|way| way(plan));
    entry + &ways.concat() + &packed
}
