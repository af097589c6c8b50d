#!/usr/bin/env python3
"""Broken GGUF files end in one error line, the right exit code, nothing else.

The cases are in test/bad/make_gguf_cases.py. Beside what a case says, for all of
them: no signal, under 10 s, memory under the files' size plus 256 MiB, no file
left behind.
"""

import os
import re
import shutil
import sys
import unittest

from bad_checkpoint_test import MEMORY, SECONDS, BadCheckpointTest, size_of
from gemma_tools import REPOSITORY, new_directory, require

sys.path.insert(0, os.path.join(REPOSITORY, "test", "bad"))
from make_gguf_cases import CASES, GOOD, SPLIT, parts  # noqa: E402

compile_measured = BadCheckpointTest.compile
del BadCheckpointTest  # its tests run in its own file


def setUpModule():
    require("gemma-compile")


class BadGgufTest(unittest.TestCase):
    def compile(self, path):
        return compile_measured(self, path)

    def test_cases(self):
        self.assertGreaterEqual(len(CASES), 80)
        directory = new_directory("bad")
        for case in CASES:
            with self.subTest(case=case.name):
                folder = os.path.join(directory, case.name)
                path = case.make(folder)
                limit = size_of(folder) + MEMORY
                status, text, files, seconds, memory = self.compile(path)
                shutil.rmtree(folder)
                self.assertEqual(status, case.exit_code, text)
                lines = text.splitlines()
                self.assertEqual(len(lines), 1, text[:2000])
                self.assertTrue(lines[0].startswith("error: "), text)
                self.assertTrue(re.search(case.pattern, lines[0]), text)
                self.assertIn("expected ", lines[0])
                self.assertIn(", found ", lines[0])
                self.assertLess(len(lines[0]), 1000)
                self.assertTrue(lines[0].isprintable(), repr(lines[0]))
                self.assertEqual(files, [])
                self.assertLess(seconds, SECONDS)
                self.assertLess(memory, limit)

    def test_the_unbroken_files_compile(self):
        # Else every case above could fail for the same wrong reason.
        folder = new_directory("good")
        for name, content in {"model.gguf": GOOD, **parts()}.items():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(content)
        for name in ("model.gguf", SPLIT):
            status, text, files, _, _ = self.compile(os.path.join(folder, name))
            self.assertEqual(status, 0, text)
            self.assertEqual(files, ["out.gemma"])

    def test_truncations(self):
        """At every edge of the header's fields, a few of the data."""
        folder = new_directory("cut")
        path = os.path.join(folder, "model.gguf")
        for size in (*range(0, 25), *range(25, len(GOOD) - 65, len(GOOD) // 20)):
            with open(path, "wb") as file:
                file.write(GOOD[:size])
            status, text, files, _, _ = self.compile(path)
            with self.subTest(size=size):
                self.assertEqual(status, 65, text)
                self.assertRegex(text, r"\Aerror: [^\n]*expected [^\n]*, found "
                                       r"[^\n]*\n\Z")
                self.assertEqual(files, [])


if __name__ == "__main__":
    unittest.main()
