#!/usr/bin/python3
"""check.py PREFIX BUILD CHECKPOINT DIR: what is built on an installed compiler.

Compiles the checkpoint with and without the plugin's pass inside the compile
and expects logits' = cap * tanh(logits / cap), bit noise apart. Then asks the
C program for the next token and expects that of the logits.
"""

import os
import subprocess
import sys

import numpy as np

# Small enough to bend the logits of any model that has learnt something.
CAP = 1.5
TOKENS = "2,5,7,11,13"


def logits(prefix, checkpoint, directory, name, *flags):
    artifact = os.path.join(directory, name + ".gemma")
    output = os.path.join(directory, name + ".npy")
    subprocess.run([os.path.join(prefix, "bin", "gemma-compile"), checkpoint,
                    "-o", artifact, "--weights=f32", *flags], check=True)
    subprocess.run([os.path.join(prefix, "bin", "gemma-eval"), "logits",
                    artifact, "--tokens=" + TOKENS, "-o", output], check=True)
    return np.load(output).astype(np.float64)


def main():
    prefix, build, checkpoint, directory = sys.argv[1:]
    plugin = os.path.join(build, "SoftcapLogits.so")
    plain = logits(prefix, checkpoint, directory, "plain")
    capped = logits(prefix, checkpoint, directory, "capped",
                    "--load-pass-plugin=" + plugin,
                    "--run-after=fuse:softcap-logits{cap=%s}" % CAP)
    expected = CAP * np.tanh(plain / CAP)
    error = np.abs(capped - expected).max()
    change = np.abs(capped - plain).max()
    print(f"plugin: logits moved by up to {change:.3f}, "
          f"{error:.2e} from the prediction")
    if change < 0.1 or error > 1e-5:
        print("plugin: expected a move over 0.1 and an error under 1e-5")
        return 1

    told = subprocess.run(
        [os.path.join(build, "next_token"),
         os.path.join(directory, "plain.gemma"), *TOKENS.split(",")],
        check=True, capture_output=True, text=True).stdout.strip()
    if told != str(plain[-1].argmax()):
        print(f"plugin: next token through the C interface: expected "
              f"{plain[-1].argmax()}, found {told}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
