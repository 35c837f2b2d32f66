"""Options of the test run, and the tests' own modules (`corpus`, `engine.images`, ...) on the import path."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# speed is measured in the benchmark; on a busy machine a deadline would only fail at random
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("hunt", settings.get_profile("default"), max_examples=20_000)
settings.load_profile("default")

HERE = str(Path(__file__).parent)
if HERE not in sys.path:
    sys.path.insert(0, HERE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-corpus", action="store_true",
        help="rewrite the expectations of corpus cases (never from changed to unchanged or back)",
    )  # fmt: skip
