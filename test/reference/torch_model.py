"""A second implementation of the decoder, in torch float64, for the self-tests.

It follows the structure of the Hugging Face modules where the reference
follows the Flax ones: scale on the scores, keys and values repeated per query
head, rotation as x*cos + rotate_half(x)*sin, additive masks, all heads at
once.  It reads the Hugging Face config directly.
"""

import torch
import torch.nn.functional as F


def _rotate_half(x):
    half = x.shape[-1] // 2
    return torch.cat((-x[..., half:], x[..., :half]), dim=-1)


class TorchGemma(torch.nn.Module):
    def __init__(self, config, tensors):
        super().__init__()
        self.hf = config
        self.family = config["model_type"]
        self.tensors = {name: torch.from_numpy(value)
                        for name, value in tensors.items()}

    def _norm(self, x, name):
        weight = self.tensors[name + ".weight"]
        variance = x.pow(2).mean(-1, keepdim=True)
        return x * torch.rsqrt(variance + self.hf["rms_norm_eps"]) * (1 + weight)

    def _linear(self, x, name):
        return F.linear(x, self.tensors[name + ".weight"])

    def _is_local(self, layer):
        if self.family == "gemma2":
            return layer % 2 == 0
        return self.family == "gemma3_text" and (layer + 1) % 6 != 0

    def _tables(self, count, local):
        base, factor = self.hf["rope_theta"], 1.0
        if self.family == "gemma3_text":
            if local:
                base = self.hf["rope_local_base_freq"]
            else:
                factor = self.hf.get("rope_scaling", {}).get("factor", 1.0)
        size = self.hf["head_dim"]
        exponent = torch.arange(0, size, 2, dtype=torch.float64) / size
        inverse = 1.0 / torch.pow(torch.tensor(base, dtype=torch.float64), exponent)
        angles = torch.arange(count, dtype=torch.float64)[:, None] * (inverse / factor)
        angles = torch.cat((angles, angles), dim=-1)
        return angles.cos()[None], angles.sin()[None]

    def _mask(self, count, local):
        mask = torch.full((count, count), -torch.inf, dtype=torch.float64).triu(1)
        if local:
            too_old = torch.ones(count, count).tril(-self.hf["sliding_window"]).bool()
            mask = mask.masked_fill(too_old, -torch.inf)
        return mask

    def _attention(self, x, layer):
        name = f"model.layers.{layer}.self_attn."
        count, size = x.shape[0], self.hf["head_dim"]

        def heads(which):
            return self._linear(x, name + which).view(count, -1, size).transpose(0, 1)
        q, k, v = heads("q_proj"), heads("k_proj"), heads("v_proj")
        if self.family == "gemma3_text":
            q, k = self._norm(q, name + "q_norm"), self._norm(k, name + "k_norm")
        cos, sin = self._tables(count, self._is_local(layer))
        q = q * cos + _rotate_half(q) * sin
        k = k * cos + _rotate_half(k) * sin
        repeat = q.shape[0] // k.shape[0]
        k, v = k.repeat_interleave(repeat, 0), v.repeat_interleave(repeat, 0)
        scores = torch.matmul(q, k.transpose(1, 2))
        scores = scores * self.hf.get("query_pre_attn_scalar", size) ** -0.5
        cap = self.hf.get("attn_logit_softcapping")
        if cap:
            scores = torch.tanh(scores / cap) * cap
        scores = scores + self._mask(count, self._is_local(layer))
        out = torch.matmul(F.softmax(scores, dim=-1), v)
        out = out.transpose(0, 1).reshape(count, -1)
        return self._linear(out, name + "o_proj")

    def _mlp(self, x, layer):
        name = f"model.layers.{layer}.mlp."
        gate = F.gelu(self._linear(x, name + "gate_proj"), approximate="tanh")
        return self._linear(gate * self._linear(x, name + "up_proj"),
                            name + "down_proj")

    def forward(self, tokens):
        embedding = self.tensors["model.embed_tokens.weight"]
        scale = torch.tensor(self.hf["hidden_size"] ** 0.5).bfloat16().double()
        x = F.embedding(torch.tensor(tokens), embedding) * scale
        for layer in range(self.hf["num_hidden_layers"]):
            name = f"model.layers.{layer}."
            residual = x
            x = self._attention(self._norm(x, name + "input_layernorm"), layer)
            if self.family != "gemma":
                x = self._norm(x, name + "post_attention_layernorm")
            residual = x = residual + x
            x = self._norm(x, name + ("post_attention_layernorm"
                                      if self.family == "gemma"
                                      else "pre_feedforward_layernorm"))
            x = self._mlp(x, layer)
            if self.family != "gemma":
                x = self._norm(x, name + "post_feedforward_layernorm")
            x = residual + x
        x = self._norm(x, "model.norm")
        head = self.tensors.get("lm_head.weight", embedding)
        logits = F.linear(x, head)
        cap = self.hf.get("final_logit_softcapping")
        return torch.tanh(logits / cap) * cap if cap else logits
