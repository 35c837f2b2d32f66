"""A Gemfile is a Ruby program; this module finds out what it declares and which files it reads, and never runs it.

What it cannot follow becomes a reason to assume that the Gemfile reads everything. https://bundler.io/man/gemfile.5.html
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from reorder.effects import join
from reorder.manifests.ruby_text import RubyTextError, Token, interpolated, statements, tokens


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_DECLARING = _words(
    "source git_source ruby gem gemspec group groups platform platforms env install_if git github path eval_gemfile"
)
_QUIET = _words(
    """
    if unless elsif else end case when then and or not do while true false nil self return begin rescue ensure
    defined? lambda proc raise warn puts abort
    ENV fetch key? has_key? dig values_at RUBY_VERSION RUBY_PLATFORM RUBY_ENGINE RUBY_ENGINE_VERSION RbConfig CONFIG
    Gem Version Requirement Platform Bundler WINDOWS win_platform? ruby_version local create rubygems_version VERSION
    String Array Hash Regexp Integer Float Symbol StandardError Errno ENOENT ArgumentError new
    strip chomp chop to_s to_i to_f to_sym to_a split first last join sub gsub delete tr downcase upcase slice match
    match? include? start_with? end_with? empty? nil? any? all? none? size length is_a? respond_to? freeze dup
    prerelease? segments satisfied_by? release bump between? os host_os each map select reject find compact flatten
    uniq sort merge update push concat tap then presence format
    File __FILE__ __dir__ __ENCODING__
    """
)
"""Names whose use in a Gemfile reads no file (those of `_OPENING` apart)."""

_OPENING = _words("read readlines exist? exists? file? foreach open binread eval instance_eval eval_gemfile")
_PATHS = _words("expand_path dirname basename realpath absolute_path")
_INCLUDING = _words("eval instance_eval eval_gemfile")
_LIBRARIES = _words("rbconfig json uri rubygems bundler yaml pathname date time set erb open-uri net/http")
_OPTION_WITH_FILE = _words("path file")


class Gem(NamedTuple):
    """One ``gem`` line: its requirements as the lock writes them (None: not literal), and where it comes from."""

    name: str
    requirement: str | None
    is_pinned: bool


@dataclass(slots=True)
class Gemfile:
    """What a Gemfile and the files that it includes say.

    ``reads``: container paths of files that it opens, present or not; ``includes``: those that are Gemfiles as well.
    ``local_trees``: directories of gems (``path:``); ``gemspecs``: directories whose gemspec is taken. ``ruby`` tells
    that a Ruby version is asked for. ``is_plain``: every line holds always, and all that counts is literal.
    """

    reads: list[str] = field(default_factory=list)
    includes: list[str] = field(default_factory=list)
    local_trees: list[str] = field(default_factory=list)
    gemspecs: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    gems: list[Gem] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)
    ruby: bool = False
    is_plain: bool = True

    def add(self, other: Gemfile) -> None:
        """Take in what an included file says."""
        for name in ("reads", "includes", "local_trees", "gemspecs", "sources", "gems", "reasons"):
            getattr(self, name).extend(getattr(other, name))
        self.ruby = self.ruby or other.ruby
        self.is_plain = self.is_plain and other.is_plain


def parse_gemfile(text: str, path: str) -> Gemfile:
    """Judge the Gemfile at the container path ``path`` by its tokens."""
    found = Gemfile()
    try:
        lines = list(statements(text))
        _Reader(found, path, _local_names(lines)).read(lines)
    except RubyTextError as error:
        found.reasons.append(str(error))
    return found


def _local_names(lines: list[list[Token]]) -> frozenset[str]:
    """Variables and block parameters: ``x = …``, ``|x, y|``."""
    names: set[str] = set()
    for line in lines:
        for index, token in enumerate(line):
            following = line[index + 1].value if index + 1 < len(line) else ""
            before = line[index - 1].value if index else "\n"
            if token.kind != "word":
                continue
            if following in ("=", "||=", "+=") and line[index + 1].kind == "mark" and before in ("\n", "(", ","):
                names.add(token.value)
            if before in ("|", ",") and following in ("|", ","):
                names.add(token.value)
    return frozenset(names)


@dataclass(slots=True)
class _Reader:
    """The state while reading the lines of one Gemfile."""

    found: Gemfile
    path: str
    names: frozenset[str]
    blocks: list[str] = field(default_factory=list)

    def read(self, lines: list[list[Token]]) -> None:
        for line in lines:
            self._check(line)
            self._declare(line)
            self._follow_blocks(line)

    def _check(self, line: list[Token]) -> None:
        """Every name must be harmless; what opens files must name them."""
        head = line[0].value if line[0].kind == "word" else ""
        if head in ("require", "plugin", "require_relative", "load"):
            self._check_require(line)
            return
        words = [token.value for token in line if token.kind == "word"]
        for token in line:
            if token.kind == "open text":
                words += [t.value for code in interpolated(token.value) for t in tokens(code) if t.kind == "word"]
        allowed = _DECLARING | _QUIET | _OPENING | _PATHS | self.names
        for word in words:
            if word not in allowed and not word[0].isdigit():
                self.found.reasons.append(f"line {line[0].line} uses {word}")
        if any(token.kind == "shell" for token in line):
            self.found.reasons.append(f"line {line[0].line} runs a command")
        if _OPENING.intersection(words):
            self._open(line, words)

    def _check_require(self, line: list[Token]) -> None:
        target = line[1] if len(line) > 1 else None
        if line[0].value == "require" and target and target.kind == "text" and target.value in _LIBRARIES:
            return
        self.found.reasons.append(f"line {line[0].line} has a {line[0].value}, which runs code")

    def _open(self, line: list[Token], words: list[str]) -> None:
        """The files that a line opens: its strings as paths, from the Gemfile and from its directory."""
        texts = [token.value for token in line if token.kind == "text" and token.value]
        if line[0].value == "gem":
            texts = texts[1:]
        if not texts or any(token.kind == "open text" for token in line):
            self.found.reasons.append(f"line {line[0].line} opens a file whose name is not literal")
            return
        directory = posixpath.dirname(self.path)
        spelled = [*texts, posixpath.join(*(text.lstrip("/") for text in texts))]
        places = [join(base, text.lstrip("/")) for text in spelled for base in (directory, self.path)]
        places += [text for text in texts if text.startswith("/")]
        self.found.reads += places
        if _INCLUDING.intersection(words):
            self.found.includes += places

    def _declare(self, line: list[Token]) -> None:
        if self.blocks[-1:] == ["git_source"]:
            return
        if line[0].kind != "word" or any(t[:2] in (("word", "if"), ("word", "unless")) for t in line):
            self.found.is_plain = False
        match line[0].value:
            case "gem":
                self._gem(line)
            case "source":
                self.found.sources += [token.value for token in line if token.kind == "text"][:1]
                self.found.is_plain &= line[1:2] != [] and line[1].kind in ("text", "mark")
            case "ruby":
                self.found.ruby = True
                self._file_options(line)
            case "gemspec":
                self._gemspec(line)
            case "path":
                self.found.is_plain = False
                self._local([token for token in line[1:] if token.kind in ("text", "open text")][:1], line)
            case "git_source" | "group" | "groups" | "end" | "eval_gemfile" | "platforms" | "platform" | "require":
                pass
            case _:
                self.found.is_plain = False

    def _gem(self, line: list[Token]) -> None:
        arguments = list(_arguments(line[1:]))
        if not arguments or len(arguments[0]) != 1 or arguments[0][0].kind != "text":
            self.found.is_plain = False
            self._file_options(line)
            return
        literals = []
        is_literal = True
        for argument in arguments[1:]:
            if _option(argument):
                continue
            words = [t for t in argument if t.value not in ("[", "]", ",")]
            is_literal = is_literal and all(t.kind == "text" for t in words)
            literals += [t.value for t in words if t.kind == "text"]
        options = {_option(argument) for argument in arguments}
        pinned = bool(options & {"git", "github", "path", "source", "gist", "bitbucket", "gitlab"})
        requirement = lock_requirement(literals) if is_literal else None
        self.found.gems.append(Gem(arguments[0][0].value, requirement, pinned or self._is_pinning()))
        if pinned:
            self.found.is_plain = False
        self._file_options(line)

    def _is_pinning(self) -> bool:
        return any(name in ("source", "git", "github", "path") for name in self.blocks)

    def _file_options(self, line: list[Token]) -> None:
        """``path: "x"``, ``file: ".ruby-version"``."""
        directory = posixpath.dirname(self.path)
        for argument in _arguments(line[1:]):
            name = _option(argument)
            if name == "path":
                self._local(argument[-1:], line)
            elif name == "file" and line[0].value == "ruby" and argument[-1].kind == "text":
                self.found.reads.append(join(directory, argument[-1].value))

    def _local(self, value: list[Token], line: list[Token]) -> None:
        if not value or value[0].kind != "text":
            self.found.reasons.append(f"line {line[0].line} takes a gem from a path that is not literal")
            return
        self.found.local_trees.append(join(posixpath.dirname(self.path), value[0].value))

    def _gemspec(self, line: list[Token]) -> None:
        self.found.is_plain = False
        directory = posixpath.dirname(self.path)
        paths = [a[-1] for a in _arguments(line[1:]) if _option(a) == "path"]
        if any(token.kind != "text" for token in paths):
            self.found.reasons.append(f"line {line[0].line} takes a gemspec from a path that is not literal")
        self.found.gemspecs += [join(directory, token.value) for token in paths] or [directory]

    def _follow_blocks(self, line: list[Token]) -> None:
        opener = line[0].value if line[0].kind == "word" else ""
        words = [t.value for t in line if t.kind == "word"]
        if opener in ("if", "unless", "case", "while", "begin") or "do" in words:
            self.blocks.append(opener)
        if "end" in words and self.blocks:
            self.blocks.pop()
        if set(self.blocks) - {"group", "groups", "git_source", "platforms", "platform"}:
            self.found.is_plain = False


def _arguments(line: list[Token]) -> Iterator[list[Token]]:
    """The arguments of a call without its parentheses, and without a block or a modifier behind it."""
    current: list[Token] = []
    depth = 0
    for token in line:
        if token.kind == "word" and token.value in ("if", "unless", "do") and depth <= 1:
            break
        if token.kind == "mark" and token.value in "([{":
            depth += 1
            if depth == 1 and token.value == "(" and not current:
                depth = 0
                continue
        elif token.kind == "mark" and token.value in ")]}":
            depth -= 1
            if depth < 0:
                break
        if token.kind == "mark" and token.value == "," and depth == 0:
            yield current
            current = []
        else:
            current.append(token)
    if current:
        yield current


def _option(argument: list[Token]) -> str:
    """The name of ``name: value`` or ``:name => value``; empty for a positional argument."""
    return argument[0].value if len(argument) > 1 and argument[0].kind == "symbol" else ""


def lock_requirement(written: list[str]) -> str:
    """Requirements as Bundler's lock writes them: ``>= 0.5, < 2`` (tried with Bundler 2.3)."""
    found = []
    for text in (part for each in written for part in each.split(",")):
        match = re.fullmatch(r"\s*(=|!=|>=|<=|~>|>|<)?\s*([\w.-]+)\s*", text)
        found.append(f"{match[1] or '='} {match[2]}" if match else text)
    return ", ".join(sorted((each for each in found if each != ">= 0"), reverse=True))
