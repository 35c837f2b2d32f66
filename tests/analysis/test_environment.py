"""What the options of Node.js in the environment make a program read."""

from __future__ import annotations

import pytest

from reorder.analysis.environment import is_plain_node_options, loader_reads
from reorder.analysis.state import initial_state


@pytest.mark.parametrize(
    ("value", "is_plain"),
    [
        ("--max-old-space-size=4096", True),
        ("--max_old_space_size=4096 --openssl-legacy-provider", True),
        ("--no-warnings --dns-result-order=ipv4first", True),
        ("--require ./trace.js", False),
        ("--max-old-space-size=1 --import=./trace.js", False),
        ("--env-file=.env", False),
        ("--max-old-space-size=\0", False),
        ("", False),
    ],
)
def test_limits_and_warnings_name_no_file(value: str, *, is_plain: bool) -> None:
    assert is_plain_node_options(value) is is_plain


@pytest.mark.parametrize(("value", "expected"), [("--max-old-space-size=4096", "known"), ("-r ./x.js", "unknown")])
def test_a_build_argument_keeps_a_plain_default(value: str, expected: str) -> None:
    state = initial_state("node:20", "\\")._replace(
        args={"NODE_OPTIONS": value, "OTHER": "x"}, tainted=frozenset(("NODE_OPTIONS", "OTHER"))
    )
    assert (state.run_env()["NODE_OPTIONS"] == value) is (expected == "known")
    assert state.run_env()["OTHER"] == "\0"


def test_a_file_that_an_option_names_is_read() -> None:
    assert loader_reads({"NODE_OPTIONS": "--openssl-config=./ssl.cnf"}, "/app").has("/app/ssl.cnf")
