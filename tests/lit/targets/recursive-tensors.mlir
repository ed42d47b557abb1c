// Recursion with tensors, of static and of dynamic extents, called from C: values, gradients and pullbacks; failed checks
// deep in a recursion; and a recursion that is too deep for the stack.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --grad tree --grad power --vjp state --grad deep --mcpu=x86-64-v2 --check-gradients -o %t/librecursion.so 2>&1 | FileCheck %s --check-prefix=CHECKED
// RUN: clang -std=c11 -Wall -Werror -I %t %S/Inputs/recursive-tensors.c -o %t/caller -L %t -lrecursion -lm -lpthread -Wl,-rpath,%t
// RUN: %t/caller | FileCheck %s
// RUN: valgrind -q --leak-check=full --error-exitcode=9 %t/caller | FileCheck %s
// RUN: dpc %s --grad tree --grad power --vjp state --grad deep --mcpu=x86-64-v2 --emit=llvm -o %t/recursion.ll
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_address #\2 {/' %t/recursion.ll > %t/address.ll
// RUN: clang -fsanitize=address -O1 -Wno-override-module -I %t %t/address.ll %S/Inputs/recursive-tensors.c -lm -o %t/address
// RUN: %t/address | FileCheck %s

// The same without optimization.
// RUN: dpc %s --grad tree --grad power --vjp state --grad deep --mcpu=x86-64-v2 -O0 -o %t/librecursion.so
// RUN: valgrind -q --leak-check=full --error-exitcode=9 %t/caller | FileCheck %s

// RUN: dpc %s --check-each --run powers --args '[[0.5,0.7],[0.9,1.1]],6' 2>&1 | FileCheck %s --check-prefix=POWERS
// RUN: dpc %s --run powers --args '[[0.5,0.7],[0.9,1.1]],6' --target=interp | FileCheck %s --check-prefix=POWERS
// RUN: dpc %s --specialize a=2x2 --run powers --args '[[0.5,0.7],[0.9,1.1]],6' | FileCheck %s --check-prefix=POWERS

// CHECK: done
// CHECKED: dpc: gradients 12 of 12 comparisons agree, 0 could not be compared (derivatives: 4, points of each: 3, evaluated by cpu)
// POWERS: y = {{\[\[}}6.48755{{[0-9]*}}, 8.27904{{[0-9]*}}], [10.64448{{[0-9]*}}, 13.58387{{[0-9]*}}]]

// A tree reduction over halves.
func.func @tree(%x: tensor<?xf64> {dp.name = "x"}) -> (f64 {dp.name = "y"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %is_one = arith.cmpi sle, %n, %c1 : index
  %y = scf.if %is_one -> f64 {
    %e = tensor.extract %x[%c0] : tensor<?xf64>
    %s = scalar.sin %e : f64
    scf.yield %s : f64
  } else {
    %h = arith.divsi %n, %c2 : index
    %r = arith.subi %n, %h : index
    %left = tensor.extract_slice %x[0] [%h] [1] : tensor<?xf64> to tensor<?xf64>
    %right = tensor.extract_slice %x[%h] [%r] [1] : tensor<?xf64> to tensor<?xf64>
    %a = func.call @tree(%left) : (tensor<?xf64>) -> f64
    %b = func.call @tree(%right) : (tensor<?xf64>) -> f64
    %p = scalar.mul %a, %b : f64
    %q = scalar.add %p, %a : f64
    scf.yield %q : f64
  }
  return %y : f64
}
// A power by squaring.
func.func private @matpow(%a: tensor<?x?xf64>, %n: index) -> tensor<?x?xf64> {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %last = arith.cmpi ule, %n, %c1 : index
  %y = scf.if %last -> tensor<?x?xf64> {
    scf.yield %a : tensor<?x?xf64>
  } else {
    %h = arith.divsi %n, %c2 : index
    %odd = arith.remsi %n, %c2 : index
    %p = func.call @matpow(%a, %h) : (tensor<?x?xf64>, index) -> tensor<?x?xf64>
    %pp = array.dot %p, %p contract [1] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
    %is_odd = arith.cmpi eq, %odd, %c1 : index
    %r = scf.if %is_odd -> tensor<?x?xf64> {
      %t = array.dot %pp, %a contract [1] with [0] : tensor<?x?xf64>, tensor<?x?xf64>
      scf.yield %t : tensor<?x?xf64>
    } else {
      scf.yield %pp : tensor<?x?xf64>
    }
    scf.yield %r : tensor<?x?xf64>
  }
  return %y : tensor<?x?xf64>
}
func.func @power(%a: tensor<?x?xf64> {dp.name = "a"}, %n: index {dp.name = "n"}) -> (f64 {dp.name = "y"}) {
  %p = func.call @matpow(%a, %n) : (tensor<?x?xf64>, index) -> tensor<?x?xf64>
  %t = array.reduce add %p dims [0, 1] : tensor<?x?xf64>
  %s = tensor.extract %t[] : tensor<f64>
  return %s : f64
}
func.func @powers(%a: tensor<?x?xf64> {dp.name = "a"}, %n: index {dp.name = "n"}) -> (tensor<?x?xf64> {dp.name = "y"}) {
  %p = func.call @matpow(%a, %n) : (tensor<?x?xf64>, index) -> tensor<?x?xf64>
  return %p : tensor<?x?xf64>
}
// A state, of static extents.
func.func private @walk(%s: tensor<3xf64>, %n: i64) -> (tensor<3xf64>, i64) {
  %zero = scalar.constant 0 : i64
  %stop = scalar.compare le %n, %zero : i64
  %r:2 = scf.if %stop -> (tensor<3xf64>, i64) {
    scf.yield %s, %n : tensor<3xf64>, i64
  } else {
    %one = scalar.constant 1 : i64
    %m = scalar.sub %n, %one : i64
    %c = scalar.cos %s : tensor<3xf64>
    %t = scalar.mul %c, %s : tensor<3xf64>
    %d:2 = func.call @walk(%t, %m) : (tensor<3xf64>, i64) -> (tensor<3xf64>, i64)
    %u = scalar.add %d#0, %s : tensor<3xf64>
    %k = scalar.add %d#1, %one : i64
    scf.yield %u, %k : tensor<3xf64>, i64
  }
  return %r#0, %r#1 : tensor<3xf64>, i64
}
func.func @state(%s: tensor<3xf64> {dp.name = "s"}, %n: i64 {dp.name = "n"}) -> (tensor<3xf64> {dp.name = "t"}) {
  %d:2 = func.call @walk(%s, %n) : (tensor<3xf64>, i64) -> (tensor<3xf64>, i64)
  %f = scalar.convert %d#1 : i64 to f64
  %fs = array.broadcast %f dims [] : f64 to tensor<3xf64>
  %r = scalar.add %fs, %d#0 : tensor<3xf64>
  return %r : tensor<3xf64>
}
// As deep as the number says.
func.func @deep(%x: f64 {dp.name = "x"}, %n: i64 {dp.name = "n"}) -> (f64 {dp.name = "y"}) {
  %zero = scalar.constant 0 : i64
  %is_last = scalar.compare le %n, %zero : i64
  %y = scf.if %is_last -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i64
    %m = scalar.sub %n, %one : i64
    %p = func.call @deep(%x, %m) : (f64, i64) -> f64
    %q = scalar.sin %p : f64
    scf.yield %q : f64
  }
  return %y : f64
}
// It becomes a loop.
func.func private @sum(%x: f64, %n: i64, %s: f64) -> f64 {
  %zero = scalar.constant 0 : i64
  %is_last = scalar.compare le %n, %zero : i64
  %y = scf.if %is_last -> f64 {
    scf.yield %s : f64
  } else {
    %one = scalar.constant 1 : i64
    %m = scalar.sub %n, %one : i64
    %t = scalar.add %s, %x : f64
    %p = func.call @sum(%x, %m, %t) : (f64, i64, f64) -> f64
    scf.yield %p : f64
  }
  return %y : f64
}
func.func @last(%x: f64 {dp.name = "x"}, %n: i64 {dp.name = "n"}) -> (f64 {dp.name = "y"}) {
  %zero = scalar.constant 0.0 : f64
  %p = func.call @sum(%x, %n, %zero) : (f64, i64, f64) -> f64
  return %p : f64
}
