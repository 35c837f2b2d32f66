"""A browser for all tests of pages, and a fresh tab for each."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser.chromium import Browser, Open, Page, started


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with started(tmp_path_factory.mktemp("profile")) as running:
        yield running


@pytest.fixture
def opened(browser: Browser, tmp_path: Path) -> Iterator[Open]:
    """Opens a document in a fresh tab, 1200 pixels wide and light unless told."""
    pages = []

    def open_page(
        text: str, *, width: int = 1200, suffix: str = "html", script: bool = True, scheme: str = "light"
    ) -> Page:
        document = tmp_path / f"page.{suffix}"
        document.write_text(text, encoding="utf-8")
        page = browser.new_page()
        pages.append(page)
        page.resize(width)
        page.emulate(scheme=scheme)
        if not script:
            page.send("Emulation.setScriptExecutionDisabled", value=True)
        page.open(document.as_uri())
        return page

    yield open_page
    for page in pages:
        page.close()
