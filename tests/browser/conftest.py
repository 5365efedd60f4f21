"""A real explorer and a real browser that may speak to nobody else."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:  # the files of tests skip themselves where playwright is not installed
    from playwright.sync_api import Browser, Playwright
    from visits import Explorer, Visit

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
NOWHERE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
"""No name leads anywhere: what the page does not find on this machine it does not get."""


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    found = os.environ.get("QANTAR_CHROMIUM") or next(
        (path for name in BROWSERS if (path := shutil.which(name))), None
    )
    if found is None:
        pytest.skip(f"none of {', '.join(BROWSERS)} is installed")
    browser = playwright.chromium.launch(executable_path=found, args=[*FLAGS, NOWHERE])
    yield browser
    browser.close()


@pytest.fixture(scope="session")
def runs(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of runs, with two in it that cannot be opened; one of them can be deleted."""
    folder = tmp_path_factory.mktemp("runs")
    empty = {"qantar_version": "0.1.0", "variables": {}, "places": [], "account": "union"}
    (folder / "broken-run").mkdir()
    (folder / "broken-run" / "manifest.json").write_text(json.dumps(empty), encoding="utf-8")
    (folder / "broken").mkdir()
    (folder / "broken" / "manifest.json").write_text("{", encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def explorer(runs: Path) -> Iterator[Explorer]:
    """The explorer that all tests visit, and that ends well: its worlds are run only once."""
    from visits import Explorer

    running = Explorer(runs)
    yield running
    assert running.end() == 0


@pytest.fixture
def visit(browser: Browser, explorer: Explorer) -> Iterator[Callable[..., Visit]]:
    """Open a window; at the end nothing was asked of anybody else, and nobody complained."""
    from visits import SCREENS, Visit

    made: list[Visit] = []

    def open_one(screen: str = "wide", *, address: str | None = None, **more: object) -> Visit:
        width, height = SCREENS[screen]
        settings = {"viewport": {"width": width, "height": height}, "locale": "en-GB", **more}
        context = browser.new_context(accept_downloads=True, **settings)
        context.set_default_timeout(20_000)
        made.append(Visit(context, address or explorer.address, screen))
        return made[-1]

    yield open_one
    for each in made:
        each.context.close()
    for each in made:
        assert each.elsewhere == []
        assert each.unexpected == []
