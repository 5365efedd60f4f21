"""What a run of the years says, in plain sentences and short rows of tables."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from qantar.analysis.years.futures import (
    DIFFERENCE,
    SPANS,
    TO_THE_END,
    UNCHANGED,
    national_before,
)
from qantar.analysis.years.scopes import SCOPES
from qantar.analysis.years.study import PRIOR_ALONE, YearsStudy
from qantar.analysis.years.tables import comparable
from qantar.packs.years_tables import first_day, month_number
from qantar.reports.style import exact, many, percent, rounded, short_day, span

NO_FORECAST = (
    "This is no forecast. It does not say when or whether people will come out again, and nobody "
    "could have read from it beforehand what happened."
)

NATIONAL = SCOPES[-1]

SCOPE_WORDS = {
    "none": "nobody",
    "local": "one region",
    "several": "several regions",
    "wide": "about half of the regions or more",
    "national": "nearly all regions",
}
"""Scopes in words."""

OR_MORE = {
    "several": "several regions or more",
    "wide": "half of the regions or more",
    "national": "nearly all regions (national)",
}


@dataclass(frozen=True)
class Chance:
    """A chance under the run and under the prior alone, each with its standard error."""

    chance: float
    error: float
    prior: float
    prior_error: float


def headline(study: YearsStudy) -> list[str]:
    """Return the main results in plain sentences."""
    lines = [_triggers_line(study), *_national_lines(study), _monitors_line(study)]
    lines.append(_kinds_line(study))
    return [line for line in [*lines, *_future_lines(study)] if line]


def setting(study: YearsStudy) -> str:
    """Return in a sentence what was run."""
    run, scenario = study.run, study.scenario
    rows = scenario.years.header
    words = (
        f"{many(run.members, 'history', 'histories')} of {scenario.country.header.country}, month "
        f"by month from {rows.first} to {scenario.until}, under the law “{scenario.law.title}”, "
        f"with parameters from the {scenario.belief}."
    )
    if scenario.reforms:
        names = "; ".join(
            f"{each.title} (from {each.begins})" for each in scenario.reforms.values()
        )
        words += f" Reforms: {names}."
    return words


def _triggers_line(study: YearsStudy) -> str:
    table = study.tables["triggers"]
    if table.empty:
        return "No trigger is dated within the run."
    known = table[table["verdict"] != ""]
    hits = int((known["verdict"] == "hit").sum())
    share = percent(float(known["share_observed"].mean())) if len(known) else "none"
    return (
        f"{many(len(table), 'trigger')} are dated; {int((table['outcome'] == 'waved').sum())} of "
        f"them became waves. Of the {len(known)} whose outcome is known, {hits} have the number of "
        f"regions that came out inside the 90 % range of the histories. A trigger gets the scope "
        f"that it had in {share} of the histories on average."
    )


def _national_lines(study: YearsStudy) -> list[str]:
    table = study.tables["triggers"]
    found = table[table["scope_observed"] == NATIONAL] if len(table) else table
    lines = []
    start = month_number(study.scenario.years.header.first)
    for row in found.to_dict("records"):
        own = float(row[NATIONAL])
        line = (
            f"“{row['label']}” ({row['date']}) went national. It does in {percent(own)} of the "
            f"free histories; {PRIOR_ALONE}: {percent(_prior_share(study, str(row['trigger'])))}."
        )
        before = month_number(str(row["date"])) - start
        if before > 0:
            false = national_before(study.run, comparable(study.run), before)
            prior = study.prior or study.run
            alone = national_before(prior, comparable(prior), before)
            line += (
                f" In {percent(false)} of them another national wave comes before it, which did "
                f"not happen; {PRIOR_ALONE}: {percent(alone)}."
            )
        lines.append(line)
    return lines


def _prior_share(study: YearsStudy, trigger: str) -> float:
    table = study.prior_triggers
    return float(table.loc[table["trigger"] == trigger, NATIONAL].iloc[0])


def national_chances(study: YearsStudy) -> list[tuple[str, float, float]]:
    """Return label, share and prior's share of the triggers that went national."""
    table = study.tables["triggers"]
    found = table[table["scope_observed"] == NATIONAL] if len(table) else table
    return [
        (str(row["label"]), float(row[NATIONAL]), _prior_share(study, str(row["trigger"])))
        for row in found.to_dict("records")
    ]


def _monitors_line(study: YearsStudy) -> str:
    table = study.tables["monitors"]
    if table.empty:
        return "No monitor published a count within the run."
    parts = [
        f"{int((rows['verdict'] == 'hit').sum())} of {len(rows)} {name}"
        for use, name in (("fit", "to be fitted"), ("held", "held back"), ("weak", "weak"))
        if len(rows := table[table["use"] == use])
    ]
    factor = float(np.median((table["q95"] + 1) / (table["q05"] + 1)))
    return (
        f"Published counts of assemblies of all kinds inside the 90 % range: {', '.join(parts)}. "
        f"The upper end "
        f"of a range is typically {rounded(factor)} times the lower one: the wider, the easier to "
        f"hit."
    )


def _kinds_line(study: YearsStudy) -> str:
    """Return how often the share of political assemblies is met; empty without such targets."""
    table = study.tables.get("targets")
    if table is None or "q05" not in table:
        return ""
    rows = table[(table["variable"] == "political_share") & table["q05"].notna()]
    if rows.empty:
        return ""
    inside = (rows["q05"] <= rows["high"]) & (rows["q95"] >= rows["low"])
    return (
        f"The share of political ones among them, as sources give it, is inside the 90 % range in "
        f"{int(inside.sum())} of {many(len(rows), 'period')}."
    )


def _future_lines(study: YearsStudy) -> list[str]:
    table = study.tables.get("futures")
    if table is None:
        return []
    wanted = "10 years" if "10 years" in set(table["span"]) else TO_THE_END
    own = chance_of(table, UNCHANGED, NATIONAL, wanted)
    until = str(table.loc[table["span"] == wanted, "until"].iloc[0])
    seen = (study.tables["triggers"]["scope_observed"] == NATIONAL).any()
    lines = [
        f"{'Another' if seen else 'A'} national wave by {when(until)}, with nothing changed: "
        f"{in_words(own.chance, own.error)} of the histories; {PRIOR_ALONE}: "
        f"{in_words(own.prior, own.prior_error)}."
    ]
    if study.run.without is not None:
        pair = chance_of(table, DIFFERENCE, NATIONAL, wanted)
        lines.append(
            f"The reforms change that by {points(pair.chance, pair.error)}; {PRIOR_ALONE}: "
            f"{points(pair.prior, pair.prior_error)}. The sign may depend on the law."
        )
    return lines


def chance_of(table: pd.DataFrame, world: str, scope: str, until: str) -> Chance:
    """Return one chance of the table of futures."""
    here = (table["world"] == world) & (table["scope"] == scope) & (table["span"] == until)
    row = table[here].iloc[0]
    return Chance(
        float(row["chance"]),
        float(row["standard_error"]),
        float(row["prior_alone"]),
        float(row["prior_standard_error"]),
    )


def spans_in(table: pd.DataFrame) -> list[str]:
    """Return the spans of a table of futures, the longest last."""
    return [name for name in (*SPANS, TO_THE_END) if name in set(table["span"])]


def in_words(share: float, error: float) -> str:
    """Return a share with its standard error: 44 % ± 3."""
    return f"{percent(share)} ± {max(100 * error, 1):.0f}"


def points(change: float, error: float) -> str:
    """Return a difference of shares with its standard error: −4 ± 2.1 points."""
    sign = "\u2212" if round(100 * change) < 0 else "+" if round(100 * change) > 0 else ""
    return f"{sign}{abs(100 * change):.0f} ± {100 * error:.1f} points"


def when(moment: str) -> str:
    """Return a year, month or day as short as it is given: 2019, Mar 2019, 9 Jun 2019."""
    day = first_day(moment)
    if len(moment) == len("YYYY"):
        return moment
    return f"{day:%b %Y}" if len(moment) == len("YYYY-MM") else f"{short_day(day)} {day.year}"


def regions_text(value: float) -> str:
    """Return a number of regions that may be unknown."""
    return "not known" if np.isnan(value) else exact(value)


def range_text(low: float, high: float) -> str:
    """Return a range of whole numbers."""
    return span(f"{low:.0f}", f"{high:.0f}")
