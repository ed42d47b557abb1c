// The exact values: libm in a wider type than the one under test.
#ifndef ORACLE_H
#define ORACLE_H
#include <math.h>
#include <string.h>

typedef long double real;

#define UNARY(name) static real oracle_##name(real x, real y) { (void)y; return name##l(x); }
UNARY(exp) UNARY(expm1) UNARY(log) UNARY(log1p) UNARY(tanh) UNARY(sin) UNARY(cos) UNARY(tan) UNARY(erf)
#undef UNARY
static real oracle_logistic(real x, real y) { (void)y; return x < 0 ? expl(x) / (1 + expl(x)) : 1 / (1 + expl(-x)); }
static real oracle_pow(real x, real y) { return powl(x, y); }
static real oracle_atan2(real y, real x) { return atan2l(y, x); }

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
  return sigma * (hurwitz(n, x - low) + sigma * (hurwitz(n, low + 1 - x) - hurwitz(n, 1 - x)));
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
static real oracle_in_double(real (*f)(real, real), double x, double y) {
  if (f == oracle_exp) return exp(x);
  if (f == oracle_expm1) return expm1(x);
  if (f == oracle_log) return log(x);
  if (f == oracle_log1p) return log1p(x);
  if (f == oracle_tanh) return tanh(x);
  if (f == oracle_sin) return sin(x);
  if (f == oracle_cos) return cos(x);
  if (f == oracle_tan) return tan(x);
  if (f == oracle_erf) return erf(x);
  if (f == oracle_logistic) return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x));
  return f(x, y);
}

// libm's own function, for comparison of speed; NULL where it has none.
static void *libm_name(const char *name, int single) {
  static const struct { const char *name; void *f32, *f64; } TABLE[] = {
#define LIBM(name) {#name, (void *)name##f, (void *)name},
      LIBM(exp) LIBM(expm1) LIBM(log) LIBM(log1p) LIBM(tanh) LIBM(sin) LIBM(cos) LIBM(tan) LIBM(erf) LIBM(pow) LIBM(atan2) LIBM(lgamma)
#undef LIBM
  };
  for (size_t i = 0; i < sizeof TABLE / sizeof *TABLE; i++)
    if (!strcmp(TABLE[i].name, name)) return single ? TABLE[i].f32 : TABLE[i].f64;
  return NULL;
}
#endif
