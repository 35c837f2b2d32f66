"""What git knows of a path: whether it is committed, whether it is ignored.

The repository may be hostile: its own configuration must not make ``git`` run a program. Of what ``ls-files`` and
``check-ignore`` honour, that is ``core.fsmonitor`` (a command), hooks, and the lazy fetch of missing objects in a
partial clone (``core.sshCommand``, ``remote.*.uploadpack``, ``ext::`` addresses); all three are switched off. So are
replaced and grafted commits, which are one clone's own view of the history.
"""

from __future__ import annotations

import os

_SECONDS = 10.0
_OVERRIDES = (
    "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "safe.bareRepository=explicit",
    "-c", "advice.graftFileDeprecated=false",
)  # fmt: skip
_KEPT = frozenset(("GIT_CONFIG_GLOBAL",))
_ENVIRONMENT = {
    "GIT_ALLOW_PROTOCOL": "",  # no protocol at all, whatever protocol.*.allow says
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C",
}


class GitError(Exception):
    """Something of a repository that git cannot do or read; the message says what."""


def repository_root(path: str) -> str | None:
    """The nearest folder, from ``path`` upwards, with a ``.git`` in it (a file in worktrees and submodules)."""
    folder = os.path.abspath(path)
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return folder
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent


def is_tracked(root: str, path: str) -> bool | None:
    """Whether the index of the repository at ``root`` holds anything at or under ``path`` (relative to ``root``).

    ``root`` must be the nearest repository: the outer one knows nothing of a submodule's files. None if git cannot
    tell: it is not installed, distrusts the folder's owner, or takes too long.
    """
    return _ask(root, "--literal-pathspecs", "ls-files", "-z", "--cached", "--error-unmatch", "--", path or ".")


def is_vcs_ignored(root: str, path: str) -> bool | None:
    """Whether git ignores ``path`` (relative to ``root``), never what is tracked; None if it cannot tell.

    A line such as ``node_modules/`` is for folders only, and so needs the folder to exist.
    """
    # this command takes no --literal-pathspecs; "./" keeps ":(glob)x" from being read as one
    return _ask(root, "check-ignore", "--quiet", "--", f"./{path}")


def _ask(root: str, *command: str) -> bool | None:
    """Exit 0 is yes, 1 is no, anything else is no answer."""
    import subprocess

    try:
        done = subprocess.run(
            git_command(root, *command), env=git_environment(root), timeout=_SECONDS, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return {0: True, 1: False}.get(done.returncode)


def git_command(root: str, *command: str) -> tuple[str, ...]:
    """The words of a git command in the repository at ``root``, without what its configuration may plant."""
    return ("git", "-C", root, *_OVERRIDES, *command)


def git_environment(root: str) -> dict[str, str]:
    """The variables for `git_command`, which are as much a part of its safety."""
    # variables such as GIT_DIR (set inside a git hook) would point to another repository
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_") or name in _KEPT}
    environment |= _ENVIRONMENT
    environment["GIT_CEILING_DIRECTORIES"] = os.path.dirname(root)
    return environment


def git_dir_command(git_dir: str, *command: str) -> tuple[str, ...]:
    """As `git_command`, for the folder with the repository's objects and references, bare or not.

    It stands for the work tree, too, so that no ``core.worktree`` leads elsewhere. That someone else owns the folder is
    no hindrance, since nothing that its configuration names is run.
    """
    return ("git", "-C", git_dir, "--git-dir=.", "--work-tree=.", *_OVERRIDES, *command)
