"""What a page is told about a world: scores in words, decisions, how to make it again."""

from __future__ import annotations

import json
import math
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from qantar.country.pack import Country
from qantar.explorer.asked import WorldAsked
from qantar.explorer.plain import clock_text
from qantar.explorer.units import Units
from qantar.scenario.episode import Episode
from qantar.study.outcome import Layout
from qantar.study.score import Score, tally
from qantar.view.phrases import given, said, subject
from qantar.view.style import many
from qantar.view.whatif.changed import FEW

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
    if members >= FEW:
        return []
    return [f"Only {many(members, 'member')}: a first look, nothing to cite."]
