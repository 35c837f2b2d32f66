"""A folder of Dockerfiles with their contexts, mixed as public repositories are: repairable, fine, refused, multi-stage."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

_PACKAGE = json.dumps({"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.2", "express": "^4.19.2"}})
_ROOT = {"name": "app", "version": "1.0.0", "dependencies": {"ms": "2.1.2", "express": "^4.19.2"}}
_PACKAGES = {"": _ROOT} | {
    f"node_modules/package-{n}": {"version": "1.0.0", "integrity": "sha512-" + "x" * 86 + "=="} for n in range(300)
}
_LOCK = json.dumps({"name": "app", "version": "1.0.0", "lockfileVersion": 3, "requires": True, "packages": _PACKAGES})
_REQUIREMENTS = "".join(f"package-{n}==1.{n}.0\n" for n in range(40))

_PIP = {"requirements.txt": _REQUIREMENTS, "server.py": "print('hello')\n", "app/__init__.py": ""}
_NPM = {"package.json": _PACKAGE, "package-lock.json": _LOCK, "index.js": "console.log('hello')\n", ".dockerignore": "node_modules\n"}
_YARN = {"package.json": _PACKAGE, "yarn.lock": "# yarn lockfile v1\n\n\nms@2.1.2:\n  version \"2.1.2\"\n", "index.js": ""}

_APT = "RUN apt-get update && apt-get install -y --no-install-recommends git curl && rm -rf /var/lib/apt/lists/*\n"
_KINDS: tuple[tuple[str, Mapping[str, str]], ...] = (
    ('FROM python:3.11-slim\nWORKDIR /app\nCOPY . .\nRUN pip install --no-cache-dir -r requirements.txt\nEXPOSE 8000\nCMD ["python", "server.py"]\n', _PIP),
    ('FROM node:20\nWORKDIR /usr/src/app\nCOPY . .\nRUN npm ci\nEXPOSE 3000\nCMD ["node", "index.js"]\n', _NPM),
    ('FROM node:20 AS build\nWORKDIR /app\nCOPY . .\nRUN npm ci && npm run build\n\nFROM nginx:1.27\nCOPY --from=build /app/dist /usr/share/nginx/html\n', _NPM),
    (f'FROM python:3.12-slim\n\nENV PYTHONUNBUFFERED=1 \\\n    PIP_NO_CACHE_DIR=1\n\nCOPY . /code\nWORKDIR /code\n\n# System packages\n{_APT}RUN pip install -r requirements.txt\nENTRYPOINT ["python", "server.py"]\n', _PIP),
    ('FROM python:3.11\nWORKDIR /app\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\nCMD ["python", "server.py"]\n', _PIP),
    ('FROM node:20-alpine AS deps\nWORKDIR /app\nCOPY package.json yarn.lock ./\nRUN yarn install --frozen-lockfile\nFROM node:20-alpine\nWORKDIR /app\nCOPY --from=deps /app/node_modules ./node_modules\nCOPY . .\nRUN yarn build\nCMD ["yarn", "start"]\n', _YARN),
    ('FROM golang:1.22 AS build\nWORKDIR /src\nCOPY . .\nRUN go mod download\nRUN CGO_ENABLED=0 go build -o /app ./...\nFROM scratch\nCOPY --from=build /app /app\nENTRYPOINT ["/app"]\n', {"go.mod": "module x\n\ngo 1.22\n", "main.go": "package main\n"}),
    (f'FROM debian:bookworm-slim\nCOPY . /srv\n{_APT}RUN make -C /srv install\nUSER nobody\nCMD ["/srv/run"]\n', {"Makefile": "install:\n\ttrue\n"}),
    ('FROM python:3.11-slim\nRUN useradd -m app\nUSER app\nWORKDIR /home/app\nADD --chown=app . .\nRUN pip install --user -e .\nCMD ["python", "-m", "app"]\n', {**_PIP, "setup.py": "from setuptools import setup\nsetup(name='x')\n"}),
    ('FROM ubuntu:22.04\nARG DEBIAN_FRONTEND=noninteractive\n' + _APT + 'COPY . /app\nRUN set -eux; \\\n    cd /app; \\\n    if [ -f configure ]; then ./configure; fi; \\\n    make\n', {"Makefile": "all:\n\ttrue\n"}),
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
