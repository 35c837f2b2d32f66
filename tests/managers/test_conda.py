"""What conda and its relatives read, and which environments build the project."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pip_call import context_reads, run

from reorder.effects import Output

ENVIRONMENT = "name: app\nchannels: [conda-forge]\ndependencies:\n  - python=3.11\n  - pip\n"
PIP = "  - pip:\n"
FILES = {
    "environment.yml": ENVIRONMENT,
    "env/dev.yml": ENVIRONMENT + PIP + "    - -r reqs.txt\n    - -c ../limits.txt\n    - six==1.16.0\n",
    "env/reqs.txt": "flask\n",
    "limits.txt": "six<2\n",
    "list.txt": "numpy=1.26\n",
    "main.py": "",
}


@pytest.mark.parametrize(
    ("command", "reads"),
    [
        ("conda env create -f environment.yml", {"environment.yml"}),
        ("conda env create --file=environment.yml --name app", {"environment.yml"}),
        ("mamba env update -n base -f env/dev.yml", {"env/dev.yml", "env/reqs.txt", "limits.txt"}),
        ("conda env create", {"environment.yml"}),
        ("micromamba install -y -n base -f environment.yml", {"environment.yml"}),
        ("micromamba create -qy -f environment.yml -p /opt/env", {"environment.yml"}),
        ("conda create -y -n app --file list.txt", {"list.txt"}),
        ("conda install -y -c conda-forge numpy=… pandas", set()),
        ("conda install -yq numpy --channel ./channel", {"channel"}),
        ("/opt/conda/bin/conda update -y conda", set()),
        ("conda clean -afy", set()),
        ("micromamba clean --all --yes", set()),
        ("conda config --add channels conda-forge", set()),
        ("conda config --set channel_priority strict", set()),
    ],
)
def test_what_is_read_of_the_context(command: str, reads: set[str]) -> None:
    effects = run(command, FILES, base="continuumio/miniconda3")
    assert effects.blocks == ()
    assert context_reads(effects) == reads
    assert effects.doubts, "no real build has shown it"


@pytest.mark.parametrize(
    ("command", "files", "slug"),
    [
        ("conda env create -f e.yml", {"e.yml": ENVIRONMENT + PIP + "    - -e .\n"}, "install-builds-project"),
        ("conda env create -f e.yml", {"e.yml": ENVIRONMENT + PIP + "    - ./lib\n"}, "install-builds-project"),
        (
            "conda env create -f e.yml",
            {"e.yml": ENVIRONMENT + PIP + "    - -r r.txt\n", "r.txt": "."},
            "install-builds-project",
        ),
        ("conda env create -f e.yml", {"e.yml": "a: [\n"}, "manifest-not-understood"),
        ("conda env create -f e.yml", {"e.yml": "a: 1\ndependencies: x\n"}, "manifest-not-understood"),
        ("conda env create", {"main.py": ""}, "manifest-not-found"),
        ("conda env create -f …", FILES, "unknown-argument"),
        ("conda install …", FILES, "unknown-argument"),
        ("conda install --file l.txt", {"l.txt": "./a.tar.bz2\n"}, "manifest-not-understood"),
        ("conda run -n app python main.py", FILES, "project-code"),
        ("conda activate app", FILES, "shell-state"),
        ("conda config --set pkgs_dirs /app", FILES, "unknown-option"),
        ("conda config --add channels ./here", FILES, "unknown-option"),
        ("conda frobnicate", FILES, "unknown-command"),
        ("conda install --frobnicate six", FILES, "unknown-option"),
    ],
)
def test_what_stays(command: str, files: Mapping[str, str], slug: str) -> None:
    assert [block.slug for block in run(command, files).blocks] == [slug]


def test_an_archive_of_pip_is_read() -> None:
    files = {"env/e.yml": ENVIRONMENT + PIP + "    - ./a-1.0-py3-none-any.whl\n"}
    assert context_reads(run("conda env create -f env/e.yml", files)) == {"env/e.yml", "env/a-1.0-py3-none-any.whl"}


def test_a_prefix_in_the_tree_is_an_output() -> None:
    effects = run("conda create -y -p ./env python=3.11", FILES)
    assert effects.outputs == (Output("/app/env", rebuilt=False),)
    set_there = {"e.yml": ENVIRONMENT + "prefix: /srv/env\n"}
    assert run("conda env create -f e.yml", set_there).writes.has("/srv/env/bin/python")
