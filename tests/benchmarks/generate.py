"""A folder of Dockerfiles with their contexts, or of repositories, mixed as in public ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

_PACKAGE = json.dumps({"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.2", "express": "^4.19.2"}})
_ROOT = {"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.2", "express": "^4.19.2"}}
_PACKAGES = {"": _ROOT} | {
    f"node_modules/package-{n}": {"version": "1.0.0", "integrity": "sha512-" + "x" * 86 + "=="} for n in range(300)
}
_LOCK = json.dumps({"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": _PACKAGES})
_REQUIREMENTS = "".join(f"package-{n}==1.{n}.0\n" for n in range(40))

_PIP = {"requirements.txt": _REQUIREMENTS, "server.py": "print('hello')\n", "app/__init__.py": ""}
_NPM = {"package.json": _PACKAGE, "package-lock.json": _LOCK, "index.js": "", ".dockerignore": "node_modules\n"}
_YARN = {
    "package.json": _PACKAGE,
    "yarn.lock": '# yarn lockfile v1\n\n\nms@2.1.2:\n  version "2.1.2"\n',
    "index.js": "",
}

_APT = """\
RUN apt-get update \\
    && apt-get install -y --no-install-recommends \\
        build-essential \\
        ca-certificates \\
        curl \\
        git \\
        libpq-dev \\
    && apt-get clean \\
    && rm -rf /var/lib/apt/lists/* /tmp/* /var/tmp/*
"""
_LABELS = """\
LABEL org.opencontainers.image.title="service" \\
      org.opencontainers.image.source="https://example.com/service"
"""
_HEALTH = "HEALTHCHECK --interval=30s --timeout=3s CMD curl -fsS http://localhost:8000/health || exit 1\n"

_PIP_BROAD = f"""\
FROM python:3.11-slim
{_LABELS}
ENV PYTHONDONTWRITEBYTECODE=1 \\
    PYTHONUNBUFFERED=1

{_APT}
WORKDIR /app
COPY . .
RUN pip install --no-cache-dir --upgrade pip && pip install --no-cache-dir -r requirements.txt

EXPOSE 8000
{_HEALTH}CMD ["python", "server.py"]
"""
_NPM_BROAD = f"""\
FROM node:20
{_LABELS}
ARG NODE_ENV=production
ENV NODE_ENV=$NODE_ENV

WORKDIR /usr/src/app

# Bundle the application's source
COPY . .
RUN npm ci && npm cache clean --force

USER node
EXPOSE 3000
CMD ["node", "index.js"]
"""
_NPM_BUILD = """\
# ---- Build ----
FROM node:20 AS build
WORKDIR /app
COPY . .
RUN npm ci && npm run build

# ---- Serve ----
FROM nginx:1.27
RUN rm -rf /usr/share/nginx/html/* && sed -i 's/listen *80;/listen 8080;/' /etc/nginx/conf.d/default.conf
COPY --from=build /app/dist /usr/share/nginx/html
EXPOSE 8080
CMD ["nginx", "-g", "daemon off;"]
"""
_PIP_CODE = f"""\
FROM python:3.12-slim

ENV PYTHONUNBUFFERED=1 \\
    PIP_NO_CACHE_DIR=1

COPY . /code
WORKDIR /code

# System packages
{_APT}
# Python packages
RUN pip install -r requirements.txt
RUN groupadd --gid 1000 app && useradd --uid 1000 --gid app --create-home app && mkdir -p /data && chown app:app /data
USER app
ENTRYPOINT ["python", "server.py"]
"""
_PIP_FINE = f"""\
FROM python:3.11 AS base
{_LABELS}
WORKDIR /app
{_APT}
COPY requirements.txt .
RUN python -m venv /venv && /venv/bin/pip install -r requirements.txt

FROM python:3.11-slim
WORKDIR /app
COPY --from=base /venv /venv
COPY . .
ENV PATH=/venv/bin:$PATH
{_HEALTH}CMD ["python", "server.py"]
"""
_YARN_FINE = """\
FROM node:20-alpine AS deps
RUN apk add --no-cache libc6-compat python3 make g++
WORKDIR /app
COPY package.json yarn.lock ./
RUN yarn install --frozen-lockfile

FROM node:20-alpine
WORKDIR /app
COPY --from=deps /app/node_modules ./node_modules
COPY . .
RUN yarn build && addgroup -g 1001 -S nodejs && adduser -S next -u 1001
USER next
CMD ["yarn", "start"]
"""
_GO = """\
FROM golang:1.22 AS build
WORKDIR /src
COPY . .
RUN go mod download
ARG VERSION=dev
RUN CGO_ENABLED=0 GOOS=linux go build -ldflags "-s -w -X main.version=${VERSION}" -o /out/app ./...

FROM alpine:3.20
RUN apk add --no-cache ca-certificates tzdata && adduser -D -H app
COPY --from=build /out/app /usr/local/bin/app
USER app
ENTRYPOINT ["/usr/local/bin/app"]
"""
_MAKE = f"""\
FROM debian:bookworm-slim
{_LABELS}
COPY . /srv
{_APT}
RUN make -C /srv install && ldconfig
USER nobody
CMD ["/srv/run"]
"""
_EDITABLE = """\
FROM python:3.11-slim
RUN useradd -m app
USER app
WORKDIR /home/app
ENV PATH=/home/app/.local/bin:$PATH
ADD --chown=app . .
RUN pip install --user -e .
CMD ["python", "-m", "app"]
"""
_CONFIGURE = f"""\
FROM ubuntu:22.04
ARG DEBIAN_FRONTEND=noninteractive
ENV TZ=Etc/UTC
{_APT}
RUN curl -fsSL https://example.com/tool.tar.gz -o /tmp/tool.tar.gz \\
    && tar -xzf /tmp/tool.tar.gz -C /opt \\
    && ln -s /opt/tool/bin/tool /usr/local/bin/tool \\
    && rm /tmp/tool.tar.gz
COPY . /app
RUN set -eux; \\
    cd /app; \\
    if [ -f configure ]; then ./configure --prefix=/usr/local; fi; \\
    make -j"$(nproc)"; \\
    for f in bin/*; do install -m 0755 "$f" /usr/local/bin/; done
"""
_SETUP = {"setup.py": "from setuptools import setup\nsetup(name='x')\n"}
_KINDS: tuple[tuple[str, Mapping[str, str]], ...] = (
    (_PIP_BROAD, _PIP), (_NPM_BROAD, _NPM), (_NPM_BUILD, _NPM), (_PIP_CODE, _PIP), (_PIP_FINE, _PIP),
    (_YARN_FINE, _YARN), (_GO, {"go.mod": "module x\n\ngo 1.22\n", "main.go": "package main\n"}),
    (_MAKE, {"Makefile": "install:\n\ttrue\n"}), (_EDITABLE, _PIP | _SETUP),
    (_CONFIGURE, {"Makefile": "all:\n\ttrue\n"}),
)  # fmt: skip


def generate_dockerfiles(root: Path, count: int) -> list[Path]:
    """Write ``count`` Dockerfiles, each with a context of its own, and return their paths."""
    found = []
    for number in range(count):
        text, files = _KINDS[number % len(_KINDS)]
        folder = root / f"service-{number:03}"
        sources = {f"src/part{n}/file{n}.py": f"# {number}\n" for n in range(10)}
        for path, content in {**files, **sources, "README.md": "# Service\n", "Dockerfile": text}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(content)
        found.append(folder / "Dockerfile")
    return found


def add_source_files(context: Path, count: int) -> None:
    """Add ``count`` empty files in folders of 100."""
    for folder in range(count // 100):
        place = context / "src" / f"module{folder // 50}" / f"part{folder % 50}"
        place.mkdir(parents=True)
        for number in range(100):
            (place / f"file{number}.py").touch()


def generate_repositories(root: Path, count: int, *, every: int = 10, commits: int = 200) -> None:
    """Make ``count`` bare repositories, a hundred a folder; each has the Dockerfile and the context of a service.

    Each ``every``-th has so many ``commits``, the others three; a commit changes a source file.
    """
    root.mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", "--template=", "template"],
                   cwd=root, check=True)  # fmt: skip

    def make(number: int) -> None:
        folder = root / f"team-{number // 100:02}" / f"service-{number:04}.git"
        shutil.copytree(root / "template", folder)
        history = _history(number, commits if number % every == 0 else 3)
        command = ["git", "--git-dir", str(folder), "-c", "gc.auto=0", "fast-import", "--quiet"]
        subprocess.run(command, input=history, check=True)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for _ in pool.map(make, range(count)):
            pass
    shutil.rmtree(root / "template")


def _history(number: int, commits: int) -> bytes:
    text, files = _KINDS[number % len(_KINDS)]
    sources = {f"src/part{n}/file{n}.py": f"# {number}\n" for n in range(10)}
    first = {**files, **sources, "README.md": f"# Service {number}\n", "Dockerfile": text}
    changes = [first, *({f"src/part{n % 10}/file{n % 10}.py": f"# {number} {n}\n"} for n in range(1, commits))]
    return b"".join(_commit(minute, files) for minute, files in enumerate(changes))


def _commit(minute: int, files: Mapping[str, str]) -> bytes:
    """For git-fast-import(1)."""
    when = 1_700_000_000 + 60 * minute
    lines = [f"commit refs/heads/main\ncommitter T <t@example.org> {when} +0000\ndata 6\nchange\n"]
    for path, content in files.items():
        lines.append(f"M 100644 inline {path}\ndata {len(content.encode())}\n{content}\n")
    return "".join(lines).encode()
