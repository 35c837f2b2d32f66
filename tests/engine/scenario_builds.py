"""Builds a bench of the table on the engine with either builder, and tells line by line what came from the cache."""

from __future__ import annotations

import os
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer

from caching.scenarios import Site
from engine import builds

from reorder.caching.simulator import Builder, Program
from reorder.dockerfile.model import Dockerfile

_BUILDKIT_STEP = re.compile(r"\[ *(?:(?P<stage>\S+) +)?(?P<number>\d+)/\d+\] (?P<keyword>[A-Z]+)")
_CLASSIC_STEP = re.compile(
    r"^Step (?P<number>\d+)/\d+ : (?P<keyword>\w+).*\n(?P<rest>(?:(?!Step \d).*\n?)*)", re.MULTILINE
)
_IMAGE = re.compile(r"^ ---> ([0-9a-f]{12})$", re.MULTILINE)
_TIMEOUT = 300


@dataclass(slots=True)
class Engine:
    """One builder at work on one site. ``images`` are to be removed in the end."""

    builder: Builder
    site: Site
    images: list[str] = field(default_factory=list)

    def build(self) -> dict[int, bool]:
        """For each line that is a step which the engine looked at: whether it ran (False: it came from the cache)."""
        dockerfile, program = self.site.program(self.builder)
        command = ["--network", "host", *self._arguments()]
        if self.builder is Builder.BUILDKIT:
            # part of the key of every RUN: no other test's build may answer or be joined with this one
            host = f"{self.site.context.parent.name}.invalid".replace("_", "-")
            command += ["--add-host", f"{host}:127.0.0.1", "--progress", "rawjson", "--output", "type=cacheonly"]
            done = _docker("build", *command, str(self.site.context), is_classic=False)
            return _buildkit_lines(done.stderr.decode(errors="replace"), dockerfile, program)
        done = _docker("build", *command, str(self.site.context), is_classic=True)
        log = done.stdout.decode(errors="replace")
        # the ends of stages that nothing starts from would stay
        own = (match["rest"] for match in _CLASSIC_STEP.finditer(log) if match["keyword"].upper() != "FROM")
        self.images += [image for rest in own if "Using cache" not in rest for image in _IMAGE.findall(rest)]
        return _classic_lines(log, dockerfile)

    def _arguments(self) -> Iterator[str]:
        for name, value in self.site.arguments.items():
            yield from ("--build-arg", f"{name}={value}")
        if self.site.bench.target:
            yield from ("--target", self.site.bench.target)

    def make_base(self) -> None:
        """A new image under the name that stands for <BASE>."""
        text = "FROM debian:bookworm-slim\nCOPY content /made-by-base\n"
        folder = self.site.context.parent / f"base-{self.site.images}"
        folder.mkdir()
        (folder / "Dockerfile").write_text(text)
        (folder / "content").write_text(f"{self.site.base} {self.site.images}")
        done = _docker("build", "--quiet", "--tag", self.site.base, str(folder), is_classic=False)
        self.images += [done.stdout.decode().strip(), self.site.base]


def _docker(*arguments: str, is_classic: bool) -> subprocess.CompletedProcess[bytes]:
    environment = os.environ | {"DOCKER_BUILDKIT": "0" if is_classic else "1"}
    done = subprocess.run(
        ("docker", *arguments), capture_output=True, check=False, timeout=_TIMEOUT, env=environment
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout + done.stderr).decode(errors="replace")[-3000:]
    return done


def _buildkit_lines(log: str, dockerfile: Dockerfile, program: Program) -> dict[int, bool]:
    """BuildKit names a step by its stage and its number in it, which counts what makes layers, and FROM an image."""
    stages = {f"stage-{s.index}": s for s in dockerfile.stages} | {s.name: s for s in dockerfile.stages if s.name}
    lines: dict[int, bool] = {}
    for vertex in builds.vertices(log).values():
        match = _BUILDKIT_STEP.match(vertex["name"])
        if match is None or match["keyword"] == "FROM" or not vertex.get("inputs"):
            continue  # the download of an ADD goes by the name of its step, too
        stage = stages[match["stage"].lower()] if match["stage"] else dockerfile.stages[-1]
        compiled = next(s for s in program.stages if s.index == stage.index)
        step = compiled.steps[int(match["number"]) - (1 if compiled.bases or compiled.image == "scratch" else 2)]
        assert step.keyword == match["keyword"], vertex["name"]
        lines[step.line] = not vertex.get("cached", False)
    return lines


def _classic_lines(log: str, dockerfile: Dockerfile) -> dict[int, bool]:
    lines: dict[int, bool] = {}
    for match in _CLASSIC_STEP.finditer(log):
        instruction = dockerfile.instructions[int(match["number"]) - 1]
        assert instruction.keyword == match["keyword"].upper(), match[0]
        if instruction.keyword != "FROM" and instruction not in dockerfile.preamble:
            lines[instruction.line] = "Using cache" not in match["rest"]
    return lines


@contextmanager
def serve(site_of: list[Site]) -> Iterator[str]:
    """A web server for <URL>: it answers with what the last site of the list wants served."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = site_of[-1].served.encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_HEAD = do_GET

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/file"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
