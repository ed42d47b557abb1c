func.func @f_vjp(%x: f64, %d: f64) -> (f64, f64) attributes {dp.pullback = array<i64: 1, 0>} {
  %y = scalar.mul %d, %x : f64
  return %x, %y : f64, f64
}
