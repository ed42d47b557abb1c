// RUN: dpopt %s --lower-function-values --split-input-file --verify-diagnostics | FileCheck %s
// RUN: dpopt %s --lower-function-values --split-input-file --verify-diagnostics | dpopt --split-input-file > /dev/null

// A function value is a number; an indirect call chooses between the functions of its type. The last one needs no case.
// CHECK-LABEL: func.func private @twice(
// CHECK-SAME:    %[[F:.*]]: index, %[[X:.*]]: f64) -> f64
// CHECK-NEXT:    %[[Y:.*]] = scf.index_switch %[[F]] -> f64
// CHECK-NEXT:    case 0 {
// CHECK-NEXT:      %[[A:.*]] = {{.*}}call @sin(%[[X]])
// CHECK-NEXT:      scf.yield %[[A]]
// CHECK:         default {
// CHECK-NEXT:      %[[B:.*]] = {{.*}}call @cos(%[[X]])
// CHECK:         scf.index_switch %[[F]]
func.func private @sin(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func private @cos(%x: f64) -> f64 {
  %y = scalar.cos %x : f64
  return %y : f64
}
func.func private @unused(%x: f64) -> f64 {
  return %x : f64
}
func.func private @other(%x: f64, %y: f64) -> f64 {
  return %y : f64
}
func.func private @twice(%f: (f64) -> f64, %x: f64) -> f64 {
  %y = func.call_indirect %f(%x) : (f64) -> f64
  %z = func.call_indirect %f(%y) : (f64) -> f64
  return %z : f64
}

// Loops and branches carry numbers too, and the only function of a type is called directly.
// CHECK-LABEL: func.func @loop(
// CHECK:         arith.constant 1 : index
// CHECK:         %[[SIN:.*]] = arith.constant 0 : index
// CHECK:         %[[COS:.*]] = arith.constant 1 : index
// CHECK:         scf.for {{.*}}iter_args(%[[P:.*]] = %[[SIN]], %[[Q:.*]] = %[[COS]], %[[Y:.*]] = %{{.*}}) -> (index, index, f64)
// CHECK:           %[[Z:.*]] = {{.*}}call @twice(%[[P]], %[[Y]])
// CHECK:           %[[W:.*]] = {{.*}}call @other(%[[Y]], %[[Z]])
// CHECK:           scf.yield %[[Q]], %[[P]], %[[W]] : index, index, f64
func.func @loop(%x: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %f = func.constant @sin : (f64) -> f64
  %g = func.constant @cos : (f64) -> f64
  %o = func.constant @other : (f64, f64) -> f64
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%p = %f, %q = %g, %y = %x) -> ((f64) -> f64, (f64) -> f64, f64) {
    %z = func.call @twice(%p, %y) : ((f64) -> f64, f64) -> f64
    %w = func.call_indirect %o(%y, %z) : (f64, f64) -> f64
    scf.yield %q, %p, %w : (f64) -> f64, (f64) -> f64, f64
  }
  return %r#2 : f64
}

// -----

// expected-error @+2 {{a public function takes or returns a function}}
// expected-note @+1 {{make it private, or take an index}}
func.func @public(%f: (f64) -> f64, %x: f64) -> f64 {
  %y = func.call_indirect %f(%x) : (f64) -> f64
  return %y : f64
}

// -----

func.func private @none(%f: (f64) -> f64, %x: f64) -> f64 {
  // expected-error @+2 {{no function of this type is a value in this program}}
  // expected-note @+1 {{take the value of a function with 'func.constant'}}
  %y = func.call_indirect %f(%x) : (f64) -> f64
  return %y : f64
}
