"""The page of a run of the years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qantar.analysis.years.directory import AFTER, STATE
from qantar.analysis.years.study import PRIOR_ALONE, YearsStudy
from qantar.analysis.years.tables import comparable
from qantar.packs.years import Years
from qantar.reports.style import BLUE, GREEN, INK, SKY, VERMILION, many, render
from qantar.reports.years.axes import Span
from qantar.reports.years.drawings import SCOPE_COLOURS, stock_strips
from qantar.reports.years.fitted import opened_rows, shipped_rows, target_rows
from qantar.reports.years.rows import (
    future_rows,
    futures_figure,
    made_rows,
    money_rows,
    numbered,
    reform_rows,
    trigger_rows,
)
from qantar.reports.years.sentences import NO_FORECAST, SCOPE_WORDS, headline, setting, when
from qantar.reports.years.strips import LANES, acts_figure, happenings, waves_figure
from qantar.reports.years.timeline import drivers_figure, monitors_figure, stocks_figure

LIMITS = (
    "It does not forecast unrest. A chance in it follows from the law, the prior and the data "
    "together; where it stays near what the prior alone gives, the data say nothing about it.",
    "It does not claim that the economy explains how many assemblies there are: no data tell "
    "that apart from chance. Prices matter here for how far a trigger carries.",
    "Histories of single regions were not fitted: no monitor publishes counts by region. They "
    "show what the law would give with the country's parameters.",
    "After the dated months, triggers come at the rate of the last years and series at random "
    "around a stated mean, and no vote is dated. None of that is a scenario of what will come.",
    "A hit says that what happened lies in the range, and wide ranges are easily hit. A trigger "
    "that is local by definition (only where it happened) cannot miss by being small.",
    "That reforms prevent waves, or that repression works, does not follow from it: the signs "
    "depend on the law, and few answers of the state are recorded.",
)
"""What a run of the years cannot say."""


def limits_of(years: Years) -> list[str]:
    """Return what a run of these years cannot say; openings were chosen in hindsight."""
    found = [
        f"The opening of {when(each.begins)} to {when(each.ends)} ({each.label}) was seen in "
        f"hindsight. That assemblies become more with it is put in by its date, not explained "
        f"from within."
        for each in years.header.opening
    ]
    return [*LIMITS[:3], *found, *LIMITS[3:]]


def render_years(study: YearsStudy, manifest: Mapping[str, Any], *, since: int) -> str:
    """Return the page of a run of the years.

    Parameters
    ----------
    study : YearsStudy
    manifest : mapping
        From `qantar.analysis.years.directory.years_manifest`.
    since : int
        First year that is shown.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    scenario, run = study.scenario, study.run
    header = scenario.years.header
    span, numbers = Span(study, since), numbered(study, since)
    acts = happenings(scenario.years, since, span.end)
    tables = study.tables
    part = "without" if comparable(run) is run.without else "free"
    stocks = tables["regions"][tables["regions"]["histories"] == part]
    futures = tables.get("futures")
    money = money_rows(study)
    return render(
        "years.html.j2",
        country=scenario.country.header.country,
        first=max(since, int(header.first[:4])),
        last=scenario.until[:4],
        members=many(run.members, "history", "histories"),
        setting=setting(study),
        law=scenario.law,
        lines=headline(study),
        state_page="" if study.state is None else STATE,
        after_page="" if study.after is None else AFTER,
        no_forecast=NO_FORECAST,
        prior_alone=PRIOR_ALONE,
        own_prior=study.prior is None,
        dated=when(header.observed_until),
        has_outlook=run.outlook is not None,
        reformed=run.without is not None,
        reforms=list(scenario.reforms.values()),
        differences=reform_rows(run),
        several_reforms=len(scenario.reforms) > 1,
        openings=[(when(o.begins), when(o.ends), o.label) for o in header.opening],
        drivers=drivers_figure(span),
        stocks=stocks_figure(span),
        monitors=monitors_figure(span),
        waves=waves_figure(span, numbers),
        acts_figure=acts_figure(span, acts),
        acts=[(when(act.date), LANES[act.kind], act.label) for act in acts],
        definitions=list(header.monitors.values()),
        triggers=trigger_rows(study, numbers),
        scopes=[(SCOPE_COLOURS[name], name, words) for name, words in SCOPE_WORDS.items()],
        strips=stock_strips(stocks, since),
        money=money,
        money_year=int(tables["money"]["year"].iloc[0]),
        money_claims=any(row.mark for row in money),
        futures=[] if futures is None else future_rows(futures),
        targets=target_rows(study),
        opened=opened_rows(study),
        shipped=shipped_rows(study),
        futures_figure=futures_figure(span),
        limits=limits_of(scenario.years),
        made=made_rows(manifest),
        citations=manifest["citations"],
        colours={"free": BLUE, "later": GREEN, "ink": INK, "without": VERMILION, "opening": SKY},
    )
