// Compares the matmul of a library compiled by dpc with OpenBLAS, on one core.
//
//   cc -O2 bench.c -o bench -ldl -lm -lopenblas
//   ./bench LIBRARY
//
// The library is compiled from dot.mlir: dot_nn, dot_tn, dot_nt and dot_tt, where t marks an operand
// that is stored transposed. Each case runs both alternately, in an order that changes from round to
// round, and prints the medians of their times, the ratio of our speed to OpenBLAS's, and the largest
// difference between the results, relative to the largest element.
#define _GNU_SOURCE
#include <cblas.h>
#include <dlfcn.h>
#include <math.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { ROUNDS = 41 };
static const double ROUND_SECONDS = 4e-3;

typedef int (*product)(const float *a, int64_t a_d0, int64_t a_d1, const float *b, int64_t b_d0, int64_t b_d1,
                       float *y);

typedef struct {
  int m, k, n;
} extents;

// Large square matrices, the matmuls of the digits gradient for batches of 32 and 256, and sizes in between.
static const extents CASES[] = {
    {512, 512, 512}, {511, 511, 511}, {64, 64, 10}, {64, 10, 64},  {10, 64, 64},    {32, 64, 64},  {32, 64, 10},
    {32, 10, 64},    {64, 32, 64},    {64, 32, 10}, {256, 64, 64}, {256, 64, 10},   {256, 10, 64}, {64, 256, 64},
    {64, 256, 10},   {1, 64, 64},     {4, 4, 4},    {16, 16, 16},  {100, 100, 100}, {128, 128, 128},
    {192, 192, 192}, {256, 256, 256}, {1024, 1024, 1024}, {2000, 64, 2000}, {64, 2000, 64}, {2000, 2000, 16}};

static const struct {
  const char *name;
  bool a, b;  // whether the operand is stored transposed
} KINDS[] = {{"dot_nn", false, false}, {"dot_tn", true, false}, {"dot_nt", false, true}, {"dot_tt", true, true}};

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int ascending(const void *x, const void *y) {
  double a = *(const double *)x, b = *(const double *)y;
  return (a > b) - (a < b);
}

static double median(double *times) {
  qsort(times, ROUNDS, sizeof *times, ascending);
  return times[ROUNDS / 2];
}

static float *matrix(size_t count) {
  float *x = aligned_alloc(64, (count * sizeof *x + 63) / 64 * 64);
  if (!x) {
    fprintf(stderr, "bench: out of memory\n");
    exit(1);
  }
  for (size_t i = 0; i < count; i++) x[i] = (float)rand() / (float)RAND_MAX - 0.5f;
  return x;
}

// One matmul, ours or OpenBLAS's.
static void once(product ours, extents e, bool ta, bool tb, const float *a, const float *b, float *y) {
  if (ours) {
    int status = ours(a, ta ? e.k : e.m, ta ? e.m : e.k, b, tb ? e.n : e.k, tb ? e.k : e.n, y);
    if (status != 0) {
      fprintf(stderr, "bench: the library reports status %d\n", status);
      exit(1);
    }
  } else {
    cblas_sgemm(CblasRowMajor, ta ? CblasTrans : CblasNoTrans, tb ? CblasTrans : CblasNoTrans, e.m, e.n, e.k, 1.0f, a,
                ta ? e.m : e.k, b, tb ? e.k : e.n, 0.0f, y, e.n);
  }
}

static double timed(product ours, extents e, bool ta, bool tb, const float *a, const float *b, float *y, int repeat) {
  double start = seconds();
  for (int i = 0; i < repeat; i++) once(ours, e, ta, tb, a, b, y);
  return (seconds() - start) / repeat;
}

static void compare(const char *name, product ours, extents e, bool ta, bool tb) {
  size_t count = (size_t)e.m * (size_t)e.n;
  float *a = matrix((size_t)e.m * (size_t)e.k), *b = matrix((size_t)e.k * (size_t)e.n);
  float *y = matrix(count), *z = matrix(count);
  double mine[ROUNDS], theirs[ROUNDS], flops = 2.0 * e.m * e.k * e.n;
  int repeat = (int)(ROUND_SECONDS / 2 * 5e10 / flops) + 1;
  timed(ours, e, ta, tb, a, b, y, repeat / 4 + 1);
  timed(NULL, e, ta, tb, a, b, z, repeat / 4 + 1);
  for (int round = 0; round < ROUNDS; round++) {
    if (round % 2) theirs[round] = timed(NULL, e, ta, tb, a, b, z, repeat);
    mine[round] = timed(ours, e, ta, tb, a, b, y, repeat);
    if (round % 2 == 0) theirs[round] = timed(NULL, e, ta, tb, a, b, z, repeat);
  }
  float difference = 0, greatest = 0;
  for (size_t i = 0; i < count; i++) {
    difference = fmaxf(difference, fabsf(y[i] - z[i]));
    greatest = fmaxf(greatest, fabsf(z[i]));
  }
  double us = median(mine), other = median(theirs);
  printf("%s %5d x %4d x %4d %10.2f us %6.1f GF/s %10.2f us %6.1f GF/s %5.0f %%  %.0e\n", name, e.m, e.k, e.n, us * 1e6,
         flops / us * 1e-9, other * 1e6, flops / other * 1e-9, 100 * other / us, (double)(difference / greatest));
  free(a);
  free(b);
  free(y);
  free(z);
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s LIBRARY\n", argv[0]);
    return 1;
  }
  void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fprintf(stderr, "bench: %s\n", dlerror());
    return 1;
  }
  cpu_set_t core;
  CPU_ZERO(&core);
  CPU_SET(sched_getcpu(), &core);
  if (sched_setaffinity(0, sizeof core, &core) != 0) perror("bench: cannot pin to one core");
  openblas_set_num_threads(1);
  printf("OpenBLAS: %s core, %d thread; medians of %d rounds\n", openblas_get_corename(), openblas_get_num_threads(),
         ROUNDS);
  printf("           m x    k x    n       ours                   OpenBLAS            ratio  difference\n");
  for (size_t kind = 0; kind < sizeof KINDS / sizeof *KINDS; kind++) {
    product ours;
    *(void **)&ours = dlsym(library, KINDS[kind].name);
    if (!ours) {
      fprintf(stderr, "bench: %s\n", dlerror());
      return 1;
    }
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
      compare(KINDS[kind].name, ours, CASES[i], KINDS[kind].a, KINDS[kind].b);
  }
  return 0;
}
