"""Reads a makefile: which targets there are, what they need, and the recipe of each.

Only explicit rules and variables are understood (gnu.org/software/make/manual, chapters 3 to 6). What would make the
rest of the file mean something else raises `MakefileError`; what matters to one rule only is noted there, and counts if
that rule is wanted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from reorder.manifests.make_conditionals import Conditionals, looks_conditional
from reorder.manifests.make_variables import MakefileError, Scope, Variable, has_unknown

_ASSIGNMENT = re.compile(r"(?P<name>[\w.-]+)[ \t]*(?P<op>::?=|[?+!]?=|:::=)[ \t]*(?P<value>.*)", re.ASCII | re.DOTALL)
_OWN_VARIABLE = re.compile(r"[ \t]*(?:(?:export|private|override|unexport)[ \t]+)*[^\s:=;]+[ \t]*(?::{0,3}|[?+!])=")
_DIRECTIVE = re.compile(r"(-?include|sinclude|ifn?eq|endef|vpath|-?load|undefine|override|private)(?=[ \t(]|$)")
_HARMLESS = frozenset(".SUFFIXES .SILENT .IGNORE .DELETE_ON_ERROR .NOTPARALLEL .PRECIOUS .LOW_RESOLUTION_TIME".split())
_SPECIAL = re.compile(r"\.[A-Z_]+")
_SUFFIXES = (
    ".out .a .ln .o .c .cc .C .cpp .p .f .F .m .r .y .l .ym .yl .s .S .mod .sym .def .h .info .dvi .tex .texinfo .texi"
    " .txinfo .w .ch .web .sh .elc .el"
).split()
_SOURCES = (*_SUFFIXES, ",v", ".cweb")
"""What the built-in rules make a file of, by the ending that it then has (``make -p``)."""
_NAMED = re.compile(r"[\w./+@,-]+", re.ASCII)
"""A name that make takes as it is: no wild card, no archive member, no pattern."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """What is known of a target. ``recipe``: its lines as written, or None; ``odd``: why it is not followed."""

    needs: tuple[str, ...] = ()
    order_only: tuple[str, ...] = ()
    recipe: tuple[str, ...] | None = None
    odd: str | None = None


@dataclass(slots=True)
class Makefile:
    """A makefile that was read: its rules, its variables, and the targets declared phony.

    ``patterns``: the targets of its pattern rules; ``optional``: files that it includes if they are there, which was
    taken not to be so; ``first``: its first target.
    """

    scope: Scope
    rules: dict[str, Rule] = field(default_factory=dict)
    phony: set[str] = field(default_factory=set)
    patterns: list[str] = field(default_factory=list)
    optional: list[str] = field(default_factory=list)
    first: str | None = None

    @property
    def goal(self) -> str | None:
        """What is made if nothing is asked for (section 9.2)."""
        chosen = self.scope.variables.get(".DEFAULT_GOAL")
        return self.scope.expand(chosen.value).strip() if chosen else self.first

    def may_be_made(self, target: str) -> bool:
        """Whether a pattern rule of the file may make a target that has no recipe."""
        return any(_matches(pattern, target) for pattern in self.patterns)


def is_plain_name(name: str) -> bool:
    """Whether make takes the name of a target as it is."""
    return _NAMED.fullmatch(name) is not None


def plain_name(name: str) -> str:
    """The name of a target as make takes it, without ``./`` in front."""
    return re.sub(r"^(?:\./+)+(?=.)", "", name)


def _plain_names(text: str) -> tuple[str, ...]:
    return tuple(map(plain_name, text.split()))


def implicit_sources(target: str) -> tuple[str, ...]:
    """The files of which the built-in rules would make a target that has no recipe (section 10.2)."""
    folder, slash, name = target.rpartition("/")
    stem = name.rpartition(".")[0] if "." in name else ""
    names = [name + end for end in _SOURCES] + ([stem + end for end in _SOURCES if stem + end != name] if stem else [])
    names += [f"RCS/{name},v", f"RCS/{name}", f"s.{name}", f"SCCS/s.{name}"]
    return tuple(f"{folder}{slash}{each}" for each in names)


def parse_makefile(text: str, scope: Scope) -> Makefile:
    """Read a makefile; ``scope`` holds what the environment and the command line set. Raises `MakefileError`."""
    reader = _Reader(Makefile(scope))
    lines = _logical_lines(text)
    for line, is_recipe in lines:
        reader.take(line, lines, is_recipe=is_recipe)
    reader.close()
    if reader.conditionals.branches:
        raise MakefileError("has conditionals that are not understood")
    return reader.made


def _logical_lines(text: str) -> Iterator[tuple[str, bool]]:
    """Lines with their continuations; those of a recipe keep them, as the shell is to see them (section 5.1.1)."""
    lines = iter(text.split("\n"))
    for line in lines:
        is_recipe = line.startswith("\t")
        while _is_continued(line):
            following = next(lines, "")
            line = f"{line}\n{following.removeprefix(chr(9))}" if is_recipe else f"{line}\n{following}"
        yield line, is_recipe


def _is_continued(line: str) -> bool:
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1


def _joined(line: str) -> str:
    return re.sub(r"[ \t]*\\\n[ \t]*", " ", line)


def _matches(pattern: str, target: str) -> bool:
    before, _, after = pattern.partition("%")
    names = (target, target.rpartition("/")[2])
    return any(len(n) >= len(before + after) and n.startswith(before) and n.endswith(after) for n in names)


@dataclass(slots=True)
class _Reader:
    """The state while a file is read: ``open`` are the targets whose recipe may go on, ``lines`` those of it so far."""

    made: Makefile
    open: tuple[str, ...] = ()
    needs: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    odd: str | None = None
    lines: list[str] = field(default_factory=list)
    has_recipe: bool = False
    is_in_rule: bool = False
    conditionals: Conditionals = field(default_factory=Conditionals)
    suffixes: set[str] = field(default_factory=lambda: set(_SUFFIXES))

    def take(self, line: str, following: Iterator[tuple[str, bool]], *, is_recipe: bool) -> None:
        """Read one logical line."""
        if self.conditionals.is_skipping and is_recipe and not looks_conditional(line):
            return
        if is_recipe and self.is_in_rule:
            self.lines.append(line[1:])
            self.has_recipe = True
            return
        text = _without_comment(_joined(line))
        if not text.strip():
            return
        if not is_recipe and self.conditionals.take(text, self.made.scope):
            return
        if is_recipe and not self.is_in_rule:
            raise MakefileError("has a recipe without a rule")
        if self.conditionals.is_skipping:
            self._skip(text, following)
            return
        text = text.lstrip(" ")
        self.close()
        if re.match(r"define[ \t]", text):
            self._define(text, following)
        elif re.match(r"(un)?export([ \t]|$)", text) and not re.match(r"\w+[ \t]*[:=]", text):
            self._export(text)
        elif found := _ASSIGNMENT.fullmatch(text):
            self.made.scope.assign(found["name"], found["op"], found["value"])
        elif found := _DIRECTIVE.match(text):
            self._directive(found[1], text[found.end() :])
        else:
            self._rule(text)

    def close(self) -> None:
        """End the rule that is open."""
        recipe = tuple(self.lines) if self.has_recipe else None
        for target in self.open:
            self._note(target, recipe)
        self.open, self.lines, self.has_recipe, self.is_in_rule, self.odd = (), [], False, False, None

    def _note(self, target: str, recipe: tuple[str, ...] | None) -> None:
        needs, order_only = self.needs
        before = self.made.rules.get(target, Rule())
        odd = before.odd or self.odd
        if recipe is None:
            needs = before.needs + needs
        else:
            needs += before.needs  # those of the rule with the recipe come first
            if before.recipe is not None:
                odd = odd or f"has two recipes for {target}"
        self.made.rules[target] = Rule(
            needs=tuple(dict.fromkeys(needs)), order_only=tuple(dict.fromkeys(before.order_only + order_only)),
            recipe=before.recipe if recipe is None else recipe, odd=odd,
        )  # fmt: skip

    def _skip(self, text: str, following: Iterator[tuple[str, bool]]) -> None:
        """Pass over a line in a branch that is not read; what it would define goes with it."""
        if re.match(r"[ \t]*(?:override[ \t]+|export[ \t]+)?define[ \t]", text):
            raise MakefileError("defines a variable of many lines in a conditional")
        del following

    def _directive(self, word: str, rest: str) -> None:
        if word == "vpath":
            raise MakefileError("searches other directories")
        if "include" not in word:
            raise MakefileError(f"uses {word}")
        names = self.made.scope.expand(rest).split()
        if word == "include" or not all(map(is_plain_name, names)):
            raise MakefileError("includes other files")
        self.made.optional += names

    def _define(self, text: str, following: Iterator[tuple[str, bool]]) -> None:
        found = re.fullmatch(r"define[ \t]+([\w.-]+)[ \t]*(=?)[ \t]*", text)
        if found is None:
            raise MakefileError("defines a variable of many lines")
        body: list[str] = []
        for line, _ in following:
            word = [] if line.startswith("\t") else line.split(None, 1)[:1]
            if word == ["endef"]:
                self.made.scope.assign(found[1], "=", "\n".join(body))
                return
            if word == ["define"]:
                break
            body.append(line)
        raise MakefileError("defines a variable of many lines")

    def _export(self, text: str) -> None:
        keyword, rest = [*text.split(None, 1), ""][:2]
        scope = self.made.scope
        if found := _ASSIGNMENT.fullmatch(rest):
            scope.assign(found["name"], found["op"], found["value"])
            rest = found["name"]
        names = scope.expand(rest).split()
        if any(map(has_unknown, names)):
            raise MakefileError("exports variables that only a build can tell")
        scope.export(names, "no" if keyword == "unexport" else "yes")

    def _rule(self, text: str) -> None:
        head, semicolon, inline = text.partition(";")
        targets, colon, rest = head.partition(":")
        if not colon:
            raise MakefileError(f"has a line that is not understood: {text.strip()[:40]}")
        odd = None
        if rest.startswith(":"):
            odd, rest = "has double-colon rules", rest[1:]
        if targets.rstrip().endswith("&"):
            odd, targets = "has grouped targets", targets.rstrip()[:-1]
        if _OWN_VARIABLE.match(rest):
            self._note_own_variables(targets, "sets variables for a target")
            return
        if rest.startswith("="):
            raise MakefileError(f"has a line that is not understood: {text.strip()[:40]}")
        names = self._names(targets)
        if ":" in rest:
            odd, rest = "has static pattern rules", ""
        normal, _, order_only = self.made.scope.expand(rest).partition("|")
        if has_unknown(rest_text := normal + order_only):
            odd, normal, order_only = odd or self.made.scope.why_unknown(rest), "", ""
        if "\\" in rest_text or "=" in rest_text or ":" in rest_text:
            odd = odd or "has prerequisites that are not understood"
        self.odd, self.needs = odd, (_plain_names(normal), _plain_names(order_only))
        self.is_in_rule = True
        self.lines, self.has_recipe = ([inline.lstrip()], True) if semicolon else ([], False)
        self._open(names)

    def _names(self, targets: str) -> tuple[str, ...]:
        names = self.made.scope.expand(targets)
        if has_unknown(names):
            raise MakefileError("has targets that only a build can tell: " + self.made.scope.why_unknown(targets))
        if re.search(r"[*?\[\]\\~()=]", names):
            raise MakefileError(f"has targets that are not understood: {names.strip()[:40]}")
        return _plain_names(names)

    def _note_own_variables(self, targets: str, odd: str) -> None:
        for target in self._names(targets):
            if "%" in target:
                raise MakefileError("sets variables for a pattern of targets")
            self.made.rules[target] = replace(self.made.rules.get(target, Rule()), odd=odd)

    def _open(self, names: tuple[str, ...]) -> None:
        kept = []
        for name in names:
            if _SPECIAL.fullmatch(name):
                self._special(name)
            elif "%" in name:
                self.made.patterns.append(name)
            else:
                kept.append(name)
                if suffixes := self._suffixes_of(name):
                    self.made.patterns.append("%" + suffixes[1])
                elif self.made.first is None and (not name.startswith(".") or "/" in name):
                    self.made.first = name
        self.open = tuple(kept)

    def _suffixes_of(self, name: str) -> tuple[str, str] | None:
        """The source's and the target's ending, if the name is that of a suffix rule (section 10.7)."""
        for end in range(2, len(name) + 1):
            source, made = name[:end], name[end:]
            if source in self.suffixes and (not made or made in self.suffixes):
                return source, made
        return None

    def _special(self, name: str) -> None:
        names = (*self.needs[0], *self.needs[1])
        if self.odd:
            raise MakefileError(self.odd)
        if name == ".PHONY":
            self.made.phony.update(names)
        elif name == ".EXPORT_ALL_VARIABLES":
            self.made.scope.exports_all = True
        elif name == ".SUFFIXES":
            self.suffixes.update(names)
        elif name == ".POSIX":
            self.made.scope.variables.setdefault(".SHELLFLAGS", Variable("-ec", "file"))
        elif name not in _HARMLESS:
            raise MakefileError(f"has {name}")


def _without_comment(text: str) -> str:
    if "\\#" in text:
        raise MakefileError("has an escaped #")
    return text.partition("#")[0]
