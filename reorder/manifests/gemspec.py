"""A gemspec is a Ruby program that Bundler runs for gems that lie in the project; this module never runs it.

Bundler takes name, version and dependencies from it, so it reads the gemspec and what that requires
(``lib/NAME/version.rb``). The list of files does not matter, but that of programs does: Bundler makes them executable
(its source, Bundler::Source::Path::Installer).
"""

from __future__ import annotations

import posixpath
from itertools import pairwise

from reorder.effects import PathSet, join
from reorder.manifests.files import Files, ManifestError, read_manifest
from reorder.manifests.ruby_text import RubyTextError, Token, interpolated, statements, tokens

_SLUG = "install-builds-project"


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_ATTRIBUTES = _words(
    """
    name version summary description authors author email homepage license licenses files test_files executables bindir
    require_paths require_path add_dependency add_development_dependency add_runtime_dependency metadata platform date
    required_ruby_version required_rubygems_version extra_rdoc_files rdoc_options post_install_message cert_chain
    signing_key has_rdoc rubyforge_project specification_version default_executable original_platform
    rubygems_version required_rubygems_version=
    """
)
_QUIET = _words(
    """
    if unless elsif else end and or not do true false nil self lambda proc then rescue begin frozen_string_literal
    new freeze strip chomp to_s split first last join gsub sub grep grep_v reject select map each flatten uniq sort
    start_with? end_with? include? match match? empty? respond_to? basename dirname expand_path realpath relative
    __FILE__ __dir__ unshift push chdir glob popen read readlines ls out err exception readlines chomp: lib ls_files
    delete prerelease? raise warn puts module class private_constant fdiv today now strftime utc size is_a? compact
    $LOAD_PATH $: $0 key? fetch exist? file? directory? zip tap dig == delete_if
    """
)
_OPENING = _words("read readlines exist? file?")
_LOCATING = _words("File expand_path join dirname __FILE__ __dir__")
_FOREIGN = _words("Process Kernel Open3 FileUtils Find YAML JSON Rake PTY Net URI Open ObjectSpace")


def gemspec_reads(files: Files, directory: str) -> PathSet:
    """What Bundler reads of a gem in ``directory``: the gemspecs up to two folders deep, and what these read.

    Raises `ManifestError` where that is not known.
    """
    found = PathSet()
    specs = list(_gemspecs(files, directory))
    if not specs:
        return PathSet.of(trees=(directory,))
    for path in specs:
        found |= _judge(files, path)
    return found


def _gemspecs(files: Files, directory: str, depth: int = 2) -> list[str]:
    found = []
    for name in files.names(directory):
        path = join(directory, name)
        if name.endswith(".gemspec"):
            found.append(path)
        elif depth and not name.startswith("."):
            found += _gemspecs(files, path, depth - 1)
    return found


def _judge(files: Files, path: str) -> PathSet:
    text = read_manifest(files, path, "a gem of the project").decode("utf-8", "replace")
    try:
        reader = _Reader(files, path)
        for line in statements(text):
            reader.read(line)
    except RubyTextError as error:
        raise ManifestError(_SLUG, f"Bundler runs {path}: {error}") from None
    reader.check_programs()
    return PathSet.of(path, *reader.found)


class _Reader:
    """Collects what one gemspec reads."""

    def __init__(self, files: Files, path: str) -> None:
        self.files, self.path = files, path
        self.directory = posixpath.dirname(path)
        self.found: list[str] = []
        self.bindir = "bin"
        self.has_programs = False

    def read(self, line: list[Token]) -> None:
        """Judge one line; raises `ManifestError`."""
        words = [token.value for token in line if token.kind == "word"]
        for token in line:
            if token.kind == "open text":
                words += [t.value for code in interpolated(token.value) for t in tokens(code) if t.kind == "word"]
            if token.kind == "shell" and not token.value.startswith("`git ls-files"):
                raise self._error(line, "runs a command")
        head = line[0].value
        if head in ("require", "require_relative", "load"):
            self._require(line)
            return
        locals_ = {t.value for before, t in pairwise(line) if before.value in ("|", ",")}
        for word in words:
            if word in _FOREIGN or not (word in _ATTRIBUTES | _QUIET | locals_ or self._is_plain(word)):
                raise self._error(line, f"uses {word}")
        if "popen" in words and not any(t.value.startswith("git ls-files") for t in line if t.kind == "text"):
            raise self._error(line, "runs a command")
        if _OPENING.intersection(words):
            self._open(line)
        self._note_programs(line, words)

    def _is_plain(self, word: str) -> bool:
        """Constants (``Shop::VERSION``), numbers, short names of variables."""
        return word[:1].isupper() or word[:1].isdigit() or word in ("s", "spec", "gem", "f", "file", "path", "x")

    def _error(self, line: list[Token], what: str) -> ManifestError:
        return ManifestError(_SLUG, f"Bundler runs {self.path}, which in line {line[0].line} {what}")

    def _require(self, line: list[Token]) -> None:
        texts = [token.value for token in line if token.kind == "text"]
        words = {token.value for token in line[1:] if token.kind == "word"}
        if not texts or words - _LOCATING or any(token.kind == "open text" for token in line):
            raise self._error(line, "requires a file whose name is not literal")
        bases = (self.directory, self.path, join(self.directory, "lib"))
        for text in (*texts, posixpath.join(*(text.lstrip("/") for text in texts))):
            for path in {join(base, text.lstrip("/") + end) for base in bases for end in ("", ".rb")}:
                if self.files.find(path) is not None and not self.files.names(path) and path not in self.found:
                    self._check_constants(path)
                    self.found.append(path)

    def _check_constants(self, path: str) -> None:
        """A file like version.rb may only define constants."""
        text = read_manifest(self.files, path, "required by a gemspec").decode("utf-8", "replace")
        try:
            found = list(tokens(text))
        except RubyTextError as error:
            raise ManifestError(_SLUG, f"Bundler runs {path}: {error}") from None
        for token in found:
            is_word = token.kind == "word" and token.value not in ("module", "class", "end", "freeze", "join", "nil")
            if token.kind == "shell" or (is_word and not (token.value[:1].isupper() or token.value[:1].isdigit())):
                raise ManifestError(_SLUG, f"Bundler runs {path}, which uses {token.value}")

    def _open(self, line: list[Token]) -> None:
        texts = [token.value for token in line if token.kind == "text" and token.value]
        if not texts or any(token.kind == "open text" for token in line):
            raise self._error(line, "opens a file whose name is not literal")
        for text in (*texts, posixpath.join(*(text.lstrip("/") for text in texts))):
            self.found += [join(base, text.lstrip("/")) for base in (self.directory, self.path)]

    def _note_programs(self, line: list[Token], words: list[str]) -> None:
        texts = [token.value for token in line if token.kind == "text"]
        if "bindir" in words:
            if len(texts) != 1:
                raise self._error(line, "has a folder of programs that is not literal")
            self.bindir = texts[0]
        self.has_programs = self.has_programs or "executables" in words

    def check_programs(self) -> None:
        """Raise if Bundler would change the mode of a program of the project."""
        place = join(self.directory, self.bindir)
        if self.has_programs and self.files.names(place):
            raise ManifestError(_SLUG, f"Bundler makes what {self.path} finds in {place} executable")
