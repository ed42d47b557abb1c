// Calls the gradient of the digits from C. Reads the arguments from a file, then lines of
// two numbers, rows and calls, and prints the time of a call in seconds for each.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "digits.h"

enum { ROWS = 256 };

static struct {
  float w1[64 * 64], b1[64], w2[64 * 10], b2[10], x[ROWS * 64];
  int32_t labels[ROWS];
} in;

static struct {
  float loss, w1[64 * 64], b1[64], w2[64 * 10], b2[10];
} out;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int count, char **arguments) {
  FILE *file = count == 2 ? fopen(arguments[1], "rb") : NULL;
  if (!file || fread(&in, sizeof in, 1, file) != 1) {
    fprintf(stderr, "usage: bench ARGUMENTS\n");
    return 2;
  }
  fclose(file);
  int64_t rows;
  long calls;
  while (scanf("%ld %ld", &rows, &calls) == 2) {
    double start = now();
    for (long call = 0; call < calls; ++call) {
      int status = loss_grad(in.w1, in.b1, in.w2, in.b2, in.x, rows, in.labels, rows, &out.loss, out.w1, out.b1,
                             out.w2, out.b2);
      if (status != 0) {
        fprintf(stderr, "%s\n", digits_message(status));
        return 1;
      }
    }
    printf("%.9e\n", (now() - start) / (double)calls);
    fflush(stdout);
  }
  return 0;
}
