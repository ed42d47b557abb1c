// Counts the page faults of calls, once a few have been made, at workspaces of three sizes: through the entry that
// takes the caller's workspace, and through the plain one. A line for each says whether they are few.
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int spread(const double *x, int64_t x_d0, double *y);
int spread__workspace_size(const double *x, int64_t x_d0, double *y, int64_t *size);
int spread__with_workspace(const double *x, int64_t x_d0, double *y, void *workspace, int64_t size);
const char *model_message(int status);

enum { CALLS = 3, MIB = 1 << 20, HUGE_PAGE = 2 * MIB };

static long faults(void) {
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt + usage.ru_majflt;
}

// Whether the system has huge pages for those who ask.
static int has_huge_pages(void) {
  char text[64] = "";
  FILE *file = fopen("/sys/kernel/mm/transparent_hugepage/enabled", "r");
  if (!file)
    return 0;
  char *line = fgets(text, sizeof text, file);
  fclose(file);
  return line && !strstr(text, "[never]");
}

int main(void) {
  static const int64_t sizes[] = {1, 40, 200};
  for (int i = 0; i < 3; ++i) {
    int64_t n = sizes[i] * MIB / (int64_t)sizeof(double), size = 0;
    double *x = calloc(n, sizeof *x), plain = 0, given = 0;
    for (int64_t k = 0; k < n; ++k)
      x[k] = (double)(k % 7) / 7;
    if (spread__workspace_size(NULL, n, NULL, &size) || size < sizes[i] * MIB || size > (sizes[i] + 1) * MIB)
      return printf("%d MiB: the workspace takes %lld bytes\n", (int)sizes[i], (long long)size), 1;
    void *memory = aligned_alloc(64, size);
    spread__with_workspace(x, n, &given, memory, size);
    long before = faults();
    for (int call = 0; call < CALLS; ++call)
      if (spread__with_workspace(x, n, &given, memory, size))
        return 1;
    long few = faults() - before;
    printf("%d MiB, given: %s\n", (int)sizes[i], few <= 64 * CALLS ? "few" : "many");
    // The allocator learns from a few calls how large what it keeps must be.
    for (int call = 0; call < 6; ++call)
      spread(x, n, &plain);
    before = faults();
    for (int call = 0; call < CALLS; ++call)
      if (spread(x, n, &plain))
        return 1;
    few = faults() - before;
    // What is larger than the allocator keeps is new at each call: a fault for each huge page, where there are any.
    long most = CALLS * (size / HUGE_PAGE + 32);
    printf("%d MiB, allocated: %s\n", (int)sizes[i], !has_huge_pages() || few <= most ? "few" : "many");
    if (plain != given)
      return printf("%g is not %g\n", plain, given), 1;
    // What is too small or crooked is refused.
    printf("%s\n", model_message(spread__with_workspace(x, n, &given, memory, size - 1)));
    printf("%s\n", model_message(spread__with_workspace(x, n, &given, (char *)memory + 8, size)));
    free(memory), free(x);
  }
  return 0;
}
