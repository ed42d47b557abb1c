// What loops and switches do to tensors from outside, and loops to tensors whose extents change.
// RUN: dpc %s --target=interp --run invariant --args 9,[1,2,3],3 | FileCheck %s --check-prefix=INVARIANT
// RUN: dpc %s -O0 --run invariant --args 9,[1,2,3],3 | FileCheck %s --check-prefix=INVARIANT
// RUN: dpc %s --run invariant --args 9,[1,2,3],3 | FileCheck %s --check-prefix=INVARIANT
// RUN: dpc %s --target=interp --run grows --args [1,2,3],3 | FileCheck %s --check-prefix=GROWS
// RUN: dpc %s -O0 --run grows --args [1,2,3],3 | FileCheck %s --check-prefix=GROWS
// RUN: dpc %s --run grows --args [1,2,3],3 | FileCheck %s --check-prefix=GROWS
// RUN: dpc %s --target=interp --run unchanged --args [1,2,3],1,0 | FileCheck %s --check-prefix=UNCHANGED
// RUN: dpc %s -O0 --run unchanged --args [1,2,3],1,0 | FileCheck %s --check-prefix=UNCHANGED
// RUN: dpc %s --run unchanged --args [1,2,3],1,0 | FileCheck %s --check-prefix=UNCHANGED
// RUN: dpc %s --emit=header -o - | FileCheck %s --check-prefix=HEADER

// Each iteration updates the same tensor.
// INVARIANT: {{^}}r0 = [2, 4, 9]{{$}}
func.func @invariant(%x: f64, %t: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %u = scalar.add %t, %t : tensor<?xf64>
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %t) -> tensor<?xf64> {
    %b = tensor.insert %x into %u[%i] : tensor<?xf64>
    scf.yield %b : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// The initial tensor has a known extent, and the next ones have another.
// GROWS: {{^}}r0 = 3{{$}}
func.func @grows(%t: tensor<?xf64>, %k: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %z = scalar.constant 0.0 : f64
  %e = array.broadcast %z dims [] extents(%c1) : f64 to tensor<?xf64>
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%q = %e) -> (tensor<?xf64>) {
    %b = array.slice %t starts [0] strides [1] extents(%c2) : tensor<?xf64> to tensor<?xf64>
    scf.yield %b : tensor<?xf64>
  }
  %s = array.reduce add %r dims [0] : tensor<?xf64>
  %y = tensor.extract %s[] : tensor<f64>
  return %y : f64
}

// The caller has memory for a result with the extents of an argument.
// HEADER: int kept(const double *a0, int64_t a0_d0, int64_t a1, double *r0);
func.func @kept(%x: tensor<?xf64>, %s: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %start = array.broadcast %zero dims [] extents(%n) : f64 to tensor<?xf64>
  %end = scf.for %i = %c0 to %s step %c1 iter_args(%y = %start) -> tensor<?xf64> {
    %next = scalar.add %y, %x : tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  return %end : tensor<?xf64>
}

// A case passes on a tensor from outside; an update of what it passes on leaves that tensor as it is.
// UNCHANGED: {{^}}r0 = [2, 0, 6]{{$}}
// UNCHANGED-NEXT: {{^}}r1 = [2, 4, 6]{{$}}
// UNCHANGED-NEXT: {{^}}r2 = [2, 0, 6]{{$}}
func.func @unchanged(%t: tensor<?xf64>, %n: index, %p: index) -> (tensor<?xf64>, tensor<?xf64>, tensor<?xf64>) {
  %z = scalar.constant 0.0 : f64
  %w = scalar.constant 7.0 : f64
  %b = scalar.add %t, %t : tensor<?xf64>
  %a = scf.index_switch %p -> tensor<?xf64>
  case 2 {
    %u = tensor.insert %w into %b[%n] : tensor<?xf64>
    scf.yield %u : tensor<?xf64>
  }
  case 3 {
    scf.yield %t : tensor<?xf64>
  }
  default {
    scf.yield %b : tensor<?xf64>
  }
  %r = tensor.insert %z into %a[%n] : tensor<?xf64>
  %c = scf.index_switch %p -> tensor<?xf64>
  default {
    scf.yield %b : tensor<?xf64>
  }
  %s = tensor.insert %z into %c[%n] : tensor<?xf64>
  return %r, %b, %s : tensor<?xf64>, tensor<?xf64>, tensor<?xf64>
}
