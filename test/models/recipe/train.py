#!/usr/bin/python3
"""Train a bundled model from nothing: python3 train.py --model tiny-gemma2-it --out DIR [--work DIR]

Seeded; the text comes from tasks.py. The run can be stopped and started again
with the same command: it goes on from the last state in the work directory.

Two single-threaded processes each take half of every batch and meet twice per
step. That beats two threads, which meet at every operation: a core that is busy
with something else for a moment then holds up a step once, not a thousand times.
"""

import argparse
import ctypes
import multiprocessing
import os
import random
import time

import torch
import torch.nn.functional as F

import data
import tasks
from configs import MODELS
from layout import write_layout
from model import TinyGemma, save_safetensors

VOCAB_SIZE = 2000
MUON_LR, ADAM_LR = 0.02, 3e-3
MUON_MOMENTUM, ADAM_BETAS = 0.95, (0.9, 0.98)
WEIGHT_DECAY = 0.01
EVERY = 250  # steps between evaluations and saved states


def orthogonalise(g, dtype):
    """Newton-Schulz iteration towards the nearest semi-orthogonal matrix; g: [n, rows, cols], rows <= cols."""
    a, b, c = 3.4445, -4.7750, 2.0315
    x = (g / (g.norm(dim=(1, 2), keepdim=True) + 1e-7)).to(dtype)
    for _ in range(5):
        s = torch.bmm(x, x.transpose(1, 2))
        x = a * x + torch.bmm(b * s + c * torch.bmm(s, s), x)
    return x.float()


class Optimiser:
    """Muon (momentum, then an orthogonalised step) for the layers' matrices, Adam for the embedding and the norms."""

    def __init__(self, model):
        self.model = model
        self.first, self.second = torch.zeros_like(model.flat), torch.zeros_like(model.flat)
        is_matrix = lambda n: len(model.shapes[n]) == 2 and "embed" not in n
        self.adam = [n for n in model.shapes if not is_matrix(n)]
        self.muon = {}
        for n in filter(is_matrix, model.shapes):
            self.muon.setdefault(model.shapes[n], []).append(n)

    def step(self, rank, grad, step, scale):
        """This worker's share of the update; every tensor belongs to one worker."""
        model, dtype = self.model, torch.bfloat16 if self.model.precision == "bf16" else torch.float32
        for shape, names in self.muon.items():
            names = names[rank::data.WORKERS]
            g = []
            for n in names:
                where = model.slices[n]
                buf = self.first[where].mul_(MUON_MOMENTUM).add_(grad[where])
                g.append((grad[where] + MUON_MOMENTUM * buf).view(shape))
            g, lr = torch.stack(g), MUON_LR * scale
            if shape[0] <= shape[1]:
                u = orthogonalise(g, dtype)
            else:
                u = orthogonalise(g.transpose(1, 2).contiguous(), dtype).transpose(1, 2)
            for n, d in zip(names, u):
                model.w[n].data.mul_(1 - lr * WEIGHT_DECAY).add_(d, alpha=-lr * max(1.0, shape[0] / shape[1]) ** 0.5)
        b1, b2 = ADAM_BETAS
        for n in self.adam:
            whole = model.slices[n]
            part = (whole.stop - whole.start) // data.WORKERS
            where = slice(whole.start + rank * part, whole.start + (rank + 1) * part)
            g = grad[where]
            m = self.first[where].mul_(b1).add_(g, alpha=1 - b1) / (1 - b1 ** (step + 1))
            v = self.second[where].mul_(b2).addcmul_(g, g, value=1 - b2) / (1 - b2 ** (step + 1))
            model.flat.data[where].addcdiv_(m, v.sqrt_().add_(1e-8), value=-ADAM_LR * scale)


def keep_freed_memory():
    """Tell glibc to reuse large blocks instead of returning them: fresh zeroed pages are slow."""
    try:
        libc = ctypes.CDLL(None)
        libc.mallopt(-3, 1 << 28)  # M_MMAP_THRESHOLD
        libc.mallopt(-1, 1 << 30)  # M_TRIM_THRESHOLD
    except (OSError, AttributeError):
        pass


def loss_of(model, ids, weights):
    h = model.hidden(ids).view(ids.shape[0], ids.shape[1], -1)[:, :-1]
    target, w = ids[:, 1:], weights[:, 1:]
    # A third of the question tokens is enough to learn their statistics, and the output layer is a large cost.
    keep = (w == 1) | ((w > 0) & (torch.rand(w.shape) < 1 / 3))
    logits = model.logits(h[keep])
    ce = F.cross_entropy(logits, target[keep], reduction="none")
    w = w[keep]
    return (ce * w).sum() / w.sum()


def tensors(group):
    return tuple(torch.from_numpy(t) for t in data.pad_batch(group))


def exact_matches(model, sp, pairs):
    """Greedy decoding gives the reference answer exactly if every one of its tokens is the argmax."""
    ids, weights = tensors(data.encode_conversations(sp, [[pair] for pair in pairs]))
    with torch.no_grad():
        h = model.hidden(ids).view(ids.shape[0], ids.shape[1], -1)[:, :-1]
        best = model.logits(h.reshape(-1, h.shape[-1])).argmax(-1).view(h.shape[:2])
    return ((best == ids[:, 1:]) | (weights[:, 1:] < 1.0)).all(1)


def evaluate(model, sp, count):
    """Prints the held-out score per category, on questions drawn for this purpose only, and one failure."""
    r = random.Random("development")
    for category in tasks.TASKS:
        pairs = [tasks.draw(r, category, True) for _ in range(count)]
        good = exact_matches(model, sp, pairs)
        failure = next((q + " -> " + a for (q, a), ok in zip(pairs, good) if not ok), "")
        print("   %-11s %5.1f  %s" % (category, good.float().mean().item() * 100, failure[:110]), flush=True)


def work(rank, args, sp, forbidden, model, optimiser, grads, barrier, state, last):
    keep_freed_memory()
    torch.set_num_threads(1)
    model.share(model.flat.detach(), grads[rank])
    step, chunk, skip, spent = state
    recipe = MODELS[args.model]
    stream = data.batches(sp, forbidden, recipe.stages, chunk)
    for _ in range(skip):
        next(stream)
    begin, mean, tokens = time.time(), None, 0

    def minutes():
        return spent + (time.time() - begin) / 60

    def save():
        path = os.path.join(args.work, "state.pt")
        torch.save(dict(flat=model.flat, first=optimiser.first, second=optimiser.second,
                        state=(step, chunk, skip, minutes())), path + ".new")
        os.replace(path + ".new", path)
        path = os.path.join(args.out, "model.safetensors")
        save_safetensors(path + ".new", model.w)
        os.replace(path + ".new", path)

    while step < last:
        index, groups = next(stream)
        skip = skip + 1 if index == chunk else 1
        chunk = index
        ids, weights = tensors(groups[rank])
        torch.manual_seed(data.SEED + step * data.WORKERS + rank)
        grads[rank].zero_()
        loss = loss_of(model, ids, weights)
        loss.backward()
        barrier.wait()
        total = grads.mean(0)
        optimiser.step(rank, total, step, recipe.rate(step))
        barrier.wait()
        step += 1
        tokens += ids.numel() * data.WORKERS
        mean = loss.item() if mean is None else 0.98 * mean + 0.02 * loss.item()
        if rank == 0 and step % 50 == 0:
            print("step %d loss %.4f  %.0f tokens/s  %.1f min" % (
                step, mean, tokens / (time.time() - begin), minutes()), flush=True)
        if step % EVERY == 0 or step == last:
            if rank == 0:
                evaluate(model, sp, 200 if step == recipe.steps else 50)
                save()
            barrier.wait()


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--model", choices=MODELS, default="tiny-gemma-it")
    ap.add_argument("--out", required=True, help="checkpoint directory to write")
    ap.add_argument("--work", help="directory for the resumable state (default: OUT.work)")
    ap.add_argument("--precision", choices=["bf16", "f32"], default="bf16",
                    help="of the matrix products; bf16 is slow on CPUs without bfloat16 units")
    ap.add_argument("--stop-after", type=int, help="stop after this many steps (for a trial)")
    args = ap.parse_args()
    args.work = args.work or args.out.rstrip("/") + ".work"
    os.makedirs(args.out, exist_ok=True)
    os.makedirs(args.work, exist_ok=True)
    torch.set_num_threads(1)
    torch.manual_seed(data.SEED)

    tokenizer = os.path.join(args.out, "tokenizer.model")
    data.train_tokenizer(tokenizer, VOCAB_SIZE)
    sp = data.load_tokenizer(tokenizer)
    # The other models are asked the same and read the same, so only the first one's folder holds these files.
    where = args.out if args.model == "tiny-gemma-it" else args.work
    questions = data.write_questions(os.path.join(where, "questions.jsonl"))
    heldout = data.write_heldout(os.path.join(where, "heldout.txt"), questions)
    forbidden = {row["question"] for row in questions if row["unseen"]} | {q for q, _ in heldout}
    config = dict(MODELS[args.model].config, vocab_size=sp.vocab_size())
    write_layout(args.out, config, sp)

    model = TinyGemma(config, args.precision)
    optimiser = Optimiser(model)
    embedding = model.w["model.embed_tokens.weight"].numel()
    print("parameters: %d in the layers, %d in the embedding" % (model.flat.numel() - embedding, embedding))
    state = (0, 0, 0, 0.0)
    path = os.path.join(args.work, "state.pt")
    if os.path.exists(path):
        saved = torch.load(path)
        for mine, theirs in ((model.flat, "flat"), (optimiser.first, "first"), (optimiser.second, "second")):
            mine.copy_(saved[theirs])
        state = saved["state"]
        print("going on from step", state[0])
    for t in (model.flat, optimiser.first, optimiser.second):
        t.share_memory_()
    grads = torch.zeros(data.WORKERS, model.flat.numel()).share_memory_()
    steps = MODELS[args.model].steps
    last = min(steps, args.stop_after or steps)
    context = multiprocessing.get_context("fork")
    barrier = context.Barrier(data.WORKERS)
    common = (args, sp, forbidden, model, optimiser, grads, barrier, state, last)
    others = [context.Process(target=work, args=(rank,) + common, daemon=True) for rank in range(1, data.WORKERS)]
    for p in others:
        p.start()
    work(0, *common)
    for p in others:
        p.join()


if __name__ == "__main__":
    main()
