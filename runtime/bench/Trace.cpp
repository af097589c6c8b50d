//===- Trace.cpp - Forwards as a trace for Perfetto -----------------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/bench/Trace.h"

#include "runtime/core/Text.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>
#include <unistd.h>

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

static Error cannotWrite(const std::string &path, int reason) {
  std::string message = "output: expected a file to write, found \"" +
                        std::string(std::strerror(reason)) + "\" (" +
                        printable(path) + ")";
  bool resource = reason == ENOSPC || reason == EMFILE || reason == EROFS;
  return resource ? resourceError(message) : notFound(message);
}

static bool writeAll(int descriptor, const std::string &bytes) {
  for (size_t done = 0; done < bytes.size();) {
    ssize_t put = write(descriptor, bytes.data() + done, bytes.size() - done);
    if (put < 0 && errno != EINTR) {
      return false;
    }
    done += put > 0 ? static_cast<size_t>(put) : 0;
  }
  return true;
}

Result<void> gemma::writeWholeFile(const std::string &path,
                                   const std::string &bytes) {
  struct stat status;
  std::string target = path, temporary;
  int descriptor;
  if (stat(path.c_str(), &status) == 0 && !S_ISREG(status.st_mode)) {
    descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  } else {
    // What a symbolic link names is replaced, not the link.
    if (char *real = realpath(path.c_str(), nullptr)) {
      target = real;
      std::free(real);
    }
    temporary = target + ".XXXXXX";
    descriptor = mkostemp(temporary.data(), O_CLOEXEC);
  }
  if (descriptor < 0) {
    return cannotWrite(path, errno);
  }
  bool written = writeAll(descriptor, bytes);
  if (written && !temporary.empty()) {
    // mkostemp makes files that only the owner reads.
    mode_t mask = umask(0);
    umask(mask);
    written = fchmod(descriptor, 0666 & ~mask) == 0 && fsync(descriptor) == 0 &&
              rename(temporary.c_str(), target.c_str()) == 0;
  }
  int reason = errno;
  close(descriptor);
  if (!written) {
    if (!temporary.empty()) {
      unlink(temporary.c_str());
    }
    return cannotWrite(path, reason);
  }
  return {};
}
