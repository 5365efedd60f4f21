"""Episodes: a crisis with its time window, its trigger and the dated actions of the state.

A pack describes one point in time. An episode of another year may declare `Conditions`: values of
the environment that were different then, and parameters that have changed since.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, model_validator

from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.base.provenance import Grade
from qantar.model.state import Action
from qantar.packs.conditions import (
    FROM_YEARS,
    TRIGGER,
    Conditions,
    check_conditions,
    check_name,
    read_left_behind,
)
from qantar.packs.country import Country

RECORD = "record"
_KINDS = tuple(kind.name.lower() for kind in Action)


class Between(Declared):
    """Earliest and latest time of an event according to the sources."""

    earliest: dt.datetime
    latest: dt.datetime

    @model_validator(mode="after")
    def _in_order(self) -> Between:
        if self.latest < self.earliest:
            raise ValueError("`latest` is before `earliest`")
        return self


class DateClaim(Declared):
    """What a claim says about the date of an action."""

    claim: str
    says: str


class StateAction(Declared):
    """A dated decision of the state, a trigger, or a call to a rally.

    Attributes
    ----------
    where : str or tuple of str
        ``everywhere`` or regions, without those in `excluded`; or else `places` are named.
    says : tuple of DateClaim
        Claims of the ledger that date it.
    reference, locator, grade : str
        Source of an action that no claim dates; it needs a grade.
    """

    kind: str
    label: str
    begins: Between
    ends: Between | None = None
    ends_with: str | None = None
    where: Literal["everywhere"] | tuple[str, ...] = "everywhere"
    excluded: tuple[str, ...] = Field(default=(), alias="except")
    places: tuple[str, ...] = ()
    intensity: float = Field(default=1.0, ge=0, le=1)
    says: tuple[DateClaim, ...] = ()
    reference: str = ""
    locator: str = ""
    grade: Grade | None = None
    note: str = ""

    @model_validator(mode="after")
    def _told(self) -> StateAction:
        if not self.says and not self.reference:
            raise ValueError("give a claim under `says`, or a `reference`")
        if bool(self.reference) != (self.grade is not None):
            raise ValueError("give `reference` and `grade` together")
        if self.places and (self.where != "everywhere" or self.excluded):
            raise ValueError("give `places`, or `where` and `except`")
        return self

    def touches(self, place: str, region: str) -> bool:
        """Return whether the action applies to a place."""
        if self.places:
            return place in self.places
        named = self.where == "everywhere" or region in self.where
        return named and region not in self.excluded


class Holidays(Declared):
    """Public holidays in the window of an episode, with days off that were moved.

    Attributes
    ----------
    dates : tuple of date
    reference : str
        A source of the pack; `locator` is the passage.
    """

    dates: tuple[dt.date, ...] = ()
    reference: str
    locator: str = ""
    grade: Grade
    note: str = ""


WEEKEND = (5, 6)
"""Days of the week without work, as `datetime.date.weekday` counts them: Saturday and Sunday."""


class VisibleCrowd(Declared):
    """The smallest crowd that sources would report as a protest."""

    persons: float = Field(gt=0)
    reference: str
    note: str = ""


class Episode(Declared):
    """A crisis. Actions are in the order of the file.

    Attributes
    ----------
    beliefs_from : str or None
        The episode whose fitted parameters, posterior and rules are used, if not its own.
    conditions : Conditions
        Differences of the country from the pack, and of the parameters from those beliefs.
    holidays : Holidays or None
        Public holidays (``days_off`` in the file); weekends are not listed.
    """

    name: str
    title: str
    summary: str
    first_day: dt.date
    last_day: dt.date
    beliefs_from: str | None = None
    visible_crowd: VisibleCrowd
    holidays: Holidays | None = Field(default=None, alias="days_off")
    conditions: Conditions = Field(default_factory=Conditions)
    actions: dict[str, StateAction]

    def __repr__(self) -> str:
        return f"<Episode {self.name}: {self.title}, {self.first_day} to {self.last_day}>"

    @property
    def hours(self) -> int:
        """Length of the window in hours."""
        return 24 * ((self.last_day - self.first_day).days + 1)

    @property
    def days(self) -> tuple[dt.date, ...]:
        """Every day of the window."""
        count = (self.last_day - self.first_day).days + 1
        return tuple(self.first_day + dt.timedelta(days=k) for k in range(count))

    @property
    def days_off(self) -> tuple[dt.date, ...]:
        """Days of the window without work: Saturdays, Sundays and public holidays."""
        return tuple(day for day in self.days if self.is_day_off(day))

    def is_day_off(self, day: dt.date) -> bool:
        """Return whether a day, in the window or next to it, is without work."""
        holidays = self.holidays.dates if self.holidays is not None else ()
        return day.weekday() in WEEKEND or day in holidays

    def hour_of(self, moment: dt.datetime) -> int:
        """Return the hour of the episode's clock at a time."""
        start = dt.datetime.combine(self.first_day, dt.time())
        return int((moment - start).total_seconds() // 3600)

    def moment_of(self, hour: float) -> dt.datetime:
        """Return the time at an hour of the episode's clock."""
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
        If an action has an unknown kind or region, ends before it begins, or overlaps another of
        its kind in the same region; if a condition is invalid, or a trigger applies to no place.
    """
    known = list_episodes(country)
    if name not in known:
        raise UnknownNameError("episode", name, known)
    path = episode_file(country, name)
    episode = read_yaml(path, Episode)
    if episode.name != name:
        raise FileError(
            path, "`name` must match the folder name", value=episode.name, expected=name
        )
    if episode.last_day < episode.first_day:
        raise FileError(path, "the last day is before the first", value=str(episode.last_day))
    if episode.visible_crowd.reference not in country.sources:
        raise FileError(
            path,
            "visible_crowd: unknown source",
            value=episode.visible_crowd.reference,
            expected=nearest(episode.visible_crowd.reference, country.sources),
        )
    document = parse_yaml(path)
    _check_days_off(path, document, country, episode)
    for action in episode.actions:
        line = line_of(document, ("actions", action))
        _check_action(path, country, episode, action, line)
    _check_overlaps(path, country, episode)
    check_conditions(path, document, country, episode.conditions)
    _check_trigger(path, document, episode)
    return _with_years(country, episode)


def _with_years(country: Country, episode: Episode) -> Episode:
    """Return an episode with what the years leave behind, if it starts from that."""
    path = from_years_file(country, episode.name)
    if not episode.conditions.from_years:
        if path.is_file():
            raise FileError(
                path,
                "is read by no episode",
                hint="write `from_years: true` under `conditions`, or remove the file",
            )
        return episode
    if not path.is_file():
        raise FileError(
            path,
            "there is no such file",
            expected="what the years leave behind before the episode",
            hint="`qantar years PACK --open TRIGGER --out FOLDER` writes it",
        )
    conditions = episode.conditions.with_years(read_left_behind(path, country))
    return episode.model_copy(update={"conditions": conditions})


def _check_days_off(path: Path, document: Any, country: Country, episode: Episode) -> None:
    """Refuse holidays outside the window or without a source."""
    if episode.holidays is None:
        return
    for part in episode.holidays.reference.split(";"):
        line = line_of(document, ("days_off", "reference"))
        check_name(path, line, "source", part.strip(), [*country.sources], "days_off")
    for number, day in enumerate(episode.holidays.dates):
        if day not in episode.days:
            raise FileError(
                path,
                "days_off: not in the window of the episode",
                line=line_of(document, ("days_off", "dates", number)),
                value=str(day),
                expected=f"a day from {episode.first_day} to {episode.last_day}",
            )


def episode_file(country: Country, name: str) -> Path:
    """Return the file of an episode."""
    return country.folder / "episodes" / name / "episode.yaml"


def from_years_file(country: Country, name: str) -> Path:
    """Return the file with what the years leave behind before an episode."""
    return episode_file(country, name).with_name(FROM_YEARS)


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
        check_name(path, line, "region", region, regions, name)
    places = [place.place for place in country.places]
    for place in action.places:
        check_name(path, line, "place", place, places, name)
    for part in filter(None, (part.strip() for part in action.reference.split(";"))):
        check_name(path, line, "source", part, [*country.sources], name)
    if action.ends_with is not None and action.ends_with not in episode.actions:
        raise FileError(
            path,
            f"{name}: ends with an unknown action",
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
    """Refuse a trigger without conditions, and conditions without a trigger."""
    kind = Action.OTHER_TRIGGER.name.lower()
    acts = [name for name, action in episode.actions.items() if action.kind == kind]
    falls = [k for k, c in enumerate(episode.conditions.ground) if c.variable == TRIGGER]
    if bool(acts) == bool(falls):
        return
    where = ("actions", acts[0]) if acts else ("conditions", "ground", falls[0])
    raise FileError(
        path,
        f"{acts[0]}: applies to no place" if acts else "conditions: no action is a trigger",
        line=line_of(document, where),
        expected=f"an action of kind {kind}, and `{TRIGGER}` under conditions, ground",
    )


def latest_end(episode: Episode, name: str) -> dt.datetime | None:
    """Return the latest time at which an action can end, or None if it lasts to the end."""
    action = episode.actions[name]
    if action.ends_with is not None:
        return episode.actions[action.ends_with].begins.latest
    return action.ends.latest if action.ends is not None else None


def _check_overlaps(path: Path, country: Country, episode: Episode) -> None:
    """Refuse two actions of the same kind in force in a region at the same time."""
    names = [n for n, a in episode.actions.items() if a.kind != RECORD]
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            a, b = episode.actions[first], episode.actions[second]
            if a.kind != b.kind or second == a.ends_with or first == b.ends_with:
                continue
            shared = [
                place.region
                for place in country.places
                if a.touches(place.place, place.region) and b.touches(place.place, place.region)
            ]
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
                    hint="end the first with `ends` or `ends_with`, or narrow `where`",
                )
