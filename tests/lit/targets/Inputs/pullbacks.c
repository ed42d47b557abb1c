// Several threads apply one pullback at once. Its derivatives are compared with differences.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pullbacks.h"

enum { THREADS = 4, CALLS = 10 };

static const double x[3] = {0.7, -0.4, 1.1}, z[2] = {0.5, -2.0}, d_y[3] = {1.0, -0.5, 2.0}, d_square[2] = {1.0, 3.0};
static const float a[6] = {0.1f, 0.2f, 0.3f, -0.1f, 0.5f, 0.25f}, d_row[3] = {1.0f, -1.0f, 0.5f};

typedef struct {
  double x[3], z[2];
  float a[6], s;
} Cotangents;

static int pull(const struct mixed_pullback *pullback, Cotangents *to) {
  return mixed_pull(pullback, d_y, 3, 0.25, d_square, d_row, to->x, to->a, to->z, &to->s);
}

static const struct mixed_pullback *shared;
static Cotangents expected;

static void *call(void *failed) {
  for (int i = 0; i < CALLS; ++i) {
    Cotangents found;
    memset(&found, 0, sizeof found);
    if (pull(shared, &found) || memcmp(&found, &expected, sizeof found)) *(int *)failed = 1;
  }
  return NULL;
}

// The pairing of the results at x + h e with the cotangents.
static double paired(int index, double h) {
  double at[3] = {x[0], x[1], x[2]}, y[3], sum, square[2];
  float row[3];
  int32_t twice;
  at[index] += h;
  if (mixed(at, 3, a, 3, z, 0.5f, y, &sum, square, &twice, row)) return NAN;
  return y[0] * d_y[0] + y[1] * d_y[1] + y[2] * d_y[2] + 0.25 * sum;
}

static int check(int is_right, const char *what) {
  if (!is_right) printf("wrong: %s\n", what);
  return !is_right;
}

int main(void) {
  int wrong = 0;
  double y[3], sum, square[2];
  float row[3];
  int32_t twice;
  struct mixed_pullback *pullback;

  // The arguments are gone when the pullback is applied.
  double *x_copy = malloc(sizeof x), *z_copy = malloc(sizeof z);
  float *a_copy = malloc(sizeof a);
  memcpy(x_copy, x, sizeof x), memcpy(z_copy, z, sizeof z), memcpy(a_copy, a, sizeof a);
  wrong |= check(!mixed_vjp(x_copy, 3, a_copy, 3, z_copy, 0.5f, y, &sum, square, &twice, row, &pullback), "status");
  memset(x_copy, 0, sizeof x), memset(a_copy, 0, sizeof a);
  free(x_copy), free(z_copy), free(a_copy);
  wrong |= check(twice == 6 && square[0] == 0.25 - 4.0 && square[1] == -2.0, "results");

  memset(&expected, 0, sizeof expected);
  wrong |= check(!pull(pullback, &expected), "status of the pullback");
  for (int i = 0; i < 3; ++i)
    wrong |= check(fabs((paired(i, 1e-6) - paired(i, -1e-6)) / 2e-6 - expected.x[i]) < 1e-7, "d_x");
  // 2 z times the cotangent, unconjugated.
  wrong |= check(fabs(expected.z[0] - 13.0) < 1e-12 && fabs(expected.z[1] + 1.0) < 1e-12, "d_z");
  wrong |= check(fabsf(expected.a[0] - 0.5f * expf(0.05f)) < 1e-6f, "d_a");

  pthread_t threads[THREADS];
  int failed[THREADS] = {0};
  shared = pullback;
  for (int i = 0; i < THREADS; ++i) pthread_create(&threads[i], NULL, call, &failed[i]);
  for (int i = 0; i < THREADS; ++i) pthread_join(threads[i], NULL), wrong |= check(!failed[i], "a thread");

  // Cotangents with other extents than the results.
  Cotangents unused;
  int status = mixed_pull(pullback, d_y, 2, 0.25, d_square, d_row, unused.x, unused.a, unused.z, &unused.s);
  wrong |= check(strstr(pullbacks_message(status), "a cotangent differs") != NULL, "extents");
  mixed_drop(pullback);
  mixed_drop(NULL);

  // Nothing is kept if the function fails: an extent is negative.
  pullback = (struct mixed_pullback *)&unused;
  wrong |= check(mixed_vjp(x, -1, a, 3, z, 0.5f, y, &sum, square, &twice, row, &pullback) != 0, "a negative extent");
  wrong |= check(pullback == NULL, "a handle after a failure");
  status = pull(NULL, &unused);
  wrong |= check(strstr(pullbacks_message(status), "the pullback is null") != NULL, "null");

  // Empty tensors, and no steps.
  wrong |= check(!mixed_vjp(NULL, 0, a, 0, z, 0.5f, NULL, &sum, square, &twice, row, &pullback), "empty");
  status = mixed_pull(pullback, NULL, 0, 0.25, d_square, d_row, NULL, unused.a, unused.z, &unused.s);
  wrong |= check(status == 0, "an empty pullback");
  mixed_drop(pullback);

  struct plain_pullback *plain;
  const double w[2] = {1.0, 3.0};
  double value, d_x;
  wrong |= check(!plain_vjp(2.0, w, &value, &plain) && value == 16.0, "plain");
  wrong |= check(!plain_pull(plain, 0.5, &d_x) && d_x == 8.0, "d_x of plain");
  plain_drop(plain);

  puts(wrong ? "failed" : "done");
  return wrong;
}
