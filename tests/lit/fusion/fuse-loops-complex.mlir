// RUN: dpopt %s --fuse-loops | FileCheck %s

// Upstream's folder of from_elements crashes on complex constants, which the clean-up before fusion would fold.
// CHECK-LABEL: func.func @elements(
// CHECK:         tensor.insert
// CHECK:         tensor.insert
// CHECK-LABEL: func.func @variable(
// CHECK:         tensor.from_elements
func.func @elements() -> tensor<1x2xcomplex<f32>> {
  %a = scalar.constant #complex.number<:f32 1.0, 2.0> : complex<f32>
  %b = scalar.constant #complex.number<:f32 3.0, -4.0> : complex<f32>
  %c = scalar.add %a, %b : complex<f32>
  %r = tensor.from_elements %a, %c : tensor<1x2xcomplex<f32>>
  return %r : tensor<1x2xcomplex<f32>>
}

func.func @variable(%x: complex<f32>) -> tensor<2xcomplex<f32>> {
  %a = scalar.constant #complex.number<:f32 1.0, 2.0> : complex<f32>
  %r = tensor.from_elements %a, %x : tensor<2xcomplex<f32>>
  return %r : tensor<2xcomplex<f32>>
}
