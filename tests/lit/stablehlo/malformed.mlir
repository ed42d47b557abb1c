// Malformed text is refused at its place.
// RUN: dpopt %s --split-input-file --verify-diagnostics

// expected-error @+1 {{there is no field 'lhs_dims'}}
func.func private @f() attributes {a = #stablehlo.dot<lhs_dims = [1]>}
// -----
// expected-error @+1 {{the field 'offset_dims' is given twice}}
func.func private @f() attributes {a = #stablehlo.gather<offset_dims = [1], offset_dims = [1]>}
// -----
// expected-error @+1 {{the field 'handle' is missing}}
func.func private @f() attributes {a = #stablehlo.channel_handle<type = 1>}
// -----
// expected-error @+1 {{expected one of EQ, NE, GE, GT, LE, LT, not 'GTE'}}
func.func private @f() attributes {a = #stablehlo<comparison_direction GTE>}
// -----
// expected-error @+1 {{expected a spatial dimension, or 'b' or 'f' once}}
func.func private @f() attributes {a = #stablehlo.conv<[b, 0, b, f]x[0, i, o]->[b, 0, f]>}
// -----
// expected-error @+1 {{the dimensions of the kernel must name 'i', 'o' and each spatial dimension from 0 once}}
func.func private @f() attributes {a = #stablehlo.conv<[b, 0, f]x[1, i, o]->[b, 0, f]>}
// -----
// expected-error @+1 {{unbalanced '[' character in pretty dialect name}}
func.func private @f() attributes {a = #stablehlo.conv<[b, 0, f}
// -----
// expected-error @+1 {{expected integer value}}
func.func private @f() attributes {a = #sdy.sharding<@mesh, [{}] - >}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected a function type with 2 inputs and 1 result}}
  %0 = stablehlo.add %x, %x : (tensor<2xf32>) -> tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected a tensor of complex numbers}}
  %0 = stablehlo.complex %x, %x : tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected a format such as e5m10}}
  %0 = stablehlo.reduce_precision %x, format = e5x10 : tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected ':'}}
  %0 = stablehlo.slice %x [0] : (tensor<2xf32>) -> tensor<1xf32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{requires the same element type for all operands and results}}
  %0 = stablehlo.add %x, %x : (tensor<2xf32>, tensor<2xf32>) -> tensor<2xf64>
  return
}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{requires as many limits and strides as starts}}
  %0 = "stablehlo.slice"(%x) {start_indices = array<i64: 0>, limit_indices = array<i64>, strides = array<i64: 1>} : (tensor<2xf32>) -> tensor<1xf32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>, %c: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.sort' is not an operation with two operands and one result}}
  %0 = stablehlo.reduce(%x init: %c) applies stablehlo.sort across dimensions = [0] : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>, %c: tensor<f32>) {
  // expected-error @+1 {{an operation is applied to one tensor}}
  %0:2 = stablehlo.reduce(%x init: %c), (%x init: %c) applies stablehlo.add across dimensions = [0] : (tensor<2xf32>, tensor<2xf32>, tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<f32>)
  return
}
// -----
func.func @f(%x: tensor<2xf32>, %c: tensor<f32>) {
  // expected-error @+1 {{requires a region with two arguments for each input}}
  %0 = "stablehlo.reduce"(%x, %c) ({
  ^bb0(%a: tensor<f32>):
    stablehlo.return %a : tensor<f32>
  }) {dimensions = array<i64: 0>} : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
  return
}
// -----
func.func @f(%x: tensor<i32>) {
  // expected-error @+1 {{requires regions with arguments of the operands' types}}
  %0 = "stablehlo.while"(%x) ({
    %p = stablehlo.constant dense<true> : tensor<i1>
    stablehlo.return %p : tensor<i1>
  }, {
  ^bb0(%a: tensor<i32>):
    stablehlo.return %a : tensor<i32>
  }) : (tensor<i32>) -> tensor<i32>
  return
}
// -----
func.func @f(%x: tensor<2xf32>) {
  // expected-error @+1 {{expected a tuple type}}
  %0 = stablehlo.tuple %x : tensor<2xf32>
  return
}
// -----
func.func @f(%x: tensor<1x8x8x3xf32>, %k: tensor<3x3x3x4xf32>) {
  // expected-error @+1 {{'stride' is given twice}}
  %0 = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {stride = [1, 1], stride = [1, 1]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x8x8x3xf32>, tensor<3x3x3x4xf32>) -> tensor<1x6x6x4xf32>
  return
}
// -----
func.func @f(%x: tensor<2x2xf32>) {
  // expected-error @+1 {{expected one of DEFAULT, HIGH, HIGHEST, not 'LOW'}}
  %0 = stablehlo.dot_general %x, %x, contracting_dims = [1] x [0], precision = [LOW, DEFAULT] : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return
}
// -----
func.func @f(%x: tensor<2x2xf32>, %s: tensor<f32>) {
  // expected-error @+1 {{'stablehlo.if' op}}
  "stablehlo.if"(%s) ({
  ^bb0(%a: tensor<f32>):
    stablehlo.return
  }, {
    stablehlo.return
  }) : (tensor<f32>) -> ()
  return
}
