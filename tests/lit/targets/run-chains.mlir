// RUN: dpc %s --target=interp -O0 --run chains --args '[0,-1,1e300,1e-300,inf,3,3],[1e-300,1e300,1e300,-inf,1e300,1e-300,3]' > %t
// RUN: dpc %s --target=xla -O0 --run chains --args '[0,-1,1e300,1e-300,inf,3,3],[1e-300,1e300,1e300,-inf,1e300,1e-300,3]' | diff %t -
// RUN: dpc %s --target=xla -O0 --fp=strict --run chains --args '[0,-1,1e300,1e-300,inf,3,3],[1e-300,1e300,1e300,-inf,1e300,1e-300,3]' | diff %t -
// RUN: dpc %s --target=interp --grad quotient --run quotient_grad --args 6e-5,6e-5 > %t
// RUN: dpc %s --target=xla --grad quotient --run quotient_grad --args 6e-5,6e-5 | diff %t -
// RUN: dpc %s --target=interp --run zeros --args 1 > %t
// RUN: dpc %s --target=xla --run zeros --args 1 | diff %t -
// RUN: dpc %s --target=xla --fp=strict --run sums --args '[[1e308,1e308],[-1e308,-1e308]]' | FileCheck %s --check-prefix=SUMS
// RUN: dpc %s --target=xla --fp=strict -O0 --entry thirds | FileCheck %s --check-prefix=STRICT
// RUN: dpc %s --target=xla --fp=fast -O0 --entry chains | FileCheck %s --check-prefix=FAST --implicit-check-not=optimization_barrier

// XLA takes laws of the real numbers for laws of floats. Where these differ in infinities and NaN, barriers stand.

// FAST: stablehlo.divide
func.func @chains(%x: tensor<7xf64>, %y: tensor<7xf64>)
    -> (tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xi1>, tensor<7xf64>) {
  // 2^996, so that its inverse is exact.
  %large = array.constant dense<0x7E30000000000000> : tensor<7xf64>
  %c = scalar.constant 1.7e308 : f64
  %greatest = array.broadcast %c dims [] : f64 to tensor<7xf64>
  %one = array.constant dense<1.0> : tensor<7xf64>
  // (x / y) / y is not x / (y y), and y / (x / y) not (y y) / x.
  %q = scalar.div %x, %y : tensor<7xf64>
  %a = scalar.div %q, %y : tensor<7xf64>
  %b = scalar.div %y, %q : tensor<7xf64>
  // Neither are two known numbers multiplied, or added, first.
  %m = scalar.mul %x, %large : tensor<7xf64>
  %d = scalar.mul %m, %large : tensor<7xf64>
  %e = scalar.div %m, %large : tensor<7xf64>
  %s = scalar.sub %x, %large : tensor<7xf64>
  %f = scalar.add %s, %large : tensor<7xf64>
  // The inverse of a very large number is subnormal, which XLA takes for 0.
  %ten = array.constant dense<1.0e10> : tensor<7xf64>
  %n = scalar.max %m, %ten : tensor<7xf64>
  %g = scalar.div %n, %greatest : tensor<7xf64>
  // log (x^2) is not 2 log x, nor log (rsqrt x) half of a logarithm.
  %r = scalar.rsqrt %x : tensor<7xf64>
  %h = scalar.log %r : tensor<7xf64>
  %i = scalar.compare ne %h, %h : tensor<7xf64>
  %j = scalar.atan2 %x, %one : tensor<7xf64>
  %k = scalar.sign %j : tensor<7xf64>
  return %a, %b, %d, %e, %f, %g, %i, %k
    : tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xf64>, tensor<7xi1>, tensor<7xf64>
}

func.func @quotient(%a: f16, %b: f16) -> f16 {
  %c = scalar.div %a, %b : f16
  return %c : f16
}

func.func @zeros(%n: i32) -> tensor<1xf32> {
  %x = array.iota dim 0 : tensor<1xf32>
  %y = scalar.atan2 %x, %x : tensor<1xf32>
  return %y : tensor<1xf32>
}

// What is asked for is computed step by step.
// STRICT: %[[THREE:.*]] = stablehlo.constant dense<3.000000e+00>
// STRICT: %[[HIDDEN:.*]] = stablehlo.optimization_barrier %[[THREE]]
// STRICT: %[[Y:.*]] = stablehlo.divide %{{.*}}, %[[HIDDEN]]
// STRICT: %[[Z:.*]] = stablehlo.optimization_barrier %[[Y]]
// STRICT: stablehlo.add %[[Z]]
func.func @thirds(%x: tensor<2xf32>) -> tensor<2xf32> {
  %three = array.constant dense<3.0> : tensor<2xf32>
  %y = scalar.div %x, %three : tensor<2xf32>
  %z = scalar.add %y, %x : tensor<2xf32>
  return %z : tensor<2xf32>
}

// A sum of sums is not one sum under the strict model: each column is 0, and all four numbers overflow.
// SUMS: {{^}}r0 = 0{{$}}
func.func @sums(%x: tensor<2x2xf64>) -> tensor<f64> {
  %a = array.reduce add %x dims [0] : tensor<2x2xf64>
  %b = array.reduce add %a dims [0] : tensor<2xf64>
  return %b : tensor<f64>
}
