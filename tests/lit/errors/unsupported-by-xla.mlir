// RUN: split-file %s %t
// RUN: %refused dpc %t/extents.mlir --target=xla -o %t/out.mlir 2>&1 | FileCheck %t/extents.mlir
// RUN: not test -e %t/out.mlir
// RUN: %refused dpc %t/extents.mlir --target=xla --specialize x=4,y=5 2>&1 | FileCheck %t/extents.mlir --check-prefix=DISAGREE
// RUN: %refused dpc %t/extents.mlir --target=xla --specialize x=4x4 2>&1 | FileCheck %t/extents.mlir --check-prefix=RANK
// RUN: %refused dpc %t/recursion.mlir --target=xla 2>&1 | FileCheck %t/recursion.mlir
// RUN: %refused dpc %t/bounds.mlir --grad until --target=xla --entry until_grad 2>&1 | FileCheck %t/bounds.mlir
// RUN: %refused dpc %t/bounds.mlir --grad lanes --target=xla --entry lanes_grad 2>&1 | FileCheck %t/bounds.mlir --check-prefix=LANES
// RUN: %refused dpc %t/ragged.mlir --grad f --target=xla --entry f_grad 2>&1 | FileCheck %t/ragged.mlir
// RUN: %refused dpc %t/ragged.mlir --grad f --target=xla --entry f_grad --bound 12=5 2>&1 | FileCheck %t/ragged.mlir --check-prefix=INNER
// RUN: dpc %t/ragged.mlir --grad f --target=xla --entry f_grad --bound 12=5,14=4 --emit=stablehlo -o /dev/null
// RUN: %refused dpc %t/bounds.mlir --bound 5=3 --emit=mlir 2>&1 | FileCheck %t/bounds.mlir --check-prefix=PLACE
// RUN: %refused dpc %t/bounds.mlir --bound 11=3,11:8=4 --emit=mlir 2>&1 | FileCheck %t/bounds.mlir --check-prefix=TWICE
// RUN: %refused dpc %t/bounds.mlir --bound 11=0 --emit=mlir 2>&1 | FileCheck %t/bounds.mlir --check-prefix=NUMBER
// RUN: %refused dpc %t/bounds.mlir --bound 11=99999999999999999999 --emit=mlir 2>&1 | FileCheck %s --check-prefix=LARGE
// RUN: %refused dpc %t/bounds.mlir --bound +11=3 --emit=mlir 2>&1 | FileCheck %s --check-prefix=SIGN
// RUN: %refused dpc %t/bounds.mlir --bound 11=+3 --emit=mlir 2>&1 | FileCheck %s --check-prefix=POSITIVE
// RUN: %refused dpc %t/bounds.mlir --bound until=3 --emit=mlir 2>&1 | FileCheck %t/bounds.mlir --check-prefix=NAME
// RUN: %refused dpc %t/element.mlir --target=xla --entry g 2>&1 | FileCheck %t/element.mlir --check-prefix=ENTRY
// RUN: %refused dpc %t/fine.mlir --target=xla --run f --args 1 --pjrt-plugin %t/none.so 2>&1 | FileCheck %t/fine.mlir
// RUN: env DP_PJRT_PLUGIN= %refused dpc %t/fine.mlir --target=xla --run f --args 1 2>&1 | FileCheck %t/fine.mlir --check-prefix=NONE
// RUN: %refused dpc %t/fine.mlir --target=xla --emit=exe 2>&1 | FileCheck %t/fine.mlir --check-prefix=EXE
// LARGE: error: invalid value '11=99999999999999999999' for '--bound <LOOP=N,…>': the bound of a loop is too large: 99999999999999999999
// LARGE: help: give a bound of at most 9223372036854775807
// SIGN: error: invalid value '+11=3' for '--bound <LOOP=N,…>': `+11` is not the place of a loop, LINE or LINE:COLUMN
// POSITIVE: error: invalid value '11=+3' for '--bound <LOOP=N,…>': the bound of a loop must be a positive number

//--- extents.mlir
// CHECK: extents.mlir:[[#@LINE+9]]:1: error: argument 'x' has dynamic extents
// CHECK: extents.mlir:[[#@LINE+8]]:1: help: XLA requires static shapes; fix the extents with --specialize x=2x3
// DISAGREE: extents.mlir:[[#@LINE+8]]:8: error: 'scalar.add' requires operands of the same shape, not tensor<4xf32> and tensor<5xf32>
// RANK: extents.mlir:[[#@LINE+6]]:1: error: the argument 'x' of type tensor<?xf32> does not match x=4x4





func.func @f(%x: tensor<?xf32> {dp.name = "x"}, %y: tensor<?xf32> {dp.name = "y"}) -> tensor<?xf32> {
  %z = scalar.add %x, %y : tensor<?xf32>
  return %z : tensor<?xf32>
}

//--- recursion.mlir
// CHECK: recursion.mlir:[[#@LINE+7]]:10: error: cannot inline the call of 'f'; XLA supports neither recursion nor external functions
// CHECK: help: write the recursion as a loop, or use --target=cpu
func.func @f(%n: i32) -> i32 {
  %one = scalar.constant 1 : i32
  %small = scalar.compare le %n, %one : i32
  %y = scf.if %small -> i32 { scf.yield %n : i32 } else {
    %a = scalar.sub %n, %one : i32
    %b = func.call @f(%a) : (i32) -> i32
    scf.yield %b : i32
  }
  return %y : i32
}

//--- element.mlir
// ENTRY: error: the entry 'g' is not a public function
func.func @f(%x: tensor<4xf32>) -> f32 {
  %i = arith.constant 4 : index

  %y = tensor.extract %x[%i] : tensor<4xf32>
  return %y : f32
}

//--- bounds.mlir
// CHECK: bounds.mlir:11:8: error: the derivative of this loop keeps values of each round, whose number is known only at run time, but XLA requires static shapes
// CHECK: bounds.mlir:11:8: help: give the greatest number of rounds, by --bound 11:8=N or 'dp.bound = N' on the loop, or use --target=cpu
// LANES: bounds.mlir:28:10: error: a tensor in the body of a map, such as the values that the derivative of a loop keeps, is not supported by the target xla
// LANES: help: write the map as a loop, or use --target=cpu
// PLACE: error: --bound 5=3: there is no loop at 5
// PLACE-NEXT: help: LOOP is LINE or LINE:COLUMN; there are loops at 11:8, 28:10
// TWICE: error: --bound 11:8=4: the loop already has the bound 11=3
// NUMBER: error: invalid value '11=0' for '--bound <LOOP=N,…>': the bound of a loop must be a positive number
// NAME: error: invalid value 'until=3' for '--bound <LOOP=N,…>': `until` is not the place of a loop, LINE or LINE:COLUMN
func.func @until(%a: f64, %end: f64) -> f64 {
  %r = scf.while (%x = %a) : (f64) -> f64 {
    %go = scalar.compare lt %x, %end : f64
    scf.condition(%go) %x : f64
  } do {
  ^bb0(%x: f64):
    %y = scalar.mul %x, %a : f64
    scf.yield %y : f64
  }
  return %r : f64
}

func.func @lanes(%t: tensor<4xf64>) -> f64 {


  %r = array.map(%t) : (tensor<4xf64>) -> tensor<4xf64> {
  ^bb0(%a: f64):
    %ten = scalar.constant 10.0 : f64
    %w = scf.while (%v = %a) : (f64) -> f64 {
      %go = scalar.compare lt %v, %ten : f64
      scf.condition(%go) %v : f64
    } do {
    ^bb0(%v: f64):
      %d = scalar.mul %v, %v : f64
      scf.yield %d : f64
    } attributes {dp.bound = 5}
    array.yield %w : f64
  }
  %s = array.reduce add %r dims [0] : tensor<4xf64>
  %y = tensor.extract %s[] : tensor<f64>
  return %y : f64
}

//--- ragged.mlir
// CHECK: ragged.mlir:12:10: error: the derivative of this loop keeps values of each round
// CHECK: ragged.mlir:12:10: help: give the greatest number of rounds, by --bound 12:10=N
// INNER: ragged.mlir:14:12: error: the derivative of this loop keeps values of each round
// INNER: ragged.mlir:14:12: help: give the greatest number of rounds, by --bound 14:12=N
func.func @f(%x: f64, %k: tensor<4xi64>) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c4 = arith.constant 4 : index
  %r = scf.for %i = %c0 to %c4 step %c1 iter_args(%a = %x) -> f64 {
    %n = tensor.extract %k[%i] : tensor<4xi64>
    %m = arith.index_cast %n : i64 to index
    %s = scf.for %j = %c0 to %m step %c1 iter_args(%b = %a) -> f64 {
      %d = scalar.tanh %b : f64
      %t = scf.for %l = %c0 to %j step %c1 iter_args(%c = %d) -> f64 {
        %e = scalar.sin %c : f64
        scf.yield %e : f64
      }
      scf.yield %t : f64
    }
    scf.yield %s : f64
  }
  return %r : f64
}

//--- fine.mlir
// CHECK: dpc: error: --run f: cannot load {{.*}}none.so
// NONE: dpc: error: --run f: no PJRT plugin
// NONE-NEXT: dpc: help: set --pjrt-plugin or DP_PJRT_PLUGIN
// EXE: dpc: error: --tpu: an executable needs a topology to compile for
// EXE-NEXT: dpc: help: add for example --tpu=v5e:1x1
func.func @f(%x: f32) -> f32 {
  return %x : f32
}
