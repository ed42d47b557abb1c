// RUN: dpopt %s --lower-switches | FileCheck %s

// CHECK-LABEL: func.func @tensors(
// CHECK-SAME:    %[[X:.*]]: tensor<2xf64>, %[[K:.*]]: index)
// CHECK:         %[[TWO:.*]] = arith.cmpi eq, %[[K]], %{{.*}} : index
// CHECK:         %[[FIVE:.*]] = arith.cmpi eq, %[[K]], %{{.*}} : index
// CHECK:         %[[R:.*]] = scf.if %[[TWO]] -> (tensor<2xf64>)
// CHECK-NEXT:      scalar.sin
// CHECK:         } else {
// CHECK-NEXT:      %[[INNER:.*]] = scf.if %[[FIVE]] -> (tensor<2xf64>)
// CHECK-NEXT:        scalar.cos
// CHECK:           } else {
// CHECK-NEXT:        scf.yield %[[X]]
// CHECK:           scf.yield %[[INNER]]
// CHECK:         return %[[R]]
func.func @tensors(%x: tensor<2xf64>, %k: index) -> tensor<2xf64> {
  %y = scf.index_switch %k -> tensor<2xf64>
  case 2 {
    %a = scalar.sin %x : tensor<2xf64>
    scf.yield %a : tensor<2xf64>
  }
  case 5 {
    %a = scalar.cos %x : tensor<2xf64>
    scf.yield %a : tensor<2xf64>
  }
  default {
    scf.yield %x : tensor<2xf64>
  }
  return %y : tensor<2xf64>
}

// Numbers have no memory.
// CHECK-LABEL: func.func @numbers(
// CHECK:         scf.index_switch
func.func @numbers(%x: f64, %k: index) -> f64 {
  %y = scf.index_switch %k -> f64
  case 2 {
    %a = scalar.sin %x : f64
    scf.yield %a : f64
  }
  default {
    scf.yield %x : f64
  }
  return %y : f64
}
