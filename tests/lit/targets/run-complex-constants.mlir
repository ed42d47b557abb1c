// Complex constants: tensors that are made of them, infinities and NaN in text that is read again, and sums of as many
// of them as is known at run time only.
// RUN: dpc %s --target=interp --run elements | FileCheck %s --check-prefix=ELEMENTS
// RUN: dpc %s --target=cpu --run elements | FileCheck %s --check-prefix=ELEMENTS
// RUN: dpc %s --target=cpu --fp=strict -O0 --run elements | FileCheck %s --check-prefix=ELEMENTS
// RUN: dpc %s --target=interp --run infinite | FileCheck %s --check-prefix=INFINITE
// RUN: dpc %s --emit=simplified | dpc - --target=interp --run infinite | FileCheck %s --check-prefix=INFINITE
// RUN: dpc %s --emit=simplified | dpopt | dpc - --target=cpu --run infinite | FileCheck %s --check-prefix=INFINITE
// RUN: dpc %s --target=interp --run repeated --args 3,1.5+2.0i | FileCheck %s --check-prefix=REPEATED
// RUN: dpc %s --target=cpu --run repeated --args 3,1.5+2.0i | FileCheck %s --check-prefix=REPEATED
// RUN: dpc %s --target=cpu --run repeated --args 0,inf+2.0i | FileCheck %s --check-prefix=NONE

// ELEMENTS: {{^}}r0 = [1+2i, 3-4i]{{$}}
func.func @elements() -> tensor<2xcomplex<f32>> {
  %a = scalar.constant #complex.number<:f32 1.0, 2.0> : complex<f32>
  %b = scalar.constant #complex.number<:f32 3.0, -4.0> : complex<f32>
  %y = tensor.from_elements %a, %b : tensor<2xcomplex<f32>>
  return %y : tensor<2xcomplex<f32>>
}

// INFINITE: {{^}}r0 = 0+infi{{$}}
// INFINITE-NEXT: {{^}}r1 = nan-infi{{$}}
func.func @infinite() -> (complex<f32>, complex<f64>) {
  %0 = scalar.constant 0.0 : f32
  %inf = scalar.constant 0x7F800000 : f32
  %a = scalar.complex %0, %inf : f32
  %nan = scalar.constant 0x7FF8000000000000 : f64
  %less = scalar.constant 0xFFF0000000000000 : f64
  %b = scalar.complex %nan, %less : f64
  return %a, %b : complex<f32>, complex<f64>
}

// REPEATED: r0 = 4.5+6i
// NONE: r0 = 0+0i
func.func @repeated(%n: index, %b: complex<f64>) -> tensor<complex<f64>> {
  %v = array.broadcast %b dims [] extents(%n) : complex<f64> to tensor<?xcomplex<f64>>
  %r = array.reduce add %v dims [0] : tensor<?xcomplex<f64>>
  return %r : tensor<complex<f64>>
}
