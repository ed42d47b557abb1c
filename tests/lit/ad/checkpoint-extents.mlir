// What a checkpoint takes gets the extents that the command gives, behind the barrier too.
// RUN: dpc %s --grad f --specialize x=3 --emit=mlir -o - --stop-after=specialize | FileCheck %s
// RUN: dpc %s --grad f --specialize x=3 --run f_grad --args [1,2,3] | FileCheck %s --check-prefix=VALUES

// CHECK-LABEL: func.func @f_grad
// CHECK: ad.barrier {{.*}} : tensor<3xf64>
// VALUES: r0 = 1.55481008538
// VALUES: d_x = [0.90929742682{{.*}}, -0.75680249530{{.*}}, -0.27941549819{{.*}}]
func.func @f(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %v = ad.checkpoint -> f64 {
    %s = scalar.sin %x : tensor<?xf64>
    %p = scalar.mul %s, %s : tensor<?xf64>
    %r = array.reduce add %p dims [0] : tensor<?xf64>
    %e = tensor.extract %r[] : tensor<f64>
    ad.yield %e : f64
  }
  return %v : f64
}
