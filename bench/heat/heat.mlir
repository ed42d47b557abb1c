// The heat equation in one dimension, by the explicit scheme: `steps` steps from `u`, with fixed boundary values.
func.func @heat(%u: tensor<?xf64> {dp.name = "u"}, %r: f64 {dp.name = "r"}, %steps: index {dp.name = "steps"})
    -> tensor<?xf64> {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %n = tensor.dim %u, %c0 : tensor<?xf64>
  %m = arith.subi %n, %c2 : index
  %two = scalar.constant 2.0 : f64
  %twos = array.broadcast %two dims [] extents(%m) : f64 to tensor<?xf64>
  %rs = array.broadcast %r dims [] extents(%m) : f64 to tensor<?xf64>
  %end = scf.for %step = %c0 to %steps step %c1 iter_args(%now = %u) -> (tensor<?xf64>) {
    %left = array.slice %now starts [0] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %here = array.slice %now starts [1] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %right = array.slice %now starts [2] strides [1] extents(%m) : tensor<?xf64> to tensor<?xf64>
    %both = scalar.add %left, %right : tensor<?xf64>
    %double = scalar.mul %twos, %here : tensor<?xf64>
    %bend = scalar.sub %both, %double : tensor<?xf64>
    %change = scalar.mul %rs, %bend : tensor<?xf64>
    %inner = scalar.add %here, %change : tensor<?xf64>
    %next = array.update_slice %now, %inner starts [1] : tensor<?xf64>, tensor<?xf64>
    scf.yield %next : tensor<?xf64>
  }
  return %end : tensor<?xf64>
}
