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
