"""Options of the test run, and the tests' own modules (`corpus`, `engine.images`, ...) on the import path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-corpus", action="store_true",
        help="rewrite the expectations of corpus cases (never from changed to unchanged or back)",
    )  # fmt: skip
