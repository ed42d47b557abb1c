// What operations on whole tensors give.
// RUN: dpc %s --target=interp --run tables --args [1,0,1] | FileCheck %s --check-prefix=TABLES
// RUN: dpc %s --target=cpu --run tables --args [1,0,1] | FileCheck %s --check-prefix=TABLES
// RUN: dpc %s --target=cpu -O0 --run tables --args [1,0,1] | FileCheck %s --check-prefix=TABLES
// RUN: dpc %s --target=interp --run shapes --args [[1,2,3],[4,5,6]],2 | FileCheck %s --check-prefix=SHAPES
// RUN: dpc %s --target=cpu --run shapes --args [[1,2,3],[4,5,6]],2 | FileCheck %s --check-prefix=SHAPES
// RUN: dpc %s --target=xla --run shapes --args [[1,2,3],[4,5,6]],2 | FileCheck %s --check-prefix=SHAPES
// RUN: dpc %s --target=interp --run boxes --args [[1,2,3],[4,5,6]],9 | FileCheck %s --check-prefix=BOXES
// RUN: dpc %s --target=cpu --run boxes --args [[1,2,3],[4,5,6]],9 | FileCheck %s --check-prefix=BOXES
// RUN: dpc %s --target=xla --run boxes --args [[1,2,3],[4,5,6]],9 | FileCheck %s --check-prefix=BOXES
// RUN: dpc %s --target=interp --run pads --args [1,2,3] | FileCheck %s --check-prefix=PADS
// RUN: dpc %s --target=cpu --run pads --args [1,2,3] | FileCheck %s --check-prefix=PADS
// RUN: dpc %s --target=xla --run pads --args [1,2,3] | FileCheck %s --check-prefix=PADS
// RUN: dpc %s --target=interp --run reductions --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=REDUCTIONS
// RUN: dpc %s --target=cpu --run reductions --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=REDUCTIONS
// RUN: dpc %s --target=xla --run reductions --args [[1,2,3],[4,5,6]] | FileCheck %s --check-prefix=REDUCTIONS
// RUN: dpc %s --target=interp --run scans --args [[1,2,3],[4,5,6]],10 | FileCheck %s --check-prefix=SCANS
// RUN: dpc %s --target=cpu --run scans --args [[1,2,3],[4,5,6]],10 | FileCheck %s --check-prefix=SCANS
// RUN: dpc %s --target=xla --run scans --args [[1,2,3],[4,5,6]],10 | FileCheck %s --check-prefix=SCANS
// RUN: dpc %s --target=interp --run empty --args [] | FileCheck %s --check-prefix=NOTHING
// RUN: dpc %s --target=cpu --run empty --args [] | FileCheck %s --check-prefix=NOTHING
// RUN: dpc %s --target=xla --run empty --args [] | FileCheck %s --check-prefix=NOTHING
// RUN: dpc %s --target=interp --run contractions --args [[1,2],[3,4]],[[5,6],[7,8]] | FileCheck %s --check-prefix=CONTRACTIONS
// RUN: dpc %s --target=cpu --run contractions --args [[1,2],[3,4]],[[5,6],[7,8]] | FileCheck %s --check-prefix=CONTRACTIONS
// RUN: dpc %s --target=xla --run contractions --args [[1,2],[3,4]],[[5,6],[7,8]] | FileCheck %s --check-prefix=CONTRACTIONS
// RUN: dpc %s --target=interp --run rows --args [[1,2],[3,4],[5,6]],[2,0,9,-1] | FileCheck %s --check-prefix=ROWS
// RUN: dpc %s --target=cpu --run rows --args [[1,2],[3,4],[5,6]],[2,0,9,-1] | FileCheck %s --check-prefix=ROWS
// RUN: dpc %s --target=xla --run rows --args [[1,2],[3,4],[5,6]],[2,0,9,-1] | FileCheck %s --check-prefix=ROWS
// RUN: dpc %s --target=interp --run regions --args [1,2,3] | FileCheck %s --check-prefix=REGIONS
// RUN: dpc %s --target=cpu --run regions --args [1,2,3] | FileCheck %s --check-prefix=REGIONS
// RUN: dpc %s --target=xla --run regions --args [1,2,3] | FileCheck %s --check-prefix=REGIONS
// RUN: dpc %s --target=interp --run shared --args [1,2,3,4],[7],[8] | FileCheck %s --check-prefix=SHARED
// RUN: dpc %s --target=cpu --run shared --args [1,2,3,4],[7],[8] | FileCheck %s --check-prefix=SHARED
// RUN: dpc %s --target=xla --run shared --args [1,2,3,4],[7],[8] | FileCheck %s --check-prefix=SHARED

// SHAPES: {{^}}r0 = {{\[\[}}1, 4], [2, 5], [3, 6]]{{$}}
// SHAPES-NEXT: {{^}}r1 = {{\[\[}}1, 2], [3, 4], [5, 6]]{{$}}
// SHAPES-NEXT: {{^}}r2 = {{\[\[}}0, 0, 0], [1, 1, 1]]{{$}}
// SHAPES-NEXT: {{^}}r3 = {{\[\[\[}}1, 2, 3], [4, 5, 6]], {{\[\[}}1, 2, 3], [4, 5, 6]]]{{$}}
// SHAPES-NEXT: {{^}}r4 = {{\[\[}}1, 2, 3], [4, 5, 6], [1, 2, 3], [4, 5, 6]]{{$}}
func.func @shapes(%x: tensor<?x3xf32>, %n: index)
    -> (tensor<3x?xf32>, tensor<3x?xf32>, tensor<?x3xi32>, tensor<2x?x3xf32>, tensor<?x3xf32>) {
  %0 = array.transpose %x permutation [1, 0] : tensor<?x3xf32>
  %1 = array.reshape %x extents(%n) : tensor<?x3xf32> to tensor<3x?xf32>
  %2 = array.iota dim 0 extents(%n) : tensor<?x3xi32>
  %3 = array.broadcast %x dims [1, 2] extents(%n) : tensor<?x3xf32> to tensor<2x?x3xf32>
  %4 = array.concatenate %x, %x dim 0 : tensor<?x3xf32>, tensor<?x3xf32>
  return %0, %1, %2, %3, %4 : tensor<3x?xf32>, tensor<3x?xf32>, tensor<?x3xi32>, tensor<2x?x3xf32>, tensor<?x3xf32>
}

// SCANS: {{^}}r0 = {{\[\[}}1, 3, 6], [4, 9, 15]]{{$}}
// SCANS-NEXT: {{^}}r1 = {{\[\[}}4, 5, 6], [1, 1, 1]]{{$}}
// SCANS-NEXT: {{^}}r2 = {{\[\[}}10, 11, 13], [10, 14, 19]]{{$}}
func.func @scans(%x: tensor<?x3xf32>, %v: f32) -> (tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>) {
  %0 = array.scan add %x dim 1 : tensor<?x3xf32>
  %1 = array.scan mul exclusive reverse %x dim 0 : tensor<?x3xf32>
  %2 = array.scan region exclusive %x dim 1 init(%v : f32) : tensor<?x3xf32> {
  ^bb0(%a: f32, %b: f32):
    %s = scalar.add %a, %b : f32
    array.yield %s : f32
  }
  return %0, %1, %2 : tensor<?x3xf32>, tensor<?x3xf32>, tensor<?x3xf32>
}

// A start beyond the last one that fits is clamped.
// BOXES: {{^}}r0 = {{\[\[}}4, 6]]{{$}}
// BOXES-NEXT: {{^}}r1 = {{\[\[}}1, 2, 3], [4, -1, -2]]{{$}}
// BOXES-NEXT: {{^}}r2 = {{\[\[}}1, 2, 3], [4, 4, 4]]{{$}}
func.func @boxes(%x: tensor<?x3xf32>, %i: index) -> (tensor<1x2xf32>, tensor<?x3xf32>, tensor<?x3xf32>) {
  %u = array.constant dense<[[-1.0, -2.0]]> : tensor<1x2xf32>
  %0 = array.slice %x starts [%i, 0] strides [1, 2] : tensor<?x3xf32> to tensor<1x2xf32>
  %1 = array.update_slice %x, %u starts [%i, 1] : tensor<?x3xf32>, tensor<1x2xf32>
  %2 = array.update_slice accumulate %x, %u starts [%i, 1] : tensor<?x3xf32>, tensor<1x2xf32>
  return %0, %1, %2 : tensor<1x2xf32>, tensor<?x3xf32>, tensor<?x3xf32>
}

// PADS: {{^}}r0 = [7, 1, 7, 2, 7, 3, 7, 7]{{$}}
func.func @pads(%x: tensor<3xf64>) -> tensor<8xf64> {
  %c = scalar.constant 7.0 : f64
  %y = array.pad %x, %c low [1] high [2] interior [1] : tensor<3xf64>, f64 to tensor<8xf64>
  return %y : tensor<8xf64>
}

// REDUCTIONS: {{^}}r0 = [6, 15]{{$}}
// REDUCTIONS-NEXT: {{^}}r1 = [4, 10, 18]{{$}}
// REDUCTIONS-NEXT: {{^}}r2 = 6{{$}}
// REDUCTIONS-NEXT: {{^}}r3 = [1, 2, 3]{{$}}
func.func @reductions(%x: tensor<2x3xf64>) -> (tensor<2xf64>, tensor<3xf64>, tensor<f64>, tensor<3xf64>) {
  %0 = array.reduce add %x dims [1] : tensor<2x3xf64>
  %1 = array.reduce mul %x dims [0] : tensor<2x3xf64>
  %2 = array.reduce max %x dims [0, 1] : tensor<2x3xf64>
  %3 = array.reduce min %x dims [0] : tensor<2x3xf64>
  return %0, %1, %2, %3 : tensor<2xf64>, tensor<3xf64>, tensor<f64>, tensor<3xf64>
}

// A reduction of nothing gives the identity of its operation.
// NOTHING: {{^}}r0 = 0{{$}}
// NOTHING-NEXT: {{^}}r1 = 1{{$}}
// NOTHING-NEXT: {{^}}r2 = -inf{{$}}
// NOTHING-NEXT: {{^}}r3 = []{{$}}
func.func @empty(%x: tensor<?xf32>) -> (tensor<f32>, tensor<f32>, tensor<f32>, tensor<?xf32>) {
  %0 = array.reduce add %x dims [0] : tensor<?xf32>
  %1 = array.reduce mul %x dims [0] : tensor<?xf32>
  %2 = array.reduce max %x dims [0] : tensor<?xf32>
  return %0, %1, %2, %x : tensor<f32>, tensor<f32>, tensor<f32>, tensor<?xf32>
}

// The product; the product with the transpose; a dot product for each row.
// CONTRACTIONS: {{^}}r0 = {{\[\[}}19, 22], [43, 50]]{{$}}
// CONTRACTIONS-NEXT: {{^}}r1 = {{\[\[}}17, 23], [39, 53]]{{$}}
// CONTRACTIONS-NEXT: {{^}}r2 = [17, 53]{{$}}
func.func @contractions(%a: tensor<2x2xf32>, %b: tensor<2x2xf32>) -> (tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>) {
  %0 = array.dot %a, %b contract [1] with [0] : tensor<2x2xf32>, tensor<2x2xf32>
  %1 = array.dot %a, %b contract [1] with [1] : tensor<2x2xf32>, tensor<2x2xf32>
  %2 = array.dot %a, %b batch [0] with [0] contract [1] with [1] : tensor<2x2xf32>, tensor<2x2xf32>
  return %0, %1, %2 : tensor<2x2xf32>, tensor<2x2xf32>, tensor<2xf32>
}

// Numbers of rows are clamped into range.
// ROWS: {{^}}r0 = {{\[\[}}5, 6], [1, 2], [5, 6], [1, 2]]{{$}}
// ROWS-NEXT: {{^}}r1 = {{\[\[}}3, 6], [3, 4], [15, 18]]{{$}}
func.func @rows(%x: tensor<?x2xf64>, %i: tensor<4xi32>) -> (tensor<4x2xf64>, tensor<?x2xf64>) {
  %0 = array.gather %x, %i : tensor<?x2xf64>, tensor<4xi32>
  %1 = array.scatter %x, %i, %0 : tensor<?x2xf64>, tensor<4xi32>, tensor<4x2xf64>
  return %0, %1 : tensor<4x2xf64>, tensor<?x2xf64>
}

// REGIONS: {{^}}r0 = [2, 5, 10]{{$}}
// REGIONS-NEXT: {{^}}r1 = 6{{$}}
func.func @regions(%x: tensor<3xf64>) -> (tensor<3xf64>, tensor<f64>) {
  %0 = array.map(%x) : (tensor<3xf64>) -> tensor<3xf64> {
  ^bb0(%p: f64):
    %square = scalar.mul %p, %p : f64
    %one = scalar.constant 1.0 : f64
    %sum = scalar.add %square, %one : f64
    array.yield %sum : f64
  }
  %start = scalar.constant 1.0 : f64
  %1 = array.reduce region %x dims [0] init(%start : f64) : tensor<3xf64> {
  ^bb0(%p: f64, %q: f64):
    %product = scalar.mul %p, %q : f64
    array.yield %product : f64
  }
  return %0, %1 : tensor<3xf64>, tensor<f64>
}

// Two results that are made of one tensor.
// SHARED: {{^}}r0 = [7, -2, -3, -4]{{$}}
// SHARED-NEXT: {{^}}r1 = [-1, -2, -3, 8]{{$}}
func.func @shared(%x: tensor<4xf64>, %u: tensor<1xf64>, %v: tensor<1xf64>) -> (tensor<4xf64>, tensor<4xf64>) {
  %a = scalar.neg %x : tensor<4xf64>
  %b = array.update_slice %a, %u starts [0] : tensor<4xf64>, tensor<1xf64>
  %c = array.update_slice %a, %v starts [3] : tensor<4xf64>, tensor<1xf64>
  return %b, %c : tensor<4xf64>, tensor<4xf64>
}

// A region has tensors of its own, and maps of them.
// TABLES: {{^}}r0 = [6, 4, 6]{{$}}
func.func @tables(%x: tensor<3xf64>) -> tensor<3xf64> {
  %y = array.map(%x) : (tensor<3xf64>) -> tensor<3xf64> {
  ^bb0(%p: f64):
    %n = scalar.convert %p : f64 to i64
    %at = arith.index_cast %n : i64 to index
    %table = array.constant dense<[2.0, 3.0]> : tensor<2xf64>
    %twice = array.map(%table) : (tensor<2xf64>) -> tensor<2xf64> {
    ^bb0(%q: f64):
      %sum = scalar.add %q, %q : f64
      array.yield %sum : f64
    }
    %r = tensor.extract %twice[%at] : tensor<2xf64>
    array.yield %r : f64
  }
  return %y : tensor<3xf64>
}
