#!/usr/bin/python3
"""Writes chat-cases.json: conversations as Jinja templates of Gemma's turn
formats render them. Run it again if a template changes (needs Debian's
python3-jinja2):

    python3 make_chat_cases.py            write the file
    python3 make_chat_cases.py --check    fail if it would change
"""

import json
import os
import random
import sys

import jinja2
import jinja2.sandbox

HERE = os.path.dirname(os.path.abspath(__file__))
# Gemma 1 and 2.
CONFIG = os.path.join(HERE, "..", "..", "..", "models", "tiny-gemma-it",
                      "tokenizer_config.json")
GEMMA3 = os.path.join(HERE, "gemma3-template.jinja")
OUT = os.path.join(HERE, "chat-cases.json")
SPACES = [" ", "\n", "\t", "\r\n", "\u00a0", "\u2003", "\u3000", "\x0b", "\x1c",
          "\x85", "\u2028"]
# Not white space for Python, though some libraries think so.
NEARLY_SPACES = ["\u200b", "\ufeff", "\u2060"]
WORDS = ["Hello", "user", "model", "What is 2 + 6?", "  two  ", "é", "日本", "😀",
         "\n\n\n", "<b>", "{{ bos_token }}", "{% raw %}", "a\nb", "-", "0"]


def raise_exception(message):
    raise jinja2.TemplateError(message)


def templates():
    """{chat format: its template}"""
    # As transformers renders chat templates.
    environment = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True)
    environment.globals["raise_exception"] = raise_exception
    with open(CONFIG, encoding="utf-8") as file:
        gemma = json.load(file)["chat_template"]
    with open(GEMMA3, encoding="utf-8") as file:
        gemma3 = file.read()
    return {"gemma": environment.from_string(gemma),
            "gemma3": environment.from_string(gemma3)}


def message(role, content):
    return {"role": role, "content": content}


def conversations():
    # Not among them: a system message in the assistant's place, which the
    # templates let through as a turn of its own, and one without a user message,
    # which Gemma 3's loses. ChatPrompt refuses both.
    def user(content):
        return message("user", content)

    def assistant(content):
        return message("assistant", content)

    def system(content):
        return message("system", content)

    yield []
    yield [user("What is the capital of France?")]
    yield [user("")]
    yield [user("  Hi \n"), assistant("\nHello!\n"), user(" Bye ")]
    yield [user("a"), assistant("b")]
    yield [system("Be brief."), user("Hi")]
    yield [system(""), user("Hi")]
    yield [system(" \n Be brief.\n\n "), user("\n Hi \n"), assistant(" a "), user(" b ")]
    yield [system("a"), user("\n")]
    yield [system("a"), assistant("Hi")]
    yield [system("a"), system("b"), user("c")]
    yield [system("a"), user("b"), user("c")]
    yield [user("a"), assistant("b"), system("c")]
    yield [message("developer", "a"), user("b")]
    yield [assistant("Hi")]
    yield [user("a"), user("b")]
    yield [user("a"), assistant("b"), assistant("c")]
    for space in SPACES + NEARLY_SPACES:
        yield [user(space + "a" + space + "b" + space), assistant(space), user("c")]
        yield [system(space + "a" + space), user(space + "b" + space), assistant("c")]
    draw = random.Random(1)
    for _ in range(60):
        turns = []
        if draw.random() < 0.3:
            turns.append(system("".join(draw.choices(WORDS + SPACES, k=draw.randint(0, 4)))))
        for index in range(draw.randint(1, 6)):
            parts = draw.choices(WORDS + SPACES + NEARLY_SPACES, k=draw.randint(0, 6))
            turns.append((assistant if index % 2 else user)("".join(parts)))
        yield turns


def cases(chat):
    for turns in conversations():
        try:
            rendered = chat.render(messages=turns, bos_token="<bos>",
                                   add_generation_prompt=True)
            yield {"messages": turns, "rendered": rendered}
        except jinja2.TemplateError:
            yield {"messages": turns, "refused": True}


def main():
    text = json.dumps({name: list(cases(chat)) for name, chat in templates().items()},
                      indent=1) + "\n"
    if sys.argv[1:] == ["--check"]:
        with open(OUT, encoding="utf-8") as file:
            sys.exit(0 if file.read() == text else f"error: {OUT}: out of date")
    with open(OUT, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
