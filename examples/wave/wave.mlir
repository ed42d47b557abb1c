// Σ sin(a xᵢ), for a vector x of any length.
func.func @wave(%a: f64 {dp.name = "a"}, %x: tensor<?xf64> {dp.name = "x"}) -> (f64 {dp.name = "sum"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %as = array.broadcast %a dims [] extents(%n) : f64 to tensor<?xf64>
  %ax = scalar.mul %as, %x : tensor<?xf64>
  %sines = scalar.sin %ax : tensor<?xf64>
  %sum = array.reduce add %sines dims [0] : tensor<?xf64>
  %number = tensor.extract %sum[] : tensor<f64>
  return %number : f64
}
