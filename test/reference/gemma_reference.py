#!/usr/bin/env python3
"""The Gemma decoder in NumPy float64: the oracle of the numeric tests.

Plain formulas in the order in which the published implementations do them,
no blocking, no fusion.  Weights enter as the exact stored values.  It shares
no code with the compiler and knows nothing of it.

  gemma_reference.py CHECKPOINT --tokens=2,5,7 -o logits.npy
  gemma_reference.py CHECKPOINT --tokens=2,5,7 --greedy=16
  gemma_reference.py CHECKPOINT --tokens=2,5,7 --compare=logits.npy
  gemma_reference.py CHECKPOINT --tokens=2,5,7 --weights=q4_0 -o logits.npy
"""

import argparse
import math
import os
import sys

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from gemma_config import LOCAL, config_from_hf  # noqa: E402
from quantization import KINDS, WeightEncodings, encoded  # noqa: E402
from safetensors_io import Checkpoint, round_to_bf16  # noqa: E402


def rms_norm(x, weight, epsilon, unit_offset):
    """x * rsqrt(mean(x^2) + epsilon) * (1 + w), over the last axis."""
    scale = 1 + weight if unit_offset else weight
    mean_square = np.mean(x * x, axis=-1, keepdims=True)
    return x / np.sqrt(mean_square + np.asarray(epsilon, x.dtype)) * scale


def rope_angles(positions, head_dim, theta, linear_factor):
    """Angles [positions, head_dim / 2]: position * theta^(-2i / head_dim)."""
    pair = np.arange(head_dim // 2, dtype=np.float64)
    frequency = theta ** (-2.0 * pair / head_dim)
    return np.outer(np.asarray(positions, np.float64) / linear_factor, frequency)


def apply_rope(x, angles):
    """Rotates x [rows, heads, head_dim]: element i against i + head_dim / 2."""
    cos = np.cos(angles)[:, None, :].astype(x.dtype)
    sin = np.sin(angles)[:, None, :].astype(x.dtype)
    first, second = np.split(x, 2, axis=-1)
    return np.concatenate([first * cos - second * sin,
                           second * cos + first * sin], axis=-1)


def gelu_tanh(x):
    inner = math.sqrt(2.0 / math.pi) * (x + 0.044715 * x ** 3)
    return 0.5 * x * (1.0 + np.tanh(inner))


def gelu_exact(x):
    return 0.5 * x * (1.0 + np.vectorize(math.erf, otypes=[x.dtype])(
        x / math.sqrt(2.0)))


def softcap(x, cap):
    return x if cap is None else np.tanh(x / cap) * cap


def softmax(scores):
    """Over the last axis."""
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


class KvCache:
    """Keys (after norm and rotation) and values of the tokens so far."""

    def __init__(self, layers):
        self.keys = [None] * layers
        self.values = [None] * layers
        self.length = 0

    def append(self, layer, keys, values):
        """Adds rows [T, kv heads, head_dim] and returns all of the layer."""
        if self.keys[layer] is not None:
            keys = np.concatenate([self.keys[layer], keys])
            values = np.concatenate([self.values[layer], values])
        self.keys[layer], self.values[layer] = keys, values
        return keys, values


class GemmaReference:
    """One model.  `dtype` float32 is for measuring conditioning only."""

    def __init__(self, config, tensor, dtype=np.float64):
        """`tensor(name)` gives float64 values of an HF tensor name."""
        self.config = config
        self.dtype = dtype
        self._tensor = tensor
        self._loaded = {}
        if config.embedding_scale_rounding == "bf16":
            self.embedding_scale = round_to_bf16(math.sqrt(config.hidden_size))
        else:
            self.embedding_scale = np.float64(math.sqrt(config.hidden_size))

    @classmethod
    def load(cls, directory, dtype=np.float64, encodings=None):
        """The model of a Hugging Face checkpoint directory, its matrices as
        WeightEncodings hold them if given."""
        checkpoint = Checkpoint(directory)
        config = config_from_hf(checkpoint.config, checkpoint.names())

        def tensor(name):
            values = checkpoint.tensor(name)
            if encodings is None or values.ndim != 2:
                return values
            return encoded(values, encodings.kind_of(name, config.tied_head))

        return cls(config, tensor, dtype)

    def weight(self, name):
        if name not in self._loaded:
            prefix = self.config.tensor_prefix
            if name.startswith("lm_head"):  # stands beside the text model
                prefix = prefix.removesuffix("model.") if prefix.startswith(
                    "language_model.") else ""
            values = self._tensor(prefix + name)
            if name in ("embed_tokens.weight", "lm_head.weight"):
                values = values[:self.config.vocab_size]
            self._loaded[name] = values.astype(self.dtype)
        return self._loaded[name]

    def new_cache(self):
        return KvCache(self.config.num_layers)

    def linear(self, x, name):
        return x @ self.weight(name).T

    def norm(self, x, name):
        return rms_norm(x, self.weight(name), self.config.rms_epsilon,
                        self.config.norm_unit_offset)

    def embed(self, tokens):
        rows = self.weight("embed_tokens.weight")[np.asarray(tokens, np.int64)]
        return rows * self.embedding_scale.astype(self.dtype)

    def rotate(self, x, positions, local):
        config = self.config
        angles = rope_angles(positions, config.head_dim,
                             config.rope_local_theta if local else config.rope_theta,
                             1.0 if local else config.rope_linear_factor)
        return apply_rope(x, angles)

    def visible(self, queries, keys, local):
        """Whether the query at each position sees the key at each position."""
        window = self.config.sliding_window if local else None
        seen = keys <= queries
        return seen if window is None else seen & (keys > queries - window)

    def kv_head(self, head):
        return head // (self.config.num_heads // self.config.num_kv_heads)

    def attention(self, x, layer, positions, cache):
        """Attention of normed rows x [T, hidden], with its output projection."""
        config, name = self.config, f"layers.{layer}.self_attn."
        local = config.layer_types[layer] == LOCAL
        shape = (len(x), -1, config.head_dim)
        q = self.linear(x, name + "q_proj.weight").reshape(shape)
        k = self.linear(x, name + "k_proj.weight").reshape(shape)
        v = self.linear(x, name + "v_proj.weight").reshape(shape)
        if config.qk_norm:
            q = self.norm(q, name + "q_norm.weight")
            k = self.norm(k, name + "k_norm.weight")
        q = self.rotate(q, positions, local)
        q = q * self.dtype(config.query_pre_attn_scalar ** -0.5)
        k, v = cache.append(layer, self.rotate(k, positions, local), v)

        visible = self.visible(np.asarray(positions)[:, None],
                               np.arange(len(k))[None, :], local)
        heads = []
        for head in range(config.num_heads):
            scores = q[:, head] @ k[:, self.kv_head(head)].T
            scores = softcap(scores, config.attention_softcap)
            scores = np.where(visible, scores, self.dtype(-np.inf))
            heads.append(softmax(scores) @ v[:, self.kv_head(head)])
        return self.linear(np.concatenate(heads, axis=-1), name + "o_proj.weight")

    def feed_forward(self, x, layer):
        name = f"layers.{layer}.mlp."
        activation = {"gelu_tanh": gelu_tanh,
                      "gelu_exact": gelu_exact}[self.config.activation]
        gate = activation(self.linear(x, name + "gate_proj.weight"))
        up = self.linear(x, name + "up_proj.weight")
        return self.linear(gate * up, name + "down_proj.weight")

    def layer(self, x, layer, positions, cache):
        """One decoder layer.  post_attention_layernorm is the pre-norm of the
        feed-forward block in Gemma 1 and a true post-norm later."""
        name = f"layers.{layer}."
        attended = self.attention(self.norm(x, name + "input_layernorm.weight"),
                                  layer, positions, cache)
        if not self.config.post_norms:
            x = x + attended
            normed = self.norm(x, name + "post_attention_layernorm.weight")
            return x + self.feed_forward(normed, layer)
        x = x + self.norm(attended, name + "post_attention_layernorm.weight")
        normed = self.norm(x, name + "pre_feedforward_layernorm.weight")
        out = self.feed_forward(normed, layer)
        return x + self.norm(out, name + "post_feedforward_layernorm.weight")

    def head(self, x):
        x = self.norm(x, "norm.weight")
        name = ("embed_tokens.weight" if self.config.tied_head
                else "lm_head.weight")
        return softcap(self.linear(x, name), self.config.final_softcap)

    def hidden_states(self, tokens, cache=None):
        """The residual stream: after the embedding and after each layer."""
        cache = cache or self.new_cache()
        positions = np.arange(cache.length, cache.length + len(tokens))
        states = [self.embed(tokens)]
        for layer in range(self.config.num_layers):
            states.append(self.layer(states[-1], layer, positions, cache))
        cache.length += len(tokens)
        return states

    def forward(self, tokens, cache=None):
        """Logits [len(tokens), vocab] of tokens that follow those in `cache`."""
        return self.head(self.hidden_states(tokens, cache)[-1])

    def greedy_logits(self, tokens, count):
        """Greedy continuation: (ids, logits row each id was taken from)."""
        cache, ids, rows = self.new_cache(), [], []
        logits = self.forward(tokens, cache)[-1]
        for step in range(count):
            ids.append(int(np.argmax(logits)))
            rows.append(logits)
            if step + 1 < count:
                logits = self.forward(ids[-1:], cache)[-1]
        return ids, np.array(rows)

    def greedy(self, tokens, count):
        """Greedy continuation, which does not stop at an end token."""
        return self.greedy_logits(tokens, count)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("checkpoint")
    parser.add_argument("--tokens", required=True, help="ids, comma-separated")
    parser.add_argument("--greedy", type=int, metavar="N",
                        help="print N greedy ids instead of writing logits")
    parser.add_argument("--compare", metavar="FILE",
                        help="print the error of each row of other logits")
    parser.add_argument("--hidden", metavar="FILE",
                        help="also write [layers + 1, tokens, hidden] states")
    parser.add_argument("--weights", choices=KINDS,
                        help="matrices as this encoding holds them")
    parser.add_argument("--head-weights", choices=KINDS, default="",
                        help="that of the head (default: that of --weights, "
                        "q8_0 for q4_0)")
    parser.add_argument("--q4_0-rule", choices=["ggml"], default="ggml",
                        help="the one rule that has no freedom")
    parser.add_argument("-o", dest="output", metavar="FILE")
    options = parser.parse_args()
    if options.head_weights and not options.weights:
        parser.error("--head-weights: expected together with --weights")
    encodings = (WeightEncodings(options.weights, options.head_weights)
                 if options.weights else None)
    model = GemmaReference.load(options.checkpoint, encodings=encodings)
    tokens = [int(token) for token in options.tokens.split(",")]
    if options.greedy:
        print(",".join(map(str, model.greedy(tokens, options.greedy))))
    if options.hidden:
        np.save(options.hidden, np.array(model.hidden_states(tokens)))
    if options.compare:
        logits = model.forward(tokens)
        errors = abs(np.load(options.compare) - logits).max(axis=1) / np.ptp(logits)
        for row, error in enumerate(errors):
            print(f"row {row}: {error:.1e} of the range of the logits")
    if options.output:
        np.save(options.output, model.forward(tokens))


if __name__ == "__main__":
    main()
