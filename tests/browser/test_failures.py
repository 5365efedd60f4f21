"""What the page says when something is wrong, and that it lives on."""

from __future__ import annotations

import os
import re
import signal
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Locator, Page, expect
from visits import (
    LONG,
    NOBODY,
    NOT_THERE,
    ROOT,
    Explorer,
    Visit,
    figures,
    hour,
    still_plays,
    tab,
    until,
    wait_for_world,
)

pytestmark = pytest.mark.browser

Visits = Callable[..., Visit]

SMALL = "members=4"
CHANGED = f"{SMALL}&change=no-shoot-order&panel=whatif"
SHOOTING = "No order to shoot without warning"
FOLDERS = "|".join(re.escape(str(folder)) for folder in (ROOT, tempfile.gettempdir()))
PROGRAM_TEXT = re.compile(rf"Traceback|Error:|\.py\b|line \d+, in|undefined|NaN|\[object|{FOLDERS}")
"""What a program says to those who write it."""


def says(page: Page, words: str | re.Pattern[str]) -> None:
    """Show that the page says this, and nothing that only a programmer reads."""
    expect(page.locator("body")).to_contain_text(words)
    assert not PROGRAM_TEXT.search(page.locator("body").inner_text())


def notices(page: Page) -> Locator:
    return page.get_by_role("complementary", name="Messages")


BAD_LINKS = {
    "malformed": ("%ZZ&&&=&hour&members=4", "damaged"),
    "older": (f"v=0&t=120&do=no-shoot-order&{SMALL}", "older version"),
    "newer": (f"v=99&{SMALL}", "newer version"),
    "huge-members": ("members=999999999&account=null", "“members” goes from 2 to 500"),
    "huge-seed": (f"seed=99999999999&{SMALL}", "“seed” goes from 0 to 2147483647"),
    "unknown-place": (f"unit=place:Atlantis&{SMALL}", "“place:Atlantis” is no unit"),
    "unknown-account": (f"account=unoin&{SMALL}", "“unoin” is no account"),
    "unknown-change": (f"change=no-such-change&{SMALL}", "The change was left out"),
    "contradiction": (
        f"change=emergency-earlier%2Bemergency-later&{SMALL}",
        "The change was left out",
    ),
    "markup": (f"account=%3Cimg%20src=x%20onerror=alert(1)%3E&{SMALL}", "is no account"),
}


@pytest.mark.parametrize("kind", [kind for kind in BAD_LINKS if kind != "huge-members"])
def test_a_bad_link_is_explained_and_the_rest_of_it_shown(visit: Visits, kind: str) -> None:
    query, words = BAD_LINKS[kind]
    reader = visit()
    page = reader.go(f"?{query}")
    expect(notices(page)).to_contain_text(words)
    says(page, words)
    reader.picture(f"wrong-{kind}")
    assert page.locator("img").count() == 0
    notices(page).get_by_role("button", name="Dismiss").first.click()
    still_plays(page)


def test_a_link_of_version_0_is_translated(visit: Visits) -> None:
    page = visit().go(f"?v=0&t=120&do=no-shoot-order&{SMALL}")
    assert hour(page) == 120
    panel = tab(page, "What if")
    expect(panel.get_by_role("switch", name=SHOOTING)).to_be_checked()


def test_huge_numbers_are_refused_before_anything_is_run(visit: Visits) -> None:
    query, words = BAD_LINKS["huge-members"]
    reader = visit()
    page = reader.page
    page.goto(f"{reader.address}/?{query}")
    expect(notices(page)).to_contain_text(words)
    still_plays(page)
    # The default number of members takes longer than this test: it is not waited for.
    panel = tab(page, "Runs")
    panel.get_by_role("button", name="Stop").first.click()
    expect(notices(page)).to_contain_text("stopped")
    says(page, "stopped")
    still_plays(page)


def test_a_link_that_is_too_long_is_not_read(visit: Visits) -> None:
    reader = visit()
    reader.allow(NOT_THERE)
    page = reader.page
    page.goto(f"{reader.address}/?{SMALL}&unit={'x' * 5000}")
    expect(notices(page)).to_contain_text(re.compile("characters|too long"))
    # What is shown instead is the world of an empty link, which needs no run.
    expect(page.locator("#progress")).to_contain_text("Precomputed")
    still_plays(page)


@pytest.mark.parametrize(("run", "words"), [("nowhere", "nowhere"), ("broken", "broken")])
def test_a_run_that_cannot_be_opened(visit: Visits, run: str, words: str) -> None:
    reader = visit()
    reader.allow(NOT_THERE)
    page = reader.page
    page.goto(f"{reader.address}/?{SMALL}&run={run}")
    expect(notices(page)).to_contain_text(words)
    says(page, words)
    reader.picture(f"wrong-run-{run}")
    still_plays(page)
    panel = tab(page, "Runs")
    panel.get_by_role("button", name="Back to live worlds").click()
    wait_for_world_beside_notices(page)


def wait_for_world_beside_notices(page: Page) -> None:
    """Wait for a world on a page that still says what went wrong before."""
    for close in notices(page).get_by_role("button", name="Dismiss").all():
        close.click()
    wait_for_world(page)


def test_a_damaged_run_is_listed_with_what_is_wrong(visit: Visits) -> None:
    page = visit().go(f"?{SMALL}&panel=runs")
    entry = page.locator('[data-run="broken"]')
    expect(entry).to_contain_text("Cannot be opened")
    expect(entry.get_by_role("button", name="Open broken")).to_have_count(0)


def test_changes_that_contradict_each_other(visit: Visits) -> None:
    reader = visit()
    reader.allow(NOT_THERE)
    page = reader.go(f"?{SMALL}&panel=whatif")
    before = figures(page)
    panel = page.get_by_role("tabpanel", name="What if")
    panel.get_by_role("switch", name="Emergency and curfew earlier").click()
    panel.get_by_role("switch", name="Emergency and curfew later").click()
    problem = panel.get_by_role("alert")
    expect(problem).to_contain_text("Something went wrong.")
    says(page, re.compile("emergency", re.IGNORECASE))
    reader.picture("wrong-contradiction-switches")
    assert figures(page) == before
    still_plays(page)
    panel.get_by_role("button", name="Switch all off").click()
    expect(problem).to_be_hidden()


def test_a_killed_worker_is_told_and_replaced(visit: Visits, explorer: Explorer) -> None:
    reader = visit()
    page = reader.go("?members=12&seed=3&panel=whatif")
    before = figures(page)
    panel = page.get_by_role("tabpanel", name="What if")
    panel.get_by_role("switch", name=SHOOTING).click()
    expect(panel.get_by_role("progressbar")).to_have_attribute(
        "aria-valuetext", re.compile(r"\d+ of \d+"), timeout=LONG
    )
    assert explorer.workers
    for worker in explorer.workers:
        os.kill(worker, signal.SIGKILL)
    problem = panel.get_by_role("alert")
    expect(problem).to_contain_text("ended from outside")
    says(page, "ask again")
    reader.picture("wrong-killed-worker")
    # What was there is still there, or the pairs that were run until then, and marked so.
    marked = page.locator("#progress", has_text="Preliminary: 6 of 12 pairs").is_visible()
    assert marked or figures(page) == before
    still_plays(page)
    problem.get_by_role("button", name="Try again").click()
    expect(panel.locator(".headline, .preview")).to_be_visible(timeout=LONG)
    expect(panel.get_by_role("alert")).to_have_count(0)


def test_an_explorer_that_ends_and_comes_back(visit: Visits, tmp_path: Path) -> None:
    first = Explorer(tmp_path)
    reader = visit(address=first.address)
    reader.allow(NOBODY, NOT_THERE)
    page = reader.go(f"?{SMALL}&account=null")
    before = figures(page)
    assert first.end() == 0
    page.get_by_role("tab", name="Evidence").click()
    expect(notices(page)).to_contain_text("does not answer")
    says(page, "start qantar explore again")
    reader.picture("wrong-away")
    assert figures(page) == before
    still_plays(page)
    again = Explorer(tmp_path, first.port)
    try:
        assert again.address == first.address
        expect(notices(page)).not_to_contain_text("does not answer")
        # The new one knows nothing of the old one's worlds: they are run again when needed.
        page.get_by_role("combobox", name="Show", exact=True).select_option(label="A single run")
        expect(page.locator("#fan")).to_contain_text("run 1", timeout=LONG)
        page.get_by_role("radio", name="Violence").check(force=True)
        expect(page.locator("#fan")).to_contain_text("Violence, Kazakhstan")
        says(page, "Violence")
    finally:
        assert again.end() == 0


def test_two_tabs_share_their_work(visit: Visits) -> None:
    reader = visit()
    one = reader.go(f"?{CHANGED}&seed=5")
    two = reader.window()
    two.goto(f"{reader.address}/?{CHANGED}&seed=5&hour=60")
    wait_for_world(two)
    for page in (one, two):
        expect(page.locator(".headline, .preview")).to_be_visible(timeout=LONG)
    assert (
        one.locator(".headline, .preview").inner_text()
        == two.locator(".headline, .preview").inner_text()
    )
    still_plays(two)
    assert hour(one) != hour(two)
    still_plays(one)


def test_work_goes_on_when_its_tab_is_closed(visit: Visits) -> None:
    reader = visit()
    page = reader.go("?members=12&seed=7&panel=whatif")
    page.get_by_role("switch", name=SHOOTING).click()
    panel = page.get_by_role("tabpanel", name="What if")
    expect(panel.get_by_role("progressbar")).to_be_visible()
    until(page, lambda: "change=no-shoot-order" in page.url, "the address names the change")
    until(
        page,
        lambda: " of " in (panel.get_by_role("progressbar").get_attribute("aria-valuetext") or ""),
        "pairs are run",
        60,
    )
    page.close(run_before_unload=False)
    reader.page = reader.window()
    page = reader.go(f"?{SMALL}&panel=runs")
    work = page.get_by_role("tabpanel", name="Runs").locator('.jobs a[href*="seed=7"][href*=shoot]')
    expect(work).to_be_visible(timeout=LONG)
    work.click()
    tab(page, "What if")
    expect(page.locator(".headline, .preview")).to_be_visible()
    assert "seed=7" in page.url
