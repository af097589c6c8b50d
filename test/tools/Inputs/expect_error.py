#!/usr/bin/python3
"""expect_error.py STATUS COMMAND...: prints the one error line of a command.

Fails unless the command exits with STATUS, prints nothing on stdout, and one
line that begins with `error: ` on stderr.
"""

import subprocess
import sys

done = subprocess.run(sys.argv[2:], stdin=subprocess.DEVNULL,
                      capture_output=True, text=True, timeout=300)
lines = done.stderr.splitlines()
print(done.stderr, end="")
if done.returncode != int(sys.argv[1]):
    sys.exit(f"exit status {done.returncode}, expected {sys.argv[1]}")
if done.stdout:
    sys.exit("expected nothing on stdout")
if len(lines) != 1 or not lines[0].startswith("error: "):
    sys.exit(f"expected one error line, found {len(lines)} lines")
