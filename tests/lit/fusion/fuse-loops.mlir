// RUN: dpopt %s --lower-array --resolve-ranked-shaped-type-result-dims --canonicalize --cse --fuse-loops | FileCheck %s
// RUN: dpopt %s --lower-array --resolve-ranked-shaped-type-result-dims --canonicalize --cse --fuse-loops=fp=strict | FileCheck %s --check-prefix=STRICT

// A chain is one nest; what is broadcast is read where it lies, and what is filled is a number.
// CHECK-LABEL: func.func @chain(
// CHECK-NOT:     linalg.fill
// CHECK:         linalg.generic {{.*}} ins(%arg{{[0-2]}}, %arg{{[0-2]}}, %arg{{[0-2]}} :
// CHECK:           scalar.add
// CHECK:           scalar.tanh
// CHECK:           scalar.mul %{{.*}}, %{{.*}} : f32
// CHECK:           scalar.sub
// CHECK-NOT:     linalg.generic
func.func @chain(%x: tensor<32x64xf32>, %b: tensor<64xf32>, %y: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %bs = array.broadcast %b dims [1] : tensor<64xf32> to tensor<32x64xf32>
  %s = scalar.add %x, %bs : tensor<32x64xf32>
  %t = scalar.tanh %s : tensor<32x64xf32>
  %two = scalar.constant 2.0 : f32
  %twos = array.broadcast %two dims [] : f32 to tensor<32x64xf32>
  %u = scalar.mul %t, %twos : tensor<32x64xf32>
  %z = scalar.sub %u, %y : tensor<32x64xf32>
  return %z : tensor<32x64xf32>
}

// What is transposed is read where it lies, unless what is expensive would leave vectors for it.
// CHECK-LABEL: func.func @read_transposed(
// CHECK:         linalg.generic {{.*}}ins(%arg{{[01]}}, %arg{{[01]}} :
// CHECK:           scalar.sub
// CHECK-NOT:     linalg.generic
// CHECK-LABEL: func.func @transposed_first(
// CHECK:         linalg.generic {{.*}}ins(%arg{{[01]}}, %arg{{[01]}} :
// CHECK:           scalar.sub
// CHECK:         linalg.generic
// CHECK:           scalar.tanh
func.func @read_transposed(%x: tensor<32x64xf32>, %y: tensor<64x32xf32>) -> tensor<32x64xf32> {
  %t = array.transpose %y permutation [1, 0] : tensor<64x32xf32>
  %z = scalar.sub %x, %t : tensor<32x64xf32>
  return %z : tensor<32x64xf32>
}
func.func @transposed_first(%x: tensor<32x64xf32>, %y: tensor<64x32xf32>) -> tensor<32x64xf32> {
  %t = array.transpose %y permutation [1, 0] : tensor<64x32xf32>
  %s = scalar.sub %x, %t : tensor<32x64xf32>
  %z = scalar.tanh %s : tensor<32x64xf32>
  return %z : tensor<32x64xf32>
}

// What has several uses is computed once, used on the spot, and stored for the rest.
// CHECK-LABEL: func.func @several_uses(
// CHECK:         %[[Y:.*]]:2 = linalg.generic
// CHECK:           %[[T:.*]] = scalar.tanh
// CHECK:           %[[U:.*]] = scalar.mul %[[T]], %[[T]]
// CHECK:           linalg.yield %[[T]], %[[U]]
// CHECK-NOT:     linalg.generic
// CHECK:         return %[[Y]]#0, %[[Y]]#1
func.func @several_uses(%x: tensor<32x64xf32>) -> (tensor<32x64xf32>, tensor<32x64xf32>) {
  %t = scalar.tanh %x : tensor<32x64xf32>
  %u = scalar.mul %t, %t : tensor<32x64xf32>
  return %t, %u : tensor<32x64xf32>, tensor<32x64xf32>
}

// What is cheap is computed again rather than stored: the greatest must be known before the rest.
// CHECK-LABEL: func.func @again(
// CHECK:         linalg.generic {{.*}}["parallel", "reduction"]
// CHECK:           scalar.add
// CHECK:           scalar.max
// CHECK:         linalg.generic {{.*}}["parallel", "parallel"]
// CHECK:           scalar.add
// CHECK:           scalar.sub
// CHECK-NOT:     linalg.generic
func.func @again(%x: tensor<32x64xf32>, %b: tensor<64xf32>) -> tensor<32x64xf32> {
  %bs = array.broadcast %b dims [1] : tensor<64xf32> to tensor<32x64xf32>
  %z = scalar.add %x, %bs : tensor<32x64xf32>
  %m = array.reduce max %z dims [1] : tensor<32x64xf32>
  %ms = array.broadcast %m dims [0] : tensor<32xf32> to tensor<32x64xf32>
  %y = scalar.sub %z, %ms : tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}

// What is expensive is not: it is stored.
// CHECK-LABEL: func.func @not_again(
// CHECK:         linalg.generic
// CHECK:           scalar.tanh
// CHECK-NOT:     scalar.tanh
func.func @not_again(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %z = scalar.tanh %x : tensor<32x64xf32>
  %m = array.reduce max %z dims [1] : tensor<32x64xf32>
  %ms = array.broadcast %m dims [0] : tensor<32xf32> to tensor<32x64xf32>
  %y = scalar.sub %z, %ms : tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}

// A producer and sums of it, along either loop, are one nest.
// CHECK-LABEL: func.func @sums(
// CHECK:         %[[Y:.*]]:3 = linalg.generic {{.*}}["reduction", "reduction"]
// CHECK:           %[[E:.*]] = scalar.exp
// CHECK-DAG:       scalar.add %{{.*}}, %[[E]] {dp.regrouped}
// CHECK-DAG:       scalar.add %{{.*}}, %[[E]] {dp.regrouped}
// CHECK-NOT:     linalg.generic
// In order, the sums of rows have no vectors, which the exponentials have.
// STRICT-LABEL: func.func @sums(
// STRICT:         linalg.generic
// STRICT:           scalar.exp
// STRICT:           linalg.yield
// STRICT:         linalg.generic
// STRICT-LABEL: func.func @siblings(
func.func @sums(%x: tensor<32x64xf32>) -> (tensor<32x64xf32>, tensor<32xf32>, tensor<64xf32>) {
  %e = scalar.exp %x : tensor<32x64xf32>
  %r = array.reduce add %e dims [1] : tensor<32x64xf32>
  %c = array.reduce add %e dims [0] : tensor<32x64xf32>
  return %e, %r, %c : tensor<32x64xf32>, tensor<32xf32>, tensor<64xf32>
}

// Neighbours that read the same tensor are one nest.
// CHECK-LABEL: func.func @siblings(
// CHECK:         linalg.generic {{.*}}ins(%arg0 :
// CHECK:           scalar.max
// CHECK:           scalar.sqrt
// CHECK-NOT:     linalg.generic
func.func @siblings(%x: tensor<32x64xf32>) -> (tensor<32xf32>, tensor<32x64xf32>) {
  %m = array.reduce max %x dims [1] : tensor<32x64xf32>
  %y = scalar.sqrt %x : tensor<32x64xf32>
  return %m, %y : tensor<32xf32>, tensor<32x64xf32>
}

// Loops are matched by the dimensions that they run along.
// CHECK-LABEL: func.func @transposed(
// CHECK:         linalg.generic {{.*}}ins(%arg0 :
// CHECK:           scalar.add
// CHECK:           scalar.add
// CHECK-NOT:     linalg.generic
func.func @transposed(%x: tensor<32x64xi32>) -> (tensor<64xi32>, tensor<32xi32>) {
  %c = array.reduce add %x dims [0] : tensor<32x64xi32>
  %t = array.transpose %x permutation [1, 0] : tensor<32x64xi32>
  %r = array.reduce add %t dims [0] : tensor<64x32xi32>
  return %c, %r : tensor<64xi32>, tensor<32xi32>
}

// What stands between and is not needed moves behind.
// CHECK-LABEL: func.func @between(
// CHECK:         linalg.generic
// CHECK:           scalar.tanh
// CHECK:           scalar.add
// CHECK:         linalg.contract
// CHECK-NOT:     linalg.generic
func.func @between(%x: tensor<32x64xf32>, %w: tensor<64x8xf32>) -> (tensor<32x8xf32>, tensor<64xf32>) {
  %t = scalar.tanh %x : tensor<32x64xf32>
  %y = array.dot %t, %w contract [1] with [0] : tensor<32x64xf32>, tensor<64x8xf32>
  %c = array.reduce add %t dims [0] : tensor<32x64xf32>
  return %y, %c : tensor<32x8xf32>, tensor<64xf32>
}

// Arguments of unknown extents, with a check before.
// CHECK-LABEL: func.func @dynamic(
// CHECK:         cf.assert
// CHECK:         linalg.generic {{.*}}["reduction", "parallel"]
// CHECK:           scalar.mul
// CHECK:           scalar.add
// CHECK-NOT:     linalg.generic
func.func @dynamic(%x: tensor<?x?xf32>, %y: tensor<?x?xf32>) -> (tensor<?x?xf32>, tensor<?xf32>) {
  %t = scalar.mul %x, %y : tensor<?x?xf32>
  %c = array.reduce add %t dims [0] : tensor<?x?xf32>
  return %t, %c : tensor<?x?xf32>, tensor<?xf32>
}

// Locations are those of all that was fused.
// CHECK-LABEL: func.func @located(
// RUN: dpopt %s --lower-array --resolve-ranked-shaped-type-result-dims --canonicalize --cse --fuse-loops --mlir-print-debuginfo --mlir-print-local-scope | FileCheck %s --check-prefix=LOC
// LOC-LABEL: func.func @located(
// LOC:         linalg.generic
// LOC:         } -> (tensor<8xf32>, tensor<8xf32>) loc(fused["{{.*}}fuse-loops.mlir":[[# @LINE + 2]]:8, "{{.*}}fuse-loops.mlir":[[# @LINE + 3]]:8])
func.func @located(%x: tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>) {
  %t = scalar.tanh %x : tensor<8xf32>
  %u = scalar.exp %t : tensor<8xf32>
  return %t, %u : tensor<8xf32>, tensor<8xf32>
}

// Refused: a sum is complete only after its loops.
// CHECK-LABEL: func.func @of_a_sum(
// CHECK-COUNT-2: linalg.generic
func.func @of_a_sum(%x: tensor<32x64xf32>) -> tensor<32x64xf32> {
  %s = array.reduce add %x dims [1] : tensor<32x64xf32>
  %ss = array.broadcast %s dims [0] : tensor<32xf32> to tensor<32x64xf32>
  %y = scalar.div %x, %ss : tensor<32x64xf32>
  return %y : tensor<32x64xf32>
}

// Refused: what stands between needs the first, and the second needs it.
// CHECK-LABEL: func.func @through_a_product(
// CHECK:         linalg.generic
// CHECK:           scalar.tanh
// CHECK:         linalg.contract
// CHECK:         linalg.generic
func.func @through_a_product(%x: tensor<64x64xf32>, %w: tensor<64x64xf32>) -> tensor<64x64xf32> {
  %t = scalar.tanh %x : tensor<64x64xf32>
  %y = array.dot %t, %w contract [1] with [0] : tensor<64x64xf32>, tensor<64x64xf32>
  %z = scalar.add %t, %y : tensor<64x64xf32>
  return %z : tensor<64x64xf32>
}

// Refused: what has effects keeps its place.
// CHECK-LABEL: func.func @effects(
// CHECK:         linalg.generic
// CHECK:         call @see
// CHECK:         linalg.generic
func.func private @see(f32)
func.func @effects(%x: tensor<64xf32>) -> (tensor<64xf32>, tensor<f32>) {
  %c0 = arith.constant 0 : index
  %t = scalar.tanh %x : tensor<64xf32>
  %e = tensor.extract %t[%c0] : tensor<64xf32>
  func.call @see(%e) : (f32) -> ()
  %s = array.reduce add %t dims [0] : tensor<64xf32>
  return %t, %s : tensor<64xf32>, tensor<f32>
}

// Refused: other extents, or none that are known to be the same.
// CHECK-LABEL: func.func @extents(
// CHECK-COUNT-2: linalg.generic
func.func @extents(%x: tensor<?xf32>, %y: tensor<?xf32>) -> (tensor<?xf32>, tensor<?xf32>) {
  %t = scalar.tanh %x : tensor<?xf32>
  %u = scalar.tanh %y : tensor<?xf32>
  return %t, %u : tensor<?xf32>, tensor<?xf32>
}

// Refused: a sum over two loops goes along rows first, as it says.
// CHECK-LABEL: func.func @order_of_a_sum(
// CHECK-COUNT-2: linalg.generic
func.func @order_of_a_sum(%x: tensor<32x64xf32>) -> (tensor<32x64xf32>, tensor<f32>) {
  %y = scalar.tanh %x : tensor<32x64xf32>
  %t = array.transpose %y permutation [1, 0] : tensor<32x64xf32>
  %s = array.reduce add %t dims [0, 1] : tensor<64x32xf32>
  return %y, %s : tensor<32x64xf32>, tensor<f32>
}

// Refused: without the positions, nothing would say how often the loop goes round.
// CHECK-LABEL: func.func @positions(
// CHECK:         linalg.generic
// CHECK:           linalg.index
// CHECK:         linalg.generic
func.func @positions() -> tensor<i64> {
  %i = array.iota dim 0 : tensor<8xi64>
  %s = array.reduce add %i dims [0] : tensor<8xi64>
  return %s : tensor<i64>
}

// Refused: rows of three would leave vectors of eight, and the logarithm of gamma is worth more than memory.
// CHECK-LABEL: func.func @short_rows(
// CHECK:         linalg.generic {{.*}}["parallel", "parallel"]
// CHECK:           scalar.lgamma
// CHECK:         linalg.generic {{.*}}["parallel", "reduction"]
func.func @short_rows(%x: tensor<64x3xf32>) -> (tensor<64x3xf32>, tensor<64xf32>) {
  %y = scalar.lgamma %x : tensor<64x3xf32>
  %s = array.reduce add %y dims [1] : tensor<64x3xf32>
  return %y, %s : tensor<64x3xf32>, tensor<64xf32>
}

// Refused: what goes on from a tensor writes in place, and stays alone.
// CHECK-LABEL: func.func @in_place(
// CHECK-COUNT-2: linalg.generic
func.func @in_place(%x: tensor<8x8xf32>, %y: tensor<8x8xf32>) -> (tensor<8x8xf32>, tensor<8xf32>) {
  %s = array.update_slice accumulate %x, %y starts [0, 0] : tensor<8x8xf32>, tensor<8x8xf32>
  %m = array.reduce max %y dims [0] : tensor<8x8xf32>
  return %s, %m : tensor<8x8xf32>, tensor<8xf32>
}
