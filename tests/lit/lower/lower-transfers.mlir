// RUN: dpopt %s --lower-transfers | FileCheck %s

// CHECK-LABEL:   func.func @rows(
// CHECK-SAME:      %[[X:[^:]*]]: memref<3x8xf64>, %[[Y:[^:]*]]: memref<3x8xf64>, %[[I:[^:]*]]: index, %[[J:[^:]*]]: index)
// CHECK:           %[[ROW:.*]] = vector.load %[[X]][%[[I]], %[[J]]] : memref<3x8xf64>, vector<4xf64>
// CHECK-NEXT:      vector.store %[[ROW]], %[[Y]][%[[J]], %[[I]]] : memref<3x8xf64>, vector<4xf64>
func.func @rows(%x: memref<3x8xf64>, %y: memref<3x8xf64>, %i: index, %j: index) {
  %zero = arith.constant 0.0 : f64
  %row = vector.transfer_read %x[%i, %j], %zero {in_bounds = [true]} : memref<3x8xf64>, vector<4xf64>
  vector.transfer_write %row, %y[%j, %i] {in_bounds = [true]} : vector<4xf64>, memref<3x8xf64>
  return
}

// A row of complex numbers is twice as many real ones.
// CHECK-LABEL:   func.func @complex(
// CHECK-SAME:      %[[X:[^:]*]]: memref<3x8xcomplex<f64>>, %[[Y:[^:]*]]: memref<3x8xcomplex<f64>>
// CHECK:           %[[PAIRS:.*]] = vector.load %{{.*}}[%{{.*}}] : memref<?xf64>, vector<4xf64>
// CHECK:           %[[RE:.*]] = vector.shuffle %[[PAIRS]], %[[PAIRS]] [0, 2]
// CHECK:           %[[IM:.*]] = vector.shuffle %[[PAIRS]], %[[PAIRS]] [1, 3]
// CHECK-NOT:       memref.store
// CHECK:           %[[BOTH:.*]] = vector.shuffle %[[IM]], %[[RE]] [0, 2, 1, 3]
// CHECK:           vector.store %[[BOTH]], %{{.*}}[%{{.*}}] : memref<?xf64>, vector<4xf64>
func.func @complex(%x: memref<3x8xcomplex<f64>>, %y: memref<3x8xcomplex<f64>>, %i: index, %j: index) {
  %first = memref.load %x[%i, %j] : memref<3x8xcomplex<f64>>
  %parts:2 = builtin.unrealized_conversion_cast %first : complex<f64> to vector<2xf64>, vector<2xf64>
  %made = builtin.unrealized_conversion_cast %parts#1, %parts#0 : vector<2xf64>, vector<2xf64> to complex<f64>
  memref.store %made, %y[%j, %i] : memref<3x8xcomplex<f64>>
  return
}
