"""Open a wave of the years in the hour: conditions down, outcomes up.

The hour starts from what the years leave behind by the month before: experience of earlier waves,
reach of news, how widely prices are felt, whether force was lethal before, and, where a reform has
changed the elite, how many police its cohesion leaves usable. What the hour does
(regions and towns out, people killed and held) replaces the draw of the wave law, member by member,
and the years go on from there.
"""

from __future__ import annotations

from collections.abc import Iterable
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
from qantar.packs.conditions import LeftBehind
from qantar.simulate.environment import environment_values
from qantar.simulate.scenario import Scenario, make_scenario
from qantar.simulate.years.histories import Histories, run_histories
from qantar.simulate.years.inputs import ALWAYS, dated_triggers, given_outcomes
from qantar.simulate.years.scenario import YearsScenario, parameter_names

REPEATS = 20
"""Spreads by the wave law for each member, to compare it with the hour."""

DEADLY = 5
"""People killed by the repression of a wave from which on the state may have learned restraint."""

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
    left_behind : list of LeftBehind
        What the years leave behind, as an episode reads it from ``from_years.csv``.
    conditions : DataFrame
        variable, region (or the country), pack, years, years_q05, years_q95: what the hour starts
        from without the years and with them.
    from_years, from_pack : Run
        The hour from both, with the same parameters and luck.
    wave_law : float array (classes,)
        Probability of every class of scope by the wave law.
    """

    trigger: str
    left_behind: list[LeftBehind]
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

    def from_years_table(self) -> pd.DataFrame:
        """Return what the years leave behind in the columns of an episode's ``from_years.csv``."""
        return table_of(self.left_behind)

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
    country = scenario.country
    histories, values = _until(scenario, number, members, seed, REPEATS)
    rows = _left_behind(scenario, histories, values, number)
    hour = make_scenario(found.episode, pack=country.folder)
    return OpenedWave(
        trigger,
        rows,
        _beside_pack(rows, hour),
        run_hour(_starting_from(hour, rows), members=members, seed=seed),
        run_hour(_starting_from(hour, ()), members=members, seed=seed),
        scope_probabilities(scenario, histories)[:, number].mean(axis=0),
    )


def left_behind(
    scenario: YearsScenario, trigger: str, *, members: int = 200, seed: int = 1
) -> list[LeftBehind]:
    """Return what the years leave behind by the month before a dated trigger.

    Every earlier wave is imposed as it happened, so the members differ only by parameters and luck.

    Parameters
    ----------
    scenario : YearsScenario
    trigger : str
        A dated trigger.
    """
    names = [each.trigger for each in dated_triggers(scenario.years)]
    number = names.index(trigger)
    histories, values = _until(scenario, number, members, seed, 1)
    return _left_behind(scenario, histories, values, number)


def table_of(rows: Iterable[LeftBehind]) -> pd.DataFrame:
    """Return what the years leave behind: variable, region, value, q05, q95."""
    return pd.DataFrame([row.model_dump() for row in rows], columns=list(LeftBehind.model_fields))


def _until(
    scenario: YearsScenario, number: int, members: int, seed: int, repeats: int
) -> tuple[Histories, Numbers]:
    """Return histories in which all happened as it did until a trigger, and their parameters."""
    begins = dated_triggers(scenario.years)[number].begins
    values = scenario.draw(seed, 0, members)
    given = given_outcomes(scenario.country, scenario.years, begins[: len("YYYY-MM")])
    return run_histories(scenario, given, values, seed=seed, repeats=repeats), values


def _starting_from(hour: Scenario, rows: Iterable[LeftBehind]) -> Scenario:
    """Return a scenario of the hour that starts from what the years leave behind."""
    conditions = hour.episode.conditions.with_years(rows)
    return replace(hour, episode=hour.episode.model_copy(update={"conditions": conditions}))


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


def _left_behind(
    scenario: YearsScenario, histories: Histories, values: Numbers, number: int
) -> list[LeftBehind]:
    """Return the environment of the hour as the histories leave it behind."""
    trigger = dated_triggers(scenario.years)[number]
    past = scenario.past
    month = int(np.searchsorted(past.first_triggers, number, side="right")) - 1
    year = max(month // MONTHS_PER_YEAR - 1, 0)
    half_lives = values[:, parameter_names().index("experience.half_life")]
    lethal = (histories.wave("killed") >= DEADLY) & (histories.wave("repress") > 0)
    learned = histories.members_with(lethal & (histories.wave("month") < month))
    breadth = histories.series("breadth")[:, month].astype(np.float64)
    if FRAMES.index(trigger.frame) != PRICE:
        breadth = np.zeros_like(breadth)
    by_region: dict[str, Numbers] = {
        "protest_experience": experience_index(histories, half_lives, month, past.region_count),
        "news_reach": histories.by_region("reach")[:, year].astype(np.float64),
    }
    regions = [region.region for region in scenario.country.regions]
    rows = [
        _row(variable, region, found[:, r])
        for variable, found in by_region.items()
        for r, region in enumerate(regions)
    ]
    country = scenario.country.header.country
    share = float(np.mean(learned))
    rows.append(_row("price_breadth", country, breadth))
    rows.append(_row("learned_restraint", country, np.array([share])))
    shift = histories.series("police_shift")[:, month].astype(np.float64)
    if shift.any():
        usable = scenario.country.region_value(country, "usable_police").value
        rows.append(_row("usable_police", country, np.minimum(usable * np.exp(shift), 1.0)))
    return rows


def _row(variable: str, region: str, members: Numbers) -> LeftBehind:
    """Return median and 90 % range over members, to three decimals."""
    low, middle, high = (round(float(q), 3) for q in np.quantile(members, (0.05, 0.5, 0.95)))
    return LeftBehind(variable=variable, region=region, value=middle, q05=low, q95=high)


def _beside_pack(rows: Iterable[LeftBehind], hour: Scenario) -> pd.DataFrame:
    """Return what the years leave behind beside what the hour starts from without them."""
    country = hour.country
    before = environment_values(country, hour.episode.conditions.ground)
    of_place = np.array([place.region for place in country.places])
    found = []
    for row in rows:
        here = before[row.variable]
        if row.region != country.header.country:
            here = here[of_place == row.region]
        found.append((row.variable, row.region, float(here.mean()), row.value, row.q05, row.q95))
    columns = ["variable", "region", "pack", "years", "years_q05", "years_q95"]
    return pd.DataFrame(found, columns=columns)


def _class_shares(run: Run) -> Numbers:
    """Return the share of members by class of scope."""
    country = run.outcome.layout.country
    regions = run.outcome.samples("regions_active", "country", country, "any")
    classes = class_of(regions, len(run.outcome.layout.regions))
    found: Numbers = np.bincount(classes, minlength=len(CLASSES)) / len(classes)
    return found
