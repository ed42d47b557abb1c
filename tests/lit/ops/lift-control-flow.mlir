// RUN: dpopt %s --lift-control-flow --split-input-file | FileCheck %s

// Branches between blocks become branches of 'scf'.
// CHECK-LABEL: func.func @relu(
// CHECK-NOT:     {{ }}cf.
// CHECK:         scf.if
// CHECK-NOT:     {{ }}cf.
// CHECK:         return
func.func @relu(%x: f64) -> f64 {
  %z = arith.constant 0.0 : f64
  %c = arith.cmpf ogt, %x, %z : f64
  cf.cond_br %c, ^a(%x : f64), ^a(%z : f64)
^a(%r: f64):
  return %r : f64
}

// A cycle becomes a loop.
// CHECK-LABEL: func.func @halve(
// CHECK-NOT:     {{ }}cf.
// CHECK:         scf.while
// CHECK-NOT:     {{ }}cf.
// CHECK:         return
func.func @halve(%x: f64) -> f64 {
  %one = arith.constant 1.0 : f64
  %half = arith.constant 0.5 : f64
  cf.br ^loop(%x : f64)
^loop(%y: f64):
  %more = arith.cmpf ogt, %y, %one : f64
  cf.cond_br %more, ^body, ^done
^body:
  %z = arith.mulf %y, %half : f64
  cf.br ^loop(%z : f64)
^done:
  return %y : f64
}

// -----

// Where there are none, nothing changes: not even what is dead.
// CHECK-LABEL: func.func @straight(
// CHECK-NEXT:    arith.constant 1.0
// CHECK-NEXT:    return
func.func @straight(%x: f64) -> f64 {
  %unused = arith.constant 1.0 : f64
  return %x : f64
}

// -----

// Parallel loops become counted ones; the carried values are those of the reductions, in order.
// CHECK-LABEL: func.func @reductions(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<4x5xf64>, %[[Z:[^:]*]]: f64
// CHECK:         %[[R:.*]]:2 = scf.for %[[I:.*]] = %{{.*}} iter_args(%[[A:.*]] = %[[Z]], %[[B:.*]] = %[[Z]])
// CHECK-NEXT:      %[[Q:.*]]:2 = scf.for %[[J:.*]] = %{{.*}} iter_args(%[[C:.*]] = %[[A]], %[[D:.*]] = %[[B]])
// CHECK-NEXT:        %[[E:.*]] = tensor.extract %[[X]][%[[I]], %[[J]]]
// CHECK-NEXT:        %[[S:.*]] = arith.addf %[[C]], %[[E]]
// CHECK-NEXT:        %[[P:.*]] = arith.maximumf %[[D]], %[[E]]
// CHECK-NEXT:        scf.yield %[[S]], %[[P]]
// CHECK:           scf.yield %[[Q]]#0, %[[Q]]#1
// CHECK:         return %[[R]]#0, %[[R]]#1
func.func @reductions(%x: tensor<4x5xf64>, %z: f64) -> (f64, f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %c5 = arith.constant 5 : index
  %r:2 = scf.parallel (%i, %j) = (%c0, %c0) to (%c4, %c5) step (%c1, %c1) init (%z, %z) -> (f64, f64) {
    %e = tensor.extract %x[%i, %j] : tensor<4x5xf64>
    scf.reduce(%e, %e : f64, f64) {
    ^bb0(%a: f64, %b: f64):
      %s = arith.addf %a, %b : f64
      scf.reduce.return %s : f64
    }, {
    ^bb0(%a: f64, %b: f64):
      %m = arith.maximumf %a, %b : f64
      scf.reduce.return %m : f64
    }
  }
  return %r#0, %r#1 : f64, f64
}

// -----

// What the iterations of scf.forall write is carried.
// CHECK-LABEL: func.func @rows(
// CHECK-SAME:    %[[X:[^:]*]]: tensor<?x3xf64>, %[[O:[^:]*]]: tensor<?x3xf64>
// CHECK:         scf.for %[[I:.*]] = %{{.*}} iter_args(%[[T:.*]] = %[[O]])
// CHECK:           %[[ROW:.*]] = tensor.extract_slice %[[X]][%[[I]], 0] [1, 3] [1, 1]
// CHECK:           %[[E:.*]] = math.exp %[[ROW]]
// CHECK:           %[[U:.*]] = tensor.insert_slice %[[E]] into %[[T]][%[[I]], 0] [1, 3] [1, 1]
// CHECK:           scf.yield %[[U]]
func.func @rows(%x: tensor<?x3xf64>, %o: tensor<?x3xf64>) -> tensor<?x3xf64> {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?x3xf64>
  %r = scf.forall (%i) in (%n) shared_outs(%t = %o) -> tensor<?x3xf64> {
    %row = tensor.extract_slice %x[%i, 0] [1, 3] [1, 1] : tensor<?x3xf64> to tensor<3xf64>
    %e = math.exp %row : tensor<3xf64>
    scf.forall.in_parallel {
      tensor.parallel_insert_slice %e into %t[%i, 0] [1, 3] [1, 1] : tensor<3xf64> into tensor<?x3xf64>
    }
  }
  return %r : tensor<?x3xf64>
}
