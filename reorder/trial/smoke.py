"""Runs a command in both images and compares exit code and output.

The command is one for the image's ``/bin/sh``, or a JSON array of words for an image without a shell. A command that
cannot be started says nothing of the images, and is an error. One whose output differs is run in the original again: if
that does not repeat itself, only the exit code counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from reorder.trial.bench import Bench
from reorder.verifying.verdict import Smoke, Verdict
from reorder.world.builders.model import BuilderError, CommandRun

_SHOWN = 300


def run_smokes(bench: Bench, verdict: Verdict, commands: tuple[str, ...]) -> Verdict:
    """The verdict after these commands. Raises `BuilderError` for one that cannot be started in the original."""
    smokes = tuple(_smoke(bench, command) for command in commands)
    wrong = next((smoke for smoke in smokes if smoke.problem), None)
    verdict = verdict._replace(smokes=smokes)
    if wrong is None:
        return verdict
    return verdict._replace(status="differs", reason=f"{wrong.command}: {wrong.problem}")


def _smoke(bench: Bench, command: str) -> Smoke:
    words = _words(command)
    try:
        before = _run(bench, "original", words)
    except BuilderError as error:
        raise BuilderError(f"--smoke {command}: in the original {error}") from None
    try:
        after = _run(bench, "patched", words)
    except BuilderError as error:
        return Smoke(command, before.code, None, f"in the patched image {error}")
    if before.code != after.code:
        problem = f"exit code {before.code} before, {after.code} after: {_shown(after.output)}"
        return Smoke(command, before.code, after.code, problem)
    if before.output == after.output or _run(bench, "original", words).output != before.output:
        return Smoke(command, before.code, after.code, None)
    problem = f"the output differs: {_shown(before.output)} before, {_shown(after.output)} after"
    return Smoke(command, before.code, after.code, problem)


def _words(command: str) -> Sequence[str]:
    if command.lstrip().startswith("["):
        try:
            words = json.loads(command)
        except ValueError:
            words = None
        if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
            return words
    return ("/bin/sh", "-c", command)


def _run(bench: Bench, label: str, words: Sequence[str]) -> CommandRun:
    bench.watch.begin(f"smoke test, {label}")
    try:
        return bench.builder.run(bench.tag(label), words, bench.options.network, bench.options.timeout)
    finally:
        bench.watch.end()


def _shown(output: bytes) -> str:
    return repr(output[-_SHOWN:].decode("utf-8", "replace").strip())
