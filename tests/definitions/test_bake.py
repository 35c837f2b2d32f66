"""Bake files: targets, inheritance, matrices and expressions, after docs.docker.com/build/bake/reference."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest
from told import definitions_of, found_in, skipped_in

DOCKERFILES = dict.fromkeys(
    ("Dockerfile", "app/Dockerfile", "app/Other", "web/Dockerfile", "ci/Dockerfile", "ci/app/Dockerfile"), ""
)


def bake(text: str, name: str = "docker-bake.hcl", **more: str) -> dict[str, str]:
    return DOCKERFILES | {name: dedent(text)} | more


TARGETS = {
    "defaults": ('tags = ["x"]', "Dockerfile in ."),
    "context": ('context = "./app"', "app/Dockerfile in app"),
    "dockerfile is seen from the context": ('context = "app"\n dockerfile = "Other"', "app/Other in app"),
    "target": ('context = "app"\n target = "prod"', "app/Dockerfile in app for prod"),
    "the working directory": ('context = "cwd://app"', "app/Dockerfile in app"),
    "variable": ("context = DIR", "app/Dockerfile in app"),
    "template": ('context = "./${DIR}/."', "app/Dockerfile in app"),
    "conditional": ('context = notequal("", DIR) ? DIR : "web"', "app/Dockerfile in app"),
    "comparison": ('context = DIR == "app" ? "web" : "app"', "web/Dockerfile in web"),
    "negation": ('context = !(DIR == "app") ? "web" : "app"', "app/Dockerfile in app"),
    "functions": ('context = join("/", [trimprefix("xapp", "x"), ""])', "app/Dockerfile in app"),
    "format": ('dockerfile = format("%s/%s", DIR, "Other")', "app/Other in ."),
    "both branches are the same": ('context = sha1(DIR) == "x" ? "app" : "app"', "app/Dockerfile in app"),
    "top-level attribute": ("context = top", "web/Dockerfile in web"),
    "comment": ('# c\n context = "app" // d', "app/Dockerfile in app"),
    "a function of the file": ("context = trim(DIR)", "app/Dockerfile in app"),
    "object": ('context = {a = "app"}.a', "app/Dockerfile in app"),
}


@pytest.mark.parametrize(("body", "expected"), TARGETS.values(), ids=TARGETS)
def test_a_target(body: str, expected: str) -> None:
    text = f'variable "DIR" {{ default = "app" }}\ntop = "web"\ntarget "t" {{\n {body}\n}}\n'
    text += 'function "trim" {\n params = [x]\n result = trimspace("${x} ")\n}\n'
    assert found_in(bake(text)) == [f"docker-bake.hcl:3 {expected}"]


LEFT_OUT = {
    "a function that calls itself": ("context = f(DIR)", "only a run can tell the build context or the Dockerfile"),
    "remote": ('context = "https://github.com/a/b.git"', "the build context is remote"),
    "inline": ('dockerfile-inline = "FROM x"', "the Dockerfile is written in the bake file, and left untouched"),
    "an unknown function": ("context = sha1(DIR)", "only a run can tell the build context or the Dockerfile"),
    "an unknown variable": ("context = NOWHERE", "there is no variable NOWHERE!"),
    "itself": ('inherits = ["t"]', "target t inherits from itself!"),
    "nobody": ('inherits = ["gone"]', "there is no target gone!"),
    "no folder": ('context = "gone"', "there is no folder gone!"),
}


@pytest.mark.parametrize(("body", "expected"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_target_that_is_left_out(body: str, expected: str) -> None:
    text = f'variable "DIR" {{ default = "app" }}\ntarget "t" {{\n {body}\n}}\ntarget "u" {{ context = "web" }}\n'
    text += 'function "f" {\n params = [x]\n result = f(f(x))\n}\n'
    assert skipped_in(bake(text)) == [f"docker-bake.hcl:2 {expected}"]
    assert found_in(bake(text)) == ["docker-bake.hcl:5 web/Dockerfile in web"]


def test_inheritance_merges_tables_and_the_last_parent_wins() -> None:
    text = """
        variable "V" { default = null }
        variable "W" {}
        target "_a" {
          context = "app"
          args = { A = "1", B = "1" }
        }
        target "_b" {
          dockerfile = "Other"
          args = { B = "2" }
        }
        target "t" {
          inherits = ["_a", "_b"]
          args = { C = V, D = W, E = 3 }
        }
        """
    (found,) = definitions_of(bake(text)).found
    assert (found.dockerfile, found.context) == ("app/Other", "app")
    assert found.args == (("A", "1"), ("B", "2"), ("C", None), ("D", ""), ("E", "3"))


def test_a_matrix_is_every_combination() -> None:
    text = """
        target "t" {
          name = "t-${item.dir}"
          matrix = {
            item = [{ dir = "app", file = "Other" }, { dir = "web", file = "Dockerfile" }]
            stage = ["a", "b"]
          }
          context = item.dir
          dockerfile = item.file
          target = stage
        }
        """
    assert found_in(bake(text)) == [
        "docker-bake.hcl:2 app/Other in app for a",
        "docker-bake.hcl:2 app/Other in app for b",
        "docker-bake.hcl:2 web/Dockerfile in web for a",
        "docker-bake.hcl:2 web/Dockerfile in web for b",
    ]


def test_a_target_only_for_others_to_inherit_from_is_none() -> None:
    text = 'target "meta" {\n tags = ["x"]\n}\ntarget "t" {\n inherits = ["meta"]\n context = "app"\n}\n'
    assert found_in(bake(text)) == ["docker-bake.hcl:4 app/Dockerfile in app"]


def test_json_with_templates() -> None:
    text = json.dumps(
        {
            "variable": {"DIR": {"default": "app"}},
            "target": {
                "t": {"context": "${DIR}", "args": {"A": "${upper(DIR)}"}},
                "u": {"dockerfile": "web/Dockerfile"},
            },
        },
        indent=1,
    )
    files = bake(text, "docker-bake.json")
    assert found_in(files) == [
        "docker-bake.json:8 app/Dockerfile in app",
        "docker-bake.json:14 web/Dockerfile in .",
    ]
    assert definitions_of(files).found[0].args == (("A", "APP"),)


def test_default_names_are_read_one_over_the_other() -> None:
    over = 'target "t" {\n dockerfile = "Other"\n}\n'
    files = bake('target "t" { context = "app" }\n', **{"docker-bake.override.hcl": over})
    assert found_in(files) == ["docker-bake.override.hcl:1 app/Other in app"]


BAKE = 'target "t" { context = "app" }\n'


def test_contexts_are_seen_from_the_folder_that_bake_is_called_in() -> None:
    alone = bake(BAKE, "ci/docker-bake.hcl")
    assert found_in(alone) == ["ci/docker-bake.hcl:1 ci/app/Dockerfile in ci/app"]
    called = alone | {"build.sh": "docker buildx bake -f ci/docker-bake.hcl\n"}
    assert found_in(called) == ["ci/docker-bake.hcl:1 app/Dockerfile in app"]


def test_where_only_the_root_makes_sense_that_is_taken() -> None:
    files = bake('target "t" { context = "web" }\n', "ci/docker-bake.hcl")
    assert found_in(files) == ["ci/docker-bake.hcl:1 web/Dockerfile in web"]


def test_variables_of_the_environment_that_a_script_sets() -> None:
    text = 'variable "DIR" { default = "app" }\ntarget "t" { context = DIR }\n'
    files = bake(text, **{"build.sh": "export DIR=web\ndocker buildx bake\n"})
    assert "docker-bake.hcl:2 web/Dockerfile in web" in found_in(files)


def test_broken_hcl_names_the_line() -> None:
    assert skipped_in(bake('target "t" {\n  context =\n}\n')) == ["docker-bake.hcl:2 broken HCL!"]


def test_what_a_command_sets() -> None:
    text = """
        target "a" {
          context = "web"
          args = { A = "1", B = "2" }
        }
        target "b" {
          context = "web"
        }
        """
    words = "--set a.context=app --set '*.args.B=3' --set b.dockerfile=../app/Other --set nothing"
    script = f"docker buildx bake -f docker-bake.hcl {words}\n"
    files = bake(text, **{"build.sh": script})
    found = definitions_of(files).found
    assert [(d.dockerfile, d.context, dict(d.args)) for d in found] == [
        ("app/Dockerfile", "app", {"A": "1", "B": "3"}), ("app/Other", "web", {"B": "3"}),
    ]  # fmt: skip
    uses = "{uses: docker/bake-action@v6, with: {files: docker-bake.hcl, set: 'a.context=app'}}"
    files = bake(text, **{".github/workflows/a.yml": f"jobs: {{a: {{steps: [{uses}]}}}}"})
    assert found_in(files) == ["docker-bake.hcl:2 app/Dockerfile in app", "docker-bake.hcl:6 web/Dockerfile in web"]
