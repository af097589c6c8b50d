#!/usr/bin/python3
"""Score a bundled model's directory: python3 score.py DIR [--questions FILE] [--text FILE] [--ask QUESTION]

A second implementation of the model, in NumPy and with a key/value cache, that
shares nothing with the training code but the file reader. It decodes greedily
until <end_of_turn> and compares the trimmed text with the reference answer.
The bfloat16 weights are widened to float32 and all arithmetic is float32.
Gemma 1, 2 and 3, as config.json says.
"""

import argparse
import collections
import json
import os
import time

import numpy as np
import sentencepiece as spm

HERE = os.path.dirname(os.path.abspath(__file__))
BOS, EOS, START, END = 2, 1, 106, 107


def read_checkpoint(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    weights = {}
    for name, info in header.items():
        if name != "__metadata__":
            lo, hi = info["data_offsets"]
            wide = np.frombuffer(data[lo:hi], "<u2").astype(np.uint32) << 16
            weights[name] = wide.view(np.float32).reshape(info["shape"])
    return weights


def to_bf16(x):
    bits = np.array([x], np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).view(np.float32)[0]


class Gemma:
    def __init__(self, folder):
        with open(os.path.join(folder, "config.json")) as f:
            self.c = c = json.load(f)
        self.w = read_checkpoint(os.path.join(folder, "model.safetensors"))
        self.sp = spm.SentencePieceProcessor(model_file=os.path.join(folder, "tokenizer.model"))
        self.scale = to_bf16(c["hidden_size"] ** 0.5)
        pairs = -np.arange(0, c["head_dim"], 2) / c["head_dim"]
        scaling = c.get("rope_scaling") or {"factor": 1}
        # By whether the layer is local; only global layers have their positions scaled.
        self.freq = {False: c["rope_theta"] ** pairs / scaling["factor"],
                     True: c.get("rope_local_base_freq", c["rope_theta"]) ** pairs}
        self.query_scale = np.float32(c.get("query_pre_attn_scalar", c["head_dim"]) ** -0.5)
        self.four_norms = c["model_type"] != "gemma"

    def is_local(self, layer):
        if "layer_types" in self.c:
            return self.c["layer_types"][layer] == "sliding_attention"
        return self.c["model_type"] == "gemma2" and layer % 2 == 0

    def capped(self, x, key):
        cap = self.c.get(key)
        return np.float32(cap) * np.tanh(x / np.float32(cap)) if cap else x

    def norm(self, x, name):
        return x / np.sqrt(np.mean(x * x, -1, keepdims=True) + np.float32(self.c["rms_norm_eps"])) * (1 + self.w[name])

    @staticmethod
    def rope(x, cos, sin):
        a, b = np.split(x, 2, -1)
        return np.concatenate((a * cos - b * sin, b * cos + a * sin), -1)

    def attention(self, h, layer, cache):
        c, n, p = self.c, len(h), "model.layers.%d.self_attn." % layer
        hd, heads, kv = c["head_dim"], c["num_attention_heads"], c["num_key_value_heads"]
        local = self.is_local(layer)
        q, k, v = ((h @ self.w[p + "%s_proj.weight" % t].T).reshape(n, -1, hd) for t in "qkv")
        if p + "q_norm.weight" in self.w:
            q, k = self.norm(q, p + "q_norm.weight"), self.norm(k, p + "k_norm.weight")
        past = len(cache[layer][0]) if len(cache) > layer else 0
        angle = np.outer(np.arange(past, past + n), self.freq[local]).astype(np.float32)
        cos, sin = np.cos(angle)[:, None], np.sin(angle)[:, None]
        q, k = self.rope(q, cos, sin), self.rope(k, cos, sin)
        if past:
            k, v = np.concatenate((cache[layer][0], k)), np.concatenate((cache[layer][1], v))
            cache[layer] = k, v
        else:
            cache.append((k, v))
        k, v = (np.repeat(t, heads // kv, 1) for t in (k, v))
        s = self.capped(np.einsum("qhd,khd->hqk", q, k) * self.query_scale, "attn_logit_softcapping")
        age = np.arange(past, past + n)[:, None] - np.arange(past + n)
        s[:, (age < 0) | (local and age >= c["sliding_window"])] = -np.inf
        s = np.exp(s - s.max(-1, keepdims=True))
        s /= s.sum(-1, keepdims=True)
        return np.einsum("hqk,khd->qhd", s, v).reshape(n, -1) @ self.w[p + "o_proj.weight"].T

    def feed_forward(self, h, layer):
        gate, up, down = (self.w["model.layers.%d.mlp.%s_proj.weight" % (layer, t)] for t in ("gate", "up", "down"))
        g = h @ gate.T
        g = 0.5 * g * (1 + np.tanh(np.float32(0.7978845608) * (g + np.float32(0.044715) * g * g * g)))
        return (g * (h @ up.T)) @ down.T

    def forward(self, ids, cache):
        """Run ids after what the cache holds; returns the logits of each position. cache: a list, empty at first."""
        e = self.w["model.embed_tokens.weight"]
        x = e[ids] * self.scale
        for i in range(self.c["num_hidden_layers"]):
            norm = lambda x, name: self.norm(x, "model.layers.%d.%s_layernorm.weight" % (i, name))
            h = self.attention(norm(x, "input"), i, cache)
            if self.four_norms:
                x = x + norm(h, "post_attention")
                x = x + norm(self.feed_forward(norm(x, "pre_feedforward"), i), "post_feedforward")
            else:
                x = x + h
                x = x + self.feed_forward(norm(x, "post_attention"), i)
        return self.capped(self.norm(x, "model.norm.weight") @ e.T, "final_logit_softcapping")

    def turn_ids(self, question):
        e = self.sp.encode
        return [START] + e("user\n" + question.strip()) + [END] + e("\n") + [START] + e("model\n")

    def answer(self, question, cache=None, limit=200):
        """Greedy answer; pass the same cache list again to go on with a conversation."""
        cache = [] if cache is None else cache
        ids = ([END] + self.sp.encode("\n") if cache else [BOS]) + self.turn_ids(question)
        out = []
        while len(out) < limit:
            token = int(self.forward(ids, cache)[-1].argmax())
            if token in (EOS, END):
                break
            out.append(token)
            ids = [token]
        return self.sp.decode(out)

    def perplexity(self, text, window=512):
        """Of chat text with its control tokens spelled out, in windows that each start with <bos>."""
        ids = []
        for i, part in enumerate(text.replace("<end_of_turn>", "<start_of_turn>\0").split("<start_of_turn>")):
            if i:
                ids.append(END if part.startswith("\0") else START)
            ids += self.sp.encode(part.lstrip("\0"))
        total, count = 0.0, 0
        for at in range(0, len(ids), window - 1):
            chunk = [BOS] + ids[at:at + window - 1]
            logits = self.forward(chunk[:-1], []).astype(np.float64)
            logits -= logits.max(-1, keepdims=True)
            logp = logits - np.log(np.exp(logits).sum(-1, keepdims=True))
            total -= logp[np.arange(len(chunk) - 1), chunk[1:]].sum()
            count += len(chunk) - 1
        return float(np.exp(total / count)), count


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("folder")
    ap.add_argument("--questions", default=os.path.join(HERE, "..", "tiny-gemma-it", "questions.jsonl"),
                    help="default: the bundled ones")
    ap.add_argument("--text", help="report the perplexity of this text too, e.g. tiny-gemma-it/heldout.txt")
    ap.add_argument("--ask", action="append", help="only answer this question (again for a conversation)")
    ap.add_argument("--wrong", action="store_true", help="print the wrong answers")
    args = ap.parse_args()
    model = Gemma(args.folder)
    if args.ask:
        cache = []
        for question in args.ask:
            print(model.answer(question, cache))
        return
    begin = time.time()
    right, total = collections.Counter(), collections.Counter()
    with open(args.questions) as f:
        rows = [json.loads(line) for line in f]
    for row in rows:
        got = model.answer(row["question"]).strip()
        for group in ((row["category"], row["unseen"]), ("all", row["unseen"])):
            total[group] += 1
            right[group] += got == row["answer"].strip()
        if args.wrong and got != row["answer"].strip():
            print("%s: %s\n  wanted %s\n  got    %s" % (row["category"], row["question"], row["answer"], got))
    print("%-12s %18s %18s" % ("category", "unseen", "seen"))
    for category in list(dict.fromkeys(row["category"] for row in rows)) + ["all"]:
        cells = ["%d/%d %5.1f%%" % (right[k], total[k], 100 * right[k] / max(1, total[k]))
                 for k in ((category, True), (category, False))]
        print("%-12s %18s %18s" % (category, *cells))
    print("%.0f s" % (time.time() - begin))
    if args.text:
        with open(args.text) as f:
            print("perplexity %.4f over %d tokens" % model.perplexity(f.read()))


if __name__ == "__main__":
    main()
