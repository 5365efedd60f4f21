"""Waves: how far a trigger carries, town by town and day by day.

A town comes out when its summed hazard passes an exponential draw of its own. The hazard rises with
how much the issue matters there, with a general rise of prices if the issue is a price, and with
news of other towns, as far as uncensored media reach people (thresholds: Granovetter 1978;
diffusion as a hazard: Myers 2000; Andrews and Biggs 2006). A regulated price that is released moves
people more the further it had fallen behind. Changed institutions move the hazard as they move
assemblies (`qantar.model.months.institutions`), and in the record not at all. Where the issue
matters to nobody, nobody comes out.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.base.arrays import Numbers
from qantar.base.compilation import compiled
from qantar.model.mechanism import stream
from qantar.model.months.declaration import LABOUR, PRICE, MonthlyMechanism, Past, State
from qantar.rng import Key, normal, uniform
from qantar.rng.elementary import exp, log

_DRAW = stream("waves")
_SHOCK = stream("shock of a trigger")

DAYS = 12
"""Days for which a trigger carries."""

HALF_ISSUE = 0.05
"""Salience and breadth together at which half of the plain hazard is reached."""


class Parameters(NamedTuple):
    """Parameters of the hazard of a town and day, in log units."""

    intercept: float
    salience: float
    breadth: float
    contagion: float
    half_towns: float
    norm: float
    fear: float
    pre_emption: float
    size: float
    gap: float
    shock: float


@compiled
def spread(
    state: State,
    past: Past,
    p: Parameters,
    key: Key,
    trigger: int,
    occurrence: int,
    repeat: int,
    hazards: Numbers,
    out: NDArray[np.int64],
) -> float:
    """Draw which towns come out after a trigger, and return how many.

    Parameters
    ----------
    trigger : int
        Its number.
    occurrence : int
        Part of the random key: the hash of a dated trigger, or the month of a drawn one.
    repeat : int
        Number of the draw, if several are made.
    hazards : float array (4, N)
        Work space.
    out : int array (N,)
        Set to 1 for towns that come out.
    """
    country, regions = state.country, state.regions
    frame = past.trigger_frame[trigger]
    general = country.breadth if frame == PRICE else 0.0
    behind = p.gap * country.price_gap if frame == PRICE else 0.0
    shock = behind + p.shock * normal(key, _SHOCK, 0, repeat, occurrence)
    shock -= p.intercept + p.pre_emption * past.trigger_announced[trigger]
    shock += country.wave_shift
    if frame in (PRICE, LABOUR):
        shock += country.wave_labour_shift
    norm = p.norm * country.norm
    touched = 0
    for i in range(past.town_count):
        out[i] = 0
        salience = past.salience[trigger, i]
        issue = p.salience * salience + p.breadth * general
        if issue <= 0.0:
            continue
        r = past.town_region[i]
        plain = shock + issue - p.fear * regions.fear[r] + p.size * past.town_size[i]
        plain += regions.wave_local_shift[r]
        hazards[0, touched] = exp(plain) * issue / (issue + HALF_ISSUE)
        hazards[1, touched] = p.contagion * regions.reach[r] * (salience + general + norm)
        hazards[2, touched] = -log(uniform(key, _DRAW, past.town_id[i], repeat, occurrence))
        hazards[3, touched] = i
        touched += 1
    number = 0.0
    for _ in range(DAYS):
        seen = number / (number + p.half_towns)
        # The last town takes the place of one that comes out, so that the loop stays short.
        k = 0
        while k < touched:
            hazards[2, k] -= hazards[0, k] * exp(hazards[1, k] * seen)
            if hazards[2, k] > 0.0:
                k += 1
                continue
            out[int(hazards[3, k])] = 1
            number += 1.0
            touched -= 1
            hazards[:, k] = hazards[:, touched]
    return number


MECHANISM = MonthlyMechanism(
    name="waves",
    title="A trigger carries from town to town",
    references=("granovetter1978", "myers2000", "andrews2006"),
    systems=("B1",),
    parameters=Parameters,
)
