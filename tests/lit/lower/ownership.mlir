// RUN: dpc %s --stop-after=memory -o - | FileCheck %s

// Only functions with buffers outside of their workspace ask at run time who owns a buffer. @heat has none, and allocates its
// workspace alone, beside a function that returns memory of its own.

// CHECK-LABEL: func.func @heat(
// CHECK:         memref.alloc(%{{.*}}) {{.*}}bufferization.manual_deallocation
// CHECK-NOT:     memref.alloc
// CHECK:         return
func.func @heat(%u: tensor<?xf64>, %steps: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %u, %c0 : tensor<?xf64>
  %m = arith.subi %n, %c2 : index
  %end = scf.for %step = %c0 to %steps step %c1 iter_args(%now = %u) -> (tensor<?xf64>) {
    %left = array.slice %now starts [0] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %right = array.slice %now starts [2] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %both = scalar.add %left, %right : tensor<?xf64>
    %next = array.update_slice %now, %both starts [1] : tensor<?xf64>, tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  %whole = array.reduce add %end dims [0] : tensor<?xf64>
  %sum = tensor.extract %whole[] : tensor<f64>
  return %sum : f64
}

// CHECK-LABEL: func.func private @halves
// CHECK:         memref.alloc
func.func private @halves(%x: tensor<?xf64>, %k: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %done = arith.cmpi eq, %k, %c0 : index
  %r = scf.if %done -> tensor<?xf64> {
    scf.yield %x : tensor<?xf64>
  } else {
    %less = arith.subi %k, %c1 : index
    %half = scalar.constant 0.5 : f64
    %halves = array.broadcast %half dims [] extents(%n) : f64 to tensor<?xf64>
    %y = scalar.mul %x, %halves : tensor<?xf64>
    %z = func.call @halves(%y, %less) : (tensor<?xf64>, index) -> tensor<?xf64>
    scf.yield %z : tensor<?xf64>
  }
  return %r : tensor<?xf64>
}

func.func @whole(%x: tensor<?xf64>, %k: index) -> f64 {
  %y = func.call @halves(%x, %k) : (tensor<?xf64>, index) -> tensor<?xf64>
  %s = array.reduce add %y dims [0] : tensor<?xf64>
  %r = tensor.extract %s[] : tensor<f64>
  return %r : f64
}
