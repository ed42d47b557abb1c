// RUN: dpopt %s --add-library-symbols | FileCheck %s
// RUN: dpopt %s --add-library-symbols=packed=false | FileCheck %s --check-prefix=PLAIN

// PLAIN-NOT: f__packed
// CHECK:     llvm.func @f(
// CHECK:     llvm.mlir.global external constant @m__abi("dp-abi 1 m\0Af: f32 x, f32 y[] -> f32 r[*]\0A\00")
// CHECK:     llvm.mlir.global private constant @m_message.1("no\00")
// CHECK:     llvm.func @m_message(%{{.*}}: i32) -> !llvm.ptr
// CHECK:     llvm.func @m_free(%{{.*}}: !llvm.ptr)
// CHECK:     llvm.func @f__packed(%{{.*}}: !llvm.ptr) -> i32
// CHECK:       llvm.call @f(
module attributes {dp.abi = "dp-abi 1 m\0Af: f32 x, f32 y[] -> f32 r[*]\0A", dp.messages = ["no"]} {
  llvm.func @f(%x: f32, %y: !llvm.ptr, %r: !llvm.ptr, %n: !llvm.ptr) -> i32 {
    %ok = llvm.mlir.constant(0 : i32) : i32
    llvm.return %ok : i32
  }
}
