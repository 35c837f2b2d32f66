"""Tiltfiles: calls of ``docker_build`` and ``docker_compose`` with constant arguments.

docs.tilt.dev/api: the context and the Dockerfile are relative to the Tiltfile. Starlark is a subset of Python's syntax,
so the file is parsed as Python; nothing of it is run.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator, Mapping

from reorder.definitions.error import DefinitionError
from reorder.definitions.kind import Found, Invocation, Place, define, folder_of
from reorder.definitions.kinds.tilt import KIND
from reorder.definitions.repository import ROOT, Repository
from reorder.manager import UNKNOWN, is_known

_FUNCTIONS = frozenset(("docker_build", "docker_build_with_restart"))


def read(repository: Repository, path: str) -> Iterator[Found]:
    """The builds of one Tiltfile."""
    try:
        tree = ast.parse(repository.read(path))
    except SyntaxError as error:
        raise DefinitionError(f"broken Starlark: {error.msg}", error.lineno, is_warning=True) from None
    except (ValueError, MemoryError):
        raise DefinitionError("broken Starlark", is_warning=True) from None
    constants = _constants(tree, f"{ROOT}/{folder_of(path)}")
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS:
            yield _build(node, Place(repository, path, node.lineno, KIND.name, folder_of(path)), constants)
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "docker_compose":
            yield from _compose(node, Place(repository, path, node.lineno, KIND.name, folder_of(path)), constants)


def _constants(tree: ast.Module, folder: str) -> dict[str, str]:
    """Names at the top level that are assigned once, and to a constant."""
    found: dict[str, str] = {"\0cwd": folder}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            found[name] = UNKNOWN if name in found else _text(node.value, found)
    return found


def _build(call: ast.Call, place: Place, constants: Mapping[str, str]) -> Found:
    given: dict[str, ast.expr] = dict(zip(("ref", "context"), call.args, strict=False))
    given |= {keyword.arg: keyword.value for keyword in call.keywords if keyword.arg}
    if "dockerfile_contents" in given:
        return place.inline("Tiltfile")
    words = {name: _text(given[name], constants) for name in ("context", "dockerfile", "target") if name in given}
    args = given.get("build_args")
    pairs = zip(args.keys, args.values, strict=True) if isinstance(args, ast.Dict) else ()
    known = {_text(key, constants): _text(value, constants) for key, value in pairs if key is not None}
    context, file, target = words.get("context", UNKNOWN), words.get("dockerfile"), words.get("target")
    return define(place, context, file, target=target, args={**known})


def _compose(call: ast.Call, place: Place, constants: Mapping[str, str]) -> Iterator[Found]:
    first = call.args[0] if call.args else None
    words = first.elts if isinstance(first, ast.List) else [first] if first is not None else []
    files = tuple(_text(word, constants) for word in words)
    if files and all(map(is_known, files)):
        yield Invocation(place, "compose", files)


def _text(node: ast.expr, constants: Mapping[str, str]) -> str:
    """The value of an expression of constants; `UNKNOWN` if it has none."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.Name(id=name):
            return constants.get(name, UNKNOWN)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _text(left, constants) + _text(right, constants)
        case ast.Call(func=ast.Attribute(attr="getcwd")):
            return constants["\0cwd"]
        case ast.Call(func=ast.Attribute(attr="join"), args=parts) if parts:
            return posixpath.join(*(_text(part, constants) for part in parts))
        case ast.Attribute(attr="main_dir"):
            return constants["\0cwd"]
        case _:
            return UNKNOWN
