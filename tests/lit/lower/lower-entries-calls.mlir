// The arguments of a public function become those of a C function, so no call of it may be left.
// RUN: %refused dpopt %s --lower-entries 2>&1 | FileCheck %s
// RUN: dpopt %s --inline-calls --lower-entries

func.func @f(%x: tensor<?xf64>) -> tensor<?xf64> {
  %y = scalar.sin %x : tensor<?xf64>
  return %y : tensor<?xf64>
}
func.func @g(%x: tensor<?xf64>) -> tensor<?xf64> {
  // CHECK: lower-entries-calls.mlir:[[@LINE+2]]:{{[0-9]+}}: error: calls 'f', which is public and has tensors
  // CHECK: inline calls first, with 'inline-calls'
  %y = func.call @f(%x) : (tensor<?xf64>) -> tensor<?xf64>
  return %y : tensor<?xf64>
}
