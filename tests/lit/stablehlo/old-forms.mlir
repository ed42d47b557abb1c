// Forms that older versions of StableHLO and PyTorch's exporter write.
// RUN: dpc %s --run lists --args [[1,2,3],[4,5,6]] --target=interp | FileCheck %s --check-prefix=LISTS
// RUN: dpc %s --run broadcasts --args [[1,2,3],[4,5,6]],[10,20,30],[[1],[2]] | FileCheck %s --check-prefix=BROADCASTS
// RUN: dpc %s --run extents --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=EXTENTS
// RUN: dpc %s --run called --args [0.5,1.0] --target=interp | FileCheck %s --check-prefix=CALLED
// RUN: dpc %s --run main --args [1,2] --target=interp | FileCheck %s --check-prefix=MAIN

// LISTS: r0 = {{\[}}[1, 4], [3, 6]]
func.func @lists(%x: tensor<2x3xf32>) -> tensor<2x2xf32> {
  %0 = "stablehlo.transpose"(%x) {permutation = dense<[1, 0]> : tensor<2xi64>} : (tensor<2x3xf32>) -> tensor<3x2xf32>
  %1 = "stablehlo.slice"(%0) {start_indices = dense<0> : tensor<2xi64>, limit_indices = dense<[3, 2]> : tensor<2xi64>, strides = dense<[2, 1]> : tensor<2xi64>} : (tensor<3x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

// BROADCASTS: r0 = {{\[}}[11, 22, 33], [14, 25, 36]]
// BROADCASTS-NEXT: r1 = {{\[}}[1, 2, 3], [8, 10, 12]]
// BROADCASTS-NEXT: r2 = {{\[}}[true, false, false], [false, false, false]]
// BROADCASTS-NEXT: r3 = {{\[}}[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]]
func.func @broadcasts(%x: tensor<?x3xf32>, %y: tensor<3xf32>, %z: tensor<?x1xf32>)
  -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xi1>, tensor<?x3xf32>) {
  %0 = chlo.broadcast_add %x, %y : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
  %1 = chlo.broadcast_multiply %x, %z : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x3xf32>
  %2 = chlo.broadcast_compare %1, %z {comparison_direction = #chlo<comparison_direction LE>} : (tensor<?x3xf32>, tensor<?x1xf32>) -> tensor<?x3xi1>
  %3 = "chlo.constant_like"(%x) {value = 0.5 : f32} : (tensor<?x3xf32>) -> tensor<?x3xf32>
  return %0, %1, %2, %3 : tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xi1>, tensor<?x3xf32>
}

// EXTENTS: r0 = {{\[}}[2, 4, 6], [8, 10, 12]]
func.func @extents(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %c3 = arith.constant 3 : i64
  %c0 = arith.constant 0 : index
  %d = tensor.dim %x, %c0 : tensor<?x3xf32>
  %n = arith.index_cast %d : index to i64
  %shape = tensor.from_elements %n, %c3 : tensor<2xi64>
  %two = stablehlo.constant dense<2.0> : tensor<f32>
  %0 = stablehlo.dynamic_broadcast_in_dim %two, %shape, dims = [] : (tensor<f32>, tensor<2xi64>) -> tensor<?x3xf32>
  %of = shape.shape_of %x : tensor<?x3xf32> -> tensor<2xindex>
  %1 = stablehlo.dynamic_reshape %0, %of : (tensor<?x3xf32>, tensor<2xindex>) -> tensor<?x3xf32>
  %2 = tensor.cast %1 : tensor<?x3xf32> to tensor<?x?xf32>
  %3 = tensor.cast %2 : tensor<?x?xf32> to tensor<?x3xf32>
  %4 = stablehlo.multiply %3, %x : tensor<?x3xf32>
  return %4 : tensor<?x3xf32>
}

// CALLED: r0 = [0.520499
// CALLED-NEXT: r1 = [0.5, 1]
func.func @called(%x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %0 = stablehlo.custom_call @mhlo.erf(%x) {mhlo.attributes = {}, mhlo.version = 1 : i64} : (tensor<2xf32>) -> tensor<2xf32>
  %1 = stablehlo.custom_call @Sharding(%x) {api_version = 1 : i32, backend_config = "", mhlo.sharding = "{replicated}"} : (tensor<2xf32>) -> tensor<2xf32>
  return %0, %1 : tensor<2xf32>, tensor<2xf32>
}

// MAIN: r0 = [2, 4]
func.func @main(%x: tensor<2xf32>) -> tensor<2xf32> {
  %0 = stablehlo.add %x, %x : tensor<2xf32>
  return %0 : tensor<2xf32>
}
