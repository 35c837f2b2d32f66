"""What holds for every Dockerfile and every delta, whatever the rules are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from reorder.analysis.steps import analyze
from reorder.caching.delta import Delta
from reorder.caching.regression import find_regression
from reorder.caching.simulator import Builder, Program, make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source

FILES = ["package.json", "src/main.js", "src/deep/x.js", "docs/a.md", "a.txt", "b.txt"]
PATHS = [*FILES, "src/new.js", "docs", "new/file", ".dockerignore", "https://example.com/x", "Dockerfile"]
ARGUMENTS = ["A", "B", "OUTER", "TARGETARCH", "HTTP_PROXY"]
LINES = [
    "COPY . .", "COPY package.json ./", "COPY src/*.js /js/", "COPY src /src", "COPY --from=first /src /taken",
    "COPY --from=first /js/*.js /x/", "COPY --from=0 / /all", "COPY --from=image /x /x", "ADD https://example.com/x /x",
    "COPY a.txt b.txt /texts/", "COPY $A /by-argument/", "RUN make", "RUN npm ci", "RUN --mount=target=/ctx true",
    "RUN --mount=from=first,source=/src,target=/s true", "RUN ln -s /src /link", "ENV A=$B", "ENV B=1", "ARG A",
    "ARG A=src", "ARG B=$A", "ARG OUTER", "ARG HTTP_PROXY", "WORKDIR /w", "WORKDIR $B", "USER $B", "LABEL l=$A",
    "SHELL [\"/bin/sh\", \"-c\"]", "EXPOSE 80", "CMD true",
]  # fmt: skip


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    body = st.lists(st.sampled_from(LINES), max_size=6).map("\n".join)
    second = draw(st.sampled_from(["debian", "first", "$OUTER", "${B:-debian}"]))
    return f"ARG OUTER=first\nFROM debian AS first\n{draw(body)}\nFROM {second} AS second\n{draw(body)}\n"


def compiled(text: str, builder: Builder) -> Program:
    tree = MemoryTree({**dict.fromkeys(FILES, ""), ".dockerignore": "docs\n!docs/a.md\nb.txt\n"})
    dockerfile, context = parse(Source("Dockerfile", text)), open_context(tree, "Dockerfile")
    return make_program(dockerfile, analyze(dockerfile, context), context, builder=builder)


def some(values: list[str]) -> st.SearchStrategy[frozenset[str]]:
    return st.frozensets(st.sampled_from(values), max_size=3)


deltas = st.builds(
    Delta, some(PATHS), some(FILES), some(ARGUMENTS), some(["debian", "image", "unused"]),
    st.sampled_from([False, False, False, True]),
)  # fmt: skip
builders = st.sampled_from(Builder)


def joined(one: Delta, other: Delta) -> Delta:
    """Both changes at once."""
    return Delta(
        one.paths | other.paths, one.modes | other.modes, one.arguments | other.arguments, one.images | other.images,
        one.everything or other.everything,
    )  # fmt: skip


@given(dockerfiles(), builders, deltas, deltas)
def test_a_bigger_delta_spares_no_step_that_a_smaller_one_reran(
    text: str, builder: Builder, one: Delta, other: Delta
) -> None:
    program = compiled(text, builder)
    assert program.rerun(one).keys() | program.rerun(other).keys() <= program.rerun(joined(one, other)).keys()


@given(dockerfiles(), builders, deltas)
def test_all_below_a_miss_misses_and_every_reason_names_what_exists(text: str, builder: Builder, delta: Delta) -> None:
    program = compiled(text, builder)
    again = program.rerun(delta)
    assert program.rerun(Delta()) == {}
    assert list(again) == [id_ for id_ in program.steps if id_ in again]
    for stage in program.stages:
        missed = [step.id in again for step in stage.steps]
        assert missed == sorted(missed)
        lines = {f"line {step.line}" for step in stage.steps if step.id in again}
        for reason in (again[step.id] for step in stage.steps if step.id in again):
            known = {
                "content": {*delta.paths, "any path"}, "ignore": {".dockerignore"}, "mode": delta.modes, "above": lines,
                "address": delta.paths, "argument": delta.arguments, "image": delta.images, "stage": {"first"},
            }  # fmt: skip
            assert reason.what in known[reason.kind], reason


@given(dockerfiles(), builders, deltas)
def test_what_is_moved_nowhere_is_no_regression(text: str, builder: Builder, delta: Delta) -> None:
    before, after = compiled(text, builder), compiled(text, builder)
    partner = {id_: id_ for id_ in before.steps}
    assert find_regression(before, after, partner) is None
    commented = compiled(text.replace("\nFROM", "\n\n# a comment\nFROM"), builder)
    assert commented.rerun(delta).keys() == before.rerun(delta).keys()


@given(dockerfiles(), deltas)
def test_the_order_of_questions_does_not_matter(text: str, delta: Delta) -> None:
    fresh, asked = compiled(text, Builder.BUILDKIT), compiled(text, Builder.BUILDKIT)
    for path in PATHS:
        asked.rerun(Delta(paths=frozenset((path,))))
        asked.rerun(Delta(modes=frozenset((path,))))
    assert asked.rerun(delta) == fresh.rerun(delta)
