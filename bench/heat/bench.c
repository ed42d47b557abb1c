// The heat equation, compiled by dpc and written in C. For each input line `which n steps`, prints the time of one call
// in seconds: 0 is the version by dpc, 1 the one in C; -1 compares their results.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "heat.h"

// Two alternating buffers, the first of which is the result.
static void by_hand(const double *restrict u, int64_t n, double r, int64_t steps, double *result, double *other) {
  double *now = steps % 2 ? other : result, *next = steps % 2 ? result : other;
  memcpy(now, u, n * sizeof *u);
  next[0] = u[0], next[n - 1] = u[n - 1];
  for (int64_t step = 0; step < steps; ++step) {
    const double *restrict from = now;
    double *restrict to = next;
    for (int64_t i = 1; i < n - 1; ++i)
      to[i] = from[i] + r * (from[i - 1] + from[i + 1] - 2 * from[i]);
    double *swapped = now;
    now = next, next = swapped;
  }
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void) {
  int which;
  long long n, steps;
  while (scanf("%d %lld %lld", &which, &n, &steps) == 3) {
    double *u = malloc(n * sizeof *u), *ours = calloc(n, sizeof *u), *hand = calloc(n, sizeof *u);
    double *other = calloc(n, sizeof *u);
    for (long long i = 0; i < n; ++i)
      u[i] = sin(0.01 * (double)i);
    if (which == -1) {
      int status = heat(u, n, 0.25, steps, ours);
      by_hand(u, n, 0.25, steps, hand, other);
      double worst = status;
      for (long long i = 0; i < n; ++i)
        worst = fmax(worst, fabs(ours[i] - hand[i]));
      printf("%g\n", worst);
    } else {
      int64_t size = 0;
      heat__workspace_size(u, n, 0.25, steps, ours, &size);
      void *workspace = aligned_alloc(64, size);
      // The first call faults in the pages.
      double best = 0;
      for (int round = 0; round < 2; ++round) {
        double start = seconds();
        if (which == 0)
          heat__with_workspace(u, n, 0.25, steps, ours, workspace, size);
        else
          by_hand(u, n, 0.25, steps, hand, other);
        best = seconds() - start;
      }
      printf("%.9f\n", best);
      free(workspace);
    }
    fflush(stdout);
    free(u), free(ours), free(hand), free(other);
  }
  return 0;
}
