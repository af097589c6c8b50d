//===- gemma.h - Runs a compiled Gemma model --------------------*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The public interface of the runtime:
//
//   Result<Model> model = Model::open("model.gemma");
//   Result<Session> session = Session::create(*model, {});
//   std::vector<int32_t> prompt = {2, 651, 6037};
//   // One run: slot 0, from position 0; logits of the last row only.
//   auto logits = session->forward({{0, 0, prompt}}, {2});
//   int32_t next = argmax(logits->data(), model->info().vocab);
//   logits = session->forward({{0, 3, {&next, 1}}}, {0});
//
// Nothing here throws. Where a call returns a Result, its error has a code
// and a message of one line (core/Error.h).
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_RUNTIME_GEMMA_H
#define GEMMA_RUNTIME_GEMMA_H

#include "runtime/core/CancelFlag.h"
#include "runtime/core/Error.h"
#include "runtime/core/Result.h"
#include "runtime/core/Span.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gemma {

class LoadedModel;
class SessionState;

/// What a model is, from the artifact's manifest.
struct ModelInfo {
  /// "gemma".
  std::string family;
  uint32_t hidden = 0, layers = 0, heads = 0, kvHeads = 0, headDim = 0;
  uint32_t ff = 0, vocab = 0;
  /// Longest context in tokens.
  uint32_t context = 0;
  /// Most rows of one forward.
  uint32_t maxRows = 0;
  /// Token ids; -1 = none.
  int32_t bosToken = -1, padToken = -1;
  /// Tokens that end a generation.
  std::vector<int32_t> eosTokens;
  /// Prompts start with bosToken.
  bool addBos = false;
  /// Turn format of chat prompts: "gemma", "gemma3" (which has a place for a
  /// system text), or "" for a model without turns.
  std::string chatFormat;
  /// Sampling defaults of the checkpoint; 0 = not given.
  float temperature = 0, topP = 0;
  uint32_t topK = 0;
};

/// How to open a model.
struct ModelOptions {
  /// Check the hash of every weight (reads the whole file).
  bool verifyWeights = false;
  /// Show a progress bar on stderr for work longer than a blink, if stderr is
  /// a terminal.
  bool progress = false;
  /// Copy the weights into memory of the process's own, which can have huge
  /// pages, where a mapped file has small ones: decode reads faster, opening
  /// takes as long as the copy, and processes no longer share the weights.
  bool hugePages = false;
  /// Threads that copy weights or fill those of a stub; 0 = all CPUs.
  uint32_t threads = 0;
  /// Asked between steps, if given; must outlive the call.
  const CancelFlag *cancel = nullptr;
};

/// How to run a model.
struct SessionOptions {
  /// Positions per slot, in tokens, at most the model's; 0 = the model's.
  uint32_t context = 0;
  /// Sequences whose keys and values are kept side by side.
  uint32_t slots = 1;
  /// Most rows of logits of one forward, at most the model's maxRows; 0 = as
  /// many as slots (but at most maxRows).
  uint32_t outRows = 0;
  /// Threads that compute, the caller of forward() included; 0 = all CPUs.
  uint32_t threads = 0;
  /// Measure each dispatch (see Session::profile).
  bool profile = false;
  /// Keep each thread on a CPU of its own, of those that the calling thread
  /// may use (in turn, if there are more threads). The caller of forward() is
  /// kept only while it runs.
  bool pin = false;
  /// Asked between dispatches, if given; must outlive the session. Several
  /// sessions may share one.
  const CancelFlag *cancel = nullptr;
};

/// Memory of a session and of its model, in bytes, exactly as it is
/// allocated. Not counted: the manifest, the kernels and small objects.
struct MemoryPlan {
  /// Mapped read-only from the file and shared between processes and sessions.
  /// In a stub artifact: from a temporary file.
  uint64_t weights = 0;
  /// Of the session: intermediate values.
  uint64_t arena = 0;
  /// Of the session: keys and values of all slots.
  uint64_t kvCache = 0;
  /// Of the session: logits, [outRows, vocab] f32.
  uint64_t logits = 0;
  /// Of the session: tokens, positions, slots and rows of a forward.
  uint64_t inputs = 0;

  /// What a session allocates.
  uint64_t session() const { return arena + kvCache + logits + inputs; }
  uint64_t total() const { return weights + session(); }
};

/// An opened artifact: immutable, cheap to copy, shared by any number of
/// sessions and threads.
class Model {
public:
  /// Opens and verifies an artifact, loads its kernels and maps its weights.
  /// Errors: NotFound, InvalidData (damaged or unknown format), Resource (the
  /// CPU lacks a feature, no memory), Interrupted.
  static Result<Model> open(const std::string &path,
                            const ModelOptions &options = {});

  const ModelInfo &info() const;
  /// The tokenizer.model file; empty if the artifact has none.
  std::string_view tokenizer() const;
  /// What a session with these options needs, before anything is allocated.
  /// Errors: those of the options, as Session::create.
  Result<MemoryPlan> memoryPlan(const SessionOptions &options) const;

private:
  friend class Session;
  friend struct ModelAccess;
  explicit Model(std::shared_ptr<const LoadedModel> state);
  std::shared_ptr<const LoadedModel> state;
};

/// Consecutive rows of one sequence: tokens.size() tokens at positions
/// position, position + 1, … of a slot.
struct Run {
  uint32_t slot = 0;
  uint32_t position = 0;
  /// Token ids; must live until forward() returns.
  Span<const int32_t> tokens;
};

/// What one dispatch of the program took, summed over all forwards.
struct DispatchProfile {
  /// The op it computes, "linear", and the kernel's symbol.
  std::string_view op, kernel;
  uint64_t calls = 0;
  /// From the end of the previous dispatch to the end of this one, in ns.
  uint64_t nanoseconds = 0;
  /// What it had to move, in bytes, and to compute (a multiply-add is two),
  /// from the model's dimensions and encodings.
  uint64_t bytes = 0, operations = 0;
};

/// When one thread worked on one dispatch of a forward, in ns since the
/// forward began.
struct DispatchEvent {
  /// Number in the program, as in Session::profile.
  uint32_t dispatch = 0;
  uint32_t thread = 0;
  uint64_t begin = 0, end = 0;
};

/// KV cache, scratch memory and threads to run a model. One thread at a time
/// may call it (cancel() excepted); different sessions are independent.
class Session {
public:
  /// Errors: InvalidUsage (an option out of range), Resource (no memory).
  static Result<Session> create(const Model &model,
                                const SessionOptions &options = {});
  Session(Session &&) noexcept;
  Session &operator=(Session &&) noexcept;
  ~Session();

  /// Runs the model over the rows of `runs`, 1 to maxRows of them in all, and
  /// returns the logits, [outRows.size(), vocab] f32, of the rows with the
  /// numbers `outRows` (row 0 is the first token of the first run). They are
  /// the session's and hold until its next forward.
  ///
  /// A run continues its slot, or overwrites it from `position` on: what the
  /// slot held from there is forgotten, and position 0 starts a new sequence.
  /// A run may not leave a hole. The logits of a row depend on its sequence
  /// only: not on the other rows, the split into forwards, or the threads.
  ///
  /// Errors: InvalidUsage (nothing was changed), Interrupted (the slots of
  /// these runs end where the runs started; the session is still usable).
  Result<Span<const float>> forward(Span<const Run> runs,
                                    Span<const int32_t> outRows);

  /// Makes the forward that runs, or else the next one, return Interrupted at
  /// the next border of two dispatches. From any thread or a signal handler.
  void cancel() noexcept;

  /// Positions that a slot holds, in tokens; 0 if there is no such slot.
  uint32_t length(uint32_t slot) const;
  /// The options in force: every 0 replaced by what it stands for.
  const SessionOptions &options() const;
  const MemoryPlan &memoryPlan() const;
  /// One entry per dispatch, in order; empty without SessionOptions::profile.
  Span<const DispatchProfile> profile() const;
  /// Sets the profile's counters to zero.
  void resetProfile();
  /// Whether forwards from now on record what each thread does. Errors:
  /// Resource.
  Result<void> setTracing(bool on);
  /// What the last forward recorded, dispatch after dispatch; a thread that
  /// found no work in a dispatch is left out. Empty without setTracing.
  Span<const DispatchEvent> trace() const;

private:
  explicit Session(std::unique_ptr<SessionState> state);
  std::unique_ptr<SessionState> state;
};

} // namespace gemma

#endif // GEMMA_RUNTIME_GEMMA_H
