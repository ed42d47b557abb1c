// Counts what is allocated. These definitions replace the allocator of the C library, for all libraries in the process.
#pragma once

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>

// Allocations since the start of the process, and their bytes.
static struct {
  long count, bytes;
} allocations;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static void count_allocation(size_t bytes) {
  ++allocations.count;
  allocations.bytes += (long)bytes;
}

void *malloc(size_t size) {
  count_allocation(size);
  return __libc_malloc(size);
}
void *calloc(size_t count, size_t size) {
  count_allocation(count * size);
  return __libc_calloc(count, size);
}
void *realloc(void *memory, size_t size) {
  count_allocation(size);
  return __libc_realloc(memory, size);
}
void *memalign(size_t alignment, size_t size) {
  count_allocation(size);
  return __libc_memalign(alignment, size);
}
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }
int posix_memalign(void **memory, size_t alignment, size_t size) {
  *memory = memalign(alignment, size);
  return *memory ? 0 : ENOMEM;
}
