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

from bundled_models import FIRST, MODELS
from checkpoint_specs import SPECS
from gemma_tools import (checkpoint, compile_artifact, new_directory, reference,
                         require, run, tool)
from gemma_config import LOCAL

TINY = FIRST.path
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
        for model in MODELS:
            for weights, size in (("f32", 4), ("bf16", 2)):
                with self.subTest(model=model.name, weights=weights):
                    self.check_decode(model.path, weights, size)

    def check_decode(self, path, weights, size):
        # Every parameter of a matmul is multiplied and added once per token:
        # the layers' and, where the embedding is the head too, the head's.
        with open(os.path.join(path, "config.json")) as file:
            config = json.load(file)
        hidden, ff = config["hidden_size"], config["intermediate_size"]
        queries = config["num_attention_heads"] * config["head_dim"]
        keys = config["num_key_value_heads"] * config["head_dim"]
        layer = hidden * (2 * queries + 2 * keys + 3 * ff)
        parameters = (config["num_hidden_layers"] * layer
                      + hidden * config["vocab_size"])
        artifact = compile_artifact(path, weights=weights)
        _, results = self.results(*SMALL, artifact=artifact)
        decode = results["tg5"]
        # Attention, norms and activations add a little.
        self.assertLessEqual(5 * 2 * parameters, decode["operations"])
        self.assertLess(decode["operations"], 5 * 2 * parameters * 1.2)
        # Every weight is read for every token.
        self.assertLessEqual(5 * size * parameters, decode["bytes"])
        self.assertLess(decode["bytes"], 5 * size * parameters * 1.2)

    def test_depth_adds_what_attention_reads(self):
        for model in MODELS:
            artifact = compile_artifact(model.path)
            config = reference(model.path).config
            _, at_0 = self.results(*SMALL, artifact=artifact)
            _, at_100 = self.results(*SMALL, "--depth=100", artifact=artifact)
            # Positions that are read more for the 5 tokens: 100 each, but in
            # layers with a window only until that is full.
            more = 0
            for kind in config.layer_types:
                window = config.sliding_window if kind == LOCAL else 1024
                more += sum(min(token + 100, window) - min(token, window)
                            for token in range(1, 6))
            # A key and a value in bf16 each.
            more *= 2 * 2 * config.num_kv_heads * config.head_dim
            with self.subTest(model=model.name):
                self.assertEqual(
                    at_100["tg5@d100"]["bytes"] - at_0["tg5"]["bytes"], more)

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
