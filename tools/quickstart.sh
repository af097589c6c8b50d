#!/bin/bash
# From a bare Debian 12 to an answer: packages, build, model, one question.
# May be run again at any time; what is there already is kept.
set -euo pipefail
. "$(dirname "$0")/setup.sh"

install_packages build
build_tree "$root/build" GemmaTools -DCMAKE_BUILD_TYPE=Release
compile_bundled_model

question="What is the capital of France?"
say "asking: $question"
"$root/build/bin/gemma-run" "$root/build/tiny-gemma-it.gemma" "$question"
say "done; ask more: build/bin/gemma-run build/tiny-gemma-it.gemma PROMPT"
