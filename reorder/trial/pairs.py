"""A planned patch as two Dockerfiles to build."""

from __future__ import annotations

from reorder.context.context import IGNORE_NAME
from reorder.outcome import Changed
from reorder.source import encode
from reorder.verifying.verdict import Pair, Variant
from reorder.world.files import read_bytes


def pairs_of(outcome: Changed, target: str | None = None) -> list[Pair]:
    """`pair_of` for each context in which the project builds the file; ``target``: the stage that is built."""
    pair = pair_of(outcome)
    others = [name for name in outcome.targets if name.lower() != (target or "").lower()]
    if others:
        stages = "stages" if len(others) > 1 else "stage"
        told = f"the project builds the {stages} {', '.join(others)} as well, which --target compares"
        pair = pair._replace(notes=(told,))
    if not outcome.other_contexts:
        return [pair]
    contexts = (pair.context, *(context or "." for context in outcome.other_contexts))
    return [pair._replace(context=c, notes=(f"in the build context {c}", *pair.notes)) for c in contexts]


def pair_of(outcome: Changed) -> Pair:
    """The Dockerfile as it is and as patched, each with the ignore file that holds for it.

    Both are built from outside the context. A ``<Dockerfile>.dockerignore`` must go with them, while ``.dockerignore``
    is found where it is, unless the patch changes it.
    """
    dockerfile, *others = outcome.files
    before = own_ignore_file(outcome.path)
    after = encode(others[0].new) if others else before
    return Pair(
        outcome.path, outcome.context or ".", Variant(encode(dockerfile.old or ""), before),
        Variant(encode(dockerfile.new), after),
    )  # fmt: skip


def own_ignore_file(path: str) -> bytes | None:
    """The content of ``<Dockerfile>.dockerignore``, if there is one."""
    try:
        return read_bytes(path + IGNORE_NAME)
    except OSError:
        return None
