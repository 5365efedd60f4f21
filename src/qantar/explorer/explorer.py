"""The explorer as a whole, without HTTP: what is known, what is run, what is kept."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from qantar.explorer.answers import RefusedError
from qantar.explorer.asked import WORLD_FIELDS, WorldAsked
from qantar.explorer.jobs import SCRATCH, Jobs, Order
from qantar.explorer.link import Ground, Read, read_link
from qantar.explorer.parts import Parts
from qantar.explorer.pool import Task
from qantar.explorer.shelf import Shelf
from qantar.explorer.standing import Standing
from qantar.explorer.workplace import make_workplace, remove_workplace, sweep
from qantar.scenario.account import load_account
from qantar.store.names import free_folder, run_name, whatif_name

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
        self.runs = runs.absolute()
        self.parts = parts or Parts()
        self.standing = Standing(pack, self.parts)
        self.jobs = jobs or Jobs(self.parts.warm)
        self.workplace = make_workplace(beside)
        sweep(self.runs, SCRATCH)
        self.shelf = Shelf(
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
            task=Task(self.parts.run_world, (asked,)),
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
            task=Task(self.parts.keep, (asked,)),
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
