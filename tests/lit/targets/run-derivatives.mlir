// Functions that --grad and --jvp add.
// RUN: dpc %s --target=interp --grad f --run f_grad --args 3,[1,2],5 | FileCheck %s --check-prefix=GRAD
// RUN: dpc %s --target=cpu --grad f --run f_grad --args 3,[1,2],5 | FileCheck %s --check-prefix=GRAD
// RUN: dpc %s --target=xla --grad f --run f_grad --args 3,[1,2],5 | FileCheck %s --check-prefix=GRAD
// RUN: dpc %s --target=interp --grad f:wrt=1 --run f_grad --args 3,[1,2],5 | FileCheck %s --check-prefix=SOME
// RUN: dpc %s --target=cpu --grad f:wrt=1 --run f_grad --args 3,[1,2],5 | FileCheck %s --check-prefix=SOME
// RUN: dpc %s --target=xla --grad f:wrt=1 --run f_grad --args 3,[1,2],5 | FileCheck %s --check-prefix=SOME
// RUN: dpc %s --target=interp --jvp f:wrt=0 --run f_jvp --args 3,[1,2],5,10 | FileCheck %s --check-prefix=JVP
// RUN: dpc %s --target=cpu --jvp f:wrt=0 --run f_jvp --args 3,[1,2],5,10 | FileCheck %s --check-prefix=JVP
// RUN: dpc %s --target=xla --jvp f:wrt=0 --run f_jvp --args 3,[1,2],5,10 | FileCheck %s --check-prefix=JVP
// RUN: dpc %s --grad f --jvp f --emit=mlir | FileCheck %s --check-prefix=NAMES

// The value x² Σ v_i, then 2 x Σ v_i and x² for each v_i.
// GRAD: {{^}}value = 27{{$}}
// GRAD-NEXT: {{^}}d_x = 18{{$}}
// GRAD-NEXT: {{^}}d_v = [9, 9]{{$}}
// GRAD-NOT: {{.}}

// SOME: {{^}}value = 27{{$}}
// SOME-NEXT: {{^}}d_v = [9, 9]{{$}}
// SOME-NOT: {{.}}

// JVP: {{^}}value = 27{{$}}
// JVP-NEXT: {{^}}d_value = 180{{$}}
// JVP-NOT: {{.}}

// NAMES: func.func @f(
// NAMES: func.func @f_grad({{.*}}: f64 {dp.name = "x"}, {{.*}}: tensor<2xf64> {dp.name = "v"}, {{.*}}: i32 {dp.name = "a2"})
// NAMES-SAME: -> (f64 {dp.name = "value"}, f64 {dp.name = "d_x"}, tensor<2xf64> {dp.name = "d_v"})
// NAMES: func.func @f_jvp({{.*}}{dp.name = "d_x"}, {{.*}}{dp.name = "d_v"})
// NAMES-SAME: -> (f64 {dp.name = "value"}, f64 {dp.name = "d_value"})
func.func @f(%x: f64 {dp.name = "x"}, %v: tensor<2xf64> {dp.name = "v"}, %n: i32) -> (f64 {dp.name = "value"}) {
  %square = scalar.mul %x, %x : f64
  %total = array.reduce add %v dims [0] : tensor<2xf64>
  %sum = tensor.extract %total[] : tensor<f64>
  %y = scalar.mul %square, %sum : f64
  return %y : f64
}
