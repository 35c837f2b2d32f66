"""yarn 2 and later write every package.json of a project in their own form, even with ``--immutable``.

Found by experiment with yarn 3.8 and 4.5: a missing final newline, unsorted dependencies, an empty section or a list on
one line are changed by any install; a manifest that yarn itself has written stays as it is.
"""

from __future__ import annotations

import json
import re

from reorder.manifests.files import Files, read_manifest
from reorder.manifests.package_json import Package

_SORTED = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
_NEVER_EMPTY = (*_SORTED, "dependenciesMeta", "peerDependenciesMeta", "resolutions", "bin", "workspaces")


def find_rewrite(files: Files, package: Package) -> str | None:
    """What yarn would change in the manifest; None if it leaves every byte. Raises `ManifestError`."""
    text = read_manifest(files, package.path, "read by yarn").decode("utf-8", "surrogateescape")
    for name in _SORTED:
        names = list(package.section(name))
        if names != sorted(names):
            return f"{name} are not sorted"
    for name in _NEVER_EMPTY:
        if name in package.data and not package.data[name]:
            return f"{name} is empty"
    if package.data.get("private") is False:
        return "private is false"
    if set(package.section("dependencies")) & set(package.section("optionalDependencies")):
        return "a dependency is listed twice"
    indent = re.search(r"^[ \t]+", text, re.MULTILINE)
    written = json.dumps(package.data, indent=indent[0] if indent else "  ", ensure_ascii=False) + "\n"
    return None if text == written else "its layout is not yarn's"
