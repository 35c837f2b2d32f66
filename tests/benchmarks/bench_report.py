"""How fast and how large the report of a migration is. Run it: ``python tests/benchmarks/bench_report.py``.

3,000 repositories and ten times as many are rendered; then a real browser opens the first page, filters, sorts, turns
a page and opens diffs. Times in the browser are those until the next frame is drawn.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
import tracemalloc
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from browser.chromium import Page, find_chromium, started
from migration_pages import page_of
from migrations import sample

from reorder.output.migration_report import render_report

COUNT = 3_000
MORE = 10
FRAME_LIMIT = 100.0
"""Milliseconds; what takes no longer feels as if it were done at once (Nielsen, Usability Engineering, 1993)."""
LOAD_LIMIT = 2_000.0
NODE_LIMIT = 2_500
BYTES_LIMIT = 1_500.0
"""Of memory, for each further repository: its line of the table, and its part of a block that is not full."""

_TIMED = """(async act => {
  const start = performance.now();
  await act();
  await new Promise(done => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - start;
})"""
_ACTIONS = {
    "a letter in the search": """() => {
      const text = document.getElementById("text");
      text.value = text.value === "le" ? "led" : "le";
      text.dispatchEvent(new Event("input", {bubbles: true}));
    }""",
    "a choice of ecosystem": """() => {
      const select = document.getElementById("ecosystem");
      select.value = select.value ? "" : "Python";
      select.dispatchEvent(new Event("input", {bubbles: true}));
    }""",
    "sorting by name": """() => document.querySelector("th[data-column=name] button").click()""",
    "the next page": """() => document.getElementById("next-page").click()""",
    "another rate": """() => {
      const builds = document.getElementById("builds");
      builds.value = Number(builds.value) + 1;
      builds.dispatchEvent(new Event("input", {bubbles: true}));
    }""",
    "opening a diff": """async () => {
      const links = document.querySelectorAll("#rows a");
      window.opened = ((window.opened ?? 0) + 7) % links.length;
      document.getElementById("detail").close();
      while (location.hash) await new Promise(done => setTimeout(done)); // the end of closing comes as an event
      links[window.opened].click();
      while (!document.getElementById("detail").open) await new Promise(done => setTimeout(done));
    }""",
}


def render(count: int) -> tuple[float, float, int]:
    """Seconds, the page's size in MB, and the peak of Python's memory in bytes (in another round, since it slows)."""
    start, size = time.perf_counter(), 0
    for piece in render_report(sample(count)):
        size += len(piece.encode())
    seconds = time.perf_counter() - start
    tracemalloc.start()
    for _ in render_report(sample(count)):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return seconds, size / 1e6, peak


def measure(page: Page, rounds: int) -> dict[str, float]:
    """The median of each action, in milliseconds."""
    measured: dict[str, float] = {}
    for name, act in _ACTIONS.items():
        times: list[Any] = [page.run(f"{_TIMED}({act})") for _ in range(rounds)]
        measured[name] = statistics.median(times)
    return measured


def main() -> int:
    """Prints a table; 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--count", type=int, default=COUNT)
    options = parser.parse_args()
    seconds, size, peak = render(options.count)
    more_seconds, more_size, more_peak = render(MORE * options.count)
    growth = (more_peak - peak) / ((MORE - 1) * options.count)
    rows = [(f"rendering {options.count:,} repositories", f"{seconds:.2f} s, {size:.1f} MB", "", True),
            (f"rendering {MORE * options.count:,}", f"{more_seconds:.2f} s, {more_size:.1f} MB", "", True),
            ("peak of memory", f"{peak / 1e6:.1f} MB, then {more_peak / 1e6:.1f} MB", "", True),
            ("memory for one repository more", f"{growth:.0f} bytes", f"<= {BYTES_LIMIT:.0f}", growth <= BYTES_LIMIT)]
    if find_chromium():
        rows += in_browser(options.count, options.rounds)
    for name, value, target, is_met in rows:
        print(f"{name:34} {value:>28}  {target:>10}  {'' if is_met else 'MISSED'}".rstrip())  # noqa: T201
    return 0 if all(is_met for *_, is_met in rows) else 1


def in_browser(count: int, rounds: int) -> list[tuple[str, str, str, bool]]:
    """The lines of the table that need a browser."""
    with tempfile.TemporaryDirectory() as folder, started(Path(folder, "profile")) as browser:
        document = Path(folder, "report.html")
        document.write_text(page_of(sample(count)), encoding="utf-8")
        page = browser.new_page()
        page.resize(1280)
        page.open(document.as_uri())
        loaded = page.run("performance.getEntriesByType('navigation')[0].loadEventEnd")
        nodes = page.run("document.querySelectorAll('*').length")
        times = measure(page, rounds)
    return [
        ("opening the page", f"{loaded:.0f} ms", f"<= {LOAD_LIMIT:.0f}", loaded <= LOAD_LIMIT),
        ("elements in the page", f"{nodes:,}", f"<= {NODE_LIMIT:,}", nodes <= NODE_LIMIT),
        *((name, f"{each:.0f} ms", f"<= {FRAME_LIMIT:.0f}", each <= FRAME_LIMIT) for name, each in times.items()),
    ]


if __name__ == "__main__":
    sys.exit(main())
