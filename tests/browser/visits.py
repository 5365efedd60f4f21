"""A visit of the explorer with a real browser, and the explorer that is visited."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import BrowserContext, Locator, Page, expect

SCREENS = {"wide": (1360, 900), "phone": (390, 844)}
ROOT = Path(__file__).resolve().parents[2]
PICTURES = ROOT / "artefacts" / "explorer"
"""Where the pictures that the tests take are kept, to be looked at."""

LONG = 120_000
"""Milliseconds that a run of the model may take when others use the machine too."""

NOT_THERE = "Failed to load resource: the server responded with a status of"
"""How a browser says that an answer was a refusal; the status follows."""

NOBODY = "net::ERR_CONNECTION_REFUSED"
"""How a browser says that nobody answers."""


expect.set_options(timeout=20_000)


class Explorer:
    """A ``qantar explore`` of its own process."""

    def __init__(self, runs: Path, port: int = 0) -> None:
        command = [sys.executable, "-m", "qantar", "explore", "--no-open", "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, "--runs", str(runs)], stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = next((line for line in self.process.stdout if "http://" in line), "")
        assert line, "the explorer did not say where it is"
        word = next(word for word in line.split() if word.startswith("http://"))
        self.address = word.rstrip("/")
        self.port = int(self.address.rpartition(":")[2])

    @property
    def workers(self) -> list[int]:
        """Numbers of the worker processes, in the order in which they were started."""
        listed = subprocess.run(
            ["ps", "-ww", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        )
        lines = [line for line in listed.stdout.splitlines() if "spawn_main" in line]
        return sorted(int(line.split()[0]) for line in lines)

    def end(self) -> int:
        """End it as Ctrl-C or a service manager would; return its exit status."""
        self.process.terminate()
        status = self.process.wait(timeout=30)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


class Visit:
    """A browser window on an explorer, with everything that it asked for and complained about."""

    def __init__(self, context: BrowserContext, address: str, screen: str) -> None:
        self.context, self.address, self.screen = context, address, screen
        self.asked: list[str] = []
        self.complaints: list[str] = []
        self.allowed: list[str] = []
        context.on("request", lambda request: self.asked.append(request.url))
        self.page = self.window()

    def window(self) -> Page:
        """Open one more window."""
        page = self.context.new_page()
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on(
            "console",
            lambda said: self.complaints.append(said.text) if said.type == "error" else None,
        )
        return page

    def allow(self, *complaints: str) -> None:
        """Expect complaints that hold one of these texts, for the test provokes them."""
        self.allowed.extend(complaints)

    def go(self, query: str = "") -> Page:
        """Open the explorer at a link, and wait until a world is on the map."""
        self.page.goto(f"{self.address}/{query}")
        wait_for_world(self.page)
        return self.page

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what the window shows, or the whole page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{self.screen}-{name}.png", full_page=whole)

    @property
    def elsewhere(self) -> list[str]:
        """What was asked of anybody but the explorer."""
        own = (f"{self.address}/", "data:", f"blob:{self.address}/")
        return [url for url in self.asked if not url.startswith(own)]

    @property
    def unexpected(self) -> list[str]:
        """What was complained about that no test provoked."""
        return [said for said in self.complaints if not any(part in said for part in self.allowed)]


def wait_for_world(page: Page, limit: float = 120, *, whole: bool = True) -> None:
    """Wait until the figures beside the clock are figures; say what the page says if it cannot.

    They are those of all members, or at least of the first if not the `whole` world is needed.
    """
    running = page.locator("#progress progress")
    failure = page.locator(".notice-failure")
    ready = re.compile(r"\d")
    ends = time.monotonic() + limit

    def there() -> bool:
        shown = page.locator(".figures dd:not(.range)").all_inner_texts()
        numbers = len(shown) == 3 and all(ready.search(text) for text in shown)
        return numbers and not (whole and running.is_visible())

    while not there():
        assert not failure.count(), f"no world is shown: {failure.first.inner_text()}"
        assert time.monotonic() < ends, f"no world is shown after {limit:g} s"
        page.wait_for_timeout(50)
    # The arrays of the whole world replace those of a preview one after the other.
    shown: list[str] = []
    while whole and shown != (shown := figures(page)):
        page.wait_for_timeout(300)


def figures(page: Page) -> list[str]:
    """Return the figures beside the clock with their ranges."""
    return [text.strip() for text in page.locator(".figures dd").all_inner_texts()]


def hour(page: Page) -> int:
    """Return the hour of the scrubber."""
    return int(scrubber(page).input_value())


def scrubber(page: Page) -> Locator:
    """Return the slider of hours."""
    return page.locator("#playbar input[type=range]")


def same(page: Page, wanted: dict[str, object], read: Callable[[Page], dict[str, object]]) -> None:
    """Wait until a page shows what is wanted; say what differs if it does not come to it."""
    ends = time.monotonic() + 20
    while (found := read(page)) != wanted:
        apart = {key: (wanted[key], found[key]) for key in wanted if found[key] != wanted[key]}
        assert time.monotonic() < ends, f"wanted and found: {apart}"
        page.wait_for_timeout(50)


def until(page: Page, true: Callable[[], bool], what: str, limit: float = 20) -> None:
    """Wait until something is so, for at most some seconds; say what did not come."""
    ends = time.monotonic() + limit
    while not true():
        assert time.monotonic() < ends, f"after {limit:g} s still not so: {what}"
        page.wait_for_timeout(50)


def tab(page: Page, name: str) -> Locator:
    """Open a panel by the name on its tab; return the panel."""
    page.get_by_role("tab", name=name, exact=True).click()
    panel = page.get_by_role("tabpanel", name=name, exact=True)
    expect(panel).to_be_visible()
    return panel


def still_plays(page: Page) -> None:
    """Show that the page lives: it plays, and pauses."""
    scrubber(page).focus()
    page.keyboard.press("Home")
    assert hour(page) == 0
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, lambda: hour(page) > 1, "hours pass")
    page.get_by_role("button", name="Pause", exact=True).click()
    expect(page.get_by_role("button", name="Play", exact=True)).to_be_visible()


STRAY = r"""() => {
  const whole = /^\s*(null|undefined|NaN|false)\s*$/;
  const part = /\bNaN\b|\bundefined\b|\[object|\{\w+\}/;
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent;
    // An account is called `null`, and heads a column.
    if (walker.currentNode.parentElement.closest('th')) continue;
    if (whole.test(text) || part.test(text)) found.push(text);
  }
  return found;
}"""


def stray(page: Page) -> list[str]:
    """Return what only a program says: null, NaN, a placeholder that nobody filled."""
    found: list[str] = page.evaluate(STRAY)
    return found
