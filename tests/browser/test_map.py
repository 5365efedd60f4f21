"""Map, legend, header and progress at several widths."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

pytest.importorskip("playwright")

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Page
    from visits import Visit

Visits = Callable[..., "Visit"]

WIDTHS = {390: 844, 820: 1180, 1280: 800}
BUSY = "?members=12&hour=108"


@pytest.fixture(params=WIDTHS, ids=str)
def page(visit: Visits, request: pytest.FixtureRequest) -> Page:
    """Return the page at a busy hour."""
    width = request.param
    reader = visit(viewport={"width": width, "height": WIDTHS[width]})
    page = reader.go(BUSY)
    page.locator(".legend-circles circle").first.wait_for()
    return page


def test_the_account_menu_shows_whole_names(page: Page) -> None:
    menu = page.locator("#tools .account-menu")
    for name in ("union", "null", "territorial-blind"):
        menu.locator("select").select_option(name)
        shown = menu.locator(".account-name")
        assert shown.inner_text() == name
        assert shown.evaluate("(node) => node.scrollWidth <= node.clientWidth")
        box = shown.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= page.evaluate("innerWidth")
    texts = menu.locator("option").all_inner_texts()
    assert any(text.startswith("null: ") for text in texts)


def test_progress_does_not_cover_the_legend(page: Page) -> None:
    page.locator("#progress").evaluate("(node) => { node.hidden = false; }")
    page.locator(".legend").scroll_into_view_if_needed()
    legend, progress = (page.locator(each).bounding_box() for each in (".legend", "#progress"))
    assert legend is not None
    assert progress is not None
    playbar = page.locator("#playbar").bounding_box()
    assert playbar is not None
    assert progress["y"] >= playbar["y"]
    if page.evaluate("innerWidth") >= 1000:
        assert legend["y"] + legend["height"] <= progress["y"]


def test_the_title_comes_from_the_pack(page: Page) -> None:
    assert page.title() == f"{page.locator('#tagline').inner_text()} | Qantar"
    assert "(Kazakhstan)" in page.title()


def test_busy_regions_are_distinguished(page: Page) -> None:
    fills = page.locator("#map-section g[data-unit^='region:']").evaluate_all(
        "(nodes) => nodes.map((node) => node.getAttribute('fill'))"
    )
    assert len(set(fills)) >= 4
    assert page.locator("svg.map pattern").count() == 0
    bounds = page.locator(".legend-step b").all_inner_texts()
    values = [float(text.replace(",", "")) for text in bounds]
    assert len(values) >= 6
    assert values == sorted(set(values))
    assert "per 100,000 inhabitants" in page.locator(".legend-classes > p").inner_text()


@pytest.mark.parametrize("query", ["layer=deaths&hour=300", "layer=crowd&hour=90"])
def test_circles_of_map_and_legend_have_one_scale(visit: Visits, query: str) -> None:
    """The radius over the root of the value is the same in the legend and on the map."""
    reader = visit()
    page = reader.go(f"?members=12&{query}")
    expect(page.locator(".legend-circles circle").first).to_be_visible()
    ratios = page.locator(".legend-circles circle").evaluate_all(
        "(nodes) => nodes.map((n) => n.getBoundingClientRect().width / Math.sqrt(n.dataset.value))"
    )
    assert ratios == pytest.approx([ratios[0]] * len(ratios), rel=0.02)
    town = page.locator("#map-section [data-unit='place:Almaty'] circle")
    town.locator("..").focus()
    label = town.locator("..").get_attribute("aria-label") or ""
    match = re.search(r"([\d,]+) (?:people|person)", label)
    assert match, label
    value = float(match[1].replace(",", ""))
    width = town.evaluate("(n) => 2 * n.getAttribute('r') * n.getScreenCTM().a")
    assert width / math.sqrt(value) == pytest.approx(ratios[0], rel=0.06)
