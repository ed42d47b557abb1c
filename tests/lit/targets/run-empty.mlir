// RUN: dpc %s --target=interp --run test --args '[],true' --format=json > %t
// RUN: dpc %s --target=cpu --run test --args '[],true' --format=json | diff - %t
// RUN: dpc %s --target=interp --run argument --args '[],[1,2],[]' --format=json > %t
// RUN: dpc %s --target=cpu --run argument --args '[],[1,2],[]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run chosen --args 'true,[1,2],[3,4,5],[],[]' --format=json > %t
// RUN: dpc %s --target=cpu --run chosen --args 'true,[1,2],[3,4,5],[],[]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run chosen --args 'false,[1,2],[3,4,5],[],[]' --format=json > %t
// RUN: dpc %s --target=cpu --run chosen --args 'false,[1,2],[3,4,5],[],[]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run constant --args 'true' --format=json > %t
// RUN: dpc %s --target=cpu --run constant --args 'true' --format=json | diff - %t
// RUN: dpc %s --target=interp --run loop --args '0,[],[1,2],[]' --format=json > %t
// RUN: dpc %s --target=cpu --run loop --args '0,[],[1,2],[]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run loop --args '3,[],[1,2],[]' --format=json > %t
// RUN: dpc %s --target=cpu --run loop --args '3,[],[1,2],[]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run reduce --args '[],[[],[]]' --format=json > %t
// RUN: dpc %s --target=cpu --run reduce --args '[],[[],[]]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run again --args '[],[1,2],3' --format=json > %t
// RUN: dpc %s --target=cpu --run again --args '[],[1,2],3' --format=json | diff - %t
// RUN: dpc %s -O0 --target=interp --run boxes --args '[],[[],[],[]],[[1,2],[3,4],[5,6]]' --format=json > %t
// RUN: dpc %s -O0 --target=cpu --run boxes --args '[],[[],[],[]],[[1,2],[3,4],[5,6]]' --format=json | diff - %t
// RUN: dpc %s --target=cpu --run boxes --args '[],[[],[],[]],[[1,2],[3,4],[5,6]]' --format=json | diff - %t
// RUN: dpc %s --target=interp --run reshaped --args '[],1,5' --format=json > %t
// RUN: dpc %s --target=cpu --run reshaped --args '[],1,5' --format=json | diff - %t

// Who owns what has no elements, what is an argument or a constant, and what is given twice: branches and loops of the
// target hand on what the interpreter does, and nothing is freed that is not theirs.

func.func @test(%x: tensor<0x?xf64>, %p: i1) -> tensor<0x?xf64> {
  %c1 = arith.constant 1 : index
  %z = scalar.constant 0.0 : f64
  %n = tensor.dim %x, %c1 : tensor<0x?xf64>
  %a = scalar.sin %x : tensor<0x?xf64>
  %r:2 = scf.if %p -> (tensor<0x?xf64>, tensor<0x?xf64>) {
    %b = array.broadcast %z dims [] extents(%n) : f64 to tensor<0x?xf64>
    scf.yield %a, %b : tensor<0x?xf64>, tensor<0x?xf64>
  } else {
    %b = array.broadcast %z dims [] extents(%n) : f64 to tensor<0x?xf64>
    scf.yield %b, %a : tensor<0x?xf64>, tensor<0x?xf64>
  }
  %s = scalar.add %r#0, %r#1 : tensor<0x?xf64>
  return %s : tensor<0x?xf64>
}
func.func @argument(%x: tensor<0x?xf64>, %y: tensor<?xf64>, %k: tensor<0xf32>) -> (tensor<0x?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<0xf32>, tensor<0xf32>) {
  return %x, %y, %y, %k, %k : tensor<0x?xf64>, tensor<?xf64>, tensor<?xf64>, tensor<0xf32>, tensor<0xf32>
}
func.func @chosen(%p: i1, %x: tensor<?xf64>, %y: tensor<?xf64>, %u: tensor<0x?xf64>, %v: tensor<0x?xf64>) -> (tensor<?xf64>, tensor<?xf64>, tensor<0x?xf64>) {
  %r:2 = scf.if %p -> (tensor<?xf64>, tensor<0x?xf64>) {
    scf.yield %x, %v : tensor<?xf64>, tensor<0x?xf64>
  } else {
    scf.yield %y, %u : tensor<?xf64>, tensor<0x?xf64>
  }
  return %r#0, %r#0, %r#1 : tensor<?xf64>, tensor<?xf64>, tensor<0x?xf64>
}
func.func @constant(%p: i1) -> (tensor<2xf64>, tensor<2xf64>, tensor<0xf64>, tensor<0xf64>, tensor<?xf64>) {
  %c = array.constant dense<[1.0, 2.0]> : tensor<2xf64>
  %d = array.constant dense<[3.0, 4.0]> : tensor<2xf64>
  %e = array.constant dense<> : tensor<0xf64>
  %r = scf.if %p -> tensor<2xf64> {
    scf.yield %c : tensor<2xf64>
  } else {
    scf.yield %d : tensor<2xf64>
  }
  %z = scalar.constant 0.5 : f64
  %c0 = arith.constant 0 : index
  %g = array.broadcast %z dims [] extents(%c0) : f64 to tensor<?xf64>
  return %r, %c, %e, %e, %g : tensor<2xf64>, tensor<2xf64>, tensor<0xf64>, tensor<0xf64>, tensor<?xf64>
}
func.func @loop(%n: index, %x: tensor<0x?xf64>, %y: tensor<?xf64>, %e: tensor<0xf64>) -> (tensor<0x?xf64>, tensor<?xf64>, tensor<0xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %r:4 = scf.for %i = %c0 to %n step %c1 iter_args(%a = %x, %b = %y, %c = %e, %d = %y) -> (tensor<0x?xf64>, tensor<?xf64>, tensor<0xf64>, tensor<?xf64>) {
    %s = scalar.add %a, %a : tensor<0x?xf64>
    %t = scalar.add %d, %d : tensor<?xf64>
    %q = scalar.neg %c : tensor<0xf64>
    scf.yield %s, %t, %q, %b : tensor<0x?xf64>, tensor<?xf64>, tensor<0xf64>, tensor<?xf64>
  }
  return %r#0, %r#1, %r#2, %r#3 : tensor<0x?xf64>, tensor<?xf64>, tensor<0xf64>, tensor<?xf64>
}
func.func @reduce(%x: tensor<0x?xf64>, %y: tensor<?x0xf64>) -> (tensor<?xf64>, tensor<?xf64>, tensor<0xf64>, tensor<?x?xf64>) {
  %s = array.reduce add %x dims [0] : tensor<0x?xf64>
  %t = array.reduce add %y dims [1] : tensor<?x0xf64>
  %u = array.reduce max %x dims [1] : tensor<0x?xf64>
  %d = array.dot %y, %x contract [1] with [0] : tensor<?x0xf64>, tensor<0x?xf64>
  return %s, %t, %u, %d : tensor<?xf64>, tensor<?xf64>, tensor<0xf64>, tensor<?x?xf64>
}
func.func @again(%x: tensor<0x?xf64>, %y: tensor<?xf64>, %n: i32) -> (tensor<0x?xf64>, tensor<?xf64>) {
  %one = scalar.constant 1 : i32
  %zero = scalar.constant 0 : i32
  %r:3 = scf.while (%a = %x, %b = %y, %i = %n) : (tensor<0x?xf64>, tensor<?xf64>, i32) -> (tensor<0x?xf64>, tensor<?xf64>, i32) {
    %p = scalar.compare gt %i, %zero : i32
    scf.condition(%p) %a, %b, %i : tensor<0x?xf64>, tensor<?xf64>, i32
  } do {
  ^bb0(%a: tensor<0x?xf64>, %b: tensor<?xf64>, %i: i32):
    %c = scalar.exp %a : tensor<0x?xf64>
    %d = scalar.add %b, %b : tensor<?xf64>
    %j = scalar.sub %i, %one : i32
    scf.yield %c, %d, %j : tensor<0x?xf64>, tensor<?xf64>, i32
  }
  return %r#0, %r#1 : tensor<0x?xf64>, tensor<?xf64>
}

// Boxes without elements, at the end of a tensor too.
func.func @boxes(%x: tensor<0xi32>, %y: tensor<3x0xi32>, %z: tensor<3x2xi32>)
    -> (tensor<0xi32>, tensor<7x0xi32>, tensor<0x1xi32>, tensor<3x2xi32>) {
  %v = scalar.constant 7 : i32
  %a = array.pad %x, %v low [0] high [0] interior [2] : tensor<0xi32>, i32 to tensor<0xi32>
  %b = array.pad %y, %v low [0, 0] high [0, 0] interior [2, 2] : tensor<3x0xi32>, i32 to tensor<7x0xi32>
  %c = array.slice %z starts [3, 1] strides [2, 2] : tensor<3x2xi32> to tensor<0x1xi32>
  %d = array.update_slice %z, %y starts [0, 2] : tensor<3x2xi32>, tensor<3x0xi32>
  return %a, %b, %c, %d : tensor<0xi32>, tensor<7x0xi32>, tensor<0x1xi32>, tensor<3x2xi32>
}

// Reshaped where one extent is known and no other.
func.func @reshaped(%x: tensor<0x?x?xf32>, %m: index, %n: index) -> (tensor<?x0x?xf32>, tensor<?x?xf32>) {
  %zero = arith.constant 0 : index
  %y = array.reshape %x extents(%m, %n) : tensor<0x?x?xf32> to tensor<?x0x?xf32>
  %z = array.reshape %x extents(%zero, %n) : tensor<0x?x?xf32> to tensor<?x?xf32>
  return %y, %z : tensor<?x0x?xf32>, tensor<?x?xf32>
}
