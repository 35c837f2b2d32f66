"""No patch changes the image: random Dockerfiles, built in the model before and after the repair."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from model import BrokenBuild, Node, build

from reorder import Changed, Failed, fix_text
from reorder.context.memory import MemoryTree

NAMES = (
    "requirements.txt other.txt a.py b.sh data/f.txt data/sub/g.txt src/x.py src/requirements.txt"
    " dev/requirements.txt dev/other.txt dev/data/f.txt"
)
FILES = {name: f"package{number}" for number, name in enumerate(NAMES.split())}
MODES = {"data": 0o777, "data/sub": 0o755, "dev": 0o755, "dev/data": 0o757, "src": 0o775}
CONTEXT = {name: Node(0, 0o644, text) for name, text in FILES.items()} | {k: Node(0, mode) for k, mode in MODES.items()}
TREE = MemoryTree(FILES)

SOURCES = ". src dev data requirements.txt a.py dev/requirements.txt other.txt b.sh dev/other.txt data/f.txt".split()
DESTINATIONS = "/app /app/ . ./ /srv/x/ /srv/x/y /app/data data src/ /app/dev/".split()
MANIFESTS = "requirements.txt other.txt dev/requirements.txt /app/requirements.txt /srv/x/requirements.txt".split()
PATHS = MANIFESTS + (
    "a.py data data/f.txt data/sub data/new data/new/deep src/x.py src /app /srv/x /srv/x/y /srv/x/y/requirements.txt"
    " logs logs/z /app/logs out.txt data/out.txt /app/data/sub/deep"
).split()
INSTALLS = [f"pip install -r {path}" for path in MANIFESTS] + ["pip install six", "apt-get install -y nano"]
CHANGES = (
    "mkdir -p {}|mkdir {}|touch {}|echo v > {}|rm {}|rm -f {}|rm -rf {}|cp {} {}|mv {} {}|chown 7 {}|chmod 777 {}|cd {}"
    "|[ -f {} ]|[ -d {} ]"
).split("|")
OTHERS = ("WORKDIR /app", "WORKDIR /srv/x", "WORKDIR data", "WORKDIR logs", "USER root", "USER 9")

_paths, _installs = st.sampled_from(PATHS), st.sampled_from(INSTALLS)
_commands = st.one_of(_installs, _installs, st.builds(str.format, st.sampled_from(CHANGES), _paths, _paths))
_runs = st.lists(_commands, min_size=1, max_size=3).map(lambda commands: "RUN " + " && ".join(commands))


@st.composite
def _copies(draw: st.DrawFn) -> str:
    flag = draw(st.sampled_from(["", "", "", "--chown=5 ", "--chown=9 "]))
    sources = draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=3))
    target = draw(st.sampled_from(DESTINATIONS))
    end = "/" if len(sources) > 1 and not target.endswith(("/", ".")) else ""
    return f"COPY {flag}{' '.join(sources)} {target}{end}"


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """Lines that build in the model: one that would fail is left out."""
    text = "FROM python:3.11-slim\n" + draw(st.sampled_from(["", "WORKDIR /app\n", "WORKDIR /srv/x\n"]))
    lines = st.one_of(_copies(), _copies(), _runs, _runs, st.sampled_from(OTHERS))
    for line in [*draw(st.lists(lines, min_size=2, max_size=7)), "RUN " + draw(_installs)]:
        try:
            build(f"{text}{line}\n", CONTEXT)
        except BrokenBuild:
            continue
        text += f"{line}\n"
    return text


# `--hypothesis-profile=hunt` looks at far more
@hypothesis_settings(max_examples=max(300, hypothesis_settings().max_examples))
@given(dockerfiles())
def test_a_patch_leaves_the_same_image_and_the_same_installs(text: str) -> None:
    outcome = fix_text(text, TREE)
    assert not isinstance(outcome, Failed) or "internal check" not in outcome.error
    if isinstance(outcome, Changed):
        assert build(outcome.files[0].new, CONTEXT) == build(text, CONTEXT)


def test_the_files_are_ones_that_a_patch_can_help() -> None:
    assert isinstance(fix_text("FROM python:3.11-slim\nCOPY . .\nRUN pip install -r requirements.txt\n", TREE), Changed)


def test_the_model_tells_owners_modes_and_contents_apart() -> None:
    assert build("COPY --chown=5 data /app/data\nCOPY a.py /app", CONTEXT).nodes["/app"] == Node(5, 0o755)
    assert build("COPY a.py /app/\nCOPY --chown=5 data /app/data", CONTEXT).nodes["/app"] == Node(0, 0o755)
    assert build("COPY . /app", CONTEXT).nodes["/app/data"] == Node(0, 0o777)
    assert build("COPY data /app/data", CONTEXT).nodes["/app/data"] == Node(0, 0o755)
    image = build("WORKDIR /app\nCOPY dev .\nRUN pip install -r other.txt\nCOPY other.txt .", CONTEXT)
    assert (image.installs, image.nodes["/app/other.txt"].content) == ((FILES["dev/other.txt"],), FILES["other.txt"])


BREAKING = (
    "USER 9\nCOPY data /app\nRUN touch /app/sub/x",
    "USER 9\nCOPY --chown=5 a.py /app/\nRUN rm /app/a.py",
    "COPY a.py /app/data\nCOPY data /app/data",
    "COPY data /app/a.py\nCOPY a.py /app/",
    "RUN mkdir -p /app && cd /app && rm -rf /app && mkdir -p logs",
)


@pytest.mark.parametrize("text", BREAKING)
def test_the_model_sees_a_build_break(text: str) -> None:
    with pytest.raises(BrokenBuild):
        build(text, CONTEXT)
