"""Tasks of worker processes: running a world for the page, and keeping one as a run directory.

`run_world` writes what the page shows of a world, `keep` what the command line would write.
`Recorder` writes the arrays while members run and estimates the difference found so far.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from qantar.analysis.manifest import citations
from qantar.analysis.member_values import at_day_ends
from qantar.analysis.outcomes import Outcome
from qantar.analysis.run import layout_of
from qantar.analysis.run_directory import ARRAYS, RunWriter
from qantar.analysis.scores import score
from qantar.analysis.whatif.result import WhatIf, World
from qantar.analysis.whatif.run import (
    Tracker,
    WhatIfSettings,
    decision_table,
    manifest,
    preliminary,
    what_if,
)
from qantar.analysis.whatif.twins import NINETY, resampling, run_worlds
from qantar.base.compilation import is_warm
from qantar.base.files import AtomicDirectory
from qantar.explorer.context import Known, known, scenario_of
from qantar.explorer.frames import (
    DIFFERENCE,
    LAYERS,
    SHUTDOWN,
    TROOPS,
    Arrays,
    Block,
    write_frames,
)
from qantar.explorer.jobs import Progress
from qantar.explorer.links import load_shown_episode
from qantar.explorer.previews import Previews
from qantar.explorer.request import WorldRequest
from qantar.explorer.serializers import (
    EXPLAINED,
    command_of,
    decisions_json,
    place_and_time,
    request_json,
    scores_json,
    tally_json,
    to_json_bytes,
    whatif_payload,
)
from qantar.explorer.workdir import WORLD, preview_key
from qantar.model.hour import VARIABLES
from qantar.model.state import HOURS_PER_DAY, Action
from qantar.reports.whatif.formatting import change_titles, preview_warning
from qantar.results import open_writer, write_run, write_whatif
from qantar.simulate.changes import Changes
from qantar.simulate.ensemble import Followed, follow_member
from qantar.simulate.scenario import Scenario
from qantar.simulate.script import in_force

Report = Callable[[Progress], None]
"""Receives progress reports."""

_READING = "reading the country and its sources"
_COMPILING = "compiling the model (first time only, about half a minute)"
_DRAWING = "drawing the map hour by hour"
_SCORING = "comparing with the sources"
_WRITING = "writing"


KEPT = (*(variable.name for variable in VARIABLES), SHUTDOWN, TROOPS)
"""Arrays of a member: all recorded variables, and two orders in force."""

ARRAYS_OF: dict[str, tuple[str, ...]] = {
    "base": KEPT,
    "changed": tuple(layer.array for layer in LAYERS.values()),
}
"""Arrays of each side. The changed world has those that the map shows; the rest is in tables."""

_ORDERS = (Action.SHUTDOWN, Action.FOREIGN_TROOPS)
_DEATHS = KEPT.index("deaths")
_PARTIALS = 25  # intermediate results of a what-if


def prepare(pack: str) -> None:
    """Load what every world of a pack needs, so that the next one begins at once.

    The compiled model is loaded only if it is in the cache: compiling it belongs to a job, which
    reports it.
    """
    ground = load_shown_episode(pack)
    asked = ground.world(ground.start)
    known(asked.pack, asked.episode)
    for mode in ("script", "rules"):
        scenario = scenario_of(replace(asked, mode=mode))
        member = scenario.member(asked.seed, 0, scenario.draws(asked.seed, 1))
        if is_warm():
            follow_member(scenario.environment, member, HOURS_PER_DAY, terms=False)


def run_world(asked: WorldRequest, folder: Path, report: Report) -> None:
    """Run a world and write everything that the page needs of it, atomically.

    Previews of the first members are written beside it, see `qantar.explorer.previews`.

    Parameters
    ----------
    asked : WorldRequest
    folder : Path
        Destination, which must not exist yet.
    report : callable
        Receives progress; called from this thread only.

    Raises
    ------
    QantarError
        If the world cannot be run, or the folder exists or cannot be written.
    """
    report(Progress(_READING))
    scenario = scenario_of(asked)
    about = known(asked.pack, asked.episode)
    changes = asked.changes(scenario)

    def write_preview(
        beside: Path, worlds: Sequence[World], arrays: Mapping[str, Mapping[str, Block]]
    ) -> None:
        found = preliminary(scenario, worlds, asked.seed) if changes else None
        _write_world(beside, asked, about, scenario, worlds[0], found, arrays)

    previews = Previews(folder, asked.members, write_preview)
    with AtomicDirectory(folder) as beside:
        base, found = _run(asked, scenario, changes, beside, report, previews)
        groups = {
            side: zarr.open_group(beside / side / ARRAYS, mode="r")
            for side in (("base", "changed") if found else ("base",))
        }
        _write_world(beside, asked, about, scenario, base, found, groups, report)


def _run(
    asked: WorldRequest,
    scenario: Scenario,
    changes: Changes,
    folder: Path,
    report: Report,
    previews: Previews,
) -> tuple[World, WhatIf | None]:
    """Run the baseline and, if there is a change, the changed world with its attribution."""
    worlds = [scenario, scenario.changed(changes)] if changes else [scenario]
    recorder = Recorder(folder, worlds, members=asked.members, seed=asked.seed, previews=previews)
    tracker = _tracker(asked, report, recorder)
    with recorder:
        if changes:
            found = what_if(
                scenario,
                [changes],
                effort=_effort(asked),
                tracker=tracker,
                watch=recorder.watch,
                so_far=recorder.so_far,
            )
            recorder.finish()
            return found.baseline, found
        (base,) = run_worlds(
            scenario,
            (),
            members=asked.members,
            seed=asked.seed,
            each=tracker("", asked.members),
            watch=recorder.watch,
            so_far=recorder.so_far,
        )
        recorder.finish()
    return base, None


def _write_world(
    folder: Path,
    asked: WorldRequest,
    about: Known,
    scenario: Scenario,
    base: World,
    found: WhatIf | None,
    arrays: Mapping[str, Arrays],
    report: Report = lambda _progress: None,
) -> None:
    """Write the frames, the payload and the tables of a world or of a preview."""
    drawn = 0

    def layer_drawn() -> None:
        nonlocal drawn
        drawn += 1
        report(Progress(_DRAWING, drawn, len(LAYERS)))

    report(Progress(_DRAWING, 0, len(LAYERS)))
    write_frames(folder, arrays, about.units, layer_drawn)
    report(Progress(_SCORING))
    tables = found.tables if found else {}
    if not found:
        tables["decisions"] = decision_table(scenario.episode, (), base, asked.seed)
    told = world_payload(asked, scenario, about, base.outcome, found)
    told["decisions"] = decisions_json(tables["decisions"])
    (folder / WORLD).write_bytes(to_json_bytes(told))
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")


def world_payload(
    asked: WorldRequest, scenario: Scenario, about: Known, base: Outcome, found: WhatIf | None
) -> dict[str, Any]:
    """Return the payload of ``/api/worlds``, with the decisions still to be added.

    ``planned`` is the number of members that were requested, ``members`` that of those run so far.
    """
    scores = score(base, about.targets)
    if found is None:
        cited = citations(scenario)
    else:
        result = manifest(found, (), started=dt.datetime.now(dt.UTC), wall_seconds=0.0)
        cited = [str(line) for line in result["citations"]]
    changes = found.worlds[0].changes if found else Changes()
    what = change_titles(changes) if found else scenario.episode.title
    finished = base.members == asked.members
    return {
        "key": asked.key if finished else preview_key(asked.key, base.members),
        "query": asked.query,
        "world": request_json(asked),
        "title": f"{what} (account {asked.account})",
        "command": command_of(asked),
        "members": base.members,
        "planned": asked.members,
        "single_members": finished,
        "precomputed": False,
        "seed": asked.seed,
        "belief": scenario.belief,
        "version": asked.version,
        **place_and_time(scenario.country, scenario.episode, about.units),
        "layers": list(LAYERS),
        "sides": ["base", "changed", DIFFERENCE] if found else ["base"],
        "tally": tally_json(scores),
        "scores": scores_json(scores, base.layout),
        "whatif": whatif_payload(found) if found else None,
        "citation": cited,
        "cautions": preview_warning(base.members, "member"),
    }


def keep(asked: WorldRequest, destination: Path, report: Report) -> None:
    """Write the results as ``qantar run`` does or, with a change, as ``qantar whatif`` does.

    The parameters are those of `run_world`.

    Raises
    ------
    QantarError
        If the world cannot be run, or the destination exists or cannot be written.
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


def _keep_run(asked: WorldRequest, scenario: Scenario, destination: Path, report: Report) -> None:
    """Write a run directory, reporting the members run."""
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


def _effort(asked: WorldRequest) -> WhatIfSettings:
    explained = min(EXPLAINED, asked.members)
    return WhatIfSettings(asked.members, asked.seed, explained, both_modes=False)


def _tracker(asked: WorldRequest, report: Report, recorder: Recorder | None = None) -> Tracker:
    """Return a tracker that reports the stages of a what-if in plain words."""

    def opened(stage: str, steps: int) -> Callable[[], None]:
        tracing = stage.startswith("tracing")
        pairs = f"running {asked.members} pairs"
        name = pairs if asked.change else f"running {asked.members} members"
        if tracing:
            name = f"tracing what leads to the difference in {steps} pairs"
        done = 0

        def tell() -> None:
            doing = name if done or is_warm() else _COMPILING
            counted = "" if tracing else ("pairs" if asked.change else "members")
            so_far = (recorder.partial, recorder.newest_preview) if recorder else (None, "")
            report(Progress(doing, done, steps, so_far[0], counted, so_far[1]))

        def step() -> None:
            nonlocal done
            done += 1
            tell()

        tell()
        return step

    return opened


class Recorder:
    """Writes the arrays of every side while members run; use as a context manager.

    Parameters
    ----------
    folder : Path
        A folder of arrays is made in it for every side.
    worlds : sequence of Scenario
        The baseline, and the changed world if there is one.
    members, seed : int
    previews : Previews
        Is offered every member.
    """

    def __init__(
        self,
        folder: Path,
        worlds: Sequence[Scenario],
        *,
        members: int,
        seed: int,
        previews: Previews,
    ) -> None:
        self._previews = previews
        self._done = 0
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
        """Record one member of every world, see `qantar.analysis.whatif.twins.MemberCallback`."""
        sides = zip(ARRAYS_OF, self._worlds, self._writers, self._columns, followed, strict=False)
        for side, scenario, writer, columns, one in sides:
            held = in_force(one.ordered, scenario.amendments)
            orders = np.stack([held[:, kind] for kind in _ORDERS], axis=2)
            seen = np.concatenate([one.record, orders.astype(np.float32)], axis=2)
            writer.add(np.ascontiguousarray(seen[:, :, columns]))
            shown = {layer.array: seen[:, :, KEPT.index(layer.array)] for layer in LAYERS.values()}
            self._previews.keep(number, side, shown)
        if len(followed) > 1:
            layout = self._layout
            base, changed = (
                # Killed in one member, as the table of facts counts them.
                float(at_day_ends(deaths, layout.offsets, layout.days)[:, :, -1].sum())
                for deaths in (one.record[None, :, :, _DEATHS] for one in followed)
            )
            self._gaps.append(changed - base)
            every = max(self._members // _PARTIALS, 1)
            if number + 1 == self._members or (number and number % every == 0):
                self.partial = self._so_far()

    def so_far(self, worlds: Callable[[], Sequence[World]]) -> None:
        """Write a preview if it is time, see `qantar.analysis.whatif.twins.WorldsCallback`."""
        self._done += 1
        self._previews.offer(self._done, worlds)

    @property
    def newest_preview(self) -> str:
        """Name of the folder of the newest preview; empty if there is none."""
        return self._previews.newest

    def finish(self) -> None:
        """Complete the arrays."""
        for writer in self._writers:
            writer.finish({})

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
