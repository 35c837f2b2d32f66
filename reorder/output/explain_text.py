"""What the tool knows, as text: its package managers, what it repairs, and why it leaves a step alone."""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from reorder.effects import Role
from reorder.manager import Manager, Rule, all_managers
from reorder.outcome import Changed, Outcome
from reorder.output.explanations import pattern_note, refusal_note
from reorder.output.text import printable, render_text
from reorder.slugs import CHANGES, REFUSALS

_PROOFS = {"built": "built on a real engine", "tried": "the tool tried", "documented": "by its documentation", "": ""}
_WIDTH = 100
_INDENT = "  "
_SOURCE = re.compile(
    r"https?://[^\s,;)]*[^\s,;.)]|\b[\w.-]+\(\d\)|(?:[Tt]ried|[Tt]raced|[Rr]eal builds) with [^;:)]+?(?=[;:)]|\.\s|$)"
)
"""In the docstring of a manager: an address, a page of the system's manual, or which versions were tried."""

_SLOW_REFUSAL = (
    "As long as the step stays, it runs again after every edit of what is copied above it, though nothing that it "
    "needs has changed."
)
_SLOW_INSTALL = (
    "Its installs download, unpack and compile: they take most of the time of a build. Below a copy of the sources "
    "they run again after every edit, though the manifests are the same."
)
_SLOW_OTHER = "Below a copy of the sources it runs again after every edit, though it needs nothing of them."

_SAFE_COMMANDS = (
    "What they read and write is told by their arguments; an option that is not known, or an argument that only a "
    "build can tell, may mean any file, and then nothing moves across them."
)


class Shown(NamedTuple):
    """A case of the corpus and what the tool makes of it."""

    case: str
    why: str
    dockerfile: str
    outcome: Outcome


def render_overview() -> Iterator[str]:
    """Every manager and every slug with its safety, one line each."""
    yield "Package managers (dockerfile-fix explain NAME tells more)"
    for manager in known_managers():
        yield ""
        yield f"{manager.name}: {headline(manager)}"
        yield from (f"  {_rule_line(rule)}" for rule in manager.rules)
    yield ""
    yield "What is repaired"
    for slug, pattern in CHANGES.items():
        yield f"  {slug} [safe or unsafe]: {pattern.text}"
    yield ""
    yield "Why a step stays"
    for slug, text in sorted(REFUSALS.items()):
        yield f"  {slug} [{refusal_safety(slug)}]: {text}"


def find_topic(name: str) -> str | None:
    """The slug or the manager that a user means, by its own name or that of one of its programs (``curl``, too)."""
    if name in CHANGES or name in REFUSALS:
        return name
    found = [manager.name for manager in all_managers() if name == manager.name or name in manager.tools]
    return found[0] if found else None


def topic_names() -> tuple[str, ...]:
    """All that `find_topic` knows."""
    managers = all_managers()
    return tuple(sorted({*CHANGES, *REFUSALS, *(m.name for m in managers), *(t for m in managers for t in m.tools)}))


def render_topic(topic: str, shown: Shown | None) -> Iterator[str]:
    """A manager or a slug in full, with its example if it has one. Raises `KeyError` for what is no topic."""
    if topic in CHANGES:
        yield from _change(topic)
    elif topic in REFUSALS:
        yield from _refusal(topic)
    else:
        yield from _manager({manager.name: manager for manager in all_managers()}[topic])
    if shown is not None:
        yield from _example(shown)


def known_managers() -> tuple[Manager, ...]:
    """The package managers; everyday commands are not listed."""
    return tuple(manager for manager in all_managers() if manager.kind == "manager")


def headline(manager: Manager) -> str:
    """The first sentence of what the module says of itself."""
    return " ".join((sys.modules[manager.module].__doc__ or "").split("\n\n")[0].split())


def safety_of(rule: Rule) -> str:
    """The safety of a rule as users see it."""
    return rule.safety.value if rule.safety else "-"


def refusal_safety(slug: str) -> str:
    """The safety of a refusal: it is shown, and only one of them can be overruled."""
    return "unsafe" if slug == "not-proven" else "display"


def _rule_line(rule: Rule) -> str:
    proof = f", {_PROOFS[rule.proof]}" if rule.proof else ""
    return f"{rule.command}: {rule.form} [{safety_of(rule)}{proof}]"


def _change(slug: str) -> Iterator[str]:
    pattern, note = CHANGES[slug], pattern_note(slug)
    yield f"{slug}: repaired"
    yield from _section("What", f"The pattern: {pattern.text}.")
    yield from _section("Why it is slow", note.slow)
    yield from _section(
        "Why it is safe", f"Safe where {pattern.safe}.",
        f"Unsafe (only with --unsafe-fixes) where {pattern.unsafe}.",
    )  # fmt: skip
    yield from _sources(note.sources)


def _refusal(slug: str) -> Iterator[str]:
    note = refusal_note(slug)
    yield f"{slug}: a step stays"
    text = REFUSALS[slug]
    yield from _section("What", f"{text[0].upper()}{text[1:]}.")
    yield from _section("Why it is slow", _SLOW_REFUSAL)
    yield from _section("Why a move is not safe", note.move, f"Safety: {refusal_safety(slug)}")
    yield from _section("What you can do", note.help)
    yield from _sources(note.sources)


def _manager(manager: Manager) -> Iterator[str]:
    told = (sys.modules[manager.module].__doc__ or "").strip().replace("``", "`")
    yield f"{manager.name}: {'a package manager' if manager.kind == 'manager' else 'known commands'}"
    paragraphs = (" ".join(paragraph.split()) for paragraph in told.split("\n\n"))
    yield from _section("What", *paragraphs, f"Programs: {', '.join(manager.tools)}")
    yield from _section("Why it is slow", _SLOW_INSTALL if manager.role is Role.INSTALL else _SLOW_OTHER)
    if manager.rules:
        yield ""
        yield "Why it is safe, command by command"
        for rule in manager.rules:
            yield _INDENT + _rule_line(rule)
            yield textwrap.indent(_wrapped(rule.why), 2 * _INDENT)
    else:
        yield from _section("Why it is safe", _SAFE_COMMANDS)
    yield from _sources(dict.fromkeys(_SOURCE.findall(" ".join(told.split()))))


def _example(shown: Shown) -> Iterator[str]:
    yield from _section(f"Example (case {shown.case} of the corpus)", " ".join(shown.why.split()))
    yield ""
    yield from _quoted(shown.dockerfile)
    is_changed = isinstance(shown.outcome, Changed)
    yield ""
    yield "What the tool makes of it" if is_changed else "What the tool says of it"
    if isinstance(shown.outcome, Changed):
        yield from _quoted(shown.outcome.diff)
        yield ""
    yield from (_INDENT + line for line in render_text(shown.outcome, verbose=False, would=True))


def _quoted(text: str) -> Iterator[str]:
    return ((2 * _INDENT + printable(line)).rstrip() for line in text.splitlines())


def _sources(sources: Iterable[str]) -> Iterator[str]:
    sources = tuple(sources)
    if sources:
        yield ""
        yield "Sources"
    for source in sources:
        yield textwrap.fill(
            source, _WIDTH, initial_indent=_INDENT + "- ", subsequent_indent=2 * _INDENT, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip


def _section(head: str, *paragraphs: str) -> Iterator[str]:
    yield ""
    yield head
    yield from (textwrap.indent(_wrapped(paragraph), _INDENT) for paragraph in paragraphs)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH - 2 * len(_INDENT), break_long_words=False, break_on_hyphens=False)
