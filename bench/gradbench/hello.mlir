// The square of a number.
func.func @square(%x: f64 {dp.name = "x"}) -> f64 {
  %y = scalar.mul %x, %x : f64
  return %y : f64
}
