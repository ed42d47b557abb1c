// RUN: dpopt %s --recompute-operands --split-input-file | FileCheck %s

// The activation is used by the first product and by the last one, after two others: it is computed again.
// CHECK-LABEL: func.func @late(
// CHECK:         linalg.generic
// CHECK:           scalar.max
// CHECK-COUNT-3: linalg.contract
// CHECK:         %[[AGAIN:.*]] = linalg.generic
// CHECK:           scalar.max
// CHECK:         linalg.contract {{.*}} ins(%[[AGAIN]], %{{.*}} :
#id = affine_map<(d0, d1) -> (d0, d1)>
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
!T = tensor<128x128xf32>
func.func @late(%x: !T, %w: !T) -> !T {
  %zero = scalar.constant 0.0 : f32
  %e0 = tensor.empty() : !T
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : !T) outs(%e0 : !T) {
  ^bb0(%a: f32, %o: f32):
    %m = scalar.max %a, %zero : f32
    linalg.yield %m : f32
  } -> !T
  %e1 = tensor.empty() : !T
  %1 = linalg.contract indexing_maps = [#a, #b, #c] ins(%y, %w : !T, !T) outs(%e1 : !T) -> !T
  %e2 = tensor.empty() : !T
  %2 = linalg.contract indexing_maps = [#a, #b, #c] ins(%1, %w : !T, !T) outs(%e2 : !T) -> !T
  %e3 = tensor.empty() : !T
  %3 = linalg.contract indexing_maps = [#a, #b, #c] ins(%2, %w : !T, !T) outs(%e3 : !T) -> !T
  %e4 = tensor.empty() : !T
  %4 = linalg.contract indexing_maps = [#a, #b, #c] ins(%y, %3 : !T, !T) outs(%e4 : !T) -> !T
  return %4 : !T
}

// -----

// An exponential is not cheap.
// CHECK-LABEL: func.func @costly(
// CHECK:         linalg.generic
// CHECK-NOT:     linalg.generic
#id = affine_map<(d0, d1) -> (d0, d1)>
#a = affine_map<(m, n, k) -> (m, k)>
#b = affine_map<(m, n, k) -> (k, n)>
#c = affine_map<(m, n, k) -> (m, n)>
!T = tensor<128x128xf32>
func.func @costly(%x: !T, %w: !T) -> !T {
  %e0 = tensor.empty() : !T
  %y = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel", "parallel"]} ins(%x : !T) outs(%e0 : !T) {
  ^bb0(%a: f32, %o: f32):
    %m = scalar.exp %a : f32
    linalg.yield %m : f32
  } -> !T
  %e1 = tensor.empty() : !T
  %1 = linalg.contract indexing_maps = [#a, #b, #c] ins(%y, %w : !T, !T) outs(%e1 : !T) -> !T
  %e2 = tensor.empty() : !T
  %2 = linalg.contract indexing_maps = [#a, #b, #c] ins(%1, %w : !T, !T) outs(%e2 : !T) -> !T
  %e3 = tensor.empty() : !T
  %3 = linalg.contract indexing_maps = [#a, #b, #c] ins(%2, %w : !T, !T) outs(%e3 : !T) -> !T
  %e4 = tensor.empty() : !T
  %4 = linalg.contract indexing_maps = [#a, #b, #c] ins(%y, %3 : !T, !T) outs(%e4 : !T) -> !T
  return %4 : !T
}
