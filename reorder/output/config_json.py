"""What holds for a Dockerfile and where each value comes from, as JSON, one line each (schema 1)."""

from __future__ import annotations

import json
from typing import Any

from reorder.configuration.model import Origin, Resolved
from reorder.outcome import Failed
from reorder.output.config_text import setting_values

SCHEMA = 1


def render_config_json(path: str, resolved: Resolved | Failed) -> str:
    """One line. ``settings``: by key, ``value`` and ``origin`` (``kind``, ``name``); empty where ``error`` is set."""
    if isinstance(resolved, Failed):
        return json.dumps(_record(path, error=resolved.error))
    settings = {key: {"value": value, "origin": _plain(origin)} for key, value, origin in setting_values(resolved)}
    return json.dumps(_record(path, resolved.file, _exclusion(resolved), settings))


def _record(
    path: str, file: str | None = None, excluded: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None, error: str | None = None,
) -> dict[str, Any]:  # fmt: skip
    return {
        "schema": SCHEMA, "path": path, "file": file, "excluded": excluded, "settings": settings or {}, "error": error,
    }  # fmt: skip


def _exclusion(resolved: Resolved) -> dict[str, Any] | None:
    if resolved.excluded is None:
        return None
    pattern, origin = resolved.excluded
    return {"pattern": pattern, "origin": _plain(origin)}


def _plain(origin: Origin) -> dict[str, str]:
    return dict(origin._asdict())
