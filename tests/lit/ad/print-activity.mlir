// RUN: dpopt %s --print-activity 2> %t.requested > /dev/null
// RUN: FileCheck %s < %t.requested
// RUN: dpopt %s --print-activity="function=helper wrt=1" 2> %t.asked > /dev/null
// RUN: FileCheck %s --check-prefix=ASKED < %t.asked
// RUN: %refused dpopt %s --print-activity="function=nobody" 2>&1 | FileCheck %s --check-prefix=NOBODY
// RUN: %refused dpopt %s --print-activity="function=helper wrt=7" 2>&1 | FileCheck %s --check-prefix=SEVENTH

// NOBODY: error: no function 'nobody'
// SEVENTH: error: '@helper' has no argument 7

// By fields: the second carried value varies, and the result does not depend on it; the third is needed, and does not
// vary.
// CHECK:      [[#@LINE+1]]:1: remark: activity of '@loop' by a0, a1: a0 active, a1 idle, a2 useful, a3 none
func.func private @loop(%x: f64, %y: f64, %z: f64, %n: index) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  // CHECK: [[#@LINE+1]]:10: remark: 'scf.for': active, idle, constant; in its region: none, active, idle, useful
  %r:3 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y, %c = %z) -> (f64, f64, f64) {
    // CHECK: [[#@LINE+1]]:13: remark: 'scalar.mul': idle
    %next = scalar.mul %b, %a : f64
    // CHECK: [[#@LINE+1]]:12: remark: 'scalar.sin': useful
    %sin = scalar.sin %c : f64
    // CHECK: [[#@LINE+1]]:12: remark: 'scalar.mul': active
    %sum = scalar.mul %a, %sin : f64
    scf.yield %sum, %next, %sin : f64, f64, f64
  }
  return %r#0 : f64
}

func.func private @helper(%x: f64, %y: f64) -> (f64, f64) {
  %a = scalar.sin %x : f64
  // ASKED: activity of '@helper' by a1: a0 useful, a1 active
  // ASKED: 'scalar.sin': useful
  // ASKED: 'scalar.exp': active
  %b = scalar.exp %y : f64
  return %a, %b : f64, f64
}

// A fixpoint: the value reaches the result after three rounds. What calls depend on is known by results, and a chain of
// operations that ends in a comparison does not matter.
// CHECK:      remark: activity of '@call' by a0, a1: a0 active, a1 idle
func.func private @call(%x: f64, %y: f64) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c9 = arith.constant 9 : index
  // CHECK: 'func.call': active, idle
  %h:2 = func.call @helper(%x, %y) : (f64, f64) -> (f64, f64)
  // CHECK: 'scalar.mul': idle
  %square = scalar.mul %h#1, %h#1 : f64
  %positive = scalar.compare gt %square, %y : f64
  // CHECK: 'scf.for': active, idle, idle, idle; in its region: none, active, active, active, idle
  %r:4 = scf.for %i = %c0 to %c9 step %c1 iter_args(%p = %x, %q = %x, %s = %h#0, %t = %y) -> (f64, f64, f64, f64) {
    scf.yield %q, %s, %p, %p : f64, f64, f64, f64
  }
  // CHECK: 'scf.if': active, idle
  %v:2 = scf.if %positive -> (f64, f64) {
    scf.yield %r#0, %r#3 : f64, f64
  } else {
    scf.yield %x, %y : f64, f64
  }
  return %v#0 : f64
}

// CHECK-NOT: activity
func.func @requests(%x: f64, %y: f64, %z: f64, %n: index) -> (f64, f64) {
  %v:3 = ad.grad @loop(%x, %y, %z, %n) wrt [0, 1] : (f64, f64, f64, index) -> (f64, f64, f64)
  %again:3 = ad.grad @loop(%x, %y, %z, %n) wrt [0, 1] : (f64, f64, f64, index) -> (f64, f64, f64)
  %w:3 = ad.grad @call(%x, %y) wrt [0, 1] : (f64, f64) -> (f64, f64, f64)
  return %v#1, %w#1 : f64, f64
}
