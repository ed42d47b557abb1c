// A mock of the CUDA driver, which counts the objects that it creates and fails on request. Kernels are C functions,
// looked up by name. Work is executed immediately, but an error in a kernel is reported when its stream is
// synchronized, as by the real driver.

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { CONTEXT, STREAM, BLOCK, MODULE, POOL, KINDS };
static const char *const names[KINDS] = {"contexts", "streams", "blocks", "modules", "pools"};
static int64_t made[KINDS], live[KINDS];
static int devices = 1, with_pools = 1;

struct thing {
  enum kind kind;
  struct thing *context;
  int broken;
};
static struct thing *primary;
static int retained;
static __thread struct thing *current[16];
static __thread int depth;

// Objects that live until the process ends, and stay reachable.
struct thing *mock_kept[4096];
static struct thing *make(enum kind kind) {
  struct thing *thing = calloc(1, sizeof *thing);
  thing->kind = kind;
  thing->context = depth ? current[depth - 1] : NULL;
  static int count;
  if (kind == CONTEXT || kind == STREAM) mock_kept[__atomic_fetch_add(&count, 1, __ATOMIC_SEQ_CST) % 4096] = thing;
  __atomic_add_fetch(&made[kind], 1, __ATOMIC_SEQ_CST), __atomic_add_fetch(&live[kind], 1, __ATOMIC_SEQ_CST);
  return thing;
}
static struct thing *expect(enum kind kind, void *address) {
  struct thing *thing = address;
  if (!thing || thing->kind != kind) fprintf(stderr, "mock: not one of the %s\n", names[kind]), abort();
  return thing;
}

// Functions for tests.
int64_t mock_live(int kind) { return live[kind]; }
int64_t mock_made(int kind) { return made[kind]; }
void mock_set(int count, int pools) { devices = count, with_pools = pools; }
void *mock_context(void) { return make(CONTEXT); }
void *mock_stream(void *context) {
  struct thing *stream = make(STREAM);
  return stream->context = context, stream;
}
int mock_retained(void) { return retained; }
int mock_depth(void) { return depth; }
static char failing[64];
static int fails_after, fails_with;
// Makes a function fail, after a number of successful calls.
void mock_fail(const char *function, int after, int with) {
  snprintf(failing, sizeof failing, "%s", function);
  fails_after = after, fails_with = with;
}
static int fail(const char *function) {
  if (strcmp(failing, function) || fails_after--) return 0;
  *failing = 0;
  return fails_with;
}
#define FAIL do { int error = fail(__func__); if (error) return error; } while (0)
#define CURRENT do { if (!depth) return 201; } while (0)

int cuInit(unsigned flags) { FAIL; return flags; }
int cuGetErrorString(unsigned error, const char **text) {
  *text = error == 700 ? "an illegal memory access was encountered" : error == 218 ? "a PTX JIT compilation failed" : NULL;
  return *text ? 0 : 1;
}
int cuDeviceGetCount(int *count) { FAIL; return *count = devices, 0; }
int cuDeviceGet(int *device, int ordinal) { FAIL; return *device = ordinal, ordinal < devices ? 0 : 101; }
int cuDeviceGetAttribute(int *value, int attribute, int device) { FAIL; return *value = attribute == 115 && with_pools, device; }
int cuDevicePrimaryCtxRetain(void **context, int device) {
  FAIL;
  ++retained;
  *context = primary = primary ? primary : make(CONTEXT);
  return device;
}
int cuCtxGetCurrent(void **context) { FAIL; return *context = depth ? current[depth - 1] : NULL, 0; }
int cuCtxSetCurrent(void *context) {
  FAIL;
  if (!context) return depth -= depth > 0, 0;
  return current[depth ? depth - 1 : depth++] = expect(CONTEXT, context), 0;
}
int cuCtxPushCurrent_v2(void *context) { FAIL; return current[depth++] = expect(CONTEXT, context), 0; }
int cuCtxPopCurrent_v2(void **context) { CURRENT; return *context = current[--depth], 0; }
int cuCtxGetDevice(int *device) { FAIL; CURRENT; return *device = 0; }
int cuStreamCreate(void **stream, unsigned flags) { FAIL; CURRENT; return *stream = make(STREAM), flags != 1; }
int cuStreamGetCtx(void *stream, void **context) { FAIL; return *context = expect(STREAM, stream)->context, 0; }
// The default stream has no object of its own.
static struct thing defaults = {STREAM, NULL, 0};
static struct thing *stream_of(void *stream) { return stream ? expect(STREAM, stream) : &defaults; }
int cuStreamSynchronize(void *stream) {
  FAIL;
  CURRENT;
  struct thing *thing = stream_of(stream);
  if (thing->context && thing->context != current[depth - 1]) return 709;
  int broken = thing->broken;
  return thing->broken = 0, broken;
}

static int allocate(uint64_t *address, size_t size) {
  CURRENT;
  if (!size) return 1;
  if (size > (size_t)1 << 40) return 2;
  struct thing *block = calloc(1, sizeof *block + size);
  block->kind = BLOCK;
  __atomic_add_fetch(&made[BLOCK], 1, __ATOMIC_SEQ_CST), __atomic_add_fetch(&live[BLOCK], 1, __ATOMIC_SEQ_CST);
  return *address = (uint64_t)(uintptr_t)(block + 1), 0;
}
static int release(uint64_t address) {
  struct thing *block = expect(BLOCK, (struct thing *)(uintptr_t)address - 1);
  block->kind = KINDS;
  __atomic_sub_fetch(&live[BLOCK], 1, __ATOMIC_SEQ_CST);
  return free(block), 0;
}
int cuMemAlloc_v2(uint64_t *address, size_t size) { FAIL; return allocate(address, size); }
int cuMemFree_v2(uint64_t address) { FAIL; return release(address); }
int cuMemPoolCreate(void **pool, const int *properties) {
  FAIL;
  // Only these properties of a pool are valid: pinned, without handles for other processes, on a device.
  if (properties[0] != 1 || properties[1] != 0 || properties[2] != 1 || properties[3] != 0) return 1;
  return *pool = make(POOL), 0;
}
int cuMemPoolSetAttribute(void *pool, int attribute, const uint64_t *value) {
  FAIL;
  expect(POOL, pool);
  return attribute == 4 && *value == UINT64_MAX ? 0 : 1;
}
int cuMemAllocAsync(uint64_t *address, size_t size, void *stream) { FAIL; return stream_of(stream), allocate(address, size); }
int cuMemAllocFromPoolAsync(uint64_t *address, size_t size, void *pool, void *stream) {
  FAIL;
  expect(POOL, pool), stream_of(stream);
  return allocate(address, size);
}
// Memory is freed even if the function reports an error; otherwise valgrind would report a leak.
int cuMemFreeAsync(uint64_t address, void *stream) {
  int error = fail(__func__);
  return stream_of(stream), release(address), error;
}

#define COPY(name, to_type, from_type)                                          \
  int name(to_type to, from_type from, size_t size, void *stream) {            \
    FAIL;                                                                       \
    CURRENT;                                                                    \
    stream_of(stream);                                                          \
    return memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)from, size), 0; \
  }
COPY(cuMemcpyHtoDAsync_v2, uint64_t, const void *)
COPY(cuMemcpyDtoHAsync_v2, void *, uint64_t)
COPY(cuMemcpyDtoDAsync_v2, uint64_t, uint64_t)

// The launch parameters that a kernel can read.
struct launch {
  unsigned grid[3], block[3], shared;
  struct thing *stream;
};
static void saxpy(const struct launch *launch, void **p) {
  int64_t n = *(int64_t *)p[0], threads = (int64_t)launch->grid[0] * launch->block[0];
  float a = *(float *)p[1], *x = *(float **)p[2], *y = *(float **)p[3];
  for (int64_t i = 0; i < n && i < threads; ++i) y[i] += a * x[i];
}
static void crash(const struct launch *launch, void **p) { (void)p, launch->stream->broken = 700; }
// Writes its launch parameters.
static void tell(const struct launch *launch, void **p) {
  int64_t *out = *(int64_t **)p[0];
  for (int i = 0; i < 3; ++i) out[i] = launch->grid[i], out[3 + i] = launch->block[i];
  out[6] = launch->shared;
}
static struct function {
  const char *name;
  void (*body)(const struct launch *, void **);
  int shared;
} functions[] = {{"saxpy", saxpy, 49152}, {"crash", crash, 49152}, {"tell", tell, 49152}};

int cuModuleLoadDataEx(void **module, const char *text, unsigned count, const unsigned *options, void **values) {
  FAIL;
  CURRENT;
  if (strstr(text, "mistake") && count == 2 && options[0] == 5 && options[1] == 6) {
    snprintf(values[0], (uintptr_t)values[1], "ptxas, line 1; fatal: mistake\n");
    return 218;
  }
  return *module = make(MODULE), 0;
}
int cuModuleUnload(void *module) {
  struct thing *thing = expect(MODULE, module);
  __atomic_sub_fetch(&live[MODULE], 1, __ATOMIC_SEQ_CST);
  return free(thing), 0;
}
int cuModuleGetFunction(void **function, void *module, const char *name) {
  FAIL;
  expect(MODULE, module);
  for (unsigned i = 0; i < sizeof functions / sizeof *functions; ++i)
    if (!strcmp(functions[i].name, name)) return *function = &functions[i], 0;
  return 500;
}
int cuLaunchKernel(struct function *function, unsigned gx, unsigned gy, unsigned gz, unsigned bx, unsigned by, unsigned bz,
                   unsigned shared, void *stream, void **params, void **extra) {
  FAIL;
  CURRENT;
  if (extra || !gx || !gy || !gz || bx * by * bz > 1024 || shared > (unsigned)function->shared) return 1;
  struct launch launch = {{gx, gy, gz}, {bx, by, bz}, shared, stream_of(stream)};
  return function->body(&launch, params), 0;
}
