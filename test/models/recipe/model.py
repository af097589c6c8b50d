"""Gemma 1 in PyTorch, for training, and Hugging Face's layout of it on disk.

Matrix products can run on bfloat16 copies of the weights and inputs
(precision="bf16"): that is what a bfloat16 checkpoint computes with, so nothing
is lost when the weights are rounded at the end, and CPUs with bfloat16 matrix
units train several times faster. The master weights, the norms, the softmax and
the residual stream stay in float32.
"""

import json
import math
import struct

import torch
import torch.nn.functional as F

CONFIG = {
    "architectures": ["GemmaForCausalLM"],
    "attention_bias": False,
    "attention_dropout": 0.0,
    "bos_token_id": 2,
    "eos_token_id": 1,
    "head_dim": 64,
    "hidden_act": "gelu_pytorch_tanh",
    "hidden_activation": "gelu_pytorch_tanh",
    "hidden_size": 192,
    "initializer_range": 0.02,
    "intermediate_size": 512,
    "max_position_embeddings": 1024,
    "model_type": "gemma",
    "num_attention_heads": 4,
    "num_hidden_layers": 6,
    "num_key_value_heads": 1,
    "pad_token_id": 0,
    "rms_norm_eps": 1e-06,
    "rope_scaling": None,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
    "use_cache": True,
    "vocab_size": 2000,
}


def bf16(x):
    """Round to bfloat16 in the forward pass, identity in the backward pass."""
    return x + (x.detach().bfloat16().float() - x.detach())


class Bf16Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        xb, wb = x.bfloat16(), w.bfloat16()
        ctx.save_for_backward(xb, wb)
        return F.linear(xb, wb).float()

    @staticmethod
    def backward(ctx, g):
        xb, wb = ctx.saved_tensors
        gb = g.bfloat16()
        return (gb @ wb).float(), (gb.t() @ xb).float()


class RmsNorm(torch.autograd.Function):
    """x / rms(x) * (1 + w) with a backward pass that makes few passes over memory."""

    @staticmethod
    def forward(ctx, x, w, eps):
        r = torch.rsqrt((x * x).mean(-1, keepdim=True) + eps)
        n = x * r
        ctx.save_for_backward(n, r, w)
        return n * (1.0 + w)

    @staticmethod
    def backward(ctx, g):
        n, r, w = ctx.saved_tensors
        gn = g * n
        gw = gn.sum(0)
        dot = (gn @ (1.0 + w)).div_(n.shape[-1])[:, None]
        return (g * (1.0 + w)).sub_(n * dot).mul_(r), gw, None


class Rope(torch.autograd.Function):
    """Rotary embedding; the second half of a head is the first half's partner. x: [rows, width, heads, head_dim]"""

    @staticmethod
    def rotate(x, cos, sin):
        half = x.shape[-1] // 2
        y = torch.empty_like(x)
        a, b = x[..., :half], x[..., half:]
        torch.mul(a, cos, out=y[..., :half]).addcmul_(b, sin, value=-1)
        torch.mul(b, cos, out=y[..., half:]).addcmul_(a, sin)
        return y

    @staticmethod
    def forward(ctx, x, cos, sin):
        ctx.save_for_backward(cos, sin)
        return Rope.rotate(x, cos, sin)

    @staticmethod
    def backward(ctx, g):
        cos, sin = ctx.saved_tensors
        return Rope.rotate(g, cos, -sin), None, None


class Bf16Bmm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a, b):
        ab, bb = a.bfloat16(), b.bfloat16()
        ctx.save_for_backward(ab, bb)
        return torch.bmm(ab, bb).float()

    @staticmethod
    def backward(ctx, g):
        ab, bb = ctx.saved_tensors
        gb = g.bfloat16()
        return torch.bmm(gb, bb.transpose(1, 2)).float(), torch.bmm(ab.transpose(1, 2), gb).float()


class TinyGemma:
    def __init__(self, config, precision="f32"):
        self.config, self.precision = config, precision
        d, hd, ff = config["hidden_size"], config["head_dim"], config["intermediate_size"]
        q, kv = config["num_attention_heads"] * hd, config["num_key_value_heads"] * hd
        depth = config["num_hidden_layers"]
        shapes = {"model.embed_tokens.weight": (config["vocab_size"], d)}
        for i in range(depth):
            p = "model.layers.%d." % i
            shapes[p + "input_layernorm.weight"] = (d,)
            shapes[p + "post_attention_layernorm.weight"] = (d,)
            shapes[p + "self_attn.q_proj.weight"] = (q, d)
            shapes[p + "self_attn.k_proj.weight"] = (kv, d)
            shapes[p + "self_attn.v_proj.weight"] = (kv, d)
            shapes[p + "self_attn.o_proj.weight"] = (d, q)
            shapes[p + "mlp.gate_proj.weight"] = (ff, d)
            shapes[p + "mlp.up_proj.weight"] = (ff, d)
            shapes[p + "mlp.down_proj.weight"] = (d, ff)
        shapes["model.norm.weight"] = (d,)
        # One flat block, so that two processes can share the parameters and their gradients.
        sizes = [math.prod(shape) for shape in shapes.values()]
        self.flat = torch.zeros(sum(sizes))
        self.shapes, self.slices, at = shapes, {}, 0
        for (name, shape), size in zip(shapes.items(), sizes):
            self.slices[name] = slice(at, at + size)
            at += size
            t = self.flat[self.slices[name]].view(shape)
            if "embed" in name:
                t.normal_(0.0, 0.05)
            elif len(shape) == 2:
                t.normal_(0.0, shape[1] ** -0.5)
                if "o_proj" in name or "down_proj" in name:
                    t.mul_(0.5 / math.sqrt(depth))
        self.share(self.flat, torch.zeros_like(self.flat))
        pos = torch.arange(config["max_position_embeddings"]).float()[:, None]
        freq = config["rope_theta"] ** (-torch.arange(0, hd, 2).float() / hd)
        self.cos, self.sin = torch.cos(pos * freq), torch.sin(pos * freq)
        self.scale = float(torch.tensor(math.sqrt(d)).bfloat16())

    def share(self, flat, grad):
        """Use these blocks for the parameters and their gradients."""
        self.flat, self.grad, self.w = flat, grad, {}
        for name, where in self.slices.items():
            p = self.w[name] = flat[where].view(self.shapes[name]).requires_grad_(True)
            p.grad = grad[where].view(self.shapes[name])

    def linear(self, x, *names):
        w = torch.cat([self.w[n] for n in names]) if len(names) > 1 else self.w[names[0]]
        return Bf16Linear.apply(x, w) if self.precision == "bf16" else F.linear(x, bf16(w))

    def bmm(self, a, b):
        return Bf16Bmm.apply(a, b) if self.precision == "bf16" else torch.bmm(a, b)

    def norm(self, x, name):
        return RmsNorm.apply(x, bf16(self.w[name]), self.config["rms_norm_eps"])

    def attention(self, x, prefix, rows, width, mask):
        heads, hd = self.config["num_attention_heads"], self.config["head_dim"]
        kv, group = self.config["num_key_value_heads"], heads // self.config["num_key_value_heads"]
        qkv = self.linear(x, *(prefix + n + "_proj.weight" for n in "qkv")).view(rows, width, heads + 2 * kv, hd)
        q, k, v = qkv.split((heads, kv, kv), 2)
        cos, sin = self.cos[:width, None], self.sin[:width, None]
        q, k = Rope.apply(q, cos * hd ** -0.5, sin * hd ** -0.5), Rope.apply(k, cos, sin)
        # Queries that share a key head go through one product: [rows*kv, group*width, hd].
        q = q.permute(0, 2, 1, 3).reshape(rows * kv, group * width, hd)
        k = k.permute(0, 2, 3, 1).reshape(rows * kv, hd, width)
        v = v.permute(0, 2, 1, 3).reshape(rows * kv, width, hd)
        s = self.bmm(q, k).view(rows * heads, width, width) + mask
        p = torch.softmax(s, -1).view(rows * kv, group * width, width)
        o = self.bmm(p, v).view(rows, heads, width, hd).permute(0, 2, 1, 3).reshape(rows * width, heads * hd)
        return self.linear(o, prefix + "o_proj.weight")

    def hidden(self, ids):
        """Final hidden states [rows * width, d] of right-padded ids [rows, width]."""
        rows, width = ids.shape
        mask = torch.full((width, width), -1e9).triu(1)
        e = self.w["model.embed_tokens.weight"]
        x = bf16(F.embedding(ids.reshape(-1), e)) * self.scale
        for i in range(self.config["num_hidden_layers"]):
            p = "model.layers.%d." % i
            x = x + self.attention(self.norm(x, p + "input_layernorm.weight"), p + "self_attn.", rows, width, mask)
            h = self.norm(x, p + "post_attention_layernorm.weight")
            gate, up = self.linear(h, p + "mlp.gate_proj.weight", p + "mlp.up_proj.weight").chunk(2, -1)
            h = F.gelu(gate, approximate="tanh") * up
            x = x + self.linear(h, p + "mlp.down_proj.weight")
        return self.norm(x, "model.norm.weight")

    def logits(self, h):
        return self.linear(h, "model.embed_tokens.weight")


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
