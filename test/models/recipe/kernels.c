//===- kernels.c - What is no matrix product, in training -------*- C -*---===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The parts of a decoder beside its matrix products, forward and backward, each
// in one pass over memory. functions.py says the same in PyTorch. Matrices are
// row by row; bf16 is what a product reads or has written, float the rest.
//
//===----------------------------------------------------------------------===//

#include <assert.h>
#include <math.h>
#include <string.h>

typedef unsigned short bf16;

static inline float wide(bf16 x) {
  unsigned bits = (unsigned)x << 16;
  float f;
  memcpy(&f, &bits, 4);
  return f;
}

// To the nearest, ties to even. No NaN comes here.
static inline bf16 narrow(float x) {
  unsigned bits;
  memcpy(&bits, &x, 4);
  return (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
}

// y = x / rms(x) * (1 + w); r[n] is kept for the backward pass.
void norm_forward(const float *x, const float *w, bf16 *y, float *r, long n,
                  long d, float eps) {
  for (long i = 0; i < n; ++i, x += d, y += d) {
    float sum = 0;
    for (long j = 0; j < d; ++j) {
      sum += x[j] * x[j];
    }
    float s = r[i] = 1 / sqrtf(sum / d + eps);
    for (long j = 0; j < d; ++j) {
      y[j] = narrow(x[j] * s * (1 + w[j]));
    }
  }
}

void norm_backward(const float *x, const float *w, const float *r,
                   const bf16 *g, float *gx, float *gw, long n, long d) {
  for (long i = 0; i < n; ++i, x += d, g += d, gx += d) {
    float dot = 0, s = r[i];
    for (long j = 0; j < d; ++j) {
      dot += wide(g[j]) * (1 + w[j]) * x[j];
    }
    dot *= s * s / d;
    for (long j = 0; j < d; ++j) {
      gw[j] += wide(g[j]) * x[j] * s;
      gx[j] = (wide(g[j]) * (1 + w[j]) - x[j] * dot) * s;
    }
  }
}

// y = x + h / rms(h) * (1 + w)
void add_normed_forward(const float *x, const bf16 *h, const float *w, float *y,
                        float *r, long n, long d, float eps) {
  for (long i = 0; i < n; ++i, x += d, h += d, y += d) {
    float sum = 0;
    for (long j = 0; j < d; ++j) {
      sum += wide(h[j]) * wide(h[j]);
    }
    float s = r[i] = 1 / sqrtf(sum / d + eps);
    for (long j = 0; j < d; ++j) {
      y[j] = x[j] + wide(h[j]) * s * (1 + w[j]);
    }
  }
}

// For h; x takes g as it is.
void add_normed_backward(const bf16 *h, const float *w, const float *r,
                         const float *g, bf16 *gh, float *gw, long n, long d) {
  for (long i = 0; i < n; ++i, h += d, g += d, gh += d) {
    float dot = 0, s = r[i];
    for (long j = 0; j < d; ++j) {
      dot += g[j] * (1 + w[j]) * wide(h[j]);
    }
    dot *= s * s / d;
    for (long j = 0; j < d; ++j) {
      gw[j] += g[j] * wide(h[j]) * s;
      gh[j] = narrow((g[j] * (1 + w[j]) - wide(h[j]) * dot) * s);
    }
  }
}

// One head of d elements: x / rms(x) * (1 + w) unless w is null, then rotated,
// then times scale.
static void head_forward(const bf16 *x, const float *w, const float *cos,
                         const float *sin, float scale, float eps, bf16 *y,
                         long d) {
  float s = scale, sum = 0;
  if (w) {
    for (long j = 0; j < d; ++j) {
      sum += wide(x[j]) * wide(x[j]);
    }
    s /= sqrtf(sum / d + eps);
  }
  long half = d / 2;
  for (long j = 0; j < half; ++j) {
    float a = wide(x[j]) * s, b = wide(x[j + half]) * s;
    if (w) {
      a *= 1 + w[j];
      b *= 1 + w[j + half];
    }
    y[j] = narrow(a * cos[j] - b * sin[j]);
    y[j + half] = narrow(b * cos[j] + a * sin[j]);
  }
}

static void head_backward(const bf16 *x, const float *w, const float *cos,
                          const float *sin, float scale, float eps,
                          const bf16 *gy, bf16 *gx, float *gw, long d) {
  assert(d <= 512);
  float g[512];
  long half = d / 2;
  for (long j = 0; j < half; ++j) {
    float a = wide(gy[j]) * scale, b = wide(gy[j + half]) * scale;
    g[j] = a * cos[j] + b * sin[j];
    g[j + half] = b * cos[j] - a * sin[j];
  }
  if (!w) {
    for (long j = 0; j < d; ++j) {
      gx[j] = narrow(g[j]);
    }
    return;
  }
  float sum = 0, dot = 0;
  for (long j = 0; j < d; ++j) {
    sum += wide(x[j]) * wide(x[j]);
    dot += g[j] * (1 + w[j]) * wide(x[j]);
  }
  float s = 1 / sqrtf(sum / d + eps);
  dot *= s * s / d;
  for (long j = 0; j < d; ++j) {
    gw[j] += g[j] * wide(x[j]) * s;
    gx[j] = narrow((g[j] * (1 + w[j]) - wide(x[j]) * dot) * s);
  }
}

// qkv [rows, width, heads + 2 kv, d] to q [rows, heads, width, d], k and v
// [rows, kv, width, d].
void heads_forward(const bf16 *qkv, const float *qw, const float *kw,
                   const float *cos, const float *sin, float scale, float eps,
                   bf16 *q, bf16 *k, bf16 *v, long rows, long width, long heads,
                   long kv, long d) {
  for (long b = 0; b < rows; ++b) {
    for (long t = 0; t < width; ++t) {
      const float *c = cos + t * (d / 2), *s = sin + t * (d / 2);
      for (long h = 0; h < heads; ++h, qkv += d) {
        head_forward(qkv, qw, c, s, scale, eps,
                     q + ((b * heads + h) * width + t) * d, d);
      }
      for (long h = 0; h < kv; ++h, qkv += d) {
        head_forward(qkv, kw, c, s, 1, eps, k + ((b * kv + h) * width + t) * d,
                     d);
      }
      for (long h = 0; h < kv; ++h, qkv += d) {
        memcpy(v + ((b * kv + h) * width + t) * d, qkv, d * sizeof(bf16));
      }
    }
  }
}

void heads_backward(const bf16 *qkv, const float *qw, const float *kw,
                    const float *cos, const float *sin, float scale, float eps,
                    const bf16 *gq, const bf16 *gk, const bf16 *gv, bf16 *g,
                    float *gqw, float *gkw, long rows, long width, long heads,
                    long kv, long d) {
  for (long b = 0; b < rows; ++b) {
    for (long t = 0; t < width; ++t) {
      const float *c = cos + t * (d / 2), *s = sin + t * (d / 2);
      for (long h = 0; h < heads; ++h, qkv += d, g += d) {
        head_backward(qkv, qw, c, s, scale, eps,
                      gq + ((b * heads + h) * width + t) * d, g, gqw, d);
      }
      for (long h = 0; h < kv; ++h, qkv += d, g += d) {
        head_backward(qkv, kw, c, s, 1, eps,
                      gk + ((b * kv + h) * width + t) * d, g, gkw, d);
      }
      for (long h = 0; h < kv; ++h, qkv += d, g += d) {
        memcpy(g, gv + ((b * kv + h) * width + t) * d, d * sizeof(bf16));
      }
    }
  }
}

// Row i of s [n, width] belongs to query i % width, which sees `window` keys up
// to its own. cap 0 is none.
void softmax_forward(const bf16 *s, bf16 *p, long n, long width, long window,
                     float cap) {
  assert(width <= 4096);
  float e[4096];
  for (long i = 0; i < n; ++i, s += width, p += width) {
    long end = i % width + 1, begin = end > window ? end - window : 0;
    float sum = 0;
    for (long j = begin; j < end; ++j) {
      e[j] = cap ? cap * tanhf(wide(s[j]) / cap) : wide(s[j]);
    }
    float most = e[begin];
    for (long j = begin; j < end; ++j) {
      most = e[j] > most ? e[j] : most;
    }
    for (long j = begin; j < end; ++j) {
      e[j] = expf(e[j] - most);
      sum += e[j];
    }
    memset(p, 0, width * sizeof(bf16));
    sum = 1 / sum;
    for (long j = begin; j < end; ++j) {
      p[j] = narrow(e[j] * sum);
    }
  }
}

void softmax_backward(const bf16 *s, const bf16 *p, const bf16 *g, bf16 *gs,
                      long n, long width, long window, float cap) {
  for (long i = 0; i < n;
       ++i, s += width, p += width, g += width, gs += width) {
    long end = i % width + 1, begin = end > window ? end - window : 0;
    float dot = 0;
    for (long j = begin; j < end; ++j) {
      dot += wide(p[j]) * wide(g[j]);
    }
    memset(gs, 0, width * sizeof(bf16));
    for (long j = begin; j < end; ++j) {
      float t = cap ? tanhf(wide(s[j]) / cap) : 0;
      gs[j] = narrow(wide(p[j]) * (wide(g[j]) - dot) * (1 - t * t));
    }
  }
}

// gate and up stand side by side: gu [n, 2 d] to gelu(gate) * up [n, d].
void geglu_forward(const bf16 *gu, bf16 *y, long n, long d) {
  for (long i = 0; i < n; ++i, gu += 2 * d, y += d) {
    for (long j = 0; j < d; ++j) {
      float a = wide(gu[j]),
            t = tanhf(0.7978845608f * (a + 0.044715f * a * a * a));
      y[j] = narrow(0.5f * a * (1 + t) * wide(gu[d + j]));
    }
  }
}

void geglu_backward(const bf16 *gu, const bf16 *g, bf16 *ggu, long n, long d) {
  for (long i = 0; i < n; ++i, gu += 2 * d, g += d, ggu += 2 * d) {
    for (long j = 0; j < d; ++j) {
      float a = wide(gu[j]),
            t = tanhf(0.7978845608f * (a + 0.044715f * a * a * a)),
            y = wide(g[j]);
      float slope = 0.5f * (1 + t) + 0.5f * a * (1 - t * t) * 0.7978845608f *
                                         (1 + 0.134145f * a * a);
      ggu[j] = narrow(y * wide(gu[d + j]) * slope);
      ggu[d + j] = narrow(y * 0.5f * a * (1 + t));
    }
  }
}
