// Calls libmodel.so, with a mock or a real driver: with host pointers, from several threads, and with device pointers
// on its own stream. Prints the time of a call. With an argument it does less, for a driver that interprets kernels.

#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int saxpy(int64_t n, float a, const float *x, const float *y, float *z);
int saxpy_on_device(int64_t n, float a, const float *x, float *y, void *stream);
const char *model_message(int status);

static int calls = 1000, large = 1 << 22, rounds = 50;

static void must(int status, const char *what) {
  if (status == 0) return;
  fprintf(stderr, "%s: %d, %s\n", what, status, model_message(status));
  exit(1);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + 1e-9 * now.tv_nsec;
}

static void on_host(int64_t n, float a) {
  float *x = malloc(4 * n + 4), *y = malloc(4 * n + 4), *z = malloc(4 * n + 4);
  for (int64_t i = 0; i < n; ++i) x[i] = i % 1000, y[i] = 1, z[i] = -1;
  must(saxpy(n, a, x, y, z), "on the host");
  for (int64_t i = 0; i < n; ++i)
    if (z[i] != 1 + a * x[i]) fprintf(stderr, "z[%lld] = %g\n", (long long)i, z[i]), exit(1);
  free(x), free(y), free(z);
}

static void *thread(void *argument) {
  for (int i = 0; i < rounds; ++i) on_host(1000 + 7 * i, (float)(intptr_t)argument);
  return NULL;
}

static void *driver;
#define DRIVER(name, ...)                                                            \
  do {                                                                               \
    int (*function)() = (int (*)())dlsym(driver, #name);                             \
    int status = function ? function(__VA_ARGS__) : -1;                              \
    if (status) fprintf(stderr, #name ": %d\n", status), exit(1);                    \
  } while (0)

static void on_device(void) {
  enum { n = 1000 };
  float x[n], y[n];
  for (int i = 0; i < n; ++i) x[i] = i, y[i] = 1;
  void *context, *stream, *before, *after;
  uint64_t dx, dy;
  int device;
  if (!(driver = dlopen("libcuda.so.1", RTLD_NOW))) fprintf(stderr, "%s\n", dlerror()), exit(1);
  DRIVER(cuInit, 0u);
  DRIVER(cuDeviceGet, &device, 0);
  DRIVER(cuDevicePrimaryCtxRetain, &context, device);
  DRIVER(cuCtxSetCurrent, context);
  DRIVER(cuStreamCreate, &stream, 1u);
  DRIVER(cuMemAlloc_v2, &dx, sizeof x);
  DRIVER(cuMemAlloc_v2, &dy, sizeof y);
  DRIVER(cuMemcpyHtoDAsync_v2, dx, x, sizeof x, stream);
  DRIVER(cuMemcpyHtoDAsync_v2, dy, y, sizeof y, stream);
  DRIVER(cuCtxGetCurrent, &before);
  for (int i = 0; i < 3; ++i)
    must(saxpy_on_device(n, 2, (const float *)(uintptr_t)dx, (float *)(uintptr_t)dy, stream), "on the device");
  DRIVER(cuCtxGetCurrent, &after);
  DRIVER(cuMemcpyDtoHAsync_v2, y, dy, sizeof y, stream);
  DRIVER(cuStreamSynchronize, stream);
  if (before != after) fprintf(stderr, "the current context is another one\n"), exit(1);
  for (int i = 0; i < n; ++i)
    if (y[i] != 1 + 6 * x[i]) fprintf(stderr, "y[%d] = %g\n", i, y[i]), exit(1);
  double start = seconds();
  for (int i = 0; i < calls; ++i)
    must(saxpy_on_device(n, 0, (const float *)(uintptr_t)dx, (float *)(uintptr_t)dy, stream), "on the device");
  DRIVER(cuStreamSynchronize, stream);
  printf("%.2f us for a call on the device\n", 1e6 / calls * (seconds() - start));
  DRIVER(cuMemFree_v2, dx);
  DRIVER(cuMemFree_v2, dy);
}

int main(int count, char **arguments) {
  (void)arguments;
  if (count > 1) calls = 10, large = 5000, rounds = 2;
  double start = seconds();
  on_host(3, 2);
  printf("%.0f ms for the first call\n", 1e3 * (seconds() - start));
  on_host(0, 2), on_host(1, 2), on_host(large, 3);
  float x[3] = {1, 2, 3}, y[3] = {0}, z[3];
  start = seconds();
  for (int i = 0; i < calls; ++i) must(saxpy(3, 2, x, y, z), "on the host");
  printf("%.2f us for a call on the host\n", 1e6 / calls * (seconds() - start));
  pthread_t threads[8];
  for (intptr_t i = 0; i < 8; ++i) pthread_create(&threads[i], NULL, thread, (void *)i);
  for (int i = 0; i < 8; ++i) pthread_join(threads[i], NULL);
  on_device();
  puts("all is right");
}
