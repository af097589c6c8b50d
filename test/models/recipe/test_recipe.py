#!/usr/bin/env python3
"""The recipe's split, questions and files agree with each other and with the bundled checkpoint."""

import json
import os
import random
import re
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
TINY = os.path.join(HERE, "..", "tiny-gemma-it")
sys.path.insert(0, HERE)

import tasks  # noqa: E402


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

    def test_checkpoint(self):
        with open(os.path.join(TINY, "config.json")) as f:
            config = json.load(f)
        path = os.path.join(TINY, "model.safetensors")
        self.assertLessEqual(os.path.getsize(path), 12 << 20)
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
        self.assertEqual(len(header), 2 + 9 * config["num_hidden_layers"])
        for size in ("hidden_size", "intermediate_size"):
            self.assertEqual(config[size] % 64, 0)
        self.assertEqual(config["num_attention_heads"] * config["head_dim"] % 64, 0)


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
