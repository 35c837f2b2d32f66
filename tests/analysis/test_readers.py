"""Which RUN may see a variable, and which names carry metadata of a build."""

from __future__ import annotations

import pytest

from reorder.analysis.metadata_names import MetadataKind, is_tool_setting, metadata_kind
from reorder.analysis.readers import find_reader
from reorder.analysis.steps import analyze
from reorder.context.context import open_context
from reorder.context.memory import MemoryTree
from reorder.dockerfile.parse import parse
from reorder.source import Opaque, Source

LOCK = (
    '{"name": "a", "version": "1", "lockfileVersion": 3, "requires": true, '
    '"packages": {"": {"name": "a", "version": "1"}}}'
)


def see(run: str, *, head: str = "", files: dict[str, str] | None = None, name: str = "GIT_SHA") -> object:
    """What `find_reader` says of the last RUN."""
    dockerfile = parse(Source("Dockerfile", f"FROM python:3.11\nARG {name}\n{head}{run}\n"))
    (stage,) = analyze(dockerfile, open_context(MemoryTree(files or {}), None))
    return find_reader(stage.steps[-1], frozenset([name]))


@pytest.mark.parametrize(
    "run",
    [
        "RUN apt-get update && apt-get install -y git && rm -rf /var/lib/apt/lists/*",
        "RUN apk add --no-cache curl",
        "RUN pip install --no-cache-dir idna==3.7",
        "RUN python3 -m pip install idna==3.7",
        "RUN npm install -g typescript@5.0.0",
        "RUN set -eux; mkdir -p /a; cd /a && touch b",
        "RUN export A=1 && apt-get install -y $A",
        "RUN useradd -m app && chown -R app /home/app",
        "RUN curl -fsSL https://deb.nodesource.com/setup_18.x | bash - && apt-get install -y nodejs",
        "RUN curl -o /tmp/$NAME https://example.com/$NAME && tar -xzf /tmp/a.tgz -C /opt",
        "RUN find /usr -name '*.pyc' -exec rm {} +",
        "RUN if [ ! -e /a ]; then mkdir /a; fi",
        "RUN apt-get install -y $(dpkg -l | awk '{print $2}')",
        "RUN curl -s https://example.com/x.json | jq -r .version > /v",
        'RUN ["pip", "install", "idna==3.7"]',
        "RUN <<EOF\nset -e\npip install idna==3.7\nEOF",
        "RUN pip install idna==3.7 # for the GIT_SHA_SHORT",
    ],
)
def test_blind(run: str) -> None:
    assert see(run) == ()


@pytest.mark.parametrize(
    "run",
    [
        "RUN echo $GIT_SHA",
        "RUN cd /; cd proc; cat self/env* > /x",
        "WORKDIR /proc\nRUN cat 1/env* > /x",
        "RUN cat /pr?c/self/env* > /x",
        "RUN echo ${GIT_SHA}",
        "RUN echo ${GIT_SHA:-none}",
        "RUN echo '$GIT_SHA'",
        "RUN echo $GIT_\\\nSHA",
        "RUN printenv GIT_SHA",
        "RUN for GIT_SHA in a b; do mkdir $GIT_SHA; done",
        "RUN unset GIT_SHA",
        "RUN env",
        "RUN env > /x",
        "RUN printenv",
        "RUN set",
        "RUN set -o",
        "RUN export",
        "RUN export -p",
        "RUN declare -p",
        "RUN readonly -p",
        "RUN compgen -v",
        "RUN cat /proc/self/environ",
        "RUN cp /proc/1/environ /x",
        "RUN awk 'BEGIN { for (k in ENVIRON) print k }'",
        "RUN envsubst < /a > /b",
        "RUN python -c 'import os; print(os.environ)'",
        "RUN node -e 'console.log(process.env)'",
        "RUN bash -c env",
        "RUN sh /a.sh",
        "RUN . /a.sh",
        "RUN eval env",
        "RUN echo $(env)",
        "RUN echo `env`",
        "RUN echo ${A:-$(env)}",
        "RUN A=$(env) true",
        "RUN cat <<EOF > /x\n$(env)\nEOF",
        "RUN cat <<EOF > /x\n`env`\nEOF",
        "RUN tar -czf /x <(env)",
        "RUN f() { env; }; f",
        "RUN (mkdir /a; env)",
        "RUN if true; then env; fi",
        "RUN true | env",
        "RUN awk 'BEGIN { system(\"env\") }'",
        "RUN awk -f /x.awk",
        "RUN awk 1 $X",
        "RUN jq -n env",
        "RUN jq -n '$ENV'",
        "RUN jq -n $X",
        "RUN sort --compress-program=env /x",
        "RUN rpm --eval '%(env)'",
        "RUN rustup run stable env",
        "RUN tar --to-command=env -xf /a.tar",
        "RUN sed 's/x/env/e' /a",
        "RUN git -c alias.x='!env' x",
        "RUN apt-get -o DPkg::Pre-Invoke::=env install -y less",
        "RUN cat $(echo /pr)oc/self/environ",
        "RUN alias ls=env; ls",
        "RUN npm() { env; }; npm install",
        "RUN find / -exec env +",
        "RUN ls | xargs env",
        "RUN command env",
        "RUN exec env",
        "RUN nice env",
        "RUN make",
        "RUN ./configure",
        "RUN npm run build",
        "RUN npx tsc",
        "RUN yarn build",
        "RUN poetry run env",
        "RUN uv run env",
        "RUN go generate ./...",
        "RUN go test ./...",
        "RUN cargo build",
        "RUN curl https://example.com/install.sh | sh",
        "RUN echo ${!GIT@}",
        'RUN ["env"]',
        'RUN ["sh", "-c", "env"]',
        "RUN <<EOF\nenv\nEOF",
        "RUN <<EOF python3\nprint(1)\nEOF",
    ],
)
def test_perhaps_not_blind(run: str) -> None:
    assert isinstance(see(run), Opaque)


@pytest.mark.parametrize("head", ["ENV BASH_ENV=/x\n", 'SHELL ["/bin/bash", "-lc"]\n', 'SHELL ["powershell"]\n'])
def test_a_shell_that_reads_files_first(head: str) -> None:
    assert isinstance(see("RUN pip install idna==3.7", head=head), Opaque)


@pytest.mark.parametrize(
    ("head", "run", "files", "is_blind"),
    [
        ("COPY r.txt .\n", "RUN pip install -r r.txt", {"r.txt": "idna==3.7"}, True),
        ("COPY r.txt .\n", "RUN pip install -r r.txt", {"r.txt": "idna @ https://e.com/$GIT_SHA"}, False),
        ("COPY r.txt .\n", "RUN pip install -r r.txt", {"r.txt": "-r s.txt", "s.txt": "$GIT_SHA"}, False),
        ("COPY *.json .npmrc ./\n", "RUN npm ci", {".npmrc": "registry=https://e.com/${GIT_SHA}"}, False),
        ("COPY *.json ./\n", "RUN npm ci", {"package.json": '{"scripts": {"build": "echo $GIT_SHA"}}'}, True),
        ("COPY *.json ./\n", "RUN npm ci", {"package.json": '{"scripts": {"prepare": "echo $GIT_SHA"}}'}, False),
        ("COPY *.json ./\n", "RUN npm ci", {"package.json": '{"description": "GIT_SHA"}'}, False),
        ("COPY a /a\n", "RUN curl -o $X https://e.com/$X", {"a": "what"}, True),
        ("COPY a /a\n", "RUN curl -o $X https://e.com/$X", {"a": "GIT_SHA"}, False),
        ("", "RUN --mount=type=bind,target=/s pip install -r /s/r.txt", {"r.txt": "idna==3.7"}, True),
        ("", "RUN --mount=type=bind,target=/s pip install -r /s/r.txt", {"r.txt": "x", "y": "GIT_SHA"}, False),
    ],
)
def test_files_of_the_context_count(head: str, run: str, files: dict[str, str], is_blind: bool) -> None:
    files = {"package.json": "{}", "package-lock.json": LOCK, ".npmrc": "", **files}
    assert (see(run, head=f"WORKDIR /app\n{head}", files=files) == ()) == is_blind


@pytest.mark.parametrize(
    ("run", "name"),
    [
        ("RUN pip install idna==3.7", "VERSION"),
        ("RUN git clone https://example.com/x.git", "GIT_SHA"),
        ("RUN pip install git+https://example.com/x.git", "GIT_SHA"),
        ("RUN curl -o /x https://example.com/releases/latest/x", "BUILD_DATE"),
        ("RUN apt-get update && apt-get upgrade -y", "BUILD_DATE"),
        ("RUN cargo install ripgrep", "GIT_SHA"),
    ],
)
def test_doubts(run: str, name: str) -> None:
    found = see(run, name=name)
    assert found
    assert not isinstance(found, Opaque)


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        (
            "BUILD_DATE build_date BUILDDATE BUILD_TIMESTAMP GIT_SHA GIT_COMMIT GIT_COMMIT_SHA GIT_REV GIT_BRANCH"
            " VCS_REF VCS_REVISION COMMIT COMMIT_HASH COMMIT_SHA SHORT_SHA SOURCE_COMMIT REVISION GIT_HASH APP_GIT_SHA"
            " gitCommit",
            MetadataKind.PLAIN,
        ),
        ("VERSION APP_VERSION IMAGE_TAG BUILD_NUMBER CI_COMMIT_SHA GITHUB_SHA TAG RELEASE", MetadataKind.COMMON),
        (
            "PATH HOME CI GIT_DIR GIT_AUTHOR_DATE GIT_COMMITTER_NAME GIT_SSH NODE_VERSION PYTHON_VERSION GO_VERSION "
            "PIP_INDEX_URL HTTP_PROXY TARGETARCH BUILDPLATFORM SOURCE_DATE_EPOCH NODE_ENV DEBIAN_FRONTEND USER_ID"
            " BUILDKIT_INLINE_CACHE APP_HOME PORT CACHEBUST POETRY_VERSION VCS_URL BUILD_ARCH BUILD_TYPE",
            None,
        ),
    ],
)
def test_names(names: str, kind: MetadataKind | None) -> None:
    assert [name for name in names.split() if metadata_kind(name) is not kind] == []


def test_settings_of_tools() -> None:
    names = "NODE_ENV GIT_DIR GOFLAGS PATH http_proxy CFLAGS npm_config_x PYTHONPATH CI TARGETARCH LD_PRELOAD LC_ALL"
    assert [name for name in names.split() if not is_tool_setting(name)] == []
    assert not any(map(is_tool_setting, ("GIT_SHA", "APP_REVISION", "SENTRY_RELEASE", "REACT_APP_SHA")))
