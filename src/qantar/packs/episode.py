"""Episodes: a bounded crisis with its window, its trigger and the dated actions of the state."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.reading import Declared, line_of, parse_yaml, read_yaml
from qantar.model.actions import Action
from qantar.packs.conditions import TRIGGER, Conditions, check_conditions
from qantar.packs.country import Country

RECORD = "record"
_KINDS = tuple(kind.name.lower() for kind in Action)


class Between(Declared):
    """The hours between which something happened, as far as the sources agree."""

    earliest: dt.datetime
    latest: dt.datetime

    @model_validator(mode="after")
    def _in_order(self) -> Between:
        if self.latest < self.earliest:
            raise ValueError("`latest` lies before `earliest`")
        return self


class Saying(Declared):
    """What one claim says of the date of an action."""

    claim: str
    says: str


class StateAction(Declared):
    """A dated decision of the state, or the trigger."""

    kind: str
    label: str
    begins: Between
    ends: Between | None = None
    ends_with: str | None = None
    where: Literal["everywhere"] | tuple[str, ...] = "everywhere"
    excluded: tuple[str, ...] = Field(default=(), alias="except")
    intensity: float = Field(default=1.0, ge=0, le=1)
    says: tuple[Saying, ...] = Field(min_length=1)
    note: str = ""

    def touches(self, region: str) -> bool:
        """Whether the action holds in a region."""
        named = self.where == "everywhere" or region in self.where
        return named and region not in self.excluded


class VisibleCrowd(Declared):
    """The crowd from which sources would report a protest."""

    persons: float = Field(gt=0)
    reference: str
    note: str = ""


class Episode(Declared):
    """A crisis. Actions are in the order of the file.

    Attributes
    ----------
    beliefs_from : str or None
        The episode whose fitted parameters, posterior and rules this one is run with, if not its
        own.
    conditions : Conditions
        In what the country was different from the pack, and the parameters from those beliefs.
    """

    name: str
    title: str
    summary: str
    first_day: dt.date
    last_day: dt.date
    beliefs_from: str | None = None
    visible_crowd: VisibleCrowd
    conditions: Conditions = Field(default_factory=Conditions)
    actions: dict[str, StateAction]

    @property
    def hours(self) -> int:
        """Length of the window in hours."""
        return 24 * ((self.last_day - self.first_day).days + 1)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Every day of the window."""
        count = (self.last_day - self.first_day).days + 1
        return tuple(self.first_day + dt.timedelta(days=k) for k in range(count))

    def hour_of(self, moment: dt.datetime) -> int:
        """Return the hour of the episode's clock at which a moment falls."""
        start = dt.datetime.combine(self.first_day, dt.time())
        return int((moment - start).total_seconds() // 3600)

    def moment_of(self, hour: float) -> dt.datetime:
        """Return the moment at an hour of the episode's clock."""
        return dt.datetime.combine(self.first_day, dt.time()) + dt.timedelta(hours=hour)


def list_episodes(country: Country) -> list[str]:
    """Return the names of a pack's episodes."""
    return sorted(p.parent.name for p in country.folder.glob("episodes/*/episode.yaml"))


def load_episode(country: Country, name: str) -> Episode:
    """Read one episode of a pack.

    Raises
    ------
    UnknownNameError
        If the pack has no such episode.
    FileError
        If an action is of no known kind, names an unknown region, ends before it begins, or
        overlaps another of its kind in the same region; or if a condition names what nobody
        knows, or a trigger falls nowhere.
    """
    known = list_episodes(country)
    if name not in known:
        raise UnknownNameError("episode", name, known)
    path = episode_file(country, name)
    episode = read_yaml(path, Episode)
    if episode.name != name:
        raise FileError(
            path, "is named otherwise than its folder", value=episode.name, expected=name
        )
    if episode.last_day < episode.first_day:
        raise FileError(path, "the last day lies before the first", value=str(episode.last_day))
    if episode.visible_crowd.reference not in country.sources:
        raise FileError(
            path,
            "visible_crowd: unknown source",
            value=episode.visible_crowd.reference,
            expected=nearest(episode.visible_crowd.reference, country.sources),
        )
    document = parse_yaml(path)
    for action in episode.actions:
        line = line_of(document, ("actions", action))
        _check_action(path, country, episode, action, line)
    _check_overlaps(path, country, episode)
    check_conditions(path, document, country, episode.conditions)
    _check_trigger(path, document, episode)
    return episode


def episode_file(country: Country, name: str) -> Path:
    """Return the file of an episode."""
    return country.folder / "episodes" / name / "episode.yaml"


def _check_action(
    path: Path, country: Country, episode: Episode, name: str, line: int | None
) -> None:
    action = episode.actions[name]
    if action.kind not in (*_KINDS, RECORD):
        hint = nearest(action.kind, _KINDS) or ", ".join(_KINDS)
        raise FileError(path, f"{name}: unknown kind", line=line, value=action.kind, expected=hint)
    regions = [region.region for region in country.regions]
    named = action.excluded if action.where == "everywhere" else (*action.where, *action.excluded)
    for region in named:
        if region not in regions:
            raise FileError(
                path,
                f"{name}: unknown region",
                line=line,
                value=region,
                expected=nearest(region, regions) or "a region of regions.csv",
            )
    if action.ends_with is not None and action.ends_with not in episode.actions:
        raise FileError(
            path,
            f"{name}: ends with an action that is not there",
            line=line,
            value=action.ends_with,
            expected=nearest(action.ends_with, episode.actions),
        )
    if action.ends is not None and action.ends_with is not None:
        raise FileError(path, f"{name}: give `ends` or `ends_with`, not both", line=line)
    end = latest_end(episode, name)
    if end is not None and end < action.begins.earliest:
        raise FileError(path, f"{name}: ends before it begins", line=line, value=str(end))


def _check_trigger(path: Path, document: Any, episode: Episode) -> None:
    """Refuse a trigger that falls nowhere, and a place for one that is not there."""
    kind = Action.OTHER_TRIGGER.name.lower()
    acts = [name for name, action in episode.actions.items() if action.kind == kind]
    falls = [k for k, c in enumerate(episode.conditions.ground) if c.variable == TRIGGER]
    if bool(acts) == bool(falls):
        return
    where = ("actions", acts[0]) if acts else ("conditions", "ground", falls[0])
    raise FileError(
        path,
        f"{acts[0]}: falls on no place" if acts else "conditions: no action is this trigger",
        line=line_of(document, where),
        expected=f"an action of kind {kind}, and `{TRIGGER}` under conditions, ground",
    )


def latest_end(episode: Episode, name: str) -> dt.datetime | None:
    """Return the last moment at which an action can end, or None if it outlasts the window."""
    action = episode.actions[name]
    if action.ends_with is not None:
        return episode.actions[action.ends_with].begins.latest
    return action.ends.latest if action.ends is not None else None


def _check_overlaps(path: Path, country: Country, episode: Episode) -> None:
    """Two actions of one kind may not be in force in one region at once: which would count?"""
    names = [n for n, a in episode.actions.items() if a.kind != RECORD]
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            a, b = episode.actions[first], episode.actions[second]
            if a.kind != b.kind or second == a.ends_with or first == b.ends_with:
                continue
            shared = [r.region for r in country.regions if a.touches(r.region)]
            shared = [region for region in shared if b.touches(region)]
            end_a, end_b = latest_end(episode, first), latest_end(episode, second)
            apart = (end_a is not None and end_a <= b.begins.earliest) or (
                end_b is not None and end_b <= a.begins.earliest
            )
            if shared and not apart:
                raise FileError(
                    path,
                    f"{first!r} and {second!r} are both {a.kind} and overlap",
                    line=line_of(parse_yaml(path), ("actions", second)),
                    value=shared[0],
                    expected="dates or regions that do not overlap",
                    mend="end the first with `ends` or `ends_with`, or narrow `where`",
                )
