"""The text of ``--change``: names, dates, doses, sums, and ranges that make a curve.

``a`` an intervention, ``a@2022-01-03`` or ``a@2022-01-03T12:00`` its date, ``a=0.5`` its dose,
``a+b`` both at once. ``a@2022-01-02..2022-01-06/12h`` and ``a=0..1/0.25`` stand for every date or
dose from the first to the last, and give one alternative each.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from itertools import product

from qantar.country.pack import Country
from qantar.errors import QantarError
from qantar.scenario.change import Change, Changes
from qantar.scenario.episode import Episode
from qantar.scenario.intervention import Intervention, moment_from
from qantar.scenario.interventions import load_intervention

LARGEST_CURVE = 200
"""Alternatives that one text may stand for: each is run in full."""

_PART = re.compile(r"(?P<name>.+?\.yaml|[^@=]+)(?:@(?P<date>[^@=]*))?(?:=(?P<dose>[^@=]*))?")
_RANGE = re.compile(r"(?P<first>.+?)\.\.(?P<last>.+?)/(?P<step>.+)")
_STEP_OF_TIME = re.compile(r"(?P<count>\d{1,6})(?P<unit>[hd])")
_HOURS = {"h": 1, "d": 24}
_TOLERANCE = 1e-9  # of a step: 0.1 + 0.1 + 0.1 still reaches 0.3
_DIGITS = 12  # of a dose in a range: 0.3 and not 0.30000000000000004

_FORMS = "NAME, NAME@DATE, NAME=DOSE, NAME@DATE=DOSE, joined by +"


def parse_changes(country: Country, episode: Episode, text: str) -> tuple[Changes, ...]:
    """Read the text of ``--change``.

    Parameters
    ----------
    country : Country
    episode : Episode
        The episode that it is for.
    text : str
        Interventions by name, or as files of the user's own that end in ``.yaml``; a path with
        a ``+``, ``@`` or ``=`` before its last part cannot be written here.

    Returns
    -------
    tuple of Changes
        One, or as many as a range stands for, in its order.

    Raises
    ------
    UnknownNameError
        If there is no such intervention.
    QantarError
        If the text is of no known form, holds two ranges, gives a dose or a date that does not
        fit, names an intervention of another episode, or joins what does not go together.
    """
    parts = [_part(country, episode, part.strip()) for part in text.split("+")]
    if sum(len(choices) > 1 for choices in parts) > 1:
        raise _two_ranges(text)
    return tuple(Changes(choice) for choice in product(*parts))


def _part(country: Country, episode: Episode, text: str) -> list[Change]:
    """Return what one name with its date and dose stands for."""
    found = _PART.fullmatch(text)
    if found is None:
        raise QantarError(f"{text!r} is no change", expected=_FORMS)
    intervention = load_intervention(country, found["name"].strip())
    _check_episode(intervention, episode)
    dates, doses = _dates(intervention, found["date"]), _doses(intervention, found["dose"])
    if len(dates) > 1 and len(doses) > 1:
        raise _two_ranges(text)
    return [Change(intervention, dose, date) for date in dates for dose in doses]


def _two_ranges(text: str) -> QantarError:
    return QantarError(
        f"{text!r} holds two ranges",
        expected="one range: a curve has one axis",
        mend="fix one of them, and run the text once for each value",
    )


def _check_episode(intervention: Intervention, episode: Episode) -> None:
    if intervention.episodes and episode.name not in intervention.episodes:
        raise QantarError(
            f"{intervention.name!r} does not belong to the episode {episode.name!r}",
            expected=", ".join(intervention.episodes),
            mend="`qantar list interventions` shows which belongs where",
        )


def _dates(intervention: Intervention, text: str | None) -> list[dt.datetime | None]:
    """Return the dates that a text stands for, or the default."""
    if text is None:
        return [intervention.date.default if intervention.date else None]
    between = _RANGE.fullmatch(text.strip())
    if between is None:
        return [_moment(text)]
    first, last = _moment(between["first"]), _moment(between["last"])
    step = _STEP_OF_TIME.fullmatch(between["step"].strip())
    if step is None or int(step["count"]) == 0:
        raise QantarError(
            f"{between['step']!r} is no step of a range of dates", expected="hours or days: 12h, 1d"
        )
    hours = int(step["count"]) * _HOURS[step["unit"]]
    count = _count(text, (last - first).total_seconds() / 3600, hours)
    return [first + dt.timedelta(hours=k * hours) for k in range(count)]


def _doses(intervention: Intervention, text: str | None) -> list[float | None]:
    """Return the doses that a text stands for, or the default."""
    if text is None:
        return [intervention.dose.default if intervention.dose else None]
    between = _RANGE.fullmatch(text.strip())
    if between is None:
        return [_number(text)]
    first, last, step = (_number(between[part]) for part in ("first", "last", "step"))
    if step <= 0:
        raise QantarError(f"{between['step']!r} is no step of a range", expected="above zero")
    return [round(first + k * step, _DIGITS) for k in range(_count(text, last - first, step))]


def _count(text: str, length: float, step: float) -> int:
    """Return how many values a range holds, the first and, if a step meets it, the last."""
    if length < 0:
        raise QantarError(f"the range {text!r} ends before it begins", expected="FIRST..LAST/STEP")
    steps = length / step
    if steps >= LARGEST_CURVE:
        raise QantarError(
            f"the range {text!r} is too fine", expected=f"at most {LARGEST_CURVE} values"
        )
    return int(steps + _TOLERANCE) + 1


def _moment(text: str) -> dt.datetime:
    try:
        return moment_from(text.strip())
    except ValueError as error:
        raise QantarError(
            f"{text!r} is no date: {error}",
            expected="2022-01-03 or 2022-01-03T12:00, or a range 2022-01-02..2022-01-06/12h",
        ) from error


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise QantarError(f"{text!r} is no dose", expected="a number, or a range such as 0..1/0.25")
    return number
