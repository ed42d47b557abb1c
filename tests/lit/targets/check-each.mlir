// --check-each interprets the program after every pass, and stops at the first that changes a value.
// RUN: split-file %s %t && cd %t
// RUN: dpopt --check-each --ad --simplify --canonicalize model.mlir 2>&1 | FileCheck %s --check-prefix=OPT
// RUN: dpc model.mlir --grad loss --check-each -o libmodel.so 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: ls libmodel.so model.h
// RUN: dpc model.mlir --check-each=5 --run loss --args 2,[1,2,3,4] 2>&1 | FileCheck %s --check-prefix=CALL
// RUN: dpc model.mlir --specialize x=4 --check-each --emit=simplified -o - 2>&1 | FileCheck %s --check-prefix=FIXED
// RUN: dpc model.mlir --check-each --diagnostics=json --emit=simplified -o out.mlir 2>&1 | FileCheck %s --check-prefix=JSON

// A derivative is checked once it is expanded.
// OPT: dpopt: check-each: not checked yet: 'slope' (the interpreter does not execute 'ad.grad')
// OPT-NEXT: dpopt: check-each: checked after pass 'ad': 'slope'
// OPT-NEXT: dpopt: check-each: 15 of 15 comparisons agree, 0 could not be compared (passes: 3, points of each function: 3)
// OPT: func.func @loss
// Lowering ends the check.
// CPU: dpc: check-each: not checked yet: 'slope', 'loss_grad' (the interpreter does not execute 'ad.grad')
// CPU-NEXT: dpc: check-each: checked after pass 'ad': 'slope', 'loss_grad'
// CPU-NEXT: dpc: check-each: not checked from pass 'lower-array' on: 'loss', 'loss_grad' (the interpreter does not execute '{{.*}}')
// CPU-NEXT: dpc: check-each: not checked from pass 'lower-scalar' on: 'slope' (the interpreter does not execute '{{.*}}')
// CPU-NEXT: dpc: check-each: {{[0-9]+}} of {{[0-9]+}} comparisons agree, 0 could not be compared
// CALL: dpc: check-each: {{[0-9]+}} of {{[0-9]+}} comparisons agree, 0 could not be compared (passes: {{[0-9]+}}, points of each function: 5)
// CALL: loss =
// FIXED-NOT: which changes their arguments
// FIXED: comparisons agree
// JSON: "data":{"about":"check-each","comparisons":{{[0-9]+}},"inconclusive":0,"kind":"agrees","passes":{{[0-9]+}},"points":3}

// True is -1 as an index, in the interpreter and where a pass decides an assertion.
// RUN: dpopt --check-each --specialize-extents --raise-to-scalar truth.mlir 2>&1 | FileCheck %s --check-prefix=TRUTH
// TRUTH: 6 of 6 comparisons agree
// TRUTH-NOT: cf.assert

// Arguments with other extents are other inputs.
// RUN: dpopt --check-each --specialize-extents=extents=x=4 model.mlir 2>&1 | FileCheck %s --check-prefix=RETYPED
// RETYPED: dpopt: check-each: not checked by pass 'specialize-extents', which changes their arguments: 'loss'

// A law of the real numbers does not hold here.
// RUN: %refused dpopt --check-each --simplify=fp=fast --canonicalize cancels.mlir 2>&1 | FileCheck %s --check-prefix=CHANGED
// RUN: %refused dpc cancels.mlir --fp=fast --check-each -o libcancels.so 2>&1 | FileCheck %s --check-prefix=CHANGED
// RUN: not ls libcancels.so
// CHANGED: cancels.mlir:1:1: error: pass 'simplify' changes 'f': 'y' is 0 before and [[AFTER:[0-9.]+]] after (point 1 of 3)
// CHANGED: help: if the function is discontinuous here, or cancels much larger numbers, choose other points
// CHANGED: note: at x = [[AFTER]]
// CHANGED: note: before: y = 0
// CHANGED: note: after: y = [[AFTER]]
// CHANGED-NOT: agree

// RUN: %refused dpopt --check-each=0 model.mlir 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: error: --check-each: '0' is not a number of points
// RUN: %refused dpc model.mlir --check-each=0 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: dpc: error: invalid value '0' for '--check-each[=<N>]': '0' is not a number of points

//--- model.mlir
func.func @loss(%a: f64 {dp.name = "a", dp.range = [1.0, 4.0]}, %x: tensor<?xf64> {dp.name = "x"}) -> (f64 {dp.name = "loss"}) {
  %s = scalar.tanh %x : tensor<?xf64>
  %t = array.reduce add %s dims [0] : tensor<?xf64>
  %sum = tensor.extract %t[] : tensor<f64>
  %l = scalar.log %a : f64
  %y = scalar.mul %sum, %l : f64
  return %y : f64
}
func.func @slope(%a: f64, %b: f64) -> f64 {
  %v:2 = ad.grad @square(%a) wrt [0] : (f64) -> (f64, f64)
  %y = scalar.mul %v#1, %b : f64
  return %y : f64
}
func.func private @square(%x: f64) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
//--- truth.mlir
func.func @truth() -> index {
  %true = arith.constant true
  %i = arith.index_cast %true : i1 to index
  %m = arith.constant -1 : index
  %p = arith.cmpi eq, %i, %m : index
  cf.assert %p, "true is -1"
  return %i : index
}
//--- cancels.mlir
func.func @f(%x: f64 {dp.name = "x", dp.range = [1.0, 2.0]}) -> (f64 {dp.name = "y"}) {
  %big = scalar.constant 1.0e30 : f64
  %s = scalar.add %x, %big : f64
  %y = scalar.sub %s, %big : f64
  return %y : f64
}
