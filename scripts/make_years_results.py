"""Write the results of docs/explanation/the-years.md from the fits; with --check only compare.

A result stands between ``<!-- result: NAME -->`` and ``<!-- end of result -->``. It comes from
``years/fitted`` of the pack of Kazakhstan, which ``scripts/fit_years.py`` writes, or from the
folder given by ``--fits FOLDER``. While there are no fits, what stands there is kept.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Hashable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from qantar.analysis.years.scopes import CLASSES
from qantar.analysis.years.shipped import ShippedFits
from qantar.packs.country import packs_folder
from qantar.simulate.years.scenario import FITTED

PAGE = Path(__file__).resolve().parents[1] / "docs" / "explanation" / "the-years.md"
FOLDER = packs_folder() / "kazakhstan" / "years" / FITTED
DEFAULT = "stocks"
BASELINE = "earlier shares"
LAST = "lpg-2022"
HELD = {"without-january": "all but January", "to-2018": "to 2018"}
INFORMED = 8
"""How many parameters, the best known ones, the table of recovery lists."""

SCOPES = ("none or one region", "2 to 8", "9 to 14", "15 or more")

Tables = dict[str, pd.DataFrame]
"""What `scripts/fit_years.py` writes, by name."""

_RESULT = re.compile(r"(<!-- result: (\w+) -->\n).*?(\n<!-- end of result -->)", re.DOTALL)


def main() -> None:
    """Write the page, or stop if it is not up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--fits", type=Path, default=FOLDER)
    options = parser.parse_args()
    if not (options.fits / "futures.csv").is_file():
        return
    tables = {
        name: pd.read_csv(options.fits / f"{name}.csv")
        for name in ("fits", "counts", "scopes", "futures", "recovery")
    }
    text = PAGE.read_text(encoding="utf-8")
    new = _RESULT.sub(lambda found: f"{found[1]}\n{RESULTS[found[2]](tables)}\n{found[3]}", text)
    if not options.check:
        PAGE.write_text(new, encoding="utf-8", newline="\n")
    elif new != text:
        sys.exit(f"{PAGE.name} is out of date: run python scripts/make_years_results.py")


def _laws(tables: Tables) -> str:
    """Return the log evidence of every law and split, and how many particles left descendants."""
    fits = tables["fits"]
    table = fits.pivot(index="law", columns="split", values="log_evidence")
    left = fits[fits["split"] == "full"].set_index("law")["ancestors"]
    order = table["full"].sort_values(ascending=False).index
    rows = [
        (f"`{law}`", *(f"{table.loc[law, s]:.1f}" for s in ("to-2018", "full")), f"{left[law]:.0f}")
        for law in order
    ]
    return _table(("law", "to 2018", "everything", "particles left"), rows)


def _counts(tables: Tables) -> str:
    """Return mean scores of the counts of 2019 to 2021 by predictor, best first."""
    means = ShippedFits(**tables).count_scores().sort_values("log_score", ascending=False)
    rows = [
        (_predictor(row["predictor"]), f"{row['log_score']:.2f}", f"{row['crps']:.2f}")
        for row in means.to_dict("records")
    ]
    return _table(("predictor", "log score", "CRPS of the logarithm"), rows)


def _predictor(name: str) -> str:
    """Return a predictor of `ShippedFits.count_scores` as it stands on the page."""
    kind, _, law = name.partition(": ")
    return f"law `{law}`" if law else "constant rate" if kind == "constant" else kind


def _windows(tables: Tables) -> str:
    """Return the counts that were not fitted beside the range of the default law."""
    scores = tables["counts"]
    chosen = scores[(scores["law"] == DEFAULT) & scores["predictor"].isin(["law", "persistence"])]
    rows = []
    for _, group in chosen.groupby(["monitor", "from", "to"], sort=False):
        first = group.iloc[0]
        monitor, begins, ends = str(first["monitor"]), str(first["from"]), str(first["to"])
        by_name = group.set_index("predictor")
        ranges = (
            f"{row.q50:,.0f} ({row.q05:,.0f} to {row.q95:,.0f})"
            for row in (by_name.loc["law"], by_name.loc["persistence"])
        )
        when = begins if begins == ends else f"{begins} to {ends}"
        rows.append((monitor, when, f"{first['value']:,.0f}", *ranges))
    return _table(("monitor", "period", "published", f"law `{DEFAULT}`", "persistence"), rows)


def _scopes(tables: Tables) -> str:
    """Return mean scores of the scopes of triggers after 2018, by predictor."""
    scores = tables["scopes"]
    chosen = scores[scores["split"] == "to-2018"]
    laws = chosen[chosen["predictor"] == "law"]
    others = chosen[(chosen["predictor"] == BASELINE) & (chosen["law"] == DEFAULT)]
    both = pd.concat(
        [laws.assign(name=[f"law `{law}`" for law in laws["law"]]), others.assign(name=BASELINE)]
    )
    means = both.groupby("name")[["log_score", "rps"]].mean()
    means = means.sort_values("log_score", ascending=False)
    rows = [(name, f"{row.log_score:.2f}", f"{row.rps:.3f}") for name, row in means.iterrows()]
    return _table(("predictor", "log score", "ranked probability score"), rows)


def _january(tables: Tables) -> str:
    """Return the chances of January 2022 where it was not fitted, by law and data."""
    scores = tables["scopes"]
    held = scores[(scores["trigger"] == LAST) & scores["split"].isin(HELD)]
    rows = []
    for split, words in HELD.items():
        seen = set()
        chosen = held[held["split"] == split]
        for row in chosen.sort_values("predictor", ascending=False).to_dict("records"):
            name = _name(row)
            if name not in seen:
                seen.add(name)
                rows.append((words, name, *_cells(row)))
    return _table(("fitted to", "predictor", *SCOPES), rows)


def _waves(tables: Tables) -> str:
    """Return the chances of the other waves, each held out, under the default law."""
    scores = tables["scopes"]
    splits = ("without-2011", "without-2016", "without-2019")
    chosen = scores[scores["split"].isin(splits) & (scores["law"] == DEFAULT)]
    rows = [(str(row["date"])[:7], _name(row), *_cells(row)) for row in chosen.to_dict("records")]
    return _table(("trigger of", "predictor", *SCOPES), rows)


def _name(row: dict[Hashable, Any]) -> str:
    return f"law `{row['law']}`" if row["predictor"] == "law" else BASELINE


def _cells(row: dict[Hashable, Any]) -> list[str]:
    """Return the chance of every scope; the one that happened is bold."""
    return [
        f"**{row[scope]:.2f}**" if scope == row["observed"] else f"{row[scope]:.2f}"
        for scope in CLASSES
    ]


def _futures(tables: Tables) -> str:
    """Return the chance of another national wave in ten years, by law and data."""
    futures = tables["futures"]
    chosen = futures[(futures["years"] == 10) & (futures["scope"] == "national")]
    rows = []
    for law in sorted(set(chosen["law"])):
        by_data = chosen[chosen["law"] == law].set_index("given")
        cells = (
            f"{by_data.loc[data, 'chance']:.2f} ± {by_data.loc[data, 'standard_error']:.2f}"
            if data in by_data.index
            else "not fitted"
            for data in ("full", "without-january", "prior")
        )
        rows.append((f"`{law}`", *cells))
    return _table(("law", "fitted to everything", "without January", "prior alone"), rows)


def _recovery(tables: Tables) -> str:
    """Return how often intervals hold the truth: all parameters together, and the best known."""
    recovery = tables["recovery"].sort_values("width")
    measures = ("covered_50", "covered_90", "width")
    rows = [("all", *(f"{recovery[name].mean():.2f}" for name in measures), "")]
    for row in recovery.head(INFORMED).to_dict("records"):
        cells = (f"{row[name]:.2f}" for name in (*measures, "correlation"))
        rows.append((f"`{row['parameter']}`", *cells))
    head = ("parameter", "in 50 % interval", "in 90 % interval", "width", "correlation")
    return _table(head, rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


RESULTS: dict[str, Callable[[Tables], str]] = {
    "laws": _laws,
    "counts": _counts,
    "windows": _windows,
    "scopes": _scopes,
    "january": _january,
    "waves": _waves,
    "futures": _futures,
    "recovery": _recovery,
}
"""The results by name."""


if __name__ == "__main__":
    main()
