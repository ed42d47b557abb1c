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

// -----

// Poison is the number of no function, and a call of it an error at run time.
// CHECK-LABEL: func.func @chosen(
// CHECK:           default {
// CHECK-NEXT:        %[[NONE:.*]] = arith.constant -1 : index
// CHECK-NEXT:        scf.yield %[[NONE]]
// CHECK:         %[[IS:.*]] = arith.cmpi ne, %{{.*}}, %{{.*}} : index
// CHECK-NEXT:    cf.assert %[[IS]], "the callee of 'func.call_indirect' is poison: no function was chosen"
// CHECK-NEXT:    call @sin
func.func private @sin(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func @chosen(%x: f64, %k: index) -> f64 {
  %f = scf.index_switch %k -> (f64) -> f64
  case 0 {
    %a = func.constant @sin : (f64) -> f64
    scf.yield %a : (f64) -> f64
  }
  default {
    %a = ub.poison : (f64) -> f64
    scf.yield %a : (f64) -> f64
  }
  %y = func.call_indirect %f(%x) : (f64) -> f64
  return %y : f64
}

// -----

func.func private @sin(%x: f64) -> f64 {
  %y = scalar.sin %x : f64
  return %y : f64
}
func.func @in_a_map(%x: tensor<4xf64>) -> tensor<4xf64> {
  %r = array.map(%x) : (tensor<4xf64>) -> tensor<4xf64> {
  ^bb0(%e: f64):
    %p = scalar.compare lt %e, %e : f64
    %f = scf.if %p -> ((f64) -> f64) {
      %a = func.constant @sin : (f64) -> f64
      scf.yield %a : (f64) -> f64
    } else {
      %a = ub.poison : (f64) -> f64
      scf.yield %a : (f64) -> f64
    }
    // expected-error @+2 {{cannot check, in the body of a tensor operation, that its callee is not poison}}
    // expected-note @+1 {{choose a function in each case}}
    %y = func.call_indirect %f(%e) : (f64) -> f64
    array.yield %y : f64
  }
  return %r : tensor<4xf64>
}
