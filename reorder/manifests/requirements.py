"""A requirements file lists what pip installs; this module finds every local file that such a list leads to.

The format: https://pip.pypa.io/en/stable/reference/requirements-file-format/
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from reorder.effects import join
from reorder.lazy_patterns import lazy_pattern
from reorder.manifests.files import Files, ManifestError, read_manifest

LineKind = Literal["name", "remote", "checkout", "requirements", "constraints", "local", "editable", "links", "opaque"]
"""``checkout``: an editable from version control, cloned into a ``src`` folder. ``links``: where to look for archives.
``opaque``: may read anything.
"""

ARCHIVES = (
    ".whl", ".zip", ".tar.gz", ".tgz", ".tar", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tlz", ".tar.lz", ".tar.lzma",
)  # fmt: skip
"""What pip takes for an archive, as in its ``ARCHIVE_EXTENSIONS``."""

_NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?"
_VERSION = r"(?:===?|~=|!=|<=?|>=?)\s*[^\s,;()@#/\\]+"
_VERSIONS = rf"\(?\s*{_VERSION}(?:\s*,\s*{_VERSION})*\s*,?\s*\)?"
_NAMED = lazy_pattern(rf"({_NAME})\s*(?:{_VERSIONS})?\s*(?:;.*)?", re.DOTALL)
_PLAIN = lazy_pattern(r"[A-Za-z0-9][\w.-]*(?:\[[\w,.-]*\])?(?:[=<>~!]=[\w.*+!-]+)?", re.ASCII)
_AT_URL = lazy_pattern(rf"{_NAME}\s*@\s*(.+)", re.DOTALL)
_REMOTE = lazy_pattern(r"(?:https?|ftp)://|(?:git|hg|svn|bzr)\+(?!file:)[a-z+]+(?::|@)", re.IGNORECASE)
_VARIABLE = lazy_pattern(r"\$\{[A-Z0-9_]+\}")
_COMMENT = lazy_pattern(r"(?:^|\s+)#.*$")
_PER_REQUIREMENT = lazy_pattern(
    r"\s+(?:--(?:hash|config-settings?|global-option)(?:=|\s+)(?:\"[^\"]*\"|'[^']*'|\S+)|-C\s*\S+)"
)
_INCLUDE = lazy_pattern(r"(-r|--requirement|-c|--constraint)(?:\s*=\s*|\s+|(?<=-[rc]))([^\s\"'\\]+)")
_HARMLESS = lazy_pattern(
    r"(?:(?:--(?:no-binary|only-binary|trusted-host|use-feature|all-releases|only-final|uploaded-prior-to)(?:=|\s+)\S+"
    r"|--(?:no-index|pre|prefer-binary|require-hashes)"
    r"|(?:-i|--index-url|--pypi-url|--extra-index-url|-f|--find-links)(?:=|\s+)[\"']?https?://\S+)\s*)+"
)


class Line(NamedTuple):
    """One logical line: what it asks for, and the 1-based number of the physical line where it starts."""

    kind: LineKind
    value: str
    number: int


def decode(data: bytes) -> str:
    """The text as pip reads it: a byte order mark, a coding comment, else UTF-8. Raises `UnicodeDecodeError`."""
    for mark, encoding in ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    for line in data.split(b"\n")[:2]:
        if line.startswith(b"#") and (found := re.search(rb"coding[:=]\s*([-\w.]+)", line)):
            return data.decode(found[1].decode("ascii"))
    return data.decode("utf-8")


def parse_requirements(text: str) -> tuple[Line, ...]:
    """The lines of a requirements or constraints file. Raises `ManifestError` without a file name in front."""
    return tuple(line for number, logical in _logical_lines(text) for line in _parse_line(logical, number))


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    # pip joins lines first and strips comments after, but a comment line ends a continuation.
    start, pieces = 0, []
    for number, line in enumerate(text.splitlines(), start=1):
        start = start or number
        is_comment = _COMMENT.match(line) is not None
        if line.endswith("\\") and not is_comment:
            pieces.append(line.strip("\\"))
            continue
        pieces.append(" " + line if is_comment and pieces else line)
        yield start, "".join(pieces)
        start, pieces = 0, []
    if pieces:
        yield start, "".join(pieces)


def _parse_line(logical: str, number: int) -> Iterator[Line]:
    text = (_COMMENT.sub("", logical) if "#" in logical else logical).strip()
    if not text:
        return
    if not text.startswith("-"):
        bare = _PER_REQUIREMENT.sub("", text).strip() if " -" in text else text
        yield Line(*classify_requirement(bare), number)
    elif _HARMLESS.fullmatch(text):
        return
    elif include := _INCLUDE.fullmatch(text):
        kind: LineKind = "constraints" if include[1] in {"-c", "--constraint"} else "requirements"
        yield Line(kind if not _VARIABLE.search(include[2]) else "opaque", include[2], number)
    else:
        yield from _parse_option_line(text, number)


def classify_requirement(text: str) -> tuple[LineKind, str]:
    """What pip makes of a requirement: a name for the index, a remote archive, or a local path (the path alone)."""
    text = text.strip()
    if _PLAIN.fullmatch(text) and not text.lower().endswith(ARCHIVES):
        return "name", text
    if _REMOTE.match(text):
        return "remote", text
    if (at_url := _AT_URL.fullmatch(text)) and not text.startswith("."):
        kind, value = classify_requirement(at_url[1].partition(" ;")[0])
        return (kind, value) if kind in {"remote", "local"} else ("opaque", text)
    if text.startswith("file:"):
        return _classify_path(file_url_path(text), text)
    path = re.sub(r"\[[^\]/]*\]$", "", text.partition(";")[0].strip())
    if "/" in path or path.startswith(".") or path.lower().endswith(ARCHIVES):
        return ("opaque", text) if ":" in path.partition("/")[0] else _classify_path(path, text)
    return ("name", text) if _NAMED.fullmatch(text) else ("opaque", text)


def _classify_path(path: str, text: str) -> tuple[LineKind, str]:
    return ("opaque", text) if _VARIABLE.search(path) or not path else ("local", path)


def file_url_path(url: str) -> str:
    """The path in a ``file:`` URL; pip takes ``file:dir`` as relative to the working directory."""
    rest = url.removeprefix("file:").partition("#")[0].partition(";")[0].strip()
    if rest.startswith("//"):
        host, _, path = rest[2:].partition("/")
        rest = "/" + path if host in {"", "localhost"} else ""
    if "%" in rest:
        from urllib.parse import unquote

        rest = unquote(rest)
    return re.sub(r"\[[^\]/]*\]$", "", rest)


def classify_editable(value: str) -> tuple[LineKind, str]:
    """What ``-e value`` asks for: a checkout from version control, or a local project."""
    kind, found = classify_requirement(value)
    if kind == "remote":
        return "checkout", value
    # pip takes a bare name after -e for a folder.
    return ("editable", found.partition("[")[0]) if kind in {"local", "name"} else (kind, found)


def checkout_name(url: str) -> str | None:
    """The folder below ``src`` that an editable from version control is cloned into."""
    found = re.search(r"[#&]egg=([A-Za-z0-9._-]+)", url) or re.match(r"([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*@", url)
    return found[1].lower().replace("_", "-") if found else None


def _parse_option_line(text: str, number: int) -> Iterator[Line]:
    # The library's optparse grammar knows every old option and the abbreviations; importing it costs 70 ms.
    from pip_requirements_parser import get_line_parser

    try:
        _, options, arguments = get_line_parser()(text)
    except Exception as error:  # optparse and shlex raise a handful of types; all mean the same here
        raise ManifestError("manifest-not-understood", f"{number}: {error}") from None
    if arguments:
        raise ManifestError("manifest-not-understood", f"{number}: a requirement after an option")
    for value in options.editables or ():
        yield Line(*classify_editable(value), number)
    includes: tuple[tuple[LineKind, list[str] | None], ...]
    includes = (("requirements", options.requirements), ("constraints", options.constraints))
    for kind, values in includes:
        for value in values or ():
            yield Line("opaque" if _VARIABLE.search(value) else kind, value, number)
    indexes = [*(options.extra_index_urls or ()), options.index_url or "https://"]
    for value in [*(options.find_links or ()), *indexes]:
        if not _REMOTE.match(value):
            path = file_url_path(value) if value.startswith("file:") else value
            yield Line("opaque" if _VARIABLE.search(path) else "links", path, number)


class Local(NamedTuple):
    """A requirement that is a path: absolute in the container, and where it is asked for."""

    path: str
    editable: bool
    where: str


@dataclass(slots=True)
class Closure:
    """Everything that requirement lines lead to; the paths are absolute container paths."""

    files: dict[str, str] = field(default_factory=dict)
    """The requirements and constraints files, each with the sentence that tells who asked for it."""
    locals: list[Local] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    checkouts: list[str | None] = field(default_factory=list)
    remote: bool = False


class Include(NamedTuple):
    """The value of ``-r`` or ``-c``: relative to ``directory``; projects that it leads to are relative to ``cwd``."""

    value: str
    directory: str
    cwd: str
    asked_by: str


def follow_include(closure: Closure, files: Files, include: Include) -> None:
    """Add to ``closure`` the file that is included, and all it leads to. Raises `ManifestError`.

    Nested includes are relative to the including file, ``--find-links`` to whichever directory has it.
    """
    value, directory, cwd, asked_by = include
    if _REMOTE.match(value):
        closure.remote = closure.remote or asked_by.startswith("-r")
        return
    path = join(directory, file_url_path(value) if value.startswith("file:") else value)
    if path in closure.files:
        return
    data = read_manifest(files, path, asked_by)
    entry = files.find(path)
    shown = (entry and entry.context_path) or path
    closure.files[path] = f"{shown}: {asked_by}"
    for line in _read_lines(data, shown):
        where = f"{shown}:{line.number}"
        if line.kind in {"requirements", "constraints"}:
            flag = f"-{line.kind[0]} in {where}"
            follow_include(closure, files, Include(line.value, posixpath.dirname(path), cwd, flag))
        elif line.kind == "links":
            closure.links += dict.fromkeys((join(posixpath.dirname(path), line.value), join(cwd, line.value)))
        else:
            add_requirement(closure, (line.kind, line.value), cwd=cwd, where=where)


def _read_lines(data: bytes, shown: str) -> tuple[Line, ...]:
    try:
        return parse_requirements(decode(data))
    except (UnicodeDecodeError, LookupError) as error:
        raise ManifestError("manifest-not-understood", f"{shown}: {error}") from None
    except ManifestError as error:
        raise ManifestError(error.slug, f"{shown}:{error.why}") from None


def add_requirement(closure: Closure, classified: tuple[LineKind, str], *, cwd: str, where: str) -> None:
    """Add a single requirement that `classify_requirement` or `classify_editable` has judged."""
    match classified:
        case "local" | "editable", value if "\0" in value:
            shown = value.replace("\0", "…")
            raise ManifestError("unknown-argument", f"{where}: where {shown} lies is only known in a build")
        case "local" | "editable" as kind, value:
            closure.locals.append(Local(join(cwd, value), kind == "editable", where))
        case "checkout", value:
            closure.checkouts.append(checkout_name(value))
        case "opaque", value:
            shown = value.replace("\0", "…")
            raise ManifestError("manifest-not-understood", f"{where}: what pip reads for {shown!r} is unknown")
        case _:
            pass
