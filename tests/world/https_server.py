"""Git's own server behind https, with a name and a password: for tests."""

from __future__ import annotations

import base64
import os
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

NAME, PASSWORD = "ci", "s3cret"


@contextmanager
def serve_repositories(folder: Path) -> Iterator[str]:
    """The address of a server with the repositories in ``folder``; all of them may be pushed to."""
    authority = make_certificate(folder)
    wanted = "Basic " + base64.b64encode(f"{NAME}:{PASSWORD}".encode()).decode()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            if self.headers.get("Authorization") != wanted:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="git"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self._answer(_run_backend(self, folder))

        do_POST = do_GET

        def _answer(self, answer: bytes) -> None:
            head, _, body = answer.partition(b"\r\n\r\n")
            fields = [line.partition(b": ")[::2] for line in head.split(b"\r\n")]
            status = next((int(value.split()[0]) for key, value in fields if key == b"Status"), 200)
            self.send_response(status)
            for key, value in fields:
                self.send_header(key.decode(), value.decode())
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"https://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _run_backend(request: BaseHTTPRequestHandler, folder: Path) -> bytes:
    path, _, query = request.path.partition("?")
    body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
    environment = os.environ | {
        "GIT_PROJECT_ROOT": str(folder), "GIT_HTTP_EXPORT_ALL": "1", "PATH_INFO": path, "QUERY_STRING": query,
        "REQUEST_METHOD": request.command, "CONTENT_TYPE": request.headers.get("Content-Type", ""),
        "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""), "REMOTE_USER": NAME,
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""), "CONTENT_LENGTH": str(len(body)),
    }  # fmt: skip
    return subprocess.run(["git", "http-backend"], input=body, env=environment, capture_output=True, check=True).stdout


def make_certificate(folder: Path) -> Path:
    """A certificate for this machine with its key, in one file."""
    path, public = folder / "certificate.pem", folder / "public.pem"
    words = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    command = ["openssl", *words.split(), "-keyout", str(path), "-out", str(public)]
    subprocess.run(command, check=True, capture_output=True)
    with open(path, "ab") as file:
        file.write(public.read_bytes())
    return path
