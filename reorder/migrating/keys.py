"""What an outcome depends on besides the repository's commit, as digests that the ledger compares."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from importlib import metadata
from typing import Any

from reorder.migrating.model import Orders, Repository, picklable


def work_key(repository: Repository, orders: Orders) -> str:
    """Of all that the outcome of a commit depends on: our version, the settings, and what the sources say.

    Limits are not among it: whoever waits longer next time asks for it with ``--retry-failed``.
    """
    told = (repository.source, repository.owner, repository.default_branch)
    values = [sorted(value) if isinstance(value, frozenset) else value for value in picklable(orders.given).values]
    return _digest([version(), told, values])


def landing_key(orders: Orders) -> str | None:
    """Of what becomes of a patch in its repository; None: nothing does."""
    if orders.commit is None:
        return None
    return _digest([list(orders.commit), orders.remote if orders.pushes else None])


@cache
def version() -> str:
    """Our own; another one may decide otherwise."""
    try:
        return metadata.version("dockerfile-fix")
    except metadata.PackageNotFoundError:  # run from a source folder
        return "unknown"


def _digest(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
