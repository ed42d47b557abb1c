// RUN: dpc %s --grad net --print-memory --emit=llvm -o %t.ll 2>&1 | FileCheck %s
// RUN: not dpc %s --print-memory --target=interp --run small --args=1 2>&1 | FileCheck %s --check-prefix=OTHER

// A line for each function: a number, or a formula in extents, a multiple of 4096.
// CHECK:      {{^}}spread: workspace (ceil(x_d0 * 8, 64) * 64 / 4096 + 1) * 4096 bytes{{$}}
// CHECK-NEXT: {{^}}known: workspace 81920 bytes{{$}}
// CHECK-NEXT: {{^}}small: workspace 0 bytes{{$}}
// CHECK-NEXT: {{^}}matrix: workspace (ceil(x_d0 * x_d1 * 8, 64) * 64 / 4096 + 1) * 4096 bytes{{$}}
// CHECK-NEXT: {{^}}cube: workspace (ceil(x_d0 * x_d1 * x_d2 * 8, 64) * 64 / 4096 + 1) * 4096 bytes{{$}}
// CHECK-NEXT: {{^}}net: workspace {{.*}}a_d0 * b_d1{{.*}} bytes{{$}}
// CHECK-NEXT: {{^}}net_grad: workspace {{.*}}max(b_d1 * b_d1 * 8, a_d1 * b_d1 * 8){{.*}} bytes{{$}}
// CHECK-NOT:  {{.}}
// Nothing is left unsaid.
// RUN: dpc %s --grad net --print-memory --emit=llvm -o %t.ll 2>&1 | not grep -F "?"

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

func.func @matrix(%x: tensor<?x?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %n0 = tensor.dim %x, %c0 : tensor<?x?xf64>
  %n1 = tensor.dim %x, %c1 : tensor<?x?xf64>
  %y = scalar.exp %x : tensor<?x?xf64>
  %s = array.reduce add %y dims [0, 1] : tensor<?x?xf64>
  %t = tensor.extract %s[] : tensor<f64>
  %u = array.broadcast %t dims [] extents(%n0, %n1) : f64 to tensor<?x?xf64>
  %d = scalar.div %y, %u : tensor<?x?xf64>
  %q = scalar.mul %d, %d : tensor<?x?xf64>
  %r = array.reduce add %q dims [0, 1] : tensor<?x?xf64>
  %z = tensor.extract %r[] : tensor<f64>
  return %z : f64
}

func.func @cube(%x: tensor<?x?x?xf64> {dp.name = "x"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n0 = tensor.dim %x, %c0 : tensor<?x?x?xf64>
  %n1 = tensor.dim %x, %c1 : tensor<?x?x?xf64>
  %n2 = tensor.dim %x, %c2 : tensor<?x?x?xf64>
  %y = scalar.exp %x : tensor<?x?x?xf64>
  %s = array.reduce add %y dims [0, 1, 2] : tensor<?x?x?xf64>
  %t = tensor.extract %s[] : tensor<f64>
  %u = array.broadcast %t dims [] extents(%n0, %n1, %n2) : f64 to tensor<?x?x?xf64>
  %d = scalar.div %y, %u : tensor<?x?x?xf64>
  %q = scalar.mul %d, %d : tensor<?x?x?xf64>
  %r = array.reduce add %q dims [0, 1, 2] : tensor<?x?x?xf64>
  %z = tensor.extract %r[] : tensor<f64>
  return %z : f64
}

func.func @net(%a: tensor<?x?xf64> {dp.name = "a"}, %b: tensor<?x?xf64> {dp.name = "b"}) -> f64 {
  %y = array.dot %a, %b contract [1] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
  %h = scalar.tanh %y : tensor<?x?xf64>
  %g = array.dot %h, %b contract [0] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
  %e = scalar.exp %g : tensor<?x?xf64>
  %s = array.reduce add %e dims [0, 1] : tensor<?x?xf64>
  %z = tensor.extract %s[] : tensor<f64>
  return %z : f64
}
