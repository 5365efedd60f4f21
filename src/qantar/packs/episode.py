"""Episodes: a crisis with its time window, its trigger and the dated actions of the state.

A pack describes one point in time. An episode of another year may declare `Conditions`: values of
the environment that were different then, and parameters that have changed since.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field, model_validator

from qantar.base.arrays import Numbers
from qantar.base.errors import FileError, UnknownNameError, nearest
from qantar.base.files import Declared, line_of, parse_yaml, read_yaml
from qantar.base.provenance import Grade
from qantar.model.state import Action
from qantar.packs.country import Country

TRIGGER = "trigger"
"""How much a trigger other than the gas price matters in a place, 0 to 1."""

ENVIRONMENT_VARIABLES = (
    "lpg_price_after",
    "lpg_price_before",
    "lpg_dependence",
    "territorial_exclusion",
    "poverty",
    "elite_patronage",
    "civic_activism",
    "protest_experience",
    "seat",
    "news_reach",
    "shutdown_reach",
    "night_temperature",
    "police_per_1000",
    "capital_guard",
    "named_target",
    "state_buildings",
    "businesses",
)
"""Variables that define the environment; an episode or an intervention may change them. Population
is not among them."""

COUNTRYWIDE = (
    "mobile_reserve",
    "foreign_contingent",
    "price_breadth",
    "learned_restraint",
    "usable_police",
)
"""Environment variables of the whole country; an episode or an intervention may change them."""


class _Change(Declared):
    """A change of a value: exactly one of `set`, `multiply` and `add`.

    Attributes
    ----------
    to : float or None
        The new value (``set`` in the file).
    multiply, add : float or None
        Factor, or summand.
    because : str
    """

    to: float | None = Field(default=None, alias="set")
    multiply: float | None = None
    add: float | None = None
    because: str = Field(min_length=1)

    @model_validator(mode="after")
    def _one_way(self) -> _Change:
        given = self._ways()
        if sum(way is not None for way in given.values()) != 1:
            *most, last = (f"`{name}`" for name in given)
            raise ValueError(f"give exactly one of {', '.join(most)} and {last}")
        return self

    def _ways(self) -> dict[str, float | str | None]:
        """Return the ways to change a value, by their names in the file."""
        return {"set": self.to, "multiply": self.multiply, "add": self.add}

    def apply_to(self, values: Numbers) -> Numbers:
        """Return the changed values."""
        if self.to is not None:
            return np.full_like(values, self.to)
        if self.multiply is not None:
            return values * self.multiply
        return values + (self.add or 0.0)


class EnvironmentChange(_Change):
    """A different value of an environment variable.

    Attributes
    ----------
    variable : str
        One of `ENVIRONMENT_VARIABLES` or of `COUNTRYWIDE`, or ``trigger``.
    taken_from : str or None
        The variable of the pack whose values are taken (``from`` in the file), as an alternative to
        `to`, `multiply` and `add`. They are the values of the pack, without earlier changes.
    where : str or None
        ``everywhere``, or None if regions or places are named. The only possibility for a variable
        of the whole country.
    regions, places : tuple of str
    reference : str
        A source of the pack; `locator` is the passage.
    grade : str
    """

    variable: str
    taken_from: str | None = Field(default=None, alias="from")
    where: Literal["everywhere"] | None = None
    regions: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    reference: str
    locator: str = ""
    grade: Grade

    @model_validator(mode="after")
    def _somewhere(self) -> EnvironmentChange:
        if (self.where is not None) == bool(self.regions or self.places):
            raise ValueError("give `where: everywhere`, or name `regions` or `places`")
        return self

    def _ways(self) -> dict[str, float | str | None]:
        return {**super()._ways(), "from": self.taken_from}

    def touches(self, place: str, region: str) -> bool:
        """Return whether the change applies to a place."""
        return self.where is not None or place in self.places or region in self.regions


class ParameterChange(_Change):
    """A parameter that differs between this episode and the one it was fitted to.

    Attributes
    ----------
    parameter : str
        ``mechanism.parameter``.
    claims : tuple of str
        Claims of the ledger that say so, by id.
    always : bool
        Whether the change is a fact of the episode and not something that people had learned. Such
        a change is made even if the others are left out.
    """

    parameter: str
    claims: tuple[str, ...] = Field(min_length=1)
    always: bool = False


class Conditions(Declared):
    """Differences of an episode from the pack, applied in order."""

    ground: tuple[EnvironmentChange, ...] = ()
    parameters: tuple[ParameterChange, ...] = ()

    def moved(self, *, learned: bool) -> tuple[ParameterChange, ...]:
        """Return the changes of parameters, with or without those that people had learned."""
        return tuple(change for change in self.parameters if learned or change.always)


def check_conditions(path: Path, document: Any, country: Country, conditions: Conditions) -> None:
    """Check that conditions are valid for the pack and the model.

    Parameters
    ----------
    path : Path
        The file of the episode.
    document : mapping
        Its content, with line numbers.

    Raises
    ------
    FileError
        With the line of the first invalid change.
    """
    for number, change in enumerate(conditions.ground):
        _check_ground(path, line_of(document, ("conditions", "ground", number)), country, change)
    for number, moved in enumerate(conditions.parameters):
        line = line_of(document, ("conditions", "parameters", number))
        _check_parameter(path, line, country, moved)


def _check_ground(
    path: Path, line: int | None, country: Country, change: EnvironmentChange
) -> None:
    names: list[tuple[str, str, list[str]]] = [
        ("variable", change.variable, [*ENVIRONMENT_VARIABLES, *COUNTRYWIDE, TRIGGER]),
        *(("region", name, [r.region for r in country.regions]) for name in change.regions),
        *(("place", name, [p.place for p in country.places]) for name in change.places),
        *(("source", part.strip(), [*country.sources]) for part in change.reference.split(";")),
    ]
    for what, name, known in names:
        _check_name(path, line, what, name, known)
    low, high = allowed(country, change.variable)
    if change.to is not None and not low <= change.to <= high:
        raise FileError(
            path,
            f"conditions: {change.variable} is out of range",
            line=line,
            value=change.to,
            expected=f"{low:g} to {high:g}",
        )
    if change.variable in COUNTRYWIDE and change.where is None:
        raise FileError(
            path,
            f"conditions: {change.variable} is a variable of the whole country",
            line=line,
            expected="`where: everywhere`",
        )
    if change.taken_from is not None:
        _check_taken(path, line, country, change, change.taken_from)


def _check_taken(
    path: Path, line: int | None, country: Country, change: EnvironmentChange, name: str
) -> None:
    """Check that the values of another variable exist and are in range where they are taken."""
    known = [each for each in country.variables if each not in COUNTRYWIDE]
    _check_name(path, line, "variable", name, known)
    if change.variable in COUNTRYWIDE:
        raise FileError(
            path,
            f"conditions: {change.variable} is a variable of the whole country",
            line=line,
            value=f"from: {name}",
            expected="`set`, `multiply` or `add`",
        )
    low, high = allowed(country, change.variable)
    for place in country.places:
        if not change.touches(place.place, place.region):
            continue
        value = country.number(place, name)
        if not low <= value <= high:
            raise FileError(
                path,
                f"conditions: {name} of {place.place!r} is out of the range of {change.variable}",
                line=line,
                value=value,
                expected=f"{low:g} to {high:g}",
            )


def _check_parameter(
    path: Path, line: int | None, country: Country, change: ParameterChange
) -> None:
    _check_name(path, line, "parameter", change.parameter, list(country.parameter_files))
    mechanism, _, short = change.parameter.partition(".")
    if country.parameters[mechanism][short].prior is None:
        raise FileError(
            path,
            f"conditions: {change.parameter} is fixed in the pack",
            line=line,
            expected="a parameter with a prior",
        )


def _check_name(
    path: Path,
    line: int | None,
    what: str,
    name: str,
    known: list[str],
    within: str = "conditions",
) -> None:
    if name not in known:
        raise FileError(
            path,
            f"{within}: unknown {what}",
            line=line,
            value=name,
            expected=nearest(name, known) or f"a {what} of the pack",
        )


def allowed(country: Country, variable: str) -> tuple[float, float]:
    """Return the allowed range of an environment variable, in its unit."""
    if variable == TRIGGER:
        return 0.0, 1.0
    declared = country.variables[variable]
    return float(declared.low), float(declared.high)


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
    return episode


def _check_days_off(path: Path, document: Any, country: Country, episode: Episode) -> None:
    """Refuse holidays outside the window or without a source."""
    if episode.holidays is None:
        return
    for part in episode.holidays.reference.split(";"):
        line = line_of(document, ("days_off", "reference"))
        _check_name(path, line, "source", part.strip(), [*country.sources], "days_off")
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
        _check_name(path, line, "region", region, regions, name)
    places = [place.place for place in country.places]
    for place in action.places:
        _check_name(path, line, "place", place, places, name)
    for part in filter(None, (part.strip() for part in action.reference.split(";"))):
        _check_name(path, line, "source", part, [*country.sources], name)
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
