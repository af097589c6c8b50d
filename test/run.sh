#!/bin/bash
# Runs every test, after the same set-up as tools/quickstart.sh.
#
#   test/run.sh                 everything
#   test/run.sh lit unit        only these sections, in this order
#
# The last line is `N passed, N failed`; the exit code is 1 if any failed.
set -uo pipefail
. "$(dirname "$0")/../tools/setup.sh"

all_sections=(mirror unit lit reference e2e cross plugin asan fuzz coverage)
sections=("${@:-${all_sections[@]}}")
build=$root/build
results=$build/test-results
lit=/usr/lib/llvm-22/bin/lit
export GEMMA_BUILD=$build

passed=0
failed=0
failures=()

# record NAME PASSED FAILED: adds to the closing line.
record() {
  passed=$((passed + $2))
  failed=$((failed + $3))
  [ "$3" = 0 ] || failures+=("$1: $3")
  say "$1: $2 passed, $3 failed"
}

# check NAME COMMAND...: a test that is one command.
check() {
  local name=$1
  shift
  if "$@"; then record "$name" 1 0; else record "$name" 0 1; fi
}

# json_counts FILE PASSED-EXPRESSION FAILED-EXPRESSION: two numbers out of a
# report, or a failure if the program died before it wrote one.
json_counts() {
  /usr/bin/python3 - "$@" <<'PY' 2>/dev/null || echo 0 1
import json, sys
d = json.load(open(sys.argv[1]))
print(eval(sys.argv[2]), eval(sys.argv[3]))
PY
}

# unit_tests NAME DIR: the GoogleTest binaries of a build tree.
unit_tests() {
  local binary report
  for binary in "$2"/bin/gemma-*-tests; do
    [ -x "$binary" ] || continue
    report=$results/$1-$(basename "$binary").json
    rm -f "$report"
    timeout 1200 "$binary" --gtest_brief=1 --gtest_output=json:"$report"
    local status=$? counts
    counts=$(json_counts "$report" "d['tests']-d['failures']" "d['failures']")
    # A sanitizer or a crash at exit fails a run whose tests all passed.
    case "$counts" in *" 0") [ $status = 0 ] || counts="${counts% *} 1" ;; esac
    record "$1 $(basename "$binary")" $counts
  done
}

# lit_tests NAME DIR: the lit suite with the tools of a build tree.
lit_tests() {
  local report=$results/$1.json
  rm -f "$report"
  "$lit" -sv -o "$report" "$2/test"
  record "$1" $(json_counts "$report" \
    "sum(t['code'] in ('PASS', 'XFAIL', 'FLAKYPASS') for t in d['tests'])" \
    "sum(t['code'] in ('FAIL', 'XPASS', 'UNRESOLVED', 'TIMEOUT') for t in d['tests'])")
}

# python_tests NAME FILE...: unittest files, each in its own process.
python_tests() {
  local name=$1 file log ran bad status
  shift
  for file in "$@"; do
    [ -f "$file" ] || continue
    log=$results/$(basename "$file").log
    say "$name: $(basename "$file")"
    timeout 2400 /usr/bin/python3 "$file" 2>&1 | tee "$log"
    status=$?
    ran=$(sed -n 's/^Ran \([0-9]*\) tests\? .*/\1/p' "$log" | tail -n 1)
    bad=$(sed -n 's/^FAILED (\(.*\))/\1/p' "$log" | tail -n 1 |
      grep -oE '(failures|errors|unexpected successes)=[0-9]+' |
      awk -F= '{ n += $2 } END { print n + 0 }')
    [ $status = 0 ] || [ "${bad:-0}" -gt 0 ] || bad=1
    [ "${ran:-0}" -ge "${bad:-0}" ] || ran=$bad
    record "$name $(basename "$file")" $((${ran:-0} - ${bad:-0})) "${bad:-0}"
  done
}

section_mirror() {
  check "mirror" /usr/bin/python3 "$root/test/mirror.py"
}

section_unit() { unit_tests unit "$build"; }

section_lit() { lit_tests lit "$build"; }

section_reference() {
  python_tests reference "$root"/test/reference/test_*.py \
    "$root"/test/models/*/test_*.py
}

section_e2e() {
  compile_bundled_model
  python_tests e2e "$root"/test/e2e/*_test.py
}

# Artifacts for 64-bit Arm, compiled here and run under qemu-user by a runtime
# that is cross-built here.
section_cross() {
  build_cross_runtime
  python_tests cross "$root"/test/cross/*_test.py
}

# The install rules, a plugin out of tree, and a lit suite out of tree.
section_plugin() {
  check "plugin" "$root/test/plugin/run.sh" "$build"
}

# Runtime and readers, without MLIR: Debian's libMLIR is not sanitised.
section_asan() {
  build_tree "$root/build-asan" all -DGEMMA_BUILD_COMPILER=OFF \
    -DGEMMA_SANITIZE=ON -DCMAKE_CXX_FLAGS_RELEASE=-O1
  ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 \
    UBSAN_OPTIONS=print_stacktrace=1 \
    unit_tests asan "$root/build-asan"
}

# Each fuzz target for 30 s; test/fuzz/run.sh runs them for longer.
section_fuzz() {
  local counts
  "$root/test/fuzz/run.sh" 30 | tee "$results/fuzz.log"
  counts=$(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' \
    "$results/fuzz.log")
  record "fuzz" ${counts:-0 1}
}

# The same unit and lit tests again, instrumented.
section_coverage() {
  local tree=$root/build-coverage
  build_tree "$tree" all -DGEMMA_COVERAGE=ON -DCMAKE_CXX_FLAGS_RELEASE=
  find "$tree" -name '*.gcda' -delete
  unit_tests coverage-unit "$tree"
  lit_tests coverage-lit "$tree"
  check "coverage" /usr/bin/python3 "$root/test/coverage.py" "$tree"
}

install_packages build test
build_tree "$build" all -DCMAKE_BUILD_TYPE=Release
mkdir -p "$results"
for section in "${sections[@]}"; do
  declare -F "section_$section" >/dev/null ||
    die "section '$section': expected one of ${all_sections[*]}" 64
  say "== $section"
  "section_$section"
done

[ ${#failures[@]} = 0 ] || printf 'failed: %s\n' "${failures[@]}"
say "total"
echo "$passed passed, $failed failed"
[ $failed = 0 ]
