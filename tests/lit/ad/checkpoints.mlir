// Checkpoints: computed again behind barriers, which simplification does not see through.
// RUN: dpopt %s --ad | FileCheck %s
// RUN: dpc %s --emit=simplified -o - | FileCheck %s --check-prefix=SIMPLE
// RUN: dpc %s --target=interp --run plain --args 0.5 | FileCheck %s --check-prefix=PLAIN
// RUN: dpc %s --run gradient --args 0.5 | FileCheck %s --check-prefix=GRADIENT
// RUN: dpc %s --target=interp --run gradient --args 0.5 | FileCheck %s --check-prefix=GRADIENT

func.func private @f(%x: f64) -> f64 {
  %y = ad.checkpoint -> f64 {
    %s = scalar.sin %x : f64
    %e = scalar.exp %s : f64
    %q = scalar.mul %e, %e : f64
    ad.yield %q : f64
  }
  %z = scalar.tanh %y : f64
  return %z : f64
}

// Forward mode sees through it, as do programs without derivatives.
// CHECK-LABEL: func.func @plain
// CHECK-NOT: ad.
// CHECK: return
func.func @plain(%x: f64) -> (f64, f64) {
  %one = scalar.constant 1.0 : f64
  %y, %d = ad.jvp @f(%x, %one) wrt [0] : (f64, f64) -> (f64, f64)
  return %y, %d : f64, f64
}
// PLAIN: r0 = 0.9892156
// PLAIN: r1 = 0.0982244

// CHECK-LABEL: func.func @gradient(
// CHECK-SAME:    %[[X:.*]]: f64)
// CHECK:         scalar.exp
// CHECK:         scalar.tanh
// CHECK:         %[[AGAIN:.*]] = ad.barrier %[[X]] after(%{{.*}} : f64) : f64
// CHECK:         %[[SIN:.*]] = scalar.sin %[[AGAIN]]
// CHECK:         scalar.exp %[[SIN]]
// CHECK-NOT:     ad.checkpoint
// CHECK:         return
// SIMPLE-LABEL: func.func @gradient(
// SIMPLE-COUNT-2: scalar.exp
func.func @gradient(%x: f64) -> f64 {
  %y, %g = ad.grad @f(%x) wrt [0] : (f64) -> (f64, f64)
  return %g : f64
}
// GRADIENT: r0 = 0.0982244

// The calls of a function with the mark. What the second call needs is kept: its argument.
func.func private @step(%x: tensor<8xf64>) -> tensor<8xf64> attributes {dp.checkpoint} {
  %s = scalar.sin %x : tensor<8xf64>
  %e = scalar.exp %s : tensor<8xf64>
  %q = scalar.mul %e, %s : tensor<8xf64>
  return %q : tensor<8xf64>
}
func.func private @twice(%x: tensor<8xf64>) -> f64 {
  %a = func.call @step(%x) : (tensor<8xf64>) -> tensor<8xf64>
  %b = func.call @step(%a) : (tensor<8xf64>) -> tensor<8xf64>
  %t = array.reduce add %b dims [0] : tensor<8xf64>
  %y = tensor.extract %t[] : tensor<f64>
  return %y : f64
}
// SIMPLE-LABEL: func.func @calls(
// SIMPLE-COUNT-3: scalar.exp
// SIMPLE-NOT: scalar.exp
// SIMPLE: return
func.func @calls(%x: tensor<8xf64>) -> tensor<8xf64> {
  %y, %g = ad.grad @twice(%x) wrt [0] : (tensor<8xf64>) -> (f64, tensor<8xf64>)
  return %g : tensor<8xf64>
}

// A loop of which three states are kept: a tensor with a row for each.
// CHECK-LABEL: func.func @loop(
// CHECK:         ad.barrier
// CHECK:         array.update_slice {{.*}} starts [%{{.*}}] : tensor<3xf64>, tensor<1xf64>
// CHECK:         scf.while
// CHECK:         array.update_slice {{.*}} : tensor<3xf64>, tensor<1xf64>
// CHECK:         scalar.cos
// CHECK:         return
func.func private @rounds(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %n step %c1 iter_args(%p = %x) -> f64 {
    %s = scalar.sin %p : f64
    scf.yield %s : f64
  } {dp.checkpoint = 3}
  return %r : f64
}
func.func @loop(%x: f64, %n: index) -> f64 {
  %y, %g = ad.grad @rounds(%x, %n) wrt [0] : (f64, index) -> (f64, f64)
  return %g : f64
}
