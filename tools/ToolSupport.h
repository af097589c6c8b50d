//===- ToolSupport.h - What the runtime's tools share -----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_TOOLS_TOOLSUPPORT_H
#define GEMMA_TOOLS_TOOLSUPPORT_H

#include "runtime/core/CancelFlag.h"
#include "runtime/core/File.h"
#include "runtime/core/Log.h"
#include "runtime/core/Result.h"
#include "runtime/core/Text.h"

#include <CLI/CLI.hpp>

#include <cctype>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <optional>
#include <poll.h>
#include <string>
#include <string_view>
#include <unistd.h>

namespace gemma::tools {

/// Raised by SIGINT and SIGTERM, see `prepareProcess`.
inline CancelFlag interrupted;
/// A pipe that has something to read once `interrupted` is raised: a flag alone
/// would not wake a wait for input that began just after it was looked at.
inline int wakePipe[2] = {-1, -1};

inline Error interruptedError() {
  return {ErrorCode::Interrupted, "interrupted"};
}

/// Makes the process behave at its borders:
/// * The first SIGINT or SIGTERM raises `interrupted`, so that work stops
///   cleanly; a second one ends the process at once.
/// * Writing to a closed pipe is an error of write(), not a signal.
/// * Standard streams that are closed are /dev/null, so that no file that is
///   opened later takes their place.
inline void prepareProcess() {
  struct sigaction action = {};
  action.sa_handler = [](int) {
    if (interrupted.requested()) {
      _exit(static_cast<int>(ErrorCode::Interrupted));
    }
    interrupted.request();
    int saved = errno;
    (void)!write(wakePipe[1], "", 1);
    errno = saved;
  };
  int descriptor;
  do {
    descriptor = open("/dev/null", O_RDWR);
  } while (descriptor >= 0 && descriptor <= STDERR_FILENO);
  if (descriptor >= 0) {
    close(descriptor);
  }
  // Without the pipe only waiting for input is deaf to a signal.
  (void)!pipe2(wakePipe, O_CLOEXEC | O_NONBLOCK);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

/// Parses the command line. Returns the exit code if that is all there is to
/// do: after --help, or after one error line about wrong usage.
inline std::optional<int> parseCommandLine(CLI::App &app, int argc,
                                           char **argv) {
  try {
    app.parse(argc, argv);
    return std::nullopt;
  } catch (const CLI::CallForHelp &help) {
    return app.exit(help);
  } catch (const CLI::CallForAllHelp &help) {
    return app.exit(help);
  } catch (const CLI::Error &error) {
    std::string message = error.what();
    if (message.size() > 1 && std::islower(message[1])) {
      message[0] = static_cast<char>(std::tolower(message[0]));
    }
    return printError(invalidUsage("command line: " + message +
                                   " (--help shows what is expected)"));
  }
}

/// Accepts decimal numbers from `least` to `most` only. CLI11 itself would read
/// 010 as eight, -1 as 2^64 - 1, and cut off what is too large.
inline CLI::Validator wholeNumber(uint64_t least = 0,
                                  uint64_t most = UINT32_MAX) {
  auto check = [=](const std::string &text) -> std::string {
    const char *end = text.data() + text.size();
    uint64_t value = 0;
    auto [next, error] = std::from_chars(text.data(), end, value);
    bool octal = text.size() > 1 && text.front() == '0';
    if (error == std::errc() && next == end && !octal && value >= least &&
        value <= most) {
      return "";
    }
    return "expected a whole number from " + std::to_string(least) + " to " +
           std::to_string(most) + ", found '" + text + "'";
  };
  return CLI::Validator(check, "");
}

/// Writes all bytes to standard output at once. False if the reader has gone,
/// which is no error: nobody wants the rest. Errors: Resource; Interrupted, if
/// the reader does not read.
inline Result<bool> writeOut(std::string_view text) {
  while (!text.empty()) {
    pollfd waits[] = {{STDOUT_FILENO, POLLOUT, 0}, {wakePipe[0], POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno == EINTR) {
      continue;
    }
    if (waits[0].revents == 0 && interrupted.requested()) {
      return interruptedError();
    }
    ssize_t put = write(STDOUT_FILENO, text.data(), text.size());
    if (put >= 0) {
      text.remove_prefix(static_cast<size_t>(put));
    } else if (errno == EPIPE) {
      return false;
    } else if (errno != EINTR && errno != EAGAIN) {
      return resourceError("standard output: expected to be writable, found "
                           "\"" +
                           std::string(std::strerror(errno)) + "\"");
    }
  }
  return true;
}

/// The bytes of an input file. Errors: those of File, and InvalidData if it is
/// larger than any list of tokens or questions can mean to be.
inline Result<std::string> readWholeFile(const std::string &path) {
  constexpr uint64_t kMost = uint64_t(256) << 20;
  Result<File> file = File::open(path);
  if (!file) {
    return file.takeError();
  }
  if (file->size() > kMost) {
    return invalidData("file: expected at most " + byteCount(kMost) +
                       ", found " + byteCount(file->size()) + " (" +
                       printable(path) + ")");
  }
  std::string text(file->size(), '\0');
  if (Result<void> done = file->read(0, text.data(), text.size()); !done) {
    return done.takeError();
  }
  return text;
}

/// Reads what standard input has, up to `most` bytes, waiting for the first;
/// none at its end. Errors: NotFound if it cannot be read; Interrupted.
inline Result<size_t> readSome(char *to, size_t most) {
  while (true) {
    pollfd waits[] = {{STDIN_FILENO, POLLIN, 0}, {wakePipe[0], POLLIN, 0}};
    if (poll(waits, 2, -1) < 0 && errno == EINTR) {
      continue;
    }
    if (interrupted.requested()) {
      return interruptedError();
    }
    ssize_t got = read(STDIN_FILENO, to, most);
    if (got >= 0) {
      return static_cast<size_t>(got);
    }
    if (errno != EINTR && errno != EAGAIN) {
      return notFound("standard input: expected a text, found \"" +
                      std::string(std::strerror(errno)) + "\"");
    }
  }
}

/// Reads standard input to its end, but not much more than `most` bytes.
/// Errors: as readSome.
inline Result<std::string> readInput(size_t most) {
  std::string text;
  char block[65536];
  while (text.size() <= most) {
    Result<size_t> got = readSome(block, sizeof(block));
    if (!got) {
      return got.takeError();
    }
    if (*got == 0) {
      break;
    }
    text.append(block, *got);
  }
  return text;
}

/// Asks the user at the terminal for a line; none at the end of the input.
/// Errors: as readSome.
inline Result<std::optional<std::string>> readLine(std::string_view question) {
  std::fprintf(stderr, "%.*s", static_cast<int>(question.size()),
               question.data());
  std::string line;
  while (true) {
    char c;
    Result<size_t> got = readSome(&c, 1);
    if (got && *got != 0 && c != '\n') {
      line += c;
      continue;
    }
    bool ended = !got || *got == 0;
    if (ended) {
      std::fputs("\n", stderr);
    }
    if (!got) {
      return got.takeError();
    }
    if (ended && line.empty()) {
      return std::optional<std::string>();
    }
    return std::optional<std::string>(std::move(line));
  }
}

} // namespace gemma::tools

#endif // GEMMA_TOOLS_TOOLSUPPORT_H
