"""What ``--changed-since REV`` means for the Dockerfiles of a command line."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

from reorder.commands.targets import STDIN, Target, UsageError
from reorder.configuration.model import Given
from reorder.outcome import Failed
from reorder.world.baseline import Baseline, find_baseline, find_module_baseline
from reorder.world.git import GitError, repository_root
from reorder.world.past_configs import ConfigurationsSince


def changed_since(targets: Iterable[Target | Failed], revision: str, given: Given) -> Iterator[Target | Failed]:
    """The targets, each with the commit that it is held against; without one where other settings held. Raises
    `UsageError`.

    ``revision`` is looked up in the repository of each Dockerfile; a submodule of the repository around the working
    directory is held against the commit that this one had of it.
    """
    bases: dict[str, Baseline | None] = {}
    settings: dict[str, ConfigurationsSince] = {}
    try:
        for target in targets:
            yield target if isinstance(target, Failed) else _with_base(target, revision, given, bases, settings)
    except GitError as error:
        raise UsageError(f"--changed-since: {error}") from None
    finally:
        for each in settings.values():
            each.close()


def _with_base(
    target: Target, revision: str, given: Given, bases: dict[str, Baseline | None],
    settings: dict[str, ConfigurationsSince],
) -> Target:  # fmt: skip
    if target.path == STDIN or target.is_buffer:
        raise UsageError("--changed-since: what comes from standard input has no history")
    folder = os.path.realpath(os.path.dirname(os.path.abspath(target.path)))
    root = repository_root(folder)
    if root is None:
        raise UsageError(f"--changed-since: {target.path} is not in a git repository")
    if root not in bases:
        bases[root] = _find_base(root, revision)
    base = bases[root]
    if base is None:
        return target
    if root not in settings:
        settings[root] = ConfigurationsSince(base)
    inside = os.path.relpath(os.path.join(folder, os.path.basename(target.path)), root).replace(os.sep, "/")
    return target if settings[root].differ(inside, given) else target._replace(base=base)


def _find_base(root: str, revision: str) -> Baseline | None:
    """None: the submodule at ``root`` is new."""
    here = repository_root(os.getcwd())
    outer = repository_root(os.path.dirname(root))
    if outer is None or here is None or os.path.realpath(here) != outer:
        return find_baseline(root, revision)
    return find_module_baseline(find_baseline(outer, revision), root)
