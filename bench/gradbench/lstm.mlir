// A recurrent network whose weight matrices are diagonal: l layers of b cells read a sequence of c characters of b
// bits, and each output predicts the next character. The loss is the mean of -gold (y - log(2 + sum exp y)) over all
// bits.
//
// A layer has the rows forget, ingate, outgate and change of `main`, first of weights and then of biases; a layer of
// `state` has the rows hidden and cell; the rows of `extra` are the weights of the input and those and the biases of
// the output.
func.func @lstm(%main: tensor<?x2x4x?xf64> {dp.name = "main"}, %extra: tensor<3x?xf64> {dp.name = "extra"},
    %state: tensor<?x2x?xf64> {dp.name = "state"}, %sequence: tensor<?x?xf64> {dp.name = "sequence"}) -> f64 {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %zero = scalar.constant 0.0 : f64
  %two = scalar.constant 2.0 : f64
  %l = tensor.dim %main, %c0 : tensor<?x2x4x?xf64>
  %c = tensor.dim %sequence, %c0 : tensor<?x?xf64>
  %b = tensor.dim %sequence, %c1 : tensor<?x?xf64>
  %in_row = array.slice %extra starts [0, 0] strides [1, 1] extents(%b) : tensor<3x?xf64> to tensor<1x?xf64>
  %in_weight = array.reshape %in_row extents(%b) : tensor<1x?xf64> to tensor<?xf64>
  %out_row = array.slice %extra starts [1, 0] strides [1, 1] extents(%b) : tensor<3x?xf64> to tensor<1x?xf64>
  %out_weight = array.reshape %out_row extents(%b) : tensor<1x?xf64> to tensor<?xf64>
  %bias_row = array.slice %extra starts [2, 0] strides [1, 1] extents(%b) : tensor<3x?xf64> to tensor<1x?xf64>
  %out_bias = array.reshape %bias_row extents(%b) : tensor<1x?xf64> to tensor<?xf64>
  %last = arith.subi %c, %c1 : index
  // Below the layers is one whose hidden row is the input, so that each layer reads the hidden row of the one below.
  %zeros = array.broadcast %zero dims [] extents(%b) : f64 to tensor<1x2x?xf64>
  %start = array.concatenate %zeros, %state dim 0 : tensor<1x2x?xf64>, tensor<?x2x?xf64>
  %end:2 = scf.for %t = %c0 to %last step %c1 iter_args(%total = %zero, %now = %start) -> (f64, tensor<?x2x?xf64>) {
    %bits_row = array.slice %sequence starts [%t, 0] strides [1, 1] extents(%b) : tensor<?x?xf64> to tensor<1x?xf64>
    %bits = array.reshape %bits_row extents(%b) : tensor<1x?xf64> to tensor<?xf64>
    %input = scalar.mul %bits, %in_weight : tensor<?xf64>
    %input_part = array.reshape %input extents(%b) : tensor<?xf64> to tensor<1x1x?xf64>
    %with_input = array.update_slice %now, %input_part starts [0, 0, 0] : tensor<?x2x?xf64>, tensor<1x1x?xf64>
    %states = scf.for %layer = %c0 to %l step %c1 iter_args(%s = %with_input) -> tensor<?x2x?xf64> {
      %above = arith.addi %layer, %c1 : index
      %x_row = array.slice %s starts [%layer, 0, 0] strides [1, 1, 1] extents(%b)
          : tensor<?x2x?xf64> to tensor<1x1x?xf64>
      %x = array.reshape %x_row extents(%b) : tensor<1x1x?xf64> to tensor<?xf64>
      %wf_row = array.slice %main starts [%layer, 0, 0, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %wf = array.reshape %wf_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %wi_row = array.slice %main starts [%layer, 0, 1, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %wi = array.reshape %wi_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %wo_row = array.slice %main starts [%layer, 0, 2, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %wo = array.reshape %wo_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %wg_row = array.slice %main starts [%layer, 0, 3, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %wg = array.reshape %wg_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %bf_row = array.slice %main starts [%layer, 1, 0, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %bf = array.reshape %bf_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %bi_row = array.slice %main starts [%layer, 1, 1, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %bi = array.reshape %bi_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %bo_row = array.slice %main starts [%layer, 1, 2, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %bo = array.reshape %bo_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %bg_row = array.slice %main starts [%layer, 1, 3, 0] strides [1, 1, 1, 1] extents(%b)
          : tensor<?x2x4x?xf64> to tensor<1x1x1x?xf64>
      %bg = array.reshape %bg_row extents(%b) : tensor<1x1x1x?xf64> to tensor<?xf64>
      %hidden_row = array.slice %s starts [%above, 0, 0] strides [1, 1, 1] extents(%b)
          : tensor<?x2x?xf64> to tensor<1x1x?xf64>
      %hidden = array.reshape %hidden_row extents(%b) : tensor<1x1x?xf64> to tensor<?xf64>
      %cell_row = array.slice %s starts [%above, 1, 0] strides [1, 1, 1] extents(%b)
          : tensor<?x2x?xf64> to tensor<1x1x?xf64>
      %cell = array.reshape %cell_row extents(%b) : tensor<1x1x?xf64> to tensor<?xf64>
      %f_scaled = scalar.mul %x, %wf : tensor<?xf64>
      %f_in = scalar.add %f_scaled, %bf : tensor<?xf64>
      %f = scalar.logistic %f_in : tensor<?xf64>
      %i_scaled = scalar.mul %hidden, %wi : tensor<?xf64>
      %i_in = scalar.add %i_scaled, %bi : tensor<?xf64>
      %i = scalar.logistic %i_in : tensor<?xf64>
      %o_scaled = scalar.mul %x, %wo : tensor<?xf64>
      %o_in = scalar.add %o_scaled, %bo : tensor<?xf64>
      %o = scalar.logistic %o_in : tensor<?xf64>
      %g_scaled = scalar.mul %hidden, %wg : tensor<?xf64>
      %g_in = scalar.add %g_scaled, %bg : tensor<?xf64>
      %g = scalar.tanh %g_in : tensor<?xf64>
      %kept = scalar.mul %cell, %f : tensor<?xf64>
      %new = scalar.mul %i, %g : tensor<?xf64>
      %next_cell = scalar.add %kept, %new : tensor<?xf64>
      %squashed = scalar.tanh %next_cell : tensor<?xf64>
      %next_hidden = scalar.mul %o, %squashed : tensor<?xf64>
      %hidden_part = array.reshape %next_hidden extents(%b) : tensor<?xf64> to tensor<1x1x?xf64>
      %cell_part = array.reshape %next_cell extents(%b) : tensor<?xf64> to tensor<1x1x?xf64>
      %with_hidden = array.update_slice %s, %hidden_part starts [%above, 0, 0] : tensor<?x2x?xf64>, tensor<1x1x?xf64>
      %with_cell = array.update_slice %with_hidden, %cell_part starts [%above, 1, 0]
          : tensor<?x2x?xf64>, tensor<1x1x?xf64>
      scf.yield %with_cell : tensor<?x2x?xf64>
    }
    %top_row = array.slice %states starts [%l, 0, 0] strides [1, 1, 1] extents(%b)
        : tensor<?x2x?xf64> to tensor<1x1x?xf64>
    %top = array.reshape %top_row extents(%b) : tensor<1x1x?xf64> to tensor<?xf64>
    %weighted = scalar.mul %top, %out_weight : tensor<?xf64>
    %y = scalar.add %weighted, %out_bias : tensor<?xf64>
    %e = scalar.exp %y : tensor<?xf64>
    %sum = array.reduce add %e dims [0] : tensor<?xf64>
    %s = tensor.extract %sum[] : tensor<f64>
    %s2 = scalar.add %s, %two : f64
    %lse = scalar.log %s2 : f64
    %lses = array.broadcast %lse dims [] extents(%b) : f64 to tensor<?xf64>
    %norm = scalar.sub %y, %lses : tensor<?xf64>
    %next = arith.addi %t, %c1 : index
    %gold_row = array.slice %sequence starts [%next, 0] strides [1, 1] extents(%b) : tensor<?x?xf64> to tensor<1x?xf64>
    %gold = array.reshape %gold_row extents(%b) : tensor<1x?xf64> to tensor<?xf64>
    %right = scalar.mul %gold, %norm : tensor<?xf64>
    %rights = array.reduce add %right dims [0] : tensor<?xf64>
    %gain = tensor.extract %rights[] : tensor<f64>
    %more = scalar.add %total, %gain : f64
    scf.yield %more, %states : f64, tensor<?x2x?xf64>
  }
  %bits_read = arith.muli %last, %b : index
  %count_i = arith.index_cast %bits_read : index to i64
  %count = arith.sitofp %count_i : i64 to f64
  %mean = scalar.div %end#0, %count : f64
  %loss = scalar.neg %mean : f64
  return %loss : f64
}
