"""The days that a page looks at: those of the episode that most claims are about."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass

from qantar.country.pack import Country
from qantar.evidence import Claim, Ledger
from qantar.scenario.episode import list_episodes, load_episode
from qantar.view.style import day_span, long_day

NARROW = dt.timedelta(days=2)
"""A claim that spans more days than these and one is about no day in particular."""

_LENGTH = 14
_MOST = 31


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


def window_of(country: Country, ledger: Ledger) -> Window | None:
    """Return the window; None if no claim is about a single day.

    It is that of the episode which most claims are about, and the day after it; without an
    episode, the fortnight which most claims are about.
    """
    found = []
    for name in list_episodes(country):
        episode = load_episode(country, name)
        days = (episode.last_day - episode.first_day).days + 2
        found.append(_from(episode.first_day, min(days, _MOST), episode.title))
    best = max(found, key=lambda w: _held(w, ledger), default=None)
    return best if best and _held(best, ledger) else _fullest(ledger)


def _held(window: Window, ledger: Ledger) -> int:
    return sum(window.holds(claim) for claim in ledger.claims.values())


def _fullest(ledger: Ledger) -> Window | None:
    dated = Counter(
        claim.dates[0]
        for claim in ledger.claims.values()
        if claim.dates[0] and claim.dates[1] and claim.dates[1] - claim.dates[0] <= NARROW
    )
    if not dated:
        return None
    windows = [_from(day, _LENGTH, "The days most spoken of") for day in sorted(dated)]
    return max(windows, key=lambda w: sum(dated[day] for day in w.days))


def _from(first: dt.date, length: int, title: str) -> Window:
    return Window(title, tuple(first + dt.timedelta(days=k) for k in range(length)))
