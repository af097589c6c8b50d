# The lit suite: every .mlir and .test file under test/. See test/README.md.
import os
import platform

import lit.formats

config.name = "gemma"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir", ".test"]
# A test that hangs is a failure, not a run without end (seconds).
lit_config.maxIndividualTestTime = 600
# Python tests, model files and the out-of-tree suite have their own runners.
config.excludes = ["e2e", "models", "reference", "plugin", "Inputs",
                   "CMakeLists.txt", "README.md"]
config.test_source_root = os.path.join(config.gemma_source_dir, "test")
config.test_exec_root = os.path.join(config.gemma_build_dir, "test", "lit")

bin_dir = os.path.join(config.gemma_build_dir, "bin")
lib_dir = os.path.join(config.gemma_build_dir, "lib")
config.environment["PATH"] = os.pathsep.join(
    [bin_dir, config.llvm_bin_dir, os.environ["PATH"]])
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"
# A CUDA toolkit that happens to be installed would change what is linked.
config.environment.pop("CUDA_HOME", None)

config.substitutions += [
    ("%{bin}", bin_dir),
    ("%{lib}", lib_dir),
    ("%{source}", config.gemma_source_dir),
    ("%{python}", "/usr/bin/python3"),
    ("%{tiny}", os.path.join(config.gemma_source_dir,
                             "test", "models", "tiny-gemma-it")),
]

config.available_features.add(platform.machine())
# Sizes and timings mean nothing in an instrumented build.
if not config.coverage:
    config.available_features.add("release")
for tool in os.listdir(bin_dir) if os.path.isdir(bin_dir) else []:
    config.available_features.add(tool)
if os.path.exists(os.path.join(lib_dir, "libStubLibcuda.so")):
    config.available_features.add("stub-libcuda")
for folder in os.environ["PATH"].split(os.pathsep):
    if os.path.exists(os.path.join(folder, "qemu-x86_64")):
        config.available_features.add("qemu-x86_64")
