"""Report of a comparison: one HTML page without external files, and its figures as SVG files."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from matplotlib.figure import Figure

from qantar.analysis.compare.comparison import POOLED, is_undecided
from qantar.analysis.compare.reliability import CLEAR_ODDS, SOME_ODDS
from qantar.analysis.compare.validation import METHODS
from qantar.analysis.inference.summary import UNCONSTRAINED, UNMOVED
from qantar.reports.comparison import rows, sentences
from qantar.reports.comparison.charts import (
    confusion_figure,
    probability_bars,
    rank_figure,
    reliability_figure,
)
from qantar.reports.comparison.rows import Shown
from qantar.reports.comparison.sentences import fact_words, missed_facts
from qantar.reports.style import embedded_svg, many, percent, render, styled, svg_text

LARGEST_RHAT = 1.05
"""R-hat from which chains disagree so much that the evidence of an account is in doubt."""


def render_comparison(shown: Shown, files: Mapping[str, str] | None = None) -> str:
    """Return a comparison as one HTML page without external files.

    Parameters
    ----------
    shown : Shown
    files : mapping, optional
        What `figure_files` returned, so that the figures are not drawn twice.
    """
    files = figure_files(shown) if files is None else files
    drawn = {
        name: embedded_svg(files[f"{name}.svg"], name, label)
        for name, (_, label) in _figures(shown).items()
    }
    groups, score_rows = rows.score_table(shown)
    words, ranks = fact_words(shown), shown.table("ranks")
    return render(
        "comparison.html.j2",
        shown=shown,
        headline=_plain([sentences.verdict(shown)])[0],
        rests_on=sentences.rests_on(shown),
        method_lines=sentences.method_lines(shown),
        methods=METHODS,
        figures=drawn,
        accounts=rows.account_rows(shown),
        rhat_limit=LARGEST_RHAT,
        pair_cells=rows.pair_cells(shown),
        pairs=rows.pair_rows(shown),
        many=many,
        strengths=list(rows.STRENGTHS.values()),
        clear_odds=CLEAR_ODDS,
        some_odds=SOME_ODDS,
        p_value=float(ranks[ranks["account"] == POOLED]["p_value"].iloc[0]),
        coverage=rows.coverage_rows(shown),
        coverage_lines=sentences.coverage_lines(shown.table("coverage")),
        groups=groups,
        scores=score_rows,
        held_facts=many(sentences.held_facts(shown), "fact"),
        legend=rows.legend(),
        prediction_lines=_plain(sentences.prediction_lines(shown)),
        folds=rows.fold_table(shown),
        forbidden=_plain(sentences.forbidden_lines(shown.table("prior-check"), words)),
        missed=missed_facts(shown),
        bonus=_plain(sentences.bonus_lines(shown)),
        power=sentences.best_for_all(shown),
        pair_power=sentences.best_for_pairs(shown),
        parameters=rows.parameter_rows(shown),
        undecided=is_undecided(shown.table("pairs")),
        all_parameters=int((shown.table("parameters")["account"] == shown.leader).sum()),
        unconstrained=rows.unconstrained(shown),
        unconstrained_limits=(UNCONSTRAINED, UNMOVED),
        discrepancy=rows.discrepancy_rows(shown),
    )


def figure_files(shown: Shown) -> dict[str, str]:
    """Return every figure of the page as an SVG file of its own, by name."""
    with styled():
        return {f"{name}.svg": svg_text(draw()) for name, (draw, _) in _figures(shown).items()}


def _figures(shown: Shown) -> dict[str, tuple[Callable[[], Figure], str]]:
    """Return for each figure the function that draws it, and its text for screen readers."""
    table = shown.table("accounts").set_index("account")["recalibrated"]
    listed = ", ".join(f"{name} {percent(float(table[name]))}" for name in shown.accounts)
    found: dict[str, tuple[Callable[[], Figure], str]] = {
        "probabilities": (
            lambda: probability_bars(shown),
            f"Bars of probabilities by two methods. By the likelihood: {listed}.",
        ),
        "ranks": (lambda: rank_figure(shown), "Histogram of ranks of true numbers, all accounts."),
    }
    for method in METHODS:
        found[f"confusion-{method}"] = (
            lambda m=method: confusion_figure(shown, m),  # type: ignore[misc]
            f"Confusion matrix of the {method} on simulated data.",
        )
        found[f"reliability-{method}"] = (
            lambda m=method: reliability_figure(shown, m),  # type: ignore[misc]
            f"Reliability diagram of the {method} on simulated data.",
        )
    return found


def _plain(lines: list[str]) -> list[str]:
    """Return sentences without the backticks that mark names in a terminal."""
    return [line.replace("`", "") for line in lines]
