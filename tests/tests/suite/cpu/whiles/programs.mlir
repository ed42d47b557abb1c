// One tensor, replaced in each round.
func.func @one(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%y = %x, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %y, %i : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %i: index):
    %s = scalar.sin %y : tensor<?xf64>
    %z = scalar.add %s, %x : tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %z, %j : tensor<?xf64>, index
  }
  return %r#0 : tensor<?xf64>
}
// Two tensors that swap, and one of them changes.
func.func @swap(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: index) -> (tensor<?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.while (%a = %x, %b = %y, %i = %c0) : (tensor<?xf64>, tensor<?xf64>, index) -> (tensor<?xf64>, tensor<?xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %a, %b, %i : tensor<?xf64>, tensor<?xf64>, index
  } do {
  ^bb0(%a: tensor<?xf64>, %b: tensor<?xf64>, %i: index):
    %s = scalar.sin %a : tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %b, %s, %j : tensor<?xf64>, tensor<?xf64>, index
  }
  return %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>
}
// Pure swap.
func.func @pure(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: index) -> (tensor<?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.while (%a = %x, %b = %y, %i = %c0) : (tensor<?xf64>, tensor<?xf64>, index) -> (tensor<?xf64>, tensor<?xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %a, %b, %i : tensor<?xf64>, tensor<?xf64>, index
  } do {
  ^bb0(%a: tensor<?xf64>, %b: tensor<?xf64>, %i: index):
    %j = arith.addi %i, %c1 : index
    scf.yield %b, %a, %j : tensor<?xf64>, tensor<?xf64>, index
  }
  return %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>
}
// The condition swaps, and passes one twice.
func.func @cross(%x: tensor<4xf64>, %y: tensor<4xf64>, %n: index) -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = scalar.constant 3.0 : f64
  %r:4 = scf.while (%a = %x, %b = %y, %i = %c0) : (tensor<4xf64>, tensor<4xf64>, index) -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %b, %a, %b, %i : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>, index
  } do {
  ^bb0(%b: tensor<4xf64>, %a: tensor<4xf64>, %c: tensor<4xf64>, %i: index):
    %t1 = tensor.from_elements %e : tensor<1xf64>
    %t = array.update_slice %b, %t1 starts [%c0] : tensor<4xf64>, tensor<1xf64>
    %u = scalar.add %t, %c : tensor<4xf64>
    %v = scalar.add %a, %b : tensor<4xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %u, %v, %j : tensor<4xf64>, tensor<4xf64>, index
  }
  return %r#0, %r#1, %r#2 : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>
}
// The first block computes, and the second passes everything back.
func.func @dowhile(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%y = %x, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
    %s = scalar.sin %y : tensor<?xf64>
    %z = scalar.add %s, %y : tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    %go = arith.cmpi slt, %j, %n : index
    scf.condition(%go) %z, %j : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %i: index):
    scf.yield %y, %i : tensor<?xf64>, index
  }
  return %r#0 : tensor<?xf64>
}
// Both blocks compute, and the second reads what the first one was given.
func.func @both(%x: tensor<?xf64>, %n: index) -> (tensor<?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:3 = scf.while (%y = %x, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, tensor<?xf64>, index) {
    %z = scalar.cos %y : tensor<?xf64>
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %y, %z, %i : tensor<?xf64>, tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %z: tensor<?xf64>, %i: index):
    %s = scalar.sin %y : tensor<?xf64>
    %w = scalar.mul %s, %z : tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %w, %j : tensor<?xf64>, index
  }
  return %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>
}
// The same tensor twice at the start and twice in each round; both change.
func.func @twice(%x: tensor<4xf64>, %n: index) -> (tensor<4xf64>, tensor<4xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = scalar.constant 3.0 : f64
  %r:3 = scf.while (%a = %x, %b = %x, %i = %c0) : (tensor<4xf64>, tensor<4xf64>, index) -> (tensor<4xf64>, tensor<4xf64>, index) {
    %t1 = tensor.from_elements %e : tensor<1xf64>
    %t = array.update_slice %a, %t1 starts [%i] : tensor<4xf64>, tensor<1xf64>
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %t, %b, %i : tensor<4xf64>, tensor<4xf64>, index
  } do {
  ^bb0(%a: tensor<4xf64>, %b: tensor<4xf64>, %i: index):
    %s = scalar.add %a, %b : tensor<4xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %s, %s, %j : tensor<4xf64>, tensor<4xf64>, index
  }
  return %r#0, %r#1 : tensor<4xf64>, tensor<4xf64>
}
// A round yields a tensor from outside, and one that the next round updates in its first block.
func.func @outside(%x: tensor<4xf64>, %o: tensor<4xf64>, %n: index) -> (tensor<4xf64>, tensor<4xf64>, tensor<4xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %e = scalar.constant 3.0 : f64
  %own = scalar.sin %o : tensor<4xf64>
  %r:3 = scf.while (%a = %x, %b = %x, %i = %c0) : (tensor<4xf64>, tensor<4xf64>, index) -> (tensor<4xf64>, tensor<4xf64>, index) {
    %t1 = tensor.from_elements %e : tensor<1xf64>
    %t = array.update_slice %a, %t1 starts [%i] : tensor<4xf64>, tensor<1xf64>
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %t, %b, %i : tensor<4xf64>, tensor<4xf64>, index
  } do {
  ^bb0(%a: tensor<4xf64>, %b: tensor<4xf64>, %i: index):
    %s = scalar.add %a, %b : tensor<4xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %own, %s, %j : tensor<4xf64>, tensor<4xf64>, index
  }
  return %r#0, %r#1, %own : tensor<4xf64>, tensor<4xf64>, tensor<4xf64>
}
// A round updates one element; the places of the two blocks differ.
func.func @elements(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%i = %c0, %y = %x) : (index, tensor<?xf64>) -> (tensor<?xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %y, %i : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %i: index):
    %v = tensor.extract %y[%i] : tensor<?xf64>
    %s = scalar.sin %v : f64
    %z1 = tensor.from_elements %s : tensor<1xf64>
    %z = array.update_slice %y, %z1 starts [%c0] : tensor<?xf64>, tensor<1xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %j, %z : index, tensor<?xf64>
  }
  return %r#0 : tensor<?xf64>
}
// Extents change.
func.func @grow(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%y = %x, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %y, %i : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %i: index):
    %z = array.concatenate %y, %x dim 0 : tensor<?xf64>, tensor<?xf64>
    %j = arith.addi %i, %c1 : index
    scf.yield %z, %j : tensor<?xf64>, index
  }
  return %r#0 : tensor<?xf64>
}
// A while in a while, in a counted loop; the state goes through all.
func.func @nested(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %q = scf.for %k = %c0 to %n step %c1 iter_args(%w = %x) -> tensor<?xf64> {
    %r:2 = scf.while (%y = %w, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
      %go = arith.cmpi slt, %i, %n : index
      scf.condition(%go) %y, %i : tensor<?xf64>, index
    } do {
    ^bb0(%y: tensor<?xf64>, %i: index):
      %u:2 = scf.while (%v = %y, %l = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
        %go = arith.cmpi slt, %l, %i : index
        scf.condition(%go) %v, %l : tensor<?xf64>, index
      } do {
      ^bb0(%v: tensor<?xf64>, %l: index):
        %s = scalar.sin %v : tensor<?xf64>
        %z = scalar.add %s, %y : tensor<?xf64>
        %m = arith.addi %l, %c1 : index
        scf.yield %z, %m : tensor<?xf64>, index
      }
      %j = arith.addi %i, %c1 : index
      scf.yield %u#0, %j : tensor<?xf64>, index
    }
    scf.yield %r#0 : tensor<?xf64>
  }
  return %q : tensor<?xf64>
}
// Each round of the outer loop starts from the state, and ends with it.
func.func @outer(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %q = scf.for %k = %c0 to %n step %c1 iter_args(%w = %x) -> tensor<?xf64> {
    %r:2 = scf.while (%y = %w, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
      %go = arith.cmpi slt, %i, %n : index
      scf.condition(%go) %y, %i : tensor<?xf64>, index
    } do {
    ^bb0(%y: tensor<?xf64>, %i: index):
      %s = scalar.sin %y : tensor<?xf64>
      %j = arith.addi %i, %c1 : index
      scf.yield %s, %j : tensor<?xf64>, index
    }
    scf.yield %r#0 : tensor<?xf64>
  }
  return %q : tensor<?xf64>
}
// The body chooses between the old state and a new one.
func.func @choice(%x: tensor<?xf64>, %n: index) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:2 = scf.while (%y = %x, %i = %c0) : (tensor<?xf64>, index) -> (tensor<?xf64>, index) {
    %go = arith.cmpi slt, %i, %n : index
    scf.condition(%go) %y, %i : tensor<?xf64>, index
  } do {
  ^bb0(%y: tensor<?xf64>, %i: index):
    %is = arith.cmpi eq, %i, %c1 : index
    %z = scf.if %is -> tensor<?xf64> {
      %s = scalar.cos %y : tensor<?xf64>
      %t = scalar.add %s, %x : tensor<?xf64>
      scf.yield %t : tensor<?xf64>
    } else {
      scf.yield %y : tensor<?xf64>
    }
    %j = arith.addi %i, %c1 : index
    scf.yield %z, %j : tensor<?xf64>, index
  }
  return %r#0 : tensor<?xf64>
}
