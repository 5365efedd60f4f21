"""Write docs/reference/systems.md; with --check only compare.

With --run the default runs are made again first, which takes minutes, and their verdicts are
written to ``src/qantar/analysis/default_scores.csv``.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import get_args

import numpy as np

from qantar.analysis.after.overview import kept_checks
from qantar.analysis.after.systems import parts_by_system
from qantar.analysis.default_scores import (
    HISTORIES,
    MEMBERS,
    NOT_MODELLED,
    PACK,
    SEED,
    TargetScore,
    default_scores,
    targets_of,
    write_scores,
)
from qantar.analysis.run import run
from qantar.analysis.system_tables import LETTERS, READ
from qantar.analysis.systems import COUNTS, OF_TARGETS, SCALES, System, systems_overview
from qantar.analysis.years.run import run_years
from qantar.analysis.years.targets import target_table
from qantar.evidence.targets import Use
from qantar.packs.episode import list_episodes
from qantar.packs.loading import load_country
from qantar.packs.years import load_years
from qantar.simulate.scenario import make_scenario
from qantar.simulate.years.scenario import make_years_scenario

HEAD = f"""# The systems of the sources

Written by `scripts/make_systems.py`. The five documents describe 43 systems. For each this page
says what runs of it, where, and what became of the facts about it; `qantar list systems` prints
the same.

- **hour**: mechanisms or offices of the hour. **years**: mechanisms of the month that have a law
  of it. **after**: parts after January, or of the world outside. **data only**: nothing runs; its
  data are read, or its facts put in. **not at all**: neither. Which mechanism stands for which
  system is our reading, last checked on {READ}.
- **input**: the fact was put in. **hit** and **miss**: what follows agrees with the fact, or not.
  **not told**: nothing in the model says either.
- **near** is only for targets of the hour and of the years. They are counted as the reports of the
  default runs count them: near is neither hit nor miss
  ([decision 0008](../decisions/0008-hit-near-miss.md)). What is not informative or not modelled
  counts as not told, and what the model reads as data counts as input.

A hit can be cheap: many intervals are wide, most targets were fitted, and the authors of the model
had read the sources ([What the default run hits and
misses](../explanation/what-it-misses.md)). The number of hits is no measure of how much of a
system runs. Hits of systems with data only are arithmetic on what was put in, such as shares
between two censuses or answers of a poll."""

COLUMNS = ("system", "where", "what runs", *COUNTS, "limits of hour and years")

INPUTS = """Files of `packs/kazakhstan` that describe a system. Claims of the sources are in
`evidence/claims`."""

TARGETS = f"""Verdicts of the default runs, kept in `src/qantar/analysis/default_scores.csv`:
{MEMBERS} members of each episode, {HISTORIES} histories of the years, seed {SEED}. Other seeds
move a few of them. `--run` makes them again. Every target counts once, for the system whose facts
in the sources it is about. Nationalities and the length of a strike are among the checks of the
state, so they are left out of the tables above."""

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "systems.md"


def main() -> None:
    """Write the page, or stop if it is not up to date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--run", action="store_true", help="make the default runs again")
    options = parser.parse_args()
    if options.run:
        write_scores(tuple(scored()))
    text = page()
    if not options.check:
        PAGE.write_text(text, encoding="utf-8", newline="\n")
    elif not PAGE.is_file() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit(f"{PAGE.name} is out of date: run python scripts/make_systems.py")


def page() -> str:
    """Return the whole page."""
    country = load_country(PACK)
    after = kept_checks(country), parts_by_system(country)
    systems = systems_overview(country, load_years(country), *after)
    parts = [HEAD, "## At a glance", _glance(systems), _not_running(systems)]
    for letter, title in LETTERS.items():
        own = [each for each in systems if each.system.startswith(letter)]
        parts += [f"## {letter}. {title}", _table(COLUMNS, map(_row, own))]
    rows = ((_name(each), _files(each) or "none") for each in systems)
    parts += ["## Inputs", INPUTS, _table(("system", "files"), rows)]
    parts += ["## Targets", TARGETS, _targets(default_scores(country))]
    return "\n\n".join(parts) + "\n"


def _glance(systems: Sequence[System]) -> str:
    """Return how many systems run where, and the facts about them."""
    groups = {
        scale: [s for s in systems if s.scales == scale] for scale in {s.scales for s in systems}
    }
    order = sorted(groups, key=lambda scales: [SCALES.index(each) for each in scales])
    rows = [(", ".join(scales), len(groups[scales]), *_sums(groups[scales])) for scales in order]
    rows.append(("all", len(systems), *_sums(systems)))
    return _table(("where it runs", "systems", *COUNTS), rows)


def _sums(systems: Sequence[System]) -> list[int]:
    return [sum(getattr(each, name.replace(" ", "_")) for each in systems) for name in COUNTS]


def _not_running(systems: Sequence[System]) -> str:
    """Return the sentences about systems of which nothing runs."""
    lines = []
    for scale, words in (("not at all", "Do not run at all"), ("data only", "Data alone")):
        names = [f"{s.system} {s.name}" for s in systems if s.scales == (scale,)]
        lines.append(f"{words} ({len(names)}): {'; '.join(names) or 'none'}.")
    untold = [s.system for s in systems if not s.hit + s.near + s.miss]
    lines.append(f"No fact hit, near or missed ({len(untold)}): {', '.join(untold) or 'none'}.")
    return "\n".join(f"- {line}" for line in lines)


def _row(system: System) -> tuple[object, ...]:
    counts = (getattr(system, name.replace(" ", "_")) for name in COUNTS)
    return (_name(system), system.scale, system.told("`{}`"), *counts, system.limits)


def _name(system: System) -> str:
    return f"{system.system} {system.name}"


def _files(system: System) -> str:
    return ", ".join(f"`{name}`" for name in system.inputs)


def _targets(scores: Sequence[TargetScore]) -> str:
    """Return the verdicts on the targets, by set and use, as the reports give them."""
    rows = []
    for name in dict.fromkeys(score.targets for score in scores):
        for use in get_args(Use):
            own = [s.verdict for s in scores if (s.targets, s.use) == (name, use)]
            if own:
                rows.append((name, use, len(own), *(own.count(each) for each in OF_TARGETS)))
    words = {"uninformative": "not informative"}
    head = ("targets", "use", "number", *(words.get(each, each) for each in OF_TARGETS))
    return _table(head, rows)


def _table(head: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def scored() -> Iterator[TargetScore]:
    """Make the default runs, and yield the verdict on every target."""
    country = load_country(PACK)
    episodes = set(list_episodes(country))
    verdicts: dict[tuple[str, str], tuple[float, float, float, str]] = {}
    known = targets_of(country)
    for name in dict.fromkeys(name for name, _ in known):
        found = _of_episode(name) if name in episodes else _of_years()
        verdicts |= {(name, target): each for target, each in found.items()}
    nothing = (np.nan, np.nan, np.nan, NOT_MODELLED)
    for key, (target, low, high) in known.items():
        about = (*key, target.variable, target.use, low, high)
        yield TargetScore(*about, *verdicts.get(key, nothing))


def _of_episode(name: str) -> dict[str, tuple[float, float, float, str]]:
    """Return quantiles and verdict of every target that an episode is scored on."""
    found = run(make_scenario(name, pack=PACK), members=MEMBERS, seed=SEED, keep="facts")
    return {s.target.target: (s.q05, s.q50, s.q95, s.verdict) for s in found.scores}


def _of_years() -> dict[str, tuple[float, float, float, str]]:
    """Return quantiles and verdict of every target of the years."""
    found = run_years(make_years_scenario(PACK), members=HISTORIES, seed=SEED)
    rows = target_table(found).to_dict("records")
    return {str(r["target"]): (r["q05"], r["q50"], r["q95"], str(r["verdict"])) for r in rows}


if __name__ == "__main__":
    main()
