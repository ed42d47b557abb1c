// Measures the accuracy of the expansions of passes/scalar/src/math through a
// shared library of loops, see README.md. Exit code 1 if a bound is exceeded
// or a special value is wrong.
//
//   check LIB [--stride=N] [--samples=N] [--only=NAME] [--time]
//
// Every f32 function of one argument is tried on each N-th bit pattern
// (--stride=1: all of them); the others on random arguments, half of them with
// random bits, half from the interval where the function varies. The oracle is
// libm, in f64 for f32 and in long double (at least 64 bits) for f64. An error
// is given in units in the last place of the exact result.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "oracle.h"

enum { BLOCK = 1009 }; // odd, so that the loops' remainders run too

typedef struct {
  const char *name;
  real (*oracle)(real, real);
  int arity;
  double lo, hi;   // where the function varies: uniform arguments
  double lo2, hi2; // the second argument's
  double ulp32, ulp64;
  double scale; // below 0, where terms of this size cancel, errors count in ulps of max(scale, |y|); or 0
} Function;

static const Function FUNCTIONS[] = {
#define ROW(name, arity, lo, hi, lo2, hi2, ulp32, ulp64, scale) \
  {#name, oracle_##name, arity, lo, hi, lo2, hi2, ulp32, ulp64, scale},
#include "functions.inc"
#undef ROW
};

typedef struct {
  double ulp;
  double a, b, got;
  long wrong; // special values that are not right: NaN, infinity, the sign of zero
  double wrong_a, wrong_b, wrong_got;
} Worst;

// The distance of y from the exact value, in ulps of a format with p bits and least exponent emin.
static void compare(Worst *w, double scale, double a, double b, double y, real exact, int p, int emin) {
  int bad = 0;
  double ulps = 0;
  if (isnan(exact) || isnan(y)) {
    bad = !(isnan(exact) && isnan(y));
  } else if (isinf(exact)) {
    bad = !(isinf(y) && signbit(y) == signbit(exact));
  } else {
    int e = exact == 0 ? emin : ilogbl(exact);
    if (e < emin) e = emin;
    if (scale > 0 && a < 0 && e < ilogb(scale)) e = ilogb(scale);
    // Infinity stands for the first number beyond the format's range.
    real beyond = ldexpl(1, 2 - emin), got = isinf(y) ? copysignl(beyond, y) : (real)y;
    if (fabsl(exact) > beyond) exact = copysignl(beyond, exact), e = 1 - emin;
    ulps = (double)(fabsl(got - exact) / ldexpl(1, e - (p - 1)));
    if (y == 0 && signbit(y) != signbit(exact)) bad = 1;
    if (exact == 0 && y != 0) bad = 1;
  }
  if (bad && !w->wrong++) w->wrong_a = a, w->wrong_b = b, w->wrong_got = y;
  if (ulps > w->ulp) w->ulp = ulps, w->a = a, w->b = b, w->got = y;
}

// The same for f32 where nothing special happens, in f64: the exact value's exponent gives the ulp.
static void compare_single(Worst *w, double scale, float a, float b, float y, double exact) {
  double mag = fabs(exact);
  if (!(mag >= 0x1p-126 && mag < 0x1p127 && isfinite(y)) || (scale > 0 && a < 0)) return compare(w, scale, a, b, y, exact, 24, -126);
  uint64_t bits;
  memcpy(&bits, &mag, 8);
  bits = (bits >> 52 << 52) - ((uint64_t)23 << 52);
  double ulp, ulps;
  memcpy(&ulp, &bits, 8);
  ulps = fabs(y - exact) / ulp;
  if (ulps > w->ulp) w->ulp = ulps, w->a = a, w->b = b, w->got = y;
}

static uint64_t state = 0x9e3779b97f4a7c15u;
static uint64_t random_bits(void) { // splitmix64
  uint64_t z = (state += 0x9e3779b97f4a7c15u);
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}
static double uniform(double lo, double hi) { return lo + (hi - lo) * ((random_bits() >> 11) * 0x1p-53); }
static float float_of(uint32_t bits) { float x; memcpy(&x, &bits, 4); return x; }
static double double_of(uint64_t bits) { double x; memcpy(&x, &bits, 8); return x; }

static const double SPECIAL[] = {
    0.0, -0.0, 1, -1, 0.5, -0.5, 2, -2, 3, -3, 1.5, -1.5, 4, -4, INFINITY, -INFINITY, NAN, 0x1p-1074, -0x1p-1074,
    0x1p-1022, -0x1p-1022, 0x1p-149, -0x1p-149, 0x1p-126, -0x1p-126, 0x1.fffffep127, -0x1.fffffep127,
    0x1.fffffffffffffp1023, -0x1.fffffffffffffp1023, 709.782712893384, 709.7827128933841, -745.1332191019411,
    -745.1332191019412, 88.72283, 88.72284, -103.97207, -103.97208, 1e-20, -1e-20, 1e20, -1e20, 0x1.fffffffffffffp-1,
    0x1.fffffep-1, 0x1.0000000000001p0, 0x1.000002p0, 5, -5, 6, 7, 9007199254740991.0, 9007199254740993.0,
    -9007199254740991.0, 16777215, -16777215, 16777216, -16777216, 0x1p53, -0x1p53, 0x1p52, 1073741824.5, -1073741824.5,
    1e22, 0x1.921fb54442d18p0, 0x1.921fb54442d18p1, 0x1.921fb54442d18p2, 0x1.6ac5b262ca1ffp849, 0x1.921fb6p0f};
enum { SPECIALS = sizeof SPECIAL / sizeof *SPECIAL };

// The argument number i of a run over a function of f32 or f64.
static double argument(const Function *f, int second, int single, uint64_t i) {
  if (i < (uint64_t)SPECIALS * SPECIALS) {
    double x = SPECIAL[second ? i / SPECIALS : i % SPECIALS];
    return single ? (float)x : x;
  }
  uint64_t r = random_bits();
  if (i % 2 || f->lo == f->hi) return single ? float_of((uint32_t)r) : double_of(r);
  double x = second ? uniform(f->lo2, f->hi2) : uniform(f->lo, f->hi);
  if (i % 4 == 2) x *= ldexp(1, -(int)(random_bits() % 40)); // and near zero
  return single ? (float)x : x;
}

static Worst run32(const Function *f, void *loop, uint64_t stride, uint64_t samples) {
  static float a[BLOCK], b[BLOCK], y[BLOCK];
  Worst w = {0};
  uint64_t count = f->arity == 1 ? (0x100000000u + stride - 1) / stride : samples, i = 0;
  while (i < count) {
    int n = 0;
    for (; n < BLOCK && i < count; n++, i++) {
      a[n] = f->arity == 1 ? float_of((uint32_t)(i * stride)) : (float)argument(f, 0, 1, i);
      b[n] = f->arity == 1 ? 0 : (float)argument(f, 1, 1, i);
    }
    if (f->arity == 1) ((void (*)(const float *, float *, int64_t))loop)(a, y, n);
    else ((void (*)(const float *, const float *, float *, int64_t))loop)(a, b, y, n);
    for (int k = 0; k < n; k++) compare_single(&w, f->scale, a[k], b[k], y[k], oracle_in_double(f->oracle, a[k], b[k]));
  }
  return w;
}

static Worst run64(const Function *f, void *loop, uint64_t samples) {
  static double a[BLOCK], b[BLOCK], y[BLOCK];
  Worst w = {0};
  uint64_t i = 0;
  while (i < samples) {
    int n = 0;
    for (; n < BLOCK && i < samples; n++, i++) {
      a[n] = argument(f, 0, 0, i);
      b[n] = f->arity == 1 ? 0 : argument(f, 1, 0, i);
    }
    if (f->arity == 1) ((void (*)(const double *, double *, int64_t))loop)(a, y, n);
    else ((void (*)(const double *, const double *, double *, int64_t))loop)(a, b, y, n);
    for (int k = 0; k < n; k++) compare(&w, f->scale, a[k], b[k], y[k], f->oracle(a[k], b[k]), 53, -1022);
  }
  return w;
}

static int report(const Function *f, const char *type, double bound, Worst w) {
  int fails = w.wrong || !(w.ulp <= bound);
  printf("%-10s %s  max %8.4f ulp (bound %g) at %a", f->name, type, w.ulp, bound, w.a);
  if (f->arity == 2) printf(", %a", w.b);
  printf(" -> %a%s\n", w.got, fails ? "  FAIL" : "");
  if (w.wrong) printf("    %ld special values wrong, first at %a, %a -> %a\n", w.wrong, w.wrong_a, w.wrong_b, w.wrong_got);
  fflush(stdout);
  return fails;
}

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec * 1e9 + t.tv_nsec; }

// The least time per element of some runs over an array in the first-level cache.
#define TIME(T, CALL) ({ double best = 1e99; for (int r = 0; r < 200; r++) { double t = now(); CALL; t = now() - t; if (t < best) best = t; } best / N; })
static void timing(const Function *f, void *l32, void *l64) {
  enum { N = 1024 };
  static float a[N], b[N], y[N];
  static double c[N], d[N], z[N];
  for (int i = 0; i < N; i++) {
    c[i] = uniform(fmax(f->lo, -8), fmin(f->hi, 8)), d[i] = uniform(fmax(f->lo2, -8), fmin(f->hi2, 8));
    a[i] = (float)c[i], b[i] = (float)d[i];
  }
  double g32 = -1, g64 = -1;
  float (*s32)(float, float) = (float (*)(float, float))libm_name(f->name, 1);
  double (*s64)(double, double) = (double (*)(double, double))libm_name(f->name, 0);
  double t32 = l32 ? (f->arity == 1 ? TIME(float, ((void (*)(const float *, float *, int64_t))l32)(a, y, N))
                                    : TIME(float, ((void (*)(const float *, const float *, float *, int64_t))l32)(a, b, y, N))) : -1;
  double t64 = l64 ? (f->arity == 1 ? TIME(double, ((void (*)(const double *, double *, int64_t))l64)(c, z, N))
                                    : TIME(double, ((void (*)(const double *, const double *, double *, int64_t))l64)(c, d, z, N))) : -1;
  if (s32) g32 = TIME(float, for (int i = 0; i < N; i++) y[i] = s32(a[i], b[i]));
  if (s64) g64 = TIME(double, for (int i = 0; i < N; i++) z[i] = s64(c[i], d[i]));
  printf("%-10s ns/element: f32 %6.2f (libm %6.2f)   f64 %6.2f (libm %6.2f)\n", f->name, t32, g32, t64, g64);
}

int main(int argc, char **argv) {
  uint64_t stride = 997, samples = 1000000;
  int timed = 0, fails = 0, found = 0;
  const char *only = NULL;
  for (int i = 2; i < argc; i++) {
    if (!strncmp(argv[i], "--stride=", 9)) stride = strtoull(argv[i] + 9, NULL, 10);
    else if (!strncmp(argv[i], "--samples=", 10)) samples = strtoull(argv[i] + 10, NULL, 10);
    else if (!strncmp(argv[i], "--only=", 7)) only = argv[i] + 7;
    else if (!strcmp(argv[i], "--time")) timed = 1;
    else return fprintf(stderr, "unknown option %s\n", argv[i]), 2;
  }
  void *lib = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
  if (!lib || !stride) return fprintf(stderr, "usage: check LIB [--stride=N] [--samples=N] [--only=NAME] [--time]\n%s\n", argc > 1 ? dlerror() : ""), 2;
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
    const Function *f = &FUNCTIONS[i];
    char name[64];
    if (only && strcmp(only, f->name)) continue;
    snprintf(name, sizeof name, "loop_%s_f32", f->name);
    void *l32 = dlsym(lib, name);
    snprintf(name, sizeof name, "loop_%s_f64", f->name);
    void *l64 = dlsym(lib, name);
    found += (l32 != NULL) + (l64 != NULL);
    if (timed) { timing(f, l32, l64); continue; }
    // The oracle of the polygamma functions is a hundred times slower than libm.
    uint64_t thin = strncmp(f->name, "polygamma", 9) ? 1 : 100;
    if (l32) fails += report(f, "f32", f->ulp32, run32(f, l32, stride * thin, samples / thin));
    if (l64) fails += report(f, "f64", f->ulp64, run64(f, l64, samples / thin));
  }
  if (!found) return fprintf(stderr, "no function found in %s\n", argv[1]), 2;
  return fails ? 1 : 0;
}
