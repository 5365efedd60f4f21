"""The evidence behind a place, a day or a number: claims by source, conflicts and targets."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from qantar.country.pack import Country
from qantar.errors import QantarError
from qantar.evidence import Claim, Ledger, find_conflicts
from qantar.explorer.evidence_rows import (
    by_claim,
    claim_row,
    conflict_row,
    disputes_of,
    entries_of,
    goals_of,
    target_row,
)
from qantar.explorer.sought import Unit, check_limit, days_asked, unit_asked, unknown
from qantar.scenario.episode import Episode
from qantar.study.run import load_evidence
from qantar.view.evidence.names import Reader
from qantar.view.evidence.window import NARROW


class Evidence:
    """The ledger of a country and the targets of an episode, ready to be searched.

    Parameters
    ----------
    country : Country
    episode : Episode

    Raises
    ------
    QantarError
        If the pack brings no evidence.
    FileError
        If a claim or a target rests on something that does not exist.

    Attributes
    ----------
    ledger : Ledger
    reader : Reader
        Letters of the sources, and words for what claims say.
    conflicts : tuple of Conflict
    targets : tuple of Reconciled
        Of the episode.
    """

    ledger: Ledger

    def __init__(self, country: Country, episode: Episode) -> None:
        ledger, targets = load_evidence(country, episode)
        if ledger is None:
            raise QantarError(
                f"the pack {country.header.name!r} brings no evidence",
                expected="a folder evidence/ with claims/, entities.csv and causes.yaml",
                mend="packs/template/evidence shows the smallest one",
            )
        self.country, self.episode = country, episode
        self.ledger, self.targets = ledger, targets
        self.reader = Reader(ledger)
        self.conflicts = find_conflicts(ledger)
        self._entries = entries_of(self.reader)
        self._disputes = disputes_of(self.reader, self.conflicts)
        self._goals = goals_of(self.reader, episode.name, targets)
        self._conflicts_of = by_claim((name, c.claims) for name, (_, c) in self._disputes.items())
        self._targets_of = by_claim((name, r.used) for name, (_, r) in self._goals.items())
        self._words, self._ranks = self._all_words(), self._all_ranks()
        self._inside: dict[str, frozenset[str]] = {}

    def find(
        self,
        unit: str | None = None,
        day: str | None = None,
        from_hour: int | None = None,
        to_hour: int | None = None,
        claim: str | None = None,
        target: str | None = None,
        source: str | None = None,
        text: str | None = None,
        limit: int = 50,
    ) -> dict[str, Any]:
        """Return the claims that answer every condition given, with what they are part of.

        Parameters
        ----------
        unit : str, optional
            ``place:Almaty``, ``region:Mangystau``: claims about anywhere inside it. The country
            stands for all claims.
        day : str, optional
            A day, month or year (ISO) that the claims are about; it goes before hours.
        from_hour, to_hour : int, optional
            Hours of the episode, the last not included; whole days are looked at.
        claim : str, optional
            The id of one claim.
        target : str, optional
            A target of the episode: the claims behind it and those that it sets aside.
        source : str, optional
            A source by its id or its letter.
        text : str, optional
            Words that a claim must hold, all of them.
        limit : int
            Most claims returned; ``total`` tells how many there are.

        Returns
        -------
        dict
            ``claims``, ``total``, ``by_source`` (how many of them are of each source, by its id),
            ``conflicts`` and ``targets``. A conflict always comes with all
            its sides, and a target with all its claims, whatever was asked for.

        Raises
        ------
        QantarError
            If a unit, day, claim, target or source does not exist; the nearest is offered.
        """
        check_limit(limit)
        period = days_asked(self.episode, day, from_hour, to_hour)
        place = unit_asked(self.country, self.ledger, unit) if unit else None
        names = self._named(claim, target)
        found = [each for each in self._inside_of(place) if names is None or each.claim in names]
        if period is not None:
            found = [each for each in found if each.happens_in((period.first, period.last))]
        if source:
            own = self._source(source)
            found = [each for each in found if each.source == own]
        if text:
            words = text.casefold().split()
            found = [each for each in found if all(w in self._words[each.claim] for w in words)]
        if target:
            goals = [target]
        else:
            goals = self._goals_about(found, claim, place if period is None else None)
        return {
            "claims": [self._claim(each) for each in self._in_turn(found)[:limit]],
            "total": len(found),
            "by_source": dict(Counter(each.source for each in found)),
            "conflicts": self._conflicts(found),
            "targets": [target_row(*self._goals[name], self.episode.first_day) for name in goals],
        }

    def _in_turn(self, claims: list[Claim]) -> list[Claim]:
        """Return claims with those of the episode first, a claim of every source in turn.

        One source has most of the claims; without turns a short list would show it alone.
        """
        turns: Counter[tuple[bool, str]] = Counter()
        placed = []
        for claim in sorted(claims, key=lambda each: self._ranks[each.claim]):
            late = self._ranks[claim.claim][0]
            turns[late, claim.source] += 1
            placed.append((late, turns[late, claim.source], claim))
        return [claim for *_, claim in sorted(placed, key=lambda each: each[:2])]

    def _named(self, claim: str | None, target: str | None) -> set[str] | None:
        """Return the claims that are named one by one or by their target; None for any."""
        asked: list[set[str]] = []
        if claim:
            if claim not in self.ledger.claims:
                raise unknown("claim", claim, self.ledger.claims)
            asked.append({claim})
        if target:
            if target not in self._goals:
                raise unknown("target", target, self._goals, next(iter(self._goals), ""))
            _, made = self._goals[target]
            asked.append({*(each.claim for each in made.used), *made.set_aside})
        return set.intersection(*asked) if asked else None

    def _inside_of(self, place: Unit | None) -> list[Claim]:
        """Return the claims about anywhere inside a unit, in the order of the ledger."""
        claims = self.ledger.claims
        if place is None or place.kind == "country":
            return list(claims.values())
        if place.area not in self._inside:
            self._inside[place.area] = frozenset(self.ledger.select(place=place.area).claims)
        return [each for each in claims.values() if each.claim in self._inside[place.area]]

    def _source(self, source: str) -> str:
        letters = {badge.letter: badge.source for badge in self.reader.badges.values()}
        own = letters.get(source, source)
        if own not in self.reader.badges:
            raise unknown("source", source, [*self.reader.badges, *letters], next(iter(letters)))
        return own

    def _all_words(self) -> dict[str, str]:
        """Everything that a claim says of itself, in small letters."""
        return {
            name: " ".join(
                (
                    name, claim.paraphrase, claim.value, claim.note, claim.place,
                    claim.attributed_to, self._entries[name].about,
                )
            ).casefold()
            for name, claim in self.ledger.claims.items()
        }  # fmt: skip

    def _all_ranks(self) -> dict[str, tuple[bool, int]]:
        """Return how early a claim is shown: the episode first, then what can be checked."""
        first, last = self.episode.first_day, self.episode.last_day
        ranks = {}
        for name, claim in self.ledger.claims.items():
            start, end = claim.dates
            exact = start is not None and end is not None and end - start <= NARROW
            during = claim.happens_in((first, last)) and exact
            near = during or name in self._targets_of  # the dead of a crisis need not be dated
            marks = (
                self.ledger.codebook.interval(claim) is not None,
                exact,
                name in self._conflicts_of,
                name in self._targets_of,
            )
            ranks[name] = (not near, -sum(marks))
        return ranks

    def _claim(self, claim: Claim) -> dict[str, Any]:
        name = claim.claim
        return {
            **claim_row(self.reader, claim, self._entries[name]),
            "conflicts": self._conflicts_of.get(name, []),
            "targets": self._targets_of.get(name, []),
        }

    def _conflicts(self, claims: Iterable[Claim]) -> list[dict[str, Any]]:
        """Return every conflict that a claim takes part in, complete, in the order of the page."""
        named = {name for each in claims for name in self._conflicts_of.get(each.claim, ())}
        return [
            conflict_row(self.reader, dispute, conflict)
            for name, (dispute, conflict) in self._disputes.items()
            if name in named
        ]

    def _goals_about(
        self, claims: Iterable[Claim], asked: str | None, place: Unit | None
    ) -> list[str]:
        """Return the targets of the unit, then those that rest on a claim.

        For a claim that was asked for by its id also those that set it aside.
        """
        resting = {name for each in claims for name in self._targets_of.get(each.claim, ())}
        own = set()
        for name, (_, made) in self._goals.items():
            if place and (made.target.level, made.target.name) == (place.kind, place.name):
                own.add(name)
            if asked and asked in made.set_aside:
                resting.add(name)
        chosen = [name for name in self._goals if name in own or name in resting]
        return sorted(chosen, key=lambda name: name not in own)
