"""Amending: changes turned into the arrays that a member runs on. What is given stays untouched."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

import numpy as np

from qantar.arrays import Flags, Numbers
from qantar.country.pack import Country
from qantar.country.parameters import Parameter
from qantar.model.actions import Action, Amendments, no_amendments
from qantar.model.state import Ground
from qantar.scenario.change import Changes, Step
from qantar.scenario.episode import Episode
from qantar.scenario.intervention import COUNTRYWIDE, Placed

_SHARES = (
    "price_dependence territorial patronage activism experience seat media_access shutdown_reach "
    "named"
)
_COUNTS = "night_cold police trigger reserve foreign_troops"
LIMITS = {
    **dict.fromkeys(_SHARES.split(), (0.0, 1.0)),
    **dict.fromkeys(_COUNTS.split(), (0.0, math.inf)),
}
"""How low and how high ground can go; what is not here is a logarithm or a standard score."""


def amendments_of(changes: Changes, country: Country, episode: Episode) -> Amendments:
    """Return what changes hold decisions to.

    A hold without a beginning holds from the first hour, one without an end to the last. One that
    lies wholly outside the window gives a row that never holds.

    Returns
    -------
    Amendments
        One row a hold, in the order of the changes and of their files.
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


def numbers_after(
    changes: Changes, names: Sequence[str], values: Numbers, declared: Sequence[Parameter]
) -> Numbers:
    """Return parameters after changes, cut to their allowed range.

    Parameters
    ----------
    changes : Changes
        Steps on parameters that are not among `names` are for somebody else and left out.
    names : sequence of str
        ``mechanism.parameter`` or ``office.parameter``, in the order of the last axis.
    values : float array (..., names)
        Of one member or of many; not altered.
    declared : sequence of Parameter
        As the pack declares them, in the same order.

    Returns
    -------
    float array
        A new one, of the same shape. Numbers that no change names are the same to the last bit.
    """
    result: Numbers = np.array(values, dtype=np.float64)
    steps = [step for change in changes for step in change.parameter_steps]
    for k, name in enumerate(names):
        own = [step for step in steps if step.name == name]
        if own:
            after = _after(result[..., k], own)
            result[..., k] = np.clip(after, declared[k].low, declared[k].high)
    return result


def ground_after(changes: Changes, country: Country, ground: Ground) -> Ground:
    """Return the ground after changes, cut to what can be; the given one is not altered.

    The places are copied; all else that a change cannot touch is shared. With nothing to change
    the very same ground comes back.
    """
    steps = [step for change in changes for step in change.ground_steps]
    if not steps:
        return ground
    places = ground.places.copy()
    wide = {name: float(getattr(ground, name)) for name in COUNTRYWIDE}
    for name in sorted({step.name for step in steps}):
        low, high = LIMITS.get(name, (-math.inf, math.inf))
        own = [step for step in steps if step.name == name]
        if name in COUNTRYWIDE:
            wide[name] = float(np.clip(_after(np.array(wide[name]), own), low, high))
            continue
        where = np.array([_touched(country, step.where) for step in own])
        for i in np.flatnonzero(where.any(axis=0)):
            here = [step for step, touched in zip(own, where[:, i], strict=True) if touched]
            places[name][i] = np.clip(_after(places[name][i], here), low, high)
    return ground._replace(
        places=places, reserve=wide["reserve"], foreign_troops=wide["foreign_troops"]
    )


def _after(values: Numbers, steps: list[Step]) -> Numbers:
    """Return values after steps of one kind, which `Changes` has seen to."""
    amounts = [step.amount for step in steps]
    if steps[0].how == "set":
        return np.full_like(values, amounts[0])
    if steps[0].how == "add":
        return np.asarray(values + math.fsum(amounts))
    return np.asarray(values * math.prod(amounts))


def _hour(episode: Episode, moment: dt.datetime) -> int:
    """Return an hour of the episode, an open edge being its first or its last.

    What began before the window has begun by its first hour.
    """
    if moment == dt.datetime.max:
        return episode.hours
    return max(episode.hour_of(moment), 0)


def _touched(country: Country, where: Placed) -> Flags:
    """Return in which places something holds."""
    return np.array([where.touches(place.region) for place in country.places], np.bool_)
