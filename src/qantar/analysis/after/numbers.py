"""Numbers of the rules after a crisis: drawn from their priors, keyed by name and draw."""

from __future__ import annotations

import numpy as np

from qantar.base.arrays import Numbers
from qantar.packs.after.promises import FOLDER
from qantar.packs.country import COMMON, packs_folder
from qantar.packs.parameters import Parameter, load_parameters
from qantar.rng import Key, key_of, normal, stable_id

DRAWS = 1000
"""Draws behind every shown number."""

_STREAM = stable_id("after-numbers") % 2**16


def declared(name: str) -> dict[str, Parameter]:
    """Return the declared numbers of a rule by name."""
    return load_parameters(packs_folder() / COMMON / FOLDER / f"{name}.yaml")


def drawn(name: str, draws: int = DRAWS, seed: int = 1) -> dict[str, Numbers]:
    """Return draws from the priors of a rule: float arrays (draws,), fixed numbers repeated."""
    found = {}
    for number, parameter in declared(name).items():
        prior = parameter.prior
        if prior is None:
            found[number] = np.full(draws, parameter.central)
            continue
        place = stable_id(f"{name}.{number}")
        found[number] = np.array(
            [parameter.clip(prior.value_at(score_at(key_of(seed, k), place))) for k in range(draws)]
        )
    return found


def score_at(key: Key, place: int) -> float:
    """Return the standard normal score of a number in a draw."""
    return float(normal(key, _STREAM, place, 0, 0))
