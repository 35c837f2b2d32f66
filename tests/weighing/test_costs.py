"""The kinds of steps, and their seconds."""

from __future__ import annotations

import pytest

from reorder.analysis.steps import Step, analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Source
from reorder.weighing.costs import KINDS, Costs
from reorder.weighing.timings import Timings

FILES = {
    "package.json": "{}", "package-lock.json": "{}", "a": "",
    "app.csproj": '<Project Sdk="Microsoft.NET.Sdk"><PropertyGroup/></Project>',
    "go.mod": "module x\ngo 1.21\nrequire example.org/y v1.0.0\n",
    "go.sum": "example.org/y v1.0.0 h1:x\nexample.org/y v1.0.0/go.mod h1:x\n",
    "pyproject.toml": "[project]\nname = 'x'\nversion = '1'\n[tool.poetry]\n", "poetry.lock": "",
    "composer.json": '{"name": "x/y"}', "composer.lock": '{"packages": [], "packages-dev": []}',
}  # fmt: skip


def steps_of(lines: str) -> tuple[Step, ...]:
    context = open_context(MemoryTree(FILES), None)
    text = f"FROM debian\nWORKDIR /app\nCOPY . .\n{lines}\n"
    return analyze(parse(Source("Dockerfile", text)), context)[0].steps[3:]


@pytest.mark.parametrize(
    ("line", "kind", "seconds"),
    [
        ("RUN npm ci", "install", 30),
        ("RUN pip install flask", "install", 30),
        ("RUN apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*", "system-packages", 20),
        ("RUN curl -fsSLO https://example.org/x", "download", 5),
        ("ADD https://example.org/x /x", "download", 5),
        ("RUN mkdir -p /data && chmod 755 /data", "local", 0.2),
        ("RUN make", "build", 10),
        ("RUN for", "build", 10),
        ('RUN ["frobnicate"]', "build", 10),
        ('RUN ["npm", "ci"]', "install", 30),
        ("RUN npm run build", "build", 10),
        ("RUN npm ci && npm run build", "install", 40),
        ("RUN npm ci && npm cache clean --force && rm -rf /tmp/x", "install", 30),
        ("RUN apt-get update && apt-get install -y git && npm ci && npm run build", "install", 60),
        ("RUN go build ./...", "install", 40),
        ("RUN :", "local", 0.2),
        ("COPY a /a", "copy", 0.1),
        ("COPY --from=other /a /a", "copy", 0.1),
        ("WORKDIR /app", "folder", 0.1),
        ("ENV A=1", "metadata", 0.1),
        ("USER app", "metadata", 0.1),
    ],
)
def test_kinds_and_their_seconds(line: str, kind: str, seconds: float) -> None:
    (step,) = steps_of(line)
    assert Costs().weigh(step).kind == kind
    assert Costs().seconds_of(step) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("first", "second", "kind"),
    [
        ("RUN go mod download", "RUN go build ./...", "build"),
        ("RUN poetry install --no-root", "RUN poetry install", "build"),
        ("RUN dotnet restore", "RUN dotnet publish app.csproj", "build"),
        ("RUN composer install --no-scripts --no-autoloader", "RUN composer install", "build"),
        ("RUN composer install --no-dev --no-scripts", "RUN composer install --no-dev", "build"),
        ("RUN go version", "RUN go build ./...", "install"),
        ("RUN npm ci", "RUN npm ci", "install"),
    ],
)
def test_an_install_whose_dependencies_are_there_only_builds(first: str, second: str, kind: str) -> None:
    *earlier, step = steps_of(f"{first}\n{second}")
    assert Costs().weigh(step, earlier).kind == kind
    assert Costs().weigh(step).kind == "install"


def test_who_knows_better() -> None:
    costs = Costs({"install": 95.0, "copy": 0.0}, Timings({"RUN npm run build": 41.5, "COPY a /a": 0.0}))
    install, build, copy, other = steps_of("RUN npm ci\nRUN npm run build\nCOPY a /a\nRUN npm ci && make")
    assert [costs.seconds_of(step) for step in (install, build, copy, other)] == [95, 41.5, 0, 105]
    assert [costs.weigh(step).is_measured for step in (install, build, copy, other)] == [False, True, True, False]
    assert costs.weigh(build).guess == 10


def test_the_kinds_are_sorted_by_their_seconds() -> None:
    seconds = [kind.seconds for kind in KINDS.values()]
    assert seconds == sorted(seconds, reverse=True)
