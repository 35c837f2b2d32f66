"""What the package managers of distributions have in common: they touch the whole system, and nothing else."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from reorder.effects import PACKAGE_TREES, Effects, PathSet, Role
from reorder.manager import UNKNOWN, Call, is_known
from reorder.manifests.operands import at_home, is_glob, names_matching, reading, shown

PACKAGE_FILES = (".deb", ".ddeb", ".rpm", ".apk", ".changes", ".dsc")


def system_effects(call: Call, *, network: bool) -> Effects:
    """A step that may change any part of the system, and may read its user's settings."""
    settings = at_home(call, ".dpkg.cfg", ".rpmmacros", ".rpmrc", ".aptitude/config", ".wgetrc", ".curlrc", ".netrc")
    system = PathSet.of(trees=PACKAGE_TREES)
    return Effects(reads=system | PathSet.of(*settings), writes=system, role=Role.SYSTEM, network=network)


def package_words(call: Call, words: Iterable[str]) -> Effects:
    """What the words after ``install`` add: package files are read, names are not.

    A name whose beginning is known may end in what only a run can tell (``postgresql-$VERSION``).
    """
    total = Effects()
    for word in words:
        if is_package_file(word):
            total |= reading(call, word, depth="tree")
        elif word.startswith(UNKNOWN):
            what = f"{call.argv[0]} {shown(word)}: the packages are only known at build time"
            return Effects.blocked("system-packages-from-a-variable", what, role=Role.SYSTEM)
        elif is_glob(word) and is_known(word) and names_matching(call, word):
            what = f"{shown(word)} may be replaced by names in {shown(call.cwd)}"
            return Effects.blocked("path-unknown", what, role=Role.SYSTEM)
    return total


def is_package_file(word: str) -> bool:
    """Whether a word names a file rather than a package or a URL."""
    if "://" in word:
        return False
    return word.startswith(("/", "./", "../")) or word in (".", "..") or posixpath.splitext(word)[1] in PACKAGE_FILES
