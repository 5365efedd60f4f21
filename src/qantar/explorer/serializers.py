"""World, what-if and timeline payloads of the page, as values that JSON has.

`timeline_payload` lists what the sources report, by day. `whatif_payload` describes a what-if. The
other functions are the parts of a world's payload, which `qantar.explorer.simulate` and
`qantar.explorer.import_run` put together.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.facts import GROUPS
from qantar.analysis.outcomes import Layout
from qantar.analysis.scores import PROBABILITIES, SHARES, Score, tally
from qantar.analysis.whatif.result import WhatIf, decided_actions
from qantar.evidence import Reconciled
from qantar.evidence.targets import DATED
from qantar.explorer.evidence import Evidence
from qantar.explorer.frames import Units
from qantar.explorer.request import WORLD_FIELDS, WorldRequest, clock_text, number
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.reports.phrases import given, said, subject
from qantar.reports.whatif.attribution import chain_sentence, method_line
from qantar.reports.whatif.decisions import FEW_SHIFTS
from qantar.reports.whatif.difference_tables import country_lines
from qantar.reports.whatif.formatting import (
    Rows,
    change_titles,
    change_warnings,
    describe_changes,
    records_of,
    table_of,
)
from qantar.reports.whatif.sentences import CANNOT, headline

LAYERS = {
    "crowd_peak": "crowd",
    "deaths": "deaths",
    "detained_cumulative": "detained",
    "detained_published": "detained",
}
"""Map layer that shows the same quantity, by variable of a target."""

TOLD = {"deaths": "killed", "wounded": "wounded", "detained": "detained"}
"""Codebook predicates for counts of people, with the participle used in labels."""

EXPLAINED = 12
"""Largest number of pairs whose difference is attributed to causes."""

SHIPPED = "kazakhstan"
"""The pack that commands use by default."""

_WHOLE_DATE = len("2022-01-05")
_NUMBERS = ("baseline", "changed", "difference", "low", "high", "fewer", "same", "more")
_TEXTS = ("baseline", "changed", "difference", "interval", "expected", "because", "tone")


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
        false where that is only the last day of a month or a year. Retracted figures are included;
        ``modality`` says that they are.
    """
    reports = [
        _report(each, episode, evidence)
        for each in evidence.targets
        if each.target.variable not in (*DATED, *PROBABILITIES, *SHARES)
    ]
    publications = _publications(evidence)
    publications.sort(key=lambda each: (each["day"], each["claim"]))
    return {"reports": reports, "publications": publications}


def _report(reconciled: Reconciled, episode: Episode, evidence: Evidence) -> dict[str, Any]:
    """Return one target that is a count."""
    target = reconciled.target
    low, high = target.interval(episode.first_day)
    try:
        day, whole = dt.date.fromisoformat(target.date), False
    except ValueError:  # ``total``, ``any`` and other words for all days
        day, whole = episode.last_day, True
    return {
        "variable": target.variable,
        "level": target.level,
        "name": target.name,
        "at": f"{target.level}:{target.name}",
        "day": day.isoformat(),
        "whole": whole,
        "low": number(low),
        "high": number(high),
        "unit": target.unit,
        "target": target.target,
        "layer": LAYERS.get(target.variable),
        "claims": [claim.claim for claim in reconciled.used],
        "letters": list(
            dict.fromkeys(evidence.reader.ref(claim).letter for claim in reconciled.used)
        ),
    }


def _publications(evidence: Evidence) -> list[dict[str, Any]]:
    """Return every figure for people of the episode, with the day on which it could be known."""
    ledger, reader = evidence.ledger, evidence.reader
    # Only the targets say which of the dead of a ledger belong to the episode: the subjects that
    # they ask about.
    human = (*GROUPS["Dead and wounded"], *GROUPS["Detained"])
    subjects = {
        ask.subject
        for each in evidence.targets
        if each.target.variable in human
        for ask in each.rule.asks
    }
    rows = []
    for claim in ledger.claims.values():
        if claim.subject not in subjects or claim.predicate not in TOLD:
            continue
        day = ledger.known_since(claim)
        if day is None or ledger.codebook.interval(claim) is None:
            continue
        low, high = claim.printed
        caveat = "" if claim.usable else claim.modality
        about = ", ".join(part for part in (claim.scope, reader.place(claim), caveat) if part)
        label = f"{reader.says(claim)} {TOLD[claim.predicate]}"
        rows.append(
            {
                "day": day.isoformat(),
                "exact": len(claim.as_of or ledger.sources[claim.source].date) == _WHOLE_DATE,
                "label": f"{label} ({about})" if about else label,
                "value": low if low is not None else high,
                "said_by": claim.attributed_to,
                "modality": claim.modality,
                "source": claim.source,
                "letter": reader.ref(claim).letter,
                "claim": claim.claim,
            }
        )
    return rows


def to_json_bytes(value: object) -> bytes:
    """Return a value as JSON; NaN and infinity become null."""
    return json.dumps(json_values(value), ensure_ascii=False, allow_nan=False).encode()


def json_values(value: object) -> Any:
    """Return a value made of JSON types only: NaN, infinity and NumPy scalars are converted."""
    if isinstance(value, Mapping):
        return {str(key): json_values(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_values(item) for item in value]
    if isinstance(value, np.generic):
        return json_values(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def scores_json(scores: Iterable[Score], layout: Layout) -> list[dict[str, Any]]:
    """Return the targets with the results of a world, in numbers and in words.

    Days are counted from the first day of the window.
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


def tally_json(scores: list[Score]) -> dict[str, dict[str, int]] | None:
    """Return how many targets are hit, near and missed, by use; None without targets."""
    if not scores:
        return None
    return {use: {str(v): n for v, n in counts.items()} for use, counts in tally(scores).items()}


def decisions_json(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Return when the state decided in the baseline world, from a table of decisions."""
    names = ("action", "label", "earliest", "latest", "taken", "q05", "q50", "q95")
    own = table[table["change"].fillna("") == ""]
    return [{name: row[name] for name in names} for row in own.to_dict("records")]


def place_and_time(country: Country, episode: Episode, units: Units) -> dict[str, Any]:
    """Return the place and period of a world."""
    return {
        "pack": country.header.name,
        "episode_title": episode.title,
        "first_day": episode.first_day.isoformat(),
        "hours": episode.hours,
        "clock": clock_text(country.header.clock_utc_offset),
        "units": units.told(),
    }


def request_json(asked: WorldRequest) -> dict[str, Any]:
    """Return the request under the keys of a link; None for what is empty."""
    request = {name: getattr(asked, name) or None for name in WORLD_FIELDS if name != "seed"}
    return request | {"seed": asked.seed}


def command_of(asked: WorldRequest, *, explained: int = EXPLAINED) -> str:
    """Return the shell command that produces the same world."""
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


def whatif_payload(result: WhatIf) -> dict[str, Any]:
    """Return the description of a what-if with one alternative."""
    (world,) = result.worlds
    rows = Rows(result)
    deaths = rows.find(world.label, "deaths")
    steps = _own_rows(result, "chain", world.label)
    # The sentence follows the causes in the order of their first effect; those without one are NaN
    # and come last.
    order = np.argsort(np.array([step["first_hour"] for step in steps], np.float64), kind="stable")
    lines = []
    for line in country_lines(rows, world):
        row = rows.find(world.label, line.quantity)
        if row is not None:
            lines.append(
                {
                    "quantity": row.quantity,
                    "label": line.name,
                    "unit": line.unit,
                    **{name: getattr(row, name) for name in _NUMBERS},
                    "clear": row.clear,
                    "alike": row.alike,
                    "text": {name: getattr(line, name) for name in _TEXTS},
                }
            )
    return {
        "title": change_titles(world.changes),
        "change": world.label,
        "label": world.label,
        "headline": asdict(headline(result, rows, world)),
        "deaths": {
            **{name: getattr(deaths, name) for name in _NUMBERS},
            "clear": deaths.clear,
            "alike": deaths.alike,
        }
        if deaths
        else None,
        "lines": lines,
        "regions": [
            {
                "region": row.name,
                "quantity": row.quantity,
                **{name: getattr(row, name) for name in _NUMBERS},
                "clear": row.clear,
            }
            for row in rows.of_change(world.label, "region")
        ],
        "decisions": _decision_shifts(result),
        "chain": [{k: v for k, v in step.items() if k != "change"} for step in steps],
        "chain_sentence": chain_sentence(result, [steps[int(k)] for k in order]),
        "attribution": [
            {name: row[name] for name in ("part", "label", "mean", "low", "high")}
            for row in _own_rows(result, "attribution", world.label)
            if row["quantity"] == "deaths"
        ],
        "explained": result.explained,
        "method": method_line(result) if result.explained else "",
        "cautions": list(change_warnings(world.changes, result.members)),
        "cannot": list(CANNOT),
        "told": [
            {
                "title": told.title,
                "was": told.baseline,
                "now": told.how or told.title,
                "why": told.reason,
                "grade": told.grade,
                "claims": [claim for claim in str(told.claims).split(", ") if claim],
                "note": told.note,
            }
            for told in describe_changes(world.changes)
        ],
    }


def _own_rows(result: WhatIf, table: str, label: str) -> list[dict[str, Any]]:
    """Return the rows of a table about one world; the label of the baseline is empty."""
    rows = table_of(result, table)
    return records_of(rows[rows["change"].fillna("") == label])


def _decision_shifts(result: WhatIf) -> list[dict[str, Any]]:
    """Return when each decision was taken in both worlds, and the mean shift.

    The shift is None where so few pairs took the decision in both worlds that it says nothing.
    """
    (world,) = result.worlds
    changed_rows = {row["action"]: row for row in _own_rows(result, "decisions", world.label)}
    pairs = (~np.isnan(result.baseline.hours) & ~np.isnan(world.hours)).sum(axis=0)
    taken_in_both = dict(zip(decided_actions(result.scenario.episode), pairs, strict=True))
    hours = ("taken", "q05", "q50", "q95")
    found = []
    for base in _own_rows(result, "decisions", ""):
        action = base["action"]
        changed = changed_rows[action]
        enough = taken_in_both[action] >= FEW_SHIFTS
        found.append(
            {
                "action": action,
                "label": base["label"],
                "base": {name: base[name] for name in hours},
                "changed": {name: changed[name] for name in hours},
                **{
                    name: changed[name] if enough else None
                    for name in ("difference", "low", "high")
                },
            }
        )
    return found
