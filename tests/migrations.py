"""Outcomes of a migration as real repositories give them, for the tests of its report; any number of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Literal

from replays import HOSTILE

from reorder.effects import Safety
from reorder.outcome import Change, Changed, Failed, FileChange, Gain, Outcome, Refusal, Unchanged
from reorder.output.diff import unified_diff
from reorder.repository_outcome import RepositoryOutcome, Trouble

_KINDS = {
    # manager: base, manifests, install
    "npm": ("node:20-slim", "package.json package-lock.json", "npm ci"),
    "yarn": ("node:20-slim", "package.json yarn.lock", "yarn install --frozen-lockfile"),
    "pip": ("python:3.12-slim", "requirements.txt", "pip install --no-cache-dir -r requirements.txt"),
    "poetry": ("python:3.12-slim", "pyproject.toml poetry.lock", "poetry install --only main"),
    "go": ("golang:1.22", "go.mod go.sum", "go mod download"),
    "cargo": ("rust:1.79", "Cargo.toml Cargo.lock", "cargo fetch --locked"),
    "maven": ("maven:3.9", "pom.xml", "mvn -B dependency:go-offline"),
    "bundler": ("ruby:3.3", "Gemfile Gemfile.lock", "bundle install --jobs 4"),
}
_SYSTEM = """\
RUN apt-get update \\
    && apt-get install -y --no-install-recommends git ca-certificates curl \\
    && rm -rf /var/lib/apt/lists/*
"""
_TEAMS = ("payments", "search", "identity", "data platform", "storefront", "")
_NOUNS = ("ledger", "gateway", "worker", "api", "console", "mailer", "importer", "proxy", "scheduler", "catalogue")
_STAYS = (
    ("install-runs-project-code", "postinstall of package.json runs scripts/prepare.js, which the copy brings"),
    ("manifest-not-found", "pip install reads requirements/prod.txt, which the build context does not have"),
    ("gain-too-small", "it would save 0.1 s of an average build (12 s), less than a quarter of a second"),
)


def sample(count: int, *, seed: int = 11) -> Iterator[RepositoryOutcome]:
    """``count`` repositories of all kinds; the same for the same arguments."""
    dice = random.Random(seed)
    for index in range(count):
        yield _repository(f"{dice.choice(_TEAMS[:5])}/{dice.choice(_NOUNS)}-{index:04}".replace(" ", "-"), dice)


def _repository(name: str, dice: random.Random) -> RepositoryOutcome:
    source, owner = f"https://git.example/{name}.git", dice.choice(_TEAMS) or None
    kind = dice.random()
    if kind < 0.04:
        trouble: Trouble = dice.choice(("clone", "timeout", "repository", "crash"))
        return RepositoryOutcome(name, source, "failed", None, owner, "main", (), "", trouble, "it did not answer")
    commit = f"{dice.getrandbits(160):040x}"
    if kind < 0.16:
        return RepositoryOutcome(name, source, "no-dockerfile", commit, owner, "main")
    many = dice.choice((1, 1, 1, 1, 2, 3))
    outcomes = tuple(_outcome("Dockerfile" if not i else f"services/s{i}/Dockerfile", dice) for i in range(many))
    statuses = {each.status for each in outcomes}
    status = "failed" if "failed" in statuses else "changed" if "changed" in statuses else "unchanged"
    patch = "".join(each.diff for each in outcomes if isinstance(each, Changed))
    return RepositoryOutcome(name, source, status, commit, owner, "main", outcomes, patch)  # type: ignore[arg-type]


def _outcome(path: str, dice: random.Random) -> Outcome:
    kind, manager = dice.random(), dice.choice(list(_KINDS))
    managers = tuple(sorted({manager, *(("apt",) if dice.random() < 0.4 else ())}))
    if kind < 0.5:
        return changed(path, manager, managers, dice)
    if kind < 0.53:
        return Failed(path, "", "the instruction RUN has no command", 7)
    old = _dockerfile(manager, managers)[0]
    slug, reason = dice.choice(_STAYS)
    refusals = (Refusal(slug, 9, reason, (f"{path}:9 says so",)),) if kind < 0.8 else ()
    return Unchanged(path, "", old, refusals, ("compose.yaml:5",), managers)


def changed(path: str, manager: str, managers: tuple[str, ...], dice: random.Random) -> Changed:
    """A copy of the tree moves below an install."""
    old, new = _dockerfile(manager, managers)
    files = [FileChange(path, old, new)]
    if dice.random() < 0.1:
        files.append(FileChange(path + ".dockerignore", None, "Dockerfile\n"))
    before = dice.randrange(20, 200)
    after, seconds = before // dice.randrange(4, 30), dice.lognormvariate(3, 0.8)
    kind: Literal["history", "priors"] = "priors" if dice.random() < 0.15 else "history"
    gain = Gain(kind, 200, 1, before, after, seconds + 9, seconds * after / before + 9)
    refusals = (Refusal(*("gain-too-small", 5, _STAYS[2][1])),) if dice.random() < 0.3 else ()
    manifests, install = _KINDS[manager][1:]
    change = Change("broad-copy-before-install", 9, Safety.SAFE if dice.random() < 0.9 else Safety.UNSAFE,
                    f"COPY in line 9 moves below RUN in line 10, which reads only {', '.join(manifests.split())}",
                    (f"{install} reads {manifests.split()[0]}: its documentation says so",))  # fmt: skip
    diff = "".join(unified_diff(file.old, file.new, file.path) for file in files)
    return Changed(path, "", tuple(files), diff, (change,), gain, refusals, (), managers)


def _dockerfile(manager: str, managers: tuple[str, ...]) -> tuple[str, str]:
    base, manifests, install = _KINDS[manager]
    system = "ENV A=1 \\\n    B=2 \\\n    C=3\n" if "apt" not in managers else _SYSTEM
    head = f"# syntax=docker/dockerfile:1\nFROM {base} AS build\n\n{system}WORKDIR /app\n\n"
    tail = "\n# what runs\nRUN make build\nEXPOSE 8080\nCMD ['./run']\n"
    return (f"{head}COPY . .\nRUN {install}\n{tail}", f"{head}COPY {manifests} ./\nRUN {install}\nCOPY . .\n{tail}")


def hostile() -> tuple[RepositoryOutcome, ...]:
    """Every text comes from someone who means harm."""
    made = []
    for index, text in enumerate(HOSTILE):
        old = f"FROM x\nCOPY {text} .\nRUN {text}\n"
        new = f"FROM x\nRUN {text}\nCOPY {text} .\nLABEL a='{text}'\n"
        gain = Gain("history", 10, 1, 10, 1, 20.0, 2.0)
        changes = (Change("broad-copy-before-install", 2, Safety.SAFE, text, (text,)),)
        refusals = (Refusal(text, 2, text, (text,)),)
        files = (FileChange(text, old, new), FileChange(text, None, text))
        outcomes: tuple[Outcome, ...] = (
            Changed(text, text, files, "", changes, gain, refusals, (text,), (text, "npm")),
            Unchanged(text, text, text, refusals, (text,), (text,)),
            Failed(text, text, text, 3),
        )
        made.append(RepositoryOutcome(text, text, "failed", text, text, text, outcomes, text, None, text))
        made.append(RepositoryOutcome(f"{text}{index}", text, "failed", None, text, text, (), "", "clone", text))
    return tuple(made)
