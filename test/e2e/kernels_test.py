#!/usr/bin/env python3
"""Kernels of what no Gemma 1 checkpoint asks for, against the interpreter.

The dump of phase import is edited so that it means another model; the compiled
artifact must compute what the interpreter, in float64, says it means. Every
edit that is numerically silent would make the test worthless, so each must
change the logits.
"""

import os
import re
import unittest

from checkpoint_specs import CheckpointSpec
from gemma_tools import (TOLERANCE, checkpoint, dumps, interpreted_logits,
                         logits, new_directory, random_tokens, relative_error,
                         require, run)
from ir_text import IrText

SPECS = {
    "even": CheckpointSpec(hidden=64, layers=2, heads=4, kv_heads=2, head_dim=32,
                           ff=96, vocab=200, seed=31),
    # Rows wider than one tile of an elementwise kernel, with a rest.
    "wide": CheckpointSpec(hidden=37, layers=1, heads=3, kv_heads=1, head_dim=10,
                           ff=2061, vocab=2055, seed=32),
}
CACHE_WINDOW = re.compile(r"window = 0>")


def erf_gelu(ir):
    ir.set_all("gemma.geglu", "gelu", "#gemma.gelu<erf>")


def attention_softcap(ir):
    ir.set_all("gemma.attention", "softcap", "0.5 : f64")


def logits_softcap(ir):
    last = ir.ops("gemma.linear")[-1]
    ir.insert_after(last, "gemma.softcap({x}) {{cap = 0.75 : f64}} : "
                    "({type}) -> {type}", ir.result_type(last))


def window(ir):
    """Less than the tokens and no multiple of a key tile: the ring wraps."""
    ir.set_all("gemma.attention", "window", "11")
    ir.lines = [CACHE_WINDOW.sub("window = 11>", line) for line in ir.lines]


def window_of_one_token(ir):
    ir.set_all("gemma.attention", "window", "1")
    ir.lines = [CACHE_WINDOW.sub("window = 1>", line) for line in ir.lines]


def window_in_a_longer_cache(ir):
    ir.set_attribute(ir.ops("gemma.attention")[0], "window", "5")


def partial_rope(ir):
    ir.set_all("gemma.rope", "rotated", "6")


def scaled_rope(ir):
    ir.set_all("gemma.rope", "position_scale", "8.0 : f64")


def plain_norm_weight(ir):
    ir.set_all("gemma.rms_norm", "unit_offset", "false")


def query_norm(ir):
    """A norm per head and without a weight, as later Gemmas have it."""
    query = ir.ops("gemma.linear")[0]
    width = int(re.search(r"x(\d+)xf32", ir.result_type(query))[1])
    ir.insert_after(query, "gemma.rms_norm({x}) {{epsilon = 1.0e-6 : f64, "
                    f"group_size = {width // 2} : i64}}}} : ({{type}}) -> {{type}}",
                    ir.result_type(query))


def elementwise(op):
    def edit(ir):
        add = ir.ops("arith.addf")[0]
        ir.insert_after(add, op, ir.lines[add].rsplit(":", 1)[-1].strip())
    return edit


def elementwise_on_wide_rows(ir):
    up = ir.ops("gemma.linear")[5]
    ir.insert_after(up, "math.tanh {x} : {type}", ir.result_type(up))


def later_positions(ir):
    """Row indices are computed like rows: p + p for the queries only."""
    rope = ir.ops("gemma.rope")[0]
    ir.set_operand(rope, 1, "%late")
    ir.lines.insert(rope, "    %late = arith.addi %arg1, %arg1 : tensor<?xi32>")


EDITS = {
    "erf_gelu": erf_gelu,
    "attention_softcap": attention_softcap,
    "logits_softcap": logits_softcap,
    "window": window,
    "window_of_one_token": window_of_one_token,
    "window_in_a_longer_cache": window_in_a_longer_cache,
    "partial_rope": partial_rope,
    "scaled_rope": scaled_rope,
    "plain_norm_weight": plain_norm_weight,
    "query_norm": query_norm,
    "square": elementwise("arith.mulf {x}, {x} : {type}"),
    "exp": elementwise("math.exp {x} : {type}"),
    "negation": elementwise("arith.negf {x} : {type}"),
    "elementwise_on_wide_rows": elementwise_on_wide_rows,
    "later_positions": later_positions,
}


class KernelsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        require("gemma-compile", "gemma-eval", "gemma-opt")

    def compile(self, text):
        directory = new_directory("kernels")
        dump, out = (os.path.join(directory, name)
                     for name in ("model.1.import.mlir", "model.gemma"))
        with open(dump, "w") as file:
            file.write(text)
        run("gemma-compile", "--compile-from=import", dump, "-o", out)
        return dump, out

    def check(self, spec, name, weights, count):
        path = checkpoint(SPECS[spec])
        # Few rows per forward, so that rings are written while they are read.
        with open(dumps(path, weights=weights, max_rows=8)["import"]) as file:
            imported = file.read()
        ids = random_tokens(count, SPECS[spec].vocab, seed=5)
        ir = IrText(imported)
        EDITS[name](ir)
        dump, artifact = self.compile(str(ir))
        expected = interpreted_logits(dump, ids)
        error = relative_error(logits(artifact, ids), expected)
        print(f"{spec:6}{weights:6}{name:28}{error:.1e}")
        self.assertLessEqual(error, TOLERANCE[weights])
        original, _ = self.compile(imported)
        changed = relative_error(interpreted_logits(original, ids), expected)
        self.assertGreater(changed, 5 * TOLERANCE[weights] if weights == "f32" else 0)

    def test_f32(self):
        for name in EDITS:
            with self.subTest(edit=name):
                self.check("even", name, "f32", 40)

    def test_odd_and_wide_rows(self):
        for name in ("erf_gelu", "logits_softcap", "query_norm", "partial_rope",
                     "elementwise_on_wide_rows", "square"):
            with self.subTest(edit=name):
                self.check("wide", name, "f32", 20)

    def test_bf16(self):
        for name in ("erf_gelu", "attention_softcap", "window", "query_norm",
                     "square"):
            with self.subTest(edit=name):
                self.check("even", name, "bf16", 40)


if __name__ == "__main__":
    unittest.main()
