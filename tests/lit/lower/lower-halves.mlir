// RUN: dpopt %s --lower-halves | FileCheck %s --check-prefixes=CHECK,BITS
// RUN: dpopt %s --lower-halves=f16=native | FileCheck %s --check-prefixes=CHECK,NATIVE
// RUN: sed 's/^..! //' %s | %refused dpopt --lower-halves 2>&1 | FileCheck %s --check-prefix=ADD

// A choice is one between bits.
// CHECK-LABEL: llvm.func @choose
// CHECK-SAME: %[[P:.*]]: i1, %[[X:.*]]: vector<3xi16>) -> vector<3xi16>
// CHECK: %[[ONE:.*]] = llvm.mlir.constant(dense<1.000000e+00> : vector<3xbf16>) : vector<3xbf16>
// CHECK: %[[BITS:.*]] = llvm.bitcast %[[ONE]] : vector<3xbf16> to vector<3xi16>
// CHECK: llvm.select %[[P]], %[[X]], %[[BITS]] : i1, vector<3xi16>
llvm.func @choose(%p: i1, %x: vector<3xbf16>) -> vector<3xbf16> {
  %one = llvm.mlir.constant(dense<1.0> : vector<3xbf16>) : vector<3xbf16>
  %y = llvm.select %p, %x, %one : i1, vector<3xbf16>
  llvm.return %y : vector<3xbf16>
}

// CHECK-LABEL: llvm.func @convert
// CHECK-SAME: !llvm.ptr, %{{.*}}: !llvm.ptr)
// CHECK: %[[LOADED:.*]] = llvm.load %{{.*}} : !llvm.ptr -> i16
// CHECK: %[[WIDE:.*]] = llvm.zext %[[LOADED]] : i16 to i32
// CHECK: llvm.shl %[[WIDE]]
// BITS-NOT: f16
// BITS: llvm.icmp "ugt"
// BITS: %[[NARROW:.*]] = llvm.trunc %{{.*}} : i32 to i16
// BITS: llvm.store %[[NARROW]], %{{.*}} : i16
// NATIVE: %[[NARROW:.*]] = llvm.fptrunc %{{.*}} : f32 to f16
// NATIVE: llvm.store %[[NARROW]], %{{.*}} : f16
llvm.func @convert(%from: !llvm.ptr, %to: !llvm.ptr) {
  %x = llvm.load %from : !llvm.ptr -> bf16
  %wide = llvm.fpext %x : bf16 to f32
  %y = llvm.fptrunc %wide : f32 to f16
  llvm.store %y, %to : f16, !llvm.ptr
  llvm.return
}

// CHECK-LABEL: llvm.func @compare
// CHECK: llvm.fcmp "olt" %{{.*}}, %{{.*}} : f32
llvm.func @compare(%x: bf16, %y: bf16) -> i1 {
  %p = llvm.fcmp "olt" %x, %y : bf16
  llvm.return %p : i1
}

// Arithmetic on halves is none of ours.
// ADD: error: internal error: 'llvm.fadd' on bf16 has no form on bits
//! llvm.func @add(%x: bf16) -> bf16 {
//!   %y = llvm.fadd %x, %x : bf16
//!   llvm.return %y : bf16
//! }
