// Dynamic forms, tuples and effects that have no translation are errors at their place.
// RUN: split-file %s %t
// RUN: %refused dpc %t/interior.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=INTERIOR
// INTERIOR: interior.mlir:2:8: error: padding between elements that is not constant is not supported
// INTERIOR: help: pad between elements by a constant number
// RUN: %refused dpc %t/strides.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=STRIDES
// STRIDES: strides.mlir:2:8: error: strides that are not positive constants are not supported
// STRIDES: help: slice with constant strides, or gather the elements
// RUN: %refused dpc %t/padding.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=PADDING
// PADDING: padding.mlir:2:8: error: padding that is not constant is not supported
// PADDING: help: pad the operand with 'stablehlo.dynamic_pad'
// RUN: %refused dpc %t/size.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=SIZE
// SIZE: size.mlir:2:8: error: a tensor of a smaller extent than its type's is not supported
// SIZE: help: slice it with 'stablehlo.real_dynamic_slice'
// RUN: %refused dpc %t/windows.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=WINDOWS
// WINDOWS: windows.mlir:2:8: error: windows along a dimension whose extent is only known at run time are not supported
// WINDOWS: help: export the model with a fixed extent of this dimension
// RUN: %refused dpc %t/extent.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=EXTENT
// EXTENT: extent.mlir:3:8: error: an extent is 4, but the result is tensor<3xf32>
// RUN: %refused dpc %t/negative.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=NEGATIVE
// NEGATIVE: negative.mlir:3:8: error: an extent or a position is negative
// RUN: %refused dpc %t/rank.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=RANK
// RANK: rank.mlir:3:8: error: operand 1 lists 2 extents, but the result is tensor<?xf32>
// RUN: %refused dpc %t/rng.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=RNG
// RNG: rng.mlir:3:8: error: 'stablehlo.rng' has no translation
// RNG: help: it draws other numbers at each run: use 'stablehlo.rng_bit_generator', whose state is a value
// RUN: %refused dpc %t/tuple.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=TUPLE
// TUPLE: tuple.mlir:1:1: error: values of type tuple<tensor<2xf32>> are not supported
// RUN: %refused dpc %t/captured.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=CAPTURED
// CAPTURED: captured.mlir:4:10: error: uses a value from outside of its region
// CAPTURED: help: regions of elementwise functions use their arguments and constants
// RUN: %refused dpc %t/several.mlir --grad main --emit=mlir 2>&1 | FileCheck %s --check-prefix=SEVERAL
// SEVERAL: error: {{.*}}no function 'main'
// SEVERAL: help: {{.*}} defines f, g
// RUN: %refused dpc %t/cumulative.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=CUMULATIVE
// CUMULATIVE: cumulative.mlir:2:8: error: windows of an extent that is known only at run time are supported where each holds all elements up to its own place, or from it on
// CUMULATIVE: help: export the model with fixed extents of the dimensions that have windows
// RUN: %refused dpc %t/nameless.mlir --emit=mlir 2>&1 | FileCheck %s --check-prefix=NAMELESS
// NAMELESS: nameless.mlir:1:1: error: has an empty name
// NAMELESS: help: give the module and its functions names
//--- nameless.mlir
"func.func"() <{sym_name = "", function_type = (tensor<2xf32>) -> tensor<2xf32>}> ({
^bb0(%x: tensor<2xf32>):
  %0 = "stablehlo.tanh"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  "func.return"(%0) : (tensor<2xf32>) -> ()
}) : () -> ()
//--- interior.mlir
func.func @main(%x: tensor<2xf32>, %v: tensor<f32>, %n: tensor<1xi64>) -> tensor<?xf32> {
  %0 = stablehlo.dynamic_pad %x, %v, %n, %n, %n : (tensor<2xf32>, tensor<f32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
//--- strides.mlir
func.func @main(%x: tensor<2xf32>, %n: tensor<1xi64>) -> tensor<?xf32> {
  %0 = stablehlo.real_dynamic_slice %x, %n, %n, %n : (tensor<2xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
//--- padding.mlir
func.func @main(%x: tensor<1x4x1xf32>, %k: tensor<2x1x1xf32>, %p: tensor<1x2xi64>) -> tensor<1x4x1xf32> {
  %0 = "stablehlo.dynamic_conv"(%x, %k, %p) {dimension_numbers = #stablehlo.conv<[b, 0, f]x[0, i, o]->[b, 0, f]>, feature_group_count = 1 : i64, batch_group_count = 1 : i64} : (tensor<1x4x1xf32>, tensor<2x1x1xf32>, tensor<1x2xi64>) -> tensor<1x4x1xf32>
  return %0 : tensor<1x4x1xf32>
}
//--- size.mlir
func.func @main(%x: tensor<2xf32>, %n: tensor<i32>) -> tensor<2xf32> {
  %0 = stablehlo.set_dimension_size %x, %n, dim = 0 : (tensor<2xf32>, tensor<i32>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
//--- windows.mlir
func.func @main(%x: tensor<?xf32>, %v: tensor<f32>) -> tensor<?xf32> {
  %0 = "stablehlo.reduce_window"(%x, %v) ({
  ^bb0(%a: tensor<f32>, %b: tensor<f32>):
    %1 = stablehlo.add %a, %b : tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }) {window_dimensions = array<i64: 2>} : (tensor<?xf32>, tensor<f32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
//--- extent.mlir
func.func @main(%x: tensor<f32>) -> tensor<3xf32> {
  %s = stablehlo.constant dense<4> : tensor<1xi32>
  %0 = stablehlo.dynamic_broadcast_in_dim %x, %s, dims = [] : (tensor<f32>, tensor<1xi32>) -> tensor<3xf32>
  return %0 : tensor<3xf32>
}
//--- negative.mlir
func.func @main(%x: tensor<f32>) -> tensor<?xf32> {
  %s = stablehlo.constant dense<-4> : tensor<1xi32>
  %0 = stablehlo.dynamic_broadcast_in_dim %x, %s, dims = [] : (tensor<f32>, tensor<1xi32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
//--- rank.mlir
func.func @main(%x: tensor<f32>) -> tensor<?xf32> {
  %s = stablehlo.constant dense<4> : tensor<2xi32>
  %0 = stablehlo.dynamic_broadcast_in_dim %x, %s, dims = [] : (tensor<f32>, tensor<2xi32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
//--- rng.mlir
func.func @main(%a: tensor<f32>, %b: tensor<f32>) -> tensor<2xf32> {
  %s = stablehlo.constant dense<2> : tensor<1xi64>
  %0 = stablehlo.rng %a, %b, %s, distribution = UNIFORM : (tensor<f32>, tensor<f32>, tensor<1xi64>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
//--- tuple.mlir
func.func @main(%a: tuple<tensor<2xf32>>) -> tensor<2xf32> {
  %0 = stablehlo.get_tuple_element %a[0] : (tuple<tensor<2xf32>>) -> tensor<2xf32>
  return %0 : tensor<2xf32>
}
//--- captured.mlir
func.func @main(%x: tensor<4xf32>, %y: tensor<f32>) -> tensor<4xf32> {
  %0 = "stablehlo.map"(%x) ({
  ^bb0(%a: tensor<f32>):
    %1 = stablehlo.add %a, %y : tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }) {dimensions = array<i64: 0>} : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}
//--- several.mlir
func.func @f(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.add %x, %x : tensor<f32>
  return %0 : tensor<f32>
}
func.func @g(%x: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.tanh %x : tensor<f32>
  return %0 : tensor<f32>
}
//--- cumulative.mlir
func.func @main(%x: tensor<?xf32>, %v: tensor<f32>, %s: tensor<1xi32>, %p: tensor<1x2xi32>) -> tensor<?xf32> {
  %0 = stablehlo.custom_call @stablehlo.dynamic_reduce_window(%x, %v, %s, %s, %s, %s, %p) {called_computations = [@add]} : (tensor<?xf32>, tensor<f32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>, tensor<1x2xi32>) -> tensor<?xf32>
  return %0 : tensor<?xf32>
}
func.func private @add(%a: tensor<f32>, %b: tensor<f32>) -> tensor<f32> {
  %0 = stablehlo.add %a, %b : tensor<f32>
  return %0 : tensor<f32>
}
