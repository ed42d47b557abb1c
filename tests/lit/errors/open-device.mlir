// RUN: %refused dpopt %s --lower-entries --open-device 2>&1 | FileCheck %s

// CHECK: open-device.mlir:[[# @LINE + 1]]:1: error: returns complex<f32>, which is not a device buffer
func.func @f(%c: complex<f32>, %h: f16, %d: complex<f64>) -> complex<f32> {
  return %c : complex<f32>
}
