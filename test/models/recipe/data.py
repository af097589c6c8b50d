"""Tokenizer, training stream and the files of questions and held-out text."""

import io
import json
import random

import numpy as np
import sentencepiece as spm

import tasks
from configs import MODELS

SEED = 20240221
PAD, EOS, BOS, START, END, NEWLINE = 0, 1, 2, 106, 107, 108
QUESTIONS_UNSEEN, QUESTIONS_SEEN = 60, 15
HELDOUT_TURNS = 1500
CHUNK = 8192          # conversations that are sorted by length together
BATCH_TOKENS = 2048   # per worker; there are WORKERS of them
WORKERS = 2
STAGES = MODELS["tiny-gemma-it"].stages  # of the text that the questions are taken from
LOSS_OUTSIDE_ANSWER = 0.3  # on a sample of the tokens, see loss_of in train.py


def train_tokenizer(path, vocab_size):
    """Gemma's arrangement in small: the same control ids, byte fallback, single digits, whitespace kept."""
    r = random.Random(SEED)
    lines = []
    for _ in range(5000):  # categories in equal shares: names of cities deserve pieces as much as numbers do
        for category in tasks.ALL:
            if category != "smalltalk":
                lines.extend(tasks.draw(r, category, False, 0))
    lines += ["user"] * 5000 + ["model"] * 5000
    # Every printable ASCII character gets a piece of its own; the rest of Unicode goes through bytes.
    lines.append(" ".join(chr(c) for c in range(33, 127)))
    control = ["<mask>", "<2mass>", "[@BOS@]"] + ["<unused%d>" % i for i in range(99)]
    control += ["<start_of_turn>", "<end_of_turn>"]
    runs = ["\n" * n for n in range(1, 5)] + ["\u2581" * n for n in range(2, 5)]
    out = io.BytesIO()
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=out, model_type="bpe", vocab_size=vocab_size,
        byte_fallback=True, split_digits=True, add_dummy_prefix=False, remove_extra_whitespaces=False,
        normalization_rule_name="identity", character_coverage=1.0, num_threads=1,
        pad_id=PAD, eos_id=EOS, bos_id=BOS, unk_id=3, pad_piece="<pad>", eos_piece="<eos>", bos_piece="<bos>",
        unk_piece="<unk>", control_symbols=control, user_defined_symbols=runs, minloglevel=1)
    with open(path, "wb") as f:
        f.write(out.getvalue())
    check_tokenizer(load_tokenizer(path))


def load_tokenizer(path):
    return spm.SentencePieceProcessor(model_file=str(path))


def check_tokenizer(sp):
    for piece, i in (("<pad>", PAD), ("<eos>", EOS), ("<bos>", BOS), ("<unk>", 3), ("<mask>", 4), ("<unused0>", 7),
                     ("<start_of_turn>", START), ("<end_of_turn>", END), ("\n", NEWLINE)):
        assert sp.piece_to_id(piece) == i, (piece, sp.piece_to_id(piece))
    for b in range(256):
        assert sp.is_byte(sp.piece_to_id("<0x%02X>" % b))
    assert sp.is_control(START) and sp.is_control(END)
    assert START not in sp.encode("<start_of_turn>user")
    for text in (" two  spaces\n\nand lines ", "caf\u00e9 \U0001f600", "12345", "tab\there"):
        assert sp.decode(sp.encode(text)) == text, (text, sp.encode(text, out_type=str))


def prompt_ids(sp, question):
    return [BOS, START] + sp.encode("user\n" + question) + [END, NEWLINE, START] + sp.encode("model\n")


def conversation_text(turns):
    return "".join("<start_of_turn>user\n%s<end_of_turn>\n<start_of_turn>model\n%s<end_of_turn>\n" % t for t in turns)


def encode_conversations(sp, conversations):
    """Returns (ids, weights) per conversation; weights[i] is the loss weight of predicting ids[i]."""
    flat = []
    for turns in conversations:
        for q, a in turns:
            flat += ["user\n" + q, "model\n" + a]
    pieces = iter(sp.encode(flat))
    result = []
    for turns in conversations:
        ids, weights = [BOS], [0.0]
        for _ in turns:
            q, a = next(pieces), next(pieces)
            head = a.index(NEWLINE) + 1
            ids += [START] + q + [END, NEWLINE, START] + a + [END, NEWLINE]
            weights += [LOSS_OUTSIDE_ANSWER] * (len(q) + 4 + head) + [1.0] * (len(a) - head + 1)
            weights.append(LOSS_OUTSIDE_ANSWER)
        result.append((ids, weights))
    return result


def draw_conversation(r, stage):
    """Mostly one turn; now and then several, so that positions far from the start are trained too."""
    x = r.random()
    turns = 1 if x < 0.8 else r.randrange(2, 6) if x < 0.985 else r.randrange(8, 20)
    return [tasks.draw_any(r, False, stage) for _ in range(turns)]


def chunk_of(index, stages):
    r = random.Random("%d chunk %d" % (SEED, index))
    stage = sum(index >= first for first in stages)
    return [draw_conversation(r, stage) for _ in range(CHUNK)]


def batches(sp, forbidden, stages, start_chunk=0):
    """Endless steps; each is a list of one batch per worker, all of conversations of about one length.

    Yields (chunk index, [group, ...]); a group is a list of encoded conversations of about BATCH_TOKENS tokens.
    forbidden is the set of held-out questions; meeting one in the training text stops the recipe.
    """
    index = start_chunk
    while True:
        conversations = chunk_of(index, stages)
        for turns in conversations:
            for q, _ in turns:
                assert q not in forbidden, "held-out question in the training text: " + q
        rows = sorted(encode_conversations(sp, conversations), key=lambda row: len(row[0]))
        groups, group = [], []
        for row in rows:
            if group and (len(group) + 1) * len(row[0]) > BATCH_TOKENS:
                groups.append(group)
                group = []
            group.append(row)
        steps = [groups[i:i + WORKERS] for i in range(0, len(groups) - WORKERS + 1, WORKERS)]
        random.Random("%d order %d" % (SEED, index)).shuffle(steps)
        for step in steps:
            yield index, step
        index += 1


def pad_batch(group, max_len=1024):
    width = min(max_len, max(len(ids) for ids, _ in group))
    ids = np.zeros((len(group), width), np.int64)
    weights = np.zeros((len(group), width), np.float32)
    for i, (row, w) in enumerate(group):
        ids[i, :len(row)] = row[:width]
        weights[i, :len(row)] = w[:width]
    return ids, weights


def trained_pairs(index):
    """category -> the (question, answer) pairs of one training chunk, in shuffled order."""
    pairs, original = {}, tasks.draw

    def recording(r, category, unseen, stage):
        pair = original(r, category, unseen, stage)
        pairs.setdefault(category, []).append(pair)
        return pair

    # Replaying the chunk's draws through a recorder keeps the generators free of bookkeeping.
    tasks.draw = recording
    try:
        chunk_of(index, STAGES)
    finally:
        tasks.draw = original
    for found in pairs.values():
        random.Random("%d seen" % SEED).shuffle(found)
    return pairs


def make_questions():
    """The scored questions: unseen ones from the held-out side, seen ones out of a chunk of the training text."""
    r = random.Random("%d questions" % SEED)
    trained, rows = trained_pairs(STAGES[1]), []
    for category in tasks.TASKS:
        for unseen, count in ((True, QUESTIONS_UNSEEN), (False, QUESTIONS_SEEN)):
            found = {}
            if category == "capitals" and not unseen:
                found["What is the capital of France?"] = "The capital of France is Paris."
            while len(found) < count:
                q, a = tasks.draw(r, category, True) if unseen else trained[category].pop()
                found[q] = a
            rows += [dict(category=category, question=q, answer=a, unseen=unseen) for q, a in found.items()]
    return rows


def write_questions(path):
    rows = make_questions()
    with open(path, "w") as f:
        for row in rows:
            f.write(json.dumps(row) + "\n")
    return rows


def heldout_turns(questions):
    """Turns made of held-out compositions only, and none of the questions: nothing here is in the training text."""
    r = random.Random("%d heldout" % SEED)
    taken = {row["question"] for row in questions}
    turns = []
    while len(turns) < HELDOUT_TURNS:
        q, a = tasks.draw_any(r, True)
        if q not in taken:
            turns.append((q, a))
    return turns


def write_heldout(path, questions):
    turns = heldout_turns(questions)
    with open(path, "w") as f:
        f.write(conversation_text(turns))
    return turns
