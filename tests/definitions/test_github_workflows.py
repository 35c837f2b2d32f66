"""GitHub workflows: actions, scripts, matrices, reusable workflows, composite actions, checkouts."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest
from told import definitions_of, found_in, skipped_in

from reorder.definitions.github_expressions import Scope, evaluate
from reorder.definitions.values import Text
from reorder.manager import UNKNOWN

FILES = dict.fromkeys(("Dockerfile", "app/Dockerfile", "app/Other", "web/Dockerfile", "docker/Dockerfile"), "")
PATH = ".github/workflows/ci.yml"


def steps(text: str, job: str = "", top: str = "") -> dict[str, str]:
    """A workflow of one job; its steps begin in line 5 if nothing stands above them."""
    body = f"on: [push]\n{top}jobs:\n  a:\n{indent(dedent(job), '    ')}    steps:\n{indent(dedent(text), '      ')}"
    return FILES | {PATH: body}


ACTION = "docker/build-push-action@v6"
STEPS = {
    "the git context is the repository": (f"- uses: {ACTION}", "Dockerfile in ."),
    "the file of the git context": (f"- uses: {ACTION}\n  with: {{file: app/Other}}", "app/Other in ."),
    "a folder of the git context": (
        f'- uses: {ACTION}\n  with: {{context: "{{{{defaultContext}}}}:app", file: Other}}', "app/Other in app",
    ),
    "context and file are seen from the workspace": (
        f"- uses: {ACTION}\n  with: {{context: ./app, file: docker/Dockerfile, target: x}}",
        "docker/Dockerfile in app for x",
    ),
    "no file": (f"- uses: {ACTION}\n  with: {{context: app}}", "app/Dockerfile in app"),
    "the first version": ("- uses: docker/build-push-action@v1.1\n  with: {path: app, dockerfile: app/Other}",
                          "app/Other in app"),
    "workspace": (f"- uses: {ACTION}\n  with: {{context: '${{{{ github.workspace }}}}/app'}}", "app/Dockerfile in app"),
    "another action": ("- uses: redhat-actions/buildah-build@v2\n  with: {context: app, containerfiles: ./app/Other}",
                       "app/Other in app"),
    "kaniko's file is seen from the context": ("- uses: int128/kaniko-action@v1\n  with: {context: app, file: Other}",
                                               "app/Other in app"),
    "a script": ("- run: docker build -t x app", "app/Dockerfile in app"),
    "a script somewhere": ("- run: docker build -f Other .\n  working-directory: ./app", "app/Other in app"),
    "a script with the workspace": ("- run: docker build $GITHUB_WORKSPACE/app", "app/Dockerfile in app"),
    "a tag that is not known": ("- run: docker build -t x:${{ github.sha }} app", "app/Dockerfile in app"),
    "an environment": ("- run: docker build $DIR\n  env: {DIR: app}", "app/Dockerfile in app"),
    "an expression": (
        f"- uses: {ACTION}\n  with: {{context: \"${{{{ env.NO && 'web' || 'app' }}}}\"}}\n  env: {{NO: ''}}",
        "app/Dockerfile in app",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), STEPS.values(), ids=STEPS)
def test_a_step(text: str, expected: str) -> None:
    assert found_in(steps(text)) == [f"{PATH}:5 {expected}"]


def test_lines_of_a_script() -> None:
    text = """
        - name: x
          run: |
            cd app

            docker build \\
              -f Other \\
              --target t .
        """
    assert found_in(steps(text)) == [f"{PATH}:10 app/Other in app for t"]


def test_a_folder_for_all_scripts_of_a_job_and_a_step_of_its_own() -> None:
    job = "defaults: {run: {working-directory: app}}\n"
    text = "- run: docker build .\n- run: docker build .\n  working-directory: web\n"
    text += f"- uses: {ACTION}\n  with: {{context: .}}\n"
    assert [line.split(" ", 1)[1] for line in found_in(steps(text, job))] == [
        "app/Dockerfile in app", "web/Dockerfile in web", "Dockerfile in .",
    ]  # fmt: skip


def test_no_shell_no_script() -> None:
    assert found_in(steps("- run: docker build .\n  shell: pwsh")) == []


def test_a_matrix_with_more_and_less() -> None:
    job = """
        strategy:
          matrix:
            dir: [app, web, docker]
            file: [Dockerfile]
            exclude: [{dir: docker}]
            include:
              - {dir: app, target: x}
              - {dir: app, file: Other}
        """
    text = f"- uses: {ACTION}" + """
  with:
    context: ${{ matrix.dir }}
    file: ${{ matrix.dir }}/${{ matrix.file }}
    target: ${{ matrix.target }}
"""
    assert [line.split(" ", 1)[1] for line in found_in(steps(text, job))] == [
        "app/Dockerfile in app for x", "app/Other in app", "web/Dockerfile in web",
    ]  # fmt: skip


def test_a_matrix_of_objects_and_one_in_json() -> None:
    job = "strategy: {matrix: {image: [{dir: app}, {dir: web}], t: \"${{ fromJson('[\\\"a\\\", \\\"b\\\"]') }}\"}}\n"
    text = "- run: docker build --target ${{ matrix.t }} ${{ matrix.image.dir }}"
    assert len(found_in(steps(text, job))) == 4


def test_a_matrix_that_a_run_makes_is_left_out() -> None:
    job = "strategy: {matrix: {dir: '${{ fromJson(needs.a.outputs.b) }}'}}\n"
    text = f"- uses: {ACTION}\n  with: {{context: '${{{{ matrix.dir }}}}'}}"
    assert found_in(steps(text, job)) == []
    assert skipped_in(steps(text, job)) == [f"{PATH}:6 only a run can tell the build context or the Dockerfile"]


def test_a_whole_matrix_that_a_run_makes() -> None:
    job = "strategy: {matrix: '${{ fromJson(needs.a.outputs.b) }}'}\n"
    text = f"- uses: {ACTION}\n  with: {{context: app, file: 'app/${{{{ matrix.file }}}}'}}"
    assert skipped_in(steps(text, job)) == [f"{PATH}:6 only a run can tell the build context or the Dockerfile"]
    text = f"- uses: {ACTION}\n  with: {{context: app, target: '${{{{ matrix.target }}}}'}}"
    assert found_in(steps(text, job)) == [f"{PATH}:6 app/Dockerfile in app for *"]


def test_build_args_and_contexts() -> None:
    text = f"- uses: {ACTION}\n  with:\n    build-args: |\n      A=1\n      B\n    build-contexts: base=docker-image://x\n"
    (found,) = definitions_of(steps(text)).found
    assert (found.args, found.contexts) == ((("A", "1"), ("B", None)), (("base", "docker-image://x"),))


CHECKOUTS = {
    "in a folder": ("{path: src}", "src/app", ["app/Dockerfile in app"], []),
    "beside the folder": ("{path: src}", "app", [], ["a path outside of the repository"]),
    "another repository": ("{repository: a/b}", "app", [], ["the build context comes from another repository"]),
    "another one in a folder": ("{repository: a/b, path: lib}", "lib", [],
                                ["the build context comes from another repository"]),
    "another one beside this one": ("{repository: a/b, path: lib}", "app", ["app/Dockerfile in app"], []),
    "a fork of this one": ("{repository: '${{ github.event.x }}'}", "app", ["app/Dockerfile in app"], []),
}  # fmt: skip


@pytest.mark.parametrize(("given", "context", "found", "skipped"), CHECKOUTS.values(), ids=CHECKOUTS)
def test_where_the_repository_lies_in_the_workspace(
    given: str, context: str, found: list[str], skipped: list[str]
) -> None:
    first = "- uses: actions/checkout@v4\n" if "beside this one" in str(found) or "lib" in given else ""
    text = f"{first}- uses: actions/checkout@v4\n  with: {given}\n- uses: {ACTION}\n  with: {{context: {context}}}\n"
    files = steps(text)
    assert [line.split(" ", 1)[1] for line in found_in(files)] == found
    assert [line.split(" ", 1)[1].rstrip("!") for line in skipped_in(files)] == skipped


REUSABLE = """
on:
  workflow_call:
    inputs: {dir: {type: string}, file: {type: string, default: Dockerfile}}
jobs:
  b:
    steps:
      - uses: docker/build-push-action@v6
        with: {context: "${{ inputs.dir }}", file: "${{ inputs.dir }}/${{ inputs.file }}"}
"""


def test_a_reusable_workflow_is_read_with_the_inputs_of_its_callers() -> None:
    uses = "uses: ./.github/workflows/build.yml"
    caller = f"jobs: {{a: {{{uses}, with: {{dir: app, file: Other}}}}, b: {{{uses}, with: {{dir: web}}}}}}"
    files = FILES | {PATH: caller, ".github/workflows/build.yml": REUSABLE}
    assert found_in(files) == [
        ".github/workflows/build.yml:8 app/Other in app", ".github/workflows/build.yml:8 web/Dockerfile in web",
    ]  # fmt: skip
    assert skipped_in(files) == []


def test_a_reusable_workflow_without_callers() -> None:
    assert skipped_in(FILES | {".github/workflows/build.yml": REUSABLE}) == [
        ".github/workflows/build.yml:8 only a run can tell the build context or the Dockerfile"
    ]


def test_a_composite_action_of_the_repository() -> None:
    action = "inputs: {dir: {default: web}}\nruns:\n  steps:\n  - run: docker build ${{ inputs.dir }}\n"
    files = steps("- uses: ./.github/actions/x\n- uses: ./.github/actions/x\n  with: {dir: app}") | {
        ".github/actions/x/action.yml": action
    }
    assert found_in(files) == [
        ".github/actions/x/action.yml:4 app/Dockerfile in app",
        ".github/actions/x/action.yml:4 web/Dockerfile in web",
    ]


def test_workflows_that_call_each_other_end() -> None:
    one = "on: {workflow_call: {}}\njobs: {a: {uses: ./.github/workflows/b.yml}}\n# docker"
    files = FILES | {".github/workflows/a.yml": one.replace("b.yml", "a.yml"), ".github/workflows/b.yml": one}
    assert found_in(files) == []


def test_an_action_that_bakes_in_a_folder() -> None:
    files = steps("- uses: docker/bake-action@v5\n  with: {workdir: app, files: ./x.hcl}")
    files |= {"app/x.hcl": 'target "t" {\n dockerfile = "Other"\n}\n'}
    assert found_in(files) == ["app/x.hcl:1 app/Other in app"]


EXPRESSIONS = {
    "'it''s'": "it's",
    "matrix.a": "1",
    "matrix.none": "",
    "matrix.t.b": "2",
    "inputs.x || 'y'": "y",
    "inputs.x && 'y'": "",
    "env.E == 'e'": "true",
    "env.E != 'E'": "false",
    "!inputs.x": "true",
    "(inputs.x || matrix.a) && 'z'": "z",
    "format('{0}-{1}', matrix.a, 'b')": "1-b",
    "github.sha": UNKNOWN,
    "github.sha || 'x'": UNKNOWN,
    "github.sha == 'x' && 'a' || 'a'": UNKNOWN,
    "hashFiles('**/x')": UNKNOWN,
    "a b": UNKNOWN,
    "'open": UNKNOWN,
    "(": UNKNOWN,
    "": UNKNOWN,
    "(" * 5000: UNKNOWN,
}


@pytest.mark.parametrize(("text", "expected"), EXPRESSIONS.items(), ids=[key[:30] for key in EXPRESSIONS])
def test_an_expression(text: str, expected: str) -> None:
    from reorder.definitions.values import Table

    table = Table({"b": Text("2", 1)}, 1, {})
    scope = Scope(env={"E": "e"}, matrix={"a": Text("1", 1), "t": table})
    assert evaluate(text, scope) == expected


INPUTS = {
    "an action of somebody else": (
        "- uses: a/b/build-push@v1\n  with: {build-context: ./app, dockerfile-path: app/Other}", ["app/Other in app"]),
    "seen from the context": ("- uses: a/b@v1\n  with: {docker_context: app, dockerfile: Other}", ["app/Other in app"]),
    "no file": ("- uses: a/b@v1\n  with: {context: app}", ["app/Dockerfile in app"]),
    "in both places": ("- uses: a/b@v1\n  with: {context: app, dockerfile: Dockerfile}", []),
    "a context of something else": ("- uses: a/b@v1\n  with: {context: ci/test}", []),
    "only a run can tell": ("- uses: a/b@v1\n  with: {context: '${{ steps.x.outputs.y }}'}", []),
    "a builder without a context": ("- uses: a/docker@v1\n  with: {file: app/Dockerfile}", ["app/Dockerfile in ."]),
    "a linter": ("- uses: a/docker-lint@v1\n  with: {dockerfile: app/Dockerfile}", []),
    "no context": ("- uses: a/b@v1\n  with: {file: app/Dockerfile}", []),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), INPUTS.values(), ids=INPUTS)
def test_actions_that_are_told_by_their_inputs(text: str, expected: list[str]) -> None:
    files = steps(text + "\n")
    assert found_in(files) == [f"{PATH}:5 {line}" for line in expected]
    assert skipped_in(files) == []


def test_a_workflow_of_another_repository() -> None:
    call = "{uses: a/b/.github/workflows/build.yml@main, with: {context: app, file: app/Other}}"
    assert found_in(FILES | {PATH: f"jobs:\n  a: {call}\n"}) == [f"{PATH}:2 app/Other in app"]
