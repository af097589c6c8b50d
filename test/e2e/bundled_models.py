"""The bundled models: three families, one tokenizer, the same questions.

A test that runs on one of them runs on all, unless the model does not matter.
"""

import dataclasses
import functools
import os

import sentencepiece

from gemma_tools import MODELS as FOLDER
from gemma_tools import new_directory

BOS, EOS, START, END, NEWLINE = 2, 1, 106, 107, 108


@dataclasses.dataclass(frozen=True)
class BundledModel:
    name: str
    family: str
    chat_format: str
    perplexity: float  # of the held-out text, as its README states

    @property
    def path(self):
        return os.path.join(FOLDER, self.name)


MODELS = (
    BundledModel("tiny-gemma-it", "gemma", "gemma", 1.81),
    BundledModel("tiny-gemma2-it", "gemma2", "gemma", 1.77),
    BundledModel("tiny-gemma3-it", "gemma3", "gemma3", 1.79),
)
FIRST = MODELS[0]
# All are asked the same and read the same, which lies in the first folder.
QUESTIONS = os.path.join(FIRST.path, "questions.jsonl")
HELDOUT = os.path.join(FIRST.path, "heldout.txt")


def excerpt(size):
    """A file with the first `size` characters of the held-out text."""
    path = os.path.join(new_directory("text"), "text.txt")
    with open(HELDOUT) as source, open(path, "w") as target:
        target.write(source.read(size))
    return path


@functools.lru_cache(maxsize=None)
def tokenizer():
    """The library that Gemma's own code calls, for the tokens of a text."""
    return sentencepiece.SentencePieceProcessor(
        model_file=os.path.join(FIRST.path, "tokenizer.model"))


def chat(question):
    """Ids of a question in Gemma's chat format, up to where the model speaks."""
    encode = tokenizer().encode
    return ([BOS, START] + encode("user\n" + question) + [END, NEWLINE, START]
            + encode("model\n"))
