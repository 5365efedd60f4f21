"""State actions of a member: drawn dates, and bounds from changes.

Dates are drawn within the range given by the sources. Changes are converted to `Amendments` and to
new values of parameters and of the environment; inputs are not modified.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Flags, Hours, Numbers
from qantar.model.mechanism import stream
from qantar.model.state import Action, Amendments, Script, no_amendments
from qantar.packs.conditions import COUNTRYWIDE, allowed
from qantar.packs.country import Country
from qantar.packs.episode import RECORD, Between, Episode
from qantar.packs.intervention import Placed
from qantar.packs.parameters import Parameter
from qantar.rng import Key, stable_id, uniform
from qantar.simulate.changes import Changes, Step

_BEGINS = stream("script.begins")
_ENDS = stream("script.ends")


class Planned(NamedTuple):
    """What the scripts of all members have in common: the actions, and when each can begin and end.

    Attributes
    ----------
    begins : dict
        For every action, including records, how its first hour is drawn.
    ends : dict
        For every action but records: how its last hour is drawn, the action with which it ends, or
        the hour at which it always ends.
    kind, intensity : arrays (actions,)
    where : bool array (actions, places)
    """

    begins: dict[str, Range]
    ends: dict[str, Range | str | int]
    kind: NDArray[np.int64]
    intensity: Numbers
    where: Flags


class Range(NamedTuple):
    """The hours from which one is drawn, with the number of the action as a random unit."""

    first: int
    number: int
    unit: int

    def draw(self, key: Key, stream: int) -> int:
        """Return the hour of one member."""
        return self.first + int(uniform(key, stream, self.unit, 0, 0) * self.number)


def plan_actions(country: Country, episode: Episode) -> Planned:
    """Return what the scripts of all members have in common."""
    felt = {name: action for name, action in episode.actions.items() if action.kind != RECORD}
    ends: dict[str, Range | str | int] = {}
    for name, action in felt.items():
        if action.ends_with is not None:
            ends[name] = action.ends_with
        elif action.ends is not None:
            ends[name] = _range(episode, action.ends, name)
        else:
            ends[name] = episode.hours
    where = [
        [action.touches(place.place, place.region) for place in country.places]
        for action in felt.values()
    ]
    return Planned(
        begins={
            name: _range(episode, action.begins, name) for name, action in episode.actions.items()
        },
        ends=ends,
        kind=np.array([Action[action.kind.upper()] for action in felt.values()], np.int64),
        intensity=np.array([action.intensity for action in felt.values()], np.float64),
        where=np.array(where, np.bool_).reshape(len(felt), len(country.places)),
    )


def draw_action_hours(planned: Planned, key: Key) -> dict[str, int]:
    """Return the hour at which each action begins for one member, including records."""
    return {name: begins.draw(key, _BEGINS) for name, begins in planned.begins.items()}


def draw_script(planned: Planned, key: Key) -> Script:
    """Return the script of one member: all actions except records.

    Scripts share the arrays that are the same for all members.
    """
    hours = draw_action_hours(planned, key)
    ends = []
    for end in planned.ends.values():
        if isinstance(end, Range):
            ends.append(end.draw(key, _ENDS))
        else:
            ends.append(hours[end] if isinstance(end, str) else end)
    return Script(
        kind=planned.kind,
        begins=np.array([hours[name] for name in planned.ends], np.int64),
        ends=np.array(ends, np.int64),
        intensity=planned.intensity,
        where=planned.where,
    )


def script_from_orders(ordered: NDArray[np.float64]) -> Script:
    """Return the script that repeats the orders of a run.

    Parameters
    ----------
    ordered : float array (hours, kinds, places)
        Intensities, as recorded by `qantar.simulate.ensemble.follow_member`.
    """
    hours, kinds, _ = ordered.shape
    rows: list[tuple[int, int, int, float, NDArray[np.bool_]]] = []
    for kind in range(kinds):
        own = ordered[:, kind, :]
        turns = np.flatnonzero((own[1:] != own[:-1]).any(axis=1)) + 1
        for first, last in pairwise([0, *turns.tolist(), hours]):
            for level in np.unique(own[first][own[first] > 0]):
                rows.append((kind, first, last, float(level), own[first] == level))
    where = np.array([row[4] for row in rows], np.bool_).reshape(len(rows), ordered.shape[2])
    return Script(
        kind=np.array([row[0] for row in rows], np.int64),
        begins=np.array([row[1] for row in rows], np.int64),
        ends=np.array([row[2] for row in rows], np.int64),
        intensity=np.array([row[3] for row in rows], np.float64),
        where=where,
    )


def _range(episode: Episode, between: Between, name: str) -> Range:
    first, last = episode.hour_of(between.earliest), episode.hour_of(between.latest)
    return Range(first, last - first + 1, stable_id(name))


def amendments_of(changes: Changes, country: Country, episode: Episode) -> Amendments:
    """Return the bounds that changes put on decisions.

    A hold without a start applies from the first hour, one without an end to the last. A hold
    outside the time window gives a row that never applies.

    Returns
    -------
    Amendments
        One row per hold, in the order of the changes and of their files.
    """
    held = [hold for change in changes for hold in change.holds]
    if not held:
        return no_amendments(len(country.places))
    return Amendments(
        kind=np.array([Action[each.kind.upper()] for each in held], np.int64),
        begins=np.array([_hour(episode, each.begins) for each in held], np.int64),
        ends=np.array([_hour(episode, each.ends) for each in held], np.int64),
        least=np.array([each.least for each in held]),
        most=np.array([each.most for each in held]),
        where=np.array([_touched(country, each.where) for each in held], np.bool_),
    )


def turning_hours(ordered: Numbers, *bounds: Amendments) -> Hours:
    """Return the hours at which orders or bounds may change, with the first hour of the run.

    Parameters
    ----------
    ordered : float array (hours, kinds, places)
    *bounds : Amendments

    Returns
    -------
    int array (turns,)
        In order. What is in force is the same in all hours from one turn to the next.
    """
    hours = len(ordered)
    rows = ordered.reshape(hours, -1)
    moved = np.flatnonzero((rows[1:] != rows[:-1]).any(axis=1)) + 1
    edges = [edge for each in bounds for edge in (each.begins, each.ends)]
    found = np.unique(np.concatenate([np.zeros(1, np.int64), moved, *edges]))
    return found[found < hours]


def in_force(ordered: Numbers, amendments: Amendments, hours: Hours | None = None) -> Numbers:
    """Return the intensities in force in a run from its orders.

    Parameters
    ----------
    ordered : float array (hours, kinds, places)
    amendments : Amendments
    hours : int array (hours,), optional
        The hour of each row of `ordered`; by default the rows are all hours of the run.

    Returns
    -------
    float array (hours, kinds, places)
        The same array if there are no amendments.
    """
    if len(amendments.kind) == 0:
        return ordered
    at = np.arange(len(ordered)) if hours is None else hours
    result: Numbers = ordered.copy()
    for kind in np.unique(amendments.kind):
        own = ordered[:, kind]
        least, most = np.zeros_like(own), np.ones_like(own)
        for a in np.flatnonzero(amendments.kind == kind):
            now = (at >= amendments.begins[a]) & (at < amendments.ends[a])
            here = now[:, None] & amendments.where[a]
            np.maximum(least, amendments.least[a], out=least, where=here)
            np.minimum(most, amendments.most[a], out=most, where=here)
        result[:, kind] = np.minimum(np.maximum(own, least), most)
    return result


def parameters_after_changes(
    changes: Changes, names: Sequence[str], values: Numbers, declared: Sequence[Parameter]
) -> Numbers:
    """Return parameters after changes, clipped to their allowed range.

    Parameters
    ----------
    changes : Changes
        Steps on parameters that are not in `names` are ignored.
    names : sequence of str
        ``mechanism.parameter`` or ``office.parameter``, in the order of the last axis.
    values : float array (..., names)
        Of one member or of many; not modified.
    declared : sequence of Parameter
        Their declarations, in the same order.

    Returns
    -------
    float array
        A new array of the same shape. Values without a change are bitwise identical.
    """
    result: Numbers = np.array(values, dtype=np.float64)
    steps = [step for change in changes for step in change.parameter_steps]
    for k, name in enumerate(names):
        own = [step for step in steps if step.name == name]
        if own:
            after = _after(result[..., k], own)
            result[..., k] = np.clip(after, declared[k].low, declared[k].high)
    return result


def values_after(
    steps: Sequence[Step], country: Country, values: Mapping[str, Numbers]
) -> dict[str, Numbers]:
    """Return the environment variables after steps, clipped to their ranges.

    Parameters
    ----------
    steps : sequence of Step
        Steps of one `Changes` on environment variables, in their units.
    country : Country
    values : mapping of str to float array
        From `environment_values`; not modified.
    """
    result = dict(values)
    for name in sorted({step.name for step in steps}):
        own = [step for step in steps if step.name == name]
        wide = name in COUNTRYWIDE
        regions = [country.header.country] if wide else [place.region for place in country.places]
        result[name] = values[name].copy()
        for i, region in enumerate(regions):
            here = [step for step in own if step.where.touches(region)]
            if here:
                after = _after(values[name][i], here)
                result[name][i] = np.clip(after, *allowed(country, name))
    return result


def _after(values: Numbers, steps: list[Step]) -> Numbers:
    """Return values after steps, which all have the same operation (checked by `Changes`)."""
    amounts = [step.amount for step in steps]
    if steps[0].how == "set":
        return np.full_like(values, amounts[0])
    if steps[0].how == "add":
        return np.asarray(values + math.fsum(amounts))
    return np.asarray(values * math.prod(amounts))


def _hour(episode: Episode, moment: dt.datetime) -> int:
    """Return the hour of a time, at least 0; an open end is the end of the episode."""
    if moment == dt.datetime.max:
        return episode.hours
    return max(episode.hour_of(moment), 0)


def _touched(country: Country, where: Placed) -> Flags:
    """Return the places to which something applies."""
    return np.array([where.touches(place.region) for place in country.places], np.bool_)
