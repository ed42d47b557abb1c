// RUN: dpc %s --print-memory --emit=llvm -o %t.ll 2>&1 | FileCheck %s
// RUN: not dpc %s --print-memory --target=interp --run small --args=1 2>&1 | FileCheck %s --check-prefix=OTHER

// A line for each function: a number, or a formula in extents, a multiple of 4096.
// CHECK:      {{^}}spread: workspace (ceil(x_d0 * 8, 64) * 64 / 4096 + 1) * 4096 bytes{{$}}
// CHECK-NEXT: {{^}}known: workspace 81920 bytes{{$}}
// CHECK-NEXT: {{^}}small: workspace 0 bytes{{$}}
// CHECK-NOT:  {{.}}

// OTHER: --print-memory

func.func @spread(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %y = scalar.exp %x : tensor<?xf64>
  %s = array.reduce add %y dims [0] : tensor<?xf64>
  %t = tensor.extract %s[] : tensor<f64>
  %u = array.broadcast %t dims [] extents(%n) : f64 to tensor<?xf64>
  %d = scalar.div %y, %u : tensor<?xf64>
  %q = scalar.mul %d, %d : tensor<?xf64>
  %r = array.reduce add %q dims [0] : tensor<?xf64>
  %z = tensor.extract %r[] : tensor<f64>
  return %z : f64
}

func.func @known(%x: tensor<10000xf64>) -> f64 {
  %y = scalar.exp %x : tensor<10000xf64>
  %s = array.reduce add %y dims [0] : tensor<10000xf64>
  %t = tensor.extract %s[] : tensor<f64>
  %u = array.broadcast %t dims [] : f64 to tensor<10000xf64>
  %d = scalar.div %y, %u : tensor<10000xf64>
  %q = scalar.mul %d, %d : tensor<10000xf64>
  %r = array.reduce add %q dims [0] : tensor<10000xf64>
  %z = tensor.extract %r[] : tensor<f64>
  return %z : f64
}

func.func @small(%x: f64) -> f64 {
  %y = scalar.exp %x : f64
  return %y : f64
}
