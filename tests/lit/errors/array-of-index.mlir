// MLIR's parser crashes on array attributes of `index`.
// RUN: split-file %s %t
// RUN: %refused dpc %t/index.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=INDEX
// INDEX: index.mlir:2:71: error: the elements of an array attribute are integers or floats
// INDEX: {{note|help}}: write it as `array<i64: 0, 1>`
// RUN: %refused dpc %t/alias.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=ALIAS
// ALIAS: alias.mlir:2:40: error: the elements of an array attribute are integers or floats
// RUN: %refused dpopt %t/index.mlir 2>&1 | FileCheck %s --check-prefix=INDEX
//--- index.mlir
func.func @f(%x: tensor<2xf32>) -> tensor<2x2xf32> {
  %0 = "stablehlo.broadcast_in_dim"(%x) {broadcast_dimensions = array<index: 1>} : (tensor<2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}
//--- alias.mlir
!i = index
func.func @f() attributes {a.b = array<!i: 1>} {
  return
}
