"""Small real git repositories for tests."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | {
    "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository at ``root``; each commit comes a minute after the one before."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Repository:
        """An empty one."""
        root.mkdir(parents=True, exist_ok=True)
        made = cls(root)
        made.git("init", "--quiet", "--initial-branch=main")
        return made

    def git(self, *words: str, expect: int | None = 0, when: int = 1_700_000_000) -> str:
        """Its standard output."""
        done = subprocess.run(
            ["git", "-C", str(self.root), "-c", "user.name=T", "-c", "user.email=t@example.org", *words],
            capture_output=True, check=False,
            env=_ENVIRONMENT | {"GIT_AUTHOR_DATE": f"{when} +0000", "GIT_COMMITTER_DATE": f"{when} +0000"},
        )  # fmt: skip
        assert expect is None or done.returncode == expect, done.stderr
        return done.stdout.decode(errors="replace")

    def write(self, files: Mapping[str, str | None]) -> None:
        """Write files; None deletes."""
        for name, text in files.items():
            path = self.root / name
            if text is None:
                path.unlink()
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)

    def commit(self, files: Mapping[str, str | None], subject: str = "change") -> str:
        """Write files and commit all that differs; the commit's name."""
        self.write(files)
        self.git("add", "--all")
        count = int(self.git("rev-list", "--count", "--all").strip())
        self.git("commit", "--quiet", "--allow-empty", "--message", subject, when=1_700_000_000 + 60 * count)
        return self.git("rev-parse", "HEAD").strip()
