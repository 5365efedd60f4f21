"""What is shown before all members have been run: the shipped world, and the first members."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect
from visits import LONG, Explorer, Visit, figures, tab, until, wait_for_world

pytestmark = pytest.mark.browser

SHOOTING = "No order to shoot without warning"


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_the_shipped_world_needs_no_run(visit: Callable[..., Visit], screen: str) -> None:
    reader = visit(screen)
    page = reader.go()
    progress = page.locator("#progress")
    expect(progress).to_contain_text("Precomputed, shipped with Qantar")
    expect(progress.locator("progress")).to_be_hidden()
    reader.picture("shipped", whole=False)
    assert not [url for url in reader.asked if "/api/jobs/" in url]


def test_single_members_of_the_shipped_world_are_run(
    visit: Callable[..., Visit], tmp_path: Path
) -> None:
    explorer = Explorer(tmp_path)  # its own: in the other one this world would then be complete
    reader = visit(address=explorer.address)
    page = reader.go("?hour=108")
    shown = figures(page)
    expect(page.locator("#progress")).to_contain_text("Precomputed")
    page.locator(".show select").select_option("member")
    until(page, lambda: any("/members/base/0/" in url for url in reader.asked), "a member", 120)
    expect(page.locator("#progress")).to_be_hidden()
    page.locator(".show select").select_option("median")
    until(page, lambda: figures(page) == shown, "the figures of all members are the same")
    page.close()
    assert explorer.end() == 0


def test_a_world_is_shown_while_its_members_are_run(visit: Callable[..., Visit]) -> None:
    reader = visit()
    page = reader.page
    page.goto(f"{reader.address}/?account=null&members=200&seed=8&hour=108")
    wait_for_world(page, whole=False)
    progress = page.locator("#progress")
    expect(progress).to_contain_text(re.compile(r"\d+ of 200 members"))
    reader.picture("members-so-far")
    tab(page, "Runs").get_by_role("button", name="Stop").first.click()
    expect(progress).to_contain_text(re.compile(r"Preliminary: \d+ of 200 members"))


def test_a_what_if_is_preliminary_until_all_pairs_are_run(visit: Callable[..., Visit]) -> None:
    reader = visit()
    page = reader.go("?members=40&seed=9&hour=160&account=null&panel=whatif")
    panel = tab(page, "What if")
    panel.get_by_role("switch", name=SHOOTING).click()
    stamp = panel.locator(".preliminary")
    expect(stamp).to_contain_text(re.compile(r"Preliminary: \d+ of 40 pairs"), timeout=LONG)
    reader.picture("pairs-so-far")
    assert panel.locator(".headline, tr.clear").count() == 0
    expect(panel.locator(".status")).to_contain_text("Result ready", timeout=LONG)
    expect(stamp).to_have_count(0)
