// RUN: split-file %s %t
// RUN: %refused dpc %t/dot.mlir --emit=mlir 2>&1 | FileCheck %s
// RUN: %refused dpc - --emit=mlir < %t/angle.mlir 2>&1 | FileCheck %s
// RUN: %refused dpopt %t/dot.mlir 2>&1 | FileCheck %s
// RUN: %refused dpopt < %t/alias.mlir 2>&1 | FileCheck %s
// RUN: dpopt %t/right.mlir | FileCheck %s --check-prefix=RIGHT

// CHECK: {{.*}}:2:{{[0-9]+}}: error: the components of a complex number must be floats
// CHECK: {{note|help}}: write `#complex.number<:f32 …>`

//--- dot.mlir
func.func @f() -> complex<f32> {
  %k = scalar.constant #complex.number<:i1 1.0, -2.0> : complex<f32>
  return %k : complex<f32>
}
//--- angle.mlir
func.func @f() -> complex<f32> {
  %k = scalar.constant #complex<number<:index 1.0, -2.0>> : complex<f32>
  return %k : complex<f32>
}
//--- alias.mlir
!t = i1
#k = #complex.number < : !t 1.0, -2.0>
//--- right.mlir
// RIGHT: #complex.number<:f32 1.000000e+00, -2.000000e+00>
func.func @f() -> complex<f32> {
  %k = scalar.constant #complex.number<:f32 1.0, -2.0> : complex<f32>
  return %k : complex<f32>
}
