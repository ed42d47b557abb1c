// RUN: dpopt %s --mark-kept-extents | FileCheck %s --check-prefix=MARK
// RUN: dpopt %s --mark-kept-extents --use-kept-extents | FileCheck %s --check-prefix=USE

// MARK-LABEL: func.func @counted(
// MARK:         scf.for
// MARK:           scf.for
// MARK:         } {dp.keeps_extents}
// MARK:         } {dp.keeps_extents}
// USE-LABEL:  func.func @counted(
// USE-SAME:     %[[X:.*]]: tensor<?xf64>
// USE:          %[[N:.*]] = tensor.dim %[[X]]
// USE:          scf.for
// USE-NOT:        tensor.dim
// USE:            scf.for {{.*}} to %[[N]]
// USE-NOT:          tensor.dim
// USE:          return %{{.*}}, %[[N]]
func.func @counted(%x: tensor<?xf64>, %s: index) -> (tensor<?xf64>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r = scf.for %i = %c0 to %s step %c1 iter_args(%y = %x) -> tensor<?xf64> {
    %n = tensor.dim %y, %c0 : tensor<?xf64>
    %q = scf.for %j = %c0 to %n step %c1 iter_args(%z = %y) -> tensor<?xf64> {
      %m = tensor.dim %z, %c0 : tensor<?xf64>
      %k = arith.subi %m, %j : index
      %k1 = arith.subi %k, %c1 : index
      %e = tensor.extract %z[%k1] : tensor<?xf64>
      %all = array.broadcast %e dims [] extents(%m) : f64 to tensor<?xf64>
      %p = scalar.mul %z, %all : tensor<?xf64>
      scf.yield %p : tensor<?xf64>
    }
    scf.yield %q : tensor<?xf64>
  }
  %n = tensor.dim %r, %c0 : tensor<?xf64>
  return %r, %n : tensor<?xf64>, index
}

// MARK-LABEL: func.func @conditional(
// MARK:         scf.while
// MARK:         } attributes {dp.keeps_extents}
// USE-LABEL:  func.func @conditional(
// USE-SAME:     %[[X:.*]]: tensor<?xf64>
// USE:          %[[N:.*]] = tensor.dim %[[X]]
// USE:          scf.while
// USE-NOT:        tensor.dim
// USE:          return %[[N]]
func.func @conditional(%x: tensor<?xf64>) -> index {
  %c0 = arith.constant 0 : index
  %c9 = arith.constant 9 : index
  %r = scf.while (%p = %x) : (tensor<?xf64>) -> tensor<?xf64> {
    %n = tensor.dim %p, %c0 : tensor<?xf64>
    %c = arith.cmpi slt, %n, %c9 : index
    scf.condition(%c) %p : tensor<?xf64>
  } do {
  ^bb0(%p: tensor<?xf64>):
    %n = tensor.dim %p, %c0 : tensor<?xf64>
    %i = arith.subi %n, %n : index
    %e = tensor.extract %p[%i] : tensor<?xf64>
    %u = tensor.insert %e into %p[%i] : tensor<?xf64>
    %q = scalar.add %p, %p : tensor<?xf64>
    scf.yield %q : tensor<?xf64>
  }
  %n = tensor.dim %r, %c0 : tensor<?xf64>
  return %n : index
}

// The tensor grows.
// MARK-LABEL: func.func @growing(
// MARK:         } {dp.changes_extents}
// USE-LABEL:  func.func @growing(
// USE-SAME:     %[[X:.*]]: tensor<?xf64>
// USE:          %[[COPY:.*]] = bufferization.alloc_tensor() copy(%[[X]])
// USE:          scf.for {{.*}}iter_args(%{{.*}} = %[[COPY]],
// USE:            tensor.dim
func.func @growing(%x: tensor<?xf64>, %s: index) -> (tensor<?xf64>, index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.for %i = %c0 to %s step %c1 iter_args(%y = %x, %k = %c0) -> (tensor<?xf64>, index) {
    %n = tensor.dim %y, %c0 : tensor<?xf64>
    %z = array.concatenate %y, %x dim 0 : tensor<?xf64>, tensor<?xf64>
    scf.yield %z, %n : tensor<?xf64>, index
  }
  return %r#0, %r#1 : tensor<?xf64>, index
}
