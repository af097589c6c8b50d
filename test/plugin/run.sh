#!/bin/bash
# run.sh BUILD: installs a build tree into a temporary prefix, builds the
# plugin and a C program against that prefix only, runs the plugin's lit suite
# and checks its effect inside a real compile.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/installed" >"$work/install.log" ||
  { cat "$work/install.log" >&2; exit 1; }
# A prefix may be moved: nothing in it may name the place it was installed to.
mv "$work/installed" "$work/prefix"

cmake -G Ninja -S "$here" -B "$work/build" -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/configure.log" ||
  { cat "$work/configure.log" >&2; exit 1; }
ninja -C "$work/build" --quiet

plugin=$work/build/SoftcapLogits.so
/usr/lib/llvm-22/bin/lit -sv --param prefix="$work/prefix" \
  --param plugin="$plugin" "$here/lit"
for model in tiny-gemma-it tiny-gemma2-it tiny-gemma3-it; do
  /usr/bin/python3 "$here/check.py" "$work/prefix" "$work/build" \
    "$here/../models/$model" "$work"
done
