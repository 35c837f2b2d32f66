"""What counts as a difference between two images, what is excused, and how the rest is grouped."""

from __future__ import annotations

import pytest
from archives import Member, compare, files

from reorder.verifying.compare import Findings
from reorder.verifying.configuration import compare_configurations
from reorder.verifying.model import ASPECTS


def found(findings: Findings) -> dict[str, tuple[str, ...]]:
    return {item.path: item.aspects for group in findings.groups for item in group.examples}


PLAIN = Member("app/x", data=b"1")


@pytest.mark.parametrize(
    ("after", "aspect"),
    [
        (Member("app/x", data=b"2"), "content"),
        (Member("app/x", data=b"1", mode=0o600), "mode"),
        (Member("app/x", data=b"1", owner=(1, 0)), "owner"),
        (Member("app/x", data=b"1", owner=(0, 1)), "owner"),
        (Member("app/x", "link", b"1"), "type"),
        (Member("app/x", "dir"), "type"),
        (Member("app/x", data=b"1", xattrs={"user.a": "b"}), "attributes"),
        (Member("app/x", data=b"1", xattrs={"security.capability": "b"}), "attributes"),
    ],
)
def test_each_aspect_is_a_difference(after: Member, aspect: str) -> None:
    assert aspect in ASPECTS
    findings = compare([PLAIN], [after])
    assert found(findings) == {"app/x": (aspect,)}
    assert compare([PLAIN], [PLAIN]).groups == ()


def test_paths_of_one_side_only() -> None:
    assert found(compare([PLAIN], [])) == {"app/x": ("only before",)}
    assert found(compare([], [PLAIN])) == {"app/x": ("only after",)}


def test_link_targets_and_device_numbers_are_content() -> None:
    assert found(compare([Member("l", "link", b"a")], [Member("l", "link", b"b")])) == {"l": ("content",)}
    one, other = Member("n", "device", numbers=(1, 3)), Member("n", "device", numbers=(1, 5))
    assert found(compare([one], [other])) == {"n": ("content",)}


def test_several_aspects_at_once() -> None:
    other = Member("app/x", data=b"2", mode=0o600, owner=(5, 5))
    assert found(compare([PLAIN], [other])) == {"app/x": ("mode", "owner", "content")}


def test_what_two_builds_of_the_original_differ_in_is_excused_in_this_aspect_only() -> None:
    again = [Member("app/x", data=b"3")]
    findings = compare([PLAIN], [Member("app/x", data=b"2")], again)
    assert (findings.groups, findings.measured, findings.unrepeated) == ((), 1, ("app/x",))
    assert found(compare([PLAIN], [Member("app/x", data=b"2", mode=0o600)], again)) == {"app/x": ("mode", "content")}
    assert found(compare([PLAIN], [], again)) == {"app/x": ("only before",)}


def test_a_path_that_comes_and_goes_may_be_missing_on_either_side() -> None:
    assert compare([PLAIN], [], []).groups == ()
    assert compare([], [PLAIN], [PLAIN]).groups == ()


def test_names_made_at_random_are_known_by_their_folder_and_number() -> None:
    def build(*names: str) -> list[Member]:
        inner = [Member(f"var/x/{name}/{rest}") for name in names for rest in ("a", "b")]
        return [*(Member(f"var/x/{name}", "dir") for name in names), *inner]

    assert compare(build("k1"), build("k3"), build("k2")).groups == ()
    assert compare(build("k1"), build("k3", "k4"), build("k2")).groups != ()
    assert compare(build("k1"), build(), build("k2")).groups == ()  # for all that two builds tell, k1 comes and goes
    assert compare(build("k1"), [Member("var/x/k3")], build("k2")).groups != ()


def test_the_list_excuses_what_package_managers_log() -> None:
    findings = compare([Member("var/log/dpkg.log", data=b"1"), PLAIN], [Member("var/log/dpkg.log", data=b"2"), PLAIN])
    assert (findings.groups, findings.listed) == ((), 1)
    for path in ("var/log/app.log", "app/var/log/dpkg.log", "root/.cache/ms-playwright/x", "var/log/dpkg.log/x"):
        assert found(compare([Member(path)], [])) == {path: ("only before",)}


def test_byte_code_may_differ_where_its_source_does_not() -> None:
    def build(code: bytes, source: bytes) -> list[Member]:
        return [Member("lib/__pycache__/m.cpython-311.pyc", data=code), Member("lib/m.py", data=source)]

    findings = compare(build(b"1" * 20, b"x"), build(b"2" * 20, b"x"))
    assert (findings.groups, findings.listed) == ((), 1)
    assert set(found(compare(build(b"1" * 20, b"x"), build(b"2" * 20, b"y")))) == {
        "lib/__pycache__/m.cpython-311.pyc", "lib/m.py",
    }  # fmt: skip
    assert set(found(compare(build(b"1" * 20, b"x")[:1], build(b"2" * 20, b"x")[:1]))) == {
        "lib/__pycache__/m.cpython-311.pyc"
    }
    assert set(found(compare(build(b"1" * 20, b"x"), build(b"2" * 20, b"x")[1:]))) == {
        "lib/__pycache__/m.cpython-311.pyc"
    }


def test_groups_stand_below_the_deepest_folder_of_all_and_the_largest_is_first() -> None:
    many = [Member(f"srv/app/node_modules/a/{i}") for i in range(20)]
    few = [Member(f"srv/app/dist/b/{i}") for i in range(3)]
    findings = compare([PLAIN], [PLAIN, *few, *many, Member("srv/app/top")])
    assert [(g.folder, g.number) for g in findings.groups] == [
        ("/srv/app/node_modules/a", 20),
        ("/srv/app/dist/b", 3),
        ("/srv/app", 1),
    ]
    assert findings.groups[0].tally == {"only after": 20}
    assert len(findings.groups[0].examples) == 5


def test_more_folders_than_can_be_told_apart() -> None:
    findings = compare([], [Member(f"d{i}/x") for i in range(800)])
    assert sum(group.number for group in findings.groups) == 800
    assert len(findings.groups) <= 501


def test_the_root_itself_is_not_compared() -> None:
    assert compare([Member("./", "dir", mode=0o700)], [Member("./", "dir")]).groups == ()
    assert "" in files([Member("./", "dir")])


def test_configurations() -> None:
    one = {"config": {"Env": ["A=1", "B=2"], "Cmd": ["x"], "Labels": {"io.buildah.version": "1"}}, "os": "linux"}
    other = {"config": {"Env": ["B=2", "A=1"], "Cmd": ["x"], "Labels": None}, "os": "linux", "created": "now"}
    assert [(d.name, d.before) for d in compare_configurations(one, other)] == [("Env", '["A=1", "B=2"]')]
    assert compare_configurations(one, one | {"history": [1], "rootfs": {}}) == ()
    assert compare_configurations({"config": {"Volumes": {}}}, {"config": None}) == ()
    assert [d.name for d in compare_configurations({"architecture": "amd64"}, {"architecture": "arm64"})] == [
        "Architecture"
    ]


@pytest.mark.parametrize(
    "field",
    ["Cmd", "Entrypoint", "WorkingDir", "User", "ExposedPorts", "Volumes", "Labels", "Healthcheck", "Shell", "OnBuild"],
)
def test_each_field_counts(field: str) -> None:
    value = {"a": "b"} if field in ("Labels", "Volumes") else ["x"]
    (difference,) = compare_configurations({"config": {}}, {"config": {field: value}})
    assert (difference.name, difference.before) == (field, "null")
