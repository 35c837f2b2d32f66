"""What Perl's installers read and write; none was tried in a build, so that all is unproven."""

from __future__ import annotations

import pytest
from node_call import Content, present_reads, run, slugs

from reorder.effects import Output

CPANFILE = (
    'requires "Mojolicious", "9.0";\nrequires "JSON::PP" => 4; # as is\n'
    'on test => sub {\n  requires "Test::More";\n};\n'
)
FILES: dict[str, Content] = {"cpanfile": CPANFILE, "Makefile.PL": "", "lib/S.pm": ""}


@pytest.mark.parametrize("command", ["cpanm --notest --installdeps .", "cpm install -g", "cpanm -n --installdeps ./"])
def test_the_cpanfile_is_read(command: str) -> None:
    effects = run(command, FILES)
    assert not effects.blocks
    assert effects.doubts
    assert not effects.outputs
    assert present_reads(effects, FILES) == {"cpanfile"}


def test_a_library_in_the_project() -> None:
    for command in ("cpanm -L local --installdeps .", "carton install --deployment", "cpm install"):
        assert run(command, FILES).outputs == (Output("/app/local", rebuilt=False),)


def test_modules_by_name_read_nothing() -> None:
    effects = run("cpanm --notest Carton Mojolicious@9.35", FILES)
    assert not effects.blocks
    assert present_reads(effects, FILES) == set()


@pytest.mark.parametrize(
    ("command", "files", "slug"),
    [
        ("cpanm --installdeps .", {"Makefile.PL": ""}, "install-builds-project"),
        ("cpanm .", FILES, "install-builds-project"),
        ("cpanm --installdeps .", {"cpanfile": "do './deps.pl';\n"}, "manifest-not-understood"),
        ("cpanm --installdeps .", {"cpanfile": 'requires "X", `cat v`;\n'}, "manifest-not-understood"),
        ("carton install", {**FILES, "cpanfile.snapshot": ""}, "lock-would-be-rewritten"),
        ("carton exec perl x.pl", FILES, "project-code"),
        ("cpanm --mystery X", FILES, "unknown-option"),
        ("cpanm ?", FILES, "unknown-argument"),
    ],
)
def test_what_stays(command: str, files: dict[str, Content], slug: str) -> None:
    assert slugs(run(command, files)) == [slug]
