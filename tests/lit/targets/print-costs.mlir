// --print-costs counts what a call costs, and how many times that of the function a derivative costs.
// RUN: dpc %s --grad f --run f_grad --args [1,2,3,4] --print-costs 2>&1 | FileCheck %s
// RUN: dpc %s --run f --args [1,2,3,4] --print-costs --target=interp 2>&1 | FileCheck %s --check-prefix=ALONE
// RUN: dpc %s --grad f --run f_grad --args [1,2,3,4] --print-costs --diagnostics=json 2>&1 | FileCheck %s --check-prefix=JSON
// RUN: %refused dpc %s --grad f --print-costs -o %t.so 2>&1 | FileCheck %s --check-prefix=REFUSED

// CHECK: dpc: costs f_grad {{[0-9]+}} operations {{[0-9]+}} bytes
// CHECK: dpc: costs f 68 operations 32 bytes
// CHECK: dpc: costs f_grad / f {{[0-9.]+}} operations {{[0-9.]+}} bytes
// CHECK: r0 =
// ALONE: dpc: costs f 68 operations 32 bytes
// ALONE-NOT: costs
// JSON: "data":{"about":"costs","bytes":32,"function":"f","operations":68}
// JSON: "about":"cost ratios"
// REFUSED: dpc: error: --print-costs: no function is called
// REFUSED-NEXT: dpc: help: add --run FUNC, and --args for its arguments
func.func @f(%x: tensor<?xf64> {dp.name = "x"}) -> f64 {
  %s = scalar.sin %x : tensor<?xf64>
  %y = array.reduce add %s dims [0] : tensor<?xf64>
  %d = tensor.extract %y[] : tensor<f64>
  return %d : f64
}
