#!/usr/bin/env python3
"""Broken checkpoints end in one error line, the right exit code, nothing else.

The cases are in test/bad/make_checkpoint_cases.py. Beside what a case says,
for all of them: no signal, under 10 s, memory under the checkpoint's size plus
256 MiB, no file left behind.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

from gemma_tools import REPOSITORY, new_directory, require, tool

sys.path.insert(0, os.path.join(REPOSITORY, "test", "bad"))
from make_checkpoint_cases import CASES  # noqa: E402
from tiny_checkpoint import Folder  # noqa: E402

# Runs a command in a process of its own: the peak that the system reports of a
# child includes that of the process that started it.
MEASURE = """
import json, os, subprocess, sys, time
start = time.monotonic()
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
child.returncode = os.waitstatus_to_exitcode(status)
print(json.dumps([child.returncode, time.monotonic() - start, usage.ru_maxrss]))
"""
SECONDS = 10
MEMORY = 256 << 20


def setUpModule():
    require("gemma-compile")


def size_of(directory):
    return sum(os.lstat(os.path.join(directory, name)).st_size
               for name in os.listdir(directory))


class BadCheckpointTest(unittest.TestCase):
    def compile(self, checkpoint):
        """(exit status, stderr, files left, seconds, peak memory in bytes)."""
        output = new_directory("out")
        done = subprocess.run(
            [sys.executable, "-c", MEASURE, tool("gemma-compile"), checkpoint,
             "-o", os.path.join(output, "out.gemma")],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=600)
        status, seconds, kilobytes = json.loads(done.stdout)
        return (status, done.stderr.decode(), os.listdir(output), seconds,
                kilobytes * 1024)

    def test_cases(self):
        self.assertGreaterEqual(len(CASES), 60)
        directory = new_directory("bad")
        for case in CASES:
            with self.subTest(case=case.name):
                path = os.path.join(directory, case.name)
                case.make(path)
                limit = size_of(path) + MEMORY
                status, text, files, seconds, memory = self.compile(path)
                shutil.rmtree(path)
                self.assertEqual(status, case.exit_code, text)
                lines = text.splitlines()
                self.assertEqual(len(lines), 1, text[:2000])
                self.assertTrue(lines[0].startswith("error: "), text)
                self.assertTrue(re.search(case.pattern, lines[0]), text)
                self.assertIn(": expected ", lines[0])
                self.assertLess(len(lines[0]), 1000)
                self.assertTrue(lines[0].isprintable(), repr(lines[0]))
                self.assertEqual(files, [])
                self.assertLess(seconds, SECONDS)
                self.assertLess(memory, limit)

    def test_the_unbroken_checkpoint_compiles(self):
        # Else every case above could fail for the same wrong reason.
        path = os.path.join(new_directory("good"), "checkpoint")
        Folder(path)
        status, text, files, _, _ = self.compile(path)
        self.assertEqual(status, 0, text)
        self.assertEqual(files, ["out.gemma"])
        path = os.path.join(new_directory("good"), "sharded")
        Folder(path).sharded()
        status, text, _, _, _ = self.compile(path)
        self.assertEqual(status, 0, text)

    def test_missing_folder(self):
        path = os.path.join(new_directory("bad"), "none")
        status, text, files, _, _ = self.compile(path)
        self.assertEqual(status, 66, text)
        self.assertRegex(text, r"^error: .*expected a checkpoint's folder or "
                               r"a GGUF file, found none\n$")
        self.assertEqual(files, [])

    def test_folder_that_is_a_file(self):
        path = os.path.join(new_directory("bad"), "file")
        with open(path, "w"):
            pass
        status, text, files, _, _ = self.compile(path)
        self.assertEqual(status, 65, text)
        self.assertRegex(text, r"^error: .*expected a checkpoint's folder or "
                               r"a GGUF file, found another file\n$")
        self.assertEqual(files, [])


if __name__ == "__main__":
    unittest.main()
