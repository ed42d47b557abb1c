// Trains the classifier with the library that dpc made of model.mlir:
//
//   dpc examples/digits/model.mlir --grad loss:wrt=0,1,2,3 -o target/digits/libdigits.so
//   cc -O2 -I target/digits examples/digits/train.c -o target/digits/train
//       -L target/digits -ldigits -Wl,-rpath,target/digits -lz -lm
//   target/digits/train examples/digits/digits.csv.gz
//
// The method is Adam (Kingma and Ba, 2015); train.rs does the same operations in
// the same order.

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zlib.h>

#include "digits.h"

enum { PIXELS = 64, HIDDEN = 64, CLASSES = 10, MOST_ROWS = 2000, BATCH = 32, EPOCHS = 30 };

// Where each parameter lies in one array of all of them.
enum { W1 = 0, B1 = W1 + PIXELS * HIDDEN, W2 = B1 + HIDDEN, B2 = W2 + HIDDEN * CLASSES, PARAMETERS = B2 + CLASSES };

static const float RATE = 0.002f, DECAY = 0.9f, DECAY_OF_SQUARES = 0.999f;

// Images of 8 by 8 pixels, from 0 to 1, and the digits that they show.
struct rows {
  int count;
  float pixels[MOST_ROWS][PIXELS];
  int32_t labels[MOST_ROWS];
};

// Static: zeros at first.
static struct rows training, test;
static float parameters[PARAMETERS], gradients[PARAMETERS], means[PARAMETERS], squares[PARAMETERS];

static void fail(const char *what) {
  fprintf(stderr, "train: %s\n", what);
  exit(1);
}

static void check(int status) {
  if (status != 0)
    fail(digits_message(status));
}

// The generator xorshift64*: the same numbers on every machine.
static uint64_t state = 2026;

static uint64_t next(void) {
  state ^= state >> 12;
  state ^= state << 25;
  state ^= state >> 27;
  return state * UINT64_C(0x2545F4914F6CDD1D);
}

// A number between -limit and limit.
static float uniform(float limit) {
  float unit = (float)(next() >> 40) / (float)(1 << 24);
  return limit * (2.0f * unit - 1.0f);
}

// The rows whose index is 4 modulo 5 are for the test, the others for training.
static void read_digits(const char *path) {
  gzFile file = gzopen(path, "rb");
  if (!file)
    fail("cannot open the digits");
  char line[1024];
  for (int index = 0; gzgets(file, line, sizeof line); ++index) {
    struct rows *rows = index % 5 == 4 ? &test : &training;
    if (rows->count == MOST_ROWS)
      fail("there are more digits than expected");
    char *at = line;
    for (int k = 0; k <= PIXELS; ++k) {
      char *end;
      long number = strtol(at, &end, 10);
      if (end == at)
        fail("a line has too few pixels");
      if (k < PIXELS)
        rows->pixels[rows->count][k] = (float)number / 16.0f;
      else
        rows->labels[rows->count] = (int32_t)number;
      at = end + (*end == ',');
    }
    ++rows->count;
  }
  int error;
  gzerror(file, &error);
  if (gzclose(file) != Z_OK || error < 0)
    fail("the digits are damaged");
}

// One step on a batch: the loss before it.
static float step(const int *batch, int count) {
  static float images[BATCH][PIXELS];
  static int32_t labels[BATCH];
  for (int i = 0; i < count; ++i) {
    labels[i] = training.labels[batch[i]];
    for (int k = 0; k < PIXELS; ++k)
      images[i][k] = training.pixels[batch[i]][k];
  }
  float loss;
  check(loss_grad(parameters + W1, parameters + B1, parameters + W2, parameters + B2, images[0], count, labels, count,
                  &loss, gradients + W1, gradients + B1, gradients + W2, gradients + B2));

  // How far the running means have forgotten their start, 0.
  static float memory = 1, memory_of_squares = 1;
  memory *= DECAY;
  memory_of_squares *= DECAY_OF_SQUARES;
  float scale = 1 - memory, scale_of_squares = 1 - memory_of_squares;
  for (int i = 0; i < PARAMETERS; ++i) {
    means[i] = DECAY * means[i] + (1 - DECAY) * gradients[i];
    squares[i] = DECAY_OF_SQUARES * squares[i] + (1 - DECAY_OF_SQUARES) * gradients[i] * gradients[i];
    parameters[i] -= RATE * (means[i] / scale) / (sqrtf(squares[i] / scale_of_squares) + 1e-8f);
  }
  return loss;
}

// The part of the test's rows, in percent, for which the digit has the greatest logit.
static double accuracy(void) {
  static float logits[MOST_ROWS][CLASSES];
  check(predict(parameters + W1, parameters + B1, parameters + W2, parameters + B2, test.pixels[0], test.count,
                logits[0]));
  int right = 0;
  for (int i = 0; i < test.count; ++i) {
    int best = 0;
    for (int k = 1; k < CLASSES; ++k)
      best = logits[i][k] > logits[i][best] ? k : best;
    right += best == test.labels[i];
  }
  return 100.0 * right / test.count;
}

int main(int count, char **arguments) {
  if (count != 2)
    fail("usage: train DATA");
  read_digits(arguments[1]);
  printf("%d digits to train on, %d to test\n", training.count, test.count);

  // Glorot and Bengio's limits, sqrt(6 / (inputs + outputs)).
  float limit1 = sqrtf(6.0f / 128.0f), limit2 = sqrtf(6.0f / 74.0f);
  for (int i = W1; i < B1; ++i)
    parameters[i] = uniform(limit1);
  for (int i = W2; i < B2; ++i)
    parameters[i] = uniform(limit2);

  static int order[MOST_ROWS];
  for (int i = 0; i < training.count; ++i)
    order[i] = i;
  struct timespec start, end;
  timespec_get(&start, TIME_UTC);
  for (int epoch = 1; epoch <= EPOCHS; ++epoch) {
    for (int last = training.count - 1; last > 0; --last) {
      int other = (int)(next() % ((uint64_t)last + 1)), swapped = order[last];
      order[last] = order[other];
      order[other] = swapped;
    }
    double loss = 0;
    int steps = 0;
    for (int first = 0; first < training.count; first += BATCH, ++steps)
      loss += step(order + first, first + BATCH < training.count ? BATCH : training.count - first);
    printf("epoch %2d: loss %.4f\n", epoch, loss / steps);
  }
  timespec_get(&end, TIME_UTC);
  printf("%d epochs in %.2f s\n", EPOCHS, difftime(end.tv_sec, start.tv_sec) + 1e-9 * (end.tv_nsec - start.tv_nsec));
  printf("accuracy: %.1f %%\n", accuracy());
  return 0;
}
