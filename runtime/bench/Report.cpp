//===- Report.cpp - What gemma-bench prints -------------------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Report.h"

#include "runtime/core/Text.h"

#include <cstdarg>
#include <cstdio>
#include <nlohmann/json.hpp>

using namespace gemma;
using Json = nlohmann::ordered_json;

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

__attribute__((format(printf, 2, 3))) static void
print(std::string &out, const char *format, ...) {
  char line[512];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(line, sizeof line, format, arguments);
  va_end(arguments);
  out += line;
}

/// 1234 -> "1234", 123.4 -> "123.4", 1.234 -> "1.23".
static std::string number(double value) {
  std::string text;
  print(text, value >= 1000 ? "%.0f" : value >= 100 ? "%.1f" : "%.2f", value);
  return text;
}

static std::string range(const Spread &spread, double unit) {
  return "[" + number(spread.min / unit) + " - " + number(spread.max / unit) +
         "]";
}

/// "31.2 GB/s", "466.1 GOP/s".
static std::string shown(const LimitReport &limit, double value) {
  return number(value / 1e9) + (limit.unit == "bytes/s" ? " GB/s" : " GOP/s");
}

static double ratio(double dividend, double divisor) {
  return divisor > 0 ? dividend / divisor : 0;
}

static void printProfile(const BenchResult &result, std::string &out) {
  double seconds = 0, ideal = 0;
  for (const OpProfile &op : result.profile) {
    seconds += op.seconds;
    ideal += op.idealSeconds;
  }
  print(out, "\n%s, %llu tokens, per repetition\n", result.name.c_str(),
        static_cast<unsigned long long>(result.tokens));
  print(out, "  %-22s %8s %10s %7s %9s %9s %8s %8s %7s\n", "op", "calls", "ms",
        "time %", "GB", "GOP", "GB/s", "GOP/s", "share");
  auto line = [&](const OpProfile &op) {
    print(out, "  %-22s %8.0f %10.3f %7.1f %9.3f %9.3f %8.2f %8.1f %7.2f\n",
          printable(op.op, 40).c_str(), op.calls, op.seconds * 1e3,
          100 * ratio(op.seconds, seconds), op.bytes / 1e9, op.operations / 1e9,
          ratio(op.bytes, op.seconds) / 1e9,
          ratio(op.operations, op.seconds) / 1e9,
          ratio(op.idealSeconds, op.seconds));
  };
  OpProfile all{"all", 0, seconds, 0, 0, ideal};
  for (const OpProfile &op : result.profile) {
    line(op);
    all.calls += op.calls;
    all.bytes += op.bytes;
    all.operations += op.operations;
  }
  line(all);
}

std::string BenchReport::table() const {
  std::string out;
  print(out, "%s\n", printable(model).c_str());
  print(out,
        "  %s weights%s, %.3g G parameters, %s; threads %u%s, repetitions %u\n",
        printable(weights, 40).c_str(), stub ? " (stub)" : "",
        static_cast<double>(parameters) / 1e9, byteCount(weightBytes).c_str(),
        threads, pinned ? " (pinned)" : "", repetitions);
  print(out, "\nlimits, probed before, between and after the runs\n");
  for (const LimitReport &limit : limits) {
    print(out, "  %-16s %12s %20s  %s\n", limit.kind.c_str(),
          shown(limit, limit.value.median).c_str(),
          range(limit.value, 1e9).c_str(), limit.how.c_str());
  }
  print(out, "\n%-16s %9s %20s   %-32s %5s %14s\n", "test", "tok/s",
        "[min - max]", "limit", "share", "[min - max]");
  for (const BenchResult &result : results) {
    const LimitReport &limit = limits[result.limit];
    std::string bound = limit.kind + " " + shown(limit, result.limitValue);
    print(out, "%-16s %9s %20s   %-32s %5.2f %14s", result.name.c_str(),
          number(result.tokensPerSecond.median).c_str(),
          range(result.tokensPerSecond, 1).c_str(), bound.c_str(),
          result.share.median, range(result.share, 1).c_str());
    if (result.againstOneRow) {
      print(out, "  %.2f x one row %s", result.againstOneRow->median,
            range(*result.againstOneRow, 1).c_str());
    }
    out += "\n";
  }
  for (const BenchResult &result : results) {
    if (!result.profile.empty()) {
      printProfile(result, out);
    }
  }
  return out;
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static Json toJson(const Spread &spread) {
  return {{"median", spread.median}, {"min", spread.min}, {"max", spread.max}};
}

static Json toJson(const OpProfile &op) {
  return {{"op", op.op},
          {"calls", op.calls},
          {"seconds", op.seconds},
          {"bytes", op.bytes},
          {"operations", op.operations},
          {"share", ratio(op.idealSeconds, op.seconds)}};
}

static Json toJson(const BenchResult &result, const LimitReport &limit) {
  Json json = {{"name", result.name},
               {"tokens_per_second", toJson(result.tokensPerSecond)},
               {"limit",
                {{"kind", limit.kind},
                 {"value", result.limitValue},
                 {"unit", limit.unit}}},
               {"bytes", result.bytes},
               {"operations", result.operations},
               {"share", result.share.median},
               {"share_spread", toJson(result.share)},
               {"tokens", result.tokens},
               {"seconds", toJson(result.seconds)}};
  if (result.againstOneRow) {
    json["against_one_row"] = toJson(*result.againstOneRow);
  }
  for (const OpProfile &op : result.profile) {
    json["profile"].push_back(toJson(op));
  }
  return json;
}

std::string BenchReport::json() const {
  Json json = {{"model", model}, {"threads", threads}};
  json["results"] = Json::array();
  for (const BenchResult &result : results) {
    json["results"].push_back(toJson(result, limits[result.limit]));
  }
  json["limits"] = Json::array();
  for (const LimitReport &limit : limits) {
    json["limits"].push_back({{"kind", limit.kind},
                              {"unit", limit.unit},
                              {"value", toJson(limit.value)},
                              {"how", limit.how}});
  }
  json["weights"] = weights;
  json["parameters"] = parameters;
  json["weight_bytes"] = weightBytes;
  json["stub"] = stub;
  json["cpu"] = cpu;
  json["repetitions"] = repetitions;
  json["depth"] = depth;
  json["context"] = context;
  json["pinned"] = pinned;
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}
