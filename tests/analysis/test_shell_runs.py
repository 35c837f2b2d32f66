"""The shell's own state in a RUN: what may have happened, what is exported, and what is looked at on the way."""

from __future__ import annotations

import pytest
from run_effects import run_effects, slugs

from reorder.effects import Effects
from reorder.managers.text_editing import sed_touches_files

FILES = {
    "requirements.txt": "idna\n", "a.py": "", "b.py": "", "in.txt": "", "VERSION": "1", "tools/mytool": "",
    "venv/bin/activate": "eval x", "sub/x.txt": "",
    "package.json": '{"name": "x", "devDependencies": {"ms": "2.1.3"}}',
    "package-lock.json": """{"lockfileVersion": 3, "packages": {
        "": {"name": "x", "devDependencies": {"ms": "2.1.3"}},
        "node_modules/ms": {"version": "2.1.3", "dev": true, "hasInstallScript": true,
            "resolved": "https://registry.npmjs.org/ms/-/ms-2.1.3.tgz", "integrity": "sha512-AA=="}}}""",
}  # fmt: skip


def effects_of(run: str, *head: str, base: str = "python:3.11-slim") -> Effects:
    return run_effects(run, FILES, head=(*head, "WORKDIR /app"), base=base)


@pytest.mark.parametrize(
    "run",
    [
        "test -d /x && cd /x; touch a",
        "test -d /x && cd /x\ntouch a",
        "set -e; test -d /x && cd /x; touch a",
        "cd /x || cd sub || true; touch a",
        "cd /x || true; touch a",
        "! cd /x || touch a; touch b",
        "true && mkdir /x && cd /x; touch a",
        "test -d /x && { cd /x; ls; }; touch a",
        "test -e /x || cd /x && ls; touch a",
        "if test -d /x; then cd /x; fi; touch a",
        "for d in a b; do cd ..; done; touch a",
    ],
)
def test_a_directory_that_may_have_changed(run: str) -> None:
    lines = run.replace("\n", "; ")
    assert "working-directory-unknown" in slugs(effects_of(lines))


@pytest.mark.parametrize(
    ("run", "written"),
    [
        ("cd /x && touch a && touch b", {"/x/a", "/x/b"}),
        ("cd /x; touch a", {"/x/a"}),
        ("set -e; cd /x; touch a", {"/x/a"}),
        ("set -ex && cd /x; touch a", {"/x/a"}),
        ("true && cd /x; touch a", {"/x/a"}),
        ("D=/x && cd $D; touch a", {"/x/a"}),
        ("export D=/x && cd $D; touch a", {"/x/a"}),
        ("cd /x || exit 1; touch a", {"/x/a"}),
        ("cd /x || { echo no; exit 1; }; touch a", {"/x/a"}),
        ("test -d /x && cd /x && touch a && touch b", {"/x/a", "/x/b"}),
        ("mkdir -p /x && cd /x && touch a", {"/x/a", "/x"}),
        ("(test -d /x && cd /x); touch a", {"/app/a"}),
        ("cd /x && touch a; cd /app; touch b", {"/x/a", "/app/b"}),
        ("cd /x & touch a", {"/app/a"}),
        ("true && cd /x & touch a", {"/app/a"}),
        ("true || cd /x; touch a", {"/app/a"}),
        ("false && cd /x; touch a", {"/app/a"}),
        ("cd /x || touch a", {"/app/a"}),
        ("false || cd /x && ls; touch a", {"/x/a"}),
        ("cd /x | true; touch a", {"/app/a"}),
        ("{ cd /x; }; touch a", {"/x/a"}),
        ("if true; then cd /x; touch a; cd /app; fi; touch b", {"/x/a", "/app/b"}),
        ("exit 0; touch a", {"/app/a"}),
    ],
)
def test_a_directory_that_is_known(run: str, written: set[str]) -> None:
    effects = effects_of(run)
    assert effects.blocks == ()
    assert set(effects.writes.files) == written


@pytest.mark.parametrize(
    "run",
    [
        "test -d /x && D=/x; touch $D/a",
        "D=/x; test -d /y && D=/y; touch $D/a",
        "D=/x; if test -d /y; then D=/y; else touch $D/a; fi",
        "d=a; for i in 1 2; do touch $d; d=b; done",
        "d=a; while test -e x; do touch $d; export d=b; done",
        "d=a; for i in 1 2; do touch $d; unset d; done",
        "d=1; for ((d=2; d<4; d++)); do touch $d; done",
        "d=1; ((d++)); touch $d",
        "d=1; x=$((d+=1)); touch $d",
        "d=1; let d=2; touch $d",
        "d=a; printf -v d b; touch $d",
        "x=${d:=a}; touch $d",
        "d=a; sh -c 'touch $d'",
        "d=a; if test -e x; then unset d; else touch $d; fi",
        "export $(cat in.txt); touch a",
        "touch ~app/a",
    ],
)
def test_values_that_are_not_known(run: str) -> None:
    assert effects_of(run).writes.everything


@pytest.mark.parametrize(
    ("run", "written"),
    [
        ("if test -d /y; then D=/y; touch $D/a; fi", {"/y/a"}),
        ("for i in 1 2; do d=b; touch $d; done", {"/app/b"}),
        ("d=a; for i in 1 2; do touch $d; done", {"/app/a"}),
        ("export d=a; sh -c 'touch $d'", {"/app/a"}),
        ("d=a sh -c 'touch $d'", {"/app/a"}),
        ("set -a; d=a; sh -c 'touch $d'", {"/app/a"}),
        ("d=a; export d; sh -c 'touch $d'", {"/app/a"}),
        ("HOME=/srv; touch ~/a", {"/srv/a"}),
        ("HOME=/srv; echo 1 > ~/a", {"/srv/a"}),
        ("HOME=/srv; cd; touch a", {"/srv/a"}),
        ("D=~/x; touch $D", {"/root/x"}),
        ('L="a b"; touch $L', {"/app/a", "/app/b"}),
        ('L="a b"; touch x$L', {"/app/xa", "/app/b"}),
        ('L="a b"; touch "$L"', {"/app/a b"}),
        ("L=; touch $L a", {"/app/a"}),
    ],
)
def test_values_that_are_known(run: str, written: set[str]) -> None:
    effects = effects_of(run)
    assert effects.blocks == ()
    assert set(effects.writes.files) == written


@pytest.mark.parametrize(
    ("head", "run", "variable"),
    [
        ("ARG PIP_CONFIG_FILE=/app/pip.conf", "pip install six", "PIP_CONFIG_FILE"),
        ("ARG PYTHONPATH=/app", "pip install six", "PYTHONPATH"),
        ("ARG LD_PRELOAD=/app/x.so", "touch /x", "LD_PRELOAD"),
        ("ARG VIRTUAL_ENV=/app/venv", "pip install six", "VIRTUAL_ENV"),
        ("ARG SSL_CERT_FILE=/app/x.pem", "curl -o /x https://example.com/x", "SSL_CERT_FILE"),
        ("ARG D=/app\nENV LD_LIBRARY_PATH=$D/lib", "apt-get install -y nano", "LD_LIBRARY_PATH"),
        ("ARG M", "if test $M; then export PYTHONHOME=/app; fi; pip install six", "PYTHONHOME"),
        ("ARG M", "test $M && export NETRC=/app/n; curl -o /x https://example.com/x", "NETRC"),
        ("ENV PIP_CERT=/a", "test -e /x && export PIP_CERT=/b; pip install six", "PIP_CERT"),
    ],
)
def test_a_variable_that_names_unknown_files(head: str, run: str, variable: str) -> None:
    effects = effects_of(run, head)
    assert slugs(effects) & {"path-unknown", "unknown-argument"}
    assert any(variable in block.why or "--" in block.why for block in effects.blocks)


def test_unknown_options_of_node_matter_to_node_only() -> None:
    head = 'ARG NODE_OPTIONS="--require /app/hook.js"'
    assert "path-unknown" in slugs(effects_of("npm ci", head, base="node:20-slim"))
    assert effects_of("apt-get update && apt-get install -y nano", head, base="node:20-slim").blocks == ()


@pytest.mark.parametrize(
    ("head", "run"),
    [
        ("ARG NODE_ENV=production", "pip install six"),
        ("ARG APP_HOME=/app", "pip install six"),
        ("ARG ENV=production", "pip install six"),
        ("ARG PIP_INDEX_URL", "pip install six"),
        ("ARG V=3\nENV PATH=/opt/x-$V/bin:$PATH", "pip install six"),
        ("ENV PATH=/opt/x/bin:$PATH", "pip install six"),
        ("ENV PYTHONPATH=$PYTHONPATH:/srv", "pip install six"),
        ("ENV LD_LIBRARY_PATH=/opt/oracle:$LD_LIBRARY_PATH", "apt-get install -y nano"),
        ("ARG PIP_CONFIG_FILE", "mkdir /x"),
        ("ARG VIRTUAL_ENV", "apt-get install -y nano || true; echo $HOME"),
    ],
)
def test_unknown_variables_that_do_no_harm(head: str, run: str) -> None:
    effects = effects_of(run, head)
    if head.startswith("ARG VIRTUAL_ENV"):
        assert slugs(effects) <= {"path-unknown", "install-chained-with-other-commands"}
    else:
        assert effects.blocks == ()


def test_an_unknown_version_in_a_library_path_reads_what_lies_beside() -> None:
    effects = effects_of("export LD_LIBRARY_PATH=/opt/lib/v$V:/x; touch /y", "ARG V")
    assert effects.blocks == ()
    assert effects.reads.has("/opt/lib/v1/a.so")


@pytest.mark.parametrize(
    ("run", "has_script"),
    [
        ("NODE_ENV=production; npm ci", True),
        ("NODE_ENV=production npm ci", False),
        ("export NODE_ENV=production; npm ci", False),
        ("set -a; NODE_ENV=production; npm ci", False),
        ("set -o allexport; NODE_ENV=production; npm ci", False),
        ("set -a; set +a; NODE_ENV=production; npm ci", True),
        ("NODE_ENV=production; export NODE_ENV; npm ci", False),
        ("export NODE_ENV=production; export -n NODE_ENV; npm ci", True),
        ("readonly NODE_ENV=production; npm ci", True),
        ("export NODE_ENV=production; unset NODE_ENV; npm ci", True),
        ("export NODE_ENV=production; env -u NODE_ENV npm ci", True),
        ("export NODE_ENV=production; env -i npm ci", True),
        ("(export NODE_ENV=production); npm ci", True),
        ("test -e /x && export NODE_ENV=production; npm ci", True),
    ],
)
def test_what_is_exported(run: str, has_script: bool) -> None:
    """The one dependency is for development, and has an install script that nobody knows."""
    effects = effects_of(run, base="node:20-slim")
    assert bool(effects.blocks or effects.doubts) == has_script


def test_a_name_that_is_exported_already_stays_so() -> None:
    effects = effects_of("NODE_ENV=production; npm ci", "ENV NODE_ENV=development", base="node:20-slim")
    assert effects.blocks == ()
    assert effects.doubts == ()


@pytest.mark.parametrize(
    ("run", "read"),
    [
        ("cat <<EOF > /v\n$(cat VERSION)\nEOF", "/app/VERSION"),
        ("cat <<EOF > /v\n${V:-$(cat VERSION)}\nEOF", "/app/VERSION"),
        ('cat <<< "$(cat VERSION)" > /v', "/app/VERSION"),
        ("for f in *.py; do echo $f >> /v; done", "/app/b.py"),
        ("P=*.py; echo $P > /v", "/app/b.py"),
        ("which mytool", "/app/tools/mytool"),
        ("which mytool", "/usr/local/bin/mytool"),
        ("command -v mytool", "/app/tools/mytool"),
        ("type mytool other", "/app/tools/other"),
        ("unset XDG_CONFIG_HOME; pip install six", "/root/.config/pip/pip.conf"),
        ("env -u XDG_CONFIG_HOME pip install six", "/root/.config/pip/pip.conf"),
        ("test -e /x && export PATH=/srv/bin:$PATH; touch a", "/srv/bin/touch"),
        ("test -e /x && export PATH=/srv/bin:$PATH; touch a", "/app/tools/touch"),
        ("if test -e /x; then export PATH=/srv/bin:$PATH; fi; touch a", "/srv/bin/touch"),
        ("if test -e /x; then export PATH=/bin; else touch a; fi", "/app/tools/touch"),
        ("if test -e /x; then export PATH=/srv/bin; touch a; fi", "/srv/bin/touch"),
        ("for i in a b; do touch a; export PATH=/srv/bin:$PATH; done", "/srv/bin/touch"),
    ],
)
def test_what_is_looked_at_on_the_way(run: str, read: str) -> None:
    effects = effects_of(run, "ENV PATH=/app/tools:$PATH XDG_CONFIG_HOME=/none")
    assert effects.blocks == ()
    assert effects.reads.has(read)


@pytest.mark.parametrize(
    "run",
    [
        "cat <<'EOF' > /v\n$(cat VERSION)\nEOF",
        "for f in *.md; do echo $f >> /v; done",
        'P=*.py; echo "$P" > /v',
        "case a in *.py) echo 1 > /v;; esac",
    ],
)
def test_what_is_not_looked_at(run: str) -> None:
    effects = effects_of(run)
    assert effects.blocks == ()
    assert not effects.reads.has("/app/VERSION")
    assert not effects.reads.has("/app/b.py")


@pytest.mark.parametrize(
    ("run", "is_through"),
    [
        ("ln -s /app/data /d && echo x > /d/f.txt", True),
        ("ln -s /app/data /d && cd /d && ls", True),
        ("ln -s /app/f /d && cat /d", True),
        ("ln -s /app/data /d && (touch /d/f)", True),
        ("ln -s /app/data /d && rm /d", False),
        ("ln -s /app/data /d && rm /d/f", True),
        ("ln -s /app/data /d && touch /dd /e", False),
        ("touch /d/f && ln -s /app/data /d/g", False),
        ("ln -s /opt/x/bin/x /usr/local/bin/x && pip install six", False),
    ],
)
def test_a_link_that_the_script_has_made(run: str, is_through: bool) -> None:
    effects = effects_of(run)
    assert ("path-unknown" in slugs(effects)) == is_through
    assert is_through or effects.blocks == ()


@pytest.mark.parametrize("word", [".", "source"])
def test_activating_a_virtual_environment_of_the_image(word: str) -> None:
    effects = effects_of(f"{word} /opt/venv/bin/activate && pip install -r requirements.txt")
    assert effects.blocks == ()
    assert effects.writes.has("/opt/venv/lib/x.py")
    assert {"/opt/venv/bin/activate", "/opt/venv/bin/pip", "/app/requirements.txt"} <= set(effects.reads.files)


def test_activating_a_virtual_environment_that_was_made_just_before() -> None:
    effects = effects_of("python -m venv /srv/e && . /srv/e/bin/activate && pip install six")
    assert effects.blocks == ()
    assert effects.writes.has("/srv/e/lib/x.py")
    assert effects.reads.has("/srv/e/pip.conf")


@pytest.mark.parametrize(
    "run", [". venv/bin/activate", ". ./env.sh", ". $X/bin/activate", "source /opt/x/activate", ". /e/bin/activate x"]
)
def test_other_code_that_changes_the_shell(run: str) -> None:
    assert "shell-state" in slugs(effects_of(f"{run} && touch a"))


def test_a_program_of_the_project_on_the_search_path() -> None:
    effects = effects_of("mytool", "ENV PATH=/app/tools:$PATH")
    assert "runs-project-code" in slugs(effects)


@pytest.mark.parametrize(
    "script",
    [
        "s/a/b/w f", "s/a/b/gw f", "s/a/b/pw f", "s/a/b/ge", "s@a@b@w f", "s/a/b/e", "w f", "/x/w f", "r f", "$r f",
        "1e ls", "/x/{r f", "s/a/b", "\0", "R f", "s/a/b/;w f", "p;s/[/]/x/w f", "s/a/b/\nw f",
    ],
)  # fmt: skip
def test_a_sed_script_that_touches_files(script: str) -> None:
    assert sed_touches_files(script)


@pytest.mark.parametrize(
    "script",
    [
        "s/a/b/", "s/a/b/g", "s|a|b|g;s#x#y#", "$d", "1,5d", "/foo/d", "/foo/,/bar/{s/a/b/;p}", r"\,x,d", "s/a/pie /",
        "a foo w x", r"1i\text", "/x/!s/e/w /", r"s/a\/b/c/2p", "5q", r"s/\(.*\)/w \1/", "/^#/s/#//I", "s,a,b,;t;d",
        r":a;N;$!ba;s/\n/ /g", "2{h;d}", "\0d", "s/a/\0/", "/\0/d", "$a\\\nline w x", "/re/I,+3 s/x/y/", "y/abc/xyz/",
        "=", "s~^~x~", r"/a/c\ foo", r"s/^\(x\)$/\1 e/;s/q/r/", "", "s/[/]/x/g", "s/[[:space:]/]*w x/y/", "s/x/[/",
    ],
)  # fmt: skip
def test_a_sed_script_that_stays_with_its_input(script: str) -> None:
    assert not sed_touches_files(script)
