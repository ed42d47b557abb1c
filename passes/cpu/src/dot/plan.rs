//! Block sizes of a product, and values shared by its templates.

use super::text::{fill, list};
use dp_dialects::ScalarType;

/// Block sizes of a product, in elements.
///
/// The accumulators of a register tile, the vectors of one row of B, and one broadcast element of A must fit into the
/// vector registers: `rows · vectors + vectors + 1 ≤` their number. There must be at least as many accumulators as
/// multiply-adds in flight (eight on current CPUs), or each waits for the previous one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tile {
    /// Elements in a vector register, a power of two.
    pub lanes: usize,
    /// Rows of a register tile, a power of two.
    pub rows: usize,
    /// Vectors per row of a register tile.
    pub vectors: usize,
    /// The extent of k in a block. A panel of B as wide as a tile, packed on the stack, takes at most 16 KiB, half of
    /// the L1 cache.
    pub block: usize,
    /// Rows of a packed block of A. With `block` columns, it takes 256 KiB, a part of the L2 cache.
    pub height: usize,
}

impl Tile {
    /// The tile for vectors of `vector_bytes` bytes and elements of `bytes` bytes.
    ///
    /// There are at least 32 registers of 64 bytes (AVX-512), or 16 of 32 or 16 bytes (AVX2, SSE).
    fn new(vector_bytes: usize, bytes: usize) -> Self {
        Tile {
            lanes: vector_bytes.clamp(16, 64) / bytes,
            rows: if vector_bytes >= 64 { 8 } else { 4 },
            vectors: 2,
            block: 128,
            height: (256 << 10) / (128 * bytes),
        }
    }

    /// Columns of a register tile.
    pub(super) fn width(&self) -> usize {
        self.vectors * self.lanes
    }

    /// The side of the squares that packing transposes in registers.
    pub(super) fn side(&self) -> usize {
        self.lanes.min(4)
    }
}

/// A product: names, element type and tile.
pub(super) struct Blocking {
    pub symbol: String,
    /// The element type, which must have vectors.
    pub element: ScalarType,
    /// The type of a vector register.
    pub vector: String,
    pub tile: Tile,
}

/// Attributes of every function: internal, never inlined (by MLIR or LLVM), and not unrolled further, which would cost
/// more compile time than it saves; tiles are already unrolled.
pub(super) const PRIVATE: &str =
    r#"{no_inline, llvm.linkage = #llvm.linkage<internal>, passthrough = ["noinline", "nounwind", "optsize"]}"#;

impl Blocking {
    /// The product `symbol` with vectors of `vector_bytes` bytes.
    pub fn new(symbol: String, element: ScalarType, vector_bytes: usize) -> Self {
        let tile = Tile::new(vector_bytes, element.size());
        let vector = format!("vector<{}x{}>", tile.lanes, element.name());
        Blocking { symbol, element, vector, tile }
    }

    /// The multiplication.
    pub fn mul(&self) -> &'static str {
        if self.element.is_float() { "arith.mulf" } else { "arith.muli" }
    }

    /// The addition.
    pub fn add(&self) -> &'static str {
        if self.element.is_float() { "arith.addf" } else { "arith.addi" }
    }

    /// Fast-math flags that allow contraction, for floats.
    pub fn flags(&self) -> &'static str {
        if self.element.is_float() { " fastmath<contract>" } else { "" }
    }

    /// Text that computes `%name`, the mask of the first `%count` lanes; the count is small.
    pub fn mask(&self, name: &str, count: &str) -> String {
        let lanes = self.tile.lanes;
        let numbers = list(lanes, |lane| lane.to_string());
        format!(
            "  %{name}_lanes = arith.constant dense<[{numbers}]> : vector<{lanes}xi32>\n  \
             %{name}_count = arith.index_cast %{count} : index to i32\n  \
             %{name}_counts = vector.broadcast %{name}_count : i32 to vector<{lanes}xi32>\n  \
             %{name} = arith.cmpi slt, %{name}_lanes, %{name}_counts : vector<{lanes}xi32>"
        )
    }

    /// Fills in a template with `values` and the common values.
    pub fn fill(&self, template: &str, values: &[(&str, &str)]) -> String {
        let tile = &self.tile;
        let (lanes, width, block) = (tile.lanes.to_string(), tile.width().to_string(), tile.block.to_string());
        let common = [
            ("SYMBOL", self.symbol.as_str()),
            ("ELEMENT", self.element.name()),
            ("VECTOR", &self.vector),
            ("PRIVATE", PRIVATE),
            ("ZERO", if self.element.is_float() { "0.0" } else { "0" }),
            ("LANES", &lanes),
            ("WIDTH", &width),
            ("BLOCK", &block),
        ];
        fill(template, &[&common, values].concat())
    }
}
