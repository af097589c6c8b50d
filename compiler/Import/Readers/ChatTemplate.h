//===- ChatTemplate.h - Which turn format a template writes -----*- C++ -*-===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef GEMMA_COMPILER_IMPORT_READERS_CHATTEMPLATE_H
#define GEMMA_COMPILER_IMPORT_READERS_CHATTEMPLATE_H

#include <nlohmann/json_fwd.hpp>

#include <string_view>

namespace gemma {

/// The turn format (runtime/text/ChatPrompt.h) of a checkpoint's chat template,
/// a program in Jinja, which is looked at but never run:
///
/// * "gemma3": Gemma's turns, and a leading system text goes before the first
///   user turn, with an empty line between. Google's templates call what they
///   put there `first_user_prefix`.
/// * "gemma": Gemma's turns without a place for a system text, as in Gemma 1
///   and 2. Also any template that puts such a text somewhere else: a refusal
///   is better than a prompt that the model was not trained on.
/// * "": none of Gemma's turns.
std::string_view chatFormatOf(std::string_view chatTemplate);

/// The same of the value of `chat_template` in a JSON file: a text, or a list
/// of {"name": "default", "template": "..."}, of which the one called
/// "default" decides, and without it the first that has turns.
std::string_view chatFormatOfJson(const nlohmann::json &value);

} // namespace gemma

#endif // GEMMA_COMPILER_IMPORT_READERS_CHATTEMPLATE_H
