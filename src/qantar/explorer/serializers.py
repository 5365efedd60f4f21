"""Marks of the sources on the timeline: counts with their day, and what was published when.

What a page is told about a world: scores in words, decisions, how to make it again.

What a page is told about a what-if: the difference first, then where, when and through what.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.facts import GROUPS
from qantar.analysis.outcomes import Layout
from qantar.analysis.scores import PROBABILITIES, Score, tally
from qantar.analysis.whatif.result import WhatIf, World, decided_actions
from qantar.evidence import Claim, Ledger, Reconciled
from qantar.evidence.targets import DATED
from qantar.explorer.evidence import Evidence
from qantar.explorer.frames import Units
from qantar.explorer.json_values import clock_text, number
from qantar.explorer.request import WorldAsked
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.reports.evidence.names import Reader
from qantar.reports.phrases import SHARES, given, said, subject
from qantar.reports.style import many
from qantar.reports.whatif.attribution import chain_sentence, method_line
from qantar.reports.whatif.decisions import FEW_SHIFTS
from qantar.reports.whatif.difference_tables import country_lines
from qantar.reports.whatif.formatting import (
    FEW_PAIRS,
    Row,
    Rows,
    cautions_of,
    records_of,
    table_of,
    titles_of,
    told_of,
)
from qantar.reports.whatif.sentences import CANNOT, headline

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


EXPLAINED = 12
"""Pairs whose difference is traced through its causes, at most."""

SHIPPED = "kazakhstan"
"""The pack that commands take if they are not told."""


def json_of(value: object) -> bytes:
    """Return something as JSON; what is no number becomes null."""
    return json.dumps(json_values(value), ensure_ascii=False, allow_nan=False).encode()


def json_values(value: object) -> Any:
    """Return something in the values that JSON has."""
    if isinstance(value, Mapping):
        return {str(key): json_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_values(item) for item in value]
    if isinstance(value, np.generic):
        return json_values(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def scores_told(scores: Iterable[Score], layout: Layout) -> list[dict[str, Any]]:
    """Return the targets beside what a world gives, in numbers and in words.

    Days count from the first day of the window.
    """
    return [
        {
            "target": item.target.target,
            "what": subject(item.target),
            "says": said(item.target),
            "gives": given(item, layout),
            "verdict": item.verdict,
            "use": item.target.use,
            "variable": item.target.variable,
            "level": item.target.level,
            "name": item.target.name,
            "date": item.target.date,
            "low": item.low,
            "high": item.high,
            "q05": item.q05,
            "q50": item.q50,
            "q95": item.q95,
            "claims": list(item.target.claim_ids),
        }
        for item in scores
    ]


def tally_told(scores: list[Score]) -> dict[str, dict[str, int]] | None:
    """Return how many targets are hit, near and missed by use; None without any."""
    if not scores:
        return None
    return {use: {str(v): n for v, n in counts.items()} for use, counts in tally(scores).items()}


def decisions_told(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return when the state decided in the world as it was, from a table of decisions."""
    names = ("action", "label", "earliest", "latest", "taken", "q05", "q50", "q95")
    own = table[table["change"].fillna("") == ""]
    return [{name: row[name] for name in names} for row in own.to_dict("records")]


def place_and_time(country: Country, episode: Episode, units: Units) -> dict[str, Any]:
    """Return where and when a world plays."""
    return {
        "pack": country.header.name,
        "episode_title": episode.title,
        "first_day": episode.first_day.isoformat(),
        "hours": episode.hours,
        "clock": clock_text(country.header.clock_utc_offset),
        "units": units.told(),
    }


def asked_told(asked: WorldAsked) -> dict[str, Any]:
    """Return what was asked for, as a link says it."""
    names = ("episode", "account", "belief", "mode", "seed", "members", "change")
    told = asdict(asked)
    return {name: told[name] or None for name in names if name != "seed"} | {"seed": asked.seed}


def command_of(asked: WorldAsked, *, explained: int = EXPLAINED) -> str:
    """Return the command that makes the same world."""
    parts = ["qantar", "whatif" if asked.change else "run", asked.episode]
    if asked.change:
        parts += ["--change", asked.change, "--one-mode"]
        parts += ["--explained", str(min(explained, asked.members))]
    parts += ["--account", asked.account, "--mode", asked.mode]
    if asked.belief:
        parts += ["--belief", asked.belief]
    parts += ["--members", str(asked.members), "--seed", str(asked.seed)]
    if asked.pack != SHIPPED:
        parts += ["--pack", Path(asked.pack).name]
    return shlex.join(parts)


def few_members(members: int) -> list[str]:
    """Return what to say of a world of few members; nothing of one with enough."""
    if members >= FEW_PAIRS:
        return []
    return [f"Only {many(members, 'member')}: a first look, nothing to cite."]


_NUMBERS = ("baseline", "changed", "difference", "low", "high", "fewer", "same", "more")
_TEXTS = ("baseline", "changed", "difference", "interval", "expected", "because", "tone")


def whatif_told(result: WhatIf) -> dict[str, Any]:
    """Return everything that is told of a what-if with one alternative."""
    (world,) = result.worlds
    rows = Rows(result)
    steps = _own(result, world, "chain")
    return {
        "title": titles_of(world.changes),
        "change": world.label,
        "label": world.label,
        "headline": asdict(headline(result, rows, world)),
        "deaths": _deaths(rows.find(world.label, "deaths")),
        "lines": _lines(rows, world),
        "regions": [_region(row) for row in rows.of_change(world.label, "region")],
        "decisions": _decisions(result, world),
        "chain": [{k: v for k, v in step.items() if k != "change"} for step in steps],
        "chain_sentence": chain_sentence(result, _by_first_hour(steps)),
        "attribution": _attribution(result, world),
        "explained": result.explained,
        "method": method_line(result) if result.explained else "",
        "cautions": list(cautions_of(world.changes, result.members)),
        "cannot": list(CANNOT),
        "told": [_told(each) for each in (asdict(told) for told in told_of(world.changes))],
    }


def _own(result: WhatIf, world: World, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table that speak of a world."""
    table = table_of(result, name)
    return records_of(table[table["change"] == world.label])


def _by_first_hour(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return causes in the order in which they moved, those that never did at the end."""
    hours = [step["first_hour"] for step in steps]
    order = np.argsort(np.array(hours, np.float64), kind="stable")
    return [steps[int(k)] for k in order]


def _deaths(row: Row | None) -> dict[str, Any] | None:
    if row is None:
        return None
    numbers = {name: getattr(row, name) for name in _NUMBERS}
    return numbers | {"clear": row.clear, "alike": row.alike}


def _lines(rows: Rows, world: World) -> list[dict[str, Any]]:
    """Return the quantities of the whole country, as numbers and as they are written."""
    found = []
    for line in country_lines(rows, world):
        row = rows.find(world.label, line.quantity)
        if row is not None:
            numbers = {name: getattr(row, name) for name in _NUMBERS}
            texts = {name: getattr(line, name) for name in _TEXTS}
            head = {"quantity": row.quantity, "label": line.name, "unit": line.unit}
            more = {"clear": row.clear, "alike": row.alike, "text": texts}
            found.append(head | numbers | more)
    return found


def _region(row: Row) -> dict[str, Any]:
    names = ("quantity", *_NUMBERS)
    return {"region": row.name, **{name: getattr(row, name) for name in names}, "clear": row.clear}


def _decisions(result: WhatIf, world: World) -> list[dict[str, Any]]:
    """Return when each decision was taken in both worlds.

    A mean shift is left out where so few pairs took it in both that it says nothing.
    """
    was = {row["action"]: row for row in _rows_of(result, "")}
    became = {row["action"]: row for row in _rows_of(result, world.label)}
    pairs = (~np.isnan(result.baseline.hours) & ~np.isnan(world.hours)).sum(axis=0)
    both = dict(zip(decided_actions(result.scenario.episode), pairs, strict=True))
    found = []
    for action, row in was.items():
        other = became[action]
        shift = {name: other[name] for name in ("difference", "low", "high")}
        if both[action] < FEW_SHIFTS:
            shift = dict.fromkeys(shift)
        sides = {"base": row, "changed": other}
        hours = {k: {n: r[n] for n in ("taken", "q05", "q50", "q95")} for k, r in sides.items()}
        found.append({"action": action, "label": row["label"], **hours, **shift})
    return found


def _rows_of(result: WhatIf, label: str) -> list[dict[str, Any]]:
    table = table_of(result, "decisions")
    return records_of(table[table["change"].fillna("") == label])


def _attribution(result: WhatIf, world: World) -> list[dict[str, Any]]:
    """Return how much of the difference in deaths passes through each cause."""
    names = ("part", "label", "mean", "low", "high")
    rows = _own(result, world, "attribution")
    return [{name: row[name] for name in names} for row in rows if row["quantity"] == "deaths"]


def _told(told: dict[str, Any]) -> dict[str, Any]:
    """Return what the file of a change says of it."""
    return {
        "title": told["title"],
        "was": told["baseline"],
        "now": told["how"] or told["title"],
        "why": told["reason"],
        "grade": told["grade"],
        "claims": [claim for claim in str(told["claims"]).split(", ") if claim],
        "note": told["note"],
    }
