"""Run a what-if: its worlds, the other decision mode, rival accounts and attributions.

This module also makes the tables of regimes, decisions, chain of causes and attribution, and the
manifest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.manifest import account_facts, citations, computing_environment, fitted_on
from qantar.analysis.whatif.attribution import (
    DIRECT,
    LABELS,
    METHOD,
    PARTS,
    DifferenceAttribution,
    attribute_difference,
)
from qantar.analysis.whatif.result import COLUMNS, WhatIf, World, action_spans, decided_actions
from qantar.analysis.whatif.twins import (
    NINETY,
    MemberCallback,
    WorldsCallback,
    differences,
    regime_shares,
    resampling,
    run_worlds,
)
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.model.hour import offices
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.simulate.changes import Changes
from qantar.simulate.draws import rules_file
from qantar.simulate.scenario import Scenario

_DAY = 24.0
_QUANTILES = (0.05, 0.5, 0.95)

_LIBRARIES = ("numpy", "numba", "pandas", "matplotlib")
_METHODS = ("glasserman1992", "pearl2001", "castro2009", "owen2014", "efron1993", "savage1951")
"""Keys of the literature on what-if methods."""


@dataclass(frozen=True)
class WhatIfSettings:
    """Settings of a what-if.

    Attributes
    ----------
    members : int
        Number of pairs for each alternative.
    seed : int
    explained : int
        Number of pairs of which the difference is attributed to causes.
    both_modes : bool
        Whether the other decision mode is run too.
    threads : int or None
        Worker threads; the result does not depend on it.
    """

    members: int = 100
    seed: int = 1
    explained: int = 20
    both_modes: bool = True
    threads: int | None = None


Tracker = Callable[[str, int], Callable[[], None]]
"""Called at the start of a stage with its name and number of steps; returns a callback per step."""


def no_tracker(_stage: str, _steps: int) -> Callable[[], None]:
    """Return a callback that does nothing."""
    return lambda: None


def what_if(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    *,
    effort: WhatIfSettings | None = None,
    rivals: Sequence[Scenario] = (),
    tracker: Tracker = no_tracker,
    watch: MemberCallback | None = None,
    so_far: WorldsCallback | None = None,
) -> WhatIf:
    """Run changes of a scenario and compare them with the baseline.

    Parameters
    ----------
    scenario : Scenario
        The baseline.
    alternatives : sequence of Changes
        At least one.
    effort : WhatIfSettings, optional
    rivals : sequence of Scenario
        The same episode under other accounts.
    tracker : callable, optional
        See `Tracker`.
    watch : callable, optional
        See `qantar.analysis.whatif.twins.MemberCallback`. It is called for the worlds of `scenario`
        only, not for those of the other decision mode or of rivals.
    so_far : callable, optional
        See `qantar.analysis.whatif.twins.WorldsCallback` and `preliminary`; for the same worlds.

    Returns
    -------
    WhatIf

    Raises
    ------
    QantarError
        If there is no alternative.
    """
    if not alternatives:
        raise QantarError("no change given", hint="see `qantar list interventions`")
    settings = effort or WhatIfSettings()
    worlds = _worlds(scenario, alternatives, settings, tracker, watch, so_far)
    tables = [_differences(scenario, worlds, settings)]
    if settings.both_modes:
        other = replace(scenario, decisions="rules" if scenario.decisions == "script" else "script")
        tables.append(
            _differences(other, _worlds(other, alternatives, settings, tracker), settings)
        )
    for rival in rivals:
        tables.append(
            _differences(rival, _worlds(rival, alternatives, settings, tracker), settings)
        )
    found = _explanations(scenario, alternatives, settings, tracker)
    return _result(scenario, settings, worlds, tables, found)


def preliminary(scenario: Scenario, worlds: Sequence[World], seed: int) -> WhatIf:
    """Return the what-if of the pairs so far, without the attribution to causes.

    Parameters
    ----------
    scenario : Scenario
    worlds : sequence of World
        The baseline and the changed worlds, see `qantar.analysis.whatif.twins.WorldsCallback`.
    seed : int
    """
    settings = WhatIfSettings(worlds[0].outcome.members, seed, explained=0, both_modes=False)
    return _result(scenario, settings, worlds, [_differences(scenario, worlds, settings)], {})


def _result(
    scenario: Scenario,
    settings: WhatIfSettings,
    worlds: Sequence[World],
    tables: Sequence[pd.DataFrame],
    found: Mapping[str, DifferenceAttribution],
) -> WhatIf:
    """Return the what-if of worlds, from tables of differences and attributions."""
    baseline, *changed = worlds
    return WhatIf(
        scenario,
        settings.members,
        settings.seed,
        baseline,
        tuple(changed),
        {
            "differences": pd.concat(tables, ignore_index=True),
            "regimes": regime_table(changed, baseline),
            "decisions": decision_table(scenario.episode, changed, baseline, settings.seed),
            "chain": chain_table(scenario.country, found),
            "attribution": attribution_table(found, settings.seed),
        },
        min(settings.explained, settings.members),
    )


def _worlds(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    settings: WhatIfSettings,
    tracker: Tracker,
    watch: MemberCallback | None = None,
    so_far: WorldsCallback | None = None,
) -> tuple[World, ...]:
    """Run the worlds of a scenario as one stage."""
    stage = f"{scenario.account.name}, state by {scenario.decisions}"
    return run_worlds(
        scenario,
        alternatives,
        members=settings.members,
        seed=settings.seed,
        threads=settings.threads,
        each=tracker(stage, settings.members),
        watch=watch,
        so_far=so_far,
    )


def _differences(
    scenario: Scenario, worlds: Sequence[World], settings: WhatIfSettings
) -> pd.DataFrame:
    """Return the differences of worlds from the first one, the baseline."""
    baseline, *changed = worlds
    parts = [
        differences(
            baseline.outcome,
            world.outcome,
            seed=settings.seed,
            change=world.label,
            mode=scenario.decisions,
            account=scenario.account.name,
        )
        for world in changed
    ]
    return pd.concat(parts, ignore_index=True)


def _explanations(
    scenario: Scenario, alternatives: Sequence[Changes], settings: WhatIfSettings, tracker: Tracker
) -> dict[str, DifferenceAttribution]:
    """Return the attribution of every alternative, by its label."""
    pairs = min(settings.explained, settings.members)
    if pairs == 0:
        return {}
    each = tracker(f"tracing {len(PARTS)} causes", pairs * len(alternatives))
    return {
        change.label: attribute_difference(
            scenario,
            change,
            pairs=pairs,
            seed=settings.seed,
            members=settings.members,
            threads=settings.threads,
            each=each,
        )
        for change in alternatives
    }


def regime_table(worlds: Iterable[World], baseline: World) -> pd.DataFrame:
    """Return the share of pairs by regime without and with each change."""
    rows = [
        (world.label, before, after, share)
        for world in worlds
        for (before, after), share in regime_shares(baseline.outcome, world.outcome).items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS["regimes"].split())


def decision_table(
    episode: Episode, worlds: Iterable[World], baseline: World, seed: int
) -> pd.DataFrame:
    """Return the hours of decisions in every world, compared with the sources."""
    rows = []
    spans = action_spans(episode)
    for world in (baseline, *worlds):
        for k, name in enumerate(decided_actions(episode)):
            first, last = spans[name]
            hours = world.hours[:, k]
            taken = hours[~np.isnan(hours)]
            near = (taken >= first - _DAY) & (taken <= last + _DAY)
            quantiles = np.quantile(taken, _QUANTILES) if len(taken) else np.full(3, np.nan)
            rows.append(
                [
                    "" if world is baseline else world.label,
                    name,
                    episode.actions[name].label,
                    first,
                    last,
                    len(taken) / len(hours),
                    *quantiles,
                    float(near.sum()) / len(hours),
                    *_mean(hours - baseline.hours[:, k], seed),
                ]
            )
    return pd.DataFrame(rows, columns=COLUMNS["decisions"].split())


def order_agreement(episode: Episode, world: World) -> float:
    """Return how well the order of decisions in runs agrees with the sources.

    Returns
    -------
    float
        Share of pairs of decisions in the order of the sources, over all members and all pairs of
        known order that a member took (0.5 by chance).
    """
    spans = list(action_spans(episode).values())
    kept, pairs = 0, 0
    for a, (_, last) in enumerate(spans):
        for b, (first, _) in enumerate(spans):
            if last < first:
                earlier, later = world.hours[:, a], world.hours[:, b]
                both = ~(np.isnan(earlier) | np.isnan(later))
                kept += int((earlier[both] < later[both]).sum())
                pairs += int(both.sum())
    return kept / pairs if pairs else float("nan")


def chain_table(country: Country, found: Mapping[str, DifferenceAttribution]) -> pd.DataFrame:
    """Return when and where each cause first changed."""
    rows = []
    for change, explanation in found.items():
        for k, name in enumerate(PARTS):
            hours = explanation.first_hours[:, k]
            moved = ~np.isnan(hours)
            places = explanation.first_places[moved, k]
            common = np.bincount(places).argmax() if len(places) else -1
            rows.append(
                [
                    change,
                    name,
                    LABELS[name],
                    float(np.median(hours[moved])) if moved.any() else np.nan,
                    float(np.median(explanation.places_moved[:, k])),
                    float(moved.mean()),
                    country.places[common].place if common >= 0 else "",
                ]
            )
    return pd.DataFrame(rows, columns=COLUMNS["chain"].split())


def attribution_table(found: Mapping[str, DifferenceAttribution], seed: int) -> pd.DataFrame:
    """Return the contribution of each cause to each difference."""
    rows = []
    for change, explanation in found.items():
        for quantity, parts in explanation.parts.items():
            for k, name in enumerate((*PARTS, DIRECT)):
                rows.append([change, quantity, name, LABELS[name], *_mean(parts[:, k], seed)])
    return pd.DataFrame(rows, columns=COLUMNS["attribution"].split())


def _mean(values: Numbers, seed: int) -> list[float]:
    """Return a mean over pairs with its 90 % interval, ignoring NaN."""
    own = values[~np.isnan(values)]
    if len(own) == 0:
        return [np.nan] * 3
    means = resampling(len(own), seed) @ own
    return [float(own.mean()), *(float(v) for v in np.quantile(means, NINETY))]


def manifest(
    result: WhatIf,
    rivals: Sequence[Scenario],
    *,
    started: dt.datetime,
    wall_seconds: float,
) -> dict[str, Any]:
    """Return the manifest of a what-if.

    Parameters
    ----------
    rivals : sequence of Scenario
        The scenarios of the other accounts.
    started : datetime
        Start of the what-if, UTC.
    wall_seconds : float
        Its duration.
    """
    scenario = result.scenario
    rules = rules_file(scenario.country, scenario.parameters_episode)
    keys = {*_METHODS}
    if scenario.decisions == "rules":
        for name, office in offices().items():
            keys.update(office.references)
            for parameter in scenario.country.rules[name].values():
                keys.update(parameter.references)
    known = scenario.country.references
    lines = [*citations(scenario), *(known[key].cite() for key in sorted(keys) if key in known)]
    return {
        "qantar_version": version("qantar"),
        **computing_environment(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        **account_facts(scenario),
        "accounts": [scenario.account.name, *(rival.account.name for rival in rivals)],
        "belief": scenario.belief,
        "beliefs_from": scenario.parameters_episode,
        "fitted_on": fitted_on(scenario),
        "decisions": scenario.decisions,
        "rules": rules.name if rules.is_file() and scenario.belief != "prior" else "prior",
        "overrides": scenario.overrides,
        "changes": [world.label for world in result.worlds],
        "members": result.members,
        "seed": result.seed,
        "explained": result.explained,
        "attribution": METHOD,
        "citations": list(dict.fromkeys(lines)),
    }
