#!/usr/bin/env python3
"""gemma-bench: what it prints, computed again from the model's dimensions.

No test looks at how fast anything was.
"""

import json
import os
import signal
import subprocess
import time
import unittest

from checkpoint_specs import SPECS
from gemma_tools import (MODELS, checkpoint, compile_artifact, new_directory,
                         require, run, tool)

TINY = os.path.join(MODELS, "tiny-gemma-it")
BRIEF = ("--repetitions=2", "--threads=2")
SMALL = (*BRIEF, "--prompt=40", "--generate=5")


def setUpModule():
    require("gemma-compile", "gemma-bench")


def bench(artifact, *arguments):
    done = run("gemma-bench", artifact, "--json", *arguments)
    return json.loads(done.stdout)


class BenchTest(unittest.TestCase):
    def results(self, *arguments, artifact=None):
        report = bench(artifact or compile_artifact(TINY), *arguments)
        return report, {result["name"]: result for result in report["results"]}

    def check(self, result):
        speed = result["tokens_per_second"]
        self.assertLess(0, speed["min"])
        self.assertLessEqual(speed["min"], speed["median"])
        self.assertLessEqual(speed["median"], speed["max"])
        self.assertIn(result["limit"]["unit"], ("bytes/s", "operations/s"))
        self.assertLess(0, result["limit"]["value"])
        self.assertLess(0, result["share"])

    def test_names_follow_the_options(self):
        for arguments, names in (
                (("--prompt=40", "--generate=5"), ["pp40", "tg5"]),
                (("--prompt=40", "--generate=5", "--depth=17"),
                 ["pp40@d17", "tg5@d17"]),
                (("--prompt=0", "--generate=5"), ["tg5"]),
                (("--prompt=40", "--generate=0", "--rows=4,8"),
                 ["pp40", "rows4", "rows8"]),
                ((), ["pp512", "tg128"])):
            with self.subTest(arguments=arguments):
                report, results = self.results(*BRIEF, *arguments)
                self.assertEqual(list(results), names)
                self.assertEqual(report["threads"], 2)
                for result in results.values():
                    self.check(result)

    def test_matmul_operations_of_a_decode(self):
        # Every parameter of a matmul is multiplied and added once per token:
        # the layers' and, where the embedding is the head too, the head's.
        with open(os.path.join(TINY, "config.json")) as file:
            config = json.load(file)
        hidden, ff = config["hidden_size"], config["intermediate_size"]
        queries = config["num_attention_heads"] * config["head_dim"]
        keys = config["num_key_value_heads"] * config["head_dim"]
        layer = hidden * (2 * queries + 2 * keys + 3 * ff)
        parameters = (config["num_hidden_layers"] * layer
                      + hidden * config["vocab_size"])
        for weights, size in (("f32", 4), ("bf16", 2)):
            artifact = compile_artifact(TINY, weights=weights)
            _, results = self.results(*SMALL, artifact=artifact)
            decode = results["tg5"]
            with self.subTest(weights=weights):
                # Attention, norms and activations add a little.
                self.assertLessEqual(5 * 2 * parameters, decode["operations"])
                self.assertLess(decode["operations"], 5 * 2 * parameters * 1.2)
                # Every weight is read for every token.
                self.assertLessEqual(5 * size * parameters, decode["bytes"])
                self.assertLess(decode["bytes"], 5 * size * parameters * 1.2)

    def test_depth_adds_what_attention_reads(self):
        with open(os.path.join(TINY, "config.json")) as file:
            config = json.load(file)
        _, at_0 = self.results(*SMALL)
        _, at_100 = self.results(*SMALL, "--depth=100")
        # Keys and values of 100 more positions, in bf16, for each of 5 tokens.
        more = (5 * 100 * 2 * 2 * config["num_hidden_layers"]
                * config["num_key_value_heads"] * config["head_dim"])
        self.assertEqual(at_100["tg5@d100"]["bytes"] - at_0["tg5"]["bytes"],
                         more)

    def test_profile_adds_up(self):
        _, results = self.results(*SMALL, "--profile", "--rows=4")
        for result in results.values():
            with self.subTest(test=result["name"]):
                for key in ("bytes", "operations"):
                    self.assertAlmostEqual(
                        sum(op[key] for op in result["profile"]), result[key],
                        delta=1e-6 * result[key])

    def test_without_tokenizer(self):
        artifact = compile_artifact(checkpoint(SPECS["odd"]))
        _, results = self.results(*SMALL, artifact=artifact)
        self.check(results["tg5"])

    def test_trace(self):
        path = os.path.join(new_directory("trace"), "trace.json")
        run("gemma-bench", compile_artifact(TINY), *SMALL, f"--trace={path}")
        with open(path) as file:
            events = json.load(file)["traceEvents"]
        slices = [event for event in events if event["ph"] == "X"]
        for process in (1, 2):
            tracks = {}
            for event in slices:
                if event["pid"] == process:
                    tracks.setdefault(event["tid"], []).append(event)
            self.assertLessEqual(set(tracks), {0, 1})
            seen = {event["args"]["dispatch"]
                    for track in tracks.values() for event in track}
            # Each dispatch was worked on by somebody.
            self.assertEqual(seen, set(range(max(seen) + 1)))
            for track in tracks.values():
                # A thread does one thing after the other.
                for before, after in zip(track, track[1:]):
                    self.assertLessEqual(before["ts"] + before["dur"],
                                         after["ts"] + 0.002)
        self.assertEqual(os.listdir(os.path.dirname(path)), ["trace.json"])

    def test_interrupt_ends_it_cleanly(self):
        path = os.path.join(new_directory("trace"), "trace.json")
        process = subprocess.Popen(
            [tool("gemma-bench"), compile_artifact(TINY),
             "--repetitions=10000", f"--trace={path}"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(1)
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130)
        self.assertEqual(out, "")
        self.assertRegex(errors, r"\Aerror: .*interrupted\n\Z")
        self.assertEqual(os.listdir(os.path.dirname(path)), [])


if __name__ == "__main__":
    unittest.main()
