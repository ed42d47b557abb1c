// RUN: dpopt %s --map-kernels | FileCheck %s

// An elementwise operation: sixteen bytes to a thread, a tail element by element. The fill is done on the way.
// CHECK-LABEL: func.func @each(
// CHECK-NOT:     linalg.
// CHECK:         gpu.launch_func @dp_kernels::@each__0
func.func @each(%x: memref<?xf32>, %y: memref<?xf32>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> (d0)>], iterator_types = ["parallel"]}
      ins(%x : memref<?xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %e = scalar.exp %a : f32
    linalg.yield %e : f32
  }
  return
}

// CHECK-LABEL: func.func @sum(
// CHECK-NOT:     linalg.fill
// CHECK:         gpu.launch_func @dp_kernels::@sum__0
// CHECK-NOT:     gpu.launch_func
func.func @sum(%x: memref<?x100xf32>, %y: memref<?xf32>) {
  %zero = scalar.constant 0.0 : f32
  linalg.fill ins(%zero : f32) outs(%y : memref<?xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x100xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %s = scalar.add %b, %a {dp.regrouped} : f32
    linalg.yield %s : f32
  }
  return
}

// A user's region, all of whose operations are as they were marked.
// CHECK-LABEL: func.func @region(
func.func @region(%x: memref<?x100xf32>, %y: memref<?xf32>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%y : memref<?xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x100xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %n = scalar.neg %a {dp.combines = array<i64: 0, 2, 1>} : f32
    %s = scalar.sub %b, %n {dp.combines = array<i64: 1, 2, 0, 2>} : f32
    linalg.yield %s : f32
  }
  return
}

// Another operation in the place of one: what the region is cannot be told, so one thread makes each result.
// CHECK-LABEL: func.func @changed(
func.func @changed(%x: memref<?x100xf32>, %y: memref<?xf32>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%y : memref<?xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x100xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %n = scalar.neg %a : f32
    %s = scalar.sub %b, %n {dp.combines = array<i64: 1, 2, 0, 2>} : f32
    linalg.yield %s : f32
  }
  return
}

// So are marks that nobody has made.
// CHECK-LABEL: func.func @nonsense(
// CHECK:         gpu.launch_func @dp_kernels::@nonsense__0
func.func @nonsense(%x: memref<?x100xf32>, %y: memref<?xf32>, %zero: f32) {
  linalg.fill ins(%zero : f32) outs(%y : memref<?xf32>)
  linalg.generic {indexing_maps = [affine_map<(d0, d1) -> (d0, d1)>, affine_map<(d0, d1) -> (d0)>],
      iterator_types = ["parallel", "reduction"]} ins(%x : memref<?x100xf32>) outs(%y : memref<?xf32>) {
  ^bb0(%a: f32, %b: f32):
    %n = scalar.neg %a {dp.combines = array<i64: 0, 2, -9223372036854775808>} : f32
    %s = scalar.sub %b, %n
        {dp.combines = array<i64: 9223372036854775806, 9223372036854775807, 0, 2>} : f32
    linalg.yield %s : f32
  }
  return
}

// Few results of many numbers: partial results, which a second kernel adds up.
// CHECK-LABEL: func.func @all(
// CHECK:         memref.alloc(%{{.*}}) : memref<?xf32>
// CHECK:         gpu.launch_func @dp_kernels::@all__0
// CHECK:         gpu.launch_func @dp_kernels::@all__1
func.func @all(%x: memref<?xf32>, %y: memref<f32>) {
  linalg.generic {indexing_maps = [affine_map<(d0) -> (d0)>, affine_map<(d0) -> ()>], iterator_types = ["reduction"]}
      ins(%x : memref<?xf32>) outs(%y : memref<f32>) {
  ^bb0(%a: f32, %b: f32):
    %s = scalar.add %b, %a {dp.regrouped} : f32
    linalg.yield %s : f32
  }
  return
}

// CHECK-LABEL: gpu.module @dp_kernels

// CHECK-LABEL: gpu.func @each__0(
// CHECK:         vector.load {{.*}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK-COUNT-4: scalar.exp
// CHECK:         vector.store {{.*}} {alignment = 16 : i64} : memref<?xf32>, vector<4xf32>
// CHECK:         scf.for
// CHECK:           memref.load
// CHECK:           scalar.exp

// Within a warp no memory is needed.
// CHECK-LABEL: gpu.func @sum__0(
// CHECK-NOT:     gpu.barrier
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK-NOT:     gpu.barrier

// CHECK-LABEL: gpu.func @region__0(
// CHECK-NOT:     gpu.barrier
// CHECK:         %[[OTHER:.*]] = arith.bitcast %{{.*}} : i32 to f32
// CHECK-NEXT:    %[[N:.*]] = scalar.neg %[[OTHER]]
// CHECK-NEXT:    scalar.sub %{{.*}}, %[[N]]
// CHECK-LABEL: gpu.func @changed__0(
// CHECK-NOT:     gpu.shuffle

// CHECK:       memref.global "private" @all__0.0 : memref<8xf32, 3>
// CHECK-LABEL: gpu.func @all__0(
// CHECK-COUNT-5: gpu.shuffle xor
// CHECK:         gpu.barrier
// CHECK-LABEL: gpu.func @all__1(
