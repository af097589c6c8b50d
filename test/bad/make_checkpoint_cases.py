#!/usr/bin/env python3
"""Writes broken checkpoints, each with what the compiler must say of it.

  make_checkpoint_cases.py DIR      writes DIR/<case>/ and DIR/cases.json

A case is a tiny good checkpoint with one thing wrong, the exit code, and a
regular expression for the one error line. Standard library only.
"""

import dataclasses
import json
import os
import struct
import sys
from typing import Callable

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from tiny_checkpoint import (BYTES, CONFIG, FIRST, LETTERS, NORM,  # noqa: E402
                             NORMALIZER, Q_PROJ, TRAINER, UNK, Folder, field,
                             file_of, header_of, piece, shapes, tokenizer)

BAD_DATA, MISSING = 65, 66
LFS_POINTER = (b"version https://git-lfs.github.com/spec/v1\n"
               b"oid sha256:" + b"0" * 64 + b"\nsize 5000000000\n")


@dataclasses.dataclass
class Case:
    name: str
    exit_code: int
    pattern: str
    change: Callable

    def make(self, path):
        """Writes the case's folder, which must not be there yet."""
        self.change(Folder(path))


CASES = []


def case(name, pattern, change, exit_code=BAD_DATA):
    assert all(each.name != name for each in CASES), name
    CASES.append(Case(name, exit_code, pattern, change))


# ----------------------------------------------------------------------------
# safetensors
# ----------------------------------------------------------------------------

def with_file(name, pattern, content):
    case("tensors-" + name, r"model\.safetensors: .*" + pattern,
         lambda folder: folder.write("model.safetensors", content))


def with_header(name, pattern, change):
    """A case whose header is changed: change(header) may give a new one, or
    (header, size of the data)."""
    def apply(folder):
        header, size = header_of(shapes())
        changed = change(header)
        if isinstance(changed, tuple):
            changed, size = changed
        folder.tensors(header if changed is None else changed, size)
    case("tensors-" + name, r"model\.safetensors: .*" + pattern, apply)


def with_tensors(name, pattern, change, dtypes=None, code=BAD_DATA):
    """A well-formed file whose tensors are not the model's."""
    def apply(folder):
        tensors = shapes()
        change(tensors)
        folder.tensors(*header_of(tensors, dtypes))
    case("tensors-" + name, pattern, apply, code)


def offsets(name, *value):
    return lambda header: header[name].update(data_offsets=list(value))


def entry(name, **change):
    return lambda header: header[name].update(change)


GOOD = file_of(*header_of(shapes()))
HEADER_SIZE = struct.unpack("<Q", GOOD[:8])[0]
LAST = header_of(shapes())[1]

with_file("empty", "expected a safetensors file, found 0 bytes", b"")
with_file("seven-bytes", "expected a safetensors file, found 7 bytes", GOOD[:7])
with_file("size-only", r"header: expected \d+ bytes, found 0", GOOD[:8])
with_file("header-cut", r"header: expected \d+ bytes, found \d+",
          GOOD[:8 + HEADER_SIZE // 2])
with_file("no-data", r"data_offsets: expected a range of the file's 0 bytes",
          GOOD[:8 + HEADER_SIZE])
with_file("one-byte-short", "expected a range of the file's", GOOD[:-1])
with_file("one-byte-more", r"expected \d+ bytes of data, as its header says",
          GOOD + b"\0")
with_file("lfs-pointer", "expected the file itself, found a git-lfs pointer",
          LFS_POINTER)
with_file("header-of-2-64", "header: expected at most 100000000 bytes",
          b"\xff" * 8 + GOOD[8:])
with_file("header-past-100-mb", "header: expected at most 100000000 bytes",
          struct.pack("<Q", 100_000_001) + GOOD[8:])
with_file("zip", "header: expected", b"PK\x03\x04" + b"\0" * 100)
with_file("pickle", "header: expected", b"\x80\x02}q\0(X" + b"\0" * 100)
with_file("zeros", "header: expected a JSON object", b"\0" * 4096)
with_file("text", "header: expected at most 100000000 bytes",
          b"<!DOCTYPE html><html>not found</html>")
case("tensors-100-mb-of-spaces", r"model\.safetensors: ", lambda folder:
     folder.tensors(b"{" + b" " * 99_000_000 + b"}", 4))
case("tensors-100-mb-string", "strings and numbers of at most", lambda folder:
     folder.tensors(b'{"' + b"a" * 99_000_000 + b'":1}', 4))
case("tensors-100-mb-number", "strings and numbers of at most", lambda folder:
     folder.tensors(b'{"a":' + b"1" * 99_000_000 + b"}", 4))
case("tensors-two-million", "expected at most 1048576 tensors", lambda folder:
     folder.tensors("{" + ",".join(
         '"%x":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}' % i
         for i in range(1_500_000)) + "}", 0))
case("tensors-metadata-million", "'model.embed_tokens.weight': expected a",
     lambda folder: folder.tensors('{"__metadata__":{' + ",".join(
         '"%x":""' % i for i in range(1_000_000)) + "}}", 0))

with_header("no-json", "header: expected JSON", lambda h: "{nonsense}")
with_header("list", "header: expected a JSON object", lambda h: "[]")
with_header("space-first", "header: expected a JSON object", lambda h: " {}")
with_header("text-after", "header: expected JSON", lambda h: "{}{}")
with_header("bad-utf8", "header: expected JSON", lambda h: b'{"\xff\xfe":1}')
with_header("depth-million", "nested at most 4", lambda h: '{"a":' + "[" * 10**6)
with_header("depth-objects", "nested at most 4", lambda h: '{"a":' * 10**5)
with_header("key-twice", "'a': expected each tensor once", lambda h: (
    '{"a":{"dtype":"I8","shape":[1],"data_offsets":[0,1]},'
    '"a":{"dtype":"I8","shape":[1],"data_offsets":[1,2]}}', 2))
with_header("field-twice", "dtype: expected it once, found it twice", lambda h:
            '{"a":{"dtype":"I8","dtype":"I8"}}')
with_header("metadata-twice", "__metadata__: expected it once", lambda h:
            '{"__metadata__":{},"__metadata__":{}}')
with_header("metadata-number", "__metadata__: expected strings, found 1",
            lambda h: h.update(__metadata__={"a": 1}))
with_header("metadata-list", "__metadata__: expected an object", lambda h:
            h.update(__metadata__=[]))
with_header("entry-number", f"'{NORM}': expected an object, found 7", lambda h:
            h.update({NORM: 7}))
with_header("no-dtype", "dtype: expected one, found none",
            lambda h: h[NORM].pop("dtype") and None)
with_header("no-shape", "shape: expected one, found none",
            lambda h: h[NORM].pop("shape") and None)
with_header("no-offsets", "data_offsets: expected one, found none",
            lambda h: h[NORM].pop("data_offsets") and None)
with_header("unknown-field", "'color': expected dtype, shape or data_offsets",
            entry(NORM, color=1))
with_header("unknown-dtype", "dtype: expected a type of the safetensors format, "
            "found 'F33'", entry(NORM, dtype="F33"))
with_header("dtype-number", "dtype: expected a string, found 3",
            entry(NORM, dtype=3))
with_header("shape-number", "shape: expected a list, found 8",
            entry(NORM, shape=8))
with_header("shape-negative", "shape: expected numbers of elements, found -8",
            entry(NORM, shape=[-8]))
with_header("shape-fraction", "shape: expected numbers of elements",
            entry(NORM, shape=[8.5]))
with_header("shape-2-64", "shape: expected", entry(NORM, shape=[2**64]))
with_header("shape-deep", "shape: expected at most 8 dimensions",
            entry(NORM, shape=[1] * 9 + [8]))
with_header("shape-overflow-to-0", "shape: expected a whole number of bytes",
            entry(NORM, shape=[2**32, 2**32]))
with_header("shape-overflow-to-right", "shape: expected a whole number of bytes",
            entry(NORM, shape=[2**60 + 1, 8, 2]))
with_header("offsets-three", "data_offsets: expected two numbers",
            offsets(NORM, 0, 1, 2))
with_header("offsets-negative", "data_offsets: expected two numbers of bytes",
            offsets(NORM, -16, 0))
with_header("offsets-backwards", "data_offsets: expected a range",
            offsets(NORM, LAST, LAST - 16))
with_header("offsets-past-end", "data_offsets: expected a range",
            offsets(NORM, LAST, LAST + 16))
with_header("offsets-2-64", "data_offsets: expected a range",
            offsets(NORM, 2**64 - 16, 2**64 - 1))
with_header("offsets-wrap", "data_offsets: expected a range",
            offsets(NORM, 2**64 - 8, 8))
with_header("overlap", "they overlap", offsets(Q_PROJ, 0, 128))
with_header("hole", "there is a hole", lambda h: h.pop(Q_PROJ) and None)
with_header("hole-at-start", "there is a hole",
            lambda h: h.pop("model.embed_tokens.weight") and None)
with_header("size-of-shape", "data_offsets: expected 16 bytes for BF16",
            offsets(NORM, LAST - 16, LAST - 1))
with_header("dtype-mismatch", "data_offsets: expected 32 bytes for F32",
            entry(NORM, dtype="F32"))

with_tensors("missing", f"'{NORM}': expected a tensor \\[8\\], found none",
             lambda t: t.pop(NORM))
with_tensors("none", "'model.embed_tokens.weight': expected a tensor",
             lambda t: t.clear())
with_tensors("wrong-shape", f"'{NORM}': expected \\[8\\] as config.json has it, "
             "found BF16 \\[9\\]", lambda t: t.update({NORM: [9]}))
with_tensors("transposed", "'model.layers.0.mlp.gate_proj.weight': expected "
             "\\[12, 8\\]", lambda t: t.update(
                 {"model.layers.0.mlp.gate_proj.weight": [8, 12]}))
with_tensors("flattened", f"'{Q_PROJ}': expected \\[8, 8\\]",
             lambda t: t.update({Q_PROJ: [64]}))
with_tensors("integer", f"'{NORM}': expected F32, BF16 or F16, found I8",
             lambda t: None, {NORM: "I8"})
with_tensors("double", f"'{NORM}': expected F32, BF16 or F16, found F64",
             lambda t: None, {NORM: "F64"})
with_tensors("bias", "q_proj.bias': expected only tensors of GemmaForCausalLM",
             lambda t: t.update({Q_PROJ.replace("weight", "bias"): [8]}))
with_tensors("one-layer-more", "'model.layers.1.mlp.up_proj.weight': expected "
             "only tensors", lambda t: t.update(
                 {"model.layers.1.mlp.up_proj.weight": [12, 8]}))
with_tensors("no-prefix", "'model.embed_tokens.weight': expected a tensor",
             lambda t: t.update({"embed_tokens.weight":
                                 t.pop("model.embed_tokens.weight")}))


def fewer_layers(folder):
    folder.config(num_hidden_layers=2)


case("tensors-layer-missing", "'model.layers.1.input_layernorm.weight': "
     "expected a tensor", fewer_layers)
case("tensors-untied-head-missing", "'lm_head.weight': expected a tensor "
     "\\[300, 8\\], found none", lambda f: f.config(tie_word_embeddings=False))
case("tensors-folder", "model.safetensors: expected a regular file, found a "
     "folder", lambda f: (f.remove("model.safetensors"),
                          os.mkdir(f.name("model.safetensors"))))
case("tensors-dangling-link", "model.safetensors: expected a file, found none",
     lambda f: (f.remove("model.safetensors"),
                os.symlink("gone", f.name("model.safetensors"))), MISSING)
case("tensors-pipe", "model.safetensors: expected a regular file, found a "
     "special file", lambda f: (f.remove("model.safetensors"),
                                os.mkfifo(f.name("model.safetensors"))))
case("tensors-absent", "expected model.safetensors or "
     "model.safetensors.index.json, found none",
     lambda f: f.remove("model.safetensors"), MISSING)
case("tensors-pytorch-only", "found only pytorch_model.bin", lambda f: (
    f.remove("model.safetensors"), f.write("pytorch_model.bin", b"x")), MISSING)

# ----------------------------------------------------------------------------
# model.safetensors.index.json
# ----------------------------------------------------------------------------


def with_index(name, pattern, change, code=BAD_DATA):
    case("index-" + name, pattern, lambda folder: folder.sharded(change), code)


def with_index_text(name, pattern, text):
    def apply(folder):
        folder.sharded()
        folder.write("model.safetensors.index.json", text)
    case("index-" + name, r"index\.json: .*" + pattern, apply)


def shard(value):
    return lambda index: index["weight_map"].update({NORM: value})


NAME = "expected the name of a .safetensors file beside the index"
with_index("parent", NAME, shard("../model-2.safetensors"))
with_index("absolute", NAME, shard("/etc/model-2.safetensors"))
with_index("subfolder", NAME, shard("a/model-2.safetensors"))
with_index("nul", NAME, shard("model-2\0.safetensors"))
with_index("other-ending", NAME, shard("/etc/passwd"))
with_index("number", NAME, shard(2))
with_index("null", NAME, shard(None))
with_index("empty-name", NAME, shard(""))
with_index("missing-shard", "expected the file 'model-3.safetensors' beside it, "
           "found none", shard("model-3.safetensors"), MISSING)
with_index("wrong-shard", f"model-1.safetensors: '{NORM}': expected a tensor, as "
           "the index says, found none", shard("model-1.safetensors"))
with_index("tensor-missing", f"index.json: '{NORM}': expected a tensor \\[8\\]",
           lambda index: index["weight_map"].pop(NORM))
with_index("no-map", "weight_map: expected an object, found none",
           lambda index: index.pop("weight_map"))
with_index("list", "weight_map: expected an object, found a list",
           lambda index: index.update(weight_map=[]))
with_index("empty-map", "weight_map: expected tensors, found none",
           lambda index: index["weight_map"].clear())
with_index_text("no-json", "expected JSON", "{")
with_index_text("no-object", "expected a JSON object", "[]")
with_index_text("key-twice", "expected each key of an object once",
                '{"weight_map": {"a": "x.safetensors", "a": "y.safetensors"}}')
with_index_text("deep", "nested at most 64", "[" * 10**6)
with_index_text("lfs-pointer", "a git-lfs pointer", LFS_POINTER)
with_index_text("large", "expected at most 16777216 bytes", " " * (17 << 20))
with_index_text("many-values", "expected fewer values",
                '{"a": [' + "1," * 2_000_000 + "1]}")
case("index-shard-lfs-pointer", "model-2.safetensors: expected the file itself, "
     "found a git-lfs pointer", lambda f: (
         f.sharded(), f.write("model-2.safetensors", LFS_POINTER)))
case("index-shard-cut", "model-2.safetensors: .*data_offsets: expected a range",
     lambda f: (f.sharded(), os.truncate(
         f.name("model-2.safetensors"),
         os.path.getsize(f.name("model-2.safetensors")) - 1)))

# ----------------------------------------------------------------------------
# config.json, generation_config.json, tokenizer_config.json
# ----------------------------------------------------------------------------


def with_config(name, key, value, pattern=None):
    case("config-" + name, rf"config\.json: {key}: " + (pattern or "expected"),
         lambda folder: folder.config(**{key: value}))


def with_text(file, name, pattern, text):
    case(name, file.replace(".", r"\.") + ": .*" + pattern,
         lambda folder: folder.write(file, text))


with_config("family-llama", "model_type", "llama", "expected \"gemma\"")
with_config("family-gemma4", "model_type", "gemma4", "expected \"gemma\"")
case("config-family-of-another-class",
     r"config\.json: architectures: expected \[\"Gemma2ForCausalLM\"\]",
     lambda folder: folder.config(model_type="gemma2"))
case("config-multimodal-without-text",
     r"config\.json: text_config: expected an object, found none",
     lambda folder: folder.config(
         model_type="gemma3", architectures=["Gemma3ForConditionalGeneration"]))


def with_gemma3(name, key, value, pattern=None):
    """A key of Gemma 3's that Gemma 1 does not have."""
    case("config-gemma3-" + name,
         rf"config\.json: {key}: " + (pattern or "expected"),
         lambda folder: folder.config(
             model_type="gemma3_text", architectures=["Gemma3ForCausalLM"],
             **{key: value}))


with_gemma3("rope-yarn", "rope_scaling", {"rope_type": "yarn", "factor": 8.0},
            "expected null, default or linear scaling, found 'yarn'")
with_gemma3("rope-factor-zero", "rope_scaling",
            {"rope_type": "linear", "factor": 0})
with_gemma3("rope-factor-text", "rope_scaling",
            {"rope_type": "linear", "factor": "8"})
with_gemma3("rope-parameters-list", "rope_parameters", [1])
with_gemma3("rope-parameters-deep", "rope_parameters", {"full_attention": 1})
with_gemma3("local-base-zero", "rope_local_base_freq", 0)
with_gemma3("window-zero", "sliding_window", 0)
with_gemma3("window-null", "sliding_window", None)
with_gemma3("window-huge", "sliding_window", 2**40)
with_gemma3("pattern-zero", "sliding_window_pattern", 0)
with_gemma3("layer-types-many", "layer_types", ["full_attention"] * 2)
with_gemma3("layer-types-chunked", "layer_types", ["chunked_attention"])
with_gemma3("layer-types-numbers", "layer_types", [0])
with_gemma3("query-scalar-zero", "query_pre_attn_scalar", 0)
with_gemma3("softcap-negative", "attn_logit_softcapping", -50.0)
with_gemma3("softcap-text", "final_logit_softcapping", "30")
case("config-gemma3-without-its-norms",
     r"'model\.layers\.0\.self_attn\.q_norm\.weight': expected a tensor",
     lambda folder: folder.config(model_type="gemma3_text",
                                  architectures=["Gemma3ForCausalLM"]))
with_config("family-number", "model_type", 1)
with_config("family-null", "model_type", None)
with_config("architecture-llama", "architectures", ["LlamaForCausalLM"],
            r"expected \[\"GemmaForCausalLM\"\], found 'LlamaForCausalLM'")
with_config("architecture-classifier", "architectures",
            ["GemmaForSequenceClassification"])
with_config("architecture-text", "architectures", "GemmaForCausalLM")
with_config("architecture-empty", "architectures", [])
with_config("architecture-control-codes", "architectures", ["\x1b[2J\n\nerror: x"])
for key in ("hidden_size", "num_hidden_layers", "num_attention_heads",
            "intermediate_size", "vocab_size", "head_dim",
            "num_key_value_heads", "max_position_embeddings"):
    short = key.replace("_", "-")
    with_config(short + "-zero", key, 0, "expected an integer from")
    with_config(short + "-negative", key, -8, "expected an integer from")
    with_config(short + "-huge", key, 2**63, "expected an integer from")
    with_config(short + "-text", key, "8", "expected an integer from")
with_config("hidden-size-fraction", "hidden_size", 8.5)
with_config("hidden-size-float", "hidden_size", 8.0)
with_config("hidden-size-null", "hidden_size", None)
with_config("hidden-size-list", "hidden_size", [8])
with_config("hidden-size-bool", "hidden_size", True)
with_config("hidden-size-past-64-bits", "hidden_size", 2**70)
with_config("layers-many", "num_hidden_layers", 10**6)
with_config("head-dim-odd", "head_dim", 5, "expected an even number, found 5")
with_config("kv-heads-more", "num_key_value_heads", 4, "expected a divisor")
with_config("epsilon-zero", "rms_norm_eps", 0)
with_config("epsilon-negative", "rms_norm_eps", -1e-6)
with_config("epsilon-text", "rms_norm_eps", "1e-6")
with_config("epsilon-large", "rms_norm_eps", 5)
with_config("rope-theta-zero", "rope_theta", 0)
with_config("rope-theta-negative", "rope_theta", -10000)
with_config("rope-theta-list", "rope_theta", [10000])
with_config("rope-scaling", "rope_scaling", {"type": "linear", "factor": 2.0},
            "expected null or the default rotation, found 'linear'")
with_config("rope-scaling-yarn", "rope_scaling", {"rope_type": "yarn"})
with_config("rope-scaling-text", "rope_scaling", "linear")
with_config("attention-bias", "attention_bias", True, "expected false")
with_config("attention-bias-text", "attention_bias", "no")
with_config("activation", "hidden_activation", "silu",
            "expected \"gelu_pytorch_tanh\" or \"gelu\", found 'silu'")
with_config("activation-number", "hidden_activation", 1)
with_config("quantised", "quantization_config", {"bits": 4}, "expected none")
with_config("bidirectional", "use_bidirectional_attention", True)
with_config("tie-text", "tie_word_embeddings", "true")
with_config("bos-past-vocabulary", "bos_token_id", 300)
with_config("eos-past-vocabulary", "eos_token_id", [1, 300])
with_config("eos-text", "eos_token_id", "<eos>")
with_config("pad-negative", "pad_token_id", -2)
case("config-heads-too-wide", "config.json: head_dim: expected at most",
     lambda f: f.config(num_attention_heads=4096, head_dim=4096))
case("config-absent", "config.json: expected a file, found none",
     lambda f: f.remove("config.json"), MISSING)
case("config-folder", "config.json: expected a regular file, found a folder",
     lambda f: (f.remove("config.json"), os.mkdir(f.name("config.json"))))
with_text("config.json", "config-empty", "expected JSON", "")
with_text("config.json", "config-cut", "expected JSON", json.dumps(CONFIG)[:-20])
with_text("config.json", "config-list", "expected a JSON object", "[]")
with_text("config.json", "config-nan", "expected JSON.*rms_norm_eps",
          json.dumps({**CONFIG, "rms_norm_eps": float("nan")}))
with_text("config.json", "config-infinity", "expected JSON.*rope_theta",
          json.dumps({**CONFIG, "rope_theta": float("inf")}))
with_text("config.json", "config-number-past-f64", "expected JSON",
          json.dumps(CONFIG)[:-1] + ', "x": 1e999}')
with_text("config.json", "config-key-twice", "'hidden_size': expected each key",
          json.dumps(CONFIG)[:-1] + ', "hidden_size": 16}')
with_text("config.json", "config-deep", "nested at most 64", "[" * 10**6)
with_text("config.json", "config-bad-utf8", "expected JSON", b'{"a": "\xff"}')
with_text("config.json", "config-large", "expected at most 1048576 bytes",
          " " * (2 << 20))
with_text("config.json", "config-lfs-pointer", "a git-lfs pointer", LFS_POINTER)
with_text("config.json", "config-binary", "expected JSON", bytes(range(256)))

GENERATION = "generation_config.json"
with_text(GENERATION, "generation-cut", "expected JSON", '{"eos_token_id": ')
with_text(GENERATION, "generation-list", "expected a JSON object", "[1]")
with_text(GENERATION, "generation-lfs-pointer", "a git-lfs pointer", LFS_POINTER)
for key, value in (("eos_token_id", [1, -1]), ("eos_token_id", [[1]]),
                   ("eos_token_id", list(range(65))), ("bos_token_id", 2**40),
                   ("temperature", -1), ("temperature", "hot"),
                   ("top_k", -5), ("top_k", 2.5), ("top_p", 1.5), ("top_p", 0),
                   ("do_sample", "yes")):
    number = sum(each.name.startswith(f"generation-{key}") for each in CASES)
    with_text(GENERATION, f"generation-{key}-{number}", f"{key}: expected",
              json.dumps({key: value}))

SETTINGS = "tokenizer_config.json"
with_text(SETTINGS, "settings-cut", "expected JSON", "{")
with_text(SETTINGS, "settings-deep", "nested at most 64", '{"a":' * 10**5)
for key, value in (("add_bos_token", 1), ("bos_token", 2),
                   ("additional_special_tokens", "<x>"),
                   ("added_tokens_decoder", []),
                   ("added_tokens_decoder", {"4": {"special": True}}),
                   ("added_tokens_decoder", {"four": {"content": "<x>"}}),
                   ("added_tokens_decoder", {"4.0": {"content": "<x>"}}),
                   ("chat_template", 5)):
    number = sum(each.name.startswith(f"settings-{key}") for each in CASES)
    with_text(SETTINGS, f"settings-{key}-{number}", f"{key}: expected",
              json.dumps({key: value}))

# ----------------------------------------------------------------------------
# tokenizer.model
# ----------------------------------------------------------------------------


def with_tokenizer(name, pattern, content):
    case("tokenizer-" + name, r"tokenizer\.model: .*" + pattern,
         lambda folder: folder.write("tokenizer.model", content))


with_tokenizer("empty", "expected a sentencepiece model, found no piece", b"")
with_tokenizer("lfs-pointer", "expected the file itself, found a git-lfs",
               LFS_POINTER)
with_tokenizer("json", "expected", b'{"version": "1.0"}')
with_tokenizer("zeros", "field number out of range", b"\0" * 64)
with_tokenizer("ones", "expected", b"\xff" * 64)
with_tokenizer("cut", "longer than what is left", tokenizer()[:-1])
with_tokenizer("varint-cut", "a varint cut off", tokenizer() + b"\x08\x80")
with_tokenizer("varint-long", "more than 64 bits",
               tokenizer() + b"\x30" + b"\xff" * 10 + b"\x01")
with_tokenizer("length-2-64", "longer than what is left",
               tokenizer() + b"\x0a" + b"\xff" * 9 + b"\x01")
with_tokenizer("group", "an unknown wire type", tokenizer() + b"\x33\x34")
with_tokenizer("field-0", "field number out of range", tokenizer() + b"\x00\x00")
with_tokenizer("piece-cut", "piece 263: expected a protobuf message",
               tokenizer(field(1, b"\x0a\x05x")))
with_tokenizer("piece-empty", "piece 263: expected 1 to 4096 bytes of text, "
               "found 0", tokenizer(piece("")))
with_tokenizer("piece-no-text", "found 0", tokenizer(field(1, b"")))
with_tokenizer("piece-long", "expected 1 to 4096 bytes of text, found 500000",
               tokenizer(piece("x" * 500_000)))
with_tokenizer("piece-just-too-long", "found 4097", tokenizer(piece("x" * 4097)))
with_tokenizer("piece-twice", "'a', which is piece 260 too",
               tokenizer(piece("a")))
with_tokenizer("piece-bad-utf8", "UTF-8 without NUL", tokenizer(piece(b"\xc3")))
with_tokenizer("piece-overlong", "UTF-8 without NUL",
               tokenizer(piece(b"\xe0\x80\x80")))
with_tokenizer("piece-surrogate", "UTF-8 without NUL",
               tokenizer(piece(b"\xed\xa0\x80")))
with_tokenizer("piece-nul", "UTF-8 without NUL", tokenizer(piece(b"c\0d")))
with_tokenizer("piece-type-0", "type: expected a number from 1 to 6, found 0",
               tokenizer(piece("c", 0)))
with_tokenizer("piece-type-7", "type: expected", tokenizer(piece("c", 7)))
with_tokenizer("piece-type-2-63", "type: expected", tokenizer(piece("c", 2**63)))
with_tokenizer("piece-type-twice", "found field 3 twice", tokenizer(
    field(1, field(1, b"c") + field(3, 1) + field(3, 3))))
with_tokenizer("piece-text-number", "field 1 twice or of another kind",
               tokenizer(field(1, field(1, 5))))
with_tokenizer("score-nan", "score: expected a finite number",
               tokenizer(piece("c", 1, float("nan"))))
with_tokenizer("score-infinite", "score: expected a finite number",
               tokenizer(piece("c", 1, float("-inf"))))
with_tokenizer("no-unk", "expected one <unk>",
               FIRST + BYTES + LETTERS + TRAINER + NORMALIZER)
with_tokenizer("two-unk", "expected one <unk>.*found 2",
               tokenizer(piece("<unk2>", 2)))
with_tokenizer("no-bytes", "expected 256 byte pieces",
               FIRST + UNK + LETTERS + TRAINER + NORMALIZER)
with_tokenizer("byte-missing", "expected 256 byte pieces", FIRST + UNK +
               BYTES[:-len(piece("<0xFF>", 6))] + LETTERS + TRAINER)
with_tokenizer("byte-misnamed", "<0xFF> of type 6",
               tokenizer().replace(b"<0xFF>", b"<0xFG>"))
with_tokenizer("bytes-unasked", "no byte piece without byte_fallback",
               tokenizer(trainer=field(2, field(3, 2))))
with_tokenizer("no-trainer", "trainer_spec: expected one, found none",
               tokenizer(trainer=b""))
with_tokenizer("trainer-twice", "field 2 twice",
               tokenizer(trainer=TRAINER + TRAINER))
with_tokenizer("trainer-broken", "trainer_spec: expected a protobuf message",
               tokenizer(trainer=field(2, b"\xff")))
with_tokenizer("trainer-number", "field 2 of another kind",
               tokenizer(trainer=field(2, 7)))
with_tokenizer("unigram", "model_type: expected 2 .BPE., found 1",
               tokenizer(trainer=field(2, field(3, 1) + field(35, 1))))
with_tokenizer("model-type-99", "model_type: expected 2 .BPE., found 99",
               tokenizer(trainer=field(2, field(3, 99) + field(35, 1))))
with_tokenizer("long-surface", "trainer_spec: expected short fields", tokenizer(
    trainer=field(2, field(3, 2) + field(35, 1) + field(44, b"x" * 10**6))))
with_tokenizer("charsmap", "normalizer_spec: precompiled_charsmap: expected none", tokenizer(
    normalizer=field(3, field(2, struct.pack("<III", 4, 0xffffffff, 0)))))
with_tokenizer("charsmap-of-denormaliser", "denormalizer_spec: "
               "precompiled_charsmap", tokenizer() + field(5, field(2, b"abcd")))
with_tokenizer("no-normaliser", "add_dummy_prefix: expected false",
               tokenizer(normalizer=b""))
with_tokenizer("dummy-prefix", "add_dummy_prefix: expected false",
               tokenizer(normalizer=field(3, field(3, 1) + field(4, 0))))
with_tokenizer("spaces-removed", "remove_extra_whitespaces: expected false",
               tokenizer(normalizer=field(3, field(3, 0))))
with_tokenizer("spaces-unmarked", "escape_whitespaces: expected true", tokenizer(
    normalizer=field(3, field(3, 0) + field(4, 0) + field(5, 0))))
with_tokenizer("spaces-behind", "treat_whitespace_as_suffix: expected false",
               tokenizer(trainer=field(2, field(3, 2) + field(24, 1) +
                                       field(35, 1))))
for token, text in ((3, "<unknown>"), (9, "<x>"), (261, "a"), (260, ""),
                    (260, "x" * 5000), (260, "\0")):
    number = sum(each.name.startswith("added-token") for each in CASES)
    case(f"added-token-{number}",
         rf"tokenizer\.model.*piece {token}: expected",
         lambda folder, entry={str(token): {"content": text}}: folder.json(
             SETTINGS, {"added_tokens_decoder": entry}))
with_tokenizer("normaliser-broken", "normalizer_spec: expected a protobuf",
               tokenizer(normalizer=field(3, b"\x0a\x7f")))
with_tokenizer("more-pieces-than-rows", "pieces: expected at most vocab_size = "
               "300, found 301",
               tokenizer(b"".join(piece(f"p{i}") for i in range(38))))
case("tokenizer-five-million-pieces", "pieces: expected at most 1048576",
     lambda f: f.write("tokenizer.model", b"".join(
         b"\x0a\x08\x0a\x06%06x" % i for i in range(5_000_000))))
case("tokenizer-large", "tokenizer.model: expected at most 67108864 bytes",
     lambda f: os.truncate(f.name("tokenizer.model"), (64 << 20) + 1))
case("tokenizer-folder", "tokenizer.model: expected a regular file, found a "
     "folder", lambda f: (f.remove("tokenizer.model"),
                          os.mkdir(f.name("tokenizer.model"))))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    listing = []
    for each in CASES:
        each.make(os.path.join(sys.argv[1], each.name))
        listing.append({"name": each.name, "exit": each.exit_code,
                        "pattern": each.pattern})
    with open(os.path.join(sys.argv[1], "cases.json"), "w") as file:
        json.dump(listing, file, indent=1)


if __name__ == "__main__":
    main()
