"""The random checkpoints of the numeric tests, by what they are about."""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "reference"))
from random_checkpoint import CheckpointSpec  # noqa: E402

SPECS = {
    # Round sizes, one KV head: the shape of Gemma 2B.
    "mqa": CheckpointSpec(hidden=64, layers=2, heads=4, kv_heads=1, head_dim=32,
                          ff=128, vocab=256, seed=11),
    # The shape of Gemma 7B: every head its own keys; heads*head_dim > hidden.
    "mha": CheckpointSpec(hidden=48, layers=3, heads=4, kv_heads=4, head_dim=16,
                          ff=192, vocab=160, seed=12, dtype="bf16"),
    "gqa": CheckpointSpec(hidden=96, layers=2, heads=6, kv_heads=2, head_dim=16,
                          ff=160, vocab=300, seed=13, dtype="bf16", shards=3),
    # Even sizes that no vector width divides.
    "not_of_16": CheckpointSpec(hidden=40, layers=2, heads=4, kv_heads=2,
                                head_dim=20, ff=72, vocab=130, seed=14),
    # Odd sizes; a vocabulary that is prime.
    "odd": CheckpointSpec(hidden=37, layers=2, heads=3, kv_heads=1, head_dim=10,
                          ff=51, vocab=131, seed=15, dtype="bf16"),
    "own_head": CheckpointSpec(hidden=56, layers=2, heads=2, kv_heads=1,
                               head_dim=24, ff=100, vocab=97, seed=16,
                               own_head=True, dtype="f16"),
    # Tensors of all three types, over two files.
    "mixed": CheckpointSpec(hidden=72, layers=3, heads=5, kv_heads=5, head_dim=6,
                            ff=90, vocab=210, seed=17, dtype="mixed", shards=2,
                            own_head=True),
    # head_dim of the real models, hidden smaller than one head.
    "wide_head": CheckpointSpec(hidden=80, layers=1, heads=2, kv_heads=1,
                                head_dim=256, ff=64, vocab=144, seed=18,
                                dtype="f16", shards=2),
    # Activations so small that epsilon shows.
    "small_stream": CheckpointSpec(hidden=48, layers=2, heads=4, kv_heads=2,
                                   head_dim=16, ff=64, vocab=111, seed=19,
                                   stream_scale=0.03, own_head=True),
    # Everything as small as it may be. With so few channels some seeds leave a
    # row whose sum of residuals all but vanishes: with seed 20, activations of
    # the reference that are changed by 2^-9 move a logit by 1.8e-2 of the range
    # (7 tokens), nearly all that bf16 is allowed. With this one, by 3.7e-3.
    "smallest": CheckpointSpec(hidden=3, layers=1, heads=1, kv_heads=1,
                               head_dim=2, ff=1, vocab=5, seed=22),
    # Sizes larger than any tile or cache block a kernel may take.
    "large": CheckpointSpec(hidden=520, layers=2, heads=8, kv_heads=2,
                            head_dim=64, ff=1100, vocab=1030, seed=21,
                            dtype="bf16"),
    # Gemma 2: windows in every other layer, four norms, softcaps, a q scale
    # that is hidden / heads as in 27B. Heads that fusions rotate.
    "gemma2": CheckpointSpec(family="gemma2", hidden=96, layers=4, heads=4,
                             kv_heads=2, head_dim=32, ff=128, vocab=200,
                             sliding_window=16, query_scalar=24, seed=31,
                             dtype="bf16"),
    # Softcaps that bite; sizes that no vector width divides; an odd window.
    "gemma2_caps": CheckpointSpec(family="gemma2", hidden=44, layers=3, heads=4,
                                  kv_heads=1, head_dim=20, ff=90, vocab=131,
                                  sliding_window=13, attention_softcap=1.5,
                                  final_softcap=4.0, own_head=True, seed=31),
    # Gemma 3: five local layers to a global one and two more, which start a
    # period that they do not fill; scaled positions in the global one.
    "gemma3": CheckpointSpec(family="gemma3_text", hidden=64, layers=8, heads=4,
                             kv_heads=2, head_dim=32, ff=96, vocab=210,
                             sliding_window=16, rope_factor=8.0, seed=33,
                             dtype="bf16"),
    # Without scaling, in the multimodal layout; heads that nothing fuses.
    "gemma3_plain": CheckpointSpec(family="gemma3", hidden=40, layers=7, heads=3,
                                   kv_heads=1, head_dim=20, ff=66, vocab=150,
                                   sliding_window=9, query_scalar=13, seed=39,
                                   dtype="f16", shards=2),
}

# As GGUF's types need them: rows of whole blocks of 32. Gemma 1's have an odd
# number of blocks, and fill no panel.
GGUF_SPECS = {
    "gemma": CheckpointSpec(hidden=96, layers=2, heads=3, kv_heads=1,
                            head_dim=32, ff=160, vocab=150, seed=52,
                            own_head=True),
    "gemma2": CheckpointSpec(family="gemma2", hidden=64, layers=2, heads=4,
                             kv_heads=2, head_dim=32, ff=128, vocab=130,
                             sliding_window=9, seed=53),
    "gemma3": CheckpointSpec(family="gemma3_text", hidden=64, layers=7, heads=4,
                             kv_heads=2, head_dim=32, ff=128, vocab=130,
                             sliding_window=9, rope_factor=8.0, seed=54),
}
