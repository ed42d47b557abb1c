// RUN: dpopt %s --canonicalize | FileCheck %s

// Constants are computed, in the type's own precision.
// CHECK-LABEL: func.func @constants(
// CHECK-DAG:     %[[F:.*]] = scalar.constant 1.500000e+00 : f32
// CHECK-DAG:     %[[I:.*]] = scalar.constant -128 : i8
// CHECK-DAG:     %[[T:.*]] = array.constant dense<{{\[}}[1, 3], [2, 4]]> : tensor<2x2xi32>
// CHECK-DAG:     %[[S:.*]] = array.constant dense<4.000000e+00> : tensor<2xf64>
// CHECK-DAG:     %[[P:.*]] = scalar.constant true
// CHECK:         return %[[F]], %[[I]], %[[T]], %[[S]], %[[P]]
func.func @constants() -> (f32, i8, tensor<2x2xi32>, tensor<2xf64>, i1) {
  %a = scalar.constant 0.5 : f32
  %b = scalar.constant 1.0 : f32
  %f = scalar.add %a, %b : f32
  %m = scalar.constant 127 : i8
  %n = scalar.constant 1 : i8
  %i = scalar.add %m, %n : i8
  %c = array.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi32>
  %t = array.transpose %c permutation [1, 0] : tensor<2x2xi32>
  %two = scalar.constant 2.0 : f64
  %r = array.broadcast %two dims [] : f64 to tensor<2xf64>
  %s = scalar.mul %r, %r : tensor<2xf64>
  %p = scalar.compare lt %a, %b : f32
  return %f, %i, %t, %s, %p : f32, i8, tensor<2x2xi32>, tensor<2xf64>, i1
}

// Operations that change nothing go away; dynamic extents may differ, and keep theirs.
// CHECK-LABEL: func.func @unchanged(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<2x3xf64>, %[[D:[^:]*]]: tensor<?xf64>
// CHECK-NEXT:    %[[B:.*]] = array.reshape %[[D]]
// CHECK-NEXT:    return %[[X]], %[[B]]
func.func @unchanged(%x: tensor<2x3xf64>, %d: tensor<?xf64>, %n: index, %p: tensor<2x3xi1>)
    -> (tensor<2x3xf64>, tensor<?xf64>) {
  %a = array.transpose %x permutation [0, 1] : tensor<2x3xf64>
  %b = array.reshape %a : tensor<2x3xf64> to tensor<2x3xf64>
  %c = array.slice %b starts [0, 0] strides [1, 1] : tensor<2x3xf64> to tensor<2x3xf64>
  %e = array.concatenate %c dim 0 : tensor<2x3xf64>
  %f = scalar.convert %e : tensor<2x3xf64> to tensor<2x3xf64>
  %same = scalar.bitcast %f : tensor<2x3xf64> to tensor<2x3xf64>
  %g = scalar.select %p, %same, %same : tensor<2x3xi1>, tensor<2x3xf64>
  %r = array.reshape %d extents(%n) : tensor<?xf64> to tensor<?xf64>
  return %g, %r : tensor<2x3xf64>, tensor<?xf64>
}
