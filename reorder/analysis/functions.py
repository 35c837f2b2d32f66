"""Functions of a shell script: a call runs the body in the same shell, with arguments of its own (POSIX, Shell 2.9.5).

Only what a script file defines at its top is followed: a definition in a branch may not be there when it is called.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reorder.analysis.parameters import ARGUMENTS, set_arguments, set_parameter
from reorder.analysis.shell_state import Outcome, Shell, State, merge
from reorder.manager import UNKNOWN
from reorder.shell.model import Dynamic, Group, Item

DECLARATIONS = frozenset(("export", "readonly", "declare", "typeset", "local"))
"""Builtins that set variables."""

MAX_EFFECTS = 800
"""A RUN of more commands is not followed any further: calls of calls can be very many."""

_MAX_DEPTH = 12
_ASSIGNING = DECLARATIONS | {"unset", "let", "printf"}
_NOT_SHADOWED = frozenset(
    "cd . source : break continue eval exec exit export readonly return set shift times trap unset local declare"
    " typeset command builtin".split()
)
"""Names that some shells look up among the builtins first."""


def define_function(group: Group, shell: Shell) -> None:
    """Note a function for later calls."""
    name = group.words[0].literal if group.words else None
    is_plain = group.link in ("first", "then") and not group.redirects and not shell.branches
    if not (shell.is_script and is_plain and name) or name in _NOT_SHADOWED or _declares_otherwise(group):
        shell.block("shell-function", "it defines a shell function")
    else:
        shell.functions = {**shell.functions, name: group}


def call_function(argv: tuple[str, ...], shell: Shell) -> Outcome:
    """Run the body of the function ``argv[0]``."""
    body, before, outer_returns = shell.functions[argv[0]], shell.state, shell.returns
    if shell.depth >= _MAX_DEPTH or len(shell.effects) > MAX_EFFECTS:
        shell.block("shell-function", f"the calls of {argv[0]} are too many to follow")
        return Outcome(before, before)
    set_arguments(argv[1:], shell)
    shell.returns = []
    shell.depth += 1
    outcome = shell.substitute(body.items, shell)
    returned: State | None = None
    for state in shell.returns:
        returned = merge(returned, state)
    shell.depth -= 1
    shell.returns = outer_returns
    names = frozenset(_local_names(body))
    ends = (merge(outcome.success, returned), merge(outcome.failure, returned), outcome.stay)
    success, failure, stay = (_restored(end, before, names) for end in ends)
    shell.state = merge(success, failure) or _restored(shell.state, before, names) or before
    return Outcome(success, failure, stay)


def _restored(state: State | None, before: State, names: frozenset[str]) -> State | None:
    """The state after a call, with the caller's arguments and without the function's own variables."""
    if state is None:
        return None
    variables = {name: value for name, value in state.variables.items() if name not in names}
    variables.update((name, UNKNOWN) for name in names if name in before.variables)
    variables[ARGUMENTS] = before.variables.get(ARGUMENTS, UNKNOWN)
    return state._replace(variables=variables, exported=state.exported - names | (before.exported & names))


def _local_names(item: Item) -> Iterator[str]:
    if isinstance(item, Group):
        for inner in item.items:
            yield from _local_names(inner)
    elif item.words and item.words[0].literal == "local":
        for word in item.words[1:]:
            head = word.parts[0] if word.parts and isinstance(word.parts[0], str) else ""
            yield head.partition("=")[0]


def _declares_otherwise(item: Item) -> bool:
    """Whether a body makes variables local in a way that is not followed."""
    if isinstance(item, Group):
        return any(map(_declares_otherwise, item.items))
    name = item.words[0].literal if item.words else None
    return name in ("declare", "typeset") or (name == "local" and "PATH" in _local_names(item))


def forget_own_variables(argv: tuple[str, ...], shell: Shell) -> None:
    """``local NAME`` without a value: empty in bash, the caller's value in dash."""
    for word in argv[1:]:
        if "=" not in word and not word.startswith("-"):
            set_parameter(word, UNKNOWN, shell)


def assigned_names(item: Item, functions: Mapping[str, Group]) -> Iterator[str]:
    """The variables that a command or what is inside it sets."""
    if isinstance(item, Group):
        if item.kind == "for":
            text = [word.literal or "".join(p.raw for p in word.parts if isinstance(p, Dynamic)) for word in item.words]
            is_counting = bool(item.words) and item.words[0].literal is None
            yield from re.findall(r"[A-Za-z_]\w*", " ".join(text)) if is_counting else text[:1]
        for inner in item.items:
            yield from assigned_names(inner, functions)
    elif not item.words:
        yield from (name for name, _ in item.assignments)
    elif (called := item.words[0].literal or "") in functions:
        others = {name: body for name, body in functions.items() if name != called}
        yield from assigned_names(functions[called], others)
    elif item.words[0].literal in ("shift", "set"):
        yield ARGUMENTS
    elif item.words[0].literal in _ASSIGNING:
        for word in item.words[1:]:
            head = word.parts[0] if word.parts else ""
            if isinstance(head, str) and (name := re.match(r"[A-Za-z_]\w*", head)):
                yield name[0]
