"""YAML files, or only some top-level sections of long ones."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from reorder.manifests.files import ManifestError


def load_yaml(raw: bytes, path: str) -> Any:
    """The value of a YAML text; raises `ManifestError` with the line of the first error."""
    import yaml

    try:
        return yaml.load(raw.decode("utf-8-sig"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise ManifestError("manifest-not-understood", f"{path}:{line}: {error.problem}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ManifestError("manifest-not-understood", f"{path}: {type(error).__name__}") from None


def cut_sections(raw: bytes, names: Iterable[str]) -> bytes:
    """Only the wanted top-level sections of a block-style YAML mapping: lock files are long, and parsing is slow."""
    wanted = "|".join(re.escape(name) for name in names).encode()
    pattern = re.compile(rb"^(?:" + wanted + rb"):.*(?:\r?\n(?:[ \t].*)?(?=\r?\n|\Z))*", re.MULTILINE)
    return b"\n".join(pattern.findall(raw)) + b"\n"
