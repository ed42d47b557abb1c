//! Private buffers of `memref`, which become tensors.

use super::loops::{case, number, vector, whole};
use super::{Argument, Case};
use dp_dialects::ScalarType::{Complex128, F64, I1, Index};

super::topics!(elements, copies, branches, machines, local, blocks, loops_of_blocks, parallel);

/// Fills the buffer `%b` of as many elements as `%a0` with its elements; `%n` is their number.
const FILLED: &str = "%n = tensor.dim %a0, %c0 : !V
  %b = memref.alloc(%n) : memref<?xf64>
  scf.for %i = %c0 to %n step %c1 {
    %e = tensor.extract %a0[%i] : !V
    memref.store %e, %b[%i] : memref<?xf64>
  }
";

/// Returns the elements of the buffer `%b`.
const RETURNED: &str = "
  %t = bufferization.to_tensor %b : memref<?xf64> to !V
  memref.dealloc %b : memref<?xf64>
  return %t : !V";

/// Adds a case whose body works on the buffer `%b`, filled with the elements of `%a0`.
pub fn filled(cases: &mut Vec<Case>, name: &str, more: Vec<Argument>, body: &str) {
    let arguments = [vec![vector(4)], more].concat();
    case(cases, name, arguments, &["!V"], &format!("{FILLED}{body}{RETURNED}"), "");
}

fn elements(cases: &mut Vec<Case>) {
    // Number by number, in buffers of rank 0 that are made first, as C compilers do.
    let body = "%p = memref.alloca() : memref<f64>
  %s = memref.alloca() : memref<f64>
  %k = memref.alloca() : memref<index>
  memref.store %a0, %p[] : memref<f64>
  memref.store %zero, %s[] : memref<f64>
  scf.for %i = %c0 to %a1 step %c1 {
    memref.store %i, %k[] : memref<index>
    %x = memref.load %p[] : memref<f64>
    %y = math.sin %x : f64
    %l = memref.load %k[] : memref<index>
    %j = arith.index_cast %l : index to i32
    %f = arith.sitofp %j : i32 to f64
    %z = arith.addf %y, %f : f64
    memref.store %z, %p[] : memref<f64>
    %u = memref.load %s[] : memref<f64>
    %v = arith.addf %u, %z : f64
    memref.store %v, %s[] : memref<f64>
  }
  %r = memref.load %s[] : memref<f64>
  %q = memref.load %p[] : memref<f64>
  return %r, %q : f64, f64";
    for rounds in [0, 3] {
        let arguments = vec![number(), whole(Index, rounds)];
        case(cases, &format!("elements, {rounds} rounds"), arguments, &["f64", "f64"], body, "");
    }
    // Where nothing is stored, there are zeros.
    let body = "%b = memref.alloc() : memref<2x3xf64>
  %m = arith.mulf %a0, %a0 : f64
  memref.store %m, %b[%c1, %c2] : memref<2x3xf64>
  memref.store %a0, %b[%c0, %c0] : memref<2x3xf64>
  %t = bufferization.to_tensor %b : memref<2x3xf64> to tensor<2x3xf64>
  return %t : tensor<2x3xf64>";
    case(cases, "two of six elements", vec![number()], &["tensor<2x3xf64>"], body, "");
    let body = "%b = memref.alloca() : memref<1xcomplex<f64>>
  memref.store %a0, %b[%c0] : memref<1xcomplex<f64>>
  %x = memref.load %b[%c0] : memref<1xcomplex<f64>>
  %y = scalar.mul %x, %x : complex<f64>
  return %y : complex<f64>";
    let z = Argument::number(Complex128, (0.2, 0.9));
    case(cases, "a complex number", vec![z], &["complex<f64>"], body, "");
}

fn copies(cases: &mut Vec<Case>) {
    // The heat equation in two buffers, the second of which is copied to the first.
    let body = "%d = memref.alloc(%n) : memref<?xf64>
  memref.copy %b, %d : memref<?xf64> to memref<?xf64>
  %m = arith.subi %n, %c1 : index
  scf.for %s = %c0 to %c3 step %c1 {
    scf.for %i = %c1 to %m step %c1 {
      %i0 = arith.subi %i, %c1 : index
      %i2 = arith.addi %i, %c1 : index
      %x = memref.load %b[%i0] : memref<?xf64>
      %y = memref.load %b[%i] : memref<?xf64>
      %z = memref.load %b[%i2] : memref<?xf64>
      %xz = arith.addf %x, %z : f64
      %yy = arith.addf %y, %y : f64
      %bend = arith.subf %xz, %yy : f64
      %change = arith.mulf %bend, %a1 : f64
      %new = arith.addf %y, %change : f64
      memref.store %new, %d[%i] : memref<?xf64>
    }
    memref.copy %d, %b : memref<?xf64> to memref<?xf64>
  }";
    filled(cases, "heat in two buffers", vec![number()], body);
    let body = "%b = memref.alloc() : memref<2x2xf64>
  %n = arith.constant 2 : index
  %d = memref.alloc(%n) : memref<?x2xf64>
  %s = memref.alloc() : memref<f64>
  %t = memref.alloc() : memref<f64>
  memref.store %a0, %b[%c0, %c1] : memref<2x2xf64>
  memref.copy %b, %d : memref<2x2xf64> to memref<?x2xf64>
  memref.store %a0, %b[%c1, %c1] : memref<2x2xf64>
  %x = memref.load %d[%c0, %c1] : memref<?x2xf64>
  %y = memref.load %d[%c1, %c1] : memref<?x2xf64>
  %xx = arith.mulf %x, %x : f64
  memref.store %xx, %s[] : memref<f64>
  memref.copy %s, %t : memref<f64> to memref<f64>
  memref.store %y, %s[] : memref<f64>
  memref.copy %d, %b : memref<?x2xf64> to memref<2x2xf64>
  %z = memref.load %b[%c1, %c1] : memref<2x2xf64>
  %w = memref.load %t[] : memref<f64>
  %r = arith.addf %z, %w : f64
  return %r : f64";
    case(cases, "copies of other types", vec![number()], &["f64"], body, "");
}

fn branches(cases: &mut Vec<Case>) {
    for low in [0.0, 1.0] {
        let taken = Argument::number(I1, (low, low + 0.2));
        // Read before and after a branch that writes it, in one of its arms or both.
        let body = "%s = memref.alloca() : memref<f64>
  memref.store %one, %s[] : memref<f64>
  %before = memref.load %b[%c1] : memref<?xf64>
  scf.if %a1 {
    %y = math.exp %before : f64
    memref.store %y, %b[%c1] : memref<?xf64>
    memref.store %before, %s[] : memref<f64>
  } else {
    %y = memref.load %b[%c2] : memref<?xf64>
    %z = arith.mulf %y, %before : f64
    memref.store %z, %s[] : memref<f64>
  }
  scf.if %a1 {
    %w = memref.load %s[] : memref<f64>
    memref.store %w, %b[%c3] : memref<?xf64>
  }
  %after = memref.load %b[%c1] : memref<?xf64>
  %l = memref.load %s[] : memref<f64>
  %p = arith.mulf %before, %after : f64
  %q = arith.mulf %p, %l : f64
  memref.store %q, %b[%c0] : memref<?xf64>";
        filled(cases, &format!("branches {low}"), vec![taken.clone()], body);
        // A branch with results of its own.
        let body = "%v = scf.if %a1 -> f64 {
    %y = memref.load %b[%c1] : memref<?xf64>
    %z = math.sin %y : f64
    memref.store %z, %b[%c2] : memref<?xf64>
    scf.yield %y : f64
  } else {
    scf.yield %one : f64
  }
  memref.store %v, %b[%c0] : memref<?xf64>";
        filled(cases, &format!("a branch with a result {low}"), vec![taken], body);
    }
    for chosen in [0, 1, 7] {
        let body = "scf.index_switch %a1
  case 0 {
    %y = memref.load %b[%c1] : memref<?xf64>
    %z = math.sin %y : f64
    memref.store %z, %b[%c0] : memref<?xf64>
    scf.yield
  }
  case 1 {
    scf.for %i = %c0 to %n step %c1 {
      %y = memref.load %b[%i] : memref<?xf64>
      %z = arith.mulf %y, %y : f64
      memref.store %z, %b[%i] : memref<?xf64>
    }
    scf.yield
  }
  default {
  }";
        filled(cases, &format!("switch {chosen}"), vec![whole(Index, chosen)], body);
    }
}

fn machines(cases: &mut Vec<Case>) {
    // Newton's iteration for a root, which falls until it converges; the loop carries a number of its own too.
    let body = "%x = memref.alloca() : memref<f64>
  %go = memref.alloca() : memref<i1>
  %true = arith.constant true
  %tiny = arith.constant -1.0e-9 : f64
  memref.store %one, %x[] : memref<f64>
  memref.store %true, %go[] : memref<i1>
  %k = scf.while (%k = %c0) : (index) -> index {
    %more = memref.load %go[] : memref<i1>
    scf.condition(%more) %k : index
  } do {
  ^bb0(%k: index):
    %y = memref.load %x[] : memref<f64>
    %q = arith.divf %a0, %y : f64
    %s = arith.addf %y, %q : f64
    %z = arith.mulf %s, %half : f64
    %d = arith.subf %z, %y : f64
    %c = arith.cmpf olt, %d, %tiny : f64
    memref.store %z, %x[] : memref<f64>
    memref.store %c, %go[] : memref<i1>
    %k1 = arith.addi %k, %c1 : index
    scf.yield %k1 : index
  }
  %r = memref.load %x[] : memref<f64>
  return %r : f64";
    case(cases, "square root", vec![number()], &["f64"], body, "");
}

fn local(cases: &mut Vec<Case>) {
    // A buffer of each iteration, and one from outside that each iteration writes first.
    let body = "%w = memref.alloca() : memref<f64>
  scf.for %i = %c0 to %n step %c1 {
    %row = memref.alloca() : memref<3xf64>
    %x = memref.load %b[%i] : memref<?xf64>
    scf.for %j = %c0 to %c3 step %c1 {
      %y = memref.load %row[%c0] : memref<3xf64>
      %z = arith.addf %y, %x : f64
      %s = math.sin %z : f64
      memref.store %s, %row[%j] : memref<3xf64>
    }
    %p = memref.load %row[%c0] : memref<3xf64>
    %q = memref.load %row[%c2] : memref<3xf64>
    %pq = arith.mulf %p, %q : f64
    memref.store %pq, %w[] : memref<f64>
    %l = memref.load %w[] : memref<f64>
    memref.store %l, %b[%i] : memref<?xf64>
  }";
    filled(cases, "buffers in loops", vec![], body);
    // Never read.
    let body = "%unused = memref.alloc(%n) : memref<?xf64>
  scf.for %i = %c0 to %n step %c1 {
    %x = memref.load %b[%i] : memref<?xf64>
    memref.store %x, %unused[%i] : memref<?xf64>
  }";
    filled(cases, "an unused buffer", vec![], body);
}

fn blocks(cases: &mut Vec<Case>) {
    // As a compiler of C writes it.
    let body = "%b = memref.alloca() : memref<4xf64>
  %k = memref.alloca() : memref<index>
  memref.store %c0, %k[] : memref<index>
  memref.store %a0, %b[%c0] : memref<4xf64>
  cf.br ^head
^head:
  %i = memref.load %k[] : memref<index>
  %more = arith.cmpi slt, %i, %c3 : index
  cf.cond_br %more, ^body, ^done
^body:
  %x = memref.load %b[%i] : memref<4xf64>
  %y = math.sin %x : f64
  %z = arith.addf %y, %a0 : f64
  %i1 = arith.addi %i, %c1 : index
  memref.store %z, %b[%i1] : memref<4xf64>
  memref.store %i1, %k[] : memref<index>
  %large = arith.cmpf ogt, %z, %one : f64
  cf.cond_br %large, ^done, ^head
^done:
  %l = memref.load %k[] : memref<index>
  %r = memref.load %b[%l] : memref<4xf64>
  return %r : f64";
    for (low, high) in [(0.1, 0.2), (0.7, 0.8)] {
        let x = Argument::number(F64, (low, high));
        case(cases, &format!("blocks from {low}"), vec![x], &["f64"], body, "");
    }
}

fn loops_of_blocks(cases: &mut Vec<Case>) {
    // A loop in a loop, whose conditions come last: the stores stand in the first regions of the loops.
    let body = "scf.for %i = %c0 to %c2 step %c1 {
    %k = scf.while (%k = %c1) : (index) -> index {
      %m = arith.subi %k, %c1 : index
      %x = memref.load %b[%m] : memref<?xf64>
      %y = memref.load %b[%k] : memref<?xf64>
      %s = math.sin %x : f64
      %z = arith.mulf %s, %y : f64
      memref.store %z, %b[%k] : memref<?xf64>
      %l = arith.addi %k, %c1 : index
      %more = arith.cmpi slt, %l, %n : index
      scf.condition(%more) %l : index
    } do {
    ^bb0(%l: index):
      scf.yield %l : index
    }
  }";
    filled(cases, "loops with conditions last", vec![], body);
    let body = format!(
        "{FILLED}  %i = memref.alloca() : memref<index>
  %j = memref.alloca() : memref<index>
  memref.store %c0, %i[] : memref<index>
  cf.br ^outer
^outer:
  memref.store %c1, %j[] : memref<index>
  cf.br ^inner
^inner:
  %k = memref.load %j[] : memref<index>
  %m = arith.subi %k, %c1 : index
  %x = memref.load %b[%m] : memref<?xf64>
  %y = memref.load %b[%k] : memref<?xf64>
  %c = arith.cmpf ogt, %x, %y : f64
  cf.cond_br %c, ^swap, ^next
^swap:
  %s = math.sin %x : f64
  memref.store %s, %b[%k] : memref<?xf64>
  memref.store %y, %b[%m] : memref<?xf64>
  cf.br ^next
^next:
  %k1 = arith.addi %k, %c1 : index
  memref.store %k1, %j[] : memref<index>
  %more = arith.cmpi slt, %k1, %n : index
  cf.cond_br %more, ^inner, ^last
^last:
  %l = memref.load %i[] : memref<index>
  %l1 = arith.addi %l, %c1 : index
  memref.store %l1, %i[] : memref<index>
  %again = arith.cmpi slt, %l1, %n : index
  cf.cond_br %again, ^outer, ^done
^done:{RETURNED}"
    );
    case(cases, "bubble sort of blocks", vec![vector(3)], &["!V"], &body, "");
}

fn parallel(cases: &mut Vec<Case>) {
    let body = "%d = memref.alloc(%n) : memref<?xf64>
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    %x = memref.load %b[%i] : memref<?xf64>
    %y = math.sin %x : f64
    memref.store %y, %d[%i] : memref<?xf64>
    scf.reduce
  }
  scf.forall (%i) in (%n) {
    %x = memref.load %d[%i] : memref<?xf64>
    %y = math.exp %x : f64
    memref.store %y, %b[%i] : memref<?xf64>
  }";
    filled(cases, "parallel loops", vec![], body);
}
