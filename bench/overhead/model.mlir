// Two tiny functions, and empty functions with the interface of their gradients.

func.func @product(%x: f64 {dp.name = "x"}, %y: f64 {dp.name = "y"}) -> (f64 {dp.name = "value"}) {
  %xy = scalar.mul %x, %y : f64
  %value = scalar.add %xy, %x : f64
  return %value : f64
}

func.func @product_empty(%x: f64 {dp.name = "x"}, %y: f64 {dp.name = "y"})
    -> (f64 {dp.name = "value"}, f64 {dp.name = "d_x"}, f64 {dp.name = "d_y"}) {
  return %x, %y, %x : f64, f64, f64
}

func.func @squares(%x: tensor<?xf64> {dp.name = "x"}) -> (f64 {dp.name = "value"}) {
  %xx = scalar.mul %x, %x : tensor<?xf64>
  %sum = array.reduce add %xx dims [0] : tensor<?xf64>
  %value = tensor.extract %sum[] : tensor<f64>
  return %value : f64
}

func.func @squares_empty(%x: tensor<?xf64> {dp.name = "x"})
    -> (f64 {dp.name = "value"}, tensor<?xf64> {dp.name = "d_x"}) {
  %zero = scalar.constant 0.0 : f64
  return %zero, %x : f64, tensor<?xf64>
}
