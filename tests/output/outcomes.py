"""Outcomes to render: those of the whole corpus, and some that a hostile repository would lead to."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from corpus import CORPUS, case_names, load_case, memory_tree
from reorder.api import fix_text
from reorder.effects import Safety
from reorder.outcome import Change, Changed, Failed, FileChange, Gain, Outcome, Refusal, Unchanged
from reorder.output.diff import unified_diff

GAIN = Gain("history", 200, 1, 188, 17, 38.2, 11.9)
OLD = "FROM node:20\nWORKDIR /app\nCOPY . .\nRUN npm ci\nCMD x\n"
NEW = "FROM node:20\nWORKDIR /app\nCOPY package.json .\nRUN npm ci\nCOPY . .\nCMD x\n"
BROAD = "broad-copy-before-install"


CHANGED_CASES = [name for name in case_names() if (CORPUS / name / "expected.Dockerfile").exists()]


def corpus_outcomes() -> tuple[Outcome, ...]:
    """One a case."""
    return tuple(map(outcome_of, case_names()))


@cache
def outcome_of(name: str) -> Outcome:
    """That of one case, as if it lay in a folder with the case's name."""
    case = load_case(name)
    with tempfile.TemporaryDirectory() as scratch:
        tree = memory_tree(case, Path(scratch, name))
        outcome = fix_text(case.text, tree, case.settings, path=case.dockerfile)
    moved = outcome._replace(path=f"{name}/{outcome.path}")
    if isinstance(moved, Changed):
        files = tuple(file._replace(path=f"{name}/{file.path}") for file in moved.files)
        return moved._replace(files=files, diff="".join(unified_diff(f.old, f.new, f.path) for f in files))
    return moved


def changed_outcomes() -> tuple[Changed, ...]:
    """Those of the corpus that change something."""
    return tuple(map(changed_outcome, CHANGED_CASES))


def changed_outcome(name: str) -> Changed:
    """That of a case which changes something."""
    outcome = outcome_of(name)
    assert isinstance(outcome, Changed)
    return outcome


def changed(
    path: str = "Dockerfile", old: str | None = OLD, new: str = NEW, *, reason: str = "COPY moves",
    evidence: tuple[str, ...] = (), safety: Safety = Safety.SAFE, more: tuple[FileChange, ...] = (), line: int = 3,
    refusals: tuple[Refusal, ...] = (), context_from: tuple[str, ...] = (),
) -> Changed:  # fmt: skip
    """An outcome with one change."""
    files = (FileChange(path, old, new), *more)
    return Changed(
        path=path, context="", files=files, diff="".join(unified_diff(f.old, f.new, f.path) for f in files),
        changes=(Change(BROAD, line, safety, reason, evidence),), gain=GAIN, refusals=refusals,
        context_from=context_from,
    )  # fmt: skip


NASTY = (
    "a\x1b[31mred\x00\x07", "::error::x", "a,b:c%0A", "line\nbreak\r", "<script>alert(1)</script>", "@octocat",
    "[click](http://evil.example)", "`tick` ``two`` ```three", "a|b", "#1 !2 ~bug", "\ud800\udcff", "\u202egnp.exe",
    "\ufffe\uffff", "👩‍🚀 𐐀", "##[set-env name=A;]b", "-rf", "$(id) '\"", "a" * 3000, "&amp; &lt;", "]]>",
    "{0} ${HOME} {",
)  # fmt: skip
"""Names and texts that some format gives a meaning to."""


def hostile_outcomes() -> tuple[Outcome, ...]:
    """Every nasty text at every place that a repository decides about."""
    found: list[Outcome] = []
    for text in NASTY:
        refusal = Refusal("unknown-command", 2, f"{text} is not known", (text,))
        path = text.replace("\ud800", "")  # no path of a file system decodes to that, but words of a manifest may
        old, new = (version.replace("CMD x", f"# {path}") for version in (OLD, NEW))
        found += [
            changed(f"{path}/Dockerfile", old, new, reason=f"reads only {text}, {text}", evidence=(text, f"/{text}:"),
                    refusals=(refusal,), context_from=(f"{path}:3",)),
            Unchanged(path=f"d/{path}", context=path, text=old, refusals=(refusal,), context_from=(path,)),
            Failed(path=path, context=path, error=f"unknown instruction: {text}", line=2),
        ]  # fmt: skip
    return tuple(found)
