#!/usr/bin/env python3
"""Tests of the dump editor.  Needs no built tool."""

import unittest

from ir_text import EditFailure, IrText

DUMP = """\
module {
  gemma.weight @a : tensor<4x4xf32> from #gemma.tensor<"m.safetensors", "layers.0.k_proj">
  gemma.weight @b : tensor<4x4xf32> from #gemma.tensor<"m.safetensors", "layers.1.v_proj">
  func.func @forward(%arg0: tensor<?xi32>) {
    %0 = gemma.weight_ref @a : tensor<4x4xf32>
    %1 = gemma.embed(%arg0, %0) {scale = 4.525000e+01 : f64} : (tensor<?xi32>, tensor<4x4xf32>) -> tensor<?x4xf32>
    %10 = gemma.rope(%1, %arg0) {base = 1.0, rotated = 4 : i64} : (tensor<?x4xf32>, tensor<?xi32>) -> tensor<?x4xf32>
    %2 = gemma.geglu(%10, %1) {gelu = #gemma.gelu<tanh>} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    return %2
  }
}"""


class IrTextTest(unittest.TestCase):
    def setUp(self):
        self.ir = IrText(DUMP)

    def line(self, kind):
        return self.ir.lines[self.ir.ops(kind)[0]].strip()

    def test_round_trip(self):
        self.assertEqual(str(self.ir), DUMP)

    def test_reads_ops(self):
        self.assertEqual(self.ir.ops("gemma.weight"), [1, 2])
        self.assertEqual(self.ir.operands(7), ["%10", "%1"])
        self.assertEqual(self.ir.result(6), "%10")
        self.assertEqual(self.ir.result_type(6), "tensor<?x4xf32>")
        with self.assertRaises(EditFailure):
            self.ir.ops("gemma.softcap")

    def test_attributes(self):
        self.ir.set_all("gemma.embed", "scale", "1.0")
        self.assertIn("{scale = 1.0} :", self.line("gemma.embed"))
        self.ir.set_all("gemma.geglu", "gelu", "#gemma.gelu<erf>")
        self.assertIn("{gelu = #gemma.gelu<erf>} :", self.line("gemma.geglu"))
        self.ir.set_all("gemma.rope", "rotated", "2")
        self.assertIn("{base = 1.0, rotated = 2} :", self.line("gemma.rope"))
        self.ir.set_all("gemma.rope", "more", "3")
        self.assertIn("{more = 3, base = 1.0, rotated = 2}", self.line("gemma.rope"))
        with self.assertRaises(EditFailure):
            self.ir.set_all("gemma.rope", "more", "3")

    def test_operands(self):
        self.ir.swap_operands(7, 0, 1)
        self.assertTrue(self.line("gemma.geglu").startswith("%2 = gemma.geglu(%1, %10)"))
        self.ir.set_operand(7, 0, "%10")
        self.assertTrue(self.line("gemma.geglu").startswith("%2 = gemma.geglu(%10, %10)"))
        with self.assertRaises(EditFailure):
            self.ir.swap_operands(7, 0, 1)

    def test_bypass(self):
        self.ir.bypass(6)
        self.assertTrue(self.line("gemma.geglu").startswith("%2 = gemma.geglu(%1, %1)"))
        self.assertNotIn("gemma.rope", str(self.ir))

    def test_insert(self):
        self.ir.insert_after(5, "gemma.softcap({x}) {{cap = 2.0}} : {type}", "T")
        self.assertEqual(self.ir.lines[6], "    %planted = gemma.softcap(%1) {cap = 2.0} : T")
        self.assertIn("gemma.rope(%planted, %arg0)", str(self.ir))
        self.assertIn("gemma.geglu(%10, %planted)", str(self.ir))

    def test_sources(self):
        self.ir.swap_sources("k_proj", "v_proj")
        self.assertIn('@a : tensor<4x4xf32> from #gemma.tensor<"m.safetensors", "layers.0.v_proj">',
                      str(self.ir))
        self.ir.rename_source("layers.1.k_proj", "x")
        self.assertIn('"m.safetensors", "x">', str(self.ir))
        with self.assertRaises(EditFailure):
            self.ir.rename_source("gate", "x")


if __name__ == "__main__":
    unittest.main()
