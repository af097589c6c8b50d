#!/usr/bin/env python3
"""Writes a seeded random Gemma checkpoint in the Hugging Face layout.

  random_checkpoint.py DIR --hidden=40 --layers=2 --heads=4 --kv-heads=2 \
      --head-dim=20 --ff=72 --vocab=130 --dtype=bf16 --shards=2 --own-head

Weights are scaled so that a wrong formula shows: attention is neither uniform
nor one-hot, layers contribute as much as the embedding, norm weights are far
from zero, logits spread over several units.
"""

import argparse
import dataclasses
import json
import os
import shutil
import sys
from typing import Optional

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from safetensors_io import encode, write_shards  # noqa: E402

# Tensors larger than this are cut from one random block; see _Values.
_BLOCK = 4194301  # prime: rows of no matrix come out equal
_MIXED = ("F32", "BF16", "F16")


@dataclasses.dataclass
class CheckpointSpec:
    hidden: int = 64
    layers: int = 2
    heads: int = 4
    kv_heads: int = 1
    head_dim: int = 16
    ff: int = 128
    vocab: int = 256
    family: str = "gemma"          # gemma | gemma2 | gemma3_text | gemma3
    dtype: str = "f32"             # f32 | bf16 | f16 | mixed
    shards: int = 1
    own_head: bool = False
    max_positions: int = 8192
    seed: int = 1
    # Size of the residual stream.  Small streams make epsilon matter.
    stream_scale: float = 1.0
    # Standard deviation of attention scores.  Around 1 the softmax mixes many
    # keys, around 4 it mostly copies one.
    score_scale: float = 1.5
    sliding_window: int = 0        # families 2 and 3; 0 keeps their default
    attention_softcap: float = 50.0  # gemma2
    final_softcap: float = 30.0      # gemma2
    rope_factor: float = 1.0       # Gemma 3: linear scaling of positions
    # gemma3, the multimodal layout: what its text tensors begin with, and how
    # many rows of the embedding are no text.
    prefix: str = "language_model.model."
    extra_rows: int = 64
    query_scalar: float = 0        # families 2 and 3; 0 means head_dim
    rms_epsilon: float = 1e-6
    rope_theta: float = 0          # 0 keeps the family's
    tokenizer: Optional[str] = None


ARCHITECTURES = {"gemma": "GemmaForCausalLM", "gemma2": "Gemma2ForCausalLM",
                 "gemma3_text": "Gemma3ForCausalLM",
                 "gemma3": "Gemma3ForConditionalGeneration"}


def is_gemma3(spec):
    return spec.family in ("gemma3_text", "gemma3")


def embedding_rows(spec):
    return spec.vocab + (spec.extra_rows if spec.family == "gemma3" else 0)


def hf_config(spec):
    """config.json of a spec."""
    torch_dtype = {"bf16": "bfloat16", "f16": "float16"}.get(spec.dtype, "float32")
    tokens = {"pad_token_id": 0, "eos_token_id": 1, "bos_token_id": 2}
    config = {
        "architectures": [ARCHITECTURES[spec.family]],
        "model_type": spec.family,
        "vocab_size": embedding_rows(spec),
        "hidden_size": spec.hidden,
        "num_hidden_layers": spec.layers,
        "num_attention_heads": spec.heads,
        "num_key_value_heads": spec.kv_heads,
        "head_dim": spec.head_dim,
        "intermediate_size": spec.ff,
        "max_position_embeddings": spec.max_positions,
        "rms_norm_eps": spec.rms_epsilon,
        "attention_bias": False,
        "attention_dropout": 0.0,
        "hidden_act": "gelu",
        "hidden_activation": "gelu_pytorch_tanh",
        "tie_word_embeddings": not spec.own_head,
        **tokens,
        "torch_dtype": torch_dtype,
    }
    theta = 1e6 if is_gemma3(spec) else 1e4
    config["rope_theta"] = spec.rope_theta or theta
    if spec.family != "gemma":
        config["query_pre_attn_scalar"] = spec.query_scalar or spec.head_dim
        config["sliding_window"] = spec.sliding_window or 4096
    if spec.family == "gemma2":
        config["attn_logit_softcapping"] = spec.attention_softcap
        config["final_logit_softcapping"] = spec.final_softcap
    if is_gemma3(spec):
        config["rope_local_base_freq"] = 10000.0
        config["sliding_window_pattern"] = 6
        if spec.rope_factor != 1:
            config["rope_scaling"] = {"rope_type": "linear",
                                      "factor": spec.rope_factor}
    if spec.family != "gemma3":
        return config
    architecture = config.pop("architectures")
    return {"architectures": architecture, "model_type": "gemma3",
            "image_token_index": spec.vocab, **tokens,
            "tie_word_embeddings": config["tie_word_embeddings"],
            "text_config": {**config, "model_type": "gemma3_text"},
            "vision_config": {"model_type": "siglip_vision_model"}}


def tensor_shapes(spec):
    """[(name, shape, mean, deviation)] in the order of a real checkpoint.

    Matrices of a layer keep unit variance through it; a norm weight w acts as
    1 + w, so its mean is chosen for that sum.
    """
    d, ff = spec.hidden, spec.ff
    q, kv = spec.heads * spec.head_dim, spec.kv_heads * spec.head_dim
    stream, post = spec.stream_scale, spec.family != "gemma"
    model = spec.prefix if spec.family == "gemma3" else "model."
    rows = embedding_rows(spec)
    # With q/k norm the norm weights, not the projections, set the scores.
    qk = spec.score_scale ** 0.5
    result = [(model + "embed_tokens.weight", (rows, d), 0, 2 * stream * d ** -0.5)]
    for layer in range(spec.layers):
        name = f"{model}layers.{layer}."
        block = 1.0 if post else stream
        norms = [("input_layernorm", 0.1, 0.3)]
        if post:
            after = (stream - 1, 0.3 * stream)
            norms += [("post_attention_layernorm", *after),
                      ("pre_feedforward_layernorm", 0.1, 0.3),
                      ("post_feedforward_layernorm", *after)]
        else:
            norms += [("post_attention_layernorm", 0.1, 0.3)]
        result += [(f"{name}{n}.weight", (d,), mean, std) for n, mean, std in norms]
        attn = name + "self_attn."
        result += [
            (attn + "q_proj.weight", (q, d), 0, qk * d ** -0.5),
            (attn + "k_proj.weight", (kv, d), 0, qk * d ** -0.5),
            (attn + "v_proj.weight", (kv, d), 0, 2 * d ** -0.5),
            (attn + "o_proj.weight", (d, q), 0, block * q ** -0.5)]
        if is_gemma3(spec):
            result += [(attn + "q_norm.weight", (spec.head_dim,), qk - 1, 0.2),
                       (attn + "k_norm.weight", (spec.head_dim,), qk - 1, 0.2)]
        mlp = name + "mlp."
        result += [(mlp + "gate_proj.weight", (ff, d), 0, 1.5 * d ** -0.5),
                   (mlp + "up_proj.weight", (ff, d), 0, d ** -0.5),
                   (mlp + "down_proj.weight", (d, ff), 0, 1.5 * block * ff ** -0.5)]
    result.append((model + "norm.weight", (d,), 0.2, 0.3))
    beside = "" if model.startswith("model.") else "language_model."
    if spec.own_head:
        result.append((beside + "lm_head.weight", (rows, d), 0, 2 * d ** -0.5))
    if spec.family == "gemma3":
        vision = "" if beside else "model."
        result += [(vision + "vision_tower.patch.weight", (3, 3), 0, 1),
                   (vision + "multi_modal_projector.norm.weight", (d,), 0, 1)]
    return result


class _Values:
    """Random numbers as blocks of stored values.

    Small tensors get fresh numbers.  Large ones repeat one block, entered at
    a random place, encoded once per deviation: gigabytes at disk speed.
    """

    def __init__(self, seed):
        self._seed = seed
        self._block = None
        self._encoded = {}

    def blocks(self, index, count, mean, deviation, dtype):
        # A generator per tensor: the order of writing, which the number of
        # shards changes, does not change the values.
        generator = np.random.default_rng([self._seed, index])
        if count <= _BLOCK:
            values = generator.standard_normal(count, dtype=np.float32)
            yield encode(values * np.float32(deviation) + np.float32(mean), dtype)
            return
        key = (mean, deviation, dtype)
        if key not in self._encoded:
            if self._block is None:
                self._block = np.random.default_rng(
                    self._seed).standard_normal(_BLOCK, dtype=np.float32)
            self._encoded[key] = encode(
                self._block * np.float32(deviation) + np.float32(mean), dtype)
        block = self._encoded[key]
        start = int(generator.integers(_BLOCK))
        while count:
            piece = block[start:start + count]
            yield piece
            count, start = count - len(piece), 0


def write_checkpoint(directory, spec):
    """Writes the checkpoint of a spec into an existing or new directory."""
    os.makedirs(directory, exist_ok=True)
    values, tensors = _Values(spec.seed), []
    for index, (name, shape, mean, deviation) in enumerate(tensor_shapes(spec)):
        dtype = (_MIXED[index % 3] if spec.dtype == "mixed"
                 else spec.dtype.upper())
        blocks = values.blocks(index, int(np.prod(shape, dtype=np.int64)),
                               mean, deviation, dtype)
        tensors.append((name, dtype, shape, blocks))
    write_shards(directory, tensors, spec.shards)
    generation = {"bos_token_id": 2, "eos_token_id": 1, "pad_token_id": 0}
    for name, content in (("config.json", hf_config(spec)),
                          ("generation_config.json", generation)):
        with open(os.path.join(directory, name), "w") as file:
            json.dump(content, file, indent=2)
            file.write("\n")
    if spec.tokenizer:
        shutil.copyfile(spec.tokenizer, os.path.join(directory, "tokenizer.model"))
    return directory


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("directory")
    for field in dataclasses.fields(CheckpointSpec):
        option = "--" + field.name.replace("_", "-")
        if isinstance(field.default, bool):
            parser.add_argument(option, action="store_true")
            continue
        choices = {"family": tuple(ARCHITECTURES),
                   "dtype": ("f32", "bf16", "f16", "mixed")}.get(field.name)
        parser.add_argument(option, default=field.default, choices=choices,
                            type=str if field.default is None else type(field.default))
    options = vars(parser.parse_args())
    write_checkpoint(options.pop("directory"), CheckpointSpec(**options))


if __name__ == "__main__":
    main()
