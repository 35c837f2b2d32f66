"""A headless Chromium on a pipe, without a driver: the DevTools protocol is JSON that ends in a zero byte.

The browser reads commands from file descriptor 3 and writes to 4 (``--remote-debugging-pipe``), so no port is opened.
https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

TIMEOUT = 20.0
"""Seconds until a browser that does not answer fails a test; an answer takes a few milliseconds."""
_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions",
    "--disable-dev-shm-usage", "--remote-debugging-pipe",
)  # fmt: skip
_EXEC = "import os; from sys import argv as a; os.dup2(int(a[1]), 3); os.dup2(int(a[2]), 4); os.execv(a[3], a[3:])"
_KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, "PageUp": 33, "PageDown": 34, "End": 35, "Home": 36,
         "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}  # fmt: skip


def find_chromium() -> str | None:
    """The browser's program, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next((path for name in names if (path := shutil.which(name))), None)


class BrowserError(Exception):
    """The browser refused a command, threw, or did not answer."""


class Page:
    """One tab. ``requests`` and ``complaints`` (console, log, exceptions, in words) fill up as it lives."""

    def __init__(self, browser: Browser, session: str, context: str) -> None:
        self._browser, self._session, self._context = browser, session, context
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self._loads = 0
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")

    def send(self, method: str, **params: Any) -> dict[str, Any]:
        """A command and its answer."""
        return self._browser.send(method, params, self._session)

    def open(self, url: str) -> None:
        """Returns when the page has loaded."""
        loads = self._loads
        error = self.send("Page.navigate", url=url).get("errorText")
        if error:
            raise BrowserError(error)
        self._browser.pump(lambda: self._loads > loads)

    def run(self, expression: str) -> Any:
        """The value of a JavaScript expression, promises awaited."""
        answer = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise BrowserError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, *keys: str, modifiers: int = 0) -> None:
        """Real key events, one key after the other; ``modifiers`` 2 is control."""
        for key in keys:
            code = {"key": key, "code": key, "windowsVirtualKeyCode": _KEYS[key], "modifiers": modifiers}
            self.send("Input.dispatchKeyEvent", type="rawKeyDown", **code)
            self.send("Input.dispatchKeyEvent", type="keyUp", **code)

    def type(self, text: str) -> None:
        """Text into the element that has the focus."""
        self.send("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """A click of the pointer on the middle of the first such element, which is brought into sight."""
        x, y = self.run(
            f"""(() => {{
              const element = document.querySelector({json.dumps(selector)});
              element.scrollIntoView({{block: "center"}});
              const {{left, top, width, height}} = element.getBoundingClientRect();
              return [left + width / 2, top + height / 2];
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.send("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def wait_for(self, expression: str) -> Any:
        """The value of a JavaScript expression as soon as it is true."""
        return self.run(
            f"""new Promise((done, fail) => {{
              const end = Date.now() + {TIMEOUT * 500};
              const look = () => {{
                const value = {expression};
                if (value) done(value);
                else if (Date.now() > end) fail(new Error("never true"));
                else setTimeout(look, 5);
              }};
              look();
            }})"""
        )

    def screenshot(self, path: Path) -> None:
        """What the window shows, as PNG."""
        path.write_bytes(base64.b64decode(self.send("Page.captureScreenshot", format="png")["data"]))

    def hover(self, x: float, y: float) -> None:
        """Moves the pointer to a place in the window."""
        self.send("Input.dispatchMouseEvent", type="mouseMoved", x=x, y=y)

    def emulate(self, *, scheme: str = "light", media: str = "screen") -> None:
        """``prefers-color-scheme`` and the medium."""
        self.send(
            "Emulation.setEmulatedMedia", media=media, features=[{"name": "prefers-color-scheme", "value": scheme}]
        )

    def resize(self, width: int, height: int = 900) -> None:
        """The window, in CSS pixels."""
        self.send("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def close(self) -> None:
        """The tab and its storage."""
        self._browser.send("Target.disposeBrowserContext", {"browserContextId": self._context})

    def hear(self, method: str, params: dict[str, Any]) -> None:
        """Takes note of an event."""
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.loadEventFired":
            self._loads += 1
        elif method in ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded"):
            self.complaints.append(json.dumps(params))


Open = Callable[..., Page]
"""Opens a document in a fresh tab, see the fixture ``opened``."""


class Browser:
    """A running browser; see `started`."""

    def __init__(self, process: subprocess.Popen[bytes], write: int, read: int) -> None:
        self._process, self._write, self._read = process, write, read
        self._buffer, self._last = b"", 0
        self._answers: dict[int, dict[str, Any]] = {}
        self._pages: dict[str, Page] = {}

    def new_page(self) -> Page:
        """A fresh tab with storage of its own."""
        context = self.send("Target.createBrowserContext", {})["browserContextId"]
        target = self.send("Target.createTarget", {"url": "about:blank", "browserContextId": context})["targetId"]
        session = self.send("Target.attachToTarget", {"targetId": target, "flatten": True})["sessionId"]
        self._pages[session] = page = Page(self, session, context)
        return page

    def send(self, method: str, params: dict[str, Any], session: str | None = None) -> dict[str, Any]:
        """A command and its answer; events that come first are handed to their pages."""
        self._last += 1
        message = {"id": self._last, "method": method, "params": params} | ({"sessionId": session} if session else {})
        os.write(self._write, json.dumps(message).encode() + b"\0")
        number = self._last
        self.pump(lambda: number in self._answers)
        answer = self._answers.pop(number)
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']['message']}")
        result: dict[str, Any] = answer["result"]
        return result

    def pump(self, is_done: Callable[[], bool]) -> None:
        """Reads until ``is_done`` says so."""
        end = time.monotonic() + TIMEOUT
        while not is_done():
            if not select.select([self._read], [], [], max(0.0, end - time.monotonic()))[0]:
                raise BrowserError(f"no answer within {TIMEOUT} s")
            data = os.read(self._read, 1 << 16)
            if not data:
                raise BrowserError(f"the browser ended with {self._process.wait()}")
            *messages, self._buffer = (self._buffer + data).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self._answers[message["id"]] = message
                elif message.get("sessionId") in self._pages:
                    self._pages[message["sessionId"]].hear(message["method"], message.get("params", {}))


@contextmanager
def started(profile: Path) -> Iterator[Browser]:
    """A browser with an empty profile in the folder ``profile``."""
    program = find_chromium()
    assert program is not None
    ours_read, theirs_write = os.pipe()
    theirs_read, ours_write = os.pipe()
    # above 9, lest one of them is overwritten when they are put in their places 3 and 4
    theirs = [fcntl.fcntl(fd, fcntl.F_DUPFD, 10) for fd in (theirs_read, theirs_write)]
    command = [sys.executable, "-c", _EXEC, *map(str, theirs), program, *_FLAGS, f"--user-data-dir={profile}"]
    process = subprocess.Popen(
        [*command, "about:blank"], pass_fds=theirs, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    for fd in (theirs_read, theirs_write, *theirs):
        os.close(fd)
    try:
        yield Browser(process, ours_write, ours_read)
    finally:
        os.close(ours_write)  # the browser ends with its pipe
        try:
            process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        os.close(ours_read)
