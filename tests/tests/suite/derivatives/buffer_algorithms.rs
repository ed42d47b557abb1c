//! Algorithms on private buffers: in place, eliminations, histograms.

use super::buffers::filled;
use super::loops::{case, vector};
use super::{Argument, Case};
use dp_dialects::ScalarType::{F64, I32};

super::topics!(in_place, eliminations, histograms);

fn in_place(cases: &mut Vec<Case>) {
    let body = "scf.for %i = %c1 to %n step %c1 {
    %m = arith.subi %i, %c1 : index
    %x = memref.load %b[%m] : memref<?xf64>
    %y = memref.load %b[%i] : memref<?xf64>
    %p = arith.mulf %x, %y : f64
    memref.store %p, %b[%i] : memref<?xf64>
  }";
    filled(cases, "prefix products", vec![], body);
    // Neighbours are swapped in a branch without an alternative.
    let body = "scf.for %i = %c0 to %n step %c1 {
    %e = arith.subi %n, %i : index
    scf.for %j = %c1 to %e step %c1 {
      %m = arith.subi %j, %c1 : index
      %x = memref.load %b[%m] : memref<?xf64>
      %y = memref.load %b[%j] : memref<?xf64>
      %c = arith.cmpf ogt, %x, %y : f64
      scf.if %c {
        memref.store %y, %b[%m] : memref<?xf64>
        memref.store %x, %b[%j] : memref<?xf64>
      }
    }
  }
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %b[%i] : memref<?xf64>
    %y = tensor.extract %a0[%i] : !V
    %z = arith.mulf %x, %y : f64
    memref.store %z, %b[%i] : memref<?xf64>
  }";
    filled(cases, "bubble sort", vec![], body);
    // Pairs from both ends, by a loop with two indices in buffers.
    let body = "%l = memref.alloca() : memref<index>
  %h = memref.alloca() : memref<index>
  %last = arith.subi %n, %c1 : index
  memref.store %c0, %l[] : memref<index>
  memref.store %last, %h[] : memref<index>
  scf.while : () -> () {
    %i = memref.load %l[] : memref<index>
    %j = memref.load %h[] : memref<index>
    %more = arith.cmpi slt, %i, %j : index
    scf.condition(%more)
  } do {
    %i = memref.load %l[] : memref<index>
    %j = memref.load %h[] : memref<index>
    %x = memref.load %b[%i] : memref<?xf64>
    %y = memref.load %b[%j] : memref<?xf64>
    %s = math.sin %x : f64
    %z = arith.mulf %s, %y : f64
    memref.store %z, %b[%i] : memref<?xf64>
    memref.store %x, %b[%j] : memref<?xf64>
    %i1 = arith.addi %i, %c1 : index
    %j1 = arith.subi %j, %c1 : index
    memref.store %i1, %l[] : memref<index>
    memref.store %j1, %h[] : memref<index>
    scf.yield
  }";
    filled(cases, "swaps from both ends", vec![], body);
    // The elements of a tensor that is there before.
    let body = "%b = bufferization.to_buffer %a0 : !V to memref<?xf64>
  %n = memref.dim %b, %c0 : memref<?xf64>
  scf.for %i = %c0 to %n step %c2 {
    %x = memref.load %b[%i] : memref<?xf64>
    %y = math.exp %x : f64
    memref.store %y, %b[%i] : memref<?xf64>
  }
  %t = bufferization.to_tensor %b restrict : memref<?xf64> to !V
  %z = arith.mulf %t, %a0 : !V
  return %z : !V";
    case(cases, "a tensor as a buffer", vec![vector(5)], &["!V"], body, "");
}

fn eliminations(cases: &mut Vec<Case>) {
    // The elements differ, and none of the pivots is small.
    let matrix = Argument::tensor(F64, &[3, 3], &[0, 1], (0.6, 0.9)).zero_at(&[1, 5]);
    let body = "%n = tensor.dim %a0, %c0 : tensor<?x?xf64>
  %b = memref.alloc(%n, %n) {alignment = 64 : i64} : memref<?x?xf64>
  scf.for %i = %c0 to %n step %c1 {
    scf.for %j = %c0 to %n step %c1 {
      %e = tensor.extract %a0[%i, %j] : tensor<?x?xf64>
      memref.store %e, %b[%i, %j] : memref<?x?xf64>
    }
  }
  scf.for %k = %c0 to %n step %c1 {
    %pivot = memref.load %b[%k, %k] : memref<?x?xf64>
    %k1 = arith.addi %k, %c1 : index
    scf.for %i = %k1 to %n step %c1 {
      %a = memref.load %b[%i, %k] : memref<?x?xf64>
      %l = arith.divf %a, %pivot : f64
      memref.store %l, %b[%i, %k] : memref<?x?xf64>
      scf.for %j = %k1 to %n step %c1 {
        %p = memref.load %b[%i, %j] : memref<?x?xf64>
        %q = memref.load %b[%k, %j] : memref<?x?xf64>
        %m = arith.mulf %l, %q : f64
        %d = arith.subf %p, %m : f64
        memref.store %d, %b[%i, %j] : memref<?x?xf64>
      }
    }
  }
  %t = bufferization.to_tensor %b : memref<?x?xf64> to tensor<?x?xf64>
  return %t : tensor<?x?xf64>";
    case(cases, "LU", vec![matrix], &["tensor<?x?xf64>"], body, "");
    let body = "%n = tensor.dim %a1, %c0 : !V
  %u = memref.alloc(%n) : memref<?xf64>
  %v = memref.alloc(%n) : memref<?xf64>
  %x = memref.alloc(%n) : memref<?xf64>
  %b0 = tensor.extract %a1[%c0] : !V
  %cf = tensor.extract %a2[%c0] : !V
  %d0 = tensor.extract %a3[%c0] : !V
  %u0 = arith.divf %cf, %b0 : f64
  %v0 = arith.divf %d0, %b0 : f64
  memref.store %u0, %u[%c0] : memref<?xf64>
  memref.store %v0, %v[%c0] : memref<?xf64>
  scf.for %i = %c1 to %n step %c1 {
    %m = arith.subi %i, %c1 : index
    %up = memref.load %u[%m] : memref<?xf64>
    %vp = memref.load %v[%m] : memref<?xf64>
    %ai = tensor.extract %a0[%i] : !V
    %bi = tensor.extract %a1[%i] : !V
    %ci = tensor.extract %a2[%i] : !V
    %di = tensor.extract %a3[%i] : !V
    %au = arith.mulf %ai, %up : f64
    %w = arith.subf %bi, %au : f64
    %av = arith.mulf %ai, %vp : f64
    %r = arith.subf %di, %av : f64
    %ui = arith.divf %ci, %w : f64
    %vi = arith.divf %r, %w : f64
    memref.store %ui, %u[%i] : memref<?xf64>
    memref.store %vi, %v[%i] : memref<?xf64>
  }
  %last = arith.subi %n, %c1 : index
  %next = memref.alloca() : memref<f64>
  scf.for %j = %c0 to %n step %c1 {
    %i = arith.subi %last, %j : index
    %ui = memref.load %u[%i] : memref<?xf64>
    %vi = memref.load %v[%i] : memref<?xf64>
    %y = memref.load %next[] : memref<f64>
    %uy = arith.mulf %ui, %y : f64
    %xi = arith.subf %vi, %uy : f64
    memref.store %xi, %next[] : memref<f64>
    memref.store %xi, %x[%i] : memref<?xf64>
  }
  %t = bufferization.to_tensor %x : memref<?xf64> to !V
  return %t : !V";
    let diagonal = Argument::tensor(F64, &[4], &[0], (3.0, 4.0));
    case(cases, "Thomas", vec![vector(4), diagonal, vector(4), vector(4)], &["!V"], body, "");
}

fn histograms(cases: &mut Vec<Case>) {
    let bins = Argument::tensor(I32, &[6], &[0], (0.0, 3.0));
    let body = "%n = tensor.dim %a1, %c0 : !V
  %h = memref.alloc() : memref<3xf64>
  %count = memref.alloc() : memref<3xi32>
  %i1 = arith.constant 1 : i32
  scf.for %i = %c0 to %n step %c1 {
    %b = tensor.extract %a0[%i] : tensor<?xi32>
    %k = arith.index_cast %b : i32 to index
    %w = tensor.extract %a1[%i] : !V
    %before = memref.load %h[%k] : memref<3xf64>
    %s = arith.addf %before, %w : f64
    %q = arith.mulf %s, %w : f64
    memref.store %q, %h[%k] : memref<3xf64>
    %c = memref.load %count[%k] : memref<3xi32>
    %d = arith.addi %c, %i1 : i32
    memref.store %d, %count[%k] : memref<3xi32>
  }
  %t = bufferization.to_tensor %h : memref<3xf64> to tensor<3xf64>
  %u = bufferization.to_tensor %count : memref<3xi32> to tensor<3xi32>
  return %t, %u : tensor<3xf64>, tensor<3xi32>";
    case(cases, "histogram", vec![bins, vector(6)], &["tensor<3xf64>", "tensor<3xi32>"], body, "");
}
