"""Recording worlds while they run: arrays of every side, and what can be said so far."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from qantar.engine.member import VARIABLES, Followed
from qantar.explorer.frames import LAYERS, SHUTDOWN, TROOPS
from qantar.model.actions import Action
from qantar.scenario.amending import in_force
from qantar.scenario.scenario import Scenario
from qantar.store import RunWriter
from qantar.study.outcome import at_day_ends
from qantar.study.run import layout_of
from qantar.study.whatif.difference import NINETY, resampling

KEPT = (*(variable.name for variable in VARIABLES), SHUTDOWN, TROOPS)
"""What is seen of a member: everything recorded, and two orders in force."""

ARRAYS_OF = {"base": KEPT, "changed": tuple(layer.array for layer in LAYERS.values())}
"""Arrays of each side. Of the changed world those that the map shows: the rest is in tables."""

_ORDERS = (Action.SHUTDOWN, Action.FOREIGN_TROOPS)
_DEATHS = KEPT.index("deaths")
_PARTIALS = 25  # times that a what-if says what it has found so far


class Recorder:
    """Writes what members leave behind, side by side; use as a context manager.

    Parameters
    ----------
    folder : Path
        Gets a folder of arrays for every side.
    worlds : sequence of Scenario
        The world as it was, and the changed one if there is one.
    members, seed : int
    """

    def __init__(
        self, folder: Path, worlds: Sequence[Scenario], *, members: int, seed: int
    ) -> None:
        self._worlds = worlds
        self._members, self._seed = members, seed
        self._layout = layout_of(worlds[0])
        self._gaps: list[float] = []
        self._open = ExitStack()
        places, hours = tuple(worlds[0].places), worlds[0].episode.hours
        self._writers = [
            RunWriter(folder / side, names, places, members=members, hours=hours)
            for side, names in list(ARRAYS_OF.items())[: len(worlds)]
        ]
        self._columns = [[KEPT.index(name) for name in names] for names in ARRAYS_OF.values()]
        self.partial: dict[str, Any] | None = None

    def __enter__(self) -> Recorder:
        for writer in self._writers:
            self._open.enter_context(writer)
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def watch(self, number: int, followed: Sequence[Followed]) -> None:
        """Take one more member in every world, see `qantar.study.whatif.twins.Watch`."""
        sides = zip(self._worlds, self._writers, self._columns, followed, strict=False)
        for scenario, writer, columns, one in sides:
            held = in_force(one.ordered, scenario.amendments)
            orders = np.stack([held[:, kind] for kind in _ORDERS], axis=2)
            seen = np.concatenate([one.record, orders.astype(np.float32)], axis=2)
            writer.add(np.ascontiguousarray(seen[:, :, columns]))
        if len(followed) > 1:
            was, became = (self._killed(one) for one in followed)
            self._gaps.append(became - was)
            every = max(self._members // _PARTIALS, 1)
            if number + 1 == self._members or (number and number % every == 0):
                self.partial = self._so_far()

    def finish(self) -> None:
        """Put the arrays in their place."""
        for writer in self._writers:
            writer.finish({})

    def _killed(self, followed: Followed) -> float:
        """Return how many were killed in one member, as facts count them."""
        layout, deaths = self._layout, followed.record[:, :, _DEATHS]
        return float(at_day_ends(deaths, layout.offsets, layout.days)[:, -1].sum())

    def _so_far(self) -> dict[str, Any]:
        """Return the mean difference of the pairs so far, with its 90 % interval."""
        gaps = np.array(self._gaps)
        means = resampling(len(gaps), self._seed) @ gaps
        low, high = np.quantile(means, NINETY)
        mean = float(gaps.mean())
        return {
            "pairs": len(gaps),
            "deaths": {"mean": mean, "low": float(low), "high": float(high)},
        }
