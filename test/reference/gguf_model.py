"""Gemma checkpoints as GGUF files, and GGUF files for the reference.

Names and keys are those that llama.cpp's converters write. Norm weights are
stored as 1 + w, in f32.
"""

import dataclasses
import re

import numpy as np

from gemma_config import GLOBAL, LOCAL, GemmaConfig
from gemma_reference import GemmaReference
from gguf_blocks import TYPES
from gguf_io import Gguf, Value, tensor
from safetensors_io import Checkpoint

_ARCHITECTURE = {"gemma": "gemma", "gemma2": "gemma2", "gemma3_text": "gemma3",
                 "gemma3": "gemma3"}
_MODEL = {"embed_tokens": "token_embd", "norm": "output_norm",
          "lm_head": "output"}
_LAYER = {"input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q",
          "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
          "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm",
          "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
          "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
          "post_attention_layernorm": "post_attention_norm",
          "pre_feedforward_layernorm": "ffn_norm",
          "post_feedforward_layernorm": "post_ffw_norm"}
# What a file cannot say: queries of these are scaled by hidden / heads.
_SCALED_LAYERS = {"gemma2": 46, "gemma3": 62}


def gguf_name(name, architecture):
    """blk.0.attn_q.weight of model.layers.0.self_attn.q_proj.weight."""
    name = name.removeprefix("model.").removesuffix(".weight")
    layer = re.fullmatch(r"layers\.(\d+)\.(.*)", name)
    if not layer:
        return _MODEL[name] + ".weight"
    part = _LAYER[layer[2]]
    # Gemma 1 has this norm before its feed-forward block.
    if architecture == "gemma" and part == "post_attention_norm":
        part = "ffn_norm"
    return f"blk.{layer[1]}.{part}.weight"


def metadata_of(hf):
    """The metadata of a parsed config.json."""
    name = _ARCHITECTURE[hf["model_type"]]
    pairs = {
        "block_count": Value("u32", hf["num_hidden_layers"]),
        "context_length": Value("u32", hf["max_position_embeddings"]),
        "embedding_length": Value("u32", hf["hidden_size"]),
        "feed_forward_length": Value("u32", hf["intermediate_size"]),
        "attention.head_count": Value("u32", hf["num_attention_heads"]),
        "attention.head_count_kv": Value("u32", hf["num_key_value_heads"]),
        "attention.layer_norm_rms_epsilon": Value("f32", hf["rms_norm_eps"]),
        "attention.key_length": Value("u32", hf["head_dim"]),
        "attention.value_length": Value("u32", hf["head_dim"]),
    }
    if name != "gemma":
        pairs["attention.sliding_window"] = Value("u32", hf["sliding_window"])
    for key, hf_key in (("attn_logit_softcapping", "attn_logit_softcapping"),
                        ("final_logit_softcapping", "final_logit_softcapping"),
                        ("rope.freq_base", "rope_theta")):
        if hf.get(hf_key) is not None:
            pairs[key] = Value("f32", hf[hf_key])
    if hf.get("rope_scaling"):
        pairs["rope.scaling.type"] = Value("string", "linear")
        pairs["rope.scaling.factor"] = Value("f32", hf["rope_scaling"]["factor"])
    return {"general.architecture": Value("string", name),
            **{f"{name}.{key}": value for key, value in pairs.items()}}


# ----------------------------------------------------------------------------
# Vocabulary
# ----------------------------------------------------------------------------

def _fields(data):
    """(number, value) of a protobuf message's fields."""
    position = 0

    def varint():
        nonlocal position
        number, shift = 0, 0
        while True:
            byte = data[position]
            position += 1
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return number

    while position < len(data):
        tag = varint()
        if tag & 7 == 0:
            yield tag >> 3, varint()
            continue
        size = {1: 8, 5: 4}.get(tag & 7)
        size = varint() if size is None else size
        yield tag >> 3, data[position:position + size]
        position += size


def pieces_of(path):
    """[(text, score, type)] of a tokenizer.model."""
    with open(path, "rb") as file:
        data = file.read()
    pieces = []
    for number, message in _fields(data):
        if number == 1:
            parts = dict(_fields(message))
            score = np.frombuffer(parts.get(2, bytes(4)), "<f4")[0]
            pieces.append((parts[1], float(score), parts.get(3, 1)))
    return pieces


def vocabulary_of(pieces, **more):
    """tokenizer.ggml.* of a list of pieces. Spaces of user-defined pieces are
    written as such, as llama.cpp's converter does."""
    user_defined = 4
    texts = [text.replace("\u2581".encode(), b" ") if kind == user_defined
             else text for text, _, kind in pieces]
    pairs = {
        "model": Value("string", "llama"), "pre": Value("string", "default"),
        "tokens": Value("[string]", texts),
        "scores": Value("[f32]", [score for _, score, _ in pieces]),
        "token_type": Value("[i32]", [kind for _, _, kind in pieces]),
        "bos_token_id": Value("u32", 2), "eos_token_id": Value("u32", 1),
        "unknown_token_id": Value("u32", 3), "padding_token_id": Value("u32", 0),
        "add_bos_token": Value("bool", True),
        "add_eos_token": Value("bool", False),
        "add_space_prefix": Value("bool", False),
    }
    pairs.update(more)
    return {f"tokenizer.ggml.{key}": value for key, value in pairs.items()}


# ----------------------------------------------------------------------------
# Models
# ----------------------------------------------------------------------------

def from_checkpoint(directory, kind):
    """(metadata, tensors) of a Hugging Face checkpoint. `kind` is the type of
    its matrices, or gives it for a tensor's name in GGUF; rows that are no
    whole blocks of it become F16."""
    checkpoint = Checkpoint(directory)
    metadata = metadata_of(checkpoint.config)
    architecture = metadata["general.architecture"].value
    tensors = []
    for name in checkpoint.names():
        values = checkpoint.tensor(name).astype(np.float32)
        stored = gguf_name(name, architecture)
        if values.ndim == 1:
            tensors.append(tensor(stored, np.float32(1) + values))
            continue
        wanted = kind(stored) if callable(kind) else kind
        if values.shape[1] % TYPES[wanted].elements:
            wanted = "F16"
        tensors.append(tensor(stored, values, wanted))
    return metadata, tensors


def config_of(file):
    """GemmaConfig of a Gguf."""
    name = file.get("general.architecture").decode()

    def get(key, default=None):
        return file.get(f"{name}.{key}", default)

    layers, heads = get("block_count"), get("attention.head_count")
    generation = {"gemma": 1, "gemma2": 2, "gemma3": 3}[name]
    period = {1: 1, 2: 2, 3: 6}[generation]
    types = tuple(GLOBAL if (i + 1) % period == 0 else LOCAL
                  for i in range(layers))
    embedding = file.tensors["token_embd.weight"].shape
    head_dim = get("attention.key_length")
    scaled = layers == _SCALED_LAYERS.get(name)
    theta = get("rope.freq_base", 1e6 if generation == 3 else 1e4)
    return GemmaConfig(
        vocab_size=embedding[0], hidden_size=get("embedding_length"),
        num_layers=layers, num_heads=heads,
        num_kv_heads=get("attention.head_count_kv"), head_dim=head_dim,
        intermediate_size=get("feed_forward_length"), layer_types=types,
        max_positions=get("context_length"),
        rms_epsilon=get("attention.layer_norm_rms_epsilon"),
        norm_unit_offset=False,
        query_pre_attn_scalar=(embedding[1] / heads if scaled else head_dim),
        rope_theta=theta,
        rope_local_theta=1e4 if generation == 3 else theta,
        rope_linear_factor=get("rope.scaling.factor", 1.0),
        sliding_window=(get("attention.sliding_window")
                        if generation > 1 else None),
        attention_softcap=get("attn_logit_softcapping"),
        final_softcap=get("final_logit_softcapping"),
        qk_norm=generation == 3, post_norms=generation > 1,
        tied_head="output.weight" not in file.tensors)


def reference_of(path, tensor_of=None, **changes):
    """GemmaReference on the dequantised values of a file, or on those that
    tensor_of(GGUF name, values) gives; `changes` are fields of its config."""
    file = Gguf(path)
    architecture = file.get("general.architecture").decode()

    def values(name):
        stored = gguf_name(name, architecture)
        found = file.values(stored)
        if tensor_of:
            found = tensor_of(stored, found)
        return found.astype(np.float64)

    return GemmaReference(dataclasses.replace(config_of(file), **changes),
                          values)
