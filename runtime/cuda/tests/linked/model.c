// A library as the compiler would generate it, written by hand in C: declarations of the runtime, a kernel, a function
// with host pointers and one with device pointers.

#include <stdint.h>

typedef struct {
  const char *ptx;
  int64_t ptx_len;
  const char *const *kernels;
  int64_t kernel_count;
  void *cache;
} dp_cuda_image;
int32_t dp_cuda_begin(dp_cuda_image *image, void *stream, int32_t on_device);
void *dp_cuda_alloc(int64_t bytes);
void dp_cuda_free(void *device);
void dp_cuda_upload(void *device, const void *host, int64_t bytes);
int32_t dp_cuda_download(void *host, const void *device, int64_t bytes);
void dp_cuda_copy(void *to, const void *from, int64_t bytes);
void dp_cuda_launch(int32_t kernel, int64_t gx, int64_t gy, int64_t gz, int64_t bx, int64_t by, int64_t bz,
                    void **params);
int32_t dp_cuda_end(void);
const char *dp_cuda_message(int32_t code);

// y[i] += a x[i] for i < n
static const char ptx[] =
    ".version 7.0\n.target sm_70\n.address_size 64\n"
    ".visible .entry saxpy(.param .u64 n, .param .f32 a, .param .u64 x, .param .u64 y)\n"
    "{\n"
    "  .reg .pred %p<2>;\n  .reg .b32 %r<4>;\n  .reg .f32 %f<5>;\n  .reg .b64 %d<10>;\n"
    "  ld.param.u64 %d1, [n];\n"
    "  ld.param.f32 %f1, [a];\n"
    "  ld.param.u64 %d2, [x];\n"
    "  ld.param.u64 %d3, [y];\n"
    "  mov.u32 %r1, %ctaid.x;\n"
    "  mov.u32 %r2, %ntid.x;\n"
    "  mov.u32 %r3, %tid.x;\n"
    "  mul.wide.u32 %d4, %r1, %r2;\n"
    "  cvt.u64.u32 %d5, %r3;\n"
    "  add.s64 %d6, %d4, %d5;\n"
    "  setp.ge.s64 %p1, %d6, %d1;\n"
    "  @%p1 bra DONE;\n"
    "  shl.b64 %d7, %d6, 2;\n"
    "  cvta.to.global.u64 %d2, %d2;\n"
    "  cvta.to.global.u64 %d3, %d3;\n"
    "  add.s64 %d8, %d2, %d7;\n"
    "  add.s64 %d9, %d3, %d7;\n"
    "  ld.global.f32 %f2, [%d8];\n"
    "  ld.global.f32 %f3, [%d9];\n"
    "  fma.rn.f32 %f4, %f1, %f2, %f3;\n"
    "  st.global.f32 [%d9], %f4;\n"
    "DONE:\n"
    "  ret;\n"
    "}\n";
static const char *const names[] = {"saxpy"};
static dp_cuda_image image = {ptx, sizeof ptx - 1, names, 1, 0};

static void launch(int64_t n, float a, const void *x, void *y) {
  void *params[] = {&n, &a, &x, &y};
  dp_cuda_launch(0, (n + 127) / 128, 1, 1, 128, 1, 1, params);
}

int saxpy(int64_t n, float a, const float *x, const float *y, float *z) {
  dp_cuda_begin(&image, 0, 0);
  void *dx = dp_cuda_alloc(4 * n), *dy = dp_cuda_alloc(4 * n), *dz = dp_cuda_alloc(4 * n);
  dp_cuda_upload(dx, x, 4 * n);
  dp_cuda_upload(dy, y, 4 * n);
  dp_cuda_copy(dz, dy, 4 * n);
  dp_cuda_free(dy);
  launch(n, a, dx, dz);
  dp_cuda_download(z, dz, 4 * n);
  return dp_cuda_end();
}

int saxpy_on_device(int64_t n, float a, const float *x, float *y, void *stream) {
  dp_cuda_begin(&image, stream, 1);
  launch(n, a, x, y);
  return dp_cuda_end();
}

const char *model_message(int status) { return dp_cuda_message(status); }
