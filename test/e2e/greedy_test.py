#!/usr/bin/env python3
"""256 greedy tokens equal those of the float64 reference.

Equality of tokens is only meaningful where the reference's two best logits
differ by more than the f32 tolerance.  Each prompt is checked for that first:
a near-tie fails the test with a request for another prompt, it is never
excused.
"""

import os
import unittest

import numpy as np

from bundled_models import MODELS, chat
from gemma_tools import (TOLERANCE, checkpoint, comma, compile_artifact, logits,
                         reference, require, run)
from random_checkpoint import CheckpointSpec

STEPS = 256
# Seeds for which no prompt reaches <eos> or an end of turn, so that all 256 steps
# are generated.
RANDOM = {
    "gqa": (CheckpointSpec(hidden=64, layers=3, heads=4, kv_heads=2, head_dim=16,
                           ff=128, vocab=2000, seed=38,
                           own_head=True), [2, 5, 7]),
    "own_head": (CheckpointSpec(hidden=45, layers=2, heads=2, kv_heads=1,
                                head_dim=24, ff=90, vocab=3001, seed=49,
                                own_head=True, dtype="bf16"), [2, 9, 40, 300]),
}
# Questions to the bundled models without a near-tie; None is <bos> alone.
QUESTIONS = {
    "tiny-gemma-it": (None, "Tell me a story about a brave fox named Ann.",
                      "Count from 1 to 9."),
    "tiny-gemma2-it": (None, "Tell me a story about a brave fox named Ann.",
                       "Count from 1 to 9."),
    "tiny-gemma3-it": (None, "Tell me a story about a proud duck named Leo.",
                       "Count down from 9 to 4."),
}


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-run")


class GreedyTest(unittest.TestCase):
    def expected(self, path, prompt):
        """256 ids of the reference, all decided by a clear margin."""
        model = reference(path)
        ids, rows = model.greedy_logits(prompt, STEPS)
        best = np.sort(rows, axis=1)[:, -2:]
        margins = (best[:, 1] - best[:, 0]) / np.ptp(rows)
        step = int(margins.argmin())
        print(f"{os.path.basename(path)}: smallest margin {margins[step]:.1e} of "
              f"the range, at step {step}; {len(set(ids))} different ids")
        self.assertGreater(
            margins[step], 2 * TOLERANCE["f32"],
            f"near-tie at step {step}: choose another prompt than {prompt}")
        return ids

    def check(self, path, prompt, stop_ids):
        artifact = compile_artifact(path, weights="f32")
        ids = self.expected(path, prompt)

        # The whole continuation at once: each row's best id is the next token.
        # This covers all 256 steps even where a chat model would stop.
        rows = logits(artifact, (prompt + ids)[:-1])[len(prompt) - 1:]
        self.assertEqual(rows.argmax(axis=1).tolist(), ids)

        # And as users generate: one token after another until a stop token.
        stops = [i for i, token in enumerate(ids) if token in stop_ids]
        until_stop = ids[:stops[0]] if stops else ids
        done = run("gemma-run", artifact, "--tokens=" + comma(prompt), "-n", STEPS,
                   "--temperature=0", "--print-tokens")
        generated = [int(token) for token in done.stdout.strip().split(",")]
        if stops and generated and generated[-1] in stop_ids:
            generated.pop()
        self.assertEqual(generated, until_stop)

    def test_random_checkpoints(self):
        for name, (spec, prompt) in RANDOM.items():
            with self.subTest(checkpoint=name):
                self.check(checkpoint(spec), prompt, {1})

    def test_bundled_models(self):
        for model in MODELS:
            for question in QUESTIONS[model.name]:
                with self.subTest(model=model.name, question=question):
                    self.check(model.path, chat(question) if question else [2],
                               {1, 107})


if __name__ == "__main__":
    unittest.main()
