// The exact values: libm in a wider type than the one under test.
#ifndef ORACLE_H
#define ORACLE_H
#include <math.h>
#include <string.h>

typedef long double real;

#define UNARY(name) static real oracle_##name(real x, real y) { (void)y; return name##l(x); }
UNARY(exp) UNARY(expm1) UNARY(log) UNARY(log1p) UNARY(tanh) UNARY(sin) UNARY(cos) UNARY(tan) UNARY(erf)
UNARY(sinh) UNARY(cosh) UNARY(asin) UNARY(acos) UNARY(atan) UNARY(asinh) UNARY(acosh) UNARY(atanh)
UNARY(exp2) UNARY(log2) UNARY(log10) UNARY(cbrt) UNARY(erfc)
#undef UNARY
static real oracle_logistic(real x, real y) { (void)y; return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x)); }
static real oracle_pow(real x, real y) { return powl(x, y); }
static real oracle_hypot(real x, real y) { return hypotl(x, y); }
static real oracle_atan2(real y, real x) { return atan2l(y, x); }

// The inverse of erf: steps of third order for erfc y = 1 - |x|, or for erf y = |x| where that is the smaller one.
static real oracle_erf_inv(real x, real y) {
  real a = fabsl(x), log = logl((1 - a) * (1 + a)), half = 4.3307467508L + log / 2;
  (void)y;
  if (!(a < 1) || a == 0) return a == 1 ? copysignl(INFINITY, x) : a > 1 ? NAN : x;
  real z = sqrtl(sqrtl(half * half - log / 0.147L) - half);
  for (int i = 0; i < 5; i++) {
    real error = a < 0.5L ? erfl(z) - a : (1 - a) - erfcl(z), step = error * 0.886226925452758013649L * expl(z * z);
    z -= step / (1 + z * step);
  }
  return copysignl(z, x);
}

static real oracle_lgamma(real x, real y) { (void)y; return isinf(x) ? INFINITY : lgammal(x); }

// n! sum_k>=0 1/(a + k)^(n+1), a > 0: the terms below 60, then the formula of Euler and Maclaurin.
static real hurwitz(int n, real a) {
  static const real B[] = {1.0L / 6, -1.0L / 30, 1.0L / 42, -1.0L / 30, 5.0L / 66, -691.0L / 2730, 7.0L / 6, -3617.0L / 510};
  int s = n + 1;
  real sum = 0, k = 0, factor;
  if (isinf(a)) return 0;
  for (; a + k < 60; k++) sum += powl(a / (a + k), s);
  real far = a + k, rest = far / n + 0.5L, term = s / far / 2;
  for (int j = 0; j < 8; j++) {
    rest += B[j] * term;
    term *= (real)(s + 2 * j + 1) * (s + 2 * j + 2) / ((real)(2 * j + 3) * (2 * j + 4)) / (far * far);
  }
  factor = (sum + powl(a / far, s) * rest) / a;
  for (int i = 1; i <= n; i++) factor *= i / a;
  return factor;
}
static real polygamma(int n, real x) {
  real sigma = n % 2 ? 1 : -1, low = floorl(x);
  if (isnan(x)) return x;
  if (x > 0) return sigma * hurwitz(n, x);
  if (low == x) return n % 2 && !isinf(x) ? INFINITY : NAN;
  // The greatest two first, which cancel between integers where n is even.
  return sigma * hurwitz(n, x - low) + hurwitz(n, low + 1 - x) - hurwitz(n, 1 - x);
}
// Around its zero at x0 = ROOT_1 + ROOT_2 the sums below cancel: Taylor's series with polygamma(k, x0) / k!.
static real digamma_at_root(real x) {
  static const real ROOT_1 = 1.46163214496836234117249642139L, ROOT_2 = 9.016312093258695918614e-20L, T[] = {
      0.9676722454476211704274L, -0.4427631689835921060929L, 0.2584997609556510106244L, -0.1639427054424065275043L,
      0.1078240506912623657572L, -0.07219956125645471092612L, 0.04880428816414310722509L, -0.03316112647484735929226L,
      0.02259764823221810465962L, -0.0154247659049489591388L, 0.01053879161661217538812L, -0.00720453438635686824097L,
      0.004926781395729853446354L, -0.003369801655439328082793L, 0.002305126326734927836938L, -0.001576936771430197259271L};
  real d = (x - ROOT_1) - ROOT_2, sum = 0;
  for (int k = 15; k >= 0; k--) sum = sum * d + T[k];
  return sum * d;
}
static real oracle_digamma(real x, real y) {
  static const real B[] = {1.0L / 6, -1.0L / 30, 1.0L / 42, -1.0L / 30, 5.0L / 66, -691.0L / 2730, 7.0L / 6, -3617.0L / 510};
  real sum = 0, power = 1;
  (void)y;
  if (x <= 0) {
    real r = x - rintl(x);
    if (isinf(x) || r == 0) return NAN;
    return oracle_digamma(1 - x, 0) - acosl(-1) / tanl(acosl(-1) * r);
  }
  if (isinf(x)) return x;
  if (fabsl(x - 1.46L) < 0.1L) return digamma_at_root(x);
  for (; x < 60; x++) sum -= 1 / x;
  for (int j = 0; j < 8; j++) {
    power /= x * x;
    sum -= B[j] * power / (2 * (j + 1));
  }
  return logl(x) - 0.5L / x + sum;
}
static real oracle_polygamma0(real x, real y) { return oracle_digamma(x, y); }
#define POLYGAMMA(n) static real oracle_polygamma##n(real x, real y) { (void)y; return polygamma(n, x); }
POLYGAMMA(1) POLYGAMMA(2) POLYGAMMA(3) POLYGAMMA(10)
#undef POLYGAMMA

// The same in f64, which is exact enough for f32 and much faster.
static double oracle_in_double(real (*f)(real, real), double x, double y) {
  if (f == oracle_exp) return exp(x);
  if (f == oracle_expm1) return expm1(x);
  if (f == oracle_log) return log(x);
  if (f == oracle_log1p) return log1p(x);
  if (f == oracle_tanh) return tanh(x);
  if (f == oracle_sin) return sin(x);
  if (f == oracle_cos) return cos(x);
  if (f == oracle_tan) return tan(x);
  if (f == oracle_erf) return erf(x);
  if (f == oracle_sinh) return sinh(x);
  if (f == oracle_cosh) return cosh(x);
  if (f == oracle_asin) return asin(x);
  if (f == oracle_acos) return acos(x);
  if (f == oracle_atan) return atan(x);
  if (f == oracle_asinh) return asinh(x);
  if (f == oracle_acosh) return acosh(x);
  if (f == oracle_atanh) return atanh(x);
  if (f == oracle_exp2) return exp2(x);
  if (f == oracle_log2) return log2(x);
  if (f == oracle_log10) return log10(x);
  if (f == oracle_cbrt) return cbrt(x);
  if (f == oracle_erfc) return erfc(x);
  if (f == oracle_hypot) return hypot(x, y);
  if (f == oracle_logistic) return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
  if (f == oracle_pow) return pow(x, y);
  if (f == oracle_atan2) return atan2(x, y);
  return (double)f(x, y);
}

// libm's own function, for comparison of speed; NULL where it has none.
static void *libm_name(const char *name, int single) {
  static const struct { const char *name; void *f32, *f64; } TABLE[] = {
#define LIBM(name) {#name, (void *)name##f, (void *)name},
      LIBM(exp) LIBM(expm1) LIBM(log) LIBM(log1p) LIBM(tanh) LIBM(sin) LIBM(cos) LIBM(tan) LIBM(erf) LIBM(pow) LIBM(atan2) LIBM(lgamma)
      LIBM(sinh) LIBM(cosh) LIBM(asin) LIBM(acos) LIBM(atan) LIBM(asinh) LIBM(acosh) LIBM(atanh) LIBM(exp2) LIBM(log2) LIBM(log10) LIBM(cbrt) LIBM(erfc) LIBM(hypot)
#undef LIBM
  };
  for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
    if (!strcmp(TABLE[i].name, name)) return single ? TABLE[i].f32 : TABLE[i].f64;
  return NULL;
}
#endif
