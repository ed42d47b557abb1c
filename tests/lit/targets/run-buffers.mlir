// RUN: dpc %s --target=interp --run sorted --args=[3,1,2] | FileCheck %s --check-prefix=SORTED
// RUN: dpc %s -O0 --run sorted --args=[3,1,2] | FileCheck %s --check-prefix=SORTED
// RUN: dpc %s -O3 --run sorted --args=[3,1,2] | FileCheck %s --check-prefix=SORTED
// RUN: dpc %s --target=interp --run zeros --args=2 | FileCheck %s --check-prefix=ZEROS
// RUN: dpc %s -O0 --run zeros --args=2 | FileCheck %s --check-prefix=ZEROS
// RUN: dpc %s -O3 --run zeros --args=2 | FileCheck %s --check-prefix=ZEROS
// RUN: dpc %s --grad power:wrt=0 --target=interp --run power_grad --args=5.0,3 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --grad power:wrt=0 -O0 --run power_grad --args=5.0,3 | FileCheck %s --check-prefix=POWER
// RUN: dpc %s --grad power:wrt=0 -O3 --check-gradients --run power_grad --args=5.0,3 | FileCheck %s --check-prefix=POWER

// The stores of a loop update one array. The only copies are that of the argument and that to the result.
// RUN: dpc %s --emit=llvm -o - | FileCheck %s --check-prefix=LLVM

// SORTED: {{^}}r0 = [1, 2, 3]{{$}}
// LLVM-LABEL: define {{.*}}@sorted
// LLVM-COUNT-2: memcpy
// LLVM-NOT:     memcpy
// LLVM-LABEL: define {{.*}}@zeros
func.func @sorted(%x: tensor<?xf64>) -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %b = bufferization.to_buffer %x : tensor<?xf64> to memref<?xf64>
  %n = memref.dim %b, %c0 : memref<?xf64>
  scf.for %i = %c0 to %n step %c1 {
    %e = arith.subi %n, %i : index
    scf.for %j = %c1 to %e step %c1 {
      %m = arith.subi %j, %c1 : index
      %p = memref.load %b[%m] : memref<?xf64>
      %q = memref.load %b[%j] : memref<?xf64>
      %c = arith.cmpf ogt, %p, %q : f64
      scf.if %c {
        memref.store %q, %b[%m] : memref<?xf64>
        memref.store %p, %b[%j] : memref<?xf64>
      }
    }
  }
  %t = bufferization.to_tensor %b : memref<?xf64> to tensor<?xf64>
  return %t : tensor<?xf64>
}

// What is read before it is written is zero, of every type.
// ZEROS: {{^}}r0 = 0{{$}}
// ZEROS: {{^}}r1 = [0, 0]{{$}}
func.func @zeros(%n: index) -> (f64, tensor<?xi32>) {
  %c0 = arith.constant 0 : index
  %p = memref.alloca() : memref<f64>
  %q = memref.alloc() : memref<2xi1>
  %k = memref.alloca() : memref<index>
  %z = memref.alloca() : memref<2x3xcomplex<f32>>
  %h = memref.alloca() : memref<3xbf16>
  %w = memref.alloc(%n) : memref<?xi32>
  %a = memref.load %p[] : memref<f64>
  %b = memref.load %q[%c0] : memref<2xi1>
  %c = memref.load %k[] : memref<index>
  %d = memref.load %z[%c, %c] : memref<2x3xcomplex<f32>>
  %abs = scalar.abs %d : complex<f32>
  %e = memref.load %h[%c] : memref<3xbf16>
  %f = arith.extf %e : bf16 to f64
  %g = arith.extf %abs : f32 to f64
  %fg = arith.addf %f, %g : f64
  %one = arith.constant 1.0 : f64
  %s = arith.select %b, %one, %fg : f64
  %r = arith.addf %s, %a : f64
  %t = bufferization.to_tensor %w : memref<?xi32> to tensor<?xi32>
  return %r, %t : f64, tensor<?xi32>
}

// As a compiler of C writes it: every variable is a buffer, and control flow is that of blocks.
// POWER: {{^}}r0 = 125{{$}}
// POWER-NEXT: {{^}}d_x = 75{{$}}
func.func @power(%x: f64 {dp.name = "x"}, %n: i64) -> f64 {
  %one = arith.constant 1.0 : f64
  %step = arith.constant 1 : i64
  %zero = arith.constant 0 : i64
  %p = memref.alloca() : memref<f64>
  %i = memref.alloca() : memref<i64>
  memref.store %one, %p[] : memref<f64>
  memref.store %n, %i[] : memref<i64>
  cf.br ^loop
^loop:
  %k = memref.load %i[] : memref<i64>
  %more = arith.cmpi sgt, %k, %zero : i64
  cf.cond_br %more, ^body, ^done
^body:
  %q = memref.load %p[] : memref<f64>
  %r = arith.mulf %q, %x : f64
  memref.store %r, %p[] : memref<f64>
  %l = memref.load %i[] : memref<i64>
  %m = arith.subi %l, %step : i64
  memref.store %m, %i[] : memref<i64>
  cf.br ^loop
^done:
  %y = memref.load %p[] : memref<f64>
  return %y : f64
}
