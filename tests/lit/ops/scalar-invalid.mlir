// RUN: dpopt %s --split-input-file --verify-diagnostics

func.func @integers_do_not_sine(%x: i32) {
  // expected-error @+2 {{'scalar.sin' op does not take i32}}
  // expected-note @+1 {{it takes floats, complex numbers}}
  %y = scalar.sin %x : i32
  return
}

// -----

func.func @booleans_do_not_add(%x: tensor<2xi1>) {
  // expected-error @+2 {{'scalar.add' op does not take i1}}
  // expected-note @+1 {{it takes floats, complex numbers, integers}}
  %y = scalar.add %x, %x : tensor<2xi1>
  return
}

// -----

func.func @complex_numbers_have_no_order(%x: complex<f64>) {
  // expected-error @+2 {{'scalar.compare' op does not take complex<f64>}}
  // expected-note @+1 {{it takes floats, integers}}
  %y = scalar.compare lt %x, %x : complex<f64>
  return
}

// -----

func.func @unsigned_comparison_of_floats(%x: f32) {
  // expected-error @+2 {{'scalar.compare' op does not take f32}}
  // expected-note @+1 {{it takes integers}}
  %y = scalar.compare ult %x, %x : f32
  return
}

// -----

func.func @complex_to_real(%x: complex<f32>) {
  // expected-error @+2 {{'scalar.convert' op does not convert complex numbers to real numbers}}
  // expected-note @+1 {{use 'scalar.real', 'scalar.imag' or 'scalar.abs' first}}
  %y = scalar.convert %x : complex<f32> to f32
  return
}

// -----

func.func @convert_keeps_shapes(%x: tensor<2xf32>) {
  // expected-error @+1 {{same shape}}
  %y = scalar.convert %x : tensor<2xf32> to tensor<3xf64>
  return
}

// -----

func.func @one_predicate_for_many(%p: i1, %x: tensor<2xf32>) {
  // expected-error @+2 {{'scalar.select' op requires a predicate of type tensor<2xi1>, not i1}}
  // expected-note @+1 {{expand a scalar predicate with 'array.broadcast'}}
  %y = scalar.select %p, %x, %x : i1, tensor<2xf32>
  return
}

// -----

func.func @no_complex_number_of_two_halves(%x: f16) {
  // expected-error @+1 {{does not support components of type f16}}
  %y = scalar.complex %x, %x : f16
  return
}

// -----

func.func @negative_order(%x: f64) {
  // expected-error @+1 {{attribute 'n' failed to satisfy constraint}}
  %y = scalar.polygamma -1, %x : f64
  return
}

// -----

func.func @shapes_differ(%x: tensor<2xf32>, %y: tensor<3xf32>) {
  // expected-error @+1 {{must have the same shape and base type}}
  %z = "scalar.add"(%x, %y) : (tensor<2xf32>, tensor<3xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @floats_have_no_bits(%x: f32) {
  // expected-error @+2 {{'scalar.popcnt' op does not take f32}}
  // expected-note @+1 {{it takes integers}}
  %y = scalar.popcnt %x : f32
  return
}

// -----

func.func @complex_numbers_have_no_sign(%x: complex<f64>) {
  // expected-error @+2 {{'scalar.copysign' op does not take complex<f64>}}
  // expected-note @+1 {{it takes floats}}
  %y = scalar.copysign %x, %x : complex<f64>
  return
}

// -----

func.func @questions_have_answers_of_one_bit(%x: tensor<2xf32>) {
  // expected-error @+1 {{'scalar.is_nan' op}}
  %y = "scalar.is_nan"(%x) : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @casts_keep_the_width(%x: f32) {
  // expected-error @+2 {{'scalar.bitcast' op does not make i64 of f32}}
  // expected-note @+1 {{both are floats or integers of one width}}
  %y = scalar.bitcast %x : f32 to i64
  return
}

// -----

func.func @casts_keep_the_shape(%x: tensor<2xf32>) {
  // expected-error @+1 {{must have the same shape and base type}}
  %y = scalar.bitcast %x : tensor<2xf32> to tensor<3xi32>
  return
}

// -----

func.func @booleans_have_no_other_bits(%x: i1) {
  // expected-error @+2 {{'scalar.bitcast' op does not take i1}}
  // expected-note @+1 {{it takes floats, integers}}
  %y = scalar.bitcast %x : i1 to i1
  return
}

// -----

func.func @there_is_an_exponent(%x: f32) {
  // expected-error @+1 {{attribute 'exponent' failed to satisfy constraint}}
  %y = scalar.reduce_precision exponent 0 mantissa 3 %x : f32
  return
}
