"""Properties of the whole pipeline over Dockerfiles put together at random from lines that real ones have."""

from __future__ import annotations

from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from rebuilds import origins

from reorder import Changed, Failed, Settings, fix_text
from reorder.analysis.steps import StageAnalysis, analyze
from reorder.caching.delta import Delta
from reorder.caching.simulator import make_program
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.weighing.history import Commit, History

LOCK = """{"name": "a", "version": "1.0.0", "lockfileVersion": 3, "requires": true,
"packages": {"": {"name": "a", "version": "1.0.0"}}}
"""
FILES = {
    "requirements.txt": "-r base/all.txt\n",
    "base/all.txt": "idna==3.7\n",
    "app.py": "",
    "src/a.py": "",
    "src/b/c.py": "",
    "package.json": '{"name": "a", "version": "1.0.0"}\n',
    "package-lock.json": LOCK,
    "entry.sh": "",
    "data/x.bin": "",
}
COPIES = (
    "COPY . .",
    "COPY . /app",
    "COPY ./ ./",
    "ADD . /app/",
    "COPY src src",
    "COPY src /app/src/",
    "COPY base/ /app/base/",
    "COPY app.py .",
    "COPY app.py entry.sh /app/",
    "COPY requirements.txt .",
    "COPY package*.json ./",
    "copy *.py /app/",
    "COPY requirements.txt app.py base ./",
    "COPY --chown=app . /app",
    "COPY --chown=1000:1000 src /srv/x/src",
    "COPY --from=build /out /app/out",
    "COPY --from=build /out .",
    "COPY --link . /app",
    'COPY ["app.py", "/app/"]',
    "COPY entry.sh /usr/local/bin/",
    "COPY data /data",
    "# the sources\nCOPY . .",
    "  COPY . .\n",
    "COPY . $D",
)
RUNS = (
    "RUN pip install -r requirements.txt",
    "RUN pip install --no-cache-dir \\\n    -r requirements.txt",
    "RUN cd /app && pip install -r requirements.txt",
    "RUN npm ci",
    "RUN npm install",
    "RUN pip install idna==3.7",
    "RUN apt-get update && apt-get install -y gcc",
    "# tools\nRUN npm install -g typescript@5.0.0",
    "RUN make",
    "RUN mkdir -p /app/logs",
    "RUN useradd -m app",
    "RUN chmod +x entry.sh",
    "RUN python app.py",
    "RUN echo hi > /hi",
    "RUN <<EOF\nmkdir /x\nEOF",
    "RUN curl -o /tmp/x https://example.com/x",
    "RUN ln -s /data /app",
    "RUN touch src/t",
    "RUN --mount=type=cache,target=/root/.cache pip install -r requirements.txt",
    "RUN rm -rf /app/src",
    "RUN ls *.py",
    "RUN pip install -r requirements.txt && python app.py",
    "RUN set -eux; \\\n    # first\n    cd /app; \\\n    pip install -r requirements.txt; \\\n    # then\n    make all",
    "RUN cd src && npm ci && cd .. && npm run build",
    "RUN npm ci && npm run build && npm prune",
    "RUN npm ci; npm run build",
    "RUN export A=1 && \\\n    pip install -r requirements.txt && \\\n    ./entry.sh && rm -rf /root/.cache",
    "RUN apt-get update && apt-get install -y gcc && make && rm -rf /var/lib/apt/lists/*",
    "RUN <<EOF\nset -e\npip install -r requirements.txt\n# run\npython app.py\nEOF",
    "RUN --mount=type=cache,target=/root/.npm npm ci && node x.js",
    "RUN pip install -r requirements.txt || true && make",
    "RUN X=1; npm ci && make $X",
    "RUN (npm ci) && (make)",
)
OTHERS = (
    "WORKDIR /app",
    "WORKDIR src",
    "WORKDIR /",
    "ENV A=1",
    "ENV D=/app",
    "ARG D=/srv",
    "USER app",
    "USER root",
    "EXPOSE 80",
    "LABEL a=b",
    "VOLUME /app/data",
    "",
    "# a comment",
    "# dockerfile-fix: ignore",
    "# dockerfile-fix: ignore[broad-copy-before-install] the install is meant",
    "# dockerfile-fix: ignore[source-copy-before-install, install-and-build-in-one-run]",
    "",
    'CMD ["x"]',
    "ENV PATH=/app/bin:$PATH",
    "ENV PYTHONPATH=/app",
)

lines = st.one_of(st.sampled_from(COPIES), st.sampled_from(RUNS), st.sampled_from(OTHERS))
stages = st.lists(lines, min_size=2, max_size=9).map("\n".join)


@st.composite
def dockerfiles(draw: st.DrawFn) -> str:
    """Two stages, the second perhaps on top of the first; any line ending, with or without a last one."""
    base = draw(st.sampled_from(("python:3.11-slim", "node:20-slim", "build", "example/unknown")))
    text = f"FROM debian AS build\n{draw(stages)}\nFROM {base}\n{draw(stages)}\n"
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return text.rstrip("\r\n") if draw(st.booleans()) else text


def _runs(analysis: StageAnalysis) -> list[tuple[int, str]]:
    found = [(i, s.instruction.args) for i, s in enumerate(analysis.steps) if s.instruction.keyword == "RUN"]
    return [(i, args.strip()) for i, args in found]


def _rerun(text: str, tree: MemoryTree, ignore: str | None, path: str) -> list[list[bool]]:
    """For each stage, which of its RUNs an edit of ``path`` runs again when all stages are built."""
    context = open_context(tree, None)
    if ignore:
        context = context.with_patterns((ignore,))
    dockerfile = parse(Source("Dockerfile", text))
    analysed = analyze(dockerfile, context)
    delta, targets = Delta(paths=frozenset((path,))), ("build", None)  # a stage that is not shipped may be a target
    again = {id_ for t in targets for id_ in make_program(dockerfile, analysed, context, target=t).rerun(delta)}
    return [[(n, i) in again for i, _ in _runs(analysis)] for n, analysis in enumerate(analysed)]


@st.composite
def made_histories(draw: st.DrawFn) -> History:
    """None, a short one, or one that is long enough to overrule names; all of few paths, so that rates differ."""
    paths = draw(st.lists(st.frozensets(st.sampled_from(sorted(FILES)), min_size=1, max_size=3), max_size=4))
    times = draw(st.integers(1, 60))
    return History(tuple(Commit(str(n), n, "", changed) for n, changed in enumerate(paths * times)))


histories = st.one_of(st.just(History()), made_histories())


@hypothesis_settings(max_examples=250)
@given(dockerfiles(), st.booleans(), histories)
def test_every_patch_keeps_the_promises(text: str, unsafe: bool, history: History) -> None:
    tree = MemoryTree(FILES)
    settings = Settings(unsafe_fixes=unsafe, history=history)
    outcome = fix_text(text, tree, settings)
    if isinstance(outcome, Failed):
        assert "internal" not in outcome.error
        return
    if not isinstance(outcome, Changed):
        return
    new = outcome.files[0].new
    ignore = outcome.files[1].new.strip() if len(outcome.files) > 1 else None
    files = dict(FILES) | ({".dockerignore": ignore + "\n"} if ignore else {})
    assert fix_text(new, MemoryTree(files), settings).status == "unchanged"
    gains = False
    came_from = origins(*(parse(Source("Dockerfile", version)) for version in (text, new)))
    for path in FILES:
        before, after = _rerun(text, tree, None, path), _rerun(new, tree, ignore, path)
        for (stage, number), (old_stage, old_number) in came_from.items():
            was, is_now = before[old_stage][old_number], after[stage][number]
            assert was or not is_now, f"an edit of {path} runs a RUN again that it spared before"
            gains = gains or (was and not is_now)
    # what another stage builds may stay the same after an edit; the simulator assumes that it does not
    assert gains or "--from=build" in text, "no edit gains anything"
