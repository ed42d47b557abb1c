//! A matrix times a vector, which memory bounds: each element of the matrix is read once, from neighbours to neighbours.
//!
//! Where rows are contiguous, each element of the result is a sum along a row, of vectors (`dots`). Where columns are,
//! the result is a sum of columns, each times a number (`axpy`). The vector times a matrix is the same on transposes.

use super::plan::Plan;
use super::text::{lines, list};

/// Chooses among them; whether one of them was it.
const THIN: &str = r#"
// C (+)= A B where B is one column, if A lies well for it; whether it does.
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
  %columns_contiguous = arith.cmpi eq, %a_strides#0, %c1 : index
  %by_dots = arith.andi %rows_contiguous, %b_contiguous : i1
  %by_axpy = arith.andi %columns_contiguous, %c_contiguous : i1
  %done = arith.ori %by_dots, %by_axpy : i1
  scf.if %by_dots {
    %rows = memref.reinterpret_cast %a_base to offset: [%a_offset], sizes: [%m, %k], strides: [%a_strides#0, 1]
      : memref<$ELEMENT> to !$SYMBOL_rows
    %x = memref.reinterpret_cast %b_base to offset: [%b_offset], sizes: [%k], strides: [1]
      : memref<$ELEMENT> to !$SYMBOL_row
    func.call @$SYMBOL_dots(%rows, %x, %c, %accumulate) : (!$SYMBOL_rows, !$SYMBOL_row, !$SYMBOL_matrix, i1) -> ()
  } else {
    scf.if %by_axpy {
      %columns = memref.reinterpret_cast %a_base to offset: [%a_offset], sizes: [%k, %m], strides: [%a_strides#1, 1]
        : memref<$ELEMENT> to !$SYMBOL_rows
      %y = memref.reinterpret_cast %c_base to offset: [%c_offset], sizes: [%m], strides: [1]
        : memref<$ELEMENT> to !$SYMBOL_row
      func.call @$SYMBOL_axpy(%columns, %b, %y, %accumulate) : (!$SYMBOL_rows, !$SYMBOL_matrix, !$SYMBOL_row, i1) -> ()
    }
  }
  return %done : i1
}
"#;

/// Rows by tiles of `ROWS`, and the last ones one by one.
const DOTS: &str = r#"
// c (+)= A x, where the rows of A are contiguous, and x is.
func.func private @$SYMBOL_dots(%a: !$SYMBOL_rows, %x: !$SYMBOL_row, %c: !$SYMBOL_matrix, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %rows = arith.constant $ROWS : index
  %m = memref.dim %a, %c0 : !$SYMBOL_rows
  %k = memref.dim %a, %c1 : !$SYMBOL_rows
  %m_rest = arith.remui %m, %rows : index
  %m_tiles = arith.subi %m, %m_rest : index
  scf.for %i = %c0 to %m_tiles step %rows {
    %ap = memref.subview %a[%i, 0] [%rows, %k] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
    %cp = memref.subview %c[%i, 0] [%rows, 1] [1, 1] : !$SYMBOL_matrix to memref<?x1x$ELEMENT, strided<[?, ?], offset: ?>>
    %cd = memref.cast %cp : memref<?x1x$ELEMENT, strided<[?, ?], offset: ?>> to !$SYMBOL_matrix
    func.call @$SYMBOL_dots_$ROWS(%ap, %x, %cd, %accumulate) : (!$SYMBOL_rows, !$SYMBOL_row, !$SYMBOL_matrix, i1) -> ()
  }
  scf.for %i = %m_tiles to %m step %c1 {
    %ap = memref.subview %a[%i, 0] [1, %k] [1, 1] : !$SYMBOL_rows to memref<1x?x$ELEMENT, strided<[?, 1], offset: ?>>
    %ad = memref.cast %ap : memref<1x?x$ELEMENT, strided<[?, 1], offset: ?>> to !$SYMBOL_rows
    %cp = memref.subview %c[%i, 0] [1, 1] [1, 1] : !$SYMBOL_matrix to memref<1x1x$ELEMENT, strided<[?, ?], offset: ?>>
    %cd = memref.cast %cp : memref<1x1x$ELEMENT, strided<[?, ?], offset: ?>> to !$SYMBOL_matrix
    func.call @$SYMBOL_dots_1(%ad, %x, %cd, %accumulate) : (!$SYMBOL_rows, !$SYMBOL_row, !$SYMBOL_matrix, i1) -> ()
  }
  return
}
"#;

/// `rows` sums, `unroll` vectors of each at once; lanes after the end are left out of loads, and add zero times zero.
const TILE: &str = r#"
func.func private @$SYMBOL_dots_$ROWS(%a: !$SYMBOL_rows, %x: !$SYMBOL_row, %c: !$SYMBOL_matrix, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %lanes = arith.constant $LANES : index
  %stride = arith.constant $STRIDE : index
  %k = memref.dim %x, %c0 : !$SYMBOL_row
  %zero = arith.constant dense<$ZERO> : $VECTOR
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
  %whole:$ROWS = scf.for %p = %k_wide to %k_whole step %lanes iter_args($JOINS) -> ($ROWTYPES) {
$SINGLE
    scf.yield $SINGLENEXT : $ROWTYPES
  }
  %tail = arith.cmpi ne, %k_rest, %c0 : index
  %sum:$ROWS = scf.if %tail -> ($ROWTYPES) {
$MASK
$MASKED
    scf.yield $MASKEDNEXT : $ROWTYPES
  } else {
    scf.yield $WHOLE : $ROWTYPES
  }
$TOTALS
  scf.if %accumulate {
$ADDED
  } else {
$STORED
  }
  return
}
"#;

/// Columns eight at a time, so that the result is read and written once in as many; by blocks of the result that stay
/// in the first cache.
const AXPY: &str = r#"
// y (+)= sum over p of x[p] A[p, ...], where the rows of A are contiguous, and y is.
func.func private @$SYMBOL_axpy(%a: !$SYMBOL_rows, %x: !$SYMBOL_matrix, %y: !$SYMBOL_row, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %group = arith.constant $GROUP : index
  %span = arith.constant $SPAN : index
  %lanes = arith.constant $LANES : index
  %zero = arith.constant dense<$ZERO> : $VECTOR
  %k = memref.dim %a, %c0 : !$SYMBOL_rows
  %n = memref.dim %a, %c1 : !$SYMBOL_rows
  %k_rest = arith.remui %k, %group : index
  %k_groups = arith.subi %k, %k_rest : index
  scf.for %j = %c0 to %n step %span {
    %n_left = arith.subi %n, %j : index
    %nc = arith.minui %n_left, %span : index
    %yp = memref.subview %y[%j] [%nc] [1] : !$SYMBOL_row to !$SYMBOL_row
    scf.if %accumulate {
    } else {
      %rest = arith.remui %nc, %lanes : index
      %whole = arith.subi %nc, %rest : index
      scf.for %q = %c0 to %whole step %lanes {
        vector.store %zero, %yp[%q] : !$SYMBOL_row, $VECTOR
      }
      %number = arith.constant $ZERO : $ELEMENT
      scf.for %q = %whole to %nc step %c1 {
        memref.store %number, %yp[%q] : !$SYMBOL_row
      }
    }
    scf.for %p = %c0 to %k_groups step %group {
      %ap = memref.subview %a[%p, %j] [%group, %nc] [1, 1] : !$SYMBOL_rows to !$SYMBOL_rows
      %xp = memref.subview %x[%p, 0] [%group, 1] [1, 1]
        : !$SYMBOL_matrix to memref<?x1x$ELEMENT, strided<[?, ?], offset: ?>>
      %xd = memref.cast %xp : memref<?x1x$ELEMENT, strided<[?, ?], offset: ?>> to !$SYMBOL_matrix
      func.call @$SYMBOL_axpy_$GROUP(%ap, %xd, %yp) : (!$SYMBOL_rows, !$SYMBOL_matrix, !$SYMBOL_row) -> ()
    }
    scf.for %p = %k_groups to %k step %c1 {
      %ap = memref.subview %a[%p, %j] [1, %nc] [1, 1]
        : !$SYMBOL_rows to memref<1x?x$ELEMENT, strided<[?, 1], offset: ?>>
      %ad = memref.cast %ap : memref<1x?x$ELEMENT, strided<[?, 1], offset: ?>> to !$SYMBOL_rows
      %xp = memref.subview %x[%p, 0] [1, 1] [1, 1]
        : !$SYMBOL_matrix to memref<1x1x$ELEMENT, strided<[?, ?], offset: ?>>
      %xd = memref.cast %xp : memref<1x1x$ELEMENT, strided<[?, ?], offset: ?>> to !$SYMBOL_matrix
      func.call @$SYMBOL_axpy_1(%ad, %xd, %yp) : (!$SYMBOL_rows, !$SYMBOL_matrix, !$SYMBOL_row) -> ()
    }
  }
  return
}
"#;

/// `rows` columns at once.
const GROUP: &str = r#"
func.func private @$SYMBOL_axpy_$GROUP(%a: !$SYMBOL_rows, %x: !$SYMBOL_matrix, %y: !$SYMBOL_row) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %lanes = arith.constant $LANES : index
  %zero = arith.constant dense<$ZERO> : $VECTOR
  %n = memref.dim %y, %c0 : !$SYMBOL_row
$CONSTANTS
$FACTORS
  %n_rest = arith.remui %n, %lanes : index
  %n_whole = arith.subi %n, %n_rest : index
  scf.for %j = %c0 to %n_whole step %lanes {
    %y0 = vector.load %y[%j] : !$SYMBOL_row, $VECTOR
$WHOLE
    vector.store %y$GROUP, %y[%j] : !$SYMBOL_row, $VECTOR
  }
  %tail = arith.cmpi ne, %n_rest, %c0 : index
  scf.if %tail {
$MASK
    %y0 = vector.maskedload %y[%n_whole], %mask, %zero : !$SYMBOL_row, vector<$LANESxi1>, $VECTOR into $VECTOR
$MASKED
    vector.maskedstore %y[%n_whole], %mask, %y$GROUP : !$SYMBOL_row, vector<$LANESxi1>, $VECTOR
  }
  return
}
"#;

/// Columns that are added to the result at once.
const COLUMNS: usize = 8;

/// The functions for one column, or one row.
pub(super) fn render(plan: &Plan) -> String {
    let rows = plan.tile.rows;
    let span = (8 << 10) / plan.bytes;
    let mut text = plan.fill(THIN, &[]);
    text += &dots(plan, rows);
    text += &dots(plan, 1);
    text += &plan.fill(DOTS, &[("ROWS", &rows.to_string())]);
    text += &group(plan, COLUMNS);
    text += &group(plan, 1);
    text + &plan.fill(AXPY, &[("GROUP", &COLUMNS.to_string()), ("SPAN", &span.to_string())])
}

/// One product of vectors added to a third one: the lines that make `%result`.
fn step(plan: &Plan, indent: &str, result: &str, x: &str, y: &str, z: &str) -> String {
    let (mul, add, flags, vector) = (plan.mul(), plan.add(), plan.flags(), &plan.vector);
    format!(
        "{indent}%{result}_product = {mul} %{x}, %{y}{flags} : {vector}\n\
         {indent}%{result} = {add} %{result}_product, %{z}{flags} : {vector}"
    )
}

/// The sums of `rows` rows.
fn dots(plan: &Plan, rows: usize) -> String {
    let Plan { symbol, vector, tile, .. } = plan;
    let lanes = tile.lanes;
    // Eight multiply-adds under way, as many as there are in flight.
    let unroll = (8 / rows).max(1);
    let count = rows * unroll;
    let types = |count: usize| list(count, |_| vector.clone());
    let mut constants = lines(rows, |i| format!("  %i{i} = arith.constant {i} : index"));
    constants += "\n";
    constants += &lines(unroll, |u| format!("  %u{u} = arith.constant {} : index", u * lanes));
    let unrolled = lines(unroll, |u| {
        let mut text = format!("    %p{u} = arith.addi %p, %u{u} : index\n");
        text += &format!("    %x{u} = vector.load %x[%p{u}] : !{symbol}_row, {vector}\n");
        text + &lines(rows, |i| {
            let t = u * rows + i;
            format!("    %a{t} = vector.load %a[%i{i}, %p{u}] : !{symbol}_rows, {vector}\n")
                + &step(plan, "    ", &format!("next{t}"), &format!("a{t}"), &format!("x{u}"), &format!("partial{t}"))
        })
    });
    // Row by row, the unrolled sums become one.
    let joined = lines(rows, |i| {
        let mut text = format!("  %join{i}_0 = {} %wide#{i}, %zero : {vector}", plan.add());
        for u in 1..unroll {
            let (before, t) = (u - 1, u * rows + i);
            text += &format!("\n  %join{i}_{u} = {} %join{i}_{before}, %wide#{t} : {vector}", plan.add());
        }
        text
    });
    let single = format!("    %xs = vector.load %x[%p] : !{symbol}_row, {vector}\n")
        + &lines(rows, |i| {
            format!("    %as{i} = vector.load %a[%i{i}, %p] : !{symbol}_rows, {vector}\n")
                + &step(plan, "    ", &format!("s{i}"), &format!("as{i}"), "xs", &format!("j{i}"))
        });
    let of = format!("vector<{lanes}xi1>, {vector} into {vector}");
    let masked = format!("    %xm = vector.maskedload %x[%k_whole], %mask, %zero : !{symbol}_row, {of}\n")
        + &lines(rows, |i| {
            format!("    %am{i} = vector.maskedload %a[%i{i}, %k_whole], %mask, %zero : !{symbol}_rows, {of}\n")
                + &step(plan, "    ", &format!("m{i}"), &format!("am{i}"), "xm", &format!("whole#{i}"))
        });
    let element = plan.element();
    let place = |i: usize| format!("%c[%i{i}, %c0] : !{symbol}_matrix");
    let added = lines(rows, |i| {
        format!(
            "    %old{i} = memref.load {at}\n    %both{i} = {add} %old{i}, %total{i} : {element}\n    \
             memref.store %both{i}, {at}",
            at = place(i),
            add = plan.add()
        )
    });
    plan.fill(
        TILE,
        &[
            ("ROWS", &rows.to_string()),
            ("STRIDE", &(unroll * lanes).to_string()),
            ("COUNT", &count.to_string()),
            ("CONSTANTS", &constants),
            ("STARTS", &list(count, |t| format!("%partial{t} = %zero"))),
            ("TYPES", &types(count)),
            ("ROWTYPES", &types(rows)),
            ("UNROLLED", &unrolled),
            ("NEXT", &list(count, |t| format!("%next{t}"))),
            ("JOINED", &joined),
            ("JOINS", &list(rows, |i| format!("%j{i} = %join{i}_{}", unroll - 1))),
            ("SINGLE", &single),
            ("SINGLENEXT", &list(rows, |i| format!("%s{i}"))),
            ("MASK", &plan.mask("mask", "k_rest")),
            ("MASKED", &masked),
            ("MASKEDNEXT", &list(rows, |i| format!("%m{i}"))),
            ("WHOLE", &list(rows, |i| format!("%whole#{i}"))),
            ("TOTALS", &totals(plan, rows)),
            ("ADDED", &added),
            ("STORED", &lines(rows, |i| format!("    memref.store %total{i}, {}", place(i)))),
        ],
    )
}

/// The numbers `%total{i}`, each the sum of the lanes of `%sum#{i}`.
///
/// Two vectors are folded into one, half of whose lanes belong to each, and so on: with as many rows as
/// lanes, that takes as many steps as there are vectors, where each by itself would take as many times more as there
/// are bits in the number of lanes.
fn totals(plan: &Plan, rows: usize) -> String {
    let lanes = plan.tile.lanes;
    let (vector, element, add) = (&plan.vector, plan.element(), plan.add());
    let mut text = String::new();
    let together = rows.min(lanes);
    for first in (0..rows).step_by(together) {
        let mut names: Vec<String> = (first..first + together).map(|i| format!("%sum#{i}")).collect();
        // Each vector holds the parts of several rows, `size` lanes each.
        let mut size = lanes;
        while size > 1 {
            let half = size / 2;
            let pairs: Vec<(String, String)> = if names.len() > 1 {
                names.chunks(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect()
            } else {
                // What is left of the lanes of one vector; the upper half is not looked at again.
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

/// The functions that add `columns` columns.
fn group(plan: &Plan, columns: usize) -> String {
    let Plan { symbol, vector, tile, .. } = plan;
    let lanes = tile.lanes;
    let constants = lines(columns, |p| format!("  %p{p} = arith.constant {p} : index"));
    let factors = lines(columns, |p| {
        format!(
            "  %f{p} = memref.load %x[%p{p}, %c0] : !{symbol}_matrix\n  \
             %x{p} = vector.broadcast %f{p} : {} to {vector}",
            plan.element()
        )
    });
    let add =
        |p: usize| step(plan, "    ", &format!("y{}", p + 1), &format!("a{p}"), &format!("x{p}"), &format!("y{p}"));
    let whole =
        lines(columns, |p| format!("    %a{p} = vector.load %a[%p{p}, %j] : !{symbol}_rows, {vector}\n") + &add(p));
    let masked = lines(columns, |p| {
        format!(
            "    %a{p} = vector.maskedload %a[%p{p}, %n_whole], %mask, %zero \
             : !{symbol}_rows, vector<{lanes}xi1>, {vector} into {vector}\n"
        ) + &add(p)
    });
    plan.fill(
        GROUP,
        &[
            ("GROUP", &columns.to_string()),
            ("CONSTANTS", &constants),
            ("FACTORS", &factors),
            ("WHOLE", &whole),
            ("MASKED", &masked),
            ("MASK", &plan.mask("mask", "n_rest")),
        ],
    )
}
