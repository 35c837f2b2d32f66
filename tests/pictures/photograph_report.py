"""Makes the README's pictures of a migration's report, of made-up repositories: run it when the page has changed."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))

from browser.chromium import started
from migration_pages import page_of
from migrations import sample

HERE = Path(__file__).parent


def main() -> None:
    """Writes report.png, and report_diff.png with one repository open."""
    with tempfile.TemporaryDirectory() as folder, started(Path(folder, "profile")) as browser:
        document = Path(folder, "report.html")
        document.write_text(page_of(sample(3000)), encoding="utf-8")
        page = browser.new_page()
        page.resize(1200, 800)
        page.emulate(scheme="light")
        page.open(document.as_uri())
        page.screenshot(HERE / "report.png")
        page.resize(1200, 620)
        page.click("#rows tr:nth-child(3) a")
        page.wait_for("document.getElementById('detail').open")
        page.screenshot(HERE / "report_diff.png")


if __name__ == "__main__":
    main()
