// A library's code under AddressSanitizer and ThreadSanitizer: its LLVM IR, every function marked, is compiled by clang.
// RUN: rm -rf %t && mkdir %t
// RUN: dpc %s --grad sample --mcpu=x86-64-v2 --emit=llvm -o %t/sample.ll
// RUN: dpc %s --grad sample --emit=header -o %t/sample.h
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_address #\2 {/' %t/sample.ll > %t/address.ll
// RUN: clang -fsanitize=address -O1 -Wno-override-module -I %t %t/address.ll %S/Inputs/threads.c -lm -o %t/address
// RUN: %t/address | FileCheck %s
// RUN: sed -E 's/^(define .*) #([0-9]+) \{/\1 sanitize_thread #\2 {/' %t/sample.ll > %t/thread.ll
// RUN: clang -fsanitize=thread -O1 -Wno-override-module -I %t %t/thread.ll %S/Inputs/threads.c -lm -o %t/thread
// RUN: %t/thread | FileCheck %s
// The marks are there, and the sanitizers see what the library does.
// RUN: nm %t/address | FileCheck %s --check-prefix=ADDRESS
// RUN: nm %t/thread | FileCheck %s --check-prefix=THREAD

// CHECK: done
// ADDRESS: __asan_report_load
// THREAD: __tsan_read
func.func @sample(%a: tensor<?x?xf64> {dp.name = "a"}, %x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %y = array.dot %a, %x contract [1] with [0] : tensor<?x?xf64>, tensor<?xf64>
  %s = scalar.sin %y : tensor<?xf64>
  %e = scalar.exp %s : tensor<?xf64>
  %sum = array.reduce add %e dims [0] : tensor<?xf64>
  %number = tensor.extract %sum[] : tensor<f64>
  return %number : f64
}
