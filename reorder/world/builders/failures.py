"""Why a builder failed, in a line that says what to do."""

from __future__ import annotations

import re

from reorder.world.builders.process import Finished

_FULL = "the disk is full"
_DENIED = "no permission to use the docker engine: is the user in the group docker?"
_DOWN = "the docker engine does not run, or not where DOCKER_HOST says"
_ENGINE = (
    (r"permission denied", _DENIED),
    (r"Cannot connect to the Docker daemon|connection refused|Is the docker daemon running|no such host"
     r"|failed to connect to the docker API", _DOWN),
    (r"buildx component is missing|BuildKit is enabled but", "docker lacks BuildKit's client: install docker-buildx"),
)  # fmt: skip
_BUILD = (
    (r"no space left on device|disk quota exceeded", _FULL),
    (r"context canceled|error reading from server: EOF|rpc error: code = Unavailable|connection reset by peer.*docker",
     "the engine broke the build off"),
    (r"permission denied while trying to connect to the Docker daemon", _DENIED),
    (r"Cannot connect to the Docker daemon|failed to connect to the docker API", _DOWN),
    (r"signal: killed|exit code: 137", "a step was killed; memory may have run out"),
)  # fmt: skip
_OURS = frozenset((_FULL, _DENIED, _DOWN, "the engine broke the build off"))
_LEAST_ROOM = 1024 * 1024
_FAILED_STEP = re.compile(
    r"ERROR: failed to solve: (?P<kit>.*)|[Ee]rror: (?P<other>.*)|ERROR: (?P<rest>.*)"
)  # fmt: skip


def explain_engine(text: str) -> str:
    """Why the engine does not answer."""
    known = next((words for pattern, words in _ENGINE if re.search(pattern, text, re.IGNORECASE)), None)
    last = next((line for line in reversed(text.splitlines()) if line.strip()), "it said nothing")
    return f"{known} ({last.strip()[:200]})" if known else f"docker does not answer: {last.strip()[:300]}"


def explain(done: Finished, timeout: float) -> str | None:
    """Why the build failed; None if it did not."""
    if done.timed_out:
        return f"did not end within {timeout:.0f} s and was ended"
    if done.code == 0:
        return None
    if _is_full():  # buildah then only says that a pipe was closed
        return _FULL
    text = "\n".join(done.tail[-60:])
    for pattern, words in _BUILD:
        if re.search(pattern, text, re.IGNORECASE):
            return words
    found = [match for line in done.tail if (match := _FAILED_STEP.match(line))]
    if found:
        return next(part for part in found[-1].groups() if part is not None).strip()[:500]
    return f"ended with exit code {done.code}"


def _is_full() -> bool:
    """Whether the folder for temporary files, which builders use, too, has no room."""
    import shutil
    import tempfile

    try:
        return shutil.disk_usage(tempfile.gettempdir()).free < _LEAST_ROOM
    except OSError:
        return False


def is_ours(error: str) -> bool:
    """Whether a build failed for a reason that lies in no Dockerfile: disk, engine, time."""
    return error in _OURS or "did not end within" in error
