// The pullback of a library, called from C as its header says: by several threads at once, twice, after the arguments are
// gone; what it keeps is numbers, tensors with static and with dynamic extents, and what a loop recorded.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --vjp mixed --vjp plain:wrt=0 --mcpu=x86-64-v2 -o %t/libpullbacks.so
// RUN: clang -std=c11 -Wall -Werror -I %t %S/Inputs/pullbacks.c -o %t/caller -L %t -lpullbacks -lm -lpthread -Wl,-rpath,%t
// RUN: %t/caller | FileCheck %s
// RUN: valgrind -q --leak-check=full --error-exitcode=9 %t/caller | FileCheck %s

// The same under AddressSanitizer and ThreadSanitizer.
// RUN: dpc %s --vjp mixed --vjp plain:wrt=0 --mcpu=x86-64-v2 --emit=llvm -o %t/pullbacks.ll
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_address #\2 {/' %t/pullbacks.ll > %t/address.ll
// RUN: clang -fsanitize=address -O1 -Wno-override-module -I %t %t/address.ll %S/Inputs/pullbacks.c -lm -o %t/address
// RUN: %t/address | FileCheck %s
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_thread #\2 {/' %t/pullbacks.ll > %t/thread.ll
// RUN: clang -fsanitize=thread -O1 -Wno-override-module -I %t %t/thread.ll %S/Inputs/pullbacks.c -lm -o %t/thread
// RUN: %t/thread | FileCheck %s

// --run takes the cotangents after the arguments, on every target alike.
// RUN: dpc %s --vjp plain --run plain_vjp --args 2.0,[1.0,3.0],0.5 | FileCheck %s --check-prefix=CALL
// RUN: dpc %s --vjp plain --run plain_vjp --args 2.0,[1.0,3.0],0.5 --target=interp | FileCheck %s --check-prefix=CALL
// RUN: dpc %s --vjp plain --emit=simplified -o %t/simplified.mlir
// RUN: dpc %t/simplified.mlir --run plain_vjp --args 2.0,[1.0,3.0],0.5 | FileCheck %s --check-prefix=CALL

// CHECK: done
// CALL: y = 16
// CALL: d_x = 8
// CALL: d_w = [2, 2]
func.func @plain(%x: f64 {dp.name = "x"}, %w: tensor<2xf64> {dp.name = "w"}) -> (f64 {dp.name = "y"}) {
  %sum = array.reduce add %w dims [0] : tensor<2xf64>
  %s = tensor.extract %sum[] : tensor<f64>
  %square = scalar.mul %x, %x : f64
  %y = scalar.mul %square, %s : f64
  return %y : f64
}

func.func @mixed(
    %x: tensor<?xf64> {dp.name = "x"}, %a: tensor<2x3xf32> {dp.name = "a"}, %n: i32 {dp.name = "n"},
    %z: complex<f64> {dp.name = "z"}, %s: f32 {dp.name = "s"})
    -> (tensor<?xf64> {dp.name = "y"}, f64 {dp.name = "sum"}, complex<f64> {dp.name = "square"}, i32 {dp.name = "twice"},
        tensor<3xf32> {dp.name = "row"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %steps = arith.index_cast %n : i32 to index
  %y = scf.for %i = %c0 to %steps step %c1 iter_args(%v = %x) -> tensor<?xf64> {
    %sin = scalar.sin %v : tensor<?xf64>
    %next = scalar.mul %sin, %x : tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  %total = array.reduce add %y dims [0] : tensor<?xf64>
  %number = tensor.extract %total[] : tensor<f64>
  %zero = scalar.constant 0.0 : f64
  %is_low = scalar.compare lt %number, %zero : f64
  %sum = scf.if %is_low -> f64 {
    %exp = scalar.exp %number : f64
    scf.yield %exp : f64
  } else {
    %square = scalar.mul %number, %number : f64
    scf.yield %square : f64
  }
  %square = scalar.mul %z, %z : complex<f64>
  %twice = scalar.add %n, %n : i32
  %factor = array.broadcast %s dims [] : f32 to tensor<2x3xf32>
  %scaled = scalar.mul %a, %factor : tensor<2x3xf32>
  %exp = scalar.exp %scaled : tensor<2x3xf32>
  %row = array.reduce add %exp dims [0] : tensor<2x3xf32>
  return %y, %sum, %square, %twice, %row : tensor<?xf64>, f64, complex<f64>, i32, tensor<3xf32>
}
