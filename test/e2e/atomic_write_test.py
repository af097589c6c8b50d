#!/usr/bin/env python3
"""An artifact is there whole or not at all, whatever stops the compile.

After a kill the target is absent, as before, or complete; a temporary file is
left at most, and the next compile removes it.
"""

import filecmp
import os
import random
import signal
import subprocess
import time
import unittest

from checkpoint_specs import SPECS
from gemma_tools import checkpoint, new_directory, require, run, tool

KILLS = int(os.environ.get("GEMMA_KILLS", "40"))
# A model whose weights take a while to write, with nothing to read.
ARGUMENTS = ("--config=gemma-2b", "--random-weights=1", "--weights=bf16")


def setUpModule():
    require("gemma-compile")


class AtomicWriteTest(unittest.TestCase):
    def setUp(self):
        self.folder = new_directory("atomic")
        self.target = os.path.join(self.folder, "model.gemma")

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [tool("gemma-compile"), *arguments, "-o", self.target],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, **options)

    def wait_for_temporary(self, process):
        """Until weights are being written."""
        for _ in range(6000):
            if os.listdir(self.folder) or process.poll() is not None:
                return
            time.sleep(0.005)
        self.fail("no temporary file after 30 s")

    def test_killed_at_random_times(self):
        source = checkpoint(SPECS["gqa"])
        run("gemma-compile", source, "-o", self.target)
        good = os.path.join(new_directory("atomic"), "good.gemma")
        os.rename(self.target, good)
        start = time.monotonic()
        run("gemma-compile", source, "-o", self.target)
        duration = time.monotonic() - start
        os.remove(self.target)
        generator = random.Random(1)
        done = 0
        for kill in range(KILLS):
            existed = os.path.exists(self.target)
            process = self.start(source)
            # Mostly near the end, where the file is written.
            time.sleep(duration * min(1.1, generator.triangular(0, 1.2, 0.95)))
            process.kill()
            process.communicate()
            names = set(os.listdir(self.folder))
            partial = {name for name in names
                       if name.startswith(".model.gemma.partial-")}
            with self.subTest(kill=kill):
                self.assertLessEqual(len(partial), 1)
                self.assertLessEqual(names - partial, {"model.gemma"})
                if "model.gemma" in names:
                    self.assertTrue(filecmp.cmp(self.target, good, shallow=False))
                    done += not existed
                elif existed:
                    self.fail("the old artifact is gone")
            if kill % 4 == 3 and "model.gemma" in names:
                os.remove(self.target)
        run("gemma-compile", source, "-o", self.target)
        self.assertEqual(os.listdir(self.folder), ["model.gemma"])
        print(f"atomic write: {KILLS} kills, {done} artifacts were complete")

    def test_signals_remove_the_temporary_file(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(signal=number):
                process = self.start(*ARGUMENTS)
                self.wait_for_temporary(process)
                time.sleep(0.5)
                start = time.monotonic()
                process.send_signal(number)
                out, err = process.communicate(timeout=60)
                self.assertLess(time.monotonic() - start, 2)
                self.assertEqual((process.returncode, out, err),
                                 (130, "", "error: interrupted\n"))
                self.assertEqual(os.listdir(self.folder), [])

    def test_old_artifact_survives_an_interrupt(self):
        with open(self.target, "w", encoding="ascii") as file:
            file.write("old")
        process = self.start(*ARGUMENTS)
        time.sleep(1.5)
        self.assertIsNone(process.poll())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        with open(self.target, encoding="ascii") as file:
            self.assertEqual(file.read(), "old")

    def test_no_room_for_the_file(self):
        done = subprocess.run(
            ["/bin/sh", "-c", 'ulimit -f 100000; exec "$@"', "sh",
             tool("gemma-compile"), *ARGUMENTS, "-o", self.target],
            capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 69, done.stderr)
        self.assertRegex(done.stderr, r"\Aerror: .+\n\Z")
        self.assertEqual(os.listdir(self.folder), [])

    def test_two_compiles_of_one_target(self):
        source = checkpoint(SPECS["gqa"])
        run("gemma-compile", source, "-o", self.target)
        good = os.path.join(new_directory("atomic"), "good.gemma")
        os.rename(self.target, good)
        processes = [self.start(source) for _ in range(3)]
        for process in processes:
            _, err = process.communicate(timeout=300)
            self.assertEqual(process.returncode, 0, err)
        self.assertEqual(os.listdir(self.folder), ["model.gemma"])
        self.assertTrue(filecmp.cmp(self.target, good, shallow=False))

    def test_reader_that_went_away(self):
        process = subprocess.Popen(
            [tool("gemma-compile"), "--config=gemma-2b", "--random-weights=1",
             "--compile-to=codegen"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        process.stdout.close()
        err = process.stderr.read()
        process.stderr.close()
        self.assertEqual(process.wait(), -signal.SIGPIPE)
        self.assertEqual(err, "")


if __name__ == "__main__":
    unittest.main()
