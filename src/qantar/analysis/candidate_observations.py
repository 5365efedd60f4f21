"""Further observations: what somebody could have observed, but no source of ours reports.

They answer "what would we have to know to tell two accounts apart?", so each says who could know
it and how well. The ideal is the design of an experiment: the worth of an observation that has
not been made yet is what it is expected to tell (Lindley 1956).

Something that may not have happened is coded twice: a yes/no, and a value that is 0 where it did
not happen. A share of nothing is 0. No value is ever not-a-number.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qantar.analysis.observations import CLOCK, NEVER, NIGHT_FROM, NIGHT_TO, Seen, Watch
from qantar.base.arrays import Numbers
from qantar.model.hour import Recorded

FurtherKind = Literal["log", "flag", "share", "hours"]
"""Scale of a value: log(1 + n), 1 or 0, a share, or hours."""

LONGEST = 48.0
"""Greatest distance in hours between two events that still counts as an order of events."""

TOGETHER = 3
"""Hours in a row within which first attacks count as one blow."""

_HOURS_ERROR, _FLAG_ERROR, _COUNT_ERROR, _CROWD_ERROR = 2.0, 0.3, 0.15, 0.5
_SHARE_ERROR, _CROWD_SHARE_ERROR, _NIGHT_ERROR = 0.03, 0.05, 0.1


@dataclass(frozen=True)
class Further:
    """A quantity that somebody could have observed.

    Attributes
    ----------
    name, group, label : str
        The group gathers what one observer would tell at once, such as the deaths by region.
    observer : str
        Who could have observed it.
    unit : str
    kind : str
        The scale of its value (see `FurtherKind`).
    error : float
        Standard deviation assumed for its observation, on that scale.
    because : str
        Why the error is what it is.
    """

    name: str
    group: str
    label: str
    observer: str
    unit: str
    kind: FurtherKind
    error: float
    because: str


class _Block(NamedTuple):
    """A group of further observations: how it is declared and how it is read."""

    group: str
    declare: Callable[[Watch], list[Further]]
    read: Callable[[Seen], Numbers]


def further_observations(watch: Watch) -> tuple[Further, ...]:
    """Return every further observation, group by group."""
    return tuple(each for block in BLOCKS for each in block.declare(watch))


def read_further(record: Recorded, watch: Watch) -> Numbers:
    """Return what one member gives for every further observation.

    Parameters
    ----------
    record : float array (hours, places, variables)

    Returns
    -------
    float array (further observations,)
        In the order of `further_observations`; never not-a-number.
    """
    seen = Seen(record, watch)
    return np.concatenate([block.read(seen) for block in BLOCKS])


def _order(group: str, asked: str, what: str, observer: str, events: tuple[str, str]) -> _Block:
    """Return a group that asks for the order of two events, `events` of `Seen`, in each town."""
    because = "footage dates an event within an hour; its first instance may have been missed"

    def declare(watch: Watch) -> list[Further]:
        flags = [
            Further(f"{group}/{town}/both", group, f"{town}: {what}", observer, "yes or no",
                    "flag", _FLAG_ERROR, "witnesses may mistake one event for another")
            for town in watch.towns
        ]  # fmt: skip
        values = [
            Further(f"{group}/{town}/hours", group, f"{town}: {asked}", observer, "hours",
                    "hours", _HOURS_ERROR, because)
            for town in watch.towns
        ]  # fmt: skip
        return flags + values

    def read(seen: Seen) -> Numbers:
        before, after = getattr(seen, events[0]), getattr(seen, events[1])
        both = (before != NEVER) & (after != NEVER)
        lag = np.clip(after - before, -LONGEST, LONGEST)
        return np.concatenate([both.astype(np.float64), np.where(both, lag, 0.0)])

    return _Block(group, declare, read)


def _declare_before(watch: Watch) -> list[Further]:
    group, observer = "crowd-before-attack", "CCTV and phone footage"
    return [
        *(Further(f"{group}/{town}/none", group,
                  f"{town}: first building attacked though no crowd was seen the hour before",
                  observer, "yes or no", "flag", _FLAG_ERROR, "cameras do not see every street")
          for town in watch.towns),
        *(Further(f"{group}/{town}/persons", group,
                  f"{town}: people in the street in the hour before the first attack",
                  observer, "persons", "log", _CROWD_ERROR,
                  "counts of one crowd from pictures differ by about half")
          for town in watch.towns),
    ]  # fmt: skip


def _read_before(seen: Seen) -> Numbers:
    attacked = seen.attack != NEVER
    at = np.maximum(seen.attack - 1, 0)
    crowd = np.where(seen.attack > 0, seen.in_towns("crowd")[at, np.arange(len(at))], 0.0)
    unseen = attacked & (crowd < seen.watch.layout.visible)
    return np.concatenate([unseen.astype(np.float64), np.log1p(crowd)])


def _declare_clock(watch: Watch) -> list[Further]:
    group, observer = "hour-of-attack", "CCTV and phone footage"
    return [
        *(Further(f"{group}/{town}/any", group, f"{town}: a building of the state attacked",
                  observer, "yes or no", "flag", _FLAG_ERROR, "damage may have other causes")
          for town in watch.towns),
        *(Further(f"{group}/{town}/hours", group,
                  f"{town}: hours from local noon to the first attack, 0 to 23",
                  observer, "hours", "hours", _HOURS_ERROR,
                  "the first attack may have been missed")
          for town in watch.towns),
    ]  # fmt: skip


def _read_clock(seen: Seen) -> Numbers:
    attacked = seen.attack != NEVER
    past_noon = (seen.attack + seen.watch.layout.offsets[seen.town] - 12) % 24
    return np.concatenate([attacked, np.where(attacked, past_noon, 0)])


def _declare_together(watch: Watch) -> list[Further]:
    group, observer = "attacks-together", "police logs and phone footage"
    gaps = "places without cameras or press go unnoticed"
    return [
        Further(f"{group}/places", group, "Places in which a building of the state was attacked",
                observer, "places", "log", _COUNT_ERROR, gaps),
        Further(f"{group}/several", group, "Buildings attacked in more than one place",
                observer, "yes or no", "flag", _FLAG_ERROR, gaps),
        Further(f"{group}/spread", group,
                "Mean distance of a place's first attack from the median of all places",
                observer, "hours", "hours", _HOURS_ERROR, "the first attack may have been missed"),
        Further(f"{group}/one-blow", group,
                f"Greatest share of places first attacked within {TOGETHER} hours in a row",
                observer, "share", "share", _NIGHT_ERROR, "an hour's error moves a place out"),
    ]  # fmt: skip


def _read_together(seen: Seen) -> Numbers:
    hours = np.sort(seen.first_attacks[seen.first_attacks != NEVER])
    n = len(hours)
    if n < 2:
        return np.array([np.log1p(n), 0.0, 0.0, 0.0])
    spread = np.abs(hours - np.median(hours)).mean()
    within = np.searchsorted(hours, hours + TOGETHER) - np.arange(n)
    return np.array([np.log1p(n), 1.0, spread, within.max() / n])


class _Register(NamedTuple):
    """A list that somebody keeps, which counts by region."""

    group: str
    variable: str
    label: str
    observer: str
    because: str


_DEAD = _Register("deaths-by-region", "deaths", "Share of the country's dead", "hospital registers",
                  "a few dead are taken elsewhere or not registered")  # fmt: skip
_HELD = _Register("detained-by-region", "detained", "Share of the country's detained",
                  "court and police files", "some are held outside their region")  # fmt: skip


def _shares(register: _Register) -> _Block:
    """Return a group of shares of a final total by region."""
    group, variable, label, observer, because = register

    def declare(watch: Watch) -> list[Further]:
        return [
            Further(f"{group}/{region}", group, f"{label}: {region}", observer, "share", "share",
                    _SHARE_ERROR, because)
            for region in watch.regions
        ]  # fmt: skip

    def read(seen: Seen) -> Numbers:
        final = seen.of(variable)[-1]
        return _part(seen.watch.lies_in @ final, float(final.sum()))

    return _Block(group, declare, read)


def _declare_security(watch: Watch) -> list[Further]:
    group = "security-deaths-by-region"
    return [
        Further(f"{group}/{region}", group, f"Police and soldiers killed: {region}",
                "registers of the forces", "persons", "log", _COUNT_ERROR,
                "the forces name their dead, but not always where they fell")
        for region in watch.regions
    ]  # fmt: skip


def _read_security(seen: Seen) -> Numbers:
    deaths: Numbers = np.log1p(seen.watch.lies_in @ seen.of("security_deaths")[-1])
    return deaths


def _declare_looting(watch: Watch) -> list[Further]:
    group = "looting-by-town"
    return [
        Further(f"{group}/{town}", group, f"Businesses looted: {town}", "insurers and chambers",
                "firms", "log", _COUNT_ERROR, "small traders are not insured and do not report")
        for town in watch.untold_looting
    ]  # fmt: skip


def _read_looting(seen: Seen) -> Numbers:
    places = seen.watch.layout.places
    at = [places.index(town) for town in seen.watch.untold_looting]
    return np.log1p(seen.of("businesses_looted")[-1, at], dtype=np.float64)


_AT_NIGHT = (
    ("businesses_looted", "looting", "insurers and phone footage"),
    ("buildings_attacked", "attacks on buildings", "police logs and phone footage"),
    ("deaths", "deaths", "hospital registers"),
)


def _declare_night(watch: Watch) -> list[Further]:
    return [
        Further(f"at-night/{variable}", "at-night",
                f"Share of {label} between {NIGHT_FROM}:00 and {NIGHT_TO}:00", observer, "share",
                "share", _NIGHT_ERROR, "the hour of many events is told only as a part of the day")
        for variable, label, observer in _AT_NIGHT
    ]  # fmt: skip


def _read_night(seen: Seen) -> Numbers:
    hours, weights = seen.watch.nights
    shares = []
    for variable, _, _ in _AT_NIGHT:
        total = seen.of(variable)
        whole = float(total[-1].sum())
        shares.append(float((total[hours] * weights).sum()) / whole if whole > 0 else 0.0)
    return np.array(shares)


def _declare_course(watch: Watch) -> list[Further]:
    return [
        Further(f"course/{town}/{watch.layout.date(day)}T{hour:02d}", "course",
                f"People in the street of {town}, {watch.layout.date(day)} {hour:02d}:00",
                "CCTV and phone footage", "persons", "log", _CROWD_ERROR,
                "counts of one crowd from pictures differ by about half")
        for town in watch.centres for day in watch.days for hour in CLOCK
    ]  # fmt: skip


def _read_course(seen: Seen) -> Numbers:
    hours, places = seen.watch.counted
    return np.log1p(seen.of("crowd")[hours, places], dtype=np.float64)


def _declare_presence(watch: Watch) -> list[Further]:
    group = "protesters-by-region"
    return [
        Further(f"{group}/{region}/{watch.layout.date(day)}", group,
                f"Share of the country's protesters, {watch.layout.date(day)}: {region}",
                "mobile operators and phone footage", "share", "share", _CROWD_SHARE_ERROR,
                "counts err alike everywhere, so shares err less than crowds")
        for day in watch.days for region in watch.regions
    ]  # fmt: skip


def _read_presence(seen: Seen) -> Numbers:
    hours = seen.watch.hours_of_days
    by_place = seen.of("crowd")[hours, np.arange(hours.shape[2])].sum(axis=1)
    return np.concatenate(
        [np.zeros(0), *(_part(seen.watch.lies_in @ day, day.sum()) for day in by_place)]
    )


def _part(part: NDArray[Any], whole: float) -> Numbers:
    """Return shares of a whole; a share of nothing is 0."""
    shares: Numbers = np.asarray(part, np.float64) / (whole if whole > 0 else 1.0)
    return shares


BLOCKS = (
    _order("control-after-attack", "hours from the first building attacked to control lost",
           "a building was attacked and control was lost", "CCTV and police logs",
           ("attack", "loss")),
    _order("looting-after-loss", "hours from control lost to the first looting",
           "control was lost and businesses were looted", "CCTV and insurers",
           ("loss", "looting")),
    _order("harm-after-attack", "hours from the first building attacked to the first casualty",
           "a building was attacked and somebody was wounded or killed",
           "hospital registers and phone footage", ("attack", "harm")),
    _Block("crowd-before-attack", _declare_before, _read_before),
    _Block("hour-of-attack", _declare_clock, _read_clock),
    _Block("attacks-together", _declare_together, _read_together),
    _shares(_DEAD),
    _shares(_HELD),
    _Block("security-deaths-by-region", _declare_security, _read_security),
    _Block("looting-by-town", _declare_looting, _read_looting),
    _Block("at-night", _declare_night, _read_night),
    _Block("course", _declare_course, _read_course),
    _Block("protesters-by-region", _declare_presence, _read_presence),
)  # fmt: skip
"""Every group of further observations."""
