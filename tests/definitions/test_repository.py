"""What is read of a repository: bounded, inside its root, and nothing is ever run."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from told import found_in, skipped_in

from reorder.context.memory import MemoryTree
from reorder.definitions.effort import TOO_LONG, Effort
from reorder.definitions.error import DefinitionError
from reorder.definitions.find import find_definitions
from reorder.definitions.kind import all_kinds
from reorder.definitions.model import Definitions
from reorder.definitions.repository import ROOT, Repository
from reorder.definitions.yaml_files import plain_json, read_json, read_yaml
from reorder.world.disk import DiskTree


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    (root / "app").mkdir(parents=True)
    (root / "app/Dockerfile").write_text("FROM x\n")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/Dockerfile").write_text("FROM secret\n")
    (tmp_path / "secret/compose.yaml").write_text("services: {a: {build: .}}\n")
    return root


def read(root: Path) -> Definitions:
    paths = [str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()]
    return find_definitions(DiskTree(str(root)), paths)


def test_links_inside_are_followed(repository: Path) -> None:
    (repository / "link").symlink_to("app")
    (repository / "app/linked.Dockerfile").symlink_to("Dockerfile")
    (repository / "compose.yaml").symlink_to("real.yaml")
    (repository / "real.yaml").write_text("services: {a: {build: {context: link, dockerfile: linked.Dockerfile}}}\n")
    (found,) = read(repository).found
    assert (found.context, found.dockerfile) == ("app", "app/Dockerfile")


@pytest.mark.parametrize("target", ["../secret", "../../repository/../secret", "/etc", "app/../../secret"])
def test_links_that_lead_out_are_not(repository: Path, target: str) -> None:
    (repository / "link").symlink_to(target)
    builds = "a: {build: link}, b: {build: {context: ., dockerfile: link/Dockerfile}}"
    (repository / "compose.yaml").write_text(f"services: {{{builds}}}")
    made = read(repository)
    assert made.found == ()
    assert {skipped.why for skipped in made.skipped} == {"a path outside of the repository"}


def test_a_definition_file_behind_a_link_that_leads_out_is_not_read(repository: Path) -> None:
    (repository / "compose.yaml").symlink_to("../secret/compose.yaml")
    (repository / "docker-compose.yml").write_text("include: [../secret/compose.yaml]\nservices: {b: {build: app}}\n")
    made = read(repository)
    assert [found.dockerfile for found in made.found] == ["app/Dockerfile"]
    assert [(s.source, s.line, s.why) for s in made.skipped] == [
        ("docker-compose.yml", 1, "a path outside of the repository")
    ]


def test_links_in_a_circle(repository: Path) -> None:
    (repository / "a").symlink_to("b")
    (repository / "b").symlink_to("a")
    (repository / "compose.yaml").write_text("services: {a: {build: a}}\n")
    assert [skipped.why for skipped in read(repository).skipped] == ["too many symbolic links"]


def test_no_file_is_ever_run(repository: Path) -> None:
    text = 'touch "$(dirname "$0")/ran"; docker build app\n'
    (repository / "build.sh").write_text("#!/bin/sh\n" + text)
    (repository / "build.sh").chmod(0o755)
    (repository / "Makefile").write_text(f"X := $(shell touch ran)\na:\n\t{text}")
    (repository / "Tiltfile").write_text("open('ran', 'w')\ndocker_build('a', 'app')\n")
    (repository / "x.sh").write_text("docker build $(touch ran; echo app) `touch ran`\n")
    assert len(read(repository).found) == 3
    assert not list(repository.rglob("ran"))


def test_a_fifo_and_a_folder_with_the_name_of_a_file(repository: Path) -> None:
    os.mkfifo(repository / "docker-bake.hcl")
    (repository / "compose.yaml").mkdir()
    assert read(repository) == Definitions()


def test_files_that_are_too_large_or_no_text() -> None:
    files = {"compose.yaml": "# build\n" * 200_000, "app/compose.yaml": "build"}
    assert skipped_in(files)[0] == "app/compose.yaml:1 no compose file: its value is no mapping!"
    assert skipped_in(files)[1] == "compose.yaml:1 compose.yaml is larger than 1 MiB"
    made = find_definitions(MemoryTree({"compose.yaml": b"build: \xff\n"}), ["compose.yaml"])
    assert [s.why for s in made.skipped] == ["compose.yaml is not UTF-8"]


BOMBS = {
    "aliases": "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
               + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)),
    "an alias of itself": "a: &a {b: *a}\n",
    "nesting": "a: " + "[" * 5000 + "]" * 5000,
    "merges": "a0: &a0 {k: v}\n"
              + "".join(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 10)}]}}\n" for n in range(1, 9)),
    "no end": 'a: "x',
}  # fmt: skip


@pytest.mark.parametrize("text", BOMBS.values(), ids=BOMBS)
def test_yaml_that_would_take_for_ever(text: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_yaml(text, "x.yaml")
    assert caught.value.is_warning
    assert caught.value.line is not None


def test_json_with_comments_keeps_its_lines() -> None:
    text = '{\n  // "a": [1,\n  "b": "//no /* comment */", /* c\n */ "d": [1, 2,],\n\t"e": "\\ud83d\\ude00",\n}'
    value = read_json(text, "x.json")
    assert value == {"b": "//no /* comment */", "d": ["1", "2"], "e": "?"}
    assert plain_json(text).count("\n") == text.count("\n")


@pytest.mark.parametrize("text", [",/**/" * 20_000, ",//" * 20_000, "," + " " * 50_000, '"\\' * 20_000, ",/*" * 20_000])
def test_json_that_a_careless_pattern_would_never_finish(text: str) -> None:
    assert len(plain_json(text)) <= len(text)


def test_paths_of_a_workspace() -> None:
    tree = MemoryTree({"app/x": ""})
    repository = Repository(tree, mounts=(("src", True), ("src/lib", False)))
    assert repository.inside("src/app") == "app"
    assert repository.inside(f"{ROOT}/src/./app/") == "app"
    for outside in ("app", "src/lib", "src/lib/app", "source", "../src", "/src"):
        with pytest.raises(DefinitionError):
            repository.inside(outside)
    assert repository.without_mounts().inside("app") == "app"


def test_every_kind_has_a_reader_and_finds_its_own_files() -> None:
    samples = {
        "azure": ("azure-pipelines.yml", "ci/azure-pipelines.yaml", ".azure-pipelines/a/b.yml"),
        "bake": ("docker-bake.hcl", "docker-bake.override.json", "ci/docker-bake.prod.hcl", "my.docker-bake.hcl"),
        "circleci": (".circleci/config.yml",),
        "cloudbuild": ("cloudbuild.yaml", "ci/cloudbuild-test.yml", "app.cloudbuild.json"),
        "compose": ("compose.yaml", "docker-compose.yml", "a/docker-compose-dev.yml", "compose.x.yml", "a.compose.yml"),
        "devcontainer": (".devcontainer/devcontainer.json", ".devcontainer.json", ".devcontainer/b/devcontainer.json",
                         ".cursor/environment.json"),
        "fly": ("fly.toml", "a/fly.staging.toml"),
        "github": (".github/workflows/ci.yaml",),
        "gitlab": (".gitlab-ci.yml", ".gitlab/build.yml"),
        "heroku": ("heroku.yml",),
        "jenkins": ("Jenkinsfile", "ci/Jenkinsfile.release", "build.jenkinsfile"),
        "just": ("justfile", "a/Justfile", ".justfile", "ci/docker.just"),
        "make": ("Makefile", "a/makefile", "GNUmakefile", "build.mk", "Makefile.common", "docker.Makefile"),
        "npm_scripts": ("package.json", "a/package.json"),
        "render": ("render.yaml",),
        "script": ("build.sh", "a/b.bash"),
        "skaffold": ("skaffold.yaml", "a/skaffold-dev.yml"),
        "taskfile": ("Taskfile.yml", "a/taskfile.dist.yaml", "ci/Taskfile-docker.yml"),
        "tilt": ("Tiltfile", "a/Tiltfile.dev", "x.tiltfile"),
    }
    others = ("README.md", "src/composer.py", "package-lock.json", "compose.md", "docs/workflows/a.yml", "makefile/x")
    assert {kind.name for kind in all_kinds()} == samples.keys()
    for kind in all_kinds():
        assert callable(kind.reader.read)
        covered = {path for paths in (*samples.values(), others) for path in paths if kind.covers(path)}
        assert covered == set(samples[kind.name])


def test_folders_of_other_projects_are_passed_over() -> None:
    files = {
        "vendor/a/compose.yaml": "services: {a: {build: .}}",
        "vendor/a/Dockerfile": "",
        "x/node_modules/a/package.json": '{"scripts": {"a": "docker build ."}}',
        "x/node_modules/a/Dockerfile": "",
    }
    assert found_in(files) == []


_PATHS = (
    "compose.yaml", "docker-bake.hcl", "docker-bake.json", ".github/workflows/a.yml", ".gitlab-ci.yml", "Makefile",
    ".circleci/config.yml", "azure-pipelines.yml", "build.sh", "skaffold.yaml", "Tiltfile", ".devcontainer.json",
    "fly.toml", "render.yaml", "heroku.yml", "package.json", "Taskfile.yml", "justfile", "cloudbuild.yaml",
    "Jenkinsfile",
)  # fmt: skip
_WORDS = st.sampled_from(
    """docker build -f . app {{ }} ${ } $( ) " ' : - [ ] { } | > # \\ services build context target "x" = < << EOF
    jobs steps run uses with on include extends &a *a !reset ${{ matrix strategy artifacts cd && ; if fi for do done in
    docker_build( ) , def variable default inherits buildx bake compose --target $@ $X ifdef endif := % \0 é""".split()
)


@given(st.sampled_from(_PATHS), st.lists(st.tuples(_WORDS, st.sampled_from((" ", "\n", "\n  ", "")))).map(
    lambda pairs: "docker " + "".join(word + gap for word, gap in pairs)))  # fmt: skip
def test_no_text_makes_it_raise(path: str, text: str) -> None:
    files = {path: text, "Dockerfile": "", "app/Dockerfile": ""}
    for definition in find_definitions(MemoryTree(files), files).found:
        assert definition.dockerfile in files


def _doubled(first: str, line: str) -> str:
    return first + "".join(line.replace("NEW", f"v{n}").replace("OLD", f"v{n - 1}") for n in range(1, 60))


GROWING = {
    ".env": _doubled("v0=app\n", "NEW=${OLD}${OLD}\n"),
    "docker-bake.hcl": _doubled('v0 = "app"\n', 'NEW = "${OLD}${OLD}"\n') + 'target "t" {\n context = v59\n}\n',
    "build.sh": _doubled("v0=app\n", "NEW=$OLD$OLD\n") + 'docker build "$v59"\n',
    "Makefile": _doubled("v0 = app\n", "NEW = $(OLD)$(OLD)\n") + "a:\n\tdocker build $(v59)\n",
    "inherits/docker-bake.hcl": _doubled(
        'target "v0" {\n context = "app"\n}\n', 'target "NEW" {\n inherits = ["OLD", "OLD"]\n}\n'
    ),
    "calls.sh": _doubled("v0() { docker build app; }\n", "NEW() { OLD; OLD; }\n") + "v59\n",
    "loops.sh": "for a in 1 2 3 4 5 6 7 8; do\n" * 30 + "docker build app\n" + "done\n" * 30,
    ".github/workflows/a.yml": "on: workflow_call\njobs:\n" + "".join(
        f"  j{n}: {{uses: ./.github/workflows/a.yml, strategy: {{matrix: {{a: [1, 2, 3], b: [1, 2, 3]}}}}}}\n"
        for n in range(30)
    ) + "# docker",
}  # fmt: skip


def test_what_grows_without_end_is_cut_short() -> None:
    files = GROWING | {"compose.yaml": "services: {a: {build: $v59}}\n", "app/Dockerfile": ""}
    made = find_definitions(MemoryTree(files), files)
    assert {found.context for found in made.found} == {"app"}
    assert {skipped.source for skipped in made.skipped} >= {"compose.yaml", "docker-bake.hcl", "build.sh", "Makefile"}


def test_files_that_include_others_again_and_again() -> None:
    files = {f"{n}.yaml": f"include: [{n + 1}.yaml, {n + 1}.yaml, {n + 1}.yaml]\n" for n in range(18)}
    files |= {"18.yaml": "services: {a: {build: app}}", "compose.yaml": "include: [0.yaml]", "app/Dockerfile": ""}
    assert "includes too many files" in str(skipped_in(files))


@pytest.mark.parametrize("unit", ["${{", " ", "$(", "${", "\\\n", "$", "{", "[", "&a ", "*a ", "docker build ", "!x "])
def test_much_of_one_thing(unit: str) -> None:
    text = "docker build\n" + unit * (20_000 // len(unit))
    files = {path: text for path in _PATHS if path.endswith((".yml", ".json")) or path in ("Makefile", "build.sh")}
    assert find_definitions(MemoryTree(files), files).found == ()


def test_definitions_can_go_to_another_process() -> None:
    files = {
        "compose.yaml": "services: {a: {build: {context: ., target: t, args: {A: b}, additional_contexts: {c: d}}}}",
        "docker-bake.hcl": 'target "t" {\n target = "x"\n args = { A = "b" }\n contexts = { c = "d" }\n}\n',
        ".github/workflows/a.yml": "jobs: {a: {steps: [{uses: docker/build-push-action@v6, with: {target: t}}]}}",
        "Dockerfile": "",
    }
    made = find_definitions(MemoryTree(files), files)
    assert len(made.found) == 3
    assert pickle.loads(pickle.dumps(made)) == made


def test_a_repository_that_takes_for_ever_is_left() -> None:
    files = {f"{n}/compose.yaml": "services: {a: {build: .}}" for n in range(9)}
    files |= {f"{n}/Dockerfile": "" for n in range(9)} | {"Makefile": "a:\n\tdocker build 1"}
    enough = find_definitions(MemoryTree(files), files)
    assert len(enough.found) == 10
    short = find_definitions(MemoryTree(files), files, Effort(20))
    assert 0 < len(short.found) < 9
    assert [skipped.why for skipped in short.skipped] == [TOO_LONG]
    assert short == find_definitions(MemoryTree(files), files, Effort(20))


BOMBS_OF_CALLS = {
    "docker-bake.hcl": 'function "f" {\n params = [x]\n result = "' + "${f(x)}" * 99 + '"\n}\n'
                       'target "t" {\n context = f("a")\n}\n',
    "Makefile": "A = " + "$(B)" * 999 + "\nB = " + "b" * 4000 + "\na:\n" + "\tdocker build $(A)$(A)\n" * 9999,
    "build.sh": "docker build " + "$a" * 400_000,
    "a.sh": "docker build .\n" + "docker_build(\n<< " * 20_000,
    "b.sh": "docker build .\n" + "def% " * 60_000,
    "compose.yaml": 'services: {a: {build: "' + "$a" * 400_000 + '"}}',
    "app/docker-bake.hcl": 'a = "' + "x" * 4000 + '"\ntarget "t" {\n context = "' + "${a}" * 200_000 + '"\n}\n',
}  # fmt: skip


@pytest.mark.parametrize("name", BOMBS_OF_CALLS)
def test_what_stands_for_more_than_it_says(name: str) -> None:
    """That it ends in seconds is the point; the suite has a limit for each test."""
    files = {name: BOMBS_OF_CALLS[name], "app/Dockerfile": "", ".env": "a=" + "x" * 4000}
    assert find_definitions(MemoryTree(files), files, Effort(100_000)).found == ()
