"""Files of tools and hosts that build an image: skaffold, Tilt, development containers, Fly, Render, Heroku."""

from __future__ import annotations

from textwrap import dedent

import pytest
from told import definitions_of, found_in, skipped_in

from reorder.manager import UNKNOWN

FILES = dict.fromkeys(("Dockerfile", "app/Dockerfile", "app/Other", "web/Dockerfile"), "")

CASES = {
    "skaffold": (
        "skaffold.yaml",
        """
        build:
          artifacts:
          - {image: a, context: app, docker: {dockerfile: Other, target: t}}
          - {image: b, context: web}
          - {image: c, ko: {}}
          - {image: d, context: app, kaniko: {dockerfile: Other}}
        ---
        profiles:
        - {name: p, build: {artifacts: [{image: e}]}}
        """,
        ["4 app/Other in app for t", "5 web/Dockerfile in web", "7 app/Other in app", "10 Dockerfile in ."],
    ),
    "a skaffold file somewhere": (
        "app/skaffold.dev.yaml",
        "build: {artifacts: [{image: a, docker: {dockerfile: Other}}]}",
        ["1 app/Other in app"],
    ),
    "tilt": (
        "Tiltfile",
        """
        load("ext://restart_process", "docker_build_with_restart")
        d = "app"
        docker_build("a", d, dockerfile=d + "/Other", target="t")
        if config.x:
            docker_build(ref="b", context=os.path.join("web", "."), build_args={"A": "1"})
        docker_build_with_restart("c", os.getcwd() + "/app", entrypoint="x")
        """,
        ["4 app/Other in app for t", "6 web/Dockerfile in web", "7 app/Dockerfile in app"],
    ),
    "a Tiltfile somewhere": ("app/Tiltfile", "docker_build('a', '..', dockerfile='Other')", ["1 app/Other in ."]),
    "devcontainer": (
        ".devcontainer/devcontainer.json",
        '{\n\t// "build": 1\n\t"build": {\n\t\t"dockerfile": "../app/Other", /* x */\n\t\t"context": "..",\n\t},\n}',
        ["4 app/Other in ."],
    ),
    "an older devcontainer": (
        ".devcontainer.json", '{"dockerFile": "app/Other", "context": "app"}', ["1 app/Other in app"],
    ),
    "a workspace folder": (
        ".devcontainer/x/devcontainer.json",
        '{"build": {"dockerfile": "${localWorkspaceFolder}/app/Other", "context": "${localEnv:X:../../app}"}}',
        ["1 app/Other in app"],
    ),
    "fly": ("fly.toml", '[build]\ndockerfile = "app/Other"\nbuild-target = "t"\n', ["1 app/Other in . for t"]),
    "fly without a build": ("app/fly.toml", 'app = "x"\n', ["1 app/Dockerfile in app"]),
    "fly with an image": ("fly.prod.toml", '[build]\nimage = "x"\n', []),
    "render": (
        "render.yaml",
        """
        services:
        - {type: web, runtime: docker, dockerfilePath: ./app/Other, dockerContext: ./app}
        - {type: web, env: docker}
        - {type: web, runtime: docker, rootDir: web}
        - {type: web, runtime: node}
        projects:
        - environments: [{services: [{runtime: docker, dockerContext: web, dockerfilePath: web/Dockerfile}]}]
        """,
        ["3 app/Other in app", "4 Dockerfile in .", "5 web/Dockerfile in web", "8 web/Dockerfile in web"],
    ),
    "heroku": (
        "heroku.yml",
        "build:\n  docker:\n    web: app/Other\n    worker: {dockerfile: Dockerfile, target: w}\n",
        ["3 app/Other in app", "4 Dockerfile in . for w"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("path", "text", "expected"), CASES.values(), ids=CASES)
def test_a_file(path: str, text: str, expected: list[str]) -> None:
    assert found_in(FILES | {path: dedent(text)}) == [f"{path}:{line}" for line in expected]


def test_arguments() -> None:
    files = FILES | {
        "heroku.yml": "build: {docker: {web: Dockerfile}, config: {A: b}}",
        "skaffold.yaml": 'build: {artifacts: [{image: a, docker: {buildArgs: {A: b, C: "{{.C}}"}}}]}',
        "Tiltfile": "docker_build('a', '.', build_args={'A': 'b', 'C': str(1)})",
        ".devcontainer.json": '{"build": {"dockerfile": "Dockerfile", "args": {"A": "b"}}}',
        "fly.toml": '[build.args]\nA = "b"\n',
    }
    by_kind = {d.kind: d.args for d in definitions_of(files).found}
    one, two = (("A", "b"),), (("A", "b"), ("C", UNKNOWN))
    assert by_kind == {"heroku": one, "skaffold": two, "tilt": two, "devcontainer": one, "fly": one}


BROKEN = {
    "Tiltfile": ("docker_build(\n", "broken Starlark"),
    "fly.toml": ("x = 1\n[build\n", "broken TOML"),
    "render.yaml": ("docker: [\n", "broken YAML"),
    ".devcontainer.json": ('{"dockerFile": [,\n', "broken YAML"),
}


@pytest.mark.parametrize("path", BROKEN)
def test_a_broken_file_is_named_with_its_line(path: str) -> None:
    (line,) = skipped_in(FILES | {path: BROKEN[path][0]})
    place, _, why = line.partition(" ")
    assert place.rpartition(":")[0] == path
    assert int(place.rpartition(":")[2]) in (1, 2)
    assert why.startswith(BROKEN[path][1])
    assert why.endswith("!")


def test_what_only_a_run_can_tell() -> None:
    files = FILES | {
        "skaffold.yaml": "build: {artifacts: [{image: a, context: '{{.DIR}}'}]}",
        "Tiltfile": "docker_build('a', read_file('x'))\ndocker_build('b', '.', dockerfile_contents='FROM x')",
    }
    assert skipped_in(files) == [
        "Tiltfile:1 only a run can tell the build context or the Dockerfile",
        "Tiltfile:2 the Dockerfile is written in the Tiltfile, and left untouched",
        "skaffold.yaml:1 only a run can tell the build context or the Dockerfile",
    ]


def test_patches_of_skaffold() -> None:
    text = """build:
  artifacts: [{image: a, context: app}]
profiles:
- name: x
  patches:
  - {op: replace, path: /build/artifacts/0/docker/dockerfile, value: Other}
  - {op: add, path: /build/artifacts/1, value: {image: b, context: web}}
  - {op: replace, path: /build/artifacts/0/context, value: web}
  - {op: remove, path: /build/artifacts/0}
  - {op: replace, path: /build/artifacts/7/context, value: gone}
  - {op: add, path: /manifests/rawYaml/-, value: x}
"""
    files = dict.fromkeys(("app/Dockerfile", "app/Other", "web/Dockerfile"), "") | {"skaffold.yaml": text}
    assert found_in(files) == [
        "skaffold.yaml:2 app/Dockerfile in app", "skaffold.yaml:6 app/Other in app",
        "skaffold.yaml:7 web/Dockerfile in web", "skaffold.yaml:8 web/Dockerfile in web",
    ]  # fmt: skip


def test_compose_files_that_others_name() -> None:
    files = {
        ".devcontainer/devcontainer.json": '{"dockerComposeFile": ["../base.yaml", "dev.yaml"], "service": "a"}',
        "base.yaml": "services: {a: {build: app}}",
        ".devcontainer/dev.yaml": "services: {a: {build: {dockerfile: Other}}}",
        "Tiltfile": "docker_compose('tilt.yaml')\ndocker_compose(['tilt.yaml', x()])\n",
        "tilt.yaml": "services: {a: {build: web}}",
    } | dict.fromkeys(("app/Dockerfile", "app/Other", "web/Dockerfile"), "")
    assert found_in(files) == [".devcontainer/dev.yaml:1 app/Other in app", "tilt.yaml:1 web/Dockerfile in web"]


def test_fly_deploys_the_folder_that_has_what_is_copied() -> None:
    files = {
        "a/fly.toml": "[build]\ndockerfile = 'Dockerfile'\n", "a/Dockerfile": "FROM x\nCOPY a/src /s\n", "a/src/x": "",
        "b/fly.toml": "[build]\n", "b/Dockerfile": "FROM x\nCOPY src /src\n", "b/src/x": "",
        "c/fly.toml": "[build]\n", "c/Dockerfile": "FROM x\nCOPY gone /src\n",
    }  # fmt: skip
    assert found_in(files) == [
        "a/fly.toml:1 a/Dockerfile in .", "b/fly.toml:1 b/Dockerfile in b", "c/fly.toml:1 c/Dockerfile in c",
    ]  # fmt: skip
