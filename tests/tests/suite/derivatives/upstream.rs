//! Parallel loops, and slices of `tensor`.

use super::loops::{case, vector, whole};
use super::{Argument, Case};
use dp_dialects::ScalarType::{F64, Index};

super::topics!(parallel, slices);

fn matrix(rows: u64, columns: u64) -> Argument {
    Argument::tensor(F64, &[rows, columns], &[0, 1], (0.2, 0.9))
}

fn parallel(cases: &mut Vec<Case>) {
    // Two reductions, one of which uses the induction variable and a value of the body.
    let body = "%n = tensor.dim %a0, %c0 : tensor<?x?xf64>
  %m = tensor.dim %a0, %c1 : tensor<?x?xf64>
  %r:2 = scf.parallel (%i, %j) = (%c0, %c0) to (%n, %m) step (%c1, %c2) init (%zero, %one) -> (f64, f64) {
    %e = tensor.extract %a0[%i, %j] : tensor<?x?xf64>
    %s = math.sin %e : f64
    scf.reduce(%s, %e : f64, f64) {
    ^bb0(%a: f64, %b: f64):
      %t = arith.addf %a, %b : f64
      scf.reduce.return %t : f64
    }, {
    ^bb0(%a: f64, %b: f64):
      %t = arith.mulf %a, %b : f64
      %u = arith.mulf %t, %s : f64
      scf.reduce.return %u : f64
    }
  }
  return %r#0, %r#1 : f64, f64";
    case(cases, "two reductions", vec![matrix(2, 3)], &["f64", "f64"], body, "");
    let body = "%n = tensor.dim %a0, %c0 : tensor<?x?xf64>
  %m = tensor.dim %a0, %c1 : tensor<?x?xf64>
  %e = tensor.empty(%n, %m) : tensor<?x?xf64>
  %r = scf.forall (%i) in (%n) shared_outs(%o = %e) -> tensor<?x?xf64> {
    %row = tensor.extract_slice %a0[%i, 0] [1, %m] [1, 1] : tensor<?x?xf64> to tensor<?xf64>
    %y = math.exp %row : tensor<?xf64>
    %z = arith.mulf %y, %a1 : tensor<?xf64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %z into %o[%i, 0] [1, %m] [1, 1] : tensor<?xf64> into tensor<?x?xf64>
    }
  }
  return %r : tensor<?x?xf64>";
    case(cases, "rows by forall", vec![matrix(2, 3), vector(3)], &["tensor<?x?xf64>"], body, "");
    // Every second element of a tensor that is there before, by bounds of which some are constants.
    let body = "%n = tensor.dim %a0, %c0 : !V
  %r = scf.forall (%i) = (1) to (%n) step (2) shared_outs(%o = %a0) -> !V {
    %x = tensor.extract_slice %o[%i] [1] [1] : !V to tensor<1xf64>
    %y = math.sin %x : tensor<1xf64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %y into %o[%i] [1] [1] : tensor<1xf64> into !V
    }
  }
  return %r : !V";
    case(cases, "forall in steps", vec![vector(5)], &["!V"], body, "");
}

fn slices(cases: &mut Vec<Case>) {
    let body = "%a = tensor.extract_slice %a0[%a1] [3] [2] : tensor<9xf64> to tensor<3xf64>
  %b = tensor.extract_slice %a0[1] [3] [3] : tensor<9xf64> to tensor<3xf64>
  %c = arith.mulf %a, %b : tensor<3xf64>
  %d = tensor.expand_shape %c [[0, 1]] output_shape [1, 3] : tensor<3xf64> into tensor<1x3xf64>
  %e = tensor.concat dim(0) %d, %d : (tensor<1x3xf64>, tensor<1x3xf64>) -> tensor<2x3xf64>
  %f = tensor.extract_slice %e[1, 0] [1, 3] [1, 1] : tensor<2x3xf64> to tensor<3xf64>
  %g = tensor.extract %a0[%a1] : tensor<9xf64>
  %s = tensor.splat %g : tensor<3xf64>
  %h = arith.addf %f, %s : tensor<3xf64>
  %i = tensor.insert_slice %h into %a0[%a1] [3] [1] : tensor<3xf64> into tensor<9xf64>
  return %i : tensor<9xf64>";
    let fixed = Argument::tensor(F64, &[9], &[], (0.2, 0.9));
    case(cases, "constant and given starts", vec![fixed, whole(Index, 2)], &["tensor<9xf64>"], body, "");
    // Rows of a matrix of run-time extents in a loop, and all elements in a line.
    let body = "%n = tensor.dim %a0, %c0 : tensor<?x?xf64>
  %m = tensor.dim %a0, %c1 : tensor<?x?xf64>
  %r = scf.for %i = %c1 to %n step %c1 iter_args(%x = %a0) -> tensor<?x?xf64> {
    %before = arith.subi %i, %c1 : index
    %p = tensor.extract_slice %x[%before, 0] [1, %m] [1, 1] : tensor<?x?xf64> to tensor<?xf64>
    %q = tensor.extract_slice %x[%i, 0] [1, %m] [1, 1] : tensor<?x?xf64> to tensor<?xf64>
    %w = arith.mulf %p, %q : tensor<?xf64>
    %y = tensor.insert_slice %w into %x[%i, 0] [1, %m] [1, 1] : tensor<?xf64> into tensor<?x?xf64>
    scf.yield %y : tensor<?x?xf64>
  }
  %line = tensor.collapse_shape %r [[0, 1]] : tensor<?x?xf64> into !V
  return %line : !V";
    case(cases, "rows in a loop", vec![matrix(3, 2)], &["!V"], body, "");
}
