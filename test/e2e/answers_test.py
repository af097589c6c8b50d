#!/usr/bin/env python3
"""The bundled models, compiled, answer questions they were not trained on."""

import json
import unittest

from bundled_models import MODELS, QUESTIONS
from gemma_tools import compile_artifact, require, run

REQUIRED = 0.85


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-run")


class AnswersTest(unittest.TestCase):
    def scores(self, model, weights):
        """{category: {"unseen": (right, asked), "seen": (right, asked)}}"""
        artifact = compile_artifact(model.path, weights=weights)
        done = run("gemma-eval", "answers", artifact,
                   f"--questions={QUESTIONS}", "--json")
        return {category: {kind: (score["correct"], score["total"])
                           for kind, score in kinds.items()}
                for category, kinds in json.loads(done.stdout)["categories"].items()}

    def check(self, model, weights):
        with open(QUESTIONS) as file:
            asked = [json.loads(line) for line in file]
        scores = self.scores(model, weights)
        self.assertEqual(set(scores), {q["category"] for q in asked})
        for category, score in scores.items():
            right, count = score["unseen"]
            print(f"{model.name:15}{weights:6}{category:12}"
                  f"unseen {right:3} of {count:3}"
                  f"   seen {score['seen'][0]:3} of {score['seen'][1]:3}")
            with self.subTest(model=model.name, category=category,
                              weights=weights):
                for kind, unseen in (("unseen", True), ("seen", False)):
                    self.assertEqual(score[kind][1], sum(
                        q["category"] == category and q["unseen"] == unseen
                        for q in asked))
                self.assertGreaterEqual(right / count, REQUIRED)

    def test_bf16(self):
        for model in MODELS:
            self.check(model, "bf16")

    def test_f32(self):
        for model in MODELS:
            self.check(model, "f32")

    def test_capital_of_france(self):
        for model in MODELS:
            artifact = compile_artifact(model.path, weights="bf16")
            for options in ((), ("--temperature=0",)):
                done = run("gemma-run", artifact,
                           "What is the capital of France?", *options)
                with self.subTest(model=model.name, options=options):
                    self.assertIn("Paris", done.stdout)


if __name__ == "__main__":
    unittest.main()
