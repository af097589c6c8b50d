#!/usr/bin/env python3
"""The bundled model, compiled, answers questions that it was not trained on."""

import json
import os
import unittest

from gemma_tools import MODELS, compile_artifact, require, run

TINY = os.path.join(MODELS, "tiny-gemma-it")
QUESTIONS = os.path.join(TINY, "questions.jsonl")
REQUIRED = 0.85


def setUpModule():
    require("gemma-compile", "gemma-eval", "gemma-run")


class AnswersTest(unittest.TestCase):
    def scores(self, weights):
        """{category: {"unseen": (right, asked), "seen": (right, asked)}}"""
        artifact = compile_artifact(TINY, weights=weights)
        done = run("gemma-eval", "answers", artifact, f"--questions={QUESTIONS}",
                   "--json")
        return {category: {kind: (score["correct"], score["total"])
                           for kind, score in kinds.items()}
                for category, kinds in json.loads(done.stdout)["categories"].items()}

    def check(self, weights):
        with open(QUESTIONS) as file:
            questions = [json.loads(line) for line in file]
        scores = self.scores(weights)
        self.assertEqual(set(scores), {q["category"] for q in questions})
        for category, score in scores.items():
            right, asked = score["unseen"]
            print(f"{weights:6}{category:12}unseen {right:3} of {asked:3}"
                  f"   seen {score['seen'][0]:3} of {score['seen'][1]:3}")
            with self.subTest(category=category, weights=weights):
                for kind, unseen in (("unseen", True), ("seen", False)):
                    self.assertEqual(score[kind][1], sum(
                        q["category"] == category and q["unseen"] == unseen
                        for q in questions))
                self.assertGreaterEqual(right / asked, REQUIRED)

    def test_bf16(self):
        self.check("bf16")

    def test_f32(self):
        self.check("f32")

    def test_capital_of_france(self):
        artifact = compile_artifact(TINY, weights="bf16")
        for options in ((), ("--temperature=0",)):
            done = run("gemma-run", artifact, "What is the capital of France?", *options)
            self.assertIn("Paris", done.stdout)


if __name__ == "__main__":
    unittest.main()
