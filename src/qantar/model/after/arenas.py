"""Five arenas of Linz and Stepan (1996), as means of indices that the years have.

Civil society, political society, rule of law, state bureaucracy and economic society (E5). Each
arena is the mean of the indices named in `ARENAS`, some turned round; ``all`` is the mean of the
five. Which indices stand for an arena is assumed. The years have no index of an economic
society with institutions of its own: independence of regions and posts from the top stands for it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from qantar.base.arrays import Numbers


class Part(NamedTuple):
    """An index of an arena; `turned` if a higher index makes the arena lower."""

    variable: str
    turned: bool = False


ARENAS: Mapping[str, tuple[Part, ...]] = {
    "civil": (Part("civil_society"), Part("independent_reach")),
    "political": (Part("legal_opposition"), Part("concentration", turned=True)),
    "law": (Part("judicial_independence"),),
    "bureaucracy": (Part("kin_share", turned=True), Part("home_share", turned=True)),
    "economic": (Part("akim_connection", turned=True), Part("top_faction_share", turned=True)),
}
"""Arenas with their indices; a plain mean."""

LABELS: Mapping[str, str] = {
    "civil": "Civil society",
    "political": "Political society",
    "law": "Rule of law",
    "bureaucracy": "State bureaucracy",
    "economic": "Economic society",
    "all": "Mean of five arenas",
}

INDICES: tuple[str, ...] = tuple(part.variable for parts in ARENAS.values() for part in parts)
"""Every index that an arena needs: variables of the country in the months."""


def arena_scores(indices: Mapping[str, Numbers]) -> dict[str, Numbers]:
    """Return the arenas, and their mean as ``all``.

    Parameters
    ----------
    indices : mapping of float arrays
        Every index of `INDICES`, from 0 to 1, of one shape, such as (members, months).

    Returns
    -------
    dict of float arrays
        In the same shape, from 0 to 1.
    """
    found: dict[str, Numbers] = {}
    for arena, parts in ARENAS.items():
        values = [np.clip(np.asarray(indices[p.variable], float), 0.0, 1.0) for p in parts]
        turned = [
            1.0 - value if p.turned else value for p, value in zip(parts, values, strict=True)
        ]
        found[arena] = np.mean(turned, axis=0)
    found["all"] = np.mean([found[arena] for arena in ARENAS], axis=0)
    return found


def arenas_met(scores: Mapping[str, Numbers], threshold: float) -> Numbers:
    """Return how many of the five arenas are at or above a threshold."""
    met = [np.asarray(scores[arena]) >= threshold for arena in ARENAS]
    count: Numbers = np.sum(met, axis=0, dtype=float)
    return count
