// RUN: %refused dpc %s -o %t.d/libx.so 2>&1 | FileCheck %s

func.func @f(%x: f64) -> f64 {
  // CHECK: records.mlir:[[#@LINE+2]]:9: error: 'ad.record' is not allowed in programs
  // CHECK: records.mlir:[[#@LINE+1]]:9: help: it is for derivatives
  %at = ad.record(%x : f64)
  %y = ad.recall %at : f64
  return %y : f64
}
