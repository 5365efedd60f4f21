"""Rows of the page about targets, an opened wave, and the fits shipped with a pack."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from qantar.analysis.years.opening import OpenedWave
from qantar.analysis.years.scopes import CLASSES, scope_bounds
from qantar.analysis.years.shipped import ShippedFits, shipped_fits
from qantar.analysis.years.study import YearsStudy
from qantar.reports.style import VERDICTS, Mark, exact, rounded, span
from qantar.simulate.years.inputs import dated_triggers

HORIZON = 10

SOUND = 0.85
"""Share of 90 % intervals that hold the truth, below which fits are called too sure."""

BASELINES = {"persistence": "persistence", "constant": "constant rate", "trend": "trend"}


@dataclass(frozen=True)
class TargetRow:
    """A target beside the histories."""

    name: str
    says: str
    gives: str
    use: str
    verdict: str
    mark: Mark | None


@dataclass(frozen=True)
class OpenedRows:
    """A wave run by the hour: outcomes from both conditions, and scopes by law and hour."""

    title: str
    outcomes: list[tuple[str, str, str]]
    scopes: list[tuple[str, str, str, str]]


@dataclass(frozen=True)
class ShippedRows:
    """Scores of the shipped fits, waves left out, and the years to come by law."""

    verdict: str
    counts: list[tuple[str, str, str, str]]
    classes: list[str]
    waves: list[tuple[str, ...]]
    futures: list[tuple[str, str, str, str]]
    coverage: str


def class_names(study: YearsStudy) -> list[str]:
    """Return the numbers of regions of `CLASSES`: none or one, 2 to 8, 9 to 14, 15 or more."""
    count = len(study.scenario.country.regions)
    least = [int(bound) for bound in scope_bounds(count)[1:]]
    middle = [span(str(a), str(b - 1)) if b > a else "–" for a, b in pairwise(least)]
    return ["none or one", *middle, f"{least[-1]} or more"]


def target_rows(study: YearsStudy) -> list[TargetRow]:
    """Return the targets of the years; none if the pack has none."""
    table = study.tables.get("targets")
    if table is None:
        return []
    rows = []
    marks: dict[str, Mark] = {str(name): mark for name, mark in VERDICTS.items()}
    for row in table.to_dict("records"):
        verdict = str(row["verdict"])
        if row["variable"] == "onset_day":
            continue  # the day of a trigger is given
        known = not np.isnan(row.get("q50", np.nan))
        gives = f"{_short(row['q50'])} ({_short(row['q05'])} to {_short(row['q95'])})"
        rows.append(
            TargetRow(
                _target_name(str(row["variable"]), str(row["date"])),
                span(exact(row["low"]), exact(row["high"])),
                gives if known else "–",
                str(row["use"]),
                verdict,
                marks.get(verdict),
            )
        )
    return rows


def opened_rows(study: YearsStudy) -> OpenedRows | None:
    """Return the opened wave; None if there is none."""
    opened = study.opened
    if opened is None:
        return None
    labels = {t.trigger: t.label for t in dated_triggers(study.scenario.years)}
    scopes = [
        (name, _share(r["wave_law"]), _share(r["hour"]), _share(r["hour_from_pack"]))
        for name, r in zip(class_names(study), opened.agreement().to_dict("records"), strict=True)
    ]
    return OpenedRows(labels[opened.trigger], outcome_rows(opened), scopes)


def outcome_rows(opened: OpenedWave) -> list[tuple[str, str, str]]:
    """Return the main outcomes of an opened wave: quantity, from the years, from the pack."""
    found = []
    for quantity, rows in opened.table().groupby("quantity", sort=False):
        cells = {
            r["conditions"]: f"{r['q50']:,.0f} ({r['q05']:,.0f} to {r['q95']:,.0f})"
            for r in rows.to_dict("records")
        }
        found.append((str(quantity), cells["years"], cells["pack"]))
    return found


def shipped_rows(study: YearsStudy) -> ShippedRows | None:
    """Return what the shipped fits say; None if the pack ships none."""
    shipped = shipped_fits(study.scenario.country)
    if shipped is None:
        return None
    scores = shipped.count_scores()
    counts = [
        (
            _predictor(str(r["predictor"])),
            f"{r['crps']:.2f}",
            f"{r['log_score']:.2f}".replace("-", "\u2212"),
            str(r["counts"]),
        )
        for r in scores.to_dict("records")
    ]
    law = study.scenario.law_name
    names = class_names(study)
    waves = []
    for trigger in dated_triggers(study.scenario.years):
        held = shipped.held_wave(law, trigger.trigger)
        if held is not None:
            chances = [_share(held[name]) for name in CLASSES]
            observed = names[CLASSES.index(str(held["observed"]))]
            waves.append((trigger.label, observed, *chances))
    futures = [
        (str(r["law"]), _share(r["fitted"]), _share(r["without_january"]), _share(r["prior"]))
        for r in shipped.futures_by_law("national", HORIZON).to_dict("records")
    ]
    return ShippedRows(_best(counts), counts, names, waves, futures, _coverage(shipped))


def _coverage(shipped: ShippedFits) -> str:
    """Return how often such fits held parameters that were known; empty if nobody tried."""
    if shipped.recovery is None:
        return ""
    fits, held = int(shipped.recovery["fits"].max()), shipped.recovery["covered_90"].mean()
    return (
        f"Fitted to {fits} simulated histories with known parameters, 90 % intervals of such fits "
        f"held the truth in {held:.0%} of cases{': the fits are too sure' if held < SOUND else ''}."
    )


def _best(counts: list[tuple[str, str, str, str]]) -> str:
    """Return which predictor is best, and whether a baseline is."""
    best = counts[0][0]
    baselines = set(BASELINES.values())
    if best in baselines:
        return f"A baseline wins: {best} has the lowest CRPS."
    beaten = [row[0] for row in counts if row[0] in baselines]
    return f"The {best} has the lowest CRPS; behind it are the baselines {', '.join(beaten)}."


def _predictor(name: str) -> str:
    """Return a predictor in words: law stocks, constant rate."""
    return BASELINES.get(name, name.replace(":", ""))


def _target_name(variable: str, date: str) -> str:
    """Return a target in words: political share, %, 2011 to 2012."""
    percent = variable.endswith("share") or variable in ("poverty", "turnout")
    words = variable.replace("_", " ") + (", %" if percent else "")
    return f"{words}, {date.replace('/', ' to ')}"


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def _short(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 100 and value != round(value) else rounded(float(value))
