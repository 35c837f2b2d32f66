"""What holds for a Dockerfile and where each value comes from, for people."""

from __future__ import annotations

from collections.abc import Iterator

from reorder.configuration.model import Origin, Resolved
from reorder.output.text import printable

_NAMES = {"default": "default", "flag": "flag", "environment": "environment variable", "file": ""}


def render_config(path: str, resolved: Resolved) -> Iterator[str]:
    """Lines without their ends."""
    yield printable(path)
    file = "none" if resolved.file is None else resolved.file
    yield f"  configuration file: {printable(file)}"
    if resolved.excluded is not None:
        pattern, origin = resolved.excluded
        yield f"  left out by {printable(pattern)} ({_origin(origin)})"
    rows = [(key, printable(text), _origin(origin)) for key, text, origin in _rows(resolved)]
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for key, text, where in rows:
        yield f"  {key.ljust(widths[0])}  {text.ljust(widths[1])}  {where}".rstrip()


def setting_values(resolved: Resolved) -> Iterator[tuple[str, object, Origin]]:
    """Each key with its value, as a file would spell them, and where that comes from; of
    ``per-file-ignores``
    those that fit the Dockerfile.
    """
    values, origins = resolved.values, resolved.origins
    plain: dict[str, object] = {
        "context": values.context, "target": values.target, "unsafe-fixes": values.unsafe_fixes,
        "select": sorted(values.select or ()), "ignore": sorted(values.ignore or ()),
        "exclude": list(values.exclude or ()),
    }  # fmt: skip
    for key, value in plain.items():
        yield key, value, origins[key]
    for pattern, slugs in values.per_file_ignores.items():
        key = f"per-file-ignores.{pattern}"
        yield key, sorted(slugs), origins[key]
    for kind, seconds in values.costs.items():
        key = f"costs.{kind}"
        yield key, seconds, origins[key]


def _rows(resolved: Resolved) -> Iterator[tuple[str, str, Origin]]:
    for key, value, origin in setting_values(resolved):
        yield printable(key), _text(key, value), origin


def _text(key: str, value: object) -> str:
    if key == "context":
        return "found for each Dockerfile" if value is None else str(value) or "."
    if key == "target":
        return "the last stage" if value is None else str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or ("all" if key == "select" else "none")
    return f"{value:g} s" if isinstance(value, float) else str(value)


def _origin(origin: Origin) -> str:
    return " ".join(filter(None, (_NAMES[origin.kind], printable(origin.name))))
