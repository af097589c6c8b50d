//===- Trace.cpp - Forwards as a trace for Perfetto -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Trace.h"

#include <algorithm>
#include <nlohmann/json.hpp>

using namespace gemma;
using Json = nlohmann::ordered_json;

// Between two forwards on the time axis.
static constexpr double kGapMicroseconds = 100;

static Json metadata(const char *name, size_t process, uint32_t thread,
                     const std::string &value) {
  return {{"ph", "M"},
          {"name", name},
          {"pid", process},
          {"tid", thread},
          {"args", {{"name", value}}}};
}

std::string gemma::traceJson(const std::vector<ForwardTrace> &forwards) {
  Json events = Json::array();
  double start = 0;
  for (size_t i = 0; i < forwards.size(); ++i) {
    const ForwardTrace &forward = forwards[i];
    const size_t process = i + 1;
    events.push_back(metadata("process_name", process, 0, forward.title));
    for (uint32_t thread = 0; thread < forward.threads; ++thread) {
      events.push_back(metadata("thread_name", process, thread,
                                "thread " + std::to_string(thread)));
    }
    double end = start;
    for (const DispatchEvent &event : forward.events) {
      const ForwardTrace::Dispatch &dispatch =
          forward.dispatches[event.dispatch];
      double begin = start + static_cast<double>(event.begin) / 1000;
      double duration = static_cast<double>(event.end - event.begin) / 1000;
      events.push_back({{"ph", "X"},
                        {"name", dispatch.op},
                        {"cat", "dispatch"},
                        {"pid", process},
                        {"tid", event.thread},
                        {"ts", begin},
                        {"dur", duration},
                        {"args",
                         {{"dispatch", event.dispatch},
                          {"kernel", dispatch.kernel},
                          {"bytes", dispatch.cost.bytes},
                          {"operations", dispatch.cost.operations}}}});
      end = std::max(end, begin + duration);
    }
    start = end + kGapMicroseconds;
  }
  Json trace = {{"displayTimeUnit", "ns"}, {"traceEvents", std::move(events)}};
  return trace.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}
