"""setup.py is a program; this module finds out what it reads by looking at its syntax, and never runs it.

What it cannot follow becomes a reason to assume that the script reads everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_QUIET_MODULES = _words(
    "__future__ ast codecs collections contextlib datetime distutils functools glob io itertools json os pathlib"
    " platform re setuptools shutil string sys textwrap time typing warnings wheel"
)
"""Modules whose import reads nothing of the project."""

_DISCOVERERS = _words("find_packages find_namespace_packages glob rglob iglob walk listdir scandir iterdir")
_RUNNERS = _words(
    "eval compile __import__ import_module run_path run_module system popen Popen run check_call check_output call"
    " getattr setattr globals chdir getcwd cwd expanduser home getenv fetch_build_eggs execfile"
)
_RUNNING_KEYWORDS = _words("cmdclass use_scm_version setup_requires ext_modules cffi_modules rust_extensions distclass")
_OUTSIDE = re.compile(r"(?:^|/)\.\.(?:/|$)|^~?/.")
_FILE_NAME = re.compile(
    r"[\w.-]+(?:/[\w.-]+)*\.(?:md|rst|txt|py|in|cfg|toml|json)|(?:[\w.-]+/)*(?:VERSION|README|LICENSE)"
)


@dataclass(frozen=True, slots=True)
class SetupScript:
    """What a setup.py (or a file that it executes) reads, relative to its folder.

    ``opens`` are the files that it names, ``executes`` those among them that it runs, ``discovers`` the calls by which
    it looks for files, ``reasons`` why it may read anything (none: it stays inside its folder).
    """

    opens: tuple[str, ...] = ()
    executes: tuple[str, ...] = ()
    discovers: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


_SHIM = re.compile(
    r"""(?:\s*\#[^\n]*\n|\s*\n|from\ setuptools\ import\ setup\n|import\ setuptools\n)*
    (?:setuptools\.)?setup\(\s*(?:(?:name|version|author|license)=(?:'[^'\\/{}\n]*'|"[^"\\/{}\n]*"),?\s*)*\)\s*""",
    re.VERBOSE,
)
"""The shim beside a setup.cfg or pyproject.toml: it reads nothing, and is not worth the import of a parser (0.2 s)."""


def analyze_setup_py(text: str) -> SetupScript:
    """Judge the script by its syntax."""
    if _SHIM.fullmatch(text):
        return SetupScript()
    import libcst as cst

    try:
        module = cst.parse_module(text)
        found = list(_walk(module))
    except (cst.ParserSyntaxError, RecursionError) as error:
        return SetupScript(reasons=(f"it cannot be parsed ({type(error).__name__})",))
    opens: list[str] = []
    discovers: list[str] = []
    reasons: list[str] = []
    executes: list[str] = []
    for node in found:
        if isinstance(node, (cst.Import, cst.ImportFrom)):
            reasons += [f"it imports {name}" for name in _imported(node) if name not in _QUIET_MODULES]
        elif isinstance(node, cst.Call):
            _judge_call(node, discovers, executes, reasons)
        elif isinstance(node, (cst.SimpleString, cst.ConcatenatedString)):
            _judge_string(node, opens, reasons)
        elif isinstance(node, cst.FormattedStringText) and _OUTSIDE.search(node.value):
            reasons.append(f"it names {node.value!r}, outside of its folder")
        elif isinstance(node, cst.Attribute) and _is_climbing(node):
            reasons.append(f"it looks outside of its folder ({_name(node)})")
    if "" in executes:
        reasons.append("it executes code that it reads")
    return SetupScript(*(tuple(dict.fromkeys(items)) for items in (opens, filter(None, executes), discovers, reasons)))


def _walk(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield node
    for child in node.children:
        yield from _walk(child)


def _imported(node: cst.Import | cst.ImportFrom) -> list[str]:
    import libcst as cst

    if isinstance(node, cst.Import):
        return [_name(alias.name).partition(".")[0] for alias in node.names]
    return ["a module beside it"] if node.relative or node.module is None else [_name(node.module).partition(".")[0]]


def _name(node: cst.BaseExpression) -> str:
    """``a.b.c`` as written; the last attribute alone if its owner is no name."""
    import libcst as cst

    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        owner = _name(node.value)
        return f"{owner}.{node.attr.value}" if owner else node.attr.value
    return ""


def _judge_call(node: cst.Call, discovers: list[str], executes: list[str], reasons: list[str]) -> None:
    called = _name(node.func).rpartition(".")[2]
    if called in _DISCOVERERS:
        discovers.append(called)
    elif called == "exec":
        names = [text for text in _strings(node) if _FILE_NAME.fullmatch(text)]
        executes.append(names[0] if len(names) == 1 else "")
    elif called in _RUNNERS and not (called == "compile" and _name(node.func) == "re.compile"):
        reasons.append(f"it calls {called}")
    for argument in node.args:
        if argument.keyword is not None and argument.keyword.value in _RUNNING_KEYWORDS:
            reasons.append(f"it sets {argument.keyword.value}")
    if called == "dirname" and any(_is_call_of(argument.value, "dirname") for argument in node.args):
        reasons.append("it looks outside of its folder (dirname of dirname)")


def _is_call_of(node: cst.BaseExpression, name: str) -> bool:
    import libcst as cst

    if not isinstance(node, cst.Call):
        return False
    called = _name(node.func).rpartition(".")[2]
    return called == name or (called in {"abspath", "realpath"} and any(_is_call_of(a.value, name) for a in node.args))


def _strings(node: cst.CSTNode) -> list[str]:
    import libcst as cst

    values = [n.evaluated_value for n in _walk(node) if isinstance(n, cst.SimpleString)]
    return [value for value in values if isinstance(value, str)]


def _judge_string(node: cst.SimpleString | cst.ConcatenatedString, opens: list[str], reasons: list[str]) -> None:
    value = node.evaluated_value
    if not isinstance(value, str) or "\n" in value:
        return
    if _OUTSIDE.search(value):
        reasons.append(f"it names {value!r}, outside of its folder")
    elif _FILE_NAME.fullmatch(value):
        opens.append(value)


def _is_climbing(node: cst.Attribute) -> bool:
    """``.parent.parent``, ``.parents`` or ``os.pardir``."""
    import libcst as cst

    attribute = node.attr.value
    inner = node.value
    is_twice = attribute == "parent" and isinstance(inner, cst.Attribute) and inner.attr.value == "parent"
    return attribute in {"parents", "pardir", "environ"} or is_twice
