// Calls functions with an allocator that counts what a call allocates and frees, and lets the first,
// second, … allocation fail. Prints a line for each function; fails where one does not say that memory
// is missing, or does not free what it has.

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *__libc_memalign(size_t alignment, size_t size);
void *__libc_realloc(void *memory, size_t size);
void __libc_free(void *memory);

static int watched;
static long allocations, live, failing;

static void *allocate(size_t alignment, size_t size) {
  if (watched && ++allocations > failing && failing >= 0) {
    failing = -1;
    return NULL;
  }
  void *memory = __libc_memalign(alignment, size);
  live += watched && memory;
  return memory;
}

void *malloc(size_t size) { return allocate(16, size); }
void *aligned_alloc(size_t alignment, size_t size) { return allocate(alignment, size); }
void *realloc(void *memory, size_t size) {
  if (!memory) return allocate(16, size);
  if (watched && ++allocations > failing && failing >= 0) {
    failing = -1;
    return NULL;
  }
  return __libc_realloc(memory, size);
}
void free(void *memory) {
  live -= watched && memory;
  __libc_free(memory);
}

const char *model_message(int status);
void model_free(void *memory);
int loss_grad(const float *, const float *, const float *, const float *, const float *, int64_t, const int32_t *,
              int64_t, float *, float *, float *, float *, float *);
int carried(const double *, int64_t, int64_t, int64_t, double **, int64_t *, int64_t *);
int checked(const double *, int64_t, int64_t, int64_t, double *);
int measured(const double *, int64_t, double **, int64_t *, double *);
int recursive(int64_t, double, double *);
struct curve_pullback;
int curve_vjp(const double *, int64_t, int64_t, double *, double **, int64_t *, struct curve_pullback **);
int curve_pull(const struct curve_pullback *, double, const double *, int64_t, double *);
void curve_drop(struct curve_pullback *);
struct walked_pullback;
int walked_vjp(const double *, int64_t, int64_t, double *, struct walked_pullback **);
int walked_pull(const struct walked_pullback *, double, double *);
void walked_drop(struct walked_pullback *);
struct slope_pullback;
int slope_vjp(double, int64_t, double *, struct slope_pullback **);
int slope_pull(const struct slope_pullback *, double, double *);
void slope_drop(struct slope_pullback *);
int tame_grad(double, double *, double *);
int tamed(double, int64_t, double *);
struct tame_pullback;
int tame_vjp(double, double *, struct tame_pullback **);
int tame_pull(const struct tame_pullback *, double, double *);
void tame_drop(struct tame_pullback *);
struct shrink_pullback;
int shrink_vjp(const double *, int64_t, double *, struct shrink_pullback **);
int shrink_pull(const struct shrink_pullback *, double, double *);
void shrink_drop(struct shrink_pullback *);

static float w1[64 * 64], b1[64], w2[640], b2[10], x[256 * 64], d_w1[64 * 64], d_b1[64], d_w2[640], d_b2[10], value;
static int32_t labels[256];
static int gradient(void) {
  return loss_grad(w1, b1, w2, b2, x, 256, labels, 256, &value, d_w1, d_b1, d_w2, d_b2);
}
static int too_large(void) {
  return loss_grad(w1, b1, w2, b2, x, INT64_MAX, labels, INT64_MAX, &value, d_w1, d_b1, d_w2, d_b2);
}

static const double unit[4] = {1, 0, 0, 1}, growing[4] = {1.3, 0, 0, 1}, one[1] = {1}, three[1] = {3}, many[1] = {1e17};
static double number, *result;
static int64_t extents[2];
static int give_back(int status) {
  if (status == 0) model_free(result);
  return status;
}
static int powers(void) { return give_back(carried(unit, 2, 2, 3, &result, &extents[0], &extents[1])); }
static int stopped(void) { return give_back(carried(unit, 1, 3, 3, &result, &extents[0], &extents[1])); }
static int thrice(void) { return checked(unit, 2, 2, 3, &number); }
static int grows(void) { return checked(growing, 2, 2, 5, &number); }
static int sized(void) { return give_back(measured(one, 1, &result, &extents[0], &number)); }
static int beyond(void) { return give_back(measured(three, 1, &result, &extents[0], &number)); }
static int huge(void) { return give_back(measured(many, 1, &result, &extents[0], &number)); }
static int descent(void) { return recursive(4, 2.5, &number); }
static int aside(void) { return recursive(4, 999.9999, &number); }

// The handle is null after a failure. All but the handle is freed before it is used.
static int curve(double start, int64_t steps, int64_t extent) {
  static double slope[4], begin[4];
  struct curve_pullback *pullback = (void *)slope;
  for (int i = 0; i < 4; ++i) begin[i] = start;
  int status = curve_vjp(begin, 4, steps, &number, &result, &extents[0], &pullback);
  if (status) return pullback ? abort(), 0 : status;
  model_free(result);
  status = curve_pull(pullback, 1.0, begin, extent, slope);
  if (!status) status = curve_pull(pullback, 2.0, begin, extent, slope);
  curve_drop(pullback);
  return status;
}
static int pulled(void) { return curve(0.5, 3, 3); }
static int misfit(void) { return curve(0.5, 3, 4); }
static int negative(void) { return curve(0.5, -1, 3); }

// The tape has several blocks; the pullback of the second records in blocks of its own.
static int walked(void) {
  static double slopes[100], begin[100];
  struct walked_pullback *pullback = (void *)slopes;
  int status = walked_vjp(begin, 100, 4, &number, &pullback);
  if (status) return pullback ? abort(), 0 : status;
  status = walked_pull(pullback, 1.0, slopes);
  if (!status) status = walked_pull(pullback, 2.0, slopes);
  walked_drop(pullback);
  return status;
}
static int sloped(void) {
  double second;
  struct slope_pullback *pullback = (void *)&second;
  int status = slope_vjp(0.9, 300, &number, &pullback);
  if (status) return pullback ? abort(), 0 : status;
  status = slope_pull(pullback, 1.0, &second);
  if (!status) status = slope_pull(pullback, 2.0, &second);
  slope_drop(pullback);
  return status;
}

static int loop(void) {
  double slope;
  int status = tame_grad(1.0, &number, &slope);
  // Near the square of 0.1 / 1.
  if (!status && (slope < 0.00999 || slope > 0.01001)) abort();
  return status;
}
// No round of the loop around it needs more than the first.
static int loops(void) { return tamed(1.0, 20, &number); }
static int loop_pulled(void) {
  double slope;
  struct tame_pullback *pullback = (void *)&slope;
  int status = tame_vjp(1.0, &number, &pullback);
  if (status) return pullback ? abort(), 0 : status;
  status = tame_pull(pullback, 1.0, &slope);
  if (!status) status = tame_pull(pullback, 2.0, &slope);
  if (!status && (slope < 0.01998 || slope > 0.02002)) abort();
  tame_drop(pullback);
  return status;
}

static int shrunk(void) {
  static double begin[100], slopes[100];
  for (int i = 0; i < 100; ++i) begin[i] = 0.99;
  struct shrink_pullback *pullback = (void *)slopes;
  int status = shrink_vjp(begin, 100, &number, &pullback);
  if (status) return pullback ? abort(), 0 : status;
  status = shrink_pull(pullback, 1.0, slopes);
  if (!status) status = shrink_pull(pullback, 2.0, slopes);
  // The sum is that of powers: x to 1024 is the first that is small enough.
  double slope = 1024 * number / 100 / 0.99;
  if (!status && !(slopes[99] > 1.999 * slope && slopes[99] < 2.001 * slope)) abort();
  shrink_drop(pullback);
  return status;
}

static const struct {
  const char *name;
  int (*call)(void);
} FUNCTIONS[] = {
    {"gradient", gradient}, {"too large", too_large}, {"powers", powers}, {"stopped", stopped},
    {"thrice", thrice},     {"growing", grows}, {"sized", sized}, {"beyond", beyond},     {"huge", huge},
    {"descent", descent},   {"aside", aside},       {"pulled", pulled},       {"misfit", misfit}, {"negative", negative},
    {"walked", walked},     {"sloped", sloped},   {"loop", loop},   {"loops", loops},       {"loop pulled", loop_pulled},
    {"shrunk", shrunk},
};

int main(void) {
  static char output[1 << 16];
  setvbuf(stdout, output, _IOFBF, sizeof output);
  int wrong = 0;
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; ++i) {
    int status;
    for (long nth = 0;; ++nth) {
      failing = nth, allocations = live = 0, watched = 1;
      status = FUNCTIONS[i].call();
      watched = 0;
      const char *message = model_message(status);
      if (live != 0) wrong = printf("%s: allocation %ld fails, and %ld leak: %s\n", FUNCTIONS[i].name, nth, live, message);
      if (failing >= 0) break;
      if (!strstr(message, "out of memory")) wrong = printf("%s: without allocation %ld: %s\n", FUNCTIONS[i].name, nth, message);
    }
    const char *message = strstr(model_message(status), "error: ");
    printf("%s: %ld, %s\n", FUNCTIONS[i].name, allocations, message ? message : model_message(status));
  }
  return wrong != 0;
}
