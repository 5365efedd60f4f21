"""A what-if made by hand: two worlds whose deaths and crowds differ by known numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.member_values import CROWD, UNIT_CROWD
from qantar.analysis.outcomes import CUMULATIVE, Outcome
from qantar.analysis.run import layout_of
from qantar.analysis.whatif.attribution import LABELS
from qantar.analysis.whatif.result import COLUMNS, WhatIf, World, action_spans
from qantar.analysis.whatif.run import decision_table, regime_table
from qantar.analysis.whatif.twins import differences
from qantar.packs.intervention import Intervention
from qantar.simulate.changes import Change, Changes
from qantar.simulate.scenario import Scenario, make_scenario

MEMBERS = 60
SEED = 7
NO_EFFECT = "later-curfew"
SPREAD = 12.0
"""By how much pairs differ from the mean difference, to either side in turn."""
LARGEST = 60.0
"""Deaths in the largest town in every run, so that a change never runs out of them."""


def intervention(name: str, **parts: Any) -> Intervention:
    """Return an intervention of the invented country."""
    default = {
        "name": name,
        "title": name.replace("-", " ").capitalize(),
        "baseline": "It was ordered on the fifth <at night>.",
        "reason": "Two sources disagree about what the order did.",
        "grade": "assumed",
        "claims": ("obs-price", "min-shutdown"),
        "episodes": ("spring-unrest",),
        "expected": (
            {"outcome": "deaths", "sign": "fewer", "because": "nobody is ordered to shoot"},
            {"outcome": "participants", "sign": "either", "because": "less fear, less anger"},
            {"outcome": "wounded", "sign": "more", "because": "a guess that does not hold"},
        ),
        "decisions": ({"kind": "shoot_order", "most": 0},),
    }
    return Intervention.model_validate(default | parts)


def dosed(dose: float) -> Changes:
    """Return a change that has a dose."""
    made = intervention(
        "less-shutdown",
        title="Less of a shutdown",
        dose={
            "label": "share left out", "unit": "of full", "default": 0.5, "low": 0, "high": 1,
            "meaning": "1 is none at all",
        },
        decisions=({"kind": "shutdown", "most": "1 - dose"},),
    )  # fmt: skip
    return Changes((Change(made, dose=dose),))


def dated(hour: int) -> Changes:
    """Return a change that has a date."""
    made = intervention(
        "earlier-concession",
        date={
            "default": "2030-03-03", "earliest": "2030-03-01", "latest": "2030-03-05",
        },
        decisions=({"kind": "price_concession", "least": 1, "from": "date"},),
    )  # fmt: skip
    moment = dt.datetime(2030, 3, 2) + dt.timedelta(hours=hour)
    return Changes((Change(made, date=moment),))


def plain(name: str) -> Changes:
    """Return a change without dose and date."""
    return Changes((Change(intervention(name)),))


@cache
def scenario() -> Scenario:
    """Return the invented country, whose state decides by rules."""
    return make_scenario("spring-unrest", pack="template", belief="prior", decisions="rules")


@cache
def world(
    changes: Changes, fewer: float = 0.0, larger: float = 1.0, both_ways: bool = False
) -> World:
    """Return a world.

    Parameters
    ----------
    fewer : float
        By how many there are fewer deaths in the largest town on average; pairs differ by
        `SPREAD` more and less in turn.
    larger : float
        Factor on crowds.
    both_ways : bool
        Whether half of the pairs have so many more deaths instead.
    """
    layout = layout_of(scenario())
    hours, places = 24 * layout.days, len(layout.places)
    outcome = Outcome(layout)
    luck = np.random.default_rng([SEED, 1])
    clock = np.arange(hours)[:, None]
    size = np.array([4000, 400, 0, 9000, 900, 0, 1500, 0])[:places]
    for k in range(MEMBERS):
        peak = 24 * (3 + luck.uniform(0, 1)) + 6 * np.arange(places)
        width = 16 + 8 * luck.uniform()
        scale = luck.lognormal(0, 0.3)
        crowd = larger * scale * size * np.exp(-0.5 * ((clock - peak) / width) ** 2)
        crowd[crowd < 1] = 0
        by_day = crowd.T.reshape(places, layout.days, 24)
        crowd = crowd.astype(np.float32)
        values = {
            CROWD: crowd,
            UNIT_CROWD: np.stack([crowd[:, where].sum(axis=1) for where in layout.units]),
            "crowd_peak": by_day.max(axis=2),
            "participants": 1.4 * by_day.max(axis=2),
        }
        deaths = np.round(luck.gamma(8, 1.2, places) * size / 1000)
        gap = fewer + SPREAD * (-1.0) ** k if fewer else 0.0
        gap = -gap if both_ways and k % 2 else gap
        deaths[3] += LARGEST - gap
        for name in CUMULATIVE:
            factor = {"deaths": 1.0, "wounded": 6.0, "detained_cumulative": 30.0}.get(name, 0.1)
            total = np.round(factor * deaths)
            course = np.clip((np.arange(layout.days) - 2) / 3, 0, 1)
            values[name] = total[:, None] * course
        outcome.add_values({name: own[None].astype(np.float32) for name, own in values.items()})
    spans = action_spans(scenario().episode)
    when = np.array(
        [[low + 4 * luck.uniform() for low, _ in spans.values()] for _ in range(MEMBERS)]
    )
    if changes:
        when[:, 0] += 9
        when[: MEMBERS // 4, -1] = np.nan
    return World(changes, outcome, when)


def result_of(*worlds: World, **parts: Any) -> WhatIf:
    """Return a what-if of worlds, with its differences and regimes and nothing else."""
    before = world(Changes())
    own = scenario().account.name
    tables = {
        "differences": pd.concat([rows(w, "rules", own) for w in worlds], ignore_index=True),
        "regimes": regime_table(worlds, before),
    }
    return WhatIf(scenario(), MEMBERS, SEED, before, worlds, tables | parts)


def rows(one: World, mode: str, account: str) -> pd.DataFrame:
    """Return the differences of a world, as if it had been run this way."""
    before = world(Changes()).outcome
    return differences(before, one.outcome, seed=SEED, change=one.label, mode=mode, account=account)


@cache
def made_whatif() -> WhatIf:
    """Return a what-if with everything: 31 fewer deaths, and one change that does nothing."""
    first = world(plain("no-shoot-order"), fewer=31, larger=1.3)
    second = world(plain(NO_EFFECT))
    bare = result_of(first, second)
    own = scenario().account.name
    other = world(plain("no-shoot-order"), fewer=24, larger=1.2)
    against = world(plain("no-shoot-order"), fewer=-20)
    extra = [
        rows(other, "script", own),
        rows(other, "rules", "state"),
        rows(against, "rules", "null"),
        rows(second, "script", own),
        rows(second, "rules", "state"),
        rows(second, "rules", "null"),
    ]
    tables = dict(bare.tables)
    tables["differences"] = pd.concat([tables["differences"], *extra], ignore_index=True)
    tables["decisions"] = decision_table(scenario().episode, (first, second), bare.baseline, SEED)
    tables["chain"], tables["attribution"] = causes((first,))
    return WhatIf(scenario(), MEMBERS, SEED, bare.baseline, (first, second), tables, explained=12)


@cache
def made_range(kind: str = "dose") -> WhatIf:
    """Return a what-if whose alternatives form a range of one dose or one date."""
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    if kind == "dose":
        return result_of(*(world(dosed(s), fewer=40 * s) for s in steps))
    return result_of(*(world(dated(int(48 * s)), fewer=40 * (1 - s)) for s in steps))


def causes(worlds: Sequence[World]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return a chain and an attribution whose rows of deaths add up to -31."""
    hours = {"force": 110.0, "fear": 112.0, "anger": 112.0, "news": 121.0, "decisions": 139.0}
    parts = {"force": -33.0, "fear": 2.5, "anger": -0.75, "direct": 0.25}
    steps, shares = [], []
    for one in worlds:
        for name, label in LABELS.items():
            if name != "direct":
                hour = hours.get(name, np.nan)
                never = np.isnan(hour)
                place = "" if never else "Arven"
                steps.append(
                    (one.label, name, label, hour, 0 if never else 3, 0.0 if never else 0.8, place)
                )
            mean = parts.get(name, 0.0)
            shares.append((one.label, "deaths", name, label, mean, mean - 0.5, mean + 1.0))
    return (
        pd.DataFrame(steps, columns=COLUMNS["chain"].split()),
        pd.DataFrame(shares, columns=COLUMNS["attribution"].split()),
    )
