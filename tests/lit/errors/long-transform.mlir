// A long line whose length has a great prime factor takes tables that are too large.
// RUN: mkdir -p %t && %refused dpc %s -o %t/x.so 2>&1 | FileCheck %s
// CHECK: long-transform.mlir:[[# @LINE + 3]]:8: error: transforms 1048583 elements: the limit is 1048576 for lengths with a prime factor greater than 13
// CHECK: help: pad the lines to a product of 2, 3, 5, 7, 11 and 13
func.func @f(%x: tensor<1048583xcomplex<f64>>) -> tensor<1048583xcomplex<f64>> {
  %y = array.fft fft %x dim 0 length 1048583 : tensor<1048583xcomplex<f64>>
  return %y : tensor<1048583xcomplex<f64>>
}
