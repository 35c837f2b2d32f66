"""Files that nobody wrote: whatever they hold, every other definition counts, and nothing is raised."""

from __future__ import annotations

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reorder.context.memory import MemoryTree
from reorder.definitions.effort import Effort
from reorder.definitions.find import find_definitions
from reorder.definitions.kind import all_kinds

PATHS = (
    "docker-compose.yml", "docker-bake.hcl", "docker-bake.json", ".github/workflows/a.yml", ".gitlab-ci.yml",
    "Makefile", ".circleci/config.yml", "azure-pipelines.yml", "build.sh", "skaffold.yaml", "Tiltfile",
    ".devcontainer.json", "fly.toml", "render.yaml", "heroku.yml", "package.json", "Taskfile.yml", "justfile",
    "cloudbuild.yaml", "Jenkinsfile", ".env",
)  # fmt: skip
GOOD = {"app/compose.yaml": "services: {a: {build: .}}\n", "app/Dockerfile": "FROM x\n", "Dockerfile": "FROM x\n"}
_MENTIONS = b"docker build include: extends artifacts docker_build( dockerfile\n"


def check(path: str, data: bytes) -> None:
    files: dict[str, str | bytes] = {**GOOD, path: data}
    made = find_definitions(MemoryTree(files), files, Effort(50_000))
    assert "app/compose.yaml" in {found.source for found in made.found}
    assert all(found.dockerfile in GOOD or found.dockerfile == path for found in made.found)
    assert all(skipped.source in files and skipped.line >= 1 for skipped in made.skipped)


def test_every_kind_is_among_the_paths() -> None:
    assert all(any(kind.covers(path) for path in PATHS) for kind in all_kinds())


@given(st.sampled_from(PATHS), st.binary(max_size=300), st.booleans())
def test_any_bytes(path: str, data: bytes, is_read: bool) -> None:
    check(path, (_MENTIONS if is_read else b"") + data)


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(
    ("app", ".", "..", "Dockerfile", "docker build app", "${X}", "${{ matrix.a }}", "{{.X}}", "$[[ inputs.x ]]", "a:b")
)  # fmt: skip
_KEYS = st.sampled_from(
    """services build context dockerfile dockerfile_inline target args additional_contexts extends include path env_file
    project_directory jobs steps run uses with matrix strategy on workflow_call inputs script before_script variables
    parallel rules artifacts docker profiles patches op value tasks cmds cmd dir vars stages task type runtime services
    projects environments group variable default inherits contexts x-bake name entrypoint file service a""".split()
)
_DOCUMENTS = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_KEYS, inner, max_size=5), max_leaves=30
)


@settings(max_examples=60)
@given(st.sampled_from([p for p in PATHS if p.endswith(("yml", "yaml", "json"))]), st.dictionaries(_KEYS, _DOCUMENTS))
def test_any_document_of_known_words(path: str, document: dict[str, object]) -> None:
    """JSON is YAML."""
    document["docker build include: artifacts dockerfile"] = "x"
    check(path, json.dumps(document).encode())


_HCL = st.lists(
    st.sampled_from(
        """target "t" "u" variable function group { } = [ ] , ( ) ${ } %{ if endif for in ? : == && ! context dockerfile
        inherits matrix args params result default null true 1.5 <<EOF EOF # // /* */ . \\ " a.b a[0] a.*.b f(a) x"""
        .split()
    )
)  # fmt: skip


@settings(max_examples=60)
@given(_HCL, st.sampled_from((" ", "\n")))
def test_any_hcl_of_known_words(words: list[str], gap: str) -> None:
    check("docker-bake.hcl", gap.join(words).encode())


UNITS = (
    "[", "{", "a: {", "- ", "&a [*a,", "*a ", "? ", "'", '"', "${", "$(", "`", "{{", "((", "<<E\n", "a:\n  ", "x = [",
    "!t ",
    "%YAML 1.1\n---\n", "\t", "if x; then\n", "a() {\n", "case x in\n", "def f(:\n", "\\\n", "[[a]]\n", "\u2028", "\0",
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("size", [3000, 1024 * 1024])
def test_much_of_one_thing(path: str, size: int) -> None:
    """Up to the largest file that is read; a few of the units each, chosen by the path."""
    for unit in random.Random(path).sample(UNITS, 3 if size > 10_000 else len(UNITS)):
        data = _MENTIONS + unit.encode() * ((size - 200) // len(unit.encode()))
        check(path, data)
