"""Runs ``verify`` over every changed corpus case that an engine builds, and prints a table.

``python tests/engine/verify_corpus.py [--builder NAME] [CASE]...``; a case whose base image is not there is named.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(TESTS), str(TESTS.parent)]

from corpus import Case, case_names, lay_out, load_case  # noqa: E402

ROW = "{:52} {:14} {:>8} {:>8} {:>9} {:>9}  {}"


def verify(case: Case, folder: Path, builder: str) -> dict[str, Any]:
    """What ``verify --format json`` says of the case."""
    context = lay_out(case, folder)
    place = folder / case.dockerfile
    command = [sys.executable, "-m", "reorder", "verify", str(place), "--builder", builder, "--network", "host",
               "--format", "json", "--quiet"]  # fmt: skip
    if case.context_option:
        command += ["--context", str(context)]
    if case.settings.unsafe_fixes:
        command += ["--unsafe-fixes"]
    if case.argument:
        command += ["--build-arg", f"{case.argument}=1"]
    if edit := case.meta.get("edit"):
        command += ["--touch", os.path.relpath(edit, case.context_option or ".")]
    environment = {**os.environ, "PYTHONPATH": str(TESTS.parent)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=3600)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        return {"status": "error", "reason": done.stderr[-300:]}
    return found


def row(name: str, record: dict[str, Any]) -> str:
    """A line of the table: seconds without cache, and after an edit from the cache."""
    seconds = {build["label"]: f"{build['seconds']:.1f}" for build in record.get("builds", ())}
    gain = record.get("gain") or {}
    cells = [f"{gain[side]['seconds']:.1f}" if gain else "-" for side in ("before", "after")]
    notes = record.get("reason") or "; ".join(record.get("notes", ()))
    groups = (record.get("comparison") or {}).get("groups", ())
    notes += "".join(f" {item['path']}" for group in groups for item in group["examples"])
    return ROW.format(
        name, record["status"], seconds.get("original", "-"), seconds.get("patched", "-"), *cells, notes[:250]
    ).rstrip()


def chosen(names: list[str]) -> Iterator[Case]:
    for name in names or case_names():
        case = load_case(name)
        if case.is_for_engine and case.expected is not None:
            yield case


def main() -> int:
    """Print the table; 1 if a case is not equal."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE")
    parser.add_argument("--builder", default="docker")
    options = parser.parse_args()
    print_line(ROW.format("case", "verdict", "original", "patched", "edit: old", "new", "").rstrip())
    count, equal = 0, 0
    for case in chosen(options.cases):
        with tempfile.TemporaryDirectory() as folder:
            record = verify(case, Path(folder) / "top", options.builder)
        count += 1
        equal += record["status"] == "equal"
        print_line(row(case.name, record))
    print_line(f"{equal} of {count} equal")
    return 0 if equal == count else 1


def print_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
