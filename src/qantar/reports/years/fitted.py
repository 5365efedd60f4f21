"""Rows of the page about targets, an opened wave, and the fits shipped with a pack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qantar.analysis.years.likelihood import CLASSES
from qantar.analysis.years.shipped import shipped_fits
from qantar.analysis.years.study import YearsStudy
from qantar.reports.style import VERDICTS, Mark, rounded, span
from qantar.simulate.years.inputs import dated_triggers

HORIZON = 10
BASELINES = ("persistence", "constant", "trend")


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
    waves: list[tuple[str, ...]]
    futures: list[tuple[str, str, str, str]]


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
                f"{row['variable']}, {row['date']}".replace("_", " ").replace("/", " to "),
                span(_short(row["low"]), _short(row["high"])),
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
    outcomes = []
    for quantity, rows in opened.table().groupby("quantity", sort=False):
        cells = {
            r["conditions"]: f"{r['q50']:,.0f} ({r['q05']:,.0f} to {r['q95']:,.0f})"
            for r in rows.to_dict("records")
        }
        outcomes.append((str(quantity), cells["years"], cells["pack"]))
    scopes = [
        (str(r["class"]), _share(r["wave_law"]), _share(r["hour"]), _share(r["hour_from_pack"]))
        for r in opened.agreement().to_dict("records")
    ]
    return OpenedRows(labels[opened.trigger], outcomes, scopes)


def shipped_rows(study: YearsStudy) -> ShippedRows | None:
    """Return what the shipped fits say; None if the pack ships none."""
    shipped = shipped_fits(study.scenario.country)
    if shipped is None:
        return None
    scores = shipped.count_scores()
    counts = [
        (str(r["predictor"]), f"{r['crps']:.2f}", f"{r['log_score']:.1f}", str(r["counts"]))
        for r in scores.to_dict("records")
    ]
    law = study.scenario.law_name
    waves = []
    for trigger in dated_triggers(study.scenario.years):
        held = shipped.held_wave(law, trigger.trigger)
        if held is not None:
            chances = [_share(held[name]) for name in CLASSES]
            waves.append((trigger.label, str(held["observed"]), *chances))
    futures = [
        (str(r["law"]), _share(r["fitted"]), _share(r["without_january"]), _share(r["prior"]))
        for r in shipped.futures_by_law("national", HORIZON).to_dict("records")
    ]
    return ShippedRows(_best(counts), counts, waves, futures)


def _best(counts: list[tuple[str, str, str, str]]) -> str:
    """Return which predictor is best, and whether a baseline is."""
    best = counts[0][0]
    if best in BASELINES:
        return f"A baseline wins: {best} has the lowest CRPS."
    beaten = [row[0] for row in counts if row[0] in BASELINES]
    return f"The lowest CRPS is that of the {best}; behind it are {', '.join(beaten)}."


def _share(value: float) -> str:
    return "–" if np.isnan(value) else f"{value:.2f}"


def _short(value: float) -> str:
    return f"{value:.1f}" if abs(value) < 100 and value != round(value) else rounded(float(value))
