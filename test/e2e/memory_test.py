#!/usr/bin/env python3
"""Peak memory of a compile does not grow with the model.

Compiles a full-size Gemma 2B from random weights and from a checkpoint on disk,
in bf16 and in q4_0, and shows the time that a plain copy of the same bytes takes.
Needs 16 GB of free disk at a time and a few minutes.
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
# Parameters of table 2 of the Gemma report, with 256000 rows; those of the
# layers less their norms are matrices.
EMBEDDING, LAYERS = 256000 * 2048, 1981884416
# A block of 64 values is 68 bytes in q8_0, which the head is in, and 36 in q4_0.
WEIGHT_BYTES = {"bf16": 2 * (EMBEDDING + LAYERS),
                "q4_0": EMBEDDING * 68 // 64 + LAYERS * 36 // 64}
CHUNK = 1 << 24


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


def plain_copy(sources, artifact):
    """Seconds for reading the sources and writing the artifact's bytes."""
    target = artifact + ".copy"
    begin = time.monotonic()
    for source in sources:
        with open(source, "rb") as file:
            while file.read(CHUNK):
                pass
    with open(artifact, "rb") as file, open(target, "wb") as copy:
        shutil.copyfileobj(file, copy, CHUNK)
        os.fsync(copy.fileno())
    seconds = time.monotonic() - begin
    os.unlink(target)
    return seconds


class MemoryTest(unittest.TestCase):
    def setUp(self):
        self.directory = new_directory("memory")
        self.addCleanup(shutil.rmtree, self.directory, ignore_errors=True)
        free = shutil.disk_usage(work_directory()).free
        self.assertGreater(free, 16e9, "not enough disk to run (set TMPDIR)")

    def check(self, name, weights, sources, *arguments):
        out = os.path.join(self.directory, "model.gemma")
        peak, seconds = measure(tool("gemma-compile"), *arguments,
                                f"--weights={weights}", "-o", out)
        size = os.path.getsize(out)
        print(f"{name:16}{weights:6}peak {peak / 1e6:6.0f} MB, {seconds:5.1f} s, "
              f"artifact {size / 1e9:.2f} GB, plain copy "
              f"{plain_copy(sources, out):5.1f} s")
        self.assertGreater(size, WEIGHT_BYTES[weights])
        self.assertLess(size, 1.01 * WEIGHT_BYTES[weights])
        self.assertLess(peak, LIMIT)

    def test_random_weights(self):
        for weights in WEIGHT_BYTES:
            with self.subTest(weights=weights):
                self.check("random weights", weights, [], "--config=gemma-2b",
                           "--random-weights=1")

    def test_checkpoint(self):
        path = os.path.join(self.directory, "checkpoint")
        write_checkpoint(path, GEMMA_2B)
        shards = [os.path.join(path, name) for name in os.listdir(path)
                  if name.endswith(".safetensors")]
        for weights in WEIGHT_BYTES:
            with self.subTest(weights=weights):
                self.check("checkpoint", weights, shards, path)


if __name__ == "__main__":
    unittest.main()
