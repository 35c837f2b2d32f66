"""What the tools of a language use beside the project: the system, the network, their caches and settings."""

from __future__ import annotations

import re

from reorder.effects import SYSTEM_TREES, Effects, PathSet, Role
from reorder.manager import UNKNOWN, Call
from reorder.manifests.downloads import NETWORK_READS
from reorder.manifests.files import ManifestError
from reorder.manifests.operands import at_home
from reorder.manifests.user_settings import check_home

_TOOL_TREES = (
    "/opt/java", "/opt/maven", "/opt/gradle", "/opt/ghc", "/opt/cabal", "/opt/flutter", "/usr/local/openjdk-8",
    "/usr/local/openjdk-11", "/usr/local/openjdk-17", "/usr/java", "/usr/share/dotnet", "/usr/local/flutter",
)  # fmt: skip
"""Where the usual images keep tools that are not in the system's own trees."""


def tool_effects(call: Call, *, caches: tuple[str, ...], settings: tuple[str, ...] = ()) -> Effects:
    """An install over the network into ``caches``, with ``settings`` to read (both below the home directory).

    Raises `ManifestError` if the home directory is not known.
    """
    check_home(call.home)
    written = PathSet.of(trees=at_home(call, *caches))
    user = PathSet.of(trees=at_home(call, *settings, ".netrc", ".gitconfig", ".config/git", ".ssh"))
    reads = PathSet.of(trees=(*SYSTEM_TREES, *_TOOL_TREES)) | NETWORK_READS | user | written
    return Effects(reads=reads, writes=written, role=Role.INSTALL, network=True)


def system_install(call: Call, *, caches: tuple[str, ...]) -> Effects:
    """As `tool_effects`, for a tool that also writes to the system's trees."""
    return tool_effects(call, caches=caches) | Effects(writes=PathSet.of(trees=SYSTEM_TREES))


def refusal(error: ManifestError) -> Effects:
    """The effects of an install whose manifests cannot be followed."""
    return Effects.blocked(error.slug, error.why, role=Role.INSTALL)


def shown_call(call: Call, limit: int = 3) -> str:
    """The beginning of a command for a message."""
    return " ".join(call.argv[:limit]).replace(UNKNOWN, "$…")


def string_literals(text: str) -> tuple[str, ...]:
    """The contents of quoted strings, of a language with either quote and no doubled ones."""
    return tuple(a or b for a, b in re.findall(r'"([^"\\\n]*)"|\'([^\'\\\n]*)\'', text))


def without_comments(text: str) -> str:
    """The text of a C-like language without comments; an address like ``https://`` stays."""
    return re.sub(r"/\*.*?\*/|(?<![:\"'\w])//[^\n]*", "", text, flags=re.DOTALL)
