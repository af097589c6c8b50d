"""Reads and writes safetensors files and sharded Hugging Face checkpoints.

Written from the format's description, not from the compiler's importer, so
that a misreading in one is caught by the other.  A file is an 8-byte
little-endian header length, a JSON header, then the tensors' bytes.
"""

import json
import os
import struct

import numpy as np

# bf16 has no NumPy type: its bits are kept as uint16.
STORAGE = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"),
           "F16": np.dtype("<f2"), "BF16": np.dtype("<u2")}


def bf16_bits(values):
    """Rounds floats to the nearest bf16 (ties to even); returns uint16 bits."""
    bits = np.asarray(values, np.float32, order="C").view(np.uint32)
    rounding = np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1))
    return ((bits + rounding) >> np.uint32(16)).astype(np.uint16)


def bf16_to_float32(bits):
    """Expands bf16 bits to float32, exactly."""
    return (np.asarray(bits).astype(np.uint32) << np.uint32(16)).view(np.float32)


def round_to_bf16(values):
    """The nearest bf16 of each value, as float64."""
    return bf16_to_float32(bf16_bits(values)).astype(np.float64)


def encode(values, dtype):
    """Floats as the stored array of a safetensors dtype name."""
    if dtype == "BF16":
        return bf16_bits(values)
    return np.ascontiguousarray(values, dtype=STORAGE[dtype])


def decode(stored, dtype):
    """A stored array as float64, exactly."""
    if dtype == "BF16":
        return bf16_to_float32(stored).astype(np.float64)
    return np.asarray(stored).astype(np.float64)


class SafetensorsFile:
    """One memory-mapped safetensors file."""

    def __init__(self, path):
        self.path = path
        with open(path, "rb") as file:
            (header_size,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(header_size))
        header.pop("__metadata__", None)
        self.entries = header
        self._data_start = 8 + header_size

    def names(self):
        return list(self.entries)

    def dtype(self, name):
        return self.entries[name]["dtype"]

    def stored(self, name):
        """The tensor as stored, mapped and not copied."""
        entry = self.entries[name]
        storage = STORAGE[entry["dtype"]]
        begin, end = entry["data_offsets"]
        shape = tuple(entry["shape"])
        if end - begin != int(np.prod(shape, dtype=np.int64)) * storage.itemsize:
            raise ValueError(f"{self.path}: {name}: bytes do not match shape")
        return np.memmap(self.path, dtype=storage, mode="r",
                         offset=self._data_start + begin, shape=shape)


class Checkpoint:
    """All tensors of a Hugging Face checkpoint directory, sharded or not."""

    def __init__(self, directory):
        self.directory = directory
        with open(os.path.join(directory, "config.json")) as file:
            self.config = json.load(file)
        index = os.path.join(directory, "model.safetensors.index.json")
        if os.path.exists(index):
            with open(index) as file:
                shard_of = json.load(file)["weight_map"]
        else:
            single = "model.safetensors"
            names = SafetensorsFile(os.path.join(directory, single)).names()
            shard_of = dict.fromkeys(names, single)
        files = {shard: SafetensorsFile(os.path.join(directory, shard))
                 for shard in set(shard_of.values())}
        self._file_of = {name: files[shard] for name, shard in shard_of.items()}

    def names(self):
        return list(self._file_of)

    def __contains__(self, name):
        return name in self._file_of

    def dtype(self, name):
        return self._file_of[name].dtype(name)

    def stored(self, name):
        return self._file_of[name].stored(name)

    def tensor(self, name):
        """The tensor's exact values as float64."""
        return decode(self.stored(name), self.dtype(name))


def write_file(path, tensors):
    """Writes one safetensors file.

    `tensors` is a list of (name, dtype, shape, blocks); `blocks` iterates over
    stored arrays that follow each other in row-major order, so that a tensor
    larger than memory can be written.
    """
    header, offset = {}, 0
    for name, dtype, shape, _ in tensors:
        size = int(np.prod(shape, dtype=np.int64)) * STORAGE[dtype].itemsize
        header[name] = {"dtype": dtype, "shape": list(shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)))
        file.write(text)
        for name, dtype, shape, blocks in tensors:
            begin = file.tell()
            for block in blocks:
                if block.dtype != STORAGE[dtype]:
                    raise TypeError(f"{name}: block is {block.dtype}, not {dtype}")
                file.write(memoryview(np.ascontiguousarray(block)).cast("B"))
            first, last = header[name]["data_offsets"]
            if file.tell() - begin != last - first:
                raise ValueError(f"{name}: blocks do not fill the shape {shape}")


def write_shards(directory, tensors, shards):
    """Writes tensors as `shards` files; an index.json where there are several."""
    if shards == 1:
        write_file(os.path.join(directory, "model.safetensors"), tensors)
        return
    # Tensors are dealt in turn: neighbours of one layer lie in different
    # files, which is what an importer must not stumble over.
    weight_map = {}
    for shard in range(shards):
        name = f"model-{shard + 1:05d}-of-{shards:05d}.safetensors"
        part = tensors[shard::shards]
        write_file(os.path.join(directory, name), part)
        weight_map.update((tensor[0], name) for tensor in part)
    total = sum(int(np.prod(shape, dtype=np.int64)) * STORAGE[dtype].itemsize
                for _, dtype, shape, _ in tensors)
    with open(os.path.join(directory, "model.safetensors.index.json"), "w") as file:
        json.dump({"metadata": {"total_size": total}, "weight_map": weight_map},
                  file, indent=1, sort_keys=True)
        file.write("\n")
