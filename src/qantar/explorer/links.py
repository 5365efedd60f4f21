"""Links: query strings that restore exactly what was on the screen.

A link may have been typed by hand, cut short or kept for years. What cannot be read falls back to
its default, and a note says so; `read_link` raises nothing for what a link says.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path
from typing import Any, get_args
from urllib.parse import unquote_plus

from qantar.base.errors import QantarError, nearest
from qantar.explorer.request import KEYS, VERSION, Link, Side, WorldRequest
from qantar.packs.account import list_accounts
from qantar.packs.country import Country
from qantar.packs.episode import Episode, list_episodes, load_episode
from qantar.packs.intervention import list_interventions
from qantar.packs.loading import load_country
from qantar.packs.years import has_years
from qantar.simulate.changes import Changes, parse_changes
from qantar.simulate.draws import Belief, fitted_file, posterior_file
from qantar.simulate.scenario import Decisions

EPISODE = "january-2022"
"""The episode that the page shows, if the pack has it."""

LONGEST_LINK = 4000
"""Characters; a longer link is not read."""

MOST_FIELDS = 64
MEMBERS = (2, 500)
SEEDS = (0, 2**31 - 1)
YEARS = (1900, 2200)

LAYERS = ("crowd", "violence", "deaths", "detained", "shutdown", "troops")
SHOWS = ("low", "median", "high", "spread", "member")
PANELS = ("story", "years", "state", "evidence", "accounts", "whatif", "runs")
LANGUAGES = ("en", "kk", "ru")

OLD_KEYS = {"t": "hour", "do": "change"}
"""Keys of links before version 1, with their present names."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,4000}")
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_RUN_NAME = re.compile(r"[^/\\.\s][^/\\]{0,199}")
_LONGEST_SHOWN = 80
_MOST_SHOWN = 12
_CACHED = 256


@dataclass(frozen=True)
class Note:
    """A part of a link that was not taken literally.

    Attributes
    ----------
    code : str
        For programs, such as ``unknown-value``.
    field : str
        Key of the query string, empty for the whole link.
    value : str
        The text in the link, shortened.
    message : str
        For people.
    """

    code: str
    field: str
    value: str
    message: str

    def as_json(self) -> dict[str, str]:
        """Return the note as the page receives it."""
        return asdict(self)


@dataclass(frozen=True)
class Read:
    """A link as it was understood, with notes on what was not."""

    link: Link
    notes: tuple[Note, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the state, the canonical query and the notes."""
        return {
            "state": self.link.state(),
            "query": self.link.query(),
            "notes": [note.as_json() for note in self.notes],
        }


@dataclass(frozen=True)
class Ground:
    """The pack and the episode that the page shows, and the names that a link can use.

    Attributes
    ----------
    country : Country
    episode : Episode
    pack : str
        The argument of `load_country`; worker processes load the pack again.
    """

    country: Country
    episode: Episode
    pack: str

    @property
    def start(self) -> Link:
        """The link of an empty query string: the defaults, where the pack has them."""
        accounts, default = self.accounts, Link()
        return replace(
            default,
            episode=self.episode.name,
            account=default.account if default.account in accounts else accounts[0],
            hour=min(default.hour, self.episode.hours - 1),
        )

    @cached_property
    def accounts(self) -> tuple[str, ...]:
        """Names of the pack's accounts."""
        return tuple(list_accounts(self.country))

    @cached_property
    def episodes(self) -> tuple[str, ...]:
        """Names of the pack's episodes."""
        return tuple(list_episodes(self.country))

    @cached_property
    def has_years(self) -> bool:
        """Whether the pack brings years."""
        return has_years(self.country)

    def showing(self, episode: str) -> Ground:
        """Return the same pack with another of its episodes."""
        return replace(self, episode=load_episode(self.country, episode))

    @cached_property
    def interventions(self) -> tuple[str, ...]:
        """Names of the pack's interventions."""
        return tuple(list_interventions(self.country))

    @cached_property
    def alternatives(self) -> Callable[[str], tuple[Changes, ...]]:
        """`parse_changes` for this episode, with a cache of the last few hundred texts.

        The page sends its link at every step, and each would read the files again.
        """
        return lru_cache(_CACHED)(partial(parse_changes, self.country, self.episode))

    @cached_property
    def units(self) -> tuple[str, ...]:
        """Ids of all places and regions."""
        places = (f"place:{place.place}" for place in self.country.places)
        return (*places, *(f"region:{region.region}" for region in self.country.regions))

    def beliefs(self, account: str) -> tuple[str, ...]:
        """Return the sources of parameters that the pack has for an account."""
        on = self.episode.beliefs_from or self.episode.name
        files = {"posterior": posterior_file, "fitted": fitted_file}
        return tuple(
            belief
            for belief in get_args(Belief)
            if belief not in files or files[belief](self.country, on, account).is_file()
        )

    def world(self, link: Link) -> WorldRequest:
        """Return the world that a link requests."""
        folder = Path(self.pack)  # a worker may have another working directory
        is_folder = (folder / "pack.yaml").is_file()
        return WorldRequest(
            episode=link.episode,
            account=link.account,
            belief=link.belief,
            mode=link.mode or ("rules" if link.change else "script"),
            seed=link.seed,
            members=link.members,
            change=link.change or "",
            pack=str(folder.resolve()) if is_folder else self.pack,
            fingerprint=self.country.fingerprint,
        )


def load_shown_episode(pack: str) -> Ground:
    """Return a pack with the episode that the page shows."""
    country = load_country(pack)
    names = list_episodes(country)
    name = EPISODE if EPISODE in names else names[0]
    return Ground(country, load_episode(country, name), pack)


def named_episode(query: str) -> str:
    """Return the episode that a link names, which may not exist; empty if it names none."""
    for piece in query[:LONGEST_LINK].removeprefix("?").split("&")[:MOST_FIELDS]:
        key, _, value = piece.partition("=")
        if unquote_plus(key) == "episode" and value:
            return unquote_plus(value).strip()
    return ""


def read_link(query: str, ground: Ground) -> Read:
    """Read a query string; never raise for what it says.

    Parameters
    ----------
    query : str
        With or without the question mark.
    ground : Ground

    Returns
    -------
    Read
        The `query` of its link reads as the same link, without notes.
    """
    if len(query) > LONGEST_LINK:
        message = (
            f"The link has {len(query)} characters, more than {LONGEST_LINK}: it was not read."
        )
        return Read(ground.start, (Note("too-long", "", _short(query), message),))
    reader = _Reader(ground)
    link = reader.link(reader.fields(query))
    return Read(link, tuple(reader.notes))


class _Reader:
    """Reads one link and collects notes."""

    def __init__(self, ground: Ground) -> None:
        self.ground = ground
        self.start = ground.start
        self.notes: list[Note] = []

    def note(self, code: str, field: str, value: str, message: str) -> None:
        """Add a note."""
        self.notes.append(Note(code, field, _short(value), message))

    def fields(self, query: str) -> dict[str, str]:
        """Return the readable fields under the keys of the present version, each key once."""
        found: dict[str, str] = {}
        pieces = [piece for piece in query.removeprefix("?").split("&") if piece]
        if len(pieces) > MOST_FIELDS:
            message = f"The link has {len(pieces)} parts; only the first {MOST_FIELDS} were read."
            self.note("too-many", "", str(len(pieces)), message)
        for piece in pieces[:MOST_FIELDS]:
            raw_key, _, raw = piece.partition("=")
            key, value = unquote_plus(raw_key), unquote_plus(raw)
            # A replacement character is what decoding leaves of invalid UTF-8.
            readable = (key + value).isprintable() and "\ufffd" not in key + value
            if _BAD_ESCAPE.search(piece) or not readable:
                message = "This part of the link is damaged and was left out."
                self.note("damaged", _short(key), value, message)
            elif key in found:
                message = f"“{_short(key)}” appears twice in the link; the first was taken."
                self.note("twice", _short(key), value, message)
            elif value.strip():
                found[key] = value.strip()
        self._translate(found)
        known = {*self.start.state()} - {"v"}
        for key in [key for key in found if key not in known]:
            hint = _near(key, known)
            message = f"The link says “{_short(key)}”, which this page does not know."
            self.note("unknown-key", _short(key), found.pop(key), f"{message} {hint}".strip())
        return found

    def _translate(self, found: dict[str, str]) -> None:
        """Take the version out of the fields and rename the keys of older versions."""
        text = found.pop("v", None)
        old = [key for key in OLD_KEYS if key in found]
        if text is None:
            version = 0 if old else VERSION
        else:
            version = int(text) if _NUMBER.fullmatch(text) else -1
        if version > VERSION:
            message = (
                f"The link comes from a newer version ({version}; this is {VERSION}): "
                "what is known was taken."
            )
            self.note("newer", "v", text or "", message)
        elif version < 0:
            message = f"The link names no version; it was read as version {VERSION}."
            self.note("not-a-version", "v", text or "", message)
        elif version == 0:
            message = "The link comes from an older version and was translated."
            self.note("older", "v", text or "", message)
            for key in old:
                found.setdefault(OLD_KEYS[key], found.pop(key))

    def link(self, found: dict[str, str]) -> Link:
        """Return the link of the fields; what is not understood gets its default."""
        start, hours = self.start, self.ground.episode.hours
        accounts = self.ground.accounts
        account = self._name(found, "account", accounts) or start.account
        members = self._number(found, "members", *MEMBERS, start.members)
        episode = found.get("episode", start.episode)
        if episode != start.episode:
            message = f"This page shows {start.episode}; for “{_short(episode)}” use `qantar run`."
            self.note("unknown-value", "episode", episode, message)
        rival: str | None = self._name(found, "rival", accounts)
        if rival is not None and rival == account:
            message = "An account cannot be its own rival; the second one was left out."
            self.note("same", "rival", rival, message)
            rival = None
        link = Link(
            episode=start.episode,
            account=account,
            rival=rival,
            belief=self._name(found, "belief", self.ground.beliefs(account)),
            mode=self._name(found, "mode", get_args(Decisions)),
            seed=self._number(found, "seed", *SEEDS, start.seed),
            members=members,
            change=self._change(found),
            run=self._run(found, "run"),
            other=self._run(found, "other"),
            layer=self._name(found, "layer", LAYERS) or start.layer,
            show=self._name(found, "show", SHOWS) or start.show,
            member=self._number(found, "member", 0, MEMBERS[1] - 1, start.member),
            side=self._name(found, "side", get_args(Side)) or start.side,
            hour=self._number(found, "hour", 0, hours - 1, start.hour),
            unit=self._name(found, "unit", self.ground.units),
            panel=self._name(found, "panel", PANELS) or start.panel,
            year=self._number(found, "year", *YEARS, None),
            lang=self._name(found, "lang", LANGUAGES),
        )
        return self._brushed(found, self._consistent(link))

    def _name(self, found: dict[str, str], key: str, known: tuple[str, ...]) -> Any:
        """Return the value of a key if it is a known name, else None."""
        value = found.get(key)
        if value is None or value in known:
            return value
        choices = ", ".join(known[:_MOST_SHOWN]) + (", …" if len(known) > _MOST_SHOWN else "")
        hint = _near(value, known) or f"It can be {choices}."
        message = f"“{_short(value)}” is no {key} that this page knows. {hint}"
        self.note("unknown-value", key, value, message)
        return None

    def _number(
        self, found: dict[str, str], key: str, low: int, high: int, default: int | None
    ) -> Any:
        """Return the whole number of a key if it is within bounds, else the default."""
        value = found.get(key)
        if value is None:
            return default
        instead = "it was left out" if default is None else f"{default} was taken instead"
        if not _NUMBER.fullmatch(value):
            message = f"“{_short(value)}” is no whole number for “{key}”; {instead}."
            self.note("not-a-number", key, value, message)
            return default
        if not low <= int(value) <= high:
            message = f"“{key}” goes from {low} to {high}, not to {_short(value)}; {instead}."
            self.note("out-of-range", key, value, message)
            return default
        return int(value)

    def _run(self, found: dict[str, str], key: str) -> str | None:
        value = found.get(key)
        if value is not None and not _RUN_NAME.fullmatch(value):
            message = f"“{_short(value)}” cannot be the name of a run; it was left out."
            self.note("unknown-value", key, value, message)
            return None
        return value

    def _change(self, found: dict[str, str]) -> str | None:
        """Return the canonical text of a change that is possible, or None."""
        if "change" not in found:
            return None
        # A + that was not escaped arrives as a space, and no name contains one.
        value = "+".join(found["change"].replace("+", " ").split())
        if ".yaml" in value or "\\" in value or ("/" in value and ".." not in value):
            message = "A change in a link names what the pack offers, not a file."
            self.note("file", "change", value, message)
            return None
        most = len(self.ground.interventions)
        if value.count("+") >= most:
            message = f"The pack offers {most} changes; the link names more, and none was made."
            self.note("refused", "change", value, message)
            return None
        try:
            alternatives = self.ground.alternatives(value)
        except QantarError as error:
            expected = f" (expected: {error.expected})" if error.expected else ""
            message = f"The change was left out: {error.problem}{expected}."
            self.note("refused", "change", value, message)
            return None
        if len(alternatives) != 1:
            message = (
                f"“{_short(value)}” stands for {len(alternatives)} changes; "
                "the page shows one: choose one date and one dose."
            )
            self.note("range", "change", value, message)
            return None
        return alternatives[0].label or None

    def _consistent(self, link: Link) -> Link:
        """Return the link with contradictions between its parts resolved."""
        if link.side != "base" and link.change is None:
            message = "Without a change there is one world only: it is shown."
            self.note("needs-change", "side", link.side, message)
            link = replace(link, side="base")
        if link.member >= link.members:
            message = f"There are {link.members} members, counted from 0; the first is shown."
            self.note("out-of-range", "member", str(link.member), message)
            link = replace(link, member=0)
        return link

    def _brushed(self, found: dict[str, str], link: Link) -> Link:
        """Return the link with its brush; without two ends in order there is no brush."""
        first, last = KEYS["since"], KEYS["until"]
        hours = self.ground.episode.hours
        since = self._number(found, first, 0, hours - 1, None)
        until = self._number(found, last, 1, hours, None)
        if since is not None and until is not None and since < until:
            return replace(link, since=since, until=until)
        if since is not None or until is not None:
            message = "A stretch of time needs a beginning and a later end; it was left out."
            self.note("no-stretch", first, f"{since} to {until}", message)
        return link


def _short(text: str) -> str:
    """Return a text shortened, with unprintable characters replaced."""
    clean = "".join(character if character.isprintable() else "\ufffd" for character in text)
    return clean if len(clean) <= _LONGEST_SHOWN else clean[: _LONGEST_SHOWN - 1] + "…"


def _near(name: str, known: Iterable[str]) -> str:
    """Return the nearest known name as a sentence, or an empty text."""
    hint = nearest(name, known)
    return hint[:1].upper() + hint[1:]
