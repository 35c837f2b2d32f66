"""lerna, turbo and nx: tools that work on a whole workspace, so that a source copy stays above them.

``lerna bootstrap`` (before lerna 7) installs every package and runs their scripts; ``turbo prune`` copies the sources
of some. What they leave for an install (``out/json``) is copied from their stage, which is the right order already.
https://lerna.js.org/docs/legacy-package-management, https://turborepo.com/docs/reference/prune
"""

from __future__ import annotations

from reorder.effects import Effects, Role
from reorder.manager import Call, Manager
from reorder.manifests.node_environment import system_reads

manager = Manager(__name__, ecosystem="JavaScript", kind="command", tools=("lerna", "turbo", "nx"))


@manager
def analyze(call: Call) -> Effects:
    """Everything but the question for the version is a barrier; the reason tells what it does."""
    if call.args in (("--version",), ("-v",)):
        return Effects(reads=system_reads())
    words = [word for word in call.args if not word.startswith("-")]
    command = words[0] if words else ""
    if call.argv[0] == "lerna" and command in ("bootstrap", "link"):
        why = f"lerna {command} runs prepublish and prepare of every package, which may read any file"
        return Effects.blocked("install-runs-project-code", why, role=Role.INSTALL)
    if call.argv[0] == "turbo" and command == "prune":
        return Effects.blocked("project-code", "turbo prune copies the sources of workspace members")
    shown = " ".join((call.argv[0], *words[:2])).replace("\0", "…")
    return Effects.blocked("project-code", f"{shown} runs scripts that may read any file")
