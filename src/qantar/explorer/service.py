"""The parts that the server is put together from, each loaded when it is first used.

A page must come at once: what reads evidence or runs the model is not imported to serve it.

What never changes while the server runs: made once, in threads, and kept as bytes.

The explorer as a whole, without HTTP: what is known, what is run, what is kept.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from qantar.analysis.run_directory import free_folder, run_name, whatif_name
from qantar.base.worker_process import Task
from qantar.explorer.cache import Shelf, ShownWorld
from qantar.explorer.error_responses import RefusedError
from qantar.explorer.jobs import SCRATCH, Jobs, Order
from qantar.explorer.links import Ground, Read, read_link
from qantar.explorer.request import WORLD_FIELDS, WorldAsked
from qantar.explorer.workdir import make_workplace, remove_workplace, sweep
from qantar.packs.account import load_account
from qantar.packs.episode import list_episodes, load_episode
from qantar.packs.loading import load_country

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
    from qantar.explorer.serializers import timeline_payload

    return timeline_payload(ground.country, ground.episode, evidence)


def _causes(evidence: Any) -> Payload:
    from qantar.explorer.evidence import causes_payload

    return causes_payload(evidence.ledger)


def _accounts(ground: Ground) -> Payload:
    from qantar.explorer.accounts import accounts_payload

    return accounts_payload(ground.country, ground.episode)


def _open_world(folder: Path) -> ShownWorld:
    from qantar.explorer.worlds import World

    return World(folder)


def _open_run(runs: Path, name: str, cache: Path) -> ShownWorld:
    from qantar.explorer.run_directories import open_world

    return open_world(runs, name, cache)


def _list_runs(runs: Path) -> list[Payload]:
    from qantar.explorer.run_directories import list_runs

    return list_runs(runs)


def _delete_run(runs: Path, name: str) -> None:
    from qantar.explorer.run_directories import delete_run

    delete_run(runs, name)


def _page_of(runs: Path, name: str, file: str) -> Path:
    from qantar.explorer.run_directories import page_of

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


Made = TypeVar("Made")


class Standing:
    """The pack, its evidence and the answers made of them, each there as soon as it can be.

    Parameters
    ----------
    pack : str
    parts : Parts

    Attributes
    ----------
    ground : Future of Ground
    evidence : Future
        Can be searched.
    country, timeline, causes, accounts : Future of bytes
        JSON.
    """

    def __init__(self, pack: str, parts: Parts) -> None:
        self._pack = pack
        self._parts = parts
        self.ground: Future[Ground] = _promised()
        self.evidence: Future[Any] = _promised()
        self.country: Future[bytes] = _promised()
        self.timeline: Future[bytes] = _promised()
        self.causes: Future[bytes] = _promised()
        self.accounts: Future[bytes] = _promised()

    def start(self) -> None:
        """Begin; the page does not wait for it."""
        # Daemons: a server that is told to end does not wait for evidence that nobody will read.
        threading.Thread(target=self._begin, daemon=True).start()

    def _begin(self) -> None:
        parts = self._parts
        _keep(self.ground, lambda: parts.ground(self._pack))
        _keep(self.country, lambda: as_json(parts.country(self.ground.result())))
        threading.Thread(target=self._read_accounts, daemon=True).start()
        _keep(self.evidence, lambda: parts.evidence(self.ground.result()))
        _keep(
            self.timeline,
            lambda: as_json(parts.timeline(self.ground.result(), self.evidence.result())),
        )
        _keep(self.causes, lambda: as_json(parts.causes(self.evidence.result())))

    def _read_accounts(self) -> None:
        _keep(self.accounts, lambda: as_json(self._parts.accounts(self.ground.result())))


def as_json(payload: Payload) -> bytes:
    """Return a payload as bytes; a number that is none is an error of ours, not JSON."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _promised() -> Future[Any]:
    promise: Future[Any] = Future()
    # As if under way: one reader who goes away must not cancel it for the others.
    promise.set_running_or_notify_cancel()
    return promise


def _keep(promise: Future[Made], make: Callable[[], Made]) -> None:
    """Make something and keep it, or what went wrong."""
    try:
        promise.set_result(make())
    except Exception as error:  # noqa: BLE001 - it is raised again for everybody who asks
        promise.set_exception(error)


KINDS = ("world", "keep")
"""What can be asked for: a world to look at, or a run directory to keep."""


class Explorer:
    """Everything that one server holds.

    Parameters
    ----------
    runs : Path
        Where run directories lie and are kept.
    pack : str
        A shipped pack or a folder.
    parts : Parts, optional
    jobs : Jobs, optional
        By default with the limits of `qantar.explorer.jobs`.
    beside : Path, optional
        Where to make the folder for everything that goes when the server ends.

    Attributes
    ----------
    standing : Standing
    jobs : Jobs
    shelf : Shelf
    workplace : Path
    """

    def __init__(
        self,
        runs: Path,
        pack: str = "kazakhstan",
        parts: Parts | None = None,
        *,
        jobs: Jobs | None = None,
        beside: Path | None = None,
    ) -> None:
        self.runs: Path = runs.absolute()
        self.parts: Parts = parts or Parts()
        self.standing: Standing = Standing(pack, self.parts)
        self.jobs: Jobs = jobs or Jobs(self.parts.warm)
        self.workplace: Path = make_workplace(beside)
        sweep(self.runs, SCRATCH)
        self.shelf: Shelf = Shelf(
            self.workplace / "worlds", self.runs, self.parts.open_world, self.parts.open_run
        )

    def start(self) -> None:
        """Start reading; workers get ready once the page has what it needs to be drawn."""
        self.standing.country.add_done_callback(lambda _: self.jobs.start())
        self.standing.start()

    def close(self) -> None:
        """End workers and remove what was made; calling it twice is fine."""
        self.jobs.close()
        remove_workplace(self.workplace)

    def ask(self, ground: Ground, query: str, kind: str) -> dict[str, Any]:
        """Ask for the world of a link.

        Parameters
        ----------
        ground : Ground
        query : str
        kind : str
            One of `KINDS`.

        Returns
        -------
        dict
            The job.

        Raises
        ------
        RefusedError
            If the link does not say which world, or the kind is unknown.
        BusyError
            If too much is waiting.
        """
        if kind not in KINDS:
            raise RefusedError(
                400,
                "unknown-kind",
                f"there is no work of the kind {kind!r}",
                expected="world, keep",
            )
        read = read_link(query, ground)
        _check_world(read)
        asked = ground.world(read.link)
        title = title_of(ground, asked)
        return self.jobs.ask(
            self._world_order(asked, title) if kind == "world" else self._keep_order(asked, title)
        )

    def _world_order(self, asked: WorldAsked, title: str) -> Order:
        key = asked.key

        def place(folder: Path) -> str:
            self.shelf.put(key, folder)
            return ""

        return Order(
            id=key,
            kind="world",
            key=key,
            query=asked.query,
            title=title,
            task=Task(title, self.parts.run_world, (asked,), reports_progress=True),
            beside=self.workplace,
            folder=key,
            place=place,
            is_there=lambda: self.shelf.has(key),
        )

    def _keep_order(self, asked: WorldAsked, title: str) -> Order:
        stem, kept = _stem(asked), list[Path]()

        def place(folder: Path) -> str:
            kept.append(folder.rename(free_folder(self.runs, stem)))
            return f"Kept as {kept[-1].name}."

        return Order(
            id=f"keep-{asked.key}",
            kind="keep",
            key=asked.key,
            query=asked.query,
            title=title,
            task=Task(title, self.parts.keep, (asked,), reports_progress=True),
            beside=self.runs,
            folder=stem,
            place=place,
            is_there=lambda: any(folder.is_dir() for folder in kept),
        )


def title_of(ground: Ground, asked: WorldAsked) -> str:
    """Return what to call a world: its account, and what was decided otherwise."""
    told = load_account(ground.country, asked.account).title
    if not asked.change:
        return told
    (changes,) = ground.alternatives(asked.change)
    return f"{told}: {' and '.join(change.intervention.title for change in changes)}"


def _check_world(read: Read) -> None:
    """Refuse a link whose world is not the one that it says: the page would show another one."""
    for note in read.notes:
        if note.field in (*WORLD_FIELDS, "") or note.code == "damaged":
            mend = "choose anew on the page, or mend the link"
            if note.field == "change":
                mend = "switch one of the changes off, or choose another date or size"
            raise RefusedError(400, "bad-link", note.message, mend=mend)


def _stem(asked: WorldAsked) -> str:
    """Return what the commands call the results of a world."""
    if not asked.change:
        return run_name(asked.episode, asked.account, asked.seed)
    names = [part.partition("@")[0].partition("=")[0] for part in asked.change.split("+")]
    return whatif_name(asked.episode, names, asked.seed)
