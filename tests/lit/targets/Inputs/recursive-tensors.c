// Recursion with tensors, and recursion that is too deep.
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recursion.h"

enum { COUNT = 37 };

static int check(int is_right, const char *what) {
  if (!is_right) printf("wrong: %s\n", what);
  return !is_right;
}

static double number(double x) { return sin(x); }

// What the recursion over halves computes.
static double halves(const double *x, int count) {
  if (count <= 1) return number(*x);
  double a = halves(x, count / 2), b = halves(x + count / 2, count - count / 2);
  return a * b + a;
}

static int is_too_deep(int status) { return strstr(recursion_message(status), "the recursion is too deep") != NULL; }

// On a small stack, where the same depth is too much that fits elsewhere.
static void *on_small_stack(void *failed) {
  double y, d_x;
  if (deep_grad(0.5, 100, &y, &d_x) || !is_too_deep(deep_grad(0.5, 20000, &y, &d_x))) *(int *)failed = 1;
  return NULL;
}

int main(void) {
  int wrong = 0;
  double x[COUNT], *d_x, slope, y, value;
  int64_t count;
  for (int i = 0; i < COUNT; ++i) x[i] = 0.5 + 0.03 * i;
  wrong |= check(!tree(x, COUNT, &y) && fabs(y - halves(x, COUNT)) < 1e-12 * fabs(y), "tree");
  wrong |= check(!tree_grad(x, COUNT, &value, &d_x, &count) && value == y && count == COUNT, "tree_grad");
  for (int i = 0; i < COUNT; ++i) {
    double at = x[i], h = 1e-6;
    x[i] = at + h;
    double up = halves(x, COUNT);
    x[i] = at - h;
    double down = halves(x, COUNT), difference = (up - down) / (2 * h);
    x[i] = at;
    wrong |= check(fabs(difference - d_x[i]) < 1e-6 * fabs(difference), "d_x");
  }
  recursion_free(d_x);
  wrong |= check(tree(x, 0, &y) != 0, "an empty tree");

  const double a[4] = {0.5, 0.7, 0.9, 1.1};
  double d_a[4], *p;
  int64_t rows, columns;
  wrong |= check(!powers(a, 2, 2, 7, &p, &rows, &columns) && rows == 2 && columns == 2, "powers");
  wrong |= check(!power(a, 2, 2, 7, &y) && fabs(p[0] + p[1] + p[2] + p[3] - y) < 1e-12 * y, "power");
  recursion_free(p);
  wrong |= check(!power_grad(a, 2, 2, 7, &value, d_a) && fabs(value - y) < 1e-12 * y, "power_grad");
  wrong |= check(fabs(d_a[0] - 94.72768) < 1e-9 && fabs(d_a[3] - 178.236928) < 1e-9, "d_a");
  // Deep in the recursion, the extents do not fit.
  wrong |= check(power(a, 1, 4, 7, &y) != 0, "a failure");
  wrong |= check(power_grad(a, 4, 1, 100, &y, d_a) != 0, "a gradient that fails");
  wrong |= check(powers(a, 1, 4, 7, &p, &rows, &columns) != 0, "a failure without a result");

  const double s[3] = {0.5, 0.7, 0.9}, d_t[3] = {1.0, 2.0, 3.0};
  double t[3], d_s[3];
  struct state_pullback *pullback;
  wrong |= check(!state_vjp(s, 5, t, &pullback) && !state_pull(pullback, d_t, d_s), "state");
  wrong |= check(fabs(t[0] - 7.3664926756701075) < 1e-12 && fabs(d_s[2] - 2.39714199185579) < 1e-12, "d_s");
  state_drop(pullback);

  wrong |= check(!deep(0.5, 1000, &y), "deep");
  // The state of each call is on the heap; what was allocated until the error is freed.
  wrong |= check(is_too_deep(state(s, 3000000, t)), "a deep state");
  wrong |= check(is_too_deep(deep(0.5, 3000000, &y)), "too deep");
  wrong |= check(is_too_deep(deep_grad(0.5, 1000000, &y, &slope)), "a gradient that is too deep");
  wrong |= check(!last(1.0, 1000, &y) && y == 1000.0, "last");

  int failed = 0;
  pthread_t thread;
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 512 << 10);
  pthread_create(&thread, &attributes, on_small_stack, &failed);
  pthread_join(thread, NULL);
  wrong |= check(!failed, "a small stack");

  puts(wrong ? "failed" : "done");
  return wrong;
}
