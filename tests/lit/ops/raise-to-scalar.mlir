// RUN: dpopt %s --raise-to-scalar | FileCheck %s
// RUN: dpc %s --target=interp --run numbers --args 2.5,nan | FileCheck %s --check-prefix=NUMBERS
// RUN: dpc %s --target=interp --run compares --args 1,nan | FileCheck %s --check-prefix=UNORDERED
// RUN: dpc %s --target=interp --run compares --args 1,2 | FileCheck %s --check-prefix=LESS
// RUN: dpc %s --target=interp --run integers --args -1,true | FileCheck %s --check-prefix=INTEGERS
// RUN: dpc %s --target=interp --run functions --args 0.5 | FileCheck %s --check-prefix=FUNCTIONS
// RUN: dpc %s --target=interp --run rounds --args [0.49999999999999994,-2.5,2.5,-0.2,nan,inf] | FileCheck %s --check-prefix=ROUNDS
// RUN: dpc %s --target=interp --run classes --args [1,0,1e-310,inf,nan] | FileCheck %s --check-prefix=CLASSES
// RUN: dpc %s --target=interp --run bits --args 40 | FileCheck %s --check-prefix=BITS
// RUN: dpc %s --target=interp --run bits --args 0 | FileCheck %s --check-prefix=NO-BITS

// CHECK-LABEL: func.func @direct
func.func @direct(%x: tensor<4xf32>, %n: i32) -> (tensor<4xf32>, i32) {
  // CHECK-NOT: arith.
  // CHECK-NOT: math.
  // CHECK: array.constant dense<2.000000e+00> : tensor<4xf32>
  %two = arith.constant dense<2.0> : tensor<4xf32>
  // CHECK: scalar.mul {{.*}} : tensor<4xf32>
  %0 = arith.mulf %x, %two : tensor<4xf32>
  // CHECK: scalar.exp {{.*}} : tensor<4xf32>
  %1 = math.exp %0 : tensor<4xf32>
  // CHECK: scalar.constant 3 : i32
  %three = arith.constant 3 : i32
  // CHECK: scalar.udiv {{.*}} : i32
  %2 = arith.divui %n, %three : i32
  return %1, %2 : tensor<4xf32>, i32
}

// Arithmetic on indices stays.
// CHECK-LABEL: func.func @indices
func.func @indices(%n: index, %p: i1) -> index {
  // CHECK: arith.constant 2 : index
  // CHECK: arith.muli
  // CHECK: arith.select
  %two = arith.constant 2 : index
  %0 = arith.muli %n, %two : index
  %1 = arith.select %p, %0, %n : index
  return %1 : index
}

// One boolean that chooses between tensors is broadcast.
// CHECK-LABEL: func.func @choice
func.func @choice(%p: i1, %a: tensor<?xf64>, %b: tensor<?xf64>) -> tensor<?xf64> {
  // CHECK: %[[N:.*]] = tensor.dim
  // CHECK: %[[P:.*]] = array.broadcast {{.*}} dims [] extents(%[[N]]) : i1 to tensor<?xi1>
  // CHECK: scalar.select %[[P]]
  %0 = arith.select %p, %a, %b : tensor<?xf64>
  return %0 : tensor<?xf64>
}

// NUMBERS: {{^}}r0 = 2.5{{$}}
// NUMBERS-NEXT: {{^}}r1 = nan{{$}}
// NUMBERS-NEXT: {{^}}r2 = 2{{$}}
func.func @numbers(%a: f64, %b: f64) -> (f64, f64, f64) {
  %0 = arith.maxnumf %a, %b : f64
  %1 = arith.maximumf %a, %b : f64
  %2 = math.trunc %a : f64
  return %0, %1, %2 : f64, f64, f64
}

// oeq, one, ord, ueq, ult, uge, une, uno, true
// UNORDERED: {{^}}r0 = [false, false, false, true, true, true, true, true, true]{{$}}
// LESS: {{^}}r0 = [false, true, true, false, true, false, true, false, true]{{$}}
func.func @compares(%a: f64, %b: f64) -> tensor<9xi1> {
  %0 = arith.cmpf oeq, %a, %b : f64
  %1 = arith.cmpf one, %a, %b : f64
  %2 = arith.cmpf ord, %a, %b : f64
  %3 = arith.cmpf ueq, %a, %b : f64
  %4 = arith.cmpf ult, %a, %b : f64
  %5 = arith.cmpf uge, %a, %b : f64
  %6 = arith.cmpf une, %a, %b : f64
  %7 = arith.cmpf uno, %a, %b : f64
  %8 = arith.cmpf true, %a, %b : f64
  %all = tensor.from_elements %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<9xi1>
  return %all : tensor<9xi1>
}

// A boolean that is read as signed is -1; truncation keeps the last bit.
// INTEGERS: {{^}}r0 = -1{{$}}
// INTEGERS-NEXT: {{^}}r1 = 1{{$}}
// INTEGERS-NEXT: {{^}}r2 = -1{{$}}
// INTEGERS-NEXT: {{^}}r3 = 4294967295{{$}}
// INTEGERS-NEXT: {{^}}r4 = true{{$}}
// INTEGERS-NEXT: {{^}}r5 = false{{$}}
func.func @integers(%n: i32, %p: i1) -> (i32, i32, f64, i64, i1, i1) {
  %0 = arith.extsi %p : i1 to i32
  %1 = arith.extui %p : i1 to i32
  %2 = arith.sitofp %p : i1 to f64
  %3 = arith.extui %n : i32 to i64
  %4 = arith.trunci %n : i32 to i1
  %5 = arith.addi %p, %4 : i1
  return %0, %1, %2, %3, %4, %5 : i32, i32, f64, i64, i1, i1
}

// asin, acos, atan, exp2, log2, log10 of 1/2.
// FUNCTIONS: {{^}}r0 = 0.523598775598298{{[0-9]+$}}
// FUNCTIONS-NEXT: {{^}}r1 = 1.047197551196597{{[0-9]+$}}
// FUNCTIONS-NEXT: {{^}}r2 = 0.463647609000806{{[0-9]+$}}
// FUNCTIONS-NEXT: {{^}}r3 = 1.414213562373095{{[0-9]+$}}
// FUNCTIONS-NEXT: {{^}}r4 = -1{{$}}
// FUNCTIONS-NEXT: {{^}}r5 = -0.301029995663981{{[0-9]+$}}
func.func @functions(%x: f64) -> (f64, f64, f64, f64, f64, f64) {
  %0 = math.asin %x : f64
  %1 = math.acos %x : f64
  %2 = math.atan %x : f64
  %3 = math.exp2 %x : f64
  %4 = math.log2 %x : f64
  %5 = math.log10 %x : f64
  return %0, %1, %2, %3, %4, %5 : f64, f64, f64, f64, f64, f64
}

// CHECK-LABEL: func.func @one_for_one
func.func @one_for_one(%x: f32, %y: f32, %n: i32) {
  // CHECK: scalar.sinh
  %0 = math.sinh %x : f32
  // CHECK: scalar.cosh
  %1 = math.cosh %x : f32
  // CHECK: scalar.asin
  %2 = math.asin %x : f32
  // CHECK: scalar.acos
  %3 = math.acos %x : f32
  // CHECK: scalar.atan
  %4 = math.atan %x : f32
  // CHECK: scalar.asinh
  %5 = math.asinh %x : f32
  // CHECK: scalar.acosh
  %6 = math.acosh %x : f32
  // CHECK: scalar.atanh
  %7 = math.atanh %x : f32
  // CHECK: scalar.exp2
  %8 = math.exp2 %x : f32
  // CHECK: scalar.log2
  %9 = math.log2 %x : f32
  // CHECK: scalar.log10
  %10 = math.log10 %x : f32
  // CHECK: scalar.cbrt
  %11 = math.cbrt %x : f32
  // CHECK: scalar.erfc
  %12 = math.erfc %x : f32
  // CHECK: scalar.copysign
  %13 = math.copysign %x, %y : f32
  // CHECK: scalar.fma
  %14 = math.fma %x, %y, %x : f32
  // CHECK: scalar.is_nan {{.*}} : f32
  %15 = math.isnan %x : f32
  // CHECK: scalar.is_finite {{.*}} : f32
  %16 = math.isfinite %x : f32
  // CHECK: scalar.popcnt
  %17 = math.ctpop %n : i32
  // CHECK: scalar.count_leading_zeros
  %18 = math.ctlz %n : i32
  // CHECK: scalar.bitcast %{{.*}} : f32 to i32
  %19 = arith.bitcast %x : f32 to i32
  return
}

// A tie goes away from zero; a number just below a half does not.
// ROUNDS: 0, -3, 3, {{-0(.0)?}}, nan, inf
func.func @rounds(%x: tensor<6xf64>) -> tensor<6xf64> {
  %0 = math.round %x : tensor<6xf64>
  return %0 : tensor<6xf64>
}

// CLASSES: false, false, false, true, false
// CLASSES-NEXT: true, false, false, false, false
// CLASSES-NEXT: 2, 1, 1, 3, nan
func.func @classes(%x: tensor<5xf64>) -> (tensor<5xi1>, tensor<5xi1>, tensor<5xf64>) {
  %one = arith.constant dense<1.0> : tensor<5xf64>
  %three = arith.constant dense<3.0> : tensor<5xf64>
  %0 = math.isinf %x : tensor<5xf64>
  %1 = math.isnormal %x : tensor<5xf64>
  %two = arith.addf %x, %one : tensor<5xf64>
  %2 = math.clampf %two to [%one, %three] : tensor<5xf64>
  return %0, %1, %2 : tensor<5xi1>, tensor<5xi1>, tensor<5xf64>
}

// Ones, leading and trailing zeros.
// BITS: = 2{{$}}
// BITS-NEXT: = 10{{$}}
// BITS-NEXT: = 3{{$}}
// NO-BITS: = 0{{$}}
// NO-BITS-NEXT: = 16{{$}}
// NO-BITS-NEXT: = 16{{$}}
func.func @bits(%n: i16) -> (i16, i16, i16) {
  %0 = math.ctpop %n : i16
  %1 = math.ctlz %n : i16
  %2 = math.cttz %n : i16
  return %0, %1, %2 : i16, i16, i16
}

// Operations of tensor become array operations; dimensions that a slice drops are reshaped away.
// CHECK-LABEL: func.func @tensors(
// CHECK:         %[[S:.*]] = array.slice %arg0 starts [%arg1, 0] strides [1, 2] extents(%arg2) : tensor<?x?xf64> to tensor<1x?xf64>
// CHECK-NEXT:    %[[ROW:.*]] = array.reshape %[[S]] extents(%arg2) : tensor<1x?xf64> to tensor<?xf64>
// CHECK-NEXT:    %[[BACK:.*]] = array.reshape %[[ROW]] extents(%arg2) : tensor<?xf64> to tensor<1x?xf64>
// CHECK-NEXT:    %[[U:.*]] = array.update_slice %arg0, %[[BACK]] starts [0, %arg1]
// CHECK:         array.reshape %[[U]] extents(%{{.*}}) : tensor<?x?xf64> to tensor<?xf64>
// CHECK:         array.reshape %[[ROW]] extents(%arg1) : tensor<?xf64> to tensor<?x2xf64>
// CHECK:         array.broadcast %{{.*}} dims [] extents(%arg2) : f32 to tensor<?xf32>
// CHECK:         array.broadcast %arg3 dims [] : f64 to tensor<3xf64>
// CHECK:         array.concatenate
func.func @tensors(%x: tensor<?x?xf64>, %i: index, %m: index, %v: f64)
    -> (tensor<?xf64>, tensor<?x2xf64>, tensor<?xf32>, tensor<6xf64>) {
  %row = tensor.extract_slice %x[%i, 0] [1, %m] [1, 2] : tensor<?x?xf64> to tensor<?xf64>
  %u = tensor.insert_slice %row into %x[0, %i] [1, %m] [1, 1] : tensor<?xf64> into tensor<?x?xf64>
  %line = tensor.collapse_shape %u [[0, 1]] : tensor<?x?xf64> into tensor<?xf64>
  %pairs = tensor.expand_shape %row [[0, 1]] output_shape [%i, 2] : tensor<?xf64> into tensor<?x2xf64>
  %e = tensor.empty(%m) : tensor<?xf32>
  %s = tensor.splat %v : tensor<3xf64>
  %c = tensor.concat dim(0) %s, %s : (tensor<3xf64>, tensor<3xf64>) -> tensor<6xf64>
  return %line, %pairs, %e, %c : tensor<?xf64>, tensor<?x2xf64>, tensor<?xf32>, tensor<6xf64>
}

// A divisor that is not a constant is checked; not in tensors, and not in regions that are executed for each element.

// CHECK-LABEL: @quotients(
// CHECK: %[[OTHER:.*]] = scalar.compare ne %arg1, %{{.*}} : i32
// CHECK: cf.assert %[[OTHER]], "'arith.divsi' divides by 0"
// CHECK: scalar.div %arg0, %arg1
// CHECK-NOT: cf.assert
// CHECK: return
func.func @quotients(%n: i32, %m: i32, %t: tensor<4xi32>) -> (i32, i32, tensor<4xi32>, tensor<4xi32>) {
  %three = arith.constant 3 : i32
  %a = arith.divsi %n, %m : i32
  %b = arith.remsi %n, %three : i32
  %c = arith.divui %t, %t : tensor<4xi32>
  %d = array.map(%t) : (tensor<4xi32>) -> tensor<4xi32> {
  ^bb0(%x: i32):
    %y = arith.divsi %x, %x : i32
    array.yield %y : i32
  }
  return %a, %b, %c, %d : i32, i32, tensor<4xi32>, tensor<4xi32>
}

// The sizes of a slice are those of its source.

// CHECK-LABEL: @sizes(
// CHECK: %[[SAME:.*]] = arith.cmpi eq, %{{dim.*}}, %arg2
// CHECK: cf.assert %[[SAME]], "the source of 'tensor.insert_slice' has another extent in dimension 0"
// CHECK-NOT: cf.assert
// CHECK: return
func.func @sizes(%x: tensor<?xf64>, %y: tensor<?xf64>, %n: index) -> (tensor<?xf64>, tensor<?xf64>) {
  %c0 = arith.constant 0 : index
  %m = tensor.dim %x, %c0 : tensor<?xf64>
  %a = tensor.insert_slice %x into %y[0] [%n] [1] : tensor<?xf64> into tensor<?xf64>
  %b = tensor.insert_slice %x into %y[0] [%m] [1] : tensor<?xf64> into tensor<?xf64>
  return %a, %b : tensor<?xf64>, tensor<?xf64>
}
