#!/usr/bin/env python3
"""Artifacts for 64-bit Arm, cross-compiled, under the cross-built runtime.

tools/cross-runtime.sh builds that runtime; $GEMMA_CROSS_BUILD is its tree. Both
run under qemu-user, which has no Neoverse V1: its `max` has all that V1 has, and
more. The same checkpoint compiled for this machine gives the numbers to compare
with: bits may differ, as dot products of bf16 round in their own ways.
"""

import os
import subprocess
import sys
import unittest

import numpy as np

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "test", "e2e"))
from bundled_models import FIRST, MODELS  # noqa: E402
from checkpoint_specs import SPECS  # noqa: E402
from gemma_tools import (TOLERANCE, ToolFailure, checkpoint, comma,  # noqa: E402
                         compile_artifact, expected_logits, logits,
                         new_directory, random_tokens, relative_error, require,
                         run)

TARGET = "aarch64-linux-gnu"
BUILD = os.environ.get("GEMMA_CROSS_BUILD", os.path.join(ROOT, "build-aarch64"))
# What to compile for, and what qemu calls a CPU that can run it.
CPUS = {"generic": "cortex-a57", "neoverse-n1": "neoverse-n1",
        "neoverse-v1": "max"}
BUNDLED = FIRST.path
SECONDS = 300


def emulated(machine, name, *arguments, status=0):
    """Runs a tool of the cross-built runtime on a CPU of qemu's."""
    command = ["qemu-aarch64", "-L", os.path.join(BUILD, "sysroot"), "-cpu",
               machine, os.path.join(BUILD, "bin", name), *map(str, arguments)]
    # A hang of the emulator's does not listen to SIGTERM; run() kills.
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=SECONDS)
    if done.returncode != status:
        raise ToolFailure(f"exit status {done.returncode}, expected {status}\n"
                          f"$ {' '.join(command)}\n{done.stderr[-4000:]}")
    return done


def emulated_logits(machine, artifact, ids, threads=2):
    path = os.path.join(new_directory("logits"), "out.npy")
    emulated(machine, "gemma-eval", "logits", artifact, "--tokens=" + comma(ids),
             f"--threads={threads}", "-o", path)
    return np.load(path)


def for_arm(path, cpu, weights):
    return compile_artifact(path, weights=weights, target=TARGET, cpu=cpu)


class Aarch64Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("gemma-compile", "gemma-eval", "gemma-run", "gemma-inspect")

    def check(self, name, path, ids, weights, cpus=tuple(CPUS)):
        expected = expected_logits(path, ids)
        host = compile_artifact(path, weights=weights)
        here = logits(host, ids)
        greedy = ["--tokens=" + comma(ids), "-n", "40", "--print-tokens"]
        tokens = run("gemma-run", host, *greedy).stdout
        for cpu in cpus:
            with self.subTest(checkpoint=name, cpu=cpu, weights=weights):
                artifact = for_arm(path, cpu, weights)
                there = emulated_logits(CPUS[cpu], artifact, ids)
                error = relative_error(there, expected)
                distance = relative_error(there, here)
                print(f"{name:15}{weights:6}{cpu:13}"
                      f"{error:.1e} of the reference, {distance:.1e} of x86-64")
                self.assertLessEqual(error, TOLERANCE[weights])
                if weights == "f32":
                    self.assertLessEqual(distance, TOLERANCE[weights])
                    self.assertEqual(
                        emulated(CPUS[cpu], "gemma-run", artifact,
                                 *greedy).stdout, tokens)

    def test_f32(self):
        for name in ("mqa", "odd", "gemma3"):
            self.check(name, checkpoint(SPECS[name]),
                       random_tokens(30, SPECS[name].vocab, seed=3), "f32")

    def test_bf16(self):
        for name in ("mqa", "odd"):
            self.check(name, checkpoint(SPECS[name]),
                       random_tokens(30, SPECS[name].vocab, seed=3), "bf16")

    def test_quantised(self):
        """Integers are the same on every machine, and so are their sums,
        whatever instruction makes them."""
        for name in ("mqa", "odd"):
            path = checkpoint(SPECS[name])
            ids = random_tokens(30, SPECS[name].vocab, seed=3)
            for weights in ("q8_0", "q4_0"):
                here = logits(compile_artifact(path, weights=weights), ids)
                for cpu, machine in CPUS.items():
                    with self.subTest(checkpoint=name, cpu=cpu,
                                      weights=weights):
                        there = emulated_logits(
                            machine, for_arm(path, cpu, weights), ids)
                        distance = relative_error(there, here)
                        print(f"{name:10}{weights:6}{cpu:13}"
                              f"{distance:.1e} of x86-64")
                        self.assertLessEqual(distance, 1e-5)

    def test_bundled_models(self):
        # More tokens than a window holds.
        ids = [2] + random_tokens(40, 2000, seed=5)
        for model in MODELS:
            for weights in ("f32", "bf16"):
                self.check(model.name, model.path, ids, weights,
                           ("neoverse-n1", "neoverse-v1")
                           if model is FIRST else ("neoverse-v1",))

    def test_text(self):
        """The tokenizer, the chat form and the sampler there."""
        question = "What is the capital of France?"
        for model in MODELS:
            here = run("gemma-run", compile_artifact(model.path, weights="f32"),
                       question, "--temperature=0").stdout
            there = emulated("neoverse-n1", "gemma-run",
                             for_arm(model.path, "neoverse-n1", "f32"), question,
                             "--temperature=0").stdout
            with self.subTest(model=model.name):
                self.assertEqual(there, here)
                self.assertIn("Paris", there)

    def test_threads_change_no_bit(self):
        path = checkpoint(SPECS["odd"])
        ids = random_tokens(30, SPECS["odd"].vocab, seed=3)
        for weights in ("f32", "bf16"):
            artifact = for_arm(path, "neoverse-n1", weights)
            one, three = (emulated_logits("neoverse-n1", artifact, ids, threads)
                          for threads in (1, 3))
            np.testing.assert_array_equal(one, three)

    def test_inspect_on_either_machine(self):
        artifact = for_arm(BUNDLED, "neoverse-v1", "bf16")
        here = run("gemma-inspect", artifact, "--verify").stdout
        self.assertEqual(
            emulated("max", "gemma-inspect", artifact, "--verify").stdout, here)
        self.assertIn("all hashes match", here)

    def refuses(self, done, *words):
        self.assertEqual(done.stdout, "")
        lines = done.stderr.splitlines()
        self.assertEqual(len(lines), 1, done.stderr)
        for word in ("error: ", *words):
            self.assertIn(word, lines[0])

    def test_wrong_machine(self):
        arm = for_arm(BUNDLED, "neoverse-v1", "bf16")
        host = compile_artifact(BUNDLED, weights="f32")
        self.refuses(run("gemma-run", arm, "Hello", status=69),
                     "expected x86_64", "aarch64-unknown-linux-gnu")
        self.refuses(emulated("max", "gemma-run", host, "Hello", status=69),
                     "expected aarch64", "x86_64")

    def test_older_cpu(self):
        arm = for_arm(BUNDLED, "neoverse-v1", "bf16")
        self.refuses(
            emulated("neoverse-n1", "gemma-run", arm, "Hello", status=69),
            "neoverse-v1", "missing: bf16, i8mm")


if __name__ == "__main__":
    unittest.main()
