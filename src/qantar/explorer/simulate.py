"""Recording worlds while they run: arrays of every side, and what can be said so far.

Running a world that a page asked for, and keeping one as a folder of results.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.analysis.manifest import citations
from qantar.analysis.outcomes import Outcome, at_day_ends
from qantar.analysis.run import layout_of
from qantar.analysis.run_directory import ARRAYS, RunWriter
from qantar.analysis.scores import score
from qantar.analysis.whatif.result import WhatIf, World
from qantar.analysis.whatif.run import Effort, Tracker, decision_table, manifest, what_if
from qantar.analysis.whatif.twins import NINETY, resampling, worlds_of
from qantar.base.compilation import is_warm
from qantar.base.files import AtomicDirectory
from qantar.explorer.context import Known, known, scenario_of
from qantar.explorer.frames import DIFFERENCE, LAYERS, SHUTDOWN, TROOPS, write_frames
from qantar.explorer.progress import Progress
from qantar.explorer.request import WorldAsked
from qantar.explorer.serializers import (
    EXPLAINED,
    asked_told,
    command_of,
    decisions_told,
    few_members,
    json_of,
    place_and_time,
    scores_told,
    tally_told,
    whatif_told,
)
from qantar.explorer.worlds import WORLD
from qantar.model.actions import Action
from qantar.model.hour import VARIABLES
from qantar.reports.whatif.formatting import titles_of
from qantar.results import open_writer, write_run, write_whatif
from qantar.simulate.changes import Changes
from qantar.simulate.ensemble import Followed
from qantar.simulate.scenario import Scenario
from qantar.simulate.script import in_force

KEPT = (*(variable.name for variable in VARIABLES), SHUTDOWN, TROOPS)
"""What is seen of a member: everything recorded, and two orders in force."""

ARRAYS_OF: dict[str, tuple[str, ...]] = {
    "base": KEPT,
    "changed": tuple(layer.array for layer in LAYERS.values()),
}
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
        with ExitStack() as opening:
            for writer in self._writers:
                opening.enter_context(writer)
            self._open = opening.pop_all()
        return self

    def __exit__(self, *error: Any) -> None:
        self._open.__exit__(*error)

    def watch(self, number: int, followed: Sequence[Followed]) -> None:
        """Take one more member in every world, see `whatif.twins.MemberCallback`."""
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


Report = Callable[[Progress], None]
"""Told how far the work is."""

_READING = "reading the country and its sources"
_COMPILING = "compiling the model (first time only, about half a minute)"
_DRAWING = "drawing the map hour by hour"
_SCORING = "comparing with the sources"
_WRITING = "writing"


def run_world(asked: WorldAsked, folder: Path, report: Report) -> None:
    """Run a world and write everything that the page needs of it, whole or not at all.

    Parameters
    ----------
    asked : WorldAsked
    folder : Path
        Where it shall be. It must not exist yet.
    report : callable
        Told how far the work is; may be called from this thread only.

    Raises
    ------
    QantarError
        If what is asked for cannot be run, or the folder exists or cannot be written.
    """
    report(Progress(_READING))
    scenario = scenario_of(asked)
    about = known(asked.pack, asked.episode)
    changes = asked.changes(scenario)
    with AtomicDirectory(folder) as beside:
        base, found = _run(asked, scenario, changes, beside, report)
        groups = {
            side: zarr.open_group(beside / side / ARRAYS, mode="r")
            for side in (("base", "changed") if found else ("base",))
        }
        _frames(beside, groups, about, report)
        report(Progress(_SCORING))
        tables = found.tables if found else {}
        if not found:
            tables["decisions"] = decision_table(scenario.episode, (), base, asked.seed)
        told = world_told(asked, scenario, about, base.outcome, found)
        told["decisions"] = decisions_told(tables["decisions"])
        (beside / WORLD).write_bytes(json_of(told))
        for name, table in tables.items():
            table.to_csv(beside / f"{name}.csv", index=False, float_format="%.6g")


def keep(asked: WorldAsked, destination: Path, report: Report) -> None:
    """Write a run directory as ``qantar run`` does or, with a change, a what-if as ``whatif`` does.

    Parameters are those of `run_world`; what is written is what the command of the world writes.

    Raises
    ------
    QantarError
        If what is asked for cannot be run, or the destination exists or cannot be written.
    """
    report(Progress(_READING))
    scenario = scenario_of(asked)
    if not asked.change:
        _keep_run(asked, scenario, destination, report)
        return
    changes = asked.changes(scenario)
    started, clock = dt.datetime.now(dt.UTC), time.perf_counter()
    result = what_if(scenario, [changes], effort=_effort(asked), tracker=_tracker(asked, report))
    about = manifest(result, (), started=started, wall_seconds=time.perf_counter() - clock)
    report(Progress(_WRITING))
    write_whatif(destination, result, about)


def world_told(
    asked: WorldAsked, scenario: Scenario, about: Known, base: Outcome, found: WhatIf | None
) -> dict[str, Any]:
    """Return what the page is told of a world: the payload of ``/api/worlds``, but decisions."""
    scores = score(base, about.targets)
    changes = found.worlds[0].changes if found else Changes()
    what = titles_of(changes) if found else scenario.episode.title
    return {
        "key": asked.key,
        "query": asked.query,
        "world": asked_told(asked),
        "title": f"{what} (account {asked.account})",
        "command": command_of(asked),
        "members": asked.members,
        "seed": asked.seed,
        "belief": scenario.belief,
        "version": asked.version,
        **place_and_time(scenario.country, scenario.episode, about.units),
        "layers": list(LAYERS),
        "sides": ["base", "changed", DIFFERENCE] if found else ["base"],
        "tally": tally_told(scores),
        "scores": scores_told(scores, base.layout),
        "whatif": whatif_told(found) if found else None,
        "citation": _citations(scenario, found),
        "cautions": few_members(asked.members),
    }


def _run(
    asked: WorldAsked, scenario: Scenario, changes: Changes, folder: Path, report: Report
) -> tuple[World, WhatIf | None]:
    """Run the world as it was, and beside it the changed one with the reasons, if there is one."""
    worlds = [scenario, scenario.changed(changes)] if changes else [scenario]
    recorder = Recorder(folder, worlds, members=asked.members, seed=asked.seed)
    tracker = _tracker(asked, report, recorder)
    with recorder:
        if changes:
            found = what_if(
                scenario,
                [changes],
                effort=_effort(asked),
                tracker=tracker,
                watch=recorder.watch,
            )
            recorder.finish()
            return found.baseline, found
        (base,) = worlds_of(
            scenario,
            (),
            members=asked.members,
            seed=asked.seed,
            each=tracker("", asked.members),
            watch=recorder.watch,
        )
        recorder.finish()
    return base, None


def _effort(asked: WorldAsked) -> Effort:
    explained = min(EXPLAINED, asked.members)
    return Effort(asked.members, asked.seed, explained, both_modes=False)


def _tracker(asked: WorldAsked, report: Report, recorder: Recorder | None = None) -> Tracker:
    """Return what tells a report of the stages of a what-if, in plain words."""

    def opened(stage: str, steps: int) -> Callable[[], None]:
        tracing = stage.startswith("tracing")
        pairs = f"running {asked.members} pairs of the same luck"
        name = pairs if asked.change else f"running {asked.members} members"
        if tracing:
            name = f"tracing what leads to the difference in {steps} pairs"
        done = 0

        def tell() -> None:
            doing = name if done or is_warm() else _COMPILING
            report(Progress(doing, done, steps, recorder.partial if recorder else None))

        def step() -> None:
            nonlocal done
            done += 1
            tell()

        tell()
        return step

    return opened


def _frames(
    folder: Path, groups: dict[str, zarr.Group], about: Known, report: Report
) -> tuple[str, ...]:
    done = 0

    def each() -> None:
        nonlocal done
        done += 1
        report(Progress(_DRAWING, done, len(LAYERS)))

    report(Progress(_DRAWING, 0, len(LAYERS)))
    return write_frames(folder, groups, about.units, each)


def _citations(scenario: Scenario, found: WhatIf | None) -> list[str]:
    if found is None:
        return citations(scenario)
    about = manifest(found, (), started=dt.datetime.now(dt.UTC), wall_seconds=0.0)
    return [str(line) for line in about["citations"]]


def _keep_run(asked: WorldAsked, scenario: Scenario, destination: Path, report: Report) -> None:
    members = asked.members
    count = 0

    def step(doing: str, done: int) -> None:
        nonlocal count
        count += done
        running = doing == "running members"
        report(Progress(f"{doing}", min(count, members) if running else 0, members * running))

    report(Progress("running members" if is_warm() else _COMPILING, 0, members))
    writing = open_writer(scenario, destination, members)
    evidence = known(asked.pack, asked.episode).evidence
    write_run(scenario, writing, members=members, seed=asked.seed, step=step, evidence=evidence)
