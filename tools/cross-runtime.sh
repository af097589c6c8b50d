#!/bin/bash
# The runtime for 64-bit Arm, built on x86-64: build-aarch64/bin. May be run
# again at any time; what is there already is kept.
set -euo pipefail
. "$(dirname "$0")/setup.sh"

install_packages build
build_cross_runtime
say "done: $root/build-aarch64/bin"
