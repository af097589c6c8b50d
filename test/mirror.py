#!/usr/bin/python3
"""Every source of dialect/, compiler/ and runtime/ has a test beside it.

The rule is in test/README.md: same folder under test/, same stem. What has no
test of its own is named in test/mirror-map.txt, with the test that serves.
"""

import os
import re
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ROOMS = ("dialect", "compiler", "runtime")
MAP = os.path.join(ROOT, "test", "mirror-map.txt")


def dashed(stem, dash):
    """FuseNormLinear -> fuse-norm-linear, KvCache -> kv_cache."""
    words = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", stem)
    words = re.sub(r"([A-Z])([A-Z][a-z])", r"\1 \2", words)
    return words.lower().replace(" ", dash).replace("_", dash)


def spellings(stem):
    return {dashed(stem, "-"), dashed(stem, "_")}


def serves(test, stem):
    """How many characters of the test's name are the stem; 0 if not its."""
    if test == stem + "Test.cpp":
        return len(test)
    name, extension = os.path.splitext(test)
    if extension not in (".mlir", ".test"):
        return 0
    for spelling in spellings(stem):
        if name == spelling or name.startswith(spelling + "-"):
            return len(spelling)
    return 0


def sources():
    for room in ROOMS:
        for folder, _, names in os.walk(os.path.join(ROOT, room)):
            for name in sorted(names):
                if name.endswith(".cpp"):
                    yield os.path.relpath(os.path.join(folder, name), ROOT)


def siblings(found):
    """{source: its tests}. A test belongs to the longest stem that fits, so
    that fuse-norm-linear.mlir does not serve a Fuse.cpp as well."""
    result = {source: [] for source in found}
    for folder in {os.path.dirname(source) for source in found}:
        mirrored = os.path.join(ROOT, "test", folder)
        here = [s for s in found if os.path.dirname(s) == folder]
        for test in os.listdir(mirrored) if os.path.isdir(mirrored) else []:
            fit = {s: serves(test, os.path.splitext(os.path.basename(s))[0])
                   for s in here}
            best = max(fit, key=fit.get)
            if fit[best]:
                result[best].append(test)
    return result


def mapped():
    """{source: test} of the map; its lines are `source: test  # reason`."""
    result = {}
    with open(MAP, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                match = re.fullmatch(r"(\S+): (\S+) +# \S.*", line.strip())
                if not match:
                    sys.exit(f"error: {MAP}:{number}: expected "
                             "'source: test  # reason'")
                result[match[1]] = match[2]
    return result


def main():
    found = list(sources())
    tests, exceptions, problems = siblings(found), mapped(), []
    for source in found:
        stem = os.path.splitext(os.path.basename(source))[0]
        folder = os.path.join("test", os.path.dirname(source))
        if not tests[source] and source not in exceptions:
            problems.append(f"{source}: expected {folder}/{stem}Test.cpp or "
                            f"{folder}/{dashed(stem, '-')}*.mlir, found none")
    for source, test in exceptions.items():
        if source not in tests:
            problems.append(f"mirror-map.txt: {source} does not exist")
        elif tests[source]:
            problems.append(f"mirror-map.txt: {source} has a test of its own")
        if not os.path.exists(os.path.join(ROOT, test)):
            problems.append(f"mirror-map.txt: {test} does not exist")
    for problem in problems:
        print("mirror:", problem)
    print(f"mirror: {len(found)} sources, {len(exceptions)} of them mapped, "
          f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
