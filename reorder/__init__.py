"""dockerfile-fix: reorder Dockerfiles so that dependency installs stay cached, without changing the image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from reorder.api import Settings, fix_file, fix_text
    from reorder.outcome import Changed, Failed, Unchanged

__all__ = ["Changed", "Failed", "Settings", "Unchanged", "fix_file", "fix_text"]


def __getattr__(name: str) -> Any:
    """Load the API when it is first used: the command line's help and completion need none of it."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from reorder import api

    return getattr(api, name)
