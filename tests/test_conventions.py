"""The rules of the house, held by machines: lint, types, layers, sizes, and documentation made from code."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus import case_names, load_case, memory_tree
from reorder.api import fix_text
from reorder.effects import Safety
from reorder.output.explain_text import known_managers, safety_of
from reorder.slugs import CHANGES, REFUSALS

ROOT = Path(__file__).parents[1]
MODULES = sorted((ROOT / "reorder").rglob("*.py"))


def run_tool(*command: str) -> None:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_lint() -> None:
    run_tool("-m", "ruff", "check", "--quiet", ".")


def test_types() -> None:
    run_tool("-m", "mypy")


def test_layers() -> None:
    run_tool("-c", "from importlinter.cli import lint_imports_command as main; main()")


def _functions(module: Path) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(ast.parse(module.read_text())) if isinstance(node, ast.FunctionDef))


def test_budgets() -> None:
    sizes = {module: len(module.read_text().splitlines()) for module in MODULES}
    assert [str(m) for m, size in sizes.items() if size > 400] == []
    lengths = {
        f"{module.name}:{function.name}": (function.end_lineno or 0) - function.lineno + 1
        for module in MODULES
        for function in _functions(module)
    }
    assert [name for name, length in lengths.items() if length > 60] == []
    assert statistics.median(lengths.values()) < 14


def test_every_module_says_what_it_is() -> None:
    assert [m.name for m in MODULES if not ast.get_docstring(ast.parse(m.read_text()))] == []


def _slug_literals() -> set[str]:
    """First arguments, or any string that has the shape of a slug in a call that makes a refusal."""
    makers = {"Opaque", "ManifestError", "blocked", "block", "Refusal"}
    found = set()
    for module in MODULES:
        for node in ast.walk(ast.parse(module.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            first = node.args[0]
            if name in makers and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def test_every_refusal_is_documented() -> None:
    assert _slug_literals() - REFUSALS.keys() - {"not-selected"} == set()


def test_every_expected_refusal_of_the_corpus_is_documented() -> None:
    slugs = {slug for name in case_names() for slug, _ in load_case(name).refusals}
    assert slugs - REFUSALS.keys() == set()


def _table(rows: list[tuple[str, ...]], *head: str) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _tables() -> dict[str, str]:
    rules = [
        (f"`{manager.name}`", f"`{rule.command}`", rule.form, safety_of(rule), rule.proof or "-", rule.why)
        for manager in known_managers()
        for rule in manager.rules
    ]
    changes = [(f"`{slug}`", pattern.text, pattern.safe) for slug, pattern in CHANGES.items()]
    return {
        "managers": _table(rules, "name", "command", "what becomes of it", "safety", "proof", "why"),
        "changes": _table(changes, "slug", "pattern that is repaired", "safe where"),
        "refusals": _table([(f"`{slug}`", text) for slug, text in sorted(REFUSALS.items())], "slug", "why it stays"),
    }


def test_every_manager_tells_its_rules_and_has_cases_of_both_kinds() -> None:
    prefixes: dict[str, list[bool]] = {}
    built: set[str] = set()
    for name in case_names():
        case, prefix = load_case(name), name.partition("-")[0]
        prefixes.setdefault(prefix, []).append(case.expected is not None)
        if case.is_for_engine and case.expected is not None:
            built.add(prefix)
    for manager in known_managers():
        assert manager.rules, f"{manager.name} has no rules"
        cases = prefixes.get(manager.name, [])
        assert len(cases) >= 3, f"{manager.name} has {len(cases)} cases"
        assert False in cases, f"{manager.name} has no unchanged case"
        if any(rule.proof == "built" and rule.safety is Safety.SAFE for rule in manager.rules):
            assert manager.name in built, f"{manager.name} says that it was built, and no case is"
        for rule in manager.rules:
            assert (rule.safety is None) == (rule.form in ("stays", "advice")) or rule.safety is Safety.DISPLAY, rule


@pytest.mark.parametrize("name", ["managers", "changes", "refusals"])
def test_the_tables_of_the_readme_are_made_from_the_code(name: str) -> None:
    readme = (ROOT / "README.md").read_text()
    match = re.search(rf"<!-- table: {name} -->\n\n(.*?)\n\n<!-- end -->", readme, re.DOTALL)
    assert match, f"the README has no table {name}"
    assert match.group(1) == _tables()[name], f"the table should be:\n{_tables()[name]}"


def test_forty_percent_of_the_corpus_stays_unchanged() -> None:
    cases = [load_case(name) for name in case_names()]
    unchanged = sum(case.expected is None for case in cases)
    assert len(cases) >= 60
    assert 0.3 <= unchanged / len(cases) <= 0.5


def test_every_change_has_a_case(tmp_path: Path) -> None:
    seen: set[str] = set()
    for name in case_names():
        case = load_case(name)
        if case.expected is not None:
            outcome = fix_text(case.text, memory_tree(case, tmp_path / name), case.settings)
            seen |= {change.slug for change in getattr(outcome, "changes", ())}
    assert seen == set(CHANGES)
