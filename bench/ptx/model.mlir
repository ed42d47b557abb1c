func.func @matmul(%a: tensor<?x?xf32>, %b: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %y = array.dot %a, %b contract [1] with [0] : tensor<?x?xf32>, tensor<?x?xf32>
  return %y : tensor<?x?xf32>
}
func.func @elementwise(%x: tensor<?xf32>, %y: tensor<?xf32>) -> tensor<?xf32> {
  %t = scalar.tanh %x : tensor<?xf32>
  %u = scalar.mul %t, %y : tensor<?xf32>
  %v = scalar.add %u, %x : tensor<?xf32>
  return %v : tensor<?xf32>
}
func.func @sum(%x: tensor<?xf32>) -> tensor<f32> {
  %t = array.reduce add %x dims [0] : tensor<?xf32>
  return %t : tensor<f32>
}
func.func @rows(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %t = array.reduce add %x dims [1] : tensor<?x?xf32>
  return %t : tensor<?xf32>
}
func.func @columns(%x: tensor<?x?xf32>) -> tensor<?xf32> {
  %t = array.reduce add %x dims [0] : tensor<?x?xf32>
  return %t : tensor<?xf32>
}
