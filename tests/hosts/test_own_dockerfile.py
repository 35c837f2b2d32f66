"""Our own Dockerfile, as our tool sees it; whether it builds is for engine/test_own_image.py."""

from __future__ import annotations

from pathlib import Path

from test_cli import run

DOCKERFILE = Path(__file__).parents[2] / ".docker/Dockerfile"


def test_our_own_tool_finds_nothing_in_it() -> None:
    result = run("--check", "-v", "--unsafe-fixes", str(DOCKERFILE))
    assert result.exit_code == 0
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"{DOCKERFILE}: unchanged")
