"""setup.cfg declares what setuptools builds; some of its values name files or modules that the build reads.

https://setuptools.pypa.io/en/latest/userguide/declarative_config.html
"""

from __future__ import annotations

import re
from typing import NamedTuple

from reorder.manifests.files import ManifestError


class Declaration(NamedTuple):
    """What a declarative configuration makes a build read, relative to its folder; ``attributes`` are dotted names."""

    files: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def analyze_setup_cfg(text: str, shown: str) -> Declaration:
    """Judge a setup.cfg. Raises `ManifestError` if it does not parse."""
    from configparser import Error, RawConfigParser

    parser = RawConfigParser()
    try:
        parser.read_string(text)
    except Error as error:
        raise ManifestError("manifest-not-understood", f"{shown}: {error}".replace("\n", " ")) from None
    files: list[str] = []
    attributes: list[str] = []
    reasons: list[str] = []
    for section in parser.sections():
        if section not in {"metadata", "bdist_wheel", "build_ext"} and not section.startswith("options"):
            continue
        for key, value in parser.items(section):
            files += _after("file:", value)
            attributes += _after("attr:", value)
            if key in {"setup_requires", "cmdclass"} or ".." in value:
                reasons.append(f"{shown} sets {key}")
    return Declaration(tuple(files), tuple(attributes), tuple(reasons))


def _after(marker: str, value: str) -> list[str]:
    return re.split(r"[,\s]+", value.partition(marker)[2].strip()) if value.lstrip().startswith(marker) else []
