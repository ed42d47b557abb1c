// Says that 64 numbers are there, where memory for 4 is.
#include "lines.h"
#include <stdlib.h>

int main(void) {
  double *x = calloc(4, sizeof *x), y = 0;
  int status = loss(x, 64, &y);
  free(x);
  return status;
}
