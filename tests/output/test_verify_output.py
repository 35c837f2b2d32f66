"""The verdict in words and as JSON."""

from __future__ import annotations

import io
import json

from reorder.output.progress import BarProgress, PlainProgress
from reorder.output.verify_json import render_verdict_json
from reorder.output.verify_text import render_verdict
from reorder.verifying.build_log import StepRun
from reorder.verifying.model import Comparison, Difference, FieldDifference, Group, Side
from reorder.verifying.verdict import Gain, Played, Rebuild, Replayed, Smoke, Timing, Verdict

RUN, COPY = StepRun("", 4, "RUN npm ci", False, 4.5), StepRun("", 3, "COPY . .", False, 0.1)
NARROW = StepRun("", 3, "COPY package.json ./", True, 0.0)
GAIN = Gain("src/index.js", "as asked for", Rebuild(6.4, (COPY, RUN)),
            Rebuild(0.9, (NARROW, RUN._replace(cached=True, seconds=0.0), COPY)))  # fmt: skip
EQUAL = Verdict(
    "Dockerfile", ".", "equal", "docker", comparison=Comparison(21146, 3, 2, (), (), ("stamp",)),
    timings=(Timing("original", 4.0), Timing("patched", 6.2)), smokes=(Smoke("node -v", 0, 0, None),), gain=GAIN,
)  # fmt: skip
FILE = Side("file", 0o644, 0, 0, "0123456789ab", "")
DIFFERS = Verdict(
    "Dockerfile", ".", "differs", "docker", reason="5 of 9 paths of the images differ",
    comparison=Comparison(9, 0, 0, (
        Group("/app", 4, {"mode": 2, "only after": 1, "type": 1}, (
            Difference("app/x", ("mode", "owner"), FILE, FILE._replace(mode=0o600, uid=5)),
            Difference("app/\x1b[2Jevil", ("only after",), None, FILE),
            Difference("app/l", ("type",), FILE, Side("link", 0o777, 0, 0, "/etc", "")),
        )),
    ), (FieldDifference("Env", '["A=1"]', "null"),)),
)  # fmt: skip


def test_equal_images_with_their_gain() -> None:
    assert list(render_verdict(EQUAL)) == [
        "Dockerfile: the images are the same",
        "  21,146 paths compared, 3 differing logs and caches left out, "
        "2 paths that two builds of the original differ in",
        "  never the same twice: /stamp, ...",
        "  built without cache by docker: original 4.0 s, patched 6.2 s",
        "  smoke test node -v: the same, exit code 0",
        "",
        "  after an edit of src/index.js (as asked for), built again from the cache:",
        "",
        "  step                    before     after",
        "  COPY package.json ./         -    cached",
        "  RUN npm ci               4.5 s    cached",
        "  COPY . .                 0.1 s     0.1 s",
        "  whole build              6.4 s     0.9 s",
    ]


def test_differences_with_both_sides_and_no_raw_control_characters() -> None:
    lines = list(render_verdict(DIFFERS))
    assert lines[0] == "Dockerfile: 5 of 9 paths of the images differ"
    assert '  configuration: Env: ["A=1"] before, null after' in lines
    assert "  /app: 4 paths differ (2 mode, 1 only after, 1 type)" in lines
    assert "    /app/x: mode 0644 before, 0600 after; owner 0:0 before, 5:0 after" in lines
    assert "    /app/l: file, 0644, 0:0 before, link to /etc, 0777, 0:0 after" in lines
    assert "    and 1 more" in lines
    assert not any("\x1b" in line for line in lines)


def test_a_log_and_commits() -> None:
    verdict = EQUAL._replace(gain=None, log=("words",), commits=(
        Replayed("0123456789abcdef", "edit", 1, Played(Rebuild(6.0, (COPY, RUN)), 2, (), None),
                 Played(Rebuild(1.0, (COPY,)), 2, ("line 4, RUN: cached",), None)),
        Replayed("fedc", "break", 1, Played(Rebuild(1.0, ()), 0, (), "no such file"),
                 Played(Rebuild(1.0, ()), 0, (), "no such file")),
    ))  # fmt: skip
    lines = list(render_verdict(verdict))
    assert "    words" in lines
    assert "  0123456789ab       2 (2) 6.0 s       1 (2) 1.0 s  edit" in lines
    assert "    after: not as expected: line 4, RUN: cached" in lines
    assert "    before: no such file" in lines
    assert lines[-1].split() == ["all", "7.0", "s", "2.0", "s"]


def test_json_holds_the_same() -> None:
    record = json.loads(render_verdict_json(EQUAL))
    assert record["schema"] == 1
    assert record["gain"]["after"]["steps"][1]["cached"] is True
    assert record["builds"] == [{"label": "original", "seconds": 4.0}, {"label": "patched", "seconds": 6.2}]
    record = json.loads(render_verdict_json(DIFFERS))
    assert record["comparison"]["configuration"] == [{"field": "Env", "before": ["A=1"], "after": None}]
    assert record["comparison"]["groups"][0]["examples"][1]["before"] is None
    assert record["gain"] is None


def test_progress_is_lines_or_one_line_that_is_taken_back() -> None:
    plain, bar = io.StringIO(), io.StringIO()
    for progress in (PlainProgress(plain), BarProgress(2, bar)):
        progress.begin("original")
        progress.step("[1/2] RUN x\x1b[31m")
        progress.end("1.0 s")
    assert plain.getvalue().splitlines() == [
        "verify: original: begins", "verify: original: [1/2] RUN x\\x1b[31m", "verify: original: done 1.0 s",
    ]  # fmt: skip
    assert "\n" not in bar.getvalue()
    assert bar.getvalue().endswith("\r\033[K")
    assert "\x1b[31m" not in bar.getvalue()
