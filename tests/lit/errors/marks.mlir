// Attributes `dp.…` are known, stand where they may, and hold what they must.
// RUN: split-file %s %t
// RUN: not dpopt %t/unknown.mlir 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not dpopt %t/result.mlir 2>&1 | FileCheck %s --check-prefix=RESULT
// RUN: not dpopt %t/place.mlir 2>&1 | FileCheck %s --check-prefix=PLACE
// RUN: not dpopt %t/module.mlir 2>&1 | FileCheck %s --check-prefix=MODULE
// RUN: not dpopt %t/bound-place.mlir 2>&1 | FileCheck %s --check-prefix=BOUND-PLACE
// RUN: not dpopt %t/bound-held.mlir 2>&1 | FileCheck %s --check-prefix=BOUND-HELD
// RUN: not dpopt %t/held.mlir 2>&1 | FileCheck %s --check-prefix=HELD
// RUN: not dpopt %t/range-place.mlir 2>&1 | FileCheck %s --check-prefix=RANGE-PLACE
// RUN: not dpopt %t/range-order.mlir 2>&1 | FileCheck %s --check-prefix=RANGE-HELD
// RUN: not dpopt %t/range-type.mlir 2>&1 | FileCheck %s --check-prefix=RANGE-HELD
// RUN: not dpopt %t/range-infinite.mlir 2>&1 | FileCheck %s --check-prefix=RANGE-HELD
// RUN: %refused dpc %t/range-order.mlir -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=RANGE-HELD
// RUN: %refused dpc %t/unknown.mlir -o %t/libx.so 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// UNKNOWN: unknown.mlir:1:1: error: 'func.func' op has an unknown attribute 'dp.nme'
// UNKNOWN: programs may set 'dp.name' on arguments and results, 'dp.range' on arguments, 'dp.sharding' on both, 'dp.meshes' on modules, 'dp.checkpoint' on functions and loops, and 'dp.bound' on loops
// RESULT: result.mlir:1:1: error: 'func.func' op has an attribute 'dp.name' that is not a string
// PLACE: place.mlir:2:8: error: 'scalar.sin' op has the attribute 'dp.abi', which is only allowed on a module
// MODULE: module.mlir:1:1: error: 'builtin.module' op has the attribute 'dp.regrouped', which is only allowed on an operation in a function
// HELD: held.mlir:2:8: error: 'scalar.sin' op has an attribute 'dp.regrouped' that is not a unit attribute
// BOUND-PLACE: bound-place.mlir:2:8: error: 'scalar.sin' op has the attribute 'dp.bound', which is only allowed on a loop, 'scf.for' or 'scf.while'
// BOUND-HELD: bound-held.mlir:4:3: error: 'scf.for' op has an attribute 'dp.bound' that is not a positive number of rounds
// RANGE-PLACE: range-place.mlir:1:1: error: 'func.func' op has the attribute 'dp.range', which is only allowed on an argument of a function
// RANGE-HELD: mlir:1:1: error: 'func.func' op has an attribute 'dp.range' that is not a list of two finite f64, the lower one first

//--- unknown.mlir
func.func @f(%x: f64 {dp.nme = "x"}) -> f64 {
  return %x : f64
}
//--- result.mlir
func.func @f(%x: f64) -> (f64 {dp.name = 5}) {
  return %x : f64
}
//--- place.mlir
func.func @f(%x: f64) -> f64 {
  %y = scalar.sin %x {dp.abi = ""} : f64
  return %y : f64
}
//--- module.mlir
module attributes {dp.regrouped} {
}
//--- held.mlir
func.func @f(%x: f64) -> f64 {
  %y = scalar.sin %x {dp.regrouped = 1} : f64
  return %y : f64
}
//--- bound-place.mlir
func.func @f(%x: f64) -> f64 {
  %y = scalar.sin %x {dp.bound = 3} : f64
  return %y : f64
}
//--- bound-held.mlir
func.func @f(%n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  scf.for %i = %c0 to %n step %c1 {
  } {dp.bound = 0}
  return
}
//--- range-place.mlir
func.func @f(%x: f64) -> (f64 {dp.range = [0.0, 1.0]}) {
  return %x : f64
}
//--- range-order.mlir
func.func @f(%x: f64 {dp.range = [1.0, 0.0]}) -> f64 {
  return %x : f64
}
//--- range-type.mlir
func.func @f(%x: f64 {dp.range = [0, 1]}) -> f64 {
  return %x : f64
}
//--- range-infinite.mlir
func.func @f(%x: f64 {dp.range = [0.0, 0x7FF0000000000000 : f64]}) -> f64 {
  return %x : f64
}
