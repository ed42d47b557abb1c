// Products of complex numbers with components of type $R, by the textbook formula: the product of infinite numbers may
// have NaN components.

// (p + iq)(r + is) = (pr - qs) + i(ps + qr)
func.func private @dp_mul_$T(%a: complex<$R>, %b: complex<$R>) -> complex<$R>
    attributes {passthrough = ["alwaysinline"], llvm.linkage = #llvm.linkage<internal>} {
  %p = complex.re %a : complex<$R>
  %q = complex.im %a : complex<$R>
  %r = complex.re %b : complex<$R>
  %s = complex.im %b : complex<$R>
  %pr = arith.mulf %p, %r : $R
  %qs = arith.mulf %q, %s : $R
  %ps = arith.mulf %p, %s : $R
  %qr = arith.mulf %q, %r : $R
  %re = arith.subf %pr, %qs : $R
  %im = arith.addf %ps, %qr : $R
  %y = complex.create %re, %im : complex<$R>
  return %y : complex<$R>
}
