// --check-gradients compares derivatives with differences before anything is written.
// RUN: split-file %s %t && cd %t
// RUN: dpc model.mlir --grad loss --jvp loss_grad --check-gradients -o libmodel.so 2>&1 | FileCheck %s --check-prefix=CPU
// RUN: ls libmodel.so model.h
// RUN: dpc model.mlir --grad loss --check-gradients=5 --target=interp --run loss_grad --args 2,[1,2,3,4] 2>&1 | FileCheck %s --check-prefix=INTERP
// RUN: dpc model.mlir --grad loss --check-gradients --target=cuda --emit=simplified -o out.mlir 2>&1 | FileCheck %s --check-prefix=ELSE
// RUN: dpc model.mlir --grad loss --check-gradients=1 --specialize x=7 --emit=simplified -o out.mlir 2>&1 | FileCheck %s --check-prefix=FIXED
// RUN: dpc model.mlir --grad loss --check-gradients=2 --diagnostics=json -o libmodel.so 2>&1 | FileCheck %s --check-prefix=JSON
// RUN: dpc model.mlir --grad loss --emit=mlir | FileCheck %s --check-prefix=ATTRIBUTE

// CPU: dpc: gradients 12 of 12 comparisons agree, 0 could not be compared (derivatives: 2, points of each: 3, evaluated by cpu)
// INTERP: dpc: gradients 10 of 10 comparisons agree, 0 could not be compared (derivatives: 1, points of each: 5, evaluated by interp)
// INTERP: d_x =
// ELSE: evaluated by interp
// FIXED: dpc: gradients 2 of 2 comparisons agree
// JSON: "data":{"about":"gradients","comparisons":4,"derivatives":1,"evaluator":"cpu","inconclusive":0,"points":2}
// The derivative has the range, too.
// ATTRIBUTE: func.func @loss_grad({{.*}}{dp.name = "a", dp.range = [1.000000e+00, 4.000000e+00]}

// The points are in the range: log is not defined elsewhere, and has no derivative at 0.
// RUN: dpc ranges.mlir --grad inside --check-gradients=20 -o libranges.so 2>&1 | FileCheck %s --check-prefix=RANGE
// RANGE: dpc: gradients 20 of 20 comparisons agree
// RUN: dpc ranges.mlir --grad count --check-gradients=3 -o libranges.so 2>&1 | FileCheck %s --check-prefix=COUNT
// COUNT: dpc: gradients 3 of 3 comparisons agree
// RUN: dpc ranges.mlir --grad kink --check-gradients=2 -o libranges.so 2>&1 | FileCheck %s --check-prefix=KINK
// KINK: ranges.mlir:{{.*}}: warning: kink_grad: no point can be compared for 'x'
// KINK: help: choose points near which 'kink' is differentiable, with 'dp.range' on its arguments or with --args
// KINK: dpc: gradients 0 of 2 comparisons agree, 2 could not be compared

// A function that oscillates within the steps of differences: they say nothing, and a closer one shows that it has the
// derivative. A derivative that is only large differs.
// RUN: dpc oscillating.mlir --grad f --check-gradients=20 --emit=mlir -o out.mlir 2>&1 | FileCheck %s --check-prefix=FAST
// FAST: dpc: gradients 0 of 20 comparisons agree, 20 could not be compared
// RUN: %refused dpc oscillating.mlir --grad large --check-gradients=20 --emit=mlir -o out.mlir 2>&1 | FileCheck %s --check-prefix=LARGE
// LARGE: error: large_grad: the derivative of 'y' along a direction of 'x' is {{-?[0-9]{8,}.*}}, but differences give {{-?0}}.

// Nothing is written if a function cannot be evaluated.
// RUN: rm -f libranges.so ranges.h && %refused dpc ranges.mlir --grad agree --check-gradients -o libranges.so 2>&1 | FileCheck %s --check-prefix=AGREE
// RUN: not ls libranges.so
// AGREE: ranges.mlir:{{.*}}: error: operands 0 and 1 must have the same shape
// AGREE: help: give arguments that the function accepts with --args
// RUN: dpc ranges.mlir --grad agree --check-gradients --args [1,2,3,4],[5,6,7,8] -o libranges.so 2>&1 | FileCheck %s --check-prefix=GIVEN
// GIVEN: dpc: gradients 6 of 6 comparisons agree
// RUN: %refused dpc ranges.mlir --grad none --check-gradients -o libranges.so 2>&1 | FileCheck %s --check-prefix=NONE
// NONE: error: 'dp.range' of 'n' contains no integer
// RUN: %refused dpc ranges.mlir --grad kink --check-gradients --args 1,2 -o libranges.so 2>&1 | FileCheck %s --check-prefix=ARGS
// ARGS: dpc: error: --args: expected values for (x: f64), but got 2
// ARGS-NEXT: dpc: help: 'kink' takes x: f64

// A gradient that the program stops is not that of the function: an error for each argument, and nothing is written.
// RUN: %refused dpc stopped.mlir --grad f --check-gradients=2 -o libstopped.so 2>&1 | FileCheck %s --check-prefix=STOPPED
// RUN: not ls libstopped.so stopped.h
// STOPPED-NOT: gradients
// STOPPED: stopped.mlir:1:1: error: f_grad: the derivative of 'y' along a direction of 'a' is {{-?[0-9.]+}}, but differences give {{-?[0-9.]+ ± .*}} (point 1 of 2)
// STOPPED: stopped.mlir:1:1: help: differences do not see 'ad.stop_gradient';
// STOPPED: stopped.mlir:1:1: note: at a = {{.*}}, b = {{.*}}
// STOPPED: stopped.mlir:3:8: note: the derivative of 'ad.stop_gradient' contributes most to the difference: its size is 0 here
// STOPPED: error: f_grad: the derivative of 'y' along a direction of 'b' is
// STOPPED-NOT: error:
// RUN: not %python %S/../errors/Inputs/records.py dpc stopped.mlir --jvp f:wrt=1 --check-gradients --diagnostics=json -o libstopped.so | FileCheck %s --check-prefix=RECORD
// RECORD: error[run-time]: f_jvp: the derivative of 'y' along a direction of 'b' is

// Pullbacks, which the library keeps, are compared as they are called.
// RUN: rm -f libmodel.so model.h && dpc model.mlir --vjp loss --grad loss:wrt=1 --check-gradients -o libmodel.so 2>&1 | FileCheck %s --check-prefix=VJP
// VJP: dpc: gradients 9 of 9 comparisons agree, 0 could not be compared (derivatives: 2, points of each: 3, evaluated by cpu)
// RUN: ls libmodel.so model.h && rm libmodel.so model.h
// RUN: %refused dpc stopped.mlir --vjp f --check-gradients=2 -o libstopped.so 2>&1 | FileCheck %s --check-prefix=PULLED
// RUN: not ls libstopped.so stopped.h
// PULLED: stopped.mlir:1:1: error: f_vjp: the derivative of 'y' along a direction of 'a' is {{-?[0-9.]+}}, but differences give
// PULLED: stopped.mlir:3:8: note: the derivative of 'ad.stop_gradient' contributes most to the difference

// RUN: %refused dpc ranges.mlir --check-gradients 2>&1 | FileCheck %s --check-prefix=NOTHING
// NOTHING: dpc: error: --check-gradients: no derivative is added
// NOTHING-NEXT: dpc: help: add --grad FUNC, --jvp FUNC or --vjp FUNC
// RUN: %refused dpc ranges.mlir --grad kink --check-gradients=0 2>&1 | FileCheck %s --check-prefix=ZERO
// ZERO: dpc: error: invalid value '0' for '--check-gradients[=<N>]': '0' is not a number of points
// ZERO-NEXT: dpc: help: give 1 or more points

//--- model.mlir
func.func @loss(%a: f64 {dp.name = "a", dp.range = [1.0, 4.0]}, %x: tensor<?xf64> {dp.name = "x"}) -> (f64 {dp.name = "loss"}) {
  %s = scalar.tanh %x : tensor<?xf64>
  %t = array.reduce add %s dims [0] : tensor<?xf64>
  %sum = tensor.extract %t[] : tensor<f64>
  %l = scalar.log %a : f64
  %y = scalar.mul %sum, %l : f64
  return %y : f64
}
//--- ranges.mlir
func.func @inside(%x: f64 {dp.name = "x", dp.range = [-3.0, -1.0]}) -> f64 {
  %n = scalar.neg %x : f64
  %y = scalar.log %n : f64
  return %y : f64
}
func.func @count(%x: f64 {dp.name = "x"}, %n: index {dp.name = "n", dp.range = [1.0, 1.0]}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = arith.cmpi eq, %n, %c1 : index
  cf.assert %one, "n is 1"
  %p = scf.for %i = %c0 to %n step %c1 iter_args(%y = %x) -> f64 {
    %z = scalar.mul %y, %x : f64
    scf.yield %z : f64
  }
  return %p : f64
}
func.func @kink(%x: f64 {dp.name = "x", dp.range = [0.0, 0.0]}) -> f64 {
  %y = scalar.abs %x : f64
  return %y : f64
}
func.func @agree(%x: tensor<?xf64>, %y: tensor<4xf64>) -> f64 {
  %z = tensor.cast %y : tensor<4xf64> to tensor<?xf64>
  %p = scalar.mul %x, %z : tensor<?xf64>
  %t = array.reduce add %p dims [0] : tensor<?xf64>
  %s = tensor.extract %t[] : tensor<f64>
  return %s : f64
}
func.func @none(%x: f64 {dp.name = "x"}, %n: index {dp.name = "n", dp.range = [2.25, 2.75]}) -> f64 {
  return %x : f64
}
//--- stopped.mlir
func.func @f(%a: f64 {dp.name = "a"}, %b: f64 {dp.name = "b"}) -> (f64 {dp.name = "y"}) {
  %p = scalar.mul %a, %b : f64
  %s = ad.stop_gradient %p : f64
  %y = scalar.mul %s, %p : f64
  return %y : f64
}
//--- oscillating.mlir
func.func @f(%x: f64 {dp.name = "x"}) -> (f64 {dp.name = "y"}) {
  %k = scalar.constant 1.0e8 : f64
  %a = scalar.mul %k, %x : f64
  %y = scalar.sin %a : f64
  return %y : f64
}
func.func @large(%x: f64 {dp.name = "x"}) -> (f64 {dp.name = "y"}) {
  %k = scalar.constant 1.0e8 : f64
  %a = scalar.mul %k, %x : f64
  %b = ad.stop_gradient %a : f64
  %c = scalar.sub %a, %b : f64
  %s = scalar.sin %x : f64
  %y = scalar.add %c, %s : f64
  return %y : f64
}
