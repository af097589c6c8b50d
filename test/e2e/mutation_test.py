#!/usr/bin/env python3
"""Plants bugs one by one and requires that the numeric comparison turns red.

A test suite that no bug can fail proves nothing.  See mutations.py.
"""

import os
import unittest

from gemma_tools import (TOLERANCE, checkpoint, compile_artifact, dumps,
                         expected_logits, logits, new_directory, random_tokens,
                         reference, relative_error, require, run)
from ir_text import IrText
from mutations import IR_BUGS, LONG, ORACLE_BUGS, SPEC, TOKENS


def tokens(count):
    return random_tokens(count, SPEC.vocab, seed=9)


def report(name, error):
    print(f"{name:48}{error:.1e}  {error / TOLERANCE['f32']:9.0f} x tolerance")


class PlantedBugsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("gemma-compile", "gemma-eval")
        cls.path = checkpoint(SPEC)
        with open(dumps(cls.path, weights="f32")["import"]) as file:
            cls.imported = file.read()

    def compile_text(self, text):
        directory = new_directory("mutation")
        dump, out = (os.path.join(directory, name)
                     for name in ("model.1.import.mlir", "model.gemma"))
        with open(dump, "w") as file:
            file.write(text)
        run("gemma-compile", "--compile-from=import", dump, "-o", out)
        return out

    def test_the_unchanged_dump_is_right(self):
        artifact = self.compile_text(str(IrText(self.imported)))
        for count in (TOKENS, LONG):
            error = relative_error(logits(artifact, tokens(count)),
                                   expected_logits(self.path, tokens(count)))
            report(f"no bug, {count} tokens", error)
            self.assertLessEqual(error, TOLERANCE["f32"])

    def test_every_planted_bug_is_seen(self):
        self.assertGreaterEqual(len(IR_BUGS), 18)
        for name, edit in IR_BUGS.items():
            with self.subTest(bug=name):
                ir = IrText(self.imported)
                edit(ir)
                self.assertNotEqual(str(ir), self.imported)
                actual = logits(self.compile_text(str(ir)), tokens(TOKENS))
                error = relative_error(actual, expected_logits(self.path, tokens(TOKENS)))
                report(name, error)
                self.assertGreater(error, 10 * TOLERANCE["f32"])

    def test_a_wrong_reference_is_seen(self):
        artifact = compile_artifact(self.path, weights="f32")
        for name, (model, count) in ORACLE_BUGS.items():
            with self.subTest(bug=name):
                wrong = model.load(self.path).forward(tokens(count))
                error = relative_error(logits(artifact, tokens(count)), wrong)
                report(name, error)
                self.assertGreater(error, 10 * TOLERANCE["f32"])


class OracleBugsTest(unittest.TestCase):
    """The part that needs no built tool."""

    def test_each_is_visible_on_the_checkpoint(self):
        path = checkpoint(SPEC)
        for name, (model, count) in ORACLE_BUGS.items():
            with self.subTest(bug=name):
                wrong = model.load(path).forward(tokens(count))
                error = relative_error(wrong, reference(path).forward(tokens(count)))
                report(name, error)
                self.assertGreater(error, 100 * TOLERANCE["f32"])


if __name__ == "__main__":
    unittest.main()
