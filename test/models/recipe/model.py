"""Gemma 1, 2 and 3 in PyTorch, for training, and Hugging Face's layout of the weights on disk.

Matrix products can run on bfloat16 copies of the weights and inputs
(precision="bf16"): that is what a bfloat16 checkpoint computes with, so nothing
is lost when the weights are rounded at the end, and CPUs with bfloat16 matrix
units train several times faster. The master weights, the arithmetic of norms and
softmax and the residual stream stay in float32.
"""

import json
import math
import struct

import torch
import torch.nn.functional as F

from configs import GLOBAL, LOCAL, layer_types
from functions import Float32, bf16, softcap


def rope_tables(config):
    """layer type -> (cos, sin) [positions, head_dim / 2]; linear scaling is for global layers only."""
    pos = torch.arange(config["max_position_embeddings"]).float()[:, None]
    pairs = -torch.arange(0, config["head_dim"], 2).float() / config["head_dim"]
    factor = (config.get("rope_scaling") or {}).get("factor", 1.0)
    angles = {GLOBAL: pos / factor * config["rope_theta"] ** pairs,
              LOCAL: pos * config.get("rope_local_base_freq", config["rope_theta"]) ** pairs}
    return {kind: (torch.cos(angle), torch.sin(angle)) for kind, angle in angles.items()}


class TinyGemma:
    def __init__(self, config, precision="f32"):
        self.config, self.precision, self.ops = config, precision, Float32
        if precision == "bf16":
            from kernels import Bfloat16  # compiles, so only on demand
            self.ops = Bfloat16
        self.post_norms = config["model_type"] != "gemma"
        self.qk_norm = config["model_type"] == "gemma3_text"
        self.layer_types = layer_types(config)
        self.shapes = self.tensor_shapes()
        # One flat block, so that two processes can share the parameters and their gradients.
        sizes = [math.prod(shape) for shape in self.shapes.values()]
        self.flat = torch.zeros(sum(sizes))
        self.slices, at = {}, 0
        for (name, shape), size in zip(self.shapes.items(), sizes):
            self.slices[name] = slice(at, at + size)
            at += size
            self.initialise(name, self.flat[self.slices[name]].view(shape))
        self.share(self.flat, torch.zeros_like(self.flat))
        self.rope = rope_tables(config)
        self.scale = float(torch.tensor(math.sqrt(config["hidden_size"])).bfloat16())
        self.query_scale = config.get("query_pre_attn_scalar", config["head_dim"]) ** -0.5

    def tensor_shapes(self):
        config = self.config
        d, hd, ff = config["hidden_size"], config["head_dim"], config["intermediate_size"]
        q, kv = config["num_attention_heads"] * hd, config["num_key_value_heads"] * hd
        shapes = {"model.embed_tokens.weight": (config["vocab_size"], d)}
        for i in range(config["num_hidden_layers"]):
            p = "model.layers.%d." % i
            shapes[p + "input_layernorm.weight"] = (d,)
            shapes[p + "post_attention_layernorm.weight"] = (d,)
            if self.post_norms:
                shapes[p + "pre_feedforward_layernorm.weight"] = (d,)
                shapes[p + "post_feedforward_layernorm.weight"] = (d,)
            shapes[p + "self_attn.q_proj.weight"] = (q, d)
            shapes[p + "self_attn.k_proj.weight"] = (kv, d)
            shapes[p + "self_attn.v_proj.weight"] = (kv, d)
            shapes[p + "self_attn.o_proj.weight"] = (d, q)
            if self.qk_norm:
                shapes[p + "self_attn.q_norm.weight"] = (hd,)
                shapes[p + "self_attn.k_norm.weight"] = (hd,)
            shapes[p + "mlp.gate_proj.weight"] = (ff, d)
            shapes[p + "mlp.up_proj.weight"] = (ff, d)
            shapes[p + "mlp.down_proj.weight"] = (d, ff)
        shapes["model.norm.weight"] = (d,)
        return shapes

    def initialise(self, name, t):
        """Blocks add little at first, unless what they add is normed: a norm's weight is 1 + 0."""
        if "embed" in name:
            t.normal_(0.0, 0.05)
        elif t.dim() == 2:
            t.normal_(0.0, t.shape[1] ** -0.5)
            if ("o_proj" in name or "down_proj" in name) and not self.post_norms:
                t.mul_(0.5 / math.sqrt(self.config["num_hidden_layers"]))

    def share(self, flat, grad):
        """Use these blocks for the parameters and their gradients."""
        self.flat, self.grad, self.w, self.joins = flat, grad, {}, {}
        for name, where in self.slices.items():
            self.w[name] = self.leaf(where, self.shapes[name])

    def leaf(self, where, shape):
        p = self.flat[where].view(shape).requires_grad_(True)
        p.grad = self.grad[where].view(shape)
        return p

    def joined(self, prefix, names):
        """Matrices that lie behind each other, as one."""
        first, last = (prefix + n + "_proj.weight" for n in (names[0], names[-1]))
        if first not in self.joins:
            where = slice(self.slices[first].start, self.slices[last].stop)
            self.joins[first] = self.leaf(where, (-1, self.shapes[first][1]))
        return self.joins[first]

    def attention(self, x, prefix, rows, width, kind):
        c, ops = self.config, self.ops
        heads, kv, hd = c["num_attention_heads"], c["num_key_value_heads"], c["head_dim"]
        qkv = ops.linear(x, self.joined(prefix, "qkv")).view(rows, width, heads + 2 * kv, hd)
        norms = tuple(self.w[prefix + n + "_norm.weight"] for n in "qk") if self.qk_norm else None
        cos, sin = (t[:width] for t in self.rope[kind])
        q, k, v = ops.heads(qkv, norms and tuple(map(bf16, norms)), cos, sin, self.query_scale, c["rms_norm_eps"],
                            heads, kv)
        # Queries that share a key head go through one product: [rows*kv, group*width, hd].
        q, k, v = (t.view(rows * kv, -1, hd) for t in (q, k, v))
        window = c["sliding_window"] if kind == LOCAL else width
        p = ops.softmax(ops.bmm(q, k.transpose(1, 2)), window, c.get("attn_logit_softcapping"))
        o = ops.bmm(p, v).view(rows, heads, width, hd).permute(0, 2, 1, 3).reshape(rows * width, heads * hd)
        return ops.linear(o, self.w[prefix + "o_proj.weight"])

    def feed_forward(self, x, prefix):
        h = self.ops.geglu(self.ops.linear(x, self.joined(prefix, ("gate", "up"))))
        return self.ops.linear(h, self.w[prefix + "down_proj.weight"])

    def hidden(self, ids):
        """Final hidden states [rows * width, d] of right-padded ids [rows, width]."""
        rows, width = ids.shape
        eps = self.config["rms_norm_eps"]
        norm = lambda x, name: self.ops.norm(x, bf16(self.w[name]), eps)
        x = bf16(F.embedding(ids.reshape(-1), self.w["model.embed_tokens.weight"])) * self.scale
        for i, kind in enumerate(self.layer_types):
            p = "model.layers.%d." % i
            # In Gemma 1 a norm of this name stands before the feed-forward block, later behind attention.
            after = p + "post_attention_layernorm.weight"
            h = self.attention(norm(x, p + "input_layernorm.weight"), p + "self_attn.", rows, width, kind)
            if not self.post_norms:
                x = x + h
                x = x + self.feed_forward(norm(x, after), p + "mlp.")
                continue
            x = self.ops.add_normed(x, h, bf16(self.w[after]), eps)
            h = self.feed_forward(norm(x, p + "pre_feedforward_layernorm.weight"), p + "mlp.")
            x = self.ops.add_normed(x, h, bf16(self.w[p + "post_feedforward_layernorm.weight"]), eps)
        return norm(x, "model.norm.weight")

    def logits(self, h):
        logits = self.ops.linear(h, self.w["model.embed_tokens.weight"]).float()
        return softcap(logits, self.config.get("final_logit_softcapping"))


def save_safetensors(path, tensors):
    """tensors: name -> float32 torch tensor; stored as bfloat16, rounded to nearest even."""
    header, blobs, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(tensors):
        t = tensors[name].detach().bfloat16().contiguous()
        raw = t.view(torch.int16).numpy().astype("<i2").tobytes()
        header[name] = {"dtype": "BF16", "shape": list(t.shape), "data_offsets": [offset, offset + len(raw)]}
        blobs.append(raw)
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)))
        f.write(text)
        for raw in blobs:
            f.write(raw)
