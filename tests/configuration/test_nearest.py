"""Which file holds for a folder of a tree, and what in it may not be."""

from __future__ import annotations

import pytest

from reorder.configuration.model import ConfigError, Given, Origin, Values
from reorder.configuration.nearest import Configurations
from reorder.configuration.resolve import resolve
from reorder.context.memory import MemoryTree

OWN, SHARED = ".dockerfile-fix.toml", "pyproject.toml"
TABLE = "[tool.dockerfile-fix]\n"


def path_for(files: dict[str, str], folder: str) -> str | None:
    found = Configurations(MemoryTree(files)).nearest(folder)
    return None if found is None else found.path


def test_the_nearest_folder_counts_and_in_it_our_own_file() -> None:
    files = {SHARED: TABLE, f"a/{OWN}": "", f"a/{SHARED}": TABLE, f"a/b/{SHARED}": "[project]\n", "a/b/c/x": ""}
    assert path_for(files, "") == SHARED
    assert path_for(files, "a") == f"a/{OWN}"
    assert path_for(files, "a/b/c") == f"a/{OWN}", "one without the table is passed over"
    assert path_for(files, "z/y") == SHARED
    assert path_for({}, "a") is None


class CountingTree(MemoryTree):
    reads = 0

    def read(self, path: str) -> bytes:
        self.reads += 1
        return super().read(path)


def test_each_file_is_read_once_even_a_wrong_one() -> None:
    tree = CountingTree({OWN: "nothing = 1\n", "a/b/x": "", f"a/{SHARED}": "[project]\n"})
    configurations = Configurations(tree)
    for _ in range(3):
        for folder in ("a", "a/b", "c", ""):
            with pytest.raises(ConfigError):
                configurations.nearest(folder)
    assert tree.reads == 2


@pytest.mark.parametrize(
    ("folder", "context", "found"),
    [("", ".", ""), ("", "a", "a"), ("a", ".", "a"), ("a", "..", ""), ("a/b", "../c/", "a/c"), ("a", "../a/b", "a/b")],
)
def test_a_context_is_seen_from_its_file(folder: str, context: str, found: str) -> None:
    name = f"{folder}/{OWN}".lstrip("/")
    file = Configurations(MemoryTree({name: f"context = '{context}'\n", "a/b/x": "", "a/c/x": ""})).nearest(folder)
    assert file is not None
    assert file.values.context == found


@pytest.mark.parametrize(
    ("context", "why"),
    [
        ("..", "leads out of the repository"), ("../../etc", "leads out"), ("/etc", "leads out"),
        ("a/../../x", "leads out"), ("nowhere", "there is no folder nowhere"), ("file", "there is no folder file"),
        ("file/x", "there is no folder"), ("..\\\\x", "there is no folder"),
    ],
)  # fmt: skip
def test_a_context_stays_in_the_tree(context: str, why: str) -> None:
    tree = MemoryTree({OWN: f'\ncontext = "{context}"\n', "file": ""})
    with pytest.raises(ConfigError, match=why) as caught:
        Configurations(tree).nearest("")
    assert (caught.value.path, caught.value.line) == (OWN, 2)


def test_flag_before_variable_before_file_before_default() -> None:
    text = "target = 'file'\nunsafe-fixes = true\nselect = ['mixed-copy-before-install']\n"
    text += "costs = {install = 1, copy = 2}\n"
    file = Configurations(MemoryTree({OWN: text})).nearest("")
    flag, variable = Origin("flag", "--x"), Origin("environment", "X")
    given = Given(
        Values(target="flag", unsafe_fixes=False, costs={"install": 5.0}),
        {"target": flag, "unsafe-fixes": variable, "costs.install": flag},
    )
    resolved = resolve(file, "Dockerfile", given)
    assert (resolved.values.target, resolved.origins["target"]) == ("flag", flag)
    assert (resolved.values.unsafe_fixes, resolved.origins["unsafe-fixes"]) == (False, variable)
    assert resolved.values.select == {"mixed-copy-before-install"}
    assert resolved.origins["select"] == Origin("file", f"{OWN}:3")
    assert (resolved.values.costs["install"], resolved.origins["costs.install"]) == (5.0, flag)
    assert (resolved.values.costs["copy"], resolved.origins["costs.copy"]) == (2.0, Origin("file", f"{OWN}:4"))
    assert (resolved.values.costs["build"], resolved.origins["costs.build"].kind) == (10.0, "default")
    assert (resolved.values.ignore, resolved.origins["ignore"].kind) == (frozenset(), "default")


def test_patterns_of_a_file_are_seen_from_its_folder_and_those_of_a_flag_from_here() -> None:
    text = "exclude = [\n'x',\n'/old/',\n]\n[per-file-ignores]\n'/*.dev' = ['mixed-copy-before-install']\n"
    file = Configurations(MemoryTree({f"a/{OWN}": text})).nearest("a/old")
    resolved = resolve(file, "a/old/Dockerfile", Given())
    assert resolved.excluded is not None
    assert resolved.excluded.origin == Origin("file", f"a/{OWN}:3")
    assert resolve(file, "a/b/old/Dockerfile", Given()).excluded is None
    assert resolve(file, "a/b/Dockerfile.dev", Given()).values.per_file_ignores == {}
    assert list(resolve(file, "a/Dockerfile.dev", Given()).values.per_file_ignores) == ["/*.dev"]
    given = Given(Values(exclude=("/here/",)), {"exclude": Origin("flag", "--exclude")})
    assert resolve(file, "a/old/Dockerfile", given, path_from_here="old/Dockerfile").excluded is None
    assert resolve(file, "a/old/Dockerfile", given, path_from_here="here/Dockerfile").excluded is not None
