"""Loads the bash grammar, as late and as cheaply as can be."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.machinery import PathFinder
from importlib.util import find_spec, module_from_spec
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Parser


def _language_pointer() -> object:
    """The grammar's C object.

    ``tree_sitter_bash/__init__`` imports importlib.resources (18 ms of a cold start) for a query file that is not
    needed here, so its extension module is loaded by itself; where that fails, by the front door.
    """
    package = find_spec("tree_sitter_bash")
    spec = PathFinder.find_spec("_binding", package.submodule_search_locations) if package else None
    if spec is None or spec.loader is None:
        return import_module("tree_sitter_bash").language()
    spec.name = "tree_sitter_bash._binding"
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.language()


@cache
def bash_parser() -> Parser:
    """The parser, made once per process."""
    from tree_sitter import Language, Parser

    return Parser(Language(_language_pointer()))
