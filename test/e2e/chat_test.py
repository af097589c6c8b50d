#!/usr/bin/env python3
"""Prompts in the formats that checkpoints bring: which one an artifact has is
decided when it is compiled, and gemma-run writes it.

The checkpoints are the bundled one with other text files: what its weights
answer does not matter, only that the same tokens give the same answer.
"""

import json
import os
import unittest

from bundled_models import FIRST, MODELS, tokenizer
from checkpoint_specs import SPECS
from gemma_tools import (REPOSITORY, checkpoint, compile_artifact,
                         new_directory, require, run)

TINY = FIRST.path
TEMPLATES = os.path.join(REPOSITORY, "test", "runtime", "text", "Inputs")
USAGE, DATA = 64, 65
MODEL = tokenizer()


def setUpModule():
    require("gemma-compile", "gemma-inspect", "gemma-run")


def variant(name, change):
    """The bundled checkpoint with a tokenizer_config.json that `change` made
    another dictionary of, in a new folder."""
    folder = new_directory(name)
    for file in os.listdir(TINY):
        os.symlink(os.path.join(TINY, file), os.path.join(folder, file))
    path = os.path.join(folder, "tokenizer_config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    os.remove(path)
    with open(path, "w", encoding="utf-8") as file:
        json.dump(change(config), file)
    return folder


def with_template(name):
    with open(os.path.join(TEMPLATES, name), encoding="utf-8") as file:
        template = file.read()
    return variant("chat", lambda config: {**config, "chat_template": template})


def answer(artifact, *arguments, **options):
    done = run("gemma-run", artifact, *arguments, "--print-tokens", "-n", "12",
               "--quiet", **options)
    return done.stdout


def chat_format(artifact):
    manifest = json.loads(run("gemma-inspect", artifact, "--json").stdout)
    return manifest["model"]["chat_format"]


class SystemTextTest(unittest.TestCase):
    QUESTION = "What is the capital of France?"

    def test_gemma3_puts_it_before_the_first_turn(self):
        # The same weights and turns as before, with another template.
        artifact = compile_artifact(with_template("gemma3-template.jinja"))
        self.check_prefixed(artifact)
        self.assertEqual(answer(artifact, self.QUESTION),
                         answer(compile_artifact(TINY), self.QUESTION))

    def check_prefixed(self, artifact):
        self.assertEqual(chat_format(artifact), "gemma3")
        together = answer(artifact, "Be brief.\n\n" + self.QUESTION)
        self.assertEqual(
            answer(artifact, "--system=Be brief.", self.QUESTION), together)
        # The prompt is trimmed behind the system text, which is not.
        self.assertEqual(
            answer(artifact, "--system=Be brief.", f"\n {self.QUESTION} \n"),
            together)

    def test_bundled_models(self):
        for model in MODELS:
            artifact = compile_artifact(model.path)
            with self.subTest(model=model.name):
                if model.chat_format == "gemma3":
                    self.check_prefixed(artifact)
                else:
                    self.check_refused(artifact)

    def check_refused(self, artifact):
        self.assertEqual(chat_format(artifact), "gemma")
        done = run("gemma-run", artifact, "--system=Be brief.", self.QUESTION,
                   status=DATA)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr,
                         r"\Aerror: model: expected one whose turns have a "
                         r"place for a system text, found [^\n]+\n\Z")

    def test_needs_turns(self):
        artifact = compile_artifact(with_template("gemma3-template.jinja"))
        for arguments in (["--raw", "Hi"], ["--tokens=2,3"]):
            done = run("gemma-run", artifact, "--system=Be brief.", *arguments,
                       status=USAGE)
            self.assertRegex(done.stderr, r"\Aerror: --system: [^\n]+\n\Z")

        def base(config):
            return {k: v for k, v in config.items() if k != "chat_template"}

        artifact = compile_artifact(variant("base", base))
        self.assertEqual(chat_format(artifact), "")
        done = run("gemma-run", artifact, "--system=Be brief.", "Hi",
                   status=DATA)
        self.assertRegex(done.stderr, "found no turns")


class MistakesTest(unittest.TestCase):
    """Flags that do not go together, and models without a place for them."""

    # (arguments, exit code). {model} is the bundled model's artifact, {bare}
    # one without a tokenizer.
    CASES = [
        (["{model}", "--system=", "Hi"], USAGE),
        (["{model}", "Hi", "--system=Hi", "--raw"], USAGE),
        (["{model}", "--tokens=2", "--system=Hi"], USAGE),
        (["{model}", "Hi", "--fim-prefix=a"], USAGE),
        (["{model}", "--tokens=2", "--fim-suffix=a"], USAGE),
        (["{model}", "--system=Hi", "--fim-suffix=a"], USAGE),
        (["{model}", "Hi", "--system=Hi"], DATA),
        (["{model}", "--fim-prefix=a", "--fim-suffix=b"], DATA),
        (["{bare}", "--fim-prefix=a"], DATA),
    ]

    def test_each_is_one_line(self):
        names = {"model": compile_artifact(TINY),
                 "bare": compile_artifact(checkpoint(SPECS["odd"]))}
        for arguments, code in self.CASES:
            with self.subTest(arguments=arguments):
                done = run("gemma-run", *(a.format(**names) for a in arguments),
                           status=code, timeout=30)
                self.assertRegex(done.stderr, r"\Aerror: [^\n]+\n\Z")
                self.assertEqual(done.stdout, "")


class InfillTest(unittest.TestCase):
    PREFIX, SUFFIX = "def f(x):\n    return ", "\n\nprint(f(2))\n"
    # CodeGemma's names and tokens, given as it gives them.
    NAMES = {67: "<|fim_prefix|>", 68: "<|fim_middle|>", 69: "<|fim_suffix|>",
             70: "<|file_separator|>"}

    @staticmethod
    def code(names):
        def change(config):
            added = {str(token): {"content": name, "special": False}
                     for token, name in names.items()}
            return {**config, "added_tokens_decoder":
                    {**config["added_tokens_decoder"], **added}}

        return compile_artifact(variant("code", change))

    @staticmethod
    def answer(artifact, *arguments):
        # The bundled model would say nothing here: drawn, it says anything.
        return answer(artifact, *arguments, "--temperature=9", "--seed=3")

    def test_is_the_prompt_that_codegemma_was_trained_on(self):
        artifact = self.code(self.NAMES)
        answers = set()
        for prefix, suffix in ((self.PREFIX, self.SUFFIX), (self.PREFIX, ""),
                               ("", self.SUFFIX), ("[1,2]", "{}"),
                               ("-x --raw", '"quoted"'), (" \n", "%s %% a,b"),
                               ("<|fim_middle|>", "<eos>")):
            with self.subTest(prefix=prefix, suffix=suffix):
                tokens = [2, 67, *MODEL.encode(prefix), 69,
                          *MODEL.encode(suffix), 68]
                listed = ",".join(map(str, tokens))
                given = self.answer(artifact, f"--fim-prefix={prefix}",
                                    f"--fim-suffix={suffix}")
                self.assertEqual(
                    given, self.answer(artifact, f"--tokens={listed}"))
                answers.add(given)
        self.assertEqual(len(answers), 7)
        # What is left out is empty.
        self.assertEqual(
            self.answer(artifact, f"--fim-prefix={self.PREFIX}"),
            self.answer(artifact, f"--fim-prefix={self.PREFIX}",
                        "--fim-suffix="))

    def test_a_file_separator_ends_it(self):
        both = [f"--fim-prefix={self.PREFIX}", f"--fim-suffix={self.SUFFIX}"]
        given = self.answer(self.code(self.NAMES), *both).strip().split(",")
        pieces = [MODEL.id_to_piece(int(token)).replace("\u2581", " ")
                  for token in given]
        # A token of the answer without which the prompt is the same.
        at = next(i for i, piece in enumerate(pieces)
                  if i > 0 and given[i] not in given[:i]
                  and piece not in self.PREFIX + self.SUFFIX)
        names = {**self.NAMES, 70: "<unused63>",
                 int(given[at]): "<|file_separator|>"}
        stopped = self.answer(self.code(names), *both)
        self.assertEqual(stopped.strip().split(","), given[:at])

    def test_a_model_without_the_pieces_is_refused(self):
        done = run("gemma-run", compile_artifact(TINY), "--fim-prefix=a",
                   status=DATA)
        self.assertEqual(done.stdout, "")
        self.assertRegex(done.stderr,
                         r"\Aerror: tokenizer: expected the piece "
                         r"'<\|fim_prefix\|>' [^\n]+\n\Z")

    def test_nothing_around_the_gap_is_a_mistake(self):
        done = run("gemma-run", self.code(self.NAMES), "--fim-prefix=",
                   "--fim-suffix=", status=USAGE)
        self.assertRegex(done.stderr, r"\Aerror: infilling: [^\n]+\n\Z")


if __name__ == "__main__":
    unittest.main()
