// The time of tiny gradients and of empty calls with the same interface, and their numbers
// of allocations. Prints a line for each pair.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "allocations.h"
#include "overhead.h"

enum { CALLS = 1000000, ROUNDS = 31, ELEMENTS = 4 };

static double x[ELEMENTS] = {1, 2, 3, 4}, value, d_x[ELEMENTS], d_y;

static int product_full(void) { return product_grad(x[0], x[1], &value, d_x, &d_y); }
static int product_nothing(void) { return product_empty(x[0], x[1], &value, d_x, &d_y); }
static int squares_full(void) { return squares_grad(x, ELEMENTS, &value, d_x); }
static int squares_nothing(void) { return squares_empty(x, ELEMENTS, &value, d_x); }

// The time of a call in nanoseconds.
static double sample(int (*call)(void)) {
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  int status = 0;
  for (int i = 0; i < CALLS; ++i)
    status |= call();
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (status != 0) {
    fprintf(stderr, "%s\n", overhead_message(status));
    exit(1);
  }
  return (1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec)) / CALLS;
}

static int compare(const void *a, const void *b) {
  double difference = *(const double *)a - *(const double *)b;
  return (difference > 0) - (difference < 0);
}

static void compare_calls(const char *name, int (*gradient)(void), int (*nothing)(void)) {
  double gradients[ROUNDS], nothings[ROUNDS];
  sample(gradient), sample(nothing);
  long before = allocations.count;
  for (int round = 0; round < ROUNDS; ++round) {
    gradients[round] = sample(gradient);
    nothings[round] = sample(nothing);
  }
  long count = allocations.count - before;
  qsort(gradients, ROUNDS, sizeof *gradients, compare);
  qsort(nothings, ROUNDS, sizeof *nothings, compare);
  double full = gradients[ROUNDS / 2], empty = nothings[ROUNDS / 2];
  printf("  %-28s %6.2f ns, empty call %6.2f ns, ratio %5.2f, %ld allocations in %d calls\n", name, full, empty,
         full / empty, count, 2 * ROUNDS * CALLS);
}

int main(void) {
  compare_calls("gradient of x y + x", product_full, product_nothing);
  product_full();
  if (value != 3 || d_x[0] != 3 || d_y != 1)
    return fprintf(stderr, "the gradient of x y + x is wrong\n"), 1;
  compare_calls("gradient of x.x, 4 elements", squares_full, squares_nothing);
  squares_full();
  if (value != 30 || d_x[3] != 8)
    return fprintf(stderr, "the gradient of x.x is wrong\n"), 1;
  return 0;
}
