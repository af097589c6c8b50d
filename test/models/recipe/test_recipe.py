#!/usr/bin/env python3
"""The recipe's split, questions and files agree with each other and with the bundled checkpoints."""

import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TINY = os.path.join(HERE, "..", "tiny-gemma-it")
sys.path.insert(0, HERE)

import tasks  # noqa: E402
from configs import GLOBAL, LOCAL, MODELS, layer_types  # noqa: E402
from layout import chat_template  # noqa: E402


def folder(name):
    return os.path.join(HERE, "..", name)


def questions():
    with open(os.path.join(TINY, "questions.jsonl")) as f:
        return [json.loads(line) for line in f]


class TasksTest(unittest.TestCase):
    def test_one_answer_per_question(self):
        r, answers = random.Random(1), {}
        for stage in range(3):
            for _ in range(20000):
                q, a = tasks.draw_any(r, False, stage)
                self.assertEqual(answers.setdefault(q, a), a, q)

    def test_sides_do_not_meet(self):
        r = random.Random(2)
        for category in tasks.TASKS:
            trained = {tasks.draw(r, category, False, stage)[0] for stage in range(3) for _ in range(3000)}
            asked = {tasks.draw(r, category, True)[0] for _ in range(500)}
            self.assertFalse(trained & asked, category)

    def test_sums_are_held_out_in_both_orders(self):
        r = random.Random(3)
        for _ in range(2000):
            q, _ = tasks.draw(r, "arithmetic", False, 0)
            numbers = sorted(map(int, re.findall(r"\d+", q)))
            if "+" in q:
                self.assertFalse(tasks.held_out("add %d %d" % tuple(numbers)), q)

    def test_answers(self):
        r = random.Random(4)
        for _ in range(2000):
            a, op, b, c = re.fullmatch(r"(\d+) ([+-]) (\d+) = (\d+)", tasks.arithmetic(r)[2]).groups()
            self.assertEqual(int(a) + int(b) if op == "+" else int(a) - int(b), int(c))
            key, q, answer = tasks.sorting(r)
            if key.startswith("sort") and ("rising" in q or "smallest to largest" in q):
                items = [int(i) for i in answer.split(", ")]
                self.assertEqual(items, sorted(items))
            key, q, answer = tasks.copying(r)
            if key.startswith("reverse"):
                self.assertEqual(q.split(": ")[1].split(), answer.split()[::-1])


class BundledFilesTest(unittest.TestCase):
    def test_questions(self):
        rows = questions()
        self.assertGreaterEqual(len(rows), 500)
        self.assertGreaterEqual(sum(row["unseen"] for row in rows), 300)
        self.assertEqual({row["category"] for row in rows}, set(tasks.TASKS))
        self.assertEqual(len({row["question"] for row in rows}), len(rows))
        for row in rows:
            self.assertEqual(set(row), {"category", "question", "answer", "unseen"})
            self.assertEqual(row["answer"], row["answer"].strip())

    def test_no_question_is_in_the_heldout_text(self):
        with open(os.path.join(TINY, "heldout.txt")) as f:
            turns = re.findall(r"<start_of_turn>user\n(.*?)<end_of_turn>", f.read())
        self.assertGreater(len(turns), 1000)
        self.assertFalse(set(turns) & {row["question"] for row in questions()})

    def test_checkpoints(self):
        for name in MODELS:
            with self.subTest(model=name):
                self.check_checkpoint(name)

    def check_checkpoint(self, name):
        with open(os.path.join(folder(name), "config.json")) as f:
            config = json.load(f)
        self.assertEqual(config, MODELS[name].config)
        with open(os.path.join(folder(name), "tokenizer_config.json")) as f:
            self.assertEqual(json.load(f)["chat_template"], chat_template(config))
        path = os.path.join(folder(name), "model.safetensors")
        self.assertLessEqual(os.path.getsize(path), 6_000_000)
        with open(path, "rb") as f:
            header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        header.pop("__metadata__")
        count = 0
        for name, info in header.items():
            self.assertEqual(info["dtype"], "BF16", name)
            size = 1
            for n in info["shape"]:
                size *= n
            count += size if "embed" not in name else 0
        self.assertLessEqual(count, 3_000_000)
        self.assertEqual(header["model.embed_tokens.weight"]["shape"],
                         [config["vocab_size"], config["hidden_size"]])
        norms = {"gemma": 2, "gemma2": 4, "gemma3_text": 6}[config["model_type"]]
        self.assertEqual(len(header), 2 + (7 + norms) * config["num_hidden_layers"])
        for size in ("hidden_size", "intermediate_size"):
            self.assertEqual(config[size] % 64, 0)
        self.assertEqual(config["num_attention_heads"] * config["head_dim"] % 64, 0)

    def test_one_tokenizer(self):
        with open(os.path.join(TINY, "tokenizer.model"), "rb") as f:
            first = f.read()
        for name in MODELS:
            with open(os.path.join(folder(name), "tokenizer.model"), "rb") as f:
                self.assertEqual(f.read(), first, name)

    def test_folders_are_small(self):
        for name in list(MODELS)[1:]:
            size = sum(os.path.getsize(os.path.join(folder(name), file)) for file in os.listdir(folder(name)))
            self.assertLessEqual(size, 6_000_000, name)

    def test_families_show(self):
        """What tells the families apart is there, and bites on the bundled text."""
        second, third = (MODELS[name].config for name in ("tiny-gemma2-it", "tiny-gemma3-it"))
        self.assertEqual(layer_types(second), [LOCAL, GLOBAL] * 3)
        self.assertEqual(layer_types(third), [LOCAL] * 5 + [GLOBAL, LOCAL])
        self.assertNotEqual(second["query_pre_attn_scalar"], second["head_dim"])
        for config in (second, third):
            self.assertGreater(config["num_attention_heads"], config["num_key_value_heads"])
            self.assertLess(config["sliding_window"], 40)

    def test_every_stage_holds_the_seen_questions(self):
        """They come out of one chunk, which is the same text for every model."""
        chunk = MODELS["tiny-gemma-it"].stages[1]
        for name, model in MODELS.items():
            self.assertEqual(sum(chunk >= first for first in model.stages), tasks.NARROW, name)


class NumericsTest(unittest.TestCase):
    """Needs PyTorch and SentencePiece: the trained model, the scored one and the reference of the tests are one."""

    def setUp(self):
        try:
            import model
            import score
        except ImportError as missing:
            self.skipTest(str(missing))
        self.model, self.score = model, score

    def random_checkpoint(self, config, path):
        """A checkpoint in which every part shows, and the model of it in training."""
        import torch
        torch.manual_seed(3)
        made = self.model.TinyGemma(config)
        with torch.no_grad():
            for name, t in made.w.items():
                if "norm" in name:
                    t.add_(torch.randn(t.shape), alpha=0.3)
                elif "q_proj" in name or "k_proj" in name:
                    t.mul_(3)
            made.flat.copy_(made.flat.bfloat16().float())
        self.model.save_safetensors(os.path.join(path, "model.safetensors"), made.w)
        with open(os.path.join(path, "config.json"), "w") as f:
            json.dump(config, f)
        shutil.copy(os.path.join(TINY, "tokenizer.model"), path)
        return made

    def test_three_implementations(self):
        import numpy as np
        import torch
        sys.path.insert(0, os.path.join(HERE, "..", "..", "reference"))
        from gemma_reference import GemmaReference
        ids = np.random.default_rng(1).integers(0, 2000, 100)
        for name, bundled in MODELS.items():
            with self.subTest(model=name), tempfile.TemporaryDirectory() as path:
                trained = self.random_checkpoint(bundled.config, path)
                expected = GemmaReference.load(path).forward(ids)
                with torch.no_grad():
                    logits = trained.logits(trained.hidden(torch.from_numpy(ids)[None])).numpy()
                scored, cache = self.score.Gemma(path), []
                parts = [scored.forward(part, cache) for part in np.split(ids, [70, 71])]
                for found in (logits, np.concatenate(parts)):
                    self.assertLess(abs(found - expected).max() / np.ptp(expected), 1e-4)


class KernelsTest(unittest.TestCase):
    """Needs PyTorch and a C compiler: kernels.c computes what functions.py says, and its gradients."""

    def setUp(self):
        try:
            import torch
            from kernels import Bfloat16
            from functions import Float32
        except (ImportError, FileNotFoundError, subprocess.CalledProcessError) as missing:
            self.skipTest(str(missing))
        self.torch, self.fast, self.plain = torch, Bfloat16, Float32
        torch.manual_seed(1)

    def check(self, name, *arguments):
        """Tensors are float32 or bfloat16 for the kernels, and the same values in float32 for PyTorch."""
        torch = self.torch
        fast = [a.clone().requires_grad_(True) if torch.is_tensor(a) else a for a in arguments]
        plain = [a.float().requires_grad_(True) if torch.is_tensor(a) else a for a in arguments]
        split = lambda args: (args[0], tuple(args[1:3])) + tuple(args[3:]) if name == "heads" else args
        found, wanted = (getattr(ops, name)(*split(args)) for ops, args in ((self.fast, fast), (self.plain, plain)))
        if torch.is_tensor(found):
            found, wanted = (found,), (wanted,)
        for one, other in zip(found, wanted):
            self.same(name, one, other)
        weights = [torch.randn(one.shape).bfloat16().to(one.dtype) for one in found]
        for results in (found, wanted):
            sum((one * w.to(one.dtype)).float().sum() for one, w in zip(results, weights)).backward()
        for index, (one, other) in enumerate(zip(fast, plain)):
            if torch.is_tensor(one) and other.grad is not None and name + str(index) not in ("heads3", "heads4"):
                self.same("gradient %d of %s" % (index, name), one.grad, other.grad)

    def same(self, what, found, wanted):
        error = ((found.float() - wanted).norm() / wanted.norm()).item()
        self.assertLess(error, 0.01, what)  # bfloat16 has 8 bits

    def test_each(self):
        normal = lambda *shape: self.torch.randn(shape)
        half = lambda *shape: normal(*shape).bfloat16()
        self.check("norm", normal(37, 192), normal(192), 1e-6)
        self.check("add_normed", normal(37, 192), half(37, 192), normal(192), 1e-6)
        self.check("geglu", 2 * half(29, 2 * 72))
        angle = normal(50, 16)
        rotation = self.torch.cos(angle), self.torch.sin(angle)
        self.check("heads", half(3, 50, 8, 32), normal(32), normal(32), *rotation, 0.3, 1e-6, 4, 2)
        for window in (50, 49, 7, 2):
            for cap in (None, 3.0):
                self.check("softmax", 3 * half(4, 2 * 50, 50), window, cap)

    def test_whole_models(self):
        """And so does everything around them."""
        import model
        ids = self.torch.randint(0, 2000, (3, 70))
        for name, bundled in MODELS.items():
            made = {}
            for precision in ("f32", "bf16"):
                self.torch.manual_seed(2)
                each = made[precision] = model.TinyGemma(bundled.config, precision)
                each.logits(each.hidden(ids)).square().mean().backward()
            with self.subTest(model=name):
                error = (made["bf16"].grad - made["f32"].grad).norm() / made["f32"].grad.norm()
                self.assertLess(error.item(), 0.02)


class RegeneratedFilesTest(unittest.TestCase):
    """Needs SentencePiece: the recipe still writes the bundled questions, text and tokenizer."""

    def setUp(self):
        try:
            import data
        except ImportError as missing:
            self.skipTest(str(missing))
        self.data = data

    def test_questions_and_heldout(self):
        self.assertEqual(self.data.make_questions(), questions())
        text = self.data.conversation_text(self.data.heldout_turns(questions()))
        with open(os.path.join(TINY, "heldout.txt")) as f:
            self.assertEqual(f.read(), text)

    def test_tokenizer(self):
        self.data.check_tokenizer(self.data.load_tokenizer(os.path.join(TINY, "tokenizer.model")))

    def test_loss_weights(self):
        sp = self.data.load_tokenizer(os.path.join(TINY, "tokenizer.model"))
        (ids, weights), = self.data.encode_conversations(sp, [[("Hi", "Yes"), ("Hi", "No")]])
        self.assertEqual(len(ids), len(weights))
        self.assertEqual(ids[:-len(sp.encode("No")) - 2][:3], [2, 106] + sp.encode("user"))
        answers = [i for i, w in zip(ids, weights) if w == 1.0]
        self.assertEqual(answers, sp.encode("Yes") + [107] + sp.encode("No") + [107])


if __name__ == "__main__":
    unittest.main()
