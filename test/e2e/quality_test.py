#!/usr/bin/env python3
"""What encodings cost the bundled models: answers, and what they predict."""

import functools
import json
import unittest

from bundled_models import FIRST, HELDOUT, MODELS, QUESTIONS, excerpt
from gemma_tools import compile_artifact, require, run

# Points of the held-out score, and mean KL in nats, against f32.
LARGEST_DROP = {"bf16": 1.0, "q8_0": 1.0, "q4_0": 3.0}
LARGEST_KL = {"bf16": 0.005, "q8_0": 0.005, "q4_0": 0.05}


def setUpModule():
    require("gemma-compile", "gemma-eval")


def artifact(model, weights):
    return compile_artifact(model.path, weights=weights)


@functools.lru_cache(maxsize=None)
def score(model, weights):
    """Percent of the unseen questions that are answered right."""
    done = run("gemma-eval", "answers", artifact(model, weights),
               f"--questions={QUESTIONS}", "--json")
    unseen = [kinds["unseen"]
              for kinds in json.loads(done.stdout)["categories"].values()]
    return 100 * (sum(one["correct"] for one in unseen)
                  / sum(one["total"] for one in unseen))


class QualityTest(unittest.TestCase):
    def test_answers(self):
        for model in MODELS:
            for weights, limit in LARGEST_DROP.items():
                with self.subTest(model=model.name, weights=weights):
                    drop = score(model, "f32") - score(model, weights)
                    print(f"{model.name}, {weights}: "
                          f"{score(model, weights):.1f} % of the unseen "
                          f"questions, {drop:+.1f} points below f32")
                    self.assertLessEqual(drop, limit)

    def test_predictions(self):
        for model in MODELS:
            # A third of it is enough for the others.
            text = HELDOUT if model is FIRST else excerpt(65000)
            for weights, limit in LARGEST_KL.items():
                with self.subTest(model=model.name, weights=weights):
                    done = run("gemma-eval", "compare", artifact(model, "f32"),
                               artifact(model, weights), f"--text={text}",
                               "--context=512", "--json")
                    found = json.loads(done.stdout)
                    print(f"{model.name}, {weights}: mean KL "
                          f"{found['mean_kl']:.2e}, largest "
                          f"{found['max_kl']:.2e}, same best token "
                          f"{found['top1_agreement']:.4f}, perplexity "
                          f"{found['perplexity']['a']:.4f} and "
                          f"{found['perplexity']['b']:.4f}, "
                          f"{found['positions']} positions")
                    self.assertGreater(found["positions"], 10000)
                    self.assertLessEqual(found["mean_kl"], limit)


if __name__ == "__main__":
    unittest.main()
