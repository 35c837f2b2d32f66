"""Repositories on servers: what their addresses may be, and git commands that talk to them.

Unlike all else that is done with git, this trusts the user's own configuration (``~/.gitconfig``, that of the system,
and the variables for ssh, proxies and certificates), since that is where credentials come from; never a repository's.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from typing import NamedTuple
from urllib.parse import unquote

from reorder.world.git import GitError
from reorder.world.git_run import complaint
from reorder.world.repositories import Head

_PROTOCOLS = ("https", "ssh", "git")
_SCHEMES = {"https": "https", "ssh": "ssh", "git": "git", "git+ssh": "ssh", "ssh+git": "ssh", "file": "file"}
_HELPER = re.compile(r"[A-Za-z0-9.+-]+::")
_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>\[[^]]*\]|[^@/:\s]+):(?!//)")
_NEVER = frozenset("""
    GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_ALLOW_PROTOCOL GIT_CEILING_DIRECTORIES GIT_COMMON_DIR GIT_CONFIG
    GIT_CONFIG_PARAMETERS GIT_DIR GIT_EXEC_PATH GIT_GRAFT_FILE GIT_IMPLICIT_WORK_TREE GIT_INDEX_FILE
    GIT_INTERNAL_SUPER_PREFIX GIT_NAMESPACE GIT_OBJECT_DIRECTORY GIT_PREFIX GIT_PROTOCOL_FROM_USER GIT_QUARANTINE_PATH
    GIT_REPLACE_REF_BASE GIT_SHALLOW_FILE GIT_TEMPLATE_DIR GIT_WORK_TREE
""".split())  # fmt: skip
"""Variables that a git hook or an alias sets for the commands below it, and that mean another repository."""
_OPTIONS = (
    "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0",
    "-c", "maintenance.auto=false", "-c", "protocol.version=2", "-c", "fetch.recurseSubmodules=false",
    "-c", "fetch.writeCommitGraph=false", "-c", "submodule.recurse=false", "-c", "transfer.bundleURI=false",
    "-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60",
)  # fmt: skip
_LOOK = 0.5
"""Seconds from one look at the size of what came to the next."""
_GRACE = 2.0
"""Seconds that git has to take away its temporary files."""
_PAUSE = 0.01


class Remote(NamedTuple):
    """An address to fetch from and push to. ``allows_files``: it may be a folder of this machine, for the user said so.

    ``seconds`` and ``most_bytes``: what one command may take, and what it may leave on the disk.
    """

    url: str
    allows_files: bool = False
    seconds: float = 300.0
    most_bytes: int = 4 << 30

    @property
    def shown(self) -> str:
        """The address without the name and the password that it may hold: to be shown and stored."""
        return without_credentials(self.url)


def without_credentials(url: str) -> str:
    """An ``https`` address without what stands before the ``@``; another one without a password."""
    parts = _split(url)
    if parts is None or "@" not in parts.netloc:
        return url
    user, _, host = parts.netloc.rpartition("@")
    is_web = parts.scheme.lower() in ("https", "http")
    return url.replace(parts.netloc, host if is_web else f"{user.partition(':')[0]}@{host}", 1)


def check_url(remote: Remote) -> None:
    """Raise `GitError` unless the address is one that git may be given: https, ssh, git; a folder if that is allowed.

    Others (``ext::``, ``fd::``, remote helpers) run programs, and one that begins with a dash is an option.
    """
    url = remote.url
    if url.startswith("-") or any(character in url for character in "\0\n\r"):
        raise GitError("no address of a repository begins with a dash or holds a line break")
    if _HELPER.match(url):
        raise GitError(f"the protocol {url.partition('::')[0]}:: is not allowed")
    parts = _split(url)
    if parts is not None:
        protocol = _SCHEMES.get(parts.scheme.lower())
        if protocol is None or (protocol == "file" and not remote.allows_files):
            raise GitError(f"the protocol {parts.scheme} is not allowed: only {', '.join(_PROTOCOLS)}")
        if protocol != "file" and parts.netloc.rpartition("@")[2].startswith(("-", ":")):
            raise GitError("the address has no sensible host")
        return
    if (scp := _SCP.match(url)) is not None:
        if scp["host"].startswith("-") or url.partition("@")[0].startswith("-"):
            raise GitError("the address has no sensible host")
        return
    if not remote.allows_files:
        raise GitError("a folder of this machine is not allowed here")


class _Parts(NamedTuple):
    scheme: str
    netloc: str


def _split(url: str) -> _Parts | None:
    found = re.match(r"([A-Za-z][A-Za-z0-9+.-]*)://([^/?#]*)", url)
    return None if found is None else _Parts(found[1], found[2])


def talk(remote: Remote, git_dir: str | None, *words: str, stdin: bytes = b"") -> bytes:
    """The answer of a git command that talks to ``remote``, whose address in ``words`` is `Remote.shown`.

    ``git_dir``: a repository of ours, whose configuration nobody else wrote; None: in none. After `Remote.seconds` git
    is ended with all its processes. Raises `GitError`, without passwords.
    """
    import tempfile

    check_url(remote)
    place = () if git_dir is None else ("-C", git_dir, "--git-dir=.", "--work-tree=.")
    command = ("git", *place, *_OPTIONS, *_without_helpers(remote), *words)
    with tempfile.TemporaryFile() as errors, tempfile.TemporaryFile() as given:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(
                command, env=_environment(remote), cwd="/" if git_dir is None else None, stdin=given,
                stdout=subprocess.PIPE, stderr=errors, process_group=0,
            )  # fmt: skip
        except (OSError, ValueError) as error:
            raise GitError(f"git cannot be run: {getattr(error, 'strerror', None) or error}") from None
        try:
            data = _wait(process, remote, git_dir)
        finally:
            _end_group(process)
        if process.returncode:
            raise GitError(_redacted(complaint(errors, process.returncode), remote))
        return data


def _wait(process: subprocess.Popen[bytes], remote: Remote, git_dir: str | None) -> bytes:
    end = time.monotonic() + remote.seconds
    data = None
    while data is None:
        try:
            data, _ = process.communicate(timeout=max(0.0, min(_LOOK, end - time.monotonic())))
        except subprocess.TimeoutExpired:
            if time.monotonic() >= end:
                raise GitError(f"git took longer than {remote.seconds:g} s") from None
        if git_dir is not None and _size_of_packs(git_dir) > remote.most_bytes:
            raise GitError(f"the server sends more than {remote.most_bytes >> 20} MiB")
    return data


def _size_of_packs(git_dir: str) -> int:
    with suppress(OSError), os.scandir(os.path.join(git_dir, "objects", "pack")) as entries:
        return sum(entry.stat().st_size for entry in entries)
    return 0


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End what is left of git and its helpers (remote-https, ssh, index-pack)."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is None:
            with suppress(OSError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE)
    end = time.monotonic() + _GRACE
    with suppress(OSError):  # helpers that outlived git: until there is none
        while time.monotonic() < end:
            os.killpg(process.pid, signal.SIGKILL)
            time.sleep(_PAUSE)
    if process.stdout is not None:
        process.stdout.close()


def _environment(remote: Remote) -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _NEVER}
    protocols = [*_PROTOCOLS, *(["file"] if remote.allows_files else [])]
    environment |= {
        "GIT_ALLOW_PROTOCOL": ":".join(protocols), "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0",
        "GIT_NO_LAZY_FETCH": "1", "GIT_NO_REPLACE_OBJECTS": "1", "GIT_GRAFT_FILE": os.devnull, "LC_ALL": "C",
        "SSH_ASKPASS_REQUIRE": environment.get("SSH_ASKPASS_REQUIRE", "never"),
    }  # fmt: skip
    if not {"GIT_SSH", "GIT_SSH_COMMAND"} & environment.keys() and not _names_ssh():
        environment["GIT_SSH_COMMAND"] = "ssh -oBatchMode=yes"
    if remote.shown != remote.url:
        # what is on a command line, everybody may read
        count = int(environment.get("GIT_CONFIG_COUNT", "0") or "0")
        environment |= {
            "GIT_CONFIG_COUNT": str(count + 1), f"GIT_CONFIG_KEY_{count}": f"url.{remote.url}.insteadOf",
            f"GIT_CONFIG_VALUE_{count}": remote.shown,
        }  # fmt: skip
    return environment


@cache
def _names_ssh() -> bool:
    """Whether the user's configuration names a program for ssh, which then knows what to ask and whom."""
    command = ("git", "config", "--global", "--includes", "--get", "core.sshCommand")
    with suppress(OSError, subprocess.SubprocessError):
        return not subprocess.run(command, capture_output=True, check=False, cwd="/", timeout=10).returncode
    return False


def _without_helpers(remote: Remote) -> Sequence[str]:
    """A password in an address is not given to a credential helper, which would store it."""
    return ("-c", "credential.helper=") if remote.shown != remote.url else ()


def _redacted(text: str, remote: Remote) -> str:
    text = text.replace(remote.url, remote.shown)
    parts = _split(remote.url)
    if parts is None or remote.shown == remote.url:
        return text
    user, _, password = parts.netloc.rpartition("@")[0].partition(":")
    secret = password or user  # an access token may stand in the place of the user's name
    for form in filter(None, (secret, unquote(secret))):
        text = text.replace(form, "***")
    return text


def find_remote_head(remote: Remote, branch: str | None = None) -> Head:
    """The tip of a branch on the server; without one, of its default branch. Raises `GitError`."""
    heads = list_remote(remote, "HEAD", *(f"refs/heads/{name}" for name in (branch,) if name))
    wanted = f"refs/heads/{branch}" if branch is not None else "HEAD"
    if wanted not in heads.commits:
        raise GitError(f"it has no branch {branch}" if branch is not None else "it has no commit yet")
    return Head(heads.commits[wanted], branch if branch is not None else heads.default_branch)


class RemoteHeads(NamedTuple):
    """References of a server with their commits, and its default branch, if it tells it."""

    commits: dict[str, str]
    default_branch: str | None


def list_remote(remote: Remote, *references: str) -> RemoteHeads:
    """What the server says of ``references``, of which one may be ``refs/heads/*``. Raises `GitError`."""
    answer = talk(remote, None, "ls-remote", "--symref", "--end-of-options", remote.shown, *references)
    commits: dict[str, str] = {}
    default = None
    for line in answer.decode("utf-8", "surrogateescape").splitlines():
        value, _, name = line.partition("\t")
        if value.startswith("ref: refs/heads/") and name == "HEAD":
            default = value.removeprefix("ref: refs/heads/")
        elif re.fullmatch(r"[0-9a-f]{40}(?:[0-9a-f]{24})?", value) and (
            name in references or ("refs/heads/*" in references and name.startswith("refs/heads/"))
        ):
            commits[name] = value
    return RemoteHeads(commits, default)
