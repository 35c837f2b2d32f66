"""The names by which Dockerfiles are known."""

from __future__ import annotations

import fnmatch

_NAMES = ("Dockerfile", "Dockerfile.*", "*.Dockerfile", "*.dockerfile", "Containerfile*")
_OTHER_ENDINGS = (".dockerignore", ".containerignore", ".orig", ".rej", ".bak", ".swp", "~")
_TEMPLATE_ENDINGS = tuple(".j2 .jinja .jinja2 .erb .ejs .hbs .mustache .tmpl .tpl .template .md".split())


def is_dockerfile_name(name: str) -> bool:
    """Whether a file of that name is taken for a Dockerfile: no ignore files, nor what merges and editors leave, nor
    templates and texts about it.
    """
    if "ockerfile" not in name and not name.startswith("Containerfile"):
        return False
    if name.endswith(_OTHER_ENDINGS) or name.endswith(_TEMPLATE_ENDINGS):
        return False
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in _NAMES)
