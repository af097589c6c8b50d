#!/usr/bin/python3
"""Prints the assembly of a checkpoint's kernels for an x86-64 CPU.

  assembly.py CHECKPOINT WEIGHTS CPU [KERNEL...]

WEIGHTS is the encoding of the head too. KERNEL is the beginning of a name;
lm_head must be among them, as there is no artifact without logits. Without any,
all kernels are compiled, which takes seconds. They come in order of their
names. gemma-compile is in the PATH.
"""

import os
import re
import subprocess
import sys
import tempfile


def keep(dump, kernels):
    """A dump of phase dispatch without what is not of `kernels`."""
    kept, skipping = [], False
    for line in dump:
        name = re.match(r" +(?:func\.func|gemma\.dispatch) @(?:kernels::@)?"
                        r"(\w+_\d+)\(", line)
        foreign = bool(name) and not name[1].startswith(kernels)
        if foreign and "func.func" in line:
            skipping = True
        if not (skipping or foreign):
            kept.append(line)
        if line == "    }\n":
            skipping = False
    return kept


def compile_model(*arguments):
    if subprocess.run(["gemma-compile", *arguments]).returncode:
        sys.exit(1)


def main(checkpoint, weights, cpu, *kernels):
    with tempfile.TemporaryDirectory() as folder:
        dump = os.path.join(folder, "model.mlir")
        compile_model(checkpoint, f"--weights={weights}",
                      f"--head-weights={weights}", f"--cpu={cpu}",
                      "--target=x86_64-linux-gnu", "--compile-to=dispatch",
                      "-o", dump)
        with open(dump) as file:
            lines = file.readlines()
        with open(dump, "w") as file:
            file.writelines(keep(lines, kernels) if kernels else lines)
        compile_model("--compile-from=dispatch", dump, "-j", "1",
                      "-o", os.path.join(folder, "model.gemma"),
                      f"--dump-kernels-to={folder}")
        for name in sorted(os.listdir(folder)):
            if name.endswith(".s"):
                with open(os.path.join(folder, name)) as file:
                    sys.stdout.write(file.read())


if __name__ == "__main__":
    main(*sys.argv[1:])
