//===- Questions.cpp - A file of questions and their answers --------------===//
//
// Part of the Gemma compiler, under the Apache License v2.0 with LLVM
// Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/text/Questions.h"

#include "runtime/core/Text.h"
#include "runtime/text/Utf8.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>

using namespace gemma;
using nlohmann::json;

static Result<Question> parseQuestion(std::string_view line,
                                      const std::string &where) {
  json object = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return invalidData("question: expected a JSON object, found '" +
                       printable(line, 40) + "' (" + where + ")");
  }
  Question question;
  auto refuse = [&](const char *key, const char *expected) {
    std::string value = "none";
    if (auto found = object.find(key); found != object.end()) {
      // Nothing nested is printed: that takes stack for each level.
      value = found->is_structured() ? found->type_name()
                                     : found->dump(-1, ' ', true);
    }
    return invalidData("question: expected the key '" + std::string(key) +
                       "' with " + expected + ", found " +
                       printable(value, 40) + " (" + where + ")");
  };
  for (auto [key, value] : {std::pair("category", &question.category),
                            std::pair("question", &question.question),
                            std::pair("answer", &question.answer)}) {
    auto found = object.find(key);
    if (found == object.end() || !found->is_string()) {
      return refuse(key, "a string");
    }
    *value = found->get<std::string>();
  }
  if (auto found = object.find("unseen"); found != object.end()) {
    if (!found->is_boolean()) {
      return refuse("unseen", "true or false");
    }
    question.unseen = found->get<bool>();
  }
  return question;
}

Result<std::vector<Question>> gemma::parseQuestions(std::string_view text,
                                                    std::string_view name) {
  std::vector<Question> questions;
  for (size_t number = 1; !text.empty(); ++number) {
    size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (trimUnicode(line).empty()) {
      continue;
    }
    Result<Question> question =
        parseQuestion(line, printable(name) + ":" + std::to_string(number));
    if (!question) {
      return question.takeError();
    }
    questions.push_back(std::move(*question));
  }
  if (questions.empty()) {
    return invalidData("questions: expected at least one, found none (" +
                       printable(name) + ")");
  }
  return questions;
}

bool Scores::add(const Question &question, std::string_view answer) {
  bool right = trimUnicode(answer) == trimUnicode(question.answer);
  Category &category = categories[question.category];
  (question.unseen ? category.unseen : category.seen).add(right);
  total.add(right);
  return right;
}

/// "  41 of  50   82.0 %", or a dash.
static std::string cell(const Score &score) {
  char text[64] = "                   -";
  if (score.total != 0) {
    std::snprintf(text, sizeof(text), "%4llu of %4llu %5.1f %%",
                  static_cast<unsigned long long>(score.correct),
                  static_cast<unsigned long long>(score.total),
                  100.0 * score.correct / score.total);
  }
  return text;
}

std::string Scores::table() const {
  size_t width = sizeof("category") - 1;
  for (const auto &[name, category] : categories) {
    width = std::max(width, printable(name).size());
  }
  Category all;
  std::string lines;
  auto line = [&](const std::string &name, const Category &scores) {
    lines += name + std::string(width - name.size(), ' ') + "  " +
             cell(scores.seen) + "  " + cell(scores.unseen) + '\n';
  };
  lines += "category" + std::string(width - 8, ' ') +
           "                  seen                unseen\n";
  for (const auto &[name, category] : categories) {
    line(printable(name), category);
    for (auto part : {&Category::seen, &Category::unseen}) {
      (all.*part).correct += (category.*part).correct;
      (all.*part).total += (category.*part).total;
    }
  }
  line("all", all);
  return lines + "total" + std::string(width - 5, ' ') + "  " + cell(total) +
         '\n';
}

static json toJson(const Score &score) {
  return {{"correct", score.correct}, {"total", score.total}};
}

std::string Scores::json() const {
  nlohmann::json names = nlohmann::json::object();
  for (const auto &[name, category] : categories) {
    names[name] = {{"seen", toJson(category.seen)},
                   {"unseen", toJson(category.unseen)}};
  }
  nlohmann::json all = {{"categories", names}, {"total", toJson(total)}};
  return all.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}
