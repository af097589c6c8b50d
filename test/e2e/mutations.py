"""Deliberate bugs, each one that some implementation of Gemma really had or
that is one slip away.

`IR_BUGS` are edits of the dump of phase import: the compiler then builds the
wrong model.  `ORACLE_BUGS` are those that the IR cannot express (no attribute
lets a pass get them wrong); there the reference is made wrong instead, which
shows just as well that the comparison would notice.
"""

import math
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "reference"))
from gemma_reference import GemmaReference, apply_rope, rope_angles  # noqa: E402
from random_checkpoint import CheckpointSpec  # noqa: E402
from safetensors_io import round_to_bf16  # noqa: E402

# Made for every bug to show: sqrt(48) is 0.13 % off its bf16, the stream is
# small enough for epsilon, heads * head_dim is not hidden, h % 3 is not h // 2
# for most heads, the head is its own.
SPEC = CheckpointSpec(hidden=48, layers=3, heads=6, kv_heads=3, head_dim=16,
                      ff=80, vocab=150, seed=41, stream_scale=0.03,
                      own_head=True, max_positions=1024)
TOKENS = 40
LONG = 400  # bf16 cannot hold odd positions above 256

# By name, which is that of the function or of the class.
IR_BUGS = {}
ORACLE_BUGS = {}


def ir_bug(edit):
    IR_BUGS[edit.__name__] = edit
    return edit


def oracle_bug(tokens=TOKENS):
    def add(model):
        ORACLE_BUGS[model.__name__] = (model, tokens)
        return model
    return add


# --- numbers -----------------------------------------------------------------

@ir_bug
def exact_gelu(ir):
    ir.set_all("gemma.geglu", "gelu", "#gemma.gelu<erf>")


@ir_bug
def norm_by_w_not_one_plus_w(ir):
    ir.set_all("gemma.rms_norm", "unit_offset", "false")


@ir_bug
def final_norm_by_w(ir):
    ir.set_attribute(ir.ops("gemma.rms_norm")[-1], "unit_offset", "false")


@ir_bug
def epsilon_1e_5(ir):
    ir.set_all("gemma.rms_norm", "epsilon", "1.0e-5")


@ir_bug
def no_embedding_scale(ir):
    ir.set_all("gemma.embed", "scale", "1.0")


@ir_bug
def embedding_scale_not_rounded(ir):
    ir.set_all("gemma.embed", "scale", repr(math.sqrt(SPEC.hidden)))


@ir_bug
def q_scale_from_hidden_per_head(ir):
    """1 / sqrt(hidden / heads), right for Gemma 2 27B only."""
    ir.set_all("gemma.attention", "q_scale", repr((SPEC.hidden / SPEC.heads) ** -0.5))


@ir_bug
def no_q_scale(ir):
    ir.set_all("gemma.attention", "q_scale", "1.0")


@ir_bug
def softcap_of_gemma_2_in_attention(ir):
    ir.set_all("gemma.attention", "softcap", "50.0")


@ir_bug
def softcap_of_gemma_2_on_logits(ir):
    head = ir.ops("gemma.linear")[-1]
    rows = ir.result_type(head)
    ir.insert_after(head, "gemma.softcap({x}) {{cap = 30.0 : f64}} : ({type}) -> {type}",
                    rows)


# --- positions ---------------------------------------------------------------

@ir_bug
def rope_base_of_gemma_3(ir):
    ir.set_all("gemma.rope", "base", "1.0e6")


@ir_bug
def rope_positions_divided_by_8(ir):
    ir.set_all("gemma.rope", "position_scale", "8.0")


@ir_bug
def rope_of_half_the_head(ir):
    ir.set_all("gemma.rope", "rotated", str(SPEC.head_dim // 2))


def _ropes(ir, projection):
    """The ropes of layer 0: q's has more columns than k's."""
    first = ir.ops("gemma.rope")[:2]
    columns = {"q": SPEC.heads, "k": SPEC.kv_heads}[projection] * SPEC.head_dim
    return [i for i in first if f"x{columns}x" in ir.result_type(i)]


@ir_bug
def no_rope_on_k(ir):
    (index,) = _ropes(ir, "k")
    ir.bypass(index)


@ir_bug
def no_rope_on_q(ir):
    (index,) = _ropes(ir, "q")
    ir.bypass(index)


@ir_bug
def window_hides_the_first_key_of_the_last_token(ir):
    """The least that a window can hide: one key of one row."""
    ir.set_all("gemma.attention", "window", str(TOKENS - 1))


@ir_bug
def window_in_one_layer(ir):
    ir.set_attribute(ir.ops("gemma.attention")[1], "window", "16")


@oracle_bug()
class interleaved_rope_pairs(GemmaReference):
    def rotate(self, x, positions, local):
        size = self.config.head_dim
        order = np.concatenate([np.arange(0, size, 2), np.arange(1, size, 2)])
        turned = super().rotate(x[..., order], positions, local)
        return turned[..., np.argsort(order)]


@oracle_bug(LONG)
class rope_positions_in_bf16(GemmaReference):
    def rotate(self, x, positions, local):
        return super().rotate(x, round_to_bf16(positions), local)


@oracle_bug(LONG)
class rope_angles_in_bf16(GemmaReference):
    def rotate(self, x, positions, local):
        angles = rope_angles(positions, self.config.head_dim, self.config.rope_theta, 1.0)
        return apply_rope(x, round_to_bf16(angles))


@oracle_bug()
class rope_exponent_i_not_2i(GemmaReference):
    def rotate(self, x, positions, local):
        return apply_rope(x, rope_angles(positions, self.config.head_dim,
                                         self.config.rope_theta ** 0.5, 1.0))


@oracle_bug()
class k_rotated_by_the_next_position(GemmaReference):
    def rotate(self, x, positions, local):
        is_key = x.shape[1] == self.config.num_kv_heads
        return super().rotate(x, np.asarray(positions) + is_key, local)


# --- the mask and the heads --------------------------------------------------

@oracle_bug()
class mask_shows_the_next_token(GemmaReference):
    def visible(self, queries, keys, local):
        return keys <= queries + 1


@oracle_bug()
class mask_hides_the_token_itself(GemmaReference):
    def visible(self, queries, keys, local):
        return (keys < queries) | (keys == 0)


@oracle_bug()
class kv_head_by_remainder(GemmaReference):
    def kv_head(self, head):
        return head % self.config.num_kv_heads


@oracle_bug()
class kv_head_0_for_all(GemmaReference):
    def kv_head(self, head):
        return 0


# --- wiring ------------------------------------------------------------------

def _normed(ir, value):
    """The result of the rms_norm that reads a value."""
    for index in ir.ops("gemma.rms_norm"):
        if ir.operands(index)[0] == value:
            return ir.result(index)
    return None


def _residual_from_norm(ir, add):
    for number, value in enumerate(ir.operands(add)):
        normed = _normed(ir, value)
        if normed:
            ir.set_operand(add, number, normed)
            return
    raise AssertionError("no operand of the add is normed")


@ir_bug
def attention_residual_from_the_normed_rows(ir):
    _residual_from_norm(ir, ir.ops("arith.addf")[0])


@ir_bug
def feed_forward_residual_from_the_normed_rows(ir):
    _residual_from_norm(ir, ir.ops("arith.addf")[1])


def _drop_residual(ir, number):
    """Passes on what the sum adds to the stream, without the stream."""
    add = ir.ops("arith.addf")[number]
    streamed = [bool(_normed(ir, value)) for value in ir.operands(add)]
    ir.bypass(add, streamed.index(False))


@ir_bug
def no_attention_residual(ir):
    _drop_residual(ir, 2)


@ir_bug
def feed_forward_beside_attention(ir):
    """x + attn(n1(x)) + mlp(n2(x)), the parallel block of other models."""
    norms, add = ir.ops("gemma.rms_norm"), ir.ops("arith.addf")[0]
    old = ir.operands(norms[1])[0]
    stream = [v for v in ir.operands(add) if _normed(ir, v)]
    assert old == ir.result(add) and len(stream) == 1
    ir.set_operand(norms[1], 0, stream[0])


@ir_bug
def no_final_norm(ir):
    ir.bypass(ir.ops("gemma.rms_norm")[-1])


@ir_bug
def gelu_on_up_instead_of_gate(ir):
    for index in ir.ops("gemma.geglu"):
        ir.swap_operands(index, 0, 1)


# --- weights -----------------------------------------------------------------

@ir_bug
def k_and_v_swapped(ir):
    ir.swap_sources("k_proj", "v_proj")


@ir_bug
def gate_and_up_swapped(ir):
    ir.swap_sources("gate_proj", "up_proj")


@ir_bug
def layers_in_the_wrong_order(ir):
    ir.swap_sources("layers.1.", "layers.2.")


@ir_bug
def norms_swapped(ir):
    ir.swap_sources("input_layernorm", "post_attention_layernorm")


@ir_bug
def head_tied_though_it_is_not(ir):
    ir.rename_source("lm_head.weight", "model.embed_tokens.weight")


@ir_bug
def final_norm_of_another_place(ir):
    ir.rename_source("model.norm.weight", "model.layers.0.input_layernorm.weight")


@oracle_bug()
class projections_transposed_per_head(GemmaReference):
    """v laid out [head_dim, heads] instead of [heads, head_dim]."""

    def linear(self, x, name):
        y = super().linear(x, name)
        if not name.endswith("v_proj.weight"):
            return y
        split = y.reshape(len(y), self.config.head_dim, -1)
        return split.transpose(0, 2, 1).reshape(y.shape)
