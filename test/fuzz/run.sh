#!/bin/bash
# Builds the fuzz targets (build-fuzz/) and runs each for a while, one process
# at a time. What they find is kept in build-fuzz/findings/, their inputs in
# build-fuzz/corpus/, from which the next run goes on. What was found earlier
# is tried first: while one of them still fails, its target does.
#
#   test/fuzz/run.sh                   each target for 30 seconds
#   test/fuzz/run.sh 1800 tokenizer    these only, for so many seconds
#
# A finding again: build-fuzz/bin/gemma-fuzz-TARGET FILE. The last line is
# `N passed, N failed`; the exit code is 1 if there was a finding.
set -uo pipefail
. "$(dirname "$0")/../../tools/setup.sh"

tree=$root/build-fuzz
seconds=${1:-30}
[[ $seconds =~ ^[1-9][0-9]*$ ]] ||
  die "seconds: expected a number above 0, found '$seconds'" 64
shift

install_packages build test fuzz
build_tree "$tree" GemmaFuzz -DGEMMA_FUZZ=ON -DGEMMA_BUILD_COMPILER=OFF \
  -DGEMMA_BUILD_TESTS=OFF -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER=clang-22 -DCMAKE_CXX_COMPILER=clang++-22
"$tree/bin/gemma-fuzz-seeds" "$tree/seeds" || die "seeds: not written" 70

targets=("$@")
if [ ${#targets[@]} = 0 ]; then
  for folder in "$tree"/seeds/*/; do targets+=("$(basename "$folder")"); done
fi

# Runs of a release are long; what is slower than this is a finding, and so is
# what takes 1 GiB of memory, or 256 MiB at once, for an input of 32 KiB.
limits=(-timeout=10 -rss_limit_mb=1024 -malloc_limit_mb=256)
options=("${limits[@]}" -max_total_time="$seconds" -max_len=32768
  -print_final_stats=1 -print_funcs=0)
export ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export ASAN_SYMBOLIZER_PATH=/usr/lib/llvm-22/bin/llvm-symbolizer

# Why a run ended, from its log.
reason() {
  grep -m 3 -E '^finding:|^SUMMARY|^==.*ERROR' "$1" >&2 || tail -n 5 "$1" >&2
}

# Whether all that was found in a target earlier is mended; names what is not.
mended() { # BINARY FINDINGS LOG
  local finding still=0
  for finding in "$2"/*; do
    [ -f "$finding" ] || continue
    "$1" "${limits[@]}" "$finding" >"$3" 2>&1 </dev/null && continue
    still=$((still + 1))
    reason "$3"
    say "fuzz: still fails: $1 $finding"
  done
  [ $still = 0 ]
}

passed=0
failed=0
for target in "${targets[@]}"; do
  binary=$tree/bin/gemma-fuzz-$target
  [ -x "$binary" ] || die "target: expected one of $(ls "$tree/seeds" |
    xargs), found '$target'" 64
  corpus=$tree/corpus/$target
  findings=$tree/findings/$target
  log=$tree/$target.log
  mkdir -p "$corpus" "$findings"
  dictionary=$root/test/fuzz/dictionaries/$target.dict
  [ -f "$dictionary" ] && own=(-dict="$dictionary") || own=()
  if ! mended "$binary" "$findings" "$log"; then
    failed=$((failed + 1))
    continue
  fi
  say "fuzz: $target, $seconds s"
  if nice -n 19 "$binary" "${options[@]}" "${own[@]}" \
    -artifact_prefix="$findings/" "$corpus" "$tree/seeds/$target" \
    >"$log" 2>&1 </dev/null; then
    passed=$((passed + 1))
    say "fuzz: $target: $(sed -n \
      's/^stat::number_of_executed_units: *//p' "$log") inputs, no finding"
  else
    failed=$((failed + 1))
    reason "$log"
    say "fuzz: $target: a finding, see $log"
  fi
done

echo "$passed passed, $failed failed"
[ $failed = 0 ]
