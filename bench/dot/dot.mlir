// Matmul in four layouts, with dynamic extents, for `bench.c`.
func.func @dot_nn(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// The first operand is stored transposed.
func.func @dot_tn(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = array.dot %a, %b contract [0] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// The second operand is stored transposed.
func.func @dot_nt(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = array.dot %a, %b contract [1] with [1] : tensor<?x?xf32>, tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}

// Both operands are stored transposed.
func.func @dot_tt(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = array.dot %a, %b contract [0] with [1] : tensor<?x?xf32>, tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
