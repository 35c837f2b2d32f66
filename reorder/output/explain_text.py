"""What the tool knows, as text: its package managers, what it repairs, and why it leaves a step alone."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator

from reorder.manager import Manager, Rule, all_managers
from reorder.slugs import CHANGES, REFUSALS, Pattern

_PROOFS = {"built": "built on a real engine", "tried": "the tool tried", "documented": "by its documentation", "": ""}


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


def render_topic(name: str) -> Iterator[str] | None:
    """A manager or a slug in full; None if there is none of that name."""
    if name in CHANGES:
        return _change(name, CHANGES[name])
    if name in REFUSALS:
        return iter((f"{name}: a step stays", "", _wrapped(REFUSALS[name] + "."), f"Safety: {refusal_safety(name)}"))
    found = [manager for manager in known_managers() if name == manager.name or name in manager.tools]
    return _manager(found[0]) if found else None


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


def _change(slug: str, pattern: Pattern) -> Iterator[str]:
    yield f"{slug}: repaired"
    yield ""
    yield _wrapped(f"The pattern: {pattern.text}.")
    yield _wrapped(f"Safe where {pattern.safe}.")
    yield _wrapped(f"Unsafe (only with --unsafe-fixes) where {pattern.unsafe}.")


def _manager(manager: Manager) -> Iterator[str]:
    yield f"{manager.name} ({', '.join(manager.tools)})"
    yield ""
    yield (sys.modules[manager.module].__doc__ or "").strip()
    yield ""
    for rule in manager.rules:
        yield _rule_line(rule)
        yield textwrap.indent(_wrapped(rule.why), "    ")


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 100, break_long_words=False, break_on_hyphens=False)
