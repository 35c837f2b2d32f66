"""``dockerfile-fix config``: what holds for a path, and where each value comes from."""

from __future__ import annotations

import sys
from typing import NamedTuple

from reorder.commands.targets import check_folder, find_targets, resolve_target
from reorder.configuration.model import Given, Resolved
from reorder.outcome import Failed
from reorder.output.config_json import render_config_json
from reorder.output.config_text import render_config
from reorder.output.text import render_text
from reorder.world.configs import DiskConfigurations


class ConfigOptions(NamedTuple):
    """The command line of ``config``."""

    paths: tuple[str, ...]
    given: Given = Given()
    format: str = "text"


def run_config(options: ConfigOptions) -> int:
    """Print it; the exit code (0, or 2 where a configuration file is wrong or a folder holds no Dockerfile)."""
    check_folder(options.given.values.context)
    configurations, code = DiskConfigurations(), 0
    for target in find_targets(options.paths):
        found = target if isinstance(target, Failed) else resolve_target(target, options.given, configurations)
        code = max(code, 2 if isinstance(found, Failed) else 0)
        _report(target.path, found, options.format)
    return code


def _report(path: str, found: Resolved | Failed, format_: str) -> None:
    if isinstance(found, Failed):
        for line in render_text(found, verbose=False, would=False):
            sys.stderr.write(line + "\n")
    if format_ == "json":
        sys.stdout.write(render_config_json(path, found) + "\n")
    elif isinstance(found, Resolved):
        sys.stdout.write("".join(line + "\n" for line in render_config(path, found)))
