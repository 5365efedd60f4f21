"""Rows of the tables of the page: triggers, money, futures, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from qantar.analysis.years.futures import DIFFERENCE, WIDER, chance_by_month
from qantar.analysis.years.reforms import reform_differences
from qantar.analysis.years.run import YearsRun
from qantar.analysis.years.scopes import SCOPES
from qantar.analysis.years.study import PRIOR_ALONE, YearsStudy
from qantar.packs.years import Years
from qantar.reports.style import BLUE, ORANGE, VERDICTS, VERMILION, Mark, percent, to_svg
from qantar.reports.years.axes import Span, decimal_year, end_year, name_row
from qantar.reports.years.drawings import scope_bar
from qantar.reports.years.sentences import (
    OR_MORE,
    chance_of,
    in_words,
    points,
    range_text,
    regions_text,
    spans_in,
    when,
)
from qantar.simulate.years.scenario import NATIONAL_WAVE

UNKNOWN = Mark("not known", "–", "#595959")

ANSWERS = {"concede": "conceded", "promise": "promised", "repress": "repressed",
           "arrest": "arrested", "ignore": "ignored"}  # fmt: skip
"""What the state did about a trigger, in a word."""

SHORTEST = 2.0
"""Years to come from which on their chances are drawn."""

WIDTHS = {"several": 2.0, "wide": 4.0, "national": 1.6}
"""Widths of lines: one that another covers still shows."""

LABEL = 9.0
"""Height of a label in per cent of the histories."""

MINUS = "\u2212"

EXPECTED = {"+": "more", "-": "less", "either": "either", "none": "no change"}
"""Expected signs in words."""

COLOURS = {"several": BLUE, "wide": ORANGE, "national": VERMILION}


@dataclass(frozen=True)
class TriggerRow:
    """A dated trigger: what happened, what the histories give, and the verdict."""

    number: int
    when: str
    label: str
    happened: str
    answered: str
    gives: str
    answers: str
    bar: Markup
    share: str
    mark: Mark


@dataclass(frozen=True)
class MoneyRow:
    """What a region keeps and gets, and whether a claim that it gets nothing is met."""

    region: str
    own: str
    general: str
    earmarked: str
    says: str
    mark: Mark | None


@dataclass(frozen=True)
class FutureRow:
    """A chance of one scope by one time, always with the prior's."""

    world: str
    scope: str
    until: str
    chance: str
    prior: str


def numbered(study: YearsStudy, since: int) -> dict[str, int]:
    """Return the numbers of the triggers that are shown, by name."""
    table = study.tables["triggers"]
    if table.empty:
        return {}
    shown = [t for t, date in zip(table["trigger"], table["date"], strict=True)
             if decimal_year(str(date)) >= since]  # fmt: skip
    return {str(name): k for k, name in enumerate(shown, start=1)}


def trigger_rows(study: YearsStudy, numbers: Mapping[str, int]) -> list[TriggerRow]:
    """Return a row for every trigger that has a number."""
    answered = _answers(study.scenario.years)
    count = len(study.scenario.country.regions)
    rows = []
    for row in study.tables["triggers"].to_dict("records"):
        name = str(row["trigger"])
        if name not in numbers:
            continue
        seen = float(row["regions_observed"])
        known = not np.isnan(seen)
        happened = f"{regions_text(seen)} of {count}" if known else "not known"
        rows.append(
            TriggerRow(
                number=numbers[name],
                when=when(str(row["date"])),
                label=str(row["label"]),
                happened=happened if row["outcome"] != "nobody" or seen else "nobody",
                answered=", ".join(answered.get(name, [])) or "nothing recorded",
                gives=f"{row['regions']:.0f} "
                f"({range_text(float(row['regions_q05']), float(row['regions_q95']))})",
                answers=", ".join(
                    f"{ANSWERS[kind]} {percent(float(row[kind]))}"
                    for kind in ("concede", "promise", "repress")
                ),
                bar=scope_bar(
                    {scope: float(row[scope]) for scope in SCOPES}, str(row["scope_observed"])
                ),
                share=percent(float(row["share_observed"])) if known else "",
                mark=VERDICTS["hit"] if row["verdict"] == "hit"
                else VERDICTS["miss"] if row["verdict"] == "miss" else UNKNOWN,
            )
        )  # fmt: skip
    return rows


def money_rows(study: YearsStudy) -> list[MoneyRow]:
    """Return a row for every region."""
    table = study.tables["money"]
    rows = []
    for region, own in table.groupby("region", sort=False):
        cells = {str(row["kind"]): row for row in own.to_dict("records")}
        claimed = [row for row in cells.values() if row["verdict"]]
        says = "; ".join(f"no {row['kind']} transfers ({row['claim']})" for row in claimed)
        given = [
            f"{row['kind']} ones in {percent(1 - float(row['share_none']))} of histories"
            for row in claimed
        ]
        hit = all(row["verdict"] == "hit" for row in claimed)
        mark = VERDICTS["hit" if hit else "miss"] if claimed else None
        rows.append(
            MoneyRow(
                str(region),
                _money(cells["own"]),
                _money(cells["general"]),
                _money(cells["earmarked"]),
                f"{says}; the model gives {', '.join(given)}" if claimed else "",
                mark,
            )
        )
    return rows


def future_rows(table: pd.DataFrame) -> list[FutureRow]:
    """Return a row for each chance: by world, scope and time."""
    rows = []
    for world in dict.fromkeys(table["world"]):
        tell = points if world == DIFFERENCE else in_words
        for scope in WIDER:
            for name in spans_in(table):
                one = chance_of(table, world, scope, name)
                until = table.loc[table["span"] == name, "until"].iloc[0]
                rows.append(
                    FutureRow(
                        world,
                        OR_MORE[scope],
                        f"{name}: {when(str(until))}",
                        tell(one.chance, one.error),
                        tell(one.prior, one.prior_error),
                    )
                )
    return rows


@dataclass(frozen=True)
class ReformRow:
    """What a reform was expected to do to a quantity, and what it did."""

    reform: str
    quantity: str
    expected: str
    because: str
    without: str
    change: str
    found: str


def reform_rows(run: YearsRun) -> list[ReformRow]:
    """Return a row for each quantity of which a reform of the run says the expected sign."""
    rows = []
    for each in reform_differences(run):
        name, sign = each.expected.quantity, each.expected.sign
        wave = name == NATIONAL_WAVE
        change = points(each.change, each.error) if wave else _signed(each.change, each.error)
        rows.append(
            ReformRow(
                run.scenario.reforms[each.reform].title,
                "a national wave" if wave else name.replace("_", " "),
                EXPECTED[sign],
                each.expected.because,
                percent(each.without) if wave else f"{each.without:.3g}",
                change,
                each.finding,
            )
        )
    return rows


def _signed(change: float, error: float) -> str:
    """Return a difference with its standard error."""
    words = f"{abs(change):.2g}"
    sign = "" if float(words) == 0 else MINUS if change < 0 else "+"
    return f"{sign}{words} ± {error:.1g}"


def futures_figure(span: Span) -> Markup | None:
    """Draw the share of histories with a wave by each month, and the prior's beside it."""
    run = span.study.run
    if run.outlook is None or span.end - span.dated < SHORTEST:
        return None
    unchanged = run.outlook if run.without is None else run.without
    with span.rows([210.0]) as (figure, (axes,)):
        first = end_year(run.scenario.years.header.observed_until)
        axes.set_xlim(first, span.end + 0.07 * (span.end - first))  # room for labels
        ticks = np.arange(np.ceil(first), span.end + 0.01)
        axes.set_xticks(ticks, [f"{tick:.0f}" for tick in ticks])
        ends: dict[str, float] = {}
        for scope in WIDER:
            values = 100 * chance_by_month(run, unchanged, scope)
            at = span.of_months(run.scenario.months)[-len(values) :]
            axes.plot(at, values, color=COLOURS[scope], linewidth=WIDTHS[scope])
            prior = span.study.prior
            if prior is not None:
                histories = prior.outlook if prior.without is None else prior.without
                assert histories is not None
                alone = 100 * chance_by_month(prior, histories, scope)
                axes.plot(at, alone, color=COLOURS[scope], linewidth=1.6, linestyle=(0, (4, 2)))
            ends[scope] = float(values[-1])
        for scope, height in _apart(ends).items():
            axes.annotate(scope, (span.end, height), xytext=(4, 0),
                          textcoords="offset points", va="center", color=COLOURS[scope],
                          fontsize=11, annotation_clip=False)  # fmt: skip
        axes.set_ylim(0, 106)
        name_row(axes, f"Histories with such a wave by then, % (dashed: {PRIOR_ALONE})")
        return to_svg(figure, "futures", "Share of histories with a wave by each month")


def _apart(ends: Mapping[str, float]) -> dict[str, float]:
    """Return heights of labels, from the highest down, that do not cover each other."""
    found: dict[str, float] = {}
    last = np.inf
    for name, height in ends.items():
        last = min(height, last - LABEL)
        found[name] = last
    lowest = min(found.values(), default=0.0)
    return {name: height - min(lowest, 0.0) for name, height in found.items()}


def made_rows(manifest: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return what the page says of how it was made."""
    overrides = ", ".join(f"{name} = {value:g}" for name, value in manifest["overrides"].items())
    return [
        ("Software", f"qantar {manifest['qantar_version']}, Python {manifest['python']}"),
        ("Pack", f"{manifest['pack']}, fingerprint {manifest['pack_fingerprint'][:12]}"),
        ("Law", str(manifest["law"])),
        ("Parameters from", str(manifest["belief"])),
        ("Members, seed", f"{manifest['members']}, {manifest['seed']}"),
        ("Until", f"{manifest['until']} (triggers dated until {manifest['observed_until']})"),
        ("Reforms", ", ".join(manifest["reforms"]) or "none"),
        ("Held at a value", overrides or "none"),
        ("Again", _command(manifest)),
    ]


def _command(manifest: Mapping[str, Any]) -> str:
    words = [
        f"qantar years {manifest['pack']} --until {manifest['until']} --law {manifest['law']} "
        f"--belief {manifest['belief']} --members {manifest['members']} --seed {manifest['seed']}",
        *(f"--reform {name}" for name in manifest["reforms"]),
        *([f"--open {manifest['opened']}"] if manifest["opened"] else []),
        *(f"--set {name}={value:g}" for name, value in manifest["overrides"].items()),
    ]
    return " ".join(words)


def _answers(years: Years) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for answer in years.answers:
        listed = found.setdefault(answer.trigger, [])
        if ANSWERS[answer.kind] not in listed:
            listed.append(ANSWERS[answer.kind])
    return found


def _money(row: Mapping[Any, Any]) -> str:
    low, middle, high = (f"{float(row[key]):.1f}" for key in ("q05", "q50", "q95"))
    return middle if low == high else f"{middle} ({low} to {high})"
