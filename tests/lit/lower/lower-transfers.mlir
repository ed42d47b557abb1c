// RUN: dpopt %s --lower-transfers | FileCheck %s

// CHECK-LABEL:   func.func @rows(
// CHECK-SAME:      %[[X:[^:]*]]: memref<3x8xf64>, %[[Y:[^:]*]]: memref<3x8xf64>, %[[I:[^:]*]]: index, %[[J:[^:]*]]: index)
// CHECK-NEXT:      %[[ROW:.*]] = vector.load %[[X]][%[[I]], %[[J]]] : memref<3x8xf64>, vector<4xf64>
// CHECK-NEXT:      vector.store %[[ROW]], %[[Y]][%[[J]], %[[I]]] : memref<3x8xf64>, vector<4xf64>
func.func @rows(%x: memref<3x8xf64>, %y: memref<3x8xf64>, %i: index, %j: index) {
  %zero = arith.constant 0.0 : f64
  %row = vector.transfer_read %x[%i, %j], %zero {in_bounds = [true]} : memref<3x8xf64>, vector<4xf64>
  vector.transfer_write %row, %y[%j, %i] {in_bounds = [true]} : vector<4xf64>, memref<3x8xf64>
  return
}
