"""Workspaces, lock files and settings of Node's package managers, each on its own."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest

from reorder.context.memory import MemoryTree
from reorder.manager import Entry
from reorder.manifests.files import ManifestError
from reorder.manifests.node_scripts import Needs, judge_script
from reorder.manifests.node_workspaces import find_members
from reorder.manifests.npm_lock import npm_major, satisfies
from reorder.manifests.npm_rc import parse_rc, read_settings
from reorder.manifests.package_json import Package, local_path, read_json
from reorder.manifests.yaml_text import cut_sections, load_yaml
from reorder.manifests.yarn_lock import parse_yarn_lock, patch_files
from reorder.manifests.yarn_manifest import find_rewrite


class Files:
    """A tree as it lies below ``/app``."""

    def __init__(self, files: Mapping[str, bytes | str]) -> None:
        self.tree = MemoryTree(files)

    def find(self, path: str) -> Entry | None:
        kind = self.tree.kind(_inner(path))
        return None if kind is None or not path.startswith("/app") else Entry(kind, _inner(path))

    def names(self, path: str) -> tuple[str, ...]:
        return self.tree.names(_inner(path))

    def read(self, path: str) -> bytes:
        return self.tree.read(_inner(path))

    def is_executable(self, path: str) -> bool:
        return False


def _inner(path: str) -> str:
    return path.removeprefix("/app").strip("/")


TREE = Files(
    {
        f"{name}/package.json": "{}"
        for name in (
            "packages/a",
            "packages/b",
            "packages/.hidden",
            "packages/deep/c",
            "apps/web",
            "apps/web/node_modules/x",
        )
    }
    | {"packages/empty/readme": "", "package.json": "{}"}
)


@pytest.mark.parametrize(
    ("patterns", "members"),
    [
        (["packages/*"], ["packages/a", "packages/b"]),
        (["./packages/*/"], ["packages/a", "packages/b"]),
        (["packages/**"], ["packages/a", "packages/b", "packages/deep/c"]),
        (["packages/*", "!packages/b"], ["packages/a"]),
        (["!packages/b", "packages/*"], ["packages/a", "packages/b"]),
        (["{apps,packages}/[aw]*"], ["apps/web", "packages/a"]),
        (["packages/?"], ["packages/a", "packages/b"]),
        (["apps/web", "apps/none", "."], ["apps/web"]),
        (["**"], ["apps/web", "packages/a", "packages/b", "packages/deep/c"]),
        ([], []),
    ],
)
def test_patterns_name_members(patterns: list[str], members: list[str]) -> None:
    assert find_members(TREE, "/app", patterns) == tuple(f"/app/{member}" for member in members)


@pytest.mark.parametrize("pattern", ["packages/+(a|b)", "/packages/*", "packages\\*"])
def test_other_patterns_are_refused(pattern: str) -> None:
    with pytest.raises(ManifestError, match="workspace"):
        find_members(TREE, "/app", [pattern])


@pytest.mark.parametrize(
    ("version", "range_", "expected"),
    [
        ("1.2.3", "1.2.3", True),
        ("1.2.4", "1.2.3", False),
        ("1.9.0", "^1.2.3", True),
        ("2.0.0", "^1.2.3", False),
        ("1.2.2", "^1.2.3", False),
        ("0.2.9", "^0.2.3", True),
        ("0.3.0", "^0.2.3", False),
        ("0.0.4", "^0.0.3", False),
        ("1.2.9", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("7.0.0-bridge.0", "^7.0.0-bridge.0", True),
        ("7.0.1", "^7.0.0-bridge.0", True),
        ("7.0.0-rc.1", "^7.0.0-bridge.0", False),
        ("1.2.3", "*", True),
        ("1.2.3", ">=1 <2", False),
        ("git+https://example.com/x", "^1.0.0", False),
    ],
)
def test_simple_ranges(version: str, range_: str, expected: bool) -> None:
    assert satisfies(version, range_) is expected


@pytest.mark.parametrize(
    ("base", "npm"),
    [
        ("node:14", 6),
        ("node:14.21.3-alpine3.17", 6),
        ("node:16-slim", 8),
        ("node:18.0.0", 9),
        ("node:20", 10),
        ("docker.io/library/node:22-bookworm", 10),
        ("node:lts-alpine", 11),
        ("node:alpine", 11),
        ("node", 11),
        ("public.ecr.aws/docker/library/node:20", 10),
        ("ubuntu:22.04", None),
        ("company/node-base:3", None),
        ("nodered/x:1", None),
    ],
)
def test_the_base_image_tells_npm(base: str, npm: int | None) -> None:
    assert npm_major(base) == npm


def test_both_formats_of_a_yarn_lock() -> None:
    old = parse_yarn_lock(
        b'# yarn lockfile v1\n\n\n"@a/b@^1.0.0", "@a/b@>= 1 < 2":\n  version "1.2.0"\n  dependencies:\n    c "^2"\n'
    )
    assert old.version == 1
    assert old.names == ("@a/b",)
    assert old.entries[0].keys == ("@a/b@^1.0.0", "@a/b@>= 1 < 2")
    assert old.entries[0].sections == {"dependencies": {"c": "^2"}}
    new = parse_yarn_lock(
        b'__metadata:\n  version: 8\n  cacheKey: 10c0\n\n"@a/b@npm:^1, @a/b@workspace:x":\n  version: 1.0.0\n'
        b'  dependencies:\n    "@c/d": "npm:^2"\n  bin:\n    b: ./b.js\n'
    )
    assert new.version == 8
    assert new.entries[0].keys == ("@a/b@npm:^1", "@a/b@workspace:x")
    assert new.entries[0].sections == {"dependencies": {"@c/d": "npm:^2"}, "bin": {"b": "./b.js"}}


def test_patches_of_a_yarn_lock_are_files_unless_they_are_built_in() -> None:
    lock = parse_yarn_lock(
        b'"a@patch:a@npm%3A1.0.0#~/.yarn/patches/a.patch":\n  version: 1.0.0\n'
        b'"b@patch:b@npm:1#./fix/b.patch::version=1&hash=1":\n  version: 1.0.0\n'
        b'"t@patch:t@^4#optional!builtin<compat/typescript>":\n  version: 4.0.0\n'
    )
    assert patch_files(lock, ()) == (".yarn/patches/a.patch", "./fix/b.patch")


def test_sections_of_a_long_file_are_cut_out() -> None:
    raw = b"a: 1\nb:\n  c: 2\n\n  d: [3]\nskip:\n  x: 1\ne:\n  f: 4\n"
    assert load_yaml(cut_sections(raw, ("b", "e")), "x.yaml") == {"b": {"c": 2, "d": [3]}, "e": {"f": 4}}


@pytest.mark.parametrize("raw", [b"a: [", b"\xff", b"a: b: c", b"!!python/object:x {}"])
def test_broken_yaml_is_named(raw: bytes) -> None:
    with pytest.raises(ManifestError, match=r"x\.yaml"):
        load_yaml(raw, "x.yaml")


def test_settings_come_from_files_variables_and_the_command_line() -> None:
    files = Files({".npmrc": "omit=dev\nignore-scripts = true\n; x=1\n", "user": "omit=optional\nregistry=https://r\n"})
    env = {"NPM_CONFIG_USERCONFIG": "/app/user", "npm_config_fund": "false"}
    settings = read_settings(files, "/app", env=env, home="/root", line={"ignore-scripts": "false"})
    assert settings.get("omit") == "dev"
    assert settings.get("registry") == "https://r"
    assert not settings.is_on("ignore-scripts")
    assert not settings.is_on("fund", default=True)
    assert "/app/user" in settings.files


def test_rc_lines() -> None:
    assert parse_rc(b'\xef\xbb\xbfa = "b"\n# c=1\n[s]\nflag\nlist[]=x\r\n') == {"a": "b", "flag": "true", "list": "x"}


@pytest.mark.parametrize(
    ("range_", "path"),
    [
        ("file:../x", "/x"),
        ("link:./x", "/app/x"),
        ("portal:x", "/app/x"),
        ("./x", "/app/x"),
        ("file:///opt/x", "/opt/x"),
        ("^1.0.0", None),
        ("npm:a@1", None),
        ("github:a/b", None),
        ("workspace:*", None),
        ("https://x/y.tgz", None),
    ],
)
def test_local_ranges(range_: str, path: str | None) -> None:
    assert local_path("/app", range_) == path


def test_the_line_of_a_json_error_is_told() -> None:
    with pytest.raises(ManifestError, match=r"package\.json:2: "):
        read_json(Files({"package.json": '{\n"a" 1}'}), "/app/package.json", "npm")


def test_deep_json_is_no_crash() -> None:
    with pytest.raises(ManifestError):
        read_json(Files({"package.json": "[" * 100_000}), "/app/package.json", "npm")


def test_a_long_script_is_judged_in_no_time() -> None:
    start = time.perf_counter()
    bad = judge_script(f'node -e "{"1" * 5000}require"', directory="/app", scripts={}, needs=Needs())
    assert bad is not None
    assert time.perf_counter() - start < 1


def test_scripts_that_call_each_other_end() -> None:
    scripts = {"a": "npm run b", "b": "npm run a"}
    assert judge_script("npm run a", directory="/app", scripts=scripts, needs=Needs()) is not None


def test_yarn_keeps_a_manifest_in_its_form() -> None:
    text = '{\n  "name": "ä",\n  "dependencies": {\n    "a": "1",\n    "b": "2"\n  },\n  "keywords": []\n}\n'
    files = Files({"package.json": text})
    package = Package("/app/package.json", read_json(files, "/app/package.json", "yarn"))
    assert find_rewrite(files, package) is None
