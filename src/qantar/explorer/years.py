"""The years of a pack for the page: the task of a worker, and its payload.

`run_years` runs the histories and writes the payload as one file. `years_payload` turns a study
into values that JSON has; a chance of a further wave is in it only beside the prior's own.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from qantar.analysis.years.futures import national_before
from qantar.analysis.years.scopes import SCOPES
from qantar.analysis.years.study import YearsStudy, histories_to_run, run_study
from qantar.analysis.years.tables import comparable
from qantar.base.compilation import is_warm
from qantar.base.errors import QantarError
from qantar.base.worker_process import TaskError
from qantar.explorer.jobs import Progress
from qantar.explorer.workdir import YEARS_FILE
from qantar.packs.episode import load_episode
from qantar.packs.loading import load_country
from qantar.packs.years import load_years
from qantar.packs.years_tables import Driver, Trigger, month_number
from qantar.reports.years.axes import decimal_year, end_year
from qantar.reports.years.strips import happenings
from qantar.simulate.years.inputs import dated_months
from qantar.simulate.years.scenario import make_years_scenario

MEMBERS, SEED, UNTIL = 200, 1, "2035"

DRIVERS = ("growth", "inflation", "oil_price", "poverty", "mean_reach")
STOCKS = ("mean_fear", "norm", "trust")

MONTHS = 12
_DIGITS = 4
_READING = "reading the country and its sources"
_COMPILING = "compiling the model of the years (first time only, about two minutes)"
_RUNNING = "running histories"
_WRITING = "writing"
_COMPILED = "month.run_history"
_RANGE = {"low": "q05", "middle": "q50", "high": "q95"}


def run_years(pack: str, folder: Path, report: Callable[[Progress], None]) -> None:
    """Run the years of a pack and write the payload of the page.

    Parameters
    ----------
    pack : str
        Name of a shipped pack or a folder.
    folder : Path
        Destination, which must not exist yet.
    report : callable
        Receives progress.

    Raises
    ------
    QantarError
        If the pack has no years, or a file of them is invalid.
    """
    report(Progress(_READING))
    dated = load_years(load_country(pack)).header.observed_until
    scenario = make_years_scenario(pack, until=max(UNTIL, dated))
    total, done = histories_to_run(scenario, MEMBERS), 0
    report(Progress(_RUNNING if is_warm(_COMPILED) else _COMPILING, 0, total))

    def step(count: int) -> None:
        nonlocal done
        done += count
        report(Progress(_RUNNING, done, total))

    try:
        study = run_study(scenario, members=MEMBERS, seed=SEED, report=step)
    except TaskError as error:  # of a batch, whose name says nothing to a reader
        raise error.error if isinstance(error.error, QantarError) else error from None
    report(Progress(_WRITING))
    text = json.dumps(
        years_payload(study), ensure_ascii=False, allow_nan=False, separators=(",", ":")
    )
    folder.mkdir()
    (folder / YEARS_FILE).write_text(text, encoding="utf-8")


def years_payload(study: YearsStudy) -> dict[str, Any]:
    """Return what the page shows of a study, as values that JSON has.

    Parameters
    ----------
    study : YearsStudy

    Returns
    -------
    dict
        Moments are months since the first one, with fractions; ranges hold 90 % of the histories.
        ``futures`` has ``prior`` beside every ``chance``; ``fitted`` says if they can differ.
    """
    scenario = study.scenario
    header = scenario.years.header
    first = decimal_year(header.first)

    def at(year: float) -> float:
        return round(MONTHS * (year - first), 2)

    end = first + scenario.months / MONTHS
    return {
        "country": scenario.country.header.country,
        "first": header.first,
        "dated_until": header.observed_until,
        "dated": min(dated_months(scenario.years), scenario.months),
        "months": scenario.months,
        "region_count": len(scenario.country.regions),
        "members": study.run.members,
        "seed": study.run.seed,
        "law": scenario.law.title,
        "belief": scenario.belief,
        "fitted": study.prior is not None,
        "command": _command(study),
        "series": [_series(study, name, at) for name in (*DRIVERS, *STOCKS)],
        "monitors": _monitors(study, at),
        "waves": _waves(study, at),
        "acts": [
            {"at": at(decimal_year(act.date)), "date": act.date, "kind": act.kind,
             "label": act.label}
            for act in happenings(scenario.years, first, end)
        ],
        "openings": [
            {"from": at(decimal_year(each.begins)), "to": at(end_year(each.ends)),
             "label": each.label}
            for each in header.opening
        ],
        "futures": _futures(study),
    }  # fmt: skip


def _series(study: YearsStudy, name: str, at: Callable[[float], float]) -> dict[str, Any]:
    """Return a variable of the country: its data, and ranges in both parts of the run."""
    header = study.scenario.years.header
    declared = header.series.get(name)
    table = study.tables["country"]
    table = table[table["variable"] == name]
    dated = min(dated_months(study.scenario.years), study.scenario.months)
    later = table[table["histories"] == "outlook"].iloc[dated:]
    return {
        "name": name,
        "group": "drivers" if name in DRIVERS else "stocks",
        "unit": "" if declared is None else declared.unit,
        "data": [] if declared is None else _data(study, study.scenario.years.series(name), at),
        "free": _part(table[table["histories"] == "free"], 0),
        "later": _part(later, dated) if len(later) else None,
    }


def _data(
    study: YearsStudy, rows: dict[tuple[str, str], Driver], at: Callable[[float], float]
) -> list[tuple[float, float | None]]:
    """Return the values of a series in the country, each in the middle of its period."""
    country = study.scenario.country.header.country
    found = [
        (at((decimal_year(period) + end_year(period)) / 2), _rounded(row.value))
        for (area, period), row in rows.items()
        if area == country
    ]
    return sorted(found)


def _part(table: pd.DataFrame, start: int) -> dict[str, Any]:
    columns = {name: _numbers(table[column]) for name, column in _RANGE.items()}
    return {"start": start, **columns}


def _monitors(study: YearsStudy, at: Callable[[float], float]) -> list[dict[str, Any]]:
    """Return every monitor that published a count, with the counts beside the model's range."""
    table = study.tables["monitors"]
    found = []
    for name, monitor in study.scenario.years.header.monitors.items():
        rows = table[table["monitor"] == name] if len(table) else table
        if not len(rows):
            continue
        counts = [
            {
                "from": at(decimal_year(str(row["from"]))),
                "to": at(end_year(str(row["to"]))),
                "period": [str(row["from"]), str(row["to"])],
                "value": _rounded(row["value"]),
                "alternative": _rounded(row["alternative"]),
                "use": str(row["use"]),
                "verdict": str(row["verdict"]),
                **{key: _rounded(row[column]) for key, column in _RANGE.items()},
            }
            for row in rows.to_dict("records")
        ]
        found.append(
            {
                "name": name,
                "label": monitor.label,
                "definition": monitor.definition,
                "unit": monitor.unit,
                "counts": counts,
            }
        )
    return found


def _waves(study: YearsStudy, at: Callable[[float], float]) -> list[dict[str, Any]]:
    """Return every dated trigger: what happened, what the histories give, and its episode."""
    scenario = study.scenario
    triggers = {each.trigger: each for each in scenario.years.triggers}
    answered: dict[str, list[str]] = {}
    for answer in scenario.years.answers:
        kinds = answered.setdefault(answer.trigger, [])
        if answer.kind not in kinds:
            kinds.append(answer.kind)
    return [
        {
            "trigger": row["trigger"],
            "label": row["label"],
            "date": row["date"],
            "at": at(decimal_year(str(row["date"]))),
            "outcome": row["outcome"],
            "observed": _rounded(row["regions_observed"]),
            "scope": row["scope_observed"],
            "low": _rounded(row["regions_q05"]),
            "middle": _rounded(row["regions"]),
            "high": _rounded(row["regions_q95"]),
            "scopes": {scope: _rounded(row[scope]) for scope in SCOPES},
            "answered": answered.get(str(row["trigger"]), []),
            "answers": {kind: _rounded(row[kind]) for kind in ("concede", "promise", "repress")},
            "verdict": row["verdict"],
            "national": _national(study, row) if row["scope_observed"] == SCOPES[-1] else None,
            "episode": _episode(study, triggers[str(row["trigger"])]),
        }
        for row in study.tables["triggers"].to_dict("records")
    ]


def _national(study: YearsStudy, row: dict[Any, Any]) -> dict[str, Any]:
    """Return how often a wave that went national does, and how often one comes before it."""
    prior = study.prior or study.run
    table = study.prior_triggers
    before = month_number(str(row["date"])) - month_number(study.scenario.years.header.first)
    alone = table.loc[table["trigger"] == row["trigger"], SCOPES[-1]].iloc[0]
    return {
        "chance": _rounded(row[SCOPES[-1]]),
        "prior": _rounded(alone),
        "before": _rounded(national_before(study.run, comparable(study.run), before)),
        "prior_before": _rounded(national_before(prior, comparable(prior), before)),
    }


def _episode(study: YearsStudy, trigger: Trigger) -> dict[str, str] | None:
    """Return the episode that runs a trigger hour by hour."""
    if not trigger.episode:
        return None
    episode = load_episode(study.scenario.country, trigger.episode)
    return {"name": episode.name, "title": episode.title}


def _futures(study: YearsStudy) -> list[dict[str, Any]]:
    """Return chances of further waves; a row without the prior's own would be left out."""
    table = study.tables.get("futures")
    rows = [] if table is None else table.dropna(subset=["prior_alone"]).to_dict("records")
    return [
        {
            "scope": row["scope"],
            "span": row["span"],
            "until": row["until"],
            "chance": _rounded(row["chance"]),
            "error": _rounded(row["standard_error"]),
            "prior": _rounded(row["prior_alone"]),
            "prior_error": _rounded(row["prior_standard_error"]),
        }
        for row in rows
    ]


def _command(study: YearsStudy) -> str:
    scenario = study.scenario
    return (
        f"qantar years {scenario.country.header.name} --until {scenario.until} "
        f"--law {scenario.law_name} --belief {scenario.belief} "
        f"--members {study.run.members} --seed {study.run.seed}"
    )


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [_rounded(value) for value in values]


def _rounded(value: float) -> float | None:
    """Return a number with few digits, None for NaN and infinity, which JSON lacks."""
    return float(f"{value:.{_DIGITS}g}") if math.isfinite(value) else None
