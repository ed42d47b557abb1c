// Several threads apply pullbacks of recursive functions at once. Derivatives are compared with differences.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recursive.h"

enum { THREADS = 4, CALLS = 10, DEPTH = 12 };

static const double x[3] = {0.5, 0.7, 0.9}, d_y[3] = {1.0, 2.0, 3.0}, d_s = 0.5;
static const double a[4] = {0.5, 0.7, 0.9, 1.1}, d_p[4] = {1.0, 0.0, 0.5, 0.25};

static const struct mutual_pullback *shared;
static const struct power_grad_pullback *second;
static double expected[3], expected_second;

static int check(int is_right, const char *what) {
  if (!is_right) printf("wrong: %s\n", what);
  return !is_right;
}

static void *call(void *failed) {
  for (int i = 0; i < CALLS; ++i) {
    double found[3], slope;
    if (mutual_pull(shared, d_y, 3, d_s, found) || memcmp(found, expected, sizeof found)) *(int *)failed = 1;
    if (power_grad_pull(second, 0.25, 1.0, &slope) || slope != expected_second) *(int *)failed = 1;
  }
  return NULL;
}

// The pairing of the results at x + h e with the cotangents.
static double paired(int index, double h) {
  double at[3] = {x[0], x[1], x[2]}, y[3], s;
  at[index] += h;
  if (mutual(at, 3, 3, y, &s)) return NAN;
  return y[0] * d_y[0] + y[1] * d_y[1] + y[2] * d_y[2] + d_s * s;
}

static double paired_powers(int index, double h) {
  double at[4] = {a[0], a[1], a[2], a[3]}, *y, sum = 0;
  int64_t rows, columns;
  at[index] += h;
  if (powers(at, 2, 2, 6, &y, &rows, &columns)) return NAN;
  for (int i = 0; i < 4; ++i) sum += d_p[i] * y[i];
  recursive_free(y);
  return sum;
}

static double paired_slope(double h) {
  double y, d_x;
  return power_grad(0.8 + h, DEPTH, &y, &d_x) ? NAN : 0.25 * y + d_x;
}

int main(void) {
  int wrong = 0;
  double y[3], s, value, slope;
  struct mutual_pullback *pullback;
  struct power_grad_pullback *of_gradient;

  double *copy = malloc(sizeof x);
  memcpy(copy, x, sizeof x);
  wrong |= check(!mutual_vjp(copy, 3, 3, y, &s, &pullback), "status");
  memset(copy, 0, sizeof x), free(copy);
  wrong |= check(!mutual_pull(pullback, d_y, 3, d_s, expected), "status of the pullback");
  for (int i = 0; i < 3; ++i) {
    double difference = (paired(i, 1e-6) - paired(i, -1e-6)) / 2e-6;
    wrong |= check(fabs(difference - expected[i]) < 1e-6 * fabs(difference), "d_x");
  }
  wrong |= check(!power_grad_vjp(0.8, DEPTH, &value, &slope, &of_gradient), "status of a gradient");
  wrong |= check(!power_grad_pull(of_gradient, 0.25, 1.0, &expected_second), "status of its pullback");
  double difference = (paired_slope(1e-6) - paired_slope(-1e-6)) / 2e-6;
  wrong |= check(fabs(difference - expected_second) < 1e-6 * fabs(difference) + 1e-9, "the second derivative");

  pthread_t threads[THREADS];
  int failed[THREADS] = {0};
  shared = pullback, second = of_gradient;
  for (int i = 0; i < THREADS; ++i) pthread_create(&threads[i], NULL, call, &failed[i]);
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL), wrong |= check(!failed[i], "a thread");

  double unused[3];
  int status = mutual_pull(pullback, d_y, 2, d_s, unused);
  wrong |= check(status != 0, "extents");
  mutual_drop(pullback), power_grad_drop(of_gradient);
  mutual_drop(NULL);

  // Nothing is recorded.
  wrong |= check(!mutual_vjp(NULL, 0, 3, NULL, &s, &pullback) && s == 0, "empty");
  wrong |= check(!mutual_pull(pullback, NULL, 0, d_s, NULL), "an empty pullback");
  mutual_drop(pullback);
  // Much is.
  wrong |= check(!mutual_vjp(x, 3, 1500, y, &s, &pullback), "deep");
  wrong |= check(!mutual_pull(pullback, d_y, 3, d_s, unused), "a deep pullback");
  mutual_drop(pullback);

  struct powers_pullback *of_powers;
  double *power, d_a[4];
  int64_t rows, columns;
  wrong |= check(!powers_vjp(a, 2, 2, 6, &power, &rows, &columns, &of_powers), "status of powers");
  recursive_free(power);
  wrong |= check(!powers_pull(of_powers, d_p, 2, 2, d_a), "status of the pullback of powers");
  for (int i = 0; i < 4; ++i) {
    double difference = (paired_powers(i, 1e-6) - paired_powers(i, -1e-6)) / 2e-6;
    wrong |= check(fabs(difference - d_a[i]) < 1e-6 * fabs(difference), "d_a");
  }
  powers_drop(of_powers);
  // Matrices that are not square have no powers; nothing is kept.
  of_powers = (struct powers_pullback *)unused;
  status = powers_vjp(a, 1, 4, 6, &power, &rows, &columns, &of_powers);
  wrong |= check(status != 0 && of_powers == NULL, "a failure");

  puts(wrong ? "failed" : "done");
  return wrong;
}
