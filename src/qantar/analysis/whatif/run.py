"""Tables of a what-if besides the differences: courses, decisions, chain of causes, attribution.

Asking what if: the worlds, the other way of deciding, the other accounts, and the reasons.

What a what-if says about itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

import numpy as np
import pandas as pd

from qantar.analysis.manifest import account_facts, circumstances, citations, fitted_on
from qantar.analysis.whatif.attribution import DIRECT, LABELS, METHOD, PARTS, Explanation, explain
from qantar.analysis.whatif.result import COLUMNS, WhatIf, World, action_spans, decided_actions
from qantar.analysis.whatif.twins import NINETY, Watch, differences, flips, resampling, worlds_of
from qantar.base.arrays import Numbers
from qantar.base.errors import QantarError
from qantar.model.catalogue import offices
from qantar.packs.country import Country
from qantar.packs.episode import Episode
from qantar.simulate.changes import Changes
from qantar.simulate.draws import rules_file
from qantar.simulate.scenario import Scenario

_DAY = 24.0
_QUARTILES = (0.05, 0.5, 0.95)


def regime_table(worlds: Iterable[World], baseline: World) -> pd.DataFrame:
    """Return how pairs move between kinds of course."""
    rows = [
        (world.label, before, after, share)
        for world in worlds
        for (before, after), share in flips(baseline.outcome, world.outcome).items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS["regimes"].split())


def decision_table(
    episode: Episode, worlds: Iterable[World], baseline: World, seed: int
) -> pd.DataFrame:
    """Return when the state decided, without change and with each, beside the sources."""
    rows = []
    spans = action_spans(episode)
    for world in (baseline, *worlds):
        for k, name in enumerate(decided_actions(episode)):
            first, last = spans[name]
            hours = world.hours[:, k]
            taken = hours[~np.isnan(hours)]
            near = (taken >= first - _DAY) & (taken <= last + _DAY)
            quantiles = np.quantile(taken, _QUARTILES) if len(taken) else np.full(3, np.nan)
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


def order_kept(episode: Episode, world: World) -> float:
    """Return how well runs keep the order in which decisions were taken, by the sources.

    Returns
    -------
    float
        Share of pairs of decisions in the order of the sources, over all members and all pairs
        that the sources put in an order and that a member took (one half is chance).
    """
    spans = list(action_spans(episode).values())
    right, of = 0, 0
    for a, (_, last) in enumerate(spans):
        for b, (first, _) in enumerate(spans):
            if last < first:
                earlier, later = world.hours[:, a], world.hours[:, b]
                both = ~(np.isnan(earlier) | np.isnan(later))
                right += int((earlier[both] < later[both]).sum())
                of += int(both.sum())
    return right / of if of else float("nan")


def chain_table(country: Country, found: Mapping[str, Explanation]) -> pd.DataFrame:
    """Return which causes moved first, and where."""
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


def attribution_table(found: Mapping[str, Explanation], seed: int) -> pd.DataFrame:
    """Return how much of each difference passes through each cause."""
    rows = []
    for change, explanation in found.items():
        for quantity, parts in explanation.parts.items():
            for k, name in enumerate((*PARTS, DIRECT)):
                rows.append([change, quantity, name, LABELS[name], *_mean(parts[:, k], seed)])
    return pd.DataFrame(rows, columns=COLUMNS["attribution"].split())


def _mean(values: Numbers, seed: int) -> list[float]:
    """Return a mean over pairs with its 90 % interval; values that do not exist are left out."""
    own = values[~np.isnan(values)]
    if len(own) == 0:
        return [np.nan] * 3
    means = resampling(len(own), seed) @ own
    return [float(own.mean()), *(float(v) for v in np.quantile(means, NINETY))]


@dataclass(frozen=True)
class Effort:
    """How much is run.

    Attributes
    ----------
    members : int
        Pairs of twins for every alternative.
    seed : int
    explained : int
        Pairs whose difference is traced through the causes; 0 for none.
    both_modes : bool
        Whether the other way of deciding is run too.
    threads : int or None
        Worker threads; the result does not depend on it.
    """

    members: int = 100
    seed: int = 1
    explained: int = 20
    both_modes: bool = True
    threads: int | None = None


Tracker = Callable[[str, int], Callable[[], None]]
"""Opens a stage of the work, by its name and number of steps, and returns what counts a step."""


def no_tracker(_stage: str, _steps: int) -> Callable[[], None]:
    """Track nothing."""
    return lambda: None


def what_if(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    *,
    effort: Effort | None = None,
    rivals: Sequence[Scenario] = (),
    tracker: Tracker = no_tracker,
    watch: Watch | None = None,
) -> WhatIf:
    """Say what follows from changes, how sure that is, and why.

    Parameters
    ----------
    scenario : Scenario
        The world that is changed.
    alternatives : sequence of Changes
        At least one.
    effort : Effort, optional
    rivals : sequence of Scenario
        The same episode under other accounts.
    tracker : callable, optional
        See `Tracker`.
    watch : callable, optional
        See `qantar.analysis.whatif.twins.Watch`. It sees the worlds of `scenario` itself, not those
        of the other way of deciding or of rivals.

    Returns
    -------
    WhatIf

    Raises
    ------
    QantarError
        If nothing is asked.
    """
    if not alternatives:
        raise QantarError("nothing is asked", mend="name a change, see `qantar list interventions`")
    e = effort or Effort()
    worlds = _worlds(scenario, alternatives, e, tracker, watch)
    tables = [_differences(scenario, worlds, e)]
    if e.both_modes:
        other = replace(scenario, decisions="rules" if scenario.decisions == "script" else "script")
        tables.append(_differences(other, _worlds(other, alternatives, e, tracker), e))
    for rival in rivals:
        tables.append(_differences(rival, _worlds(rival, alternatives, e, tracker), e))
    found = _reasons(scenario, alternatives, e, tracker)
    baseline, changed = worlds[0], worlds[1:]
    return WhatIf(
        scenario,
        e.members,
        e.seed,
        baseline,
        changed,
        {
            "differences": pd.concat(tables, ignore_index=True),
            "regimes": regime_table(changed, baseline),
            "decisions": decision_table(scenario.episode, changed, baseline, e.seed),
            "chain": chain_table(scenario.country, found),
            "attribution": attribution_table(found, e.seed),
        },
        min(e.explained, e.members),
    )


def _worlds(
    scenario: Scenario,
    alternatives: Sequence[Changes],
    e: Effort,
    tracker: Tracker,
    watch: Watch | None = None,
) -> tuple[World, ...]:
    stage = f"{scenario.account.name}, state by {scenario.decisions}"
    return worlds_of(
        scenario,
        alternatives,
        members=e.members,
        seed=e.seed,
        threads=e.threads,
        each=tracker(stage, e.members),
        watch=watch,
    )


def _differences(scenario: Scenario, worlds: Sequence[World], e: Effort) -> pd.DataFrame:
    baseline, *changed = worlds
    parts = [
        differences(
            baseline.outcome,
            world.outcome,
            seed=e.seed,
            change=world.label,
            mode=scenario.decisions,
            account=scenario.account.name,
        )
        for world in changed
    ]
    return pd.concat(parts, ignore_index=True)


def _reasons(
    scenario: Scenario, alternatives: Sequence[Changes], e: Effort, tracker: Tracker
) -> dict[str, Explanation]:
    """Explain every alternative."""
    pairs = min(e.explained, e.members)
    if pairs == 0:
        return {}
    each = tracker(f"tracing {len(PARTS)} causes", pairs * len(alternatives))
    return {
        change.label: explain(
            scenario,
            change,
            pairs=pairs,
            seed=e.seed,
            members=e.members,
            threads=e.threads,
            each=each,
        )
        for change in alternatives
    }


_LIBRARIES = ("numpy", "numba", "pandas", "matplotlib")
_METHODS = ("glasserman1992", "pearl2001", "castro2009", "owen2014", "efron1993", "savage1951")


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
        The other accounts that were run.
    started : datetime
        When it began, UTC.
    wall_seconds : float
        How long it took.
    """
    scenario = result.scenario
    rules = rules_file(scenario.country, scenario.learned_on)
    return {
        "qantar_version": version("qantar"),
        **circumstances(_LIBRARIES, started=started, wall_seconds=wall_seconds),
        "pack": scenario.country.header.name,
        "pack_fingerprint": scenario.country.fingerprint,
        "episode": scenario.episode.name,
        **account_facts(scenario),
        "accounts": [scenario.account.name, *(rival.account.name for rival in rivals)],
        "belief": scenario.belief,
        "beliefs_from": scenario.learned_on,
        "fitted_on": fitted_on(scenario),
        "decisions": scenario.decisions,
        "rules": rules.name if rules.is_file() and scenario.belief != "prior" else "prior",
        "overrides": scenario.overrides,
        "changes": [world.label for world in result.worlds],
        "members": result.members,
        "seed": result.seed,
        "explained": result.explained,
        "attribution": METHOD,
        "citations": _citations(scenario),
    }


def _citations(scenario: Scenario) -> list[str]:
    """Return what a run rests on, and the literature of offices and methods on top."""
    lines = citations(scenario)
    keys = {*_METHODS}
    if scenario.decisions == "rules":
        for name, office in offices().items():
            keys.update(office.references)
            for parameter in scenario.country.rules[name].values():
                keys.update(parameter.references)
    known = scenario.country.references
    more = [known[key].cite() for key in sorted(keys) if key in known]
    return [*lines, *(line for line in more if line not in lines)]
