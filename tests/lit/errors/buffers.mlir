// RUN: dpopt %s --raise-buffers --split-input-file --verify-diagnostics

// Functions do not take or return buffers: neither public nor private ones.
// expected-error @+2 {{argument 1 has type memref<4xf64>: functions do not take or return buffers}}
// expected-note @+1 {{take and return tensors; 'bufferization.to_buffer' makes a buffer with the elements of a tensor}}
func.func private @fill(%x: f64, %b: memref<4xf64>) {
  %c0 = arith.constant 0 : index
  memref.store %x, %b[%c0] : memref<4xf64>
  return
}
func.func @f(%x: f64) {
  %b = memref.alloc() : memref<4xf64>
  // expected-error @+2 {{'func.call' of a buffer is not supported}}
  // expected-note @+1 {{Calls are not inlined before buffers are raised}}
  func.call @fill(%x, %b) : (f64, memref<4xf64>) -> ()
  return
}

// -----

// expected-error @+2 {{result 0 has type memref<f64>: functions do not take or return buffers}}
// expected-note @+1 {{take and return tensors}}
func.func @f() -> memref<f64> {
  %b = memref.alloc() : memref<f64>
  // expected-error @+2 {{'func.return' of a buffer is not supported}}
  // expected-note @+1 {{take and return tensors}}
  return %b : memref<f64>
}

// -----

// Buffers are not selected, nor results of branches, nor carried by loops.
func.func @f(%c: i1, %n: index) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %a = memref.alloc() : memref<4xf64>
  %b = memref.alloc() : memref<4xf64>
  // expected-error @+2 {{'arith.select' of buffers is not supported}}
  // expected-note @+1 {{choose between elements or tensors instead}}
  %s = arith.select %c, %a, %b : memref<4xf64>
  // expected-error @+2 {{'scf.if' does not pass on buffers}}
  // expected-note @+1 {{allocate the buffer before, and use it inside directly; what is stored in it is carried along}}
  %i = scf.if %c -> memref<4xf64> {
    scf.yield %a : memref<4xf64>
  } else {
    scf.yield %b : memref<4xf64>
  }
  // expected-error @+2 {{'scf.for' does not pass on buffers}}
  // expected-note @+1 {{allocate the buffer before}}
  %l = scf.for %k = %c0 to %n step %c1 iter_args(%x = %a) -> memref<4xf64> {
    scf.yield %x : memref<4xf64>
  }
  return
}

// -----

// Views.
func.func @f(%n: index) {
  %b = memref.alloc() : memref<4x4xf64>
  // expected-error @+2 {{'memref.subview' is not supported}}
  // expected-note @+1 {{access the elements of the buffer itself, with indices computed by 'arith'}}
  %s = memref.subview %b[0, 0] [2, 4] [1, 1] : memref<4x4xf64> to memref<2x4xf64, strided<[4, 1]>>
  // expected-error @+2 {{'memref.cast' is not supported}}
  // expected-note @+1 {{access the elements of the buffer itself}}
  %c = memref.cast %b : memref<4x4xf64> to memref<?x4xf64>
  // expected-error @+2 {{'memref.reinterpret_cast' is not supported}}
  // expected-note @+1 {{access the elements of the buffer itself}}
  %r = memref.reinterpret_cast %b to offset: [0], sizes: [16], strides: [1] : memref<4x4xf64> to memref<16xf64>
  // expected-error @+2 {{'memref.collapse_shape' is not supported}}
  // expected-note @+1 {{access the elements of the buffer itself}}
  %l = memref.collapse_shape %b [[0, 1]] : memref<4x4xf64> into memref<16xf64>
  %x = arith.constant 1.0 : f64
  // expected-error @+2 {{'memref.atomic_rmw' is not supported}}
  // expected-note @+1 {{use 'memref.load', an operation of 'arith', and 'memref.store'}}
  %a = memref.atomic_rmw addf %x, %b[%n, %n] : (f64, memref<4x4xf64>) -> f64
  // expected-error @+2 {{'memref.extract_aligned_pointer_as_index' is not supported}}
  // expected-note @+1 {{use buffers only in 'memref.load', 'memref.store'}}
  %p = memref.extract_aligned_pointer_as_index %b : memref<4x4xf64> -> index
  return
}

// -----

// Types without a tensor.
func.func @f(%n: index) {
  // expected-error @+2 {{a buffer of type memref<4xf64, strided<[2]>> has a layout}}
  // expected-note @+1 {{use the default layout, and compute the indices with 'arith'}}
  %a = memref.alloc() : memref<4xf64, strided<[2]>>
  // expected-error @+2 {{a buffer of type memref<4x4xf64, affine_map<(d0, d1) -> (d1, d0)>> has a layout}}
  // expected-note @+1 {{use the default layout}}
  %b = memref.alloc() : memref<4x4xf64, affine_map<(d0, d1) -> (d1, d0)>>
  // expected-error @+2 {{a buffer of type memref<4xf64, 1> is in a memory space}}
  // expected-note @+1 {{use the default memory space}}
  %c = memref.alloc() : memref<4xf64, 1>
  // expected-error @+2 {{a buffer of type memref<4xindex> is not supported}}
  // expected-note @+1 {{use a buffer of i64, and 'arith.index_cast'}}
  %d = memref.alloc() : memref<4xindex>
  // expected-error @+2 {{a buffer of type memref<4xi17> has no counterpart among tensors}}
  // expected-note @+1 {{use a buffer of floats, complex numbers, integers or i1}}
  %e = memref.alloc() : memref<4xi17>
  // expected-error @+2 {{a buffer of type memref<4xmemref<f64>> has no counterpart among tensors}}
  // expected-note @+1 {{use a buffer of floats}}
  %g = memref.alloc() : memref<4xmemref<f64>>
  return
}

// -----

// 'lift-control-flow' makes such loops sequential.
func.func @f(%n: index, %x: f64) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = memref.alloc(%n) : memref<?xf64>
  // expected-error @+2 {{a region of 'scf.parallel' stores to a buffer from outside}}
  // expected-note @+1 {{run '--lift-control-flow' first}}
  scf.parallel (%i) = (%c0) to (%n) step (%c1) {
    memref.store %x, %b[%i] : memref<?xf64>
    scf.reduce
  }
  return
}

// -----

// expected-error @+2 {{buffers are not raised across branches between blocks}}
// expected-note @+1 {{run '--lift-control-flow' first}}
func.func @f(%x: f64) -> f64 {
  %b = memref.alloca() : memref<f64>
  cf.br ^next
^next:
  %y = memref.load %b[] : memref<f64>
  return %y : f64
}

// -----

func.func @f() -> index {
  %c2 = arith.constant 2 : index
  %b = memref.alloc() : memref<4x4xf64>
  // expected-error @+2 {{dimension 2 is out of range for rank 2}}
  // expected-note @+1 {{dimensions count from 0}}
  %d = memref.dim %b, %c2 : memref<4x4xf64>
  return %d : index
}

// -----

func.func @f() -> f64 {
  %b = ub.poison : memref<f64>
  %a = memref.alloc() : memref<f64>
  // expected-error @+2 {{this buffer is poison}}
  // expected-note @+1 {{use buffers that 'memref.alloc' or 'memref.alloca' make}}
  %x = memref.load %b[] : memref<f64>
  return %x : f64
}
