// RUN: dpopt %s --split-pullbacks | FileCheck %s
// RUN: dpopt %s --split-pullbacks --lower-array --lower-entries=library=m | FileCheck %s --check-prefix=ENTRIES

// The handle has x, as its elements are used; what it costs nothing to compute, both have. The extents of x are those of
// the first argument of the second half, whose elements are not read.
// CHECK-LABEL: func.func @f_vjp(
// CHECK-SAME:    %[[X:.*]]: tensor<?xf64> {dp.name = "x"}, %[[N:.*]]: i32 {dp.name = "n"})
// CHECK-SAME:    -> (tensor<?xf64> {dp.name = "y"}, tensor<?xf64> {dp.name = "kept0"}, index {dp.name = "kept1"})
// CHECK-SAME:    attributes {dp.kept = array<i64: 2>}
// CHECK:         %[[Y:.*]] = scalar.sin %[[X]]
// CHECK-NOT:     scalar.
// CHECK:         %[[D:.*]] = tensor.dim %[[Y]]
// CHECK:         return %[[Y]], %[[X]], %[[D]]
// CHECK-LABEL: func.func @f_pull(
// CHECK-SAME:    %[[SHAPE:.*]]: tensor<?xf64> {dp.name = "x"}, %[[KEPT:.*]]: tensor<?xf64> {dp.name = "kept0"},
// CHECK-SAME:    %[[E:.*]]: index {dp.name = "kept1"}, %[[D_Y:.*]]: tensor<?xf64> {dp.name = "d_y"})
// CHECK-SAME:    -> (tensor<?xf64> {dp.name = "d_x"}) attributes {dp.pulls = array<i64: 1, 2, 0>}
// CHECK:         scalar.cos %[[KEPT]]
// CHECK:         arith.cmpi eq, %{{.*}}, %[[E]]
// CHECK:         cf.assert
// CHECK:         tensor.dim %[[SHAPE]]

// Half a pullback has its extents from the handle, and the caller's memory for the others.
// ENTRIES: dp.abi = "dp-abi 1 m
// ENTRIES-SAME: f_vjp: f64 x[?], i32 n -> f64 y[x.0], f64 kept0[*], index kept1; keeps 2
// ENTRIES-SAME: f_pull: f64 x[?], f64 kept0[?], index kept1, f64 d_y[?] -> f64 d_x[x.0]; takes 1 2
func.func @f_vjp(%x: tensor<?xf64> {dp.name = "x"}, %n: i32 {dp.name = "n"}, %dy: tensor<?xf64> {dp.name = "d_y"})
    -> (tensor<?xf64> {dp.name = "y"}, tensor<?xf64> {dp.name = "d_x"}) attributes {dp.pullback = array<i64: 1, 0>} {
  %c0 = arith.constant 0 : index
  %y = scalar.sin %x : tensor<?xf64>
  %c = scalar.cos %x : tensor<?xf64>
  %n0 = tensor.dim %dy, %c0 : tensor<?xf64>
  %n1 = tensor.dim %y, %c0 : tensor<?xf64>
  %fits = arith.cmpi eq, %n0, %n1 : index
  cf.assert %fits, "no"
  %one = scalar.constant 1.0 : f64
  %m = tensor.dim %x, %c0 : tensor<?xf64>
  %ones = array.broadcast %one dims [] extents(%m) : f64 to tensor<?xf64>
  %scaled = scalar.add %dy, %ones : tensor<?xf64>
  // Only the second half needs the cosine: its operand is kept in any case.
  %part = scalar.mul %scaled, %c : tensor<?xf64>
  %d = scalar.mul %part, %x : tensor<?xf64>
  return %y, %d : tensor<?xf64>, tensor<?xf64>
}

// What a recursion records in one half, the other half reads: the last residual is the tape.
// CHECK-LABEL: func.func @r_vjp(
// CHECK-SAME:    attributes {dp.kept = array<i64: 2>, dp.tape = "kept1"}
// CHECK:         call @record
// CHECK-LABEL: func.func @r_pull(
// CHECK-SAME:    %[[AT:.*]]: index {dp.name = "kept0"}, %{{.*}}: i64 {dp.name = "kept1"}, %{{.*}}: f64 {dp.name = "d_y"})
// CHECK-SAME:    attributes {dp.pulls = array<i64: 0, 2, -1>, dp.tape = "kept1"}
// CHECK:         call @recall(%[[AT]]
// ENTRIES-SAME: r_vjp: f64 x -> f64 y, index kept0, i64 kept1; keeps 2
// ENTRIES-SAME: r_pull: index kept0, i64 kept1, f64 d_y -> f64 d_x; takes 0 2
// ENTRIES-SAME: g_vjp: f64 x -> f64 y, f64 kept0; keeps 1
// ENTRIES-SAME: g_pull: f64 kept0, f64 d_y -> f64 d_x; takes 0 1
func.func private @record(%x: f64) -> index {
  %at = ad.record(%x : f64)
  return %at : index
}
func.func private @recall(%at: index, %d: f64) -> f64 {
  %x = ad.recall %at : f64
  %y = scalar.mul %x, %d : f64
  return %y : f64
}
func.func @r_vjp(%x: f64 {dp.name = "x"}, %dy: f64 {dp.name = "d_y"})
    -> (f64 {dp.name = "y"}, f64 {dp.name = "d_x"}) attributes {dp.pullback = array<i64: 1, 0>} {
  %at = func.call @record(%x) : (f64) -> index
  %y = scalar.sin %x : f64
  %d = func.call @recall(%at, %dy) : (index, f64) -> f64
  return %y, %d : f64, f64
}

// The smallest cut: one number instead of three.
// CHECK-LABEL: func.func @g_vjp(
// CHECK:         %[[AB:.*]] = scalar.mul
// CHECK:         return %{{.*}}, %[[AB]]
// CHECK-LABEL: func.func @g_pull(
// CHECK-SAME:    %[[KEPT:.*]]: f64 {dp.name = "kept0"}, %[[D_Y:.*]]: f64 {dp.name = "d_y"})
// CHECK-NEXT:    %[[D_X:.*]] = scalar.mul %[[D_Y]], %[[KEPT]]
// CHECK-NEXT:    return %[[D_X]]
func.func @g_vjp(%x: f64 {dp.name = "x"}, %dy: f64 {dp.name = "d_y"})
    -> (f64 {dp.name = "y"}, f64 {dp.name = "d_x"}) attributes {dp.pullback = array<i64: 1, 0>} {
  %a = scalar.sin %x : f64
  %b = scalar.exp %x : f64
  %y = scalar.add %a, %b : f64
  %ab = scalar.mul %a, %b : f64
  %d = scalar.mul %dy, %ab : f64
  return %y, %d : f64, f64
}
