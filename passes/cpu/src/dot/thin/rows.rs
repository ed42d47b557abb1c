//! Dot products with contiguous rows.

use super::super::plan::Blocking;
use super::super::text::{lines, list};
use super::{Stored, step};

/// Rows per tile if the L1 cache has no room for more.
const FEW_ROWS: usize = 4;

/// Rows in tiles of `ROWS` or `FEWROWS`, and the remaining ones one by one.
const DOTS: &str = r#"
// c[i, j] (+)= A[i, ...] x[j, ...], where the rows of A and x are contiguous.
func.func private @$SYMBOL_$DOTS(%a: !$STORED_rows, %x: !$STORED_rows, %c: !$STORED_matrix, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %few_rows = arith.constant $FEWROWS : index
  %many_rows = arith.constant $ROWS : index
  %m = memref.dim %a, %c0 : !$STORED_rows
  %k = memref.dim %a, %c1 : !$STORED_rows
$FEW
  %rows = arith.select %few, %few_rows, %many_rows : index
  %m_rest = arith.remui %m, %rows : index
  %m_tiles = arith.subi %m, %m_rest : index
  scf.for %i = %c0 to %m_tiles step %rows {
    %ap = memref.subview %a[%i, 0] [%rows, %k] [1, 1] : !$STORED_rows to !$STORED_rows
    %cp = memref.subview %c[%i, 0] [%rows, $COLUMNS] [1, 1]
      : !$STORED_matrix to memref<?x$COLUMNSx$STOREDELEMENT, strided<[?, ?], offset: ?>>
    %cd = memref.cast %cp : memref<?x$COLUMNSx$STOREDELEMENT, strided<[?, ?], offset: ?>> to !$STORED_matrix
    scf.if %few {
      func.call @$SYMBOL_$DOTS_$FEWROWS(%ap, %x, %cd, %accumulate)
        : (!$STORED_rows, !$STORED_rows, !$STORED_matrix, i1) -> ()
    } else {
      func.call @$SYMBOL_$DOTS_$ROWS(%ap, %x, %cd, %accumulate)
        : (!$STORED_rows, !$STORED_rows, !$STORED_matrix, i1) -> ()
    }
  }
  scf.for %i = %m_tiles to %m step %c1 {
    %ap = memref.subview %a[%i, 0] [1, %k] [1, 1] : !$STORED_rows to memref<1x?x$STOREDELEMENT, strided<[?, 1], offset: ?>>
    %ad = memref.cast %ap : memref<1x?x$STOREDELEMENT, strided<[?, 1], offset: ?>> to !$STORED_rows
    %cp = memref.subview %c[%i, 0] [1, $COLUMNS] [1, 1]
      : !$STORED_matrix to memref<1x$COLUMNSx$STOREDELEMENT, strided<[?, ?], offset: ?>>
    %cd = memref.cast %cp : memref<1x$COLUMNSx$STOREDELEMENT, strided<[?, ?], offset: ?>> to !$STORED_matrix
    func.call @$SYMBOL_$DOTS_1(%ad, %x, %cd, %accumulate)
      : (!$STORED_rows, !$STORED_rows, !$STORED_matrix, i1) -> ()
  }
  return
}
"#;

/// `rows` times `columns` dot products, `unroll` vectors of each at a time. Lanes past the end are not loaded, and
/// contribute 0.
const TILE: &str = r#"
func.func private @$SYMBOL_$DOTS_$ROWS(%a: !$STORED_rows, %x: !$STORED_rows, %c: !$STORED_matrix, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %lanes = arith.constant $LANES : index
  %stride = arith.constant $STRIDE : index
  %k = memref.dim %x, %c1 : !$STORED_rows
  %zero = arith.constant dense<$ZERO> : $VECTOR
$NONE
$CONSTANTS
  %k_odd = arith.remui %k, %stride : index
  %k_wide = arith.subi %k, %k_odd : index
  %k_rest = arith.remui %k, %lanes : index
  %k_whole = arith.subi %k, %k_rest : index
  %wide:$COUNT = scf.for %p = %c0 to %k_wide step %stride iter_args($STARTS) -> ($TYPES) {
$UNROLLED
    scf.yield $NEXT : $TYPES
  }
$JOINED
  %whole:$SUMS = scf.for %p = %k_wide to %k_whole step %lanes iter_args($JOINS) -> ($SUMTYPES) {
$SINGLE
    scf.yield $SINGLENEXT : $SUMTYPES
  }
  %tail = arith.cmpi ne, %k_rest, %c0 : index
  %sum:$SUMS = scf.if %tail -> ($SUMTYPES) {
$MASK
$MASKED
    scf.yield $MASKEDNEXT : $SUMTYPES
  } else {
    scf.yield $WHOLE : $SUMTYPES
  }
$TOTALS
  scf.if %accumulate {
$ADDED
  } else {
$PUT
  }
  return
}
"#;

/// The dot-product functions, with tiles of rows.
pub(super) fn render(plan: &Blocking, stored: &Stored, name: &str, columns: usize) -> String {
    let rows = plan.tile.rows;
    // Fewer rows do not help if each has two sums.
    let few = if columns == 1 { rows.min(FEW_ROWS) } else { rows };
    let [many_rows, few_rows, columns_of] = [rows, few, columns].map(|number| number.to_string());
    let mut tiles = dots(plan, stored, name, rows, columns) + &dots(plan, stored, name, 1, columns);
    if few < rows {
        tiles += &dots(plan, stored, name, few, columns);
    }
    let values = [("DOTS", name), ("ROWS", &many_rows), ("FEWROWS", &few_rows), ("COLUMNS", &columns_of)];
    tiles + &stored.fill(plan, DOTS, &values)
}

/// The dot products of `rows` rows with `columns` rows of x.
fn dots(plan: &Blocking, stored: &Stored, name: &str, rows: usize, columns: usize) -> String {
    let Blocking { vector, tile, .. } = plan;
    let (lanes, sums) = (tile.lanes, rows * columns);
    // Eight accumulators, as many as multiply-adds are in flight.
    let unroll = (8 / sums).max(1);
    let count = sums * unroll;
    let types = |count: usize| list(count, |_| vector.clone());
    let mut constants = lines(rows.max(columns), |i| format!("  %i{i} = arith.constant {i} : index"));
    constants += "\n";
    constants += &lines(unroll, |u| format!("  %u{u} = arith.constant {} : index", u * lanes));
    // One step: loads vectors of x, then of each row of A, and adds the products to the accumulators `start`.
    let step_of = |load: &dyn Fn(&str, usize, &str) -> String, tag: &str, start: &dyn Fn(usize) -> String| {
        let xs = (0..columns).map(|j| load("x", j, &format!("x{tag}_{j}"))).collect::<String>();
        xs + &lines(rows, |i| {
            load("a", i, &format!("a{tag}_{i}"))
                + &lines(columns, |j| {
                    let sum = i * columns + j;
                    let (result, x, y) = (format!("s{tag}_{sum}"), format!("a{tag}_{i}"), format!("x{tag}_{j}"));
                    step(plan, "    ", &result, &x, &y, &start(sum))
                })
        })
    };
    let at = |place: &str| {
        let place = place.to_string();
        move |of: &str, row: usize, to: &str| stored.load(plan, to, of, &format!("%i{row}, %{place}"), false)
    };
    let unrolled = lines(unroll, |u| {
        format!("    %p{u} = arith.addi %p, %u{u} : index\n")
            + &step_of(&at(&format!("p{u}")), &u.to_string(), &|sum| format!("partial{}", u * sums + sum))
    });
    // Combines the unrolled accumulators of each sum.
    let joined = lines(sums, |i| {
        let mut text = format!("  %join{i}_0 = {} %wide#{i}, %zero : {vector}", plan.add());
        for u in 1..unroll {
            let (before, t) = (u - 1, u * sums + i);
            text += &format!("\n  %join{i}_{u} = {} %join{i}_{before}, %wide#{t} : {vector}", plan.add());
        }
        text
    });
    let single = step_of(&at("p"), "s", &|sum| format!("j{sum}"));
    let masked = step_of(&|of, row, to| stored.load(plan, to, of, &format!("%i{row}, %k_whole"), true), "m", &|sum| {
        format!("whole#{sum}")
    });
    let store = |is_added: bool| {
        lines(sums, |i| {
            let place = format!("%i{}, %i{}", i / columns, i % columns);
            stored.store_number(plan, &format!("total{i}"), &place, is_added)
        })
    };
    stored.fill(
        plan,
        TILE,
        &[
            ("DOTS", name),
            ("ROWS", &rows.to_string()),
            ("SUMS", &sums.to_string()),
            ("STRIDE", &(unroll * lanes).to_string()),
            ("COUNT", &count.to_string()),
            ("CONSTANTS", &constants),
            ("STARTS", &list(count, |t| format!("%partial{t} = %zero"))),
            ("TYPES", &types(count)),
            ("SUMTYPES", &types(sums)),
            ("UNROLLED", &unrolled),
            ("NEXT", &list(count, |t| format!("%s{}_{}", t / sums, t % sums))),
            ("JOINED", &joined),
            ("JOINS", &list(sums, |i| format!("%j{i} = %join{i}_{}", unroll - 1))),
            ("SINGLE", &single),
            ("SINGLENEXT", &list(sums, |i| format!("%ss_{i}"))),
            ("MASK", &plan.mask("mask", "k_rest")),
            ("MASKED", &masked),
            ("MASKEDNEXT", &list(sums, |i| format!("%sm_{i}"))),
            ("WHOLE", &list(sums, |i| format!("%whole#{i}"))),
            ("TOTALS", &totals(plan, sums)),
            ("ADDED", &store(true)),
            ("PUT", &store(false)),
        ],
    )
}

/// The scalars `%total{i}`, each the sum of the lanes of `%sum#{i}`.
///
/// Two vectors are combined into one that has half of its lanes for each, and so on. With as many rows as lanes, this
/// takes one step per vector; summing each vector separately would take log₂(lanes) times as many.
fn totals(plan: &Blocking, rows: usize) -> String {
    let lanes = plan.tile.lanes;
    let (vector, element, add) = (&plan.vector, plan.element.name(), plan.add());
    let mut text = String::new();
    let together = rows.min(lanes);
    for first in (0..rows).step_by(together) {
        let mut names: Vec<String> = (first..first + together).map(|i| format!("%sum#{i}")).collect();
        // Each vector has partial sums of several rows, `size` lanes each.
        let mut size = lanes;
        while size > 1 {
            let half = size / 2;
            let pairs: Vec<(String, String)> = if names.len() > 1 {
                names.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
            } else {
                // The lower lanes of one vector; the upper half is ignored.
                vec![(names[0].clone(), names[0].clone())]
            };
            let mut next = Vec::new();
            for (at, (low, high)) in pairs.iter().enumerate() {
                let name = format!("%fold{first}_{half}_{at}");
                let take = |upper: usize| {
                    list(lanes, |lane| {
                        let (group, within) = (lane / half, lane % half);
                        let (of, group) = if group * size < lanes { (0, group) } else { (lanes, group - lanes / size) };
                        (of + group * size + upper * half + within).to_string()
                    })
                };
                text += &format!(
                    "  {name}_l = vector.shuffle {low}, {high} [{}] : {vector}, {vector}\n  \
                     {name}_h = vector.shuffle {low}, {high} [{}] : {vector}, {vector}\n  \
                     {name} = {add} {name}_l, {name}_h : {vector}\n",
                    take(0),
                    take(1)
                );
                next.push(name);
            }
            names = next;
            size = half;
        }
        for i in first..first + together {
            let at = i - first;
            text += &format!("  %total{i} = vector.extract {}[{at}] : {element} from {vector}\n", names[0]);
        }
    }
    text
}
