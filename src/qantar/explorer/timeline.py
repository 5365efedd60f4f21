"""Marks of the sources on the timeline: counts with their day, and what was published when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from qantar.country.pack import Country
from qantar.evidence import Claim, Ledger, Reconciled
from qantar.evidence.targets import DATED
from qantar.explorer.evidence import Evidence
from qantar.explorer.plain import number
from qantar.scenario.episode import Episode
from qantar.study.fact_groups import GROUPS
from qantar.study.score import PROBABILITIES
from qantar.view.evidence.names import Reader
from qantar.view.phrases import SHARES

LAYERS = {
    "crowd_peak": "crowd",
    "deaths": "deaths",
    "detained_cumulative": "detained",
    "detained_published": "detained",
}
"""The layer of the map that shows the same quantity."""

TOLD = {"deaths": "killed", "wounded": "wounded", "detained": "detained"}
"""What is said of people, figure by figure: predicates of the codebook, and how to say them."""


_WHOLE_DATE = len("2022-01-05")


def timeline_payload(country: Country, episode: Episode, evidence: Evidence) -> dict[str, Any]:
    """Return what sources report in numbers, by unit and day.

    Parameters
    ----------
    country : Country
    episode : Episode
    evidence : Evidence
        Of the same country and episode.

    Returns
    -------
    dict
        ``reports``: for every target that is a count, its interval and its day; one over the whole
        episode has the last day and ``whole`` true. ``publications``: every figure for dead,
        wounded and detained of the episode, by the day on which it could be known; ``exact`` is
        false where that is only the last day of a month or a year. Retracted figures are there and
        say so under ``modality``.
    """
    return {
        "reports": [
            _report(each, episode, evidence.reader)
            for each in evidence.targets
            if each.target.variable not in (*DATED, *PROBABILITIES, *SHARES)
        ],
        "publications": sorted(
            (
                _publication(claim, day, evidence.reader)
                for claim, day in _figures(evidence.ledger, evidence.targets)
            ),
            key=lambda each: (each["day"], each["claim"]),
        ),
    }


def _report(each: Reconciled, episode: Episode, reader: Reader) -> dict[str, Any]:
    target = each.target
    low, high = target.interval(episode.first_day)
    day = _day(target.date)
    return {
        "variable": target.variable,
        "level": target.level,
        "name": target.name,
        "at": f"{target.level}:{target.name}",
        "day": (day or episode.last_day).isoformat(),
        "whole": day is None,
        "low": number(low),
        "high": number(high),
        "unit": target.unit,
        "target": target.target,
        "layer": LAYERS.get(target.variable),
        "claims": [claim.claim for claim in each.used],
        "letters": list(dict.fromkeys(reader.ref(claim).letter for claim in each.used)),
    }


def _day(text: str) -> dt.date | None:
    """Return the day of a target; None for ``total``, ``any`` and other words for all days."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _figures(ledger: Ledger, targets: tuple[Reconciled, ...]) -> Iterator[tuple[Claim, dt.date]]:
    """Yield every figure for people of the episode, with the day on which it could be known.

    The episode's own subjects are those that its targets ask about; nothing else says which of
    the dead of a ledger belong to it.
    """
    human = (*GROUPS["Dead and wounded"], *GROUPS["Detained"])
    subjects = {
        ask.subject for each in targets if each.target.variable in human for ask in each.rule.asks
    }
    for claim in ledger.claims.values():
        if claim.subject in subjects and claim.predicate in TOLD:
            day = ledger.known_on(claim)
            if day is not None and ledger.codebook.interval(claim) is not None:
                yield claim, day


def _publication(claim: Claim, day: dt.date, reader: Reader) -> dict[str, Any]:
    low, high = claim.printed
    firm = "" if claim.usable else claim.modality
    about = ", ".join(part for part in (claim.scope, reader.place(claim), firm) if part)
    return {
        "day": day.isoformat(),
        "exact": len(claim.as_of or reader.ledger.sources[claim.source].date) == _WHOLE_DATE,
        "label": f"{reader.says(claim)} {TOLD[claim.predicate]}{f' ({about})' if about else ''}",
        "value": low if low is not None else high,
        "said_by": claim.attributed_to,
        "modality": claim.modality,
        "source": claim.source,
        "letter": reader.ref(claim).letter,
        "claim": claim.claim,
    }
