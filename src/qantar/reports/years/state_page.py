"""The page of the state in a run of the years: the record, what is checked, and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from markupsafe import Markup

from qantar.analysis.run_directory import REPORT
from qantar.analysis.state.event_laws import TOLD_APART
from qantar.analysis.state.histories import index_fields, index_table, later_events
from qantar.analysis.state.lifelines import LifelinePart
from qantar.analysis.state.overview import PARTS, VERDICTS, Overview
from qantar.analysis.years.study import YearsStudy
from qantar.packs.country import Country
from qantar.packs.evidence import country_ledger, has_evidence
from qantar.reports.style import BLUE, GREEN, VERMILION, Mark, many, percent, render, to_svg
from qantar.reports.years.axes import FREE, LATER, Span, draw_fan, name_row
from qantar.reports.years.lifelines import lifelines_figure
from qantar.reports.years.sentences import NO_FORECAST, setting, when
from qantar.simulate.years.inputs import dated_months

MARKS = {
    "input": Mark("input", "=", "#595959"),
    "hit": Mark("hit", "✓", "#00664b"),
    "miss": Mark("miss", "✗", "#a33f00"),
    "not told": Mark("not told", "–", "#595959"),
}
"""How verdicts are shown: by word and symbol as well as colour."""

_ROW = 84.0


def render_state(study: YearsStudy, manifest: Mapping[str, Any], since: int) -> str:
    """Return the page of the state.

    Parameters
    ----------
    study : YearsStudy
        Its pack has a part of the state or more.
    manifest : mapping
        From `qantar.analysis.years.directory.years_manifest`.
    since : int
        First year that is shown.

    Returns
    -------
    str
        HTML; it needs no other file, and leads to the page of the years beside it.
    """
    scenario, run, state = study.scenario, study.run, study.state
    assert state is not None
    header = scenario.years.header
    span = Span(study, since)
    overview, record = state.overview, state.record
    fields = index_fields(state.parts)
    names = [field.name for field in fields]
    first = dated_months(scenario.years)
    ends: list[dict[str, str]] = []
    events = pd.DataFrame()
    if run.outlook is not None:
        ends = _end_rows(index_table(names, run.outlook, run.without, first))
        events = later_events(run.outlook, run.without, first)
    return render(
        "state.html.j2",
        country=scenario.country.header.country,
        first=max(since, int(header.first[:4])),
        last=scenario.until[:4],
        setting=setting(study),
        no_forecast=NO_FORECAST,
        members=many(run.members, "history", "histories"),
        years_page=REPORT,
        dated=when(header.observed_until),
        has_outlook=run.outlook is not None,
        reformed=run.without is not None,
        reforms=list(scenario.reforms.values()),
        absent=[PARTS[name][0] for name in state.absent],
        claims=claim_texts(scenario.country, overview, record),
        checks=overview.checks,
        tally=tally(overview),
        marks=MARKS,
        systems=overview.systems.to_dict("records"),
        laws=overview.laws.to_dict("records"),
        told_apart=f"{TOLD_APART:g}",
        indices=indices_figure(span, names, [f"{_title(f.name)}: {f.meaning}" for f in fields]),
        ends=ends,
        fields=fields,
        events=[_event_row(row) for row in events.to_dict("records")],
        parts=record,
        figures={part.part: lifelines_figure(part, since, span.dated) for part in record},
        colours={"free": BLUE, "later": GREEN, "without": VERMILION},
        version=manifest["qantar_version"],
        pack=manifest["pack_fingerprint"][:12],
    )


def _title(name: str) -> str:
    """Return an index in words."""
    return name.replace("_", " ").capitalize()


def tally(overview: Overview) -> str:
    """Return how many facts have each verdict, in a sentence."""
    found = [check.verdict for check in overview.checks]
    counted = ", ".join(f"{found.count(verdict)} {verdict}" for verdict in VERDICTS)
    return f"Of {many(len(found), 'fact')}: {counted}."


def claim_texts(
    country: Country, overview: Overview, record: Iterable[LifelinePart]
) -> dict[str, str]:
    """Return the text of every claim that the page cites: paraphrase, source and locator."""
    wanted = {claim for check in overview.checks for claim in check.claims}
    for part in record:
        for line in part.lines:
            wanted.update(claim for each in line.stretches for claim in each.claims)
            wanted.update(claim for each in line.moments for claim in each.claims)
    return texts_of(country, wanted)


def texts_of(country: Country, wanted: Iterable[str]) -> dict[str, str]:
    """Return the text of claims by id: paraphrase, source, locator; unknown ones are left out."""
    if not has_evidence(country):
        return {}
    claims = country_ledger(country).claims
    return {
        name: f"{claims[name].paraphrase or claims[name].value} [{claims[name].cite()}]"
        for name in sorted(wanted)
        if name in claims
    }


def indices_figure(span: Span, names: list[str], labels: list[str]) -> Markup | None:
    """Draw indices of the state by month; None if the pack has none of them."""
    if not names:
        return None
    run = span.study.run
    with span.rows([_ROW] * len(names)) as (figure, rows):
        for axes, name, label in zip(rows, names, labels, strict=True):
            free = run.free.series(name).astype(np.float64)
            draw_fan(axes, span.of_months(free.shape[1]), free, FREE)
            if run.outlook is not None:
                later = run.outlook.series(name).astype(np.float64)
                at = span.of_months(later.shape[1])
                after = at >= span.dated
                draw_fan(axes, at[after], later[:, after], LATER)
                if run.without is not None:
                    other = np.median(run.without.series(name)[:, after], axis=0)
                    style = (0, (5, 2))
                    axes.plot(at[after], other, color=VERMILION, linewidth=1.6, linestyle=style)
            name_row(axes, label)
            axes.set_ylim(bottom=0.0)
        return to_svg(figure, "indices", "Indices of the state by month; values are in the table")


def _end_rows(table: pd.DataFrame) -> list[dict[str, str]]:
    """Return the indices at the end of the run, as text."""
    rows = []
    for row in table.to_dict("records"):
        found = {
            "index": _title(str(row["index"])),
            "begins": f"{row['begins']:.2f}",
            "with": _ranged(row, "with"),
        }
        if "without_q50" in row:
            found["without"] = _ranged(row, "without")
            found["higher"] = percent(float(row["share_higher"]))
            found["lower"] = percent(float(row["share_lower"]))
        rows.append(found)
    return rows


def _ranged(row: Mapping[Any, Any], name: str) -> str:
    low, middle, high = (row[f"{name}_{each}"] for each in ("q05", "q50", "q95"))
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


def _event_row(row: Mapping[Any, Any]) -> dict[str, str]:
    found = {
        "part": PARTS[str(row["part"])][0],
        "kind": str(row["kind"]),
        "mean": f"{row['mean']:.2g}",
        "share": percent(float(row["share"])),
    }
    if "mean_without" in row:
        found["mean_without"] = f"{row['mean_without']:.2g}"
        found["share_without"] = percent(float(row["share_without"]))
    return found
