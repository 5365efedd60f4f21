"""The page after a crisis: promises, the detained, the vote, and the world outside."""

from __future__ import annotations

from importlib.metadata import version
from typing import NamedTuple

from markupsafe import Markup

from qantar.analysis.after.overview import PARTS, AfterRecord
from qantar.analysis.run_directory import REPORT
from qantar.analysis.years.directory import STATE
from qantar.reports.after import tables
from qantar.reports.after.promises import board_figure
from qantar.reports.after.prosecutions import prosecutions_figure
from qantar.reports.after.scorecards import scorecards_figure
from qantar.reports.after.sentences import crisis_month, known, unknown
from qantar.reports.style import render
from qantar.reports.world.alliance import alliance_figure
from qantar.reports.world.balance import balance_figure
from qantar.reports.years.state_page import MARKS, tally, texts_of


class Table(NamedTuple):
    """A table of the page: what stands over it, and its rows."""

    caption: str
    rows: tables.Rows


class Section(NamedTuple):
    """A part of the page.

    Attributes
    ----------
    name, title : str
    words : tuple of str
        Paragraphs over the drawing.
    figure : Markup or None
    tables : tuple of Table
    """

    name: str
    title: str
    words: tuple[str, ...]
    figure: Markup | None
    tables: tuple[Table, ...]


def render_after(record: AfterRecord, *, state_page: bool = True) -> str:
    """Return the page of the time after a crisis and of the world outside.

    It depends on the pack alone, and not on the run of the years that it lies beside.

    Parameters
    ----------
    record : AfterRecord
    state_page : bool
        Whether the page of the state lies beside it, to be linked to.

    Returns
    -------
    str
        HTML that needs no other file.
    """
    sections = [section for section in sections_of(record) if section.figure or section.tables]
    overview = record.overview
    wanted = {claim for check in overview.checks for claim in check.claims}
    wanted |= tables.claims_of(table.rows for part in sections for table in part.tables)
    month = crisis_month(record)
    return render(
        "after.html.j2",
        title=f"After {month}, and the world outside",
        country=record.country.header.country,
        years_page=REPORT,
        state_page=STATE if state_page else "",
        absent=[PARTS[name] for name in record.absent],
        known=known(record),
        unknown=unknown(record),
        sections=sections,
        claims=texts_of(record.country, wanted),
        sources=_sources(record, wanted),
        checks=overview.checks,
        tally=tally(overview),
        marks=MARKS,
        systems=overview.systems.to_dict("records"),
        version=version("qantar"),
        pack=record.country.fingerprint[:12],
    )


def _sources(record: AfterRecord, claims: set[str]) -> list[tuple[str, str]]:
    """Return keys and titles of the sources of claims and of rows."""
    from qantar.packs.evidence import country_ledger, has_evidence

    country = record.country
    known = country_ledger(country).claims if has_evidence(country) else {}
    keys = {known[claim].source for claim in claims if claim in known}
    return [
        (key, f"{source.author}. {source.title}" if source.author else source.title)
        for key, source in country.sources.items()
        if key in keys
    ]


def sections_of(record: AfterRecord) -> list[Section]:
    """Return the parts of the page, also those that are empty."""
    return [
        _promises(record),
        _vote_and_fund(record),
        _prosecutions(record),
        _alliance(record),
        _balance(record),
        _scorecards(record),
    ]


def _kept(*pairs: tuple[str, tables.Rows]) -> tuple[Table, ...]:
    return tuple(Table(caption, rows) for caption, rows in pairs if rows)


def _promises(record: AfterRecord) -> Section:
    board = record.board
    return Section(
        "promises",
        "Promises, as a board",
        (
            "A row is a promise. Symbols show the steps that a source tells, with their month. "
            "Figures are chances, in percent, to be enacted by the end of a year. They follow "
            "from the fates of the other promises alone: where its own fate is told, they say "
            "what would have been expected. The table has the prior beside each.",
            "Three laws compete, and none is told apart from the one that treats all promises "
            "alike unless the table of checks says so.",
        ),
        None if board is None else board_figure(board),
        _kept(
            (
                "Shares of the points enacted and reversed, in percent: mean, and 90 % of draws",
                tables.promise_prediction_rows(record),
            ),
            ("Every promise", tables.promise_rows(record)),
        ),
    )


def _vote_and_fund(record: AfterRecord) -> Section:
    return Section(
        "vote",
        "The referendum and the fund",
        (
            "Numbers as printed. Amounts of the fund are drawn from a prior, in billions of the "
            "currency, and say nothing about what was paid: 5, 50 and 95 % of draws.",
        ),
        None,
        _kept(
            ("Numbers of the vote", tables.referendum_rows(record)),
            ("What is told of the fund and the fee", tables.fund_rows(record)),
            ("What the prior alone draws for the fund", tables.fund_year_rows(record)),
        ),
    )


def _prosecutions(record: AfterRecord) -> Section:
    study = record.prosecutions
    disputed = [
        (f"Numbers of the detained side by side, by publisher: {event.replace('-', ' ')}", rows)
        for event, rows in tables.side_by_side(record).items()
    ]
    return Section(
        "prosecutions",
        "From arrest to sentence, as a flow",
        (
            "Marks are published numbers, each with its publisher; none replaces another. Areas "
            "are the mean share of the detained in every stage by the rule, month by month.",
            "Few counts inform the rule, so ranges are wide. The column of the prior shows what "
            "would be said without any count; another one how far the median moves if one count "
            "is left out.",
        ),
        None if study is None else prosecutions_figure(study),
        _kept(
            *disputed,
            (
                "What the rule gives, in persons: median, and 90 % of draws",
                tables.prosecution_prediction_rows(record),
            ),
            ("Every published number", tables.published_rows(record)),
        ),
    )


def _alliance(record: AfterRecord) -> Section:
    study = record.alliance
    return Section(
        "alliance",
        "The alliance and its neighbours, as a timeline",
        (
            "Above: what the rule gives to troops in each crisis, if it has seen all the other "
            "decisions and not this one. Below: persons by day, from priors alone, beside the "
            "totals that are told and disagree.",
        ),
        None if study is None else alliance_figure(study),
        _kept(
            (
                "By date: crises, moments, contingents, totals and sites",
                tables.timeline_rows(record),
            ),
            ("Decisions, as chances of troops if asked", tables.decision_rows(record)),
            (
                "Neighbours: who sends troops, how many, and policing afterwards (sign open)",
                tables.contagion_rows(record),
            ),
            ("Memberships at the end of later years, as chances", tables.membership_rows(record)),
        ),
    )


def _balance(record: AfterRecord) -> Section:
    return Section(
        "balance",
        "Russia and the balance among powers",
        (
            "The index is the chance that an act of the month moves away from Russia. Two "
            "accounts share a rule and differ in what they expect of war and of the debt for the "
            "troops. Each act is shown with the chance that both gave to it before it came.",
        ),
        None if record.balance is None else balance_figure(record.balance),
        _kept(("Dated acts", tables.act_rows(record))),
    )


def _scorecards(record: AfterRecord) -> Section:
    return Section(
        "scorecards",
        "Scorecards",
        (
            "What monitors published, and what they would show later: by the rule that ties "
            "scores to the years, by a random walk from the last score, and by the prior alone. "
            "Median, with 5 and 95 % in brackets.",
        ),
        None if "scorecards" in record.absent else scorecards_figure(record.country),
        _kept(("What monitors would show", tables.score_rows(record))),
    )
