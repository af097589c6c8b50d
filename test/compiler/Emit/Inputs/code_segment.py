#!/usr/bin/python3
"""code_segment.py ARTIFACT OUTPUT: the kernels' shared object, as a file."""

import json
import subprocess
import sys


def main(artifact, output):
    report = subprocess.run(["gemma-inspect", artifact, "--json"], check=True,
                            stdout=subprocess.PIPE)
    segments = json.loads(report.stdout)["segments"]
    code = next(s for s in segments if s["segment"] == "code")
    with open(artifact, "rb") as file:
        file.seek(code["offset"])
        image = file.read(code["bytes"])
    with open(output, "wb") as file:
        file.write(image)


if __name__ == "__main__":
    main(*sys.argv[1:])
