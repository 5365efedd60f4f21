"""`sweep`: a scenario run over a Latin hypercube of uncertain parameters, crossed with levers."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np
import pandas as pd
from scipy.stats import qmc

from qantar.analysis.outcomes import CUMULATIVE, SAMPLERS, Outcome
from qantar.analysis.run import simulate
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError, nearest
from qantar.reports.style import many
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import rule_names
from qantar.simulate.scenario import Scenario, make_scenario

Lever: TypeAlias = str | Changes | Mapping[str, float] | None
"""Interventions as the text of ``--change`` or as `Changes`; values of parameters; or None."""

OutcomeName: TypeAlias = str | tuple[str, str, str, str]
"""A variable, for the whole country and period; or variable, level, name and date."""

BASELINE = "baseline"
"""Label of the lever that changes nothing."""

WHOLE_PERIOD = {
    **dict.fromkeys((*CUMULATIVE, "deaths_share"), "total"),
    "onset_day": "first",
    "last_day": "window",
    "peaceful_share": "window",
}
"""Date that stands for the whole period, by variable; ``any`` for all others."""


@dataclass(frozen=True, repr=False)
class Sweep:
    """Results of `sweep`.

    Attributes
    ----------
    scenario : Scenario
        What was run, without the uncertainties and levers.
    uncertainties : dict of str to (float, float)
        Range of every uncertain parameter.
    levers : tuple of str
        Labels of the levers; the first is ``baseline``.
    experiments : DataFrame
        One row for every sample and lever: ``sample``, ``lever``, then the parameters.
    replications : dict of str to float array (experiments, members)
        Every outcome in every member.
    members, seed : int
        Number of runs of each experiment, and their random seed.
    """

    scenario: Scenario
    uncertainties: dict[str, tuple[float, float]]
    levers: tuple[str, ...]
    experiments: pd.DataFrame
    replications: dict[str, Numbers]
    members: int
    seed: int

    @property
    def outcomes(self) -> dict[str, Numbers]:
        """Mean of every outcome over the members of each experiment: float array (experiments,).

        Members in which an event never happened do not count towards the mean of its day; NaN
        where it happened in none.
        """
        return {name: _mean(values) for name, values in self.replications.items()}

    def to_frame(self) -> pd.DataFrame:
        """Return the experiments with the mean of every outcome.

        Returns
        -------
        DataFrame
            The columns of `experiments`, then one for every outcome.
        """
        return self.experiments.assign(**self.outcomes)

    def __repr__(self) -> str:
        """Return the size of the sweep, and every outcome by lever."""
        return f"{self._about()}\nMean over samples:\n{self._by_lever().to_string()}"

    def _repr_html_(self) -> str:
        """Return the same for a notebook."""
        table = self._by_lever().to_html(border=0)
        return f"<p>{html.escape(self._about())} Mean over samples:</p>{table}"

    def _about(self) -> str:
        sizes = (
            many(len(self.experiments) // len(self.levers), "sample"),
            many(len(self.uncertainties), "parameter"),
            many(len(self.levers), "lever"),
            many(self.members, "member"),
        )
        samples, parameters, levers, members = sizes
        return (
            f"Sweep of {self.scenario.episode.name}: {samples} of {parameters} x {levers} x "
            f"{members}, seed {self.seed}."
        )

    def _by_lever(self) -> pd.DataFrame:
        means = self.to_frame().groupby("lever", sort=False)[list(self.replications)].mean()
        return means.round(3)


def sweep(
    scenario: Scenario | str,
    uncertainties: Mapping[str, tuple[float, float]],
    levers: Sequence[Lever] = (),
    outcomes: Sequence[OutcomeName] = ("deaths",),
    *,
    samples: int = 50,
    members: int = 10,
    seed: int = 1,
    threads: int | None = None,
    progress: Callable[[int], None] | None = None,
) -> Sweep:
    """Run a scenario at many values of uncertain parameters, with and without levers.

    Uncertainties are sampled by a Latin hypercube and crossed with the levers. All experiments
    use the same random numbers, so that a difference between two levers at one sample is due to
    the levers. The words are those of the EMA Workbench.

    Parameters
    ----------
    scenario : Scenario or str
        A name means ``make_scenario(name, decisions="rules")``, as interventions need a state that
        decides by rules.
    uncertainties : mapping of str to (float, float)
        Lowest and highest value of every uncertain parameter, by ``mechanism.parameter``.
    levers : sequence, optional
        Each is the text of interventions, such as ``"no-shoot-order"``; `Changes`; or a mapping
        of parameters to values. A text with a range gives one lever for each value. The baseline,
        which changes nothing, is always the first lever; None and empty levers are the baseline.
    outcomes : sequence, optional
        Variables of `facts` such as ``"deaths"``, for the country and the whole period; or
        ``(variable, level, name, date)`` such as ``("deaths", "place", "Almaty", "2022-01-06")``.
    samples : int
        Number of points of the Latin hypercube.
    members : int
        Number of runs of each experiment.
    seed : int
        Random seed of the sample and of the runs.
    threads : int, optional
        Number of threads; the result does not depend on it.
    progress : callable, optional
        Called with the number of simulations done since the last call.

    Returns
    -------
    Sweep

    Raises
    ------
    UnknownNameError
        If a parameter or an intervention does not exist.
    QantarError
        If a range, a lever or an outcome cannot be used.

    Examples
    --------
    >>> import qantar
    >>> found = qantar.sweep(
    ...     "january-2022",
    ...     uncertainties={"joining.willing": (0.02, 0.1)},
    ...     levers=["no-shoot-order"],
    ...     samples=10,
    ... )  # doctest: +SKIP
    >>> found.to_frame()  # doctest: +SKIP
    """
    if isinstance(scenario, str):
        scenario = make_scenario(scenario, decisions="rules")
    if samples < 1 or members < 1:
        raise QantarError(f"samples={samples}, members={members}", expected="1 or more of both")
    ranges = {name: (float(low), float(high)) for name, (low, high) in uncertainties.items()}
    _check_ranges(scenario, ranges)
    worlds = _worlds(scenario, levers, ranges)
    wanted = {_label(name): _quantity(scenario, name) for name in outcomes}
    _check_outcomes(scenario, wanted)
    points = _latin_hypercube(ranges, samples, seed)
    rows: list[dict[str, object]] = []
    found: dict[str, list[Numbers]] = {name: [] for name in wanted}
    for number, point in enumerate(points):
        values = dict(zip(ranges, point.tolist(), strict=True))
        for label, (changes, held) in worlds.items():
            world = replace(
                scenario,
                overrides={**scenario.overrides, **values, **held},
                changes=scenario.changes + changes,
            )
            draws = world.draws(seed, members)
            outcome = simulate(world, draws, members=members, seed=seed, threads=threads)
            rows.append({"sample": number, "lever": label, **values})
            for name, quantity in wanted.items():
                found[name].append(outcome.samples(*quantity))
            if progress is not None:
                progress(members)
    return Sweep(
        scenario,
        ranges,
        tuple(worlds),
        pd.DataFrame(rows),
        {name: np.stack(parts) for name, parts in found.items()},
        members,
        seed,
    )


def _latin_hypercube(ranges: Mapping[str, tuple[float, float]], samples: int, seed: int) -> Numbers:
    """Return the sample: float array (samples, parameters)."""
    low = np.array([low for low, _ in ranges.values()])
    high = np.array([high for _, high in ranges.values()])
    unit: Numbers = qmc.LatinHypercube(len(ranges), seed=seed).random(samples)
    points: Numbers = low + (high - low) * unit
    return points


def _check_ranges(scenario: Scenario, ranges: Mapping[str, tuple[float, float]]) -> None:
    """Refuse parameters that do not exist or have no effect, and ranges that are not allowed."""
    if not ranges:
        raise QantarError(
            "there are no uncertainties", expected="a range for at least one parameter"
        )
    for name, ends in ranges.items():
        if len(ends) != 2:
            raise QantarError(
                f"{name}: {ends!r} is not a range", expected="the lowest and the highest value"
            )
        low, high = ends
        if not low < high:
            raise QantarError(
                f"{name}: the range {low:g} to {high:g} is empty",
                expected="the lowest value, then a higher one",
            )
        for value in (low, high):
            _check_value(scenario, name, value)


def _check_value(scenario: Scenario, name: str, value: float) -> None:
    """Refuse a value of a parameter that does not exist, has no effect, or is out of range."""
    held = replace(scenario, overrides={**scenario.overrides, name: float(value)})
    _ = held.numbers, held.rules
    mechanism = name.partition(".")[0]
    if name in rule_names():
        if scenario.decisions != "rules":
            raise QantarError(
                f"{name!r} has no effect where the state acts on the dates of the episode",
                hint='make the scenario with decisions="rules"',
            )
    elif not scenario.account.is_on(mechanism):
        raise QantarError(
            f"{name!r} has no effect: {mechanism!r} is off in the account "
            f"{scenario.account.name!r}",
            hint="leave it out, or choose another account",
        )


def _worlds(
    scenario: Scenario, levers: Iterable[Lever], ranges: Mapping[str, tuple[float, float]]
) -> dict[str, tuple[Changes, dict[str, float]]]:
    """Return the changes and the parameter values of every lever by label, the baseline first."""
    worlds: dict[str, tuple[Changes, dict[str, float]]] = {BASELINE: (Changes(), {})}
    for lever in levers:
        if lever is None or not lever:
            continue
        if isinstance(lever, str):
            parsed = parse_changes(scenario.country, scenario.episode, lever)
            worlds |= {each.label: (each, {}) for each in parsed}
        elif isinstance(lever, Changes):
            worlds[lever.label] = (lever, {})
        else:
            held = {name: float(value) for name, value in lever.items()}
            for name, value in held.items():
                _check_value(scenario, name, value)
                if name in ranges:
                    raise QantarError(
                        f"{name!r} is both an uncertainty and a lever", expected="one of the two"
                    )
            worlds[", ".join(f"{name}={value:g}" for name, value in held.items())] = (
                Changes(),
                held,
            )
    for changes, _ in worlds.values():
        scenario.changed(changes)  # refuses contradictions before anything is run
    return worlds


def _label(outcome: OutcomeName) -> str:
    return outcome if isinstance(outcome, str) else ", ".join(outcome)


def _quantity(scenario: Scenario, outcome: OutcomeName) -> tuple[str, str, str, str]:
    """Return variable, level, name and date of an outcome."""
    variable = outcome if isinstance(outcome, str) else outcome[0]
    if variable not in SAMPLERS:
        raise QantarError(
            f"there is no outcome called {variable!r}",
            expected=nearest(variable, SAMPLERS) or ", ".join(SAMPLERS),
            hint="outcomes are the variables of qantar.facts",
        )
    if isinstance(outcome, str):
        country = scenario.country.header.country
        return variable, "country", country, WHOLE_PERIOD.get(variable, "any")
    if len(outcome) != 4:
        raise QantarError(
            f"{outcome!r} is not an outcome", expected="(variable, level, name, date)"
        )
    return outcome


def _check_outcomes(scenario: Scenario, wanted: Mapping[str, tuple[str, str, str, str]]) -> None:
    """Refuse outcomes that do not exist, before anything is run."""
    if not wanted:
        raise QantarError("there are no outcomes", expected="at least one, such as 'deaths'")
    draws = scenario.draws(0, 1)
    outcome: Outcome = simulate(scenario, draws, members=1, seed=0, threads=1)
    for quantity in wanted.values():
        outcome.samples(*quantity)


def _mean(values: Numbers) -> Numbers:
    """Return the mean of every row over its finite values; NaN where there is none."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0).sum(axis=1)
    mean = np.full(len(values), np.nan)
    np.divide(total, known.sum(axis=1), out=mean, where=known.any(axis=1))
    return mean
