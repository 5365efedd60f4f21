"""Evidence and the matrix of causes as JSON-ready values for the page.

`Evidence` searches the claims of a country and returns them with the conflicts and targets that
they are part of. `causes_payload` says where every source stands on every cause, and which
mechanisms of the model represent it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable
from typing import Any

from qantar.analysis.run import load_evidence
from qantar.base.errors import QantarError
from qantar.evidence import Claim, Conflict, Ledger, Reconciled, find_conflicts
from qantar.evidence.conflicts import DAY_KINDS
from qantar.explorer.request import (
    Unit,
    check_limit,
    number,
    plain,
    requested_days,
    requested_unit,
    unknown,
)
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.reports.evidence.conflicts import Dispute, disputes
from qantar.reports.evidence.ledger import (
    RULES,
    STANCES,
    TargetEntry,
    cause_groups,
    goal_sets,
    silent_causes,
    source_entries,
)
from qantar.reports.evidence.names import NARROW, Reader

UNEXPLAINED = "Nothing in the claims explains the difference."


class Evidence:
    """Searchable claims of a country, with the conflicts between them and an episode's targets.

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
                hint="packs/template/evidence shows the smallest one",
            )
        self.country: Country = country
        self.episode: Episode = episode
        self.ledger = ledger
        self.targets: tuple[Reconciled, ...] = targets
        self.reader: Reader = Reader(ledger)
        self.conflicts: tuple[Conflict, ...] = find_conflicts(ledger)
        self._entries = {
            entry.claim: entry for own in source_entries(self.reader, {}) for entry in own.entries
        }
        by_key = {(each.subject, each.predicate, each.item): each for each in self.conflicts}
        self._disputes: dict[str, tuple[Dispute, Conflict]] = {
            dispute.anchor: (dispute, by_key[dispute.key])
            for dispute in disputes(self.reader, self.conflicts, None)  # the widest first
        }
        reconciled = {each.target.target: each for each in targets}
        self._goals: dict[str, tuple[TargetEntry, Reconciled]] = {
            goal.name: (goal, reconciled[goal.name])
            for goals in goal_sets(self.reader, {episode.name: targets})
            for group in goals.groups
            for goal in group.goals
        }
        self._conflicts_of = _names_by_claim(
            (name, conflict.claims) for name, (_, conflict) in self._disputes.items()
        )
        self._targets_of = _names_by_claim(
            (name, target.used) for name, (_, target) in self._goals.items()
        )
        self._words = {
            name: " ".join(
                (
                    name, claim.paraphrase, claim.value, claim.note, claim.place,
                    claim.attributed_to, self._entries[name].about,
                )
            ).casefold()
            for name, claim in ledger.claims.items()
        }  # fmt: skip
        self._ranks = self._all_ranks()
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
        """Return the claims that match all filters, with the conflicts and targets they belong to.

        Parameters
        ----------
        unit : str, optional
            ``place:Almaty``, ``region:Mangystau``: claims about anywhere inside it. The country
            selects all claims.
        day : str, optional
            A day, month or year (ISO) that the claims are about; takes precedence over hours.
        from_hour, to_hour : int, optional
            Hours of the episode, the last not included; rounded to whole days.
        claim : str, optional
            The id of one claim.
        target : str, optional
            A target of the episode: the claims behind it and those that it sets aside.
        source : str, optional
            A source by its id or its letter.
        text : str, optional
            Words that a claim must all contain.
        limit : int
            Largest number of claims returned; ``total`` gives how many match.

        Returns
        -------
        dict
            ``claims``, ``total``, ``by_source`` (how many of them are of each source, by its id),
            ``conflicts`` and ``targets``. A conflict always comes with all its sides, and a target
            with all its claims, whatever the filters.

        Raises
        ------
        QantarError
            If a unit, day, claim, target or source does not exist; the error names the nearest.
        """
        check_limit(limit)
        period = requested_days(self.episode, day, from_hour, to_hour)
        place = requested_unit(self.country, self.ledger, unit) if unit else None
        names = self._named(claim, target)
        found = [each for each in self._inside_of(place) if names is None or each.claim in names]
        if period is not None:
            found = [each for each in found if each.dated_within((period.first, period.last))]
        if source:
            letters = {badge.letter: badge.source for badge in self.reader.badges.values()}
            wanted = letters.get(source, source)
            if wanted not in self.reader.badges:
                known = [*self.reader.badges, *letters]
                raise unknown("source", source, known, next(iter(letters)))
            found = [each for each in found if each.source == wanted]
        if text:
            words = text.casefold().split()
            found = [each for each in found if all(w in self._words[each.claim] for w in words)]
        if target:
            goals = [target]
        else:
            goals = self._goals_about(found, claim, place if period is None else None)
        in_conflicts = {name for each in found for name in self._conflicts_of.get(each.claim, ())}
        return {
            "claims": [self._claim_row(each) for each in self._in_turn(found)[:limit]],
            "total": len(found),
            "by_source": dict(Counter(each.source for each in found)),
            "conflicts": [
                self._conflict_row(*self._disputes[name])
                for name in self._disputes
                if name in in_conflicts
            ],
            "targets": [target_row(*self._goals[name], self.episode.first_day) for name in goals],
        }

    def _in_turn(self, claims: list[Claim]) -> list[Claim]:
        """Return claims with those of the episode first, alternating between sources.

        One source has most of the claims; otherwise a short list would show it alone.
        """
        turns: Counter[tuple[bool, str]] = Counter()
        placed = []
        for claim in sorted(claims, key=lambda each: self._ranks[each.claim]):
            late = self._ranks[claim.claim][0]
            turns[late, claim.source] += 1
            placed.append((late, turns[late, claim.source], claim))
        return [claim for *_, claim in sorted(placed, key=lambda each: each[:2])]

    def _named(self, claim: str | None, target: str | None) -> set[str] | None:
        """Return the ids of the claims selected by claim or target; None without such a filter."""
        selected: list[set[str]] = []
        if claim:
            if claim not in self.ledger.claims:
                raise unknown("claim", claim, self.ledger.claims)
            selected.append({claim})
        if target:
            if target not in self._goals:
                raise unknown("target", target, self._goals, next(iter(self._goals), ""))
            _, made = self._goals[target]
            selected.append({*(each.claim for each in made.used), *made.set_aside})
        return set.intersection(*selected) if selected else None

    def _inside_of(self, place: Unit | None) -> list[Claim]:
        """Return the claims about anywhere inside a unit, in the order of the ledger."""
        claims = self.ledger.claims
        if place is None or place.kind == "country":
            return list(claims.values())
        if place.area not in self._inside:
            self._inside[place.area] = frozenset(self.ledger.select(place=place.area).claims)
        return [each for each in claims.values() if each.claim in self._inside[place.area]]

    def _all_ranks(self) -> dict[str, tuple[bool, int]]:
        """Return sort keys of claims: the episode first, then what can be checked."""
        first, last = self.episode.first_day, self.episode.last_day
        ranks = {}
        for name, claim in self.ledger.claims.items():
            start, end = claim.dates
            exact = start is not None and end is not None and end - start <= NARROW
            during = claim.dated_within((first, last)) and exact
            near = during or name in self._targets_of  # the dead of a crisis need not be dated
            marks = (
                self.ledger.codebook.interval(claim) is not None,
                exact,
                name in self._conflicts_of,
                name in self._targets_of,
            )
            ranks[name] = (not near, -sum(marks))
        return ranks

    def _claim_row(self, claim: Claim) -> dict[str, Any]:
        """Return one claim: what it says, who says it where, and how firmly."""
        name, entry = claim.claim, self._entries[claim.claim]
        start, end = claim.dates
        return {
            "id": name,
            "source": claim.source,
            "letter": self.reader.badges[claim.source].letter,
            "locator": claim.locator,
            "says": claim.paraphrase,
            "about": entry.about,
            "value": entry.value,
            "unit": claim.unit,
            "place": entry.place or self.ledger.gazetteer.country,
            "dates": entry.dates,
            "day_from": start.isoformat() if start else None,
            "day_to": end.isoformat() if end else None,
            "as_of": claim.as_of,
            "modality": claim.modality,
            "by": claim.attributed_to,
            "category": claim.category,
            "note": claim.note,
            "conflicts": self._conflicts_of.get(name, []),
            "targets": self._targets_of.get(name, []),
        }

    def _conflict_row(self, dispute: Dispute, conflict: Conflict) -> dict[str, Any]:
        """Return one conflict with all its sides: who says which."""
        sides: dict[str, list[Claim]] = {}
        for claim in conflict.claims:
            value, qualifier = self.reader.says(claim), self.reader.aside(claim)
            # Two equal numbers that count different people are different sides.
            if qualifier and self.ledger.codebook.kind(claim) in ("number", *DAY_KINDS):
                value = f"{value} ({qualifier})"
            sides.setdefault(value, []).append(claim)
        return {
            "id": dispute.anchor,
            "title": dispute.title,
            "open": dispute.open,
            "why": dispute.reasons or UNEXPLAINED,
            "clash": dispute.clash,
            "sides": [
                {
                    "value": value,
                    "claims": [each.claim for each in own],
                    "sources": list(dict.fromkeys(self.reader.ref(each).letter for each in own)),
                }
                for value, own in sides.items()
            ],
        }

    def _goals_about(
        self, claims: Iterable[Claim], requested: str | None, place: Unit | None
    ) -> list[str]:
        """Return the targets of the unit, then those that rest on one of the claims.

        For a claim that was requested by its id, also those that set it aside.
        """
        resting = {name for each in claims for name in self._targets_of.get(each.claim, ())}
        own = set()
        for name, (_, made) in self._goals.items():
            if place and (made.target.level, made.target.name) == (place.kind, place.name):
                own.add(name)
            if requested and requested in made.set_aside:
                resting.add(name)
        chosen = [name for name in self._goals if name in own or name in resting]
        return sorted(chosen, key=lambda name: name not in own)


def target_row(goal: TargetEntry, made: Reconciled, first_day: dt.date) -> dict[str, Any]:
    """Return one target; the bounds of a date are in days after `first_day`."""
    target = made.target
    low, high = target.interval(first_day)
    return {
        "id": target.target,
        "what": goal.what,
        "says": goal.says,
        "rule": RULES[goal.rule],
        "use": target.use,
        "note": plain(goal.note),
        "low": number(low),
        "high": number(high),
        "unit": target.unit,
        "variable": target.variable,
        "level": target.level,
        "name": target.name,
        "beyond": plain(made.rule.beyond),
        "claims": [each.claim for each in made.used],
        "set_aside": [{"claim": name, "why": why} for name, why in made.set_aside.items()],
    }


def _names_by_claim(parts: Iterable[tuple[str, tuple[Claim, ...]]]) -> dict[str, list[str]]:
    """Return, for the id of each claim, the names of the conflicts or targets that use it."""
    found: dict[str, list[str]] = {}
    for name, claims in parts:
        for claim in claims:
            found.setdefault(claim.claim, []).append(name)
    return found


def causes_payload(ledger: Ledger) -> dict[str, Any]:
    """Return where every source stands on every cause that some source mentions.

    Parameters
    ----------
    ledger : Ledger

    Returns
    -------
    dict
        ``sources`` are letters, and the cells of a row are in their order; a source that says
        nothing has a cell without word and symbol. ``stances`` says what the words mean, and
        ``silent`` names the causes that no source mentions.
    """
    reader = Reader(ledger)
    groups = cause_groups(reader)
    cells = (cell for group in groups for row in group.rows for cell in row.cells)
    speaking = {cell.source for cell in cells if cell.stance}
    badges = {name: badge for name, badge in reader.badges.items() if name in speaking}
    return {
        "sources": [badge.letter for badge in badges.values()],
        "groups": [
            {
                "group": group.group,
                "rows": [
                    {
                        "cause": row.cause,
                        "title": row.title,
                        "note": row.note,
                        "mechanisms": list(row.mechanisms),
                        "disputed": row.sides > 1,
                        "cells": [
                            {
                                "source": badges[cell.source].letter,
                                "word": cell.stance.word if cell.stance else None,
                                "symbol": cell.stance.symbol if cell.stance else None,
                                "claims": [ref.claim for _, refs in cell.claims for ref in refs],
                            }
                            for cell in row.cells
                            if cell.source in badges
                        ],
                    }
                    for row in group.rows
                ],
            }
            for group in groups
        ],
        "stances": [
            {"word": each.word, "symbol": each.symbol, "meaning": each.meaning}
            for each in STANCES.values()
        ],
        "silent": silent_causes(reader, groups),
    }
