"""Which copied files are sources, edited every day, and which are manifests and settings, edited rarely.

Priors, not facts: a copy of nothing but manifests is no reason for a patch (a reviewer would call it noise).
"""

from __future__ import annotations

import posixpath

from reorder.analysis.copies import Copy, Placement
from reorder.context.context import BuildContext
from reorder.context.model import Kind
from reorder.lazy_patterns import lazy_pattern

_STABLE_ENDINGS = (
    ".txt", ".in", ".lock", ".lockb", ".toml", ".json", ".yaml", ".yml", ".cfg", ".ini", ".conf", ".config", ".list",
    ".repo", ".pub", ".gpg", ".asc", ".crt", ".pem", ".cert", ".cer", ".xml", ".gradle", ".properties", ".env", ".sum",
    ".mod", ".work", ".snapshot", ".resolved", ".gemspec", ".csproj", ".fsproj", ".vbproj", ".sln", ".slnx", ".props",
    ".targets", ".kts", ".cabal", ".nimble", ".md", ".rst", ".tgz", ".whl", ".deb", ".rpm", ".apk",
)  # fmt: skip
_STABLE_NAMES = frozenset(
    """
    Pipfile Gemfile Makefile LICENSE NOTICE Procfile setup.py mvnw gradlew artisan mix.exs cpanfile DESCRIPTION
    Package.swift Cargo.toml
    """.split()
)
_CONFIGURATION = lazy_pattern(r"\.(config|conf|setup|rc)\.[cm]?[jt]s$|rc\.[cm]?js$|\.cjs$|pnpmfile\.js$")
"""``vite.config.ts``, ``.eslintrc.js``, ``.yarn/releases/yarn-4.5.3.cjs`` and their like."""

_MANIFEST_FOLDER_LIMIT = 40


def is_stable_file(path: str) -> bool:
    """Whether a file of that name is a manifest, a lock file or a setting."""
    name = posixpath.basename(path)
    return (
        name in _STABLE_NAMES
        or name.startswith(".")
        or name.endswith(_STABLE_ENDINGS)
        or _CONFIGURATION.search(name) is not None
    )


def is_stable_directory(path: str, context: BuildContext, *, depth: int = 0) -> bool:
    """Whether a directory is small and holds nothing but stable files."""
    if depth > 2 or context.holds_more(path, _MANIFEST_FOLDER_LIMIT):
        return False
    for name in context.names(path):
        child = posixpath.join(path, name)
        kind = context.kind(child)
        if kind is Kind.DIRECTORY:
            if not is_stable_directory(child, context, depth=depth + 1):
                return False
        elif not is_stable_file(name):
            return False
    return True


def is_volatile(copy: Copy, context: BuildContext) -> bool:
    """Whether a copy from the context brings files that change with every edit of the sources."""
    if not copy.placements and copy.problem is not None:
        return True
    return bool(copy.missing) or any(_is_volatile(placement, context) for placement in copy.placements)


def _is_volatile(placement: Placement, context: BuildContext) -> bool:
    if placement.kind is not Kind.DIRECTORY:
        return not is_stable_file(placement.source)
    return placement.source == "" or not is_stable_directory(placement.source, context)
