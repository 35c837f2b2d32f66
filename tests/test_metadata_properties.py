"""Properties of metadata that sinks, over random Dockerfiles held against a model of who sees which variable."""

from __future__ import annotations

from hypothesis import assume, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from metadata_model import BrokenBuild, Image, build
from rebuilds import origins

from reorder import Changed, Failed, Settings, fix_text
from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.simulator import StepId, make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source

FILES = {"requirements.txt": "idna==3.7\n", "app.py": ""}
NAMED = {"requirements.txt": "https://x.example/$GIT_SHA/a.whl\n", "app.py": ""}
NAMES = ("GIT_SHA", "BUILD_DATE", "VERSION", "PIP_INDEX_URL")
GIVEN: tuple[dict[str, str], ...] = (
    {}, dict.fromkeys(NAMES, "one"), {"GIT_SHA": "two"}, {"VERSION": "v", "BUILD_DATE": "d"},
)  # fmt: skip

name = st.sampled_from(("GIT_SHA",) * 4 + ("BUILD_DATE",) * 3 + ("VERSION", "PIP_INDEX_URL"))
declared = st.one_of(
    name, name, name.map(lambda n: f"{n}=none"), st.sampled_from(("GIT_SHA=$VERSION", "BUILD_DATE GIT_SHA"))
)
used = name.flatmap(lambda n: st.sampled_from((f"${n}", f"${{{n}}}", f"${{{n}:-x}}", f"a-${n}-b", "plain")))
labels = st.builds(lambda key, value: f"LABEL {key}={value}", st.sampled_from(("a", "b", "c")), used)
envs = st.builds(lambda key, value: f"ENV {key}={value}", st.one_of(name, st.sampled_from(("APP", "X"))), used)
installs = st.sampled_from(
    (
        "RUN pip install idna==3.7",
        "RUN apt-get install -y less",
        "RUN npm install -g typescript@5.0.0",
        "RUN pip install -r /app/requirements.txt",
        "RUN pip install six==1.16.0 && rm -rf /root/.cache",
    )
)
readers = st.sampled_from(
    (
        "RUN make", "RUN env", "RUN python app.py", "RUN printenv", "RUN set", "RUN export -p", "RUN awk ENVIRON",
        "RUN cat /proc/self/environ", "RUN bash -c x", "RUN ./run.sh", "RUN pip install idna==3.7 && make",
        "RUN node x.js", "RUN eval x",
        "RUN pip install idna==3.7 && python app.py", "RUN mkdir -p /x && env",
    )
)  # fmt: skip
echoes = used.map(lambda value: f"RUN echo {value}")
others = st.sampled_from(
    (
        "COPY app.py /app/", "COPY requirements.txt /app/", "COPY requirements.txt /app/", "WORKDIR /app",
        "COPY $GIT_SHA app.py /app/", 'CMD ["x"]', "", "# why", "# dockerfile-fix: ignore",
        "# dockerfile-fix: ignore[build-metadata-before-install] so that it runs again",
    )
)  # fmt: skip
arguments = declared.map(lambda text: f"ARG {text}")
metadata = st.one_of(arguments, arguments, arguments, labels)
line = st.one_of(arguments, labels, labels, installs, installs, readers, echoes, envs, others)
stage = st.builds(
    lambda head, install, body, last: "\n".join([*head, install, *body, last]),
    st.lists(metadata, min_size=1, max_size=3), installs, st.lists(line, max_size=4), st.one_of(labels, labels, line),
)  # fmt: skip


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """One or two stages, the second perhaps on top of the first."""
    text = draw(st.sampled_from(("", "ARG VERSION=1\n", "ARG GIT_SHA=global\n")))
    text += f"FROM python:3.11-slim AS base\n{draw(stage)}\n"
    if not draw(st.integers(0, 2)):
        text += f"\nFROM {draw(st.sampled_from(('base', 'debian:12')))} AS last\n{draw(stage)}\n"
    return text if draw(st.integers(0, 3)) else text.rstrip("\n")


def _build(text: str, given: dict[str, str], files: dict[str, str]) -> Image | None:
    try:
        return build(text, given, files)
    except BrokenBuild:
        return None


def _again(text: str, files: dict[str, str], argument: str) -> dict[tuple[int, int], bool]:
    """For each RUN, by its stage and number in it, whether another value of the argument runs it again."""
    dockerfile = parse(Source("Dockerfile", text))
    context = open_context(MemoryTree(files), None)
    stages = analyze(dockerfile, context)
    delta = Delta(arguments=frozenset([argument]))
    targets = [analysis.stage.name for analysis in stages]  # each stage may be asked for
    missed = {step for name in targets for step in make_program(dockerfile, stages, context, target=name).rerun(delta)}
    found: dict[tuple[int, int], bool] = {}
    for n, analysis in enumerate(stages):
        runs = [i for i, step in enumerate(analysis.steps) if step.instruction.keyword == "RUN"]
        found |= {(n, number): StepId(n, position) in missed for number, position in enumerate(runs)}
    return found


def check(text: str, files: dict[str, str], *, unsafe: bool) -> str:
    """Hold the fixed file against the original; what became of it."""
    outcome = fix_text(text, MemoryTree(files), Settings(unsafe_fixes=unsafe))
    if isinstance(outcome, Failed):
        assert "internal" not in outcome.error, outcome.error
        return "failed"
    if not isinstance(outcome, Changed):
        return "unchanged"
    new = outcome.files[0].new
    assert fix_text(new, MemoryTree(files), Settings(unsafe_fixes=unsafe)).status == "unchanged"
    for arguments in GIVEN:
        before = _build(text, arguments, files)
        if before is None:
            continue
        after = _build(new, arguments, files)
        assert after is not None, "the build breaks"
        assert after.configuration() == before.configuration()
        is_split = any(change.slug == "install-and-build-in-one-run" for change in outcome.changes)
        if not is_split:  # a half has another log
            assert (after.files == before.files) or unsafe
    came_from = origins(*(parse(Source("Dockerfile", version)) for version in (text, new)))
    spared = False
    for argument in NAMES:
        costly, cheap = _again(text, files, argument), _again(new, files, argument)
        for now, was in came_from.items():
            assert costly[was] or not cheap[now], f"another {argument} runs {now} again"
            spared = spared or (costly[was] and not cheap[now])
    slugs = {change.slug for change in outcome.changes}
    assert spared or "build-metadata-before-install" not in slugs
    return "moved" if "build-metadata-before-install" in slugs else "changed"


@hypothesis_settings(max_examples=150)
@given(dockerfiles(), st.booleans(), st.sampled_from((FILES, NAMED)))
def test_metadata_that_sinks_changes_nothing(text: str, unsafe: bool, files: dict[str, str]) -> None:
    assume("ARG" in text)
    check(text, files, unsafe=unsafe)
