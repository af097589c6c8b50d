//===- Generate.h - Prefill, decode, and where to stop ----------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_TEXT_GENERATE_H
#define GEMMA_RUNTIME_TEXT_GENERATE_H

#include "runtime/core/Result.h"
#include "runtime/core/Span.h"
#include "runtime/gemma.h"
#include "runtime/text/Sampler.h"
#include "runtime/text/StopDetector.h"

#include <cstdint>
#include <functional>

namespace gemma {

/// What a Session's forward does; tests put something else in its place.
using ForwardFunction = std::function<Result<Span<const float>>(
    Span<const Run> runs, Span<const int32_t> outRows)>;

/// One sequence of tokens, in one slot of a session.
class Sequence {
public:
  /// At most `context` tokens, `maxRows` of them in one forward.
  Sequence(ForwardFunction forward, uint32_t context, uint32_t maxRows,
           uint32_t slot = 0)
      : forward(std::move(forward)), contextTokens(context), maxRows(maxRows),
        slot(slot) {}

  /// Slot 0 of a session, which must outlive the sequence.
  static Sequence of(Session &session, const Model &model);

  /// Appends tokens, at least one, in forwards of at most maxRows rows.
  /// Returns the logits of the last one, [vocab]; they hold until the next
  /// call. Errors: InvalidData if they do not fit, and then nothing was
  /// appended; those of forward.
  Result<Span<const float>> append(Span<const int32_t> tokens);

  /// Tokens so far.
  uint32_t length() const { return position; }
  /// Most tokens.
  uint32_t context() const { return contextTokens; }

private:
  ForwardFunction forward;
  uint32_t contextTokens, maxRows, slot;
  uint32_t position = 0;
};

/// Why a generation ended.
enum class StopReason {
  EndToken,    ///< the model gave an end token
  Limit,       ///< as many tokens as were asked for
  ContextFull, ///< no position is left
  Caller,      ///< onToken returned false
};

/// What a generation took. The end token counts as generated.
struct Generation {
  StopReason reason = StopReason::EndToken;
  /// The last token, if it was passed to onToken but is not in the sequence;
  /// a continuation of the sequence begins with it. Else -1.
  int32_t pendingToken = -1;
  uint64_t promptTokens = 0, generatedTokens = 0;
  /// Time of the prompt up to the first token, and of all further tokens.
  double prefillSeconds = 0, decodeSeconds = 0;
};

/// Appends the prompt to the sequence and then token after token that the
/// sampler draws, each passed to `onToken` (the end token is not), until there
/// are `limit` (0 = no limit) or there is another reason to stop.
/// Errors: those of Sequence::append (a prompt that does not fit; Interrupted)
/// and of Sampler::sample.
Result<Generation> generate(Sequence &sequence, Span<const int32_t> prompt,
                            Sampler &sampler, const StopDetector &stop,
                            uint64_t limit,
                            const std::function<bool(int32_t)> &onToken);

} // namespace gemma

#endif // GEMMA_RUNTIME_TEXT_GENERATE_H
