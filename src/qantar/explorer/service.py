"""The explorer without HTTP: static data, jobs and finished worlds.

`Explorer` is the application. `StaticData` loads the pack and what is derived from it once, in
background threads. `Parts` holds the functions behind both, which import their modules when they
are first called.
"""

from __future__ import annotations

import json
import logging
import pkgutil
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from qantar.analysis.run_directory import free_folder, run_name, whatif_name
from qantar.base.errors import QantarError
from qantar.base.worker_process import Task
from qantar.explorer.default_world import DEFAULT_WORLD, key_of, unpack_world
from qantar.explorer.error_responses import RefusedError
from qantar.explorer.jobs import SCRATCH, Jobs, Order
from qantar.explorer.links import Ground, load_shown_episode, named_episode, read_link
from qantar.explorer.request import WORLD_FIELDS, WorldRequest
from qantar.explorer.workdir import (
    PRECOMPUTED,
    YEARS_FILE,
    ShownWorld,
    WorldCache,
    make_workdir,
    remove_workdir,
    sweep,
)
from qantar.packs.account import load_account

KINDS = ("world", "keep", "years")
"""Kinds of job: a world to look at, a run directory to keep, or the histories of the years."""

YEARS = "years"
"""Id of the job of the years, and name of its folder."""

_LOG = logging.getLogger(__name__)

Payload = dict[str, Any]
Made = TypeVar("Made")


def _call(name: str, *arguments: Any) -> Any:
    """Call ``module:function`` of this package, importing the module only now.

    The page must load at once, and reading evidence and running the model take seconds to import.
    """
    return pkgutil.resolve_name(f"qantar.explorer.{name}")(*arguments)


@dataclass(frozen=True)
class Parts:
    """The functions that the server calls; tests replace them by small fakes.

    Attributes
    ----------
    ground : callable
        Pack and episode, from the name of the pack.
    country, evidence, timeline, causes, accounts, state : callable
        What never changes while the server runs.
    run_world, keep, run_years : str
        Tasks for workers, ``module:name``. Their arguments are the world to run, or the pack for
        the years, a folder that does not exist, and a callable for
        `qantar.explorer.jobs.Progress`.
    prepare : str
        What workers do before their first task, ``module:name``; its argument is the pack. Nothing
        if empty.
    default_world : Path
        The world that Qantar ships, see `qantar.explorer.default_world`.
    open_world, open_run, list_runs, delete_run, page_of : callable
        Finished worlds and run directories.
    """

    ground: Callable[[str], Ground] = load_shown_episode
    country: Callable[[Ground], Payload] = lambda ground: _call(
        "country:country_payload", ground.country, ground.episode
    )
    evidence: Callable[[Ground], Any] = lambda ground: _call(
        "evidence:Evidence", ground.country, ground.episode
    )
    timeline: Callable[[Ground, Any], Payload] = lambda ground, evidence: _call(
        "serializers:timeline_payload", ground.country, ground.episode, evidence
    )
    causes: Callable[[Any], Payload] = lambda evidence: _call(
        "evidence:causes_payload", evidence.ledger
    )
    accounts: Callable[[Ground], Payload] = lambda ground: _call(
        "accounts:accounts_payload", ground.country, ground.episode
    )
    state: Callable[[Ground], Payload] = lambda ground: _call(
        "lifelines:state_payload", ground.country
    )
    run_world: str = "qantar.explorer.simulate:run_world"
    keep: str = "qantar.explorer.simulate:keep"
    run_years: str = "qantar.explorer.years:run_years"
    prepare: str = "qantar.explorer.simulate:prepare"
    default_world: Path = DEFAULT_WORLD
    open_world: Callable[[Path], ShownWorld] = lambda folder: _call("worlds:World", folder)
    open_run: Callable[[Path, str, Path], ShownWorld] = lambda runs, name, cache: _call(
        "run_directories:open_world", runs, name, cache
    )
    list_runs: Callable[[Path], list[Payload]] = lambda runs: _call(
        "run_directories:list_runs", runs
    )
    delete_run: Callable[[Path, str], None] = lambda runs, name: _call(
        "run_directories:delete_run", runs, name
    )
    page_of: Callable[[Path, str, str], Path] = lambda runs, name, file: _call(
        "run_directories:page_of", runs, name, file
    )


SECONDS_TO_END = 10.0
"""How long a server that ends waits for what is being loaded."""


class StaticData:
    """Data that never change while the server runs, loaded once in threads and kept as bytes.

    Parameters
    ----------
    load_ground : callable
        Pack and episode.
    parts : Parts

    Attributes
    ----------
    ground : Future of Ground
    evidence : Future of Evidence
    country, timeline, causes, accounts, state : Future of bytes
        JSON.
    """

    def __init__(self, load_ground: Callable[[], Ground], parts: Parts) -> None:
        self._load_ground = load_ground
        self._parts = parts
        self.ground: Future[Ground] = _promised()
        self.evidence: Future[Any] = _promised()
        self.country: Future[bytes] = _promised()
        self.timeline: Future[bytes] = _promised()
        self.causes: Future[bytes] = _promised()
        self.accounts: Future[bytes] = _promised()
        self.state: Future[bytes] = _promised()
        self._closing = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Start loading in the background."""
        self._start(self._load)

    def close(self) -> None:
        """Start nothing new, and wait for what is being loaded.

        A thread that is inside a compiled library while the interpreter ends aborts the process.
        """
        self._closing.set()
        for thread in self._threads:
            thread.join(SECONDS_TO_END)

    def _start(self, work: Callable[[], None]) -> None:
        # Daemon threads: if one takes longer than `SECONDS_TO_END`, the server ends all the same.
        thread = threading.Thread(target=work, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _load(self) -> None:
        parts = self._parts
        self._keep(self.ground, self._load_ground)
        self._keep(self.country, lambda: as_json(parts.country(self.ground.result())))
        self._start(
            lambda: self._keep(self.accounts, lambda: as_json(parts.accounts(self.ground.result())))
        )
        self._keep(self.evidence, lambda: parts.evidence(self.ground.result()))
        self._keep(
            self.timeline,
            lambda: as_json(parts.timeline(self.ground.result(), self.evidence.result())),
        )
        self._keep(self.causes, lambda: as_json(parts.causes(self.evidence.result())))
        self._keep(self.state, lambda: as_json(parts.state(self.ground.result())))

    def _keep(self, promise: Future[Made], make: Callable[[], Made]) -> None:
        """Resolve a future with a result, or with the error that was raised."""
        try:
            if self._closing.is_set():
                raise QantarError("the explorer is ending")
            promise.set_result(make())
        except Exception as error:  # noqa: BLE001 - raised again for every reader of the future
            promise.set_exception(error)


def as_json(payload: Payload) -> bytes:
    """Return a payload as JSON; NaN and infinity raise `ValueError`, as JSON has neither."""
    text = json.dumps(payload, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()


def _promised() -> Future[Any]:
    promise: Future[Any] = Future()
    # Marked as running, so that one client that disconnects cannot cancel it for the others.
    promise.set_running_or_notify_cancel()
    return promise


class Explorer:
    """The application without HTTP: static data, jobs, finished worlds and run directories.

    Parameters
    ----------
    runs : Path
        Folder of run directories.
    pack : str
        A shipped pack or a folder.
    parts : Parts, optional
    jobs : Jobs, optional
        By default with the limits of `qantar.explorer.jobs`.
    beside : Path, optional
        Parent of the temporary folder of this server, which is removed when it stops.

    Attributes
    ----------
    static : StaticData
        Of the episode that an empty link shows.
    jobs : Jobs
    shelf : WorldCache
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
        self.static: StaticData = StaticData(lambda: self.parts.ground(pack), self.parts)
        self._others: dict[str, StaticData] = {}
        self._adding = threading.Lock()
        ready = self.parts.prepare
        self.jobs: Jobs = jobs or Jobs((Task("getting ready", ready, (pack,)),) if ready else ())
        self.work_folder: Path = make_workdir(beside)
        self._unpacking = threading.Lock()
        sweep(self.runs, SCRATCH)
        self.shelf: WorldCache = WorldCache(
            self.work_folder / "worlds", self.runs, self.parts.open_world, self.parts.open_run
        )

    def start(self) -> None:
        """Start loading; workers start once the page has the data it needs for drawing."""
        self.static.country.add_done_callback(lambda _: self.jobs.start())
        self.static.start()

    def close(self) -> None:
        """Stop the workers and remove temporary files; may be called twice."""
        with self._adding:
            loading = (self.static, *self._others.values())
        for static in loading:
            static.close()
        self.jobs.close()
        remove_workdir(self.work_folder)

    def static_for(self, ground: Ground, query: str) -> StaticData:
        """Return the data of the episode that a link names, which are loaded at its first use.

        Parameters
        ----------
        ground : Ground
            Of the episode that an empty link shows.
        query : str
            An episode that the pack lacks is left to `read_link`, which says so.
        """
        name = named_episode(query)
        if name == ground.episode.name or name not in ground.episodes:
            return self.static
        with self._adding:
            if name not in self._others:
                self._others[name] = StaticData(lambda: ground.showing(name), self.parts)
                self._others[name].start()
            return self._others[name]

    def years(self) -> bytes:
        """Return the payload of the years as JSON.

        Raises
        ------
        RefusedError
            If they have not been run since the server was started.
        """
        path = self.work_folder / YEARS / YEARS_FILE
        if not path.is_file():
            raise RefusedError(
                404,
                "years-gone",
                "the years have not been run yet",
                hint="ask for a job of the kind “years”, and again when it is done",
            )
        return path.read_bytes()

    def ask(self, ground: Ground, query: str, kind: str, *, whole: bool = False) -> dict[str, Any]:
        """Request the world of a link, or the years.

        Parameters
        ----------
        ground : Ground
        query : str
        kind : str
            One of `KINDS`.
        whole : bool
            Whether the world is needed with its single members, which a precomputed one lacks.

        Returns
        -------
        dict
            The job: its ``id``, which is None if there is nothing to wait for, the ``key`` and the
            ``query`` of the world.

        Raises
        ------
        RefusedError
            If part of the link that selects the world was not understood, or the kind is unknown.
        BusyError
            If too many jobs are waiting.
        """
        if kind not in KINDS:
            raise RefusedError(
                400,
                "unknown-kind",
                f"there is no work of the kind {kind!r}",
                expected=", ".join(KINDS),
            )
        if kind == "years":
            return self._ask_years(ground)
        read = read_link(query, ground)
        for note in read.notes:
            # The page would show another world than the one that the link names.
            if note.field in (*WORLD_FIELDS, "") or note.code == "damaged":
                hint = "choose again on the page, or correct the link"
                if note.field == "change":
                    hint = "switch one of the changes off, or choose another date or size"
                raise RefusedError(400, "bad-link", note.message, hint=hint)
        asked = ground.world(read.link)
        if kind == "world" and not whole and (key := self._precomputed(asked)):
            return {"id": None, "key": key, "query": asked.query}
        title = title_of(ground, asked)
        return self.jobs.ask(
            self._world_order(asked, title) if kind == "world" else self._keep_order(asked, title)
        )

    def _ask_years(self, ground: Ground) -> dict[str, Any]:
        """Request the histories of the years: one job for all who ask."""
        if not ground.has_years:
            raise RefusedError(404, "no-years", "this pack brings no years")
        place = self.work_folder / YEARS
        if place.is_dir():
            return {"id": None, "key": YEARS, "query": ""}
        title = f"the years of {ground.country.header.country}"
        pack = ground.world(ground.start).pack

        def put(folder: Path) -> str:
            folder.rename(place)
            return ""

        return self.jobs.ask(
            Order(
                id=YEARS,
                kind="years",
                key=YEARS,
                query="",
                title=title,
                task=Task(title, self.parts.run_years, (pack,), reports_progress=True),
                beside=self.work_folder,
                folder=YEARS,
                place=put,
                is_there=place.is_dir,
            )
        )

    def _precomputed(self, asked: WorldRequest) -> str:
        """Return the key under which a world that Qantar ships can be read; empty if it is none.

        A file that belongs to another model, pack or seed has another key, and is not used.
        """
        key = asked.key + PRECOMPUTED
        path = self.parts.default_world
        with self._unpacking:
            if self.shelf.has(asked.key):
                return ""
            try:
                if not self.shelf.has(key) and key_of(path) == key:
                    folder = self.work_folder / key
                    unpack_world(path, folder)
                    self.shelf.put(key, folder)
            except QantarError as error:
                _LOG.warning("%s; the world is run instead", error.problem)
            return key if self.shelf.has(key) else ""

    def _world_order(self, asked: WorldRequest, title: str) -> Order:
        key = asked.key

        def place(folder: Path) -> str:
            self.shelf.put(key, folder)
            self.shelf.remove_previews(key)
            return ""

        return Order(
            id=key,
            kind="world",
            key=key,
            query=asked.query,
            title=title,
            task=Task(title, self.parts.run_world, (asked,), reports_progress=True),
            beside=self.work_folder,
            folder=key,
            place=place,
            is_there=lambda: self.shelf.has(key),
            place_preview=lambda folder: self.shelf.put(folder.name, folder),
        )

    def _keep_order(self, asked: WorldRequest, title: str) -> Order:
        if asked.change:
            names = [part.partition("@")[0].partition("=")[0] for part in asked.change.split("+")]
            stem = whatif_name(asked.episode, names, asked.seed)
        else:
            stem = run_name(asked.episode, asked.account, asked.seed)
        kept: list[Path] = []

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


def title_of(ground: Ground, asked: WorldRequest) -> str:
    """Return the title of a world: its account and its changes."""
    account = f"account {load_account(ground.country, asked.account).name}"
    if not asked.change:
        return account
    (changes,) = ground.alternatives(asked.change)
    return f"{account}: {' and '.join(change.intervention.title for change in changes)}"
