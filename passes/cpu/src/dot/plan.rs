//! Block sizes of a product, and values shared by its templates.

use super::Element;
use super::text::{fill, list};

/// The sizes by which a product is cut up, in elements.
///
/// The accumulators of a register tile, one row of B's vectors and one repeated element of A must
/// fit the vector registers: `rows · vectors + vectors + 1 ≤` their number. And they must be as many
/// at least as multiply-adds are in flight (eight on today's CPUs), or each waits for the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tile {
    /// Elements in a vector register, a power of two.
    pub lanes: usize,
    /// Rows of a register tile, a power of two.
    pub rows: usize,
    /// Vectors in a row of a register tile.
    pub vectors: usize,
    /// Extent of k in a block; a panel of B of a tile's width, packed on the stack, takes 16 KiB at
    /// most, half of a first cache.
    pub block: usize,
    /// Rows of a packed block of A: with `block` columns, a quarter of a MiB, a part of a second cache.
    pub height: usize,
}

impl Tile {
    /// The tile for vectors of `vector_bytes` bytes and elements of `bytes`.
    ///
    /// 64 bytes come with 32 registers (AVX-512), 32 bytes and 16 with 16 (AVX2, SSE) at least.
    pub(super) fn new(vector_bytes: usize, bytes: usize) -> Self {
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

    /// Side of the squares that packing transposes in registers.
    pub(super) fn side(&self) -> usize {
        self.lanes.min(4)
    }
}

/// One product: its names, its element and its tile.
pub(super) struct Blocking {
    pub symbol: String,
    /// The element, one that vectors have.
    pub element: Element,
    /// Bytes of an element.
    pub bytes: usize,
    /// The type of a vector register.
    pub vector: String,
    pub tile: Tile,
}

/// What every function is: not visible outside, never inlined (by MLIR and by LLVM), and without
/// further unrolling, which takes more time to compile than it saves: the tiles are unrolled already.
pub(super) const PRIVATE: &str =
    r#"{no_inline, llvm.linkage = #llvm.linkage<internal>, passthrough = ["noinline", "nounwind", "optsize"]}"#;

impl Blocking {
    /// The MLIR type of an element.
    pub fn element(&self) -> &'static str {
        self.element.name()
    }

    /// The operation that multiplies elements.
    pub fn mul(&self) -> &'static str {
        if self.element.is_float() { "arith.mulf" } else { "arith.muli" }
    }

    /// The operation that adds them.
    pub fn add(&self) -> &'static str {
        if self.element.is_float() { "arith.addf" } else { "arith.addi" }
    }

    /// What lets a product and a sum be one operation, where that may round differently.
    pub fn flags(&self) -> &'static str {
        if self.element.is_float() { " fastmath<contract>" } else { "" }
    }

    /// Lines that make `%name`, the mask of the first `%count` lanes, of which there are few.
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

    /// `template` with `values` and with what all templates have in common filled in.
    pub fn fill(&self, template: &str, values: &[(&str, &str)]) -> String {
        let tile = &self.tile;
        let (lanes, width, block) = (tile.lanes.to_string(), tile.width().to_string(), tile.block.to_string());
        let common = [
            ("SYMBOL", self.symbol.as_str()),
            ("ELEMENT", self.element()),
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
