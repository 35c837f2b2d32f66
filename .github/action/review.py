"""Turns the report of a run into a review of the pull request, with suggestions that can be applied with a click.

A patch becomes one suggestion, from its first line to its last, since half of it could break the build. GitHub takes a
suggestion only where all of its lines are part of the pull request's diff; other patches are in the review's text. What
was said before is not said again.

https://docs.github.com/rest/pulls/reviews. Exit code 3: the token may not do that.
"""

from __future__ import annotations

import hashlib
import json
import os
import posixpath
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from report import read

_HUNK = re.compile(r"^@@ -\d+(?:,\d+)? \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
_NO_CODE = re.compile(r"[`\x00-\x1f]")
_LONGEST = 60_000
"""Characters; GitHub takes 65,536."""
_MARK = "<!-- dockerfile-fix -->"
_SECONDS = 60


class Lines(NamedTuple):
    """Lines of a file, 1-based, the last one included, and what would stand in their place."""

    first: int
    last: int
    text: str


class Pull:
    """A pull request, by GitHub's REST API."""

    def __init__(self, environment: dict[str, str]) -> None:
        number = int(environment["PULL_NUMBER"])
        self._url = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}/pulls/{number}"
        self._token = environment["INPUT_TOKEN"]

    def list(self, what: str) -> Iterator[dict[str, Any]]:
        """All ``files``, ``comments`` or ``reviews``."""
        for page in range(1, 31):
            found = self._ask(f"{what}?per_page=100&page={page}")
            yield from found
            if len(found) < 100:
                return

    def review(self, review: dict[str, Any]) -> None:
        """Add a review."""
        self._ask("reviews", review)

    def _ask(self, what: str, data: dict[str, Any] | None = None) -> Any:
        headers = {"Accept": "application/vnd.github+json", "Authorization": f"Bearer {self._token}"}
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"{self._url}/{what}", body, headers)
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:
            return json.load(answer)


def replacement(old: str, new: str) -> Lines | None:
    """The smallest range of whole lines that makes ``new`` of ``old``; None if a suggestion cannot say it."""
    if "\r" in old or not (old.endswith("\n") and new.endswith("\n")):
        return None
    before, after = old.split("\n")[:-1], new.split("\n")[:-1]
    start, shortest = 0, min(len(before), len(after))
    while start < shortest and before[start] == after[start]:
        start += 1
    end = 0
    while end < shortest - start and before[-1 - end] == after[-1 - end]:
        end += 1
    if start == len(before) - end:  # lines are added only: the one above has to be part of it
        if not start:
            return None
        start -= 1
    return Lines(start + 1, len(before) - end, "".join(line + "\n" for line in after[start : len(after) - end]))


def is_in_diff(lines: Lines, file: dict[str, Any]) -> bool:
    """Whether all the lines lie in one hunk of the file's part of the pull request."""
    for hunk in _HUNK.finditer(file.get("patch", "")):
        first, count = int(hunk[1]), int(hunk[2] or "1")
        if first <= lines.first and lines.last < first + count:
            return True
    return False


def readable(text: str) -> str:
    """Without bytes that are not UTF-8."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def fenced(kind: str, text: str) -> str:
    """A block that the text cannot end."""
    text = readable(text)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{kind}\n{text}{fence}\n"


def why(outcome: dict[str, Any]) -> str:
    """The reasons, as a list of code: nothing in them is markup."""
    reasons = (_NO_CODE.sub("?", readable(f"{change['slug']}: {change['reason']}")) for change in outcome["changes"])
    return "".join(f"- `{reason}`\n" for reason in reasons)


def suggestion(outcome: dict[str, Any], files: dict[str, dict[str, Any]]) -> dict[str, Any] | None:
    """A comment with the patch; None if it cannot be one."""
    path = posixpath.normpath(outcome["path"])
    file = files.get(path)
    if file is None or len(outcome["files"]) != 1:
        return None
    data = Path(path).read_bytes()
    if file["sha"] != hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest():
        return None  # the checkout is of a merge, in which the lines may stand elsewhere
    lines = replacement(data.decode("utf-8", "surrogateescape"), outcome["files"][0]["text"])
    if lines is None or readable(lines.text) != lines.text or not is_in_diff(lines, file):
        return None
    body = f"{_MARK}\n{why(outcome)}\n{fenced('suggestion', lines.text)}"
    comment: dict[str, Any] = {"path": path, "side": "RIGHT", "line": lines.last, "body": body}
    if lines.first < lines.last:
        comment |= {"start_side": "RIGHT", "start_line": lines.first}
    return comment


def text_of(outcomes: list[dict[str, Any]], comments: int) -> str:
    """The review's text; it holds the patches that are no suggestions."""
    parts = [f"{_MARK}\nDependency installs could stay cached, with the same image.\n"]
    if outcomes and comments:
        parts.append("\nPatches of lines that this pull request does not touch:\n")
    for outcome in outcomes:
        part = f"\n{why(outcome)}\n{fenced('diff', outcome['diff'])}"
        if sum(map(len, parts)) + len(part) > _LONGEST:
            parts.append("\nAnd more, which is too long for a review: run `dockerfile-fix --diff`.\n")
            break
        parts.append(part)
    return "".join(parts)


def make_review(outcomes: list[dict[str, Any]], pull: Pull, commit: str) -> dict[str, Any] | None:
    """What is to be said, and was not yet."""
    files = {file["filename"]: file for file in pull.list("files")}
    said = {(comment["path"], comment["body"]) for comment in pull.list("comments") if comment.get("line") is not None}
    suggestions, rest = [], []
    for outcome in outcomes:
        comment = suggestion(outcome, files)
        if comment is None:
            rest.append(outcome)
        else:
            suggestions.append(comment)
    new = [comment for comment in suggestions if (comment["path"], comment["body"]) not in said]
    body = text_of(rest, len(suggestions))
    if not new and (not rest or any(review["body"] == body for review in pull.list("reviews"))):
        return None
    return {"commit_id": commit, "event": "COMMENT", "body": body, "comments": new}


def main(report: str) -> int:
    """Write the review."""
    outcomes = read(report)
    if not outcomes:
        return 0
    pull = Pull(dict(os.environ))
    try:
        review = make_review(outcomes, pull, os.environ["PULL_COMMIT"])
        if review is not None:
            pull.review(review)
    except urllib.error.HTTPError as error:
        if error.code in (401, 403, 404):
            words = "the token may not write to pull requests (permissions: pull-requests: write; never in a fork's)"
            sys.stdout.write(f"::warning title=dockerfile-fix::no suggestions: {words}\n")
            return 3
        sys.stdout.write(f"::error title=dockerfile-fix::no suggestions: GitHub answers {error.code}\n")
        return 2
    except (OSError, ValueError) as error:
        words = str(error).replace("%", "%25").replace("\n", "%0A")
        sys.stdout.write(f"::error title=dockerfile-fix::no suggestions: {words}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
