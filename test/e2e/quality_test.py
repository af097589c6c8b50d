#!/usr/bin/env python3
"""What encodings cost the bundled model: answers, and what it predicts."""

import functools
import json
import os
import unittest

from gemma_tools import MODELS, compile_artifact, require, run

TINY = os.path.join(MODELS, "tiny-gemma-it")
QUESTIONS = os.path.join(TINY, "questions.jsonl")
HELDOUT = os.path.join(TINY, "heldout.txt")
# Points of the held-out score, and mean KL in nats, against f32.
LARGEST_DROP = {"bf16": 1.0, "q8_0": 1.0, "q4_0": 3.0}
LARGEST_KL = {"bf16": 0.005, "q8_0": 0.005, "q4_0": 0.05}


def setUpModule():
    require("gemma-compile", "gemma-eval")


@functools.lru_cache(maxsize=None)
def artifact(weights):
    return compile_artifact(TINY, weights=weights)


@functools.lru_cache(maxsize=None)
def score(weights):
    """Percent of the unseen questions that are answered right."""
    done = run("gemma-eval", "answers", artifact(weights),
               f"--questions={QUESTIONS}", "--json")
    unseen = [kinds["unseen"]
              for kinds in json.loads(done.stdout)["categories"].values()]
    return 100 * (sum(one["correct"] for one in unseen)
                  / sum(one["total"] for one in unseen))


class QualityTest(unittest.TestCase):
    def test_answers(self):
        for weights, limit in LARGEST_DROP.items():
            with self.subTest(weights=weights):
                drop = score("f32") - score(weights)
                print(f"{weights}: {score(weights):.1f} % of the unseen "
                      f"questions, {drop:+.1f} points below f32")
                self.assertLessEqual(drop, limit)

    def test_predictions(self):
        for weights, limit in LARGEST_KL.items():
            with self.subTest(weights=weights):
                done = run("gemma-eval", "compare", artifact("f32"),
                           artifact(weights), f"--text={HELDOUT}",
                           "--context=512", "--json")
                found = json.loads(done.stdout)
                print(f"{weights}: mean KL {found['mean_kl']:.2e}, largest "
                      f"{found['max_kl']:.2e}, same best token "
                      f"{found['top1_agreement']:.4f}, perplexity "
                      f"{found['perplexity']['a']:.4f} and "
                      f"{found['perplexity']['b']:.4f}, "
                      f"{found['positions']} positions")
                self.assertGreater(found["positions"], 10000)
                self.assertLessEqual(found["mean_kl"], limit)


if __name__ == "__main__":
    unittest.main()
