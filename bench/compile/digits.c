// The functions of examples/digits/model.mlir and its gradient, written by hand in C with
// the interface of the header that dpc writes. The benchmark compares the time that a C
// compiler takes for this file.

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { PIXELS = 64, HIDDEN = 64, CLASSES = 10, ROWS = 32 };

// The activations of at most ROWS rows.
struct layer {
  float hidden[ROWS][HIDDEN];
  float logits[ROWS][CLASSES];
};

static void forward(const float *w1, const float *b1, const float *w2, const float *b2, const float *x, int rows,
                    struct layer *layer) {
  for (int i = 0; i < rows; ++i) {
    float *h = layer->hidden[i], *z = layer->logits[i];
    memcpy(h, b1, HIDDEN * sizeof *h);
    for (int k = 0; k < PIXELS; ++k)
      for (int j = 0; j < HIDDEN; ++j)
        h[j] += x[i * PIXELS + k] * w1[k * HIDDEN + j];
    for (int j = 0; j < HIDDEN; ++j)
      h[j] = tanhf(h[j]);
    memcpy(z, b2, CLASSES * sizeof *z);
    for (int k = 0; k < HIDDEN; ++k)
      for (int j = 0; j < CLASSES; ++j)
        z[j] += h[k] * w2[k * CLASSES + j];
  }
}

// The loss of a row; replaces its logits by their gradient, softmax minus one-hot.
static float cross_entropy(float *z, int32_t label) {
  float m = z[0], sum = 0;
  for (int k = 1; k < CLASSES; ++k)
    m = fmaxf(m, z[k]);
  float chosen = 0;
  for (int k = 0; k < CLASSES; ++k) {
    chosen += k == label ? z[k] - m : 0;
    z[k] = expf(z[k] - m);
    sum += z[k];
  }
  for (int k = 0; k < CLASSES; ++k)
    z[k] = z[k] / sum - (k == label);
  return logf(sum) - chosen;
}

int predict(const float *restrict w1, const float *restrict b1, const float *restrict w2, const float *restrict b2,
            const float *restrict x, int64_t x_d0, float *restrict logits) {
  struct layer layer;
  for (int64_t start = 0; start < x_d0; start += ROWS) {
    int rows = x_d0 - start < ROWS ? (int)(x_d0 - start) : ROWS;
    forward(w1, b1, w2, b2, x + start * PIXELS, rows, &layer);
    memcpy(logits + start * CLASSES, layer.logits, rows * sizeof layer.logits[0]);
  }
  return 0;
}

int loss_grad(const float *restrict w1, const float *restrict b1, const float *restrict w2, const float *restrict b2,
              const float *restrict x, int64_t x_d0, const int32_t *restrict labels, int64_t labels_d0,
              float *restrict loss, float *restrict d_w1, float *restrict d_b1, float *restrict d_w2,
              float *restrict d_b2) {
  if (x_d0 != labels_d0)
    return 1;
  struct layer layer;
  const float scale = 1.0f / (float)x_d0;
  float total = 0;
  memset(d_w1, 0, PIXELS * HIDDEN * sizeof *d_w1);
  memset(d_b1, 0, HIDDEN * sizeof *d_b1);
  memset(d_w2, 0, HIDDEN * CLASSES * sizeof *d_w2);
  memset(d_b2, 0, CLASSES * sizeof *d_b2);
  for (int64_t start = 0; start < x_d0; start += ROWS) {
    int rows = x_d0 - start < ROWS ? (int)(x_d0 - start) : ROWS;
    const float *batch = x + start * PIXELS;
    forward(w1, b1, w2, b2, batch, rows, &layer);
    for (int i = 0; i < rows; ++i) {
      float *h = layer.hidden[i], *dz = layer.logits[i];
      total += cross_entropy(dz, labels[start + i]);
      for (int k = 0; k < CLASSES; ++k) {
        dz[k] *= scale;
        d_b2[k] += dz[k];
      }
      for (int j = 0; j < HIDDEN; ++j) {
        float dh = 0;
        for (int k = 0; k < CLASSES; ++k) {
          d_w2[j * CLASSES + k] += h[j] * dz[k];
          dh += dz[k] * w2[j * CLASSES + k];
        }
        h[j] = dh * (1 - h[j] * h[j]);
        d_b1[j] += h[j];
      }
      for (int k = 0; k < PIXELS; ++k)
        for (int j = 0; j < HIDDEN; ++j)
          d_w1[k * HIDDEN + j] += batch[i * PIXELS + k] * h[j];
    }
  }
  *loss = total * scale;
  return 0;
}

int loss(const float *restrict w1, const float *restrict b1, const float *restrict w2, const float *restrict b2,
         const float *restrict x, int64_t x_d0, const int32_t *restrict labels, int64_t labels_d0,
         float *restrict loss) {
  if (x_d0 != labels_d0)
    return 1;
  struct layer layer;
  float total = 0;
  for (int64_t start = 0; start < x_d0; start += ROWS) {
    int rows = x_d0 - start < ROWS ? (int)(x_d0 - start) : ROWS;
    forward(w1, b1, w2, b2, x + start * PIXELS, rows, &layer);
    for (int i = 0; i < rows; ++i)
      total += cross_entropy(layer.logits[i], labels[start + i]);
  }
  *loss = total / (float)x_d0;
  return 0;
}

const char *digits_message(int status) {
  return status == 0 ? "success" : "error: extents of x and labels do not agree";
}
