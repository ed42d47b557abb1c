// The mean of the squared distances of n points (x, y) from a line a x + b.
func.func @loss(%a: f64 {dp.name = "a"}, %b: f64 {dp.name = "b"}, %x: tensor<?xf64> {dp.name = "x"},
                %y: tensor<?xf64> {dp.name = "y"}) -> (f64 {dp.name = "loss"}) {
  %c0 = arith.constant 0 : index
  %n = tensor.dim %x, %c0 : tensor<?xf64>
  %as = array.broadcast %a dims [] extents(%n) : f64 to tensor<?xf64>
  %bs = array.broadcast %b dims [] extents(%n) : f64 to tensor<?xf64>
  %ax = scalar.mul %as, %x : tensor<?xf64>
  %line = scalar.add %ax, %bs : tensor<?xf64>
  %distance = scalar.sub %line, %y : tensor<?xf64>
  %squares = scalar.mul %distance, %distance : tensor<?xf64>
  %sum = array.reduce add %squares dims [0] : tensor<?xf64>
  %total = tensor.extract %sum[] : tensor<f64>
  %i = arith.index_cast %n : index to i64
  %count = arith.sitofp %i : i64 to f64
  %mean = scalar.div %total, %count : f64
  return %mean : f64
}
