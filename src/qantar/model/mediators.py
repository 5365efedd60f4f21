"""Pinned terms: parts of one run held to the course that they took in another.

To ask through which causes a difference passes, a twin is run again with some of its causes held to
the course of the world without the change: what the change still does, it does by the others
(natural direct and indirect effects, Pearl 2001). A term belongs to the mechanism that writes it;
it is held the moment that mechanism has written it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.state import State


class Part(IntEnum):
    """A cause that can be held: the terms of one mechanism or of a few that say the same."""

    PRICE = 0
    NEWS = 1
    FORCE = 2
    PROVOCATION = 3
    CONTROL = 4
    ANGER = 5
    FEAR = 6
    BELIEF = 7
    WEARINESS = 8


TERMS = {
    "spark": Part.PRICE,
    "price_pressure": Part.PRICE,
    "ties_news": Part.NEWS,
    "media_news": Part.NEWS,
    "force": Part.FORCE,
    "dispersal": Part.FORCE,
    "provocation": Part.PROVOCATION,
    "instigation": Part.PROVOCATION,
    "loyalty": Part.CONTROL,
    "control": Part.CONTROL,
    "reinforcement": Part.CONTROL,
    "anger": Part.ANGER,
    "fear": Part.FEAR,
    "regime_demand": Part.BELIEF,
    "belief": Part.BELIEF,
    "weariness": Part.WEARINESS,
}
"""The fields of a place that are terms, in the order in which they are recorded."""


class Pinned(NamedTuple):
    """Terms of another run, and which of them are held.

    Attributes
    ----------
    held : float array (parts,)
        1 where the terms of a `Part` are held.
    terms : float array (hours, places, terms)
        In the order of `TERMS`, at the end of every hour; no hours if nothing is held.
    """

    held: Numbers
    terms: NDArray[np.float64]


def nothing_pinned() -> Pinned:
    """Return what holds nothing."""
    return Pinned(np.zeros(len(Part)), np.zeros((0, 0, len(TERMS))))


@compiled
def write_terms(state: State, row: Numbers) -> None:
    """Write the terms of this hour: float array (places, terms)."""
    places = state.places
    for i in range(places.size):
        here = places[i]
        row[i, 0] = here.spark
        row[i, 1] = here.price_pressure
        row[i, 2] = here.ties_news
        row[i, 3] = here.media_news
        row[i, 4] = here.force
        row[i, 5] = here.dispersal
        row[i, 6] = here.provocation
        row[i, 7] = here.instigation
        row[i, 8] = here.loyalty
        row[i, 9] = here.control
        row[i, 10] = here.reinforcement
        row[i, 11] = here.anger
        row[i, 12] = here.fear
        row[i, 13] = here.regime_demand
        row[i, 14] = here.belief
        row[i, 15] = here.weariness


@compiled
def hold_price(state: State, pinned: Pinned, hour: int) -> None:
    """Hold what is felt of the price."""
    if pinned.held[0] > 0.0:
        row = pinned.terms[hour]
        for i in range(state.places.size):
            state.places[i].spark = row[i, 0]
            state.places[i].price_pressure = row[i, 1]


@compiled
def hold_news(state: State, pinned: Pinned, hour: int) -> None:
    """Hold what is known of other places."""
    if pinned.held[1] > 0.0:
        row = pinned.terms[hour]
        for i in range(state.places.size):
            state.places[i].ties_news = row[i, 2]
            state.places[i].media_news = row[i, 3]


@compiled
def hold_force(state: State, pinned: Pinned, hour: int) -> None:
    """Hold the force that crowds meet."""
    if pinned.held[2] > 0.0:
        row = pinned.terms[hour]
        for i in range(state.places.size):
            state.places[i].force = row[i, 4]
            state.places[i].dispersal = row[i, 5]


@compiled
def hold_provocation(state: State, pinned: Pinned, hour: int) -> None:
    """Hold the hazards of turning violent."""
    if pinned.held[3] > 0.0:
        row = pinned.terms[hour]
        for i in range(state.places.size):
            state.places[i].provocation = row[i, 6]
            state.places[i].instigation = row[i, 7]


@compiled
def hold_obedience(state: State, pinned: Pinned, hour: int) -> None:
    """Hold how many police obey, which the offices have just weighed."""
    if pinned.held[4] > 0.0:
        row = pinned.terms[hour]
        for i in range(state.places.size):
            state.places[i].loyalty = row[i, 8]


@compiled
def hold_control(state: State, pinned: Pinned, hour: int) -> None:
    """Hold control and reinforcement."""
    if pinned.held[4] > 0.0:
        row = pinned.terms[hour]
        for i in range(state.places.size):
            state.places[i].control = row[i, 9]
            state.places[i].reinforcement = row[i, 10]


@compiled
def hold_mood(state: State, pinned: Pinned, hour: int) -> None:
    """Hold anger, fear, what is asked and believed, and weariness."""
    held = pinned.held
    if held[5] + held[6] + held[7] + held[8] == 0.0:
        return
    row = pinned.terms[hour]
    for i in range(state.places.size):
        here = state.places[i]
        if held[5] > 0.0:
            here.anger = row[i, 11]
        if held[6] > 0.0:
            here.fear = row[i, 12]
        if held[7] > 0.0:
            here.regime_demand = row[i, 13]
            here.belief = row[i, 14]
        if held[8] > 0.0:
            here.weariness = row[i, 15]
