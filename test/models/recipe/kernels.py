"""The same parts with kernels.c around PyTorch's bfloat16 matrix products. Needs a C compiler at run time."""

import atexit
import ctypes
import os
import platform
import shutil
import subprocess
import tempfile

import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))


def load():
    folder = tempfile.mkdtemp(prefix="tiny-gemma-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "kernels.so")
    # GCC would take half of the vectors that the CPU has.
    wide = ["-mprefer-vector-width=512"] if platform.machine() == "x86_64" else []
    subprocess.run(["cc", "-O3", "-march=native", *wide, "-ffast-math", "-shared", "-fPIC",
                    os.path.join(HERE, "kernels.c"), "-o", path, "-lm"], check=True)
    return ctypes.CDLL(path)


LIBRARY = load()


def call(name, *arguments):
    """Tensors go as addresses, None as null, the rest as C's long and float."""
    def passed(x):
        if torch.is_tensor(x):
            assert x.is_contiguous(), name
            return ctypes.c_void_p(x.data_ptr())
        return ctypes.c_void_p() if x is None else ctypes.c_long(x) if isinstance(x, int) else ctypes.c_float(x)

    getattr(LIBRARY, name)(*map(passed, arguments))


class Linear(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w):
        wb = w.bfloat16()
        ctx.save_for_backward(x, wb)
        return F.linear(x, wb)

    @staticmethod
    def backward(ctx, g):
        x, wb = ctx.saved_tensors
        return g @ wb, (g.t() @ x).float()


class Norm(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, w, eps):
        r, y = x.new_empty(x.shape[0]), torch.empty_like(x, dtype=torch.bfloat16)
        call("norm_forward", x, w, y, r, *x.shape, eps)
        ctx.save_for_backward(x, w, r)
        return y

    @staticmethod
    def backward(ctx, g):
        x, w, r = ctx.saved_tensors
        gx, gw = torch.empty_like(x), torch.zeros_like(w)
        call("norm_backward", x, w, r, g, gx, gw, *x.shape)
        return gx, gw, None


class AddNormed(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, h, w, eps):
        r, y = x.new_empty(x.shape[0]), torch.empty_like(x)
        call("add_normed_forward", x, h, w, y, r, *x.shape, eps)
        ctx.save_for_backward(h, w, r)
        return y

    @staticmethod
    def backward(ctx, g):
        h, w, r = ctx.saved_tensors
        gh, gw = torch.empty_like(h), torch.zeros_like(w)
        call("add_normed_backward", h, w, r, g, gh, gw, *h.shape)
        return g, gh, gw, None


class Heads(torch.autograd.Function):
    @staticmethod
    def forward(ctx, qkv, qw, kw, cos, sin, scale, eps, heads, kv):
        rows, width, _, d = qkv.shape
        q = qkv.new_empty(rows, heads, width, d)
        k, v = (qkv.new_empty(rows, kv, width, d) for _ in range(2))
        call("heads_forward", qkv, qw, kw, cos, sin, scale, eps, q, k, v, rows, width, heads, kv, d)
        ctx.save_for_backward(qkv, qw, kw, cos, sin)
        ctx.sizes = scale, eps, rows, width, heads, kv, d
        return q, k, v

    @staticmethod
    def backward(ctx, gq, gk, gv):
        qkv, qw, kw, cos, sin = ctx.saved_tensors
        scale, eps, *sizes = ctx.sizes
        g = torch.empty_like(qkv)
        gqw, gkw = (None if w is None else torch.zeros_like(w) for w in (qw, kw))
        call("heads_backward", qkv, qw, kw, cos, sin, scale, eps, *(t.contiguous() for t in (gq, gk, gv)), g, gqw,
             gkw, *sizes)
        return (g, gqw, gkw) + (None,) * 6


class Softmax(torch.autograd.Function):
    @staticmethod
    def forward(ctx, s, window, cap):
        p, width = torch.empty_like(s), s.shape[-1]
        ctx.sizes = s.numel() // width, width, window, cap
        call("softmax_forward", s, p, *ctx.sizes)
        ctx.save_for_backward(s, p)
        return p

    @staticmethod
    def backward(ctx, g):
        s, p = ctx.saved_tensors
        gs = torch.empty_like(s)
        call("softmax_backward", s, p, g.contiguous(), gs, *ctx.sizes)
        return gs, None, None


class Geglu(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        y = x.new_empty(x.shape[0], x.shape[1] // 2)
        call("geglu_forward", x, y, *y.shape)
        return y

    @staticmethod
    def backward(ctx, g):
        x, = ctx.saved_tensors
        gx = torch.empty_like(x)
        call("geglu_backward", x, g.contiguous(), gx, *g.shape)
        return gx


class Bfloat16:
    """The interface of functions.Float32; what goes into a product or comes out of it is bfloat16."""

    linear, bmm, norm, add_normed, geglu = Linear.apply, torch.bmm, Norm.apply, AddNormed.apply, Geglu.apply

    @staticmethod
    def heads(qkv, norms, *more):
        return Heads.apply(qkv, *(norms or (None, None)), *more)

    @staticmethod
    def softmax(s, window, cap):
        return Softmax.apply(s, window, float(cap or 0))
