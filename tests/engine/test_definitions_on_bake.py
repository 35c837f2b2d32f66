"""Compose and bake files, as they are read here and as ``docker buildx bake --print`` reads them.

The command builds nothing and needs no engine, only buildx; its compose loader is compose's own (compose-go).
"""

from __future__ import annotations

import json
import posixpath
import subprocess
from pathlib import Path
from textwrap import dedent

import pytest

from reorder.definitions.find import find_definitions
from reorder.world.disk import DiskTree

pytestmark = pytest.mark.engine

Row = tuple[str, str, str, tuple[tuple[str, str], ...]]

FOLDERS = ("app", "app/sub", "web")
CASES = {
    "strings and maps": ("compose.yaml", {"compose.yaml": """
        services:
          a: {build: app}
          b: {build: {context: ./app/, dockerfile: ../web/Dockerfile, target: t, args: {A: 1, B: "x y"}}}
          c: {build: {context: ., args: [A=1, EMPTY=]}}
          d: {image: x}
        """}),
    "variables": ("compose.yaml", {".env": "D=web\nE='app'\n# F=x\n", "compose.yaml": """
        services:
          a: {build: $D}
          b: {build: "${E}"}
          c: {build: "${G:-app}"}
          d: {build: "${D:-app}"}
          e: {build: "${D:+app}"}
          f: {build: {context: ., args: {A: $$D, B: "${G-x}", C: "${D}/${E}"}}}
        """}),
    "anchors": ("compose.yaml", {"compose.yaml": """
        x-build: &b {context: app, args: {A: "1"}}
        services:
          a: {build: *b}
          b: {build: {<<: *b, target: t}}
        """}),
    "extends": ("compose.yaml", {"app/base.yaml": "services: {x: {image: x, build: {context: sub, target: t}}}\n",
                                 "compose.yaml": """
        services:
          a: {extends: {file: app/base.yaml, service: x}}
          b: {extends: {service: a}, build: {target: u}}
        """}),
    "a project in a folder": ("app/compose.yaml", {"app/compose.yaml": """
        services:
          a: {build: .}
          b: {build: {context: .., dockerfile: web/Dockerfile}}
          c: {build: ../web}
        """}),
    "targets": ("docker-bake.hcl", {"docker-bake.hcl": """
        variable "D" { default = "app" }
        variable "N" { default = null }
        variable "U" {}
        target "_c" {
          args = { A = "1", N = N, U = U }
          target = "t"
        }
        target "a" {
          inherits = ["_c"]
          context = D
        }
        target "b" {
          context = "./${D}/sub"
          args = { X = D == "app" ? "yes" : "no", Y = join("-", ["a", upper(D)]), Z = format("%s!", D) }
        }
        target "c" { dockerfile = "web/Dockerfile" }
        """}),
    "a matrix": ("docker-bake.hcl", {"docker-bake.hcl": """
        target "a" {
          name = "a-${replace(d, "/", "-")}-${s}"
          matrix = { d = ["app", "app/sub", "web"], s = ["x", "y"] }
          context = d
          target = s
        }
        """}),
    "json": ("docker-bake.json", {"docker-bake.json": """
        {"variable": {"D": {"default": "web"}},
         "target": {"a": {"context": "${D}"}, "b": {"inherits": ["a"], "target": "t", "args": {"A": "${D}x"}}}}
        """}),
}  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _buildx() -> None:
    try:
        done = subprocess.run(["docker", "buildx", "version"], capture_output=True, text=True, check=False, timeout=60)
    except FileNotFoundError:
        pytest.skip("there is no docker command")
    if done.returncode:
        pytest.skip(f"docker has no buildx: {done.stderr.strip().splitlines()[0]}")


@pytest.mark.parametrize(("name", "files"), CASES.values(), ids=CASES)
def test_both_read_the_same(tmp_path: Path, name: str, files: dict[str, str]) -> None:
    for folder in ("", *FOLDERS):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "Dockerfile").write_text("FROM x\n")
    for path, text in files.items():
        (tmp_path / path).write_text(dedent(text))
    assert ours(tmp_path, name) == theirs(tmp_path, name)


def ours(root: Path, name: str) -> set[Row]:
    made = find_definitions(DiskTree(str(root)), [name])
    assert made.skipped == ()
    return {
        (d.context, d.dockerfile, d.target or "", tuple(sorted((k, v) for k, v in d.args if v is not None)))
        for d in made.found
    }


def theirs(root: Path, name: str) -> set[Row]:
    folder = posixpath.dirname(name)
    text = (root / name).read_text()
    targets = ["default"] if "compose" in name else [t for t in "abc" if f'"{t}"' in text]
    done = subprocess.run(
        ["docker", "buildx", "bake", "--file", posixpath.basename(name), "--print", *targets],
        cwd=root / folder, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return {_row(target, root, folder) for target in json.loads(done.stdout)["target"].values()}


def _row(target: dict[str, object], root: Path, folder: str) -> Row:
    context = posixpath.normpath(posixpath.join(str(root), folder, str(target["context"])))
    file = posixpath.normpath(posixpath.join(context, str(target["dockerfile"])))
    args = target.get("args") or {}
    assert isinstance(args, dict)
    inside = posixpath.relpath(context, str(root)).removeprefix(".")
    return inside, posixpath.relpath(file, str(root)), str(target.get("target", "")), tuple(sorted(args.items()))
