//===- InspectReport.h - What gemma-inspect tells ---------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

//
// The report is one JSON value; the text for people is printed from it, so
// that both say the same.
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TOOLS_INSPECTREPORT_H
#define GEMMA_TOOLS_INSPECTREPORT_H

#include "runtime/artifact/Reader.h"
#include "runtime/core/Text.h"
#include "runtime/exec/KvCache.h"
#include "runtime/gemma.h"

#include <cstdlib>
#include <map>
#include <nlohmann/json.hpp>
#include <string>

namespace gemma::inspect {

using Json = nlohmann::ordered_json;

/// Strings of an artifact may be no UTF-8, which JSON is.
inline std::string utf8(std::string_view string) {
  return nlohmann::json::parse(nlohmann::json(string).dump(
      -1, ' ', false, nlohmann::json::error_handler_t::replace));
}
inline std::string utf8(const flatbuffers::String *string) {
  return utf8(text(string));
}

inline std::string encodingOf(const artifact::Weight &weight) {
  return utf8(weight.encoding()->kind()) + " panel " +
         std::to_string(weight.encoding()->panel());
}

inline Json fileReport(const Artifact &artifact) {
  const artifact::Manifest &manifest = artifact.manifest();
  return {{"path", utf8(artifact.file().path())},
          {"bytes", artifact.file().size()},
          {"format_version", kFormatVersion},
          {"compiler", utf8(manifest.compiler())},
          {"manifest_bytes", artifact.manifestSize()},
          {"manifest_sha256", hex(artifact.manifestDigest())},
          {"stub", manifest.stub()}};
}

/// 0.95f as 0.95, not as the double next to it.
inline double decimal(float value) {
  return std::strtod(std::to_string(value).c_str(), nullptr);
}

inline Json modelReport(const artifact::Manifest &manifest) {
  const artifact::Model &model = *manifest.model();
  Json eos = Json::array();
  for (int32_t token : each(model.eos_tokens())) {
    eos.push_back(token);
  }
  return {{"family", utf8(model.family())},
          {"layers", model.layers()},
          {"hidden", model.hidden()},
          {"heads", model.heads()},
          {"kv_heads", model.kv_heads()},
          {"head_dim", model.head_dim()},
          {"ff", model.ff()},
          {"vocab", model.vocab()},
          {"context", model.context()},
          {"max_rows", manifest.max_rows()},
          {"bos_token", model.bos_token()},
          {"pad_token", model.pad_token()},
          {"eos_tokens", eos},
          {"add_bos", model.add_bos()},
          {"chat_format", utf8(model.chat_format())},
          {"temperature", decimal(model.temperature())},
          {"top_k", model.top_k()},
          {"top_p", decimal(model.top_p())}};
}

inline Json targetReport(const artifact::Target &target) {
  Json features = Json::array();
  for (const flatbuffers::String *feature : each(target.features())) {
    features.push_back(utf8(feature));
  }
  return {{"device", utf8(target.device())},
          {"triple", utf8(target.triple())},
          {"cpu", utf8(target.cpu())},
          {"features", features}};
}

inline Json segmentsReport(const artifact::Manifest &manifest) {
  Json segments = Json::array();
  auto add = [&](const char *name, const artifact::Segment *segment) {
    Range range = rangeOf(segment);
    if (range.size != 0) {
      Json entry = {
          {"segment", name}, {"offset", range.offset}, {"bytes", range.size}};
      entry["sha256"] =
          count(segment->sha256()) ? hex(digestOf(segment->sha256())) : "";
      segments.push_back(entry);
    }
  };
  add("code", manifest.code());
  add("tokenizer", manifest.tokenizer());
  add("weights", manifest.weights_segment());
  add("stub_data", manifest.stub_data());
  return segments;
}

/// Counts and bytes by encoding.
inline Json weightsReport(const artifact::Manifest &manifest) {
  std::map<std::string, std::pair<uint64_t, uint64_t>> encodings;
  for (const artifact::Weight *weight : each(manifest.weights())) {
    auto &entry = encodings[encodingOf(*weight)];
    ++entry.first;
    entry.second += weight->size();
  }
  Json report = Json::array();
  for (const auto &[encoding, entry] : encodings) {
    report.push_back({{"encoding", encoding},
                      {"weights", entry.first},
                      {"bytes", entry.second}});
  }
  return report;
}

inline Json weightList(const artifact::Manifest &manifest) {
  Json list = Json::array();
  for (const artifact::Weight *weight : each(manifest.weights())) {
    std::string shape;
    for (uint64_t dimension : shapeOf(*weight)) {
      shape += (shape.empty() ? "" : "x") + std::to_string(dimension);
    }
    Json entry = {{"weight", utf8(weight->name())},
                  {"shape", shape},
                  {"encoding", encodingOf(*weight)},
                  {"offset", weight->offset()},
                  {"bytes", weight->size()}};
    if (weight->fill()) {
      entry["seed"] = weight->fill()->seed();
      entry["bound"] = weight->fill()->bound();
    } else if (count(weight->sha256())) {
      entry["sha256"] = hex(digestOf(weight->sha256()));
    }
    list.push_back(entry);
  }
  return list;
}

/// Kernels with the number of dispatches that run them.
inline Json kernelList(const artifact::Manifest &manifest) {
  std::vector<uint64_t> uses(count(manifest.kernels()));
  for (const artifact::Dispatch *dispatch : each(manifest.forward())) {
    ++uses[dispatch->kernel()];
  }
  Json list = Json::array();
  for (size_t i = 0; i < uses.size(); ++i) {
    const artifact::Kernel *kernel = manifest.kernels()->Get(i);
    list.push_back({{"kernel", utf8(kernel->symbol())},
                    {"op", utf8(kernel->op())},
                    {"dispatches", uses[i]}});
  }
  return list;
}

/// The memory of a session with resolved options.
inline Json memoryReport(const SessionOptions &options,
                         const MemoryPlan &plan) {
  return {{"context", options.context},      {"slots", options.slots},
          {"logit_rows", options.outRows},   {"weights_bytes", plan.weights},
          {"arena_bytes", plan.arena},       {"kv_cache_bytes", plan.kvCache},
          {"logits_bytes", plan.logits},     {"inputs_bytes", plan.inputs},
          {"session_bytes", plan.session()}, {"total_bytes", plan.total()}};
}

inline Json propertiesReport(const artifact::Manifest &manifest) {
  Json report = Json::object();
  for (const artifact::Property *property : each(manifest.properties())) {
    report[utf8(property->key())] = utf8(property->value());
  }
  return report;
}

/// What the user wants to see.
struct Selection {
  bool onlyMemory = false, kernels = false, weights = false;
};

inline Json makeReport(const Artifact &artifact, const SessionOptions &options,
                       const MemoryPlan &plan, const Selection &selection) {
  const artifact::Manifest &manifest = artifact.manifest();
  Json report;
  if (!selection.onlyMemory) {
    report["file"] = fileReport(artifact);
    report["model"] = modelReport(manifest);
    report["target"] = targetReport(*manifest.target());
    report["segments"] = segmentsReport(manifest);
    report["weights"] = weightsReport(manifest);
    report["program"] = {{"kernels", count(manifest.kernels())},
                         {"dispatches", count(manifest.forward())},
                         {"kv_caches", count(manifest.kv_caches())}};
    report["properties"] = propertiesReport(manifest);
  }
  report["memory"] = memoryReport(options, plan);
  if (selection.kernels) {
    report["kernel_list"] = kernelList(manifest);
  }
  if (selection.weights) {
    report["weight_list"] = weightList(manifest);
  }
  return report;
}

/// A value for people: sizes with their unit, hashes short, lists in a line.
inline std::string cell(const std::string &key, const Json &value) {
  if (value.is_string()) {
    std::string string = value;
    return key == "sha256" ? string.substr(0, 16) : printable(string);
  }
  if (value.is_array()) {
    std::string line;
    for (const Json &item : value) {
      line += (line.empty() ? "" : " ") + cell("", item);
    }
    return line;
  }
  bool size = key == "bytes" ||
              (key.size() > 6 && key.compare(key.size() - 6, 6, "_bytes") == 0);
  return size && value.is_number_unsigned() ? byteCount(value.get<uint64_t>())
                                            : value.dump();
}

/// Rows of equal keys as columns.
inline std::string table(const Json &rows) {
  std::map<std::string, size_t> widths;
  for (const Json &row : rows) {
    for (const auto &[key, value] : row.items()) {
      widths[key] =
          std::max({widths[key], key.size(), cell(key, value).size()});
    }
  }
  std::string text;
  auto pad = [&](const std::string &key, const std::string &string) {
    return "  " + string + std::string(widths[key] - string.size(), ' ');
  };
  auto line = [&](std::string columns) {
    columns.erase(columns.find_last_not_of(' ') + 1);
    text += columns + "\n";
  };
  std::string head;
  for (const auto &[key, value] : rows.at(0).items()) {
    head += pad(key, key);
  }
  line(head);
  for (const Json &row : rows) {
    std::string columns;
    for (const auto &[key, value] : row.items()) {
      columns += pad(key, cell(key, value));
    }
    line(columns);
  }
  return text;
}

/// The report for people: a block per section.
inline std::string toText(const Json &report) {
  std::string text;
  for (const auto &[name, section] : report.items()) {
    if (!section.is_structured() || section.empty()) {
      continue;
    }
    text += name + "\n";
    if (section.is_array()) {
      text += table(section);
      continue;
    }
    for (const auto &[key, value] : section.items()) {
      text += "  " + printable(key) +
              std::string(key.size() < 16 ? 16 - key.size() : 1, ' ') +
              cell(key, value) + "\n";
    }
  }
  return text;
}

} // namespace gemma::inspect

#endif // GEMMA_TOOLS_INSPECTREPORT_H
