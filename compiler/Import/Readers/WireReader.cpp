//===- WireReader.cpp - Fields of a protobuf message ----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Import/Readers/WireReader.h"

using namespace gemma;

std::nullopt_t WireReader::broken(size_t at, const char *what) {
  problem = std::string(what) + " at byte " + std::to_string(at);
  position = end;
  return std::nullopt;
}

std::optional<uint64_t> WireReader::varint() {
  size_t start = position;
  uint64_t value = 0;
  for (unsigned shift = 0; shift < 64; shift += 7) {
    if (position == end) {
      return broken(start, "a varint cut off");
    }
    uint64_t byte = static_cast<unsigned char>(bytes[position++]);
    if (shift == 63 && byte > 1) {
      break; // bits above the 64th
    }
    value |= (byte & 0x7f) << shift;
    if (byte < 0x80) {
      return value;
    }
  }
  return broken(start, "a varint of more than 64 bits");
}

std::optional<WireField> WireReader::next() {
  if (position == end) {
    return std::nullopt;
  }
  WireField field{};
  field.tag = position;
  std::optional<uint64_t> tag = varint();
  if (!tag) {
    return std::nullopt;
  }
  uint64_t number = *tag >> 3;
  if (number == 0 || number >= 1u << 29) {
    return broken(field.tag, "a field number out of range");
  }
  field.number = static_cast<uint32_t>(number);
  uint64_t length = 0;
  switch (*tag & 7) {
  case 0: {
    field.kind = WireField::Kind::Varint;
    field.begin = position;
    std::optional<uint64_t> value = varint();
    if (!value) {
      return std::nullopt;
    }
    field.value = *value;
    field.end = position;
    return field;
  }
  case 1:
    field.kind = WireField::Kind::Fixed64;
    length = 8;
    break;
  case 2: {
    field.kind = WireField::Kind::Bytes;
    std::optional<uint64_t> value = varint();
    if (!value) {
      return std::nullopt;
    }
    length = *value;
    break;
  }
  case 5:
    field.kind = WireField::Kind::Fixed32;
    length = 4;
    break;
  default:
    return broken(field.tag, "an unknown wire type");
  }
  if (length > end - position) {
    return broken(field.tag, "a field longer than what is left");
  }
  field.begin = position;
  field.end = position += length;
  return field;
}

void gemma::appendVarint(std::string &out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) {
    out += static_cast<char>(value | 0x80);
  }
  out += static_cast<char>(value);
}
