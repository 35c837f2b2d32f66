"""How bash, zsh and fish hand over ``--option=value``, which click takes for granted to be two words.

bash gives ``--option``, ``=`` and ``value``, and wants the value completed; zsh and fish give one word, and want all of
it. Without a command in front, click would also look for the option in the group, which has none (tried with bash 5.2,
zsh 5.9, fish 3.6).
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from glob import escape, iglob

from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
)

_MOST_FILES = 500


class _Splitting(ShellComplete):
    """Takes the two apart before click looks at them, and puts them together again where the shell has one word."""

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem[str]]:
        """What fits; ``args`` are the words before the one that is completed."""
        name, sign, value = incomplete.partition("=")
        if not (sign and name.startswith("--")):
            return super().get_completions(args[:-1] if args[-1:] == ["="] else args, incomplete)
        found = super().get_completions([*args, name], value)
        return [CompletionItem(f"{name}={each}", help=item.help) for item in found for each in _values(item)]


def _values(item: CompletionItem[str]) -> Iterator[str]:
    """The value, or the names of files: the shell would look for some that begin with the option's name."""
    if item.type == "plain":
        yield item.value
        return
    for _, path in zip(range(_MOST_FILES), iglob(escape(item.value) + "*"), strict=False):
        if os.path.isdir(path):
            yield path + "/"
        elif item.type == "file":
            yield path


class _Bash(_Splitting, BashComplete):
    pass


class _Zsh(_Splitting, ZshComplete):
    pass


class _Fish(_Splitting, FishComplete):
    pass


def use_own_shells() -> None:
    """Have click use these."""
    for shell in (_Bash, _Zsh, _Fish):
        add_completion_class(shell)
