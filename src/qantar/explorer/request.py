"""What the page shows, and the world that it asks for, as plain values."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, cast
from urllib.parse import quote

import qantar
from qantar.base.compilation import source_fingerprint
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import Belief
from qantar.simulate.scenario import Decisions, Scenario, make_scenario

VERSION = 1
"""Version of the link: a change that older pages would read wrongly makes it one more."""

Side = Literal["base", "changed", "difference"]
"""The world as it was, the changed one, or the second minus the first within pairs."""

KEYS = {"since": "from", "until": "to"}
"""Keys of the query string that are no names of fields, for Python has taken them."""

WORLD_FIELDS = ("episode", "account", "belief", "mode", "seed", "members", "change")
"""The part of a link that says which world is run; the rest says how it is looked at."""

_SAFE = ":@,"  # readable as they are; a bare + would be a space to a browser
_KEY_LENGTH = 16
_MODEL = source_fingerprint()


@dataclass(frozen=True)
class Link:
    """Everything that the page shows. Made by `qantar.explorer.links.read_link`.

    Attributes
    ----------
    v : int
        Version of the link.
    episode, account : str
    rival : str or None
        A second account beside the first.
    belief : str or None
        ``posterior``, ``fitted``, ``prior`` or ``middle``; None for what the pack ships.
    mode : str or None
        ``script`` or ``rules``; None for script without a change and rules with one.
    seed, members : int
    change : str or None
        As for ``--change``; one alternative.
    run, other : str or None
        Run directories shown instead of a world, and beside it.
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
        Hours of the brush, ``from`` and ``to`` in the query; the last is not part of it.
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
        """Return the canonical query string: what is not the default, in a fixed order."""
        return _query(self, tuple(field.name for field in fields(self)))

    def world_query(self) -> str:
        """Return the canonical query string of the world alone."""
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
class WorldAsked:
    """A world that somebody wants to see. Plain values: it travels to a worker process.

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
        Of the pack's files: an edited pack makes other worlds.
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
        """Sixteen hexadecimal digits that only this world has, run by this model."""
        parts = {name: value for name, value in asdict(self).items() if name != "pack"}
        parts["model"] = _MODEL
        text = json.dumps(parts, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:_KEY_LENGTH]

    @property
    def query(self) -> str:
        """The canonical query string that asks for this world again."""
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
        """Return the scenario as it was, without the change.

        Raises
        ------
        QantarError
            If a name or a file is wrong.
        """
        return make_scenario(
            self.episode,
            account=self.account,
            pack=self.pack,
            belief=cast("Belief | None", self.belief),
            decisions=cast("Decisions", self.mode),
        )

    def changes(self, scenario: Scenario) -> Changes:
        """Return what is decided otherwise; empty, and so false, without a change.

        Parameters
        ----------
        scenario : Scenario
            Of this world: `scenario` made it.

        Raises
        ------
        QantarError
            If the change cannot be made.
        """
        if not self.change:
            return Changes()
        (only,) = parse_changes(scenario.country, scenario.episode, self.change)
        return only
