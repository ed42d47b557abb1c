// RUN: dpopt %s --split-input-file --verify-diagnostics

func.func @extents_for_each(%n: index) {
  // expected-error @+2 {{'array.iota' op has 1 extents, but tensor<?x?xi32> has 2 dynamic dimensions}}
  // expected-note @+1 {{pass one 'index' operand for each '?'}}
  %y = array.iota dim 0 extents(%n) : tensor<?x?xi32>
  return
}

// -----

func.func @iota_outside() {
  // expected-error @+1 {{'array.iota' op uses dimension 2, but the rank is 2}}
  %y = array.iota dim 2 : tensor<2x3xi32>
  return
}

// -----

func.func @no_stretching(%x: tensor<1xf32>) {
  // expected-error @+2 {{'array.broadcast' op dimension 0 of tensor<1xf32> and dimension 0 of tensor<4xf32> differ in extent}}
  // expected-note @+1 {{dimensions of extent 1 are not stretched}}
  %y = array.broadcast %x dims [0] : tensor<1xf32> to tensor<4xf32>
  return
}

// -----

func.func @broadcast_does_not_permute(%x: tensor<2x3xf32>) {
  // expected-error @+2 {{'array.broadcast' op 'dims' must be strictly increasing}}
  // expected-note @+1 {{permute the operand with 'array.transpose' first}}
  %y = array.broadcast %x dims [1, 0] : tensor<2x3xf32> to tensor<3x2xf32>
  return
}

// -----

func.func @elements_are_lost(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'array.reshape' op changes the number of elements from 6 to 5}}
  %y = array.reshape %x : tensor<2x3xf32> to tensor<5xf32>
  return
}

// -----

func.func @dimension_twice(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'permutation' lists dimension 0 twice}}
  %y = array.transpose %x permutation [0, 0] : tensor<2x3xf32>
  return
}

// -----

func.func @box_reaches_out(%x: tensor<5xf32>) {
  // expected-error @+1 {{'array.slice' op the slice reaches position 6 of dimension 0, which has extent 5}}
  %y = array.slice %x starts [1] strides [2] : tensor<5xf32> to tensor<3xf32>
  return
}

// -----

func.func @stride_zero(%x: tensor<5xf32>) {
  // expected-error @+1 {{'array.slice' op requires one positive stride for each dimension}}
  %y = array.slice %x starts [1] strides [0] : tensor<5xf32> to tensor<3xf32>
  return
}

// -----

func.func @update_too_large(%x: tensor<2xf32>, %u: tensor<3xf32>) {
  // expected-error @+1 {{the update is larger than the tensor}}
  %y = array.update_slice %x, %u starts [0] : tensor<2xf32>, tensor<3xf32>
  return
}

// -----

func.func @pad_with_another_type(%x: tensor<2xf32>, %v: f64) {
  // expected-error @+1 {{'array.pad' op requires a padding value of type f32}}
  %y = array.pad %x, %v low [1] high [0] interior [0] : tensor<2xf32>, f64 to tensor<3xf32>
  return
}

// -----

func.func @pad_to_another_extent(%x: tensor<2xf32>, %v: f32) {
  // expected-error @+1 {{'array.pad' op padded dimension 0 has extent 3}}
  %y = array.pad %x, %v low [1] high [0] interior [0] : tensor<2xf32>, f32 to tensor<4xf32>
  return
}

// -----

func.func @windows_of_nothing(%x: tensor<2x8xf32>) {
  // expected-error @+1 {{requires positive 'sizes', 'strides' and 'dilations'}}
  %y = array.windows %x dim 1 sizes [0] strides [1] dilations [1] : tensor<2x8xf32>
  return
}

// -----

func.func @windows_behind(%x: tensor<2x8xf32>) {
  // expected-error @+1 {{slides windows along 2 dimensions from 1 on, of 2}}
  %y = array.windows %x dim 1 sizes [2, 2] strides [1, 1] dilations [1, 1] : tensor<2x8xf32>
  return
}

// -----

func.func @windows_dynamic(%x: tensor<?x8xf32>) {
  // expected-error @+2 {{slides windows along dimension 0, whose extent is dynamic}}
  // expected-note @+1 {{fix the extent in the type of the operand}}
  %y = array.windows %x dim 0 sizes [2] strides [1] dilations [1] : tensor<?x8xf32>
  return
}

// -----

func.func @windows_too_large(%x: tensor<4096xf32>) {
  // expected-error @+2 {{has windows of more than 1024 elements}}
  // expected-note @+1 {{reduce or contract dimension by dimension}}
  %y = array.windows %x dim 0 sizes [1025] strides [1] dilations [1] : tensor<4096xf32>
  return
}

// -----

func.func @windows_without_strides(%x: tensor<8xf32>) {
  // expected-error @+1 {{requires as many 'strides' and 'dilations' as 'sizes', and at least one}}
  %y = array.windows %x dim 0 sizes [2] strides [] dilations [1] : tensor<8xf32>
  return
}

// -----

func.func @rows_differ(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) {
  // expected-error @+1 {{the operands differ in the extent of dimension 1}}
  %z = array.concatenate %x, %y dim 0 : tensor<2x3xf32>, tensor<2x4xf32>
  return
}

// -----

func.func @nothing_to_sum(%x: tensor<2xi1>) {
  // expected-error @+1 {{'add' does not reduce i1}}
  %y = array.reduce add %x dims [0] : tensor<2xi1>
  return
}

// -----

func.func @region_without_start(%x: tensor<2xf32>) {
  // expected-error @+1 {{'array.reduce' op needs an initial value of type f32}}
  %y = array.reduce region %x dims [0] : tensor<2xf32> {
  ^bb0(%a: f32, %b: f32):
    array.yield %a : f32
  }
  return
}

// -----

func.func @scan_outside(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'array.scan' op uses dimension 2, but the rank is 2}}
  %y = array.scan add %x dim 2 : tensor<2x3xf32>
  return
}

// -----

func.func @bits_of_floats(%x: tensor<2xf32>) {
  // expected-error @+1 {{'and' does not combine f32}}
  %y = array.scan and %x dim 0 : tensor<2xf32>
  return
}

// -----

func.func @scan_without_start(%x: tensor<2xf32>) {
  // expected-error @+1 {{'array.scan' op needs an initial value of type f32}}
  %y = array.scan region %x dim 0 : tensor<2xf32> {
  ^bb0(%a: f32, %b: f32):
    array.yield %a : f32
  }
  return
}

// -----

func.func @sum_with_start(%x: tensor<2xf32>, %v: f32) {
  // expected-error @+1 {{'add' takes neither an initial value nor a region}}
  %y = array.scan add %x dim 0 init(%v : f32) : tensor<2xf32>
  return
}

// -----

func.func @region_of_other_types(%x: tensor<2xf32>) {
  // expected-error @+1 {{'array.map' op its region must take (f32)}}
  %y = array.map(%x) : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: f64):
    array.yield %a : f64
  }
  return
}

// -----

func.func @contraction_differs(%x: tensor<2x3xf32>, %y: tensor<4x2xf32>) {
  // expected-error @+1 {{dimension 1 of tensor<2x3xf32> and dimension 0 of tensor<4x2xf32> differ in extent}}
  %z = array.dot %x, %y contract [1] with [0] : tensor<2x3xf32>, tensor<4x2xf32>
  return
}

// -----

func.func @batched_and_contracted(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{dimension 0 is both a batch and a contracting dimension}}
  %z = array.dot %x, %x batch [0] with [0] contract [0] with [0] : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @float_indices(%x: tensor<2x3xf32>, %i: tensor<4xf32>) {
  // expected-error @+2 {{requires indices of an integer type}}
  // expected-note @+1 {{convert them to i32 or i64}}
  %z = array.gather %x, %i : tensor<2x3xf32>, tensor<4xf32>
  return
}

// -----

func.func @rows_of_another_length(%x: tensor<2x3xf32>, %i: tensor<4xi32>, %u: tensor<4x2xf32>) {
  // expected-error @+1 {{requires updates of type tensor<4x3xf32>}}
  %z = array.scatter %x, %i, %u : tensor<2x3xf32>, tensor<4xi32>, tensor<4x2xf32>
  return
}

// -----

func.func @sort_outside(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{'array.sort' op uses dimension 2, but the rank is 2}}
  %y = array.sort(%x) dim 2 : (tensor<2x3xf32>) -> tensor<2x3xf32> {
  ^bb0(%a: f32, %b: f32):
    %p = scalar.compare lt %a, %b : f32
    array.yield %p : i1
  }
  return
}

// -----

func.func @sort_of_nothing() {
  // expected-error @+1 {{'array.sort' op needs an operand}}
  "array.sort"() <{dim = 0 : i64}> ({
    %p = scalar.constant true
    array.yield %p : i1
  }) : () -> ()
  return
}

// -----

func.func @sort_by_another_type(%x: tensor<2xf32>) {
  // expected-error @+1 {{'array.sort' op its region must take (f32, f32)}}
  %y = array.sort(%x) dim 0 : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: f32, %b: f64):
    %p = scalar.compare lt %a, %a : f32
    array.yield %p : i1
  }
  return
}

// -----

func.func @sort_by_a_number(%x: tensor<2xf32>) {
  // expected-error @+1 {{'array.sort' op its region must yield (i1)}}
  %y = array.sort(%x) dim 0 : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%a: f32, %b: f32):
    array.yield %a : f32
  }
  return
}

// -----

func.func @sort_of_other_shapes(%x: tensor<2xf32>, %y: tensor<3xf32>) {
  // expected-error @+1 {{'array.sort' op requires operands of the same shape}}
  %z:2 = array.sort(%x, %y) dim 0 : (tensor<2xf32>, tensor<3xf32>) -> (tensor<2xf32>, tensor<3xf32>) {
  ^bb0(%a: f32, %b: f32, %c: f32, %d: f32):
    %p = scalar.compare lt %a, %b : f32
    array.yield %p : i1
  }
  return
}

// -----

func.func @sort_to_another_type(%x: tensor<2xf32>) {
  // expected-error @+1 {{'array.sort' op requires results of the types of the operands}}
  %y = array.sort(%x) dim 0 : (tensor<2xf32>) -> tensor<?xf32> {
  ^bb0(%a: f32, %b: f32):
    %p = scalar.compare lt %a, %b : f32
    array.yield %p : i1
  }
  return
}

// -----

func.func @not_square(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{requires square matrices, not tensor<2x3xf32>}}
  %z = array.cholesky %x : tensor<2x3xf32>
  return
}

// -----

func.func @no_matrix(%x: tensor<3xf32>) {
  // expected-error @+1 {{takes matrices, not tensor<3xf32>}}
  %z = array.cholesky %x : tensor<3xf32>
  return
}

// -----

func.func @matrix_of_integers(%x: tensor<3x3xi32>) {
  // expected-error @+2 {{does not support elements of type i32}}
  // expected-note @+1 {{convert them to f32 or f64}}
  %z = array.lu_pivots %x : tensor<3x3xi32>
  return
}

// -----

func.func @other_side(%a: tensor<3x3xf32>, %b: tensor<3x2xf32>) {
  // expected-error @+1 {{dimension 1 of tensor<3x3xf32> and of tensor<3x2xf32> differ in extent}}
  %z = array.triangular_solve right %a, %b : tensor<3x3xf32>, tensor<3x2xf32>
  return
}

// -----

func.func @other_batch(%a: tensor<2x3x3xf32>, %b: tensor<4x3x2xf32>) {
  // expected-error @+1 {{dimension 0 of tensor<2x3x3xf32> and of tensor<4x3x2xf32> differ in extent}}
  %z = array.triangular_solve %a, %b : tensor<2x3x3xf32>, tensor<4x3x2xf32>
  return
}

// -----

func.func @too_few_pivots(%a: tensor<3x3xf32>, %p: tensor<2xi32>) {
  // expected-error @+1 {{requires a pivot for each step, as in tensor<3xi32>, not tensor<2xi32>}}
  %z = array.lu %a, %p : tensor<3x3xf32>, tensor<2xi32>
  return
}

// -----

func.func @too_many_pivots(%a: tensor<3x3xf32>, %p: tensor<4xi32>) {
  // expected-error @+1 {{takes at most 3 pivots, not 4}}
  %z = array.swap_rows %a, %p : tensor<3x3xf32>, tensor<4xi32>
  return
}

// -----

func.func @pivots_of_floats(%a: tensor<3x3xf32>, %p: tensor<3xf32>) {
  // expected-error @+1 {{requires a list of integers for each matrix, not tensor<3xf32>}}
  %z = array.swap_rows %a, %p : tensor<3x3xf32>, tensor<3xf32>
  return
}

// -----

func.func @fft_of_real_numbers(%x: tensor<4xf32>) {
  // expected-error @+2 {{of kind 'fft' takes complex numbers, not f32}}
  // expected-note @+1 {{convert the elements with 'scalar.convert', or take another kind}}
  %y = array.fft fft %x dim 0 length 4 : tensor<4xf32>
  return
}

// -----

func.func @rfft_of_complex_numbers(%x: tensor<4xcomplex<f32>>) {
  // expected-error @+2 {{of kind 'rfft' takes f32 or f64, not complex<f32>}}
  // expected-note @+1 {{convert the elements with 'scalar.convert', or take another kind}}
  %y = array.fft rfft %x dim 0 length 4 : tensor<4xcomplex<f32>>
  return
}

// -----

func.func @rfft_of_halves(%x: tensor<4xf16>) {
  // expected-error @+2 {{of kind 'rfft' takes f32 or f64, not f16}}
  // expected-note @+1 {{convert the elements with 'scalar.convert', or take another kind}}
  %y = array.fft rfft %x dim 0 length 4 : tensor<4xf16>
  return
}

// -----

func.func @fft_of_no_dimension(%x: tensor<4xcomplex<f32>>) {
  // expected-error @+1 {{uses dimension 1, but the rank is 1}}
  %y = array.fft fft %x dim 1 length 4 : tensor<4xcomplex<f32>>
  return
}

// -----

func.func @fft_of_no_length(%x: tensor<0xcomplex<f32>>) {
  // expected-error @+1 {{requires a positive length}}
  %y = array.fft fft %x dim 0 length 0 : tensor<0xcomplex<f32>>
  return
}

// -----

func.func @fft_of_other_length(%x: tensor<4xcomplex<f32>>) {
  // expected-error @+2 {{of length 5 takes lines of 5 elements, not 4}}
  // expected-note @+1 {{pad the operand with 'array.pad', or take a slice}}
  %y = array.fft fft %x dim 0 length 5 : tensor<4xcomplex<f32>>
  return
}

// -----

func.func @irfft_of_other_length(%x: tensor<4xcomplex<f32>>) {
  // expected-error @+2 {{of length 4 takes lines of 3 elements, not 4}}
  // expected-note @+1 {{pad the operand with 'array.pad', or take a slice}}
  %y = array.fft irfft %x dim 0 length 4 : tensor<4xcomplex<f32>>
  return
}

// -----

func.func @fft_of_unknown_length(%x: tensor<?xcomplex<f32>>) {
  // expected-error @+2 {{transforms along dimension 0, whose extent is dynamic}}
  // expected-note @+1 {{fix the extent in the type of the operand}}
  %y = array.fft fft %x dim 0 length 4 : tensor<?xcomplex<f32>>
  return
}

// -----

func.func @fft_of_great_length(%x: tensor<4294967296xcomplex<f32>>) {
  // expected-error @+1 {{has a length of 4294967296; the limit is 2147483648}}
  %y = array.fft fft %x dim 0 length 4294967296 : tensor<4294967296xcomplex<f32>>
  return
}

// -----

func.func @eigenvalues_of_no_square(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{requires square matrices, not tensor<2x3xf32>}}
  %z = array.eigh_values %x : tensor<2x3xf32>
  return
}

// -----

func.func @eigenvectors_of_no_square(%x: tensor<2x3xf32>) {
  // expected-error @+1 {{requires square matrices, not tensor<2x3xf32>}}
  %z = array.eigh_vectors %x : tensor<2x3xf32>
  return
}

// -----

func.func @qr_of_a_list(%x: tensor<3xf32>) {
  // expected-error @+1 {{takes matrices, not tensor<3xf32>}}
  %z = array.qr %x : tensor<3xf32>
  return
}

// -----

func.func @qr_of_integers(%x: tensor<3x3xi32>) {
  // expected-error @+2 {{does not support elements of type i32}}
  // expected-note @+1 {{convert them to f32 or f64}}
  %z = array.qr_taus %x : tensor<3x3xi32>
  return
}

// -----

func.func @singular_values_of_halves(%x: tensor<3x3xf16>) {
  // expected-error @+2 {{does not support elements of type f16}}
  // expected-note @+1 {{convert them to f32 or f64}}
  %z = array.svd_left %x : tensor<3x3xf16>
  return
}
