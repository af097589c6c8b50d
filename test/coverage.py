#!/usr/bin/python3
"""Line coverage per room out of an instrumented build tree: coverage.py TREE.

Fails under 80 % in any room.
"""

import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOMS = ("dialect", "compiler", "runtime")
MINIMUM = 80.0


def main():
    tree = os.path.abspath(sys.argv[1])
    report = os.path.join(tree, "coverage.json")
    command = ["gcovr", "--root", ROOT, "-j", str(os.cpu_count()),
               "--gcov-ignore-parse-errors", "--json-summary", report]
    for room in ROOMS:
        command += ["--filter", f"{ROOT}/{room}/"]
    # Generated code lies in the build tree, which no filter names.
    subprocess.run(command + [tree], check=True, stdout=subprocess.DEVNULL)
    with open(report, encoding="utf-8") as file:
        files = json.load(file)["files"]
    # The least covered files first: where a test is worth most.
    lines = {room: [0, 0] for room in ROOMS}
    worst = []
    for entry in files:
        room = entry["filename"].split("/")[0]
        total, covered = entry["line_total"], entry["line_covered"]
        lines[room][0] += covered
        lines[room][1] += total
        worst.append((covered - total, entry["filename"], covered, total))
    for _, name, covered, total in sorted(worst)[:15]:
        print(f"coverage: {100 * covered / max(total, 1):5.1f} %  {name} "
              f"({total - covered} lines missed)")
    good = True
    for room, (covered, total) in lines.items():
        share = 100 * covered / total if total else 0.0
        good &= share >= MINIMUM
        print(f"coverage: {room}: {share:.1f} % of {total} lines "
              f"(at least {MINIMUM:.0f} %)")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
