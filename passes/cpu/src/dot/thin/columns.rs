//! Sums of scaled contiguous columns (axpy).

use super::super::plan::Blocking;
use super::super::text::{lines, list};
use super::{Parts, Stored, step};

/// Eight or four columns at a time, so that the result is read and written less often; in blocks of the result that
/// stay in the L1 cache.
const AXPY: &str = r#"
// y (+)= sum over p of x[p] A[p, ...], where y and the rows of A are contiguous; x[p] has $PARTS numbers.
func.func private @$SYMBOL_$AXPY(%a: !$STORED_rows, %x: !$STORED_matrix, %y: !$SYMBOL_row, %accumulate: i1)
    attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %few_columns = arith.constant $FEWCOLUMNS : index
  %many_columns = arith.constant $GROUP : index
  %span = arith.constant $SPAN : index
  %lanes = arith.constant $LANES : index
  %zero = arith.constant dense<$ZERO> : $VECTOR
  %k = memref.dim %a, %c0 : !$STORED_rows
  %n = memref.dim %a, %c1 : !$STORED_rows
$FEW
  %group = arith.select %few, %few_columns, %many_columns : index
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
      %ap = memref.subview %a[%p, %j] [%group, %nc] [1, 1] : !$STORED_rows to !$STORED_rows
      %xp = memref.subview %x[%p, 0] [%group, $PARTS] [1, 1]
        : !$STORED_matrix to memref<?x$PARTSx$STOREDELEMENT, strided<[?, ?], offset: ?>>
      %xd = memref.cast %xp : memref<?x$PARTSx$STOREDELEMENT, strided<[?, ?], offset: ?>> to !$STORED_matrix
      scf.if %few {
        func.call @$SYMBOL_$AXPY_$FEWCOLUMNS(%ap, %xd, %yp) : (!$STORED_rows, !$STORED_matrix, !$SYMBOL_row) -> ()
      } else {
        func.call @$SYMBOL_$AXPY_$GROUP(%ap, %xd, %yp) : (!$STORED_rows, !$STORED_matrix, !$SYMBOL_row) -> ()
      }
    }
    scf.for %p = %k_groups to %k step %c1 {
      %ap = memref.subview %a[%p, %j] [1, %nc] [1, 1]
        : !$STORED_rows to memref<1x?x$STOREDELEMENT, strided<[?, 1], offset: ?>>
      %ad = memref.cast %ap : memref<1x?x$STOREDELEMENT, strided<[?, 1], offset: ?>> to !$STORED_rows
      %xp = memref.subview %x[%p, 0] [1, $PARTS] [1, 1]
        : !$STORED_matrix to memref<1x$PARTSx$STOREDELEMENT, strided<[?, ?], offset: ?>>
      %xd = memref.cast %xp : memref<1x$PARTSx$STOREDELEMENT, strided<[?, ?], offset: ?>> to !$STORED_matrix
      func.call @$SYMBOL_$AXPY_1(%ad, %xd, %yp) : (!$STORED_rows, !$STORED_matrix, !$SYMBOL_row) -> ()
    }
  }
  return
}
"#;

/// `rows` columns at a time.
const GROUP: &str = r#"
func.func private @$SYMBOL_$AXPY_$GROUP(%a: !$STORED_rows, %x: !$STORED_matrix, %y: !$SYMBOL_row) attributes $PRIVATE {
  %c0 = arith.constant 0 : index
  %lanes = arith.constant $LANES : index
  %zero = arith.constant dense<$ZERO> : $VECTOR
$NONE
  %n = memref.dim %y, %c0 : !$SYMBOL_row
$CONSTANTS
$FACTORS
  %n_rest = arith.remui %n, %lanes : index
  %n_whole = arith.subi %n, %n_rest : index
  scf.for %j = %c0 to %n_whole step %lanes {
    %y0 = vector.load %y[%j] : !$SYMBOL_row, $VECTOR
$WHOLE
    vector.store %$SUM, %y[%j] : !$SYMBOL_row, $VECTOR
  }
  %tail = arith.cmpi ne, %n_rest, %c0 : index
  scf.if %tail {
$MASK
    %y0 = vector.maskedload %y[%n_whole], %mask, %zero : !$SYMBOL_row, vector<$LANESxi1>, $VECTOR into $VECTOR
$MASKED
    vector.maskedstore %y[%n_whole], %mask, %$SUM : !$SYMBOL_row, vector<$LANESxi1>, $VECTOR
  }
  return
}
"#;

/// Columns added at a time.
const COLUMNS: usize = 8;

/// The same if the L1 cache has no room for more.
const FEW_COLUMNS: usize = 4;

/// The axpy functions.
pub(super) fn render(plan: &Blocking, stored: &Stored, name: &str, parts: Parts) -> String {
    let few = if parts == Parts::Real { FEW_COLUMNS } else { COLUMNS };
    let [many_columns, few_columns, span, parts_of] =
        [COLUMNS, few, span(plan), parts as usize].map(|number| number.to_string());
    let mut groups = vec![COLUMNS, few, 1];
    groups.dedup();
    groups.into_iter().map(|columns| group(plan, stored, name, columns, parts)).collect::<String>()
        + &stored.fill(
            plan,
            AXPY,
            &[
                ("AXPY", name),
                ("GROUP", &many_columns),
                ("FEWCOLUMNS", &few_columns),
                ("SPAN", &span),
                ("PARTS", &parts_of),
            ],
        )
}

/// The block size of the result, in elements.
pub(super) fn span(plan: &Blocking) -> usize {
    (8 << 10) / plan.element.size()
}

/// The functions that add `columns` columns. For complex numbers, a second sum has the columns times imaginary parts;
/// its components are swapped at the end, with the new real parts negated.
fn group(plan: &Blocking, stored: &Stored, name: &str, columns: usize, parts: Parts) -> String {
    let Blocking { vector, tile, .. } = plan;
    let (lanes, element) = (tile.lanes, plan.element.name());
    let is_complex = parts == Parts::Complex;
    let mut constants = lines(columns.max(parts as usize), |p| format!("  %p{p} = arith.constant {p} : index"));
    if is_complex {
        let signs = list(lanes, |lane| if lane % 2 == 0 { "-1.0" } else { "1.0" }.into());
        constants += &format!("\n  %signs = arith.constant dense<[{signs}]> : {vector}");
    }
    let factor = |p: usize, part: usize, to: &str| {
        stored.load_number(&format!("{to}{p}_number"), "x", &format!("%p{p}, %p{part}"))
            + &format!("  %{to}{p} = vector.broadcast %{to}{p}_number : {element} to {vector}\n")
    };
    let factors = (0..columns)
        .map(|p| factor(p, 0, "x") + &if is_complex { factor(p, 1, "w") } else { String::new() })
        .collect::<String>();
    let add = |p: usize| {
        let (next, column) = (p + 1, format!("a{p}"));
        let before = |of: &str| if p == 0 && of == "z" { "zero".into() } else { format!("{of}{p}") };
        let mut text = step(plan, "    ", &format!("y{next}"), &column, &format!("x{p}"), &before("y"));
        if is_complex {
            text += "\n";
            text += &step(plan, "    ", &format!("z{next}"), &column, &format!("w{p}"), &before("z"));
        }
        text
    };
    let last = if is_complex {
        let swapped = list(lanes, |lane| (lane ^ 1).to_string());
        format!("\n    %z_swapped = vector.shuffle %z{columns}, %z{columns} [{swapped}] : {vector}, {vector}\n")
            + &step(plan, "    ", "y_new", "z_swapped", "signs", &format!("y{columns}"))
    } else {
        String::new()
    };
    let sum = if is_complex { "y_new".to_string() } else { format!("y{columns}") };
    let columns_at = |j: &str, masked: bool| {
        lines(columns, |p| stored.load(plan, &format!("a{p}"), "a", &format!("%p{p}, %{j}"), masked) + &add(p))
    };
    stored.fill(
        plan,
        GROUP,
        &[
            ("AXPY", name),
            ("GROUP", &columns.to_string()),
            ("CONSTANTS", &constants),
            ("FACTORS", &factors),
            ("WHOLE", &(columns_at("j", false) + &last)),
            ("MASKED", &(columns_at("n_whole", true) + &last)),
            ("MASK", &plan.mask("mask", "n_rest")),
            ("SUM", &sum),
        ],
    )
}
