#!/usr/bin/env python3
"""Peak memory of a compile does not grow with the model.

Compiles a full-size Gemma 2B twice: from random weights, and from a checkpoint
on disk.  Needs 10 GB of free disk at a time and a few minutes.
"""

import os
import shutil
import time
import unittest

from gemma_tools import new_directory, require, tool, work_directory
from random_checkpoint import CheckpointSpec, write_checkpoint

LIMIT = 1.5e9
GEMMA_2B = CheckpointSpec(hidden=2048, layers=18, heads=8, kv_heads=1,
                          head_dim=256, ff=16384, vocab=256000, dtype="bf16",
                          shards=3, seed=51)
# 2 bytes for each parameter of table 2 of the Gemma report, with 256000 rows.
WEIGHT_BYTES = 2 * (256000 * 2048 + 1981884416)


def setUpModule():
    require("gemma-compile")


def measure(*command):
    """(peak resident bytes, seconds) of a command that must succeed."""
    begin = time.monotonic()
    # Through wait4, whose figures are this one child's and no earlier one's.
    child = os.posix_spawn(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise AssertionError(f"{command}: status {os.waitstatus_to_exitcode(status)}")
    return usage.ru_maxrss * 1024, time.monotonic() - begin


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.directory = new_directory("memory")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        free = shutil.disk_usage(work_directory()).free
        self.assertGreater(free, 11e9, "not enough disk to run (set TMPDIR)")

    def check(self, name, *arguments):
        out = os.path.join(self.directory, "model.gemma")
        peak, seconds = measure(tool("gemma-compile"), *arguments,
                                "--weights=bf16", "-o", out)
        print(f"{name:24}peak {peak / 1e6:6.0f} MB, {seconds:5.1f} s, "
              f"artifact {os.path.getsize(out) / 1e9:.2f} GB")
        self.assertGreater(os.path.getsize(out), WEIGHT_BYTES)
        self.assertLess(os.path.getsize(out), 1.01 * WEIGHT_BYTES)
        self.assertLess(peak, LIMIT)

    def test_random_weights(self):
        self.check("random weights", "--config=gemma-2b", "--random-weights=1")

    def test_checkpoint(self):
        path = os.path.join(self.directory, "checkpoint")
        begin = time.monotonic()
        write_checkpoint(path, GEMMA_2B)
        print(f"checkpoint written in {time.monotonic() - begin:.1f} s")
        self.check("checkpoint of 3 files", path)


if __name__ == "__main__":
    unittest.main()
