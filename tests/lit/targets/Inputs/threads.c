// Several threads call one library at once, each on buffers of exactly the extents that it names.
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "sample.h"

enum { THREADS = 4, CALLS = 20 };

static double *vector(int64_t n) {
  double *x = malloc(n * sizeof *x);
  for (int64_t i = 0; i < n; ++i)
    x[i] = 0.25 * (double)(i % 7) - 0.5;
  return x;
}

static void *call(void *failed) {
  for (int64_t n = 0; n < CALLS; ++n) {
    int64_t m = 3 * n + 1;
    double *a = vector(n * m), *x = vector(m), *d_a = malloc(n * m * sizeof *d_a), *d_x = malloc(m * sizeof *d_x);
    double value;
    if (sample_grad(a, n, m, x, m, &value, d_a, d_x))
      *(int *)failed = 1;
    // An extent that does not agree: a status, and nothing written or leaked.
    if (!sample_grad(a, n, m, x, m - 1, &value, d_a, d_x))
      *(int *)failed = 1;
    free(a), free(x), free(d_a), free(d_x);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[THREADS];
  int failed[THREADS] = {0}, any = 0;
  for (int i = 0; i < THREADS; ++i)
    pthread_create(&threads[i], NULL, call, &failed[i]);
  for (int i = 0; i < THREADS; ++i)
    pthread_join(threads[i], NULL), any |= failed[i];
  puts(any ? "failed" : "done");
  return any;
}
