"""Compose files: what is built where, after docs.docker.com/reference/compose-file."""

from __future__ import annotations

from textwrap import dedent

import pytest
from told import definitions_of, found_in, skipped_in

DOCKERFILES = dict.fromkeys(
    ("Dockerfile", "Dockerfile.dev", "app/Dockerfile", "app/Dockerfile.dev", "app/sub/Dockerfile", "web/Dockerfile"), ""
)


def compose(**files: str) -> dict[str, str]:
    return DOCKERFILES | {name.replace("__", "/").replace("_", "."): dedent(text) for name, text in files.items()}


BUILDS = {
    "a string is the context": ("build: app", "app/Dockerfile in app"),
    "a trailing slash": ("build: ./app/", "app/Dockerfile in app"),
    "the folder itself": ("build: .", "Dockerfile in ."),
    "dockerfile is seen from the context": ("build: {context: app, dockerfile: Dockerfile.dev}",
                                            "app/Dockerfile.dev in app"),
    "dockerfile above the context": ("build: {context: app/sub, dockerfile: ../Dockerfile}",
                                     "app/Dockerfile in app/sub"),
    "no context": ("build: {dockerfile: app/Dockerfile}", "app/Dockerfile in ."),
    "a target": ("build: {context: ., target: dev}", "Dockerfile in . for dev"),
    "a default": ("build: '${DIR:-app}'", "app/Dockerfile in app"),
    "a nested default": ("build: '${A:-${B:-app}}'", "app/Dockerfile in app"),
    "a variable of .env": ("build: $FROM_ENV", "web/Dockerfile in web"),
    "a variable of .env is no default": ("build: '${FROM_ENV:-app}'", "web/Dockerfile in web"),
    "an alternative": ("build: '${FROM_ENV:+app}'", "app/Dockerfile in app"),
    "an anchor": ("<<: &x {build: app}", "app/Dockerfile in app"),
    "a number as target": ("build: {context: ., target: 0}", "Dockerfile in . for 0"),
}  # fmt: skip


@pytest.mark.parametrize(("build", "expected"), BUILDS.values(), ids=BUILDS)
def test_a_build(build: str, expected: str) -> None:
    files = DOCKERFILES | {"compose.yaml": f"services:\n  a:\n    {build}\n", ".env": "# c\nexport FROM_ENV='web' \n"}
    assert found_in(files) == [f"compose.yaml:3 {expected}"]


LEFT_OUT = {
    "remote": ("build: https://github.com/a/b.git#main", "the build context is remote"),
    "remote, short": ("build: git@github.com:a/b.git", "the build context is remote"),
    "inline": ("build: {dockerfile_inline: FROM x}",
               "the Dockerfile is written in the compose file, and left untouched"),
    "no value": ("build: $NOWHERE", "a variable without a value decides the context or the Dockerfile!"),
    "outside": ("build: ../x", "a path outside of the repository"),
    "absolute": ("build: /srv/app", "a path outside of the repository"),
    "no folder": ("build: gone", "there is no folder gone!"),
    "no file": ("build: {context: app, dockerfile: gone}", "there is no file app/gone!"),
    "a service that is not there": ("extends: gone", "extends a service gone that is not there!"),
    "a file that is not there": ("extends: {file: gone.yml, service: a}", "there is no file gone.yml!"),
}  # fmt: skip


@pytest.mark.parametrize(("build", "expected"), LEFT_OUT.values(), ids=LEFT_OUT)
def test_a_build_that_is_left_out(build: str, expected: str) -> None:
    files = DOCKERFILES | {"compose.yaml": f"services:\n  a:\n    {build}\n  b:\n    build: web\n"}
    assert skipped_in(files) == [f"compose.yaml:3 {expected}"]
    assert found_in(files) == ["compose.yaml:5 web/Dockerfile in web"]


def test_args_and_named_contexts() -> None:
    text = """
        services:
          a:
            build:
              context: .
              args: {ONE: 1, TWO: null, THREE: "${T:-3}"}
              additional_contexts: [base=../x, img=docker-image://alpine]
          b:
            build: {context: app, args: [ONE=1, TWO], additional_contexts: {res: ./res}}
        """
    first, second = definitions_of(compose(compose_yaml=text)).found
    assert first.args == (("ONE", "1"), ("TWO", None), ("THREE", "3"))
    assert first.contexts == (("base", "../x"), ("img", "docker-image://alpine"))
    assert second.args == (("ONE", "1"), ("TWO", None))
    assert second.contexts == (("res", "./res"),)


def test_an_override_file_is_merged_and_the_file_alone_counts_too() -> None:
    files = compose(
        **{"docker-compose_yml": "services: {a: {build: {context: app}}, b: {build: web}}"},
        **{"docker-compose_override_yml": """
            services:
              a: {build: {dockerfile: Dockerfile.dev, target: dev}}
              b: {image: x}
            """},
    )  # fmt: skip
    assert found_in(files) == [
        "docker-compose.override.yml:3 app/Dockerfile.dev in app for dev",
        "docker-compose.yml:1 app/Dockerfile in app",
        "docker-compose.yml:1 web/Dockerfile in web",
    ]


def test_tags_reset_and_override() -> None:
    base = "services: {a: {build: {context: app, target: x}}, b: {build: {context: app, target: x}}, c: {build: app}}"
    over = """
        services:
          a: {build: !override {context: web}}
          b: {build: {target: !reset null}}
          c: {build: !reset null}
        """
    files = compose(compose_yaml=base, compose_override_yaml=over)
    assert [line for line in found_in(files) if "override" in line] == [
        "compose.override.yaml:3 web/Dockerfile in web",
        "compose.override.yaml:4 app/Dockerfile in app for x",
    ]


def test_another_file_stands_alone_but_for_what_it_only_adds() -> None:
    files = compose(
        compose_yaml="services: {a: {build: {context: app, dockerfile: Dockerfile.dev}}}",
        compose_prod_yaml="services: {a: {build: {target: prod}}}",
        compose_ci_yaml="services: {a: {build: app}}",
    )
    assert found_in(files) == [
        "compose.ci.yaml:1 app/Dockerfile in app",
        "compose.prod.yaml:1 app/Dockerfile.dev in app for prod",
        "compose.yaml:1 app/Dockerfile.dev in app",
    ]


def test_a_file_by_another_name_may_be_meant_for_the_root() -> None:
    text = "services: {a: {build: web}, b: {build: {context: ., dockerfile: ../web/Dockerfile}}}"
    assert found_in(compose(app__compose_dev_yml=text)) == [
        "app/compose.dev.yml:1 web/Dockerfile in app", "app/compose.dev.yml:1 web/Dockerfile in web",
    ]  # fmt: skip


def test_extends_resolves_paths_from_the_other_file() -> None:
    files = compose(
        compose_yaml="""
            services:
              a:
                extends: {file: app/common.yml, service: base}
              b:
                extends: {file: app/common.yml, service: base}
                build: {target: dev}
              c:
                extends: b
            """,
        app__common_yml="services: {base: {build: {context: sub}}}",
    )
    assert found_in(files) == [
        "app/common.yml:1 app/sub/Dockerfile in app/sub",
        "compose.yaml:7 app/sub/Dockerfile in app/sub for dev",
    ]


def test_include_has_a_folder_of_its_own() -> None:
    files = compose(
        compose_yaml="include:\n- app/svc.yaml\n- {path: [web/svc.yaml], project_directory: app}\nservices: {}\n",
        app__svc_yaml="services: {a: {build: .}}",
        web__svc_yaml="services: {b: {build: {context: ., dockerfile: Dockerfile.dev}}}",
    )
    assert found_in(files) == [
        "app/svc.yaml:1 app/Dockerfile in app",
        "web/svc.yaml:1 app/Dockerfile.dev in app",
    ]


def test_cycles_are_left_out_with_file_and_line() -> None:
    files = compose(
        compose_yaml="""
            include: [other.yaml]
            services:
              a:
                extends: b
              b: {extends: a}
              c: {build: app}
            """,
        other_yaml="include: [compose.yaml]\nservices: {}\n",
    )
    assert found_in(files) == ["compose.yaml:7 app/Dockerfile in app"]
    assert "compose.yaml:6 a cycle of include or extends!" in skipped_in(files)
    assert all("a cycle of include or extends!" in line for line in skipped_in(files))


def test_profiles_do_not_matter() -> None:
    files = compose(compose_yaml="services: {a: {profiles: [debug], build: app}}")
    assert found_in(files) == ["compose.yaml:1 app/Dockerfile in app"]


def test_files_that_a_command_names_are_merged() -> None:
    files = compose(
        Makefile="up:\n\tdocker compose -f deploy/base.yml -f deploy/dev.yml up --build -d -f ignored\n",
        deploy__base_yml="services: {a: {build: {context: ../app}}}",
        deploy__dev_yml="services: {a: {build: {dockerfile: Dockerfile.dev}}}",
    )
    assert found_in(files) == ["deploy/dev.yml:1 app/Dockerfile.dev in app"]


def test_a_project_directory_of_a_command() -> None:
    files = compose(
        up_sh="docker-compose --project-directory . -f app/base.yml build\n",
        app__base_yml="services: {a: {build: web}}",
    )
    assert found_in(files) == ["app/base.yml:1 web/Dockerfile in web"]


def test_files_of_variables_that_are_named() -> None:
    files = compose(
        compose_yaml="include: [{path: app/svc.yaml, env_file: [one.env, two.env]}]\nservices: {}\n",
        app__svc_yaml="services: {a: {build: ../$DIR}}",
        up_sh="docker compose --env-file two.env -f other.yaml build\n",
        other_yaml="services: {a: {build: $DIR}}",
    ) | {"one.env": "DIR=app\n", "two.env": "DIR=web\n", ".env": "DIR=gone"}  # fmt: skip
    assert found_in(files) == ["app/svc.yaml:1 web/Dockerfile in web", "other.yaml:1 web/Dockerfile in web"]


def test_named_contexts_of_bake() -> None:
    files = compose(compose_yaml="services: {a: {build: {context: app, x-bake: {contexts: {base: target:b}}}}}")
    assert [definition.contexts for definition in definitions_of(files).found] == [(("base", "target:b"),)]


def test_a_file_of_comments_adds_nothing_and_breaks_nothing() -> None:
    files = {
        "main.yaml": "services:\n  a:\n    build: app\n", "app/Dockerfile": "FROM x\n",
        "compose.extras.yaml": "# services:\n#   build: .\n",
        "Makefile": "up:\n\tdocker compose -f main.yaml -f compose.extras.yaml up --build\n",
    }  # fmt: skip
    assert "main.yaml:3 app/Dockerfile in app" in found_in(files)
    assert skipped_in(files) == []
