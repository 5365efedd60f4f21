"""What the page requests: `Link`, the state of the page, and `WorldRequest`, the world to run.

The helpers at the top make values and texts safe for the page: valid JSON, no code marks, no paths
of this machine.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import sys
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, cast
from urllib.parse import quote

import qantar
from qantar.base.compilation import source_fingerprint
from qantar.base.errors import FileError, QantarError
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import Belief
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

_QUOTED = re.compile(r"`([^`]*)`")


def number(value: float) -> float | None:
    """Return a number, or None for NaN and infinity, which JSON lacks."""
    return float(value) if math.isfinite(value) else None


def plain(text: str) -> str:
    """Return a text of a pack with quotation marks in place of backticks."""
    return _QUOTED.sub("“\\1”", text)


def clock_text(offset: int) -> str:
    """Return an offset from UTC in whole hours as ``+06:00``."""
    return f"{'-' if offset < 0 else '+'}{abs(offset):02d}:00"


def problem_of(error: QantarError) -> str:
    """Return the problem of an error, with the name of a file instead of its path."""
    if isinstance(error, FileError):
        return error.problem.replace(str(error.path), error.path.name)
    return error.problem


def without_folders(text: str, more: Iterable[str] = ()) -> str:
    """Return a text without the folders of this machine, which the page must not show.

    Parameters
    ----------
    text : str
    more : iterable of str
        Further folders, such as the one that results are written to.
    """
    own = (str(Path.cwd()), str(Path.home()), str(Path(__file__).parents[3]), sys.prefix)
    # The longest first: a folder inside another is replaced as a whole.
    for folder in sorted({*more, *own}, key=len, reverse=True):
        if len(folder) > 1:
            text = text.replace(folder + "/", "").replace(folder, "this folder")
    return text


VERSION = 1
"""Version of the link format; increased by every change that breaks older links."""

Side = Literal["base", "changed", "difference"]
"""The baseline, the changed world, or the second minus the first within pairs."""

KEYS = {"since": "from", "until": "to"}
"""Fields whose key in the query string differs, as ``from`` is a keyword of Python."""

WORLD_FIELDS = ("episode", "account", "belief", "mode", "seed", "members", "change")
"""Fields of a link that select the world; the rest is the view of it."""

_SAFE = ":@,"  # readable as they are; a bare + would be a space to a browser
_KEY_LENGTH = 16
_MODEL = source_fingerprint()


@dataclass(frozen=True)
class Link:
    """The state of the page. Created by `qantar.explorer.links.read_link`.

    Attributes
    ----------
    v : int
        Version of the link.
    episode, account : str
    rival : str or None
        A second account to compare with the first.
    belief : str or None
        ``posterior``, ``fitted``, ``prior`` or ``middle``; None for what the pack ships.
    mode : str or None
        ``script`` or ``rules``; None for script without a change and rules with one.
    seed, members : int
    change : str or None
        As for ``--change``; one alternative.
    run, other : str or None
        Run directories shown instead of a world, and next to it.
    layer : str
    show : str
        ``low``, ``median``, ``high``, ``spread`` or ``member``.
    member : int
    side : str
        ``base``, ``changed`` or ``difference``.
    hour : int
        On the clock of the episode.
    unit : str or None
        ``place:NAME`` or ``region:NAME``; None for the country.
    since, until : int or None
        Hours of the brush, ``from`` and ``to`` in the query; the last is excluded.
    panel : str
    lang : str or None
        None for the language of the browser.
    """

    v: int = VERSION
    episode: str = "january-2022"
    account: str = "union"
    rival: str | None = None
    belief: str | None = None
    mode: str | None = None
    seed: int = 1
    members: int = 100
    change: str | None = None
    run: str | None = None
    other: str | None = None
    layer: str = "crowd"
    show: str = "median"
    member: int = 0
    side: str = "base"
    hour: int = 108
    unit: str | None = None
    since: int | None = None
    until: int | None = None
    panel: str = "story"
    lang: str | None = None

    def state(self) -> dict[str, Any]:
        """Return every key of the query string with its value or None."""
        return {KEYS.get(name, name): value for name, value in asdict(self).items()}

    def query(self) -> str:
        """Return the canonical query string: non-default values in fixed order."""
        return _query(self, tuple(field.name for field in fields(self)))

    def world_query(self) -> str:
        """Return the canonical query string of the world only."""
        return _query(self, WORLD_FIELDS)


def _query(link: Link, names: tuple[str, ...]) -> str:
    default = Link()
    parts = [
        f"{KEYS.get(name, name)}={quote(str(value), safe=_SAFE)}"
        for name in names
        if (value := getattr(link, name)) is not None and value != getattr(default, name)
    ]
    return "&".join(parts)


@dataclass(frozen=True)
class WorldRequest:
    """A requested world; picklable, as it is sent to a worker process.

    Attributes
    ----------
    episode, account : str
    belief : str or None
        None for what the pack ships.
    mode : str
        ``script`` or ``rules``.
    seed, members : int
    change : str
        As for ``--change``, one alternative; empty for none.
    pack : str
        Name of a shipped pack or a folder.
    fingerprint : str
        Of the pack's files: an edited pack gives other worlds.
    version : str
        Of Qantar.
    """

    episode: str
    account: str = "union"
    belief: str | None = None
    mode: str = "script"
    seed: int = 1
    members: int = 100
    change: str = ""
    pack: str = "kazakhstan"
    fingerprint: str = ""
    version: str = qantar.__version__

    @property
    def key(self) -> str:
        """Cache key: sixteen hexadecimal digits of a hash of the request and the model's source."""
        parts = {name: value for name, value in asdict(self).items() if name != "pack"}
        parts["model"] = _MODEL
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]

    @property
    def query(self) -> str:
        """The canonical query string of this world."""
        default = "rules" if self.change else "script"
        link = Link(
            episode=self.episode,
            account=self.account,
            belief=self.belief,
            mode=None if self.mode == default else self.mode,
            seed=self.seed,
            members=self.members,
            change=self.change or None,
        )
        return link.world_query()

    def scenario(self) -> Scenario:
        """Return the scenario of the baseline, without the change.

        Raises
        ------
        QantarError
            If a name is unknown or a file invalid.
        """
        return make_scenario(
            self.episode,
            account=self.account,
            pack=self.pack,
            belief=cast("Belief | None", self.belief),
            decisions=cast("Decisions", self.mode),
        )

    def changes(self, scenario: Scenario) -> Changes:
        """Return the changes; empty, and so false, without any.

        Parameters
        ----------
        scenario : Scenario
            The result of `scenario` for this world.

        Raises
        ------
        QantarError
            If the change is not possible.
        """
        if not self.change:
            return Changes()
        (only,) = parse_changes(scenario.country, scenario.episode, self.change)
        return only
