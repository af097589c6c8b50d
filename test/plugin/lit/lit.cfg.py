# A lit suite out of tree, to copy beside a plugin of your own. Run it with
#   lit -v --param prefix=<install prefix> --param plugin=<plugin.so> <this dir>
import os

import lit.formats

config.name = "gemma-plugin"
config.test_format = lit.formats.ShTest(execute_external=False)
config.suffixes = [".mlir"]
config.test_source_root = os.path.dirname(__file__)
config.test_exec_root = os.path.join(
    os.path.dirname(os.path.abspath(lit_config.params["plugin"])), "lit")

llvm_bin = lit_config.params.get("llvm_bin", "/usr/lib/llvm-22/bin")
config.environment["PATH"] = os.pathsep.join(
    [os.path.join(lit_config.params["prefix"], "bin"), llvm_bin,
     os.environ["PATH"]])
config.environment["FILECHECK_OPTS"] = "-enable-var-scope"
config.substitutions.append(
    ("%{plugin}", os.path.abspath(lit_config.params["plugin"])))
