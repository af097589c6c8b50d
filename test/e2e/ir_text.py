"""Edits the text of a dump, one op per line, for tests that plant bugs.

Every edit fails if it leaves the text as it was: a bug that was not planted
must not count as found.
"""

import re


class EditFailure(AssertionError):
    """The dump does not look as the edit expects."""


class IrText:
    """A dump as a list of lines."""

    def __init__(self, text):
        self.lines = text.split("\n")

    def __str__(self):
        return "\n".join(self.lines)

    def ops(self, kind):
        """Numbers of the lines that hold an op of this kind, in order."""
        found = [i for i, line in enumerate(self.lines)
                 if re.match(rf"\s*(%\w+ = )?{re.escape(kind)}[ (]", line)]
        if not found:
            raise EditFailure(f"no {kind} in the dump")
        return found

    def result(self, index):
        match = re.match(r"\s*(%\w+) =", self.lines[index])
        if not match:
            raise EditFailure(f"no result: {self.lines[index]}")
        return match[1]

    def operands(self, index):
        """SSA names between the op's name and its attributes or type."""
        line = self.lines[index].split("=", 1)[-1]
        return re.findall(r"%\w+", re.split(r"\{| : ", line)[0])

    def replace_line(self, index, line):
        if line == self.lines[index]:
            raise EditFailure(f"nothing changed: {line}")
        self.lines[index] = line

    def substitute(self, index, pattern, replacement):
        """Replaces every match of a pattern in a line."""
        self.replace_line(index, re.sub(pattern, replacement, self.lines[index]))

    def set_attribute(self, index, name, value):
        """Gives an attribute of an op another value, adding it if missing."""
        line = self.lines[index]
        changed, count = re.subn(rf"\b{name} = [^,}}<]+(<[^>]*>)?", f"{name} = {value}",
                                 line, count=1)
        if not count and "{" in line:
            changed = line.replace("{", f"{{{name} = {value}, ", 1)
        self.replace_line(index, changed)

    def set_all(self, kind, name, value):
        for index in self.ops(kind):
            self.set_attribute(index, name, value)

    def swap_operands(self, index, first, second):
        """Swaps two operands of an op, given by their numbers."""
        names = self.operands(index)
        a, b = names[first], names[second]
        swap = {a: b, b: a}
        head, body = re.match(r"(\s*(?:%\w+ = )?)(.*)", self.lines[index]).groups()
        self.replace_line(index, head + re.sub(
            r"%\w+", lambda m: swap.get(m[0], m[0]), body))

    def set_operand(self, index, number, name):
        """Replaces one operand of an op, leaving an equal other one alone."""
        head, body = re.match(r"(\s*(?:%\w+ = )?)(.*)", self.lines[index]).groups()
        uses = list(re.finditer(r"%\w+", body))
        use = uses[number]
        self.replace_line(index, head + body[:use.start()] + name + body[use.end():])

    def bypass(self, index, operand=0):
        """Lets all later users of an op's result take its operand instead."""
        old, new = self.result(index), self.operands(index)[operand]
        changed = 0
        for later in range(index + 1, len(self.lines)):
            self.lines[later], count = re.subn(rf"{old}\b", new, self.lines[later])
            changed += count
        if not changed:
            raise EditFailure(f"{old} has no users")
        del self.lines[index]

    def insert_after(self, index, op, result_type):
        """Inserts a one-operand op between a line's result and its users.

        `op` is its text with {x} for the operand.
        """
        old = self.result(index)
        for later in range(index + 1, len(self.lines)):
            self.lines[later] = re.sub(rf"{old}\b", "%planted", self.lines[later])
        text = op.format(x=old, type=result_type)
        self.lines.insert(index + 1, f"    %planted = {text}")

    def result_type(self, index):
        return self.lines[index].rsplit("->", 1)[-1].strip()

    def swap_sources(self, first, second):
        """Swaps two pieces of tensor names in all weight sources."""
        swap = {first: second, second: first}
        pattern = "|".join(map(re.escape, swap))

        def edit(match):
            return re.sub(pattern, lambda m: swap[m[0]], match[0])
        self._edit_sources(edit)

    def rename_source(self, old, new):
        self._edit_sources(lambda match: match[0].replace(old, new))

    def _edit_sources(self, edit):
        before = str(self)
        for index, line in enumerate(self.lines):
            self.lines[index] = re.sub(r'#gemma\.tensor<"[^"]*", "[^"]*">', edit, line)
        if str(self) == before:
            raise EditFailure("no weight source changed")
