"""The page of a comparison of packages: what holds under every law, and what the prior gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from qantar.analysis.years.packages import ASKED, Answer, Estimate, PackageStudy
from qantar.packs.country import Country
from qantar.packs.years_tables import FOLDER
from qantar.reports.style import (
    BLUE,
    INK,
    MUTED,
    ORANGE,
    RULE,
    blank_figure,
    many,
    percent,
    render,
    to_svg,
)
from qantar.reports.years.sentences import NO_FORECAST
from qantar.simulate.years.scenario import FITTED

INFORMATION = "information.csv"

SHOWN = "national"
"""The scope of the sentences and of the drawing."""

NINETY = 1.645
"""Standard errors of half a 90 % range."""

_ROW, _WIDE, _FOOT = 16.0, 860.0, 40.0


def render_packages(study: PackageStudy, manifest: Mapping[str, Any]) -> str:
    """Return the page: HTML that needs no other file."""
    return render(
        "packages.html.j2",
        country=study.plan.country.header.country,
        until=study.plan.until,
        shown=shown_year(study),
        summary=summary(study),
        no_forecast=NO_FORECAST,
        packages=study.plan.packages,
        figure=changes_figure(study),
        unchanged=unchanged_rows(study),
        verdicts=study.verdicts().to_dict("records"),
        answers=answer_rows(study),
        information=information_rows(study.plan.country),
        count=many(study.plan.members, "history", "histories"),
        laws=study.plan.laws,
        splits=study.plan.splits,
        comparisons=len(study.answers),
        seed=study.plan.seed,
        version=manifest["qantar_version"],
        pack=manifest["pack_fingerprint"][:12],
    )


def shown_year(study: PackageStudy) -> str:
    """Return the year of the sentences and of the drawing: ten years on, or the last."""
    years = study.horizons
    return "2032" if "2032" in years else years[-1]


def summary(study: PackageStudy) -> list[str]:
    """Return the result in sentences that ask for no statistics."""
    year = shown_year(study)
    answers = _chosen(study, SHOWN, year)
    own = [each.without.value for each in answers]
    prior = [each.prior_without.value for each in answers]
    lines = [
        f"With nothing changed, another national wave by the end of {year} comes in "
        f"{_between(own)} of the simulated histories, depending on the law. The assumptions alone, "
        f"before any data, say {_between(prior)}. The distance between the laws is larger than "
        "anything below.",
    ]
    verdicts = study.verdicts()
    rows = verdicts[(verdicts["scope"] == SHOWN) & (verdicts["until"] == year)]
    for row in rows.to_dict("records"):
        title = study.plan.packages[str(row["package"])].title
        low, high = (_points(row[name]) for name in ("lowest", "highest"))
        lines.append(f"{title}: {row['holds']} ({low} to {high} points).")
    lines.append(
        "How strongly institutions act on protest was never measured: these sizes, and most of "
        "their signs, are stated assumptions. Of comparisons that are told apart here, about one "
        "in twenty is by chance."
    )
    return lines


def changes_figure(study: PackageStudy) -> Markup:
    """Draw what every package adds to the chance, by law, with the prior's own answer."""
    year, packages = shown_year(study), list(study.plan.packages)
    lines = [(law, split) for law in study.plan.laws for split in study.plan.splits]
    titles = {name: package.title for name, package in study.plan.packages.items()}
    rows = len(packages) * (len(lines) + 1)
    height = _ROW * rows + _FOOT + 10
    figure = blank_figure(_WIDE, height)
    left, axes_width = 330.0, _WIDE - 350.0
    axes = figure.add_axes((left / _WIDE, _FOOT / height, axes_width / _WIDE, _ROW * rows / height))
    axes.set_ylim(rows, 0)
    found = {(a.package, a.law, a.split): a for a in _chosen(study, SHOWN, year)}
    at = 0
    for package in packages:
        axes.text(
            -0.01, at + 0.5, titles[package], transform=axes.get_yaxis_transform(),
            ha="right", va="center", fontsize=8.5, color=INK, weight="bold",
        )  # fmt: skip
        for k, (law, split) in enumerate(lines, start=1):
            name = law if split == "full" else f"{law}, {split}"
            axes.text(
                -0.01, at + k + 0.5, name, transform=axes.get_yaxis_transform(),
                ha="right", va="center", fontsize=8, color=MUTED,
            )  # fmt: skip
            answer = found.get((package, law, split))
            if answer is not None:
                _mark(axes, answer.prior_change, at + k + 0.7, ORANGE, hollow=True)
                _mark(axes, answer.change, at + k + 0.4, BLUE, hollow=False)
        at += len(lines) + 1
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.set_yticks([])
    axes.tick_params(labelsize=8, colors=MUTED)
    axes.set_xlabel(
        f"Change of the chance of a national wave by {year}, points", fontsize=8.5, color=INK
    )
    axes.grid(axis="x", color=RULE, linewidth=0.6)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    label = "; ".join(
        f"{titles[a.package]}, {a.law}, {a.split}: {_points(a.change.value)} points "
        f"(prior alone {_points(a.prior_change.value)})"
        for a in found.values()
    )
    return to_svg(figure, "packages", label)


def _mark(axes: Any, change: Estimate, at: float, colour: str, *, hollow: bool) -> None:
    """Draw an estimate in points with its 90 % range; the prior's is hollow."""
    half = 100 * NINETY * change.error
    value = 100 * change.value
    axes.plot([value - half, value + half], [at, at], color=colour, linewidth=1.2)
    axes.plot(
        [value], [at], marker="D" if hollow else "o", markersize=4, color=colour,
        markerfacecolor="white" if hollow else colour,
    )  # fmt: skip


def unchanged_rows(study: PackageStudy) -> list[dict[str, str]]:
    """Return the chances with nothing changed, by law and fit; those of the prior beside."""
    first = next(iter(study.plan.packages))
    rows = []
    for answer in study.answers:
        if answer.package != first:
            continue
        rows.append(
            {
                "law": answer.law,
                "fit": answer.split,
                "scope": answer.scope,
                "until": answer.until,
                "chance": _percent(answer.without),
                "prior": _percent(answer.prior_without),
            }
        )
    return rows


def answer_rows(study: PackageStudy) -> list[dict[str, str]]:
    """Return every answer in words."""
    return [
        {
            "package": study.plan.packages[each.package].title,
            "law": each.law,
            "fit": each.split,
            "scope": each.scope,
            "until": each.until,
            "without": _percent(each.without),
            "change": _change(each.change),
            "prior_without": _percent(each.prior_without),
            "prior_change": _change(each.prior_change),
        }
        for each in study.answers
    ]


def information_rows(country: Country) -> list[dict[str, str]]:
    """Return what the shipped table says of measurements; nothing for a pack without it."""
    path = country.folder / FOLDER / FITTED / INFORMATION
    if not path.is_file():
        return []
    return [
        {"label": str(row["label"]), "points": f"{float(row['points']):.0f}"}
        for row in pd.read_csv(path).to_dict("records")
    ]


def _chosen(study: PackageStudy, scope: str, year: str) -> list[Answer]:
    assert scope in ASKED
    return [each for each in study.answers if (each.scope, each.until) == (scope, year)]


def _between(shares: Sequence[float]) -> str:
    low, high = percent(min(shares)), percent(max(shares))
    return low if low == high else f"{low} to {high}"


def _percent(chance: Estimate) -> str:
    return f"{percent(chance.value)} ± {100 * chance.error:.0f}"


def _change(change: Estimate) -> str:
    return f"{_points(change.value)} ± {100 * change.error:.1f}"


def _points(change: float) -> str:
    return f"{100 * change:+.1f}".replace("-", "\u2212")
