"""Words for the evidence: source badges, links to claims, dates in words, the page's window.

`Reader` gives the names that a page uses for what a ledger holds. `Window` is the run of days that
a page covers: those of the episode that most claims are about.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from qantar.evidence import Claim, Ledger
from qantar.evidence.conflicts import DAY_KINDS, describe
from qantar.evidence.dates import Span, format_span
from qantar.packs.country import Country
from qantar.packs.episode import list_episodes, load_episode
from qantar.reports.style import BLUE, day_span, long_day

_COLOURS = (BLUE, "#8A5A00", "#00664B", "#A33F00", "#8E3B75", "#404040")
"""Darker variants of the colours of Okabe and Ito (2008), with enough contrast for white text."""

_ASIDE = {
    "date": "when",
    "left_office": "given up or taken away",
    "violent": "whether violent",
    "joined": "whether it joined",
    "defected": "whether forces went over",
    "leadership": "who led",
    "onset": "first day of protest",
    "end": "last day of protest",
    "stance": "as a cause",
}

NARROW = dt.timedelta(days=2)
"""A claim that spans more days than this plus one is not about a particular day."""

_FORTNIGHT = 14
_MOST_DAYS = 31
"""Days of a window at most."""


@dataclass(frozen=True)
class SourceBadge:
    """A source as a letter in a colour; the letter alone identifies it."""

    source: str
    letter: str
    colour: str
    short: str
    title: str
    author: str
    date: str
    claims: int


@dataclass(frozen=True)
class ClaimLink:
    """A link to a claim: the letter of its source and the locator in it."""

    claim: str
    letter: str
    colour: str
    locator: str
    title: str


@dataclass(frozen=True)
class Reader:
    """A ledger with the display names of what it holds."""

    ledger: Ledger

    @cached_property
    def badges(self) -> dict[str, SourceBadge]:
        """Every source that has a claim or a table, in the order of the ledger."""
        counts: dict[str, int] = {}
        for claim in self.ledger.claims.values():
            counts[claim.source] = counts.get(claim.source, 0) + 1
        for table in self.ledger.tables.values():
            counts.setdefault(table.header.source, 0)
        order = [*(s for s in self.ledger.sources if s in counts)]
        order += [source for source in counts if source not in order]
        return {source: self._badge(k, source, counts[source]) for k, source in enumerate(order)}

    def _badge(self, number: int, source: str, claims: int) -> SourceBadge:
        known = self.ledger.sources.get(source)
        author, title = (known.author, known.title) if known else ("", source)
        date = known.date if known else ""
        return SourceBadge(
            source=source,
            letter=chr(65 + number) if number < 26 else str(number + 1),
            colour=_COLOURS[number % len(_COLOURS)],
            short=cut(author or title, 26),
            title=title,
            author=author or "no author given",
            date=format_date(date),
            claims=claims,
        )

    def ref(self, claim: Claim | str) -> ClaimLink:
        """Return the link to a claim."""
        found = claim if isinstance(claim, Claim) else self.ledger.claims[claim]
        badge = self.badges[found.source]
        return ClaimLink(found.claim, badge.letter, badge.colour, found.locator, found.paraphrase)

    def refs(self, claims: Iterable[Claim | str]) -> tuple[ClaimLink, ...]:
        """Return the links to claims; a name that is no claim of this ledger has none."""
        held = self.ledger.claims
        return tuple(self.ref(c) for c in claims if isinstance(c, Claim) or c in held)

    def name(self, subject: str) -> str:
        """Return what a subject is called."""
        if subject in self.ledger.causes:
            return self.ledger.causes[subject].title
        entity = self.ledger.entities.by_id.get(subject)
        name = entity.name if entity else subject
        return name[:1].upper() + name[1:]

    def quantity(self, subject: str, predicate: str, item: str = "") -> str:
        """Return a quantity in words: January events: deaths."""
        said = _ASIDE.get(predicate, predicate.replace("_", " "))
        return f"{self.name(subject)}: {said}{f', {item}' if item else ''}"

    def says(self, claim: Claim) -> str:
        """Return what a claim says in a few words."""
        if self.ledger.codebook.kind(claim) in DAY_KINDS:
            part = (
                f", {claim.value}" if claim.value and not self.ledger.codebook.item(claim) else ""
            )
            mark = f" ({claim.basis})" if claim.basis else ""
            return dated(claim) + part + mark
        return describe(claim, self.ledger)

    def place(self, claim: Claim) -> str:
        """Return where a claim is about; nothing for the whole country."""
        country = self.ledger.gazetteer.country
        return "" if claim.places in ((), (country,)) else ", ".join(claim.places)

    def aside(self, claim: Claim) -> str:
        """Return the qualifiers of a claim: who says it, whom it counts, where and as of when."""
        held = f"as of {format_date(claim.as_of)}" if claim.as_of else ""
        firm = claim.modality if claim.modality not in ("stated", "attributed") else ""
        parts = (claim.attributed_to, claim.scope, self.place(claim), claim.stage, held, firm)
        return "; ".join(part for part in parts if part)


def when(span: Span) -> str:
    """Return a period in words: 5 Jan 2022, Jan 2022, 5 to 6 Jan 2022."""
    start, end = span
    if start is None or end is None:
        return format_span(span)
    days = (end - start).days
    if days == 0:
        return _day(start)
    if days < 28:
        return day_span(start, end, _day)
    text = format_span(span)
    if re.fullmatch(r"\d{4}-\d\d", text):
        return f"{start:%b} {start.year}"
    return text if re.fullmatch(r"\d{4}( to \d{4})?", text) else f"{_day(start)} to {_day(end)}"


def dated(claim: Claim) -> str:
    """Return the dates of a claim, no more exact than its source gives them."""
    start, end = claim.dates
    if start is None and end is None:
        return "no date"
    if start is None or end is None:
        text = format_date(claim.date_from or claim.date_to)
        return f"since {text}" if start else f"until {text}"
    if claim.date_from == claim.date_to:
        return format_date(claim.date_from)
    if len(claim.date_from) == len(claim.date_to) == len("2022-01-05"):
        return when(claim.dates)
    return f"{format_date(claim.date_from)} to {format_date(claim.date_to)}"


def format_date(text: str) -> str:
    """Return an ISO date of any precision in words."""
    for form, shown in (("%Y-%m-%d", "{0.day} {0:%b} {0.year}"), ("%Y-%m", "{0:%b} {0.year}")):
        try:
            return shown.format(dt.datetime.strptime(text, form))
        except ValueError:
            continue
    return text or "no date given"


def _day(day: dt.date) -> str:
    return f"{day.day} {day:%b} {day.year}"


def cut(text: str, length: int) -> str:
    """Return a text no longer than so many characters, cut between words."""
    if len(text) <= length:
        return text
    return text[: length - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + " …"


def slug(*parts: str) -> str:
    """Return parts joined so that they can be an id on a page."""
    return re.sub(r"[^\w.-]+", "-", "-".join(part for part in parts if part)).strip("-")


@dataclass(frozen=True)
class Window:
    """A run of days, with a name."""

    title: str
    days: tuple[dt.date, ...]

    @property
    def words(self) -> str:
        """The days in words: 1 to 14 January 2022."""
        return f"{day_span(self.days[0], self.days[-1], long_day)} {self.days[-1].year}"

    def holds(self, claim: Claim) -> bool:
        """Say whether a claim is about one day of these, or about two or three in a row."""
        start, end = claim.dates
        if start is None or end is None or end - start > NARROW:
            return False
        return self.days[0] <= start and end <= self.days[-1]

    def touches(self, claim: Claim) -> bool:
        """Say whether a claim, or the day its figure holds for, lies in the same two months."""
        month = dt.timedelta(days=31)
        days = [claim.dates[0], claim.dates[1], claim.held_on]
        return any(d and self.days[0] - month < d < self.days[-1] + month for d in days)

    def column(self, claim: Claim) -> int:
        """Return which day of the window a claim begins on, from 0."""
        start = claim.dates[0]
        assert start is not None
        return (start - self.days[0]).days


def page_window(country: Country, ledger: Ledger) -> Window | None:
    """Return the window; None if no claim is about a single day.

    It is that of the episode which most claims are about, and the day after it; without an
    episode, the fortnight which most claims are about.
    """
    best, most = None, 0
    for name in list_episodes(country):
        episode = load_episode(country, name)
        days = (episode.last_day - episode.first_day).days + 2
        window = _window(episode.first_day, min(days, _MOST_DAYS), episode.title)
        held = sum(window.holds(claim) for claim in ledger.claims.values())
        if held > most:
            best, most = window, held
    if best is not None:
        return best
    claims_from = Counter(
        claim.dates[0]
        for claim in ledger.claims.values()
        if claim.dates[0] and claim.dates[1] and claim.dates[1] - claim.dates[0] <= NARROW
    )
    windows = [_window(day, _FORTNIGHT, "The days most spoken of") for day in sorted(claims_from)]
    return max(windows, key=lambda w: sum(claims_from[day] for day in w.days), default=None)


def _window(first: dt.date, length: int, title: str) -> Window:
    return Window(title, tuple(first + dt.timedelta(days=k) for k in range(length)))
