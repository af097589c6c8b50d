#!/usr/bin/env python3
"""gemma-eval compare against the same figures computed from dumped logits."""

import json
import os
import re
import unittest

import numpy as np

from bundled_models import BOS, FIRST, HELDOUT, MODELS, excerpt, tokenizer
from checkpoint_specs import SPECS
from gemma_tools import (checkpoint, compile_artifact, logits, new_directory,
                         require, run)

TINY = FIRST.path


def setUpModule():
    require("gemma-compile", "gemma-eval")


def compare(a, b, text, *arguments):
    done = run("gemma-eval", "compare", a, b, f"--text={text}", "--json",
               *arguments)
    return json.loads(done.stdout)


def chat_tokens(path):
    """Ids of a conversation file, by sentencepiece itself."""
    pieces = tokenizer()
    with open(path) as file:
        parts = re.split("(<start_of_turn>|<end_of_turn>)", file.read())
    tokens = []
    for part in parts:
        if part in ("<start_of_turn>", "<end_of_turn>"):
            tokens.append(pieces.piece_to_id(part))
        else:
            tokens += pieces.encode(part)
    return tokens


def log_softmax(values):
    values = values.astype(np.float64)
    values -= values.max(-1, keepdims=True)
    return values - np.log(np.exp(values).sum(-1, keepdims=True))


def expected(a, b, tokens, window):
    """The report, window by window, in float64."""
    kl, agreed, surprise = [], [], ([], [])
    for at in range(0, len(tokens), window - 1):
        part = [BOS] + tokens[at:at + window - 1]
        predicted = [log_softmax(logits(model, part[:-1])) for model in (a, b)]
        of_a, of_b = predicted
        kl += list((np.exp(of_a) * (of_a - of_b)).sum(-1))
        agreed += list(of_a.argmax(-1) == of_b.argmax(-1))
        for model in (0, 1):
            surprise[model].extend(
                -predicted[model][np.arange(len(part) - 1), part[1:]])
    return {
        "positions": len(kl),
        "mean_kl": np.mean(kl),
        "max_kl": max(kl),
        "max_kl_position": int(np.argmax(kl)),
        "top1_agreement": np.mean(agreed),
        "perplexity": {"a": np.exp(np.mean(surprise[0])),
                       "b": np.exp(np.mean(surprise[1]))}
    }


class CompareTest(unittest.TestCase):
    def test_against_numpy(self):
        # The smaller the window, the more runs of gemma-eval to compare with.
        every = ((1024, 6000), (100, 6000), (2, 300))
        for model in MODELS:
            for window, size in every if model is FIRST else every[:1]:
                with self.subTest(model=model.name, window=window):
                    self.check(model, window, size)

    def check(self, model, window, size):
        a, b = (compile_artifact(model.path, weights=w)
                for w in ("f32", "bf16"))
        text = excerpt(size)
        tokens = chat_tokens(text)
        found = compare(a, b, text, f"--context={window}")
        wanted = expected(a, b, tokens, window)
        self.assertEqual(found["positions"], wanted["positions"])
        self.assertEqual(found["positions"], len(tokens))
        self.assertEqual(found["max_kl_position"], wanted["max_kl_position"])
        for key in ("mean_kl", "max_kl", "top1_agreement"):
            np.testing.assert_allclose(found[key], wanted[key], rtol=1e-6,
                                       atol=1e-12)
        for which in "ab":
            np.testing.assert_allclose(found["perplexity"][which],
                                       wanted["perplexity"][which], rtol=1e-9)

    def test_a_model_equals_itself(self):
        artifact = compile_artifact(TINY, weights="bf16")
        found = compare(artifact, artifact, excerpt(5000))
        self.assertEqual(found["mean_kl"], 0)
        self.assertEqual(found["max_kl"], 0)
        self.assertEqual(found["top1_agreement"], 1)
        self.assertEqual(found["perplexity"]["a"], found["perplexity"]["b"])

    def test_bf16_is_close_to_f32(self):
        for model in MODELS:
            with self.subTest(model=model.name):
                found = compare(compile_artifact(model.path, weights="f32"),
                                compile_artifact(model.path, weights="bf16"),
                                HELDOUT, "--context=512")
                print(model.name, found)
                self.assertAlmostEqual(found["perplexity"]["a"],
                                       model.perplexity, delta=0.005)
                self.assertLess(found["mean_kl"], 1e-4)
                self.assertGreater(found["top1_agreement"], 0.99)

    def test_raw_text_has_no_turns(self):
        artifact = compile_artifact(TINY, weights="bf16")
        path = excerpt(1000)
        self.assertGreater(
            compare(artifact, artifact, path, "--raw")["positions"],
            compare(artifact, artifact, path)["positions"])

    def test_the_same_with_any_number_of_threads(self):
        a, b = (compile_artifact(TINY, weights=w) for w in ("f32", "bf16"))
        path = excerpt(3000)
        self.assertEqual(compare(a, b, path, "--threads=1"),
                         compare(a, b, path, "--threads=3"))

    def test_errors(self):
        tiny = compile_artifact(TINY, weights="bf16")
        bare = compile_artifact(checkpoint(SPECS["odd"]))
        path = excerpt(100)
        empty = os.path.join(new_directory("text"), "empty.txt")
        open(empty, "w").close()
        for arguments, status in (
                ([tiny, bare, f"--text={path}"], 65),
                ([bare, tiny, f"--text={path}"], 65),
                ([tiny, tiny, f"--text={empty}"], 65),
                ([tiny, tiny, f"--text={path}.none"], 66),
                ([tiny, tiny + ".none", f"--text={path}"], 66),
                ([tiny, tiny, f"--text={path}", "--context=1"], 64),
                ([tiny, tiny, f"--text={path}", "--context=99999"], 64),
                ([tiny, tiny], 64), ([tiny, f"--text={path}"], 64)):
            with self.subTest(arguments=arguments):
                done = run("gemma-eval", "compare", *arguments, status=status)
                self.assertEqual(done.stdout, "")
                self.assertRegex(done.stderr, r"\Aerror: .+\n\Z")


if __name__ == "__main__":
    unittest.main()
