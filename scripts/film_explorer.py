"""Photograph and film the explorer for the README and the documentation.

    python scripts/film_explorer.py

Starts an explorer of its own, opens it in Chromium and writes docs/images/explorer.png,
explorer-whatif.png, explorer-phone.png and explorer.gif.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from make_pictures import BROWSERS, FLAGS, QUIET

IMAGES = Path("docs/images")
WIDE, PHONE = (1360, 900), (390, 844)
LOADED = "body[data-world]"
SCRUB = "(input, hour) => { input.value = hour; input.dispatchEvent(new Event('input')); }"
MINUTES = 3 * 60_000
SETTLES = 2_000
"""Milliseconds until the panel beside the map has drawn what it found."""

FIRST, LAST, STEP = 48, 174, 6
"""Hours of the film: from the evening before the third of January to the eighth."""

WHATIF = "change=no-shoot-order&members=200&side=difference&layer=deaths&hour=200&panel=whatif"

FILM_WIDTH, COLOURS, MILLISECONDS = 800, 64, 220


def main() -> None:
    """Take every picture."""
    browser = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if browser is None:
        sys.exit(f"none of {', '.join(BROWSERS)} is installed")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with explorer() as address, sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=browser, args=[*FLAGS, *QUIET])
        page = at(opened, WIDE, f"{address}?hour=112&unit=place:Almaty&panel=evidence")
        page.screenshot(path=IMAGES / "explorer.png")
        film(at(opened, WIDE, f"{address}?hour={FIRST}"))
        page = at(opened, WIDE, f"{address}?{WHATIF}")
        page.screenshot(path=IMAGES / "explorer-whatif.png")
        page = at(opened, PHONE, f"{address}?hour=112")
        page.screenshot(path=IMAGES / "explorer-phone.png")
        opened.close()


@contextmanager
def explorer() -> Iterator[str]:
    """Start an explorer on any free port; yield its address."""
    with tempfile.TemporaryDirectory() as runs:
        command = [sys.executable, "-m", "qantar", "explore", "--no-open", "--port", "0"]
        process = subprocess.Popen([*command, "--runs", runs], stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if "http://" in line)
            yield next(word for word in line.split() if word.startswith("http://"))
        finally:
            process.terminate()
            process.wait(timeout=20)


def at(browser: Browser, size: tuple[int, int], link: str) -> Page:
    """Open a link and wait until its world is on the map."""
    width, height = size
    page = browser.new_page(viewport={"width": width, "height": height}, locale="en-GB")
    page.goto(link)
    page.locator(LOADED).wait_for(timeout=MINUTES)
    page.wait_for_timeout(SETTLES)
    return page


def film(page: Page) -> None:
    """Film the map and the timeline, a picture every few hours, as a person would scrub."""
    scrubber = page.get_by_role("slider").first
    frames = []
    for hour in range(FIRST, LAST + 1, STEP):
        scrubber.evaluate(SCRUB, hour)
        page.wait_for_timeout(120)
        frame = Image.open(io.BytesIO(page.screenshot()))
        height = round(frame.height * FILM_WIDTH / frame.width)
        small = frame.convert("RGB").resize((FILM_WIDTH, height), Image.Resampling.LANCZOS)
        frames.append(small.quantize(COLOURS, dither=Image.Dither.NONE))
    frames[0].save(
        IMAGES / "explorer.gif",
        save_all=True,
        append_images=frames[1:],
        duration=[*([MILLISECONDS] * (len(frames) - 1)), 2_000],
        loop=0,
        optimize=True,
    )


if __name__ == "__main__":
    main()
