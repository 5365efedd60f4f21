"""The five minutes that the explorer is made for, walked by a reader with a mouse."""

from __future__ import annotations

import io
import re
import struct
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pandas as pd
import pytest

pytest.importorskip("playwright")

from playwright.sync_api import Page, expect
from visits import (
    LONG,
    PICTURES,
    Visit,
    figures,
    hour,
    same,
    scrubber,
    stray,
    tab,
    until,
    wait_for_world,
)

pytestmark = pytest.mark.browser

START = "?account=state&members=12&hour=24"
NOON = 108
"""Hour of noon on 5 January."""

FIRST_ACCOUNT = "Protest over prices exploited by trained groups in a coordinated attack"
NEW_ACCOUNT = "Every mechanism asserted by any source"
SHOOTING = "No order to shoot without warning"


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def open_it(reader: Visit) -> None:
    page = reader.go(START)
    expect(page.get_by_role("heading", name="Qantar")).to_be_visible()
    expect(page.locator(".clock")).to_contain_text("Sunday 2 January")
    reader.picture("01-open")


def play_and_pause(reader: Visit) -> None:
    page = reader.page
    button(page, "Play")
    until(page, lambda: hour(page) > 30, "hours pass while it plays")
    asked = len(reader.asked)
    until(page, lambda: hour(page) > 42, "hours pass while it plays")
    assert reader.asked[asked:] == [], "playing asks for nothing"
    button(page, "Pause")
    stopped = hour(page)
    reader.picture("02-paused")
    page.wait_for_timeout(500)
    assert hour(page) == stopped


def go_to_the_fifth(reader: Visit) -> None:
    page = reader.page
    box = scrubber(page).bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] * 0.345, box["y"] + box["height"] / 2)
    expect(page.locator(".clock")).to_contain_text("5 January")
    page.keyboard.press("Home")
    expect(page.locator(".clock")).to_contain_text("Saturday 1 January")
    for _ in range(4):
        page.keyboard.press("PageUp")
    for _ in range(12):
        page.keyboard.press("ArrowRight")
    assert hour(page) == NOON
    expect(page.locator(".clock")).to_contain_text("Wednesday 5 January")
    expect(page.locator(".clock")).to_contain_text("12:00 in Almaty")
    reader.picture("03-fifth-of-january")


def choose_almaty(reader: Visit) -> None:
    page = reader.page
    of_country = figures(page)
    map_ = page.get_by_role("group", name=re.compile("^Map of regions and towns"))
    town = map_.get_by_role("button", name=re.compile(r"^Almaty(:|$)")).locator("circle")
    town.scroll_into_view_if_needed()
    box = town.bounding_box()
    assert box is not None
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".figures-where")).to_contain_text("Almaty:")
    assert figures(page) != of_country
    reader.picture("04-almaty")


def read_its_claims(reader: Visit) -> None:
    page = reader.page
    panel = tab(page, "Evidence")
    expect(panel.get_by_role("heading", name="Almaty, 5 January")).to_be_visible()
    sources = panel.get_by_role("heading", level=4)
    until(page, lambda: sources.count() >= 3, "several sources speak of Almaty on 5 January")
    first = panel.locator(".source-group").first.get_by_role("listitem").first
    expect(first).to_contain_text("at ")
    conflict = panel.locator(".conflict").first
    sides = conflict.locator(".side")
    assert sides.count() >= 2, "a conflict has both its sides"
    said = [side.locator(".side-value").inner_text() for side in sides.all()]
    assert len(set(said)) == len(said)
    for side in sides.all():
        assert side.get_by_role("link").count() >= 1, "every side names its claims"
    first.scroll_into_view_if_needed()
    reader.picture("05-claims")
    conflict.scroll_into_view_if_needed()
    reader.picture("06-conflict")
    claim = first.get_by_role("link").first
    number = claim.inner_text()
    claim.click()
    expect(panel.get_by_role("heading", name=f"Claim {number}")).to_be_visible()
    panel.get_by_role("button", name="Back to Almaty, 5 January").click()
    expect(panel.get_by_role("heading", name="Almaty, 5 January")).to_be_visible()


def switch_account(reader: Visit) -> None:
    page = reader.page
    before = figures(page)
    panel = tab(page, "Accounts")
    panel.get_by_role("radio", name=NEW_ACCOUNT).check()
    until(page, lambda: figures(page) != before, "the other account has other figures", 120)
    expect(page.get_by_role("combobox", name="Account", exact=True)).to_have_value("union")
    panel.get_by_label("Compare with").select_option(label=f"state: {FIRST_ACCOUNT}")
    expect(panel.get_by_role("img", name=re.compile("^Map of “"))).to_have_count(2, timeout=LONG)
    table = panel.get_by_role("table", name="Both worlds in numbers")
    expect(table.get_by_role("columnheader")).to_have_count(2)
    expect(panel.get_by_role("heading", name="Which account do the facts support?")).to_be_visible()
    expect(panel.get_by_role("heading", name="Reliability of these shares")).to_be_visible()
    table.scroll_into_view_if_needed()
    reader.picture("07-accounts")


def forbid_the_shooting(reader: Visit) -> None:
    page = reader.page
    panel = tab(page, "What if")
    before = figures(page)
    switch = panel.get_by_role("switch", name=SHOOTING)
    switch.click()
    expect(switch).to_be_checked()
    # The second screen finds the world of the first: nothing is run twice.
    if reader.screen == "wide":
        expect(panel.get_by_role("progressbar")).to_be_visible()
        reader.picture("08-progress")
        assert figures(page) == before, "what was there stays until the result has come"
    expect(panel.locator(".preview")).to_contain_text("Preview: only", timeout=LONG)
    expect(panel.locator(".preview")).to_contain_text("90 % interval")
    expect(panel.locator(".headline")).to_have_count(0)
    map_shows = panel.get_by_role("group", name="Map shows")
    expect(map_shows.get_by_role("radio", name="Difference")).to_be_checked()
    see = panel.get_by_role("button", name="Show result")
    if see.is_visible():
        see.click()
    reader.picture("09-difference")


def see_both_worlds(reader: Visit) -> None:
    page = reader.page
    worlds = page.locator("#map-section").get_by_role("group", name="World")
    key = page.locator("#fan")
    told = {"Baseline (model)": "With the change", "With the change": "Baseline (model)"}
    for name in ("Baseline (model)", "With the change", "Difference"):
        worlds.get_by_text(name, exact=True).click()
        expect(worlds.get_by_role("radio", name=name)).to_be_checked()
        expect(key).to_contain_text(told.get(name, "mean difference"))
        reader.picture(f"10-{name.lower().replace(' ', '-')}")


def open_the_chain(reader: Visit) -> None:
    panel = reader.page.get_by_role("tabpanel", name="What if")
    panel.get_by_text("Causal chain", exact=True).click()
    steps = panel.locator("ol.chain").get_by_role("listitem")
    assert steps.count() >= 4
    expect(steps.first).to_contain_text("first differs around")
    steps.first.scroll_into_view_if_needed()
    reader.picture("11-chain")


def shown(page: Page) -> dict[str, object]:
    """Return what a reader sees of a state."""
    panel = page.get_by_role("tabpanel", name="What if")
    return {
        "account": page.get_by_role("combobox", name="Account", exact=True).input_value(),
        "clock": page.locator(".clock").inner_text(),
        "place": page.locator(".figures-where").inner_text(),
        "figures": figures(page),
        "switches": panel.get_by_role("switch", checked=True).all_inner_texts(),
        "result": panel.locator(".preview").inner_text(),
        "layer": page.locator(".chips-layer input:checked").input_value(),
        "side": page.locator(".chips-side input:checked").input_value(),
    }


def share(reader: Visit, visit: Callable[..., Visit]) -> str:
    page = reader.page
    reader.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button(page, "Share")
    dialog = page.get_by_role("dialog", name="Share this view")
    field = dialog.get_by_role("textbox", name="Link")
    link = field.input_value()
    dialog.get_by_role("button", name="Copy").first.click()
    expect(dialog.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == link
    reader.picture("12-share")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_be_hidden()
    other = visit(reader.screen)
    other.page.goto(link)
    wait_for_world(other.page)
    other.page.locator(".preview").wait_for()
    same(other.page, shown(page), shown)
    other.picture("13-restored")
    return urlsplit(link).query


def saved(reader: Visit, entry: str) -> bytes:
    """Click an entry of the open menu; return the file that it gives."""
    with reader.page.expect_download() as waiting:
        button(reader.page, entry)
    return Path(waiting.value.path()).read_bytes()


def rounded(value: float) -> str:
    """Return a count as the page writes it."""
    kept = float(f"{value:.2g}") if value >= 100 else int(value + 0.5)
    return f"{kept:,.0f}"


def table(content: bytes) -> pd.DataFrame:
    return pd.read_csv(io.BytesIO(content), comment="#")


def download(reader: Visit, query: str) -> None:
    page = reader.page
    button(page, "Download")
    reader.picture("14-download")
    png = saved(reader, "Map, PNG")
    (PICTURES / f"{reader.screen}-figure-map.png").write_bytes(png)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", png[16:24])
    assert width == 2400
    assert 1200 < height < 3200
    for drawing in ("Map", "Timeline"):
        drawn = ET.fromstring(saved(reader, f"{drawing}, SVG"))
        words = " ".join(" ".join(drawn.itertext()).split())
        assert "Cite:" in words
        assert query in words.replace(" ", "")
    check_hours(reader)
    check_differences(reader)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Map, PNG")).to_be_hidden()


def check_hours(reader: Visit) -> None:
    """The row of the hour holds what stands beside the clock: the changed world's crowd."""
    page = reader.page
    content = saved(reader, "Hours of the selected place, CSV")
    assert b"# Cite:" in content
    # The map shows the difference, and so does the table.
    row = table(content).set_index("hour").loc[NOON]
    assert str(row["time"]).startswith("2022-01-05T12:00")
    page.locator(".chips-side").get_by_text("With the change", exact=True).click()
    until(
        page,
        lambda: "with the change" in page.locator(".figures-where").inner_text(),
        "the changed world",
    )
    content = saved_again(reader, "Hours of the selected place, CSV")
    row = table(content).set_index("hour").loc[NOON]
    shown_now = figures(page)
    assert shown_now[0] == rounded(row["q50"])
    low, high = rounded(row["q05"]), rounded(row["q95"])
    assert low == high or shown_now[1] == f"{low} to {high}"


def saved_again(reader: Visit, entry: str) -> bytes:
    """Like `saved`, where a click beside the menu may have closed it."""
    if not reader.page.get_by_role("button", name=entry, exact=True).is_visible():
        button(reader.page, "Download")
    return saved(reader, entry)


def check_differences(reader: Visit) -> None:
    """The table gives the same difference in deaths as the preview."""
    found = table(saved_again(reader, "Differences, CSV"))
    deaths = found[(found["quantity"] == "deaths") & (found["level"] == "country")].iloc[0]
    _, mean, _, *interval, baseline = numbers(reader.page.locator(".preview").inner_text())
    assert mean == pytest.approx(abs(deaths["difference"]), rel=0.06, abs=0.06)
    reach = [abs(deaths[end]) for end in ("low", "high")]
    assert interval == pytest.approx(reach, rel=0.06, abs=0.06)
    assert baseline == pytest.approx(deaths["baseline"], rel=0.06)


def numbers(text: str) -> list[float]:
    """Return the numbers of a sentence."""
    return [float(each) for each in re.findall(r"\d+(?:\.\d+)?", text.replace(",", ""))]


WALK = (
    open_it,
    play_and_pause,
    go_to_the_fifth,
    choose_almaty,
    read_its_claims,
    switch_account,
    forbid_the_shooting,
    see_both_worlds,
    open_the_chain,
)


@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_the_five_minute_story(visit: Callable[..., Visit], screen: str) -> None:
    reader = visit(screen)
    for step in WALK:
        step(reader)
        assert stray(reader.page) == []
    query = share(reader, visit)
    download(reader, query)


def test_the_bare_address_opens_at_the_beginning(visit: Callable[..., Visit]) -> None:
    reader = visit()
    page = reader.page
    page.goto(reader.address)
    expect(page.locator(".clock")).to_contain_text("Sunday 2 January")
    expect(page.get_by_role("group", name=re.compile("^Map of regions"))).to_be_visible()
    wait_for_world(page)


def test_a_run_is_kept_opened_compared_and_deleted(visit: Callable[..., Visit]) -> None:
    reader = visit()
    page = reader.go("?members=4&account=null&hour=90")
    live = figures(page)
    panel = tab(page, "Runs")
    panel.get_by_role("button", name="Save as a run directory").click()
    opens = panel.get_by_role("button", name=re.compile(r"^Open (?!broken)"))
    expect(opens).to_have_count(1, timeout=LONG)
    opens.click()
    until(page, lambda: "run=" in page.url, "the address names the run")
    expect(panel.get_by_role("button", name="Back to live worlds")).to_be_visible()
    wait_for_world(page)
    assert figures(page)[:4] == live[:4], "a kept world has the numbers of the live one"
    panel.get_by_role("button", name="Back to live worlds").click()
    panel.get_by_role("button", name=re.compile(r"^Compare with (?!broken)")).click()
    expect(panel.get_by_role("img", name=re.compile("^Map of “"))).to_have_count(2)
    reader.picture("15-runs")
    panel.get_by_role("button", name=re.compile(r"^Delete (?!broken)")).first.click()
    dialog = page.get_by_role("dialog", name="Delete this run directory?")
    dialog.get_by_role("button", name="Cancel").click()
    expect(opens).to_have_count(1)
    panel.get_by_role("button", name=re.compile(r"^Delete (?!broken)")).first.click()
    dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(opens).to_have_count(0)
