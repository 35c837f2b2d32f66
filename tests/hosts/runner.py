"""Runs a composite action as GitHub's runner does: its steps' shell, with the variables that they would have.

https://docs.github.com/actions/reference/workflows-and-actions/metadata-syntax#runsstepsshell
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
_EXPRESSION = re.compile(r"\$\{\{ *([\w.-]+) *\}\}")


@dataclass(frozen=True, slots=True)
class Job:
    """A finished action: its exit code, what it printed, its outputs, and the step summary."""

    code: int
    log: str
    outputs: dict[str, str]
    summary: str


@dataclass(slots=True)
class Runner:
    """A machine with a checkout in ``workspace``; ``github`` is that context of workflows."""

    workspace: Path
    temp: Path
    github: dict[str, Any]
    variables: Mapping[str, str] = field(default_factory=dict)

    def run(self, **inputs: str) -> Job:
        """Run the action; an underscore in an input's name stands for a dash."""
        given = {name: str(each.get("default", "")) for name, each in ACTION["inputs"].items()}
        given |= {name.replace("_", "-"): value for name, value in inputs.items()}
        assert given.keys() == ACTION["inputs"].keys()
        context: dict[str, Any] = {"github": self.github, "steps": {}}
        context["inputs"] = {name: filled(value, context) for name, value in given.items()}
        summary, log = self.temp / "summary", ""
        summary.write_text("")
        code = 0
        for step in ACTION["runs"]["steps"]:
            output = self.temp / "output"
            output.write_text("")
            done = self._step(step, context, {"GITHUB_OUTPUT": str(output), "GITHUB_STEP_SUMMARY": str(summary)})
            log += done.stdout + done.stderr
            lines = output.read_text().splitlines()
            context["steps"][step["id"]] = {"outputs": dict(line.split("=", 1) for line in lines)}
            if code := done.returncode:
                break
        outputs = {name: filled(each["value"], context) for name, each in ACTION["outputs"].items()}
        return Job(code, log, outputs, summary.read_text())

    def _step(
        self, step: dict[str, Any], context: dict[str, Any], files: dict[str, str]
    ) -> subprocess.CompletedProcess[str]:
        assert step["shell"] == "bash"
        assert step.keys() <= {"id", "shell", "env", "run", "if"}
        own = {name: filled(value, context) for name, value in step.get("env", {}).items()}
        script = self.temp / "script.sh"
        script.write_text(filled(step["run"], context))
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", str(script)], cwd=self.workspace,
            env=self._environment() | files | own, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def _environment(self) -> dict[str, str]:
        host = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "GITHUB_", "INPUT_", "PYTHON"))}
        return host | {
            "CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_ACTION_PATH": str(ROOT), "RUNNER_TEMP": str(self.temp),
            "GITHUB_WORKSPACE": str(self.workspace), "RUNNER_OS": "Linux", "HOME": str(self.temp),
            "GITHUB_REPOSITORY": self.github["repository"], "GITHUB_EVENT_NAME": self.github["event_name"],
            "GITHUB_REF_NAME": self.github["ref_name"], "GITHUB_REF_TYPE": self.github["ref_type"],
            "GITHUB_API_URL": self.github["api_url"],
        } | dict(self.variables)  # fmt: skip


def plant(repository: Path) -> Path:
    """Modules that ``python -m`` would run in place of our own, if it were let; then the file is made that is told."""
    canary = repository.parent / "a module of the repository was run"
    for name in ("reorder/__init__.py", "pip.py", "venv.py", "click.py", "json.py", "runpy.py"):
        (repository / name).parent.mkdir(exist_ok=True)
        (repository / name).write_text(f"open({str(canary)!r}, 'w')\n")
    return canary


def filled(text: str, context: Mapping[str, Any]) -> str:
    """``text`` with its expressions, which are names, replaced."""
    return _EXPRESSION.sub(lambda found: _value(found[1], context), text)


def _value(name: str, context: Mapping[str, Any]) -> str:
    """What is not there is empty."""
    value: Any = context
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
