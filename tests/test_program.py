"""The program as the shell starts it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_a_defect_of_ours_is_not_taken_for_a_change_that_was_found(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "unidiff.py").write_text("1 / 0\n")  # as if a library were broken
    (tmp_path / "requirements.txt").write_text("idna==3.7\n")
    dockerfile = tmp_path / "Dockerfile"
    dockerfile.write_text("FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install -r requirements.txt\n")
    paths = f"import sys; sys.path[:0] = {[str(broken), str(ROOT)]!r}; from reorder.__main__ import start; start()"
    command = [sys.executable, "-c", paths, "--check", str(dockerfile)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done.stderr
    assert "ZeroDivisionError" in done.stderr
    assert "a defect of dockerfile-fix" in done.stderr
