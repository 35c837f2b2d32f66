"""How often files change: names alone, a history alone, and both together."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reorder.context.context import BuildContext, open_context
from reorder.context.memory import MemoryTree
from reorder.weighing.history import Commit, History
from reorder.weighing.kinds import CHANGES_IN_A_BUILD, PathKind, kind_of_path
from reorder.weighing.rates import PRIOR_WEIGHT, Count, Rates

FILES = dict.fromkeys(
    (
        "src/a.py", "src/deep/b.py", "tests/test_a.py", "docs/index.md", "conf/x.yaml", "requirements.txt",
        "package-lock.json", "app.py", "notes.log", "nginx.conf",
    ),
    "",
)  # fmt: skip


def context(ignore: str = "") -> BuildContext:
    return open_context(MemoryTree(FILES | ({".dockerignore": ignore} if ignore else {})), None)


def history(*commits: str, modes: str = "", cut: int = 0) -> History:
    """One commit for each text of paths, one that changes modes alone, and so many that are cut."""
    made = [Commit("a", 0, "", frozenset(text.split())) for text in commits]
    made += [Commit("b", 0, "", frozenset(), modes=frozenset(modes.split()))] if modes else []
    return History((*made, *(Commit("c", 0, "", frozenset(), is_cut=True) for _ in range(cut))))


def rates(*commits: str, ignore: str = "", modes: str = "", cut: int = 0) -> Rates:
    return Rates(context(ignore), lambda: history(*commits, modes=modes, cut=cut))


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", PathKind.CONTEXT),
        ("src", PathKind.SOURCES),
        ("tests", PathKind.TESTS),
        ("docs", PathKind.DOCS),
        ("conf", PathKind.SETTINGS_FOLDER),
        ("app.py", PathKind.SOURCE),
        ("gone.py", PathKind.SOURCE),
        ("nginx.conf", PathKind.SETTING),
        ("README.md", PathKind.DOCS),
        *((name, PathKind.LOCK) for name in (
            "package-lock.json", "yarn.lock", "poetry.lock", "uv.lock", "Cargo.lock", "Gemfile.lock", "go.sum",
            "bun.lockb", "pnpm-lock.yaml", "npm-shrinkwrap.json", "Package.resolved", "packages.lock.json",
        )),
        *((name, PathKind.MANIFEST) for name in (
            "package.json", "requirements.txt", "dev-requirements.in", "pyproject.toml", "setup.py", "go.mod",
            "Pipfile", "Cargo.toml", "a.csproj", "build.gradle.kts", "pom.xml", "environment.yml", "x.gemspec",
        )),
    ],
)  # fmt: skip
def test_kinds(path: str, kind: PathKind) -> None:
    assert kind_of_path(path, context()) is kind


def test_without_a_history_names_tell() -> None:
    found = rates()
    assert found.count(["app.py"]) == Count(0, 0)
    assert not found.is_sure
    assert found.rate_of(["app.py"]) == pytest.approx(CHANGES_IN_A_BUILD[PathKind.SOURCE])
    assert found.rate_of([]) == 0
    apart = 1 - (1 - CHANGES_IN_A_BUILD[PathKind.SOURCES]) * (1 - CHANGES_IN_A_BUILD[PathKind.MANIFEST])
    assert found.rate_of(["src", "requirements.txt"]) == pytest.approx(apart)


def test_what_lies_in_a_folder_counts_once() -> None:
    found = rates()
    assert found.rate_of(["src", "src/a.py", "src/deep"]) == found.rate_of(["src"])
    assert found.rate_of(["", "src"]) == found.rate_of([""])


@pytest.mark.parametrize(
    ("paths", "changed"),
    [
        (["app.py"], 1),
        (["src/a.py"], 1),
        (["src"], 2),
        (["src/deep"], 1),
        (["src/de"], 0),
        (["src", "app.py"], 3),
        (["src/a.py", "src/deep/b.py"], 2),
        ([""], 4),
        (["gone"], 1),
        ([], 0),
    ],
)
def test_commits_are_counted(paths: list[str], changed: int) -> None:
    found = rates("app.py gone/x", "src/a.py", "src/deep/b.py docs/index.md", "conf/x.yaml")
    assert found.count(paths) == Count(changed, 4)


def test_a_changed_mode_is_a_change() -> None:
    assert rates(modes="src/a.py").count(["src"]) == Count(1, 1)


def test_a_commit_too_large_to_list_changes_everything() -> None:
    assert rates("app.py", cut=2).count(["conf"]) == Count(2, 3)


def test_what_is_ignored_never_changes() -> None:
    found = rates("src/a.py", "src/notes.txt", "notes.log", ignore="*.log\nsrc/*\n!src/a.py\n")
    assert found.count(["src"]) == Count(1, 3)
    assert found.count([""]) == Count(1, 3)


def test_a_short_history_and_names_are_weighed() -> None:
    prior = CHANGES_IN_A_BUILD[PathKind.SOURCES]
    expected = (3 + PRIOR_WEIGHT * prior) / (5 + PRIOR_WEIGHT)
    assert rates(*["src/a.py"] * 3, *["app.py"] * 2).rate_of(["src"]) == pytest.approx(expected)


def test_twenty_commits_are_enough() -> None:
    assert rates(*["app.py"] * 20).is_sure
    assert not rates(*["app.py"] * 19).is_sure


def test_the_history_is_asked_for_once_and_not_before_it_is_needed() -> None:
    asked: list[int] = []

    def load() -> History:
        asked.append(1)
        return history("app.py")

    found = Rates(context(), load)
    assert asked == []
    found.rate_of(["src"])
    found.count(["app.py"])
    assert (asked, found.history) == ([1], history("app.py"))


paths = st.sampled_from(["", *FILES, "src", "src/deep", "tests", "docs", "conf", "gone", "gone/x"])
some_paths = st.frozensets(paths, max_size=4)
commits = st.lists(st.frozensets(st.sampled_from([*FILES, "gone/x"]), min_size=1, max_size=3), max_size=30)


@given(commits, some_paths, some_paths)
def test_more_paths_change_at_least_as_often_and_never_more_than_together(
    made: list[frozenset[str]], one: frozenset[str], other: frozenset[str]
) -> None:
    found = Rates(context(), lambda: History(tuple(Commit("", 0, "", changed) for changed in made)))
    both = found.rate_of(one | other)
    assert max(found.rate_of(one), found.rate_of(other)) <= both + 1e-12
    assert both <= found.rate_of(one) + found.rate_of(other) + 1e-12
    assert 0 <= both <= 1
