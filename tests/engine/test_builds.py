"""What a failed build says: whether it is tried again, and what a reader gets to see."""

from __future__ import annotations

from pathlib import Path

import pytest
from engine import builds
from engine.builds import RUN_ID, Trouble, find_trouble

SAID = {
    "rpc error: code = Unavailable desc = error reading from server: EOF": Trouble.ENGINE,
    "ERROR: Cannot connect to the Docker daemon at unix:///run/docker.sock. Is it running?": Trouble.ENGINE,
    "npm error network request to https://registry.example/ms failed, reason: connect ETIMEDOUT": Trouble.NETWORK,
    "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool: Read timed out.": Trouble.NETWORK,
    "ERROR: HTTP error 503 while getting https://example/six.whl (503 Server Error: Unavailable)": Trouble.NETWORK,
    "E: Failed to fetch http://deb.example/pool/main/t/tree.deb  502  Bad Gateway": Trouble.NETWORK,
    "ERR_PNPM_FETCH_429  GET https://registry.example/ms: Too Many Requests - 429 Too Many": Trouble.NETWORK,
    "error: error sending request for url (https://example/simple/six/)": Trouble.NETWORK,
    "All attempts to connect to packages.example failed.": Trouble.NETWORK,
    "ERROR: Could not find a version that satisfies the requirement sixx": None,
    "ERROR: No matching distribution found for six==1.500": None,
    'process "/bin/sh -c npm ci --fetch-timeout=504" did not complete successfully: exit code: 1': None,
    "Could not open requirements file: [Errno 2] No such file or directory: 'requirements.txt'": None,
}


@pytest.mark.parametrize("said", SAID)
def test_what_is_no_fault_of_a_build_is_told_from_its_faults(said: str) -> None:
    assert find_trouble(said) is SAID[said]


@pytest.mark.engine
@pytest.mark.parametrize(("words", "is_tried_again"), [("connect ETIMEDOUT", True), ("no such package", False)])
def test_a_failed_build_tells_what_the_step_said(words: str, is_tried_again: bool, tmp_path: Path) -> None:
    if problem := builds.find_problem():
        pytest.skip(f"no engine: {problem}")
    (tmp_path / "context").mkdir()
    text = f"FROM debian:bookworm-slim\nRUN echo '{words}'; exit 3\n"
    tag = f"dockerfile-fix-builds:{RUN_ID}-fails"
    done = builds.build(tag, tmp_path / "context", text, stages=(None,), use_cache=True)
    assert done.error is not None
    assert f"exit code: 3\n{words}\n" in done.error
    assert ("tried before: a registry did not answer" in done.error) == is_tried_again
