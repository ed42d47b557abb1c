// Loops and their adjoints by hand, and as compiled. Each line that is read, `case which gradient n steps`, is answered
// with a number for one call: `which` is 0 for the seconds of what dpc made, 1 for C's, 2 and 3 for their allocations, 4 and
// 5 for the bytes of these, and -1 compares the two.
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "allocations.h"
#include "loops.h"

// Each case: what a call reads and writes, and its values and gradients by hand. Tapes are allocated in the call, as
// ours are.

static double hand_power(double x, int64_t n) {
  double p = 1;
  for (int64_t k = 0; k < n; ++k)
    p *= x;
  return p;
}

static double hand_power_grad(double x, int64_t n, double *dx) {
  double *tape = malloc(n * sizeof *tape), p = 1;
  for (int64_t k = 0; k < n; ++k)
    tape[k] = p, p *= x;
  double bar = 1, sum = 0;
  for (int64_t k = n - 1; k >= 0; --k)
    sum += bar * tape[k], bar *= x;
  free(tape);
  *dx = sum;
  return p;
}

static double hand_waves(const double *x, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    double y = x[i];
    for (int k = 0; k < 5; ++k)
      y = sin(cos(y));
    sum += y;
  }
  return sum;
}

static double hand_waves_grad(const double *x, int64_t n, double *dx) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i) {
    double from[5], inner[5], y = x[i];
    for (int k = 0; k < 5; ++k)
      from[k] = y, inner[k] = cos(y), y = sin(inner[k]);
    sum += y;
    double bar = 1;
    for (int k = 4; k >= 0; --k)
      bar = -bar * cos(inner[k]) * sin(from[k]);
    dx[i] = bar;
  }
  return sum;
}

static double hand_thomas(const double *a, const double *b, const double *c, const double *d, int64_t n) {
  double *u = malloc(n * sizeof *u), *v = malloc(n * sizeof *v);
  u[0] = c[0] / b[0], v[0] = d[0] / b[0];
  for (int64_t i = 1; i < n; ++i) {
    double m = b[i] - a[i] * u[i - 1];
    u[i] = c[i] / m, v[i] = (d[i] - a[i] * v[i - 1]) / m;
  }
  double x = 0, sum = 0;
  for (int64_t i = n - 1; i >= 0; --i)
    x = v[i] - u[i] * x, sum += x * x;
  free(u), free(v);
  return sum;
}

static double hand_thomas_grad(const double *a, const double *b, const double *c, const double *d, int64_t n, double *da,
                               double *db, double *dc, double *dd) {
  double *u = malloc(n * sizeof *u), *v = malloc(n * sizeof *v), *x = malloc((n + 1) * sizeof *x);
  double *ubar = malloc(n * sizeof *u), *vbar = malloc(n * sizeof *v), *ms = malloc(n * sizeof *ms);
  ms[0] = b[0], u[0] = c[0] / b[0], v[0] = d[0] / b[0];
  for (int64_t i = 1; i < n; ++i) {
    double m = ms[i] = b[i] - a[i] * u[i - 1];
    u[i] = c[i] / m, v[i] = (d[i] - a[i] * v[i - 1]) / m;
  }
  double sum = 0;
  x[n] = 0;
  for (int64_t i = n - 1; i >= 0; --i)
    x[i] = v[i] - u[i] * x[i + 1], sum += x[i] * x[i];
  double xbar = 0;
  for (int64_t i = 0; i < n; ++i) {
    xbar += 2 * x[i];
    vbar[i] = xbar, ubar[i] = -xbar * x[i + 1], xbar = -xbar * u[i];
  }
  double uin = 0, vin = 0;
  for (int64_t i = n - 1; i >= 1; --i) {
    double m = ms[i], ub = ubar[i] + uin, vb = vbar[i] + vin, r = vb / m;
    double mbar = -(ub * u[i] + vb * v[i]) / m;
    dc[i] = ub / m, dd[i] = r, db[i] = mbar;
    da[i] = -r * v[i - 1] - mbar * u[i - 1];
    vin = -r * a[i], uin = -mbar * a[i];
  }
  double ub = ubar[0] + uin, vb = vbar[0] + vin;
  da[0] = 0, dc[0] = ub / b[0], dd[0] = vb / b[0], db[0] = -(ub * u[0] + vb * v[0]) / b[0];
  free(u), free(v), free(x), free(ubar), free(vbar), free(ms);
  return sum;
}

static void heat_step(const double *restrict from, double *restrict to, int64_t n, double r) {
  to[0] = from[0], to[n - 1] = from[n - 1];
  for (int64_t i = 1; i < n - 1; ++i)
    to[i] = from[i] + r * (from[i - 1] + from[i + 1] - 2 * from[i]);
}

static double squares(const double *u, int64_t n) {
  double sum = 0;
  for (int64_t i = 0; i < n; ++i)
    sum += u[i] * u[i];
  return sum;
}

static double hand_heat(const double *u, int64_t n, double r, int64_t steps) {
  double *now = malloc(n * sizeof *now), *next = malloc(n * sizeof *next);
  memcpy(now, u, n * sizeof *u);
  for (int64_t step = 0; step < steps; ++step) {
    heat_step(now, next, n, r);
    double *swapped = now;
    now = next, next = swapped;
  }
  double sum = squares(now, n);
  free(now), free(next);
  return sum;
}

static double heat_step_adjoint(const double *restrict from, const double *restrict bar, double *restrict back, int64_t n,
                                double r) {
  double rbar = 0;
  back[0] = bar[0] + r * bar[1];
  back[1] = bar[1] * (1 - 2 * r) + r * bar[2];
  for (int64_t i = 2; i < n - 2; ++i)
    back[i] = bar[i] + r * (bar[i - 1] + bar[i + 1] - 2 * bar[i]);
  back[n - 2] = bar[n - 2] * (1 - 2 * r) + r * bar[n - 3];
  back[n - 1] = bar[n - 1] + r * bar[n - 2];
  for (int64_t i = 1; i < n - 1; ++i)
    rbar += bar[i] * (from[i - 1] + from[i + 1] - 2 * from[i]);
  return rbar;
}

static double hand_heat_grad(const double *u, int64_t n, double r, int64_t steps, double *du, double *dr) {
  double *tape = malloc((steps + 1) * n * sizeof *tape), *other = malloc(n * sizeof *other);
  memcpy(tape, u, n * sizeof *u);
  for (int64_t step = 0; step < steps; ++step)
    heat_step(tape + step * n, tape + (step + 1) * n, n, r);
  const double *end = tape + steps * n;
  double sum = squares(end, n), rbar = 0;
  double *bar = steps % 2 ? other : du, *back = steps % 2 ? du : other;
  for (int64_t i = 0; i < n; ++i)
    bar[i] = 2 * end[i];
  for (int64_t step = steps - 1; step >= 0; --step) {
    rbar += heat_step_adjoint(tape + step * n, bar, back, n, r);
    double *swapped = bar;
    bar = back, back = swapped;
  }
  free(tape), free(other);
  *dr = rbar;
  return sum;
}

static double hand_prefix(const double *x, int64_t n) {
  double *y = malloc(n * sizeof *y), sum = y[0] = x[0];
  for (int64_t i = 1; i < n; ++i)
    y[i] = y[i - 1] * x[i], sum += y[i];
  free(y);
  return sum;
}

static double hand_prefix_grad(const double *x, int64_t n, double *dx) {
  double *y = malloc(n * sizeof *y), sum = y[0] = x[0], bar = 0;
  for (int64_t i = 1; i < n; ++i)
    y[i] = y[i - 1] * x[i], sum += y[i];
  for (int64_t i = n - 1; i >= 1; --i)
    bar += 1, dx[i] = bar * y[i - 1], bar *= x[i];
  dx[0] = bar + 1;
  free(y);
  return sum;
}

typedef struct {
  double x, y, z;
} state;
typedef struct {
  double s, r, b;
} parameters;

static state slope(state q, parameters p) {
  return (state){p.s * (q.y - q.x), q.x * (p.r - q.z) - q.y, q.x * q.y - p.b * q.z};
}

static state advance(state q, state k, double h) { return (state){q.x + h * k.x, q.y + h * k.y, q.z + h * k.z}; }

static state combined(state k1, state k2, state k3, state k4) {
  return (state){k1.x + 2 * (k2.x + k3.x) + k4.x, k1.y + 2 * (k2.y + k3.y) + k4.y, k1.z + 2 * (k2.z + k3.z) + k4.z};
}

static state lorenz_step(state q, parameters p, double h) {
  state k1 = slope(q, p), k2 = slope(advance(q, k1, h / 2), p);
  state k3 = slope(advance(q, k2, h / 2), p), k4 = slope(advance(q, k3, h), p);
  return advance(q, combined(k1, k2, k3, k4), h / 6);
}

static double norm(state q) { return q.x * q.x + q.y * q.y + q.z * q.z; }

static double hand_lorenz(state q, parameters p, double h, int64_t steps) {
  for (int64_t step = 0; step < steps; ++step)
    q = lorenz_step(q, p, h);
  return norm(q);
}

// The cotangent of q; adds to that of p.
static state slope_adjoint(state q, parameters p, state k, parameters *pbar) {
  pbar->s += k.x * (q.y - q.x), pbar->r += k.y * q.x, pbar->b -= k.z * q.z;
  return (state){-p.s * k.x + (p.r - q.z) * k.y + q.y * k.z, p.s * k.x - k.y + q.x * k.z, -q.x * k.y - p.b * k.z};
}

static double dot(state a, state b) { return a.x * b.x + a.y * b.y + a.z * b.z; }

static double hand_lorenz_grad(state q, parameters p, double h, int64_t steps, state *dq, parameters *dp, double *dh) {
  state *tape = malloc(steps * sizeof *tape);
  for (int64_t step = 0; step < steps; ++step)
    tape[step] = q, q = lorenz_step(q, p, h);
  state bar = {2 * q.x, 2 * q.y, 2 * q.z}, zero = {0, 0, 0};
  parameters pbar = {0, 0, 0};
  double hbar = 0;
  for (int64_t step = steps - 1; step >= 0; --step) {
    state q0 = tape[step];
    state k1 = slope(q0, p), q1 = advance(q0, k1, h / 2), k2 = slope(q1, p), q2 = advance(q0, k2, h / 2);
    state k3 = slope(q2, p), q3 = advance(q0, k3, h), k4 = slope(q3, p);
    hbar += dot(bar, combined(k1, k2, k3, k4)) / 6;
    state to4 = advance(zero, bar, h / 6), to3 = advance(zero, bar, h / 3), to2 = to3, to1 = to4;
    state b3 = slope_adjoint(q3, p, to4, &pbar);
    hbar += dot(b3, k3), to3 = advance(to3, b3, h);
    state b2 = slope_adjoint(q2, p, to3, &pbar);
    hbar += dot(b2, k2) / 2, to2 = advance(to2, b2, h / 2);
    state b1 = slope_adjoint(q1, p, to2, &pbar);
    hbar += dot(b1, k1) / 2, to1 = advance(to1, b1, h / 2);
    state b0 = slope_adjoint(q0, p, to1, &pbar);
    bar = (state){bar.x + b0.x + b1.x + b2.x + b3.x, bar.y + b0.y + b1.y + b2.y + b3.y,
                  bar.z + b0.z + b1.z + b2.z + b3.z};
  }
  free(tape);
  *dq = bar, *dp = pbar, *dh = hbar;
  return norm(q);
}

enum { POWER, WAVES, THOMAS, HEAT, PREFIX, LORENZ };

// The vectors that a call reads, and those that it writes.
typedef struct {
  double *in[4], *out[4], value, numbers[7];
} data;

static int64_t status = 0;

static void ours(int which, int gradient, data *t, int64_t n, int64_t steps) {
  double *const *x = t->in, *const *y = t->out, *v = &t->value, *w = t->numbers;
  switch (which * 2 + gradient) {
  case POWER * 2: status |= power(1.0000001, n, v); return;
  case POWER * 2 + 1: status |= power_grad(1.0000001, n, v, w); return;
  case WAVES * 2: status |= waves(x[0], n, v); return;
  case WAVES * 2 + 1: status |= waves_grad(x[0], n, v, y[0]); return;
  case THOMAS * 2: status |= thomas(x[0], n, x[1], n, x[2], n, x[3], n, v); return;
  case THOMAS * 2 + 1: status |= thomas_grad(x[0], n, x[1], n, x[2], n, x[3], n, v, y[0], y[1], y[2], y[3]); return;
  case HEAT * 2: status |= heat(x[0], n, 0.25, steps, v); return;
  case HEAT * 2 + 1: status |= heat_grad(x[0], n, 0.25, steps, v, y[0], w); return;
  case PREFIX * 2: status |= prefix(x[0], n, v); return;
  case PREFIX * 2 + 1: status |= prefix_grad(x[0], n, v, y[0]); return;
  case LORENZ * 2: status |= lorenz(1, 2, 3, 10, 28, 2.6666666, 1e-3, steps, v); return;
  case LORENZ * 2 + 1:
    status |= lorenz_grad(1, 2, 3, 10, 28, 2.6666666, 1e-3, steps, v, w, w + 1, w + 2, w + 3, w + 4, w + 5, w + 6);
    return;
  }
}

static void by_hand(int which, int gradient, data *t, int64_t n, int64_t steps) {
  double *const *x = t->in, *const *y = t->out, *v = &t->value, *w = t->numbers;
  state start = {1, 2, 3};
  parameters p = {10, 28, 2.6666666};
  switch (which * 2 + gradient) {
  case POWER * 2: *v = hand_power(1.0000001, n); return;
  case POWER * 2 + 1: *v = hand_power_grad(1.0000001, n, w); return;
  case WAVES * 2: *v = hand_waves(x[0], n); return;
  case WAVES * 2 + 1: *v = hand_waves_grad(x[0], n, y[0]); return;
  case THOMAS * 2: *v = hand_thomas(x[0], x[1], x[2], x[3], n); return;
  case THOMAS * 2 + 1: *v = hand_thomas_grad(x[0], x[1], x[2], x[3], n, y[0], y[1], y[2], y[3]); return;
  case HEAT * 2: *v = hand_heat(x[0], n, 0.25, steps); return;
  case HEAT * 2 + 1: *v = hand_heat_grad(x[0], n, 0.25, steps, y[0], w); return;
  case PREFIX * 2: *v = hand_prefix(x[0], n); return;
  case PREFIX * 2 + 1: *v = hand_prefix_grad(x[0], n, y[0]); return;
  case LORENZ * 2: *v = hand_lorenz(start, p, 1e-3, steps); return;
  case LORENZ * 2 + 1: *v = hand_lorenz_grad(start, p, 1e-3, steps, (state *)w, (parameters *)(w + 3), w + 6); return;
  }
}

static data make(int64_t n) {
  data made = {0};
  for (int k = 0; k < 4; ++k) {
    made.in[k] = malloc(n * sizeof(double)), made.out[k] = calloc(n, sizeof(double));
    // The second vector, a main diagonal, dominates the others; products of all elements stay near 1.
    for (int64_t i = 0; i < n; ++i)
      made.in[k][i] = (k == 1 ? 3 : 1) + 1e-7 * sin((double)(i * (k + 1)));
  }
  return made;
}

static void drop(data *made) {
  for (int k = 0; k < 4; ++k)
    free(made->in[k]), free(made->out[k]);
}

static double difference(double a, double b) { return fabs(a - b) / fmax(1, fmax(fabs(a), fabs(b))); }

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

int main(void) {
  int which, side, gradient;
  long long n, steps;
  while (scanf("%d %d %d %lld %lld", &which, &side, &gradient, &n, &steps) == 5) {
    data mine = make(n), other = make(n);
    double answer = 0;
    if (side == -1) {
      ours(which, gradient, &mine, n, steps);
      by_hand(which, gradient, &other, n, steps);
      answer = status ? INFINITY : difference(mine.value, other.value);
      for (int k = 0; k < 7; ++k)
        answer = fmax(answer, difference(mine.numbers[k], other.numbers[k]));
      for (int k = 0; k < 4; ++k)
        for (int64_t i = 0; i < n; ++i)
          answer = fmax(answer, difference(mine.out[k][i], other.out[k][i]));
    } else {
      void (*call)(int, int, data *, int64_t, int64_t) = side % 2 == 0 ? ours : by_hand;
      call(which, gradient, &mine, n, steps);
      if (side < 2) {
        // As many calls as take a millisecond, after one that is not counted.
        double start = seconds(), spent = 0;
        long long calls = 0;
        do {
          call(which, gradient, &mine, n, steps);
          ++calls;
        } while ((spent = seconds() - start) < 1e-3);
        answer = spent / (double)calls;
      } else {
        long count = allocations.count, bytes = allocations.bytes;
        call(which, gradient, &mine, n, steps);
        answer = (double)(side < 4 ? allocations.count - count : allocations.bytes - bytes);
      }
    }
    printf("%.12g\n", answer);
    fflush(stdout);
    drop(&mine), drop(&other);
  }
  return 0;
}
