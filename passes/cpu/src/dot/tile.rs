//! The register kernel: a tile of C stays in registers during the loop over k.

use super::plan::Blocking;
use super::text::{lines, list};

/// C[rows x vectors·lanes] (+)= A[rows x K] · B[K x vectors·lanes].
///
/// Each step of k loads `vectors` vectors of a row of B, broadcasts one element of each row of A, and does `rows ·
/// vectors` multiply-adds into accumulators that stay in registers. Each element of C sums over k in order, for every
/// tile. If the sums are added to C, its elements are prefetched before the loop over k.
const KERNEL: &str = r#"
// C (+)= A B for one tile of $ROWS rows and $VECTORS vectors of $LANES columns.
func.func private @$SYMBOL_$NAME(%a: !$SYMBOL_matrix, %b: !$SYMBOL_rows, %c: !$SYMBOL_rows, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
$CONSTANTS
  %k = memref.dim %b, %c0 : !$SYMBOL_rows
  %zero = arith.constant dense<$ZERO> : $VECTOR
  scf.if %accumulate {
$PREFETCHES
  }
  %sum:$COUNT = scf.for %p = %c0 to %k step %c1 iter_args($PARTIAL) -> ($TYPES) {
$BROW
$STEPS
    scf.yield $NEXT : $TYPES
  }
  %total:$COUNT = scf.if %accumulate -> ($TYPES) {
$LOADS
    scf.yield $BOTH : $TYPES
  } else {
    scf.yield $SUM : $TYPES
  }
$STORES
  return
}
"#;

/// The function `name` for tiles of `rows` rows and `vectors` vectors. If `masked`, C may have fewer columns, and only
/// those are accessed.
pub(super) fn render(plan: &Blocking, name: &str, rows: usize, vectors: usize, masked: bool) -> String {
    let count = rows * vectors;
    let Blocking { symbol, vector, tile, .. } = plan;
    let lanes = tile.lanes;
    let mask = format!("vector<{lanes}xi1>");
    // Accumulator t belongs to row t / vectors and begins at column (t mod vectors) · lanes.
    let place = |t: usize| format!("%c[%i{}, %j{}]", t / vectors, t % vectors * lanes);
    let mut constants = lines(rows, |i| format!("  %i{i} = arith.constant {i} : index"));
    constants += "\n";
    constants += &lines(vectors, |v| format!("  %j{0} = arith.constant {0} : index", v * lanes));
    if masked {
        constants += &format!("\n  %columns = memref.dim %c, %c1 : !{symbol}_rows");
        constants += &format!("\n{}", plan.mask("mask", "columns"));
    }
    let prefetches =
        lines(count, |t| format!("    memref.prefetch {}, write, locality<3>, data : !{symbol}_rows", place(t)));
    let loads = lines(count, |t| {
        let at = place(t);
        let old = if masked {
            format!("vector.maskedload {at}, %mask, %zero : !{symbol}_rows, {mask}, {vector} into {vector}")
        } else {
            format!("vector.load {at} : !{symbol}_rows, {vector}")
        };
        format!("    %old{t} = {old}\n    %both{t} = {} %old{t}, %sum#{t} : {vector}", plan.add())
    });
    let stores = lines(count, |t| {
        let at = place(t);
        if masked {
            format!("  vector.maskedstore {at}, %mask, %total#{t} : !{symbol}_rows, {mask}, {vector}")
        } else {
            format!("  vector.store %total#{t}, {at} : !{symbol}_rows, {vector}")
        }
    });
    let b_row =
        lines(vectors, |v| format!("    %b{v} = vector.load %b[%p, %j{}] : !{symbol}_rows, {vector}", v * lanes));
    let steps = lines(rows, |i| {
        let mut step = format!("    %a{i} = memref.load %a[%i{i}, %p] : !{symbol}_matrix\n");
        step += &format!("    %r{i} = vector.broadcast %a{i} : {} to {vector}\n", plan.element.name());
        step + &lines(vectors, |v| {
            let t = i * vectors + v;
            let product = format!("    %product{t} = {} %r{i}, %b{v}{} : {vector}\n", plan.mul(), plan.flags());
            product + &format!("    %next{t} = {} %product{t}, %partial{t}{} : {vector}", plan.add(), plan.flags())
        })
    });
    plan.fill(
        KERNEL,
        &[
            ("NAME", name),
            ("ROWS", &rows.to_string()),
            ("VECTORS", &vectors.to_string()),
            ("COUNT", &count.to_string()),
            ("CONSTANTS", &constants),
            ("TYPES", &list(count, |_| vector.clone())),
            ("LOADS", &loads),
            ("PREFETCHES", &prefetches),
            ("BOTH", &list(count, |t| format!("%both{t}"))),
            ("SUM", &list(count, |t| format!("%sum#{t}"))),
            ("PARTIAL", &list(count, |t| format!("%partial{t} = %zero"))),
            ("BROW", &b_row),
            ("STEPS", &steps),
            ("NEXT", &list(count, |t| format!("%next{t}"))),
            ("STORES", &stores),
        ],
    )
}
