"""What a test sees of GitHub: the context of a run, and as much of the REST API as the action asks for."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from hosts.runner import Runner
from repositories import Repository


def context(**more: Any) -> dict[str, Any]:
    """The context ``github`` of a run for a push to the branch topic."""
    return {
        "repository": "a/b", "event_name": "push", "ref_name": "topic", "ref_type": "branch", "token": "t0ken",
        "api_url": "http://127.0.0.1:9", "event": {"repository": {"default_branch": "main"}},
    } | more  # fmt: skip


def pull_request(runner: Runner, checkout: Repository, **head: Any) -> None:
    """Make it a run for a pull request from the branch topic."""
    own = {"sha": checkout.git("rev-parse", "HEAD").strip(), "ref": "topic", "repo": {"full_name": "a/b"}} | head
    event = {"repository": {"default_branch": "main"}, "pull_request": {"number": 7, "head": own}}
    runner.github |= {"event_name": "pull_request", "ref_name": "7/merge", "base_ref": "main", "event": event}


class Api:
    """What GitHub answers and was told, for pull request 7 of a/b."""

    def __init__(self) -> None:
        self.lists: dict[str, list[dict[str, Any]]] = {"files": [], "comments": [], "reviews": []}
        self.posted: list[dict[str, Any]] = []
        self.status = 200
        self.authorizations: set[str | None] = set()


@contextmanager
def serve(api: Api) -> Iterator[str]:
    """The address at which it answers."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            start = 100 * (int(query.rpartition("page=")[2]) - 1)
            self._answer(api.lists[path.removeprefix("/repos/a/b/pulls/7/")][start : start + 100])

        def do_POST(self) -> None:
            assert self.path == "/repos/a/b/pulls/7/reviews"
            data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if api.status == 200:
                api.posted.append(data)
            self._answer({})

        def _answer(self, data: Any) -> None:
            api.authorizations.add(self.headers["Authorization"])
            body = json.dumps(data).encode()
            self.send_response(api.status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
