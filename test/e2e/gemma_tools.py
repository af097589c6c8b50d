"""Runs the built tools and compares what they compute with the reference.

Artifacts, checkpoints and reference logits are made once per run of a test
file, in a temporary directory that is removed at the end (kept, and its path
printed, if GEMMA_KEEP is set).
"""

import atexit
import dataclasses
import functools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile

import numpy as np

E2E = os.path.dirname(os.path.abspath(__file__))
REPOSITORY = os.path.dirname(os.path.dirname(E2E))
sys.path.insert(0, os.path.join(REPOSITORY, "test", "reference"))
from gemma_reference import GemmaReference  # noqa: E402
from random_checkpoint import write_checkpoint  # noqa: E402

BUILD = os.environ.get("GEMMA_BUILD", os.path.join(REPOSITORY, "build"))
MODELS = os.path.join(REPOSITORY, "test", "models")
PHASES = ("import", "fuse", "pack", "bufferize", "dispatch", "codegen", "llvm",
          "emit")
# Phases whose dumps still hold gemma ops, which the interpreter runs.
INTERPRETED = PHASES[:5]
# Largest error allowed, as a share of the range of the logits.
TOLERANCE = {"f32": 1e-5, "bf16": 2e-2}


class ToolFailure(AssertionError):
    """A tool ended otherwise than the test expected."""


def tool(name):
    path = os.path.join(BUILD, "bin", name)
    if not os.access(path, os.X_OK):
        raise ToolFailure(f"tool not built: {path} (set GEMMA_BUILD)")
    return path


def run(name, *arguments, status=0, timeout=600, **options):
    """Runs a tool; fails with its command line and stderr if its exit status
    is not `status` (None accepts any)."""
    command = [tool(name), *map(str, arguments)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=timeout, **options)
    if status is not None and done.returncode != status:
        shown = shlex.join(command)
        raise ToolFailure(
            f"exit status {done.returncode}, expected {status}\n"
            f"$ {shown if len(shown) < 2000 else shown[:2000] + ' …'}\n"
            f"{done.stderr[-4000:]}")
    return done


@functools.lru_cache(maxsize=None)
def work_directory():
    """The temporary directory of this run."""
    path = tempfile.mkdtemp(prefix="gemma-e2e-")
    if os.environ.get("GEMMA_KEEP"):
        print("kept:", path, file=sys.stderr)
    else:
        atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def new_directory(name):
    return tempfile.mkdtemp(prefix=name + "-", dir=work_directory())


_checkpoints = {}


def checkpoint(spec):
    """Directory of the random checkpoint of a CheckpointSpec."""
    key = dataclasses.astuple(spec)
    if key not in _checkpoints:
        _checkpoints[key] = write_checkpoint(new_directory("checkpoint"), spec)
    return _checkpoints[key]


def flags(**options):
    """max_rows=4, head=True -> --max-rows=4 --head; None is left out."""
    result = []
    for name, value in options.items():
        option = "--" + name.replace("_", "-").replace("q4-0", "q4_0")
        if value is True:
            result.append(option)
        elif value is not None and value is not False:
            result.append(f"{option}={value}")
    return result


@functools.lru_cache(maxsize=None)
def compile_artifact(checkpoint_directory, **options):
    """Path of the artifact of a checkpoint; one compile per set of options."""
    path = os.path.join(new_directory("artifact"), "model.gemma")
    run("gemma-compile", checkpoint_directory, "-o", path, *flags(**options))
    return path


@functools.lru_cache(maxsize=None)
def dumps(checkpoint_directory, **options):
    """{phase: path} of the dumps of a compile, and under "emit" the artifact;
    with compile_to=PHASE only up to that one."""
    directory = new_directory("dumps")
    last = PHASES.index(options.get("compile_to", "emit")) + 1
    artifact = os.path.join(new_directory("artifact"), "model.gemma")
    run("gemma-compile", checkpoint_directory, "-o", artifact,
        f"--dump-phases-to={directory}", *flags(**options))
    paths = {phase: os.path.join(directory, f"model.{index}.{phase}.mlir")
             for index, phase in enumerate(PHASES[:-1], 1)
             if index <= last}
    for path in paths.values():
        if not os.path.exists(path):
            raise ToolFailure(f"dump missing: {path}; found {os.listdir(directory)}")
    return {**paths, "emit": artifact} if last == len(PHASES) else paths


def comma(tokens):
    return ",".join(map(str, tokens))


def logits(artifact, tokens, **options):
    """float32 [tokens, vocab] of `gemma-eval logits`."""
    path = os.path.join(new_directory("logits"), "out.npy")
    run("gemma-eval", "logits", artifact, "--tokens=" + comma(tokens), "-o",
        path, *flags(**options))
    return _checked(path, tokens)


def interpreted_logits(dump, tokens, **options):
    """[tokens, vocab] of the dialect's interpreter on a dump; the options are
    those of its pass."""
    path = os.path.join(new_directory("interpreted"), "out.npy")
    run("gemma-opt", dump,
        " ".join([f"--gemma-interpret=tokens={comma(tokens)} output={path}",
                  *(f"{name}={value}" for name, value in options.items())]),
        "-o", os.devnull)
    return _checked(path, tokens)


def _checked(path, tokens):
    result = np.load(path)
    if result.ndim != 2 or len(result) != len(tokens):
        raise ToolFailure(f"{path}: shape {result.shape} for {len(tokens)} tokens")
    return result


@functools.lru_cache(maxsize=None)
def reference(checkpoint_directory):
    return GemmaReference.load(checkpoint_directory)


@functools.lru_cache(maxsize=None)
def _expected(checkpoint_directory, tokens):
    return reference(checkpoint_directory).forward(tokens)


def expected_logits(checkpoint_directory, tokens):
    """float64 [tokens, vocab] of the reference."""
    return _expected(checkpoint_directory, tuple(tokens))


def relative_error(actual, expected):
    """Largest error as a share of the range of all expected logits.

    Anything not finite counts as infinitely wrong.
    """
    if actual.shape != expected.shape:
        raise ToolFailure(f"shape {actual.shape}, expected {expected.shape}")
    if not np.isfinite(actual).all():
        return np.inf
    difference = np.abs(actual.astype(np.float64) - expected)
    return float(difference.max() / np.ptp(expected))


def random_tokens(count, vocab, seed=0):
    return np.random.default_rng([seed, count]).integers(0, vocab, count).tolist()


def require(*names):
    """For setUpModule: says at once which tool is not there."""
    for name in names:
        tool(name)
