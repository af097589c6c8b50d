#!/usr/bin/env python3
"""Logits of compiled artifacts against the float64 reference."""

import os
import unittest

import numpy as np

from checkpoint_specs import SPECS
from gemma_tools import (TOLERANCE, checkpoint, comma, compile_artifact,
                         expected_logits, logits, new_directory, random_tokens,
                         relative_error, require, run)


def setUpModule():
    require("gemma-compile", "gemma-eval")


class LogitsTest(unittest.TestCase):
    def check(self, name, tokens, weights, max_rows=None, **options):
        path = checkpoint(SPECS[name])
        artifact = compile_artifact(path, weights=weights, max_rows=max_rows)
        actual = logits(artifact, tokens, **options)
        self.assertEqual(actual.dtype, np.float32)
        error = relative_error(actual, expected_logits(path, tokens))
        print(f"{name:14}{weights:6}{len(tokens):5} tokens {error:.1e}")
        self.assertLessEqual(error, TOLERANCE[weights])

    def check_counts(self, weights, counts, names=SPECS):
        for name in names:
            for count in counts:
                with self.subTest(checkpoint=name, tokens=count):
                    self.check(name, random_tokens(count, SPECS[name].vocab),
                               weights)

    def test_f32(self):
        self.check_counts("f32", (1, 2, 7, 200))

    def test_bf16(self):
        self.check_counts("bf16", (1, 2, 7, 200))

    def test_more_tokens_than_rows(self):
        for weights in ("f32", "bf16"):
            for name, rows, count in (("gqa", 512, 600), ("odd", 64, 600),
                                      ("not_of_16", 7, 200), ("mqa", 1, 20)):
                with self.subTest(checkpoint=name, max_rows=rows, weights=weights):
                    self.check(name, random_tokens(count, SPECS[name].vocab),
                               weights, max_rows=rows)

    def test_all_tokens_in_one_forward(self):
        for weights in ("f32", "bf16"):
            with self.subTest(weights=weights):
                self.check("mha", random_tokens(600, 160), weights, max_rows=640)

    def test_first_and_last_id_of_the_vocabulary(self):
        for name in ("odd", "own_head"):
            last = SPECS[name].vocab - 1
            with self.subTest(checkpoint=name):
                self.check(name, [last, 0, last, last, 1], "f32")

    def test_tokens_from_a_file(self):
        artifact = compile_artifact(checkpoint(SPECS["odd"]), weights="f32",
                                    max_rows=None)
        tokens = random_tokens(200, SPECS["odd"].vocab)
        directory = new_directory("tokens")
        file, out = (os.path.join(directory, n) for n in ("tokens", "out.npy"))
        with open(file, "w") as stream:
            stream.write(comma(tokens) + "\n")
        run("gemma-eval", "logits", artifact, f"--tokens-file={file}", "-o", out)
        np.testing.assert_array_equal(np.load(out), logits(artifact, tokens))

    def test_a_token_outside_the_vocabulary_is_an_error(self):
        artifact = compile_artifact(checkpoint(SPECS["odd"]), weights="f32",
                                    max_rows=None)
        for tokens in ("131", "2,4000000000", "-1", "2,,3", "x", ""):
            with self.subTest(tokens=tokens):
                done = run("gemma-eval", "logits", artifact, f"--tokens={tokens}",
                           "-o", os.devnull, status=None)
                self.assertIn(done.returncode, (64, 65))
                self.assertRegex(done.stderr, r"\Aerror: .+\n\Z")


if __name__ == "__main__":
    unittest.main()
