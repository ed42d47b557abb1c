// RUN: dpopt %s --order-reads | FileCheck %s

// The old value is read after the update: the read moves before it, with its index and its assertion.
// CHECK-LABEL: func.func @element(
// CHECK:         scf.for {{.*}} iter_args(%[[X:.*]] = %{{.*}}, %{{.*}} = %{{.*}})
// CHECK:           %[[K:.*]] = arith.addi
// CHECK:           cf.assert
// CHECK:           %[[OLD:.*]] = tensor.extract %[[X]][%[[K]]]
// CHECK-NEXT:      %[[U:.*]] = tensor.insert %{{.*}} into %[[X]]
// CHECK:           scf.yield %[[U]], %[[OLD]]
func.func @element(%x: tensor<8xf64>, %s: f64, %n: index) -> (tensor<8xf64>, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c8 = arith.constant 8 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %t = %s) -> (tensor<8xf64>, f64) {
    %u = tensor.insert %t into %a[%i] : tensor<8xf64>
    %k = arith.addi %i, %c1 : index
    %is_in = arith.cmpi ult, %k, %c8 : index
    cf.assert %is_in, "out of bounds"
    %old = tensor.extract %a[%k] : tensor<8xf64>
    scf.yield %u, %old : tensor<8xf64>, f64
  }
  return %r#0, %r#1 : tensor<8xf64>, f64
}

// A computation on a slice moves with its destination.
// CHECK-LABEL: func.func @slice(
// CHECK:           %[[PART:.*]] = tensor.extract_slice
// CHECK:           %[[OWN:.*]] = tensor.empty
// CHECK:           linalg.generic {{.*}} ins(%[[PART]] : tensor<2xf64>) outs(%[[OWN]] : tensor<2xf64>)
// CHECK:           tensor.insert
#id = affine_map<(d0) -> (d0)>
func.func @slice(%x: tensor<8xf64>, %y: tensor<2xf64>, %s: f64, %n: index) -> (tensor<8xf64>, tensor<2xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y) -> (tensor<8xf64>, tensor<2xf64>) {
    %u = tensor.insert %s into %a[%i] : tensor<8xf64>
    %part = tensor.extract_slice %a[%c1] [2] [1] : tensor<8xf64> to tensor<2xf64>
    %own = tensor.empty() : tensor<2xf64>
    %twice = linalg.generic {indexing_maps = [#id, #id], iterator_types = ["parallel"]}
        ins(%part : tensor<2xf64>) outs(%own : tensor<2xf64>) {
    ^bb0(%e: f64, %out: f64):
      %d = arith.addf %e, %e : f64
      linalg.yield %d : f64
    } -> tensor<2xf64>
    scf.yield %u, %twice : tensor<8xf64>, tensor<2xf64>
  }
  return %r#0, %r#1 : tensor<8xf64>, tensor<2xf64>
}

// The index depends on the update: the read stays. So does a read outside of loops.
// CHECK-LABEL: func.func @stays(
// CHECK:           tensor.insert
// CHECK:           tensor.extract
// CHECK:           tensor.extract
// CHECK:           scf.yield
// CHECK:         tensor.insert
// CHECK:         tensor.extract
func.func @stays(%x: tensor<8xindex>, %n: index) -> (tensor<8xindex>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %t = %c0) -> (tensor<8xindex>, index) {
    %u = tensor.insert %t into %a[%i] : tensor<8xindex>
    %k = tensor.extract %u[%c1] : tensor<8xindex>
    %old = tensor.extract %a[%k] : tensor<8xindex>
    scf.yield %u, %old : tensor<8xindex>, index
  }
  %v = tensor.insert %n into %x[%c0] : tensor<8xindex>
  %w = tensor.extract %x[%c0] : tensor<8xindex>
  %z = arith.addi %w, %r#1 : index
  return %v, %z : tensor<8xindex>, index
}
