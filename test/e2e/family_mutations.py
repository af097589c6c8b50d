"""Deliberate bugs in what only Gemma 2 and 3 have (see mutations.py).

`BUGS` has, for each checkpoint, edits of its imported dump and wrong
references, by name.
"""

import os
import re
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "reference"))
from gemma_config import LOCAL  # noqa: E402
from gemma_reference import GemmaReference, rms_norm, softcap, softmax  # noqa: E402
from random_checkpoint import CheckpointSpec  # noqa: E402

TOKENS = 40
# Softcaps that bite, a q scale that is not head_dim's, two layers of each kind.
GEMMA2 = CheckpointSpec(family="gemma2", hidden=48, layers=4, heads=4,
                        kv_heads=2, head_dim=16, ff=72, vocab=140,
                        sliding_window=11, attention_softcap=1.5,
                        final_softcap=3.0, query_scalar=12, seed=61,
                        max_positions=256)
# A global layer with two local ones behind it; the multimodal layout.
GEMMA3 = CheckpointSpec(family="gemma3", hidden=48, layers=8, heads=4,
                        kv_heads=2, head_dim=16, ff=72, vocab=140,
                        sliding_window=11, rope_factor=8.0, query_scalar=12,
                        extra_rows=30, seed=62, max_positions=256)
# By checkpoint: (spec, edits of the dump, wrong references).
BUGS = {"gemma2": (GEMMA2, {}, {}), "gemma3": (GEMMA3, {}, {})}
BOTH = ("gemma2", "gemma3")


def ir_bug(*families):
    def add(edit):
        for family in families:
            BUGS[family][1][edit.__name__] = edit
        return edit
    return add


def oracle_bug(*families):
    def add(model):
        for family in families:
            BUGS[family][2][model.__name__] = model
        return model
    return add


# --- windows -----------------------------------------------------------------

def _windows(ir, replacement):
    """Another window for all local layers, in attention and in the caches."""
    for index, line in enumerate(ir.lines):
        ir.lines[index] = re.sub(r"window = 11\b", f"window = {replacement}", line)


@ir_bug(*BOTH)
def window_one_key_short(ir):
    _windows(ir, 10)


@ir_bug(*BOTH)
def window_one_key_long(ir):
    _windows(ir, 12)


@ir_bug(*BOTH)
def no_window(ir):
    _windows(ir, 0)


@ir_bug(*BOTH)
def window_in_global_layers(ir):
    for index in ir.ops("gemma.attention"):
        if "window = 0" in ir.lines[index].split(" : (")[0]:
            ir.set_attribute(index, "window", "11")


@oracle_bug(*BOTH)
class pattern_shifted_by_one_layer(GemmaReference):
    def __init__(self, config, *arguments, **options):
        types = config.layer_types
        super().__init__(_replace(config, layer_types=types[1:] + types[:1]),
                         *arguments, **options)


def _replace(config, **changes):
    return type(config)(**{**vars(config), **changes})


# --- softcaps and scale --------------------------------------------------------

@ir_bug("gemma2")
def no_attention_softcap(ir):
    for index in ir.ops("gemma.attention"):
        ir.substitute(index, r"softcap = [^,}]*, ", "")


@ir_bug("gemma2")
def no_final_softcap(ir):
    ir.bypass(ir.ops("gemma.softcap")[-1])


@ir_bug("gemma2")
def softcap_of_another_size(ir):
    ir.set_all("gemma.attention", "softcap", "1.6 : f64")


@ir_bug(*BOTH)
def q_scale_from_head_dim(ir):
    """Right for all but 27B."""
    ir.set_all("gemma.attention", "q_scale", "0.25 : f64")


class _OtherScores(GemmaReference):
    """Attention with a hook around its scores."""

    def weights(self, scores, visible):
        raise NotImplementedError

    def attention(self, x, layer, positions, cache):
        config, name = self.config, f"layers.{layer}.self_attn."
        local = config.layer_types[layer] == LOCAL
        shape = (len(x), -1, config.head_dim)
        q, k, v = (self.linear(x, f"{name}{p}_proj.weight").reshape(shape)
                   for p in "qkv")
        q = self.rotate(q, positions, local) * config.query_pre_attn_scalar ** -0.5
        k, v = cache.append(layer, self.rotate(k, positions, local), v)
        visible = self.visible(np.asarray(positions)[:, None],
                               np.arange(len(k))[None, :], local)
        heads = [self.weights(q[:, head] @ k[:, self.kv_head(head)].T, visible)
                 @ v[:, self.kv_head(head)] for head in range(config.num_heads)]
        return self.linear(np.concatenate(heads, axis=-1), name + "o_proj.weight")


@oracle_bug("gemma2")
class softcap_after_the_mask(_OtherScores):
    def weights(self, scores, visible):
        return softmax(softcap(np.where(visible, scores, -2.3819763e38),
                               self.config.attention_softcap))


# --- norms -----------------------------------------------------------------------

@ir_bug(*BOTH)
def post_norms_swapped(ir):
    ir.swap_sources("post_attention_layernorm", "post_feedforward_layernorm")


@ir_bug(*BOTH)
def post_attention_norm_as_in_gemma_1(ir):
    """Takes the weight of the norm before the feed-forward block."""
    ir.swap_sources("post_attention_layernorm", "pre_feedforward_layernorm")


@ir_bug(*BOTH)
def no_post_attention_norm(ir):
    ir.bypass(_norms_before_add(ir)[0])


@ir_bug(*BOTH)
def no_post_feedforward_norm(ir):
    ir.bypass(_norms_before_add(ir)[-1])


def _norms_before_add(ir):
    added = {value for add in ir.ops("arith.addf") for value in ir.operands(add)}
    return [i for i in ir.ops("gemma.rms_norm") if ir.result(i) in added]


@oracle_bug(*BOTH)
class post_norm_of_the_sum(GemmaReference):
    def layer(self, x, layer, positions, cache):
        name = f"layers.{layer}."
        attended = self.attention(self.norm(x, name + "input_layernorm.weight"),
                                  layer, positions, cache)
        x = self.norm(x + attended, name + "post_attention_layernorm.weight")
        normed = self.norm(x, name + "pre_feedforward_layernorm.weight")
        out = self.feed_forward(normed, layer)
        return x + self.norm(out, name + "post_feedforward_layernorm.weight")


@oracle_bug(*BOTH)
class one_plus_w_twice(GemmaReference):
    """The norms of a GGUF file, which hold 1 + w, taken for w."""

    def norm(self, x, name):
        return rms_norm(x, 1 + self.weight(name), self.config.rms_epsilon, True)


def _head_norms(ir):
    return [i for i in ir.ops("gemma.rms_norm") if "group_size" in ir.lines[i]]


@ir_bug("gemma3")
def no_q_norm(ir):
    ir.bypass(_head_norms(ir)[0])


@ir_bug("gemma3")
def no_k_norm(ir):
    ir.bypass(_head_norms(ir)[-1])


@ir_bug("gemma3")
def q_and_k_norms_swapped(ir):
    ir.swap_sources("q_norm", "k_norm")


@oracle_bug("gemma3")
class q_and_k_norms_after_rope(GemmaReference):
    def norm(self, x, name):
        if not name.endswith(("q_norm.weight", "k_norm.weight")):
            return super().norm(x, name)
        self.waiting = getattr(self, "waiting", []) + [name]
        return x

    def rotate(self, x, positions, local):
        return super().norm(super().rotate(x, positions, local),
                            self.waiting.pop(0))


# --- rotations -------------------------------------------------------------------

def _ropes(ir, base):
    return [i for i in ir.ops("gemma.rope") if f"base = {base}" in ir.lines[i]]


@ir_bug("gemma3")
def scaled_positions_in_local_layers(ir):
    for index in _ropes(ir, "1.000000e+04"):
        ir.set_attribute(index, "position_scale", "8.0 : f64")


@ir_bug("gemma3")
def no_scaled_positions(ir):
    for index in _ropes(ir, "1.000000e+06"):
        ir.set_attribute(index, "position_scale", "1.0 : f64")


@ir_bug("gemma3")
def local_base_in_global_layers(ir):
    for index in _ropes(ir, "1.000000e+06"):
        ir.set_attribute(index, "base", "1.0e4 : f64")


@ir_bug("gemma3")
def global_base_in_local_layers(ir):
    for index in _ropes(ir, "1.000000e+04"):
        ir.set_attribute(index, "base", "1.0e6 : f64")


# --- embedding -------------------------------------------------------------------

@oracle_bug("gemma3")
class last_rows_of_the_embedding(GemmaReference):
    """Counted from the wrong end: rows that are no text among them."""

    def weight(self, name):
        if name != "embed_tokens.weight":
            return super().weight(name)
        rows = self._tensor(self.config.tensor_prefix + name)
        return rows[-self.config.vocab_size:]
