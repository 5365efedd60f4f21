"""The page for those who see, move or read differently: judged by axe-core, keys and sizes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright")
pytest.importorskip("axe_playwright_python")

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from visits import LONG, ROOT, Visit, figures, hour, scrubber, stray, tab, until, wait_for_world

pytestmark = pytest.mark.browser

Visits = Callable[..., Visit]

PANELS = ("Story", "Years", "State", "Evidence", "Accounts", "What if", "Runs")
FULL = "?members=4&rival=null&unit=place:Almaty&change=no-shoot-order&side=difference"
SMALL = "?members=4"
TEXTS = ROOT / "src" / "qantar" / "explorer" / "page" / "texts"
MOST_STOPS = 250
"""More presses of Tab than any page of ours has stops."""

FOCUS = """() => {
  const node = document.activeElement;
  if (!node || node === document.body) return null;
  const style = getComputedStyle(node);
  const drawn = node.matches('.map-unit') ? node.querySelector('circle') ?? node : node;
  const box = drawn.getBoundingClientRect();
  const edge = node.matches('.map-unit')
    ? parseFloat(getComputedStyle(node.querySelector('path, circle')).strokeWidth) >= 3
    : style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
  const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const [x, y] = [box.left + box.width / 2, box.top + Math.min(box.height / 2, 20)];
  const top = document.elementFromPoint(
    Math.min(Math.max(x, 1), innerWidth - 1), Math.min(Math.max(y, 1), innerHeight - 1));
  const dock = top?.closest('.dock, .playbar');
  const covered = Boolean(dock) && !dock.contains(node);
  return {
    name: (node.getAttribute('aria-label') ?? node.innerText ?? '').slice(0, 60) || node.tagName,
    what: `${node.tagName.toLowerCase()}#${node.id}.${node.getAttribute('class') ?? ''}`,
    edge, inside, covered,
  };
}"""
"""The focused element, and whether it is marked, inside the window and not behind the controls."""

FADES = """() => Promise.all(document.getAnimations()
  .filter((each) => each.effect.getComputedTiming().endTime !== Infinity)
  .map((each) => each.finished.catch(() => null)))"""
"""Wait until every animation that ends has ended."""


def judged(page: Page, where: str) -> list[str]:
    """Return what axe-core finds serious, in readable lines; no judgement of a half-faded text."""
    page.evaluate(FADES)
    found = Axe().run(page).response["violations"]
    severe = [each for each in found if each["impact"] in ("serious", "critical")]
    return [
        f"{where}: {each['impact']}: {each['help']} ({each['id']}): "
        + "; ".join(" ".join(map(str, node["target"])) for node in each["nodes"][:4])
        for each in severe
    ]


@pytest.mark.parametrize("screen", ["wide", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit: Visits, screen: str, scheme: str) -> None:
    reader = visit(screen, color_scheme=scheme)
    page = reader.go(FULL)
    found: list[str] = []
    for name in PANELS:
        panel = tab(page, name)
        settled(page, name)
        panel.locator("details").evaluate_all("(nodes) => nodes.forEach((n) => { n.open = true; })")
        found += judged(page, f"{screen}, {scheme}, {name}")
        reader.picture(f"panel-{name.lower().replace(' ', '-')}-{scheme}", whole=screen == "phone")
    page.get_by_role("button", name=re.compile("^Delete broken-run")).click()
    found += judged(page, f"{screen}, {scheme}, dialog of deletion")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Share", exact=True).click()
    expect(page.get_by_role("textbox", name="Link")).to_be_visible()
    found += judged(page, f"{screen}, {scheme}, dialog of sharing")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Download", exact=True).click()
    found += judged(page, f"{screen}, {scheme}, menu of downloads")
    assert not found, "\n".join(found)


def settled(page: Page, name: str) -> None:
    """Wait until a panel has what it shows."""
    panel = page.get_by_role("tabpanel", name=name, exact=True)
    if name == "Years":
        expect(panel.locator(".years-chart svg").first).to_be_visible(timeout=LONG)
    elif name == "State":
        expect(panel.locator(".lives svg").first).to_be_visible()
    elif name == "Evidence":
        expect(panel.locator(".claim").first).to_be_visible()
    elif name == "Accounts":
        expect(panel.get_by_role("img", name=re.compile("^Map of “"))).to_have_count(
            2, timeout=LONG
        )
        expect(panel.locator(".compared h3").first).to_be_visible()
    elif name == "What if":
        expect(panel.locator(".headline, .preview")).to_be_visible(timeout=LONG)
    elif name == "Runs":
        expect(panel.get_by_role("button", name=re.compile("^Delete broken-run"))).to_be_visible()


def walk(page: Page) -> list[dict[str, Any]]:
    """Press Tab from the first stop until it returns to the first; return the stops."""
    stops: list[dict[str, Any]] = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if stops and (
            at is None or (at["what"] == stops[0]["what"] and at["name"] == stops[0]["name"])
        ):
            return stops
        if at is not None:
            stops.append(at)
    raise AssertionError(f"the focus does not return: {[each['name'] for each in stops[-8:]]}")


@pytest.mark.parametrize("screen", ["wide", "phone"])
@pytest.mark.parametrize("panel", ["story", "whatif"])
def test_the_focus_is_seen_and_never_trapped(visit: Visits, screen: str, panel: str) -> None:
    page = visit(screen).go(f"{SMALL}&panel={panel}")
    stops = walk(page)
    assert stops[0]["name"] == "Skip to the map"
    names = " | ".join(each["name"] for each in stops)
    for wanted in ("Share", "Download", "Play", "Hour"):
        assert wanted in names
    assert [each for each in stops if not each["edge"]] == [], "focus without a mark"
    assert [each for each in stops if not each["inside"]] == [], "focus outside the window"
    assert [each for each in stops if each["covered"]] == [], "focus behind the controls of time"


def focus_on(page: Page, wanted: str) -> None:
    """Press Tab until the focus is on what has this name."""
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        at = page.evaluate(FOCUS)
        if at is not None and re.search(wanted, at["name"]):
            return
    raise AssertionError(f"Tab does not come to {wanted}")


def test_everything_by_keyboard(visit: Visits) -> None:
    page = visit().go(SMALL)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the map")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the map")).to_be_in_viewport()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    focus_on(page, "^Play$")
    page.keyboard.press("Space")
    until(page, lambda: hour(page) > 110, "hours pass")
    expect(page.get_by_role("button", name="Pause", exact=True)).to_be_focused()
    page.keyboard.press("Space")
    move_on_the_map(page)
    page.get_by_role("tab", name="Story").focus()
    for name in PANELS[1:6]:
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    focus_on(page, "^No order to shoot")
    switch = page.get_by_role("switch", name="No order to shoot without warning")
    page.keyboard.press("Space")
    expect(switch).to_be_checked()
    page.keyboard.press("Space")
    expect(switch).not_to_be_checked()


def move_on_the_map(page: Page) -> None:
    """Go from region to region with arrows, and choose the last with Enter."""
    map_ = page.get_by_role("group", name=re.compile("^Map of regions and towns"))
    focus_on(page, r"in the street \(")
    seen = []
    for key in ("ArrowRight", "ArrowDown", "ArrowRight", "ArrowUp"):
        page.keyboard.press(key)
        seen.append(page.evaluate(FOCUS)["name"])
        expect(page.locator(".map-tip")).to_be_visible()
    assert all(one != next_ for one, next_ in pairwise(seen)), seen
    assert len(set(seen)) >= 3, seen
    chosen = seen[-1].split(":")[0].removesuffix(" region")
    page.keyboard.press("Enter")
    expect(page.locator(".figures-where")).to_contain_text(f"{chosen}: median")
    expect(map_.locator(":focus")).to_have_count(1)


@pytest.mark.parametrize("size", [(680, 450), (320, 640)], ids=["200 per cent", "320 pixels"])
def test_no_sideways_scrolling(visit: Visits, size: tuple[int, int]) -> None:
    reader = visit("wide", viewport={"width": size[0], "height": size[1]})
    page = reader.go(FULL)
    too_wide = {}
    for name in PANELS:
        tab(page, name)
        settled(page, name)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            too_wide[name] = wide
        reader.picture(f"narrow-{size[0]}-{name.lower().replace(' ', '-')}")
    assert too_wide == {}
    play = page.get_by_role("button", name="Play", exact=True)
    expect(play).to_be_in_viewport()
    for name in ("Share", "Download"):
        page.get_by_role("button", name=name, exact=True).click()
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
        reader.picture(f"narrow-{size[0]}-{name.lower()}")
        page.keyboard.press("Escape")


def test_with_reduced_motion_nothing_moves_by_itself(visit: Visits) -> None:
    page = visit(reduced_motion="reduce").go(SMALL)
    moving = """() => document.getAnimations().filter((each) => {
      const { duration, iterations } = each.effect.getComputedTiming();
      return each.playState === 'running' && duration * iterations > 20;
    }).length"""
    start = hour(page)
    for name in PANELS:
        tab(page, name)
        assert page.evaluate(moving) == 0
    page.wait_for_timeout(700)
    assert hour(page) == start
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, lambda: hour(page) != start, "the next day comes")
    assert hour(page) == start + 24, "a day at a time, not hour by hour"
    page.get_by_role("button", name="Pause", exact=True).click()


def brightness(page: Page) -> int:
    """Return how bright the page is, from 0 to 255."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return max(int(part) for part in re.findall(r"\d+", colour)[:3])


def test_light_and_dark(visit: Visits) -> None:
    reader = visit(color_scheme="dark")
    page = reader.go(SMALL)
    assert brightness(page) < 60
    reader.picture("dark")
    page.get_by_role("button", name="Light", exact=True).click()
    assert brightness(page) > 230
    page.reload()
    wait_for_world(page)
    assert brightness(page) > 230, "the choice is kept"
    page.get_by_role("button", name="Dark", exact=True).click()
    assert brightness(page) < 60


def phrases(lang: str) -> set[str]:
    """Return the texts of a language that stand as they are, without anything filled in."""
    found: set[str] = set()

    def collect(tree: object) -> None:
        if isinstance(tree, dict):
            for value in tree.values():
                collect(value)
        elif isinstance(tree, str) and "{" not in tree and re.search("[A-Za-z]{3}", tree):
            found.add(tree)

    for name in (f"{lang}.json", f"{lang}-panels.json"):
        path = Path(TEXTS / name)
        if path.is_file():
            collect(json.loads(path.read_text(encoding="utf-8")))
    return found


CONTROLS = (
    "button, [role=tab], summary, legend, label > span, h2, h3, th, dt, option, "
    "[aria-label], [placeholder]"
)


def spoken(page: Page) -> set[str]:
    """Return the texts and names of the controls and headings on the page."""
    read = """(nodes) => nodes.flatMap((node) => [
      node.getAttribute('aria-label'), node.getAttribute('placeholder'),
      node.textContent.trim()])"""
    said = page.locator(CONTROLS).evaluate_all(read)
    return {text for text in said if text}


@pytest.mark.parametrize(
    ("lang", "name", "day"), [("ru", "Русский", "января"), ("kk", "Қазақша", "қаңтар")]
)
def test_another_language(visit: Visits, lang: str, name: str, day: str) -> None:
    reader = visit()
    page = reader.go(SMALL)
    page.get_by_role("combobox", name="Language").select_option(label=name)
    expect(page.locator("html")).to_have_attribute("lang", lang)
    wait_for_world(page)
    assert f"lang={lang}" in page.url
    english = phrases("en") - phrases(lang)
    left: set[str] = set()
    for number in range(len(PANELS)):
        page.get_by_role("tab").nth(number).click()
        if number == 1:
            expect(page.locator(".claim").first).to_be_visible()
        left |= spoken(page) & english
        reader.picture(f"{lang}-panel-{number}")
        assert stray(page) == []
    assert left == set()
    expect(page.locator(".clock")).to_contain_text(re.compile(day, re.IGNORECASE))


def test_playing_asks_for_nothing(visit: Visits) -> None:
    reader = visit()
    page = reader.go(f"{SMALL}&hour=48")
    page.get_by_role("button", name="Play", exact=True).click()
    until(page, lambda: hour(page) > 54, "hours pass")
    asked = len(reader.asked)
    first = figures(page)
    until(page, lambda: hour(page) > 90, "hours pass")
    assert figures(page) != first
    assert reader.asked[asked:] == []
    scrubber(page).focus()
    page.keyboard.press("End")
    assert reader.asked[asked:] == []
