#!/usr/bin/env python3
"""A compile can stop after any phase, be resumed, and be repeated elsewhere:
the artifact is the same to the byte."""

import filecmp
import os
import shutil
import unittest

from checkpoint_specs import SPECS
from gemma_tools import (PHASES, checkpoint, dumps, new_directory, require, run)

MODES = ("f32", "bf16")


def setUpModule():
    require("gemma-compile")


class ResumeTest(unittest.TestCase):
    def assert_same(self, first, second):
        self.assertGreater(os.path.getsize(first), 0)
        self.assertTrue(filecmp.cmp(first, second, shallow=False),
                        f"{first} and {second} differ")

    def output(self, name="model.gemma"):
        return os.path.join(new_directory("resume"), name)

    def test_every_dump_continues_to_the_same_artifact(self):
        for name in ("mixed", "odd"):
            for weights in MODES:
                files = dumps(checkpoint(SPECS[name]), weights=weights)
                for phase in PHASES[:-1]:
                    with self.subTest(checkpoint=name, weights=weights, phase=phase):
                        out = self.output()
                        run("gemma-compile", f"--compile-from={phase}",
                            files[phase], "-o", out)
                        self.assert_same(files["emit"], out)

    def test_stopping_after_a_phase_gives_its_dump(self):
        path = checkpoint(SPECS["odd"])
        files = dumps(path, weights="bf16")
        for phase in PHASES[:-1]:
            with self.subTest(phase=phase):
                out = self.output("out.mlir")
                run("gemma-compile", path, "--weights=bf16",
                    f"--compile-to={phase}", "-o", out)
                self.assert_same(files[phase], out)

    def test_from_one_phase_to_another(self):
        files = dumps(checkpoint(SPECS["odd"]), weights="f32")
        for first, last in zip(PHASES, PHASES[1:-1]):
            with self.subTest(first=first, last=last):
                out = self.output("out.mlir")
                run("gemma-compile", f"--compile-from={first}", files[first],
                    f"--compile-to={last}", "-o", out)
                self.assert_same(files[last], out)

    def test_two_folders_give_the_same_artifact(self):
        source = checkpoint(SPECS["gqa"])
        artifacts = []
        for depth, umask in (("a", 0o022), ("b/c/d", 0o077)):
            home = os.path.join(new_directory("folder"), depth)
            os.makedirs(home)
            shutil.copytree(source, os.path.join(home, "weights-" + depth[0]))
            # A relative path here, an absolute one there.
            run("gemma-compile", "weights-" + depth[0] if depth == "a" else
                os.path.join(home, "weights-b"), "-o", "out.gemma",
                "--weights=bf16", cwd=home, umask=umask)
            artifacts.append(os.path.join(home, "out.gemma"))
        self.assert_same(*artifacts)
        with open(artifacts[1], "rb") as file:
            self.assertNotIn(os.path.dirname(artifacts[1]).encode(), file.read())

    def test_checkpoint_moved_since_the_dump(self):
        old = os.path.join(new_directory("moved"), "old")
        shutil.copytree(checkpoint(SPECS["gqa"]), old)
        files = dumps(old, weights="f32")
        new = os.path.join(new_directory("moved"), "new")
        os.rename(old, new)
        out = self.output()
        for phase in PHASES[:-1]:
            with self.subTest(phase=phase):
                run("gemma-compile", f"--compile-from={phase}", files[phase],
                    f"--checkpoint={new}", "-o", out)
                self.assert_same(files["emit"], out)

    def test_missing_checkpoint_is_one_error_and_no_file(self):
        old = os.path.join(new_directory("moved"), "gone")
        shutil.copytree(checkpoint(SPECS["odd"]), old)
        dump = dumps(old, weights="f32")["fuse"]
        shutil.rmtree(old)
        out = self.output()
        done = run("gemma-compile", "--compile-from=fuse", dump, "-o", out, status=66)
        self.assertRegex(done.stderr, r"\Aerror: .+\n\Z")
        self.assertEqual(os.listdir(os.path.dirname(out)), [])


if __name__ == "__main__":
    unittest.main()
