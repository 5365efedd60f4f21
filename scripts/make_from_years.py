"""Write what the years leave behind before every episode of a pack; with --check only compare.

Writes ``from_years.csv`` beside the ``episode.yaml`` of every trigger that has an episode. The
values are medians and 90 % ranges of the default law's posterior.
"""

from __future__ import annotations

import argparse
import sys

from qantar.analysis.years.opening import left_behind, table_of
from qantar.base.files import write_text
from qantar.packs.episode import from_years_file
from qantar.simulate.years.scenario import YearsScenario, make_years_scenario

MEMBERS, SEED = 200, 1


def main() -> None:
    """Write the files, or stop if one is out of date."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("pack", nargs="?", default="kazakhstan")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    scenario = make_years_scenario(options.pack)
    for trigger in scenario.years.triggers:
        if not trigger.episode:
            continue
        path = from_years_file(scenario.country, trigger.episode)
        text = from_years(scenario, trigger.trigger)
        if not options.check:
            write_text(path, text)
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"{path.parent.name}/{path.name} is out of date: run {sys.argv[0]}")


def from_years(scenario: YearsScenario, trigger: str) -> str:
    """Return the content of the file for a trigger."""
    rows = left_behind(scenario, trigger, members=MEMBERS, seed=SEED)
    return table_of(rows).to_csv(index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
