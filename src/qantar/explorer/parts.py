"""The parts that the server is put together from, each loaded when it is first used.

A page must come at once: what reads evidence or runs the model is not imported to serve it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from qantar.country.pack import load_country
from qantar.explorer.link import Ground
from qantar.explorer.shelf import ShownWorld
from qantar.scenario.episode import list_episodes, load_episode

EPISODE = "january-2022"
"""What the page shows, if the pack has it."""

Payload = dict[str, Any]


def _ground(pack: str) -> Ground:
    country = load_country(pack)
    names = list_episodes(country)
    name = EPISODE if EPISODE in names else names[0]
    return Ground(country, load_episode(country, name), pack)


def _country(ground: Ground) -> Payload:
    from qantar.explorer.country import country_payload

    return country_payload(ground.country, ground.episode)


def _evidence(ground: Ground) -> Any:
    from qantar.explorer.evidence import Evidence

    return Evidence(ground.country, ground.episode)


def _timeline(ground: Ground, evidence: Any) -> Payload:
    from qantar.explorer.timeline import timeline_payload

    return timeline_payload(ground.country, ground.episode, evidence)


def _causes(evidence: Any) -> Payload:
    from qantar.explorer.causes import causes_payload

    return causes_payload(evidence.ledger)


def _accounts(ground: Ground) -> Payload:
    from qantar.explorer.accounts import accounts_payload

    return accounts_payload(ground.country, ground.episode)


def _open_world(folder: Path) -> ShownWorld:
    from qantar.explorer.worlds import World

    return World(folder)


def _open_run(runs: Path, name: str, cache: Path) -> ShownWorld:
    from qantar.explorer.rundirs import open_world

    return open_world(runs, name, cache)


def _list_runs(runs: Path) -> list[Payload]:
    from qantar.explorer.rundirs import list_runs

    return list_runs(runs)


def _delete_run(runs: Path, name: str) -> None:
    from qantar.explorer.rundirs import delete_run

    delete_run(runs, name)


def _page_of(runs: Path, name: str, file: str) -> Path:
    from qantar.explorer.rundirs import page_of

    return page_of(runs, name, file)


@dataclass(frozen=True)
class Parts:
    """What the server calls; tests put small fakes here.

    Attributes
    ----------
    ground : callable
        Pack and episode, from the name of the pack.
    country, evidence, timeline, causes, accounts : callable
        What never changes while the server runs.
    run_world, keep : str
        Tasks for workers, ``module:name``: they get a world asked, a folder that does not exist,
        and a callable for `qantar.explorer.progress.Progress`.
    warm : tuple of str
        What workers import before their first task.
    open_world, open_run, list_runs, delete_run, page_of : callable
        Finished worlds and run directories.
    """

    ground: Callable[[str], Ground] = _ground
    country: Callable[[Ground], Payload] = _country
    evidence: Callable[[Ground], Any] = _evidence
    timeline: Callable[[Ground, Any], Payload] = _timeline
    causes: Callable[[Any], Payload] = _causes
    accounts: Callable[[Ground], Payload] = _accounts
    run_world: str = "qantar.explorer.simulate:run_world"
    keep: str = "qantar.explorer.simulate:keep"
    warm: tuple[str, ...] = ("qantar.explorer.simulate",)
    open_world: Callable[[Path], ShownWorld] = _open_world
    open_run: Callable[[Path, str, Path], ShownWorld] = _open_run
    list_runs: Callable[[Path], list[Payload]] = _list_runs
    delete_run: Callable[[Path, str], None] = _delete_run
    page_of: Callable[[Path, str, str], Path] = _page_of
