// Pullbacks of recursive functions, whose handles hold what the calls record, called from C: by several threads at once,
// twice, and after the arguments are gone; the pullback of a gradient, which records something itself.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --vjp mutual --grad power --vjp power_grad --vjp powers --mcpu=x86-64-v2 -o %t/librecursive.so
// RUN: clang -std=c11 -Wall -Werror -I %t %S/Inputs/recursive-pullbacks.c -o %t/caller -L %t -lrecursive -lm -lpthread -Wl,-rpath,%t
// RUN: %t/caller | FileCheck %s
// RUN: valgrind -q --leak-check=full --error-exitcode=9 %t/caller | FileCheck %s

// The same under AddressSanitizer and ThreadSanitizer.
// RUN: dpc %s --vjp mutual --grad power --vjp power_grad --vjp powers --mcpu=x86-64-v2 --emit=llvm -o %t/recursive.ll
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_address #\2 {/' %t/recursive.ll > %t/address.ll
// RUN: clang -fsanitize=address -O1 -Wno-override-module -I %t %t/address.ll %S/Inputs/recursive-pullbacks.c -lm -o %t/address
// RUN: %t/address | FileCheck %s
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_thread #\2 {/' %t/recursive.ll > %t/thread.ll
// RUN: clang -fsanitize=thread -O1 -Wno-override-module -I %t %t/thread.ll %S/Inputs/recursive-pullbacks.c -lm -o %t/thread
// RUN: %t/thread | FileCheck %s

// RUN: dpc %s --vjp mutual --run mutual_vjp --args '[0.5,0.7,0.9],3,[1,2,3],0.5' | FileCheck %s --check-prefix=CALL
// RUN: dpc %s --vjp mutual --run mutual_vjp --args '[0.5,0.7,0.9],3,[1,2,3],0.5' --target=interp | FileCheck %s --check-prefix=CALL
// RUN: dpc %s --vjp mutual --grad power --vjp power_grad --vjp powers --check-gradients -o %t/librecursive.so 2>&1 | FileCheck %s --check-prefix=CHECKED

// CHECK: done
// CALL: y = [0.6292{{[0-9]*}}, 2.2655{{[0-9]*}}, 3.2656{{[0-9]*}}]
// CALL: s = 6.1604
// CALL: d_x = [2.6818{{[0-9]*}}, 20.0577{{[0-9]*}}, 33.5460{{[0-9]*}}]
// CHECKED: dpc: gradients 12 of 12 comparisons agree, 0 could not be compared (derivatives: 4, points of each: 3, evaluated by cpu)

func.func private @even(%x: f64, %n: i32) -> f64 {
  %zero = scalar.constant 0 : i32
  %is_last = scalar.compare le %n, %zero : i32
  %y = scf.if %is_last -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i32
    %m = scalar.sub %n, %one : i32
    %p = func.call @odd(%x, %m) : (f64, i32) -> f64
    %r = scalar.mul %p, %x : f64
    scf.yield %r : f64
  }
  return %y : f64
}
func.func private @odd(%x: f64, %n: i32) -> f64 {
  %zero = scalar.constant 0 : i32
  %is_last = scalar.compare le %n, %zero : i32
  %y = scf.if %is_last -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i32
    %m = scalar.sub %n, %one : i32
    %a = scalar.sin %x : f64
    %p = func.call @even(%a, %m) : (f64, i32) -> f64
    %r = scalar.exp %p : f64
    scf.yield %r : f64
  }
  return %y : f64
}

// Each element has a recursion of another depth.
func.func @mutual(%x: tensor<?xf64> {dp.name = "x"}, %n: i32 {dp.name = "n"})
    -> (tensor<?xf64> {dp.name = "y"}, f64 {dp.name = "s"}) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %d = tensor.dim %x, %c0 : tensor<?xf64>
  %zero = scalar.constant 0.0 : f64
  %y, %s = scf.for %i = %c0 to %d step %c1 iter_args(%v = %x, %t = %zero) -> (tensor<?xf64>, f64) {
    %e = tensor.extract %x[%i] : tensor<?xf64>
    %k = arith.index_cast %i : index to i32
    %m = scalar.add %k, %n : i32
    %p = func.call @even(%e, %m) : (f64, i32) -> f64
    %w = tensor.insert %p into %v[%i] : tensor<?xf64>
    %u = scalar.add %t, %p : f64
    scf.yield %w, %u : tensor<?xf64>, f64
  }
  return %y, %s : tensor<?xf64>, f64
}

func.func @power(%x: f64 {dp.name = "x"}, %n: i64 {dp.name = "n"}) -> (f64 {dp.name = "y"}) {
  %zero = scalar.constant 0 : i64
  %is_last = scalar.compare le %n, %zero : i64
  %y = scf.if %is_last -> f64 {
    scf.yield %x : f64
  } else {
    %one = scalar.constant 1 : i64
    %m = scalar.sub %n, %one : i64
    %p = func.call @power(%x, %m) : (f64, i64) -> f64
    %q = scalar.sin %p : f64
    %r = scalar.mul %q, %x : f64
    scf.yield %r : f64
  }
  return %y : f64
}

// A power by squaring: each call records matrices.
func.func @powers(%a: tensor<?x?xf64> {dp.name = "a"}, %n: index {dp.name = "n"}) -> (tensor<?x?xf64> {dp.name = "y"}) {
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %last = arith.cmpi ule, %n, %c1 : index
  %y = scf.if %last -> tensor<?x?xf64> {
    scf.yield %a : tensor<?x?xf64>
  } else {
    %h = arith.divsi %n, %c2 : index
    %odd = arith.remsi %n, %c2 : index
    %p = func.call @powers(%a, %h) : (tensor<?x?xf64>, index) -> tensor<?x?xf64>
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
