// RUN: %refused dpc %s --run update --args "[1],1.5,false,1" -O0 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run update --args "[1],1.5,false,1" 2>&1 | FileCheck %s
// RUN: %refused dpc %s --run step --args "0.5,0" 2>&1 | FileCheck %s --check-prefix=STEP
// RUN: %refused dpc %s --target=xla --run step --args "0.5,0" 2>&1 | FileCheck %s --check-prefix=STEP
// RUN: %refused dpc %s --grad rounds --run rounds_grad --args "0.5,6" 2>&1 | FileCheck %s --check-prefix=BOUND

// The update is computed in the tensor, so that its size is checked before.
// CHECK: run-time-checks.mlir:[[#@LINE+13]]:10: error: the slice of 'array.update_slice' is out of bounds
func.func @update(%x: tensor<?xf64>, %s: f64, %p: i1, %k: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %row = array.broadcast %s dims [] : f64 to tensor<64xf64>
  %r = scf.for %i = %c0 to %k step %c1 iter_args(%t = %x) -> (tensor<?xf64>) {
    %o = scf.if %p -> (tensor<?xf64>) {
      %u = array.update_slice %t, %row starts [%i] : tensor<?xf64>, tensor<64xf64>
      scf.yield %u : tensor<?xf64>
    } else {
      scf.yield %t : tensor<?xf64>
    }
    // Not the branch that is taken.
    %w = array.update_slice %o, %row starts [%i] : tensor<?xf64>, tensor<64xf64>
    scf.yield %w : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

// The place stands in the message once.
// STEP: run-time-checks.mlir:[[#@LINE+4]]:8: error: the step of the loop is not positive
func.func @step(%x: f64, %st: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c3 = arith.constant 3 : index
  %r = scf.for %i = %c0 to %c3 step %st iter_args(%a = %x) -> (f64) {
    %s = scalar.sin %a : f64
    scf.yield %s : f64
  }
  return %r : f64
}

// A loop that keeps snapshots has a bound too.
// BOUND: run-time-checks.mlir:[[#@LINE+4]]:8: error: this loop has more rounds than its bound, 5
func.func @rounds(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x) -> f64 {
    %s = scalar.sin %a : f64
    scf.yield %s : f64
  } {dp.bound = 5, dp.checkpoint = 2}
  return %r : f64
}
