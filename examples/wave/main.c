#include <stdio.h>

#include "wave.h"

int main(void) {
  double x[] = {0.5, 1.0, 1.5}, sum, d_a, d_x[3];
  int status = wave_grad(2.0, x, 3, &sum, &d_a, d_x);
  if (status != 0) {
    fprintf(stderr, "%s\n", wave_message(status));
    return 1;
  }
  printf("sum %.6f\nd_a %.6f\nd_x %.6f %.6f %.6f\n", sum, d_a, d_x[0], d_x[1], d_x[2]);
  return 0;
}
