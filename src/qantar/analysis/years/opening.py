"""Open a wave of the years in the hour: conditions down, outcomes up.

The hour starts from what the years leave behind by the month before: experience of earlier waves,
reach of news, how widely prices are felt, and whether force was lethal before. What the hour does
(regions and towns out, people killed and held) replaces the draw of the wave law, member by member,
and the years go on from there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from qantar.analysis.run import Run
from qantar.analysis.run import run as run_hour
from qantar.analysis.years.likelihood import scope_probabilities
from qantar.analysis.years.scopes import CLASSES, class_of
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError, UnknownNameError
from qantar.model.months.declaration import FRAMES, MONTHS_PER_YEAR, PRICE, Given
from qantar.packs.conditions import EnvironmentChange
from qantar.simulate.environment import environment_values
from qantar.simulate.scenario import Scenario, make_scenario
from qantar.simulate.years.histories import Histories, run_histories
from qantar.simulate.years.inputs import ALWAYS, dated_triggers, given_outcomes
from qantar.simulate.years.scenario import YearsScenario, parameter_names

REPEATS = 20
"""Spreads by the wave law for each member, to compare it with the hour."""

DEADLY = 5
"""People killed by the repression of a wave from which on the state may have learned restraint."""

BECAUSE = "what the years leave behind by the month before the trigger (median of the members)"
QUANTITIES = {
    "regions_active": ("any", "Regions with a visible protest"),
    "active_places": ("any", "Places with a visible protest"),
    "deaths": ("total", "Killed"),
    "detained_cumulative": ("total", "Detained"),
}
"""Outcomes of the hour that are shown: the date over which each is taken, and its title."""


@dataclass(frozen=True)
class OpenedWave:
    """A wave run hour by hour from the conditions of the years, and from those of the pack.

    Attributes
    ----------
    trigger : str
    conditions : DataFrame
        variable, region (or the country), pack, years: what the hour starts from without the years
        and with them.
    from_years, from_pack : Run
        The hour from both, with the same parameters and luck.
    wave_law : float array (classes,)
        Probability of every class of scope by the wave law.
    """

    trigger: str
    conditions: pd.DataFrame
    from_years: Run
    from_pack: Run
    wave_law: Numbers

    def table(self) -> pd.DataFrame:
        """Return quantiles of the main outcomes: quantity, conditions, q05, q50, q95."""
        rows = []
        for name, (date, title) in QUANTITIES.items():
            for label, run in (("years", self.from_years), ("pack", self.from_pack)):
                country = run.outcome.layout.country
                samples = run.outcome.samples(name, "country", country, date)
                low, middle, high = np.quantile(samples, (0.05, 0.5, 0.95))
                rows.append((title, label, low, middle, high))
        return pd.DataFrame(rows, columns=["quantity", "conditions", "q05", "q50", "q95"])

    def agreement(self) -> pd.DataFrame:
        """Return the probability of every class of scope: class, wave_law, hour, hour_from_pack."""
        return pd.DataFrame(
            {
                "class": CLASSES,
                "wave_law": self.wave_law,
                "hour": _class_shares(self.from_years),
                "hour_from_pack": _class_shares(self.from_pack),
            }
        )


def open_wave(
    scenario: YearsScenario, trigger: str, *, members: int = 100, seed: int = 1
) -> OpenedWave:
    """Run a dated trigger hour by hour from the conditions that the years leave behind.

    Parameters
    ----------
    scenario : YearsScenario
    trigger : str
        A dated trigger with an episode of its own.

    Raises
    ------
    UnknownNameError
        If there is no such trigger.
    QantarError
        If no episode runs it hour by hour.
    """
    triggers = dated_triggers(scenario.years)
    by_name = {t.trigger: k for k, t in enumerate(triggers)}
    if trigger not in by_name:
        raise UnknownNameError("trigger", trigger, by_name)
    number = by_name[trigger]
    found = triggers[number]
    if not found.episode:
        opened = [t.trigger for t in triggers if t.episode]
        raise QantarError(
            f"no episode of the pack runs {trigger!r} hour by hour",
            expected="one of " + ", ".join(opened),
            hint="write an episode and name it in the column `episode` of triggers.csv",
        )
    values = scenario.draw(seed, 0, members)
    given = given_outcomes(scenario.country, scenario.years, found.begins[: len("YYYY-MM")])
    histories = run_histories(scenario, given, values, seed=seed, repeats=REPEATS)
    hour = make_scenario(found.episode, pack=scenario.country.folder)
    changes, table = _conditions(scenario, histories, values, number, hour)
    ground = (*hour.episode.conditions.ground, *changes)
    conditions = hour.episode.conditions.model_copy(update={"ground": ground})
    opened_hour = replace(hour, episode=hour.episode.model_copy(update={"conditions": conditions}))
    chances = scope_probabilities(scenario, histories)[:, number].mean(axis=0)
    return OpenedWave(
        trigger,
        table,
        run_hour(opened_hour, members=members, seed=seed),
        run_hour(hour, members=members, seed=seed),
        chances,
    )


def given_after(scenario: YearsScenario, opened: OpenedWave) -> list[Given]:
    """Return what to impose for each member: what happened, and the hour of the opened wave.

    The state acts by the script of the episode, so its answers are those that were given.
    """
    given = given_outcomes(scenario.country, scenario.years, ALWAYS)
    names = [t.trigger for t in dated_triggers(scenario.years)]
    k = names.index(opened.trigger)
    outcome = opened.from_years.outcome
    country = outcome.layout.country
    regions = np.stack(
        [outcome.samples("active", "region", r.region, "any") for r in scenario.country.regions]
    )
    towns = outcome.samples("active_places", "country", country, "any")
    killed = outcome.samples("deaths", "country", country, "total")
    held = outcome.samples("detained_cumulative", "country", country, "total")
    found = []
    for member in range(len(towns)):
        own = Given(*(part.copy() for part in given))
        own.imposed[k] = 1.0
        own.regions_out[k] = regions[:, member]
        own.towns_out[k] = towns[member]
        own.killed[k], own.detained[k] = killed[member], held[member]
        found.append(own)
    return found


def experience_index(
    histories: Histories, half_lives: Numbers, month: int, region_count: int
) -> Numbers:
    """Return remembered waves by region: float array (members, R), 0 to 1.

    A region that came out last month has 1; it is halved every half-life of the member, and several
    waves add up to 1 at most.
    """
    members = histories.wave("member").astype(int)
    ago = month - histories.wave("month")
    weight = np.where(ago > 0, 0.5 ** (ago / half_lives[members]), 0.0)
    found = np.zeros((histories.members, region_count))
    np.add.at(found, members, weight[:, None] * histories.regions_out)
    return np.minimum(found, 1.0)


def _conditions(
    scenario: YearsScenario, histories: Histories, values: Numbers, number: int, hour: Scenario
) -> tuple[list[EnvironmentChange], pd.DataFrame]:
    """Return the changes of the hour's environment, and a table of both."""
    trigger = dated_triggers(scenario.years)[number]
    past = scenario.past
    month = int(np.searchsorted(past.first_triggers, number, side="right")) - 1
    year = max(month // MONTHS_PER_YEAR - 1, 0)
    half_lives = values[:, parameter_names().index("experience.half_life")]
    remembered = experience_index(histories, half_lives, month, past.region_count)
    lethal = (histories.wave("killed") >= DEADLY) & (histories.wave("repress") > 0)
    learned = histories.members_with(lethal & (histories.wave("month") < month))
    breadth = float(np.median(histories.series("breadth")[:, month]))
    if FRAMES.index(trigger.frame) != PRICE:
        breadth = 0.0
    by_region: dict[str, Numbers] = {
        "protest_experience": np.median(remembered, axis=0),
        "news_reach": np.median(histories.by_region("reach")[:, year].astype(np.float64), axis=0),
    }
    wide = {"price_breadth": breadth, "learned_restraint": float(np.mean(learned))}
    before = environment_values(scenario.country, hour.episode.conditions.ground)
    place_region = [scenario.country.region_of[p.place].region for p in scenario.country.places]
    changes = list[EnvironmentChange]()
    rows = list[tuple[str, str, float, float]]()
    for variable, found in by_region.items():
        for r, region in enumerate(scenario.country.regions):
            value = float(found[r])
            changes.append(_change(variable, value, region=region.region))
            here = np.array([name == region.region for name in place_region])
            rows.append((variable, region.region, float(before[variable][here].mean()), value))
    for variable, value in wide.items():
        changes.append(_change(variable, value))
        country = scenario.country.header.country
        rows.append((variable, country, float(before[variable][0]), value))
    return changes, pd.DataFrame(rows, columns=["variable", "region", "pack", "years"])


def _change(variable: str, value: float, *, region: str | None = None) -> EnvironmentChange:
    return EnvironmentChange.model_validate(
        {
            "variable": variable,
            "set": value,
            "because": BECAUSE,
            "reference": "qantar-assumption",
            "grade": "calibrated",
            **({"where": "everywhere"} if region is None else {"regions": (region,)}),
        }
    )


def _class_shares(run: Run) -> Numbers:
    """Return the share of members by class of scope."""
    country = run.outcome.layout.country
    regions = run.outcome.samples("regions_active", "country", country, "any")
    classes = class_of(regions, len(run.outcome.layout.regions))
    found: Numbers = np.bincount(classes, minlength=len(CLASSES)) / len(classes)
    return found
