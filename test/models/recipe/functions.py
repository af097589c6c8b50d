"""The parts of a decoder in PyTorch, in float32: what kernels.c does faster, and the rounding that both share."""

import torch
import torch.nn.functional as F


def bf16(x):
    """Round to bfloat16 in the forward pass, identity in the backward pass."""
    return x + (x.detach().bfloat16().float() - x.detach())


def softcap(x, cap):
    return torch.tanh(x / cap) * cap if cap else x


def rope(x, cos, sin):
    """The second half of a head is the first half's partner. x: [rows, width, heads, head_dim]"""
    a, b = x.chunk(2, -1)
    return torch.cat((a * cos - b * sin, b * cos + a * sin), -1)


class Float32:
    """Products of float32 with weights that were rounded to bfloat16."""

    @staticmethod
    def linear(x, w):
        return F.linear(x, bf16(w))

    bmm = torch.bmm

    @staticmethod
    def norm(x, w, eps):
        """Over the last axis of x."""
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + eps) * (1 + w)

    @staticmethod
    def add_normed(x, h, w, eps):
        return x + Float32.norm(h, w, eps)

    @staticmethod
    def heads(qkv, norms, cos, sin, scale, eps, heads, kv):
        """qkv [rows, width, heads + 2 kv, d], normed and rotated, as q [rows, heads, width, d] and k and v [rows, kv,
        width, d]; norms: the weights of q's and k's norm, or none."""
        q, k, v = qkv.split((heads, kv, kv), 2)
        if norms:
            q, k = Float32.norm(q, norms[0], eps), Float32.norm(k, norms[1], eps)
        cos, sin = cos[:, None], sin[:, None]
        q, k = rope(q, cos, sin) * scale, rope(k, cos, sin)
        return tuple(t.transpose(1, 2).contiguous() for t in (q, k, v))

    @staticmethod
    def softmax(s, window, cap):
        """Of scores [products, group * width, width]; a query sees `window` keys, the last of them its own."""
        width = s.shape[-1]
        hidden = torch.full((width, width), -1e9)
        mask = hidden.triu(1) + hidden.tril(-window)
        return torch.softmax(softcap(s, cap).view(-1, width, width) + mask, -1).view(s.shape)

    @staticmethod
    def geglu(x):
        gate, up = x.chunk(2, -1)
        return F.gelu(gate, approximate="tanh") * up
