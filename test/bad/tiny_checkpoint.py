"""A tiny good checkpoint in the Hugging Face layout, in the standard library.

Its parts can be put together wrongly; make_checkpoint_cases.py does.
"""

import json
import os
import struct


CONFIG = {
    "architectures": ["GemmaForCausalLM"], "model_type": "gemma",
    "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
    "num_key_value_heads": 1, "head_dim": 4, "intermediate_size": 12,
    "vocab_size": 300, "max_position_embeddings": 64, "rms_norm_eps": 1e-6,
    "rope_theta": 10000.0, "attention_bias": False, "hidden_act": "gelu",
    "hidden_activation": None, "bos_token_id": 2, "eos_token_id": 1,
    "pad_token_id": 0, "torch_dtype": "bfloat16",
}
LAYER = {
    "input_layernorm": [8], "post_attention_layernorm": [8],
    "self_attn.q_proj": [8, 8], "self_attn.k_proj": [4, 8],
    "self_attn.v_proj": [4, 8], "self_attn.o_proj": [8, 8],
    "mlp.gate_proj": [12, 8], "mlp.up_proj": [12, 8], "mlp.down_proj": [8, 12],
}
NORM = "model.norm.weight"
Q_PROJ = "model.layers.0.self_attn.q_proj.weight"
SIZES = {"F32": 4, "BF16": 2, "F16": 2, "I8": 1, "F64": 8}


def shapes():
    """{name: shape} of the checkpoint's tensors, in file order."""
    result = {"model.embed_tokens.weight": [300, 8]}
    for name, shape in LAYER.items():
        result[f"model.layers.0.{name}.weight"] = shape
    result[NORM] = [8]
    return result


def header_of(tensors, dtypes=None):
    """(header as a dict, size of the data) of {name: shape}."""
    header, offset = {}, 0
    for name, shape in tensors.items():
        dtype = (dtypes or {}).get(name, "BF16")
        size = SIZES[dtype]
        for dimension in shape:
            size *= dimension
        header[name] = {"dtype": dtype, "shape": shape,
                        "data_offsets": [offset, offset + size]}
        offset += size
    return header, offset


def file_of(header, size):
    """Bytes of a safetensors file; the header is a dict, text or bytes."""
    if isinstance(header, dict):
        header = json.dumps(header, separators=(",", ":"))
    if isinstance(header, str):
        header = header.encode()
    return struct.pack("<Q", len(header)) + header + b"\x3f" * size


def varint(value):
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7f | 0x80])
        value >>= 7
    return out + bytes([value])


def field(number, value):
    """A protobuf field: a varint, or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def piece(text, kind=1, score=0.0):
    text = text.encode() if isinstance(text, str) else text
    return field(1, field(1, text) + b"\x15" + struct.pack("<f", score) +
                 field(3, kind))


FIRST = piece("<pad>", 3) + piece("<eos>", 3) + piece("<bos>", 3)
UNK = piece("<unk>", 2)
BYTES = b"".join(piece(f"<0x{value:02X}>", 6) for value in range(256))
LETTERS = piece("a", 1, -1) + piece("b", 1, -2) + piece("ab", 1, -3)
TRAINER = field(2, field(3, 2) + field(35, 1))
NORMALIZER = field(3, field(1, b"identity") + field(3, 0) + field(4, 0))


def tokenizer(more=b"", trainer=TRAINER, normalizer=NORMALIZER):
    return FIRST + UNK + BYTES + LETTERS + more + trainer + normalizer


class Folder:
    """A checkpoint's folder, good until it is changed."""

    def __init__(self, path):
        self.path = path
        os.makedirs(path)
        self.json("config.json", CONFIG)
        self.json("generation_config.json", {"eos_token_id": 1})
        self.json("tokenizer_config.json", {"add_bos_token": True})
        self.write("tokenizer.model", tokenizer())
        self.tensors(*header_of(shapes()))

    def name(self, file):
        return os.path.join(self.path, file)

    def write(self, file, content):
        with open(self.name(file), "wb") as out:
            out.write(content.encode() if isinstance(content, str) else content)

    def json(self, file, value):
        self.write(file, json.dumps(value))

    def tensors(self, header, size, file="model.safetensors"):
        self.write(file, file_of(header, size))

    def remove(self, file):
        os.unlink(self.name(file))

    def config(self, **changes):
        self.json("config.json", {**CONFIG, **changes})

    def sharded(self, change=None):
        """Two shards and an index; `change` edits the index."""
        self.remove("model.safetensors")
        names = list(shapes())
        index = {"metadata": {"total_size": 1}, "weight_map": {}}
        for file, part in (("model-1.safetensors", names[:5]),
                           ("model-2.safetensors", names[5:])):
            self.tensors(*header_of({name: shapes()[name] for name in part}),
                         file=file)
            index["weight_map"].update({name: file for name in part})
        if change:
            change(index)
        self.json("model.safetensors.index.json", index)
