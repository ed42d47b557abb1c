// RUN: dpc %s --run=training --args="[[1,5],[3,9]],[1,2],[0,1]" | FileCheck %s --check-prefix=TRAINING
// RUN: dpc %s --run=inference --args="[[1,5],[3,9]],[1,2],[0,1],[2,7],[0.999,3.999]" | FileCheck %s --check-prefix=INFERENCE
// RUN: dpc %s --grad training_sum --run=training_sum_grad --args="[[1,5],[3,8],[2,2]],[1,2],[0,1],[[1,2],[3,5],[-1,4]]" | FileCheck %s --check-prefix=OWN
// RUN: dpc %s --run=training_grad --args="[[1,5],[3,8],[2,2]],[1,2],[2,5],[0.6666667,6],[[1,2],[3,5],[-1,4]]" | FileCheck %s --check-prefix=GRAD

// TRAINING: output = {{\[\[-0\.9995.*, -0\.9997.*\], \[0\.9995.*, 2\.9997.*\]\]}}
// TRAINING: mean = [2, 7]
// TRAINING: var = [1, 4]
func.func public @training(%x: tensor<2x2xf32>, %scale: tensor<2xf32>, %offset: tensor<2xf32>)
    -> (tensor<2x2xf32> {jax.result_info = "output"}, tensor<2xf32> {jax.result_info = "mean"}, tensor<2xf32> {jax.result_info = "var"}) {
  %0:3 = "stablehlo.batch_norm_training"(%x, %scale, %offset) <{epsilon = 1.000000e-03 : f32, feature_index = 1 : i64}> : (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1, %0#2 : tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>
}

// INFERENCE: {{\[\[-1, -1\], \[1, 3\]\]}}
func.func public @inference(%x: tensor<2x2xf32>, %scale: tensor<2xf32>, %offset: tensor<2xf32>, %mean: tensor<2xf32>, %variance: tensor<2xf32>) -> tensor<2x2xf32> {
  %0 = "stablehlo.batch_norm_inference"(%x, %scale, %offset, %mean, %variance) <{epsilon = 1.000000e-03 : f32, feature_index = 1 : i64}> : (tensor<2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<2x2xf32>
  return %0 : tensor<2x2xf32>
}

// The gradient of the training step, with these cotangents, is that of the operation.
// OWN:      d_a0 = {{\[\[1\.22199.*, -1\.36071.*\], \[1\.22566.*, 0\.68042.*\], \[-2\.44765.*, 0\.68028.*\]\]}}
// OWN-NEXT: d_a1 = {{\[2\.44765.*, 1\.22464.*\]}}
// OWN-NEXT: d_a2 = [3, 11]
// GRAD:      r0 = {{\[\[1\.22199.*, -1\.36071.*\], \[1\.22566.*, 0\.68042.*\], \[-2\.44765.*, 0\.68028.*\]\]}}
// GRAD-NEXT: r1 = {{\[2\.44765.*, 1\.22464.*\]}}
// GRAD-NEXT: r2 = [3, 11]
func.func public @training_sum(%x: tensor<3x2xf32>, %scale: tensor<2xf32>, %offset: tensor<2xf32>, %g: tensor<3x2xf32>) -> tensor<f32> {
  %0:3 = "stablehlo.batch_norm_training"(%x, %scale, %offset) <{epsilon = 1.000000e-03 : f32, feature_index = 1 : i64}> : (tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>)
  %1 = stablehlo.multiply %0#0, %g : tensor<3x2xf32>
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %2 = stablehlo.reduce(%1 init: %zero) applies stablehlo.add across dimensions = [0, 1] : (tensor<3x2xf32>, tensor<f32>) -> tensor<f32>
  return %2 : tensor<f32>
}
func.func public @training_grad(%x: tensor<3x2xf32>, %scale: tensor<2xf32>, %mean: tensor<2xf32>, %variance: tensor<2xf32>, %g: tensor<3x2xf32>) -> (tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>) {
  %0:3 = "stablehlo.batch_norm_grad"(%x, %scale, %mean, %variance, %g) <{epsilon = 1.000000e-03 : f32, feature_index = 1 : i64}> : (tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<3x2xf32>) -> (tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>)
  return %0#0, %0#1, %0#2 : tensor<3x2xf32>, tensor<2xf32>, tensor<2xf32>
}
