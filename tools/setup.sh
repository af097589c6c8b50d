# Set-up shared by tools/quickstart.sh and test/run.sh: packages, builds, the
# bundled model. To be sourced by bash; every function may be called again and
# does only what is missing.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
started=$SECONDS

# One line per step, with the time since the start.
say() { printf '[%3d s] %s\n' $((SECONDS - started)) "$*"; }

# The one error line of a script: message, then exit code.
die() {
  printf 'error: %s\n' "$1" >&2
  exit "${2:-69}"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "packages: expected root or sudo to install them, found neither"
  fi
}

# missing_packages STAGE...: the packages of these stages that dpkg lacks.
missing_packages() {
  local stage name
  while read -r stage name; do
    case " $* " in *" $stage "*) ;; *) continue ;; esac
    # One line per architecture; one installed is enough.
    case $(dpkg-query -W -f '<${db:Status-Status}>' "$name" 2>/dev/null) in
      *"<installed>"*) ;;
      *) printf '%s\n' "$name" ;;
    esac
  done < <(grep -v '^#' "$root/tools/packages.txt")
}

# install_packages STAGE...: no network and no root needed if all are there.
install_packages() {
  local missing log candidate
  mapfile -t missing < <(missing_packages "$@")
  if [ ${#missing[@]} = 0 ]; then
    say "packages: all installed"
    return
  fi
  command -v apt-get >/dev/null ||
    die "packages: expected Debian 12 with apt-get, found none"
  log=$(mktemp)
  say "packages: fetching the lists"
  as_root apt-get update >"$log" 2>&1 || {
    tail -n 5 "$log" >&2
    rm -f "$log"
    die "packages: 'apt-get update' failed, ${#missing[@]} to install"
  }
  rm -f "$log"
  candidate=$(LC_ALL=C apt-cache policy libmlir-22-dev)
  if ! [[ $candidate =~ Candidate:\ [0-9] ]]; then
    die "libmlir-22-dev: expected in Debian's suite bookworm-security, found \
in no source of apt (add that suite to /etc/apt/sources.list)"
  fi
  say "packages: installing ${missing[*]}"
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y \
    --no-install-recommends -q -o Dpkg::Use-Pty=0 "${missing[@]}" |
    grep --line-buffered -E '^(Need to get|Fetched|Setting up lib(mlir|llvm))' ||
    true # apt's own status counts for nothing: what is missing now does
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} = 0 ] ||
    die "packages: expected all installed, still missing: ${missing[*]}"
}

# unpack_sysroot ARCHITECTURE DIR: the packages of the stage of that name,
# unpacked into DIR. Neither root nor a foreign architecture is needed, and
# nothing is installed: dpkg would remove this machine's sentencepiece for that
# of another architecture. apt checks signatures as ever; it keeps what it knows
# of that architecture in a folder of its own.
unpack_sysroot() {
  local architecture=$1 dir=$2 state=$2.apt names
  mapfile -t names < <(sed -n "s/^$architecture //p" "$root/tools/packages.txt")
  [ ${#names[@]} -gt 0 ] ||
    die "sysroot: expected packages of stage '$architecture', found none" 64
  if [ "${names[*]}" = "$(cat "$dir/packages" 2>/dev/null)" ]; then
    say "sysroot: $dir is up to date"
    return
  fi
  say "sysroot: fetching ${names[*]} for $architecture"
  rm -rf "$dir" "$state"
  mkdir -p "$dir" "$state/lists/partial" "$state/archives/partial"
  : >"$state/status"
  local apt=(apt-get -q -o APT::Architecture="$architecture"
    -o APT::Architectures="$architecture" -o APT::Sandbox::User="$(id -un)"
    -o Dir::State="$state" -o Dir::State::status="$state/status"
    -o Dir::Cache="$state" -o Acquire::Languages=none)
  # Sources of others may lack the architecture: the download counts.
  if ! ("${apt[@]}" update; cd "$state/archives" &&
    "${apt[@]}" download "${names[@]}") >"$state/log" 2>&1; then
    tail -n 5 "$state/log" >&2
    die "sysroot: expected apt to fetch ${names[*]} for $architecture"
  fi
  local package
  for package in "$state"/archives/*.deb; do
    dpkg-deb -x "$package" "$dir" || die "sysroot: cannot unpack $package"
  done
  rm -rf "$state"
  printf '%s\n' "${names[*]}" >"$dir/packages"
}

# build_tree DIR TARGET [cmake options]: configure one tree and build a target.
# The lock keeps two scripts out of one tree; GEMMA_BUILD_LOCK names another one
# where several builds must share a machine.
build_tree() {
  local dir=$1 target=$2
  shift 2
  mkdir -p "$dir"
  say "build: $(basename "$dir")"
  (
    flock 9
    # Written to a file: a configuration that works has nothing to tell.
    cmake -G Ninja -S "$root" -B "$dir" "$@" >"$dir/configure.log" 2>&1 || {
      cat "$dir/configure.log" >&2
      die "build: cmake failed in $dir" 70
    }
    NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$dir" -j "$(nproc)" "$target" ||
      die "build: ninja failed in $dir" 70
  ) 9>"${GEMMA_BUILD_LOCK:-$dir/.lock}" || exit $?
}

# build_cross_runtime: gemma-run, gemma-eval, ... for 64-bit Arm, in
# build-aarch64/bin.
build_cross_runtime() {
  local tree=$root/build-aarch64
  install_packages cross
  unpack_sysroot arm64 "$tree/sysroot"
  build_tree "$tree" GemmaTools -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_TOOLCHAIN_FILE="$root/tools/cmake/aarch64-linux-gnu.cmake" \
    -DGEMMA_BUILD_COMPILER=OFF -DGEMMA_BUILD_TESTS=OFF
}

# compile_bundled_model: build/tiny-gemma-it.gemma, again only if the compiler,
# the checkpoint or this machine's CPU changed.
compile_bundled_model() {
  local build=$root/build model=$root/test/models/tiny-gemma-it key
  local output=$build/tiny-gemma-it.gemma
  key=$({
    sha256sum "$build/bin/gemma-compile" "$build"/lib/libGemma*.so.0 \
      "$model"/*.json "$model"/*.safetensors "$model"/tokenizer.model
    grep -m1 '^flags' /proc/cpuinfo
  } | sha256sum)
  if [ -f "$output" ] &&
    [ "$key" = "$(cat "$output.inputs" 2>/dev/null)" ]; then
    say "model: $output is up to date"
    return
  fi
  say "model: compiling $model"
  "$build/bin/gemma-compile" "$model" -o "$output" || exit $?
  printf '%s\n' "$key" >"$output.inputs"
}
