"""Reads and writes GGUF files, versions 2 and 3, whole or split.

Written from the format's description, not from the compiler's importer, so
that a misreading in one is caught by the other. A file is "GGUF", a version,
the number of tensors and of metadata pairs, the pairs, a description of each
tensor, and, from the next multiple of the alignment on, their bytes. All
numbers are little-endian. The first dimension of a tensor is the innermost;
shapes here are the other way round, as NumPy has them.
"""

import dataclasses
import re
import struct
from typing import Any, Tuple

from gguf_blocks import NUMBERS, TYPES, from_bytes, to_bytes

# Types of metadata, by name: number and struct code.
SCALARS = {"u8": (0, "<B"), "i8": (1, "<b"), "u16": (2, "<H"), "i16": (3, "<h"),
           "u32": (4, "<I"), "i32": (5, "<i"), "f32": (6, "<f"),
           "bool": (7, "<?"), "u64": (10, "<Q"), "i64": (11, "<q"),
           "f64": (12, "<d")}
STRING, ARRAY = 8, 9
ALIGNMENT = "general.alignment"


@dataclasses.dataclass(frozen=True)
class Value:
    """A value with its type: "u32", "string", or "[string]" for a list."""
    kind: str
    value: Any


@dataclasses.dataclass(frozen=True)
class Tensor:
    name: str
    kind: str
    shape: Tuple[int, ...]
    data: bytes


def tensor(name, values, kind="F32"):
    """A tensor of an array's values by the plain quantiser of a type."""
    return Tensor(name, kind, tuple(values.shape), to_bytes(values, kind))


# ----------------------------------------------------------------------------
# Writing
# ----------------------------------------------------------------------------

def text(value):
    value = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(value)) + value


def kind_number(kind):
    if kind.startswith("["):
        return ARRAY
    return STRING if kind == "string" else SCALARS[kind][0]


def encode_value(kind, value):
    """The bytes of a value, without its type."""
    if kind.startswith("["):
        inner = kind[1:-1]
        return (struct.pack("<IQ", kind_number(inner), len(value))
                + b"".join(encode_value(inner, each) for each in value))
    return text(value) if kind == "string" else struct.pack(SCALARS[kind][1],
                                                            value)


def pair(key, value):
    return (text(key) + struct.pack("<I", kind_number(value.kind))
            + encode_value(value.kind, value.value))


def tensor_info(name, shape, number, offset):
    return (text(name) + struct.pack("<I", len(shape))
            + b"".join(struct.pack("<Q", size) for size in reversed(shape))
            + struct.pack("<IQ", number, offset))


def header(tensors, pairs, version=3):
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs)


def padding(size, alignment):
    return b"\0" * (-size % alignment)


def encode_file(metadata, tensors, version=3, alignment=32):
    """Bytes of a file; `metadata` is {key: Value}."""
    metadata = dict(metadata)
    if alignment != 32:
        metadata[ALIGNMENT] = Value("u32", alignment)
    head = header(len(tensors), len(metadata), version)
    head += b"".join(pair(key, value) for key, value in metadata.items())
    data = b""
    for each in tensors:
        head += tensor_info(each.name, each.shape, TYPES[each.kind].number,
                            len(data))
        data += each.data + padding(len(each.data), alignment)
    return head + padding(len(head), alignment) + data


def write_file(path, metadata, tensors, **options):
    with open(path, "wb") as file:
        file.write(encode_file(metadata, tensors, **options))
    return path


def split_name(stem, number, count):
    return f"{stem}-{number + 1:05d}-of-{count:05d}.gguf"


def write_split(stem, metadata, tensors, count, **options):
    """Writes STEM-00001-of-0000N.gguf and so on; gives the first one's path.
    The metadata is in the first file."""
    first = split_name(stem, 0, count)
    for number in range(count):
        pairs = dict(metadata) if number == 0 else {}
        pairs["split.no"] = Value("u16", number)
        pairs["split.count"] = Value("u16", count)
        pairs["split.tensors.count"] = Value("i32", len(tensors))
        write_file(split_name(stem, number, count), pairs,
                   tensors[number::count], **options)
    return first


# ----------------------------------------------------------------------------
# Reading
# ----------------------------------------------------------------------------

class _Cursor:
    def __init__(self, data):
        self.data, self.position = data, 0

    def take(self, size):
        begin = self.position
        if size > len(self.data) - begin:
            raise ValueError(f"{size} bytes at {begin}: the file ends before")
        self.position += size
        return self.data[begin:self.position]

    def unpack(self, code):
        return struct.unpack(code, self.take(struct.calcsize(code)))[0]

    def string(self):
        return self.take(self.unpack("<Q"))

    def value(self, number):
        if number == ARRAY:
            inner, count = self.unpack("<I"), self.unpack("<Q")
            items = [self.value(inner) for _ in range(count)]
            return Value(f"[{items[0].kind if items else inner}]",
                         [item.value for item in items])
        if number == STRING:
            return Value("string", self.string())
        for kind, (known, code) in SCALARS.items():
            if known == number:
                return Value(kind, self.unpack(code))
        raise ValueError(f"metadata of type {number}")


class GgufFile:
    """One file: version, alignment, metadata ({key: Value}) and tensors."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        cursor = _Cursor(data)
        if cursor.take(4) != b"GGUF":
            raise ValueError(f"{path}: no GGUF file")
        self.version = cursor.unpack("<I")
        if self.version not in (2, 3):
            raise ValueError(f"{path}: version {self.version}")
        tensors, pairs = cursor.unpack("<Q"), cursor.unpack("<Q")
        self.metadata = {}
        for _ in range(pairs):
            key = cursor.string().decode()
            self.metadata[key] = cursor.value(cursor.unpack("<I"))
        places = []
        for _ in range(tensors):
            name, rank = cursor.string().decode(), cursor.unpack("<I")
            shape = tuple(cursor.unpack("<Q") for _ in range(rank))[::-1]
            places.append((name, shape, NUMBERS[cursor.unpack("<I")],
                           cursor.unpack("<Q")))
        value = self.metadata.get(ALIGNMENT)
        self.alignment = value.value if value else 32
        self.data_begin = cursor.position + len(
            padding(cursor.position, self.alignment))
        self.tensors = {}
        for name, shape, kind, offset in places:
            size = kind.bytes
            for dimension in shape:
                size *= dimension
            size //= kind.elements
            begin = self.data_begin + offset
            if offset % self.alignment or begin + size > len(data):
                raise ValueError(f"{path}: {name}: not in the file")
            self.tensors[name] = Tensor(name, kind.name, shape,
                                        data[begin:begin + size])


class Gguf:
    """A file, or with the first one of several, all of them."""

    def __init__(self, path):
        first = GgufFile(path)
        self.metadata, self.tensors = first.metadata, dict(first.tensors)
        split = first.metadata.get("split.count")
        count = split.value if split else 1
        if count > 1:
            stem = re.fullmatch(r"(.*)-\d{5}-of-\d{5}\.gguf", path)[1]
            for number in range(1, count):
                self.tensors.update(
                    GgufFile(split_name(stem, number, count)).tensors)

    def get(self, key, default=None):
        found = self.metadata.get(key)
        return default if found is None else found.value

    def values(self, name):
        """float32 values of a tensor, dequantised."""
        found = self.tensors[name]
        return from_bytes(found.data, found.kind, found.shape)
