"""Weariness: a place tires after days of protest.

Protests and riots last for days in a place (Leuschner and Hellmeier 2024; Bonnasse-Gahot et al.
2018). That tiredness ends them is an assumption of the model, which lets a peaceful protest end by
itself.
"""

from __future__ import annotations

from typing import NamedTuple

from qantar.base.compilation import compiled
from qantar.model.mechanism import Field, Mechanism
from qantar.model.mediators import Mediator
from qantar.model.state import Environment, State


class Parameters(NamedTuple):
    """Hours over which a place tires, and over which it recovers."""

    onset_time: float
    recovery_time: float


@compiled
def update_weariness(state: State, environment: Environment, p: Parameters) -> None:
    """Update the weariness of each place."""
    places = state.places
    for i in range(environment.place_count):
        gain = places.street[i] * (1.0 - places.weariness[i]) / p.onset_time
        loss = places.weariness[i] / p.recovery_time
        places.weariness[i] += gain - loss


MECHANISM = Mechanism(
    name="weariness",
    title="Protest becomes tiring over days in the cold",
    references=("leuschner2024", "bonnasse2018"),
    parameters=Parameters,
    fields=(Field("weariness", "share", 0, 1, 0, "weariness of the place"),),
    terms={"weariness": Mediator.WEARINESS},
    hour=update_weariness,
)
