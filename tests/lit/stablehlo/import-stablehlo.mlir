// The operations of StableHLO in our dialects: tensors of rank 0 are numbers, and integers are signless.
// RUN: dpopt %s --import-stablehlo | FileCheck %s
// RUN: dpopt %s --mlir-print-op-generic --mlir-print-debuginfo | dpopt --import-stablehlo | FileCheck %s

// CHECK-NOT: mhlo
module @jit_f attributes {mhlo.num_partitions = 1 : i32, mhlo.num_replicas = 1 : i32} {
  // CHECK-LABEL: func.func public @f
  // CHECK-SAME: (%[[X:.*]]: tensor<3xf32> {dp.name = "x"}, %[[A:.*]]: f32 {dp.name = "params_a"}) -> (f32 {dp.name = "result_loss"})
  func.func public @main(%arg0: tensor<3xf32> loc("x"), %arg1: tensor<f32> loc("params['a']")) -> (tensor<f32> {jax.result_info = "result['loss']"}) {
    // CHECK: %[[S:.*]] = array.broadcast %[[A]] dims [] : f32 to tensor<3xf32>
    // CHECK: %[[M:.*]] = scalar.mul %[[X]], %[[S]] : tensor<3xf32>
    %0 = stablehlo.broadcast_in_dim %arg1, dims = [] : (tensor<f32>) -> tensor<3xf32>
    %1 = stablehlo.multiply %arg0, %0 : tensor<3xf32>
    %cst = stablehlo.constant dense<0.0> : tensor<f32>
    // CHECK: %[[R:.*]] = array.reduce add %[[M]] dims [0] : tensor<3xf32>
    // CHECK: tensor.extract %[[R]][] : tensor<f32>
    %2 = stablehlo.reduce(%1 init: %cst) applies stablehlo.add across dimensions = [0] : (tensor<3xf32>, tensor<f32>) -> tensor<f32>
    // CHECK: call @helper
    %3 = call @helper(%2) : (tensor<f32>) -> tensor<f32>
    return %3 : tensor<f32>
  }

  // CHECK-LABEL: func.func private @helper(%{{.*}}: f32) -> f32
  func.func private @helper(%arg0: tensor<f32>) -> tensor<f32> {
    %one = stablehlo.constant dense<1.0> : tensor<f32>
    %0 = stablehlo.add %arg0, %one : tensor<f32>
    return %0 : tensor<f32>
  }

  // The sign chooses the operation.
  // CHECK-LABEL: func.func @signs(%{{.*}}: tensor<2xi32>, %{{.*}}: tensor<2xi32>, %{{.*}}: tensor<2xi1>)
  func.func @signs(%u: tensor<2xui32>, %i: tensor<2xi32>, %b: tensor<2xi1>) -> (tensor<2xui32>, tensor<2xi32>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>) {
    // CHECK: scalar.udiv
    // CHECK: scalar.div
    // CHECK: scalar.or
    // CHECK: scalar.compare ult
    // CHECK: scalar.convert unsigned
    %0 = stablehlo.divide %u, %u : tensor<2xui32>
    %1 = stablehlo.divide %i, %i : tensor<2xi32>
    %2 = stablehlo.add %b, %b : tensor<2xi1>
    %3 = stablehlo.compare LT, %u, %u, UNSIGNED : (tensor<2xui32>, tensor<2xui32>) -> tensor<2xi1>
    %4 = stablehlo.convert %u : (tensor<2xui32>) -> tensor<2xf32>
    return %0, %1, %2, %3, %4 : tensor<2xui32>, tensor<2xi32>, tensor<2xi1>, tensor<2xi1>, tensor<2xf32>
  }

  // Bits of another width are rows; the total order is one of integers.
  // CHECK-LABEL: func.func @bits
  func.func @bits(%x: tensor<2xf64>, %y: tensor<2xf64>) -> (tensor<2x4xui16>, tensor<2xi1>) {
    // CHECK: scalar.bitcast %{{.*}} : tensor<2xf64> to tensor<2xi64>
    // CHECK: array.iota dim 1 : tensor<2x4xi64>
    // CHECK: scalar.convert unsigned %{{.*}} : tensor<2x4xi64> to tensor<2x4xi16>
    // CHECK: scalar.compare lt %{{.*}} : tensor<2xi64>
    %0 = stablehlo.bitcast_convert %x : (tensor<2xf64>) -> tensor<2x4xui16>
    %1 = stablehlo.compare LT, %x, %y, TOTALORDER : (tensor<2xf64>, tensor<2xf64>) -> tensor<2xi1>
    return %0, %1 : tensor<2x4xui16>, tensor<2xi1>
  }

  // One dimension after another; the real one comes first, and last on the way back.
  // CHECK-LABEL: func.func @transforms
  func.func @transforms(%x: tensor<2x4x6xf32>) -> tensor<2x4x6xf32> {
    // CHECK: %[[R:.*]] = array.fft rfft %{{.*}} dim 2 length 6 : tensor<2x4x6xf32>
    // CHECK: %[[F:.*]] = array.fft fft %[[R]] dim 1 length 4 : tensor<2x4x4xcomplex<f32>>
    // CHECK: %[[I:.*]] = array.fft ifft %[[F]] dim 1 length 4
    // CHECK: array.fft irfft %[[I]] dim 2 length 6
    %0 = stablehlo.fft %x, type = RFFT, length = [4, 6] : (tensor<2x4x6xf32>) -> tensor<2x4x4xcomplex<f32>>
    %1 = stablehlo.fft %0, type = IRFFT, length = [4, 6] : (tensor<2x4x4xcomplex<f32>>) -> tensor<2x4x6xf32>
    return %1 : tensor<2x4x6xf32>
  }

  // The greatest elements come first in a sort.
  // CHECK-LABEL: func.func @greatest
  func.func @greatest(%x: tensor<3x8xui32>) -> (tensor<3x2xui32>, tensor<3x2xi32>) {
    // CHECK: array.sort({{.*}}) dim 1
    // CHECK: scalar.compare ugt
    // CHECK-COUNT-2: array.slice
    %0:2 = chlo.top_k(%x, k = 2) : tensor<3x8xui32> -> (tensor<3x2xui32>, tensor<3x2xi32>)
    return %0#0, %0#1 : tensor<3x2xui32>, tensor<3x2xi32>
  }

  // CHECK-LABEL: func.func @least
  func.func @least(%x: tensor<8xf32>) -> (tensor<2xf32>, tensor<2xi32>) {
    // CHECK: array.sort({{.*}}) dim 0
    // CHECK: scalar.compare lt %{{.*}} : i32
    // CHECK-COUNT-2: array.slice
    %0:2 = stablehlo.custom_call @mhlo.topk(%x) {mhlo.attributes = {k = 2 : i64, largest = false}, mhlo.version = 1 : i64} : (tensor<8xf32>) -> (tensor<2xf32>, tensor<2xi32>)
    return %0#0, %0#1 : tensor<2xf32>, tensor<2xi32>
  }

  // A loop that counts is a counted loop.
  // CHECK-LABEL: func.func @counted
  func.func @counted(%n: tensor<i32>, %x: tensor<f64>) -> (tensor<i32>, tensor<f64>) {
    %zero = stablehlo.constant dense<0> : tensor<i32>
    // CHECK: scf.for
    // CHECK-NOT: scf.while
    // CHECK: scalar.max
    %0:2 = stablehlo.while(%i = %zero, %a = %x) : tensor<i32>, tensor<f64>
    cond {
      %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %one = stablehlo.constant dense<1> : tensor<i32>
      %1 = stablehlo.add %i, %one : tensor<i32>
      %2 = stablehlo.sine %a : tensor<f64>
      stablehlo.return %1, %2 : tensor<i32>, tensor<f64>
    }
    return %0#0, %0#1 : tensor<i32>, tensor<f64>
  }

  // CHECK-LABEL: func.func @uncounted
  func.func @uncounted(%x: tensor<f64>) -> tensor<f64> {
    %c = stablehlo.constant dense<100.0> : tensor<f64>
    // CHECK: scf.while
    // CHECK: scf.condition
    %0 = stablehlo.while(%a = %x) : tensor<f64>
    cond {
      %1 = stablehlo.compare LT, %a, %c, FLOAT : (tensor<f64>, tensor<f64>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %2 = stablehlo.add %a, %a : tensor<f64>
      stablehlo.return %2 : tensor<f64>
    }
    return %0 : tensor<f64>
  }

  // A number that is not an integer does not count, nor does one that is added up by another number.
  // CHECK-LABEL: func.func @real
  func.func @real(%x: tensor<f64>, %n: tensor<i32>) -> (tensor<f64>, tensor<i32>) {
    %c = stablehlo.constant dense<100.0> : tensor<f64>
    // CHECK-NOT: scf.for
    // CHECK: scf.while
    %0 = stablehlo.while(%a = %x) : tensor<f64>
    cond {
      %1 = stablehlo.compare LT, %a, %c, FLOAT : (tensor<f64>, tensor<f64>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %one = stablehlo.constant dense<1.0> : tensor<f64>
      %2 = stablehlo.add %a, %one : tensor<f64>
      stablehlo.return %2 : tensor<f64>
    }
    // CHECK-NOT: scf.for
    // CHECK: scf.while
    %3:2 = stablehlo.while(%i = %n, %b = %n) : tensor<i32>, tensor<i32>
    cond {
      %1 = stablehlo.compare LT, %i, %b, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
      stablehlo.return %1 : tensor<i1>
    } do {
      %one = stablehlo.constant dense<1> : tensor<i32>
      %2 = stablehlo.add %i, %one : tensor<i32>
      %4 = stablehlo.subtract %b, %one : tensor<i32>
      stablehlo.return %2, %4 : tensor<i32>, tensor<i32>
    }
    return %0, %3#0 : tensor<f64>, tensor<i32>
  }

  // The last branch stands for indices out of range.
  // CHECK-LABEL: func.func @branches
  func.func @branches(%i: tensor<i32>, %x: tensor<f64>) -> tensor<f64> {
    // CHECK: scf.index_switch
    // CHECK: case 0
    // CHECK: case 1
    // CHECK: default
    %0 = "stablehlo.case"(%i) ({
      %1 = stablehlo.sine %x : tensor<f64>
      stablehlo.return %1 : tensor<f64>
    }, {
      %1 = stablehlo.cosine %x : tensor<f64>
      stablehlo.return %1 : tensor<f64>
    }, {
      stablehlo.return %x : tensor<f64>
    }) : (tensor<i32>) -> tensor<f64>
    return %0 : tensor<f64>
  }

  // A cumulative window is a scan.
  // CHECK-LABEL: func.func @cumulative
  func.func @cumulative(%x: tensor<4xf64>) -> tensor<4xf64> {
    %zero = stablehlo.constant dense<0.0> : tensor<f64>
    // CHECK: array.scan add %{{.*}} dim 0
    %0 = "stablehlo.reduce_window"(%x, %zero) <{padding = dense<[[3, 0]]> : tensor<1x2xi64>, window_dimensions = array<i64: 4>}> ({
    ^bb0(%a: tensor<f64>, %b: tensor<f64>):
      %1 = stablehlo.add %a, %b : tensor<f64>
      stablehlo.return %1 : tensor<f64>
    }) : (tensor<4xf64>, tensor<f64>) -> tensor<4xf64>
    return %0 : tensor<4xf64>
  }

  // What is outside adds nothing.
  // CHECK-LABEL: func.func @rows
  func.func @rows(%x: tensor<5x3xf64>, %i: tensor<2x1xi32>) -> (tensor<2x3xf64>, tensor<5x3xf64>) {
    // CHECK: array.gather
    %0 = "stablehlo.gather"(%x, %i) <{dimension_numbers = #stablehlo.gather<offset_dims = [1], collapsed_slice_dims = [0], start_index_map = [0], index_vector_dim = 1>, indices_are_sorted = false, slice_sizes = array<i64: 1, 3>}> : (tensor<5x3xf64>, tensor<2x1xi32>) -> tensor<2x3xf64>
    // CHECK: scalar.select
    // CHECK: array.scatter
    %1 = "stablehlo.scatter"(%x, %i, %0) <{indices_are_sorted = false, scatter_dimension_numbers = #stablehlo.scatter<update_window_dims = [1], inserted_window_dims = [0], scatter_dims_to_operand_dims = [0], index_vector_dim = 1>, unique_indices = false}> ({
    ^bb0(%a: tensor<f64>, %b: tensor<f64>):
      %2 = stablehlo.add %a, %b : tensor<f64>
      stablehlo.return %2 : tensor<f64>
    }) : (tensor<5x3xf64>, tensor<2x1xi32>, tensor<2x3xf64>) -> tensor<5x3xf64>
    return %0, %1 : tensor<2x3xf64>, tensor<5x3xf64>
  }

  // A convolution contracts windows with the kernel.
  // CHECK-LABEL: func.func @convolved
  func.func @convolved(%x: tensor<1x4x4x2xf32>, %k: tensor<3x3x2x5xf32>) -> tensor<1x4x4x5xf32> {
    // CHECK: array.pad
    // CHECK: array.windows %{{.*}} dim 1 sizes [3, 3] strides [1, 1] dilations [1, 1] : tensor<1x6x6x2xf32>
    // CHECK-NEXT: array.dot %{{.*}} contract [3, 4, 5] with [0, 1, 2] : tensor<1x4x4x3x3x2xf32>, tensor<3x3x2x5xf32>
    %0 = stablehlo.convolution(%x, %k) dim_numbers = [b, 0, 1, f]x[0, 1, i, o]->[b, 0, 1, f], window = {pad = [[1, 1], [1, 1]]} {batch_group_count = 1 : i64, feature_group_count = 1 : i64} : (tensor<1x4x4x2xf32>, tensor<3x3x2x5xf32>) -> tensor<1x4x4x5xf32>
    return %0 : tensor<1x4x4x5xf32>
  }

  // JAX writes the logistic function as a quotient.
  // CHECK-LABEL: func.func @logistic
  // CHECK: scalar.logistic %{{.*}} : tensor<4xf32>
  // CHECK-NOT: scalar.div
  func.func @logistic(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = stablehlo.negate %x : tensor<4xf32>
    %1 = stablehlo.exponential %0 : tensor<4xf32>
    %2 = stablehlo.constant dense<1.000000e+00> : tensor<f32>
    %3 = stablehlo.broadcast_in_dim %2, dims = [] : (tensor<f32>) -> tensor<4xf32>
    %4 = stablehlo.add %3, %1 : tensor<4xf32>
    %5 = stablehlo.divide %3, %4 : tensor<4xf32>
    return %5 : tensor<4xf32>
  }
}
