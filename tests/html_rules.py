"""Rules of HTML that our pages have broken or may break, without a full validator."""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

Attributes = list[tuple[str, str | None]]

VOID = frozenset({"br", "col", "hr", "img", "input", "link", "meta"})
HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
FLOW_ONLY = HEADINGS | {
    "address", "article", "aside", "blockquote", "details", "div", "dl", "fieldset", "figure",
    "footer", "form", "header", "hr", "main", "nav", "ol", "p", "pre", "section", "table", "ul",
}  # fmt: skip
"""Elements that may not stand among words: most of them end an open paragraph."""

PHRASING_ONLY = HEADINGS | {
    "abbr", "b", "code", "dt", "em", "i", "label", "p", "small", "span", "strong", "sub", "sup",
}  # fmt: skip
"""Elements that may hold words and what stands among them, and nothing else."""

NAMELESS = frozenset(
    {"abbr", "b", "code", "div", "em", "i", "p", "small", "span", "strong", "sub", "sup"}
)
"""Elements that assistive technology gives no name, unless they have a role."""

INTERACTIVE = frozenset({"a", "button", "input", "select", "summary", "textarea"})


class _Checker(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.faults: list[str] = []
        self.ids: Counter[str] = Counter()
        self.targets: set[str] = set()

    def handle_starttag(self, tag: str, attrs: Attributes) -> None:
        self._check(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Attributes) -> None:
        self._check(tag, attrs)
        if tag not in VOID and "svg" not in self.open:
            self._fault(f"<{tag}/> does not close itself")

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self._fault(f"</{tag}> ends no open <{tag}>")
        if tag in self.open:
            del self.open[len(self.open) - 1 - self.open[::-1].index(tag) :]

    def _check(self, tag: str, attrs: Attributes) -> None:
        own = dict(attrs)
        if len(own) < len(attrs):
            self._fault(f"<{tag}> has an attribute twice")
        self.ids.update([own["id"]] if own.get("id") else [])
        link = own.get("href") or ""
        self.targets.update([link[1:]] if link.startswith("#") and len(link) > 1 else [])
        if "svg" in self.open:
            return
        if own.get("aria-label") and tag in NAMELESS and not own.get("role"):
            self._fault(f"aria-label on a plain <{tag}>")
        if tag in FLOW_ONLY:
            self._refuse(tag, PHRASING_ONLY)
        if tag in INTERACTIVE:
            self._refuse(tag, INTERACTIVE)

    def _refuse(self, tag: str, holders: frozenset[str]) -> None:
        for holder in sorted(holders & set(self.open)):
            self._fault(f"<{tag}> inside <{holder}>")

    def _fault(self, text: str) -> None:
        line, column = self.getpos()
        self.faults.append(f"{line}:{column}: {text}")


def html_faults(page: str) -> list[str]:
    """Return what is wrong with a page, each with line and column; nothing if it is sound."""
    checker = _Checker()
    checker.feed(page)
    checker.close()
    faults = [*checker.faults, *(f"<{tag}> is never closed" for tag in checker.open)]
    faults += [f"id {name!r} stands {n} times" for name, n in checker.ids.items() if n > 1]
    faults += [f"#{name} leads nowhere" for name in sorted(checker.targets - set(checker.ids))]
    return faults


def assert_self_contained(page: str, links: tuple[str, ...] = ("#",)) -> None:
    """A page fetches nothing and runs nothing; its links begin with one of `links`."""
    assert "<script" not in page
    assert "@import" not in page
    assert not re.findall(r"<(?:img|link|iframe|object)\b", page)
    for address in re.findall(r"""(?:src|href)\s*=\s*["']([^"']*)""", page):
        assert address.startswith(links)
    for address in re.findall(r"url\(([^)]*)\)", page):
        assert address.startswith("#")


def assert_references_resolve(page: str) -> None:
    """No id appears twice, and every reference inside the page leads to one."""
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    wanted = re.findall(r'href="#([^"]+)"', page) + re.findall(r"url\(#([^)]+)\)", page)
    assert set(wanted) <= set(ids)


def assert_headings_in_order(page: str) -> None:
    """One first heading, no level left out, and every cell of a table's head has a scope."""
    levels = [int(level) for level in re.findall(r"<h([1-6])\b", page)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert all("scope=" in head for head in re.findall(r"<th\b[^>]*>", page))
