#!/usr/bin/env python3
"""Plants bugs one by one and requires that the numeric comparison turns red.

A test suite that no bug can fail proves nothing.  See mutations.py, and
family_mutations.py for Gemma 2 and 3.
"""

import os
import unittest

import family_mutations
from gemma_tools import (TOLERANCE, checkpoint, compile_artifact, dumps,
                         expected_logits, interpreted_logits, logits,
                         new_directory, random_tokens,
                         reference, relative_error, require, run)
from ir_text import IrText
from mutations import IR_BUGS, LONG, ORACLE_BUGS, SPEC, TOKENS


def tokens(count):
    return random_tokens(count, SPEC.vocab, seed=9)


def report(name, error):
    print(f"{name:48}{error:.1e}  {error / TOLERANCE['f32']:9.0f} x tolerance")


def compile_text(text):
    directory = new_directory("mutation")
    dump, out = (os.path.join(directory, name)
                 for name in ("model.1.import.mlir", "model.gemma"))
    with open(dump, "w") as file:
        file.write(text)
    run("gemma-compile", "--compile-from=import", dump, "-o", out)
    return out


class PlantedBugsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("gemma-compile", "gemma-eval")
        cls.path = checkpoint(SPEC)
        with open(dumps(cls.path, weights="f32")["import"]) as file:
            cls.imported = file.read()

    def test_the_unchanged_dump_is_right(self):
        artifact = compile_text(str(IrText(self.imported)))
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
                actual = logits(compile_text(str(ir)), tokens(TOKENS))
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


class FamilyBugsTest(unittest.TestCase):
    """The same for what Gemma 2 and 3 have. Numbers are those that the
    interpreter gives an edited dump: what it means, not how it is compiled."""

    def test_each_is_seen(self):
        require("gemma-compile", "gemma-eval", "gemma-opt")
        for family, (spec, edits, models) in family_mutations.BUGS.items():
            path = checkpoint(spec)
            ids = random_tokens(family_mutations.TOKENS, spec.vocab, seed=9)
            expected = expected_logits(path, ids)
            files = dumps(path, weights="f32")
            with open(files["import"]) as file:
                imported = file.read()
            actual = logits(files["emit"], ids)
            self.assertLessEqual(relative_error(actual, expected),
                                 TOLERANCE["f32"])
            for name, edit in edits.items():
                with self.subTest(family=family, bug=name):
                    ir = IrText(imported)
                    edit(ir)
                    self.assertNotEqual(str(ir), imported)
                    dump = os.path.join(new_directory("mutation"), "m.mlir")
                    with open(dump, "w") as file:
                        file.write(str(ir))
                    error = relative_error(interpreted_logits(dump, ids), expected)
                    report(f"{family}: {name}", error)
                    self.assertGreater(error, 10 * TOLERANCE["f32"])
            for name, model in models.items():
                with self.subTest(family=family, bug=name):
                    error = relative_error(actual, model.load(path).forward(ids))
                    report(f"{family}: {name}", error)
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
