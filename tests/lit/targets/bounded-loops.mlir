// Derivatives of loops whose number of rounds is known only at run time, with a bound that XLA needs.
// RUN: dpc %s --target=interp --grad power --run power_grad --args 5,3 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --target=cpu --grad power --run power_grad --args 5,3 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --target=xla --grad power --run power_grad --args 5,3 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --target=xla --jvp power --run power_jvp --args 5,3,1 | FileCheck %s --check-prefix=POWER-JVP
// RUN: dpc %s --target=interp --grad power --run power_grad --args 5,0 | FileCheck %s --check-prefix=NONE
// RUN: dpc %s --target=cpu --grad power --run power_grad --args 5,0 | FileCheck %s --check-prefix=NONE
// RUN: dpc %s --target=xla --grad power --run power_grad --args 5,0 | FileCheck %s --check-prefix=NONE
// RUN: dpc %s --target=interp --grad power --run power_grad --args 5,6 | FileCheck %s --check-prefix=MOST
// RUN: dpc %s --target=cpu --grad power --run power_grad --args 5,6 | FileCheck %s --check-prefix=MOST
// RUN: dpc %s --target=xla --grad power --run power_grad --args 5,6 | FileCheck %s --check-prefix=MOST
// RUN: %refused dpc %s --target=interp --grad power --run power_grad --args 5,7 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: %refused dpc %s --target=cpu --grad power --run power_grad --args 5,7 2>&1 | FileCheck %s --check-prefix=MORE
// RUN: %refused dpc %s --target=xla --grad power --run power_grad --args 5,7 2>&1 | FileCheck %s --check-prefix=MORE
// A loop that only forward mode passes needs no bound.
// RUN: dpc %s --target=xla --jvp power --run power_jvp --args 5,7,1 | FileCheck %s --check-prefix=FORWARD
// RUN: dpc %s --target=xla --jvp power --grad power_jvp --run power_jvp_grad --args 5,3,1 | FileCheck %s --check-prefix=SECOND
// RUN: dpc %s --target=xla --grad power --jvp power_grad --run power_grad_jvp --args 5,3,1 | FileCheck %s --check-prefix=HVP
// RUN: dpc %s --target=interp --grad escape --run escape_grad --args 0.1 | FileCheck %s --check-prefix=ESCAPE
// RUN: dpc %s --target=cpu --grad escape --run escape_grad --args 0.1 | FileCheck %s --check-prefix=ESCAPE
// RUN: dpc %s --target=xla --grad escape --run escape_grad --args 0.1 | FileCheck %s --check-prefix=ESCAPE
// RUN: dpc %s --target=xla --jvp escape --run escape_jvp --args 0.1,1 | FileCheck %s --check-prefix=ESCAPE-JVP
// RUN: dpc %s --target=interp --grad newton --run newton_grad --args 2 | FileCheck %s --check-prefix=NEWTON
// RUN: dpc %s --target=cpu --grad newton --run newton_grad --args 2 | FileCheck %s --check-prefix=NEWTON
// RUN: dpc %s --target=xla --grad newton --run newton_grad --args 2 | FileCheck %s --check-prefix=NEWTON
// RUN: dpc %s --target=xla --jvp newton --run newton_jvp --args 2,1 | FileCheck %s --check-prefix=NEWTON-JVP
// RUN: dpc %s --target=interp --grad steps --run steps_grad --args [1,0.5],0.7,5 | FileCheck %s --check-prefix=STEPS
// RUN: dpc %s --target=cpu --grad steps --run steps_grad --args [1,0.5],0.7,5 | FileCheck %s --check-prefix=STEPS
// RUN: dpc %s --target=xla --grad steps --run steps_grad --args [1,0.5],0.7,5 | FileCheck %s --check-prefix=STEPS
// RUN: dpc %s --target=xla --jvp steps --run steps_jvp --args [1,0.5],0.7,5,[1,0],0 | FileCheck %s --check-prefix=STEPS-JVP
// RUN: dpc %s --target=interp --grad machine --run machine_grad --args 0.7,5 | FileCheck %s --check-prefix=MACHINE
// RUN: dpc %s --target=cpu --grad machine --run machine_grad --args 0.7,5 | FileCheck %s --check-prefix=MACHINE
// RUN: dpc %s --target=xla --grad machine --run machine_grad --args 0.7,5 | FileCheck %s --check-prefix=MACHINE
// RUN: dpc %s --target=xla --jvp machine --run machine_jvp --args 0.7,5,1 | FileCheck %s --check-prefix=MACHINE-JVP
// RUN: dpc %s --target=interp --grad nested --run nested_grad --args 1.5,true | FileCheck %s --check-prefix=NESTED
// RUN: dpc %s --target=cpu --grad nested --run nested_grad --args 1.5,true | FileCheck %s --check-prefix=NESTED
// RUN: dpc %s --target=xla --grad nested --run nested_grad --args 1.5,true | FileCheck %s --check-prefix=NESTED
// RUN: dpc %s --target=xla --jvp nested --run nested_jvp --args 1.5,true,1 | FileCheck %s --check-prefix=NESTED-JVP
// RUN: dpc %s --target=interp --grad nested --run nested_grad --args 1.5,false | FileCheck %s --check-prefix=OTHER
// RUN: dpc %s --target=cpu --grad nested --run nested_grad --args 1.5,false | FileCheck %s --check-prefix=OTHER
// RUN: dpc %s --target=xla --grad nested --run nested_grad --args 1.5,false | FileCheck %s --check-prefix=OTHER
// RUN: %refused dpc %s --target=interp --grad nested --run nested_grad --args 1.2,true 2>&1 | FileCheck %s --check-prefix=INNER
// RUN: %refused dpc %s --target=cpu --grad nested --run nested_grad --args 1.2,true 2>&1 | FileCheck %s --check-prefix=INNER
// RUN: %refused dpc %s --target=xla --grad nested --run nested_grad --args 1.2,true 2>&1 | FileCheck %s --check-prefix=INNER
// RUN: dpc %s --target=interp --grad prefix --run prefix_grad --args [1,2,3,4,5],3 | FileCheck %s --check-prefix=PREFIX
// RUN: dpc %s --target=cpu --grad prefix --run prefix_grad --args [1,2,3,4,5],3 | FileCheck %s --check-prefix=PREFIX
// RUN: dpc %s --target=xla --grad prefix --run prefix_grad --args [1,2,3,4,5],3 | FileCheck %s --check-prefix=PREFIX
// RUN: dpc %s --target=xla --jvp prefix --run prefix_jvp --args [1,2,3,4,5],3,[1,0,0,0,0] | FileCheck %s --check-prefix=PREFIX-JVP
// RUN: dpc %s --target=interp --grad prefix --run prefix_grad --args [1,2,3,4,5],9 | FileCheck %s --check-prefix=ALL
// RUN: dpc %s --target=cpu --grad prefix --run prefix_grad --args [1,2,3,4,5],9 | FileCheck %s --check-prefix=ALL
// RUN: dpc %s --target=xla --grad prefix --run prefix_grad --args [1,2,3,4,5],9 | FileCheck %s --check-prefix=ALL
// RUN: dpc %s --target=interp --grad prefix --run prefix_grad --args [1,2,3,4,5],-2 | FileCheck %s --check-prefix=EMPTY
// RUN: dpc %s --target=cpu --grad prefix --run prefix_grad --args [1,2,3,4,5],-2 | FileCheck %s --check-prefix=EMPTY
// RUN: dpc %s --target=xla --grad prefix --run prefix_grad --args [1,2,3,4,5],-2 | FileCheck %s --check-prefix=EMPTY
// RUN: %refused dpc %s --target=interp --grad open --run open_grad --args [1,2,3,4],5 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: %refused dpc %s --target=cpu --grad open --run open_grad --args [1,2,3,4],5 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: %refused dpc %s --target=xla --grad open --run open_grad --args [1,2,3,4],5 2>&1 | FileCheck %s --check-prefix=OPEN
// RUN: dpc %s --target=xla --grad power --entry power_grad | FileCheck %s --check-prefix=STATUS
// RUN: dpc %s --target=xla --grad prefix --entry prefix_grad | FileCheck %s --check-prefix=PROVED

// x^n by multiplication, n times.
// POWER: {{^}}r0 = 125{{$}}
// POWER-NEXT: {{^}}d_x = 75{{$}}
// POWER-JVP: {{^}}r0 = 125{{$}}
// POWER-JVP-NEXT: {{^}}d_r0 = 75{{$}}
// NONE: {{^}}r0 = 1{{$}}
// NONE-NEXT: {{^}}d_x = 0{{$}}
// MOST: {{^}}r0 = 15625{{$}}
// MOST-NEXT: {{^}}d_x = 18750{{$}}
// MORE: bounded-loops.mlir:[[#@LINE+18]]:10: error: this loop has more rounds than its bound, 6
// FORWARD: {{^}}r0 = 78125{{$}}
// FORWARD-NEXT: {{^}}d_r0 = 109375{{$}}
// SECOND: {{^}}d_r0 = 75{{$}}
// SECOND-NEXT: {{^}}d2_x = 30{{$}}
// HVP: {{^}}d2_d_x = 30{{$}}
// The status follows the results; its message is a comment.
// STATUS: module
// STATUS-NEXT: // status 1: {{.*}}bounded-loops.mlir:[[#@LINE+10]]:10: error: this loop has more rounds than its bound, 6
// STATUS-NEXT: func.func public @main(%{{.*}}: tensor<f64>, %{{.*}}: tensor<i64>) -> (tensor<f64>, tensor<f64>, tensor<i32>) {
// STATUS: stablehlo.while
// STATUS: stablehlo.compare NE, {{.*}} : (tensor<i32>, tensor<i32>) -> tensor<i1>
// STATUS: stablehlo.dynamic_update_slice {{.*}} : (tensor<6xf64>, tensor<1xf64>, tensor<i64>) -> tensor<6xf64>
// STATUS: return {{.*}} : tensor<f64>, tensor<f64>, tensor<i32>
func.func @power(%x: f64 {dp.name = "x"}, %n: i64 {dp.name = "n"}) -> f64 {
  %one = scalar.constant 1.0 : f64
  %c0 = scalar.constant 0 : i64
  %c1 = scalar.constant 1 : i64
  %r:2 = scf.while (%y = %one, %i = %n) : (f64, i64) -> (f64, i64) {
    %go = scalar.compare gt %i, %c0 : i64
    scf.condition(%go) %y, %i : f64, i64
  } do {
  ^bb0(%y: f64, %i: i64):
    %z = scalar.mul %y, %x : f64
    %j = scalar.sub %i, %c1 : i64
    scf.yield %z, %j : f64, i64
  } attributes {dp.bound = 6}
  return %r#0 : f64
}

// z <- z^2 + c until |z|^2 exceeds 4, in at most 50 rounds, which follows from what the loop compares.
// ESCAPE: {{^}}r0 = 0.1127016653{{[0-9]*}}{{$}}
// ESCAPE-NEXT: {{^}}d_c = 1.290994448{{[0-9]*}}{{$}}
// ESCAPE-JVP: {{^}}d_r0 = 1.290994448{{[0-9]*}}{{$}}
func.func @escape(%c: f64 {dp.name = "c"}) -> f64 {
  %zero = scalar.constant 0.0 : f64
  %four = scalar.constant 4.0 : f64
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c50 = arith.constant 50 : index
  %r:2 = scf.while (%z = %zero, %i = %c0) : (f64, index) -> (f64, index) {
    %s = scalar.mul %z, %z : f64
    %inside = scalar.compare le %s, %four : f64
    %early = arith.cmpi slt, %i, %c50 : index
    %go = scalar.and %inside, %early : i1
    scf.condition(%go) %z, %i : f64, index
  } do {
  ^bb0(%z: f64, %i: index):
    %s = scalar.mul %z, %z : f64
    %t = scalar.add %s, %c : f64
    %j = arith.addi %i, %c1 : index
    scf.yield %t, %j : f64, index
  }
  return %r#0 : f64
}

// The square root of a by Newton's method, until the residual is small.
// NEWTON: {{^}}r0 = 1.4142135623{{[0-9]*}}{{$}}
// NEWTON-NEXT: {{^}}d_a = 0.35355339059{{[0-9]*}}{{$}}
// NEWTON-JVP: {{^}}d_r0 = 0.35355339059{{[0-9]*}}{{$}}
func.func @newton(%a: f64 {dp.name = "a"}) -> f64 {
  %half = scalar.constant 0.5 : f64
  %small = scalar.constant 1.0e-12 : f64
  %r = scf.while (%x = %a) : (f64) -> f64 {
    %s = scalar.mul %x, %x : f64
    %d = scalar.sub %s, %a : f64
    %e = scalar.abs %d : f64
    %go = scalar.compare gt %e, %small : f64
    scf.condition(%go) %x : f64
  } do {
  ^bb0(%x: f64):
    %q = scalar.div %a, %x : f64
    %s = scalar.add %x, %q : f64
    %y = scalar.mul %half, %s : f64
    scf.yield %y : f64
  } attributes {dp.bound = 8}
  return %r : f64
}

// n steps of the midpoint rule for y' = -k y^2 on two components.
// STEPS: {{^}}r0 = 1.16690386213{{[0-9]*}}{{$}}
// STEPS-NEXT: {{^}}d_y = [0.5506155394{{[0-9]*}}, 0.7246865934{{[0-9]*}}]{{$}}
// STEPS-NEXT: {{^}}d_k = -0.3627786085{{[0-9]*}}{{$}}
// STEPS-JVP: {{^}}d_r0 = 0.5506155394{{[0-9]*}}{{$}}
func.func @steps(%y: tensor<2xf64> {dp.name = "y"}, %k: f64 {dp.name = "k"}, %n: i64 {dp.name = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %end = arith.index_cast %n : i64 to index
  %h = scalar.constant 0.1 : f64
  %hh = scalar.constant 0.05 : f64
  %ks = array.broadcast %k dims [] : f64 to tensor<2xf64>
  %hs = array.broadcast %h dims [] : f64 to tensor<2xf64>
  %hhs = array.broadcast %hh dims [] : f64 to tensor<2xf64>
  %r = scf.for %i = %c0 to %end step %c1 iter_args(%u = %y) -> tensor<2xf64> {
    %s1 = scalar.mul %u, %u : tensor<2xf64>
    %f1 = scalar.mul %ks, %s1 : tensor<2xf64>
    %d1 = scalar.mul %hhs, %f1 : tensor<2xf64>
    %v = scalar.sub %u, %d1 : tensor<2xf64>
    %s2 = scalar.mul %v, %v : tensor<2xf64>
    %f2 = scalar.mul %ks, %s2 : tensor<2xf64>
    %d2 = scalar.mul %hs, %f2 : tensor<2xf64>
    %w = scalar.sub %u, %d2 : tensor<2xf64>
    scf.yield %w : tensor<2xf64>
  } {dp.bound = 8}
  %t = array.reduce add %r dims [0] : tensor<2xf64>
  %z = tensor.extract %t[] : tensor<f64>
  return %z : f64
}

// A machine of three states: it doubles, squares, and takes sines, until the count is used up.
// MACHINE: {{^}}r0 = 0.9212302629{{[0-9]*}}{{$}}
// MACHINE-NEXT: {{^}}d_x = 11.02116087345{{[0-9]*}}{{$}}
// MACHINE-JVP: {{^}}d_r0 = 11.02116087345{{[0-9]*}}{{$}}
func.func @machine(%x: f64 {dp.name = "x"}, %n: i64 {dp.name = "n"}) -> f64 {
  %c0 = scalar.constant 0 : i64
  %c1 = scalar.constant 1 : i64
  %s0 = arith.constant 0 : index
  %s1 = arith.constant 1 : index
  %s2 = arith.constant 2 : index
  %yes = scalar.constant 1 : i1
  %r:4 = scf.while (%y = %x, %state = %s0, %i = %n, %odd = %yes) : (f64, index, i64, i1) -> (f64, index, i64, i1) {
    %go = scalar.compare gt %i, %c0 : i64
    scf.condition(%go) %y, %state, %i, %odd : f64, index, i64, i1
  } do {
  ^bb0(%y: f64, %state: index, %i: i64, %odd: i1):
    %z:2 = scf.index_switch %state -> f64, index
    case 0 {
      %d = scalar.add %y, %y : f64
      scf.yield %d, %s1 : f64, index
    }
    case 1 {
      %d = scalar.mul %y, %y : f64
      scf.yield %d, %s2 : f64, index
    }
    default {
      %d = scalar.sin %y : f64
      scf.yield %d, %s0 : f64, index
    }
    %w = scf.if %odd -> f64 {
      %v = scalar.mul %z#0, %x : f64
      scf.yield %v : f64
    } else {
      scf.yield %z#0 : f64
    }
    %even = scalar.not %odd : i1
    %j = scalar.sub %i, %c1 : i64
    scf.yield %w, %z#1, %j, %even : f64, index, i64, i1
  } attributes {dp.bound = 7}
  return %r#0 : f64
}

// A loop until convergence in a counted loop in a branch; the inner tapes are rows of the outer ones.
// NESTED: {{^}}r0 = 7.59375{{$}}
// NESTED-NEXT: {{^}}d_x = 25.3125{{$}}
// NESTED-JVP: {{^}}d_r0 = 25.3125{{[0-9]*}}{{$}}
// OTHER: {{^}}r0 = 0.9974949866{{[0-9]*}}{{$}}
// OTHER-NEXT: {{^}}d_x = 0.0707372016{{[0-9]*}}{{$}}
// INNER: bounded-loops.mlir:[[#@LINE+8]]:12: error: this loop has more rounds than its bound, 9
func.func @nested(%x: f64 {dp.name = "x"}, %p: i1 {dp.name = "p"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c3 = arith.constant 3 : index
  %limit = scalar.constant 40.0 : f64
  %r = scf.if %p -> f64 {
    %o = scf.for %i = %c0 to %c3 step %c1 iter_args(%y = %x) -> f64 {
      %e = scf.while (%z = %y) : (f64) -> f64 {
        %go = scalar.compare lt %z, %limit : f64
        scf.condition(%go) %z : f64
      } do {
      ^bb0(%z: f64):
        %s = scalar.mul %z, %x : f64
        scf.yield %s : f64
      } attributes {dp.bound = 9}
      %q = scalar.sqrt %e : f64
      scf.yield %q : f64
    }
    scf.yield %o : f64
  } else {
    %s = scalar.sin %x : f64
    scf.yield %s : f64
  }
  return %r : f64
}

// The product of the first n elements, at most all five of them.
// PREFIX: {{^}}r0 = 6{{$}}
// PREFIX-NEXT: {{^}}d_t = [6, 3, 2, 0, 0]{{$}}
// PREFIX-JVP: {{^}}d_r0 = 6{{$}}
// ALL: {{^}}r0 = 120{{$}}
// ALL-NEXT: {{^}}d_t = [120, 60, 40, 30, 24]{{$}}
// EMPTY: {{^}}r0 = 1{{$}}
// EMPTY-NEXT: {{^}}d_t = [0, 0, 0, 0, 0]{{$}}
// No check is needed where the bound and the positions are proved.
// PROVED: func.func public @main(%{{.*}}: tensor<5xf64>, %{{.*}}: tensor<i64>) -> (tensor<f64>, tensor<5xf64>) {
func.func @prefix(%t: tensor<5xf64> {dp.name = "t"}, %n: i64 {dp.name = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c5 = arith.constant 5 : index
  %one = scalar.constant 1.0 : f64
  %m = arith.index_cast %n : i64 to index
  %end = arith.minsi %m, %c5 : index
  %r = scf.for %i = %c0 to %end step %c1 iter_args(%y = %one) -> f64 {
    %x = tensor.extract %t[%i] : tensor<5xf64>
    %z = scalar.mul %y, %x : f64
    scf.yield %z : f64
  }
  return %r : f64
}

// A position that may be out of bounds is checked in each round.
// OPEN: bounded-loops.mlir:[[#@LINE+7]]:10: error: {{.*}}out of bounds
func.func @open(%t: tensor<4xf64> {dp.name = "t"}, %n: i64 {dp.name = "n"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %one = scalar.constant 1.0 : f64
  %end = arith.index_cast %n : i64 to index
  %r = scf.for %i = %c0 to %end step %c1 iter_args(%y = %one) -> f64 {
    %x = tensor.extract %t[%i] : tensor<4xf64>
    %z = scalar.mul %y, %x : f64
    scf.yield %z : f64
  } {dp.bound = 10}
  return %r : f64
}
