"""One member's script: an hour for every state action, drawn within what the sources say."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from qantar.chance import Key, stable_id, uniform
from qantar.country.pack import Country
from qantar.model.actions import Action, Script
from qantar.model.mechanism import stream
from qantar.scenario.episode import RECORD, Between, Episode

_BEGINS = stream("script.begins")
_ENDS = stream("script.ends")


def hours_drawn(episode: Episode, key: Key) -> dict[str, int]:
    """Return the hour at which each action begins for one member, records included."""
    return {
        name: _draw(episode, action.begins, key, _BEGINS, name)
        for name, action in episode.actions.items()
    }


def script_of(country: Country, episode: Episode, key: Key) -> Script:
    """Return the script of one member: the actions that the model can feel."""
    hours = hours_drawn(episode, key)
    felt = {name: action for name, action in episode.actions.items() if action.kind != RECORD}
    ends = []
    for name, action in felt.items():
        if action.ends_with is not None:
            ends.append(hours[action.ends_with])
        elif action.ends is not None:
            ends.append(_draw(episode, action.ends, key, _ENDS, name))
        else:
            ends.append(episode.hours)
    regions = [place.region for place in country.places]
    where = [[action.touches(region) for region in regions] for action in felt.values()]
    return Script(
        kind=np.array([Action[action.kind.upper()] for action in felt.values()], np.int64),
        begins=np.array([hours[name] for name in felt], np.int64),
        ends=np.array(ends, np.int64),
        intensity=np.array([action.intensity for action in felt.values()], np.float64),
        where=np.array(where, np.bool_).reshape(len(felt), len(regions)),
    )


def script_from_orders(ordered: NDArray[np.float64]) -> Script:
    """Return the script that repeats what was ordered in a run.

    Parameters
    ----------
    ordered : float array (hours, kinds, places)
        Intensities, hour by hour, as `qantar.engine.member.follow_member` keeps them.
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


def _draw(episode: Episode, between: Between, key: Key, draw: int, name: str) -> int:
    first, last = episode.hour_of(between.earliest), episode.hour_of(between.latest)
    return first + int(uniform(key, draw, stable_id(name), 0, 0) * (last - first + 1))
